//! Planning: what plants can make and at what cost, what holders want to hold, and what lanes can carry and cost this quarter.

mod params;

use crate::domain::{
    actors::{Environment, GroupId, OwnedBy, Plant, Status},
    exchange::{
        Anchors, Beliefs, Books, Conversions, Disturbances, Effects, GroupBooks, KnowHow, Leaks,
        Relations, Trading,
    },
    graph::{Graph, Stage},
    ids::{PlantId, StateId},
    layout::Layout,
    market::{HOLDERS, Role},
    maths::exp,
};
use crate::engine::{phase::Phase, simulation::Simulation};
use bevy_ecs::prelude::*;
pub use params::PlanningParams as Params;

/// The parameters in use.
#[derive(Resource, Debug, Clone, PartialEq)]
pub struct Settings(pub Params);

/// Shares of the holder types in each venue, three in a row.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct HolderShares(pub Vec<f64>);

/// Adds the mechanism.
pub fn plugin(simulation: &mut Simulation) {
    simulation.add(
        Phase::Planning,
        (plan_plants, plan_costs, plan_stocks, plan_lanes).chain(),
    );
}

/// Capacity that a plant can run this quarter, t of activity, when its owner lets a share `held` of it run.
#[must_use]
pub fn runnable(plant: &Plant, availability: f64, held: f64) -> f64 {
    match plant.status {
        Status::Operating => plant.nameplate * plant.ramp * availability * held,
        Status::Planned | Status::Mothballed | Status::Closed => 0.0,
    }
}

/// Relationship capital that a lane moves to: the start's, grown with the buyer and bent by habit, and the partners that new
/// supply and new needs look for.
#[must_use]
pub fn capital_anchor(
    start: f64,
    buyer_growth: f64,
    flow_ratio: f64,
    new_supply: f64,
    new_need: f64,
    p: &Params,
) -> f64 {
    let habit = libm::pow(
        (flow_ratio / buyer_growth.max(1e-9)).clamp(0.05, 20.0),
        p.habit,
    );
    start * buyer_growth * habit + p.export_share * new_supply + new_need
}

#[expect(
    clippy::too_many_arguments,
    reason = "capacity is what shocks, policy, know-how and the plants say"
)]
fn plan_plants(
    layout: Res<Layout>,
    graph: Res<Graph>,
    now: Res<Disturbances>,
    effects: Res<Effects>,
    know_how: Res<KnowHow>,
    mut groups: ResMut<GroupBooks>,
    mut trading: ResMut<Trading>,
    settings: Res<Settings>,
    books: Res<Books>,
    relations: Res<Relations>,
    mut withheld: Local<Vec<Option<f64>>>,
    plants: Query<(&PlantId, &Plant, &OwnedBy, &GroupId)>,
) {
    let capacity = &mut trading.coefficients.capacity;
    for (id, plant, owner, group) in &plants {
        // A merged group may let part of its capacity rest.
        let held = effects
            .industry
            .mergers
            .iter()
            .find(|m| m.firm == owner.0 && m.groups[usize::from(group.0)])
            .map_or(1.0, |m| m.discipline);
        capacity[id.index()] = runnable(plant, now.availability[id.index()], held);
    }
    let g = &mut *groups;
    for (i, group) in layout.groups.iter().enumerate() {
        let stage = graph.processes[group.process.index()].stage;
        let factor = know_how.output[group.host.index() * Stage::ALL.len() + stage as usize];
        let rows = &mut capacity[group.plants()];
        let total: f64 = rows.iter().sum::<f64>() * factor;
        let ceiling = effects.output_ceiling[i] * g.ceiling_factor[i];
        let bound = factor
            * if total > ceiling {
                ceiling / total
            } else {
                1.0
            };
        rows.iter_mut().for_each(|row| *row *= bound);
        g.capacity[i] = total.min(ceiling);
    }
    if settings.0.dry_feeds {
        let dry = dry_venues(&layout, g, &books, &relations, &trading.structure);
        withhold(&layout, &graph, &dry, &mut withheld, g, &mut trading);
    }
}

/// Stock from which a venue is not dry, t.
const A_STOCK: f64 = 1.0;

/// Venues that nothing can reach: no capacity makes the good there, no lane that is used to a partner which has it, hardly any stock.
fn dry_venues(
    layout: &Layout,
    groups: &GroupBooks,
    books: &Books,
    relations: &Relations,
    structure: &crate::domain::market::Structure,
) -> Vec<bool> {
    let mut wet: Vec<bool> = books.firm_stock.iter().map(|s| *s > A_STOCK).collect();
    for (i, group) in layout.groups.iter().enumerate() {
        if groups.capacity[i] <= 0.0 {
            continue;
        }
        for m in group.modes() {
            for term in structure.modes[m].terms.clone() {
                let term = structure.terms[term];
                wet[term.venue.index()] |= term.role != Role::Input;
            }
        }
    }
    let has = wet.clone();
    for (l, lane) in layout.lanes.iter().enumerate() {
        wet[lane.to.index()] |= relations.capital[l] > 1e-3 && has[lane.from.index()];
    }
    wet.iter().map(|wet| !wet).collect()
}

/// Takes the weight from separators' ways to work whose feed cannot come, and gives it back when it can; separators that no feed can reach
/// rest.
fn withhold(
    layout: &Layout,
    graph: &Graph,
    dry: &[bool],
    withheld: &mut Vec<Option<f64>>,
    groups: &mut GroupBooks,
    trading: &mut Trading,
) {
    let Trading {
        structure,
        coefficients: co,
        ..
    } = trading;
    withheld.resize(co.mode_weight.len(), None);
    for (i, group) in layout.groups.iter().enumerate() {
        if graph.processes[group.process.index()].stage != Stage::Separation {
            continue;
        }
        let starved = |m: usize| {
            structure.modes[m].terms.clone().any(|term| {
                let term = structure.terms[term];
                term.role == Role::Input && dry[term.venue.index()]
            })
        };
        if group.modes().all(starved) {
            co.capacity[group.plants()].fill(0.0);
            groups.capacity[i] = 0.0;
            continue;
        }
        for m in group.modes() {
            match (starved(m), withheld[m]) {
                (true, None) => withheld[m] = Some(std::mem::take(&mut co.mode_weight[m])),
                (false, Some(own)) => {
                    co.mode_weight[m] = own;
                    withheld[m] = None;
                }
                _ => {}
            }
        }
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "reads what policy, know-how and books say of every group's cost"
)]
fn plan_costs(
    layout: Res<Layout>,
    graph: Res<Graph>,
    know_how: Res<KnowHow>,
    effects: Res<Effects>,
    groups: Res<GroupBooks>,
    books: Res<Books>,
    conversions: Res<Conversions>,
    states: Query<(&StateId, &Environment)>,
    mut trading: ResMut<Trading>,
) {
    let t = &mut *trading;
    let co = &mut t.coefficients;
    let mut compliance = vec![0.0; layout.states.len()];
    for (state, environment) in &states {
        compliance[state.index()] =
            environment.extra_cost(effects.industry.standards[state.index()]);
    }
    for (i, group) in layout.groups.iter().enumerate() {
        let stage = graph.processes[group.process.index()].stage;
        let factor = know_how.cost[group.host.index() * Stage::ALL.len() + stage as usize];
        let extra = if matches!(stage, Stage::Mine | Stage::Separation) {
            compliance[group.host.index()]
        } else {
            0.0
        };
        for m in group.modes() {
            let own = groups.opex_start[m] * factor;
            // A rule that is not enforced any more saves at most half of what conversion costs.
            co.opex[m] = (own + extra).max(0.5 * own);
        }
        let terms = t.structure.modes[group.first_mode].terms.start
            ..t.structure.modes[group.end_mode - 1].terms.end;
        for term in terms {
            let at = t.structure.terms[term];
            let covered = effects.floor[i].filter(|f| {
                at.role == Role::Output && layout.venues[at.venue.index()].commodity == f.commodity
            });
            co.floor[term] = covered.map_or(0.0, |f| f.usd_per_kg);
            co.support[term] = effects.industry.credits[i]
                .as_ref()
                .filter(|c| {
                    at.role == Role::Output
                        && c.goods[layout.venues[at.venue.index()].commodity.index()]
                })
                .map_or(0.0, |c| c.usd_per_kg);
            co.floor_share[term] = covered.map_or(0.0, |f| {
                (f.tonnes / (groups.capacity[i] * co.amount[term]).max(1e-9)).min(1.0)
            });
        }
    }
    // Scrap follows the materials that go in.
    for conversion in &conversions.0 {
        if let Some(scrap) = conversion.scrap {
            let inputs: f64 = conversion.inputs.iter().map(|&term| co.amount[term]).sum();
            co.amount[scrap] = inputs * conversion.scrapped;
        }
    }
    // Recyclers know what the scrap of their venue holds.
    let elements = graph.elements.len();
    for conversion in conversions.0.iter().filter(|c| c.stage == Stage::Recycling) {
        let scrap = t.structure.terms[conversion.inputs[0]].venue.index();
        for (&term, recovery) in conversion
            .outputs
            .iter()
            .chain(&conversion.by_products)
            .zip(&conversion.recovery)
        {
            if let Some(element) = books.element_of[t.structure.terms[term].venue.index()] {
                co.amount[term] = recovery * books.content[scrap * elements + element];
            }
        }
    }
}

fn plan_stocks(
    settings: Res<Settings>,
    books: Res<Books>,
    beliefs: Res<Beliefs>,
    effects: Res<Effects>,
    shares: Res<HolderShares>,
    mut trading: ResMut<Trading>,
) {
    let co = &mut trading.coefficients;
    for v in 0..books.firm_stock.len() {
        let fear = if effects.stocking_barred[v] {
            0.0
        } else {
            settings.0.precaution * beliefs.risk[v]
        };
        let wanted = books.cover[v] * books.throughput[v] * (1.0 + fear)
            + books.draw_rate[v] * books.draw_left[v];
        // Nobody sells a stock for nothing: a tenth of what lies there is wanted at the believed price whatever the trade.
        let wanted = wanted.max(books.least_stock).max(0.1 * books.firm_stock[v]);
        for (h, target) in co.stock_target[v].iter_mut().enumerate() {
            *target = wanted * shares.0[v * HOLDERS + h];
        }
        co.opening_stock[v] = books.firm_stock[v];
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "a lane is where relations, policy, freight and capacity meet"
)]
fn plan_lanes(
    settings: Res<Settings>,
    layout: Res<Layout>,
    now: Res<Disturbances>,
    effects: Res<Effects>,
    anchors: Res<Anchors>,
    groups: Res<GroupBooks>,
    leaks: Res<Leaks>,
    mut relations: ResMut<Relations>,
    mut trading: ResMut<Trading>,
) {
    let p = &settings.0;
    let t = &mut *trading;
    let (new_supply, new_need) = new_capacity(&layout, &groups, &t.structure, &t.coefficients);
    let states = layout.states.len();
    let r = &mut *relations;
    for (l, lane) in layout.lanes.iter().enumerate() {
        if lane.is_valve() {
            // Nobody has to look for a buyer to sell what is qualified as what is not.
            r.capital[l] = r.capital_start[l].max(r.usual_flow[l]);
            t.coefficients.capital[l] = r.capital[l];
            continue;
        }
        if lane.leak_of().is_some() {
            continue;
        }
        let (from, to) = (lane.from.index(), lane.to.index());
        let growth = if anchors.need_start[to] > 0.0 {
            anchors.need[to] / anchors.need_start[to]
        } else {
            1.0
        };
        let ratio = if anchors.flow_start[l] > 0.0 {
            r.usual_flow[l] / anchors.flow_start[l]
        } else {
            growth
        };
        let anchor = capital_anchor(
            r.capital_start[l],
            growth,
            ratio,
            new_supply[from] * anchors.seller_share[l],
            new_need[to] * anchors.buyer_share[l],
            p,
        );
        // An offtake builds the relation that carries it.
        let agreed: f64 = effects
            .offtakes
            .iter()
            .filter(|terms| terms.lane == l)
            .map(|terms| terms.tonnes)
            .sum();
        let anchor = anchor.max(agreed);
        r.capital[l] += p.capital_speed * (anchor - r.capital[l]);
        let pair = lane.importer.index() * states + lane.exporter.index();
        r.premium[l] = lane_premium(r.trust_start[pair] - r.trust[pair], effects.ease[pair], p);
        let co = &mut t.coefficients;
        co.capital[l] = r.capital[l];
        co.adder[l] =
            r.freight[l] * now.freight[lane.exporter.index() * states + lane.importer.index()];
        co.seller_factor[l] = (1.0 + effects.vat[l]) * (1.0 + effects.export_tax[l]);
        co.buyer_factor[l] =
            (1.0 + effects.tariff[l]) * (1.0 + r.premium[l] + effects.preference[l]);
        co.limit[l] = effects.limit[l];
    }
    for leak in &leaks.0 {
        let co = &mut t.coefficients;
        let closed = effects.limit[leak.of].is_infinite()
            && effects.export_tax[leak.of] <= 0.0
            && leak
                .pools
                .iter()
                .all(|&pool| effects.quota[pool].is_infinite());
        co.capital[leak.lane] = if closed { 0.0 } else { leak.capacity };
        co.adder[leak.lane] = leak.cost;
        // What the buyer's price is usually above the seller's is no gain of going round.
        co.buyer_factor[leak.lane] = exp(leak.usual_wedge.unwrap_or(0.0).max(0.0));
    }
    for (pool, released) in effects.quota.iter().enumerate() {
        t.coefficients.released[pool] = *released;
    }
}

/// Premium that a buyer puts on a seller which it trusts by `lost` less than at the start, share of delivered cost: smaller where an
/// agreement or a bloc eases trade, and a small discount where trust has grown.
#[must_use]
pub fn lane_premium(lost: f64, ease: f64, p: &Params) -> f64 {
    let full = p.distrust_premium * lost;
    if full > 0.0 {
        full * (1.0 - ease)
    } else {
        full.max(-p.largest_discount)
    }
}

/// Supply and needs by capacity built since the start, by venue, t per quarter.
#[must_use]
pub fn new_capacity(
    layout: &Layout,
    groups: &GroupBooks,
    structure: &crate::domain::market::Structure,
    co: &crate::domain::market::Coefficients,
) -> (Vec<f64>, Vec<f64>) {
    let venues = layout.venues.len();
    let (mut supply, mut need) = (vec![0.0; venues], vec![0.0; venues]);
    for (i, group) in layout.groups.iter().enumerate() {
        // A group that was there grows with its market; only what goes beyond a half more looks for new partners.
        let new = groups.capacity[i] - 1.5 * groups.capacity_start[i];
        if new <= 0.0 {
            continue;
        }
        for m in group.modes() {
            for term in structure.modes[m].terms.clone() {
                let column = if structure.terms[term].role == Role::Input {
                    &mut need
                } else {
                    &mut supply
                };
                column[structure.terms[term].venue.index()] +=
                    new * co.mode_weight[m] * co.amount[term];
            }
        }
    }
    (supply, need)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_trust_costs_and_friends_ask_less() {
        let p = Params::default();
        assert_eq!(lane_premium(0.0, 0.0, &p), 0.0);
        assert!((lane_premium(0.2, 0.0, &p) - 0.06).abs() < 1e-12);
        assert!((lane_premium(0.2, 0.5, &p) - 0.03).abs() < 1e-12);
        assert!((lane_premium(-0.1, 0.5, &p) + 0.03).abs() < 1e-12);
        assert_eq!(lane_premium(-1.0, 0.0, &p), -p.largest_discount);
    }

    #[test]
    fn capital_stays_where_nothing_changes_and_grows_with_the_buyer() {
        let p = Params::default();
        assert!((capital_anchor(10.0, 1.0, 1.0, 0.0, 0.0, &p) - 10.0).abs() < 1e-12);
        assert!((capital_anchor(10.0, 2.0, 2.0, 0.0, 0.0, &p) - 20.0).abs() < 1e-12);
        let lost = capital_anchor(10.0, 1.0, 0.25, 0.0, 0.0, &p);
        assert!(lost < 10.0 && lost > 2.5, "habit remembers the start");
    }
}
