//! Qualified sides of an assembled world: their venues, lanes, valves and ways to work, each after all that a world without sides has.

use super::{
    assemble::{Extras, LEAST_STOCK},
    facts::Facts,
    sides::{Rules, SidePlan},
};
use crate::domain::{
    exchange::{Beliefs, Books},
    graph::{Graph, Mode},
    ids::{CommodityId, VenueId},
    layout::{Lane, Layout, Purpose, Side, Venue},
    market::{Coefficients, LaneKind, Structure},
    maths::Fourths,
};

/// Qualified sides, after all other venues.
pub(super) fn add_sided_venues(plan: &SidePlan, commodities: usize, layout: &mut Layout) {
    let open = layout.venues.len();
    for v in 0..open {
        let venue = layout.venues[v];
        let at = venue.state.index() * commodities + venue.commodity.index();
        layout.sides.pure.push(plan.pure[at]);
        if plan.split[at] {
            layout.sides.venues.push((v, layout.venues.len()));
            layout.venues.push(Venue {
                side: Side::Qualified,
                ..venue
            });
        }
    }
    layout.sides.pure.resize(layout.venues.len(), false);
}

/// Lanes to the qualified side of a buyer, from a seller's qualified side or from where all is qualified; and the valves.
pub(super) fn add_sided_lanes(
    graph: &Graph,
    rules: &Rules,
    plan: &SidePlan,
    layout: &mut Layout,
    structure: &mut Structure,
) {
    for l in 0..layout.lanes.len() {
        let lane = layout.lanes[l];
        if lane.leak_of().is_some() {
            continue;
        }
        let (from, to) = (lane.from.index(), lane.to.index());
        let seller = layout
            .sides
            .qualified_of(from)
            .or_else(|| layout.sides.pure[from].then_some(from));
        if let (Some(seller), Some(buyer)) = (seller, layout.sides.qualified_of(to)) {
            let (from, to) = (VenueId::from_index(seller), VenueId::from_index(buyer));
            structure.add_lane(from, to, LaneKind::Trade, structure.lanes[l].kappa);
            layout.sides.lanes.push((l, layout.lanes.len()));
            layout.lanes.push(Lane {
                from,
                to,
                purpose: Purpose::Qualified,
                ..lane
            });
        }
    }
    for (from, to) in new_partners(graph, plan, layout) {
        let (seller, buyer) = (layout.venues[from.index()], layout.venues[to.index()]);
        let kappa = graph.commodities[buyer.commodity.index()].kappa_quarters;
        structure.add_lane(from, to, LaneKind::Trade, Fourths(kappa));
        layout.sides.sought.push(layout.lanes.len());
        layout.lanes.push(Lane {
            from,
            to,
            exporter: seller.state,
            importer: buyer.state,
            commodity: buyer.commodity,
            purpose: Purpose::Qualified,
        });
    }
    for pair in 0..layout.sides.venues.len() {
        let (open, qualified) = layout.sides.venues[pair];
        let (from, to) = (VenueId::from_index(qualified), VenueId::from_index(open));
        let venue = layout.venues[open];
        structure.add_lane(
            from,
            to,
            LaneKind::Trade,
            Fourths::nearest(rules.params.valve),
        );
        layout.sides.valves.push(layout.lanes.len());
        layout.lanes.push(Lane {
            from,
            to,
            exporter: venue.state,
            importer: venue.state,
            commodity: venue.commodity,
            purpose: Purpose::Valve,
        });
    }
}

/// Sellers and buyers on the qualified side who do not trade yet: covered users, and the largest qualified makers of what they need.
fn new_partners(graph: &Graph, plan: &SidePlan, layout: &Layout) -> Vec<(VenueId, VenueId)> {
    /// Makers that a buyer looks for.
    const MAKERS: usize = 3;
    let c = graph.commodities.len();
    let mut pairs = Vec::new();
    for &(open, buyer) in &layout.sides.venues {
        let place = layout.venues[open];
        if !plan.covered[place.state.index() * c + place.commodity.index()] {
            continue;
        }
        let k = place.commodity.index();
        let mut makers: Vec<(f64, usize)> = (0..layout.venues.len())
            .filter(|&v| {
                let venue = layout.venues[v];
                venue.side == Side::Open
                    && venue.commodity == place.commodity
                    && venue.state != place.state
            })
            .filter_map(|v| {
                let seller = layout
                    .sides
                    .qualified_of(v)
                    .or_else(|| layout.sides.pure[v].then_some(v))?;
                let made = plan.made[layout.venues[v].state.index() * c + k];
                (made > 0.0).then_some((made, seller))
            })
            .collect();
        makers.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        makers.truncate(MAKERS);
        for (_, seller) in makers {
            let (from, to) = (VenueId::from_index(seller), VenueId::from_index(buyer));
            if !layout.lanes.iter().any(|l| (l.from, l.to) == (from, to)) {
                pairs.push((from, to));
            }
        }
    }
    pairs
}

/// Whether plants of a group may work in a mode for a qualified side: it sells on one, and all materials whose provenance is told can be
/// had qualified.
pub(super) fn may_qualify(
    plan: &SidePlan,
    graph: &Graph,
    facts: &Facts,
    layout: &Layout,
    g: usize,
    mode: &Mode,
) -> bool {
    let host = facts.groups[g].host;
    let sided = |k: CommodityId| {
        layout
            .venue(host, k)
            .is_some_and(|v| layout.sides.qualified_of(v.index()).is_some())
    };
    debug_assert_eq!(plan.told.len(), graph.commodities.len());
    !plan.restricted[g]
        && (mode.outputs.iter().any(|t| sided(t.commodity))
            || mode.by_products.iter().any(|b| sided(b.commodity)))
        && mode.inputs.iter().all(|t| {
            let at = host.index() * facts.commodities + t.commodity.index();
            !plan.told[t.commodity.index()] || plan.pure[at] || sided(t.commodity)
        })
}

/// A qualified side before goods are told apart: next to nothing lies there.
pub(super) fn shell(
    layout: &Layout,
    extras: &Extras,
    log_price: &[f64],
    v: usize,
    co: &mut Coefficients,
    books: &mut Books,
    beliefs: &mut Beliefs,
) {
    for (h, share) in extras.holders.iter().enumerate() {
        co.stock_target[v][h] = LEAST_STOCK * share;
        co.belief[v][h] = log_price[v];
        beliefs.price.push(log_price[v]);
    }
    let open = layout.sides.venues.iter().find(|pair| pair.1 == v);
    let cover = open.map_or(0.0, |pair| books.cover[pair.0]);
    co.opening_stock[v] = LEAST_STOCK;
    books.firm_stock.push(LEAST_STOCK);
    for column in [
        &mut books.state_stock,
        &mut books.draw_rate,
        &mut books.draw_left,
        &mut books.throughput,
    ] {
        column.push(0.0);
    }
    books.cover.push(cover);
}
