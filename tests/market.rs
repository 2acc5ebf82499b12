//! The market's solver against what must hold whatever the numbers are.

#[path = "market/oracle.rs"]
mod oracle;
#[path = "market/world.rs"]
mod world;

use monazite::{
    domain::{
        market::{Cleared, Coefficients, Diagnostics, Role, StepKind, Structure},
        maths::{exp, ln},
    },
    mechanisms::market::{
        Predictor, TOLERANCE, Workspace, clear, clear_without_limits, curve, lane, plant,
    },
};
use std::sync::Arc;
use world::{Draws, Size, World, random};

/// A small market, and every twentieth a full one.
fn market(seed: u64) -> World {
    random(
        seed,
        if seed % 20 == 0 {
            Size::FULL
        } else {
            Size::SMALL
        },
    )
}

fn cleared(
    s: &Structure,
    c: &Coefficients,
    start: &[f64],
    workspace: &mut Workspace,
) -> (Cleared, Diagnostics) {
    let mut out = Cleared::default();
    match clear(s, c, start, workspace, &mut out) {
        Ok(diagnostics) => (out, diagnostics),
        Err(error) => panic!("{error}; {:?}", error.diagnostics),
    }
}

/// Every venue's books from the pure curves at the cleared prices: largest gap relative to throughput and stock.
fn books(world: &World, out: &Cleared) -> f64 {
    let (s, c) = (&world.structure, &world.coefficients);
    let mut supply: Vec<f64> = c
        .opening_stock
        .iter()
        .zip(&c.inflow)
        .map(|(a, b)| a + b)
        .collect();
    let mut demand = vec![0.0; s.venues];
    for v in 0..s.venues {
        let held = |h| {
            curve::desired_stock(
                c.stock_target[v][h],
                c.belief[v][h],
                c.stock_elasticity,
                out.log_price[v],
            )
        };
        demand[v] += held(0) + held(1) + held(2);
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

#[test]
fn a_thousand_random_markets_clear_and_their_books_close() {
    let mut most = 0;
    for seed in 0..1000 {
        let world = random(
            seed,
            if seed % 50 == 0 {
                Size::FULL
            } else {
                Size::SMALL
            },
        );
        world.structure.check().unwrap();
        let mut workspace = Workspace::new(&world.structure);
        let (out, diagnostics) = cleared(
            &world.structure,
            &world.coefficients,
            &world.prices,
            &mut workspace,
        );
        assert!(diagnostics.residual <= TOLERANCE);
        let gap = books(&world, &out);
        assert!(gap < 1.1 * TOLERANCE, "market {seed}: {gap:e}");
        most = most.max(diagnostics.iterations);
    }
    assert!(most < 40, "{most} steps");
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
            let mut out = Cleared::default();
            let diagnostics = match clear(
                &world.structure,
                &world.coefficients,
                &start,
                &mut workspace,
                &mut out,
            ) {
                Ok(d) => d,
                Err(e) => {
                    eprintln!("FAIL {seed} {quarter} {e} {:?}", e.diagnostics);
                    break;
                }
            };
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
            if diagnostics.iterations > 25 {
                eprintln!("{seed} {quarter} {diagnostics:?}");
            }
        }
    }
    eprintln!("{quarters} quarters, {steps} steps, hardest {hardest}");
}

fn quota_use(world: &World, out: &Cleared, pool: usize) -> f64 {
    world.structure.pools[pool]
        .iter()
        .map(|member| member.weight * out.flow[member.lane.index()])
        .sum()
}

#[test]
fn any_start_finds_the_same_prices() {
    for seed in 0..10 {
        let mut world = market(2 * seed);
        let mut d = Draws::new(seed + 5);
        let mut workspace = Workspace::new(&world.structure);
        let (first, _) = cleared(
            &world.structure,
            &world.coefficients,
            &world.prices,
            &mut workspace,
        );
        if seed % 2 == 1 {
            world.coefficients.released[0] = 0.5 * quota_use(&world, &first, 0);
        }
        let (first, _) = cleared(
            &world.structure,
            &world.coefficients,
            &world.prices,
            &mut workspace,
        );
        for _ in 0..20 {
            let start: Vec<f64> = world
                .prices
                .iter()
                .map(|x| x + d.between(-3.0, 3.0))
                .collect();
            let (again, diagnostics) = cleared(
                &world.structure,
                &world.coefficients,
                &start,
                &mut workspace,
            );
            for (a, b) in first.log_price.iter().zip(&again.log_price) {
                assert!((a - b).abs() < 1e-6, "{a} against {b}");
            }
            if diagnostics.iterations > 40 {
                eprintln!("{seed} {diagnostics:?}");
            }
        }
    }
}

#[test]
fn more_supply_never_raises_its_own_price() {
    for seed in 1..20 {
        let mut world = market(seed);
        let mut d = Draws::new(seed);
        let mut workspace = Workspace::new(&world.structure);
        let (base, _) = cleared(
            &world.structure,
            &world.coefficients,
            &world.prices,
            &mut workspace,
        );
        for _ in 0..20 {
            let v = d.below(world.structure.venues);
            let usual = world.coefficients.inflow[v];
            world.coefficients.inflow[v] += d.scale(1.0, 500.0);
            let (more, _) = cleared(
                &world.structure,
                &world.coefficients,
                &base.log_price,
                &mut workspace,
            );
            assert!(more.log_price[v] <= base.log_price[v] + 1e-8);
            world.coefficients.inflow[v] = usual;
        }
    }
}

#[test]
fn scaling_all_quantities_leaves_prices() {
    for seed in 0..10 {
        let mut world = market(seed);
        let mut workspace = Workspace::new(&world.structure);
        let (base, _) = cleared(
            &world.structure,
            &world.coefficients,
            &world.prices,
            &mut workspace,
        );
        let c = &mut world.coefficients;
        c.released[0] = 0.8
            * world.structure.pools[0]
                .iter()
                .map(|m| base.flow[m.lane.index()])
                .sum::<f64>();
        let (base, _) = cleared(&world.structure, c, &world.prices, &mut workspace);
        for column in [
            &mut c.opening_stock,
            &mut c.inflow,
            &mut c.use_base,
            &mut c.step_amount,
            &mut c.capital,
            &mut c.capacity,
            &mut c.released,
        ] {
            column.iter_mut().for_each(|quantity| *quantity *= 1000.0);
        }
        c.stock_target
            .iter_mut()
            .flatten()
            .for_each(|target| *target *= 1000.0);
        let (scaled, _) = cleared(&world.structure, c, &world.prices, &mut workspace);
        for (a, b) in base.log_price.iter().zip(&scaled.log_price) {
            assert!((a - b).abs() < 1e-6);
        }
        for (a, b) in base.flow.iter().zip(&scaled.flow) {
            assert!((1000.0 * a - b).abs() <= 1e-5 * b + 1e-9);
        }
    }
}

#[test]
fn loose_limits_and_quotas_change_nothing() {
    for seed in 0..10 {
        let mut world = market(seed);
        let mut workspace = Workspace::new(&world.structure);
        let (free, _) = cleared(
            &world.structure,
            &world.coefficients,
            &world.prices,
            &mut workspace,
        );
        for (limit, flow) in world.coefficients.limit.iter_mut().zip(&free.flow) {
            *limit = 2.0 * flow + 1.0;
        }
        let (loose, _) = cleared(
            &world.structure,
            &world.coefficients,
            &world.prices,
            &mut workspace,
        );
        assert_eq!(free, loose, "limits that bind nowhere give the same bytes");
        world.coefficients.released[0] = 1e4 * quota_use(&world, &free, 0);
        let (quota, _) = cleared(
            &world.structure,
            &world.coefficients,
            &world.prices,
            &mut workspace,
        );
        for (a, b) in free.log_price.iter().zip(&quota.log_price) {
            assert!((a - b).abs() < 1e-7);
        }
        assert!(quota.rent[0] < 1e-9);
    }
}

#[test]
fn without_limits_means_without_limits() {
    let mut world = market(3);
    let mut workspace = Workspace::new(&world.structure);
    let (free, _) = cleared(
        &world.structure,
        &world.coefficients,
        &world.prices,
        &mut workspace,
    );
    for lane in world.lanes_out_of(0) {
        world.coefficients.limit[lane.index()] = 0.0;
    }
    world.coefficients.released.fill(1.0);
    let mut lifted = Cleared::default();
    clear_without_limits(
        &world.structure,
        &world.coefficients,
        &world.prices,
        &mut workspace,
        &mut lifted,
    )
    .unwrap();
    assert_eq!(free, lifted);
}

/// A quota's rent is the tax that would have had the same effect.
#[test]
fn a_quota_equals_a_tax_of_its_rent() {
    for seed in 0..10 {
        let mut world = market(seed);
        let mut workspace = Workspace::new(&world.structure);
        let (free, _) = cleared(
            &world.structure,
            &world.coefficients,
            &world.prices,
            &mut workspace,
        );
        for pool in 0..2 {
            world.coefficients.released[pool] = 0.4 * quota_use(&world, &free, pool);
        }
        let (bound, _) = cleared(
            &world.structure,
            &world.coefficients,
            &world.prices,
            &mut workspace,
        );
        assert!(bound.rent.iter().all(|&rent| rent > 0.0));
        assert!(quota_use(&world, &bound, 0) > 0.399 * quota_use(&world, &free, 0));
        for pool in 0..2 {
            world.coefficients.released[pool] = f64::INFINITY;
            for member in &world.structure.pools[pool] {
                world.coefficients.adder[member.lane.index()] += member.weight * bound.rent[pool];
            }
        }
        let (taxed, _) = cleared(
            &world.structure,
            &world.coefficients,
            &world.prices,
            &mut workspace,
        );
        for (a, b) in bound.log_price.iter().zip(&taxed.log_price) {
            assert!((a - b).abs() < 1e-6);
        }
    }
}

/// What a limit keeps out is what the shadow rent would keep out.
#[test]
fn a_limit_equals_a_duty_of_its_shadow_rent() {
    let mut world = market(40);
    let mut workspace = Workspace::new(&world.structure);
    let (free, _) = cleared(
        &world.structure,
        &world.coefficients,
        &world.prices,
        &mut workspace,
    );
    let lane = world.lanes_out_of(0)[30];
    let l = lane.index();
    world.coefficients.limit[l] = 0.5 * free.flow[l];
    let (bound, _) = cleared(
        &world.structure,
        &world.coefficients,
        &world.prices,
        &mut workspace,
    );
    let ends = world.structure.lanes[l];
    let c = &mut world.coefficients;
    let (from, to) = (bound.price[ends.from.index()], bound.price[ends.to.index()]);
    let delivered = lane::delivered_cost(from, c.seller_factor[l], c.adder[l], c.buyer_factor[l]);
    let rent = lane::shadow_rent(bound.flow[l], c.capital[l], to, delivered, ends.kappa);
    assert!(rent > 0.0);
    c.limit[l] = f64::INFINITY;
    c.adder[l] += rent / c.buyer_factor[l];
    let (taxed, _) = cleared(
        &world.structure,
        &world.coefficients,
        &world.prices,
        &mut workspace,
    );
    assert!((taxed.flow[l] / bound.flow[l] - 1.0).abs() < 1e-6);
    assert!((taxed.price[ends.to.index()] / to - 1.0).abs() < 1e-6);
}

#[test]
fn the_jacobian_equals_finite_differences() {
    for seed in [1, 2, 3, 20] {
        let mut world = market(seed);
        let mut d = Draws::new(seed);
        let mut workspace = Workspace::new(&world.structure);
        for (lane, limit) in world.coefficients.limit.iter_mut().enumerate() {
            if lane % 5 == 0 {
                *limit = 0.8 * world.coefficients.capital[lane];
            }
        }
        for (t, term) in world.structure.terms.iter().enumerate() {
            if term.role == Role::Output && t % 3 == 0 {
                world.coefficients.floor[t] =
                    exp(world.prices[term.venue.index()]) * d.between(0.95, 1.3);
                world.coefficients.floor_share[t] = 0.4;
                world.coefficients.support[t] = 0.3;
            }
        }
        let x: Vec<f64> = world
            .prices
            .iter()
            .map(|x| x + d.between(-0.3, 0.3))
            .collect();
        let exact = workspace.dense_jacobian(&world.structure, &world.coefficients, &x);
        let h = 2e-6;
        for j in (0..x.len()).step_by(if seed == 20 { 7 } else { 1 }) {
            let mut moved = x.clone();
            moved[j] = x[j] + h;
            let up = workspace.excess_at(&world.structure, &world.coefficients, &moved);
            moved[j] = x[j] - h;
            let down = workspace.excess_at(&world.structure, &world.coefficients, &moved);
            for i in 0..x.len() {
                let slope = (up[i] - down[i]) / (2.0 * h);
                let size = exact[i][i].abs().max(1.0);
                assert!(
                    (slope - exact[i][j]).abs() < 2e-5 * size,
                    "market {seed}: d excess {i} / d price {j}: {slope} against {}",
                    exact[i][j]
                );
            }
        }
    }
}

/// A workspace that has seen other quarters, or was shared, or is new gives the same bytes.
#[test]
fn a_workspace_leaves_no_trace() {
    let world = market(20);
    let other = random(21, Size::FULL);
    let mut fresh = Workspace::new(&world.structure);
    let (a, da) = cleared(
        &world.structure,
        &world.coefficients,
        &world.prices,
        &mut fresh,
    );
    let mut changed = world.coefficients.clone();
    changed.released = vec![5.0, 2.0];
    changed.limit.fill(1.0);
    let _ = clear(
        &world.structure,
        &changed,
        &world.prices,
        &mut fresh,
        &mut Cleared::default(),
    );
    let (b, db) = cleared(
        &world.structure,
        &world.coefficients,
        &world.prices,
        &mut fresh,
    );
    let mut shared = Workspace::sharing(Arc::clone(fresh.plan()));
    let (c, dc) = cleared(
        &world.structure,
        &world.coefficients,
        &world.prices,
        &mut shared,
    );
    assert!(a == b && a == c && da == db && da == dc);
    assert!(
        !fresh.plan().fits(&other.structure)
            || other.structure.lanes.len() == world.structure.lanes.len()
    );
}
