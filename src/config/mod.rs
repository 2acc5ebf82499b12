//! The configuration layer: files are read, laid over one another, filled and checked.
//!
//! A file names its kind: `Scenario(..)`, `Strategy(..)` or `Experiment(..)`. Every problem of a set of files is reported at once,
//! with file, line, path, what was found and what would be right.
//!
//! - [`load`] gives the running form; [`show`], [`schema`], [`starter`] and [`summary`] serve the commands of these names.
//! - [`resolved`] writes the whole running form as one file that gives the same results alone.
//! - [`diff`] says what differs between two scenarios.
//! - [`uncertainty`] draws what is uncertain, by path.

mod check;
pub mod diff;
pub mod experiment;
pub mod firms;
pub mod instruments;
mod layer;
mod locate;
mod read;
pub mod report;
pub mod rows;
pub mod say;
pub mod scenario;
mod schema;
mod show;
mod starter;
pub mod strategy;
mod table;
pub mod uncertainty;
pub mod words;

pub use check::RECORDED;
pub use experiment::Experiment;
pub use read::Kind;
pub use report::{Finding, Report, Source};
pub use scenario::Scenario;
pub use schema::{records, schema};
pub use show::{resolved, resolved_experiment, show, summary};
pub use starter::starter;
pub use strategy::{Assigned, Strategy};
pub use uncertainty::{Distribution, Draws, Setter};

use crate::domain::fields::WrittenOf;
use layer::Reader;
use std::path::{Path, PathBuf};

/// A value at a path, from the command line: `--set path=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// Where, with dots between names.
    pub path: String,
    /// The value as a file would write it; texts need no quotes.
    pub value: String,
}

impl std::str::FromStr for Set {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((path, value)) if !path.trim().is_empty() => Ok(Self {
                path: path.trim().to_owned(),
                value: value.trim().to_owned(),
            }),
            _ => Err(format!("`{text}`: write path=value, such as seeds=8")),
        }
    }
}

/// What a file holds, filled and checked.
#[derive(Debug, Clone, PartialEq)]
pub enum Loaded {
    /// A world with its policies.
    Scenario(Box<Scenario>),
    /// What one state does.
    Strategy(Box<Strategy>),
    /// Arms that are compared.
    Experiment(Box<Experiment>),
}

/// Reads a file and all that it refers to.
///
/// # Errors
/// Everything that is wrong with them.
pub fn load(path: &Path, overrides: &[Set]) -> Result<Loaded, Report> {
    open(path, overrides).map(|(loaded, _)| loaded)
}

/// Like [`load`], with the files that were read, for the manifest.
///
/// # Errors
/// Everything that is wrong with them.
pub fn load_with_inputs(path: &Path, overrides: &[Set]) -> Result<(Loaded, Vec<PathBuf>), Report> {
    open(path, overrides).map(|(loaded, reader)| {
        (
            loaded,
            reader
                .inputs
                .iter()
                .map(|source| source.path.clone())
                .collect(),
        )
    })
}

fn open(path: &Path, overrides: &[Set]) -> Result<(Loaded, Reader), Report> {
    let (mut reader, source) = Reader::new(path)?;
    let loaded = match Kind::of(&source, 0) {
        Err(finding) => {
            reader.findings.push(*finding);
            None
        }
        Ok(Kind::Scenario) => {
            let mut written = reader.stack::<WrittenOf<Scenario>>(&source, &[]);
            let broken = reader.is_broken();
            reader.set(overrides, &mut written);
            if broken {
                None
            } else {
                check::resolve(written, &mut reader)
                    .map(|scenario| Loaded::Scenario(Box::new(scenario)))
            }
        }
        Ok(Kind::Strategy) => {
            let mut written = reader.stack::<WrittenOf<Strategy>>(&source, &[]);
            let broken = reader.is_broken();
            reader.set(overrides, &mut written);
            if broken {
                None
            } else {
                check::resolve_strategy(written, &mut reader)
                    .map(|strategy| Loaded::Strategy(Box::new(strategy)))
            }
        }
        Ok(Kind::Experiment) => experiment::load(&mut reader, &source, overrides)
            .map(|experiment| Loaded::Experiment(Box::new(experiment))),
    };
    match loaded {
        Some(loaded) if reader.findings.is_empty() => Ok((loaded, reader)),
        _ => Err(reader.report()),
    }
}
