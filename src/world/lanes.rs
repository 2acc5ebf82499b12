//! Lanes that a world gets for the sake of its measures: those that an offtake begins, and those that slip past restrictions.
//!
//! They stand after all lanes of open trade and carry nothing until a measure is in force, so that worlds with and without them live the
//! same quarters until then.

use super::{assemble::Extras, prices::Crossing};
use crate::domain::{
    exchange::{Leak, Leaks},
    graph::Graph,
    ids::{CommodityId, StateId, VenueId},
    layout::{Lane, Layout, Purpose},
    market::{LaneKind, Structure},
    maths::Fourths,
};

/// Restrictions that a strategy may lay, as far as the world's structure must know: exporter, importer, commodity.
pub type Restricted = (StateId, StateId, CommodityId);

/// Exporters and importers beyond this many of a commodity's largest lanes are not worth a lane for smugglers.
const MOST_LEAKS: usize = 40;

/// Adds lanes for offtakes between venues that did not trade.
pub fn add_agreed(
    graph: &Graph,
    agreed: &[Restricted],
    layout: &mut Layout,
    structure: &mut Structure,
    flows: &mut Vec<f64>,
) {
    for &(exporter, importer, commodity) in agreed {
        let (Some(from), Some(to)) = (
            layout.venue(exporter, commodity),
            layout.venue(importer, commodity),
        ) else {
            continue;
        };
        if from == to
            || layout
                .lanes
                .iter()
                .any(|lane| lane.from == from && lane.to == to)
        {
            continue;
        }
        let kappa = Fourths(graph.commodities[commodity.index()].kappa_quarters);
        structure.add_lane(from, to, LaneKind::Trade, kappa);
        layout.lanes.push(Lane {
            from,
            to,
            exporter,
            importer,
            commodity,
            purpose: Purpose::Agreed,
        });
        flows.push(0.0);
    }
}

/// Adds a lane for smugglers beside each of a commodity's largest lanes that a measure may restrict.
pub fn add_leaks(
    restricted: &[Restricted],
    layout: &mut Layout,
    structure: &mut Structure,
    flows: &mut Vec<f64>,
) {
    let mut beside: Vec<usize> = layout
        .lanes
        .iter()
        .enumerate()
        .filter(|(l, lane)| {
            flows[*l] > 0.0
                && restricted
                    .binary_search(&(lane.exporter, lane.importer, lane.commodity))
                    .is_ok()
        })
        .map(|(l, _)| l)
        .collect();
    beside.sort_by(|&a, &b| {
        let commodity = |l: usize| layout.lanes[l].commodity;
        commodity(a)
            .cmp(&commodity(b))
            .then(flows[b].total_cmp(&flows[a]))
            .then(a.cmp(&b))
    });
    let mut kept: Vec<usize> = Vec::new();
    for &l in &beside {
        let commodity = layout.lanes[l].commodity;
        let before = kept
            .iter()
            .filter(|&&k| layout.lanes[k].commodity == commodity)
            .count();
        if before < MOST_LEAKS {
            kept.push(l);
        }
    }
    kept.sort_unstable();
    for l in kept {
        let lane = layout.lanes[l];
        structure.add_lane(lane.from, lane.to, LaneKind::Arbitrage, Fourths(0));
        layout.lanes.push(Lane {
            purpose: Purpose::Leak { of: l },
            ..lane
        });
        flows.push(0.0);
    }
}

/// The slow state of the lanes for smugglers: what trade they shadow, and the ways round.
#[must_use]
pub fn leaks(
    layout: &Layout,
    structure: &Structure,
    flows: &[f64],
    extras: &Extras,
    crossing: &dyn Fn(usize, usize, usize) -> Crossing,
) -> Leaks {
    let states = extras.states.len();
    let all = layout.lanes.iter().enumerate().filter_map(|(l, lane)| {
        let of = lane.leak_of()?;
        let (k, i, j) = (
            lane.commodity.index(),
            lane.exporter.index(),
            lane.importer.index(),
        );
        let freight = crossing(k, i, j).adder;
        let open = |to: usize| {
            let to: Option<VenueId> = layout.venue(StateId::from_index(to), lane.commodity);
            to.is_some_and(|to| {
                layout
                    .lanes
                    .iter()
                    .any(|other| other.from == lane.from && other.to == to)
            })
        };
        let mut detours: Vec<(usize, f64)> = (0..states)
            .filter(|&h| h != i && h != j && open(h))
            .map(|h| (h, crossing(k, i, h).adder + crossing(k, h, j).adder))
            .collect();
        detours.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        let pools = structure
            .pools
            .iter()
            .enumerate()
            .filter(|(_, members)| members.iter().any(|m| m.lane.index() == of))
            .map(|(pool, _)| pool)
            .collect();
        Some(Leak {
            lane: l,
            of,
            trade: flows[of],
            freight,
            pools,
            detours,
            usual_wedge: None,
            capacity: 0.0,
            cost: freight,
            via: None,
        })
    });
    Leaks(all.collect())
}
