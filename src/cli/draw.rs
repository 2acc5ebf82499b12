//! Figures of a result directory, from its tables on disk.

use super::{Failure, terminal};
use crate::{
    analysis::compare::arms,
    config::{self, Loaded},
    experiment::{
        keep,
        open::{self, RESOLVED},
        results::RUNS,
    },
    figures::{self, Arm, Context, Data, NotDrawn, derived},
    record::{
        manifest::Manifest,
        parquet::{ParquetFault, TableFile},
        table::Table,
        write,
    },
};
use rayon::prelude::*;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// A figure as files.
pub struct Drawn {
    /// Name of the figure.
    pub name: String,
    /// For people.
    pub png: Vec<u8>,
    /// For those who edit it.
    pub svg: String,
    /// The figure with its text as text.
    pub plain: figures::Figure,
}

/// Every figure that the tables of a result directory allow, with that from which they were drawn.
pub fn all(
    root: &Path,
    identity: &write::Identity,
    reference: Option<&str>,
    verbose: bool,
) -> Result<(Data, Context, Vec<Drawn>), Failure> {
    let (data, context) = ready(root, identity, reference)?;
    let drawn = of(&data, &context, &[], verbose)?;
    Ok((data, context, drawn))
}

/// Draws the figures of a result directory that `wanted` names; all if it is empty. What the tables do not allow is left
/// out, with a remark if it was asked for by name or `verbose` is set.
pub fn draw(
    root: &Path,
    identity: &write::Identity,
    reference: Option<&str>,
    wanted: &[String],
    verbose: bool,
) -> Result<Vec<Drawn>, Failure> {
    let (data, context) = ready(root, identity, reference)?;
    of(&data, &context, wanted, verbose)
}

/// The tables of a result directory with what experiments derive from them, and what figures say of it.
fn ready(
    root: &Path,
    identity: &write::Identity,
    reference: Option<&str>,
) -> Result<(Data, Context), Failure> {
    let context = context(root, identity, reference)?;
    let mut data = read(root, &context.arms)?;
    if let Ok(runs) = data.table("runs") {
        let experiment = match config::load(&root.join(RESOLVED), &[]) {
            Ok(Loaded::Experiment(experiment)) => Some(experiment),
            _ => None, // a scenario by itself has nothing to compare
        };
        for table in derived::tables(runs, reference, experiment.as_deref()) {
            data.add(table).map_err(|error| Failure::at(root, error))?;
        }
    }
    Ok((data, context))
}

fn of(
    data: &Data,
    context: &Context,
    wanted: &[String],
    verbose: bool,
) -> Result<Vec<Drawn>, Failure> {
    let names: Vec<String> = match wanted {
        [] => figures::all()
            .iter()
            .map(|entry| entry.name.to_owned())
            .collect(),
        names => names.to_vec(),
    };
    let drawn: Vec<Result<Drawn, NotDrawn>> = names
        .par_iter()
        .map(|name| {
            let figure = figures::draw(name, data, context)?;
            let (png, svg) = figure.files().map_err(|error| NotDrawn::Skipped {
                name: name.clone(),
                why: figures::Skip::Nothing(error.to_string()),
            })?;
            Ok(Drawn {
                name: name.clone(),
                png,
                svg,
                plain: figure,
            })
        })
        .collect();
    let mut kept = Vec::new();
    for result in drawn {
        match result {
            Ok(figure) => kept.push(figure),
            Err(NotDrawn::Unknown(name)) => {
                let known: Vec<_> = figures::all()
                    .iter()
                    .map(|entry| format!("  {:24} {}", entry.name, entry.about))
                    .collect();
                return Err(Failure::Usage(format!(
                    "there is no figure `{name}`; there are\n{}",
                    known.join("\n")
                )));
            }
            Err(skipped) if verbose || !wanted.is_empty() => terminal::remark(&skipped.to_string()),
            Err(_) => {}
        }
    }
    Ok(kept)
}

/// Names of a figure's files, relative to the result directory.
pub fn files(name: &str) -> (String, String) {
    (format!("figures/{name}.png"), format!("figures/{name}.svg"))
}

/// The tables, of the runs that the figures show.
fn read(root: &Path, arms: &[Arm]) -> Result<Data, Failure> {
    let shown: BTreeSet<u32> = arms
        .iter()
        .flat_map(|arm| arm.runs.iter().copied())
        .collect();
    let folder = root.join("tables");
    let entries = fs::read_dir(&folder).map_err(|error| Failure::at(&folder, error))?;
    let mut paths: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "parquet")
    });
    paths.push(root.join(RUNS));
    paths.sort();
    let load = |path: &PathBuf| -> Result<Table, Failure> {
        TableFile::open(path)
            .and_then(|file| of_runs(&file, &shown))
            .map_err(|error: ParquetFault| Failure::at(path, error))
    };
    let tables: Vec<Result<Table, Failure>> = paths.par_iter().map(load).collect();
    let mut data = Data::new();
    for table in tables {
        data.add(table?)
            .map_err(|error| Failure::at(&folder, error))?;
    }
    Ok(data)
}

/// The rows of some runs. Tables of runs have a row group for each; others are read as they are.
fn of_runs(file: &TableFile, shown: &BTreeSet<u32>) -> Result<Table, ParquetFault> {
    if !file.columns().iter().any(|name| name == "run") || file.groups() < 2 {
        return file.read(&[]);
    }
    let mut whole: Option<Table> = None;
    for group in 0..file.groups() {
        let run = file.read_group(group, &["run"])?;
        let run = run.u32("run")?.first().copied();
        if run.is_none_or(|run| shown.contains(&run)) {
            let rows = file.read_group(group, &[])?;
            match &mut whole {
                None => whole = Some(rows),
                Some(whole) => whole.append(&rows)?,
            }
        }
    }
    whole.map_or_else(|| file.read(&[]), Ok)
}

fn context(
    root: &Path,
    identity: &write::Identity,
    reference: Option<&str>,
) -> Result<Context, Failure> {
    let path = root.join(RUNS);
    let runs = TableFile::open(&path)
        .and_then(|file| file.read(&["run", "arm", "status"]))
        .map_err(|error| Failure::at(&path, error))?;
    let named = |kind: &str| -> Option<String> {
        let names = TableFile::open(&root.join("tables/names.parquet"))
            .ok()?
            .read(&["kind", "name"])
            .ok()?;
        let kinds = names.text("kind").ok()?;
        let row = kinds.iter().position(|found| found == kind)?;
        Some(names.text("name").ok()?.get(row).to_owned())
    };
    let arms = of_arms(&runs, reference).map_err(|error| Failure::at(&path, error))?;
    Ok(Context {
        source: "monazite simulation".to_owned(),
        configuration: identity.configuration.clone(),
        scenario: named("scenario").unwrap_or_default(),
        arms,
        ..Context::default()
    })
}

/// The arms with their completed runs, of many a sample, the reference first.
fn of_arms(
    runs: &Table,
    reference: Option<&str>,
) -> Result<Vec<Arm>, crate::record::table::TableError> {
    let (run, arm, status) = (runs.u32("run")?, runs.text("arm")?, runs.text("status")?);
    let mut names = arms(runs)?;
    if let Some(place) = names
        .iter()
        .position(|name| Some(name.as_str()) == reference)
    {
        let first = names.remove(place);
        names.insert(0, first);
    }
    let single = names.len() == 1;
    let some = keep::sample_size(names.len());
    let of = |name: String| {
        let rows: Vec<usize> = (0..runs.len())
            .filter(|&row| arm.get(row) == name)
            .collect();
        let sampled = rows.iter().enumerate();
        let sampled = sampled.filter(|(at, _)| keep::is_sampled(*at, rows.len(), some));
        let done = sampled.filter(|(_, row)| status.get(**row) == "done");
        let runs = done.map(|(_, row)| run[*row]).collect();
        Arm {
            name: if single { String::new() } else { name },
            runs,
        }
    };
    Ok(names.into_iter().map(of).collect())
}

/// Writes a file into a result directory and notes it in its manifest, which the caller writes at the end.
pub fn keep(
    root: &Path,
    manifest: &mut Manifest,
    name: &str,
    content: &[u8],
) -> Result<PathBuf, Failure> {
    let path = root.join(name);
    write::bytes(&path, content).map_err(|error| Failure::at(&path, error))?;
    let hash = blake3::hash(content).to_hex().to_string();
    manifest.files.insert(name.to_owned(), hash);
    Ok(path)
}

/// Keeps a figure as PNG and SVG.
pub fn keep_figure(
    root: &Path,
    manifest: &mut Manifest,
    figure: &Drawn,
) -> Result<[PathBuf; 2], Failure> {
    let (png, svg) = files(&figure.name);
    Ok([
        keep(root, manifest, &png, &figure.png)?,
        keep(root, manifest, &svg, figure.svg.as_bytes())?,
    ])
}

/// The manifest of a result directory.
pub fn manifest(root: &Path) -> Result<Manifest, Failure> {
    open::manifest(root).map_err(|fault| Failure::Io(fault.to_string()))
}

/// Holds every file of a result directory against its hash in the manifest.
pub fn intact(root: &Path, manifest: &Manifest) -> Result<(), Failure> {
    for name in manifest.files.keys() {
        open::intact(root, manifest, name).map_err(|fault| Failure::Io(fault.to_string()))?;
    }
    Ok(())
}
