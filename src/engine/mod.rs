//! What makes the model tick: phases, the simulation, random streams. It knows no mineral.

pub mod ledger;
pub mod phase;
pub mod rng;
pub mod simulation;
