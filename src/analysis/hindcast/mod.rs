//! A run of the past held against what was reported of it.
//!
//! Every reported figure has a series, a date (a year or a quarter), a place and a good; [`simulated`] reads the same figure from the tables
//! of a result, run by run, on the basis on which it was reported. [`score`] says how near they came, and whether naive forecasts came nearer.

mod reported;
mod score;
mod series;

pub use reported::{Deflators, Reported, ReportedFault, Set, deflators, reported};
pub use score::{Score, naive, scores};
pub use series::{SIMULATED, simulated};

use super::interval::quantile;
use crate::record::table::{Column, Table};

/// A reported figure and the runs' answers to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// What was reported.
    pub reported: Reported,
    /// What each run has for it; runs that have nothing (a plant that never opened) are left out.
    pub runs: Vec<f64>,
}

impl Held {
    /// Quantile over runs; NaN if no run has a figure.
    #[must_use]
    pub fn quantile(&self, q: f64) -> f64 {
        let mut sorted = self.runs.clone();
        sorted.sort_by(f64::total_cmp);
        quantile(&sorted, q)
    }

    /// Error of the runs' median: in logs, or in years for dates; NaN if no run has a figure.
    #[must_use]
    pub fn error(&self) -> f64 {
        let median = self.quantile(0.5);
        if median.is_nan() {
            return f64::NAN;
        }
        self.reported.scale(median) - self.reported.scale(self.reported.value)
    }
}

/// The table `history`.
#[must_use]
pub fn history(held: &[Held]) -> Table {
    let mut table = Table::new("history");
    let words = |of: &dyn Fn(&Held) -> String| {
        let words: Vec<String> = held.iter().map(of).collect();
        Column::words(words.iter().map(String::as_str))
    };
    let numbers = |of: &dyn Fn(&Held) -> f64| Column::F64(held.iter().map(of).collect());
    table.push("series", words(&|h| h.reported.series.clone()));
    table.push("date", words(&|h| h.reported.date.clone()));
    table.push("region", words(&|h| h.reported.region.clone()));
    table.push("commodity", words(&|h| h.reported.commodity.clone()));
    table.push("reported", numbers(&|h| h.reported.value));
    table.push("simulated_q05", numbers(&|h| h.quantile(0.05)));
    table.push("simulated_q50", numbers(&|h| h.quantile(0.5)));
    table.push("simulated_q95", numbers(&|h| h.quantile(0.95)));
    table.push("runs", numbers(&|h| h.runs.len() as f64));
    table.push("unit", words(&|h| h.reported.unit.clone()));
    table.push("basis", words(&|h| h.reported.basis.clone()));
    table.push("set", words(&|h| h.reported.set.word().to_owned()));
    table.push("source", words(&|h| h.reported.source.clone()));
    table.push("confidence", words(&|h| h.reported.confidence.clone()));
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_runs() {
        let held = Held {
            reported: Reported::default(),
            runs: vec![3.0, 1.0, 2.0],
        };
        assert_eq!(held.quantile(0.5), 2.0);
        assert_eq!(held.quantile(0.25), 1.5);
        assert!(
            Held {
                runs: vec![],
                ..held
            }
            .quantile(0.5)
            .is_nan()
        );
    }
}
