//! The JSON Schema of configuration files, and what is declared about every struct in them.

use super::experiment::ExperimentWritten;
use super::read::Kind;
use super::scenario::Scenario;
use super::strategy::Strategy;
use crate::domain::fields::{Field, RecordInfo, WrittenOf};

/// The JSON Schema (draft 2020-12) of a kind of file, as JSON would say it.
#[must_use]
pub fn schema(kind: Kind) -> serde_json::Value {
    let schema = match kind {
        Kind::Scenario => schemars::schema_for!(WrittenOf<Scenario>),
        Kind::Strategy => schemars::schema_for!(WrittenOf<Strategy>),
        Kind::Experiment => schemars::schema_for!(ExperimentWritten),
    };
    schema.to_value()
}

/// Every struct that configuration can fill, with fields, units, ranges, defaults and sources.
#[must_use]
pub fn records() -> Vec<&'static RecordInfo> {
    let mut records = Vec::new();
    Scenario::describe(&mut records);
    records
}
