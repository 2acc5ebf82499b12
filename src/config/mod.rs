//! The configuration layer: files are read, laid over one another, filled and checked.

pub mod firms;
pub mod instruments;
pub mod rows;
pub mod scenario;
pub mod strategy;
pub mod uncertainty;
pub mod words;
