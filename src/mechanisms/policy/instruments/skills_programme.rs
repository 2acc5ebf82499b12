//! Skills programme: experts are trained; the first go to work after their studies, and each year's graduates close part of the gap to
//! full know-how. It stands for the qualification of experts that programmes for critical materials ask for; how much a programme of a given
//! cost teaches is an assumption.

use super::Scene;
use crate::domain::{exchange::Effects, graph::Stage, ids::StateId, industry::Course};

/// Enrols the quarter's students and bills their teaching.
#[expect(clippy::too_many_arguments, reason = "the terms of one programme")]
pub fn apply(
    scene: &Scene,
    state: StateId,
    index: usize,
    stages: &[String],
    gain: f64,
    delay: u32,
    usd_per_year: f64,
    effects: &mut Effects,
) {
    effects.industry.courses.push(Course {
        state,
        stages: Stage::ALL.map(|stage| stages.iter().any(|s| s == stage.name())),
        gain: gain / 4.0,
        graduates: scene.now.plus(i32::try_from(delay).unwrap_or(i32::MAX)),
    });
    effects.industry.dues.push((index, usd_per_year / 4.0));
}
