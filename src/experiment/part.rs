//! One finished run on disk, until all are there and can be joined: its tables, encoded, and its line of `runs.parquet`.

use super::plan::Planned;
use crate::{
    analysis::metrics,
    record::{
        RunRecord,
        parquet::{self, ParquetFault},
        table::Table,
        write,
    },
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

/// How a run ended, and its numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// Why it failed; absent if it was completed.
    pub failure: Option<String>,
    /// What was drawn for it, by path, as bits.
    drawn: Vec<(String, u64)>,
    /// Its metrics, as bits: numbers in text might come back changed.
    metrics: Vec<(String, u64)>,
    /// Hash of the encoded rows of each table.
    tables: BTreeMap<String, String>,
}

impl Ended {
    /// A run that failed.
    #[must_use]
    pub fn failed(reason: String) -> Self {
        Self {
            failure: Some(reason),
            drawn: Vec::new(),
            metrics: Vec::new(),
            tables: BTreeMap::new(),
        }
    }

    /// What was drawn, by path.
    pub fn drawn(&self) -> impl Iterator<Item = (&str, f64)> {
        numbers(&self.drawn)
    }

    /// The metrics, by name.
    pub fn metrics(&self) -> impl Iterator<Item = (&str, f64)> {
        numbers(&self.metrics)
    }
}

fn numbers(bits: &[(String, u64)]) -> impl Iterator<Item = (&str, f64)> {
    bits.iter()
        .map(|(name, bits)| (name.as_str(), f64::from_bits(*bits)))
}

/// Where a run's part of a table lies.
#[must_use]
pub fn table_path(parts: &Path, run: u32, table: &str) -> PathBuf {
    parts
        .join(format!("{run:06}"))
        .join(format!("{table}.parquet"))
}

fn line_path(parts: &Path, run: u32) -> PathBuf {
    parts.join(format!("{run:06}")).join("run.json")
}

/// Writes a completed run. The line of the run comes last: only with it does the run count as done.
///
/// # Errors
/// If the file system refuses.
pub fn write(
    parts: &Path,
    planned: &Planned,
    record: &RunRecord,
    wanted: impl Fn(&str) -> bool,
) -> Result<Ended, ParquetFault> {
    fs::create_dir_all(parts.join(format!("{:06}", planned.run)))?;
    let mut tables = BTreeMap::new();
    for mut table in record.tables(wanted) {
        table.key_by_run(planned.run);
        tables.insert(
            table.name().to_owned(),
            write_table(&table_path(parts, planned.run, table.name()), &table)?,
        );
    }
    let bits = |(name, value): (&str, f64)| (name.to_owned(), value.to_bits());
    let ended = Ended {
        failure: None,
        drawn: record
            .drawn
            .iter()
            .map(|(path, value)| bits((path, *value)))
            .collect(),
        metrics: metrics::measure(record)
            .iter()
            .map(|value| bits((&value.name, value.value)))
            .collect(),
        tables,
    };
    write::bytes(
        &line_path(parts, planned.run),
        &serde_json::to_vec(&ended).map_err(io::Error::from)?,
    )?;
    Ok(ended)
}

/// Writes one table and tells its hash, without reading it back.
fn write_table(path: &Path, table: &Table) -> Result<String, ParquetFault> {
    let mut out = Hashing {
        out: BufWriter::new(File::create(path)?),
        hasher: blake3::Hasher::new(),
    };
    parquet::write(table, &mut out)?;
    out.flush()?;
    Ok(out.hasher.finalize().to_hex().to_string())
}

struct Hashing<W> {
    out: W,
    hasher: blake3::Hasher,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, content: &[u8]) -> io::Result<usize> {
        let written = self.out.write(content)?;
        self.hasher.update(&content[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A run that an interrupted command has completed, if all of it is still there. Failed runs are tried again.
#[must_use]
pub fn read(parts: &Path, planned: &Planned) -> Option<Ended> {
    let ended: Ended =
        serde_json::from_slice(&fs::read(line_path(parts, planned.run)).ok()?).ok()?;
    let intact = |(table, hash): (&String, &String)| {
        write::hash_file(&table_path(parts, planned.run, table)).is_ok_and(|found| found == *hash)
    };
    ended.tables.iter().all(intact).then_some(ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: Planned = Planned {
        run: 3,
        arm: 0,
        point: 0,
        replicate: 3,
        seed: 4,
    };

    #[test]
    fn a_run_comes_back_exactly_and_a_damaged_one_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let record = RunRecord {
            drawn: vec![("a.b".to_owned(), 0.1 + 0.2)],
            ..RunRecord::default()
        };
        assert_eq!(read(dir.path(), &RUN), None);
        let written = write(dir.path(), &RUN, &record, |table| table == "solver").unwrap();
        assert_eq!(written.drawn().collect::<Vec<_>>(), [("a.b", 0.1 + 0.2)]);
        assert_eq!(read(dir.path(), &RUN).as_ref(), Some(&written));
        fs::write(table_path(dir.path(), 3, "solver"), "half").unwrap();
        assert_eq!(read(dir.path(), &RUN), None);
    }
}
