//! Rule of origin: restricted goods are barred from rated use, or cost civil users a credit. Real cases: the Pentagon's restriction on
//! magnets from China (10 U.S.C. 4872, in force from April 2019), the foreign-entity rule of the US tax credit for electric cars.

use super::Scene;
use crate::domain::{
    exchange::{Effects, OriginBar},
    ids::StateId,
    policy::UseClass,
};

/// Covers the state's own users of the class: rated ones must buy qualified goods, civil ones get `credit` if they do.
#[expect(clippy::too_many_arguments, reason = "the terms of one rule")]
pub fn apply(
    scene: &Scene,
    state: StateId,
    index: usize,
    of: &[String],
    uses: UseClass,
    sectors: &[String],
    credit: f64,
    effects: &mut Effects,
) {
    let layout = scene.layout;
    let mut states = vec![false; layout.states.len()];
    states[state.index()] = true;
    let named = |s: usize| match uses {
        UseClass::Rated => layout.rated[s],
        UseClass::Civil => {
            !layout.rated[s] && (sectors.is_empty() || sectors.contains(&layout.sectors[s]))
        }
    };
    effects.origin.push(OriginBar {
        states,
        commodities: covered(scene, of),
        sectors: (0..layout.sectors.len()).map(named).collect(),
        credit: match uses {
            UseClass::Rated => f64::INFINITY,
            UseClass::Civil => credit,
        },
        measure: index,
    });
}

/// Bars goods of the exporter from a class of use in the states that its licences go to; all other states, if none is named.
pub fn refuse(
    scene: &Scene,
    exporter: StateId,
    index: usize,
    of: &[String],
    to: &[String],
    classes: &[UseClass],
    effects: &mut Effects,
) {
    let layout = scene.layout;
    let refused = |s: usize| {
        classes.contains(if layout.rated[s] {
            &UseClass::Rated
        } else {
            &UseClass::Civil
        })
    };
    effects.origin.push(OriginBar {
        states: (0..layout.states.len())
            .map(|s| s != exporter.index() && (to.is_empty() || to.contains(&layout.states[s])))
            .collect(),
        commodities: covered(scene, of),
        sectors: (0..layout.sectors.len()).map(refused).collect(),
        credit: f64::INFINITY,
        measure: index,
    });
}

fn covered(scene: &Scene, of: &[String]) -> Vec<bool> {
    let mut commodities = vec![false; scene.graph.commodities.len()];
    for k in scene.graph.covered(of) {
        commodities[k.index()] = true;
    }
    commodities
}
