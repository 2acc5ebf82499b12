//! What is known of the start year, as arrays: the material from which the settled start is inverted.
//! Quantities are t per quarter; matrices are row-major, `states x commodities` or `states x states` (exporter first).

use crate::domain::{
    graph::Form,
    ids::{CommodityId, ProcessId, SectorId, StateId},
};
use std::collections::BTreeMap;

/// One end use as observed.
#[derive(Debug, Clone, PartialEq)]
pub struct FinalUse {
    /// State where it is used or built in.
    pub state: StateId,
    /// Sector.
    pub sector: SectorId,
    /// Commodity.
    pub commodity: CommodityId,
    /// t per quarter.
    pub tonnes: f64,
    /// Half-width of its range relative to its value: what reconciliation may move.
    pub spread: f64,
}

/// A plant as known at the start.
#[derive(Debug, Clone, PartialEq)]
pub struct PlantFact {
    /// `firm.plant`: its stable name.
    pub name: String,
    /// Firm.
    pub firm: String,
    /// State of the controlling owner.
    pub owner: StateId,
    /// Nameplate, t of activity per quarter, at the start (0 if not yet built).
    pub nameplate: f64,
    /// Cost disadvantage against its group, in units of the group's spread; drawn.
    pub disadvantage: f64,
    /// Whether it is a real plant; the rest are generated to fill up a country's total.
    pub named: bool,
}

/// Plants of one process in one state.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupFact {
    /// Process.
    pub process: ProcessId,
    /// Host.
    pub host: StateId,
    /// Its plants, sorted by name.
    pub plants: Vec<PlantFact>,
    /// Conversion cost without feed: central value, low, high, USD per kg of activity.
    pub opex: [f64; 3],
    /// Ceiling on output by a production quota in force at the start, t of activity per quarter.
    pub ceiling: Option<f64>,
    /// Capital cost of new capacity, USD per annual tonne.
    pub capex_usd_per_t_a: f64,
}

/// A stock of the start that its owner runs down at an even pace.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StockDraw {
    /// Where it lies.
    pub state: StateId,
    /// What it is.
    pub commodity: CommodityId,
    /// t per quarter.
    pub tonnes: f64,
    /// For so many quarters.
    pub quarters: f64,
}

/// Observed shares of a stage by state.
pub type Shares = BTreeMap<String, Vec<f64>>;

/// Everything the inversion starts from.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Number of states.
    pub states: usize,
    /// Number of commodities.
    pub commodities: usize,
    /// State whose domestic prices are known.
    pub anchor: StateId,
    /// Known prices in the anchor state, USD per kg without value-added tax.
    pub price: Vec<Option<f64>>,
    /// Mine output, states x commodities.
    pub mined: Vec<f64>,
    /// End uses.
    pub uses: Vec<FinalUse>,
    /// Shares of states in the output of a stage, each summing to one.
    pub shares: Shares,
    /// Trade on record by form, states x states, t per year.
    pub trade: BTreeMap<Form, Vec<f64>>,
    /// Growth of each commodity per quarter on the path that the start lies on.
    pub growth: Vec<f64>,
    /// Stocks drawn down over the first quarters.
    pub stock_draw: Vec<StockDraw>,
    /// Cost of disposing of what is not separated, USD per kg REO.
    pub disposal: f64,
    /// Scrap collected from end-of-life products, t REO per quarter by state.
    pub collected: Vec<f64>,
    /// Share of each element in scrap that recyclers recover as the oxide.
    pub recovery: BTreeMap<CommodityId, f64>,
    /// Plant groups, sorted by (process, host).
    pub groups: Vec<GroupFact>,
}

/// A number that the builder moved so that the books close, and its range.
#[derive(Debug, Clone, PartialEq)]
pub struct Adjustment {
    /// What was moved.
    pub what: String,
    /// Value in the tables.
    pub before: f64,
    /// Value used.
    pub after: f64,
    /// Lowest plausible value.
    pub low: f64,
    /// Highest plausible value.
    pub high: f64,
    /// Unit.
    pub unit: &'static str,
    /// Why.
    pub reason: &'static str,
}

/// Why no world can be settled from the tables.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BuildError {
    /// Supply and use of an element differ by more than the ranges allow.
    #[error(
        "{element}: supply of {supply:.0} t a year and use of {demand:.0} t differ by {gap_pct:.1}% after every range was used (2% is the most that is booked as a stock change)"
    )]
    DoesNotClose {
        /// Element or commodity.
        element: String,
        /// Supply, t per year.
        supply: f64,
        /// Use, t per year.
        demand: f64,
        /// Gap in % of supply.
        gap_pct: f64,
    },
    /// Something is used or made where nothing can supply or take it.
    #[error("{commodity} is {what} in {state}, but {reason}")]
    NoCounterpart {
        /// Commodity.
        commodity: String,
        /// `used`, `made`, `mined`.
        what: &'static str,
        /// State.
        state: String,
        /// What is missing.
        reason: String,
    },
    /// A table lacks a row that the builder needs.
    #[error("{table} has no row for {key}; {hint}")]
    MissingRow {
        /// Table.
        table: &'static str,
        /// Key looked for.
        key: String,
        /// What would be right.
        hint: String,
    },
    /// An inverted cost is not positive.
    #[error(
        "{process} in {state}: the observed prices leave {opex:.2} USD per kg for conversion, which cannot be; check prices, recipe and spread"
    )]
    NegativeOpex {
        /// Process.
        process: String,
        /// State.
        state: String,
        /// The inverted cost.
        opex: f64,
    },
}
