//! One finished run on disk, until all are there and can be joined: one file with its tables, encoded, and its line of `runs.parquet`.
//!
//! The file appears whole or not at all and ends with the hash of its content, so that a run counts as done only if all of it is there.

use super::{plan::Planned, quantiles};
use crate::{
    analysis::metrics,
    record::{
        RunRecord,
        parquet::{self, ParquetFault},
        write,
    },
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
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
    /// Where each table begins in the file, and how long it is.
    tables: BTreeMap<String, (u64, u64)>,
}

impl Ended {
    fn failed(reason: &str) -> Self {
        Self {
            failure: Some(reason.to_owned()),
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

/// Files of a folder: file systems dislike folders of tens of thousands.
const IN_A_FOLDER: u32 = 1_000;

/// Where a run lies.
#[must_use]
pub fn path(parts: &Path, run: u32) -> PathBuf {
    parts
        .join(format!("{:04}", run / IN_A_FOLDER))
        .join(format!("{run:07}.part"))
}

/// Keeps a completed run, with the tables that are wanted.
///
/// # Errors
/// If the file system refuses.
pub fn write(
    parts: &Path,
    planned: &Planned,
    record: &RunRecord,
    wanted: impl Fn(&str) -> bool,
) -> Result<(), ParquetFault> {
    let bits = |(name, value): (&str, f64)| (name.to_owned(), value.to_bits());
    let mut ended = Ended {
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
        tables: BTreeMap::new(),
    };
    write::atomically(&path(parts, planned.run), |out| {
        let mut out = Counting {
            out,
            hasher: blake3::Hasher::new(),
            length: 0,
        };
        let kept = record.tables(wanted).into_iter().map(|mut table| {
            table.key_by_run(planned.run);
            (table.name().to_owned(), table)
        });
        let summed = quantiles::of_run(record).into_iter();
        for (name, table) in kept.chain(summed) {
            let start = out.length;
            parquet::write(&table, &mut out)?;
            ended.tables.insert(name, (start, out.length - start));
        }
        finish(&ended, out)
    })
}

/// Keeps why a run failed.
///
/// # Errors
/// If the file system refuses.
pub fn write_failure(parts: &Path, planned: &Planned, reason: &str) -> Result<(), ParquetFault> {
    write::atomically(&path(parts, planned.run), |out| {
        let out = Counting {
            out,
            hasher: blake3::Hasher::new(),
            length: 0,
        };
        finish(&Ended::failed(reason), out)
    })
}

/// Bytes behind the line of a run: its length, and the hash of everything before.
const TAIL: u64 = 8 + 32;

fn finish<W: Write>(ended: &Ended, mut out: Counting<W>) -> Result<(), ParquetFault> {
    let line = serde_json::to_vec(ended).map_err(io::Error::from)?;
    out.write_all(&line)?;
    out.write_all(&(line.len() as u64).to_le_bytes())?;
    let hash = out.hasher.finalize();
    out.out.write_all(hash.as_bytes())?;
    Ok(())
}

struct Counting<W> {
    out: W,
    hasher: blake3::Hasher,
    length: u64,
}

impl<W: Write> Write for Counting<W> {
    fn write(&mut self, content: &[u8]) -> io::Result<usize> {
        let written = self.out.write(content)?;
        self.hasher.update(&content[..written]);
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A run that is kept.
#[derive(Debug)]
pub struct Part {
    file: File,
    /// How it ended.
    pub ended: Ended,
}

/// Opens a run without reading its tables.
///
/// # Errors
/// If it is not there or not whole.
pub fn open(parts: &Path, run: u32) -> io::Result<Part> {
    let path = path(parts, run);
    let located =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let mut file = File::open(&path).map_err(located)?;
    let ended = line(&mut file).map_err(located)?;
    Ok(Part { file, ended })
}

fn line(file: &mut File) -> io::Result<Ended> {
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the run is cut short");
    let length = file.metadata()?.len();
    let tail = length.checked_sub(TAIL).ok_or_else(damaged)?;
    file.seek(SeekFrom::Start(tail))?;
    let mut bytes = [0; 8];
    file.read_exact(&mut bytes)?;
    let line = u64::from_le_bytes(bytes);
    let start = tail.checked_sub(line).ok_or_else(damaged)?;
    Ok(serde_json::from_slice(&slice(file, start, line)?)?)
}

fn slice(file: &mut File, start: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(start))?;
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Part {
    /// The file of one of its tables, if it is kept.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn table(&mut self, name: &str) -> io::Result<Option<Bytes>> {
        let Some(&(start, length)) = self.ended.tables.get(name) else {
            return Ok(None);
        };
        slice(&mut self.file, start, length).map(|bytes| Some(bytes.into()))
    }
}

/// How a run ended that an interrupted command has kept, if all of it is still there as it was written.
#[must_use]
pub fn intact(parts: &Path, run: u32) -> Option<Ended> {
    let content = fs::read(path(parts, run)).ok()?;
    let (before, hash) = content.split_at(content.len().checked_sub(32)?);
    if blake3::hash(before).as_bytes() != hash {
        return None;
    }
    open(parts, run).ok().map(|part| part.ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: Planned = Planned {
        run: 1_003,
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
        assert_eq!(intact(dir.path(), RUN.run), None);
        write(dir.path(), &RUN, &record, |table| table == "solver").unwrap();
        let ended = intact(dir.path(), RUN.run).unwrap();
        assert_eq!(ended.drawn().collect::<Vec<_>>(), [("a.b", 0.1 + 0.2)]);
        let mut part = open(dir.path(), RUN.run).unwrap();
        assert_eq!(part.ended, ended);
        assert!(part.table("market").unwrap().is_none());
        assert!(part.table("solver").unwrap().is_some());
        let path = path(dir.path(), RUN.run);
        let whole = fs::read(&path).unwrap();
        for cut in [0, 7, 39, 40, whole.len() / 2, whole.len() - 1] {
            fs::write(&path, &whole[..cut]).unwrap();
            assert_eq!(intact(dir.path(), RUN.run), None, "cut at {cut}");
        }
        let mut changed = whole.clone();
        changed[3] ^= 1;
        fs::write(&path, changed).unwrap();
        assert_eq!(intact(dir.path(), RUN.run), None);
    }
}
