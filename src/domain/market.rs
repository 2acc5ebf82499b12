//! One quarter's market as arrays: venues, lanes, plant groups and users in id order, and what clearing them gives.
//!
//! A [`Structure`] says what is connected and is fixed for a world (only plants may be added to it); [`Coefficients`] are edited
//! by policy, planning, demand, stockpile and relations as the quarter goes on; [`Cleared`] is what the market phase writes.
//! Mechanisms meet here and do not import each other.
//!
//! Units, unless a field says otherwise: quantities in t per quarter (stocks in t), prices and costs in real 2024 USD per kg,
//! log prices are natural logarithms of USD per kg.

pub use super::cleared::{Cleared, Diagnostics, NotCleared};
use super::{
    ids::{LaneId, VenueId},
    maths::Fourths,
};
use std::ops::Range;

/// Holder types of stock in each venue: adaptive, trend-following and fundamental, in this order.
pub const HOLDERS: usize = 3;

/// How goods move along a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaneKind {
    /// Trade by relationship: flow = capital x ratio / (1 + (ratio - 1) / r), r = (price / delivered cost) ^ kappa.
    Trade,
    /// Re-export between consumers or leakage that opens smoothly where the price exceeds delivered cost.
    Arbitrage,
}

/// A lane carries one commodity from a venue to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lane {
    /// Venue of the seller.
    pub from: VenueId,
    /// Venue of the buyer.
    pub to: VenueId,
    /// Trade or arbitrage.
    pub kind: LaneKind,
    /// Trade elasticity; not used by arbitrage.
    pub kappa: Fourths,
}

/// What a recipe does with a commodity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Consumed.
    Input,
    /// Sold at the venue's price (with its price floor and support, if any).
    Output,
    /// Separated only as far as its price exceeds its cost; the rest is disposed of at a cost.
    ByProduct,
}

/// One commodity of a mode's recipe, at the venue where it is bought or sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// Where it is bought or sold.
    pub venue: VenueId,
    /// Bought, sold, or sold where it pays.
    pub role: Role,
}

/// One way to run the plants of a group (recipe, feed, side): a range of [`Structure::terms`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mode {
    /// Position of its group.
    pub group: usize,
    /// Positions of its terms.
    pub terms: Range<usize>,
}

/// Plants of the same process, state and support: they share modes and differ in cost and capacity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlantGroup {
    /// Positions of its modes.
    pub modes: Range<usize>,
    /// Rows of its plants in the plant columns. The ranges of all groups, in order, cover the columns without gaps.
    pub plants: Range<usize>,
}

/// A purchase or release that switches on around a trigger price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// Bought below the trigger.
    Purchase,
    /// Sold above the trigger.
    Release,
}

/// A state stockpile's order or release, or a by-product pile that gives a little back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Where it is bought or sold.
    pub venue: VenueId,
    /// Purchase or release.
    pub kind: StepKind,
}

/// A lane under a tonnage quota.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PoolMember {
    /// The lane.
    pub lane: LaneId,
    /// Quota used per t carried, t REO per t.
    pub weight: f64,
}

/// Users who choose between the two sides of a commodity: two end-use curves that share one demand by a logit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Curve on the open side.
    pub open: usize,
    /// Curve on the qualified side.
    pub qualified: usize,
}

/// What is connected with what: venues, lanes, recipes, users. Built once per world with the `add_` functions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Structure {
    /// Number of venues (state x commodity, and side where provenance matters).
    pub venues: usize,
    /// Lanes by [`LaneId`].
    pub lanes: Vec<Lane>,
    /// Plant groups.
    pub groups: Vec<PlantGroup>,
    /// Modes of all groups, group by group.
    pub modes: Vec<Mode>,
    /// Recipe terms of all modes, mode by mode.
    pub terms: Vec<Term>,
    /// Venue of each end-use curve.
    pub uses: Vec<VenueId>,
    /// Pairs of end-use curves between which users choose. A lane must join the two venues of each.
    pub choices: Vec<Choice>,
    /// Stockpile and pile steps.
    pub steps: Vec<Step>,
    /// Export quotas: the lanes each one covers.
    pub pools: Vec<Vec<PoolMember>>,
}

impl Structure {
    /// A structure of so many venues and nothing else.
    #[must_use]
    pub fn new(venues: usize) -> Self {
        Self {
            venues,
            ..Self::default()
        }
    }

    /// Adds a lane.
    pub fn add_lane(
        &mut self,
        from: VenueId,
        to: VenueId,
        kind: LaneKind,
        kappa: Fourths,
    ) -> LaneId {
        self.lanes.push(Lane {
            from,
            to,
            kind,
            kappa,
        });
        LaneId::from_index(self.lanes.len() - 1)
    }

    /// Adds a plant group of so many plants whose modes have the given terms; gives the group's position.
    pub fn add_group(&mut self, modes: &[Vec<Term>], plants: usize) -> usize {
        let group = self.groups.len();
        let first_mode = self.modes.len();
        for terms in modes {
            let first = self.terms.len();
            self.terms.extend_from_slice(terms);
            self.modes.push(Mode {
                group,
                terms: first..self.terms.len(),
            });
        }
        let first_plant = self.plants();
        self.groups.push(PlantGroup {
            modes: first_mode..self.modes.len(),
            plants: first_plant..first_plant + plants,
        });
        group
    }

    /// Adds an end-use curve; gives its position.
    pub fn add_use(&mut self, venue: VenueId) -> usize {
        self.uses.push(venue);
        self.uses.len() - 1
    }

    /// Makes two end-use curves one demand with a choice of side; gives its position.
    pub fn add_choice(&mut self, open: usize, qualified: usize) -> usize {
        self.choices.push(Choice { open, qualified });
        self.choices.len() - 1
    }

    /// Adds a step; gives its position.
    pub fn add_step(&mut self, venue: VenueId, kind: StepKind) -> usize {
        self.steps.push(Step { venue, kind });
        self.steps.len() - 1
    }

    /// Adds an export quota; gives its position.
    pub fn add_pool(&mut self, members: Vec<PoolMember>) -> usize {
        self.pools.push(members);
        self.pools.len() - 1
    }

    /// Number of plants.
    #[must_use]
    pub fn plants(&self) -> usize {
        self.groups.last().map_or(0, |group| group.plants.end)
    }

    /// Makes room for one more plant at the end of a group; gives its row. Rows of later groups move up by one, here and
    /// in the coefficients, where the new plant has no capacity yet.
    pub fn add_plant(&mut self, group: usize, coefficients: &mut Coefficients) -> usize {
        let row = self.groups[group].plants.end;
        self.groups[group].plants.end += 1;
        for later in &mut self.groups[group + 1..] {
            later.plants.start += 1;
            later.plants.end += 1;
        }
        coefficients.capacity.insert(row, 0.0);
        coefficients.minimum_load.insert(row, 0.0);
        coefficients.handicap.insert(row, 1.0);
        row
    }

    /// Checks that every index points at something and that plant ranges have no gaps.
    ///
    /// # Errors
    /// Says which entry is wrong.
    pub fn check(&self) -> Result<(), String> {
        let venue = |what: &str, i: usize, v: VenueId| {
            if v.index() < self.venues {
                Ok(())
            } else {
                Err(format!("{what} {i} names venue {} of {}", v.0, self.venues))
            }
        };
        for (i, lane) in self.lanes.iter().enumerate() {
            venue("lane", i, lane.from)?;
            venue("lane", i, lane.to)?;
            if lane.from == lane.to {
                return Err(format!(
                    "lane {i} leads from venue {} to itself",
                    lane.from.0
                ));
            }
            if lane.kind == LaneKind::Trade && lane.kappa.0 == 0 {
                return Err(format!("lane {i} has a trade elasticity of zero"));
            }
        }
        for (i, term) in self.terms.iter().enumerate() {
            venue("recipe term", i, term.venue)?;
        }
        for (i, &v) in self.uses.iter().enumerate() {
            venue("use", i, v)?;
        }
        for (i, choice) in self.choices.iter().enumerate() {
            let place = |u: usize| self.uses.get(u).copied();
            let joined = |a: VenueId, b: VenueId| {
                self.lanes
                    .iter()
                    .any(|l| (l.from, l.to) == (a, b) || (l.from, l.to) == (b, a))
            };
            match (place(choice.open), place(choice.qualified)) {
                (Some(open), Some(qualified)) if joined(open, qualified) => {}
                _ => {
                    return Err(format!(
                        "choice {i} is not between two uses with a lane between them"
                    ));
                }
            }
        }
        for (i, step) in self.steps.iter().enumerate() {
            venue("step", i, step.venue)?;
        }
        let (mut mode, mut term, mut plant) = (0, 0, 0);
        for (i, group) in self.groups.iter().enumerate() {
            if group.modes.is_empty()
                || group.modes.start != mode
                || group.plants.start != plant
                || group.plants.end < plant
            {
                return Err(format!("plant group {i} has no mode or leaves a gap"));
            }
            (mode, plant) = (group.modes.end, group.plants.end);
        }
        for (i, m) in self.modes.iter().enumerate() {
            if m.terms.start != term
                || m.terms.end < term
                || !self
                    .groups
                    .get(m.group)
                    .is_some_and(|g| g.modes.contains(&i))
            {
                return Err(format!("mode {i} leaves a gap or is not of its group"));
            }
            term = m.terms.end;
        }
        if mode != self.modes.len() || term != self.terms.len() {
            return Err("modes or recipe terms without a group".to_owned());
        }
        for (i, pool) in self.pools.iter().enumerate() {
            if let Some(member) = pool.iter().find(|m| m.lane.index() >= self.lanes.len()) {
                return Err(format!(
                    "quota {i} names lane {} of {}",
                    member.lane.0,
                    self.lanes.len()
                ));
            }
        }
        Ok(())
    }
}

/// Every number that a quarter's clearing depends on, as columns by venue, use, step, lane, quota, group, mode, term and plant.
#[derive(Debug, Clone, PartialEq)]
pub struct Coefficients {
    /// By venue: stock at the start of the quarter, t, all holders together.
    pub opening_stock: Vec<f64>,
    /// By venue: exogenous arrivals, t per quarter (collected scrap); negative: taken away beforehand (contract deliveries).
    pub inflow: Vec<f64>,
    /// By venue and holder type: stock wanted when the price equals the belief, t.
    pub stock_target: Vec<[f64; HOLDERS]>,
    /// By venue and holder type: believed price, log.
    pub belief: Vec<[f64; HOLDERS]>,
    /// Price elasticity of desired stock, one for all.
    pub stock_elasticity: Fourths,

    /// By use: use at the reference price far below choke, t per quarter, after driver, thrift and slow response.
    pub use_base: Vec<f64>,
    /// By use: price elasticity within the quarter, positive.
    pub use_elasticity: Vec<f64>,
    /// By use: reference price, log.
    pub use_reference: Vec<f64>,
    /// By use: choke price, log.
    pub use_choke: Vec<f64>,

    /// By choice: advantage of the qualified side in log price; infinite: nothing else is bought, minus infinity: nothing of it.
    pub choice_credit: Vec<f64>,
    /// Spread of log prices over which users change side, one for all; positive.
    pub choice_spread: f64,

    /// By step: most that is bought or sold, t per quarter; 0 switches it off.
    pub step_amount: Vec<f64>,
    /// By step: trigger price, log, at which half of it is bought or sold.
    pub step_centre: Vec<f64>,
    /// By step: steepness per unit of log price.
    pub step_slope: Vec<f64>,

    /// By lane: relationship capital (trade: flow when price equals delivered cost) or full flow (arbitrage), t per quarter.
    pub capital: Vec<f64>,
    /// By lane: (1 + unrebated VAT)(1 + export tax).
    pub seller_factor: Vec<f64>,
    /// By lane: freight and other costs per unit, USD per kg.
    pub adder: Vec<f64>,
    /// By lane: (1 + tariff)(1 + premium).
    pub buyer_factor: Vec<f64>,
    /// By lane: most that may flow, t per quarter; infinite: no limit; 0: embargo.
    pub limit: Vec<f64>,
    /// Log wedge at which an arbitrage lane carries half of its full flow, one for all.
    pub arbitrage_opening: f64,

    /// By quota: tonnage released, t REO per quarter; infinite: not in force.
    pub released: Vec<f64>,
    /// By quota: size of a usual price of the goods covered, USD per kg, for scaling.
    pub rent_scale: Vec<f64>,

    /// By group: spread s1 of log profitability over which plants open; positive.
    pub spread: Vec<f64>,
    /// 1 / s2: sharpness of the choice between modes, one for all.
    pub mode_sharpness: Fourths,
    /// By mode: conversion cost without feed, USD per kg of activity; positive.
    pub opex: Vec<f64>,
    /// By mode: base weight in the choice between modes; weights of a group usually sum to 1.
    pub mode_weight: Vec<f64>,

    /// By term: t per t of activity.
    pub amount: Vec<f64>,
    /// By term (outputs): price floor, USD per kg; 0: none.
    pub floor: Vec<f64>,
    /// By term (outputs): share of the volume that the floor covers.
    pub floor_share: Vec<f64>,
    /// By term (outputs): support paid per kg whatever the price, USD per kg.
    pub support: Vec<f64>,
    /// By term (by-products): cost of separating it, USD per kg.
    pub byproduct_cost: Vec<f64>,
    /// By term (by-products): cost of disposing of it instead, USD per kg.
    pub disposal_cost: Vec<f64>,

    /// By plant: capacity, t of activity per quarter.
    pub capacity: Vec<f64>,
    /// By plant: share of capacity that runs even deep in loss.
    pub minimum_load: Vec<f64>,
    /// By plant: exp(log cost disadvantage / spread of its group), positive; 1: the group's cost.
    pub handicap: Vec<f64>,
}

impl Coefficients {
    /// Columns of the right lengths: nothing held, used, moved or made; no taxes, limits, quotas, floors.
    #[must_use]
    pub fn empty(structure: &Structure) -> Self {
        let (venues, lanes, uses, steps) = (
            structure.venues,
            structure.lanes.len(),
            structure.uses.len(),
            structure.steps.len(),
        );
        let (groups, modes, terms, plants) = (
            structure.groups.len(),
            structure.modes.len(),
            structure.terms.len(),
            structure.plants(),
        );
        let mut mode_weight = vec![1.0; modes];
        for group in &structure.groups {
            mode_weight[group.modes.clone()].fill(1.0 / group.modes.len() as f64);
        }
        Self {
            opening_stock: vec![0.0; venues],
            inflow: vec![0.0; venues],
            stock_target: vec![[0.0; HOLDERS]; venues],
            belief: vec![[0.0; HOLDERS]; venues],
            stock_elasticity: Fourths(14),
            use_base: vec![0.0; uses],
            use_elasticity: vec![0.3; uses],
            use_reference: vec![0.0; uses],
            use_choke: vec![3.0; uses],
            choice_credit: vec![f64::NEG_INFINITY; structure.choices.len()],
            choice_spread: 0.08,
            step_amount: vec![0.0; steps],
            step_centre: vec![0.0; steps],
            step_slope: vec![10.0; steps],
            capital: vec![0.0; lanes],
            seller_factor: vec![1.0; lanes],
            adder: vec![0.0; lanes],
            buyer_factor: vec![1.0; lanes],
            limit: vec![f64::INFINITY; lanes],
            arbitrage_opening: 0.1,
            released: vec![f64::INFINITY; structure.pools.len()],
            rent_scale: vec![1.0; structure.pools.len()],
            spread: vec![0.08; groups],
            mode_sharpness: Fourths(80),
            opex: vec![1.0; modes],
            mode_weight,
            amount: vec![0.0; terms],
            floor: vec![0.0; terms],
            floor_share: vec![0.0; terms],
            support: vec![0.0; terms],
            byproduct_cost: vec![0.0; terms],
            disposal_cost: vec![0.0; terms],
            capacity: vec![0.0; plants],
            minimum_load: vec![0.0; plants],
            handicap: vec![1.0; plants],
        }
    }
}
