//! What a run leaves behind: typed rows while it runs, tables and a manifest on disk afterwards.

pub mod cell;
pub mod codebook;
pub mod label;
pub mod manifest;
pub mod names;
pub mod parquet;
pub mod recorder;
pub mod row;
pub mod table;
pub mod write;

use bevy_ecs::prelude::Resource;
use names::{Names, Texts};
use row::Rows;
use std::sync::Arc;

/// Everything that one run recorded. While the run lasts, a resource of its world.
#[derive(Resource, Debug, Clone, Default)]
pub struct RunRecord {
    /// What the dense ids stand for.
    pub names: Arc<Names>,
    /// The texts that rows point to.
    pub texts: Texts,
    /// The rows, table by table.
    pub rows: Rows,
    /// What was drawn for this run, by path in the configuration.
    pub drawn: Vec<(String, f64)>,
}

impl RunRecord {
    /// An empty record.
    #[must_use]
    pub fn new(names: Arc<Names>) -> Self {
        Self {
            names,
            ..Self::default()
        }
    }

    /// The tables that `wanted` asks for, as named columns.
    #[must_use]
    pub fn tables(&self, wanted: impl Fn(&str) -> bool) -> Vec<table::Table> {
        self.rows.tables(&self.names, &self.texts, wanted)
    }
}
