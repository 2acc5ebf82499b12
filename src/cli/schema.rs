//! `schema`: the JSON Schema of the configuration, or the codebook of the tables.

use super::{
    Failure,
    args::{KindOfFile, Schema},
    labels, terminal,
};
use crate::{
    analysis::metrics::METRICS,
    config::{self, Kind},
    record::codebook::{self, Entry},
};

pub fn schema(args: &Schema) -> Result<(), Failure> {
    if !args.tables {
        let kind = match args.kind {
            KindOfFile::Scenario => Kind::Scenario,
            KindOfFile::Strategy => Kind::Strategy,
            KindOfFile::Experiment => Kind::Experiment,
        };
        return terminal::say_json(&config::schema(kind));
    }
    let metrics = METRICS.iter().map(|metric| Entry {
        table: "runs".to_owned(),
        column: metric.name.to_owned(),
        unit: metric.unit.to_owned(),
        meaning: metric.meaning.to_owned(),
    });
    let mut text = Vec::new();
    codebook::write(
        codebook::of_tables()
            .chain(labels::entries())
            .chain(metrics),
        &mut text,
    )
    .map_err(|error| Failure::Io(error.to_string()))?;
    terminal::say(&String::from_utf8_lossy(&text))
}
