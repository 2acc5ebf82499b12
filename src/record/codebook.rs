//! `codebook.csv`: unit and meaning of every column of every table.

use super::row::{Rows, TableSpec};
use std::io;

/// A column of a file that is not a table of a run, such as a metric in `runs.parquet`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Table.
    pub table: String,
    /// Column.
    pub column: String,
    /// Unit.
    pub unit: String,
    /// One sentence.
    pub meaning: String,
}

/// The columns of all tables of a run, in order, `run` included.
pub fn of_tables() -> impl Iterator<Item = Entry> {
    Rows::SPECS.iter().flat_map(of_table)
}

fn of_table(table: &TableSpec) -> impl Iterator<Item = Entry> + use<> {
    let (name, columns) = (table.name, table.columns);
    let entry = move |column: &str, unit: &str, meaning: &str| Entry {
        table: name.to_owned(),
        column: column.to_owned(),
        unit: unit.to_owned(),
        meaning: meaning.to_owned(),
    };
    let run = entry("run", "key", "Row of runs.parquet.");
    std::iter::once(run).chain(
        columns
            .iter()
            .map(move |column| entry(column.name, column.unit, column.meaning)),
    )
}

/// The codebook as CSV.
///
/// # Errors
/// If `out` refuses.
pub fn write(entries: impl IntoIterator<Item = Entry>, out: impl io::Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(["table", "column", "unit", "meaning"])?;
    for entry in entries {
        csv.write_record([&entry.table, &entry.column, &entry.unit, &entry.meaning])?;
    }
    csv.flush()
}
