//! Plants of the start.

use super::announced::{dated_steps, past_delays, spawn_announced, spawn_expansion_under_way};
use crate::config::scenario::Scenario;
use crate::domain::{
    actors::{GroupId, HostedIn, Name, OwnedBy, OwnerState, Plant, Status},
    ids::{FirmId, PlantId},
    layout::Layout,
    market::Coefficients,
};
use crate::engine::{
    rng::{Purpose, stream, uniform},
    simulation::Simulation,
};
use crate::mechanisms::investment::{Dates, Draws, Entrant};
use crate::world::{
    build::Base,
    entrants::{first_size, is_entrant},
};

/// Plants and the projects under way; gives the log cost disadvantage of each.
#[expect(
    clippy::too_many_arguments,
    reason = "a plant is where firm, host, process and project meet"
)]
pub(super) fn spawn_plants(
    simulation: &mut Simulation,
    scenario: &Scenario,
    base: &Base,
    layout: &Layout,
    group_of: &[usize],
    owners: &[usize],
    co: &Coefficients,
    seed: u64,
) -> Vec<f64> {
    let p = &scenario.investment;
    let facts: Vec<_> = base.facts.groups.iter().flat_map(|g| &g.plants).collect();
    let mut all = Vec::new();
    for (row, fact) in facts.iter().enumerate() {
        let group = layout.groups[group_of[row]];
        let process = &base.graph.processes[group.process.index()];
        let disadvantage = fact.disadvantage * co.spread[group_of[row]];
        all.push(disadvantage);
        let mut character = stream(
            seed,
            Purpose::PlantCharacter,
            &format!("{}#thresholds", fact.name),
        );
        let mothball_below =
            p.mothball_centre + p.mothball_spread * (2.0 * uniform(&mut character) - 1.0);
        let built = fact.nameplate > 0.0;
        let cost = &base.settled.cost[group_of[row]];
        let practical = if base.facts.groups[group_of[row]].ceiling.is_some() {
            1.0
        } else {
            cost.capacity_factor
        };
        let start_know_how = 1.0;
        let mut entity = simulation.world.spawn((
            PlantId::from_index(row),
            Name(fact.name.clone()),
            OwnedBy(FirmId::from_index(owners[row])),
            OwnerState(fact.owner),
            HostedIn(group.host),
            GroupId(u16::try_from(group_of[row]).unwrap_or(u16::MAX)),
            Plant {
                status: if built {
                    Status::Operating
                } else {
                    Status::Planned
                },
                nameplate: fact.nameplate * practical * start_know_how,
                ramp: if built { 1.0 } else { 0.0 },
                ramp_quarters: process.ramp_quarters,
                disadvantage,
                mothball_below,
                reopen_above: mothball_below + p.reopen_gap,
                profitability: cost.margin - disadvantage,
                idle_quarters: 0,
                activity: 0.0,
                profit_usd: 0.0,
                value_added_usd: 0.0,
            },
        ));
        if is_entrant(fact) {
            entity.insert(Entrant {
                capacity: first_size(base, group.process),
            });
        }
        if scenario.settle.dated_plants {
            let dates = dated_steps(scenario, fact, practical);
            let mut all = simulation.world.get_resource_or_init::<Dates>();
            all.0.resize(facts.len(), Vec::new());
            all.0[row] = dates;
            continue;
        }
        spawn_announced(simulation, scenario, base, fact, row, group_of[row], seed);
        if built {
            spawn_expansion_under_way(
                simulation,
                scenario,
                base,
                fact,
                row,
                group_of[row],
                practical,
                seed,
            );
        }
    }
    all
}

pub(super) fn draws(scenario: &Scenario, base: &Base, firms: &[String], seed: u64) -> Draws {
    let plants: Vec<&String> = base
        .facts
        .groups
        .iter()
        .flat_map(|g| &g.plants)
        .map(|p| &p.name)
        .collect();
    Draws {
        finance: plants
            .iter()
            .map(|name| stream(seed, Purpose::Finance, name))
            .collect(),
        delay: plants
            .iter()
            .map(|name| stream(seed, Purpose::ProjectDelay, name))
            .collect(),
        bankruptcy: firms
            .iter()
            .map(|name| stream(seed, Purpose::Bankruptcy, name))
            .collect(),
        delays: past_delays(scenario),
        flow: vec![(0.0, 0.0, 0.0); plants.len()],
    }
}
