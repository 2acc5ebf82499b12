//! From a scenario and a seed to a simulation: settle, assemble, spawn, register.
//!
//! The start is inverted from the *base* scenario, before any strategy of an arm is laid on: an arm never inverts again, or costs would
//! swallow its policy. What an arm changes in mechanisms, strategies, shocks and plants' capacity is laid over the settled start.

use super::{
    assemble::{Assembled, Extras, assemble},
    crossing::Crossings,
    entrants::with_entrants,
    facts::{BuildError, Facts},
    gather,
    measures::asked,
    quantities::Rules,
    settle::{SettleRules, Settled, settle},
    sides, spawn,
};
use crate::config::scenario::Scenario;
use crate::domain::graph::{Form, Graph};
use crate::engine::{ledger, simulation::Simulation};
use crate::mechanisms::{
    capability, demand, expectation, friendshoring, investment, leakage, market, planning, policy,
    provenance, settlement, shock, stockpile, substitution,
};
use crate::record::{RunRecord, names::Names, recorder};
use std::sync::Arc;

/// A settled base: what all arms of one seed start from.
#[derive(Debug, Clone)]
pub struct Base {
    /// Commodity graph after reconciliation.
    pub graph: Graph,
    /// What was known.
    pub facts: Facts,
    /// Quantities, prices, costs.
    pub settled: Settled,
    /// Costs of crossing.
    pub crossings: Crossings,
    /// State codes, sorted.
    pub states: Vec<String>,
    /// Sector ids, sorted.
    pub sectors: Vec<String>,
}

/// A market's compiled structure, shared between the worlds that have the same one.
#[derive(Debug, Clone)]
pub struct Shared {
    structure: Arc<crate::domain::market::Structure>,
    plan: Arc<market::Plan>,
}

/// Inverts the start of a scenario whose uncertain numbers have been drawn.
///
/// # Errors
/// If the tables cannot be made to close within their ranges.
pub fn invert(scenario: &Scenario, seed: u64) -> Result<Base, BuildError> {
    let (mut graph, spread) = gather::graph(scenario);
    let mut facts = gather::facts(scenario, &graph, seed)?;
    let states = gather::state_names(scenario);
    let crossings = Crossings::new(scenario, &graph, &states);
    let p = &scenario.settle;
    let rules = SettleRules {
        quantities: Rules {
            stock_change: p.stock_change,
            first_mode_share: p.first_mode_share,
        },
        widest_spread: p.widest_spread,
        spread_share: p.spread_share,
        stretch: p.stretch,
        trickle: p.trickle,
        home_weight: p.home_weight,
    };
    let settled = settle(
        &mut graph,
        &mut facts,
        &spread,
        rules,
        &states,
        &|k, i, j| crossings.of(k, i, j),
    )?;
    set_contents(&mut graph, &facts, &settled);
    Ok(Base {
        graph,
        facts,
        settled,
        crossings,
        states,
        sectors: gather::sector_names(scenario),
    })
}

/// A magnet holds what its recipe puts in, less scrap and loss, in the proportion in which the ways to make it were used.
fn set_contents(graph: &mut Graph, facts: &Facts, settled: &Settled) {
    let contents: Vec<(usize, Vec<f64>)> = (0..graph.commodities.len())
        .filter(|&k| graph.commodities[k].form == Form::Magnet)
        .map(|k| {
            let mut content = vec![0.0; graph.elements.len()];
            let mut made = 0.0;
            for (g, group) in facts.groups.iter().enumerate() {
                let process = &graph.processes[group.process.index()];
                for (m, mode) in process.modes.iter().enumerate() {
                    let Some(output) = mode.outputs.iter().find(|t| t.commodity.index() == k)
                    else {
                        continue;
                    };
                    let (kept, _) = spawn::kept_and_scrapped(graph, mode, &graph.commodities[k]);
                    let activity = settled.q.activity[g][m];
                    made += activity * output.t_per_t;
                    for t in &mode.inputs {
                        for (e, share) in graph.commodities[t.commodity.index()]
                            .composition
                            .iter()
                            .enumerate()
                        {
                            content[e] += activity * t.t_per_t * share * kept;
                        }
                    }
                }
            }
            if made > 0.0 {
                content.iter_mut().for_each(|mass| *mass /= made);
            } else {
                content.clone_from(&graph.commodities[k].composition);
            }
            (k, content)
        })
        .collect();
    for (k, content) in contents {
        graph.commodities[k].composition = content;
    }
}

/// Builds the simulation of a scenario on a settled base. `scenario` and `base` must come from the same tables.
///
/// # Errors
/// If the settled start does not clear, or an arm's plants do not fit the base.
pub fn on_base(
    scenario: &Scenario,
    base: &Base,
    seed: u64,
    shared: Option<&Shared>,
) -> Result<Simulation, BuildError> {
    let wider = with_entrants(scenario, base, seed, &|k, i, j| base.crossings.of(k, i, j));
    let base = wider.as_ref().unwrap_or(base);
    let extras = extras(scenario, base);
    let apart = extras
        .rules
        .as_ref()
        .map(|rules| sides::separate(base, rules));
    let base = apart.as_ref().unwrap_or(base);
    let world = assemble(
        &base.graph,
        &base.facts,
        &base.settled,
        &extras,
        &|k, i, j| base.crossings.of(k, i, j),
    );
    let shared = match shared {
        Some(shared) if *shared.structure == world.structure => shared.clone(),
        _ => share(&world),
    };
    let mut simulation = Simulation::new(scenario.start, scenario.end);
    simulation
        .world
        .insert_resource(RunRecord::new(Arc::new(names(scenario, base))));
    spawn::spawn(
        &mut simulation,
        scenario,
        base,
        world,
        &extras,
        shared.structure,
        shared.plan,
        seed,
    );
    for plugin in [
        shock::plugin,
        policy::plugin,
        provenance::plugin,
        expectation::plugin,
        demand::plugin,
        planning::plugin,
        stockpile::plugin,
        market::systems::plugin,
        settlement::plugin,
        friendshoring::plugin,
        leakage::plugin,
        substitution::plugin,
        investment::plugin,
        capability::plugin,
        ledger::plugin,
        recorder::plugin,
    ] {
        plugin(&mut simulation);
    }
    Ok(simulation)
}

/// The compiled market of a simulation, for the next one that has the same structure.
#[must_use]
pub fn shared_of(simulation: &Simulation) -> Shared {
    Shared {
        structure: simulation
            .world
            .resource::<crate::domain::exchange::Trading>()
            .structure
            .clone(),
        plan: simulation
            .world
            .resource::<market::systems::Solver>()
            .plan()
            .clone(),
    }
}

/// Compiles an assembled market for sharing.
#[must_use]
pub fn share(world: &Assembled) -> Shared {
    Shared {
        structure: Arc::new(world.structure.clone()),
        plan: Arc::new(market::Plan::compile(&world.structure)),
    }
}

/// Draws, inverts and builds in one go.
///
/// # Errors
/// As [`invert`] and [`on_base`].
pub fn build(scenario: &Scenario, seed: u64) -> Result<Simulation, BuildError> {
    let drawn = scenario.draw(seed);
    let base = invert(&drawn, seed)?;
    on_base(&drawn, &base, seed, None)
}

/// Names for the record.
#[must_use]
pub fn names(scenario: &Scenario, base: &Base) -> Names {
    Names {
        states: base.states.clone(),
        asean: base
            .states
            .iter()
            .map(|s| scenario.states[s].asean)
            .collect(),
        commodities: base
            .graph
            .commodities
            .iter()
            .map(|c| c.name.clone())
            .collect(),
        forms: base.graph.commodities.iter().map(|c| c.form).collect(),
        reo_per_t: base
            .graph
            .commodities
            .iter()
            .map(|c| c.reo_per_t())
            .collect(),
        sectors: base.sectors.clone(),
        rated: base
            .sectors
            .iter()
            .map(|s| scenario.sectors[s].rated)
            .collect(),
    }
}

fn extras(scenario: &Scenario, base: &Base) -> Extras {
    let asked = asked(scenario, base);
    let e = &scenario.expectation;
    Extras {
        states: base.states.clone(),
        rated: base
            .sectors
            .iter()
            .map(|s| scenario.sectors[s].rated)
            .collect(),
        elasticity: base
            .sectors
            .iter()
            .map(|s| {
                let row = &scenario.sectors[s];
                (
                    row.elasticity_short.abs() * scenario.demand_model.short_run_factor,
                    row.elasticity_long.abs(),
                    row.choke_ratio,
                )
            })
            .collect(),
        sectors: base.sectors.clone(),
        holders: [
            e.adaptive_share,
            e.trend_share,
            (1.0 - e.adaptive_share - e.trend_share).max(0.0),
        ],
        throughput_speed: scenario.planning.throughput_speed,
        mode_sharpness: scenario.settle.mode_sharpness,
        stock_elasticity: scenario.planning.stock_elasticity,
        stockpiles: asked.stockpiles,
        quotas: asked.quotas,
        shared: asked.shared,
        agreed: asked.agreed,
        restricted: asked.restricted,
        rules: sides::rules(scenario, &base.graph, &base.states, &base.sectors),
    }
}
