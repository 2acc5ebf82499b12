//! Mechanism: expectation.

mod params;

pub use params::ExpectationParams as Params;
