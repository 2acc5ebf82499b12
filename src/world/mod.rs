//! From configuration to a settled world.

pub mod assemble;
pub mod build;
pub mod crossing;
pub mod entrants;
pub mod facts;
pub mod flows;
pub mod gather;
mod lanes;
mod measures;
mod partners;
pub mod plants;
pub mod prices;
pub mod quantities;
mod reconcile;
pub mod settle;
mod sided;
pub mod sides;
mod spawn;

pub use build::{Base, Shared, build, invert, on_base, shared_of};
pub use facts::{Adjustment, BuildError};
