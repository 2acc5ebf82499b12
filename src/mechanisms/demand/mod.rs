//! Mechanism: demand.

mod params;

pub use params::DemandParams as Params;
