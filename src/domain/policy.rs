//! Instruments of policy, dated measures and strategies: the records that a state's policy book holds.
//!
//! `of` lists commodities; a bare form (`oxide`, `metal`, `magnet`, `concentrate`) stands for all commodities of that form and
//! `all` for every one. `to` and `from` list states; empty means all others.

use super::fields::fields;
use super::time::Quarter;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One kind of intervention with its terms. Every instrument works for every state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum Instrument {
    /// Total tonnage that may leave the state in a year, t REO-equivalent; one rent per kg across all covered goods.
    ExportQuota {
        /// Commodities or forms covered.
        of: Vec<String>,
        /// Tonnes per year over all destinations.
        tonnes_per_year: f64,
        /// `true`: each commodity has this quota of its own; `false`: one quota over their sum.
        #[serde(default)]
        per_commodity: bool,
    },
    /// Tax on exports, share of the domestic price.
    ExportTax {
        /// Commodities or forms covered.
        of: Vec<String>,
        /// Share of the domestic price, 0 to 2.
        rate: f64,
        /// Destinations; empty: all.
        #[serde(default)]
        to: Vec<String>,
    },
    /// Share of value-added tax paid back on export (1: none remains on the exported good).
    VatRebate {
        /// Commodities or forms covered.
        of: Vec<String>,
        /// Share rebated, 0 to 1.
        rate: f64,
    },
    /// Export licence: only a share of the usual flow is licensed.
    ExportLicence {
        /// Commodities or forms covered.
        of: Vec<String>,
        /// Destinations; empty: all.
        #[serde(default)]
        to: Vec<String>,
        /// Share of last year's usual flow that is licensed, 0 to 2.
        share: f64,
        /// Quarters until the first licences are granted; until then nothing leaves.
        #[serde(default)]
        delay: u32,
    },
    /// No exports to the destinations at all.
    Embargo {
        /// Commodities or forms covered.
        of: Vec<String>,
        /// Destinations; empty: all.
        #[serde(default)]
        to: Vec<String>,
    },
    /// Duty on imports, share of the delivered price, on top of the standing rates.
    Tariff {
        /// Commodities or forms covered.
        of: Vec<String>,
        /// Origins; empty: all.
        #[serde(default)]
        from: Vec<String>,
        /// Share of the delivered price, 0 to 5.
        rate: f64,
    },
    /// Ceiling on the yearly output of the covered commodities in the state.
    ProductionQuota {
        /// Commodities covered, usually concentrates.
        of: Vec<String>,
        /// Tonnes per year in the first year; absent: the output of the year before the start.
        #[serde(default)]
        tonnes_per_year: Option<f64>,
        /// Growth of the ceiling per year, share.
        #[serde(default)]
        growth: f64,
    },
    /// Public share of the capital cost of projects hosted by the state.
    CapexGrant {
        /// Stages supported: `mine`, `separation`, `metal`, `magnet`, `recycling`.
        stages: Vec<String>,
        /// Share of capital cost paid, 0 to 1.
        share: f64,
        /// Budget over the life of the measure, USD.
        budget_usd: f64,
    },
    /// Contract for difference: the state pays the gap to the floor on a capped volume of domestic output.
    PriceFloor {
        /// Commodity covered.
        of: Vec<String>,
        /// Floor in USD per kg.
        usd_per_kg: f64,
        /// Volume covered, t per year.
        tonnes_per_year: f64,
    },
    /// State stockpile: a target in days of domestic use, filled at a pace, released above a trigger price.
    Stockpile {
        /// Commodities covered.
        of: Vec<String>,
        /// Target cover, days of use.
        cover_days: f64,
        /// Quarters over which the target is filled.
        fill_quarters: u32,
        /// Price, as a multiple of the slow average, above which stocks are released.
        release_above: f64,
    },
}

impl Instrument {
    /// Name of an instrument in tables.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ExportQuota { .. } => "ExportQuota",
            Self::ExportTax { .. } => "ExportTax",
            Self::VatRebate { .. } => "VatRebate",
            Self::ExportLicence { .. } => "ExportLicence",
            Self::Embargo { .. } => "Embargo",
            Self::Tariff { .. } => "Tariff",
            Self::ProductionQuota { .. } => "ProductionQuota",
            Self::CapexGrant { .. } => "CapexGrant",
            Self::PriceFloor { .. } => "PriceFloor",
            Self::Stockpile { .. } => "Stockpile",
        }
    }

    /// Goods and states that an instrument covers, in words for tables.
    #[must_use]
    pub fn scope(&self) -> String {
        let words = |goods: &[String], preposition: &str, states: &[String]| {
            if states.is_empty() {
                goods.join(" ")
            } else {
                format!("{} {preposition} {}", goods.join(" "), states.join(" "))
            }
        };
        match self {
            Self::ExportTax { of, to, .. }
            | Self::ExportLicence { of, to, .. }
            | Self::Embargo { of, to } => words(of, "to", to),
            Self::Tariff { of, from, .. } => words(of, "from", from),
            Self::CapexGrant { stages, .. } => stages.join(" "),
            Self::ExportQuota { of, .. }
            | Self::VatRebate { of, .. }
            | Self::ProductionQuota { of, .. }
            | Self::PriceFloor { of, .. }
            | Self::Stockpile { of, .. } => words(of, "", &[]),
        }
    }
}

fields! {
    /// A dated instrument: markets react to the announcement, goods and money to the dates in force.
    pub struct Measure {
        /// Quarter in which it becomes known; absent: the quarter it takes effect.
        announced: Option<Quarter>;
        /// First quarter in force.
        from: Quarter;
        /// Last quarter in force; absent: without end.
        until: Option<Quarter>;
        /// What is done.
        instrument: Instrument;
    }
}

/// A dated disturbance that no state in the model chose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum ShockKind {
    /// A share of a state's mines stops.
    MineClosure {
        /// Host state.
        state: String,
        /// Share of capacity lost, 0 to 1.
        share: f64,
        /// Ores concerned; empty: all.
        #[serde(default)]
        of: Vec<String>,
    },
    /// A share of one plant's capacity stops.
    PlantOutage {
        /// Plant.
        plant: String,
        /// Share of capacity lost, 0 to 1.
        share: f64,
    },
    /// Demand of a sector is multiplied.
    DemandSurge {
        /// Sector.
        sector: String,
        /// Factor on the driver, 0 to 20.
        factor: f64,
    },
    /// Freight between two states is multiplied.
    FreightShock {
        /// Exporter; empty: all.
        #[serde(default)]
        from: Vec<String>,
        /// Importer; empty: all.
        #[serde(default)]
        to: Vec<String>,
        /// Factor on freight, 0 to 50.
        factor: f64,
    },
}

fields! {
    /// When a shock strikes, how long it lasts, and what it is.
    pub struct Shock {
        /// First quarter.
        at: Quarter;
        /// Quarters it lasts.
        lasts: u32, 1..=400, "quarters";
        /// What happens.
        what: ShockKind;
    }
}
