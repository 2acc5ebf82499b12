//! Plants whose future is on record: projects become known when they were announced; and, in a run that holds plants to their dates, capacity
//! comes and goes as it did.

use super::{
    Settings,
    knowledge::Knowledge,
    projects::{commission, ramp_of},
};
use crate::domain::{
    actors::{OwnerState, Plant, Project, Status},
    exchange::{Journal, Milestone},
    ids::PlantId,
    time::Quarter,
};
use crate::engine::simulation::Clock;
use bevy_ecs::prelude::*;

/// Projects that will be announced, with the quarter in which they will.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Announcements(pub Vec<(Quarter, Project)>);

/// By plant: capacity from a quarter on, t of activity per quarter. Where it stands, nobody decides on plants.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Dates(pub Vec<Vec<(Quarter, f64)>>);

/// What is announced in a quarter becomes a project like any other.
pub(super) fn announce(
    clock: Res<Clock>,
    announcements: Option<Res<Announcements>>,
    mut commands: Commands,
) {
    let Some(announcements) = announcements else {
        return;
    };
    for (_, project) in announcements.0.iter().filter(|one| one.0 == clock.now) {
        commands.spawn(project.clone());
    }
}

/// Brings a plant to the capacity of its table; gives what happened, if anything did.
#[must_use]
pub fn bring_to(plant: &mut Plant, capacity: f64) -> Option<(Milestone, f64)> {
    let stands = matches!(plant.status, Status::Operating | Status::Mothballed);
    let now = if stands { plant.nameplate } else { 0.0 };
    if capacity <= 0.0 {
        plant.status = Status::Closed;
        return stands.then_some((Milestone::Closed, now));
    }
    plant.status = if stands {
        Status::Operating
    } else {
        plant.status
    };
    if capacity > now {
        commission(plant, capacity - now);
        return Some((Milestone::Commissioned, capacity - now));
    }
    plant.nameplate = capacity;
    None
}

/// Plants that are held to their dates open, grow, shrink and close.
pub(super) fn follow_dates(
    clock: Res<Clock>,
    know: Knowledge,
    settings: Res<Settings>,
    dates: Res<Dates>,
    mut journal: ResMut<Journal>,
    mut plants: Query<(&PlantId, &mut Plant, &OwnerState)>,
) {
    let mut events = Vec::new();
    for (id, mut plant, owner) in &mut plants {
        let row = id.index();
        let Some((_, capacity)) = dates
            .0
            .get(row)
            .and_then(|own| own.iter().find(|date| date.0 == clock.now))
        else {
            continue;
        };
        let group = know.outlook.group_of[row];
        plant.ramp_quarters = ramp_of(
            know.process(group).ramp_quarters,
            1.0,
            settings.0.qualification_quarters,
        );
        if let Some((milestone, size)) = bring_to(&mut plant, *capacity) {
            events.push((row, owner.0, milestone, size));
        }
    }
    events.sort_by_key(|event| event.0);
    for (row, owner, milestone, size) in events {
        journal
            .projects
            .push(know.event(row, owner, milestone, size));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plant_opens_grows_closes_and_opens_again() {
        let mut plant = Plant {
            status: Status::Planned,
            nameplate: 0.0,
            ramp: 0.0,
            ramp_quarters: 8.0,
            disadvantage: 0.0,
            mothball_below: -0.2,
            reopen_above: 0.05,
            profitability: 0.0,
            idle_quarters: 0,
            activity: 0.0,
            profit_usd: 0.0,
            value_added_usd: 0.0,
        };
        assert_eq!(
            bring_to(&mut plant, 10.0),
            Some((Milestone::Commissioned, 10.0))
        );
        assert_eq!(bring_to(&mut plant, 8.0), None);
        assert_eq!(plant.nameplate, 8.0);
        assert_eq!(bring_to(&mut plant, 0.0), Some((Milestone::Closed, 8.0)));
        assert_eq!(bring_to(&mut plant, 0.0), None);
        assert_eq!(
            bring_to(&mut plant, 5.0),
            Some((Milestone::Commissioned, 5.0))
        );
        assert_eq!((plant.nameplate, plant.status), (5.0, Status::Operating));
    }
}
