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
    /// Which measure set the limit, per lane: index into `measures`, or `usize::MAX`.
    pub limit_by: Vec<usize>,
    /// Names of measures that can limit, `STATE:measure`.
    pub measures: Vec<String>,
    /// Tonnes released per export quota pool in the quarter (infinite: no quota).
    pub quota: Vec<f64>,
    /// Ceiling on output per plant group, t per quarter (infinite: none).
    pub output_ceiling: Vec<f64>,
    /// Price floor per plant group: (USD per kg, t per quarter), for its main output.
    pub floor: Vec<Option<(f64, f64)>>,
    /// Public share of capital cost per plant group and the measure that pays.
    pub grant: Vec<f64>,
    /// Size, 0 to 1, of restrictions announced or in force on what reaches a venue, per venue.
    pub threat: Vec<f64>,
    /// Size of restrictions announced this very quarter, per venue: beliefs jump once.
    pub news: Vec<f64>,
    /// States that coerce others this quarter: (coercer, target, severity 0 to 1).
    pub coercion: Vec<(usize, usize, f64)>,
    /// Changes whenever a coefficient of the market may have changed.
    pub version: u64,
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
    /// Content of tracked commodities, t REO of each element per t: venues x elements.
    pub content: Vec<f64>,
    /// Activity of each market mode, t.
    pub mode_activity: Vec<f64>,
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
    /// Mean price paid in each venue over home deliveries and imports, USD per kg.
    pub price_traded: Vec<f64>,
    /// Rent of each lane, USD per kg.
    pub lane_rent: Vec<f64>,
    /// World totals of each element, t REO: mined, from end-of-life scrap, used, lost, disposed, in stock before, in stock now.
    pub elements: ElementBook,
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
