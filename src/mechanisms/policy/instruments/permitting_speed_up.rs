//! Faster permits: projects take less time to build and slip less. Real case: the EU's Critical Raw Materials Act, 27 months for mines and
//! 15 for plants, 2024; US FAST-41.

use super::Scene;
use crate::domain::{exchange::Effects, ids::StateId};

/// Speeds up every group of the stages and bills the offices.
#[expect(clippy::too_many_arguments, reason = "the terms of one measure")]
pub fn apply(
    scene: &Scene,
    state: StateId,
    index: usize,
    stages: &[String],
    quarters: u32,
    delay_cut: f64,
    usd_per_year: f64,
    effects: &mut Effects,
) {
    for g in scene.groups_of(state, stages, &[]) {
        let permits = &mut effects.industry.permits[g];
        permits.quarters = permits.quarters.max(f64::from(quarters));
        permits.delay_cut = permits.delay_cut.max(delay_cut);
    }
    effects.industry.dues.push((index, usd_per_year / 4.0));
}
