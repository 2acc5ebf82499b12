//! Plants, and the projects that are under way when a world begins.

use crate::config::scenario::Scenario;
use crate::domain::{
    actors::{Funds, GroupId, HostedIn, Name, OwnedBy, OwnerState, Plant, Project, Status},
    ids::{FirmId, PlantId},
    layout::Layout,
    market::Coefficients,
};
use crate::engine::{
    rng::{Purpose, stream, uniform},
    simulation::Simulation,
};
use crate::mechanisms::investment::{Draws, Entrant, delay_shape, project_delay};
use crate::world::{
    build::Base,
    entrants::{first_size, is_entrant},
    facts::PlantFact,
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

/// The announced next step of a named plant, late by a drawn delay.
pub(super) fn spawn_announced(
    simulation: &mut Simulation,
    scenario: &Scenario,
    base: &Base,
    fact: &PlantFact,
    row: usize,
    group: usize,
    seed: u64,
) {
    let Some((firm, plant)) = fact.name.split_once('.').filter(|_| fact.named) else {
        return;
    };
    let Some(entry) = scenario.firms.get(firm).and_then(|f| f.plants.get(plant)) else {
        return;
    };
    let now = entry
        .periods
        .values()
        .find(|q| q.from <= scenario.start && q.to.is_none_or(|to| to >= scenario.start))
        .map_or(0.0, |q| q.capacity_t_a);
    let Some(next) = entry
        .periods
        .values()
        .filter(|q| q.from > scenario.start && q.capacity_t_a > now)
        .min_by_key(|q| q.from)
    else {
        return;
    };
    let promised = entry
        .promised
        .filter(|q| *q > scenario.start)
        .unwrap_or(next.from);
    let process = &base.graph.processes[base.facts.groups[group].process.index()];
    // Practice falls short of nameplate as the plants that stand show, where anything stands.
    let practical = base.settled.cost[group].capacity_factor.min(1.0);
    let capacity = (next.capacity_t_a - now) / 4.0 * practical;
    let mut delays = stream(
        seed,
        Purpose::ProjectDelay,
        &format!("{}#announced", fact.name),
    );
    let under_way = entry
        .status
        .as_deref()
        .is_some_and(|s| s.contains("construction"))
        || now > 0.0;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a build time of quarters fits"
    )]
    let build = process.build_quarters.round() as i32;
    let behind = if under_way {
        (build - promised.since(scenario.start)).max(0)
    } else {
        0
    };
    let whole = f64::from(behind + promised.since(scenario.start)).max(1.0);
    let capex_usd = capacity * 4.0 * base.facts.groups[group].capex_usd_per_t_a;
    simulation.world.spawn(Project {
        plant: PlantId::from_index(row),
        capacity,
        started: scenario
            .start
            .plus(-build.min(promised.since(scenario.start)).max(0))
            .min(scenario.start),
        promised,
        due: promised.plus(project_delay(
            &mut delays,
            if now > 0.0 {
                scenario.investment.expansion_delay_years
            } else {
                scenario.investment.delay_years
            },
            &past_delays(scenario),
        )),
        capex_usd,
        paid_usd: capex_usd * f64::from(behind) / whole,
        funds: if under_way {
            outside(scenario)
        } else {
            Funds::default()
        },
        bad_quarters: 0,
        financed: under_way,
        slipped: false,
        done: false,
    });
}

/// Pipelines are full on the growth path: what grows at `growth` a quarter and takes `build` quarters to build has that many quarters of
/// growth under way. Each plant's share is one project at a drawn point of its way.
#[expect(clippy::too_many_arguments, reason = "one project of one plant")]
pub(super) fn spawn_expansion_under_way(
    simulation: &mut Simulation,
    scenario: &Scenario,
    base: &Base,
    fact: &PlantFact,
    row: usize,
    group: usize,
    practical: f64,
    seed: u64,
) {
    let g = &base.facts.groups[group];
    let process = &base.graph.processes[g.process.index()];
    let output = process.modes[0]
        .outputs
        .first()
        .map_or(0, |t| t.commodity.index());
    let growth = base.facts.growth[output];
    if g.ceiling.is_some()
        || growth <= 0.0
        || base.settled.q.activity[group].iter().sum::<f64>() <= 0.0
    {
        return;
    }
    let build = process.build_quarters + 4.0 * scenario.investment.expansion_delay_years;
    let mut draws = stream(
        seed,
        Purpose::ProjectDelay,
        &format!("{}#under way", fact.name),
    );
    #[expect(clippy::cast_possible_truncation, reason = "a wait of quarters fits")]
    let wait = (build * uniform(&mut draws)).floor() as i32;
    let capacity = fact.nameplate * practical * growth * build;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a build time of quarters fits"
    )]
    let started = scenario.start.plus(wait - build as i32);
    let capex_usd = capacity * 4.0 * g.capex_usd_per_t_a;
    // What lies behind is paid for.
    let paid = 1.0 - f64::from(wait) / f64::from(wait - started.since(scenario.start)).max(1.0);
    simulation.world.spawn(Project {
        plant: PlantId::from_index(row),
        capacity,
        started,
        promised: scenario.start.plus(wait),
        due: scenario.start.plus(wait),
        capex_usd,
        paid_usd: capex_usd * paid.clamp(0.0, 1.0),
        funds: outside(scenario),
        bad_quarters: 0,
        financed: true,
        slipped: true,
        done: false,
    });
}

/// Money of projects that were decided before the start: none of it is left of the owner's cash.
fn outside(scenario: &Scenario) -> Funds {
    Funds {
        debt: scenario.investment.debt_share,
        ..Funds::default()
    }
}

/// Delays of past projects that came to their end, relative to their mean.
fn past_delays(scenario: &Scenario) -> Vec<f64> {
    let slips = scenario.delays.values().filter_map(|row| row.slip_years);
    delay_shape(slips.map(|slip| slip.max(0.0)).collect())
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
