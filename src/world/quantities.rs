//! The physical side of the settled start: who mines, separates, makes and uses how much, so that every commodity closes.
//!
//! Magnets and metals are pulled up from use, concentrates are pushed down from the mines; oxides meet in the middle, where the
//! reconciliation moves yields and uses within their ranges. Everything lies on the growth path: part of output goes into growing stocks.

use super::facts::{Adjustment, BuildError, Facts};
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
fn pull_and_meet(
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

/// Supply and demand of an oxide over all states: (outputs and recycled, by-product potential, demand with stock growth).
fn balance(graph: &Graph, facts: &Facts, q: &Quantities, k: usize) -> (f64, f64, f64) {
    let (n, c) = (facts.states, facts.commodities);
    let mut potential = 0.0;
    for (g, group) in facts.groups.iter().enumerate() {
        for (m, mode) in graph.processes[group.process.index()]
            .modes
            .iter()
            .enumerate()
        {
            for b in mode.by_products.iter().filter(|b| b.commodity.index() == k) {
                potential += q.activity[g][m] * b.t_per_t;
            }
        }
    }
    let made: f64 = (0..n).map(|s| q.made[s * c + k]).sum();
    let demand: f64 = (0..n)
        .map(|s| q.used[s * c + k] + q.drawn[s * c + k] + q.stocked[s * c + k])
        .sum();
    (made - potential * q.separated[k], potential, demand)
}

/// Moves yields and uses within their ranges until every oxide closes; what is left is a stock change, at most `rules.stock_change` of supply.
///
/// Weighted least squares per element: each parameter moves in proportion to its variance times its leverage, is clipped to its range, and
/// the rest is moved again. By-products close through the share that is separated.
fn reconcile(
    graph: &mut Graph,
    facts: &Facts,
    spread: &RecipeSpread,
    rules: Rules,
    q: &mut Quantities,
    moved: &mut Vec<Adjustment>,
    state_names: &[String],
) -> Result<(), BuildError> {
    let c = facts.commodities;
    let before = graph.clone();
    let oxides: Vec<usize> = (0..c)
        .filter(|&k| graph.commodities[k].form == Form::Oxide)
        .collect();
    for _ in 0..40 {
        pull_and_meet(graph, facts, rules, q, state_names)?;
        let mut worst = 0.0f64;
        for &k in &oxides {
            let (firm, potential, demand) = balance(graph, facts, q, k);
            let missing = demand - firm;
            let share = if potential > 0.0 {
                (missing / potential).clamp(0.02, 0.98)
            } else {
                0.0
            };
            q.separated[k] = share;
            let gap = firm + potential * share - demand;
            worst = worst.max(gap.abs() / demand.max(1e-9));
            if gap.abs() > 1e-10 * demand {
                spread_gap(graph, &before, facts, spread, q, k, gap);
            }
        }
        if worst < 1e-9 {
            break;
        }
    }
    pull_and_meet(graph, facts, rules, q, state_names)?;
    for &k in &oxides {
        let (firm, potential, demand) = balance(graph, facts, q, k);
        let supply = firm + potential * q.separated[k];
        let gap = supply - demand;
        if supply > 0.0 && gap.abs() > rules.stock_change * supply {
            return Err(BuildError::DoesNotClose {
                element: graph.commodities[k].name.clone(),
                supply: supply * 4.0,
                demand: demand * 4.0,
                gap_pct: gap / supply * 100.0,
            });
        }
        if gap.abs() > 1e-9 * demand.max(1e-9) {
            moved.push(Adjustment {
                what: format!(
                    "{}: change of stocks in the first quarter",
                    graph.commodities[k].name
                ),
                before: 0.0,
                after: gap,
                low: -rules.stock_change * supply,
                high: rules.stock_change * supply,
                unit: "t per quarter",
                reason: "what the ranges of yields and uses leave open",
            });
            // Booked where most of it is made.
            let n = facts.states;
            let holder = (0..n)
                .max_by(|&a, &b| q.made[a * c + k].total_cmp(&q.made[b * c + k]))
                .unwrap_or(0);
            q.stocked[holder * c + k] += gap;
        }
    }
    widen_baskets(graph);
    report_moves(graph, &before, facts, spread, q, moved);
    Ok(())
}

/// Spreads the gap of one oxide over the parameters that touch it.
fn spread_gap(
    graph: &mut Graph,
    before: &Graph,
    facts: &Facts,
    spread: &RecipeSpread,
    q: &mut Quantities,
    k: usize,
    gap: f64,
) {
    struct Lever {
        place: Place,
        tonnes: f64,
        spread: f64,
        sign: f64,
    }
    enum Place {
        Output(usize, usize),
        Input(usize, usize),
        Use(usize),
    }
    let id = CommodityId::from_index(k);
    let mut levers: Vec<Lever> = Vec::new();
    for (p, process) in graph.processes.iter().enumerate() {
        for (m, mode) in process.modes.iter().enumerate() {
            let activity: f64 = facts
                .groups
                .iter()
                .enumerate()
                .filter(|(_, g)| g.process.index() == p)
                .map(|(g, _)| q.activity[g][m])
                .sum();
            if activity <= 0.0 || process.stage == Stage::Recycling {
                continue;
            }
            let half = spread.get(&(p, m, id)).copied().unwrap_or(0.0);
            if let Some(t) = mode.outputs.iter().find(|t| t.commodity == id) {
                levers.push(Lever {
                    place: Place::Output(p, m),
                    tonnes: activity * t.t_per_t,
                    spread: half,
                    sign: 1.0,
                });
            }
            if let Some(t) = mode
                .inputs
                .iter()
                .find(|t| t.commodity == id)
                .filter(|_| process.stage == Stage::Magnet)
            {
                levers.push(Lever {
                    place: Place::Input(p, m),
                    tonnes: activity * t.t_per_t,
                    spread: half,
                    sign: -1.0,
                });
            }
            // Metals drawn by magnet makers lead back to the oxide of the same single element.
            if process.stage == Stage::Magnet {
                for t in mode
                    .inputs
                    .iter()
                    .filter(|t| graph.commodities[t.commodity.index()].form == Form::Metal)
                {
                    if graph.commodities[t.commodity.index()].composition
                        == graph.commodities[k].composition
                    {
                        let half = spread.get(&(p, m, t.commodity)).copied().unwrap_or(0.0);
                        levers.push(Lever {
                            place: Place::Input(p, m),
                            tonnes: activity * t.t_per_t,
                            spread: half,
                            sign: -1.0,
                        });
                    }
                }
            }
        }
    }
    for (u, one) in facts
        .uses
        .iter()
        .enumerate()
        .filter(|(_, one)| one.commodity == id)
    {
        levers.push(Lever {
            place: Place::Use(u),
            tonnes: one.tonnes,
            spread: one.spread,
            sign: -1.0,
        });
    }
    let strength: f64 = levers
        .iter()
        .map(|l| (l.tonnes * l.spread) * (l.tonnes * l.spread))
        .sum();
    if strength <= 0.0 {
        return;
    }
    for lever in levers {
        // Least squares: change_i = -gap * leverage_i * variance_i / sum(leverage^2 * variance).
        let change = -gap * lever.sign * lever.tonnes * (lever.spread * lever.spread) / strength;
        let bound = |now: f64, origin: f64| {
            (now * (1.0 + change))
                .clamp(origin * (1.0 - lever.spread), origin * (1.0 + lever.spread))
        };
        match lever.place {
            Place::Use(u) => q.use_factor[u] = bound(q.use_factor[u], 1.0),
            Place::Output(p, m) => {
                let origin = before.processes[p].modes[m]
                    .outputs
                    .iter()
                    .find(|t| t.commodity == id)
                    .map_or(0.0, |t| t.t_per_t);
                if let Some(t) = graph.processes[p].modes[m]
                    .outputs
                    .iter_mut()
                    .find(|t| t.commodity == id)
                {
                    t.t_per_t = bound(t.t_per_t, origin);
                }
            }
            Place::Input(p, m) => {
                let composition = graph.commodities[k].composition.clone();
                for i in 0..graph.processes[p].modes[m].inputs.len() {
                    let commodity = graph.processes[p].modes[m].inputs[i].commodity;
                    if commodity == id
                        || (graph.commodities[commodity.index()].form == Form::Metal
                            && graph.commodities[commodity.index()].composition == composition)
                    {
                        let origin = before.processes[p].modes[m].inputs[i].t_per_t;
                        let t = &mut graph.processes[p].modes[m].inputs[i];
                        t.t_per_t = bound(t.t_per_t, origin);
                    }
                }
            }
        }
    }
}

/// A yield cannot exceed what the feed contains: where reconciliation raised it beyond 98%, the basket is raised too, and its largest
/// element gives way so that it still sums to one.
fn widen_baskets(graph: &mut Graph) {
    for p in 0..graph.processes.len() {
        if graph.processes[p].stage != Stage::Separation {
            continue;
        }
        for m in 0..graph.processes[p].modes.len() {
            let mode = graph.processes[p].modes[m].clone();
            let feed = mode.inputs[0].commodity.index();
            let outputs = mode
                .outputs
                .iter()
                .map(|t| (t.commodity, t.t_per_t))
                .chain(mode.by_products.iter().map(|b| (b.commodity, b.t_per_t)));
            for (commodity, t_per_t) in outputs {
                let Some(e) = graph.commodities[commodity.index()]
                    .composition
                    .iter()
                    .position(|&x| x > 0.0)
                else {
                    continue;
                };
                let needed = t_per_t / 0.98;
                let basket = &mut graph.commodities[feed].composition;
                if basket[e] < needed {
                    let missing = needed - basket[e];
                    basket[e] = needed;
                    let largest = (0..basket.len())
                        .max_by(|&a, &b| basket[a].total_cmp(&basket[b]))
                        .unwrap_or(0);
                    basket[largest] -= missing;
                }
            }
        }
    }
}

/// Lists every recipe amount and use that ended elsewhere than in its table.
fn report_moves(
    graph: &Graph,
    before: &Graph,
    facts: &Facts,
    spread: &RecipeSpread,
    q: &Quantities,
    moved: &mut Vec<Adjustment>,
) {
    for (p, process) in graph
        .processes
        .iter()
        .enumerate()
        .filter(|(_, p)| p.stage != Stage::Recycling)
    {
        for (m, mode) in process.modes.iter().enumerate() {
            let old = &before.processes[p].modes[m];
            let pairs = mode
                .outputs
                .iter()
                .zip(&old.outputs)
                .chain(mode.inputs.iter().zip(&old.inputs));
            for (new, old) in
                pairs.filter(|(new, old)| (new.t_per_t - old.t_per_t).abs() > 1e-6 * old.t_per_t)
            {
                let half = spread.get(&(p, m, new.commodity)).copied().unwrap_or(0.0);
                moved.push(Adjustment {
                    what: format!(
                        "{} {}: {}",
                        process.name,
                        mode.name,
                        graph.commodities[new.commodity.index()].name
                    ),
                    before: old.t_per_t,
                    after: new.t_per_t,
                    low: old.t_per_t * (1.0 - half),
                    high: old.t_per_t * (1.0 + half),
                    unit: "t per t",
                    reason: "so that supply and use of the element close",
                });
            }
        }
    }
    let mut by_commodity: BTreeMap<usize, (f64, f64, f64)> = BTreeMap::new();
    for (one, factor) in facts.uses.iter().zip(&q.use_factor) {
        let entry = by_commodity.entry(one.commodity.index()).or_default();
        entry.0 += one.tonnes * 4.0;
        entry.1 += one.tonnes * factor * 4.0;
        entry.2 += one.tonnes * one.spread * 4.0;
    }
    for (k, (old, new, half)) in by_commodity {
        if (new - old).abs() > 1e-6 * old {
            moved.push(Adjustment {
                what: format!("end use of {}", graph.commodities[k].name),
                before: old,
                after: new,
                low: old - half,
                high: old + half,
                unit: "t per year",
                reason: "so that supply and use of the element close",
            });
        }
    }
}
