//! Ore export ban: what is mined is to be processed at home. Real case: Malaysia's ban on raw rare earths, announced in September 2023.

use super::{Scene, embargo};
use crate::domain::{exchange::Effects, ids::StateId};

/// Closes the lanes of the covered concentrates.
pub fn apply(
    scene: &Scene,
    state: StateId,
    of: &[String],
    to: &[String],
    index: usize,
    effects: &mut Effects,
) {
    embargo::apply(scene, state, of, to, index, effects);
}
