//! Reconciliation: yields and uses are moved within their ranges, by least squares, until every oxide closes.

use super::{
    facts::{Adjustment, BuildError, Facts},
    quantities::{Quantities, RecipeSpread, Rules, pull_and_meet},
};
use crate::domain::{
    graph::{Form, Graph, Stage},
    ids::CommodityId,
};
use std::collections::BTreeMap;

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
pub(super) fn reconcile(
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
