//! Single-supplier cap: no exporter may supply more than a share of what the state takes in. Real case: the 65% that the Critical Raw
//! Materials Act (Regulation (EU) 2024/1252) sets as a benchmark for 2030.
//!
//! The intake is the slow average of imports and of home output used at home. Where rated orders come first, the cap leaves room for them.

use super::Scene;
use crate::domain::{exchange::Effects, ids::StateId};

/// Largest flow from one supplier, t per quarter.
#[must_use]
pub fn largest(share: f64, intake: f64, rated: f64) -> f64 {
    (share * intake).max(rated)
}

/// Limits every covered lane into the state.
pub fn apply(
    scene: &Scene,
    state: StateId,
    of: &[String],
    share: f64,
    index: usize,
    effects: &mut Effects,
) {
    let here = [scene.layout.states[state.index()].clone()];
    let lanes: Vec<_> = scene.lanes(of, None, &[], &here).collect();
    for &(l, lane) in &lanes {
        let v = lane.to.index();
        let imports: f64 = lanes
            .iter()
            .filter(|(_, other)| other.to == lane.to)
            .map(|(other, _)| scene.usual_flow[*other])
            .sum();
        let intake = imports + scene.books.home_use(v);
        let rated = effects.priority[v] * scene.rated.get(v).copied().unwrap_or(0.0);
        let limit = largest(share, intake, rated);
        if limit < effects.limit[l] {
            effects.limit[l] = limit;
            effects.limit_by[l] = index;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cap_is_a_share_and_leaves_room_for_rated_use() {
        assert_eq!(largest(0.65, 100.0, 0.0), 65.0);
        assert_eq!(largest(0.1, 100.0, 20.0), 20.0);
    }
}
