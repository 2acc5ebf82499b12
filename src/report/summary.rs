//! The summary: sentences with computed numbers, chosen by the data. An interval that spans no difference never gets a direction.

use super::Material;
use crate::{
    analysis::{compare::Difference, compare::compare, metrics},
    figures::{paths::Spread, words},
    record::table::{Column, Table},
};

/// A sentence of the summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// What it says.
    pub text: String,
    /// The figure that shows it.
    pub figure: Option<String>,
}

/// Metrics of the summary, as a noun within a sentence, and the figure that shows them.
const HEADLINES: [(&str, &str, &str); 9] = [
    ("shortage_peak_pct", "the worst shortage", "shortage"),
    ("shortage_quarters", "the time of shortage", "shortage"),
    ("unmet_defence_t", "unmet defence demand", "shortage"),
    ("consumer_loss_usd", "the loss of consumers", "public_cost"),
    ("public_cost_usd", "public cost", "public_cost"),
    (
        "china_share_separation",
        "China’s share of separation",
        "china_share",
    ),
    (
        "china_share_magnet",
        "China’s share of magnet making",
        "china_share",
    ),
    (
        "asean_value_added_usd",
        "the value added in ASEAN",
        "value_added",
    ),
    ("damage_usd", "environmental damage", "public_cost"),
];

/// Most strategies with a sentence of their own; the figures and tables show all.
const ARMS: usize = 6;

/// Figures whose titles are findings for the summary, in order.
const FINDINGS: [&str; 9] = [
    "payoffs",
    "cost_effectiveness",
    "inside_outside",
    "shortage",
    "incidence",
    "public_cost",
    "trade_flows",
    "qualified_premium",
    "tornado",
];

/// The sentences.
#[must_use]
pub fn sentences(material: &Material) -> Vec<Sentence> {
    let mut said = Vec::new();
    let arms = &material.context.arms;
    if arms.len() > 1 {
        let reference = &arms[0].name;
        if let Ok(differences) = compare(material.runs, Some(reference)) {
            // With many strategies, only what each changes most is said.
            let most = if arms.len() > 4 { 2 } else { 5 };
            for arm in arms[1..].iter().take(ARMS) {
                said.extend(differences_of(&arm.name, reference, &differences, most));
            }
        }
    }
    said.extend(levels(material));
    for name in FINDINGS {
        if let Some(figure) = material.figures.iter().find(|f| f.name == name) {
            said.push(Sentence {
                text: format!("{}.", figure.title.trim_end_matches('.')),
                figure: Some(name.to_owned()),
            });
        }
    }
    let shown = |name: &String| material.figures.iter().any(|f| f.name == *name);
    // In a game the answer comes before the profiles.
    if let Some(at) = said
        .iter()
        .position(|s| s.figure.as_deref() == Some("payoffs"))
    {
        let answer = said.remove(at);
        said.insert(0, answer);
    }
    for sentence in &mut said {
        sentence.figure = sentence.figure.take().filter(shown);
    }
    said
}

/// What one arm changes clearly, and what it does not.
fn differences_of(arm: &str, reference: &str, all: &[Difference], most: usize) -> Option<Sentence> {
    let mut clear: Vec<(f64, String)> = Vec::new();
    let mut unclear: Vec<String> = Vec::new();
    let mut seeds = 0;
    for (metric, noun, _) in HEADLINES {
        let Some(d) = all.iter().find(|d| d.arm == arm && d.metric == metric) else {
            continue;
        };
        let estimate = &d.difference;
        if estimate.n == 0 || (estimate.mean == 0.0 && d.reference_mean == 0.0) {
            continue;
        }
        seeds = seeds.max(estimate.n);
        let (low, high) = estimate.interval;
        if low > 0.0 || high < 0.0 {
            let size = if d.reference_mean.abs() > 0.0 {
                (estimate.mean / d.reference_mean).abs()
            } else {
                f64::INFINITY
            };
            clear.push((size, clause(noun, d)));
        } else {
            unclear.push(noun.to_owned());
        }
    }
    if clear.is_empty() && unclear.is_empty() {
        return None;
    }
    clear.sort_by(|a, b| b.0.total_cmp(&a.0));
    clear.truncate(most);
    let clauses: Vec<String> = clear.into_iter().map(|(_, clause)| clause).collect();
    let against = format!("Against ‘{reference}’, ‘{arm}’");
    let pairs = words::seeds(seeds);
    let mut text = if clauses.is_empty() {
        format!("{against} makes no clear difference in any of these")
    } else {
        format!("{against} {}", join(&clauses))
    };
    if clauses.is_empty() {
        text.push_str(&format!(
            ": {} (95% intervals over {pairs} in common span no difference)",
            words::list(&unclear)
        ));
    } else if unclear.is_empty() {
        text.push_str(&format!(" ({pairs} in common)"));
    } else {
        text.push_str(&format!(
            "; no clear difference in {} ({pairs} in common)",
            words::list(&unclear)
        ));
    }
    Some(Sentence {
        text: format!("{text}."),
        figure: Some("paired_differences".to_owned()),
    })
}

/// Clauses that hold commas themselves: `a; b; and c`.
fn join(clauses: &[String]) -> String {
    match clauses {
        [firsts @ .., last] if !firsts.is_empty() => format!("{}; and {last}", firsts.join("; ")),
        _ => clauses.concat(),
    }
}

/// `cuts the worst shortage by 3.2 points (95% interval 1.0 to 5.4)`.
fn clause(noun: &str, d: &Difference) -> String {
    let mean = d.difference.mean;
    let (low, high) = d.difference.interval;
    let verb = if mean < 0.0 { "cuts" } else { "raises" };
    let (near, far) = if mean < 0.0 {
        (-high, -low)
    } else {
        (low, high)
    };
    let amount = Amount::of(d.unit, mean.abs());
    format!(
        "{verb} {noun} by {} (95% interval {} to {})",
        amount.difference(mean.abs()),
        amount.plain(near),
        amount.plain(far)
    )
}

/// Levels of the first arm: medians over seeds with their 90% interval.
fn levels(material: &Material) -> Vec<Sentence> {
    let arm = material.context.arms.first();
    let rows = rows(material.runs, arm.map_or(&[], |arm| arm.runs.as_slice()));
    let who = match arm {
        Some(arm) if material.context.arms.len() > 1 => format!("Under ‘{}’", arm.name),
        _ => "In the median seed".to_owned(),
    };
    let mut said = Vec::new();
    for (metric, noun, figure) in &HEADLINES[..5] {
        let Some(spread) = spread(material.runs, metric, &rows) else {
            continue;
        };
        let unit = metrics::find(metric).map_or("", |metric| metric.unit);
        said.push(Sentence {
            text: format!("{who} {noun} {}.", level(unit, &spread, rows.len())),
            figure: Some((*figure).to_owned()),
        });
    }
    let peaks = material.runs.columns().filter_map(|(name, _)| {
        let place = name.strip_prefix("price_peak_ratio[")?.strip_suffix(']')?;
        Some((place, spread(material.runs, name, &rows)?))
    });
    if let Some((place, peak)) = peaks.max_by(|a, b| a.1.q50.total_cmp(&b.1.q50)) {
        let (good, state) = place.split_once('@').unwrap_or((place, ""));
        said.push(Sentence {
            text: format!(
                "{who} no price peaks higher than that of {} in {}: {} times its level of the first year{}.",
                words::lower_first(&material.data.name("commodity", good)),
                words::with_article(&material.data.name("state", state)),
                words::factor(peak.q50),
                ninety(rows.len(), words::factor(peak.q05), words::factor(peak.q95))
            ),
            figure: Some("price_oxides".to_owned()),
        });
    }
    said
}

fn level(unit: &str, spread: &Spread, runs: usize) -> String {
    let size = spread.q50.abs().max(spread.q05.abs()).max(spread.q95.abs());
    let amount = Amount::of(unit, size);
    format!(
        "is {}{}",
        amount.whole(spread.q50),
        ninety(runs, amount.plain(spread.q05), amount.plain(spread.q95))
    )
}

fn ninety(runs: usize, low: String, high: String) -> String {
    if runs < 2 {
        String::new()
    } else {
        format!(" (90% of {}: {low} to {high})", words::seeds(runs))
    }
}

/// Rows of the given runs that are done; of all, if none is given.
pub fn rows(runs: &Table, wanted: &[u32]) -> Vec<usize> {
    let (Ok(run), Ok(status)) = (runs.u32("run"), runs.text("status")) else {
        return Vec::new();
    };
    (0..runs.len())
        .filter(|row| status.get(*row) == "done")
        .filter(|row| wanted.is_empty() || wanted.contains(&run[*row]))
        .collect()
}

/// Quantiles of a metric over rows; `None` if it is not there or nowhere defined.
pub fn spread(runs: &Table, metric: &str, rows: &[usize]) -> Option<Spread> {
    match runs.get(metric)? {
        Column::F64(values) => Spread::of(rows.iter().map(|row| values[*row])),
        _ => None,
    }
}

/// A unit in which numbers of a size read well.
pub struct Amount {
    factor: f64,
    unit: &'static str,
    points: bool,
    decimals: usize,
}

impl Amount {
    /// For numbers up to `size` in a unit of the metrics.
    #[must_use]
    pub fn of(unit: &str, size: f64) -> Self {
        let (factor, name, points) = match unit {
            "share" => (100.0, "%", true),
            "%" => (1.0, "%", true),
            "USD 2024" if size >= 0.995e9 => (1e-9, " billion USD", false),
            "USD 2024" => (1e-6, " million USD", false),
            "USD 2024/kg" => (1.0, " USD/kg", false),
            "t" => (1.0, " t", false),
            "quarters" => (1.0, " quarters", false),
            "persons" => (1.0, " jobs", false),
            _ => (1.0, "", false),
        };
        Self {
            factor,
            unit: name,
            points,
            decimals: words::decimals(size * factor).min(2),
        }
    }

    /// The number alone, per cent with its mark.
    #[must_use]
    pub fn plain(&self, value: f64) -> String {
        words::number(value * self.factor, self.decimals)
    }

    /// The number with its unit.
    #[must_use]
    pub fn whole(&self, value: f64) -> String {
        format!("{}{}", self.plain(value), self.unit)
    }

    /// A difference with its unit: shares differ by points.
    #[must_use]
    pub fn difference(&self, value: f64) -> String {
        let unit = if self.points {
            " percentage points"
        } else {
            self.unit
        };
        format!("{}{unit}", self.plain(value))
    }

    /// The unit of a head.
    #[must_use]
    pub fn unit(&self) -> &'static str {
        self.unit.trim_start()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs of a reference, which is 20 everywhere, and of an arm that differs from it by these values, seed by seed.
    fn differences(metrics: &[(&str, &[f64])]) -> Vec<Difference> {
        let seeds = metrics[0].1.len();
        let mut runs = Table::new("runs");
        let both = |of: [&'static str; 2]| Column::words((0..2 * seeds).map(|row| of[row / seeds]));
        runs.push("arm", both(["nothing", "stockpile"]));
        runs.push("point", Column::U32(vec![0; 2 * seeds]));
        runs.push(
            "replicate",
            Column::U32((0..2 * seeds).map(|row| (row % seeds) as u32).collect()),
        );
        runs.push(
            "seed",
            Column::U32((0..2 * seeds).map(|row| (row % seeds) as u32).collect()),
        );
        runs.push("status", both(["done", "done"]));
        for (metric, values) in metrics {
            let mut column: Vec<f64> = (0..seeds).map(|_| 20.0).collect();
            column.extend(values.iter().map(|value| 20.0 + value));
            runs.push(metric, Column::F64(column));
        }
        compare(&runs, Some("nothing")).unwrap()
    }

    #[test]
    fn a_clear_difference_gets_a_verb_and_its_interval() {
        let all = differences(&[
            ("shortage_peak_pct", &[-3.0, -3.2, -2.8, -3.1]),
            ("public_cost_usd", &[2e9, 2.1e9, 1.9e9, 2e9]),
        ]);
        let said = differences_of("stockpile", "nothing", &all, 5).unwrap();
        assert!(
            said.text
                .contains("cuts the worst shortage by 3.0 percentage points"),
            "{}",
            said.text
        );
        assert!(
            said.text.contains("raises public cost by 2.0 billion USD"),
            "{}",
            said.text
        );
        assert!(said.text.contains("95% interval"), "{}", said.text);
    }

    #[test]
    fn an_interval_across_zero_never_gets_a_direction() {
        let spread: &[&[f64]] = &[&[-3.0, 2.0, -1.0, 4.0], &[5.0], &[-1.0, -1.0, 9.0, -1.0]];
        for values in spread {
            let all = differences(&[("shortage_peak_pct", values)]);
            let said = differences_of("stockpile", "nothing", &all, 5)
                .unwrap()
                .text;
            assert!(said.contains("no clear difference"), "{said}");
            for verb in ["cuts", "raises", "lowers", "less", "more"] {
                assert!(!said.contains(verb), "{said}");
            }
        }
    }

    #[test]
    fn nothing_to_compare_says_nothing() {
        assert_eq!(differences_of("stockpile", "nothing", &[], 5), None);
    }
}
