//! Prices of the settled start: known in the anchor state, carried from there along the flows to every other venue.

use super::{facts::Facts, quantities::Quantities};
use crate::domain::{
    graph::{Graph, Stage},
    ids::StateId,
};

/// What it costs to cross from one state to another with a commodity: delivered = (price x seller + adder) x buyer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossing {
    /// (1 + value-added tax that is not rebated)(1 + export tax).
    pub seller: f64,
    /// Freight and other costs, USD per kg.
    pub adder: f64,
    /// (1 + duty).
    pub buyer: f64,
}

impl Crossing {
    /// Delivered cost at a seller's price, USD per kg.
    #[must_use]
    pub fn delivered(&self, price: f64) -> f64 {
        (price * self.seller + self.adder) * self.buyer
    }

    /// The seller's price that is left of a buyer's price, USD per kg.
    #[must_use]
    pub fn netback(&self, price: f64) -> f64 {
        (price / self.buyer - self.adder) / self.seller
    }
}

/// Prices of one commodity in every state that deals in it: `known` is carried along `flow` (states x states, home flows on the
/// diagonal), first to the states that trade most with those already priced; each takes the mean of what its priced partners imply,
/// weighted by flow. A state that trades with none of them takes the anchor's price.
#[must_use]
pub fn spread_price(
    known: &[Option<f64>],
    flow: &[f64],
    deals: &[bool],
    crossing: impl Fn(usize, usize) -> Crossing,
) -> Vec<Option<f64>> {
    let n = known.len();
    let mut price = known.to_vec();
    let anchor = known.iter().flatten().copied().next();
    loop {
        let next = (0..n)
            .filter(|&s| deals[s] && price[s].is_none())
            .map(|s| {
                let weight: f64 = (0..n)
                    .filter(|&k| k != s && price[k].is_some())
                    .map(|k| flow[k * n + s] + flow[s * n + k])
                    .sum();
                (s, weight)
            })
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        let Some((s, weight)) = next else { break };
        if weight <= 0.0 {
            price[s] = anchor;
            continue;
        }
        let mut sum = 0.0;
        for k in (0..n).filter(|&k| k != s) {
            if let Some(other) = price[k] {
                sum += flow[k * n + s] * crossing(k, s).delivered(other);
                // A seller cannot be paid less than a tenth of what its buyer pays.
                sum += flow[s * n + k] * crossing(s, k).netback(other).max(0.1 * other);
            }
        }
        price[s] = Some(sum / weight);
    }
    for (s, p) in price.iter_mut().enumerate() {
        if !deals[s] {
            *p = None;
        }
    }
    price
}

/// Price of a feed where it is processed most (at `host`, if one is named): what separators there can pay at the central conversion cost,
/// `margin` being the log profitability that their utilisation implies. USD per kg; `None` for what nobody separates.
#[must_use]
pub fn concentrate_netback(
    graph: &Graph,
    facts: &Facts,
    q: &Quantities,
    price: &[Option<f64>],
    margin: &[f64],
    ore: usize,
    host: Option<StateId>,
) -> Option<(StateId, f64)> {
    let c = facts.commodities;
    let mut best: Option<(f64, usize, usize)> = None;
    for (g, group) in facts.groups.iter().enumerate() {
        let process = &graph.processes[group.process.index()];
        if !matches!(process.stage, Stage::Separation | Stage::Recycling)
            || host.is_some_and(|h| h != group.host)
        {
            continue;
        }
        for (m, mode) in process.modes.iter().enumerate() {
            // Nobody separates it yet: the anchor's plants say what it would be worth.
            let weight = q.activity[g][m]
                + if group.host == facts.anchor {
                    1e-9
                } else {
                    1e-12
                };
            if mode.inputs[0].commodity.index() == ore && weight > best.map_or(0.0, |b| b.0) {
                best = Some((weight, g, m));
            }
        }
    }
    let (_, g, m) = best?;
    let group = &facts.groups[g];
    let mode = &graph.processes[group.process.index()].modes[m];
    let at = |k: usize| price[group.host.index() * c + k].unwrap_or(0.0);
    let mut revenue: f64 = mode
        .outputs
        .iter()
        .map(|t| t.t_per_t * at(t.commodity.index()))
        .sum();
    let mut separating = 0.0;
    for b in &mode.by_products {
        let share = q.separated[b.commodity.index()];
        let p = at(b.commodity.index());
        revenue += b.t_per_t * share * p;
        separating +=
            b.t_per_t * (share * by_product_cost(p, share) + (1.0 - share) * facts.disposal);
    }
    let feed = mode.inputs[0].t_per_t;
    let netback = (revenue * libm::exp(-margin[g]) - separating - group.opex[0]) / feed;
    Some((group.host, netback.max(0.05 * revenue)))
}

/// Cost of separating a by-product at which the share `share` of it is separated at price `price`: share = z / (1 + z), z = (price / cost)^4.
#[must_use]
pub fn by_product_cost(price: f64, share: f64) -> f64 {
    let share = share.clamp(0.02, 0.98);
    price * libm::sqrt(libm::sqrt((1.0 - share) / share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wedge_of_tax_and_freight_is_carried_along_the_flow() {
        let crossing = |_, _| Crossing {
            seller: 1.13,
            adder: 0.1,
            buyer: 1.0,
        };
        let flow = [5.0, 3.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0];
        let price = spread_price(
            &[Some(50.0), None, None],
            &flow,
            &[true, true, true],
            crossing,
        );
        assert!((price[1].unwrap() - 56.6).abs() < 1e-12);
        assert!((price[2].unwrap() - (56.6 * 1.13 + 0.1)).abs() < 1e-12);
    }

    #[test]
    fn netback_undoes_delivered() {
        let c = Crossing {
            seller: 1.13,
            adder: 0.2,
            buyer: 1.05,
        };
        assert!((c.netback(c.delivered(7.0)) - 7.0).abs() < 1e-12);
    }

    #[test]
    fn a_by_product_is_separated_in_the_share_it_was_inverted_from() {
        let cost = by_product_cost(2.0, 0.3);
        let z = crate::domain::maths::exp(4.0 * crate::domain::maths::ln(2.0 / cost));
        assert!((z / (1.0 + z) - 0.3).abs() < 1e-12);
    }
}
