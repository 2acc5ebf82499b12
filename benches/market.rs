//! Clearing of calm quarters at the size of the shipped world, and at ten and a hundred times as many plants. One element is one quarter.

#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../tests/market/world.rs"]
mod world;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use monazite::{
    domain::market::{Cleared, Coefficients},
    mechanisms::market::{Predictor, Workspace, clear},
};
use std::hint::black_box;
use world::{Draws, Size, World, random};

const QUARTERS: usize = 40;

/// Coefficients of consecutive quarters of one run.
fn quarters(world: &mut World) -> Vec<Coefficients> {
    let mut workspace = Workspace::new(&world.structure);
    let mut d = Draws::new(1);
    let mut before = world.prices.clone();
    let mut kept = Vec::new();
    for quarter in 0..QUARTERS + 8 {
        let mut out = Cleared::default();
        clear(
            &world.structure,
            &world.coefficients,
            &before,
            &mut workspace,
            &mut out,
        )
        .expect("a calm quarter clears");
        if quarter >= 8 {
            kept.push(world.coefficients.clone());
        }
        world.advance(&out, &before, 0.01, &mut d);
        before = out.log_price;
    }
    kept
}

fn calm(c: &mut Criterion) {
    let mut group = c.benchmark_group("clearing");
    group
        .throughput(Throughput::Elements(QUARTERS as u64))
        .sample_size(30);
    for factor in [1, 10, 100] {
        let mut world = random(
            1,
            Size {
                plants_per_group: 3 * factor,
                ..Size::FULL
            },
        );
        let quarters = quarters(&mut world);
        let mut workspace = Workspace::new(&world.structure);
        let mut out = Cleared::default();
        let mut start = Vec::new();
        let (s, plants) = (&world.structure, world.structure.plants());
        let (mut steps, mut factorisations, mut evaluations) = (0, 0, 0);
        let mut run = |count: bool| {
            let mut predictor = Predictor::new(&world.prices);
            for c in &quarters {
                predictor.propose(&mut start);
                let d = clear(s, c, black_box(&start), &mut workspace, &mut out)
                    .expect("a calm quarter clears");
                predictor.learn(&out.log_price);
                if count {
                    steps += d.iterations;
                    factorisations += d.factorisations;
                    evaluations += d.evaluations;
                }
            }
        };
        run(true);
        group.bench_function(format!("{plants} plants"), |b| b.iter(|| run(false)));
        let per = |n: u32| f64::from(n) / QUARTERS as f64;
        eprintln!(
            "{} venues, {} lanes, {} groups, {} modes, {plants} plants: {:.1} steps, {:.1} factorisations, {:.1} evaluations a quarter; {:?} unknowns, entries, multiplications",
            s.venues,
            s.lanes.len(),
            s.groups.len(),
            s.modes.len(),
            per(steps),
            per(factorisations),
            per(evaluations),
            workspace.plan().size(),
        );
    }
    group.finish();
}

fn compile(c: &mut Criterion) {
    let world = random(1, Size::FULL);
    c.bench_function("compile a plan", |b| {
        b.iter(|| monazite::mechanisms::market::Plan::compile(black_box(&world.structure)))
    });
}

criterion_group!(benches, calm, compile);
criterion_main!(benches);
