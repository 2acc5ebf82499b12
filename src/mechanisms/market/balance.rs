//! Excess supply of every venue at given prices, and its Jacobian: all curves of the market summed over arrays.
//!
//! The curves are those of [`super::curve`], [`super::lane`] and [`super::plant`], written here for whole columns at once: one exponential per
//! price, use curve and plant group, grid powers elsewhere. Tests hold the two forms against each other.

use super::{
    lane::{REACH, bend},
    plan::{Entry, Plan},
    plant::floor_payment,
    quota::Quotas,
};
use crate::domain::{
    market::{Coefficients, HOLDERS, StepKind, Structure},
    maths::{Fourths, exp, ln},
};
use std::ops::Range;

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

/// Profitability ratios are cut here before they are raised to high powers.
const RATIO_RANGE: f64 = 1e12;

/// The market of one quarter in the working order of a plan: what is derived once per clearing, and everything evaluated at
/// one set of prices. Buffers are reused.
#[derive(Debug, Clone)]
pub(super) struct Balance {
    // venues
    given_supply: Vec<f64>,
    given_demand: Vec<f64>,
    /// Targets, beliefs and target x belief^elasticity, holder by holder.
    target: [Vec<f64>; HOLDERS],
    belief: [Vec<f64>; HOLDERS],
    above: [Vec<f64>; HOLDERS],
    /// Release and purchase steps that are switched on.
    steps_on: Vec<u32>,
    // uses
    choke_seen: Vec<f64>,
    choke_factor: Vec<f64>,
    // lanes, in working order
    reach_capital: Vec<f64>,
    price_factor: Vec<f64>,
    buyer: Vec<f64>,
    added: Vec<f64>,
    limited: Vec<(u32, f64)>,
    // terms, in working order
    amount: Vec<f64>,
    cost4: Vec<f64>,
    floors: Vec<u32>,
    // groups and plants
    pub exponent: Vec<f64>,
    weight_factor: Vec<f64>,
    fixed_activity: Vec<f64>,
    flexible: Vec<f64>,

    /// Price and its inverse by venue.
    pub price: Slots,
    inverse: Slots,
    price4: Slots,
    pub supply: Slots,
    pub demand: Slots,
    /// Slope of desired stocks and uses by venue, -d demand / dx.
    stock_slope: Vec<f64>,
    use_slope: Vec<f64>,
    argument: Vec<f64>,
    pub used: Vec<f64>,
    pub stepped: Vec<f64>,
    step_slope: Vec<f64>,
    /// Working order: flow, its derivative by the buyer's log price, delivered cost.
    pub flow: Vec<f64>,
    pub steep: Vec<f64>,
    pub delivered: Vec<f64>,
    /// Working order: share separated.
    pub separated: Vec<f64>,
    revenue: Vec<f64>,
    cost: Vec<f64>,
    pub ratio: Vec<f64>,
    pub share: Vec<f64>,
    pub activity: Vec<f64>,
    /// exp(-M / s1) and M x sharpness (or M itself for one mode).
    pub closing: Vec<f64>,
    pub log_blend: Vec<f64>,
    group_activity: Vec<f64>,
    group_slope: Vec<f64>,
    net: Vec<f64>,
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
            limited: Vec::with_capacity(lanes),
            amount: vec![0.0; terms],
            cost4: vec![0.0; terms],
            floors: Vec::with_capacity(terms),
            exponent: vec![0.0; groups],
            weight_factor: vec![0.0; groups],
            fixed_activity: vec![0.0; groups],
            flexible: Vec::new(),
            price: Slots::new(),
            inverse: Slots::new(),
            price4: Slots::new(),
            supply: Slots::new(),
            demand: Slots::new(),
            stock_slope: vec![0.0; venues],
            use_slope: Vec::new(),
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
            if limits && c.limit[l] < f64::INFINITY {
                self.limited.push((place as u32, c.limit[l]));
            }
        }
        for capital in &mut self.reach_capital[..plan.first_arbitrage] {
            *capital *= REACH;
        }
        self.limited
            .extend(quotas.closed.iter().map(|&place| (place, 0.0)));

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
        self.flexible.clear();
        for (g, group) in s.groups.iter().enumerate() {
            let single = group.modes.len() == 1;
            self.exponent[g] = if single { 1.0 } else { 1.0 / sharp } / c.spread[g];
            let weight = c.mode_weight[group.modes.start];
            self.weight_factor[g] = if single && weight != 1.0 {
                exp(ln(weight) / sharp)
            } else {
                1.0
            };
            let mut fixed = 0.0;
            for p in group.plants.clone() {
                let flexible = c.capacity[p] * (1.0 - c.minimum_load[p]);
                fixed += c.capacity[p] * c.minimum_load[p];
                self.flexible.push(flexible);
            }
            self.fixed_activity[g] = fixed;
        }
    }

    /// Evaluates every curve at log prices `x` and the quotas' rents. Gives the largest excess relative to throughput and stock.
    pub fn evaluate(
        &mut self,
        plan: &Plan,
        s: &Structure,
        c: &Coefficients,
        quotas: &mut Quotas,
        x: &[f64],
    ) -> f64 {
        let n = plan.venues;
        for (price, &x) in self.price.head_mut(n).iter_mut().zip(x) {
            *price = exp(x);
        }
        let columns = self
            .inverse
            .head_mut(n)
            .iter_mut()
            .zip(self.price4.head_mut(n));
        for ((inverse, price4), &price) in columns.zip(self.price.head(n)) {
            *inverse = 1.0 / price;
            *price4 = (price * price) * (price * price);
        }
        self.supply.head_mut(n).copy_from_slice(&self.given_supply);
        self.hold(c.stock_elasticity, x);
        self.use_up(s, c, x);
        self.step(s, c, x);
        self.trade(plan, c, quotas);
        self.produce(plan, s, c);
        let mut worst = quotas.residual(&self.flow);
        for (&supply, &demand) in self.supply.head(n).iter().zip(self.demand.head(n)) {
            let scale = supply.max(demand);
            let off = (supply - demand).abs();
            // a NaN counts as infinitely far off
            if off > worst * scale || off.is_nan() {
                worst = if off.is_finite() {
                    off / scale
                } else {
                    f64::INFINITY
                };
            }
        }
        worst
    }

    fn hold(&mut self, elasticity: Fourths, x: &[f64]) {
        let n = x.len().min(self.given_demand.len());
        let eta = elasticity.value();
        let demand = self.demand.head_mut(n);
        let inverse = self.inverse.head(n);
        let slope = &mut self.stock_slope[..n];
        for v in 0..n {
            let power = elasticity.pow(inverse[v]);
            let (mut stock, mut steep) = (0.0, 0.0);
            for h in 0..HOLDERS {
                let gap = x[v] - self.belief[h][v];
                let (target, high) = (self.target[h][v], self.above[h][v] * power);
                stock += if gap >= 0.0 {
                    high
                } else {
                    target - target * (eta * gap)
                };
                steep += if gap >= 0.0 { high } else { target };
            }
            demand[v] = self.given_demand[v] + stock;
            slope[v] = eta * steep;
        }
    }

    fn use_up(&mut self, s: &Structure, c: &Coefficients, x: &[f64]) {
        let x = &x[..s.venues];
        for (u, &venue) in s.uses.iter().enumerate() {
            self.argument[u] = -c.use_elasticity[u] * (x[venue.index()] - c.use_reference[u]);
        }
        for argument in &mut self.argument {
            *argument = exp(*argument);
        }
        for (u, &venue) in s.uses.iter().enumerate() {
            let price = self.price.get(venue.0);
            let choked = self.choke_factor[u] * (price * price * price);
            let open = 1.0 / (1.0 + choked);
            let used = c.use_base[u] * self.argument[u] * open;
            self.used[u] = used;
            self.use_slope[u] =
                used * (c.use_elasticity[u] + super::curve::CHOKE_SLOPE * (1.0 - open));
            self.demand.add(venue.0, used);
        }
    }

    fn step(&mut self, s: &Structure, c: &Coefficients, x: &[f64]) {
        for &i in &self.steps_on {
            let i = i as usize;
            let step = s.steps[i];
            let above = c.step_slope[i] * (x[step.venue.index()] - c.step_centre[i]);
            let share = 1.0
                / (1.0
                    + exp(if step.kind == StepKind::Purchase {
                        above
                    } else {
                        -above
                    }));
            let moved = c.step_amount[i] * share;
            self.stepped[i] = moved;
            self.step_slope[i] = moved * (1.0 - share) * c.step_slope[i];
            match step.kind {
                StepKind::Purchase => self.demand.add(step.venue.0, moved),
                StepKind::Release => self.supply.add(step.venue.0, moved),
            }
        }
    }

    fn trade(&mut self, plan: &Plan, c: &Coefficients, quotas: &Quotas) {
        for run in &plan.runs {
            match run.kappa.0 {
                16 => self.trade_run::<16>(plan, run.lanes.clone(), run.kappa),
                24 => self.trade_run::<24>(plan, run.lanes.clone(), run.kappa),
                32 => self.trade_run::<32>(plan, run.lanes.clone(), run.kappa),
                40 => self.trade_run::<40>(plan, run.lanes.clone(), run.kappa),
                48 => self.trade_run::<48>(plan, run.lanes.clone(), run.kappa),
                _ => self.trade_run::<0>(plan, run.lanes.clone(), run.kappa),
            }
        }
        for place in plan.first_arbitrage..plan.from.len() {
            let delivered =
                self.price.get(plan.from[place]) * self.price_factor[place] + self.added[place];
            let price = self.price.get(plan.to[place]);
            (self.flow[place], self.steep[place]) = (0.0, 0.0);
            if price > delivered {
                let wedge = ln(price / delivered);
                let open = c.arbitrage_opening * c.arbitrage_opening;
                let whole = 1.0 / (open + wedge * wedge);
                self.delivered[place] = delivered;
                self.flow[place] = self.reach_capital[place] * (wedge * wedge) * whole;
                self.steep[place] =
                    self.reach_capital[place] * 2.0 * wedge * open * (whole * whole);
            }
        }
        if quotas.in_force() {
            self.reprice_quota_lanes(plan, c, quotas);
        }
        for &(place, limit) in &self.limited {
            let place = place as usize;
            let (flow, passed) = bend(self.flow[place], limit);
            self.flow[place] = flow;
            self.steep[place] *= passed;
        }
        for ((&i, &j), &flow) in plan.from.iter().zip(&plan.to).zip(&self.flow) {
            self.demand.add(i, flow);
            self.supply.add(j, flow);
        }
    }

    fn trade_run<const KAPPA: u8>(&mut self, plan: &Plan, lanes: Range<usize>, kappa: Fourths) {
        let kappa = if KAPPA == 0 { kappa } else { Fourths(KAPPA) };
        let elasticity = kappa.value();
        let ends = plan.from[lanes.clone()].iter().zip(&plan.to[lanes.clone()]);
        let given = self.price_factor[lanes.clone()]
            .iter()
            .zip(&self.added[lanes.clone()])
            .zip(&self.reach_capital[lanes.clone()]);
        let found = self.flow[lanes.clone()]
            .iter_mut()
            .zip(&mut self.steep[lanes.clone()])
            .zip(&mut self.delivered[lanes]);
        for (((&i, &j), ((&factor, &added), &reach)), ((flow, steep), delivered)) in
            ends.zip(given).zip(found)
        {
            let cost = self.price.get(i) * factor + added;
            let open = 1.0 / (1.0 + (REACH - 1.0) * kappa.pow(cost * self.inverse.get(j)));
            let q = reach * open;
            *delivered = cost;
            *flow = q;
            *steep = elasticity * (q * (1.0 - open));
        }
    }

    /// Lanes under a quota once more, with its rent in their cost.
    fn reprice_quota_lanes(&mut self, plan: &Plan, c: &Coefficients, quotas: &Quotas) {
        for &(place, rent) in quotas.lane_rents() {
            let place = place as usize;
            let cost = self.price.get(plan.from[place]) * self.price_factor[place]
                + self.added[place]
                + rent * self.buyer[place];
            self.delivered[place] = cost;
            if place < plan.first_arbitrage {
                let kappa = plan.kappa_at(place);
                let open = 1.0
                    / (1.0 + (REACH - 1.0) * kappa.pow(cost * self.inverse.get(plan.to[place])));
                self.flow[place] = self.reach_capital[place] * open;
                self.steep[place] = kappa.value() * (self.flow[place] * (1.0 - open));
            } else {
                let wedge = ln(self.price.get(plan.to[place]) / cost).max(0.0);
                let open = c.arbitrage_opening * c.arbitrage_opening;
                let whole = 1.0 / (open + wedge * wedge);
                self.flow[place] = self.reach_capital[place] * (wedge * wedge) * whole;
                self.steep[place] =
                    self.reach_capital[place] * 2.0 * wedge * open * (whole * whole);
            }
        }
    }

    fn produce(&mut self, plan: &Plan, s: &Structure, c: &Coefficients) {
        for (k, mode) in plan.modes.iter().enumerate() {
            let (mut revenue, mut cost) = (0.0, c.opex[k]);
            for (&venue, &amount) in plan.term_venue[mode.inputs.clone()]
                .iter()
                .zip(&self.amount[mode.inputs.clone()])
            {
                cost += amount * self.price.get(venue);
            }
            for (&venue, &amount) in plan.term_venue[mode.outputs.clone()]
                .iter()
                .zip(&self.amount[mode.outputs.clone()])
            {
                revenue += amount * self.price.get(venue);
            }
            for place in mode.byproducts.clone() {
                let (venue, t) = (plan.term_venue[place], plan.term_order[place] as usize);
                let price4 = self.price4.get(venue);
                let share = price4 / (price4 + self.cost4[place]);
                self.separated[place] = share;
                revenue += self.amount[place] * (share * self.price.get(venue));
                cost += self.amount[place]
                    * (share * c.byproduct_cost[t] + (1.0 - share) * c.disposal_cost[t]);
            }
            self.revenue[k] = revenue;
            self.cost[k] = cost;
        }
        for pair in self.floors.chunks_exact(2) {
            let (place, k) = (pair[0] as usize, pair[1] as usize);
            let t = plan.term_order[place] as usize;
            let payment = floor_payment(self.price.get(plan.term_venue[place]), c.floor[t]).0;
            self.revenue[k] += self.amount[place] * (c.floor_share[t] * payment + c.support[t]);
        }
        for (ratio, (revenue, cost)) in self
            .ratio
            .iter_mut()
            .zip(self.revenue.iter().zip(&self.cost))
        {
            *ratio = (revenue / cost).clamp(1.0 / RATIO_RANGE, RATIO_RANGE);
        }
        for (g, group) in plan.groups.iter().enumerate() {
            let modes = group.modes.clone();
            if modes.len() == 1 {
                self.log_blend[g] = self.ratio[modes.start] * self.weight_factor[g];
            } else {
                let mut sum = 0.0;
                for k in modes.clone() {
                    self.share[k] = c.mode_weight[k] * c.mode_sharpness.pow(self.ratio[k]);
                    sum += self.share[k];
                }
                let sum = sum.max(f64::MIN_POSITIVE);
                for share in &mut self.share[modes] {
                    *share /= sum;
                }
                self.log_blend[g] = sum;
            }
        }
        for (closing, (log_blend, exponent)) in self
            .closing
            .iter_mut()
            .zip(self.log_blend.iter_mut().zip(&self.exponent))
        {
            *log_blend = ln(*log_blend);
            *closing = exp(-(*log_blend * exponent));
        }
        for (g, group) in plan.groups.iter().enumerate() {
            let plants = s.groups[g].plants.clone();
            let (open, slope) = merit_order(
                self.closing[g],
                &self.flexible[plants.clone()],
                &c.handicap[plants],
            );
            let total = self.fixed_activity[g] + open;
            self.group_activity[g] = total;
            self.group_slope[g] = slope / c.spread[g];
            for k in group.modes.clone() {
                let mode = &plan.modes[k];
                let activity = total * self.share[k];
                self.activity[k] = activity;
                for (&venue, &amount) in plan.term_venue[mode.inputs.clone()]
                    .iter()
                    .zip(&self.amount[mode.inputs.clone()])
                {
                    self.demand.add(venue, activity * amount);
                }
                let sold = mode.outputs.start..mode.byproducts.end;
                let terms = plan.term_venue[sold.clone()]
                    .iter()
                    .zip(&self.amount[sold.clone()])
                    .zip(&self.separated[sold]);
                for ((&venue, &amount), &share) in terms {
                    self.supply.add(venue, activity * (amount * share));
                }
            }
        }
    }

    /// Writes the Jacobian of excess supply at the last evaluated prices into `values`; `damping` adds a share of each venue's
    /// throughput and stock to its own slope.
    pub fn assemble(
        &mut self,
        plan: &Plan,
        s: &Structure,
        c: &Coefficients,
        damping: f64,
        values: &mut [f64],
        own: &mut Slots,
    ) {
        values.fill(0.0);
        let n = plan.venues;
        own.head_mut(n).copy_from_slice(&self.stock_slope);
        if damping > 0.0 {
            for (v, own) in own.head_mut(n).iter_mut().enumerate() {
                *own += damping * self.demand.head(n)[v].max(self.supply.head(n)[v]);
            }
        }
        for (&venue, &slope) in s.uses.iter().zip(&self.use_slope) {
            own.add(venue.0, slope);
        }
        for &i in &self.steps_on {
            own.add(s.steps[i as usize].venue.0, self.step_slope[i as usize]);
        }
        let ends = plan.from.iter().zip(&plan.to).zip(&plan.lane_entries);
        for (((&i, &j), entries), place) in ends.zip(0..) {
            let steep: f64 = self.steep[place];
            if steep > 0.0 {
                let from =
                    steep * (self.price.get(i) * self.price_factor[place] / self.delivered[place]);
                own.add(i, from);
                own.add(j, steep);
                values[entries[0] as usize] -= steep;
                values[entries[1] as usize] -= from;
            }
        }
        self.assemble_plants(plan, c, values, own);
        for (&position, &own) in plan.diagonal.iter().zip(own.head(n)) {
            values[position as usize] += own;
        }
    }

    fn assemble_plants(
        &mut self,
        plan: &Plan,
        c: &Coefficients,
        values: &mut [f64],
        own: &mut Slots,
    ) {
        let sharp = c.mode_sharpness.value();
        let mut gradient = [0.0; 64];
        let mut next_floor = 0;
        for (g, group) in plan.groups.iter().enumerate() {
            let (total, slope) = (self.group_activity[g], self.group_slope[g]);
            if let Entry::Star(_) = group.entry {
                self.net.clear();
                self.net.resize(group.venues.len(), 0.0);
                for k in group.modes.clone() {
                    for place in plan.modes[k].inputs.start..plan.modes[k].byproducts.end {
                        let flow = self.signed_amount(plan, k, place);
                        self.net[plan.term_local[place] as usize] += self.share[k] * flow;
                    }
                }
            }
            for (m, k) in group.modes.clone().enumerate() {
                let mode = &plan.modes[k];
                let places = mode.inputs.start..mode.byproducts.end;
                assert!(
                    places.len() <= gradient.len(),
                    "a recipe with more than 64 terms"
                );
                let (by_revenue, by_cost) = (1.0 / self.revenue[k], 1.0 / self.cost[k]);
                for (at, place) in places.clone().enumerate() {
                    let price = self.price.get(plan.term_venue[place]);
                    let amount = self.amount[place];
                    gradient[at] = if place < mode.inputs.end {
                        -amount * price * by_cost
                    } else if place < mode.outputs.end {
                        let mut effective = price;
                        if self.floors.get(next_floor) == Some(&(place as u32)) {
                            let t = plan.term_order[place] as usize;
                            effective +=
                                price * c.floor_share[t] * floor_payment(price, c.floor[t]).1;
                            next_floor += 2;
                        }
                        amount * effective * by_revenue
                    } else {
                        let t = plan.term_order[place] as usize;
                        let share = self.separated[place];
                        let opening = 4.0 * share * (1.0 - share);
                        own.add(plan.term_venue[place], self.activity[k] * amount * opening);
                        amount * (share + opening) * price * by_revenue
                            - amount
                                * opening
                                * (c.byproduct_cost[t] - c.disposal_cost[t])
                                * by_cost
                    };
                }
                match &group.entry {
                    Entry::Direct(positions) => {
                        let mut position = positions.iter();
                        for row in places.clone() {
                            let flow = slope * self.signed_amount(plan, k, row);
                            for (&p, &gradient) in
                                position.by_ref().take(places.len()).zip(&gradient)
                            {
                                values[p as usize] += flow * gradient;
                            }
                        }
                    }
                    Entry::Star(stars) => {
                        let star = &stars[m];
                        values[star.diagonal as usize] = -1.0;
                        for (&p, &gradient) in star.row.iter().zip(&gradient) {
                            values[p as usize] += gradient;
                        }
                        let share = self.share[k];
                        let choice = if group.modes.len() > 1 {
                            total * share * sharp
                        } else {
                            0.0
                        };
                        let common = share * slope - choice;
                        for (&p, &net) in star.column.iter().zip(&self.net) {
                            values[p as usize] += common * net;
                        }
                        if choice > 0.0 {
                            for place in places.clone() {
                                let p = star.column[plan.term_local[place] as usize];
                                values[p as usize] += choice * self.signed_amount(plan, k, place);
                            }
                        }
                    }
                }
            }
        }
    }

    /// Derivative of delivered cost by the seller's price, both in logs.
    #[inline]
    pub fn seller_part(&self, plan: &Plan, place: usize) -> f64 {
        self.price.get(plan.from[place]) * self.price_factor[place] / self.delivered[place]
    }

    /// Factor on delivered cost at the buyer's side of a lane.
    #[inline]
    pub fn buyer_factor(&self, place: usize) -> f64 {
        self.buyer[place]
    }

    /// Desired stock of each holder type at the last evaluated prices.
    pub fn desired_at(&self, v: usize, elasticity: Fourths, x: f64) -> [f64; HOLDERS] {
        let power = elasticity.pow(self.inverse.get(v as u16));
        std::array::from_fn(|h| {
            let (gap, target) = (x - self.belief[h][v], self.target[h][v]);
            if gap >= 0.0 {
                self.above[h][v] * power
            } else {
                target - target * (elasticity.value() * gap)
            }
        })
    }

    /// What a term adds to its venue's supply per unit of activity.
    #[inline]
    fn signed_amount(&self, plan: &Plan, k: usize, place: usize) -> f64 {
        if place < plan.modes[k].inputs.end {
            -self.amount[place]
        } else {
            self.amount[place] * self.separated[place]
        }
    }
}

/// Activity above the minimum load, and its derivative by the group's profitability over the spread: sums over plants in four
/// interleaved parts, in row order.
#[inline]
fn merit_order(closing: f64, flexible: &[f64], handicap: &[f64]) -> (f64, f64) {
    let (mut open, mut slope) = ([0.0; 4], [0.0; 4]);
    let (quads, handicap_quads) = (flexible.chunks_exact(4), handicap.chunks_exact(4));
    let rest = quads.remainder().iter().zip(handicap_quads.remainder());
    for (f, e) in quads.zip(handicap_quads) {
        for lane in 0..4 {
            let share = 1.0 / (1.0 + e[lane] * closing);
            let active = f[lane] * share;
            open[lane] += active;
            slope[lane] += active * (1.0 - share);
        }
    }
    for (lane, (f, e)) in rest.enumerate() {
        let share = 1.0 / (1.0 + e * closing);
        let active = f * share;
        open[lane] += active;
        slope[lane] += active * (1.0 - share);
    }
    (
        (open[0] + open[1]) + (open[2] + open[3]),
        (slope[0] + slope[1]) + (slope[2] + slope[3]),
    )
}
