//! Mechanism: investment.

mod params;

pub use params::InvestmentParams as Params;
