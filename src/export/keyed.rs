//! Every table with the keys of its run in each row: arm, point, replicate, seed and all that was varied or drawn.

use super::{ExportFault, open, unreadable};
use crate::{
    analysis::metrics,
    record::{
        parquet::{self, TableFile},
        table::{Column, Table, TableError},
        write,
    },
};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// Columns of `runs.parquet` that are neither key nor metric.
const STATUS: [&str; 2] = ["status", "reason"];

/// How tables are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Comma-separated values, UTF-8, a head, an empty cell where a number is not defined.
    Csv,
    /// Apache Parquet, a row group per run.
    Parquet,
}

impl Form {
    /// Ending of the files.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }
}

/// The keys of runs: columns of `runs.parquet` up to the first metric, without how the run ended.
pub struct Keys {
    columns: Table,
    row: BTreeMap<u32, usize>,
}

impl Keys {
    /// From the table of runs.
    ///
    /// # Errors
    /// If it has no column `run`.
    pub fn of(runs: &Table) -> Result<Self, TableError> {
        let row = runs.u32("run")?.iter().copied().zip(0..).collect();
        let mut columns = Table::new("keys");
        for (name, column) in runs.columns() {
            if metrics::find(name).is_none() && !STATUS.contains(&name) && name != "run" {
                columns.push(name, column.clone());
            }
        }
        Ok(Self { columns, row })
    }

    /// A table with `run` first, then the keys of its run, then the rest. A column of the table keeps its name; a key of the same name is
    /// left out.
    ///
    /// # Errors
    /// If the table has no column `run`, or a run that is not known.
    pub fn add(&self, table: &Table) -> Result<Table, TableError> {
        let run = table.u32("run")?;
        let missing = |run: &u32| TableError::NoColumn {
            table: "runs".to_owned(),
            column: format!("for run {run}"),
            has: format!("{} runs", self.row.len()),
        };
        let rows = run
            .iter()
            .map(|r| self.row.get(r).copied().ok_or_else(|| missing(r)));
        let rows: Vec<usize> = rows.collect::<Result<_, _>>()?;
        let mut keyed = Table::new(table.name());
        keyed.push("run", Column::U32(run.to_vec()));
        for (name, column) in self.columns.columns() {
            if table.get(name).is_some() {
                continue;
            }
            keyed.push(
                name,
                match column {
                    Column::F64(values) => Column::F64(rows.iter().map(|r| values[*r]).collect()),
                    Column::U32(values) => Column::U32(rows.iter().map(|r| values[*r]).collect()),
                    Column::Text(text) => Column::words(rows.iter().map(|r| text.get(*r))),
                },
            );
        }
        for (name, column) in table.columns().filter(|(name, _)| *name != "run") {
            keyed.push(name, column.clone());
        }
        Ok(keyed)
    }
}

/// Writes every table below `root` into a folder, run by run, and the table of runs as it is; gives the files.
///
/// # Errors
/// If a table cannot be read or a file cannot be written.
pub fn write(root: &Path, folder: &Path, form: Form) -> Result<Vec<PathBuf>, ExportFault> {
    let path = root.join("runs.parquet");
    let runs = open(&path)?
        .read(&[])
        .map_err(|fault| unreadable(&path, fault))?;
    let keys = Keys::of(&runs)?;
    let mut written = Vec::new();
    let target = folder.join(format!("runs.{}", form.ending()));
    write::atomically(&target, |out| match form {
        Form::Csv => {
            let mut csv = csv::Writer::from_writer(out);
            head(&mut csv, &runs)?;
            rows(&mut csv, &runs)
        }
        Form::Parquet => Ok(parquet::write(&runs, out)?),
    })?;
    written.push(target);
    for source in tables(root)? {
        let file = open(&source)?;
        let stem = source.file_stem().unwrap_or_default().to_string_lossy();
        let target = folder.join(format!("{stem}.{}", form.ending()));
        match form {
            Form::Csv => as_csv(&source, &file, &keys, &target)?,
            Form::Parquet => as_parquet(&source, &file, &keys, &target)?,
        }
        written.push(target);
    }
    Ok(written)
}

/// The table files of a result, in order of name.
fn tables(root: &Path) -> io::Result<Vec<PathBuf>> {
    let folder = root.join("tables");
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(&folder)? {
        paths.push(entry?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "parquet"));
    paths.sort();
    Ok(paths)
}

/// A row group with the keys of its run; a table without runs, such as `names`, as it is.
fn keyed(path: &Path, file: &TableFile, keys: &Keys, group: usize) -> Result<Table, ExportFault> {
    let table = file
        .read_group(group, &[])
        .map_err(|fault| unreadable(path, fault))?;
    if table.get("run").is_some() {
        Ok(keys.add(&table)?)
    } else {
        Ok(table)
    }
}

/// A table without rows that has the columns of the export.
fn empty(path: &Path, file: &TableFile, keys: &Keys) -> Result<Table, ExportFault> {
    if file.groups() > 0 {
        return Ok(keyed(path, file, keys, 0)?.filter(|_| false));
    }
    let table = file.read(&[]).map_err(|fault| unreadable(path, fault))?;
    if table.get("run").is_some() {
        Ok(keys.add(&table)?)
    } else {
        Ok(table)
    }
}

fn as_csv(path: &Path, file: &TableFile, keys: &Keys, to: &Path) -> Result<(), ExportFault> {
    write::atomically(to, |out| {
        let mut csv = csv::Writer::from_writer(out);
        head(&mut csv, &empty(path, file, keys)?)?;
        for group in 0..file.groups() {
            rows(&mut csv, &keyed(path, file, keys, group)?)?;
        }
        Ok(())
    })
}

fn as_parquet(path: &Path, file: &TableFile, keys: &Keys, to: &Path) -> Result<(), ExportFault> {
    // Each run's part is written by itself and the parts are joined undecoded, so that memory does not grow with the runs.
    let parts = tempfile::tempdir()?;
    let mut files = Vec::new();
    for group in 0..file.groups() {
        let part = parts.path().join(format!("{group}.parquet"));
        let table = keyed(path, file, keys, group)?;
        parquet::write(&table, fs::File::create(&part)?)?;
        files.push(part);
    }
    let like = empty(path, file, keys)?;
    let bytes = files.iter().map(|file| Ok(fs::read(file).map(Into::into)?));
    write::atomically(to, |out| Ok(parquet::join(&like, bytes, out)?))
}

fn head<W: io::Write>(csv: &mut csv::Writer<W>, table: &Table) -> Result<(), ExportFault> {
    csv.write_record(table.columns().map(|(name, _)| name))?;
    Ok(())
}

fn rows<W: io::Write>(csv: &mut csv::Writer<W>, table: &Table) -> Result<(), ExportFault> {
    for row in 0..table.len() {
        csv.write_record(table.columns().map(|(_, column)| column.cell(row)))?;
    }
    csv.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_carries_the_keys_of_its_run() {
        let mut runs = Table::new("runs");
        runs.push("run", Column::U32(vec![0, 7]));
        runs.push("arm", Column::words(["a", "b"]));
        runs.push("seed", Column::U32(vec![1, 2]));
        runs.push("status", Column::words(["done", "done"]));
        runs.push("demand.elasticity", Column::F64(vec![0.3, 0.4]));
        runs.push("public_cost_usd", Column::F64(vec![1.0, 2.0]));
        let keys = Keys::of(&runs).unwrap();
        let mut table = Table::new("state");
        table.push("run", Column::U32(vec![7, 7, 0]));
        table.push("public_cost_usd", Column::F64(vec![5.0, 6.0, 7.0]));
        let keyed = keys.add(&table).unwrap();
        let names: Vec<&str> = keyed.columns().map(|(name, _)| name).collect();
        let wanted = ["run", "arm", "seed", "demand.elasticity", "public_cost_usd"];
        assert_eq!(names, wanted);
        let arm: Vec<&str> = keyed.text("arm").unwrap().iter().collect();
        assert_eq!(arm, ["b", "b", "a"]);
        assert_eq!(keyed.u32("seed").unwrap(), [2, 2, 1]);
        assert_eq!(keyed.f64("demand.elasticity").unwrap(), [0.4, 0.4, 0.3]);
        let mut stranger = Table::new("state");
        stranger.push("run", Column::U32(vec![3]));
        assert!(keys.add(&stranger).is_err());
    }
}
