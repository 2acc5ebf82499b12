//! Mechanism: policy.

mod params;

pub use params::PolicyParams as Params;
