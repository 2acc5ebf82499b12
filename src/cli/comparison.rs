//! A comparison as a document and as a table.

use super::compare::{Compared, verdict};
use crate::{
    analysis::{
        compare::{Difference, Probability},
        cost::PerBillion,
        metrics::{self, Better},
        outcomes::Outcomes,
        power::{self, Seeds},
        rank::{self, Dominated, Order, Standing},
    },
    experiment::results,
};
use serde_json::json;

impl Compared<'_> {
    /// The comparison as a document.
    pub fn json(&self, outcomes: &Outcomes, wanted: &dyn Fn(&str) -> bool) -> serde_json::Value {
        let number = results::defined;
        let standing = |s: &Standing| {
            json!({
                "arm": s.arm, "metric": s.metric, "n": s.n, "mean": number(s.mean), "mean_rank": s.rank,
                "first_share": s.first,
                "regret": {"mean": number(s.regret.expected), "q95": number(s.regret.q95), "max": number(s.regret.worst)},
            })
        };
        let dominated = |d: &Dominated| json!({"arm": d.arm, "by": d.by, "in_every_run": d.in_every_block, "share_of_resamples": d.share});
        let stochastic: Vec<_> = self
            .criteria
            .iter()
            .flat_map(|(metric, better)| {
                let pairs = rank::stochastic_pairs(outcomes, metric, *better);
                pairs.into_iter().map(move |(above, below, order)| {
                    let order = if order == Order::First { 1 } else { 2 };
                    json!({"metric": metric, "arm": above, "over": below, "order": order})
                })
            })
            .collect();
        json!({
            "reference": self.reference,
            "method": {"interval": "Student's t of paired differences, 95%", "ratio": "Fieller", "probability": "Wilson",
                "alpha": power::ALPHA, "power": power::POWER},
            "differences": self.all.iter().filter(|d| wanted(&d.metric)).map(as_json).collect::<Vec<_>>(),
            "standings": self.standings.iter().filter(|s| wanted(&s.metric)).map(standing).collect::<Vec<_>>(),
            "dominated": self.dominated.iter().map(dominated).collect::<Vec<_>>(),
            "criteria": self.criteria.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            "stochastic_dominance": stochastic,
        })
    }

    /// A line per metric and arm, the reference included for its rank and regret.
    pub fn csv(&self) -> String {
        let mut text = "arm,reference,metric,unit,better,n,unpaired,mean,mean_reference,mean_difference,sd_difference,se,freedom,low,high,\
             method,verdict,p_better,p_better_low,p_better_high,per_billion_usd,per_billion_low,per_billion_high,per_billion_note,\
             seeds_needed,variance_ratio,mean_rank,first_share,regret_mean,regret_q95,regret_max,dominated_by\n"
            .to_owned();
        for d in &self.all {
            let e = &d.difference;
            let p = d.probability;
            let (ratio, ends) = match d.per_billion {
                PerBillion::Ratio { value, interval } => (value, interval),
                _ => (f64::NAN, (f64::NAN, f64::NAN)),
            };
            let better = match d.better {
                Better::Lower => "lower",
                Better::Higher => "higher",
                Better::Neither => "neither",
            };
            let share = |of: fn(Probability) -> f64| p.map_or(f64::NAN, of);
            let fields = [
                quoted(&d.arm),
                quoted(self.reference),
                quoted(&d.metric),
                quoted(d.unit),
                better.to_owned(),
                e.n.to_string(),
                d.unpaired.to_string(),
                cell(d.arm_mean),
                cell(d.reference_mean),
                cell(e.mean),
                cell(d.deviation),
                cell(e.standard_error),
                cell(e.freedom),
                cell(e.interval.0),
                cell(e.interval.1),
                "paired t".to_owned(),
                verdict(d).to_owned(),
                cell(share(|p| p.share)),
                cell(share(|p| p.interval.0)),
                cell(share(|p| p.interval.1)),
                cell(ratio),
                cell(ends.0),
                cell(ends.1),
                d.per_billion.why_not().to_owned(),
                needed(d.seeds),
                cell(d.variance_ratio),
            ];
            text += &(fields.join(",") + &self.standing(&d.arm, &d.metric));
        }
        for standing in self.standings.iter().filter(|s| s.arm == self.reference) {
            let unit = metrics::find(&standing.metric).map_or("", |metric| metric.unit);
            let mut fields = vec![
                quoted(self.reference),
                quoted(self.reference),
                quoted(&standing.metric),
                quoted(unit),
            ];
            fields.extend([
                "".to_owned(),
                standing.n.to_string(),
                String::new(),
                cell(standing.mean),
            ]);
            fields.resize(26, String::new());
            text += &(fields.join(",") + &self.standing(self.reference, &standing.metric));
        }
        text
    }

    /// The last columns of a line.
    fn standing(&self, arm: &str, metric: &str) -> String {
        let found = self
            .standings
            .iter()
            .find(|s| s.arm == arm && s.metric == metric);
        let numbers = found.map_or([f64::NAN; 5], |s| {
            [
                s.rank,
                s.first,
                s.regret.expected,
                s.regret.q95,
                s.regret.worst,
            ]
        });
        let by = self
            .dominated
            .iter()
            .find(|d| d.arm == arm)
            .map_or("", |d| d.by.as_str());
        format!(",{},{}\n", numbers.map(cell).join(","), quoted(by))
    }
}

/// A number as text, exact; empty if it is not defined.
pub fn cell(value: f64) -> String {
    if value.is_finite() {
        value.to_string()
    } else {
        String::new()
    }
}

/// A text as a field of CSV.
pub fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

fn needed(seeds: Seeds) -> String {
    match seeds {
        Seeds::Need(n) => n.to_string(),
        Seeds::Hopeless => format!("more than {}", power::MOST),
        Seeds::Equal => "equal".to_owned(),
        Seeds::Enough | Seeds::Unknown => String::new(),
    }
}

fn as_json(difference: &Difference) -> serde_json::Value {
    let estimate = &difference.difference;
    let number = results::defined;
    let per_billion = match difference.per_billion {
        PerBillion::Ratio {
            value,
            interval: (low, high),
        } => {
            json!({"value": number(value), "interval_95": [number(low), number(high)]})
        }
        other => json!({"undefined": other.why_not()}),
    };
    json!({
        "arm": difference.arm,
        "metric": difference.metric,
        "unit": difference.unit,
        "n": estimate.n,
        "unpaired": difference.unpaired,
        "mean": number(difference.arm_mean),
        "reference_mean": number(difference.reference_mean),
        "mean_difference": number(estimate.mean),
        "sd_difference": number(difference.deviation),
        "standard_error": number(estimate.standard_error),
        "freedom": number(estimate.freedom),
        "interval_95": [number(estimate.interval.0), number(estimate.interval.1)],
        "verdict": verdict(difference),
        "probability_better": difference.probability.map(|p| json!({"share": p.share, "interval_95": [p.interval.0, p.interval.1]})),
        "per_billion_usd": per_billion,
        "seeds_needed": needed(difference.seeds),
        "variance_ratio": number(difference.variance_ratio),
    })
}
