//! monazite: an agent-based geopolitical market model of rare earths.

pub mod domain;
pub mod engine;
pub mod mechanisms;

pub mod config;

pub mod record;
pub mod world;

pub mod analysis;

pub mod experiment;

pub mod figures;

pub mod cli;
