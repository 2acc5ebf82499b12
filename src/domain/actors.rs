//! What states, firms, plants, end users and contracts carry: the components of the entities.

use super::{
    ids::{CommodityId, FirmId, PlantId, SectorId, StateId, UserId},
    policy::Instrument,
    time::Quarter,
};
use bevy_ecs::prelude::{Component, Entity, Resource, World};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who owns a firm.
#[derive(Component, Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Ownership {
    /// The state.
    State,
    /// Private owners.
    Private,
    /// State and private owners together.
    Joint,
}

/// How a holder or investor forms a price belief.
#[derive(Component, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expectation {
    /// Follows the price slowly.
    Adaptive,
    /// Extrapolates the average of past changes.
    Trend,
    /// Trusts a slow average.
    Fundamental,
}

impl Expectation {
    /// All types, in the order of the holder arrays.
    pub const ALL: [Self; 3] = [Self::Adaptive, Self::Trend, Self::Fundamental];
}

/// Where a measure stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MeasureStatus {
    /// Not yet known to anybody.
    Secret,
    /// Known, not yet in force.
    Announced,
    /// In force.
    Effective,
    /// No longer in force.
    Lifted,
}

/// A measure of a state's calendar or of one of its rules, with where it stands and what it has cost.
#[derive(Debug, Clone, PartialEq)]
pub struct BookedMeasure {
    /// Its name in the calendar or among the rules.
    pub name: String,
    /// Announcement.
    pub announced: Quarter,
    /// First quarter in force.
    pub from: Quarter,
    /// Last quarter in force.
    pub until: Option<Quarter>,
    /// What is done.
    pub instrument: Instrument,
    /// Where it stands.
    pub status: MeasureStatus,
    /// Public cost so far, USD.
    pub spent_usd: f64,
    /// Public cost of this quarter, USD.
    pub cost_usd: f64,
    /// Flow of each lane that was usual when it came into force, t per quarter; empty before.
    pub reference: Vec<f64>,
    /// Ceiling of the current year, for measures that set one, t.
    pub yearly: Option<f64>,
    /// Money promised to projects so far, for measures that lend or grant, USD.
    pub pledged_usd: f64,
    /// Export quota pools of the market that belong to it.
    pub pools: Vec<usize>,
    /// Whether its terms are new this quarter while it stands: a rule has escalated it or taken a step back.
    pub changed: bool,
}

/// A state's measures.
#[derive(Component, Debug, Clone, PartialEq, Default)]
pub struct PolicyBook(pub Vec<BookedMeasure>);

/// A state's accounts of the quarter, USD.
#[derive(Component, Debug, Clone, Copy, PartialEq, Default)]
pub struct PublicAccounts {
    /// Spent on measures.
    pub cost: f64,
    /// Taxes, duties and rents received.
    pub revenue: f64,
}

/// Know-how of a state per stage (in [`super::graph::Stage::ALL`] order), 0 to 1: yields, costs and ramp times follow it.
#[derive(Component, Debug, Clone, Copy, PartialEq)]
pub struct Capability(pub [f64; 5]);

/// What a state asks of its producers, and the damage left by what it does not ask.
#[derive(Component, Debug, Clone, Copy, PartialEq)]
pub struct Environment {
    /// Share of the standard that is enforced, 0 to 1.
    pub enforcement: f64,
    /// Cost of full compliance, USD per kg REO mined or separated.
    pub compliance_usd_per_kg: f64,
    /// Damage without any compliance, USD per kg REO mined or separated.
    pub damage_usd_per_kg: f64,
}

impl Environment {
    /// Share of full compliance that is kept to: what the state enforces of its own, unless a standard is in force.
    #[must_use]
    pub fn kept(&self, standard: Option<super::industry::Standard>) -> f64 {
        standard.map_or(self.enforcement, |s| s.kept)
    }

    /// What compliance costs plants beyond the start, USD per kg REO mined or separated; negative where less is asked.
    #[must_use]
    pub fn extra_cost(&self, standard: Option<super::industry::Standard>) -> f64 {
        self.compliance_usd_per_kg * (self.kept(standard) - self.enforcement)
    }

    /// Damage left by `kg` REO mined or separated, USD.
    #[must_use]
    pub fn damage(&self, standard: Option<super::industry::Standard>, kg: f64) -> f64 {
        kg * self.damage_usd_per_kg * (1.0 - self.kept(standard))
    }
}

/// Environmental damage of the quarter in a state, USD.
#[derive(Component, Debug, Clone, Copy, PartialEq, Default)]
pub struct Damage(pub f64);

/// Cash of a firm, USD.
#[derive(Component, Debug, Clone, Copy, PartialEq, Default)]
pub struct Cash(pub f64);

/// Real return per year that a firm asks of a project.
#[derive(Component, Debug, Clone, Copy, PartialEq)]
pub struct HurdleRate(pub f64);

/// The state a firm calls home.
#[derive(Component, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Home(pub StateId);

/// The firm that owns a plant.
#[derive(Component, Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnedBy(pub FirmId);

/// The state whose owner controls a plant; may differ from its host.
#[derive(Component, Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnerState(pub StateId);

/// The state a plant stands in.
#[derive(Component, Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostedIn(pub StateId);

/// The plant group (same process, same host) whose market curve a plant belongs to.
#[derive(Component, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupId(pub u16);

/// Life of a plant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Nothing built yet.
    Planned,
    /// Runs, fully or still ramping.
    Operating,
    /// Stopped, can be reopened.
    Mothballed,
    /// Gone for good.
    Closed,
}

/// A plant's capacity and how it is run. One component, because the market reads it all in one pass.
#[derive(Component, Debug, Clone, Copy, PartialEq)]
pub struct Plant {
    /// Life stage.
    pub status: Status,
    /// Nameplate capacity, t of activity per quarter.
    pub nameplate: f64,
    /// Share of nameplate that can be run (ramp), 0 to 1.
    pub ramp: f64,
    /// Quarters a full ramp takes.
    pub ramp_quarters: f64,
    /// Cost disadvantage against the group, in logs of unit cost.
    pub disadvantage: f64,
    /// Log profitability below which it is mothballed (averaged), drawn per plant.
    pub mothball_below: f64,
    /// Log profitability above which it is reopened, drawn per plant.
    pub reopen_above: f64,
    /// Slow average of log profitability.
    pub profitability: f64,
    /// Quarters spent mothballed.
    pub idle_quarters: u16,
    /// Activity of the quarter, t.
    pub activity: f64,
    /// Cash flow of the quarter, USD.
    pub profit_usd: f64,
    /// Value added of the quarter (revenue less material inputs), USD.
    pub value_added_usd: f64,
}

/// Name key of an entity: random streams and sorting go by it.
#[derive(Component, Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name(pub String);

/// Where a project's money comes from, as shares of its capital cost; what is left is new equity from outside.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Funds {
    /// The owner's cash.
    pub own: f64,
    /// Granted by a state.
    pub grant: f64,
    /// Position of the measure that grants.
    pub grantor: usize,
    /// Lent by a state.
    pub lent: f64,
    /// Position of the measure that lends.
    pub lender: usize,
    /// Points by which its interest is below the market's, per year.
    pub discount: f64,
    /// Shares that a state buys.
    pub equity: f64,
    /// Position of the measure that buys them.
    pub shareholder: usize,
    /// Lent by private lenders.
    pub debt: f64,
}

/// An addition to capacity that is under way.
#[derive(Component, Debug, Clone, PartialEq)]
pub struct Project {
    /// Plant that receives the capacity.
    pub plant: PlantId,
    /// Capacity added, t of activity per quarter.
    pub capacity: f64,
    /// Quarter it was decided.
    pub started: Quarter,
    /// Quarter promised at the decision.
    pub promised: Quarter,
    /// Quarter it will be done, unless it is delayed or abandoned.
    pub due: Quarter,
    /// Capital cost, USD.
    pub capex_usd: f64,
    /// Of that, paid so far, USD.
    pub paid_usd: f64,
    /// Where the money comes from.
    pub funds: Funds,
    /// Quarters in a row with a negative remaining value.
    pub bad_quarters: u16,
    /// Whether its money is in place.
    pub financed: bool,
    /// Whether a delay has been reported.
    pub slipped: bool,
    /// Finished or abandoned: kept until the quarter is recorded.
    pub done: bool,
}

/// An end user: one sector in one state buying one commodity.
#[derive(Component, Debug, Clone, Copy, PartialEq)]
pub struct EndUser {
    /// Stable id.
    pub id: UserId,
    /// Host state.
    pub state: StateId,
    /// Sector.
    pub sector: SectorId,
    /// Commodity used.
    pub commodity: CommodityId,
    /// Use at reference prices in the first quarter, t per quarter.
    pub base: f64,
    /// Activity index of the sector against the first quarter.
    pub driver: f64,
    /// Share of use saved for good by thrifting and redesign, 0 to 1.
    pub thrifted: f64,
    /// Slow log-price memory behind the long-run response.
    pub memory: f64,
    /// The part of that memory that does not return.
    pub ratchet: f64,
    /// Demand at reference prices this quarter, t.
    pub reference_demand: f64,
}

/// An offtake contract.
#[derive(Component, Debug, Clone, PartialEq)]
pub struct Contract {
    /// Lane it runs on.
    pub lane: u32,
    /// Plant group that delivers.
    pub seller_group: u16,
    /// Commodity.
    pub commodity: CommodityId,
    /// Buyer.
    pub buyer: StateId,
    /// Quantity owed per quarter, t.
    pub quantity: f64,
    /// First quarter.
    pub from: Quarter,
    /// Last quarter.
    pub until: Option<Quarter>,
    /// Position of the measure that backs it and pays what it costs; absent: a private contract.
    pub measure: Option<usize>,
    /// Price formula.
    pub formula: PriceFormula,
    /// Delivered this quarter, t.
    pub delivered: f64,
    /// Price paid this quarter, USD per kg.
    pub price: f64,
    /// Paid above (positive) or below the market value, USD.
    pub transfer_usd: f64,
    /// How it was kept.
    pub kept: Kept,
}

/// How a contract was kept in a quarter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Delivered, or not called for.
    Delivered,
    /// Less than owed, because a limit forbade it.
    ForceMajeure,
    /// Less than owed, because the seller could not or would not deliver.
    Default,
}

/// How a contract sets its price.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum PriceFormula {
    /// The buyer's venue price.
    Index,
    /// The buyer's venue price, but no less than this, USD per kg.
    Floor(f64),
    /// The buyer's venue price, but no more than this, USD per kg.
    Cap(f64),
    /// This price, USD per kg.
    Fixed(f64),
}

impl PriceFormula {
    /// Price, USD per kg, when the index stands at `index`.
    #[must_use]
    pub fn price(self, index: f64) -> f64 {
        match self {
            Self::Index => index,
            Self::Floor(floor) => index.max(floor),
            Self::Cap(cap) => index.min(cap),
            Self::Fixed(price) => price,
        }
    }
}

/// Entities in the order of their ids, which is the order of draws, sums and rows. Those listed live as long as their world.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Roll {
    /// Plants, those that nobody has built yet among them.
    pub plants: Vec<Entity>,
    /// End users.
    pub users: Vec<Entity>,
}

impl Roll {
    /// Calls the roll of a world in which all of them stand.
    #[must_use]
    pub fn call(world: &mut World) -> Self {
        Self {
            plants: in_order::<PlantId>(world),
            users: in_order::<UserId>(world),
        }
    }
}

/// Entities with a key of this kind, in its order.
fn in_order<K: Component + Ord + Copy>(world: &mut World) -> Vec<Entity> {
    let mut keyed: Vec<(K, Entity)> = world
        .query::<(&K, Entity)>()
        .iter(world)
        .map(|(key, entity)| (*key, entity))
        .collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, entity)| entity).collect()
}
