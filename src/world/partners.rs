//! Who may deal with whom: lanes of the start, lanes that sellers and buyers still being built will look for, and where new supply and
//! new needs turn.

use super::{
    facts::{Facts, GroupFact},
    settle::Settled,
};
use crate::domain::{
    exchange::Anchors,
    graph::Graph,
    ids::VenueId,
    layout::{Layout, Purpose, Side},
};

/// Whether nobody makes, takes or draws on a good at the start.
fn is_untraded(facts: &Facts, settled: &Settled, k: usize) -> bool {
    let q = &settled.q;
    (0..facts.states).all(|s| {
        let at = s * facts.commodities + k;
        q.made[at] + q.used[at] + q.drawn[at] <= 0.0
    })
}

/// Lanes of a world: those that carry something at the start; and, for sellers and buyers that are only being built, lanes to the
/// partners that matter most.
pub(super) fn choose_lanes(
    graph: &Graph,
    facts: &Facts,
    settled: &Settled,
) -> Vec<(usize, usize, usize)> {
    let (n, c) = (facts.states, facts.commodities);
    let q = &settled.q;
    let mut lanes = Vec::new();
    for k in 0..c {
        let can_sell: Vec<bool> = (0..n)
            .map(|s| touches(graph, facts, settled, s, k, false))
            .collect();
        let can_buy: Vec<bool> = (0..n)
            .map(|s| q.used[s * c + k] > 0.0 || touches(graph, facts, settled, s, k, true))
            .collect();
        let intake = |s: usize| q.used[s * c + k] + q.drawn[s * c + k];
        // Nobody deals in it yet: who will make it looks for every taker abroad, unless it can be taken at home; a firm delivers to itself.
        let untraded = is_untraded(facts, settled, k);
        let first_deal = |i: usize, j: usize| {
            untraded
                && can_sell[i]
                && can_buy[j]
                && (!can_buy[i] || one_firm_makes_and_takes(graph, facts, settled, k, i, j))
        };
        let rank =
            |of: &dyn Fn(usize) -> f64, who: &[bool], most: usize, but: usize| -> Vec<usize> {
                let mut order: Vec<usize> = (0..n)
                    .filter(|&s| s != but && who[s] && of(s) > 0.0)
                    .collect();
                order.sort_by(|&a, &b| of(b).total_cmp(&of(a)).then(a.cmp(&b)));
                order.truncate(most);
                order
            };
        for i in 0..n {
            for j in 0..n {
                if i == j {
                    continue;
                }
                let carries = settled.flow[k][i * n + j] > 0.0;
                let new_seller = can_sell[i]
                    && q.made[i * c + k] <= 0.0
                    && can_buy[j]
                    && rank(&intake, &can_buy, 2, i).contains(&j);
                let makes = |s: usize| q.made[s * c + k];
                let new_buyer = can_buy[j]
                    && intake(j) <= 0.0
                    && can_sell[i]
                    && rank(&makes, &can_sell, 2, j).contains(&i);
                if carries || new_seller || new_buyer || first_deal(i, j) {
                    lanes.push((k, i, j));
                }
            }
        }
    }
    lanes
}

/// Whether a firm will make a good in one state and can take it in another.
fn one_firm_makes_and_takes(
    graph: &Graph,
    facts: &Facts,
    settled: &Settled,
    k: usize,
    from: usize,
    to: usize,
) -> bool {
    let firms = |state: usize, buys: bool| -> Vec<&str> {
        let groups = facts.groups.iter().enumerate();
        groups
            .filter(|(g, group)| {
                group.host.index() == state && group_deals(graph, settled, *g, group, k, buys)
            })
            .flat_map(|(_, group)| group.plants.iter().map(|p| p.firm.as_str()))
            .collect()
    };
    let takers = firms(to, true);
    firms(from, false)
        .iter()
        .any(|maker| takers.contains(maker))
}

fn touches(
    graph: &Graph,
    facts: &Facts,
    settled: &Settled,
    state: usize,
    k: usize,
    buys: bool,
) -> bool {
    facts
        .groups
        .iter()
        .enumerate()
        .filter(|(_, g)| g.host.index() == state)
        .any(|(g, group)| group_deals(graph, settled, g, group, k, buys))
}

/// Whether a plant group can take (`buys`) or make a good.
fn group_deals(
    graph: &Graph,
    settled: &Settled,
    g: usize,
    group: &GroupFact,
    k: usize,
    buys: bool,
) -> bool {
    graph.processes[group.process.index()]
        .modes
        .iter()
        .enumerate()
        .filter(|(m, _)| settled.at_hand[g][*m])
        .any(|(_, m)| {
            if buys {
                m.inputs.iter().any(|t| t.commodity.index() == k)
            } else {
                m.outputs.iter().any(|t| t.commodity.index() == k)
                    || m.by_products.iter().any(|b| b.commodity.index() == k)
                    || m.scrap.is_some_and(|t| t.commodity.index() == k)
            }
        })
}

/// Where new supply and new needs look for partners: by what the partners take or make at the start.
pub(super) fn anchors(graph: &Graph, facts: &Facts, settled: &Settled, layout: &Layout) -> Anchors {
    let c = facts.commodities;
    let q = &settled.q;
    let at = |v: VenueId| {
        let venue = layout.venues[v.index()];
        venue.state.index() * c + venue.commodity.index()
    };
    let lanes = layout.lanes.len();
    let (mut out, mut into) = (
        vec![0.0; layout.venues.len()],
        vec![0.0; layout.venues.len()],
    );
    for lane in layout.lanes.iter().filter(|l| l.purpose == Purpose::Trade) {
        out[lane.from.index()] += q.used[at(lane.to)] + q.drawn[at(lane.to)];
        into[lane.to.index()] += q.made[at(lane.from)];
    }
    let mut anchors = Anchors {
        seller_share: vec![0.0; lanes],
        buyer_share: vec![0.0; lanes],
        ..Anchors::default()
    };
    let lanes = layout.lanes.iter().enumerate();
    for (l, lane) in lanes.filter(|(_, lane)| lane.purpose == Purpose::Trade) {
        anchors.seller_share[l] = (q.used[at(lane.to)] + q.drawn[at(lane.to)])
            / out[lane.from.index()].max(f64::MIN_POSITIVE);
        anchors.buyer_share[l] =
            q.made[at(lane.from)] / into[lane.to.index()].max(f64::MIN_POSITIVE);
    }
    share_first_deals(graph, facts, settled, layout, &mut anchors.seller_share);
    for v in 0..layout.venues.len() {
        let i = at(VenueId::from_index(v));
        anchors.need_start.push(match layout.venues[v].side {
            Side::Open => q.used[i] + q.drawn[i],
            Side::Qualified => 0.0,
        });
    }
    anchors.need = anchors.need_start.clone();
    anchors
}

/// A good that nobody deals in yet goes, once somebody makes it, to the maker's own plants abroad; where it has none, to all takers alike.
fn share_first_deals(
    graph: &Graph,
    facts: &Facts,
    settled: &Settled,
    layout: &Layout,
    seller_share: &mut [f64],
) {
    for k in (0..facts.commodities).filter(|&k| is_untraded(facts, settled, k)) {
        for exporter in 0..facts.states {
            let out: Vec<(usize, bool)> = layout
                .lanes
                .iter()
                .enumerate()
                .filter(|(_, lane)| {
                    lane.purpose == Purpose::Trade
                        && lane.commodity.index() == k
                        && lane.exporter.index() == exporter
                })
                .map(|(l, lane)| {
                    let importer = lane.importer.index();
                    let own =
                        one_firm_makes_and_takes(graph, facts, settled, k, exporter, importer);
                    (l, own)
                })
                .collect();
            let any_own = out.iter().any(|(_, own)| *own);
            let chosen: Vec<usize> = out
                .iter()
                .filter(|(_, own)| *own || !any_own)
                .map(|(l, _)| *l)
                .collect();
            for &l in &chosen {
                seller_share[l] = 1.0 / chosen.len() as f64;
            }
        }
    }
}
