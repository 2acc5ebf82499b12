//! Other people's formats: the long form of the Integrated Assessment Modelling Consortium, and every table with its run's keys in each row.

pub mod iamc;
pub mod keyed;

use crate::record::{
    parquet::{ParquetFault, TableFile},
    table::{Table, TableError},
};
use std::{collections::BTreeMap, io, path::Path};

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
pub enum ExportFault {
    /// A file of the result could not be read.
    #[error("{place}: {fault}")]
    Read {
        /// Which file.
        place: String,
        /// What is wrong with it.
        fault: ParquetFault,
    },
    /// A table lacks a column that the export needs.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A file could not be written.
    #[error(transparent)]
    Write(#[from] io::Error),
    /// A CSV file could not be written.
    #[error(transparent)]
    Csv(#[from] csv::Error),
    /// A Parquet file could not be written.
    #[error(transparent)]
    Parquet(#[from] ParquetFault),
}

/// Opens a table of a result.
///
/// # Errors
/// If it is not there or damaged, with its path.
pub fn open(path: &Path) -> Result<TableFile, ExportFault> {
    TableFile::open(path).map_err(|fault| unreadable(path, fault))
}

/// A file of a result that cannot be read.
pub fn unreadable(path: &Path, fault: ParquetFault) -> ExportFault {
    ExportFault::Read {
        place: path.display().to_string(),
        fault,
    }
}

/// What a reader calls the things that ids stand for.
#[derive(Debug, Clone, Default)]
pub struct Labels(BTreeMap<(String, String), String>);

impl Labels {
    /// From the table `names`: columns `kind`, `id`, `name`.
    ///
    /// # Errors
    /// If it lacks a column.
    pub fn of(names: &Table) -> Result<Self, TableError> {
        let (kind, id, name) = (names.text("kind")?, names.text("id")?, names.text("name")?);
        let row = |row| ((kind.get(row), id.get(row)), name.get(row));
        let rows = (0..names.len()).map(row);
        let owned = rows.map(|((k, i), n)| ((k.to_owned(), i.to_owned()), n.to_owned()));
        Ok(Self(owned.collect()))
    }

    /// The name of a thing as one part of a name: `Dysprosium Oxide`; without what stands in brackets, and without the marks that separate
    /// parts. Its id where it has no name.
    #[must_use]
    pub fn part(&self, kind: &str, id: &str) -> String {
        let name = self.0.get(&(kind.to_owned(), id.to_owned()));
        let name = name.map_or_else(|| id.replace('_', " "), Clone::clone);
        let plain = name.split(" (").next().unwrap_or(&name);
        let words = plain.split(|c: char| c.is_whitespace() || "|,>*".contains(c));
        let words = words.filter(|word| !word.is_empty()).map(|word| {
            let mut letters = word.chars();
            let joins = ["and", "of", "or", "the", "in"].contains(&word);
            letters.next().filter(|_| !joins).map_or_else(
                || word.to_owned(),
                |first| first.to_uppercase().chain(letters).collect(),
            )
        });
        words.collect::<Vec<String>>().join(" ")
    }
}
