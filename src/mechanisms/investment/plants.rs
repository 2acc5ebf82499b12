//! Plants that stop, reopen and close.

use super::{Outlook, Params, Settings, stage_of};
use crate::domain::{
    actors::{OwnerState, Plant, Status},
    exchange::{Journal, Milestone, PlantBooks, ProjectEvent, Trading},
    graph::Graph,
    ids::{PlantId, StateId},
    layout::Layout,
};
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
    dates: Option<Res<super::Dates>>,
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
                if !p.spare_ramping || plant.ramp >= 1.0 {
                    plant.profitability += p.profit_memory * (could_earn - plant.profitability);
                }
            }
            Status::Mothballed => plant.idle_quarters += 1,
            Status::Planned | Status::Closed => {}
        }
        // Plants that are held to their dates stop for nobody.
        if dates.is_some() {
            continue;
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
}
