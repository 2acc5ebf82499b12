//! `report`: one self-contained page of a result directory, and its figures.

use super::{Failure, args::Report, draw, terminal};
use crate::{
    config::{self, Loaded},
    experiment::open::{self, Opened},
    record::{manifest::Manifest, write},
    report::{self, Material},
};
use serde_json::json;
use std::path::Path;

/// Name of the page.
const PAGE: &str = "report.html";

pub fn report(args: &Report) -> Result<(), Failure> {
    let Opened {
        mut manifest,
        loaded,
        runs,
        ..
    } = open::open(&args.dir).map_err(|fault| Failure::Io(fault.to_string()))?;
    let reference = manifest.reference.clone();
    let (data, context, drawn) = draw::all(
        &args.dir,
        &manifest.identity,
        reference.as_deref(),
        args.voice.verbose,
    )?;
    let baseline = baseline(&manifest);
    let mut figures = Vec::new();
    for figure in drawn {
        draw::keep_figure(&args.dir, &mut manifest, &figure)?;
        figures.push(figure.plain);
    }
    let page = report::page(&Material {
        manifest: &manifest,
        runs: &runs,
        data: &data,
        context: &context,
        figures: &figures,
        configuration: &loaded,
        baseline: baseline.as_ref(),
    });
    let path = match &args.output {
        None => draw::keep(&args.dir, &mut manifest, PAGE, page.as_bytes())?,
        Some(path) => {
            write::bytes(path, page.as_bytes()).map_err(|error| Failure::at(path, error))?;
            path.clone()
        }
    };
    manifest
        .write(&args.dir)
        .map_err(|error| Failure::at(&args.dir, error))?;
    let path = path.display().to_string();
    if args.voice.json {
        return terminal::say_json(&json!({ "report": path, "figures": figures.len() }));
    }
    terminal::say(&path)
}

/// The baseline that the scenario was laid over, if its file is still the one that was read.
fn baseline(manifest: &Manifest) -> Option<Loaded> {
    let (path, hash) = manifest
        .inputs
        .iter()
        .find(|(path, _)| path.ends_with("baseline.ron"))?;
    let path = Path::new(path);
    (write::hash_file(path).ok()? == *hash)
        .then(|| config::load(path, &[]).ok())
        .flatten()
}
