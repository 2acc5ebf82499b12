//! `sensitivity`: which assumption moves which metric; runs an experiment first if it is given a file.

use super::{
    Failure,
    args::Sensitivity,
    comparison::{cell, quoted},
    draw, run, terminal,
};
use crate::{
    analysis::{
        compare::reference_of,
        outcomes::Outcomes,
        sensitivity::{Driver, Measured, Method},
    },
    experiment::{
        open::{Opened, open},
        results::defined,
        study,
    },
    record::table::{Column, Table},
};
use serde_json::json;

/// Name of the table that is written into the result directory.
const FILE: &str = "sensitivity.csv";

pub fn sensitivity(args: &Sensitivity) -> Result<(), Failure> {
    let dir = if args.run.file.is_dir() {
        args.run.file.clone()
    } else {
        match run::first(&args.run)? {
            // what was completed can be analysed; runs.parquet tells of the rest
            Some((dir, _)) => dir,
            None => return Ok(()),
        }
    };
    let mut opened = open(&dir).map_err(|fault| Failure::Io(fault.to_string()))?;
    let found = found(&opened, args)?;
    let content = csv(&found);
    draw::keep(&dir, &mut opened.manifest, FILE, content.as_bytes())?;
    opened
        .manifest
        .write(&dir)
        .map_err(|error| Failure::at(&dir, error))?;
    if args.run.voice.json {
        return terminal::say_json(
            &json!({ "assumptions": found.iter().map(as_json).collect::<Vec<_>>() }),
        );
    }
    terminal::say(&text(&found))
}

fn found(opened: &Opened, args: &Sensitivity) -> Result<Vec<Driver>, Failure> {
    let nothing = || {
        Failure::Usage(
            "nothing is varied: `sensitivity` needs an experiment with `vary` and a `design`, such as Morris(trajectories: 10, levels: 4)"
                .to_owned(),
        )
    };
    let experiment = opened.experiment().ok_or_else(nothing)?;
    if experiment.design.is_none() {
        return Err(nothing());
    }
    let outcomes = Outcomes::of(&opened.runs).map_err(|error| Failure::at(&opened.root, error))?;
    let arm = match (&args.arm, outcomes.arms().len()) {
        (None, 0 | 1) => 0,
        (named, _) => reference_of(
            &outcomes,
            named.as_deref().or(Some(experiment.reference.as_str())),
        )
        .map_err(|fault| Failure::Usage(fault.to_string()))?,
    };
    let metrics = if args.metrics.is_empty() {
        study::metrics(experiment, &opened.runs)
    } else {
        named(&opened.runs, &args.metrics)?
    };
    Ok(study::drivers(experiment, &outcomes, arm, &metrics))
}

fn named(runs: &Table, parts: &[String]) -> Result<Vec<String>, Failure> {
    let is_metric = |name: &str, column: &Column| {
        matches!(column, Column::F64(_)) && crate::analysis::metrics::find(name).is_some()
    };
    let mut names: Vec<String> = Vec::new();
    for part in parts {
        let before = names.len();
        for (name, column) in runs.columns() {
            let same = name == part
                || (!part.contains('[') && name.contains(part.as_str()) && !name.contains('['));
            if is_metric(name, column) && same && !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        if names.len() == before {
            return Err(Failure::Usage(format!(
                "no metric is called `{part}`; summary.csv lists all"
            )));
        }
    }
    Ok(names)
}

fn with_interval(measured: Measured) -> String {
    let (low, high) = measured.ends();
    if low.is_finite() {
        format!(
            "{} ({} to {})",
            terminal::number(measured.value),
            terminal::number(low),
            terminal::number(high)
        )
    } else {
        terminal::number(measured.value)
    }
}

fn text(found: &[Driver]) -> String {
    let mut text = String::new();
    let mut metrics: Vec<&str> = found.iter().map(|driver| driver.metric.as_str()).collect();
    metrics.dedup();
    for metric in metrics {
        let mut rows: Vec<&Driver> = found
            .iter()
            .filter(|driver| driver.metric == metric)
            .collect();
        let key = |driver: &Driver| match driver.measured {
            Some(of) if of.method == Method::Sobol => of.total.value,
            Some(of) => of.first.value,
            None => driver.swing.map_or(0.0, |swing| swing.span()),
        };
        rows.sort_by(|a, b| key(b).total_cmp(&key(a)));
        let about = crate::analysis::metrics::find(metric);
        text += &format!(
            "{metric}, {}: mean {}\n",
            about.map_or("", |m| m.unit),
            rows.first()
                .map_or_else(String::new, |d| terminal::number(d.mean))
        );
        let header = match rows.first().and_then(|driver| driver.measured) {
            Some(of) if of.method == Method::Sobol => [
                "assumption",
                "total (95% interval)",
                "first order",
                "low end",
                "high end",
            ],
            Some(_) => [
                "assumption",
                "mean size mu* (95% interval)",
                "deviation sigma",
                "low end",
                "high end",
            ],
            None => ["assumption", "from low to high", "", "low end", "high end"],
        };
        let lines = rows.iter().map(|driver| {
            let (one, two) = match driver.measured {
                Some(of) if of.method == Method::Sobol => {
                    (with_interval(of.total), with_interval(of.first))
                }
                Some(of) => (with_interval(of.first), with_interval(of.total)),
                None => {
                    let moved = driver
                        .swing
                        .map(|swing| swing.high.1.mean - swing.low.1.mean);
                    let clear = driver.swing.is_some_and(|swing| swing.clear);
                    (
                        moved.map_or_else(|| "-".to_owned(), terminal::number),
                        if clear { "clear" } else { "" }.to_owned(),
                    )
                }
            };
            let end = |pick: fn(&crate::analysis::sensitivity::swing::Swing) -> f64| {
                driver
                    .swing
                    .as_ref()
                    .map_or_else(|| "-".to_owned(), |swing| terminal::number(pick(swing)))
            };
            vec![
                driver.path.clone(),
                one,
                two,
                end(|s| s.low.1.mean),
                end(|s| s.high.1.mean),
            ]
        });
        text += &terminal::table(&header, lines);
        text.push('\n');
    }
    text + "Intervals: bootstrap over trajectories or base samples. Ends: mean where the assumption is in its\nlowest or highest fifth. Each point is the mean of its seeds.\n"
}

fn as_json(driver: &Driver) -> serde_json::Value {
    let measured = |m: Measured| json!({"value": defined(m.value), "interval_95": m.interval.map(|(low, high)| [low, high])});
    let values = driver.measured.map(|of| match of.method {
        Method::Sobol => json!({"method": "sobol", "n": of.n, "first": measured(of.first), "total": measured(of.total)}),
        Method::Morris => json!({"method": "morris", "n": of.n, "mu_star": measured(of.first), "sigma": measured(of.total), "mu": of.mean.and_then(defined)}),
    });
    let end = |(value, estimate): (f64, crate::analysis::interval::Estimate)| json!({"assumption": defined(value), "mean": defined(estimate.mean), "interval_95": [defined(estimate.interval.0), defined(estimate.interval.1)]});
    json!({"metric": driver.metric, "assumption": driver.path, "mean": defined(driver.mean), "runs": driver.runs, "measured": values,
        "low": driver.swing.map(|swing| end(swing.low)), "high": driver.swing.map(|swing| end(swing.high)),
        "clear": driver.swing.map(|swing| swing.clear)})
}

fn csv(found: &[Driver]) -> String {
    let mut text = "metric,assumption,method,n,mu,mu_star_or_first,low,high,sigma_or_total,low_of_total,high_of_total,\
         low_value,low_mean,high_value,high_mean,ends_clear,mean,runs\n"
        .to_owned();
    for driver in found {
        let nan = Measured {
            value: f64::NAN,
            interval: None,
        };
        let (first, total) = driver
            .measured
            .map_or((nan, nan), |of| (of.first, of.total));
        let swing = driver.swing;
        let end = |pick: fn(crate::analysis::sensitivity::swing::Swing) -> f64| {
            cell(swing.map_or(f64::NAN, pick))
        };
        let fields = [
            quoted(&driver.metric),
            quoted(&driver.path),
            driver.measured.map_or("", |of| of.method.name()).to_owned(),
            driver
                .measured
                .map_or_else(String::new, |of| of.n.to_string()),
            cell(driver.measured.and_then(|of| of.mean).unwrap_or(f64::NAN)),
            cell(first.value),
            cell(first.ends().0),
            cell(first.ends().1),
            cell(total.value),
            cell(total.ends().0),
            cell(total.ends().1),
            end(|s| s.low.0),
            end(|s| s.low.1.mean),
            end(|s| s.high.0),
            end(|s| s.high.1.mean),
            swing.map_or_else(String::new, |s| s.clear.to_string()),
            cell(driver.mean),
            driver.runs.to_string(),
        ];
        text += &(fields.join(",") + "\n");
    }
    text
}
