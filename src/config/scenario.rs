//! The scenario: everything that one run needs to know, filled and checked.

use super::{firms::*, rows::*, strategy::*, uncertainty::Distribution};
use crate::domain::fields::{Map, fields};
use crate::domain::policy::Shock;
use crate::domain::start::SettleParams;
use crate::domain::time::Quarter;
use crate::mechanisms::{
    capability, demand, expectation, friendshoring, investment, leakage, planning, policy,
    provenance, settlement, shock, stockpile, substitution,
};
use indexmap::IndexMap;

fields! {
    /// A world, the policies in force, and what is uncertain about them.
    pub struct Scenario file {
        /// Files that this one is laid over, relative to it; parents first, left to right.
        extends: Paths,
        /// Entries of maps that the parents have and this scenario has not, by path.
        remove: Vec<String>,
        /// Tables, read before the rest of the file is laid over them: name of the table, file relative to this one.
        tables: Map<String>,
    } {
        /// Title in figures and reports.
        title: String;
        /// What the scenario is about.
        description: Option<String>;
        /// First quarter.
        start: Quarter;
        /// Last quarter.
        end: Quarter;
        /// Replicates, each with a seed of its own.
        seeds: u32 = 32, 1..=100000, "runs";
        /// Tables that are kept; empty: all.
        record: Vec<String> = Vec::new();
        /// Strategies of states.
        strategies: IndexMap<String, Assigned>;
        /// Dated disturbances.
        shocks: IndexMap<String, Shock>;
        /// What is uncertain, by path; `*` stands for every entry.
        uncertainty: IndexMap<String, Distribution>;
        /// Demand.
        demand_model: demand::Params;
        /// Beliefs.
        expectation: expectation::Params;
        /// Offers, stocks and lanes.
        planning: planning::Params;
        /// Strategic stockpiles.
        stockpile: stockpile::Params;
        /// Instruments.
        policy: policy::Params;
        /// Open and qualified sides.
        provenance: provenance::Params;
        /// Bookkeeping.
        settlement: settlement::Params;
        /// Smuggling and transshipment.
        leakage: leakage::Params;
        /// Trust.
        friendshoring: friendshoring::Params;
        /// Thrifting.
        substitution: substitution::Params;
        /// Projects.
        investment: investment::Params;
        /// Learning.
        capability: capability::Params;
        /// Random disturbances.
        shock: shock::Params;
        /// How the start is settled.
        settle: SettleParams;
        /// States.
        states: IndexMap<String, StateRow>;
        /// Element groups.
        elements: IndexMap<String, ElementRow>;
        /// Goods.
        commodities: IndexMap<String, CommodityRow>;
        /// Content of goods.
        compositions: IndexMap<String, CompositionRow>;
        /// Processes.
        processes: IndexMap<String, ProcessRow>;
        /// Inputs and outputs.
        recipes: IndexMap<String, RecipeRow>;
        /// Conversion costs.
        opex: IndexMap<String, OpexRow>;
        /// Firms and plants.
        firms: IndexMap<String, FirmRow>;
        /// Delays of past projects.
        delays: IndexMap<String, DelayRow>;
        /// Mine output.
        mine_output: IndexMap<String, MineOutputRow>;
        /// Shares in the output of stages.
        stage_output: IndexMap<String, StageOutputRow>;
        /// World totals.
        world_output: IndexMap<String, WorldOutputRow>;
        /// End uses.
        sectors: IndexMap<String, SectorRow>;
        /// Final use.
        demand: IndexMap<String, DemandRow>;
        /// Drivers of use.
        drivers: IndexMap<String, DriverRow>;
        /// Prices.
        prices: IndexMap<String, PriceRow>;
        /// Trade.
        trade: IndexMap<String, TradeRow>;
        /// Trust between states.
        relations: IndexMap<String, RelationRow>;
        /// Memberships.
        blocs: IndexMap<String, BlocRow>;
        /// Freight.
        freight: IndexMap<String, FreightRow>;
        /// Import duties.
        tariffs: IndexMap<String, TariffRow>;
        /// Stocks of the start that are run down.
        stock_draws: IndexMap<String, StockDrawRow>;
        /// Offtake contracts.
        contracts: IndexMap<String, ContractRow>;
    }
}

impl Scenario {
    /// Number of quarters from start to end.
    #[must_use]
    pub fn quarters(&self) -> usize {
        usize::try_from(self.end.since(self.start) + 1).unwrap_or(0)
    }
}
