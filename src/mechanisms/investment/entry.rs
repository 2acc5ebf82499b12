//! Entry: firms without a plant build the first one of its kind, where it is worth it. An investor from abroad may come instead of one at
//! home and brings its know-how; the host's screening has its say.

use super::{
    knowledge::Knowledge,
    ownership::Bidders,
    projects::{Draws, Purse, committed, project_delay},
};
use crate::domain::{
    actors::{Cash, Home, HurdleRate, OwnedBy, OwnerState, Plant, Project, Roll, Status},
    exchange::{Bills, Journal, Milestone, Pledges},
    ids::{FirmId, PlantId, StateId},
    industry::Ruling,
};
use crate::engine::{rng::uniform, simulation::Clock};
use bevy_ecs::prelude::*;

/// A plant that nobody has built yet: size of the first step, t of activity per quarter.
#[derive(Component, Debug, Clone, Copy, PartialEq)]
pub struct Entrant {
    /// Capacity that would be built.
    pub capacity: f64,
}

/// Firms from abroad that run the stage somewhere, by group of the entrant: the richest that the host lets in.
fn investor(
    know: &Knowledge,
    bidders: &Bidders,
    runs: &[Vec<bool>],
    group: usize,
) -> Option<FirmId> {
    let mut abroad = bidders.clone();
    let stage = know.stage(group) as usize;
    for (firm, able) in abroad.able.iter_mut().enumerate() {
        *able &= runs[stage][firm] && abroad.home[firm] != know.host(group);
    }
    let may = |home: StateId| know.ruling(group, home) == Ruling::Free;
    abroad.best(FirmId(u32::MAX), may)
}

#[expect(
    clippy::too_many_arguments,
    reason = "a first plant looks at prices, policy, rivals and investors"
)]
pub(super) fn enter(
    clock: Res<Clock>,
    know: Knowledge,
    mut draws: ResMut<Draws>,
    mut bills: ResMut<Bills>,
    mut pledges: ResMut<Pledges>,
    mut journal: ResMut<Journal>,
    mut commands: Commands,
    roll: Res<Roll>,
    hurdles: Query<(&FirmId, &HurdleRate)>,
    firms: Query<(&FirmId, &mut Cash)>,
    homes: Query<(&FirmId, &Home)>,
    standing: Query<(&PlantId, &Plant, &OwnedBy), Without<Entrant>>,
    mut entrants: Query<(&PlantId, &Plant, &Entrant, &mut OwnedBy, &mut OwnerState)>,
    projects: Query<&Project>,
) {
    if entrants.is_empty() {
        return;
    }
    let p = &know.settings.0;
    let (plants, count) = (know.layout.plants.len(), know.layout.firms.len());
    let (mut busy, mut owners) = (vec![false; plants], vec![None; plants]);
    for project in &projects {
        busy[project.plant.index()] |= !project.done;
    }
    let mut runs = vec![vec![false; count]; 5];
    for (id, plant, owner) in &standing {
        owners[id.index()] = Some(owner.0);
        if plant.status == Status::Operating {
            let stage = know.stage(know.outlook.group_of[id.index()]);
            runs[stage as usize][owner.0.index()] = true;
        }
    }
    for (id, _, _, owner, _) in &entrants {
        owners[id.index()] = Some(owner.0);
    }
    let spoken_for = committed(projects.iter(), &owners);
    let mut purse = Purse::of(count, &hurdles, &firms, spoken_for.into_iter());
    let mut home = vec![StateId(0); count];
    for (firm, at) in &homes {
        home[firm.index()] = at.0;
    }
    let bidders = Bidders::of(
        count,
        firms.iter().map(|(f, cash)| (f, cash.0, home[f.index()])),
    );
    let mut entered = vec![false; know.layout.groups.len()];
    let mut in_turn = entrants.iter_many_mut(&roll.plants);
    while let Some(one) = in_turn.fetch_next() {
        let Ok((id, plant, entrant, mut owner, mut state)) = one else {
            continue;
        };
        let row = id.index();
        // Three draws a quarter, used or not, so that positions in the stream stay fixed.
        let [look, luck, abroad] = std::array::from_fn(|_| uniform(&mut draws.finance[row]));
        let group = know.outlook.group_of[row];
        if plant.status != Status::Planned || busy[row] || entered[group] || look >= p.look_chance {
            continue;
        }
        let from_abroad =
            investor(&know, &bidders, &runs, group).filter(|_| abroad < p.foreign_chance);
        let (firm, from) = match from_abroad {
            Some(firm) => (firm, bidders.home[firm.index()]),
            None => (owner.0, state.0),
        };
        let hurdle = purse.hurdle[firm.index()];
        let value = know.value(
            group,
            plant.disadvantage,
            hurdle,
            from,
            entrant.capacity,
            false,
        );
        if luck >= know.chance(group, value) {
            continue;
        }
        entered[group] = true;
        (owner.0, state.0) = (firm, from);
        let promised = clock.now.plus(know.build_quarters(group));
        let mean = know.mean_delay(group, p.delay_years);
        let Draws { delay, delays, .. } = &mut *draws;
        let due = promised.plus(project_delay(&mut delay[row], mean, delays));
        let capex_usd = know.capital(group, entrant.capacity);
        let funds = purse.finance(&know, group, firm, capex_usd, &mut pledges, &mut bills);
        commands.spawn(Project {
            plant: *id,
            capacity: entrant.capacity,
            started: clock.now,
            promised,
            due,
            capex_usd,
            paid_usd: 0.0,
            funds,
            bad_quarters: 0,
            financed: true,
            slipped: false,
            done: false,
        });
        journal
            .projects
            .push(know.event(row, from, Milestone::Started, entrant.capacity));
    }
}
