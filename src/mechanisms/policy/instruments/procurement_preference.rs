//! Public procurement preference: public buyers pay more for goods from home and from friends. Real case: the Buy American Act's price
//! preference of 20 to 30% for domestic goods (FAR 25.106).
//!
//! To the market it is a premium on all other lanes into the state, as large as the preference times the public share of purchases: the
//! preferred sellers gain the higher price. The state makes good to its buyers what the preferred goods cost them more.

use super::Scene;
use crate::domain::{
    exchange::{Effects, Procurement},
    ids::StateId,
};

/// Puts the premium on the lanes that are not preferred, and notes who pays.
pub fn apply(
    scene: &Scene,
    state: StateId,
    of: &[String],
    friends: &[String],
    weight: f64,
    index: usize,
    effects: &mut Effects,
) {
    let here = [scene.layout.states[state.index()].clone()];
    for (l, lane) in scene.lanes(of, None, &[], &here) {
        if !friends.contains(&scene.layout.states[lane.exporter.index()]) {
            effects.preference[l] += weight;
        }
    }
    for commodity in scene.graph.covered(of) {
        if let Some(venue) = scene.layout.venue(state, commodity) {
            effects.procurement.push(Procurement {
                venue: venue.index(),
                measure: index,
                share: weight,
            });
        }
    }
}
