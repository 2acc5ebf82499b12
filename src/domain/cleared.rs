//! What clearing a quarter's market gives, and how hard it was.
//!
//! Quantities in t per quarter (stocks in t), prices in real 2024 USD per kg, log prices natural logarithms of them.

use super::{ids::VenueId, market::HOLDERS};

/// What clearing found: one price per venue and every flow that follows from them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cleared {
    /// By venue: log price.
    pub log_price: Vec<f64>,
    /// By venue: price, USD per kg.
    pub price: Vec<f64>,
    /// By quota: rent, USD per kg of REO; 0 where the quota is not in force.
    pub rent: Vec<f64>,
    /// By lane: flow, t per quarter.
    pub flow: Vec<f64>,
    /// By group: log profitability M over its modes.
    pub group_margin: Vec<f64>,
    /// By mode: log profitability r = ln(revenue / cost) at the group's cost.
    pub mode_margin: Vec<f64>,
    /// By mode: activity, t per quarter.
    pub activity: Vec<f64>,
    /// By term: share that is bought or sold; below 1 only for by-products, whose rest is disposed of.
    pub separated: Vec<f64>,
    /// By plant: activity as a share of capacity.
    pub utilisation: Vec<f64>,
    /// By use: t per quarter.
    pub used: Vec<f64>,
    /// By step: bought or sold, t per quarter.
    pub stepped: Vec<f64>,
    /// By venue and holder type: stock wanted at the cleared price, t.
    pub desired_stock: Vec<[f64; HOLDERS]>,
    /// By venue: supply less demand and desired stocks, t: what the solver left. Closing stock = desired stock + this.
    pub excess: Vec<f64>,
}

/// How hard a clearing was.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Diagnostics {
    /// Steps taken.
    pub iterations: u32,
    /// Times that the market's curves were evaluated.
    pub evaluations: u32,
    /// Times that the Jacobian was factorised.
    pub factorisations: u32,
    /// Largest excess relative to a venue's throughput and stock.
    pub residual: f64,
    /// Steps that needed a safeguard: shortened, undone or damped.
    pub fallbacks: u32,
    /// Restarts from beliefs.
    pub restarts: u32,
}

/// A quarter that did not clear: a failed run, never a silent quarter.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("the market did not clear: venue {} is off by {residual:e} of its throughput at a log price of {log_price} after {} steps", venue.0, diagnostics.iterations)]
pub struct NotCleared {
    /// The venue that is furthest off.
    pub venue: VenueId,
    /// By how much, relative to its throughput and stock.
    pub residual: f64,
    /// Its log price then.
    pub log_price: f64,
    /// How it was tried.
    pub diagnostics: Diagnostics,
}
