//! `compare`: the arms of an experiment against one of them, seed by seed.

use super::{Failure, args::Compare, terminal};
use crate::{
    analysis::{
        compare::{CompareFault, Difference, arms, compare as differences},
        metrics::Better,
    },
    experiment::results::{self, RUNS},
    record::{manifest::Manifest, parquet::TableFile},
};
use serde_json::json;

pub fn compare(args: &Compare) -> Result<(), Failure> {
    let path = args.dir.join(RUNS);
    let runs = TableFile::open(&path)
        .and_then(|file| file.read(&[]))
        .map_err(|error| Failure::at(&path, error))?;
    let reference = args
        .reference
        .clone()
        .or_else(|| Manifest::read(&args.dir).ok()?.reference);
    let all = differences(&runs, reference.as_deref()).map_err(|fault| match fault {
        CompareFault::Table(_) => Failure::at(&path, fault),
        other => Failure::Usage(other.to_string()),
    })?;
    let wanted = |difference: &&Difference| match args.metrics.as_slice() {
        [] => !difference.metric.contains('['),
        parts => parts
            .iter()
            .any(|part| difference.metric.contains(part.as_str())),
    };
    let shown: Vec<&Difference> = all.iter().filter(wanted).collect();
    if shown.is_empty() {
        return Err(Failure::Usage(
            "no metric has such a name; `compare DIR --json` lists all".to_owned(),
        ));
    }
    let arms = arms(&runs).map_err(|error| Failure::at(&path, error))?;
    let reference = reference.as_deref().unwrap_or(&arms[0]);
    if args.voice.json {
        let all = if args.metrics.is_empty() {
            all.iter().collect()
        } else {
            shown
        };
        return terminal::say_json(
            &json!({ "reference": reference, "differences": all.into_iter().map(as_json).collect::<Vec<_>>() }),
        );
    }
    for arm in arms.iter().filter(|arm| *arm != reference) {
        let of_arm: Vec<_> = shown
            .iter()
            .filter(|difference| difference.arm == *arm)
            .collect();
        let seeds = of_arm
            .iter()
            .map(|difference| difference.difference.n)
            .max()
            .unwrap_or(0);
        terminal::say(&format!("{arm} less {reference}, {seeds} seeds in common"))?;
        let header = [
            "metric",
            "reference",
            "difference",
            "std. error",
            "95% interval",
            "",
            "unit",
        ];
        terminal::say(&terminal::table(
            &header,
            of_arm.iter().map(|difference| line(difference)),
        ))?;
    }
    if !args.voice.quiet {
        terminal::say("better, worse: the 95% interval of Student's t excludes zero.")?;
    }
    Ok(())
}

/// In words, if the interval excludes zero.
fn verdict(difference: &Difference) -> &'static str {
    let estimate = &difference.difference;
    match difference.better {
        _ if !estimate.clear() => "",
        Better::Neither if estimate.mean > 0.0 => "more",
        Better::Neither => "less",
        Better::Lower if estimate.mean < 0.0 => "better",
        Better::Higher if estimate.mean > 0.0 => "better",
        _ => "worse",
    }
}

fn line(difference: &Difference) -> Vec<String> {
    let estimate = &difference.difference;
    let (from, to) = estimate.interval;
    let interval = if from.is_nan() {
        "-".to_owned()
    } else {
        format!("{} to {}", terminal::number(from), terminal::number(to))
    };
    vec![
        difference.metric.clone(),
        terminal::number(difference.reference_mean),
        terminal::number(estimate.mean),
        terminal::number(estimate.standard_error),
        interval,
        verdict(difference).to_owned(),
        difference.unit.to_owned(),
    ]
}

fn as_json(difference: &Difference) -> serde_json::Value {
    let estimate = &difference.difference;
    json!({
        "arm": difference.arm,
        "metric": difference.metric,
        "unit": difference.unit,
        "n": estimate.n,
        "unpaired": difference.unpaired,
        "reference_mean": results::defined(difference.reference_mean),
        "mean_difference": results::defined(estimate.mean),
        "standard_error": results::defined(estimate.standard_error),
        "interval_95": [results::defined(estimate.interval.0), results::defined(estimate.interval.1)],
        "verdict": verdict(difference),
    })
}
