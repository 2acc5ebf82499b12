//! Room for new plants: where a measure that comes into force after the start supports a stage in a state, firms that have no plant yet may
//! build one there, even where none of its kind stands. Nothing is added where nothing is supported, so that a world without such
//! measures is the same as before. (What was supported before the start has its projects in the table of plants.)

use super::{
    build::Base,
    facts::{GroupFact, PlantFact},
    gather::{conversion_of, disadvantage},
    plants::GroupCost,
    settle::modes_at_hand,
};
use crate::config::{scenario::Scenario, strategy::Planned};
use crate::domain::{
    graph::{Graph, Process, Stage},
    ids::{ProcessId, StateId},
    policy::Instrument,
};
use std::collections::BTreeSet;

/// Firms that may enter each kind of plant in each supported state.
const ENTRANTS: usize = 3;

/// Size of a first plant where none of its kind or stage stands anywhere, t of activity per quarter.
const SMALLEST: f64 = 100.0;

/// Whether a plant is one that an entrant may build.
#[must_use]
pub fn is_entrant(plant: &PlantFact) -> bool {
    !plant.named && plant.nameplate <= 0.0
}

/// Whether an instrument helps plants of a process to be built.
fn supports(instrument: &Instrument, graph: &Graph, process: &Process) -> bool {
    match instrument {
        Instrument::CapexGrant { stages, .. }
        | Instrument::Loan { stages, .. }
        | Instrument::PublicEquity { stages, .. }
        | Instrument::PermittingSpeedUp { stages, .. } => {
            stages.iter().any(|s| s == process.stage.name())
        }
        Instrument::PriceFloor { of, .. } | Instrument::TaxCredit { of, .. } => {
            let covered = graph.covered(of);
            process
                .modes
                .iter()
                .any(|m| m.outputs.iter().any(|t| covered.contains(&t.commodity)))
        }
        _ => false,
    }
}

/// Kinds of plants and states that measures support. Mines need a deposit: they are only added to where ore of the kind is mined or to be mined.
fn supported(scenario: &Scenario, base: &Base) -> BTreeSet<(ProcessId, StateId)> {
    let mut places = BTreeSet::new();
    for (s, code) in base.states.iter().enumerate() {
        let state = StateId::from_index(s);
        let Some(strategy) = scenario.strategies.get(code) else {
            continue;
        };
        for (_, planned) in strategy.planned() {
            if matches!(planned, Planned::Dated(m) if m.from < scenario.start) {
                continue;
            }
            for instrument in planned.instruments() {
                for (p, process) in base.graph.processes.iter().enumerate() {
                    let process_id = ProcessId::from_index(p);
                    let known = base
                        .facts
                        .groups
                        .iter()
                        .any(|g| (g.process, g.host) == (process_id, state));
                    if supports(instrument, &base.graph, process)
                        && (known || process.stage != Stage::Mine)
                    {
                        places.insert((process_id, state));
                    }
                }
            }
        }
    }
    places
}

/// Size of a first plant, t of activity per quarter: the median of those that stand, of the process, else of its stage.
#[must_use]
pub fn first_size(base: &Base, process: ProcessId) -> f64 {
    let stage = base.graph.processes[process.index()].stage;
    let sizes = |of: &dyn Fn(ProcessId) -> bool| -> Vec<f64> {
        let groups = base.facts.groups.iter().filter(|g| of(g.process));
        let mut sizes: Vec<f64> = groups
            .flat_map(|g| &g.plants)
            .filter(|p| p.nameplate > 0.0)
            .map(|p| p.nameplate)
            .collect();
        sizes.sort_by(f64::total_cmp);
        sizes
    };
    let mut known = sizes(&|p| p == process);
    if known.is_empty() {
        known = sizes(&|p| base.graph.processes[p.index()].stage == stage);
    }
    known.get(known.len() / 2).copied().unwrap_or(SMALLEST)
}

/// The base with room for entrants; `None` where no measure asks for any.
#[must_use]
pub fn with_entrants(
    scenario: &Scenario,
    base: &Base,
    seed: u64,
    crossing: &dyn Fn(usize, usize, usize) -> super::prices::Crossing,
) -> Option<Base> {
    let places = supported(scenario, base);
    if places.is_empty() {
        return None;
    }
    let mut wider = base.clone();
    for &(process, host) in &places {
        let at = wider
            .facts
            .groups
            .binary_search_by_key(&(process, host), |g| (g.process, g.host));
        let slot = match at {
            Ok(slot) => slot,
            Err(slot) => {
                let (kind, code) = (
                    &base.graph.processes[process.index()],
                    &base.states[host.index()],
                );
                let Some((mut opex, capex)) = conversion_of(scenario, &kind.name, code) else {
                    continue;
                };
                let dearer = labour_gap(scenario, kind, code);
                for cost in &mut opex {
                    *cost = (*cost + dearer).max(0.5 * *cost);
                }
                open_group(&mut wider, slot, process, host, opex, capex, scenario);
                slot
            }
        };
        let name = &base.graph.processes[process.index()].name;
        let code = base.states[host.index()].to_lowercase();
        let plants = &mut wider.facts.groups[slot].plants;
        for i in 1..=ENTRANTS {
            let name = format!("entrant_{code}_{name}.{i}");
            plants.push(PlantFact {
                disadvantage: disadvantage(scenario, seed, &name),
                firm: name.clone(),
                name,
                owner: host,
                nameplate: 0.0,
                named: false,
            });
        }
        plants.sort_by(|a, b| a.name.cmp(&b.name));
    }
    open_venues(&mut wider, &places, crossing);
    Some(wider)
}

/// Hours that a job takes in a year.
const HOURS: f64 = 2000.0;

/// What labour in a state costs more than in the median of the states that one row of conversion costs stands for, USD per kg of activity; none where
/// the state has a row of its own.
fn labour_gap(scenario: &Scenario, process: &Process, state: &str) -> f64 {
    let own = |code: &str| {
        scenario
            .opex
            .contains_key(&format!("{}:{code}", process.name))
    };
    if own(state) {
        return 0.0;
    }
    let others = scenario.states.iter().filter(|(code, _)| !own(code));
    let mut wages: Vec<f64> = others.map(|(_, row)| row.labour_usd_per_h).collect();
    wages.sort_by(f64::total_cmp);
    let gap = scenario.states[state].labour_usd_per_h - wages[wages.len() / 2];
    process.jobs_per_kt * HOURS * gap / 1e6
}

/// A group in which nothing stands.
fn open_group(
    base: &mut Base,
    slot: usize,
    process: ProcessId,
    host: StateId,
    opex: [f64; 3],
    capex: f64,
    scenario: &Scenario,
) {
    let modes = base.graph.processes[process.index()].modes.len();
    base.facts.groups.insert(
        slot,
        GroupFact {
            process,
            host,
            plants: Vec::new(),
            opex,
            ceiling: None,
            capex_usd_per_t_a: capex,
        },
    );
    let settled = &mut base.settled;
    settled.q.activity.insert(slot, vec![0.0; modes]);
    settled.spread.insert(
        slot,
        scenario
            .settle
            .spread_share
            .clamp(0.01, scenario.settle.widest_spread),
    );
    settled.cost.insert(
        slot,
        GroupCost {
            margin: 0.0,
            opex: opex[0],
            capacity_factor: 1.0,
            in_range: true,
        },
    );
    settled.opex.insert(slot, vec![opex[0]; modes]);
    settled.at_hand.insert(slot, vec![false; modes]);
    let at_hand = modes_at_hand(&base.graph, &base.facts, &base.settled.q);
    base.settled.at_hand[slot].clone_from(&at_hand[slot]);
}

/// Prices where nobody has dealt yet: what the good costs delivered from the cheapest seller. A way to run that needs or makes a good without
/// any price is not at hand.
fn open_venues(
    base: &mut Base,
    places: &BTreeSet<(ProcessId, StateId)>,
    crossing: &dyn Fn(usize, usize, usize) -> super::prices::Crossing,
) {
    let (n, c) = (base.facts.states, base.facts.commodities);
    let known = base.settled.price.clone();
    let price_at = |s: usize, k: usize| -> Option<f64> {
        known[s * c + k].or_else(|| {
            (0..n)
                .filter_map(|i| Some(crossing(k, i, s).delivered(known[i * c + k]?)))
                .min_by(f64::total_cmp)
        })
    };
    for g in 0..base.facts.groups.len() {
        let group = &base.facts.groups[g];
        if !places.contains(&(group.process, group.host)) {
            continue;
        }
        let s = group.host.index();
        let process = &base.graph.processes[group.process.index()];
        for (m, mode) in process.modes.iter().enumerate() {
            if !base.settled.at_hand[g][m] {
                continue;
            }
            let goods: Vec<usize> = mode
                .inputs
                .iter()
                .chain(&mode.outputs)
                .chain(&mode.scrap)
                .map(|t| t.commodity)
                .chain(mode.by_products.iter().map(|b| b.commodity))
                .map(|k| k.index())
                .collect();
            if goods.iter().any(|&k| price_at(s, k).is_none()) {
                base.settled.at_hand[g][m] = false;
                continue;
            }
            for k in goods {
                base.settled.price[s * c + k] = price_at(s, k);
            }
        }
    }
    // A group that can do nothing at all is not opened.
    let idle: Vec<usize> = (0..base.facts.groups.len())
        .filter(|&g| !base.settled.at_hand[g].iter().any(|at_hand| *at_hand))
        .collect();
    for g in idle.into_iter().rev() {
        base.facts.groups.remove(g);
        base.settled.q.activity.remove(g);
        base.settled.spread.remove(g);
        base.settled.cost.remove(g);
        base.settled.opex.remove(g);
        base.settled.at_hand.remove(g);
    }
}
