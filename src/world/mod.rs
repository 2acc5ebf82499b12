//! From configuration to a settled world.

pub mod assemble;
pub mod facts;
pub mod flows;
pub mod gather;
pub mod plants;
pub mod prices;
pub mod quantities;
pub mod settle;
