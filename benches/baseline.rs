//! Cost of a baseline run: the start, a quarter by phase, Newton iterations, and how it grows with the number of firms.
//!
//! `cargo bench --bench baseline`. Figures are CPU-bound on one core; quote medians and ratios.

use monazite::{
    config::{self, Loaded, Scenario},
    domain::{exchange::Trading, layout::Layout},
    engine::{phase::Phase, simulation::Clock},
    world,
};
use std::{path::Path, time::Instant};

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let Ok(Loaded::Scenario(baseline)) = config::load(Path::new("configs/baseline.ron"), &[])
    else {
        panic!("configs/baseline.ron is a scenario");
    };
    let mut first: Option<(f64, f64)> = None;
    for factor in [1.0, 10.0, 100.0] {
        let mut scenario: Scenario = (*baseline).clone();
        scenario.uncertainty.clear();
        scenario.settle.generated_firms *= factor;
        let (plants, cost) = measure(&scenario, if factor > 50.0 { 3 } else { 9 });
        if let Some((plants_before, cost_before)) = first {
            let exponent = monazite::domain::maths::ln(cost / cost_before)
                / monazite::domain::maths::ln(plants / plants_before);
            println!("  cost grows with the number of plants to the power {exponent:.2}");
        } else {
            first = Some((plants, cost));
        }
    }
}

/// Median over seeds: plants, and CPU milliseconds of all quarters.
fn measure(scenario: &Scenario, seeds: u64) -> (f64, f64) {
    let (mut start, mut quarters) = (Vec::new(), Vec::new());
    let mut by_phase = vec![Vec::new(); Phase::ALL.len()];
    let (mut iterations, mut plants, mut count) = (0.0, 0.0, 0.0);
    // As in an ensemble: the compiled market is shared between seeds.
    let mut shared = None;
    for seed in 1..=seeds {
        let clock = Instant::now();
        let base = world::invert(scenario, seed).expect("the start settles");
        let mut simulation =
            world::on_base(scenario, &base, seed, shared.as_ref()).expect("the world builds");
        shared = Some(world::shared_of(&simulation));
        start.push(clock.elapsed().as_secs_f64() * 1e3);
        plants = simulation.world.resource::<Layout>().plants.len() as f64;
        count = simulation.world.resource::<Clock>().quarters() as f64;
        let mut spent = vec![0.0; Phase::ALL.len()];
        for _ in 0..simulation.world.resource::<Clock>().quarters() {
            for (i, phase) in Phase::ALL.into_iter().enumerate() {
                let clock = Instant::now();
                simulation.step_phase(phase).expect("the quarter clears");
                spent[i] += clock.elapsed().as_secs_f64() * 1e3;
            }
            simulation.next_quarter();
            iterations += f64::from(
                simulation
                    .world
                    .resource::<Trading>()
                    .diagnostics
                    .iterations,
            );
        }
        quarters.push(spent.iter().sum());
        for (of_phase, ms) in by_phase.iter_mut().zip(&spent) {
            of_phase.push(*ms);
        }
    }
    let (start, run) = (median(start), median(quarters));
    println!(
        "{plants:.0} plants: start {start:.2} ms, {count:.0} quarters {run:.2} ms, {:.0} us a quarter, {:.0} ns per plant and quarter, {:.1} Newton iterations a quarter",
        run * 1e3 / count,
        run * 1e6 / count / plants,
        iterations / seeds as f64 / count
    );
    for (phase, ms) in Phase::ALL.into_iter().zip(by_phase) {
        let ms = median(ms);
        println!(
            "  {:14} {:6.2} ms  {:4.1}%",
            format!("{phase:?}"),
            ms,
            ms / run * 100.0
        );
    }
    (plants, run)
}
