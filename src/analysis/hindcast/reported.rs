//! What was reported, and what turns nominal prices into those of the model.

use crate::domain::{maths::ln, time::Quarter};
use std::collections::BTreeMap;

/// Whether fitting may read a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Set {
    /// May be fitted.
    #[default]
    Train,
    /// Never fitted.
    Test,
}

impl Set {
    /// As written in the table.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Test => "test",
        }
    }
}

/// A reported figure.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reported {
    /// Series.
    pub series: String,
    /// Year, or quarter.
    pub date: String,
    /// State, `world`, or the plant of an opening or closure.
    pub region: String,
    /// Good; empty: all.
    pub commodity: String,
    /// The figure.
    pub value: f64,
    /// Its unit.
    pub unit: String,
    /// Its terms.
    pub basis: String,
    /// Training or test.
    pub set: Set,
    /// Where it comes from.
    pub source: String,
    /// How sure it is.
    pub confidence: String,
}

impl Reported {
    /// Quarters that the date covers: those of a year, or one.
    #[must_use]
    pub fn quarters(&self) -> Vec<Quarter> {
        if let Ok(quarter) = self.date.parse() {
            return vec![quarter];
        }
        (1..=4)
            .filter_map(|q| format!("{}Q{q}", self.date).parse().ok())
            .collect()
    }

    /// Whether the figure is a date, in years: other figures are held against each other in logs.
    #[must_use]
    pub fn is_date(&self) -> bool {
        matches!(self.series.as_str(), "opening" | "closure" | "reopening")
    }

    /// A figure on the scale on which errors are measured.
    #[must_use]
    pub fn scale(&self, figure: f64) -> f64 {
        if self.is_date() {
            figure
        } else {
            ln(figure.max(1e-9))
        }
    }

    /// Year of the date.
    #[must_use]
    pub fn year(&self) -> i32 {
        self.date.get(..4).and_then(|y| y.parse().ok()).unwrap_or(0)
    }
}

/// Why a table of reported figures cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReportedFault {
    /// The text is no CSV.
    #[error("{0}")]
    Csv(#[from] csv::Error),
    /// A column is missing.
    #[error("there is no column `{0}`")]
    NoColumn(&'static str),
    /// A cell does not fit.
    #[error("line {line}: `{cell}` in column {column} is no {wanted}")]
    Cell {
        /// Line.
        line: u64,
        /// Column.
        column: &'static str,
        /// What stands there.
        cell: String,
        /// What should.
        wanted: &'static str,
    },
}

/// A CSV text as records with their columns.
struct Rows {
    columns: BTreeMap<String, usize>,
    records: Vec<csv::StringRecord>,
}

impl Rows {
    fn read(text: &str) -> Result<Self, ReportedFault> {
        let mut reader = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .from_reader(text.as_bytes());
        let columns = reader
            .headers()?
            .iter()
            .enumerate()
            .map(|(i, name)| (name.to_owned(), i))
            .collect();
        let records = reader.records().collect::<Result<Vec<_>, _>>()?;
        Ok(Self { columns, records })
    }

    fn cell<'a>(
        &self,
        record: &'a csv::StringRecord,
        column: &'static str,
    ) -> Result<&'a str, ReportedFault> {
        let at = self
            .columns
            .get(column)
            .ok_or(ReportedFault::NoColumn(column))?;
        Ok(record.get(*at).unwrap_or_default())
    }

    fn number(
        &self,
        record: &csv::StringRecord,
        column: &'static str,
    ) -> Result<f64, ReportedFault> {
        let cell = self.cell(record, column)?;
        cell.parse()
            .ok()
            .filter(|x: &f64| x.is_finite())
            .ok_or_else(|| bad(record, column, cell, "number"))
    }
}

fn bad(
    record: &csv::StringRecord,
    column: &'static str,
    cell: &str,
    wanted: &'static str,
) -> ReportedFault {
    ReportedFault::Cell {
        line: record.position().map_or(0, csv::Position::line),
        column,
        cell: cell.to_owned(),
        wanted,
    }
}

/// Reads the table of reported figures.
///
/// # Errors
/// If a column is missing or a cell does not fit: the line and the column.
pub fn reported(text: &str) -> Result<Vec<Reported>, ReportedFault> {
    let rows = Rows::read(text)?;
    rows.records
        .iter()
        .map(|record| {
            let word = |column| rows.cell(record, column).map(str::to_owned);
            let set = match rows.cell(record, "set")? {
                "train" => Set::Train,
                "test" => Set::Test,
                other => return Err(bad(record, "set", other, "set: train or test")),
            };
            let one = Reported {
                series: word("series")?,
                date: word("date")?,
                region: word("region")?,
                commodity: word("commodity")?,
                value: rows.number(record, "reported")?,
                unit: word("unit")?,
                basis: word("basis")?,
                set,
                source: word("source")?,
                confidence: word("confidence")?,
            };
            if one.quarters().is_empty() || one.year() == 0 {
                return Err(bad(record, "date", &one.date, "year or quarter"));
            }
            Ok(one)
        })
        .collect()
}

/// Deflator (2024 = 1) and value-added tax by year.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Deflators(pub BTreeMap<i32, (f64, f64)>);

impl Deflators {
    /// Nominal USD per USD of 2024 in a year.
    #[must_use]
    pub fn nominal(&self, year: i32) -> f64 {
        self.0.get(&year).map_or(1.0, |d| d.0)
    }

    /// 1 + value-added tax in China in a year.
    #[must_use]
    pub fn with_vat(&self, year: i32) -> f64 {
        self.0.get(&year).map_or(1.0, |d| 1.0 + d.1)
    }
}

/// Reads the table of deflators.
///
/// # Errors
/// As [`reported`].
pub fn deflators(text: &str) -> Result<Deflators, ReportedFault> {
    let rows = Rows::read(text)?;
    let mut all = BTreeMap::new();
    for record in &rows.records {
        let cell = rows.cell(record, "year")?;
        let year = cell
            .parse()
            .map_err(|_| bad(record, "year", cell, "year"))?;
        let pair = (
            rows.number(record, "deflator")?,
            rows.number(record, "vat")?,
        );
        all.insert(year, pair);
    }
    Ok(Deflators(all))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "series,date,region,commodity,reported,unit,basis,set,source,confidence\n";

    #[test]
    fn rows_are_read_and_wrong_ones_named() {
        let good = format!(
            "# note\n{HEAD}price_fob,2011,outside,la_oxide,104.1,USD/kg,nominal,train,Lynas,high\n"
        );
        let rows = reported(&good).unwrap();
        assert_eq!((rows[0].value, rows[0].set), (104.1, Set::Train));
        assert_eq!(rows[0].quarters().len(), 4);
        let wrong = format!("{HEAD}x,2011,,,1,t,,maybe,s,low\n");
        let message = reported(&wrong).unwrap_err().to_string();
        assert!(
            message.contains("line 2") && message.contains("set"),
            "{message}"
        );
    }

    #[test]
    fn prices_of_2024_are_nominal() {
        let d = deflators("year,deflator,vat\n2010,0.7157,0.17\n2024,1,0.13\n").unwrap();
        assert_eq!(d.nominal(2024), 1.0);
        assert_eq!(d.with_vat(2010), 1.17);
    }
}
