//! What a finished search reports: prices and flows in the order of the structure, or the venue that is furthest off.

use super::{plan::Plan, solve::Workspace};
use crate::domain::{
    ids::VenueId,
    market::{Cleared, Coefficients, Diagnostics, NotCleared, Structure},
    maths::ln,
};
use std::sync::Arc;

impl Workspace {
    pub(super) fn write(&self, plan: &Plan, s: &Structure, c: &Coefficients, out: &mut Cleared) {
        let (b, n) = (&self.balance, plan.venues);
        out.log_price.clear();
        out.log_price.extend_from_slice(&self.point[..n]);
        out.price.clear();
        out.price.extend_from_slice(b.price.head(n));
        out.excess.clear();
        out.excess.extend(
            b.supply
                .head(n)
                .iter()
                .zip(b.demand.head(n))
                .map(|(s, d)| s - d),
        );
        out.rent.clear();
        out.rent.resize(s.pools.len(), 0.0);
        for (pool, rent) in self.quotas.rents(&self.point[n..]) {
            out.rent[pool] = rent;
        }
        out.flow.resize(plan.lane_order.len(), 0.0);
        for (&lane, &flow) in plan.lane_order.iter().zip(&b.flow) {
            out.flow[lane as usize] = flow;
        }
        out.separated.resize(plan.term_order.len(), 1.0);
        for (&term, &share) in plan.term_order.iter().zip(&b.separated) {
            out.separated[term as usize] = share;
        }
        out.mode_margin.clear();
        out.mode_margin
            .extend(b.ratio.iter().map(|&ratio| ln(ratio)));
        out.group_margin.clear();
        out.group_margin.extend(
            b.log_blend
                .iter()
                .zip(&b.exponent)
                .zip(&c.spread)
                .map(|((log, e), s1)| log * (e * s1)),
        );
        out.activity.clone_from(&b.activity);
        out.used.clone_from(&b.used);
        out.stepped.clone_from(&b.stepped);
        out.utilisation.resize(b.plant_share.len(), 0.0);
        for (group, &kept) in s.groups.iter().zip(&b.kept) {
            let plants = group.plants.clone();
            let given = c.minimum_load[plants.clone()]
                .iter()
                .zip(&b.plant_share[plants.clone()]);
            for (utilisation, (minimum, share)) in out.utilisation[plants].iter_mut().zip(given) {
                *utilisation = minimum * kept + (1.0 - minimum) * share;
            }
        }
        out.desired_stock.clear();
        out.desired_stock
            .extend((0..n).map(|v| b.desired_at(v, c.stock_elasticity, self.point[v])));
    }

    pub(super) fn failure(&self, s: &Structure, diagnostics: Diagnostics) -> NotCleared {
        let (mut worst, mut at) = (0.0, 0);
        for v in 0..s.venues {
            let (supply, demand) = (
                self.balance.supply.get(v as u16),
                self.balance.demand.get(v as u16),
            );
            let scale = supply.max(demand);
            let off = if scale > 0.0 {
                (supply - demand).abs() / scale
            } else {
                0.0
            };
            if off > worst || off.is_nan() {
                (worst, at) = (off, v);
            }
        }
        NotCleared {
            venue: VenueId::from_index(at),
            residual: worst,
            log_price: self.point[at],
            diagnostics,
        }
    }

    /// Jacobian of excess supply by log prices (rents held), dense by venue: for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn dense_jacobian(
        &mut self,
        s: &Structure,
        c: &Coefficients,
        log_price: &[f64],
    ) -> Vec<Vec<f64>> {
        self.quotas.prepare(&self.plan, s, c, false);
        self.balance.prepare(&self.plan, s, c, &self.quotas, true);
        self.balance
            .evaluate(&self.plan, s, c, &mut self.quotas, log_price);
        self.balance.weigh_in_tonnes(&self.plan);
        let plan = Arc::clone(&self.plan);
        let wiring = plan.wiring(s, false);
        let mut values = vec![0.0; wiring.pattern.entries()];
        self.balance
            .assemble(&plan, wiring, s, c, 0.0, &mut values, &mut self.own);
        let dense = wiring.pattern.dense(&values);
        // eliminate the profitability unknowns: J = A - B D^-1 C with D = -1
        let n = s.venues;
        (0..n)
            .map(|i| {
                (0..n)
                    .map(|j| {
                        dense[i][j]
                            + (n..dense.len())
                                .map(|m| dense[i][m] * dense[m][j])
                                .sum::<f64>()
                    })
                    .collect()
            })
            .collect()
    }

    /// Excess supply at any log prices (rents held at zero, limits in force): for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn excess_at(&mut self, s: &Structure, c: &Coefficients, log_price: &[f64]) -> Vec<f64> {
        self.quotas.prepare(&self.plan, s, c, false);
        self.balance.prepare(&self.plan, s, c, &self.quotas, true);
        self.balance
            .evaluate(&self.plan, s, c, &mut self.quotas, log_price);
        (0..s.venues as u16)
            .map(|v| self.balance.supply.get(v) - self.balance.demand.get(v))
            .collect()
    }
}
