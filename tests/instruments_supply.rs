//! Instruments on production, support, technology, people and investment in the whole world: each is laid over the baseline and compared
//! with it, under the same seed and on the same settled start.

use monazite::config::{self, Loaded, Scenario};
use monazite::domain::{graph::Stage, ids::StateId, policy::Instrument, time::Quarter};
use monazite::engine::simulation::Simulation;
use monazite::record::RunRecord;
use monazite::world::build::{Base, invert, on_base};
use std::path::Path;
use std::sync::OnceLock;

const SEED: u64 = 1;

/// The baseline of three years, settled once, and what it recorded.
struct World {
    scenario: Scenario,
    base: Base,
    plain: RunRecord,
}

fn quarter(text: &str) -> Quarter {
    text.parse().expect("a quarter")
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let mut scenario = match config::load(Path::new("configs/baseline.ron"), &[]) {
            Ok(Loaded::Scenario(scenario)) => *scenario,
            Ok(_) => panic!("the baseline is a scenario"),
            Err(report) => panic!("{report}"),
        };
        scenario.uncertainty.clear();
        scenario.end = quarter("2027Q4");
        let base = invert(&scenario, SEED).expect("a base");
        let plain = recorded(run(&scenario, &base));
        World {
            scenario,
            base,
            plain,
        }
    })
}

fn run(scenario: &Scenario, base: &Base) -> Simulation {
    let mut simulation = on_base(scenario, base, SEED, None).expect("a world");
    simulation.run().unwrap_or_else(|fault| panic!("{fault}"));
    simulation
}

fn recorded(mut simulation: Simulation) -> RunRecord {
    simulation
        .world
        .remove_resource::<RunRecord>()
        .expect("a record")
}

/// The baseline with a measure more.
fn with(state: &str, from: &str, instrument: Instrument) -> Scenario {
    let mut scenario = world().scenario.clone();
    lay(&mut scenario, state, "test", from, instrument);
    scenario
}

fn lay(scenario: &mut Scenario, state: &str, name: &str, from: &str, instrument: Instrument) {
    let strategies = &mut scenario.strategies;
    let like = strategies["EU"].clone();
    let mut measure = like.0.calendar["narva_grant"].clone();
    (measure.announced, measure.from) = (None, quarter(from));
    measure.instrument = instrument;
    let strategy = strategies.entry(state.to_owned()).or_insert_with(|| {
        let mut strategy = like;
        strategy.0.calendar.clear();
        strategy
    });
    strategy.0.calendar.insert(name.to_owned(), measure);
}

fn measured(state: &str, from: &str, instrument: Instrument) -> RunRecord {
    recorded(run(&with(state, from, instrument), &world().base))
}

fn state(code: &str) -> StateId {
    StateId::from_index(world().plain.names.state(code).expect("a state"))
}

/// Public cost of the measure `test`, USD.
fn cost(record: &RunRecord) -> f64 {
    let rows = record.rows.policy.rows();
    rows.filter(|r| record.texts.text(r.measure) == "test")
        .map(|r| r.public_cost_usd)
        .sum()
}

fn damage(record: &RunRecord, code: &str, from: &str) -> f64 {
    let rows = record.rows.state.rows();
    rows.filter(|r| r.state == state(code) && r.quarter >= quarter(from))
        .map(|r| r.damage_usd)
        .sum()
}

fn output(record: &RunRecord, code: &str, stage: Stage, from: &str) -> f64 {
    let rows = record.rows.stage.rows();
    rows.filter(|r| r.host == state(code) && r.stage == stage && r.quarter >= quarter(from))
        .map(|r| r.production_t)
        .sum()
}

fn profit(record: &RunRecord, code: &str, stage: Stage, from: &str) -> f64 {
    let rows = record.rows.stage.rows();
    rows.filter(|r| r.host == state(code) && r.stage == stage && r.quarter >= quarter(from))
        .map(|r| r.profit_usd)
        .sum()
}

fn exports(record: &RunRecord, code: &str, good: &str, from: &str) -> f64 {
    let rows = record.rows.market.rows();
    rows.filter(|r| {
        r.state == state(code)
            && record.names.commodities[r.commodity.index()] == good
            && r.quarter >= quarter(from)
    })
    .map(|r| r.exports_t)
    .sum()
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn a_standard_costs_plants_and_the_public_and_damage_falls() {
    let strict = measured(
        "MM",
        "2025Q1",
        Instrument::EnvironmentalStandard {
            level: 1.0,
            enforcement: 0.9,
        },
    );
    let plain = &world().plain;
    let (before, after) = (
        damage(plain, "MM", "2025Q1"),
        damage(&strict, "MM", "2025Q1"),
    );
    println!(
        "damage in Myanmar {before:.3e} to {after:.3e}, cost {:.3e}",
        cost(&strict)
    );
    assert!(after < 0.3 * before);
    assert!(cost(&strict) > 0.0);
    let mine = |record| output(record, "MM", Stage::Mine, "2025Q1");
    assert!(mine(&strict) < mine(plain));
}

#[test]
fn what_must_be_processed_at_home_does_not_leave() {
    let good = "clay_mm_conc";
    let kept = measured(
        "MM",
        "2025Q1",
        Instrument::LocalContent {
            of: words(&[good]),
            share: 0.4,
        },
    );
    let plain = &world().plain;
    let (before, after) = (
        exports(plain, "MM", good, "2025Q1"),
        exports(&kept, "MM", good, "2025Q1"),
    );
    println!("exports of {good}: {before:.0} to {after:.0} t");
    assert!(after < 0.75 * before);
    let refused: f64 = kept
        .rows
        .limit
        .rows()
        .filter(|r| kept.texts.text(r.measure).ends_with("test"))
        .map(|r| r.refused_t)
        .sum();
    assert!(refused > 0.0, "what was refused is on record");
}

#[test]
fn a_tax_credit_raises_output_and_stays_within_its_budget() {
    let budget = 60e6;
    let paid = measured(
        "US",
        "2025Q1",
        Instrument::TaxCredit {
            of: words(&["ndpr_oxide"]),
            usd_per_kg: 20.0,
            budget_usd_per_year: budget,
        },
    );
    let plain = &world().plain;
    let of = |record| output(record, "US", Stage::Separation, "2025Q1");
    println!(
        "US separation {:.0} to {:.0} t, cost {:.3e}",
        of(plain),
        of(&paid),
        cost(&paid)
    );
    assert!(of(&paid) > of(plain));
    assert!(
        profit(&paid, "US", Stage::Separation, "2025Q1")
            > profit(plain, "US", Stage::Separation, "2025Q1")
    );
    assert!(cost(&paid) > 0.0 && cost(&paid) <= 3.0 * budget * (1.0 + 1e-9));
}

#[test]
fn a_skills_programme_teaches_after_its_delay_and_costs_each_year() {
    let taught = measured(
        "MY",
        "2025Q1",
        Instrument::SkillsProgramme {
            stages: words(&["magnet"]),
            gain: 0.2,
            delay: 4,
            usd_per_year: 10e6,
        },
    );
    let of = |record: &RunRecord, at: &str| {
        let mut rows = record.rows.state.rows();
        rows.find(|r| r.state == state("MY") && r.quarter == quarter(at))
            .expect("a row")
            .capability_magnet
    };
    let plain = &world().plain;
    assert_eq!(
        of(&taught, "2025Q4"),
        of(plain, "2025Q4"),
        "nobody has graduated yet"
    );
    assert!(of(&taught, "2027Q4") > of(plain, "2027Q4") + 0.2);
    assert!((cost(&taught) - 30e6).abs() < 1.0);
}

#[test]
fn research_saves_what_is_dear() {
    let mut plain = world().scenario.clone();
    let embargo = Instrument::Embargo {
        of: words(&["dy_oxide", "tb_oxide", "dy_metal", "tb_metal"]),
        to: words(&["JP"]),
    };
    lay(&mut plain, "CN", "embargo", "2025Q1", embargo);
    let mut helped = plain.clone();
    lay(
        &mut helped,
        "JP",
        "test",
        "2025Q1",
        Instrument::SubstitutionResearch {
            of: words(&["dy_metal", "tb_metal"]),
            sectors: vec![],
            speed: 4.0,
            limit: 0.1,
            usd_per_year: 50e6,
        },
    );
    let thrift = |scenario: &Scenario| {
        let simulation = run(scenario, &world().base);
        let layout = simulation
            .world
            .resource::<monazite::domain::layout::Layout>();
        let groups = simulation
            .world
            .resource::<monazite::domain::exchange::GroupBooks>();
        let at = (0..layout.groups.len()).filter(|&g| layout.groups[g].host == state("JP"));
        at.map(|g| groups.thrift[g]).fold(0.0, f64::max)
    };
    let (without, with) = (thrift(&plain), thrift(&helped));
    println!("thrift in Japan {without:.3} without and {with:.3} with research");
    assert!(with > 1.5 * without && without > 0.0);
}
