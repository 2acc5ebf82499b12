//! The market's solver against what must hold whatever the numbers are.

#[path = "market/books.rs"]
mod books;
#[path = "market/oracle.rs"]
mod oracle;
#[path = "market/world.rs"]
mod world;

use books::books;
use monazite::{
    domain::{
        market::{Cleared, Coefficients, Diagnostics, Role, Structure},
        maths::exp,
    },
    mechanisms::market::{TOLERANCE, Workspace, clear, clear_without_limits, lane},
};
use std::sync::Arc;
use world::{Draws, Size, World, random};

/// A small market, and every twentieth a full one.
fn market(seed: u64) -> World {
    random(
        seed,
        if seed.is_multiple_of(20) {
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

#[test]
fn a_thousand_random_markets_clear_and_their_books_close() {
    let mut most = 0;
    for seed in 0..1000 {
        let world = random(
            seed,
            if seed.is_multiple_of(50) {
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
            let (again, _) = cleared(
                &world.structure,
                &world.coefficients,
                &start,
                &mut workspace,
            );
            for (a, b) in first.log_price.iter().zip(&again.log_price) {
                assert!((a - b).abs() < 1e-6, "{a} against {b}");
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

/// Lets the users of a few lanes' two ends be one demand with a choice of side.
fn choose_sides(world: &mut World) {
    let ends = world.structure.lanes.iter().map(|l| (l.from, l.to));
    let pairs: Vec<_> = ends.step_by(7).take(5).collect();
    for (i, (qualified, open)) in pairs.into_iter().enumerate() {
        let (o, q) = (
            world.structure.add_use(open),
            world.structure.add_use(qualified),
        );
        world.structure.add_choice(o, q);
        let c = &mut world.coefficients;
        let reference = world.prices[open.index()];
        c.use_base.extend([20.0; 2]);
        c.use_elasticity.extend([0.3; 2]);
        c.use_reference.extend([reference; 2]);
        c.use_choke.extend([reference + 2.5; 2]);
        let gap = world.prices[qualified.index()] - reference;
        c.choice_credit.push(gap + 0.05 * i as f64);
    }
    assert_eq!(world.structure.check(), Ok(()));
}

#[test]
fn the_jacobian_equals_finite_differences() {
    for seed in [1, 2, 3, 20] {
        let mut world = market(seed);
        let mut d = Draws::new(seed);
        choose_sides(&mut world);
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
