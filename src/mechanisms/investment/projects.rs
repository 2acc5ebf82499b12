//! Projects: decided, financed, late, finished or given up.

use super::{
    Outlook, Params, Settings,
    appraisal::{Appraisal, finance_chance, value_over_capital},
    plants::event,
};
use crate::domain::{
    actors::{HurdleRate, OwnedBy, OwnerState, Plant, Project, Status},
    exchange::{Bills, Effects, GroupBooks, Journal, KnowHow, Milestone, Relations},
    graph::{Graph, Stage},
    ids::{FirmId, PlantId},
    layout::Layout,
    time::Quarter,
};
use crate::engine::{
    rng::{exponential, uniform},
    simulation::Clock,
};
use bevy_ecs::prelude::*;
use rand_chacha::ChaCha8Rng;

/// Streams of rare draws, one per plant or firm, so that no draw shifts another's.
#[derive(Resource, Debug, Clone)]
pub struct Draws {
    /// By plant: financing and the look at expansions.
    pub finance: Vec<ChaCha8Rng>,
    /// By plant: delays.
    pub delay: Vec<ChaCha8Rng>,
    /// By firm: sale after bankruptcy.
    pub bankruptcy: Vec<ChaCha8Rng>,
    /// Buffer by plant: profit and capital of the quarter.
    pub flow: Vec<(f64, f64)>,
}

/// Delay of a project in quarters: exponential with the given mean in years.
pub fn project_delay(stream: &mut ChaCha8Rng, mean_years: f64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "a delay of quarters fits")]
    let quarters = (4.0 * exponential(stream, mean_years)).round().min(80.0) as i32;
    quarters
}

/// Real return that each firm asks, by firm.
fn hurdles_by_firm(count: usize, firms: &Query<(&FirmId, &HurdleRate)>) -> Vec<f64> {
    let mut hurdles = vec![0.0; count];
    for (firm, hurdle) in firms {
        hurdles[firm.index()] = hurdle.0;
    }
    hurdles
}

/// Size of an expansion, t of activity per quarter: the usual step, and more the more it is worth, up to `expansion_most` of the plant.
#[must_use]
pub fn expansion_of(nameplate: f64, value: f64, p: &Params) -> f64 {
    nameplate * (p.expansion_share * (1.0 + value.max(0.0))).min(p.expansion_most)
}

/// Where a group's host and stage stand in the columns of know-how.
fn know_how_at(layout: &Layout, graph: &Graph, group: usize) -> usize {
    let at = layout.groups[group];
    at.host.index() * Stage::ALL.len() + graph.processes[at.process.index()].stage as usize
}

/// What an owner asks for beyond its hurdle rate in a host that it trusts less than at the start, per year.
fn distrust(layout: &Layout, relations: &Relations, group: usize, owner: usize, p: &Params) -> f64 {
    let pair = owner * layout.states.len() + layout.groups[group].host.index();
    p.distrust_hurdle * (relations.trust_start[pair] - relations.trust[pair]).max(0.0)
}

#[expect(
    clippy::too_many_arguments,
    reason = "gathers an appraisal from what is known of a group and a plant"
)]
fn appraise(
    outlook: &Outlook,
    groups: &GroupBooks,
    effects: &Effects,
    graph: &Graph,
    layout: &Layout,
    group: usize,
    plant: &Plant,
    hurdle: f64,
    p: &Params,
) -> f64 {
    let process = &graph.processes[layout.groups[group].process.index()];
    let factor = crate::domain::maths::exp(plant.disadvantage);
    value_over_capital(&Appraisal {
        revenue: outlook.revenue[group],
        cost: (outlook.inputs[group] + outlook.conversion[group]) * factor,
        capital: groups.capex[group] * (1.0 - effects.grant[group]),
        lead_years: process.build_quarters / 4.0,
        life_years: p.life_years,
        hurdle,
        tax_share: p.tax_share,
        load: 0.85,
    })
}

#[expect(
    clippy::too_many_arguments,
    reason = "a decision looks at prices, policy, plant and owner"
)]
pub(super) fn start_projects(
    clock: Res<Clock>,
    settings: Res<Settings>,
    layout: Res<Layout>,
    graph: Res<Graph>,
    groups: Res<GroupBooks>,
    effects: Res<Effects>,
    know_how: Res<KnowHow>,
    relations: Res<Relations>,
    outlook: Res<Outlook>,
    mut draws: ResMut<Draws>,
    mut bills: ResMut<Bills>,
    mut journal: ResMut<Journal>,
    mut commands: Commands,
    firms: Query<(&FirmId, &HurdleRate)>,
    plants: Query<(&PlantId, &Plant, &OwnedBy, &OwnerState)>,
    projects: Query<&Project>,
) {
    let p = &settings.0;
    let mut busy = vec![false; layout.plants.len()];
    for project in &projects {
        busy[project.plant.index()] |= !project.done;
    }
    let hurdles = hurdles_by_firm(layout.firms.len(), &firms);
    let mut granted = Vec::new();
    for (id, plant, owner, state) in plants.iter().sort::<&PlantId>() {
        let row = id.index();
        // One look and one finance draw a quarter, used or not, so that positions in the stream stay fixed.
        let (look, luck) = (
            uniform(&mut draws.finance[row]),
            uniform(&mut draws.finance[row]),
        );
        let group = outlook.group_of[row];
        let full = plant.status == Status::Operating
            && plant.ramp >= 1.0
            && groups.utilisation[group] > 0.5;
        let capped = effects.output_ceiling[group] * groups.ceiling_factor[group]
            <= groups.capacity[group] * 1.0001;
        let host = layout.groups[group].host;
        let barred = effects
            .barred_owners
            .contains(&(host.index(), state.0.index()));
        if busy[row] || !full || capped || barred || look >= p.look_chance {
            continue;
        }
        let value = appraise(
            &outlook,
            &groups,
            &effects,
            &graph,
            &layout,
            group,
            plant,
            hurdles[owner.0.index()] + distrust(&layout, &relations, group, state.0.index(), p),
            p,
        );
        let chance = finance_chance(value, p.finance_centre, p.finance_width)
            * (1.0 - know_how.drag[know_how_at(&layout, &graph, group)]);
        if luck >= chance {
            continue;
        }
        let capacity = expansion_of(plant.nameplate, value, p);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a build time of quarters fits"
        )]
        let build = graph.processes[layout.groups[group].process.index()]
            .build_quarters
            .round() as i32;
        let promised = clock.now.plus(build.max(1));
        let due = promised.plus(project_delay(
            &mut draws.delay[row],
            p.expansion_delay_years,
        ));
        let capex = capacity * 4.0 * groups.capex[group];
        bill_grant(&effects, &mut bills, &mut granted, group, capex);
        commands.spawn(Project {
            plant: *id,
            capacity,
            started: clock.now,
            promised,
            due,
            capex_usd: capex,
            bad_quarters: 0,
            financed: true,
            slipped: false,
            done: false,
        });
        journal.projects.push(event(
            &layout,
            &graph,
            &outlook,
            row,
            state.0,
            Milestone::Started,
            capacity,
        ));
    }
}

/// Bills a project's grant to its measure, as far as the budget goes; `granted` holds what the measures have paid this quarter.
fn bill_grant(
    effects: &Effects,
    bills: &mut Bills,
    granted: &mut Vec<(usize, f64)>,
    group: usize,
    capex: f64,
) {
    let Some(grant) = effects.grants.iter().find(|grant| grant.group == group) else {
        return;
    };
    let paid: f64 = granted
        .iter()
        .filter(|g| g.0 == grant.measure)
        .map(|g| g.1)
        .sum();
    let amount = (effects.grant[group] * capex).min((grant.left_usd - paid).max(0.0));
    if amount > 0.0 {
        granted.push((grant.measure, amount));
        bills.0.push((grant.measure, amount));
    }
}

/// What a project's quarter brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Goes on.
    None,
    /// Misses its promise.
    Slips,
    /// Is done.
    Done,
    /// Is given up.
    GivenUp,
}

/// Whether a project slips, is done, or is given up after too many quarters in which finishing it would not pay.
#[must_use]
pub fn progress(project: &Project, now: Quarter, patience: f64) -> Progress {
    if f64::from(project.bad_quarters) > patience {
        Progress::GivenUp
    } else if project.financed && now >= project.due {
        Progress::Done
    } else if now >= project.promised && !project.slipped {
        Progress::Slips
    } else {
        Progress::None
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "a project's quarter looks at prices, policy, plant and owner"
)]
pub(super) fn advance_projects(
    clock: Res<Clock>,
    settings: Res<Settings>,
    layout: Res<Layout>,
    graph: Res<Graph>,
    groups: Res<GroupBooks>,
    effects: Res<Effects>,
    know_how: Res<KnowHow>,
    relations: Res<Relations>,
    outlook: Res<Outlook>,
    mut draws: ResMut<Draws>,
    mut bills: ResMut<Bills>,
    mut journal: ResMut<Journal>,
    mut commands: Commands,
    firms: Query<(&FirmId, &HurdleRate)>,
    mut plants: Query<(&PlantId, &mut Plant, &OwnedBy, &OwnerState)>,
    mut projects: Query<(Entity, &mut Project)>,
) {
    let p = &settings.0;
    let hurdles = hurdles_by_firm(layout.firms.len(), &firms);
    let mut order: Vec<(PlantId, Quarter, Entity)> = projects
        .iter()
        .map(|(entity, project)| (project.plant, project.started, entity))
        .collect();
    order.sort_by_key(|&(plant, started, _)| (plant, started));
    if order.is_empty() {
        return;
    }
    let mut has_project = vec![false; layout.plants.len()];
    for (plant, _, _) in &order {
        has_project[plant.index()] = true;
    }
    let mut state_of: Vec<Option<(Plant, FirmId, crate::domain::ids::StateId)>> =
        vec![None; layout.plants.len()];
    for (id, plant, owner, state) in &plants {
        if has_project[id.index()] {
            state_of[id.index()] = Some((*plant, owner.0, state.0));
        }
    }
    let mut granted = Vec::new();
    let mut finished: Vec<(usize, f64)> = Vec::new();
    for (plant_id, _, entity) in order {
        let Ok((_, mut project)) = projects.get_mut(entity) else {
            continue;
        };
        let row = plant_id.index();
        let Some((plant, owner, state)) = state_of[row] else {
            continue;
        };
        let group = outlook.group_of[row];
        let value = appraise(
            &outlook,
            &groups,
            &effects,
            &graph,
            &layout,
            group,
            &plant,
            hurdles[owner.index()] + distrust(&layout, &relations, group, state.index(), p),
            p,
        );
        if !project.financed {
            // Announced, but not yet paid for.
            let luck = uniform(&mut draws.finance[row]);
            let host = layout.groups[group].host;
            let barred = effects
                .barred_owners
                .contains(&(host.index(), state.index()));
            let chance = finance_chance(value, p.finance_centre, p.finance_width)
                * (1.0 - know_how.drag[know_how_at(&layout, &graph, group)]);
            if !barred && luck < chance {
                project.financed = true;
                bill_grant(&effects, &mut bills, &mut granted, group, project.capex_usd);
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "a build time of quarters fits"
                )]
                let build = graph.processes[layout.groups[group].process.index()]
                    .build_quarters
                    .round() as i32;
                let late = project.due.since(project.promised);
                project.due = project.due.max(clock.now.plus(build + late.min(8)));
                journal.projects.push(event(
                    &layout,
                    &graph,
                    &outlook,
                    row,
                    state,
                    Milestone::Started,
                    project.capacity,
                ));
            }
        }
        // Money spent is spent: what counts is whether the rest pays; past half-way a project is finished, whatever it will earn.
        let total = f64::from(project.due.since(project.started).max(1));
        let left = f64::from(project.due.since(clock.now).max(0)) / total;
        let remaining = if project.financed && left > 0.5 {
            value + 1.0 - left
        } else {
            0.0
        };
        project.bad_quarters = if remaining < 0.0 {
            project.bad_quarters + 1
        } else {
            0
        };
        let milestone = match progress(&project, clock.now, p.patience_quarters) {
            Progress::None => continue,
            Progress::Slips => {
                project.slipped = true;
                Milestone::Delayed
            }
            Progress::Done => {
                project.done = true;
                finished.push((row, project.capacity));
                Milestone::Commissioned
            }
            Progress::GivenUp => {
                project.done = true;
                Milestone::Closed
            }
        };
        if project.done {
            commands.entity(entity).despawn();
        }
        journal.projects.push(event(
            &layout,
            &graph,
            &outlook,
            row,
            state,
            milestone,
            project.capacity,
        ));
    }
    if finished.is_empty() {
        return;
    }
    let mut added = vec![0.0; layout.plants.len()];
    for (row, capacity) in finished {
        added[row] += capacity;
    }
    for (id, mut plant, _, _) in &mut plants {
        let more = added[id.index()];
        if more > 0.0 {
            commission(&mut plant, more);
        }
    }
}

/// Adds finished capacity to a plant: what stood keeps running, what is new ramps up.
pub fn commission(plant: &mut Plant, more: f64) {
    let running = plant.nameplate * plant.ramp;
    if matches!(plant.status, Status::Planned | Status::Closed) {
        plant.status = Status::Operating;
        plant.nameplate = 0.0;
        plant.profitability = 0.0;
    }
    let before = if plant.nameplate > 0.0 { running } else { 0.0 };
    plant.nameplate += more;
    plant.ramp = (before / plant.nameplate).clamp(0.0, 1.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project() -> Project {
        let q = |text: &str| text.parse::<Quarter>().unwrap();
        Project {
            plant: PlantId(0),
            capacity: 10.0,
            started: q("2024Q1"),
            promised: q("2026Q1"),
            due: q("2027Q1"),
            capex_usd: 1.0,
            bad_quarters: 0,
            financed: true,
            slipped: false,
            done: false,
        }
    }

    #[test]
    fn a_project_slips_then_finishes() {
        let q = |text: &str| text.parse::<Quarter>().unwrap();
        assert_eq!(progress(&project(), q("2025Q1"), 5.0), Progress::None);
        assert_eq!(progress(&project(), q("2026Q1"), 5.0), Progress::Slips);
        assert_eq!(progress(&project(), q("2027Q1"), 5.0), Progress::Done);
        assert_eq!(
            progress(
                &Project {
                    financed: false,
                    slipped: true,
                    ..project()
                },
                q("2028Q1"),
                5.0
            ),
            Progress::None
        );
        assert_eq!(
            progress(
                &Project {
                    bad_quarters: 6,
                    ..project()
                },
                q("2025Q1"),
                5.0
            ),
            Progress::GivenUp
        );
    }

    #[test]
    fn new_capacity_ramps_and_old_capacity_keeps_running() {
        let mut plant = Plant {
            status: Status::Operating,
            nameplate: 100.0,
            ramp: 1.0,
            ramp_quarters: 4.0,
            disadvantage: 0.0,
            mothball_below: -0.2,
            reopen_above: 0.05,
            profitability: 0.1,
            idle_quarters: 0,
            activity: 0.0,
            profit_usd: 0.0,
            value_added_usd: 0.0,
        };
        commission(&mut plant, 25.0);
        assert!((plant.nameplate * plant.ramp - 100.0).abs() < 1e-9);
        let mut planned = Plant {
            status: Status::Planned,
            nameplate: 0.0,
            ramp: 0.0,
            ..plant
        };
        commission(&mut planned, 40.0);
        assert_eq!(
            (planned.status, planned.nameplate, planned.ramp),
            (Status::Operating, 40.0, 0.0)
        );
    }
}
