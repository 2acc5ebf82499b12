//! The settled start: quantities, flows, prices, relationship capital and costs that fit one observed quarter on its growth path.

use super::{
    facts::{Adjustment, BuildError, Facts},
    flows::sparse_fit,
    plants::{GroupCost, GroupStart, invert},
    prices::{Crossing, by_product_cost, concentrate_netback, spread_price},
    quantities::{Quantities, RecipeSpread, Rules, solve},
};
use crate::domain::graph::{Form, Graph, Stage};

/// Parameters of the builder.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SettleRules {
    /// Rules of the reconciliation.
    pub quantities: Rules,
    /// Widest spread of log profitability over which plants open.
    pub widest_spread: f64,
    /// Spread as a share of value added over revenue.
    pub spread_share: f64,
    /// Factor by which nameplates may be exceeded.
    pub stretch: f64,
    /// Lanes below this share of the buyer's intake are left out.
    pub trickle: f64,
    /// Share of a state's supply that stays at home before trade on record is looked at, relative to what could.
    pub home_weight: f64,
}

/// A settled start, before it is turned into a market.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    /// Quantities.
    pub q: Quantities,
    /// Flows per commodity, states x states, home on the diagonal, t per quarter.
    pub flow: Vec<Vec<f64>>,
    /// Prices, states x commodities, USD per kg; `None` where nobody deals.
    pub price: Vec<Option<f64>>,
    /// Spread per group.
    pub spread: Vec<f64>,
    /// Cost per group.
    pub cost: Vec<GroupCost>,
    /// Conversion cost per group and mode, USD per kg of activity.
    pub opex: Vec<Vec<f64>>,
    /// Modes that each group can run.
    pub at_hand: Vec<Vec<bool>>,
    /// Everything that was moved.
    pub moved: Vec<Adjustment>,
}

/// Settles the start.
///
/// # Errors
/// If the tables cannot be made to close, or leave nothing for a plant's conversion.
pub fn settle(
    graph: &mut Graph,
    facts: &mut Facts,
    recipe_spread: &RecipeSpread,
    rules: SettleRules,
    state_names: &[String],
    crossing: &dyn Fn(usize, usize, usize) -> Crossing,
) -> Result<Settled, BuildError> {
    let (n, c) = (facts.states, facts.commodities);
    let mut moved = Vec::new();
    let mut q = solve(
        graph,
        facts,
        recipe_spread,
        rules.quantities,
        state_names,
        &mut moved,
    )?;
    leave_out_idle(graph, facts, &mut q, state_names, &mut moved);
    let facts = &*facts;
    let flow: Vec<Vec<f64>> = (0..c)
        .map(|k| flows_of(graph, facts, &q, rules, k))
        .collect();
    let at_hand = modes_at_hand(graph, facts, &q);
    let deals = |s: usize, k: usize| {
        let at = s * c + k;
        q.made[at] + q.drawn[at] + q.used[at] > 0.0 || group_touches(graph, facts, &at_hand, s, k)
    };
    let mut price: Vec<Option<f64>> = vec![None; n * c];
    let carry = |k: usize, known: &[Option<f64>], price: &mut Vec<Option<f64>>| {
        let deals: Vec<bool> = (0..n).map(|s| deals(s, k)).collect();
        for (s, p) in spread_price(known, &flow[k], &deals, |i, j| crossing(k, i, j))
            .into_iter()
            .enumerate()
        {
            price[s * c + k] = p;
        }
    };
    for k in 0..c {
        if !fed(graph, k) {
            let anchor = facts.price[k].ok_or_else(|| BuildError::MissingRow {
                table: "prices",
                key: graph.commodities[k].name.clone(),
                hint: "every oxide, metal and magnet needs a price in the start year".to_owned(),
            })?;
            let mut known = vec![None; n];
            known[facts.anchor.index()] = Some(anchor);
            carry(k, &known, &mut price);
        }
    }
    // A maker elsewhere whose carried price would not pay for its own materials sells dearer than that: its price covers its cost.
    for k in (0..c).filter(|&k| matches!(graph.commodities[k].form, Form::Metal | Form::Magnet)) {
        let mut known = vec![None; n];
        known[facts.anchor.index()] = facts.price[k];
        let mut dearer = false;
        for s in (0..n).filter(|&s| s != facts.anchor.index()) {
            if let Some(least) = least_price(graph, facts, &q, &price, s, k)
                && price[s * c + k].is_some_and(|p| p < least)
            {
                known[s] = Some(least);
                dearer = true;
            }
        }
        if dearer {
            carry(k, &known, &mut price);
        }
    }
    let (mut spread, mut margin) = (Vec::new(), Vec::new());
    for (g, group) in facts.groups.iter().enumerate() {
        let (revenue, _) = money(graph, facts, &q, &price, g);
        let width = (rules.spread_share * group.opex[0] / revenue.max(group.opex[0]))
            .clamp(0.01, rules.widest_spread);
        spread.push(width);
        margin.push(
            start_of(facts, &q, graph, g, width, revenue, 0.0, rules).map_or(0.0, |s| {
                let free = GroupStart {
                    opex: [s.opex[0], -1e9, 1e9],
                    ..s.borrow()
                };
                invert(&free).margin
            }),
        );
    }
    for k in (0..c).filter(|&k| fed(graph, k)) {
        let mut known = vec![None; n];
        if let Some((state, netback)) =
            concentrate_netback(graph, facts, &q, &price, &margin, k, None)
        {
            known[state.index()] = Some(netback);
        } else if let Some(p) = facts.price[k] {
            known[facts.anchor.index()] = Some(p);
        }
        // Scrap hardly crosses borders: each recycler's market is its own.
        if graph.commodities[k].form == Form::Scrap {
            for (g, group) in facts.groups.iter().enumerate() {
                let recycles = graph.processes[group.process.index()].stage == Stage::Recycling
                    && q.activity[g].iter().sum::<f64>() > 0.0;
                if recycles
                    && let Some((state, netback)) =
                        concentrate_netback(graph, facts, &q, &price, &margin, k, Some(group.host))
                {
                    known[state.index()] = Some(netback);
                }
            }
        }
        carry(k, &known, &mut price);
    }
    let (mut cost, mut opex) = (Vec::new(), Vec::new());
    for (g, group) in facts.groups.iter().enumerate() {
        let process = &graph.processes[group.process.index()];
        let (revenue, inputs) = money(graph, facts, &q, &price, g);
        let start = start_of(facts, &q, graph, g, spread[g], revenue, inputs, rules);
        let one = match &start {
            Some(s) => invert(&s.borrow()),
            None => GroupCost {
                margin: 0.0,
                opex: group.opex[0],
                capacity_factor: 1.0,
                in_range: true,
            },
        };
        let activity: f64 = q.activity[g].iter().sum();
        if (one.capacity_factor - 1.0).abs() > 1e-6 {
            let nameplate: f64 = group.plants.iter().map(|p| p.nameplate).sum::<f64>() * 4.0;
            moved.push(Adjustment {
                what: format!(
                    "practical capacity of {} in {}",
                    process.name,
                    state_names[group.host.index()]
                ),
                before: nameplate,
                after: nameplate * one.capacity_factor,
                low: 0.0,
                high: nameplate * rules.stretch,
                unit: "t per year",
                reason: "so that observed output, prices and the conversion cost on record agree",
            });
        }
        let modes: Vec<f64> = (0..process.modes.len())
            .map(|m| {
                if activity > 0.0 && q.activity[g][m] > 0.0 {
                    let (revenue, inputs) = money_of_mode(graph, facts, &q, &price, g, m);
                    revenue * libm::exp(-one.margin) - inputs
                } else {
                    group.opex[0]
                }
            })
            .collect();
        for (m, &left) in modes.iter().enumerate() {
            // A conversion cost of next to nothing is a contradiction between tables, not a plant.
            if left <= 0.0 {
                return Err(BuildError::NegativeOpex {
                    process: format!("{} ({})", process.name, process.modes[m].name),
                    state: state_names[group.host.index()].clone(),
                    opex: left,
                });
            }
        }
        opex.push(modes);
        cost.push(one);
    }
    Ok(Settled {
        q,
        flow,
        price,
        spread,
        cost,
        opex,
        at_hand,
        moved,
    })
}

/// Plants that stand but have nothing to work on in the start year, and nothing announced, are left out: no table says what feeds them.
fn leave_out_idle(
    graph: &Graph,
    facts: &mut Facts,
    q: &mut Quantities,
    state_names: &[String],
    moved: &mut Vec<Adjustment>,
) {
    let keep: Vec<bool> = facts
        .groups
        .iter()
        .zip(&q.activity)
        .map(|(group, activity)| {
            activity.iter().sum::<f64>() > 0.0 || group.plants.iter().any(|p| p.nameplate <= 0.0)
        })
        .collect();
    for (group, keep) in facts.groups.iter().zip(&keep) {
        let nameplate: f64 = group.plants.iter().map(|p| p.nameplate).sum::<f64>() * 4.0;
        if !keep {
            moved.push(Adjustment {
                what: format!(
                    "plants of {} in {}",
                    graph.processes[group.process.index()].name,
                    state_names[group.host.index()]
                ),
                before: nameplate,
                after: 0.0,
                low: 0.0,
                high: nameplate,
                unit: "t per year",
                reason: "left out: the tables give them nothing to work on",
            });
        }
    }
    let mut kept = keep.iter();
    facts
        .groups
        .retain(|_| kept.next().copied().unwrap_or(true));
    let mut kept = keep.iter();
    q.activity.retain(|_| kept.next().copied().unwrap_or(true));
}

/// Price of a metal or magnet that covers its maker's materials and the lowest conversion cost on record; `None` where nobody makes it.
fn least_price(
    graph: &Graph,
    facts: &Facts,
    q: &Quantities,
    price: &[Option<f64>],
    state: usize,
    k: usize,
) -> Option<f64> {
    /// Log profitability of a maker that just goes on.
    const THIN: f64 = 0.02;
    let at = |k: usize| price[state * facts.commodities + k].unwrap_or(0.0);
    let mut least: Option<f64> = None;
    for (g, group) in facts
        .groups
        .iter()
        .enumerate()
        .filter(|(_, group)| group.host.index() == state)
    {
        for (m, mode) in graph.processes[group.process.index()]
            .modes
            .iter()
            .enumerate()
        {
            let Some(output) = mode
                .outputs
                .iter()
                .find(|t| t.commodity.index() == k && q.activity[g][m] > 0.0)
            else {
                continue;
            };
            let inputs: f64 = mode
                .inputs
                .iter()
                .map(|t| t.t_per_t * at(t.commodity.index()))
                .sum();
            let scrap = mode
                .scrap
                .map_or(0.0, |t| t.t_per_t * at(t.commodity.index()));
            let cost = ((inputs + group.opex[1]) * libm::exp(THIN) - scrap) / output.t_per_t;
            least = Some(least.map_or(cost, |l| l.max(cost)));
        }
    }
    least
}

/// Whether a commodity is a feed whose price is what its processors can pay.
fn fed(graph: &Graph, k: usize) -> bool {
    matches!(graph.commodities[k].form, Form::Concentrate | Form::Scrap)
}

/// Which modes each group can run in this world: those in use, and those whose feed is or will be mined where the plant stands; the
/// anchor's plants take every feed that anybody mines or will mine; plants not yet built take what others than the anchor export,
/// and the ore that their own firm will be the first to mine.
#[must_use]
pub fn modes_at_hand(graph: &Graph, facts: &Facts, q: &Quantities) -> Vec<Vec<bool>> {
    let mines = |state: Option<usize>, k: usize, built: bool| {
        facts.groups.iter().enumerate().any(|(g, group)| {
            let process = &graph.processes[group.process.index()];
            process.stage == Stage::Mine
                && state.is_none_or(|s| group.host.index() == s)
                && process.modes[0].outputs[0].commodity.index() == k
                && (!built || (q.activity[g][0] > 0.0 && group.host != facts.anchor))
        })
    };
    // An ore that nobody mines yet is separated by the firm that will mine it.
    let own_ore = |g: usize, k: usize| {
        !mines(None, k, true)
            && facts.groups.iter().any(|mine| {
                let process = &graph.processes[mine.process.index()];
                process.stage == Stage::Mine
                    && process.modes[0].outputs[0].commodity.index() == k
                    && mine.host != facts.anchor
                    && mine
                        .plants
                        .iter()
                        .any(|p| facts.groups[g].plants.iter().any(|own| own.firm == p.firm))
            })
    };
    facts
        .groups
        .iter()
        .enumerate()
        .map(|(g, group)| {
            let process = &graph.processes[group.process.index()];
            let idle = q.activity[g].iter().sum::<f64>() <= 0.0;
            // The two feeds of its kind that others than the anchor mine most.
            let mut elsewhere: Vec<usize> = process
                .modes
                .iter()
                .filter_map(|m| m.inputs.first())
                .map(|t| t.commodity.index())
                .filter(|&k| mines(None, k, true))
                .collect();
            let outside = |k: usize| -> f64 {
                (0..facts.states)
                    .filter(|&s| s != facts.anchor.index())
                    .map(|s| facts.mined[s * facts.commodities + k])
                    .sum()
            };
            elsewhere.sort_by(|&a, &b| outside(b).total_cmp(&outside(a)));
            elsewhere.truncate(2);
            (0..process.modes.len())
                .map(|m| {
                    let Some(feed) = process.modes[m]
                        .inputs
                        .first()
                        .map(|t| t.commodity.index())
                        .filter(|_| process.stage == Stage::Separation)
                    else {
                        return true;
                    };
                    q.activity[g][m] > 0.0
                        || mines(Some(group.host.index()), feed, false)
                        || (group.host == facts.anchor && mines(None, feed, false))
                        || (idle && (elsewhere.contains(&feed) || own_ore(g, feed)))
                })
                .collect()
        })
        .collect()
}

fn group_touches(
    graph: &Graph,
    facts: &Facts,
    at_hand: &[Vec<bool>],
    state: usize,
    k: usize,
) -> bool {
    facts
        .groups
        .iter()
        .enumerate()
        .filter(|(_, g)| g.host.index() == state)
        .any(|(g, group)| {
            let process = &graph.processes[group.process.index()];
            process
                .modes
                .iter()
                .enumerate()
                .filter(|(m, _)| at_hand[g][*m])
                .any(|(_, m)| {
                    m.inputs.iter().any(|t| t.commodity.index() == k)
                        || m.outputs.iter().any(|t| t.commodity.index() == k)
                        || m.by_products.iter().any(|b| b.commodity.index() == k)
                        || m.scrap.is_some_and(|t| t.commodity.index() == k)
                })
        })
}

/// Flows of one commodity: supply net of stock-building against use and stock-building, fitted on trade on record.
fn flows_of(
    graph: &Graph,
    facts: &Facts,
    q: &Quantities,
    rules: SettleRules,
    k: usize,
) -> Vec<f64> {
    let (n, c) = (facts.states, facts.commodities);
    let form = graph.commodities[k].form;
    let mut rows: Vec<f64> = (0..n).map(|s| q.made[s * c + k]).collect();
    let mut columns: Vec<f64> = (0..n)
        .map(|s| q.drawn[s * c + k] + q.used[s * c + k] + q.stocked[s * c + k])
        .collect();
    for s in 0..n {
        if columns[s] < 0.0 {
            rows[s] -= columns[s];
            columns[s] = 0.0;
        }
    }
    let (supply, demand): (f64, f64) = (rows.iter().sum(), columns.iter().sum());
    if supply <= 0.0 || demand <= 0.0 {
        return vec![0.0; n * n];
    }
    // Rounding only: the quantities close to 1e-9.
    for column in &mut columns {
        *column *= supply / demand;
    }
    let empty = vec![0.0; n * n];
    let trade = facts.trade.get(&form).unwrap_or(&empty);
    let total = |of: &[f64], s: usize| of[s];
    let mut prior = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..n {
            if rows[i] <= 0.0 || columns[j] <= 0.0 {
                continue;
            }
            let uniform = total(&rows, i) * total(&columns, j) / demand;
            prior[i * n + j] = if i == j {
                rules.home_weight * rows[i].min(columns[i]) + uniform
            } else {
                trade[i * n + j] / 4.0 * share_of_form(graph, facts, q, form, k, i, j)
                    + 0.01 * uniform
            };
        }
    }
    sparse_fit(&prior, &rows, &columns, rules.trickle)
}

/// Share of one commodity in the trade of its form between two states: by what the seller makes of it and the buyer takes of it.
fn share_of_form(
    graph: &Graph,
    facts: &Facts,
    q: &Quantities,
    form: Form,
    k: usize,
    i: usize,
    j: usize,
) -> f64 {
    let c = facts.commodities;
    let weight = |k: usize| {
        let buys = q.drawn[j * c + k] + q.used[j * c + k];
        libm::sqrt(q.made[i * c + k] * buys)
    };
    let all: f64 = (0..c)
        .filter(|&x| graph.commodities[x].form == form)
        .map(weight)
        .sum();
    if all > 0.0 { weight(k) / all } else { 0.0 }
}

/// Revenue and cost of feed (and of separating by-products) per kg of activity of one mode.
fn money_of_mode(
    graph: &Graph,
    facts: &Facts,
    q: &Quantities,
    price: &[Option<f64>],
    g: usize,
    m: usize,
) -> (f64, f64) {
    let group = &facts.groups[g];
    let mode = &graph.processes[group.process.index()].modes[m];
    let at = |k: usize| price[group.host.index() * facts.commodities + k].unwrap_or(0.0);
    let mut revenue: f64 = mode
        .outputs
        .iter()
        .map(|t| t.t_per_t * at(t.commodity.index()))
        .sum();
    revenue += mode
        .scrap
        .map_or(0.0, |t| t.t_per_t * at(t.commodity.index()));
    let mut inputs: f64 = mode
        .inputs
        .iter()
        .map(|t| t.t_per_t * at(t.commodity.index()))
        .sum();
    for b in &mode.by_products {
        let (p, share) = (at(b.commodity.index()), q.separated[b.commodity.index()]);
        revenue += b.t_per_t * share * p;
        inputs += b.t_per_t * (share * by_product_cost(p, share) + (1.0 - share) * facts.disposal);
    }
    (revenue, inputs)
}

/// The same, averaged over the modes in use (over all modes, if none is in use yet).
fn money(
    graph: &Graph,
    facts: &Facts,
    q: &Quantities,
    price: &[Option<f64>],
    g: usize,
) -> (f64, f64) {
    let total: f64 = q.activity[g].iter().sum();
    let modes = q.activity[g].len();
    let mut sum = (0.0, 0.0);
    for m in 0..modes {
        let weight = if total > 0.0 {
            q.activity[g][m] / total
        } else {
            1.0 / modes as f64
        };
        if weight > 0.0 {
            let (revenue, inputs) = money_of_mode(graph, facts, q, price, g, m);
            sum.0 += weight * revenue;
            sum.1 += weight * inputs;
        }
    }
    sum
}

/// Owned columns behind a [`GroupStart`].
struct Start {
    nameplate: Vec<f64>,
    disadvantage: Vec<f64>,
    activity: f64,
    u_min: f64,
    spread: f64,
    revenue: f64,
    inputs: f64,
    opex: [f64; 3],
    stretch: f64,
    full: f64,
}

impl Start {
    fn borrow(&self) -> GroupStart<'_> {
        GroupStart {
            activity: self.activity,
            nameplate: &self.nameplate,
            disadvantage: &self.disadvantage,
            u_min: self.u_min,
            spread: self.spread,
            revenue: self.revenue,
            inputs: self.inputs,
            opex: self.opex,
            stretch: self.stretch,
            full: self.full,
        }
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "gathers one group's columns; used twice, nearby"
)]
fn start_of(
    facts: &Facts,
    q: &Quantities,
    graph: &Graph,
    g: usize,
    spread: f64,
    revenue: f64,
    inputs: f64,
    rules: SettleRules,
) -> Option<Start> {
    let group = &facts.groups[g];
    let activity: f64 = q.activity[g].iter().sum();
    let nameplate: f64 = group.plants.iter().map(|p| p.nameplate).sum();
    // A quota is met to the tonne: capacity under it is full at 99.9%, and nothing stretches it.
    let bound = group.ceiling.map_or(1.0, |ceiling| {
        (ceiling / nameplate.max(f64::MIN_POSITIVE)).min(1.0)
    });
    let quota = bound < 1.0;
    (activity > 0.0).then(|| Start {
        nameplate: group.plants.iter().map(|p| p.nameplate * bound).collect(),
        full: if quota { 0.999 } else { 0.97 },
        disadvantage: group
            .plants
            .iter()
            .map(|p| p.disadvantage * spread)
            .collect(),
        activity,
        u_min: graph.processes[group.process.index()].u_min,
        spread,
        revenue,
        inputs,
        opex: group.opex,
        stretch: if quota { 1.0 } else { rules.stretch },
    })
}
