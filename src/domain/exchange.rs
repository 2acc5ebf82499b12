//! The state that several mechanisms share: how they meet without knowing each other. Arrays are in id order.

use bevy_ecs::prelude::Resource;

/// What disturbs the quarter. Written by shocks, read by demand and planning.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Disturbances {
    /// Share of each plant's capacity that is available.
    pub availability: Vec<f64>,
    /// Factor on each sector's driver.
    pub demand: Vec<f64>,
    /// Factor on freight, states x states, exporter first.
    pub freight: Vec<f64>,
}

/// What the measures in force do to lanes, plants and stocks this quarter. Written by policy, read by planning, stockpile and settlement.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Effects {
    /// Export tax per lane, share of the seller's price.
    pub export_tax: Vec<f64>,
    /// Value-added tax that is not rebated, per lane, share of the seller's price.
    pub vat: Vec<f64>,
    /// Duty per lane, share of the delivered price.
    pub tariff: Vec<f64>,
    /// Largest flow per lane, t per quarter (infinite: no limit).
    pub limit: Vec<f64>,
    /// Which measure set the limit, per lane: its position among all measures sorted by state and name, or `usize::MAX`.
    pub limit_by: Vec<usize>,
    /// Tonnes released per export quota pool in the quarter (infinite: no quota).
    pub quota: Vec<f64>,
    /// Ceiling on output per plant group, t per quarter (infinite: none).
    pub output_ceiling: Vec<f64>,
    /// Price floor per plant group.
    pub floor: Vec<Option<Floor>>,
    /// Public share of capital cost per plant group.
    pub grant: Vec<f64>,
    /// Who pays those shares.
    pub grants: Vec<Grant>,
    /// Plants, projects, owners and people.
    pub industry: super::industry::Industry,
    /// State stockpiles in force.
    pub stockpiles: Vec<StockpileRule>,
    /// Value-added tax of each state before rebates.
    pub vat_kept: Vec<f64>,
    /// Size, 0 to 1, of restrictions announced or in force on what reaches a venue, per venue.
    pub threat: Vec<f64>,
    /// Whether licences forbid holders to stock more than usual, per venue.
    pub stocking_barred: Vec<bool>,
    /// Size of restrictions announced this very quarter, per venue: beliefs jump once.
    pub news: Vec<f64>,
    /// States that coerce others this quarter: (coercer, target, severity 0 to 1).
    pub coercion: Vec<(usize, usize, f64)>,
    /// Rules in force about the provenance of what users buy.
    pub origin: Vec<OriginBar>,
    /// Share of the transfer of know-how that is cut off, states x stages.
    pub know_how_drag: Vec<f64>,
    /// What buyers add to the delivered cost of goods that public procurement does not prefer, share, per lane.
    pub preference: Vec<f64>,
    /// Who makes good what that preference costs.
    pub procurement: Vec<Procurement>,
    /// How far rated users are shielded, 0 to 1, per venue.
    pub priority: Vec<f64>,
    /// What agreements and blocs add to the trust that states return to, states x states, as [`Relations::trust`].
    pub trust_shift: Vec<f64>,
    /// Share of the distrust premium that agreements and blocs take away, states x states, buyer first.
    pub ease: Vec<f64>,
    /// Owners that may not invest: (host, owner).
    pub barred_owners: Vec<(usize, usize)>,
    /// Offtakes in force.
    pub offtakes: Vec<OfftakeTerms>,
    /// Accessions in force: (bloc, state).
    pub accessions: Vec<(String, usize)>,
    /// Share of the gap to perfect enforcement that each state closes.
    pub enforcement: Vec<f64>,
}

/// A state that makes good what preferring some goods costs its public buyers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Procurement {
    /// Venue.
    pub venue: usize,
    /// Position of the measure that pays.
    pub measure: usize,
    /// Premium times the public share of purchases.
    pub share: f64,
}

/// A state-backed offtake in force.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OfftakeTerms {
    /// Position of the measure that pays.
    pub measure: usize,
    /// Lane.
    pub lane: usize,
    /// Plant group that sells.
    pub group: usize,
    /// Tonnes owed per quarter.
    pub tonnes: f64,
    /// Price formula.
    pub formula: super::actors::PriceFormula,
}

/// What slips past restrictions: one entry per leakage lane, in lane order.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Leaks(pub Vec<Leak>);

/// Slow state of a leakage lane.
#[derive(Debug, Clone, PartialEq)]
pub struct Leak {
    /// The lane.
    pub lane: usize,
    /// The lane whose restrictions it slips past.
    pub of: usize,
    /// What that lane carried at the start, t per quarter.
    pub trade: f64,
    /// Freight of the straight way, USD per kg.
    pub freight: f64,
    /// Export quotas that cover that lane.
    pub pools: Vec<usize>,
    /// States through which goods can be transshipped, with the freight of the detour, USD per kg; the cheapest first.
    pub detours: Vec<(usize, f64)>,
    /// Log of the buyer's over the seller's delivered price when nothing held the lane back.
    pub usual_wedge: Option<f64>,
    /// What smugglers can carry, t per quarter.
    pub capacity: f64,
    /// Cost of the way, USD per kg.
    pub cost: f64,
    /// State through which most of it goes, if any.
    pub via: Option<usize>,
}

/// A rule of origin, or the refusal of licences for a class of use, in force this quarter.
#[derive(Debug, Clone, PartialEq)]
pub struct OriginBar {
    /// States whose users are covered.
    pub states: Vec<bool>,
    /// Commodities covered.
    pub commodities: Vec<bool>,
    /// Sectors covered.
    pub sectors: Vec<bool>,
    /// Credit of civil users for qualified goods, share of the open price; infinite: nothing else is accepted.
    pub credit: f64,
    /// Position of the measure.
    pub measure: usize,
}

impl OriginBar {
    /// Whether it covers a use.
    #[must_use]
    pub fn covers(&self, use_: &super::layout::SidedUse) -> bool {
        self.states[use_.state.index()]
            && self.commodities[use_.commodity.index()]
            && self.sectors[use_.sector.index()]
    }
}

/// Whether the sides of this world trade apart, and what they pay for.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Provenance {
    /// Whether a rule is in force, so that goods are told apart by origin.
    pub apart: bool,
    /// Groups of plants that may not work for the qualified side, by group.
    pub restricted: Vec<bool>,
    /// By sided use: the measure that pays its credit, and the credit as a share of the open price.
    pub credit: Vec<Option<(usize, f64)>>,
}

/// A contract for difference on a capped volume.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Floor {
    /// Good covered.
    pub commodity: super::ids::CommodityId,
    /// Floor, USD per kg.
    pub usd_per_kg: f64,
    /// Volume covered, t per quarter.
    pub tonnes: f64,
    /// Position of the measure that pays.
    pub measure: usize,
    /// Quarters for which it is promised.
    pub quarters: f64,
}

/// A grant that a group's projects may draw on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grant {
    /// Plant group.
    pub group: usize,
    /// Position of the measure that pays.
    pub measure: usize,
    /// What is left of its budget, USD.
    pub left_usd: f64,
}

/// A state stockpile's rule for one venue.
#[derive(Debug, Clone, PartialEq)]
pub struct StockpileRule {
    /// Venue.
    pub venue: usize,
    /// Position of the measure that pays.
    pub measure: usize,
    /// Target, days of use.
    pub cover_days: f64,
    /// Quarters over which it is filled.
    pub fill_quarters: f64,
    /// Multiple of the slow average of the price above which it is released.
    pub release_above: f64,
    /// Share of use refused by limits above which it is released whatever the price (infinite: never).
    pub release_on_shortage: f64,
    /// Whether releases are sized to rated use.
    pub defence_first: bool,
    /// Most that is bought in a quarter, share of the quarter's use (infinite: no such limit).
    pub largest_purchase: f64,
    /// Venues of other states that may draw on it.
    pub allies: Vec<usize>,
}

/// Beliefs about log prices, and perceived risk, per venue.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Beliefs {
    /// Adaptive, trend-following and fundamental belief per venue, three in a row.
    pub price: Vec<f64>,
    /// Smoothed log-price change per quarter.
    pub change: Vec<f64>,
    /// Extra belief left from announcements.
    pub jump: Vec<f64>,
    /// Perceived supply risk, 0 to 1.
    pub risk: Vec<f64>,
}

/// What is slowly moving on a lane.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Relations {
    /// Directed trust, states x states, `from` first: how far `from` trusts `to`.
    pub trust: Vec<f64>,
    /// Where trust returns to.
    pub trust_base: Vec<f64>,
    /// Trust between the pair when the world was settled.
    pub trust_start: Vec<f64>,
    /// Relationship capital per lane: the flow at equal delivered cost, t per quarter.
    pub capital: Vec<f64>,
    /// Relationship capital when the world was settled.
    pub capital_start: Vec<f64>,
    /// Slow average flow per lane, t per quarter.
    pub usual_flow: Vec<f64>,
    /// Freight per lane, USD per kg, before disturbances.
    pub freight: Vec<f64>,
    /// Premium a buyer puts on a seller it trusts less than at the start, share of delivered price.
    pub premium: Vec<f64>,
}

/// Stocks and flows of goods by venue, t. Opening stocks, and the flows of the quarter.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Books {
    /// Stock held by firms at the end of the last settled quarter.
    pub firm_stock: Vec<f64>,
    /// Stock held by the state.
    pub state_stock: Vec<f64>,
    /// Stock at the start of the quarter (firms and state together).
    pub opening: Vec<f64>,
    /// Output of plants, and scrap that arose or was collected.
    pub production: Vec<f64>,
    /// Bought from other states.
    pub imports: Vec<f64>,
    /// Sold to other states.
    pub exports: Vec<f64>,
    /// Used: by end users, or gone into the main products of plants.
    pub used: Vec<f64>,
    /// Of what plants drew: turned to scrap.
    pub scrap: Vec<f64>,
    /// Of what plants drew: lost.
    pub loss: Vec<f64>,
    /// Of what plants drew: contained in what was not separated, and disposed of.
    pub disposal: Vec<f64>,
    /// Of `used`: by end users.
    pub final_use: Vec<f64>,
    /// Average throughput, t per quarter.
    pub throughput: Vec<f64>,
    /// Stock wanted per unit of average throughput, quarters.
    pub cover: Vec<f64>,
    /// Stocks of the start that are run down: t per quarter.
    pub draw_rate: Vec<f64>,
    /// For how many more quarters.
    pub draw_left: Vec<f64>,
    /// Least stock that holders want, t.
    pub least_stock: f64,
    /// Content of tracked commodities, t REO of each element per t: venues x elements.
    pub content: Vec<f64>,
    /// The element group of each venue's commodity, if it holds a single one.
    pub element_of: Vec<Option<usize>>,
    /// Content of each venue's pool of the quarter, as `content`.
    pub mixed: Vec<f64>,
    /// Mass of each element that entered each tracked pool from outside, t: venues x elements.
    pub entering: Vec<f64>,
    /// Activity of each market mode, t.
    pub mode_activity: Vec<f64>,
    /// Scrap that each market mode took beyond what the market cleared, because the scrap held less than was promised of it, t.
    pub topped_up: Vec<f64>,
    /// Flow of each lane, t.
    pub lane_flow: Vec<f64>,
    /// Flow on each lane that a second clearing without limits would have carried (equal to `lane_flow` where nothing binds).
    pub lane_flow_free: Vec<f64>,
    /// Price of each venue, log USD per kg.
    pub log_price: Vec<f64>,
    /// Price of each venue without limits, log USD per kg.
    pub log_price_free: Vec<f64>,
    /// Price of each venue in the quarter before.
    pub log_price_before: Vec<f64>,
    /// Slow average of the log price of each venue.
    pub log_price_slow: Vec<f64>,
    /// Output of each plant group in the last full calendar year, t.
    pub group_year: Vec<f64>,
    /// Output of each plant group in the current calendar year so far, t.
    pub group_year_so_far: Vec<f64>,
    /// Mean price paid in each venue over home deliveries and imports, USD per kg.
    pub price_traded: Vec<f64>,
    /// Share of reference demand that limits refused, by venue.
    pub refused_share: Vec<f64>,
    /// Rent of each lane, USD per kg.
    pub lane_rent: Vec<f64>,
    /// What the buyer paid on each lane before duty, USD per kg.
    pub lane_value: Vec<f64>,
    /// Money of the quarter.
    pub money: MoneyBook,
    /// World totals of each element, t REO: mined, from end-of-life scrap, used, lost, disposed, in stock before, in stock now.
    pub elements: ElementBook,
}

impl Books {
    /// What a venue used of its own output last quarter, t.
    #[must_use]
    pub fn home_use(&self, venue: usize) -> f64 {
        (self.production[venue] - self.exports[venue]).max(0.0)
    }
}

/// World-wide mass by element group, t REO.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ElementBook {
    /// Stock at the start of the quarter.
    pub opening: Vec<f64>,
    /// Mined.
    pub mined: Vec<f64>,
    /// Collected from end-of-life products.
    pub collected: Vec<f64>,
    /// Gone into end uses.
    pub used: Vec<f64>,
    /// Lost in processing.
    pub lost: Vec<f64>,
    /// Disposed of unseparated.
    pub disposed: Vec<f64>,
    /// Stock at the end of the quarter.
    pub closing: Vec<f64>,
}

/// The market of a run: what is connected, the numbers of the quarter, and what cleared.
#[derive(Resource, Debug, Clone)]
pub struct Trading {
    /// What is connected with what.
    pub structure: std::sync::Arc<super::market::Structure>,
    /// Numbers of the quarter.
    pub coefficients: super::market::Coefficients,
    /// What cleared.
    pub cleared: super::market::Cleared,
    /// What would have cleared without limits; valid if `bound`.
    pub free: super::market::Cleared,
    /// Whether a limit or quota held something back this quarter.
    pub bound: bool,
    /// Scarcity rent of a limit that binds, by lane, USD per kg.
    pub limit_rent: Vec<f64>,
    /// Payment of a price floor per covered kg, by term, USD.
    pub floor_payment: Vec<f64>,
    /// How hard it was.
    pub diagnostics: super::market::Diagnostics,
}

/// End-use curves: which users stand behind which curve of the market.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Curves {
    /// Curve of each user, by user id.
    pub of_user: Vec<usize>,
    /// Demand at reference price of each user this quarter, t, by user id.
    pub demand: Vec<f64>,
    /// By curve: what the choke factor takes away at the reference price, to be given back.
    pub choke_factor: Vec<f64>,
    /// Whether a user is rated, by user id.
    pub is_rated: Vec<bool>,
    /// Demand of rated users at reference prices, t, by venue.
    pub rated: Vec<f64>,
    /// Log price at which half of the use is given up, by curve.
    pub choke: Vec<f64>,
    /// Short-run elasticity, by user id.
    pub elasticity: Vec<f64>,
    /// Long-run elasticity, by user id.
    pub elasticity_long: Vec<f64>,
    /// Activity index of each user's sector and state against the first quarter: users x quarters of the run.
    pub driver: Vec<f64>,
}

impl Curves {
    /// What a user was served when the market cleared, t: its part of the curve that it stands behind. `demand` as in [`Curves::demand`].
    #[must_use]
    pub fn served(&self, user: usize, demand: f64, trading: &Trading) -> f64 {
        let curve = self.of_user[user];
        let base = trading.coefficients.use_base[curve];
        if base > 0.0 {
            // Users who choose between two sides have a curve on each.
            let mut choices = trading.structure.choices.iter();
            let other = choices.find(|choice| choice.open == curve);
            let bought = trading.cleared.used[curve]
                + other.map_or(0.0, |choice| trading.cleared.used[choice.qualified]);
            demand * (self.choke_factor[curve] / base) * bought
        } else {
            0.0
        }
    }
}

/// Plants as the market and the books see them, in plant order. Settlement writes, investment reads.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct PlantBooks {
    /// Activity, t.
    pub activity: Vec<f64>,
    /// Log profitability.
    pub margin: Vec<f64>,
    /// Cash flow, USD.
    pub profit: Vec<f64>,
    /// Value added, USD.
    pub value_added: Vec<f64>,
    /// Unit cost relative to the group's.
    pub cost_factor: Vec<f64>,
    /// Log of that.
    pub disadvantage: Vec<f64>,
}

/// What is known of each plant group beyond its curves.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct GroupBooks {
    /// Spread of log profitability over which its plants open.
    pub spread: Vec<f64>,
    /// Conversion cost per mode at full know-how of the start, USD per kg of activity (by market mode).
    pub opex_start: Vec<f64>,
    /// Capital cost of new capacity, USD per t of activity a year.
    pub capex: Vec<f64>,
    /// Factor on capacity by which a ceiling on output is met.
    pub ceiling_factor: Vec<f64>,
    /// Activity at the start, t per quarter.
    pub activity_start: Vec<f64>,
    /// Capacity at the start, t per quarter.
    pub capacity_start: Vec<f64>,
    /// Capacity that could be run last quarter, t.
    pub capacity: Vec<f64>,
    /// Share of the thriftable inputs saved by the group's makers, 0 to 1.
    pub thrift: Vec<f64>,
    /// The highest that share has been.
    pub thrift_highest: Vec<f64>,
    /// Recipe amounts at the start, by market term.
    pub amount_start: Vec<f64>,
    /// Whether a term can be thrifted, by market term.
    pub thriftable: Vec<bool>,
    /// Log price of each venue at the start.
    pub log_price_start: Vec<f64>,
    /// Revenue per kg of activity this quarter.
    pub revenue: Vec<f64>,
    /// Cost of feed per kg of activity this quarter.
    pub inputs: Vec<f64>,
    /// Share of capacity that the group could run this quarter that was run.
    pub utilisation: Vec<f64>,
}

/// How a lane's relationship capital finds a new level when sellers or buyers grow.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Anchors {
    /// Share of a seller's new supply that looks for this lane, by lane.
    pub seller_share: Vec<f64>,
    /// Share of a buyer's new needs that looks for this lane, by lane.
    pub buyer_share: Vec<f64>,
    /// Needs of each venue at the start, t per quarter.
    pub need_start: Vec<f64>,
    /// Slow average of needs, t per quarter.
    pub need: Vec<f64>,
    /// Flow of each lane at the start, t per quarter.
    pub flow_start: Vec<f64>,
}

/// What happened this quarter and deserves a row: written by many, read and emptied by the recorder.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Journal {
    /// Shocks that start or end: name, whether it starts, size.
    pub shocks: Vec<(String, bool, f64)>,
    /// What happened to measures.
    pub measures: Vec<MeasureEvent>,
    /// What happened to projects and plants.
    pub projects: Vec<ProjectEvent>,
}

/// Something that happened to a measure.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasureEvent {
    /// State, by index.
    pub state: usize,
    /// Name of the measure.
    pub measure: String,
    /// Kind of instrument.
    pub instrument: &'static str,
    /// What happened.
    pub status: super::actors::MeasureStatus,
    /// Public cost since its last row, USD.
    pub cost_usd: f64,
    /// Goods and states covered.
    pub scope: String,
}

/// What can happen to a project or plant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Milestone {
    /// Money was committed.
    Started,
    /// The due quarter moved back.
    Delayed,
    /// First output.
    Commissioned,
    /// Idle but kept.
    Mothballed,
    /// Back from being mothballed.
    Reopened,
    /// Given up or torn down.
    Closed,
    /// Its firm failed.
    Bankrupt,
    /// It has a new owner.
    Sold,
}

/// Something that happened to a project or plant.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectEvent {
    /// Plant or project.
    pub project: String,
    /// Host state, by index.
    pub host: usize,
    /// Owner state, by index.
    pub owner: usize,
    /// Stage.
    pub stage: super::graph::Stage,
    /// What happened.
    pub milestone: Milestone,
    /// Capacity concerned, t per quarter.
    pub capacity: f64,
}

/// What know-how of the host does to a stage's plants, relative to the start: factor on yield, factor on cost. States x stages.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct KnowHow {
    /// Factor on capacity (yield).
    pub output: Vec<f64>,
    /// Factor on conversion cost.
    pub cost: Vec<f64>,
    /// Share of the chance that a project is financed and started which a lack of foreign know-how takes away.
    pub drag: Vec<f64>,
}

/// Money by class of account in a quarter, USD: what one pays another receives, so that all of it sums to zero.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct MoneyBook {
    /// Plants: sales less materials, conversion and supports received.
    pub plants: f64,
    /// Labour, energy, capital and other suppliers of conversion.
    pub conversion: f64,
    /// End users (negative: they pay).
    pub users: f64,
    /// Holders of stocks (negative: they buy).
    pub holders: f64,
    /// Carriers.
    pub carriers: f64,
    /// States: taxes and duties less supports, stockpile purchases.
    pub states: f64,
    /// Holders of licences and quotas.
    pub licence_holders: f64,
    /// Traders' margins.
    pub traders: f64,
    /// Collectors of scrap.
    pub collectors: f64,
    /// Lenders and shareholders: service and dividends less what they put in.
    pub investors: f64,
    /// All money that changed hands, as a scale.
    pub turnover: f64,
}

impl MoneyBook {
    /// What is left of the sum of all accounts: zero but for rounding.
    #[must_use]
    pub fn gap(&self) -> f64 {
        self.plants
            + self.conversion
            + self.users
            + self.holders
            + self.carriers
            + self.states
            + self.licence_holders
            + self.traders
            + self.collectors
            + self.investors
    }
}

/// Bills to the measures of the quarter: position of the measure, USD.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Bills(pub Vec<(usize, f64)>);

/// Money that measures promise to projects in the quarter, against their budgets: position of the measure, USD; negative: not called up.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Pledges(pub Vec<(usize, f64)>);

/// Taxes, duties and rents that each state took in this quarter, USD.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Revenue(pub Vec<f64>);

/// How each market mode turns materials into goods, beyond what the market needs to know.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Conversions(pub Vec<Conversion>);

/// One market mode's conversion.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversion {
    /// Stage.
    pub stage: super::graph::Stage,
    /// Plant group.
    pub group: usize,
    /// Terms of its inputs.
    pub inputs: Vec<usize>,
    /// Terms of its outputs, scrap left out.
    pub outputs: Vec<usize>,
    /// Terms of its by-products.
    pub by_products: Vec<usize>,
    /// Term of the scrap that arises.
    pub scrap: Option<usize>,
    /// Share of the input that ends in the good (magnets).
    pub kept: f64,
    /// Share of the input that turns to scrap.
    pub scrapped: f64,
    /// Recovery of each output and by-product from the scrap's content (recycling), in their order.
    pub recovery: Vec<f64>,
}
