//! Mechanism: planning.

mod params;

pub use params::PlanningParams;
