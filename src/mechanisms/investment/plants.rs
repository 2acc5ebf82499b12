//! Plants that stop, reopen and close; firms that fail.

use super::{Outlook, Params, Settings, projects::Draws, stage_of};
use crate::domain::{
    actors::{Cash, Home, OwnedBy, OwnerState, Plant, Status},
    exchange::{GroupBooks, Journal, Milestone, PlantBooks, ProjectEvent, Trading},
    graph::Graph,
    ids::{FirmId, PlantId, StateId},
    layout::Layout,
};
use crate::engine::rng::uniform;
use bevy_ecs::prelude::*;

/// What becomes of a plant in a quarter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Nothing.
    None,
    /// It stops.
    Mothball,
    /// It runs again.
    Reopen,
    /// It is given up.
    Close,
}

/// Decides by average profitability while it runs, by what it could earn while it stands idle.
#[must_use]
pub fn turn(plant: &Plant, could_earn: f64, p: &Params) -> Turn {
    match plant.status {
        Status::Operating if plant.profitability < plant.mothball_below => Turn::Mothball,
        Status::Mothballed if could_earn > plant.reopen_above => Turn::Reopen,
        Status::Mothballed if f64::from(plant.idle_quarters) >= p.closure_quarters => Turn::Close,
        _ => Turn::None,
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "a plant's turn looks at its books, its group and its owner"
)]
pub(super) fn run_down_and_reopen(
    settings: Res<Settings>,
    layout: Res<Layout>,
    graph: Res<Graph>,
    books: Res<PlantBooks>,
    outlook: Res<Outlook>,
    trading: Res<Trading>,
    mut journal: ResMut<Journal>,
    mut plants: Query<(&PlantId, &mut Plant, &OwnerState)>,
) {
    let p = &settings.0;
    let mut events = Vec::new();
    for (id, mut plant, owner) in &mut plants {
        let row = id.index();
        let group = outlook.group_of[row];
        plant.activity = books.activity[row];
        plant.profit_usd = books.profit[row];
        plant.value_added_usd = books.value_added[row];
        let could_earn = trading.cleared.group_margin[group] - plant.disadvantage;
        match plant.status {
            Status::Operating => {
                plant.ramp = (plant.ramp + 1.0 / plant.ramp_quarters.max(1.0)).min(1.0);
                plant.profitability += p.profit_memory * (could_earn - plant.profitability);
            }
            Status::Mothballed => plant.idle_quarters += 1,
            Status::Planned | Status::Closed => {}
        }
        let milestone = match turn(&plant, could_earn, p) {
            Turn::None => continue,
            Turn::Mothball => {
                plant.status = Status::Mothballed;
                plant.idle_quarters = 0;
                Milestone::Mothballed
            }
            Turn::Reopen => {
                plant.status = Status::Operating;
                plant.profitability = could_earn;
                plant.ramp = 0.5;
                Milestone::Reopened
            }
            Turn::Close => {
                plant.status = Status::Closed;
                Milestone::Closed
            }
        };
        events.push((row, milestone, plant.nameplate, owner.0));
    }
    events.sort_by_key(|event| event.0);
    for (row, milestone, capacity, owner) in events {
        journal.projects.push(event(
            &layout, &graph, &outlook, row, owner, milestone, capacity,
        ));
    }
}

/// A line of the journal about a plant.
pub(super) fn event(
    layout: &Layout,
    graph: &Graph,
    outlook: &Outlook,
    row: usize,
    owner: StateId,
    milestone: Milestone,
    capacity: f64,
) -> ProjectEvent {
    let group = outlook.group_of[row];
    ProjectEvent {
        project: layout.plants[row].clone(),
        host: layout.groups[group].host.index(),
        owner: owner.index(),
        stage: stage_of(graph, layout, group),
        milestone,
        capacity,
    }
}

/// Whether a firm fails: its cash has fallen below a share of the capital in its plants.
#[must_use]
pub fn fails(cash: f64, capital: f64, p: &Params) -> bool {
    capital > 0.0 && cash < p.bankrupt_below * capital
}

#[expect(
    clippy::too_many_arguments,
    reason = "failing moves firms, plants and the journal"
)]
pub(super) fn fail_firms(
    settings: Res<Settings>,
    layout: Res<Layout>,
    graph: Res<Graph>,
    groups: Res<GroupBooks>,
    outlook: Res<Outlook>,
    mut draws: ResMut<Draws>,
    mut journal: ResMut<Journal>,
    mut firms: Query<(&FirmId, &mut Cash, &Home)>,
    mut plants: Query<(&PlantId, &mut Plant, &mut OwnedBy, &mut OwnerState)>,
) {
    let p = &settings.0;
    let count = layout.firms.len();
    let (mut profit, mut capital) = (vec![0.0; count], vec![0.0; count]);
    for (id, plant, _, _) in &plants {
        if plant.status == Status::Closed || plant.status == Status::Planned {
            continue;
        }
        let worth = plant.nameplate * 4.0 * groups.capex[outlook.group_of[id.index()]];
        let idle = if plant.status == Status::Mothballed {
            p.idle_cost / 4.0 * worth
        } else {
            0.0
        };
        let depreciation = if plant.status == Status::Operating {
            p.depreciation / 4.0 * worth
        } else {
            0.0
        };
        draws.flow[id.index()] = (plant.profit_usd + depreciation - idle, worth);
    }
    for (id, _, owner, _) in plants.iter().sort::<&PlantId>() {
        let (earned, worth) = std::mem::take(&mut draws.flow[id.index()]);
        profit[owner.0.index()] += earned;
        capital[owner.0.index()] += worth;
    }
    let mut failed = Vec::new();
    let mut richest: Option<(f64, FirmId, StateId)> = None;
    for (id, mut cash, home) in firms.iter_mut().sort::<&FirmId>() {
        cash.0 += profit[id.index()];
        // What a firm does not need it pays out.
        let cushion = 0.25 * capital[id.index()];
        if cash.0 > cushion {
            cash.0 = cushion;
        }
        if fails(cash.0, capital[id.index()], p) {
            failed.push(*id);
            cash.0 = 0.0;
        } else if richest.is_none_or(|r| cash.0 > r.0) {
            richest = Some((cash.0, *id, home.0));
        }
    }
    for firm in failed {
        let sold = uniform(&mut draws.bankruptcy[firm.index()]) < p.sale_chance;
        let mut events = Vec::new();
        for (id, mut plant, mut owner, mut state) in &mut plants {
            if owner.0 != firm || matches!(plant.status, Status::Closed | Status::Planned) {
                continue;
            }
            events.push((id.index(), Milestone::Bankrupt, plant.nameplate, state.0));
            if let (true, Some((_, buyer, home))) = (sold, richest) {
                owner.0 = buyer;
                state.0 = home;
                events.push((id.index(), Milestone::Sold, plant.nameplate, home));
            } else {
                // Nobody buys it: it stands idle until it pays again or is given up.
                plant.status = Status::Mothballed;
                plant.idle_quarters = 0;
                events.push((id.index(), Milestone::Mothballed, plant.nameplate, state.0));
            }
        }
        events.sort_by_key(|event| event.0);
        for (row, milestone, capacity, owner) in events {
            journal.projects.push(event(
                &layout, &graph, &outlook, row, owner, milestone, capacity,
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plant(status: Status, profitability: f64) -> Plant {
        Plant {
            status,
            nameplate: 100.0,
            ramp: 1.0,
            ramp_quarters: 4.0,
            disadvantage: 0.0,
            mothball_below: -0.2,
            reopen_above: 0.05,
            profitability,
            idle_quarters: 0,
            activity: 0.0,
            profit_usd: 0.0,
            value_added_usd: 0.0,
        }
    }

    #[test]
    fn plants_stop_in_lasting_loss_and_reopen_in_profit() {
        let p = Params::default();
        assert_eq!(turn(&plant(Status::Operating, -0.1), -0.5, &p), Turn::None);
        assert_eq!(
            turn(&plant(Status::Operating, -0.3), 0.5, &p),
            Turn::Mothball
        );
        assert_eq!(turn(&plant(Status::Mothballed, -0.3), 0.0, &p), Turn::None);
        assert_eq!(
            turn(&plant(Status::Mothballed, -0.3), 0.1, &p),
            Turn::Reopen
        );
        let old = Plant {
            idle_quarters: 40,
            ..plant(Status::Mothballed, -0.3)
        };
        assert_eq!(turn(&old, 0.0, &p), Turn::Close);
        assert_eq!(turn(&plant(Status::Closed, 1.0), 1.0, &p), Turn::None);
    }

    #[test]
    fn a_firm_fails_on_lasting_losses_only() {
        let p = Params::default();
        assert!(!fails(-1.0, 100.0, &p) && fails(-7.0, 100.0, &p) && !fails(-7.0, 0.0, &p));
    }
}
