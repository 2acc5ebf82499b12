//! Mechanism: stockpile.

mod params;

pub use params::StockpileParams;
