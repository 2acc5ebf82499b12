//! Mechanism: capability.

mod params;

pub use params::CapabilityParams;
