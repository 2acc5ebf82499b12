//! A finished result directory read back: manifest, configuration, runs. Everything that reads results begins here.

use super::results::RUNS;
use crate::{
    config::{self, Experiment, Loaded, Report, Scenario},
    record::{
        manifest::Manifest,
        parquet::{ParquetFault, TableFile},
        table::Table,
        write,
    },
};
use std::{
    io,
    path::{Path, PathBuf},
};

/// Name of the file with the configuration that was run.
pub const RESOLVED: &str = "resolved.ron";

/// Why a result directory could not be read. All of them are failures of input.
#[derive(Debug, thiserror::Error)]
pub enum OpenFault {
    /// There is nothing of ours.
    #[error("{} is no finished result directory: it has no {}; `monazite run` writes one", .0.display(), Manifest::FILE)]
    NoResults(PathBuf),
    /// The runs are not all done.
    #[error("{} is unfinished: {done}; the same command goes on from there", root.display())]
    Unfinished {
        /// The directory.
        root: PathBuf,
        /// What is there, in words.
        done: &'static str,
    },
    /// Results of another version of the program.
    #[error(
        "{}: written by monazite {found}, this is {}; run it again with --force, or read it with that version",
        path.display(), env!("CARGO_PKG_VERSION")
    )]
    Version {
        /// The manifest.
        path: PathBuf,
        /// The version that wrote it.
        found: String,
    },
    /// A file is not what was written.
    #[error("{}: {what}; `monazite run {} -o {} --force` computes it again", path.display(), root.join(RESOLVED).display(), root.display())]
    Damaged {
        /// The directory.
        root: PathBuf,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The configuration inside cannot be read.
    #[error("{}: {report}", path.display())]
    Configuration {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        report: Report,
    },
}

/// A result directory that was read back.
#[derive(Debug)]
pub struct Opened {
    /// The directory.
    pub root: PathBuf,
    /// What was run, by which program, from which files.
    pub manifest: Manifest,
    /// The configuration.
    pub loaded: Loaded,
    /// A row per run.
    pub runs: Table,
}

impl Opened {
    /// The experiment, if it was one.
    #[must_use]
    pub fn experiment(&self) -> Option<&Experiment> {
        match &self.loaded {
            Loaded::Experiment(experiment) => Some(experiment),
            _ => None,
        }
    }

    /// The scenario: of an experiment the one without any patch.
    #[must_use]
    pub fn scenario(&self) -> Option<&Scenario> {
        match &self.loaded {
            Loaded::Experiment(experiment) => Some(&experiment.scenario),
            Loaded::Scenario(scenario) => Some(scenario),
            Loaded::Strategy(_) => None,
        }
    }
}

/// Reads a finished result directory; configuration and runs are held against the hashes of the manifest.
///
/// # Errors
/// What is missing, unfinished, damaged, or of another version, and what to do.
pub fn open(root: &Path) -> Result<Opened, OpenFault> {
    let manifest = manifest(root)?;
    for name in [RESOLVED, RUNS] {
        intact(root, &manifest, name)?;
    }
    let path = root.join(RESOLVED);
    let loaded =
        config::load(&path, &[]).map_err(|report| OpenFault::Configuration { path, report })?;
    let path = root.join(RUNS);
    let read = TableFile::open(&path).and_then(|file| file.read(&[]));
    let runs = read.map_err(|error: ParquetFault| damaged(root, RUNS, error.to_string()))?;
    Ok(Opened {
        root: root.to_owned(),
        manifest,
        loaded,
        runs,
    })
}

/// The manifest of a finished result directory that this version can read.
///
/// # Errors
/// If there is none, or it is damaged or of another version.
pub fn manifest(root: &Path) -> Result<Manifest, OpenFault> {
    let manifest = match Manifest::read(root) {
        Ok(manifest) => manifest,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(if write::is_unfinished(root) {
                OpenFault::Unfinished {
                    root: root.to_owned(),
                    done: "not all runs are done, or they are not joined",
                }
            } else {
                OpenFault::NoResults(root.to_owned())
            });
        }
        Err(error) => return Err(damaged(root, Manifest::FILE, error.to_string())),
    };
    if !manifest.is_readable() {
        return Err(OpenFault::Version {
            path: root.join(Manifest::FILE),
            found: manifest.version,
        });
    }
    Ok(manifest)
}

/// Holds a file against its hash in the manifest.
///
/// # Errors
/// If it is missing, unreadable or changed.
pub fn intact(root: &Path, manifest: &Manifest, name: &str) -> Result<(), OpenFault> {
    let Some(expected) = manifest.files.get(name) else {
        return Err(damaged(root, name, "the manifest does not list it".into()));
    };
    match write::hash_file(&root.join(name)) {
        Ok(found) if found == *expected => Ok(()),
        Ok(_) => Err(damaged(
            root,
            name,
            "changed or cut short since it was written".into(),
        )),
        Err(error) => Err(damaged(root, name, error.to_string())),
    }
}

fn damaged(root: &Path, name: &str, what: String) -> OpenFault {
    OpenFault::Damaged {
        root: root.to_owned(),
        path: root.join(name),
        what,
    }
}
