//! Open and qualified sides in the whole world: rules not in force change nothing, a ban lifts the qualified price above the open one, a
//! credit does so within bounds, and the books close throughout.

use monazite::config::{self, Loaded, Scenario};
use monazite::domain::{
    exchange::{Books, Trading},
    graph::Graph,
    layout::Layout,
    policy::{Instrument, Measure, Reach, UseClass},
    time::Quarter,
};
use monazite::engine::simulation::Simulation;
use monazite::mechanisms::market::Plan;
use monazite::world;
use std::path::Path;

fn quarter(text: &str) -> Quarter {
    text.parse().expect("a quarter")
}

/// The baseline up to a quarter, with nothing uncertain but the draws of firms, noise and delays, and without rules of origin.
fn until(end: &str) -> Scenario {
    let mut scenario = match config::load(Path::new("configs/baseline.ron"), &[]) {
        Ok(Loaded::Scenario(scenario)) => *scenario,
        Ok(_) => panic!("the baseline is a scenario"),
        Err(report) => panic!("{report}"),
    };
    scenario.uncertainty.clear();
    scenario.end = quarter(end);
    for (_, strategy) in &mut scenario.strategies {
        strategy
            .0
            .calendar
            .retain(|_, measure| !matches!(measure.instrument, Instrument::OriginRule { .. }));
    }
    scenario
}

/// A rule of the United States on magnets from China.
fn rule(uses: UseClass, credit: f64) -> Instrument {
    Instrument::OriginRule {
        of: vec!["magnet".into()],
        from: vec!["CN".into()],
        owners: true,
        uses,
        sectors: vec![],
        credit,
    }
}

fn enact(scenario: &mut Scenario, state: &str, from: &str, instrument: Instrument) {
    let measure = Measure {
        announced: None,
        from: quarter(from),
        until: None,
        instrument,
    };
    scenario
        .strategies
        .get_mut(state)
        .expect("a state with a strategy")
        .0
        .calendar
        .insert("provenance_test".into(), measure);
}

fn run(scenario: &Scenario, seed: u64) -> Simulation {
    let mut simulation =
        world::build(scenario, seed).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
    simulation
        .run()
        .unwrap_or_else(|e| panic!("seed {seed}: {e}"));
    simulation
}

fn show(simulation: &Simulation) {
    let (layout, graph) = (
        simulation.world.resource::<Layout>(),
        simulation.world.resource::<Graph>(),
    );
    let (trading, books) = (
        simulation.world.resource::<Trading>(),
        simulation.world.resource::<Books>(),
    );
    let size = Plan::compile(&trading.structure).size();
    println!(
        "{} venues, {} lanes, {} modes, {} uses, {} choices; unknowns, entries, operations {size:?}",
        layout.venues.len(),
        layout.lanes.len(),
        layout.modes.len(),
        trading.structure.uses.len(),
        trading.structure.choices.len()
    );
    for (i, &(o, q)) in layout.sides.venues.iter().enumerate() {
        let valve = layout.sides.valves[i];
        println!(
            "{:>11} {:>3}  open {:8.2} qualified {:8.2}  premium {:+.3}  made {:7.1} / {:7.1}  in {:7.1} / {:7.1}  used {:7.1} / {:7.1}  stock {:7.1} / {:7.1}  valve {:7.1} of {:7.1}",
            graph.commodities[layout.venues[o].commodity.index()].name,
            layout.states[layout.venues[o].state.index()],
            trading.cleared.price[o],
            trading.cleared.price[q],
            trading.cleared.price[q] / trading.cleared.price[o] - 1.0,
            books.production[o],
            books.production[q],
            books.imports[o] - books.lane_flow[valve],
            books.imports[q],
            books.used[o] + books.scrap[o] + books.loss[o],
            books.used[q] + books.scrap[q] + books.loss[q],
            books.firm_stock[o],
            books.firm_stock[q],
            books.lane_flow[valve],
            trading.coefficients.capital[valve],
        );
    }
    let pure: Vec<String> = (0..layout.venues.len())
        .filter(|&v| layout.sides.pure.get(v) == Some(&true))
        .map(|v| {
            format!(
                "{}@{}",
                graph.commodities[layout.venues[v].commodity.index()].name,
                layout.states[layout.venues[v].state.index()]
            )
        })
        .collect();
    println!("pure: {}", pure.join(" "));
}

#[test]
#[ignore = "prints the sides of several worlds"]
fn look() {
    let scenario = until("2024Q1");
    show(&run(&scenario, 1));
    for (reach, uses, credit) in [
        (Reach::Magnet, UseClass::Rated, 0.0),
        (Reach::Metal, UseClass::Rated, 0.0),
        (Reach::Chain, UseClass::Rated, 0.0),
        (Reach::Metal, UseClass::Civil, 0.3),
    ] {
        let mut scenario = until("2024Q1");
        scenario.provenance.from = reach;
        enact(&mut scenario, "US", "2020Q1", rule(uses, credit));
        println!("\n{reach:?} {uses:?}");
        show(&run(&scenario, 1));
    }
    for end in ["2025Q4", "2028Q4"] {
        let mut scenario = until(end);
        enact(&mut scenario, "US", "2020Q1", rule(UseClass::Rated, 0.0));
        println!("\n{end}");
        show(&run(&scenario, 1));
    }
}
