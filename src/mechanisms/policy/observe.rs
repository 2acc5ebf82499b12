//! What states can see: aggregates of past quarters as published, and the measures that have been announced. Never the quarter they act in.
//!
//! Statistics come `observation_lag` quarters late and with a relative error that belongs to the observer, the figure and the quarter,
//! so that two rules of one state read the same number. Prices and trust are late but exact; own accounts and the measures of others
//! are known as they stood in the quarter before.

use crate::domain::{
    actors::MeasureStatus,
    exchange::{Books, Curves, PlantBooks, Relations, Trading},
    ids::{CommodityId, SectorId, StateId},
    layout::Layout,
    policy::Instrument,
    time::Quarter,
};
use bevy_ecs::prelude::Resource;
use std::collections::VecDeque;

/// Quarters before the one seen that an observable may need.
pub const BEFORE: usize = 4;

/// One quarter as it is published.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Published {
    /// Log price by venue.
    pub log_price: Vec<f64>,
    /// Slow average of it.
    pub log_price_slow: Vec<f64>,
    /// Drawn by users and plants, by venue, t.
    pub drawn: Vec<f64>,
    /// Bought from other states and from home output, by venue, t.
    pub intake: Vec<f64>,
    /// Stocks of firms and the state, by venue, t.
    pub stock: Vec<f64>,
    /// Flow by lane, t.
    pub lane_flow: Vec<f64>,
    /// Output by plant group, t of activity.
    pub output: Vec<f64>,
    /// Demand at reference prices by end user, t.
    pub demand: Vec<f64>,
    /// Of it served, t.
    pub served: Vec<f64>,
    /// Trust, states x states.
    pub trust: Vec<f64>,
}

/// Who an end user is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// State.
    pub state: StateId,
    /// Sector.
    pub sector: SectorId,
    /// Commodity.
    pub commodity: CommodityId,
}

/// Quarters published so far, as many as anybody can look back on.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Archive {
    /// Seed of the run, for errors of reading.
    pub seed: u64,
    /// End users, in the order of their figures.
    pub users: Vec<User>,
    past: VecDeque<(Quarter, Published)>,
}

impl Archive {
    /// An archive in which nothing has been filed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            ..Self::default()
        }
    }

    /// Adds a quarter and forgets what nobody can look back on any more.
    pub fn add(&mut self, quarter: Quarter, published: Published, lag: u32) {
        self.past.push_back((quarter, published));
        while self.past.len() > lag as usize + BEFORE {
            self.past.pop_front();
        }
    }

    /// A quarter, if it has been published and not forgotten.
    #[must_use]
    pub fn of(&self, quarter: Quarter) -> Option<&Published> {
        self.past
            .iter()
            .find(|(of, _)| *of == quarter)
            .map(|(_, published)| published)
    }
}

/// Gathers a settled quarter. `demand` is that of the end users at reference prices, by user id.
#[must_use]
pub fn publish(
    layout: &Layout,
    books: &Books,
    plants: &PlantBooks,
    relations: &Relations,
    curves: &Curves,
    trading: &Trading,
    demand: Vec<f64>,
) -> Published {
    let venues = 0..layout.venues.len();
    let served = demand
        .iter()
        .enumerate()
        .map(|(user, demand)| curves.served(user, *demand, trading))
        .collect();
    let mut published = Published {
        log_price: books.log_price.clone(),
        log_price_slow: books.log_price_slow.clone(),
        drawn: venues
            .clone()
            .map(|v| books.used[v] + books.scrap[v] + books.loss[v] + books.disposal[v])
            .collect(),
        intake: venues
            .clone()
            .map(|v| books.imports[v] + books.home_use(v))
            .collect(),
        stock: venues
            .map(|v| books.firm_stock[v] + books.state_stock[v])
            .collect(),
        lane_flow: books.lane_flow.clone(),
        output: layout
            .groups
            .iter()
            .map(|group| plants.activity[group.plants()].iter().sum())
            .collect(),
        demand,
        served,
        trust: relations.trust.clone(),
    };
    // Customs do not see what slips past them.
    for (flow, lane) in published.lane_flow.iter_mut().zip(&layout.lanes) {
        if lane.leak_of().is_some() {
            *flow = 0.0;
        }
    }
    // Statistics know one commodity, not two sides of it.
    for (&(open, qualified), &valve) in layout.sides.venues.iter().zip(&layout.sides.valves) {
        let moved = std::mem::take(&mut published.lane_flow[valve]);
        let both = |column: &[f64]| column[open] + column[qualified];
        let home = both(&books.production) - (both(&books.exports) - moved);
        published.intake[open] = both(&books.imports) - moved + home.max(0.0);
        published.drawn[open] += published.drawn[qualified];
        published.stock[open] += published.stock[qualified];
    }
    published
}

/// A measure of any state as it stood in the quarter before.
#[derive(Debug, Clone, PartialEq)]
pub struct SeenMeasure {
    /// Whose.
    pub state: StateId,
    /// Its name.
    pub name: String,
    /// Where it stood.
    pub status: MeasureStatus,
    /// What it does.
    pub instrument: Instrument,
    /// Its ceiling of the year, if it sets one, t.
    pub yearly: Option<f64>,
    /// Public cost so far, USD.
    pub cost_usd: f64,
}

impl SeenMeasure {
    /// Whether it was announced or in force.
    #[must_use]
    pub const fn stands(&self) -> bool {
        matches!(
            self.status,
            MeasureStatus::Announced | MeasureStatus::Effective
        )
    }
}

/// Membership of a state in a bloc.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Id of the bloc.
    pub bloc: String,
    /// Its name; the id where it has none.
    pub name: String,
    /// Member.
    pub state: StateId,
    /// First quarter.
    pub from: Quarter,
    /// Last quarter.
    pub to: Option<Quarter>,
}

/// All memberships.
#[derive(Resource, Debug, Clone, PartialEq, Eq, Default)]
pub struct Blocs(pub Vec<Membership>);

impl Blocs {
    /// Members of a bloc, by id or name in any case.
    pub fn members(&self, bloc: &str, now: Quarter) -> impl Iterator<Item = StateId> {
        self.0
            .iter()
            .filter(move |m| {
                (m.bloc.eq_ignore_ascii_case(bloc) || m.name.eq_ignore_ascii_case(bloc))
                    && m.from <= now
                    && m.to.is_none_or(|to| to >= now)
            })
            .map(|m| m.state)
    }
}
