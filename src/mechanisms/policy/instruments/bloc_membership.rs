//! Accession to a bloc: members trust each other more, and trade among them needs less proof of origin and compliance. Real case: the
//! Minerals Security Partnership, founded in June 2022.
//!
//! Who the members are, and since when, is read from the table of blocs; what membership at the start is worth is already in the table of
//! trust. So only accessions by this measure move anything. A stockpile that is shared with the bloc is shared with who accedes.

use super::{Scene, bilateral_agreement::befriend};
use crate::domain::{exchange::Effects, ids::StateId};

/// Members of a bloc in the quarter, by state index.
#[must_use]
pub fn members(scene: &Scene, bloc: &str) -> Vec<usize> {
    scene
        .blocs
        .members(bloc, scene.now)
        .map(|state| state.index())
        .collect()
}

/// Befriends the state with every member.
pub fn apply(scene: &Scene, state: StateId, bloc: &str, effects: &mut Effects) {
    effects.accessions.push((bloc.to_owned(), state.index()));
    for member in members(scene, bloc) {
        if member != state.index() {
            befriend(
                scene,
                state.index(),
                member,
                scene.params.bloc_trust,
                scene.params.bloc_ease,
                effects,
            );
        }
    }
}
