//! The metrics of a run, declared once with name, unit, meaning and better direction.
//!
//! Tables, comparison, figures, report and export all take them from [`METRICS`]. A metric of a place or commodity has
//! one value per place, named in brackets: `price_peak_ratio[dy_oxide@EU]`.

mod definitions;
mod reading;

pub use definitions::{METRICS, SHORTAGE_THRESHOLD};
pub use reading::Reading;

use crate::record::RunRecord;

/// In which direction a metric improves, seen from the states that buy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// Less is better.
    Lower,
    /// More is better.
    Higher,
    /// Neither: it depends on who asks.
    Neither,
}

/// A metric: what it is called, what it means, and how it is computed.
pub struct Metric {
    /// Name without brackets.
    pub name: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// One sentence.
    pub meaning: &'static str,
    /// Direction of better.
    pub better: Better,
    /// Computes it.
    compute: Compute,
}

/// How a metric is computed: for the world, or for each place of some kind.
enum Compute {
    /// One value.
    World(fn(&Reading) -> f64),
    /// One value per state.
    States(fn(&Reading, usize) -> f64),
    /// The whole, and one value per state.
    WorldAndStates(fn(&Reading, Option<usize>) -> f64),
    /// One value per priced commodity and reported state.
    Venues(fn(&Reading, usize, usize) -> f64),
    /// One value of one state, if the world has it.
    Of(&'static str, fn(&Reading, usize) -> f64),
}

/// A value of a metric in one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// Name, with brackets if it has a place.
    pub name: String,
    /// The number; NaN if it is not defined in this world.
    pub value: f64,
}

pub use crate::config::experiment::metrics::PRICE_PLACES;

/// All metrics of a run, in the order of [`METRICS`], places in id order. The names depend on the configuration alone.
#[must_use]
pub fn measure(record: &RunRecord) -> Vec<Value> {
    let reading = Reading::of(record);
    let names = &*record.names;
    let mut values = Vec::new();
    for metric in METRICS {
        let mut put = |place: Option<String>, value: f64| {
            let name = place.map_or_else(
                || metric.name.to_owned(),
                |place| format!("{}[{place}]", metric.name),
            );
            // one zero and one NaN, whatever their signs: sums of nothing are -0.0
            let value = if value.is_nan() {
                f64::NAN
            } else {
                value + 0.0
            };
            values.push(Value { name, value });
        };
        match metric.compute {
            Compute::World(of) => put(None, of(&reading)),
            Compute::Of(state, of) => put(
                None,
                names
                    .state(state)
                    .map_or(f64::NAN, |state| of(&reading, state)),
            ),
            Compute::States(of) => {
                for (state, code) in names.states.iter().enumerate() {
                    put(Some(code.clone()), of(&reading, state));
                }
            }
            Compute::WorldAndStates(of) => {
                put(None, of(&reading, None));
                for (state, code) in names.states.iter().enumerate() {
                    put(Some(code.clone()), of(&reading, Some(state)));
                }
            }
            Compute::Venues(of) => {
                for commodity in reading.priced() {
                    for state in PRICE_PLACES.iter().filter_map(|code| names.state(code)) {
                        let place =
                            format!("{}@{}", names.commodities[commodity], names.states[state]);
                        put(Some(place), of(&reading, commodity, state));
                    }
                }
            }
        }
    }
    values
}

/// The metric of a name with or without brackets.
#[must_use]
pub fn find(name: &str) -> Option<&'static Metric> {
    let base = name.split_once('[').map_or(name, |(base, _)| base);
    METRICS.iter().find(|metric| metric.name == base)
}

#[cfg(test)]
mod tests;
