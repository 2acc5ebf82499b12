//! One folder per mechanism. Each registers its systems with a `plugin` function and meets the others only through `domain` state.

pub mod capability;
pub mod demand;
pub mod expectation;
pub mod friendshoring;
pub mod investment;
pub mod leakage;
pub mod market;
pub mod planning;
pub mod policy;
pub mod provenance;
pub mod settlement;
pub mod shock;
pub mod stockpile;
pub mod substitution;
