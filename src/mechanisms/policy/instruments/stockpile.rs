//! Strategic stockpile: a target in days of use, filled at a pace, released above a trigger. Real case: Japan, 60 days and more.

use super::{Scene, bloc_membership};
use crate::domain::{
    exchange::{Effects, StockpileRule},
    ids::StateId,
};

/// Terms of a stockpile.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// Target cover, days of use.
    pub cover_days: f64,
    /// Quarters over which the target is filled.
    pub fill_quarters: u32,
    /// Multiple of the slow average of the price above which it is released.
    pub release_above: f64,
    /// Share of use refused by limits above which it is released.
    pub release_on_shortage: Option<f64>,
    /// Whether releases are sized to rated use.
    pub defence_first: bool,
    /// Most that is bought in a quarter, share of use.
    pub largest_purchase: Option<f64>,
    /// States and blocs that may draw on it.
    pub share_with: &'a [String],
}

/// States that a list of states and blocs stands for at present, by index.
#[must_use]
pub fn allied(scene: &Scene, effects: &Effects, names: &[String]) -> Vec<usize> {
    let mut allies = Vec::new();
    for name in names {
        match scene.layout.state_named(name) {
            Some(state) => allies.push(state.index()),
            None => {
                allies.extend(bloc_membership::members(scene, name));
                allies.extend(
                    effects
                        .accessions
                        .iter()
                        .filter(|(bloc, _)| bloc == name)
                        .map(|(_, s)| *s),
                );
            }
        }
    }
    allies.sort_unstable();
    allies.dedup();
    allies
}

/// Sets the rule for every covered good that the state deals in.
pub fn apply(
    scene: &Scene,
    state: StateId,
    index: usize,
    of: &[String],
    terms: Terms<'_>,
    effects: &mut Effects,
) {
    for commodity in scene.graph.covered(of) {
        let Some(venue) = scene.layout.venue(state, commodity) else {
            continue;
        };
        let mut allies = Vec::new();
        // Batches of magnets differ, and the books of a shared stock do not follow them.
        if !scene.graph.commodities[commodity.index()].tracked {
            allies.extend(
                allied(scene, effects, terms.share_with)
                    .into_iter()
                    .filter(|&ally| ally != state.index())
                    .filter_map(|ally| scene.layout.venue(StateId::from_index(ally), commodity))
                    .map(|venue| venue.index()),
            );
        }
        // Of several stockpiles of one good the largest holds, and pays.
        if effects
            .stockpiles
            .iter()
            .any(|rule| rule.venue == venue.index() && rule.cover_days >= terms.cover_days)
        {
            continue;
        }
        effects
            .stockpiles
            .retain(|rule| rule.venue != venue.index());
        effects.stockpiles.push(StockpileRule {
            venue: venue.index(),
            measure: index,
            cover_days: terms.cover_days,
            fill_quarters: f64::from(terms.fill_quarters.max(1)),
            release_above: terms.release_above,
            release_on_shortage: terms.release_on_shortage.unwrap_or(f64::INFINITY),
            defence_first: terms.defence_first,
            largest_purchase: terms.largest_purchase.unwrap_or(f64::INFINITY),
            allies,
        });
    }
}
