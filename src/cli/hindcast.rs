//! `hindcast`: runs a scenario of the past and holds it against what was reported.

use super::{Failure, args::Hindcast, draw, run, terminal};
use crate::{
    analysis::hindcast::{self, Held, Score, Set},
    experiment::results,
    record::{
        parquet::{self, TableFile},
        table::Table,
    },
};
use serde_json::json;
use std::path::{Path, PathBuf};

pub fn hindcast(args: &Hindcast) -> Result<(), Failure> {
    let beside = args.run.file.parent().unwrap_or(Path::new("."));
    let path =
        |given: &Option<PathBuf>, name: &str| given.clone().unwrap_or_else(|| beside.join(name));
    let (rows, factors) = (
        path(&args.reported, "reported.csv"),
        path(&args.deflators, "deflators.csv"),
    );
    let wrong = |place: &Path, error: &dyn std::fmt::Display| {
        Failure::Usage(format!("{}: {error}", place.display()))
    };
    let reported = hindcast::reported(&text(&rows)?).map_err(|error| wrong(&rows, &error))?;
    let deflators =
        hindcast::deflators(&text(&factors)?).map_err(|error| wrong(&factors, &error))?;
    let Some((root, failed)) = run::first(&args.run)? else {
        return Ok(());
    };
    let read = |name: &str, columns: &[&str]| -> Result<Table, Failure> {
        let path = root.join("tables").join(format!("{name}.parquet"));
        TableFile::open(&path)
            .and_then(|file| file.read(columns))
            .map_err(|error| Failure::at(&path, error))
    };
    let market = read(
        "market",
        &[
            "run",
            "quarter",
            "state",
            "commodity",
            "price_usd_per_kg",
            "production_t",
        ],
    )?;
    let trade = read(
        "trade",
        &[
            "run",
            "quarter",
            "exporter",
            "importer",
            "commodity",
            "quantity_t",
            "leaked_t",
        ],
    )?;
    let project = read("project", &["run", "quarter", "project", "event"])?;
    let held = hindcast::simulated(&reported, &deflators, &market, &trade, &project)
        .map_err(|error| Failure::at(&root, error))?;
    let table = hindcast::history(&held);
    let mut content = Vec::new();
    parquet::write(&table, &mut content).map_err(|error| Failure::at(&root, error))?;
    let mut manifest = draw::manifest(&root)?;
    let file = draw::keep(&root, &mut manifest, "tables/history.parquet", &content)?;
    manifest
        .write(&root)
        .map_err(|error| Failure::at(&root, error))?;
    report(args, &held, &file)?;
    failed.map_or(Ok(()), Err)
}

fn text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| Failure::at(path, error))
}

fn report(args: &Hindcast, held: &[Held], file: &Path) -> Result<(), Failure> {
    let scores = hindcast::scores(held);
    if args.run.voice.json {
        let all: Vec<_> = scores.iter().map(as_json).collect();
        return terminal::say_json(&json!({ "scores": all, "history": file }));
    }
    for set in [Set::Train, Set::Test] {
        terminal::say(&format!(
            "{} rows; error and bias in logs (years for dates), skill against last figure, trend, mean",
            set.word()
        ))?;
        let header = [
            "series",
            "where",
            "good",
            "n",
            "error",
            "bias",
            "direction",
            "in band",
            "peak",
            "height",
            "skill",
        ];
        terminal::say(&terminal::table(
            &header,
            scores.iter().filter(|score| score.set == set).map(line),
        ))?;
    }
    let missing = held.iter().filter(|h| h.runs.is_empty()).count();
    terminal::say(&format!(
        "{} of {} reported figures have no simulated one\n{}",
        missing,
        held.len(),
        file.display()
    ))
}

fn two(value: f64) -> String {
    if value.is_nan() {
        "-".to_owned()
    } else {
        format!("{value:.2}")
    }
}

fn line(score: &Score) -> Vec<String> {
    vec![
        score.series.clone(),
        score.region.clone(),
        score.commodity.clone(),
        score.n.to_string(),
        two(score.error),
        two(score.bias),
        two(score.direction),
        two(score.coverage),
        score
            .peak
            .map_or("-".to_owned(), |(s, r)| format!("{s} ({r})")),
        two(score.height),
        score.skill.map(two).join(" "),
    ]
}

fn as_json(score: &Score) -> serde_json::Value {
    json!({
        "series": score.series,
        "region": score.region,
        "commodity": score.commodity,
        "set": score.set.word(),
        "n": score.n,
        "error": results::defined(score.error),
        "bias": results::defined(score.bias),
        "direction": results::defined(score.direction),
        "coverage": results::defined(score.coverage),
        "peak_simulated": score.peak.map(|p| p.0),
        "peak_reported": score.peak.map(|p| p.1),
        "height": results::defined(score.height),
        "skill_last": results::defined(score.skill[0]),
        "skill_trend": results::defined(score.skill[1]),
        "skill_mean": results::defined(score.skill[2]),
    })
}
