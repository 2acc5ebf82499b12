//! Excess supply of every venue at given prices, and its Jacobian: all curves of the market summed over arrays.
//!
//! The curves are those of [`super::curve`], [`super::lane`] and [`super::plant`], written here for whole columns at once: one exponential per
//! price, use curve and plant group, grid powers elsewhere. Tests hold the two forms against each other.

use super::{lane::REACH, plan::Plan, quota::Quotas};
use crate::domain::{
    market::{Coefficients, HOLDERS, Structure},
    maths::{exp, ln},
};

/// Most venues, or venues and modes, that the solver has room for. A power of two, so that a masked index needs no check.
pub(super) const SLOTS: usize = 4096;

/// A column indexed by venue or by row.
#[derive(Debug, Clone)]
pub(super) struct Slots(Box<[f64; SLOTS]>);

impl Slots {
    pub fn new() -> Self {
        Self(
            vec![0.0; SLOTS]
                .into_boxed_slice()
                .try_into()
                .expect("as long as the array"),
        )
    }

    #[inline(always)]
    pub fn get(&self, i: u16) -> f64 {
        self.0[i as usize & (SLOTS - 1)]
    }

    #[inline(always)]
    pub fn set(&mut self, i: u16, value: f64) {
        self.0[i as usize & (SLOTS - 1)] = value;
    }

    #[inline(always)]
    pub fn add(&mut self, i: u16, value: f64) {
        self.0[i as usize & (SLOTS - 1)] += value;
    }

    #[inline(always)]
    pub fn subtract(&mut self, i: u16, value: f64) {
        self.0[i as usize & (SLOTS - 1)] -= value;
    }

    pub fn head(&self, n: usize) -> &[f64] {
        &self.0[..n]
    }

    pub fn head_mut(&mut self, n: usize) -> &mut [f64] {
        &mut self.0[..n]
    }
}

/// Prices stay between e^-40 and e^40 USD per kg while the solver searches.
pub(super) const PRICE_RANGE: f64 = 40.0;

/// Where supply or demand is nil, the other side's share that stands for it in logs.
pub(super) const LEAST_SIDE: f64 = 1e-9;

/// Profitability ratios are cut here before they are raised to high powers.
pub(super) const RATIO_RANGE: f64 = 1e12;

/// The market of one quarter in the working order of a plan: what is derived once per clearing, and everything evaluated at
/// one set of prices. Buffers are reused.
#[derive(Debug, Clone)]
pub(super) struct Balance {
    // venues
    pub(super) given_supply: Vec<f64>,
    pub(super) given_demand: Vec<f64>,
    /// Targets, beliefs and target x belief^elasticity, holder by holder.
    pub(super) target: [Vec<f64>; HOLDERS],
    pub(super) belief: [Vec<f64>; HOLDERS],
    pub(super) above: [Vec<f64>; HOLDERS],
    /// Release and purchase steps that are switched on.
    pub(super) steps_on: Vec<u32>,
    // uses
    pub(super) choke_seen: Vec<f64>,
    pub(super) choke_factor: Vec<f64>,
    // lanes, in working order
    pub(super) reach_capital: Vec<f64>,
    pub(super) price_factor: Vec<f64>,
    pub(super) buyer: Vec<f64>,
    pub(super) added: Vec<f64>,
    pub(super) bound: Vec<f64>,
    pub(super) limited: Vec<u32>,
    /// Square of the wedge at which arbitrage is half open.
    pub(super) opening2: f64,
    // terms, in working order
    pub(super) amount: Vec<f64>,
    pub(super) cost4: Vec<f64>,
    pub(super) floors: Vec<u32>,
    // groups and plants
    pub(super) exponent: Vec<f64>,
    pub(super) weight_factor: Vec<f64>,
    pub(super) fixed_activity: Vec<f64>,
    pub(super) flexible: Vec<f64>,
    /// By plant: open share of its flexible capacity.
    pub(super) plant_share: Vec<f64>,

    /// Price and its inverse by venue.
    pub(super) price: Slots,
    pub(super) inverse: Slots,
    pub(super) price4: Slots,
    pub(super) supply: Slots,
    pub(super) demand: Slots,
    /// ln(supply / demand) by venue: what the solver brings to zero.
    pub(super) gap: Vec<f64>,
    /// 1 / supply and 1 / demand by venue.
    pub(super) by_supply: Slots,
    pub(super) by_demand: Slots,
    /// Slope of desired stocks and uses by venue, -d demand / dx.
    pub(super) stock_slope: Vec<f64>,
    pub(super) use_slope: Vec<f64>,
    /// By choice: derivative of the open and of the qualified curve by the other side's log price.
    pub(super) choice_slope: Vec<[f64; 2]>,
    pub(super) argument: Vec<f64>,
    pub(super) used: Vec<f64>,
    pub(super) stepped: Vec<f64>,
    pub(super) step_slope: Vec<f64>,
    /// Working order: flow, its derivative by the buyer's log price, delivered cost.
    pub(super) flow: Vec<f64>,
    pub(super) steep: Vec<f64>,
    pub(super) delivered: Vec<f64>,
    /// Working order: share separated.
    pub(super) separated: Vec<f64>,
    pub(super) revenue: Vec<f64>,
    pub(super) cost: Vec<f64>,
    pub(super) ratio: Vec<f64>,
    pub(super) share: Vec<f64>,
    pub(super) activity: Vec<f64>,
    /// exp(-M / s1) and M x sharpness (or M itself for one mode).
    pub(super) closing: Vec<f64>,
    pub(super) log_blend: Vec<f64>,
    pub(super) kept: Vec<f64>,
    pub(super) group_activity: Vec<f64>,
    pub(super) group_slope: Vec<f64>,
    pub(super) net: Vec<f64>,
}

impl Balance {
    pub fn new(plan: &Plan) -> Self {
        let (venues, lanes, terms) = (plan.venues, plan.lane_order.len(), plan.term_order.len());
        let (modes, groups) = (plan.modes.len(), plan.groups.len());
        let by_holder = || [(); HOLDERS].map(|()| vec![0.0; venues]);
        Self {
            given_supply: vec![0.0; venues],
            given_demand: vec![0.0; venues],
            target: by_holder(),
            belief: by_holder(),
            above: by_holder(),
            steps_on: Vec::new(),
            choke_seen: Vec::new(),
            choke_factor: Vec::new(),
            reach_capital: vec![0.0; lanes],
            price_factor: vec![0.0; lanes],
            buyer: vec![0.0; lanes],
            added: vec![0.0; lanes],
            bound: vec![f64::INFINITY; lanes],
            limited: Vec::with_capacity(lanes),
            opening2: 0.0,
            amount: vec![0.0; terms],
            cost4: vec![0.0; terms],
            floors: Vec::with_capacity(terms),
            exponent: vec![0.0; groups],
            weight_factor: vec![0.0; groups],
            fixed_activity: vec![0.0; groups],
            flexible: Vec::new(),
            plant_share: Vec::new(),
            price: Slots::new(),
            inverse: Slots::new(),
            price4: Slots::new(),
            supply: Slots::new(),
            demand: Slots::new(),
            gap: vec![0.0; venues],
            by_supply: Slots::new(),
            by_demand: Slots::new(),
            stock_slope: vec![0.0; venues],
            use_slope: Vec::new(),
            choice_slope: Vec::new(),
            argument: Vec::new(),
            used: Vec::new(),
            stepped: Vec::new(),
            step_slope: Vec::new(),
            flow: vec![0.0; lanes],
            steep: vec![0.0; lanes],
            delivered: vec![0.0; lanes],
            separated: vec![1.0; terms],
            revenue: vec![0.0; modes],
            cost: vec![0.0; modes],
            ratio: vec![0.0; modes],
            share: vec![1.0; modes],
            activity: vec![0.0; modes],
            closing: vec![0.0; groups],
            log_blend: vec![0.0; groups],
            kept: vec![1.0; groups],
            group_activity: vec![0.0; groups],
            group_slope: vec![0.0; groups],
            net: Vec::new(),
        }
    }

    /// Derives what does not depend on prices. `limits`: whether limits and quotas are in force.
    pub fn prepare(
        &mut self,
        plan: &Plan,
        s: &Structure,
        c: &Coefficients,
        quotas: &Quotas,
        limits: bool,
    ) {
        for (v, &inflow) in c.inflow.iter().enumerate() {
            self.given_supply[v] = c.opening_stock[v] + inflow.max(0.0);
            self.given_demand[v] = (-inflow).max(0.0);
        }
        let eta = c.stock_elasticity.value();
        for h in 0..HOLDERS {
            let columns = self.target[h]
                .iter_mut()
                .zip(&mut self.belief[h])
                .zip(&mut self.above[h]);
            for (((target, belief), above), (t, b)) in
                columns.zip(c.stock_target.iter().zip(&c.belief))
            {
                *target = t[h];
                *belief = b[h];
                *above = eta * b[h];
            }
            for (above, target) in self.above[h].iter_mut().zip(&self.target[h]) {
                *above = target * exp(*above);
            }
        }
        self.steps_on.clear();
        self.steps_on.extend(
            (0..s.steps.len())
                .filter(|&i| c.step_amount[i] > 0.0)
                .map(|i| i as u32),
        );
        self.stepped.clear();
        self.stepped.resize(s.steps.len(), 0.0);
        self.step_slope.resize(s.steps.len(), 0.0);

        for column in [
            &mut self.argument,
            &mut self.used,
            &mut self.use_slope,
            &mut self.choke_factor,
        ] {
            column.resize(s.uses.len(), 0.0);
        }
        self.choice_slope.resize(s.choices.len(), [0.0; 2]);
        self.choke_seen.resize(s.uses.len(), f64::NAN);
        for ((factor, seen), &choke) in self
            .choke_factor
            .iter_mut()
            .zip(&mut self.choke_seen)
            .zip(&c.use_choke)
        {
            if choke.to_bits() != seen.to_bits() {
                *seen = choke;
                *factor = exp(-super::curve::CHOKE_SLOPE * choke);
            }
        }

        self.limited.clear();
        for (place, &l) in plan.lane_order.iter().enumerate() {
            let l = l as usize;
            let buyer = c.buyer_factor[l];
            self.reach_capital[place] = c.capital[l];
            self.price_factor[place] = c.seller_factor[l] * buyer;
            self.added[place] = c.adder[l] * buyer;
            self.buyer[place] = buyer;
            self.bound[place] = if limits { c.limit[l] } else { f64::INFINITY };
        }
        for &place in &quotas.closed {
            self.bound[place as usize] = 0.0;
        }
        for (place, &bound) in self.bound.iter().enumerate() {
            if bound < f64::INFINITY {
                self.limited.push(place as u32);
            }
        }
        for capital in &mut self.reach_capital[..plan.first_arbitrage] {
            *capital *= REACH;
        }
        self.opening2 = c.arbitrage_opening * c.arbitrage_opening;

        self.floors.clear();
        for (place, &t) in plan.term_order.iter().enumerate() {
            let t = t as usize;
            self.amount[place] = c.amount[t];
            let c2 = c.byproduct_cost[t] * c.byproduct_cost[t];
            self.cost4[place] = c2 * c2;
            self.separated[place] = 1.0;
        }
        for (k, mode) in plan.modes.iter().enumerate() {
            for place in mode.outputs.clone() {
                let t = plan.term_order[place] as usize;
                if (c.floor[t] > 0.0 && c.floor_share[t] > 0.0) || c.support[t] != 0.0 {
                    self.floors.push(place as u32);
                    self.floors.push(k as u32);
                }
            }
        }

        let sharp = c.mode_sharpness.value();
        self.flexible.resize(s.plants(), 0.0);
        self.plant_share.resize(s.plants(), 0.0);
        for (g, group) in s.groups.iter().enumerate() {
            let single = group.modes.len() == 1;
            self.exponent[g] = if single { 1.0 } else { 1.0 / sharp } / c.spread[g];
            let weight = c.mode_weight[group.modes.start];
            self.weight_factor[g] = if single && weight != 1.0 {
                exp(ln(weight) / sharp)
            } else {
                1.0
            };
            let plants = group.plants.clone();
            let given = c.capacity[plants.clone()]
                .iter()
                .zip(&c.minimum_load[plants.clone()]);
            for (flexible, (capacity, minimum)) in
                self.flexible[plants.clone()].iter_mut().zip(given)
            {
                *flexible = capacity * (1.0 - minimum);
            }
            let (capacity, rest) = c.capacity[plants.clone()].as_chunks::<4>();
            let (minimum, minimum_rest) = c.minimum_load[plants].as_chunks::<4>();
            let mut fixed = [0.0; 4];
            for (capacity, minimum) in capacity.iter().zip(minimum) {
                for lane in 0..4 {
                    fixed[lane] += capacity[lane] * minimum[lane];
                }
            }
            for (fixed, (capacity, minimum)) in fixed.iter_mut().zip(rest.iter().zip(minimum_rest))
            {
                *fixed += capacity * minimum;
            }
            self.fixed_activity[g] = (fixed[0] + fixed[1]) + (fixed[2] + fixed[3]);
        }
    }
}
