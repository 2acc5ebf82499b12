//! Skills programmes: who starts to study this quarter goes to work when the studies are done.

use crate::domain::{
    actors::Capability, exchange::Effects, graph::Stage, ids::StateId, industry::Course,
    time::Quarter,
};
use crate::engine::simulation::Clock;
use bevy_ecs::prelude::*;

/// Those who study, in the order in which they began.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Students(pub Vec<Course>);

/// Know-how after a quarter's graduates have gone to work: they close part of the gap to full know-how.
#[must_use]
pub fn taught(k: f64, gain: f64) -> f64 {
    k + gain * (1.0 - k)
}

pub(super) fn teach(
    clock: Res<Clock>,
    effects: Res<Effects>,
    mut students: ResMut<Students>,
    mut states: Query<(&StateId, &mut Capability)>,
) {
    students.0.extend(&effects.industry.courses);
    if students.0.is_empty() {
        return;
    }
    for (state, mut capability) in &mut states {
        for course in graduating(&students.0, clock.now).filter(|c| c.state == *state) {
            for stage in Stage::ALL {
                let i = stage as usize;
                if course.stages[i] {
                    capability.0[i] = taught(capability.0[i], course.gain);
                }
            }
        }
    }
    students.0.retain(|course| course.graduates > clock.now);
}

fn graduating(students: &[Course], now: Quarter) -> impl Iterator<Item = &Course> {
    students.iter().filter(move |c| c.graduates <= now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graduates_come_after_their_studies_and_know_how_ends_at_one() {
        let q = |text: &str| text.parse::<Quarter>().unwrap();
        let course = Course {
            state: StateId(0),
            stages: [true; 5],
            gain: 0.1,
            graduates: q("2028Q1"),
        };
        assert_eq!(graduating(&[course], q("2027Q4")).count(), 0);
        assert_eq!(graduating(&[course], q("2028Q1")).count(), 1);
        assert!((taught(0.3, 0.1) - 0.37).abs() < 1e-12);
        assert_eq!(taught(1.0, 0.1), 1.0);
    }
}
