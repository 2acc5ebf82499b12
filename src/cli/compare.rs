//! `compare`: the arms of an experiment against one of them, seed by seed; of a game, its payoffs and equilibria.

use super::{Failure, args::Compare, contest, draw, terminal};
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
};

/// Name of the table that is written into the result directory.
pub const FILE: &str = "comparison.csv";

/// Criteria for dominance, as far as the runs have them: what it costs, and what is left of the shortage.
const CRITERIA: [&str; 4] = [
    COST,
    "shortage_peak_pct",
    "resilience_loss",
    "unmet_defence_t",
];

/// Everything that is told of a comparison.
pub struct Compared<'a> {
    /// The arm that the others are held against.
    pub reference: &'a str,
    /// Every difference.
    pub all: Vec<Difference>,
    /// Every rank and regret.
    pub standings: Vec<Standing>,
    /// Dominated arms.
    pub dominated: Vec<Dominated>,
    /// Criteria of dominance.
    pub criteria: Vec<(&'a str, Better)>,
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
        draw::keep(&args.dir, &mut opened.manifest, name, content.as_bytes())?;
    }
    opened
        .manifest
        .write(&args.dir)
        .map_err(|error| Failure::at(&args.dir, error))?;
    terminal::say(&said)
}

/// What the interval lets one say; nothing where it spans zero.
pub fn verdict(difference: &Difference) -> &'static str {
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
                "  (no worse, and on one better, on\n  {})\n",
                names.join(", ")
            );
        }
        for (metric, better) in &self.criteria {
            let pairs = rank::stochastic_pairs(outcomes, metric, *better);
            let first: Vec<String> = pairs
                .iter()
                .filter(|(_, _, order)| *order == Order::First)
                .map(|(above, below, _)| format!("{above} over {below}"))
                .collect();
            if let Some((one, more)) = first.split_first() {
                let more = match more.len() {
                    0 => String::new(),
                    n => format!(" and {n} more pairs in --json"),
                };
                text += &format!("stochastically dominant on {metric}: {one}{more}\n");
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
            format_args!("{:.1}%", 100.0 * interval::quantile(&ratios, 0.5)),
        )
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
        .take(2)
        .map(|(needed, metric)| format!("{metric} {needed}"))
        .collect();
    let rest = if open.len() > 2 {
        format!(" and {} more", open.len() - 2)
    } else {
        String::new()
    };
    format!(
        "  warning: {n} are too few to tell the two apart on {} of these metrics. To find a difference of the\n  \
         size seen in {:.0}% of cases (two-sided test at {:.0}%) it takes\n  \
         {}{rest}\n",
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
            .replace("quarters of demand", "q demand"),
    ]
}
