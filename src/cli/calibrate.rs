//! `calibrate`: fits the numbers that an experiment varies to the training rows of what was reported, and writes the nearest values as a
//! layer that a scenario can extend.

use super::{Failure, args::Run, input, interrupt, progress::Bar, run, terminal};
use crate::{
    analysis::{
        calibrate::{TRADED, Training, told},
        hindcast,
    },
    config::{
        self, Loaded,
        experiment::{Calibration, Experiment},
    },
    experiment::{
        calibrate::{self, Fit, Fitted, Stopped},
        results::defined,
        runner::Progress,
    },
    record::{
        manifest::{Counts, Manifest},
        write::{self, Found, Identity, ResultDir},
    },
};
use serde_json::json;
use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

/// The layer that is written.
const LAYER: &str = "calibrated.ron";

pub fn calibrate(args: &Run) -> Result<(), Failure> {
    let started = Instant::now();
    let sets = &args.changes.sets;
    let (loaded, mut files) = config::load_with_inputs(&args.file, sets)
        .map_err(|report| input::refusal(&args.file, &report))?;
    let no_fit = || {
        Failure::Usage(format!(
            "{} fits nothing: `calibrate` needs an experiment with `vary` and `calibration: (targets: {{\"price_fob\": 0.4}}, waves: 3, keep: 0.2)`",
            args.file.display()
        ))
    };
    let Loaded::Experiment(experiment) = loaded else {
        return Err(no_fit());
    };
    let calibration = experiment.calibration.clone().ok_or_else(no_fit)?;
    let beside = args.file.parent().unwrap_or(Path::new(""));
    let (rows, factors) = (
        beside.join(&calibration.reported),
        beside.join(&calibration.deflators),
    );
    let text =
        |path: &PathBuf| std::fs::read_to_string(path).map_err(|error| Failure::at(path, error));
    let wrong = |path: &Path, error: &dyn std::fmt::Display| {
        Failure::Usage(format!("{}: {error}", path.display()))
    };
    let training = Training::read(&text(&rows)?, |series| {
        calibration.targets.0.contains_key(series)
    })
    .map_err(|error| wrong(&rows, &error))?;
    for series in calibration.targets.0.keys() {
        if !training.rows().iter().any(|row| row.series == *series) {
            let reason = format!("no training row is of the series \"{series}\"");
            return Err(wrong(&rows, &reason));
        }
    }
    let deflators =
        hindcast::deflators(&text(&factors)?).map_err(|error| wrong(&factors, &error))?;
    let seeds = run::seeds(args, experiment.seeds)?;
    let points = experiment
        .design
        .as_ref()
        .map_or(64, |design| design.points(&experiment.factors()));
    let all = 1 + points * calibration.waves as usize;
    let seed_list: Vec<u32> = seeds.iter().collect();
    if args.dry_run {
        return terminal::say(&format!(
            "{} waves of {points} points under {} seeds: {} runs, {} training rows of {} series",
            calibration.waves,
            seed_list.len(),
            all * seed_list.len(),
            training.rows().len(),
            calibration.targets.0.len()
        ));
    }
    files.extend([rows, factors]);
    let resolved = config::resolved_experiment(&experiment);
    let identity = Identity {
        // What is fitted to is part of what is fitted; test rows are not.
        configuration: blake3::hash(format!("{resolved}{:?}", training.rows()).as_bytes())
            .to_hex()
            .to_string(),
        seeds: seeds.to_string(),
        program: run::program()?,
        runs: None,
    };
    let root = args.directory();
    let io = |error: &dyn std::fmt::Display| Failure::at(&root, error);
    let found = write::look(&root, &identity).map_err(|error| io(&error))?;
    if found == Found::Finished && !args.force {
        terminal::remark(&format!(
            "{} holds this fit already; --force computes it again",
            root.display()
        ));
        return Ok(());
    }
    let mut dir = ResultDir::take(&root, &identity, args.force)?;
    let bar = Bar::new(all, args.voice.quiet);
    let ended = AtomicUsize::new(0);
    let stop = interrupt::flag()?;
    let fitted = calibrate::fit(&Fit {
        experiment: &experiment,
        calibration: &calibration,
        training: &training,
        deflators: &deflators,
        seeds: &seed_list,
        parts: &dir.parts(),
        jobs: args.jobs.map_or(0, usize::from),
        stop: &stop,
        progress: &|| {
            let ended = ended.fetch_add(1, Ordering::Relaxed) + 1;
            bar.show(Progress {
                ended,
                failed: 0,
                all,
            });
        },
    });
    bar.clear();
    let fitted = fitted.map_err(|stopped| match stopped {
        Stopped::Interrupted(_) => Failure::Interrupted(stopped.to_string()),
        other => Failure::at(&root, other),
    })?;
    for (name, content) in [
        ("resolved.ron", resolved),
        ("points.csv", points_csv(&fitted, &calibration)),
        ("posterior.csv", posterior_csv(&fitted)),
        (LAYER, layer(&fitted, &experiment, &training)),
    ] {
        write::bytes(&dir.file(name), content.as_bytes()).map_err(|error| io(&error))?;
    }
    let mut manifest = Manifest::new(identity);
    manifest.inputs = run::inputs(&files)?;
    let failed = failures(&fitted);
    manifest.runs = Counts { all, failed };
    manifest.seconds = started.elapsed().as_secs_f64();
    dir.finish(&mut manifest).map_err(|error| io(&error))?;
    if args.voice.json {
        return terminal::say_json(&as_json(&fitted, &root));
    }
    terminal::say(&report(&fitted, &calibration, failed, &root))
}

fn failures(fitted: &Fitted) -> usize {
    let all = fitted.waves.iter().flatten();
    all.filter(|one| one.failure.is_some()).count()
}

/// What the fit says of each number.
struct Told<'a> {
    path: &'a str,
    low: f64,
    high: f64,
    best: f64,
    /// Values below which 5%, 50% and 95% of the posterior lie.
    quantiles: [f64; 3],
    contraction: f64,
    traded: Vec<&'a str>,
}

fn numbers(fitted: &Fitted) -> Vec<Told<'_>> {
    let nearest = fitted.nearest();
    let mut all = Vec::new();
    for (i, factor) in fitted.factors.iter().enumerate() {
        let others = (0..fitted.factors.len())
            .filter(|&j| j != i && fitted.kept.correlation(i, j).abs() >= TRADED);
        let traded: Vec<&str> = others.map(|j| fitted.factors[j].key.as_str()).collect();
        for (path, prior) in &factor.targets {
            all.push(Told {
                path,
                low: prior.quantile(0.0),
                high: prior.quantile(1.0),
                best: prior.quantile(nearest.unit[i]),
                quantiles: [0.05, 0.5, 0.95].map(|q| prior.quantile(fitted.kept.quantile(i, q))),
                contraction: fitted.kept.contraction(i),
                traded: traded.clone(),
            });
        }
    }
    all
}

fn report(fitted: &Fitted, calibration: &Calibration, failed: usize, root: &Path) -> String {
    let header = [
        "number",
        "prior",
        "nearest",
        "5%",
        "median",
        "95%",
        "",
        "traded off against",
    ];
    let rows = numbers(fitted).into_iter().map(|told_of| {
        let [low, middle, high] = told_of.quantiles.map(short);
        vec![
            told_of.path.to_owned(),
            format!("{} to {}", short(told_of.low), short(told_of.high)),
            short(told_of.best),
            low,
            middle,
            high,
            told(told_of.contraction).to_owned(),
            told_of.traded.join(", "),
        ]
    });
    let mut text = terminal::table(&header, rows);
    let nearest = fitted.nearest();
    let _ = write!(
        text,
        "\nDistance from the training rows: {:.3} as it stands, {:.3} at the nearest point (wave {}). By series, as it stands and nearest:\n",
        fitted.as_is.total,
        nearest.distance.total,
        fitted.best.0 + 1
    );
    let series = calibration.targets.0.keys().zip(&fitted.as_is.by_series);
    for ((name, before), after) in series.zip(&nearest.distance.by_series) {
        let _ = writeln!(text, "  {name}: {before:.2}, {after:.2}");
    }
    if failed > 0 {
        let _ = writeln!(text, "{failed} points failed; points.csv says why");
    }
    let _ = write!(text, "{}", root.join(LAYER).display());
    text
}

fn short(value: f64) -> String {
    format!("{value:.4}")
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

fn points_csv(fitted: &Fitted, calibration: &Calibration) -> String {
    let mut text = String::from("wave,point,distance,weight");
    for factor in &fitted.factors {
        for (path, _) in &factor.targets {
            let _ = write!(text, ",{path}");
        }
    }
    for series in calibration.targets.0.keys() {
        let _ = write!(text, ",error[{series}]");
    }
    text.push_str(",failure\n");
    let cell = |value: f64| defined(value).map_or_else(String::new, |value| value.to_string());
    for (w, wave) in fitted.waves.iter().enumerate() {
        for (i, one) in wave.iter().enumerate() {
            let _ = write!(
                text,
                "{},{i},{},{}",
                w + 1,
                cell(one.distance.total),
                one.weight
            );
            for (factor, &u) in fitted.factors.iter().zip(&one.unit) {
                for value in factor.values(u) {
                    let _ = write!(text, ",{value}");
                }
            }
            for error in &one.distance.by_series {
                let _ = write!(text, ",{}", cell(*error));
            }
            let reason = one.failure.as_deref().unwrap_or("").replace('"', "'");
            let _ = writeln!(text, ",\"{reason}\"");
        }
    }
    text
}

fn posterior_csv(fitted: &Fitted) -> String {
    let mut text = String::from(
        "number,prior_low,prior_high,nearest,q05,q50,q95,contraction,told,traded_off_against\n",
    );
    for n in numbers(fitted) {
        let [low, middle, high] = n.quantiles;
        let _ = writeln!(
            text,
            "{},{},{},{},{low},{middle},{high},{},{},{}",
            n.path,
            n.low,
            n.high,
            n.best,
            n.contraction,
            told(n.contraction),
            n.traded.join(" ")
        );
    }
    text
}

/// The nearest values as a scenario that lies under others, with where each comes from.
fn layer(fitted: &Fitted, experiment: &Experiment, training: &Training) -> String {
    let mut mechanisms: indexmap::IndexMap<&str, Vec<String>> = indexmap::IndexMap::new();
    let all = numbers(fitted);
    for n in &all {
        let Some((mechanism, field)) = n.path.split_once('.') else {
            continue;
        };
        mechanisms.entry(mechanism).or_default().push(format!(
            "        // posterior {} to {} (5-95%), prior {} to {}; {}\n        {field}: {},\n",
            short(n.quantiles[0]),
            short(n.quantiles[2]),
            short(n.low),
            short(n.high),
            told(n.contraction),
            n.best
        ));
    }
    let mut text = format!(
        "// Fitted by `monazite calibrate`: {}. {} training rows; distance {:.3}, before {:.3}.\nScenario(\n",
        experiment.title,
        training.rows().len(),
        fitted.nearest().distance.total,
        fitted.as_is.total
    );
    for (mechanism, fields) in mechanisms {
        let _ = write!(text, "    {mechanism}: (\n{}    ),\n", fields.concat());
    }
    text.push_str(")\n");
    text
}

fn as_json(fitted: &Fitted, root: &Path) -> serde_json::Value {
    let numbers: Vec<_> = numbers(fitted)
        .iter()
        .map(|n| {
            json!({
                "number": n.path,
                "prior": [n.low, n.high],
                "nearest": n.best,
                "posterior_q05_q50_q95": n.quantiles,
                "contraction": n.contraction,
                "told": told(n.contraction),
                "traded_off_against": n.traded,
            })
        })
        .collect();
    json!({
        "numbers": numbers,
        "distance": defined(fitted.nearest().distance.total),
        "distance_as_it_stands": defined(fitted.as_is.total),
        "failed": failures(fitted),
        "layer": root.join(LAYER),
    })
}
