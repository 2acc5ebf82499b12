//! State-backed offtake: the state contracts for a quantity at a price of its own. Real cases: the Japanese state's finance of Lynas for
//! supply to Japan (2011, 2023); the offtake of magnets in the contract between the United States and MP Materials (July 2025).
//!
//! The contract moves no goods by itself: it is the inframarginal part of its lane's flow, and it builds the relation that carries it.
//! What its price is above the market's the state pays to the seller, and what it is below the seller pays to the state.

use super::Scene;
use crate::domain::{
    actors::PriceFormula,
    exchange::{Effects, OfftakeTerms},
    ids::StateId,
};

/// The seller's largest group that makes the good outside the buyer's state, and the lane from it.
#[must_use]
pub fn place(scene: &Scene, buyer: StateId, seller: &str, of: &str) -> Option<(usize, usize)> {
    let commodity = scene.graph.commodity_named(of)?;
    let all: Vec<usize> = match scene.layout.groups_of_firm.get(seller) {
        Some(groups) => groups.clone(),
        None => {
            let state = scene.layout.state_named(seller)?;
            (0..scene.layout.groups.len())
                .filter(|&g| scene.layout.groups[g].host == state)
                .collect()
        }
    };
    let mut makers: Vec<usize> = all
        .into_iter()
        .filter(|&g| {
            scene.graph.processes[scene.layout.groups[g].process.index()]
                .modes
                .iter()
                .any(|m| m.outputs.iter().any(|t| t.commodity == commodity))
        })
        .collect();
    let size = |g: usize| scene.groups.capacity[g].max(scene.groups.capacity_start[g]);
    makers.sort_by(|&a, &b| size(b).total_cmp(&size(a)).then(a.cmp(&b)));
    makers.into_iter().find_map(|g| {
        let host = scene.layout.groups[g].host;
        let lane = scene.layout.lanes.iter().position(|lane| {
            lane.exporter == host
                && lane.importer == buyer
                && lane.commodity == commodity
                && lane.leak_of().is_none()
        })?;
        Some((g, lane))
    })
}

/// Notes the contract.
#[expect(clippy::too_many_arguments, reason = "the terms of one contract")]
pub fn apply(
    scene: &Scene,
    state: StateId,
    index: usize,
    seller: &str,
    of: &str,
    tonnes_per_year: f64,
    formula: PriceFormula,
    effects: &mut Effects,
) {
    if let Some((group, lane)) = place(scene, state, seller, of) {
        effects.offtakes.push(OfftakeTerms {
            measure: index,
            lane,
            group,
            tonnes: tonnes_per_year / 4.0,
            formula,
        });
    }
}
