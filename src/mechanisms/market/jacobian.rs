//! Derivatives of every venue's supply and demand by all log prices, written straight into the factor's rows.

use super::{
    balance::{Balance, LEAST_SIDE, Slots},
    plan::Plan,
    plant::floor_payment,
    wiring::{Entry, Wiring},
};
use crate::domain::market::{Coefficients, Step, StepKind, Structure};

impl Balance {
    /// Sets the weights of supply and demand in the next [`Balance::assemble`] so that it gives the Jacobian of
    /// ln(supply / demand).
    pub fn weigh_in_logs(&mut self, plan: &Plan) {
        for v in 0..plan.venues as u16 {
            let (supply, demand) = (self.supply.get(v), self.demand.get(v));
            let floor = supply.max(demand) * LEAST_SIDE + f64::MIN_POSITIVE;
            self.by_supply.set(v, 1.0 / supply.max(floor));
            self.by_demand.set(v, 1.0 / demand.max(floor));
        }
    }

    /// Sets the weights to one, for the Jacobian of supply less demand.
    pub fn weigh_in_tonnes(&mut self, plan: &Plan) {
        self.by_supply.head_mut(plan.venues).fill(1.0);
        self.by_demand.head_mut(plan.venues).fill(1.0);
    }

    /// Writes the Jacobian by log prices at the last evaluated prices into `values`, rows as weighed; `damping` is added to each
    /// venue's own slope.
    #[expect(
        clippy::too_many_arguments,
        reason = "one market, one system, and where both are written"
    )]
    pub fn assemble(
        &mut self,
        plan: &Plan,
        wiring: &Wiring,
        s: &Structure,
        c: &Coefficients,
        damping: f64,
        values: &mut [f64],
        own: &mut Slots,
    ) {
        values.fill(0.0);
        let n = plan.venues;
        let columns = self.stock_slope.iter().zip(self.by_demand.head(n));
        for (own, (&slope, &by_demand)) in own.head_mut(n).iter_mut().zip(columns) {
            *own = slope * by_demand + damping;
        }
        for (&venue, &slope) in s.uses.iter().zip(&self.use_slope) {
            own.add(venue.0, slope * self.by_demand.get(venue.0));
        }
        let pairs = s.choices.iter().zip(&wiring.choices);
        for ((choice, entries), &[open, qualified]) in pairs.zip(&self.choice_slope) {
            let (o, q) = (s.uses[choice.open].0, s.uses[choice.qualified].0);
            values[entries[0] as usize] -= open * self.by_demand.get(o);
            values[entries[1] as usize] -= qualified * self.by_demand.get(q);
        }
        for &i in &self.steps_on {
            let Step { venue, kind } = s.steps[i as usize];
            let weight = match kind {
                StepKind::Purchase => self.by_demand.get(venue.0),
                StepKind::Release => self.by_supply.get(venue.0),
            };
            own.add(venue.0, self.step_slope[i as usize] * weight);
        }
        let ends = plan.from.iter().zip(&plan.to).zip(&wiring.lanes);
        for (((&i, &j), entries), place) in ends.zip(0..) {
            let steep: f64 = self.steep[place];
            if steep > 0.0 {
                let from = steep * self.seller_part(plan, place);
                let (by_demand, by_supply) = (self.by_demand.get(i), self.by_supply.get(j));
                own.add(i, from * by_demand);
                own.add(j, steep * by_supply);
                values[entries[0] as usize] -= steep * by_demand;
                values[entries[1] as usize] -= from * by_supply;
            }
        }
        self.assemble_plants(plan, wiring, c, values, own);
        for (&position, &own) in wiring.diagonal.iter().zip(own.head(n)) {
            values[position as usize] += own;
        }
    }

    fn assemble_plants(
        &mut self,
        plan: &Plan,
        wiring: &Wiring,
        c: &Coefficients,
        values: &mut [f64],
        own: &mut Slots,
    ) {
        let sharp = c.mode_sharpness.value();
        let mut gradient = [0.0; 64];
        let mut next_floor = 0;
        for (g, (group, entry)) in plan.groups.iter().zip(&wiring.groups).enumerate() {
            let (total, slope) = (self.group_activity[g], self.group_slope[g]);
            if let Entry::Star(_) = entry {
                self.net.clear();
                self.net.resize(group.venues.len(), 0.0);
                for k in group.modes.clone() {
                    for place in plan.modes[k].inputs.start..plan.modes[k].byproducts.end {
                        let flow = self.weighed_amount(plan, k, place);
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
                        let weight = self.by_supply.get(plan.term_venue[place]);
                        own.add(
                            plan.term_venue[place],
                            self.activity[k] * amount * opening * weight,
                        );
                        amount * (share + opening) * price * by_revenue
                            - amount
                                * opening
                                * (c.byproduct_cost[t] - c.disposal_cost[t])
                                * by_cost
                    };
                }
                match entry {
                    Entry::Direct(positions) => {
                        let mut position = positions.iter();
                        for row in places.clone() {
                            let flow = slope * self.weighed_amount(plan, k, row);
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
                                values[p as usize] += choice * self.weighed_amount(plan, k, place);
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

    /// What a term adds to its venue per unit of activity, as weighed.
    #[inline]
    fn weighed_amount(&self, plan: &Plan, k: usize, place: usize) -> f64 {
        let venue = plan.term_venue[place];
        if place < plan.modes[k].inputs.end {
            -self.amount[place] * self.by_demand.get(venue)
        } else {
            self.amount[place] * self.separated[place] * self.by_supply.get(venue)
        }
    }
}
