//! What clearing works out once per structure and shares between runs: the order of lanes and terms, the unknowns, and where
//! each derivative goes in the factor. No parameter enters, and no plant: plants may be added later.

use super::{factor::Pattern, wiring::Wiring};
use crate::domain::{
    market::{LaneKind, Role, Structure},
    maths::Fourths,
};
use std::{collections::BTreeSet, ops::Range, sync::OnceLock};

/// Lanes of one trade elasticity, as a range of the plan's lane order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Run {
    pub lanes: Range<usize>,
    pub kappa: Fourths,
}

/// Terms of a mode by role, as ranges of the plan's term order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ModePlan {
    pub inputs: Range<usize>,
    pub outputs: Range<usize>,
    pub byproducts: Range<usize>,
}

/// A plant group's modes and venues.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct GroupPlan {
    pub modes: Range<usize>,
    /// Distinct venues of the group, ascending.
    pub venues: Vec<u16>,
}

/// The compiled form of a [`Structure`]; share it with `Arc` between workspaces.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub(super) venues: usize,
    /// Lane of each place in the working order: trade by elasticity, then arbitrage, each in id order.
    pub(super) lane_order: Vec<u32>,
    pub(super) from: Vec<u16>,
    pub(super) to: Vec<u16>,
    pub(super) runs: Vec<Run>,
    /// First arbitrage lane in the working order.
    pub(super) first_arbitrage: usize,
    /// Place of each lane in the working order.
    pub(super) place_of_lane: Vec<u32>,
    /// Term of each place in the working order: by mode, then inputs, outputs, by-products.
    pub(super) term_order: Vec<u32>,
    pub(super) term_venue: Vec<u16>,
    /// Position of each term's venue in its group's venue list.
    pub(super) term_local: Vec<u16>,
    pub(super) modes: Vec<ModePlan>,
    pub(super) groups: Vec<GroupPlan>,
    /// The linear system without the feedback of by-products.
    thinned: OnceLock<Wiring>,
    /// The whole linear system; compiled when a search first needs it.
    whole: OnceLock<Wiring>,
}

/// Groups with at least this many venues get unknowns of their own.
const STAR_FROM: usize = 3;

impl Plan {
    /// Compiles a structure. A few milliseconds at 200 venues.
    ///
    /// # Panics
    /// If the structure is malformed ([`Structure::check`]) or has more than 4,096 venues and modes.
    #[must_use]
    pub fn compile(structure: &Structure) -> Self {
        let venues = structure.venues;
        let mut lane_order: Vec<u32> = (0..structure.lanes.len() as u32).collect();
        lane_order.sort_by_key(|&l| {
            let lane = &structure.lanes[l as usize];
            let class = if lane.kind == LaneKind::Trade {
                u16::from(lane.kappa.0)
            } else {
                256
            };
            (class, l)
        });
        let mut place_of_lane = vec![0; lane_order.len()];
        for (place, &l) in lane_order.iter().enumerate() {
            place_of_lane[l as usize] = place as u32;
        }
        let lane = |place: usize| &structure.lanes[lane_order[place] as usize];
        let first_arbitrage = (0..lane_order.len())
            .find(|&p| lane(p).kind == LaneKind::Arbitrage)
            .unwrap_or(lane_order.len());
        let mut runs: Vec<Run> = Vec::new();
        for place in 0..first_arbitrage {
            match runs.last_mut() {
                Some(run) if run.kappa == lane(place).kappa => run.lanes.end = place + 1,
                _ => runs.push(Run {
                    lanes: place..place + 1,
                    kappa: lane(place).kappa,
                }),
            }
        }

        let (term_order, modes) = order_terms(structure);
        let term_venue: Vec<u16> = term_order
            .iter()
            .map(|&t| structure.terms[t as usize].venue.0)
            .collect();
        let mut term_local = vec![0; term_order.len()];
        let mut group_venues = Vec::new();
        for group in &structure.groups {
            let places =
                modes[group.modes.start].inputs.start..modes[group.modes.end - 1].byproducts.end;
            let list: Vec<u16> = term_venue[places.clone()]
                .iter()
                .copied()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect();
            for place in places {
                term_local[place] =
                    list.binary_search(&term_venue[place])
                        .expect("the list holds every venue") as u16;
            }
            group_venues.push(list);
        }

        let groups = structure
            .groups
            .iter()
            .zip(group_venues)
            .map(|(group, venues)| GroupPlan {
                modes: group.modes.clone(),
                venues,
            })
            .collect();
        let plan = Self {
            venues,
            from: (0..lane_order.len()).map(|p| lane(p).from.0).collect(),
            to: (0..lane_order.len()).map(|p| lane(p).to.0).collect(),
            lane_order,
            runs,
            first_arbitrage,
            place_of_lane,
            term_order,
            term_venue,
            term_local,
            modes,
            groups,
            thinned: OnceLock::new(),
            whole: OnceLock::new(),
        };
        plan.wiring(structure, true);
        plan
    }

    /// The wiring of one of the two linear systems.
    pub(super) fn wiring(&self, structure: &Structure, thinned: bool) -> &Wiring {
        let slot = if thinned { &self.thinned } else { &self.whole };
        slot.get_or_init(|| Wiring::compile(self, structure, thinned))
    }

    /// Places of a mode's terms in the working order.
    pub(super) fn places(&self, k: usize) -> Range<usize> {
        self.modes[k].inputs.start..self.modes[k].byproducts.end
    }

    /// Whether the plan was compiled from a structure of this shape (plants may differ).
    #[must_use]
    pub fn fits(&self, structure: &Structure) -> bool {
        self.venues == structure.venues
            && self.lane_order.len() == structure.lanes.len()
            && self.modes.len() == structure.modes.len()
            && self.term_order.len() == structure.terms.len()
            && self.groups.len() == structure.groups.len()
            && self
                .thinned
                .get()
                .is_some_and(|wiring| wiring.choices.len() == structure.choices.len())
    }

    /// Trade elasticity at a place of the working order.
    pub(super) fn kappa_at(&self, place: usize) -> Fourths {
        self.runs[self.runs.partition_point(|run| run.lanes.end <= place)].kappa
    }

    /// Pattern of the system that a search starts with.
    pub(super) fn thinned_pattern(&self) -> &Pattern {
        &self.thinned.get().expect("compiled with the plan").pattern
    }

    /// Unknowns of the linear system that a search starts with, stored entries, and multiplications of one factorisation.
    #[must_use]
    pub fn size(&self) -> (usize, usize, usize) {
        let pattern = self.thinned_pattern();
        (
            pattern.diagonal.len(),
            pattern.entries(),
            pattern.operations(),
        )
    }
}

/// Whether a group's modes get unknowns of their own in a linear system.
pub(super) fn is_star(group: &GroupPlan) -> bool {
    group.modes.len() > 1 || group.venues.len() >= STAR_FROM
}

fn order_terms(structure: &Structure) -> (Vec<u32>, Vec<ModePlan>) {
    let mut order = Vec::with_capacity(structure.terms.len());
    let mut modes = Vec::with_capacity(structure.modes.len());
    for mode in &structure.modes {
        let mut take = |role| {
            let first = order.len();
            order.extend(
                mode.terms
                    .clone()
                    .filter(|&t| structure.terms[t].role == role)
                    .map(|t| t as u32),
            );
            first..order.len()
        };
        modes.push(ModePlan {
            inputs: take(Role::Input),
            outputs: take(Role::Output),
            byproducts: take(Role::ByProduct),
        });
    }
    (order, modes)
}
