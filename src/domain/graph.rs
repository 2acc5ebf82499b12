//! The commodity graph: elements, commodities, processes and their recipes, all read from configuration.

use super::ids::{CommodityId, ElementId, ProcessId};
use bevy_ecs::prelude::Resource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where in the chain a process stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub enum Stage {
    /// Ore to concentrate.
    Mine,
    /// Concentrate to separated oxide.
    Separation,
    /// Oxide to metal and alloy.
    Metal,
    /// Metal to finished magnet.
    Magnet,
    /// Scrap to oxide.
    Recycling,
}

impl Stage {
    /// All stages, in the order of the chain.
    pub const ALL: [Self; 5] = [
        Self::Mine,
        Self::Separation,
        Self::Metal,
        Self::Magnet,
        Self::Recycling,
    ];

    /// Its name in tables and configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Separation => "separation",
            Self::Metal => "metal",
            Self::Magnet => "magnet",
            Self::Recycling => "recycling",
        }
    }

    /// The stage of that name in tables and configuration.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }
}

/// What kind of good a commodity is; trade figures, tariffs and tax rebates go by it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub enum Form {
    /// Mineral concentrate or mixed carbonate.
    Concentrate,
    /// Separated oxide.
    Oxide,
    /// Metal or alloy.
    Metal,
    /// Finished magnet.
    Magnet,
    /// Scrap and swarf.
    Scrap,
}

impl Form {
    /// All forms, in the order of the chain.
    pub const ALL: [Self; 5] = [
        Self::Concentrate,
        Self::Oxide,
        Self::Metal,
        Self::Magnet,
        Self::Scrap,
    ];

    /// Its name where an instrument covers a whole form.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Concentrate => "concentrate",
            Self::Oxide => "oxide",
            Self::Metal => "metal",
            Self::Magnet => "magnet",
            Self::Scrap => "scrap",
        }
    }
}

/// A commodity of the graph.
#[derive(Debug, Clone, PartialEq)]
pub struct Commodity {
    /// Id in configuration and tables.
    pub name: String,
    /// Name in figures.
    pub label: String,
    /// Kind of good.
    pub form: Form,
    /// t REO of each element group per t, in element order. For a commodity whose content is tracked by batch: the content at the start.
    pub composition: Vec<f64>,
    /// Whether each venue keeps a content of its own, because batches differ.
    pub tracked: bool,
    /// Elasticity of trade between origins, in quarters of one.
    pub kappa_quarters: u8,
    /// Stock cover that holders in an exporting state want, quarters of throughput.
    pub cover_inside: f64,
    /// Stock cover that holders in an importing state want, quarters of throughput.
    pub cover_outside: f64,
}

impl Commodity {
    /// t REO in one tonne (at the start, if tracked by batch).
    #[must_use]
    pub fn reo_per_t(&self) -> f64 {
        self.composition.iter().sum()
    }
}

/// An amount of a commodity per unit of activity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Term {
    /// Commodity.
    pub commodity: CommodityId,
    /// t per t of activity.
    pub t_per_t: f64,
}

/// An output that is separated only where its price pays for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ByProduct {
    /// Commodity.
    pub commodity: CommodityId,
    /// t per t of activity if all of it is separated.
    pub t_per_t: f64,
    /// Cost of separating and finishing it, USD per kg.
    pub cost_usd_per_kg: f64,
}

/// One way to run a process.
#[derive(Debug, Clone, PartialEq)]
pub struct Mode {
    /// Its name within the process.
    pub name: String,
    /// What goes in.
    pub inputs: Vec<Term>,
    /// What comes out in any case.
    pub outputs: Vec<Term>,
    /// What comes out where it pays.
    pub by_products: Vec<ByProduct>,
    /// Scrap that arises, t REO per t of activity, if any.
    pub scrap: Option<Term>,
}

/// A recipe family: what plants of one kind can do.
#[derive(Debug, Clone, PartialEq)]
pub struct Process {
    /// Id in configuration and tables.
    pub name: String,
    /// Stage of the chain.
    pub stage: Stage,
    /// Share of capacity that runs however deep the loss.
    pub u_min: f64,
    /// Quarters from start to full output.
    pub ramp_quarters: f64,
    /// Quarters from decision to start, as announced.
    pub build_quarters: f64,
    /// Jobs per kt of annual capacity.
    pub jobs_per_kt: f64,
    /// Ways to run it.
    pub modes: Vec<Mode>,
}

/// The whole graph.
#[derive(Resource, Debug, Clone, PartialEq)]
pub struct Graph {
    /// Element group ids in configuration order.
    pub elements: Vec<String>,
    /// Commodities, by [`CommodityId`].
    pub commodities: Vec<Commodity>,
    /// Processes, by [`ProcessId`].
    pub processes: Vec<Process>,
}

impl Graph {
    /// The commodity of an id in configuration.
    #[must_use]
    pub fn commodity_named(&self, name: &str) -> Option<CommodityId> {
        self.commodities
            .iter()
            .position(|c| c.name == name)
            .map(CommodityId::from_index)
    }

    /// The process of an id in configuration.
    #[must_use]
    pub fn process_named(&self, name: &str) -> Option<ProcessId> {
        self.processes
            .iter()
            .position(|p| p.name == name)
            .map(ProcessId::from_index)
    }

    /// The element group of an id in configuration.
    #[must_use]
    pub fn element_named(&self, name: &str) -> Option<ElementId> {
        self.elements
            .iter()
            .position(|e| e == name)
            .map(ElementId::from_index)
    }

    /// The commodities an instrument covers: `all`, a form, or single ids.
    #[must_use]
    pub fn covered(&self, of: &[String]) -> Vec<CommodityId> {
        (0..self.commodities.len())
            .filter(|&c| {
                let commodity = &self.commodities[c];
                of.iter().any(|word| {
                    word == "all" || word == commodity.form.name() || *word == commodity.name
                })
            })
            .map(CommodityId::from_index)
            .collect()
    }
}
