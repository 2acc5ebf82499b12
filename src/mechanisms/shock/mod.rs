//! Mechanism: shock.

mod params;

pub use params::ShockParams as Params;
