//! Mechanism: settlement.

mod params;

pub use params::SettlementParams as Params;
