//! Supply and demand of every venue at given prices: all curves of the market summed over arrays.

use super::{
    balance::{Balance, LEAST_SIDE, RATIO_RANGE},
    curve::{CHOKE_SLOPE, qualified_share},
    lane::{REACH, bend},
    plan::Plan,
    plant::{floor_payment, kept_load},
    quota::Quotas,
};
use crate::domain::{
    market::{Coefficients, HOLDERS, StepKind, Structure},
    maths::{Fourths, exp, ln},
};
use std::ops::Range;

impl Balance {
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
        self.set_prices(x);
        self.supply.head_mut(n).copy_from_slice(&self.given_supply);
        self.hold(c.stock_elasticity, x);
        self.use_up(s, c, x);
        self.step(s, c, x);
        self.trade(plan, quotas);
        self.produce(plan, s, c);
        let mut worst = quotas.residual(&self.flow);
        let columns = self.supply.head(n).iter().zip(self.demand.head(n));
        for (gap, (&supply, &demand)) in self.gap.iter_mut().zip(columns) {
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
            let floor = scale * LEAST_SIDE + f64::MIN_POSITIVE;
            *gap = supply.max(floor) / demand.max(floor);
        }
        for gap in &mut self.gap {
            *gap = ln(*gap);
        }
        worst
    }

    /// Prices, their inverses and fourth powers from log prices.
    pub fn set_prices(&mut self, x: &[f64]) {
        let n = x.len();
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
            self.use_slope[u] = used * (c.use_elasticity[u] + CHOKE_SLOPE * (1.0 - open));
        }
        self.choose(s, c, x);
        for (&venue, &used) in s.uses.iter().zip(&self.used) {
            self.demand.add(venue.0, used);
        }
    }

    /// Splits each demand with a choice of side between its two curves.
    fn choose(&mut self, s: &Structure, c: &Coefficients, x: &[f64]) {
        for (i, choice) in s.choices.iter().enumerate() {
            let (o, q) = (choice.open, choice.qualified);
            let (share, steep) = qualified_share(
                x[s.uses[q].index()],
                x[s.uses[o].index()],
                c.choice_credit[i],
                c.choice_spread,
            );
            let (to_open, to_qualified) = (self.used[o] * steep, self.used[q] * steep);
            self.use_slope[o] = self.use_slope[o] * (1.0 - share) + to_open;
            self.use_slope[q] = self.use_slope[q] * share + to_qualified;
            self.used[o] *= 1.0 - share;
            self.used[q] *= share;
            self.choice_slope[i] = [to_open, to_qualified];
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

    fn trade(&mut self, plan: &Plan, quotas: &Quotas) {
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
            let (flow, steep, delivered) = self.lane_at(plan, place, 0.0);
            self.flow[place] = flow;
            self.steep[place] = steep;
            self.delivered[place] = delivered;
        }
        if quotas.in_force() {
            self.reprice_quota_lanes(plan, quotas);
        }
        for &place in &self.limited {
            let place = place as usize;
            let (flow, passed) = bend(self.flow[place], self.bound[place]);
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
    fn reprice_quota_lanes(&mut self, plan: &Plan, quotas: &Quotas) {
        for &(place, rent) in quotas.lane_rents() {
            let (flow, steep, delivered) = self.lane_at(plan, place as usize, rent);
            self.flow[place as usize] = flow;
            self.steep[place as usize] = steep;
            self.delivered[place as usize] = delivered;
        }
    }

    /// Flow of a lane without its limit, the flow's derivative by the buyer's log price, and delivered cost, at the last
    /// prices set and a rent in USD per kg.
    fn lane_at(&self, plan: &Plan, place: usize, rent: f64) -> (f64, f64, f64) {
        let delivered = self.price.get(plan.from[place]) * self.price_factor[place]
            + self.added[place]
            + rent * self.buyer[place];
        if place < plan.first_arbitrage {
            let kappa = plan.kappa_at(place);
            let ratio = delivered * self.inverse.get(plan.to[place]);
            let open = 1.0 / (1.0 + (REACH - 1.0) * kappa.pow(ratio));
            let flow = self.reach_capital[place] * open;
            return (flow, kappa.value() * (flow * (1.0 - open)), delivered);
        }
        let price = self.price.get(plan.to[place]);
        // Most lanes for smugglers stand idle.
        if price <= delivered || self.reach_capital[place] <= 0.0 {
            return (0.0, 0.0, delivered);
        }
        let wedge = ln(price / delivered);
        let whole = 1.0 / (self.opening2 + wedge * wedge);
        let full = self.reach_capital[place];
        let steep = full * 2.0 * wedge * self.opening2 * (whole * whole);
        (full * (wedge * wedge) * whole, steep, delivered)
    }

    /// Flow of a lane under its limit at the last prices set and a rent.
    pub fn bound_flow(&self, plan: &Plan, place: usize, rent: f64) -> f64 {
        bend(self.lane_at(plan, place, rent).0, self.bound[place]).0
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
                &c.handicap[plants.clone()],
                &mut self.plant_share[plants],
            );
            let (kept, fading) = kept_load(self.log_blend[g] * self.exponent[g] * c.spread[g]);
            let total = self.fixed_activity[g] * kept + open;
            self.kept[g] = kept;
            self.group_activity[g] = total;
            self.group_slope[g] = slope / c.spread[g] + self.fixed_activity[g] * fading;
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
}

/// Activity above the minimum load, and its derivative by the group's profitability over the spread; writes each plant's open
/// share. Sums over plants run in four interleaved parts, in row order.
#[inline]
fn merit_order(closing: f64, flexible: &[f64], handicap: &[f64], shares: &mut [f64]) -> (f64, f64) {
    for (share, e) in shares.iter_mut().zip(handicap) {
        *share = 1.0 / (1.0 + e * closing);
    }
    let ((quads, rest), (share_quads, share_rest)) =
        (flexible.as_chunks::<4>(), shares.as_chunks::<4>());
    let (mut open, mut slope) = ([0.0; 4], [0.0; 4]);
    for (f, share) in quads.iter().zip(share_quads) {
        for lane in 0..4 {
            let active = f[lane] * share[lane];
            open[lane] += active;
            slope[lane] += active * (1.0 - share[lane]);
        }
    }
    for (lane, (f, share)) in rest.iter().zip(share_rest).enumerate() {
        let active = f * share;
        open[lane] += active;
        slope[lane] += active * (1.0 - share);
    }
    (
        (open[0] + open[1]) + (open[2] + open[3]),
        (slope[0] + slope[1]) + (slope[2] + slope[3]),
    )
}
