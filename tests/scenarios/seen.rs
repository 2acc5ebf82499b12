//! Runs of shipped scenarios, made once, and what their tables say.

use monazite::config::{self, Loaded, Scenario};
use monazite::domain::{graph::Stage, ids::StateId, time::Quarter};
use monazite::record::RunRecord;
use monazite::world;
use std::{collections::BTreeMap, path::Path, sync::Mutex, sync::OnceLock};

const SEEDS: [u64; 2] = [1, 2];

/// Runs by scenario, each made once.
static RUNS: Mutex<BTreeMap<String, &'static [RunRecord]>> = Mutex::new(BTreeMap::new());
/// One file is run at a time, so that no two tests make the same runs.
static GATE: OnceLock<Mutex<()>> = OnceLock::new();

pub fn load(file: &str) -> Scenario {
    let path = if file == "baseline" {
        "configs/baseline.ron".to_owned()
    } else {
        format!("configs/scenarios/{file}.ron")
    };
    match config::load(Path::new(&path), &[]) {
        Ok(Loaded::Scenario(scenario)) => *scenario,
        Ok(_) => panic!("{path} is no scenario"),
        Err(report) => panic!("{report}"),
    }
}

/// The records of a scenario, with nothing uncertain but the draws of firms, noise and delays.
pub fn runs(file: &str) -> &'static [RunRecord] {
    let _gate = GATE
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(runs) = RUNS.lock().expect("the table of runs").get(file) {
        return runs;
    }
    let mut scenario = load(file);
    scenario.uncertainty.clear();
    let records = records(&scenario, SEEDS, file);
    let records: &'static [RunRecord] = Box::leak(records.into_boxed_slice());
    RUNS.lock()
        .expect("the table of runs")
        .insert(file.to_owned(), records);
    records
}

/// Runs a scenario under some seeds, side by side.
pub fn records(
    scenario: &Scenario,
    seeds: impl IntoIterator<Item = u64>,
    what: &str,
) -> Vec<RunRecord> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = seeds
            .into_iter()
            .map(|seed| {
                scope.spawn(move || {
                    let mut simulation = world::build(scenario, seed)
                        .unwrap_or_else(|e| panic!("{what}, seed {seed}: {e}"));
                    simulation
                        .run()
                        .unwrap_or_else(|e| panic!("{what}, seed {seed}: {e}"));
                    simulation
                        .world
                        .remove_resource::<RunRecord>()
                        .expect("a record")
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a finished run"))
            .collect()
    })
}

pub fn q(text: &str) -> Quarter {
    text.parse().expect("a quarter")
}

/// Mean over the runs of a scenario.
pub fn mean(file: &str, of: impl Fn(&RunRecord) -> f64) -> f64 {
    let runs = runs(file);
    runs.iter().map(of).sum::<f64>() / runs.len() as f64
}

pub fn state(record: &RunRecord, code: &str) -> StateId {
    StateId::from_index(record.names.state(code).expect("a state of the world"))
}

pub fn commodity(record: &RunRecord, name: &str) -> usize {
    let goods = &record.names.commodities;
    goods
        .iter()
        .position(|c| c == name)
        .expect("a good of the world")
}

/// Sum over quarters of a column of table `market`.
pub fn market(
    record: &RunRecord,
    (from, to): (&str, &str),
    places: &[&str],
    good: &str,
    column: impl Fn(&monazite::record::row::MarketRow) -> f64,
) -> f64 {
    let (from, to, k) = (q(from), q(to), commodity(record, good));
    let places: Vec<_> = places.iter().map(|code| state(record, code)).collect();
    record
        .rows
        .market
        .rows()
        .filter(|r| {
            r.quarter >= from
                && r.quarter <= to
                && r.commodity.index() == k
                && (places.is_empty() || places.contains(&r.state))
        })
        .map(|r| column(&r))
        .sum()
}

/// Mean price over quarters at a place.
pub fn price(record: &RunRecord, span: (&str, &str), place: &str, good: &str) -> f64 {
    let quarters = f64::from(q(span.1).since(q(span.0)) + 1);
    market(record, span, &[place], good, |r| r.price_usd_per_kg) / quarters
}

/// Output of a stage over quarters at some hosts.
pub fn output(record: &RunRecord, (from, to): (&str, &str), hosts: &[&str], stage: Stage) -> f64 {
    let (from, to) = (q(from), q(to));
    let hosts: Vec<_> = hosts.iter().map(|code| state(record, code)).collect();
    record
        .rows
        .stage
        .rows()
        .filter(|r| {
            r.quarter >= from
                && r.quarter <= to
                && r.stage == stage
                && (hosts.is_empty() || hosts.contains(&r.host))
        })
        .map(|r| r.production_t)
        .sum()
}

/// Value added of states over quarters, net of the public cost of their measures, billion USD.
pub fn net_value_added(record: &RunRecord, (from, to): (&str, &str), states: &[&str]) -> f64 {
    let (from, to) = (q(from), q(to));
    let states: Vec<_> = states.iter().map(|code| state(record, code)).collect();
    record
        .rows
        .state
        .rows()
        .filter(|r| r.quarter >= from && r.quarter <= to && states.contains(&r.state))
        .map(|r| (r.value_added_usd - r.public_cost_usd) / 1e9)
        .sum()
}

/// Share of demand at reference prices that was not served, of rated or of civil users of a good.
pub fn unmet_share(
    record: &RunRecord,
    (from, to): (&str, &str),
    places: &[&str],
    good: &str,
    rated: bool,
) -> f64 {
    let (from, to) = (q(from), q(to));
    let places: Vec<_> = places.iter().map(|code| state(record, code)).collect();
    let (mut unmet, mut demand, k) = (0.0, 0.0, commodity(record, good));
    for r in record.rows.end_use.rows() {
        let name = record.names.sectors[r.sector.index()].as_str();
        if r.quarter >= from
            && r.quarter <= to
            && places.contains(&r.state)
            && r.commodity.index() == k
            && name.starts_with("defence") == rated
        {
            unmet += r.demand_t - r.served_t;
            demand += r.demand_t;
        }
    }
    unmet / demand
}

/// What a measure cost over the run, million USD.
pub fn cost(record: &RunRecord, code: &str, measure: &str) -> f64 {
    let state = state(record, code);
    record
        .rows
        .policy
        .rows()
        .filter(|r| r.state == state && record.texts.text(r.measure) == measure)
        .map(|r| r.public_cost_usd / 1e6)
        .sum()
}

pub fn said(what: &str, value: f64) -> f64 {
    println!("{what}: {value:.3}");
    value
}
