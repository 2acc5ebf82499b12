//! What firms expect a plant of each group to earn over the life of a project: believed prices, less the capacity known to be under way.

use super::{
    Settings,
    appraisal::{Promise, mean_gap},
    conversion_cost,
};
use crate::domain::{
    actors::{Contract, PriceFormula, Project},
    exchange::{Beliefs, Books, Effects, GroupBooks, Trading},
    graph::Graph,
    ids::{CommodityId, ContractId},
    layout::Layout,
    market::{HOLDERS, Role},
    maths::exp,
};
use crate::engine::simulation::Clock;
use bevy_ecs::prelude::*;

/// Expected unit revenue and cost per group, USD per kg of activity.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Outlook {
    /// Revenue at believed prices.
    pub revenue: Vec<f64>,
    /// Feed at believed prices.
    pub inputs: Vec<f64>,
    /// Conversion cost.
    pub conversion: Vec<f64>,
    /// Payments promised: by a price floor, a credit, offtake contracts.
    pub promises: Vec<[Promise; 3]>,
    /// Capacity under way, t of activity per quarter.
    pub pipeline: Vec<f64>,
    /// Group of each plant.
    pub group_of: Vec<usize>,
    /// Believed price per venue over a project's life, USD per kg.
    pub believed: Vec<f64>,
}

/// Share of a pipeline's weight in world output that is expected to press on the price.
const CROWDING: f64 = 0.5;

#[expect(
    clippy::too_many_arguments,
    reason = "an outlook gathers beliefs, books and the pipeline"
)]
pub(super) fn look_ahead(
    settings: Res<Settings>,
    layout: Res<Layout>,
    graph: Res<Graph>,
    beliefs: Res<Beliefs>,
    books: Res<Books>,
    trading: Res<Trading>,
    groups: Res<GroupBooks>,
    clock: Res<Clock>,
    effects: Res<Effects>,
    contracts: Query<(&ContractId, &Contract)>,
    projects: Query<&Project>,
    mut outlook: ResMut<Outlook>,
) {
    let p = &settings.0;
    let o = &mut *outlook;
    // A project of eight quarters' lead: what is left of a gap over its life is alike for all, so that one belief per venue will do.
    let left = mean_gap(8.0, 4.0 * p.life_years, p.gap_quarters);
    o.believed.clear();
    for v in 0..layout.venues.len() {
        let norm = beliefs.price[HOLDERS * v + 2];
        let today = 0.5 * (books.log_price[v] + beliefs.price[HOLDERS * v + 1]);
        o.believed.push(exp(norm + (today - norm) * left));
    }
    let stranded = stranded(&trading, &layout, p.judge_untraded);
    for v in stranded {
        if let Some(worth) = worth_to_takers(&trading, &layout, &o.believed, v) {
            o.believed[v] = worth;
        }
    }
    o.pipeline.clear();
    o.pipeline.resize(layout.groups.len(), 0.0);
    for project in &projects {
        if !project.done {
            o.pipeline[o.group_of[project.plant.index()]] += project.capacity;
        }
    }
    // Capacity under way relative to all there is, by process.
    let processes = graph.processes.len();
    let (mut under_way, mut standing) = (vec![0.0; processes], vec![0.0; processes]);
    for (g, group) in layout.groups.iter().enumerate() {
        under_way[group.process.index()] += o.pipeline[g];
        standing[group.process.index()] += groups.capacity[g];
    }
    o.revenue.clear();
    o.inputs.clear();
    o.conversion.clear();
    for (g, group) in layout.groups.iter().enumerate() {
        let (mut revenue, mut inputs, mut weight) = (0.0, 0.0, 0.0);
        for m in group.modes() {
            let w = trading.cleared.activity[m] + 1e-12 * trading.coefficients.mode_weight[m];
            weight += w;
            for t in trading.structure.modes[m].terms.clone() {
                let term = trading.structure.terms[t];
                let value = w * trading.coefficients.amount[t] * o.believed[term.venue.index()];
                match term.role {
                    Role::Input => inputs += value,
                    Role::Output => revenue += value,
                    Role::ByProduct => {
                        let share = trading.cleared.separated[t];
                        revenue += value * share;
                        inputs += w
                            * trading.coefficients.amount[t]
                            * share
                            * trading.coefficients.byproduct_cost[t];
                    }
                }
            }
        }
        let weight = weight.max(f64::MIN_POSITIVE);
        let process = group.process.index();
        // The first of a kind crowds nobody.
        let crowding = if p.judge_untraded && standing[process] <= 0.0 {
            0.0
        } else {
            CROWDING * under_way[process] / standing[process].max(f64::MIN_POSITIVE)
        };
        // More of a good presses on what processing it earns, not on the whole of its price.
        let (revenue, inputs) = (revenue / weight, inputs / weight);
        let conversion = conversion_cost(&layout, &trading, g);
        o.revenue
            .push(revenue - crowding.min(0.5) * (revenue - inputs).max(0.0));
        o.inputs.push(inputs);
        o.conversion.push(conversion);
    }
    o.promises.clear();
    for g in 0..layout.groups.len() {
        let mut promises = [Promise::NONE; 3];
        if let Some(floor) = effects.floor[g] {
            let (amount, believed) = output(o, &layout, &trading, g, &|k| k == floor.commodity);
            promises[0] = Promise {
                usd_per_kg: amount * (floor.usd_per_kg - believed).max(0.0),
                covered: floor.tonnes / amount.max(1e-9),
                quarters: floor.quarters,
            };
        }
        if let Some(credit) = &effects.industry.credits[g] {
            let (amount, _) = output(o, &layout, &trading, g, &|k| credit.goods[k.index()]);
            promises[1] = Promise {
                usd_per_kg: amount * credit.usd_per_kg,
                covered: f64::INFINITY,
                quarters: credit.quarters,
            };
        }
        o.promises.push(promises);
    }
    for (_, contract) in contracts.iter().sort::<&ContractId>() {
        let g = usize::from(contract.seller_group);
        let index = o.believed[layout.lanes[contract.lane as usize].to.index()];
        let gap = offtake_gap(contract.formula, index);
        if gap <= 0.0 || contract.quantity <= 0.0 {
            continue;
        }
        let (amount, _) = output(o, &layout, &trading, g, &|k| k == contract.commodity);
        let quarters = contract
            .until
            .map_or(f64::INFINITY, |until| f64::from(until.since(clock.now) + 1));
        o.promises[g][2] = joined(
            o.promises[g][2],
            Promise {
                usd_per_kg: amount * gap,
                covered: contract.quantity / amount.max(1e-9),
                quarters: quarters.max(0.0),
            },
        );
    }
}

/// Venues whose price says nothing yet: nobody makes the good or takes it there, and (unless `all`) no plant ever could take it there.
fn stranded(trading: &Trading, layout: &Layout, all: bool) -> Vec<usize> {
    let mut idle = vec![true; layout.venues.len()];
    let mut made = vec![false; layout.venues.len()];
    for (m, mode) in trading.structure.modes.iter().enumerate() {
        for t in mode.terms.clone() {
            let term = trading.structure.terms[t];
            let v = term.venue.index();
            idle[v] &= all || term.role != Role::Input;
            made[v] |= term.role == Role::Output;
            idle[v] &= trading.cleared.activity[m] <= 0.0;
        }
    }
    for venue in &trading.structure.uses {
        idle[venue.index()] = false;
    }
    for (l, lane) in layout.lanes.iter().enumerate() {
        if trading.cleared.flow[l] > 0.0 {
            idle[lane.from.index()] = false;
            idle[lane.to.index()] = false;
        }
    }
    (0..idle.len()).filter(|&v| idle[v] && made[v]).collect()
}

/// What a good is worth to those who could take it, at home or abroad, at believed prices and less the cost of bringing it there, USD per kg:
/// the most that any of their ways to work could pay for it.
fn worth_to_takers(
    trading: &Trading,
    layout: &Layout,
    believed: &[f64],
    venue: usize,
) -> Option<f64> {
    let co = &trading.coefficients;
    let mut best: Option<f64> = None;
    let lanes = layout.lanes.iter().enumerate();
    let abroad = lanes
        .filter(|(_, lane)| lane.from.index() == venue && lane.leak_of().is_none())
        .map(|(l, lane)| (Some(l), lane.to.index()));
    for (lane, taker) in std::iter::once((None, venue)).chain(abroad) {
        for (m, mode) in trading.structure.modes.iter().enumerate() {
            let (mut value, mut feed) = (-co.opex[m], 0.0);
            for t in mode.terms.clone() {
                let term = trading.structure.terms[t];
                let worth = co.amount[t] * believed[term.venue.index()];
                match term.role {
                    Role::Input if term.venue.index() == taker => feed += co.amount[t],
                    Role::Input => value -= worth,
                    Role::Output => value += worth,
                    // What pays for its own separation is worth the difference.
                    Role::ByProduct => {
                        value += (worth - co.amount[t] * co.byproduct_cost[t]).max(0.0);
                    }
                }
            }
            if feed <= 0.0 {
                continue;
            }
            let there = value / feed;
            let here = lane.map_or(there, |l| {
                (there / co.buyer_factor[l] - co.adder[l]) / co.seller_factor[l].max(1e-9)
            });
            if here > best.unwrap_or(0.0) {
                best = Some(here);
            }
        }
    }
    best
}

/// What a contract pays above the believed index of its buyer, USD per kg.
#[must_use]
pub fn offtake_gap(formula: PriceFormula, index: f64) -> f64 {
    match formula {
        PriceFormula::Floor(price) | PriceFormula::Fixed(price) => (price - index).max(0.0),
        PriceFormula::Index | PriceFormula::Cap(_) => 0.0,
    }
}

/// Two promises as one: volumes add up, payment and time are their means by volume.
#[must_use]
pub fn joined(a: Promise, b: Promise) -> Promise {
    let covered = a.covered + b.covered;
    if a.covered <= 0.0 {
        return b;
    }
    let mean = |x: f64, y: f64| (x * a.covered + y * b.covered) / covered;
    Promise {
        usd_per_kg: mean(a.usd_per_kg, b.usd_per_kg),
        covered,
        quarters: mean(a.quarters, b.quarters),
    }
}

/// Covered output of a group per t of activity, t, and its believed price, over the modes that it runs.
fn output(
    outlook: &Outlook,
    layout: &Layout,
    trading: &Trading,
    group: usize,
    covered: &dyn Fn(CommodityId) -> bool,
) -> (f64, f64) {
    let (mut amount, mut value, mut weight) = (0.0, 0.0, 0.0);
    for m in layout.groups[group].modes() {
        let w = trading.cleared.activity[m] + 1e-12 * trading.coefficients.mode_weight[m];
        weight += w;
        for t in trading.structure.modes[m].terms.clone() {
            let term = trading.structure.terms[t];
            if term.role == Role::Output && covered(layout.venues[term.venue.index()].commodity) {
                amount += w * trading.coefficients.amount[t];
                value += w * trading.coefficients.amount[t] * outlook.believed[term.venue.index()];
            }
        }
    }
    if amount > 0.0 {
        (amount / weight, value / amount)
    } else {
        (0.0, 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contracts_with_a_floor_promise_the_gap() {
        assert_eq!(offtake_gap(PriceFormula::Floor(110.0), 60.0), 50.0);
        assert_eq!(offtake_gap(PriceFormula::Floor(110.0), 160.0), 0.0);
        assert_eq!(offtake_gap(PriceFormula::Index, 60.0), 0.0);
        let one = Promise {
            usd_per_kg: 10.0,
            covered: 100.0,
            quarters: 40.0,
        };
        assert_eq!(joined(Promise::NONE, one), one);
        let two = joined(
            one,
            Promise {
                usd_per_kg: 0.0,
                ..one
            },
        );
        assert_eq!((two.covered, two.usd_per_kg), (200.0, 5.0));
    }
}
