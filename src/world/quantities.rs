//! The physical side of the settled start: who mines, separates, makes and uses how much, so that every commodity closes.
//!
//! Magnets and metals are pulled up from use, concentrates are pushed down from the mines; oxides meet in the middle, where the
//! reconciliation moves yields and uses within their ranges. Everything lies on the growth path: part of output goes into growing stocks.

use super::{
    facts::{Adjustment, BuildError, Facts},
    reconcile::reconcile,
};
use crate::domain::{
    graph::{Form, Graph, Stage},
    ids::{CommodityId, StateId},
};
use std::collections::BTreeMap;

/// Half-width of the range of each recipe amount, relative: (process, mode, commodity).
pub type RecipeSpread = BTreeMap<(usize, usize, CommodityId), f64>;

/// Quantities of the start, t per quarter.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantities {
    /// Output of each commodity, states x commodities (scrap: arising and collected).
    pub made: Vec<f64>,
    /// Drawn by plants, states x commodities.
    pub drawn: Vec<f64>,
    /// Used by end users, states x commodities.
    pub used: Vec<f64>,
    /// Put into growing stocks (less what is drawn down), states x commodities.
    pub stocked: Vec<f64>,
    /// Stock wanted at the end of the first quarter, states x commodities, t.
    pub stock: Vec<f64>,
    /// Activity of each group's modes: group by group, t per quarter.
    pub activity: Vec<Vec<f64>>,
    /// Share of each by-product that is separated, by commodity.
    pub separated: Vec<f64>,
    /// Factor on each end use, in the order of the facts.
    pub use_factor: Vec<f64>,
}

/// How the builder may move things.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// Largest gap that is booked as a stock change, share of supply.
    pub stock_change: f64,
    /// Share of the first mode where several make the same good; the others share the rest equally.
    pub first_mode_share: f64,
}

/// Solves the quantities. Recipes in `graph` are moved within their ranges, and every move is reported.
///
/// # Errors
/// If a commodity is used where no plant makes it, or an element does not close within the ranges.
pub fn solve(
    graph: &mut Graph,
    facts: &Facts,
    spread: &RecipeSpread,
    rules: Rules,
    state_names: &[String],
    moved: &mut Vec<Adjustment>,
) -> Result<Quantities, BuildError> {
    let (n, c) = (facts.states, facts.commodities);
    let mut q = Quantities {
        made: vec![0.0; n * c],
        drawn: vec![0.0; n * c],
        used: vec![0.0; n * c],
        stocked: vec![0.0; n * c],
        stock: vec![0.0; n * c],
        activity: facts
            .groups
            .iter()
            .map(|g| vec![0.0; graph.processes[g.process.index()].modes.len()])
            .collect(),
        separated: vec![1.0; c],
        use_factor: vec![1.0; facts.uses.len()],
    };
    for one in &facts.uses {
        q.used[one.state.index() * c + one.commodity.index()] += one.tonnes;
    }
    push_concentrates(graph, facts, &mut q, state_names)?;
    reconcile(graph, facts, spread, rules, &mut q, moved, state_names)?;
    Ok(q)
}

/// Mines to separation: concentrates go where trade on record takes them, to plants that can take the feed.
fn push_concentrates(
    graph: &Graph,
    facts: &Facts,
    q: &mut Quantities,
    state_names: &[String],
) -> Result<(), BuildError> {
    let (n, c) = (facts.states, facts.commodities);
    for (g, group) in facts.groups.iter().enumerate() {
        let process = &graph.processes[group.process.index()];
        if process.stage == Stage::Mine {
            let ore = process.modes[0].outputs[0].commodity;
            let tonnes = facts.mined[group.host.index() * c + ore.index()];
            let at = group.host.index() * c + ore.index();
            q.activity[g][0] = tonnes;
            q.made[at] += tonnes;
        }
    }
    for ore in (0..c).filter(|&k| graph.commodities[k].form == Form::Concentrate) {
        let growth = facts.growth[ore] / (1.0 + facts.growth[ore]);
        // Plants that take this feed, by state.
        let takers = |state: usize| -> Vec<(usize, usize, f64)> {
            facts
                .groups
                .iter()
                .enumerate()
                .filter(|(_, group)| group.host.index() == state)
                .flat_map(|(g, group)| {
                    let process = &graph.processes[group.process.index()];
                    // Plants made for few feeds take them first.
                    let capacity = group.plants.iter().map(|p| p.nameplate).sum::<f64>()
                        / (process.modes.len() * process.modes.len()) as f64;
                    process
                        .modes
                        .iter()
                        .enumerate()
                        .filter(move |(_, mode)| {
                            process.stage == Stage::Separation
                                && mode.inputs.iter().any(|t| t.commodity.index() == ore)
                        })
                        .map(move |(m, _)| (g, m, capacity))
                })
                .filter(|taker| taker.2 > 0.0)
                .collect()
        };
        for miner in 0..n {
            let mined = facts.mined[miner * c + ore];
            if mined <= 0.0 {
                continue;
            }
            let cover = graph.commodities[ore].cover_inside;
            q.stock[miner * c + ore] += cover * mined;
            q.stocked[miner * c + ore] += growth * cover * mined;
            let trade = &facts.trade[&Form::Concentrate];
            let exported: f64 = (0..n).map(|j| trade[miner * n + j]).sum();
            let mined_all: f64 = (0..c).map(|k| facts.mined[miner * c + k]).sum::<f64>() * 4.0;
            let mut weights: Vec<f64> = (0..n)
                .map(|j| {
                    if takers(j).is_empty() {
                        0.0
                    } else if j == miner {
                        (mined_all - exported).max(0.0)
                    } else {
                        trade[miner * n + j]
                    }
                })
                .collect();
            if weights.iter().sum::<f64>() <= 0.0 {
                // No record: all to the anchor, if it can take the feed.
                weights[facts.anchor.index()] =
                    f64::from(u8::from(!takers(facts.anchor.index()).is_empty()));
            }
            let total: f64 = weights.iter().sum();
            if total <= 0.0 {
                return Err(BuildError::NoCounterpart {
                    commodity: graph.commodities[ore].name.clone(),
                    what: "mined",
                    state: state_names[miner].clone(),
                    reason: "no separation plant in any state takes it".to_owned(),
                });
            }
            let shipped = mined - growth * cover * mined;
            for (j, weight) in weights.iter().enumerate() {
                let arrived = shipped * weight / total;
                q.drawn[j * c + ore] += arrived;
            }
        }
        for state in 0..n {
            let at = state * c + ore;
            let drawn_down: f64 = facts
                .stock_draw
                .iter()
                .filter(|d| d.state.index() == state && d.commodity.index() == ore)
                .map(|d| d.tonnes)
                .sum();
            let arrived = q.drawn[at];
            if arrived <= 0.0 && drawn_down <= 0.0 {
                continue;
            }
            let takers = takers(state);
            let capacity: f64 = takers.iter().map(|t| t.2).sum();
            let importing = arrived > q.made[at];
            let cover = graph.commodities[ore].cover_outside;
            let stock = if importing { cover * arrived } else { 0.0 };
            q.stock[at] += stock;
            q.stocked[at] += growth * stock - drawn_down;
            let processed = arrived - growth * stock + drawn_down;
            q.drawn[at] = processed;
            for (g, m, cap) in takers {
                q.activity[g][m] += processed * cap / capacity;
            }
        }
    }
    Ok(())
}

/// Pulls magnets and metals up from use, given the recipes as they stand, and books what separation and recycling give.
pub(super) fn pull_and_meet(
    graph: &mut Graph,
    facts: &Facts,
    rules: Rules,
    q: &mut Quantities,
    state_names: &[String],
) -> Result<(), BuildError> {
    let (n, c) = (facts.states, facts.commodities);
    // Concentrates stand; everything after them is computed anew.
    for k in 0..c {
        if graph.commodities[k].form != Form::Concentrate {
            for s in 0..n {
                for column in [&mut q.made, &mut q.drawn, &mut q.stocked, &mut q.stock] {
                    column[s * c + k] = 0.0;
                }
            }
        }
    }
    for k in 0..c {
        for s in 0..n {
            q.used[s * c + k] = 0.0;
        }
    }
    for (one, factor) in facts.uses.iter().zip(&q.use_factor) {
        q.used[one.state.index() * c + one.commodity.index()] += one.tonnes * factor;
    }
    for form in [Form::Magnet, Form::Metal] {
        let goods: Vec<usize> = (0..c)
            .filter(|&k| graph.commodities[k].form == form)
            .collect();
        let shares = output_shares(graph, facts, q, &goods, form)?;
        for (&k, share) in goods.iter().zip(&shares) {
            let (inside, outside) = (
                graph.commodities[k].cover_inside,
                graph.commodities[k].cover_outside,
            );
            let need: f64 = (0..n).map(|s| q.used[s * c + k] + q.drawn[s * c + k]).sum();
            if need <= 0.0 {
                continue;
            }
            let growth = facts.growth[k] / (1.0 + facts.growth[k]);
            for s in 0..n {
                let own = q.used[s * c + k] + q.drawn[s * c + k];
                let made = need * share[s];
                q.stock[s * c + k] = if made > own {
                    inside * made
                } else {
                    outside * own
                };
                q.stocked[s * c + k] = growth * q.stock[s * c + k];
            }
            let total = need + (0..n).map(|s| q.stocked[s * c + k]).sum::<f64>();
            for s in 0..n {
                make(
                    graph,
                    facts,
                    rules,
                    q,
                    StateId::from_index(s),
                    k,
                    total * share[s],
                    state_names,
                )?;
            }
        }
    }
    content_of_scrap(graph, facts, q);
    separate_and_recycle(graph, facts, q);
    for k in (0..c).filter(|&k| graph.commodities[k].form == Form::Oxide) {
        let growth = facts.growth[k] / (1.0 + facts.growth[k]);
        for s in 0..n {
            let own = q.used[s * c + k] + q.drawn[s * c + k];
            let made = q.made[s * c + k];
            let commodity = &graph.commodities[k];
            q.stock[s * c + k] = if made > own {
                commodity.cover_inside * made
            } else {
                commodity.cover_outside * own
            };
            q.stocked[s * c + k] = growth * q.stock[s * c + k];
        }
    }
    Ok(())
}

/// Shares of states in the output of each good of a form: the stage's shares on record, split between goods by what the plants can make.
fn output_shares(
    graph: &Graph,
    facts: &Facts,
    q: &Quantities,
    goods: &[usize],
    form: Form,
) -> Result<Vec<Vec<f64>>, BuildError> {
    let (n, c) = (facts.states, facts.commodities);
    let capacity = |s: usize, k: usize| -> f64 {
        facts
            .groups
            .iter()
            .filter(|g| g.host.index() == s && makes(graph, g.process.index(), k))
            .map(|g| g.plants.iter().map(|p| p.nameplate).sum::<f64>())
            .sum()
    };
    let series = |k: usize| -> String {
        let name = &graph.commodities[k].name;
        match form {
            Form::Metal => "metal".to_owned(),
            _ => facts
                .shares
                .keys()
                .filter_map(|key| key.strip_prefix("magnet_").map(|tail| (key, tail)))
                .find(|(_, tail)| name.starts_with(tail))
                .map_or_else(|| "magnet".to_owned(), |(key, _)| key.clone()),
        }
    };
    let mut shares = vec![vec![0.0; n]; goods.len()];
    let mut by_series: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (i, &k) in goods.iter().enumerate() {
        by_series.entry(series(k)).or_default().push(i);
    }
    for (name, members) in by_series {
        let need: Vec<f64> = members
            .iter()
            .map(|&i| {
                (0..n)
                    .map(|s| q.used[s * c + goods[i]] + q.drawn[s * c + goods[i]])
                    .sum()
            })
            .collect();
        let total: f64 = need.iter().sum();
        let on_record = facts.shares.get(&name);
        let prior: Vec<f64> = (0..n)
            .flat_map(|s| members.iter().map(move |&i| (s, i)).collect::<Vec<_>>())
            .map(|(s, i)| capacity(s, goods[i]))
            .collect();
        let able: Vec<f64> = (0..n)
            .map(|s| {
                prior[s * members.len()..(s + 1) * members.len()]
                    .iter()
                    .sum()
            })
            .collect();
        let mut rows: Vec<f64> = (0..n)
            .map(|s| {
                if able[s] > 0.0 {
                    on_record.map_or(able[s], |r| r[s])
                } else {
                    0.0
                }
            })
            .collect();
        let sum: f64 = rows.iter().sum();
        if sum <= 0.0 {
            return Err(BuildError::MissingRow {
                table: "stage_output",
                key: name,
                hint: "no state with a plant has a share of its output".to_owned(),
            });
        }
        for row in &mut rows {
            *row *= total / sum;
        }
        let fitted = super::flows::proportional_fit(&prior, &rows, &need);
        for (m, &i) in members.iter().enumerate() {
            for s in 0..n {
                shares[i][s] = if need[m] > 0.0 {
                    fitted[s * members.len() + m] / need[m]
                } else {
                    0.0
                };
            }
        }
    }
    Ok(shares)
}

fn makes(graph: &Graph, process: usize, commodity: usize) -> bool {
    graph.processes[process].modes.iter().any(|mode| {
        mode.outputs
            .iter()
            .any(|t| t.commodity.index() == commodity)
    })
}

/// Books `tonnes` of a good made in a state: activity of the plants that make it, what they draw, and the scrap that arises.
#[expect(
    clippy::too_many_arguments,
    reason = "one booking step of the builder; a struct would only rename the arguments"
)]
fn make(
    graph: &Graph,
    facts: &Facts,
    rules: Rules,
    q: &mut Quantities,
    state: StateId,
    commodity: usize,
    tonnes: f64,
    state_names: &[String],
) -> Result<(), BuildError> {
    if tonnes <= 0.0 {
        return Ok(());
    }
    let c = facts.commodities;
    let makers: Vec<usize> = (0..facts.groups.len())
        .filter(|&g| {
            facts.groups[g].host == state
                && makes(graph, facts.groups[g].process.index(), commodity)
        })
        .collect();
    let capacity: f64 = makers
        .iter()
        .map(|&g| {
            facts.groups[g]
                .plants
                .iter()
                .map(|p| p.nameplate)
                .sum::<f64>()
        })
        .sum();
    if capacity <= 0.0 {
        return Err(BuildError::NoCounterpart {
            commodity: graph.commodities[commodity].name.clone(),
            what: "made",
            state: state_names[state.index()].clone(),
            reason: "no plant there makes it".to_owned(),
        });
    }
    for g in makers {
        let group = &facts.groups[g];
        let share = group.plants.iter().map(|p| p.nameplate).sum::<f64>() / capacity;
        let process = &graph.processes[group.process.index()];
        let modes: Vec<usize> = (0..process.modes.len())
            .filter(|&m| {
                process.modes[m]
                    .outputs
                    .iter()
                    .any(|t| t.commodity.index() == commodity)
            })
            .collect();
        for (position, &m) in modes.iter().enumerate() {
            let mode_share = match (modes.len(), position) {
                (1, _) => 1.0,
                (_, 0) => rules.first_mode_share,
                (count, _) => (1.0 - rules.first_mode_share) / (count - 1) as f64,
            };
            let mode = &process.modes[m];
            let per_t = mode
                .outputs
                .iter()
                .find(|t| t.commodity.index() == commodity)
                .map_or(1.0, |t| t.t_per_t);
            let activity = tonnes * share * mode_share / per_t;
            q.activity[g][m] = activity;
            q.made[state.index() * c + commodity] += activity * per_t;
            for input in &mode.inputs {
                q.drawn[state.index() * c + input.commodity.index()] += activity * input.t_per_t;
            }
            if let Some(scrap) = mode.scrap {
                q.made[state.index() * c + scrap.commodity.index()] += activity * scrap.t_per_t;
            }
        }
    }
    Ok(())
}

/// Scrap holds what the magnets of the day are made of: its content follows the recipes in use, and so does what recyclers recover.
fn content_of_scrap(graph: &mut Graph, facts: &Facts, q: &Quantities) {
    let elements = graph.elements.len();
    let scraps: Vec<usize> = (0..facts.commodities)
        .filter(|&k| graph.commodities[k].form == Form::Scrap)
        .collect();
    for k in scraps {
        let mut content = vec![0.0; elements];
        for (g, group) in facts.groups.iter().enumerate() {
            for (m, mode) in graph.processes[group.process.index()]
                .modes
                .iter()
                .enumerate()
            {
                let Some(scrap) = mode.scrap.filter(|t| t.commodity.index() == k) else {
                    continue;
                };
                let input: f64 = mode
                    .inputs
                    .iter()
                    .map(|t| t.t_per_t * graph.commodities[t.commodity.index()].reo_per_t())
                    .sum();
                for t in &mode.inputs {
                    for (e, share) in graph.commodities[t.commodity.index()]
                        .composition
                        .iter()
                        .enumerate()
                    {
                        content[e] += q.activity[g][m] * scrap.t_per_t * t.t_per_t * share / input;
                    }
                }
            }
        }
        let total: f64 = content.iter().sum();
        if total <= 0.0 {
            continue;
        }
        graph.commodities[k].composition = content.iter().map(|t| t / total).collect();
        let composition = graph.commodities[k].composition.clone();
        let of: Vec<Option<usize>> = graph
            .commodities
            .iter()
            .map(|c| c.composition.iter().position(|&x| x > 0.999))
            .collect();
        for process in graph
            .processes
            .iter_mut()
            .filter(|p| p.stage == Stage::Recycling)
        {
            for mode in process
                .modes
                .iter_mut()
                .filter(|m| m.inputs.iter().any(|t| t.commodity.index() == k))
            {
                let recovered = |k: CommodityId| {
                    of[k.index()].map_or(0.0, |e| {
                        composition[e] * facts.recovery.get(&k).copied().unwrap_or(0.0)
                    })
                };
                for t in &mut mode.outputs {
                    t.t_per_t = recovered(t.commodity);
                }
                for b in &mut mode.by_products {
                    b.t_per_t = recovered(b.commodity);
                }
            }
        }
    }
}

/// Oxides from separation, at the present separated shares of by-products, and from scrap.
fn separate_and_recycle(graph: &Graph, facts: &Facts, q: &mut Quantities) {
    let (n, c) = (facts.states, facts.commodities);
    for (g, group) in facts.groups.iter().enumerate() {
        let process = &graph.processes[group.process.index()];
        if process.stage != Stage::Separation {
            continue;
        }
        for (m, mode) in process.modes.iter().enumerate() {
            let activity = q.activity[g][m];
            for t in &mode.outputs {
                q.made[group.host.index() * c + t.commodity.index()] += activity * t.t_per_t;
            }
            for b in &mode.by_products {
                q.made[group.host.index() * c + b.commodity.index()] +=
                    activity * b.t_per_t * q.separated[b.commodity.index()];
            }
        }
    }
    for k in (0..c).filter(|&k| graph.commodities[k].form == Form::Scrap) {
        let growth = facts.growth[k] / (1.0 + facts.growth[k]);
        let recyclers: Vec<usize> = (0..facts.groups.len())
            .filter(|&g| {
                graph.processes[facts.groups[g].process.index()]
                    .modes
                    .iter()
                    .any(|m| m.inputs.iter().any(|t| t.commodity.index() == k))
            })
            .filter(|&g| facts.groups[g].plants.iter().any(|p| p.nameplate > 0.0))
            .collect();
        let hosts: Vec<usize> = recyclers
            .iter()
            .map(|&g| facts.groups[g].host.index())
            .collect();
        let commodity = &graph.commodities[k];
        let mut pool = 0.0;
        let mut at_home = vec![0.0; n];
        for s in 0..n {
            let arising = q.made[s * c + k] + facts.collected[s];
            q.made[s * c + k] = arising;
            let stock = commodity.cover_inside * arising;
            q.stock[s * c + k] = stock;
            q.stocked[s * c + k] = growth * stock;
            let left = arising - growth * stock;
            if hosts.contains(&s) {
                at_home[s] = left
            } else {
                pool += left
            }
        }
        // What arises where nobody recycles goes to the recyclers by their size.
        let total: f64 = recyclers
            .iter()
            .map(|&g| {
                facts.groups[g]
                    .plants
                    .iter()
                    .map(|p| p.nameplate)
                    .sum::<f64>()
            })
            .sum();
        for &g in &recyclers {
            let group = &facts.groups[g];
            let s = group.host.index();
            let capacity: f64 = group.plants.iter().map(|p| p.nameplate).sum();
            let activity = at_home[s] + pool * capacity / total.max(f64::MIN_POSITIVE);
            let process = &graph.processes[group.process.index()];
            q.activity[g][0] = activity;
            q.drawn[s * c + k] += activity;
            for t in &process.modes[0].outputs {
                q.made[s * c + t.commodity.index()] += activity * t.t_per_t;
            }
            for b in &process.modes[0].by_products {
                q.made[s * c + b.commodity.index()] +=
                    activity * b.t_per_t * q.separated[b.commodity.index()];
            }
        }
    }
}
