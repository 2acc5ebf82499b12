//! What of the goods on the move could be qualified: a fact of where they come from.

use crate::domain::{
    layout::Layout,
    market::{Coefficients, Role, Structure},
};

/// A quarter's flows, t.
#[derive(Debug, Clone, PartialEq)]
pub struct Flows {
    /// By lane.
    pub lane: Vec<f64>,
    /// By mode: activity.
    pub activity: Vec<f64>,
    /// By term: t per t of activity, by-products as far as they are separated.
    pub supplied: Vec<f64>,
    /// By end-use curve: demand at the reference price.
    pub used: Vec<f64>,
}

/// Qualified shares, by pair of the world's sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Shares {
    /// Of what a venue gets.
    pub venue: Vec<f64>,
    /// Of what a lane carries.
    pub lane: Vec<f64>,
    /// Of what a plant group makes in a mode.
    pub mode: Vec<f64>,
}

/// A venue's books at the present flows, t per quarter.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Balance {
    /// Made here.
    pub made: f64,
    /// Drawn by plants and used.
    pub drawn: f64,
    /// Made of qualified materials by plants that are not restricted.
    pub qualified_made: f64,
    /// Drawn and used on the qualified side.
    pub qualified_drawn: f64,
    /// Qualified goods made here and imported.
    pub arrives: f64,
    /// Qualified goods drawn, used and exported as such.
    pub leaves: f64,
}

/// Rounds in which shares are carried along lanes and recipes; chains are far shorter.
const ROUNDS: usize = 40;

/// The qualified share of every pair: goods in a venue are mixed, so that what leaves it is qualified like what comes in; plants that may
/// work for the qualified side do so with the material of which the smallest share is qualified.
#[must_use]
pub fn shares(layout: &Layout, structure: &Structure, flows: &Flows) -> Shares {
    let sides = &layout.sides;
    let mut of: Vec<f64> = sides
        .pure
        .iter()
        .map(|pure| f64::from(u8::from(*pure)))
        .collect();
    let mut open_of: Vec<usize> = (0..structure.venues).collect();
    for &(o, q) in &sides.venues {
        open_of[q] = o;
    }
    let mode_share = |of: &[f64], qualified: usize| {
        structure.modes[qualified]
            .terms
            .clone()
            .map(|t| structure.terms[t])
            .filter(|term| {
                term.role == Role::Input && open_of[term.venue.index()] != term.venue.index()
            })
            .map(|term| of[open_of[term.venue.index()]])
            .fold(1.0, f64::min)
    };
    let qualified_modes: Vec<usize> = sides.modes.iter().map(|pair| pair.1).collect();
    for _ in 0..ROUNDS {
        for &(o, _) in &sides.venues {
            let (mut all, mut qualified, mut able) = (0.0, 0.0, false);
            for (m, mode) in structure.modes.iter().enumerate() {
                if qualified_modes.contains(&m) {
                    continue;
                }
                let twin = sides.modes.iter().find(|pair| pair.0 == m);
                let share = twin.map_or(0.0, |pair| mode_share(&of, pair.1));
                for t in mode.terms.clone() {
                    let term = structure.terms[t];
                    if term.venue.index() == o && term.role != Role::Input {
                        all += flows.activity[m] * flows.supplied[t];
                        qualified += flows.activity[m] * flows.supplied[t] * share;
                        able |= share > 0.0;
                    }
                }
            }
            for (l, lane) in layout.lanes.iter().enumerate() {
                if lane.to.index() == o && !lane.is_valve() {
                    all += flows.lane[l];
                    if sides.lanes.iter().any(|pair| pair.0 == l) {
                        qualified += flows.lane[l] * of[lane.from.index()];
                    }
                }
            }
            of[o] = if all > 0.0 {
                (qualified / all).min(1.0)
            } else {
                f64::from(u8::from(able))
            };
        }
    }
    Shares {
        venue: sides.venues.iter().map(|pair| of[pair.0]).collect(),
        lane: sides
            .lanes
            .iter()
            .map(|pair| of[layout.lanes[pair.0].from.index()])
            .collect(),
        mode: sides
            .modes
            .iter()
            .map(|pair| mode_share(&of, pair.1))
            .collect(),
    }
}

impl Shares {
    /// The books of a pair of venues (by its position) once its users and plants have taken their sides; `co` holds the weights of the
    /// modes and the credits of the users as they now are.
    #[must_use]
    pub fn balance(
        &self,
        layout: &Layout,
        structure: &Structure,
        flows: &Flows,
        co: &Coefficients,
        pair: usize,
    ) -> Balance {
        let sides = &layout.sides;
        let (o, q) = sides.venues[pair];
        let mut b = Balance::default();
        for (m, mode) in structure.modes.iter().enumerate() {
            let twin = sides.modes.iter().find(|pair| pair.0 == m || pair.1 == m);
            // Both ways of a pair share the activity of the open one.
            let activity = twin.map_or(flows.activity[m], |&(open, qualified)| {
                let both = co.mode_weight[open] + co.mode_weight[qualified];
                flows.activity[open] * co.mode_weight[m] / both.max(f64::MIN_POSITIVE)
            });
            for t in mode.terms.clone() {
                let term = structure.terms[t];
                let v = term.venue.index();
                if v != o && v != q {
                    continue;
                }
                let tonnes = activity * flows.supplied[t];
                let (all, own) = if term.role == Role::Input {
                    (&mut b.drawn, &mut b.qualified_drawn)
                } else {
                    (&mut b.made, &mut b.qualified_made)
                };
                *all += tonnes;
                if v == q {
                    *own += tonnes;
                }
            }
        }
        for (u, venue) in structure.uses.iter().enumerate() {
            if venue.index() == o {
                b.drawn += flows.used[u];
            }
        }
        for (i, use_) in sides.uses.iter().enumerate() {
            if structure.uses[use_.open].index() == o {
                let credit = co.choice_credit[i];
                let share = if credit == f64::NEG_INFINITY {
                    0.0
                } else {
                    1.0 / (1.0 + crate::domain::maths::exp(-(credit.min(40.0)) / co.choice_spread))
                };
                b.qualified_drawn += share * flows.used[use_.open];
            }
        }
        (b.arrives, b.leaves) = (b.qualified_made, b.qualified_drawn);
        for (&(open, qualified), share) in sides.lanes.iter().zip(&self.lane) {
            if layout.lanes[qualified].to.index() == q {
                b.arrives += share * flows.lane[open];
            }
            if layout.lanes[qualified].from.index() == q {
                b.leaves += share * flows.lane[open];
            }
        }
        b
    }
}
