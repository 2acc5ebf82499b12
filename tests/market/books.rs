//! The books of every venue, closed again from the pure curves, in calm and in crisis.

use super::{cleared, market, quota_use};
use crate::world::{Draws, World};
use monazite::{
    domain::{
        market::{Cleared, Role, StepKind},
        maths::ln,
    },
    mechanisms::market::{Predictor, TOLERANCE, Workspace, curve, lane, plant},
};

/// Every venue's books from the pure curves at the cleared prices: largest gap relative to throughput and stock.
pub fn books(world: &World, out: &Cleared) -> f64 {
    let (s, c) = (&world.structure, &world.coefficients);
    let mut supply: Vec<f64> = c
        .opening_stock
        .iter()
        .zip(&c.inflow)
        .map(|(a, b)| a + b)
        .collect();
    let mut demand = vec![0.0; s.venues];
    for (v, demand) in demand.iter_mut().enumerate() {
        let held = |h| {
            curve::desired_stock(
                c.stock_target[v][h],
                c.belief[v][h],
                c.stock_elasticity,
                out.log_price[v],
            )
        };
        *demand += held(0) + held(1) + held(2);
    }
    for (u, venue) in s.uses.iter().enumerate() {
        let used = curve::end_use(
            c.use_base[u],
            c.use_elasticity[u],
            c.use_reference[u],
            c.use_choke[u],
            out.log_price[venue.index()],
        );
        demand[venue.index()] += used;
        assert!((used / out.used[u] - 1.0).abs() < 1e-12);
    }
    for (i, step) in s.steps.iter().enumerate() {
        let x = out.log_price[step.venue.index()];
        let (centre, slope, amount) = (c.step_centre[i], c.step_slope[i], c.step_amount[i]);
        match step.kind {
            StepKind::Purchase => {
                demand[step.venue.index()] += curve::purchase(amount, centre, slope, x)
            }
            StepKind::Release => {
                supply[step.venue.index()] += curve::release(amount, centre, slope, x)
            }
        }
    }
    let mut rent = vec![0.0; s.lanes.len()];
    let mut limit = c.limit.clone();
    for (pool, members) in s.pools.iter().enumerate() {
        for member in members {
            rent[member.lane.index()] += member.weight * out.rent[pool];
            if c.released[pool] == 0.0 {
                limit[member.lane.index()] = 0.0;
            }
        }
    }
    for (l, lane) in s.lanes.iter().enumerate() {
        let (from, to) = (out.price[lane.from.index()], out.price[lane.to.index()]);
        let delivered = lane::delivered_cost(
            from,
            c.seller_factor[l],
            c.adder[l] + rent[l],
            c.buyer_factor[l],
        );
        let (_, flow) = lane::flows(
            lane.kind,
            c.capital[l],
            to,
            delivered,
            lane.kappa,
            c.arbitrage_opening,
            limit[l],
        );
        assert!(
            (flow - out.flow[l]).abs() <= 1e-10 * (flow + 1e-3),
            "lane {l}: {flow} against {}",
            out.flow[l]
        );
        demand[lane.from.index()] += flow;
        supply[lane.to.index()] += flow;
    }
    for (g, group) in s.groups.iter().enumerate() {
        let mut blend = Vec::new();
        for k in group.modes.clone() {
            let (mut revenue, mut cost) = (0.0, c.opex[k]);
            for t in s.modes[k].terms.clone() {
                let price = out.price[s.terms[t].venue.index()];
                let amount = c.amount[t];
                match s.terms[t].role {
                    Role::Input => cost += amount * price,
                    Role::Output => {
                        revenue += amount
                            * (price
                                + c.floor_share[t] * plant::floor_payment(price, c.floor[t]).0
                                + c.support[t]);
                    }
                    Role::ByProduct => {
                        let share = plant::separated_share(price, c.byproduct_cost[t]);
                        revenue += amount * share * price;
                        cost += amount
                            * (share * c.byproduct_cost[t] + (1.0 - share) * c.disposal_cost[t]);
                    }
                }
            }
            blend.push((c.mode_weight[k], ln(revenue / cost)));
        }
        let mut shares = vec![0.0; blend.len()];
        let margin = plant::blend(&blend, c.mode_sharpness, &mut shares);
        let mut activity = 0.0;
        for p in group.plants.clone() {
            let utilisation =
                plant::utilisation(c.minimum_load[p], c.handicap[p], margin, c.spread[g]);
            assert!((utilisation - out.utilisation[p]).abs() < 1e-9);
            activity += c.capacity[p] * utilisation;
        }
        assert!((margin - out.group_margin[g]).abs() < 1e-11);
        for (share, k) in shares.iter().zip(group.modes.clone()) {
            for t in s.modes[k].terms.clone() {
                let v = s.terms[t].venue.index();
                let price = out.price[v];
                let moved = activity * share * c.amount[t];
                match s.terms[t].role {
                    Role::Input => demand[v] += moved,
                    Role::Output => supply[v] += moved,
                    Role::ByProduct => {
                        supply[v] += moved * plant::separated_share(price, c.byproduct_cost[t])
                    }
                }
            }
        }
    }
    supply
        .iter()
        .zip(&demand)
        .map(|(s, d)| (s - d).abs() / s.max(*d))
        .fold(0.0, f64::max)
}

/// Embargoes that come and go, tight and lavish quotas, prices fifty times the usual: every quarter clears within its limits.
#[test]
fn crises_clear_too() {
    let (mut quarters, mut steps, mut hardest) = (0, 0, 0);
    for seed in 0..60 {
        let mut world = market(seed);
        let mut d = Draws::new(seed + 77);
        let mut workspace = Workspace::new(&world.structure);
        let mut predictor = Predictor::new(&world.prices);
        let (mut start, mut before) = (Vec::new(), world.prices.clone());
        let mut usual = 0.0;
        let lanes = world.lanes_out_of(0);
        for quarter in 0..30 {
            let c = &mut world.coefficients;
            match quarter {
                5 => {
                    for lane in &lanes {
                        if d.chance(0.6) {
                            c.limit[lane.index()] = if d.chance(0.5) {
                                0.0
                            } else {
                                0.2 * c.capital[lane.index()]
                            };
                        }
                    }
                    c.belief
                        .iter_mut()
                        .flatten()
                        .for_each(|belief| *belief += d.between(0.0, 1.0));
                }
                12 => c.limit.fill(f64::INFINITY),
                14 => c.released = vec![0.1 * usual, 0.02 * usual],
                18 => c.released = vec![usual, 0.2 * usual],
                20 => c.released = vec![f64::INFINITY, 0.0],
                22 => {
                    c.released.fill(f64::INFINITY);
                    c.capacity
                        .iter_mut()
                        .for_each(|capacity| *capacity *= d.between(0.02, 0.2));
                    c.inflow.iter_mut().for_each(|inflow| *inflow *= 0.1);
                    c.use_choke.iter_mut().for_each(|choke| *choke += 3.0);
                }
                26 => {
                    c.capacity.iter_mut().for_each(|capacity| *capacity *= 20.0);
                    c.inflow.iter_mut().for_each(|inflow| *inflow *= 10.0);
                }
                _ => {}
            }
            predictor.propose(&mut start);
            let (out, diagnostics) = cleared(
                &world.structure,
                &world.coefficients,
                &start,
                &mut workspace,
            );
            assert!(
                books(&world, &out) < 1.1 * TOLERANCE,
                "market {seed}, quarter {quarter}"
            );
            for (l, (&flow, &limit)) in out.flow.iter().zip(&world.coefficients.limit).enumerate() {
                assert!(
                    flow >= 0.0 && flow <= limit,
                    "lane {l} carries {flow} of {limit}"
                );
            }
            usual = quota_use(&world, &out, 0);
            for pool in 0..2 {
                assert!(
                    quota_use(&world, &out, pool) <= world.coefficients.released[pool],
                    "quota {pool} is passed"
                );
            }
            predictor.learn(&out.log_price);
            world.advance(&out, &before, 0.01, &mut d);
            before = out.log_price;
            quarters += 1;
            steps += diagnostics.iterations;
            hardest = hardest.max(diagnostics.iterations);
        }
    }
    assert_eq!(quarters, 1800);
    assert!(
        steps < 15 * quarters && hardest < 100,
        "{steps} steps, {hardest} in the hardest quarter"
    );
}
