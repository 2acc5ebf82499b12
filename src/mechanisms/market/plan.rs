//! What clearing works out once per structure and shares between runs: the order of lanes and terms, the unknowns, and where
//! each derivative goes in the factor. No parameter enters, and no plant: plants may be added later.

use super::factor::Pattern;
use crate::domain::{
    market::{LaneKind, Role, Structure},
    maths::Fourths,
};
use std::{collections::BTreeSet, ops::Range};

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
    /// Its column: effect on each venue of the group, in the order of [`GroupPlan::venues`].
    pub column: Vec<u32>,
}

/// A plant group's venues and entries.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct GroupPlan {
    pub modes: Range<usize>,
    /// Distinct venues of the group, ascending.
    pub venues: Vec<u16>,
    pub entry: Entry,
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
    /// Positions of the two off-diagonal entries of each lane: (from, to), (to, from).
    pub(super) lane_entries: Vec<[u32; 2]>,
    /// Place of each lane in the working order.
    pub(super) place_of_lane: Vec<u32>,
    /// Term of each place in the working order: by mode, then inputs, outputs, by-products.
    pub(super) term_order: Vec<u32>,
    pub(super) term_venue: Vec<u16>,
    /// Position of each term's venue in its group's venue list.
    pub(super) term_local: Vec<u16>,
    pub(super) modes: Vec<ModePlan>,
    pub(super) groups: Vec<GroupPlan>,
    /// Diagonal position of each venue.
    pub(super) diagonal: Vec<u32>,
    pub(super) pattern: Pattern,
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

        // unknowns: venues, then one per mode of a star
        let is_star =
            |g: usize| structure.groups[g].modes.len() > 1 || group_venues[g].len() >= STAR_FROM;
        let mut unknowns = venues;
        let mut unknown_of_mode = vec![usize::MAX; modes.len()];
        let mut edges: Vec<(usize, usize)> = structure
            .lanes
            .iter()
            .map(|l| (l.from.index(), l.to.index()))
            .collect();
        for (g, group) in structure.groups.iter().enumerate() {
            let list = &group_venues[g];
            if is_star(g) {
                for k in group.modes.clone() {
                    unknown_of_mode[k] = unknowns;
                    edges.extend(list.iter().map(|&v| (unknowns, v as usize)));
                    unknowns += 1;
                }
            } else if let [a, b] = list[..] {
                edges.push((a as usize, b as usize));
            }
        }
        let pattern = Pattern::compile(unknowns, &edges);

        let groups = structure
            .groups
            .iter()
            .enumerate()
            .map(|(g, group)| {
                let list = &group_venues[g];
                let places = |k: usize| modes[k].inputs.start..modes[k].byproducts.end;
                let entry = if is_star(g) {
                    Entry::Star(
                        group
                            .modes
                            .clone()
                            .map(|k| StarMode {
                                diagonal: pattern.position(unknown_of_mode[k], unknown_of_mode[k]),
                                row: places(k)
                                    .map(|p| {
                                        pattern.position(unknown_of_mode[k], term_venue[p] as usize)
                                    })
                                    .collect(),
                                column: list
                                    .iter()
                                    .map(|&v| pattern.position(v as usize, unknown_of_mode[k]))
                                    .collect(),
                            })
                            .collect(),
                    )
                } else {
                    let p = places(group.modes.start);
                    Entry::Direct(
                        p.clone()
                            .flat_map(|a| p.clone().map(move |b| (a, b)))
                            .map(|(a, b)| {
                                pattern.position(term_venue[a] as usize, term_venue[b] as usize)
                            })
                            .collect(),
                    )
                };
                GroupPlan {
                    modes: group.modes.clone(),
                    venues: list.clone(),
                    entry,
                }
            })
            .collect();
        Self {
            venues,
            from: (0..lane_order.len()).map(|p| lane(p).from.0).collect(),
            to: (0..lane_order.len()).map(|p| lane(p).to.0).collect(),
            lane_entries: (0..lane_order.len())
                .map(|p| {
                    let (i, j) = (lane(p).from.index(), lane(p).to.index());
                    [pattern.position(i, j), pattern.position(j, i)]
                })
                .collect(),
            diagonal: (0..venues).map(|v| pattern.position(v, v)).collect(),
            lane_order,
            runs,
            first_arbitrage,
            place_of_lane,
            term_order,
            term_venue,
            term_local,
            modes,
            groups,
            pattern,
        }
    }

    /// Whether the plan was compiled from a structure of this shape (plants may differ).
    #[must_use]
    pub fn fits(&self, structure: &Structure) -> bool {
        self.venues == structure.venues
            && self.lane_order.len() == structure.lanes.len()
            && self.modes.len() == structure.modes.len()
            && self.term_order.len() == structure.terms.len()
            && self.groups.len() == structure.groups.len()
    }

    /// Trade elasticity at a place of the working order.
    pub(super) fn kappa_at(&self, place: usize) -> Fourths {
        self.runs[self.runs.partition_point(|run| run.lanes.end <= place)].kappa
    }

    /// Factor values as a full matrix by unknowns, for tests.
    pub(super) fn dense(&self, values: &[f64]) -> Vec<Vec<f64>> {
        let n = self.pattern.diagonal.len();
        let mut unknown_of = vec![0; n];
        for (unknown, &row) in self.pattern.row_of.iter().enumerate() {
            unknown_of[row as usize] = unknown;
        }
        let mut dense = vec![vec![0.0; n]; n];
        for row in 0..n {
            for at in self.pattern.start[row] as usize..self.pattern.start[row + 1] as usize {
                dense[unknown_of[row]][unknown_of[self.pattern.columns[at] as usize]] = values[at];
            }
        }
        dense
    }

    /// Unknowns of the linear system, stored entries, and multiplications of one factorisation.
    #[must_use]
    pub fn size(&self) -> (usize, usize, usize) {
        (
            self.pattern.diagonal.len(),
            self.pattern.columns.len(),
            self.pattern.operations(),
        )
    }
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
