//! Where each derivative goes in a linear system: the whole Jacobian, or a thinned one that falls apart into small blocks.
//!
//! A refinery earns little with its by-products, a magnet maker spends little on the traces that refineries separate only as by-products; yet these
//! derivatives tie all oxides together and make the factor dense. The thinned system leaves them out of the factor: what plants do
//! to by-product venues still enters by substitution, what by-product prices do to plants is left to Broyden's update. Where that
//! is too little (by-products at many times their usual price) the search goes on with the whole Jacobian, so the thinned
//! one only saves time.

use super::{
    factor::Pattern,
    plan::{Plan, is_star},
};
use crate::domain::market::{Role, Structure};

/// How a plant group enters the Jacobian.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Entry {
    /// One mode, at most two venues: derivatives between the venues themselves, by pairs of terms.
    Direct(Vec<u32>),
    /// One unknown per mode (its log profitability): a star instead of a clique over the basket's venues.
    Star(Vec<StarMode>),
}

/// Positions of one mode's unknown in the factor.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct StarMode {
    /// The unknown's own diagonal.
    pub diagonal: u32,
    /// Its row: derivative by the venue of each of its terms.
    pub row: Vec<u32>,
    /// Its column: effect on each venue of the group, in the order of its venues.
    pub column: Vec<u32>,
}

/// A linear system's pattern, and the positions of all derivatives in it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wiring {
    pub pattern: Pattern,
    /// Positions of the two off-diagonal entries of each lane, in working order: (from, to), (to, from).
    pub lanes: Vec<[u32; 2]>,
    /// Positions of the two off-diagonal entries of each choice of side: (open, qualified), (qualified, open).
    pub choices: Vec<[u32; 2]>,
    /// Diagonal position of each venue.
    pub diagonal: Vec<u32>,
    /// Entries of each plant group.
    pub groups: Vec<Entry>,
}

impl Wiring {
    /// Wires a plan's derivatives into one system; `thinned`: without the feedback of by-products.
    pub fn compile(plan: &Plan, structure: &Structure, thinned: bool) -> Self {
        let lane_ends = || plan.from.iter().zip(&plan.to);
        let mut edges: Vec<(usize, usize)> = lane_ends()
            .map(|(&a, &b)| (a as usize, b as usize))
            .collect();
        let side = if thinned {
            by_product_venues(structure)
        } else {
            vec![false; structure.venues]
        };
        // unknowns: venues, then one per mode of a star
        let mut unknowns = plan.venues;
        let mut loose = Vec::new();
        let mut unknown_of_mode = vec![usize::MAX; plan.modes.len()];
        for group in &plan.groups {
            if is_star(group) {
                let has_main = group.venues.iter().any(|&v| !side[v as usize]);
                for k in group.modes.clone() {
                    unknown_of_mode[k] = unknowns;
                    for &v in &group.venues {
                        if has_main && side[v as usize] {
                            loose.push((unknowns, v as usize));
                        } else {
                            edges.push((unknowns, v as usize));
                        }
                    }
                    unknowns += 1;
                }
            } else if let [a, b] = group.venues[..] {
                edges.push((a as usize, b as usize));
            }
        }
        let pattern = Pattern::compile(unknowns, &edges, &loose);
        let groups = plan
            .groups
            .iter()
            .map(|group| {
                if !is_star(group) {
                    let p = plan.places(group.modes.start);
                    let pairs = p.clone().flat_map(|a| p.clone().map(move |b| (a, b)));
                    return Entry::Direct(
                        pairs
                            .map(|(a, b)| {
                                pattern.position(
                                    plan.term_venue[a] as usize,
                                    plan.term_venue[b] as usize,
                                )
                            })
                            .collect(),
                    );
                }
                let star = |k: usize| {
                    let unknown = unknown_of_mode[k];
                    StarMode {
                        diagonal: pattern.position(unknown, unknown),
                        row: plan
                            .places(k)
                            .map(|p| pattern.position(unknown, plan.term_venue[p] as usize))
                            .collect(),
                        column: group
                            .venues
                            .iter()
                            .map(|&v| pattern.position(v as usize, unknown))
                            .collect(),
                    }
                };
                Entry::Star(group.modes.clone().map(star).collect())
            })
            .collect();
        Self {
            lanes: lane_ends()
                .map(|(&i, &j)| {
                    let (i, j) = (i as usize, j as usize);
                    [pattern.position(i, j), pattern.position(j, i)]
                })
                .collect(),
            choices: structure
                .choices
                .iter()
                .map(|choice| {
                    let (o, q) = (
                        structure.uses[choice.open].index(),
                        structure.uses[choice.qualified].index(),
                    );
                    [pattern.position(o, q), pattern.position(q, o)]
                })
                .collect(),
            diagonal: (0..plan.venues).map(|v| pattern.position(v, v)).collect(),
            groups,
            pattern,
        }
    }
}

/// Venues of goods that some plant makes as a by-product: those venues, and all that lanes join to them.
fn by_product_venues(structure: &Structure) -> Vec<bool> {
    let mut side = vec![false; structure.venues];
    for term in &structure.terms {
        side[term.venue.index()] |= term.role == Role::ByProduct;
    }
    loop {
        let mut spread = false;
        for lane in &structure.lanes {
            let (a, b) = (lane.from.index(), lane.to.index());
            if side[a] != side[b] {
                (side[a], side[b], spread) = (true, true, true);
            }
        }
        if !spread {
            return side;
        }
    }
}
