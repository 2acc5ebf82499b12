//! Strategic stockpile: a target in days of use, filled at a pace, released above a trigger. Real case: Japan, 60 days and more.

use super::Scene;
use crate::domain::{
    exchange::{Effects, StockpileRule},
    ids::StateId,
};

/// Sets the rule for every covered good that the state deals in.
#[expect(clippy::too_many_arguments, reason = "the terms of one stockpile")]
pub fn apply(
    scene: &Scene,
    state: StateId,
    index: usize,
    of: &[String],
    cover_days: f64,
    fill_quarters: u32,
    release_above: f64,
    effects: &mut Effects,
) {
    for commodity in scene.graph.covered(of) {
        if let Some(venue) = scene.layout.venue(state, commodity) {
            effects.stockpiles.push(StockpileRule {
                venue: venue.index(),
                measure: index,
                cover_days,
                fill_quarters: f64::from(fill_quarters.max(1)),
                release_above,
            });
        }
    }
}
