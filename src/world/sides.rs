//! Where goods have an open and a qualified side: worked out up the chain from the users whom a rule could cover.
//!
//! One class of restriction holds for a world: goods made in the states that the rules name (or, where a rule says so, in plants owned
//! from there), and goods made of such materials as far up the chain as provenance is told. A state whose goods of a kind are all free
//! of it needs no second side: it is *pure*. Where goods of both kinds meet and a covered user can be reached, the venue is *split*.

use super::{build::Base, facts::Facts, settle::Settled};
use crate::config::scenario::Scenario;
use crate::domain::{
    graph::{Form, Graph, Stage},
    ids::{CommodityId, SectorId, StateId},
    policy::{Instrument, Reach, UseClass},
};
use crate::mechanisms::provenance;
use std::collections::BTreeSet;

/// What the rules of a scenario, in force or not yet, say about provenance.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Parameters.
    pub params: provenance::Params,
    /// Restricted states.
    pub restricted: Vec<bool>,
    /// Whether plants elsewhere owned from a restricted state are restricted too.
    pub owners: bool,
    /// Users that a rule covers at some time.
    pub covered: BTreeSet<(StateId, CommodityId, SectorId)>,
}

/// The rules of a scenario; `None` where nobody is covered, so that no sides are built.
#[must_use]
pub fn rules(
    scenario: &Scenario,
    graph: &Graph,
    states: &[String],
    sectors: &[String],
) -> Option<Rules> {
    let mut rules = Rules {
        params: scenario.provenance.clone(),
        restricted: vec![false; states.len()],
        owners: false,
        covered: BTreeSet::new(),
    };
    let rated = |sector: &String| scenario.sectors[sector].rated;
    for (state, strategy) in &scenario.strategies {
        let planned = strategy.planned().into_iter();
        for instrument in planned.flat_map(|(_, planned)| planned.instruments()) {
            let (of, who, named): (_, Vec<usize>, Vec<bool>) = match instrument {
                Instrument::OriginRule {
                    of,
                    from,
                    owners,
                    uses,
                    sectors: listed,
                    ..
                } => {
                    for (s, name) in states.iter().enumerate() {
                        rules.restricted[s] |= from.contains(name);
                    }
                    rules.owners |= owners;
                    let named = |sector: &String| match uses {
                        UseClass::Rated => rated(sector),
                        UseClass::Civil => {
                            !rated(sector) && (listed.is_empty() || listed.contains(sector))
                        }
                    };
                    (
                        of,
                        vec![position(states, state)],
                        sectors.iter().map(named).collect(),
                    )
                }
                Instrument::ExportLicence { of, to, refuse, .. } if !refuse.is_empty() => {
                    let exporter = position(states, state);
                    rules.restricted[exporter] = true;
                    // Words such as `@rivals` stand for states that are known when the measure is announced.
                    let everywhere = to.is_empty() || to.iter().any(|word| word.starts_with('@'));
                    let who = (0..states.len())
                        .filter(|&s| s != exporter && (everywhere || to.contains(&states[s])));
                    let refused = |sector: &String| {
                        refuse.contains(if rated(sector) {
                            &UseClass::Rated
                        } else {
                            &UseClass::Civil
                        })
                    };
                    (of, who.collect(), sectors.iter().map(refused).collect())
                }
                _ => continue,
            };
            for k in graph.covered(of) {
                if !rules.params.from.covers(graph.commodities[k.index()].form) {
                    continue;
                }
                for &s in &who {
                    for (sector, _) in named.iter().enumerate().filter(|(_, named)| **named) {
                        rules.covered.insert((
                            StateId::from_index(s),
                            k,
                            SectorId::from_index(sector),
                        ));
                    }
                }
            }
        }
    }
    let restricted = &rules.restricted;
    rules.covered.retain(|(s, _, _)| !restricted[s.index()]);
    (rules.params.from != Reach::Off && !rules.covered.is_empty()).then_some(rules)
}

fn position(states: &[String], state: &str) -> usize {
    states.iter().position(|s| s == state).unwrap_or(0)
}

/// The base with plants of restricted owners in groups of their own, next to those of the others: they may not do the same.
#[must_use]
pub fn separate(base: &Base, rules: &Rules) -> Base {
    let mut new = base.clone();
    let mut apart = 0;
    for (g, group) in base.facts.groups.iter().enumerate() {
        let barred = |owner: StateId| rules.restricted[owner.index()];
        let nameplate = |restricted: bool| -> f64 {
            group
                .plants
                .iter()
                .filter(|p| barred(p.owner) == restricted)
                .map(|p| p.nameplate)
                .sum()
        };
        let mixed = group.plants.iter().any(|p| barred(p.owner))
            && !group.plants.iter().all(|p| barred(p.owner));
        if !rules.owners || !mixed || rules.restricted[group.host.index()] {
            continue;
        }
        let at = g + apart;
        apart += 1;
        let total = (nameplate(false) + nameplate(true)).max(f64::MIN_POSITIVE);
        let share = nameplate(true) / total;
        let s = &mut new.settled;
        let own = s.q.activity[at].iter().map(|a| a * share).collect();
        s.q.activity[at].iter_mut().for_each(|a| *a *= 1.0 - share);
        s.q.activity.insert(at + 1, own);
        s.spread.insert(at + 1, s.spread[at]);
        s.cost.insert(at + 1, s.cost[at]);
        s.opex.insert(at + 1, s.opex[at].clone());
        s.at_hand.insert(at + 1, s.at_hand[at].clone());
        let mut theirs = new.facts.groups[at].clone();
        theirs.plants.retain(|p| barred(p.owner));
        theirs.ceiling = theirs.ceiling.map(|c| c * share);
        let ours = &mut new.facts.groups[at];
        ours.plants.retain(|p| !barred(p.owner));
        ours.ceiling = ours.ceiling.map(|c| c * (1.0 - share));
        new.facts.groups.insert(at + 1, theirs);
    }
    new
}

/// Which venues have sides, and which plants may not work for the qualified one. Venues are at `state x commodities + commodity`.
#[derive(Debug, Clone, PartialEq)]
pub struct SidePlan {
    /// Both sides.
    pub split: Vec<bool>,
    /// One side, and all of it qualified.
    pub pure: Vec<bool>,
    /// Commodities whose provenance is told.
    pub told: Vec<bool>,
    /// Restricted plant groups.
    pub restricted: Vec<bool>,
    /// Qualified output of the start, t per quarter.
    pub made: Vec<f64>,
    /// Venues of users who may have to buy qualified.
    pub covered: Vec<bool>,
}

/// Works out the sides. `lanes` are (commodity, exporter, importer).
#[must_use]
pub fn plan(
    graph: &Graph,
    facts: &Facts,
    settled: &Settled,
    lanes: &[(usize, usize, usize)],
    rules: &Rules,
) -> SidePlan {
    let c = facts.commodities;
    let restricted: Vec<bool> = facts
        .groups
        .iter()
        .map(|g| {
            rules.restricted[g.host.index()]
                || (rules.owners && g.plants.iter().all(|p| rules.restricted[p.owner.index()]))
        })
        .collect();
    let mut chain = Chain {
        graph,
        facts,
        settled,
        lanes,
        rules,
        told: told(graph, rules.params.from),
        restricted,
    };
    // Where no qualified supply to speak of exists, rules bind at the last stage only.
    for _ in 0..c {
        let Some(k) = chain.scarcest(&chain.shares()) else {
            break;
        };
        chain.told[k] = false;
    }
    let share = chain.shares();
    let pure = chain.pure();
    let covered = chain.covered();
    let needed = chain.needed(&share, &covered);
    let split = (0..needed.len())
        .map(|at| needed[at] && !pure[at] && chain.told[at % c] && share[at] > 0.0)
        .collect();
    let made = (0..needed.len())
        .map(|at| chain.made(&share, at / c, at % c))
        .collect();
    SidePlan {
        split,
        pure,
        told: chain.told,
        restricted: chain.restricted,
        made,
        covered,
    }
}

fn told(graph: &Graph, reach: Reach) -> Vec<bool> {
    graph
        .commodities
        .iter()
        .map(|k| k.form != Form::Scrap && reach.covers(k.form))
        .collect()
}

struct Chain<'a> {
    graph: &'a Graph,
    facts: &'a Facts,
    settled: &'a Settled,
    lanes: &'a [(usize, usize, usize)],
    rules: &'a Rules,
    told: Vec<bool>,
    restricted: Vec<bool>,
}

impl Chain<'_> {
    fn at(&self, state: usize, k: usize) -> usize {
        state * self.facts.commodities + k
    }

    /// (group, mode) of the plants that make a commodity in a state.
    fn makers(&self, state: usize, k: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.facts
            .groups
            .iter()
            .enumerate()
            .filter(move |(_, g)| g.host.index() == state)
            .flat_map(move |(g, group)| {
                self.graph.processes[group.process.index()]
                    .modes
                    .iter()
                    .enumerate()
                    .filter(move |(m, mode)| {
                        self.settled.at_hand[g][*m]
                            && (mode.outputs.iter().any(|t| t.commodity.index() == k)
                                || mode.by_products.iter().any(|b| b.commodity.index() == k))
                    })
                    .map(move |(m, _)| (g, m))
            })
    }

    /// The materials of a mode whose provenance is told.
    fn materials(&self, g: usize, m: usize) -> impl Iterator<Item = usize> + '_ {
        self.graph.processes[self.facts.groups[g].process.index()].modes[m]
            .inputs
            .iter()
            .map(|t| t.commodity.index())
            .filter(|&k| self.told[k])
    }

    /// Qualified output of a mode at the start if it works with all the qualified materials that it can get, t.
    fn qualified_output(&self, share: &[f64], g: usize, m: usize, k: usize) -> f64 {
        if self.restricted[g] {
            return 0.0;
        }
        let group = &self.facts.groups[g];
        let of = self
            .materials(g, m)
            .map(|k| share[self.at(group.host.index(), k)])
            .fold(1.0, f64::min);
        let mode = &self.graph.processes[group.process.index()].modes[m];
        let amount: f64 = mode
            .outputs
            .iter()
            .filter(|t| t.commodity.index() == k)
            .map(|t| t.t_per_t)
            .sum::<f64>()
            + mode
                .by_products
                .iter()
                .filter(|b| b.commodity.index() == k)
                .map(|b| b.t_per_t * self.settled.q.separated[k])
                .sum::<f64>();
        of * amount * self.settled.q.activity[g][m]
    }

    /// Share of what each venue gets at the start that could be qualified.
    fn shares(&self) -> Vec<f64> {
        let (n, c) = (self.facts.states, self.facts.commodities);
        let mut share = vec![0.0; n * c];
        for _ in 0..30 {
            for k in (0..c).filter(|&k| self.told[k]) {
                let flow = &self.settled.flow[k];
                for s in (0..n).filter(|&s| !self.rules.restricted[s]) {
                    let mut qualified: f64 = self
                        .makers(s, k)
                        .map(|(g, m)| self.qualified_output(&share, g, m, k))
                        .sum();
                    let mut all = self.settled.q.made[self.at(s, k)];
                    for i in (0..n).filter(|&i| i != s) {
                        qualified += flow[i * n + s] * share[self.at(i, k)];
                        all += flow[i * n + s];
                    }
                    let at = self.at(s, k);
                    share[at] = if all > 0.0 {
                        (qualified / all).min(1.0)
                    } else {
                        0.0
                    };
                }
            }
        }
        share
    }

    /// A material of which less is qualified, world-wide, than the covered rated users would need with a reserve: the scarcest, if any.
    fn scarcest(&self, share: &[f64]) -> Option<usize> {
        let (n, c) = (self.facts.states, self.facts.commodities);
        let mut need = vec![0.0; c];
        for one in &self.facts.uses {
            if self
                .rules
                .covered
                .contains(&(one.state, one.commodity, one.sector))
            {
                need[one.commodity.index()] += one.tonnes;
            }
        }
        let supply = |k: usize| -> f64 {
            (0..n)
                .flat_map(|s| self.makers(s, k))
                .map(|(g, m)| self.qualified_output(share, g, m, k))
                .sum()
        };
        // Civil users have an exit: what is asked for is at most what unrestricted plants make, of whatever materials.
        let free = vec![1.0; n * c];
        for (k, need) in need.iter_mut().enumerate() {
            let makers = (0..n).flat_map(|s| self.makers(s, k));
            *need = need.min(
                makers
                    .map(|(g, m)| self.qualified_output(&free, g, m, k))
                    .sum(),
            );
        }
        for stage in [Stage::Magnet, Stage::Metal, Stage::Separation] {
            for process in self.graph.processes.iter().filter(|p| p.stage == stage) {
                let Some(mode) = process.modes.first() else {
                    continue;
                };
                let Some(main) = mode.outputs.first() else {
                    continue;
                };
                for input in &mode.inputs {
                    need[input.commodity.index()] += need[main.commodity.index()] * input.t_per_t;
                }
            }
        }
        (0..c)
            .filter(|&k| {
                self.told[k] && self.graph.commodities[k].form != Form::Magnet && need[k] > 0.0
            })
            .map(|k| (supply(k) / need[k], k))
            .filter(|(ratio, _)| *ratio < self.rules.params.reserve)
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, k)| k)
    }

    /// Venues that only qualified goods can reach, by plants that stand or are announced and by lanes.
    fn pure(&self) -> Vec<bool> {
        let (n, c) = (self.facts.states, self.facts.commodities);
        let mut pure: Vec<bool> = (0..n * c)
            .map(|at| self.told[at % c] && !self.rules.restricted[at / c])
            .collect();
        loop {
            let mut changed = false;
            for s in 0..n {
                for k in 0..c {
                    let at = self.at(s, k);
                    let stained = pure[at]
                        && (self.makers(s, k).any(|(g, m)| {
                            self.restricted[g] || self.materials(g, m).any(|x| !pure[self.at(s, x)])
                        }) || self
                            .lanes
                            .iter()
                            .any(|&(of, i, j)| of == k && j == s && !pure[self.at(i, k)]));
                    if stained {
                        pure[at] = false;
                        changed = true;
                    }
                }
            }
            if !changed {
                return pure;
            }
        }
    }

    /// Qualified output of a commodity in a state at the start.
    fn made(&self, share: &[f64], state: usize, k: usize) -> f64 {
        self.makers(state, k)
            .map(|(g, m)| self.qualified_output(share, g, m, k))
            .sum()
    }

    /// Venues of covered users.
    fn covered(&self) -> Vec<bool> {
        let mut covered = vec![false; self.facts.states * self.facts.commodities];
        for one in &self.facts.uses {
            if self
                .rules
                .covered
                .contains(&(one.state, one.commodity, one.sector))
            {
                covered[self.at(one.state.index(), one.commodity.index())] = true;
            }
        }
        covered
    }

    /// Venues on the way from qualified makers to covered users: those of the users, suppliers that matter to one of them, and the
    /// materials of the makers among them.
    fn needed(&self, share: &[f64], covered: &[bool]) -> Vec<bool> {
        let (n, c) = (self.facts.states, self.facts.commodities);
        let mut needed = covered.to_vec();
        loop {
            let before = needed.clone();
            for k in (0..c).filter(|&k| self.told[k]) {
                for j in (0..n).filter(|&j| before[self.at(j, k)]) {
                    let made = self.made(share, j, k);
                    let from = |i: usize| {
                        if i == j {
                            made
                        } else {
                            self.settled.flow[k][i * n + j] * share[self.at(i, k)]
                        }
                    };
                    let all: f64 = (0..n).map(from).sum();
                    for i in (0..n).filter(|&i| {
                        i != j && from(i) >= self.rules.params.material * all && from(i) > 0.0
                    }) {
                        needed[self.at(i, k)] = true;
                    }
                    if made >= self.rules.params.material * all {
                        for (g, m) in self.makers(j, k).filter(|&(g, _)| !self.restricted[g]) {
                            for x in self.materials(g, m) {
                                needed[self.at(j, x)] = true;
                            }
                        }
                    }
                }
            }
            if needed == before {
                return needed;
            }
        }
    }
}
