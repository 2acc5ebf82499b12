//! `compare`: the arms of an experiment against one of them, seed by seed; of a game, its payoffs and equilibria.

use super::{Failure, args::Compare, contest, terminal};
use crate::{
    analysis::{
        compare::{CompareFault, Difference, Verdict, differences, reference_of},
        cost::{COST, PerBillion},
        interval,
        metrics::{self, Better},
        outcomes::Outcomes,
        power::{self, Seeds},
        rank::{self, Dominated, Order, Standing},
    },
    experiment::{open::open, results, study},
    record::write,
};
use serde_json::json;

/// Name of the table that is written into the result directory.
const FILE: &str = "comparison.csv";

/// Criteria for dominance, as far as the runs have them: what it costs, and what is left of the shortage.
const CRITERIA: [&str; 4] = [
    COST,
    "shortage_peak_pct",
    "resilience_loss",
    "unmet_defence_t",
];

/// Everything that is told of a comparison.
struct Compared<'a> {
    reference: &'a str,
    all: Vec<Difference>,
    standings: Vec<Standing>,
    dominated: Vec<Dominated>,
    criteria: Vec<(&'a str, Better)>,
}

pub fn compare(args: &Compare) -> Result<(), Failure> {
    let mut opened = open(&args.dir).map_err(|fault| Failure::Io(fault.to_string()))?;
    let fault = |error: CompareFault| match error {
        CompareFault::Table(_) => Failure::at(&args.dir.join(results::RUNS), error),
        other => Failure::Usage(other.to_string()),
    };
    let outcomes = Outcomes::of(&opened.runs).map_err(|error| fault(error.into()))?;
    let named = args
        .reference
        .clone()
        .or_else(|| opened.manifest.reference.clone());
    let place = reference_of(&outcomes, named.as_deref()).map_err(fault)?;
    let criteria: Vec<(&str, Better)> = CRITERIA
        .iter()
        .filter_map(|name| Some((*name, metrics::find(name)?.better)))
        .filter(|(name, _)| outcomes.values(0, name).is_some())
        .collect();
    let compared = Compared {
        reference: &outcomes.arms()[place],
        all: differences(&outcomes, place),
        standings: outcomes
            .metrics()
            .flat_map(|(name, metric)| rank::standings(&outcomes, name, metric.better))
            .collect(),
        dominated: rank::dominated(&outcomes, &criteria),
        criteria,
    };
    let headline = opened
        .experiment()
        .map_or(&[][..], |experiment| &experiment.metrics);
    let wanted = |name: &str| match (args.metrics.as_slice(), headline) {
        ([], []) => !name.contains('['),
        ([], headline) => headline.iter().any(|metric| metric == name),
        (parts, _) => parts.iter().any(|part| name.contains(part.as_str())),
    };
    if !compared
        .all
        .iter()
        .any(|difference| wanted(&difference.metric))
    {
        return Err(Failure::Usage(
            "no metric has such a name; `compare DIR --json` lists all".to_owned(),
        ));
    }
    let game = opened
        .experiment()
        .and_then(|experiment| study::play(experiment, &outcomes))
        .transpose()
        .map_err(|fault| Failure::at(&args.dir, fault))?;
    let content = compared.csv();
    let said = if args.voice.json {
        let all = |name: &str| args.metrics.is_empty() || wanted(name);
        let mut document = compared.json(&outcomes, &all);
        if let Some(game) = &game {
            document["game"] = contest::json(game);
        }
        format!("{document:#}")
    } else {
        match &game {
            // a table for each of dozens of profiles is in comparison.csv
            Some(game) if args.metrics.is_empty() => contest::text(game),
            _ => compared.text(&outcomes, &wanted, args.voice.quiet),
        }
    };
    let mut files = vec![(FILE, content)];
    if let Some(game) = &game {
        files.push((contest::FILE, contest::csv(game)));
    }
    for (name, content) in files {
        let path = args.dir.join(name);
        write::bytes(&path, content.as_bytes()).map_err(|error| Failure::at(&path, error))?;
        let hash = blake3::hash(content.as_bytes()).to_hex().to_string();
        opened.manifest.files.insert(name.to_owned(), hash);
    }
    opened
        .manifest
        .write(&args.dir)
        .map_err(|error| Failure::at(&args.dir, error))?;
    terminal::say(&said)
}

/// What an interval that spans zero is not told as.
fn verdict(difference: &Difference) -> &'static str {
    match difference.verdict() {
        Verdict::Unclear => "",
        other => other.word(),
    }
}

impl Compared<'_> {
    fn arms(&self) -> Vec<&str> {
        let mut arms: Vec<&str> = Vec::new();
        for difference in &self.all {
            if !arms.contains(&difference.arm.as_str()) {
                arms.push(&difference.arm);
            }
        }
        arms
    }

    fn text(&self, outcomes: &Outcomes, wanted: &dyn Fn(&str) -> bool, quiet: bool) -> String {
        let mut text = String::new();
        for arm in self.arms() {
            let of_arm: Vec<&Difference> = self
                .all
                .iter()
                .filter(|d| d.arm == arm && wanted(&d.metric))
                .collect();
            let n = of_arm.iter().map(|d| d.difference.n).max().unwrap_or(0);
            let what = if outcomes.points() > 1 {
                "runs"
            } else {
                "seeds"
            };
            text += &format!("{arm} less {}, {n} {what} in common\n", self.reference);
            let header = [
                "metric",
                "reference",
                "difference",
                "95% interval",
                "",
                "better",
                "per bn USD",
                "unit",
            ];
            text += &terminal::table(&header, of_arm.iter().map(|difference| line(difference)));
            text += &too_few(&of_arm, n);
            text.push('\n');
        }
        text += &self.ranking(wanted);
        text += &self.dominance(outcomes);
        if !quiet {
            text += &self.method(outcomes);
        }
        text
    }

    /// Ranks and regret on the criteria that are shown, or on the first few metrics shown.
    fn ranking(&self, wanted: &dyn Fn(&str) -> bool) -> String {
        let is_criterion = |name: &str| self.criteria.iter().any(|(metric, _)| *metric == name);
        let both = |s: &&Standing| wanted(&s.metric) && is_criterion(&s.metric);
        let mut shown: Vec<&Standing> = self.standings.iter().filter(both).collect();
        if shown.is_empty() {
            shown = self
                .standings
                .iter()
                .filter(|s| wanted(&s.metric))
                .collect();
        }
        if shown.is_empty() {
            return String::new();
        }
        let mut lines = Vec::new();
        let mut last = "";
        for standing in shown {
            let metric = if standing.metric == last {
                ""
            } else {
                &standing.metric
            };
            last = &standing.metric;
            let regret = standing.regret;
            lines.push(vec![
                metric.to_owned(),
                standing.arm.clone(),
                terminal::number(standing.mean),
                format!("{:.2}", standing.rank),
                percent(standing.first),
                terminal::number(regret.expected),
                terminal::number(regret.q95),
                terminal::number(regret.worst),
            ]);
        }
        let header = [
            "rank and regret",
            "arm",
            "mean",
            "rank",
            "first",
            "regret: mean",
            "95%",
            "worst",
        ];
        terminal::table(&header, lines) + "\n"
    }

    fn dominance(&self, outcomes: &Outcomes) -> String {
        let names: Vec<&str> = self.criteria.iter().map(|(name, _)| *name).collect();
        let mut text = String::new();
        for dominated in &self.dominated {
            let how = if dominated.in_every_block {
                "in every run".to_owned()
            } else {
                format!(
                    "on average, and in {} of resampled seeds",
                    percent(dominated.share)
                )
            };
            text += &format!("dominated: {} by {}, {how}\n", dominated.arm, dominated.by);
        }
        if self.dominated.is_empty() {
            text += &format!("no strategy is dominated on {}\n", names.join(", "));
        } else {
            text += &format!(
                "  (no worse on any of {}, and better on one)\n",
                names.join(", ")
            );
        }
        for (metric, better) in &self.criteria {
            let pairs = rank::stochastic_pairs(outcomes, metric, *better);
            let first: Vec<String> = pairs
                .iter()
                .filter(|(_, _, order)| *order == Order::First)
                .map(|(above, below, _)| format!("{above} over {below}"))
                .take(6)
                .collect();
            if !first.is_empty() {
                text += &format!(
                    "stochastically dominant on {metric}: {}\n",
                    first.join("; ")
                );
            }
        }
        text + "\n"
    }

    fn method(&self, outcomes: &Outcomes) -> String {
        let mut ratios: Vec<f64> = self
            .all
            .iter()
            .map(|difference| difference.variance_ratio)
            .filter(|ratio| ratio.is_finite())
            .collect();
        ratios.sort_unstable_by(f64::total_cmp);
        let crossed = if outcomes.points() > 1 {
            ", for a layout in which points and seeds cross (Satterthwaite)"
        } else {
            ""
        };
        format!(
            "better, worse, more, less: the 95% interval of Student's t{crossed} excludes zero. better in: share of\n\
             runs in which the arm is better, equals as half. per bn USD: difference per billion USD of public\n\
             cost; its interval (Fieller's) is in {FILE}. Common random numbers leave {} of the\n\
             variance that differences of independent runs would have (median of all metrics).\n",
            percent(interval::quantile(&ratios, 0.5)),
        )
    }

    fn json(&self, outcomes: &Outcomes, wanted: &dyn Fn(&str) -> bool) -> serde_json::Value {
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
    fn csv(&self) -> String {
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
            let share =
                |of: fn(crate::analysis::compare::Probability) -> f64| p.map_or(f64::NAN, of);
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

/// A share as per cent; a bar if it is not defined.
pub fn percent(share: f64) -> String {
    if share.is_finite() {
        format!("{:.0}%", 100.0 * share)
    } else {
        "-".to_owned()
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

/// A warning where seeds are too few to tell the arms apart on some of the metrics shown.
fn too_few(shown: &[&Difference], n: usize) -> String {
    if n < 2 {
        return "  warning: one seed in common tells nothing of chance; run at least ten\n"
            .to_owned();
    }
    let mut open: Vec<(u64, &str)> = shown
        .iter()
        .filter_map(|d| match d.seeds {
            Seeds::Need(needed) => Some((needed, d.metric.as_str())),
            _ => None,
        })
        .collect();
    open.sort_unstable();
    let Some((_, _)) = open.first() else {
        return String::new();
    };
    let named: Vec<String> = open
        .iter()
        .take(3)
        .map(|(needed, metric)| format!("{metric} {}", terminal::number(*needed as f64)))
        .collect();
    let rest = if open.len() > 3 {
        format!(" and {} more", open.len() - 3)
    } else {
        String::new()
    };
    format!(
        "  warning: {n} are too few to tell the two apart on {} of these metrics. To find a difference of the\n  \
         size seen in {:.0}% of cases (two-sided test at {:.0}%) it takes: {}{rest}\n",
        open.len(),
        100.0 * power::POWER,
        100.0 * power::ALPHA,
        named.join(", "),
    )
}

fn line(difference: &Difference) -> Vec<String> {
    let estimate = &difference.difference;
    let (from, to) = estimate.interval;
    let interval = if from.is_nan() {
        "-".to_owned()
    } else {
        format!("{} to {}", terminal::number(from), terminal::number(to))
    };
    let per_billion = match difference.per_billion {
        PerBillion::Ratio { value, .. } => terminal::number(value),
        other => other.why_not().to_owned(),
    };
    vec![
        difference.metric.clone(),
        terminal::number(difference.reference_mean),
        terminal::number(estimate.mean),
        interval,
        verdict(difference).to_owned(),
        difference
            .probability
            .map_or_else(String::new, |p| percent(p.share)),
        per_billion,
        difference
            .unit
            .replace("USD 2024", "USD")
            .replace("quarters of demand", "q of demand"),
    ]
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
