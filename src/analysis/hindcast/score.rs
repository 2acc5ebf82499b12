//! How near a run came to what was reported, series by series and apart for training and test rows: error in logs, direction, peak, coverage of
//! the band, and skill against naive forecasts.

use super::{Held, reported::Set};
use crate::analysis::interval::root_mean_square;
use std::collections::BTreeMap;

/// The score of one series of one good in one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Series.
    pub series: String,
    /// State, `world`, or plant.
    pub region: String,
    /// Good; empty: all.
    pub commodity: String,
    /// Which rows.
    pub set: Set,
    /// Rows with a figure on both sides.
    pub n: usize,
    /// Root mean square of ln(simulated median / reported); for dates of openings and closures, years.
    pub error: f64,
    /// Mean of the same.
    pub bias: f64,
    /// Share of changes between neighbouring years whose sign is right; NaN with fewer than two rows.
    pub direction: f64,
    /// Share of reported figures inside the 5-95% band.
    pub coverage: f64,
    /// Year of the highest figure: simulated, reported; `None` with fewer than three rows.
    pub peak: Option<(i32, i32)>,
    /// Highest figure simulated over highest reported; NaN without.
    pub height: f64,
    /// Skill against the last training figure, the trend of the training figures, their mean: 1 - error / error of the naive forecast.
    pub skill: [f64; 3],
}

/// Naive forecasts of a row: last training figure before it, continued trend of all before it, mean of all before it, in logs. `past`: year and
/// log figure of training rows before it, in order; `None` without any.
#[must_use]
pub fn naive(past: &[(f64, f64)], year: f64) -> Option<[f64; 3]> {
    let &(_, last) = past.last()?;
    let n = past.len() as f64;
    let (mean_x, mean_y) = (
        past.iter().map(|p| p.0).sum::<f64>() / n,
        past.iter().map(|p| p.1).sum::<f64>() / n,
    );
    let (sxy, sxx) = past.iter().fold((0.0, 0.0), |(sxy, sxx), p| {
        (
            sxy + (p.0 - mean_x) * (p.1 - mean_y),
            sxx + (p.0 - mean_x) * (p.0 - mean_x),
        )
    });
    let slope = if sxx > 0.0 { sxy / sxx } else { 0.0 };
    let (last_year, _) = past[past.len() - 1];
    Some([last, last + slope * (year - last_year), mean_y])
}

/// Scores of every series, training and test rows apart, in the order of their names.
#[must_use]
pub fn scores(held: &[Held]) -> Vec<Score> {
    let mut groups: BTreeMap<(&str, &str, &str), Vec<&Held>> = BTreeMap::new();
    for one in held {
        let r = &one.reported;
        groups
            .entry((&r.series, &r.region, &r.commodity))
            .or_default()
            .push(one);
    }
    let mut all = Vec::new();
    for ((series, region, commodity), mut rows) in groups {
        rows.sort_by(|a, b| a.reported.date.cmp(&b.reported.date));
        for set in [Set::Train, Set::Test] {
            if let Some(score) = score(series, region, commodity, set, &rows) {
                all.push(score);
            }
        }
    }
    all
}

fn year(held: &Held) -> f64 {
    held.reported
        .quarters()
        .first()
        .map_or(0.0, |q| q.mid_year())
}

fn score(series: &str, region: &str, commodity: &str, set: Set, rows: &[&Held]) -> Option<Score> {
    let own: Vec<&&Held> = rows
        .iter()
        .filter(|h| h.reported.set == set && !h.runs.is_empty())
        .collect();
    if own.is_empty() {
        return None;
    }
    let n = own.len() as f64;
    let miss: Vec<f64> = own.iter().map(|held| held.error()).collect();
    let covered = own
        .iter()
        .filter(|h| (h.quantile(0.05)..=h.quantile(0.95)).contains(&h.reported.value))
        .count();
    let right = own
        .windows(2)
        .filter(|w| {
            let reported = w[1].reported.value - w[0].reported.value;
            (w[1].quantile(0.5) - w[0].quantile(0.5)) * reported >= 0.0
        })
        .count();
    let highest = |of: &dyn Fn(&Held) -> f64| {
        own.iter()
            .max_by(|a, b| of(a).total_cmp(&of(b)))
            .map(|h| (h.reported.year(), of(h)))
    };
    let peaks = (own.len() >= 3 && !own[0].reported.is_date())
        .then(|| highest(&|h| h.quantile(0.5)).zip(highest(&|h| h.reported.value)))
        .flatten();
    // Naive forecasts know the training rows before the date, and nothing of the test rows.
    let (mut ours, mut theirs) = (Vec::new(), [Vec::new(), Vec::new(), Vec::new()]);
    for (h, miss) in own.iter().zip(&miss) {
        let past: Vec<(f64, f64)> = rows
            .iter()
            .filter(|p| p.reported.set == Set::Train && p.reported.date < h.reported.date)
            .map(|p| (year(p), p.reported.scale(p.reported.value)))
            .collect();
        if let Some(forecasts) = naive(&past, year(h)) {
            ours.push(*miss);
            for (list, forecast) in theirs.iter_mut().zip(forecasts) {
                list.push(forecast - h.reported.scale(h.reported.value));
            }
        }
    }
    let skill = theirs.map(|of| {
        if of.is_empty() || root_mean_square(&of) <= 0.0 {
            f64::NAN
        } else {
            1.0 - root_mean_square(&ours) / root_mean_square(&of)
        }
    });
    Some(Score {
        series: series.to_owned(),
        region: region.to_owned(),
        commodity: commodity.to_owned(),
        set,
        n: own.len(),
        error: root_mean_square(&miss),
        bias: miss.iter().sum::<f64>() / n,
        direction: if own.len() > 1 {
            right as f64 / (n - 1.0)
        } else {
            f64::NAN
        },
        coverage: covered as f64 / n,
        peak: peaks.map(|(s, r)| (s.0, r.0)),
        height: peaks.map_or(f64::NAN, |(s, r)| s.1 / r.1),
        skill,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::hindcast::Reported;

    fn held(date: &str, reported: f64, simulated: f64, set: Set) -> Held {
        Held {
            reported: Reported {
                series: "price_fob".into(),
                date: date.into(),
                value: reported,
                set,
                ..Reported::default()
            },
            runs: vec![simulated],
        }
    }

    #[test]
    fn a_perfect_run_has_no_error_and_full_skill() {
        let rows = [
            held("2010", 1.0, 1.0, Set::Train),
            held("2011", 4.0, 4.0, Set::Train),
            held("2012", 2.0, 2.0, Set::Train),
        ];
        let score = &scores(&rows)[0];
        assert_eq!((score.n, score.error, score.direction), (3, 0.0, 1.0));
        assert_eq!(score.peak, Some((2011, 2011)));
        assert_eq!(score.skill[0], 1.0);
    }

    #[test]
    fn naive_forecasts_know_only_training_rows_before_the_date() {
        let rows = [
            held("2010", 1.0, 1.0, Set::Train),
            held("2020", 2.0, 2.0, Set::Test),
            held("2021", 8.0, 4.0, Set::Test),
        ];
        let test = scores(&rows)
            .into_iter()
            .find(|s| s.set == Set::Test)
            .unwrap();
        // Last training figure is 1: the naive errors are ln 2 and ln 8, the run's 0 and ln 2.
        let expected = 1.0 - (0.5f64).sqrt() / ((1.0 + 9.0) / 2.0f64).sqrt();
        assert!((test.skill[0] - expected).abs() < 1e-12);
    }

    #[test]
    fn a_trend_goes_on() {
        let [last, trend, mean] = naive(&[(2010.0, 0.0), (2011.0, 1.0)], 2013.0).unwrap();
        assert_eq!((last, trend, mean), (1.0, 3.0, 0.5));
        assert!(naive(&[], 2013.0).is_none());
    }
}
