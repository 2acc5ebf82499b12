//! Research on substitution: makers and users at home learn faster to do with less, and further. Real case: Japan's supplementary budget
//! of October 2010 for saving dysprosium (METI and NEDO).

use super::Scene;
use crate::domain::{exchange::Effects, ids::StateId, industry::Research};

/// Sets the research to work and bills it.
#[expect(clippy::too_many_arguments, reason = "the terms of one programme")]
pub fn apply(
    scene: &Scene,
    state: StateId,
    index: usize,
    of: &[String],
    sectors: &[String],
    speed: f64,
    limit: f64,
    usd_per_year: f64,
    effects: &mut Effects,
) {
    let mut goods = vec![false; scene.graph.commodities.len()];
    for commodity in scene.graph.covered(of) {
        goods[commodity.index()] = true;
    }
    effects.industry.research.push(Research {
        state,
        goods,
        sectors: scene
            .layout
            .sectors
            .iter()
            .map(|s| sectors.contains(s))
            .collect(),
        speed,
        limit,
    });
    effects.industry.dues.push((index, usd_per_year / 4.0));
}
