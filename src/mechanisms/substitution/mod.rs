//! Mechanism: substitution.

mod params;

pub use params::SubstitutionParams as Params;
