//! Provenance: goods are told apart by origin from the quarter in which a rule asks for it until the last rule lapses.
//!
//! Before, a qualified side is an empty shell that copies the beliefs of the open one, so that rules not in force change nothing. When the
//! sides part, what there is is divided by what can be qualified: stocks, flows, plants' ways to work. At equal prices every flow
//! goes on as before, and what qualified supply exceeds its need runs through the valve to the open side.

mod params;
mod share;

use crate::domain::{
    actors::Contract,
    exchange::{
        Anchors, Beliefs, Books, Curves, Effects, GroupBooks, OriginBar, Provenance, Relations,
        Trading,
    },
    layout::{Layout, SidedUse},
    market::HOLDERS,
    maths::{exp, ln},
};
use crate::engine::{
    phase::Phase,
    simulation::{Clock, Simulation},
};
use bevy_ecs::prelude::*;
pub use params::ProvenanceParams as Params;
pub use share::{Flows, Shares, shares};

/// The parameters in use.
#[derive(Resource, Debug, Clone, PartialEq)]
pub struct Settings(pub Params);

/// Adds the mechanism.
pub fn plugin(simulation: &mut Simulation) {
    simulation.add(Phase::Provenance, tell_apart);
}

/// Least share of a plant's ways to work that stands for the other side, so that it can grow when it pays.
const LEAST_MODE: f64 = 1e-3;
/// Least opening of the valve relative to the qualified supply.
const LEAST_VALVE: f64 = 0.02;

/// Weight of a lane's relationship capital against its flow.
const AT_REST: f64 = 1e-9;
/// Qualified supply over need that buyers look for when goods begin to be told apart.
const RESERVE: f64 = 1.1;
/// Part of the need on the qualified side that looks for new sellers in any case.
const LEAST_SOUGHT: f64 = 0.05;

/// Factor on a lane's relationship capital in a quarter in which the buyer's price exceeds delivered cost by `wedge` in logs.
#[must_use]
pub fn seek_growth(wedge: f64, speed: f64) -> f64 {
    1.0 + speed * wedge.clamp(0.0, 1.0)
}

/// The credit of a use for qualified goods, in log price, and who pays it: the highest of the rules in force that cover it.
#[must_use]
pub fn credit_of(use_: &SidedUse, bars: &[OriginBar]) -> (f64, Option<(usize, f64)>) {
    bars.iter()
        .filter(|bar| bar.covers(use_))
        .max_by(|a, b| a.credit.total_cmp(&b.credit))
        .map_or((f64::NEG_INFINITY, None), |bar| {
            if bar.credit.is_infinite() {
                (f64::INFINITY, None)
            } else {
                (ln(1.0 + bar.credit), Some((bar.measure, bar.credit)))
            }
        })
}

#[expect(
    clippy::too_many_arguments,
    reason = "parting the sides touches stocks, lanes, plants, users and contracts"
)]
fn tell_apart(
    clock: Res<Clock>,
    settings: Res<Settings>,
    layout: Res<Layout>,
    effects: Res<Effects>,
    groups: Res<GroupBooks>,
    curves: Res<Curves>,
    mut provenance: ResMut<Provenance>,
    mut beliefs: ResMut<Beliefs>,
    mut books: ResMut<Books>,
    mut relations: ResMut<Relations>,
    mut anchors: ResMut<Anchors>,
    mut trading: ResMut<Trading>,
    mut contracts: Query<&mut Contract>,
) {
    if !layout.sides.exist() {
        return;
    }
    let mut parts = Parts {
        layout: &layout,
        beliefs: &mut beliefs,
        books: &mut books,
        relations: &mut relations,
        anchors: &mut anchors,
        trading: &mut trading,
    };
    for (i, use_) in layout.sides.uses.iter().enumerate() {
        let (credit, payer) = credit_of(use_, &effects.origin);
        parts.trading.coefficients.choice_credit[i] = credit;
        provenance.credit[i] = payer;
    }
    let apart = layout
        .sides
        .uses
        .iter()
        .any(|use_| effects.origin.iter().any(|bar| bar.covers(use_)));
    if !provenance.apart {
        parts.mirror();
    }
    let was = std::mem::replace(&mut provenance.apart, apart);
    if apart && !was {
        let first = clock.now == clock.start;
        let flows = parts.flows(first, &groups, &curves);
        let shares = shares(&layout, &parts.trading.structure, &flows);
        parts.part(&flows, &shares);
    } else if was && !apart {
        parts.join();
    } else if apart {
        parts.seek(settings.0.seek);
    }
    if apart != was {
        for mut contract in &mut contracts {
            parts.follow(&mut contract, apart);
        }
    }
}

/// The state that parts and joins.
struct Parts<'a> {
    layout: &'a Layout,
    beliefs: &'a mut Beliefs,
    books: &'a mut Books,
    relations: &'a mut Relations,
    anchors: &'a mut Anchors,
    trading: &'a mut Trading,
}

impl Parts<'_> {
    /// Qualified shells believe what the open side believes.
    fn mirror(&mut self) {
        let (b, books) = (&mut *self.beliefs, &mut *self.books);
        for &(o, q) in &self.layout.sides.venues {
            for column in [
                &mut books.log_price,
                &mut books.log_price_free,
                &mut books.log_price_before,
                &mut books.log_price_slow,
                &mut books.cover,
                &mut b.change,
                &mut b.jump,
                &mut b.risk,
            ] {
                column[q] = column[o];
            }
            for h in 0..HOLDERS {
                b.price[HOLDERS * q + h] = b.price[HOLDERS * o + h];
            }
        }
    }

    /// What flowed last quarter; in the first quarter, what the settled start says.
    fn flows(&self, first: bool, groups: &GroupBooks, curves: &Curves) -> Flows {
        let co = &self.trading.coefficients;
        let activity = if first {
            self.layout
                .groups
                .iter()
                .zip(&groups.activity_start)
                .flat_map(|(group, total)| group.modes().map(move |m| co.mode_weight[m] * total))
                .collect()
        } else {
            self.books.mode_activity.clone()
        };
        let separated = if first {
            vec![1.0; co.amount.len()]
        } else {
            self.trading.cleared.separated.clone()
        };
        Flows {
            // Lanes at rest count a little, so that who trades nothing this quarter is still known by his relations.
            lane: if first {
                &self.relations.usual_flow
            } else {
                &self.books.lane_flow
            }
            .iter()
            .zip(&self.relations.capital)
            .map(|(flow, capital)| flow + AT_REST * capital)
            .collect(),
            supplied: co
                .amount
                .iter()
                .zip(&separated)
                .map(|(amount, share)| amount * share)
                .collect(),
            activity,
            used: co
                .use_base
                .iter()
                .zip(&curves.choke_factor)
                .map(|(base, factor)| base / factor)
                .collect(),
        }
    }

    /// Divides what there is between the sides.
    fn part(&mut self, flows: &Flows, shares: &Shares) {
        let sides = &self.layout.sides;
        let co = &mut self.trading.coefficients;
        for (&(open, qualified), &share) in sides.modes.iter().zip(&shares.mode) {
            let share = share.clamp(LEAST_MODE, 1.0 - LEAST_MODE);
            let weight = co.mode_weight[open];
            co.mode_weight[qualified] = weight * share;
            co.mode_weight[open] = weight * (1.0 - share);
        }
        for (&(open, qualified), &share) in sides.lanes.iter().zip(&shares.lane) {
            for column in lane_columns(self.relations, self.anchors) {
                column[qualified] = share * column[open];
                column[open] -= column[qualified];
            }
        }
        let mut arrives = vec![0.0; self.trading.structure.venues];
        let mut short = vec![0.0; self.trading.structure.venues];
        for (i, &(o, q)) in sides.venues.iter().enumerate() {
            let balance = shares.balance(self.layout, &self.trading.structure, flows, co, i);
            let b = &mut *self.books;
            let whole = balance.made.max(balance.drawn);
            let (qualified, rest) = if whole > 0.0 {
                let of = |made: f64, drawn: f64| made.max(drawn) / whole;
                (
                    of(balance.qualified_made, balance.qualified_drawn),
                    of(
                        balance.made - balance.qualified_made,
                        balance.drawn - balance.qualified_drawn,
                    ),
                )
            } else {
                (shares.venue[i], 1.0 - shares.venue[i])
            };
            let need = if balance.drawn > 0.0 {
                balance.qualified_drawn / balance.drawn
            } else {
                0.0
            };
            b.throughput[q] = b.throughput[o] * qualified;
            b.throughput[o] *= rest;
            for column in [&mut self.anchors.need, &mut self.anchors.need_start] {
                column[q] = column[o] * need;
                column[o] -= column[q];
            }
            let held = (qualified / (qualified + rest).max(f64::MIN_POSITIVE)).min(shares.venue[i]);
            let growing = co.stock_target[o].iter().sum::<f64>() - b.firm_stock[o];
            relabel(b, o, q, held * b.firm_stock[o]);
            let surplus = balance.arrives - balance.leaves - held * growing;
            let valve = sides.valves[i];
            let carried = surplus
                .max(LEAST_VALVE * balance.arrives)
                .max(b.least_stock);
            arrives[q] = balance.arrives;
            short[q] = (RESERVE * balance.leaves - balance.arrives)
                .max(LEAST_SOUGHT * balance.qualified_drawn);
            for column in [
                &mut self.relations.capital,
                &mut self.relations.capital_start,
                &mut self.relations.usual_flow,
                &mut self.anchors.flow_start,
            ] {
                column[valve] = carried;
            }
        }
        for (v, pure) in sides.pure.iter().enumerate().filter(|(_, pure)| **pure) {
            let lanes = self.layout.lanes.iter().zip(&flows.lane);
            let from = lanes.filter(|(lane, _)| lane.from.index() == v);
            arrives[v] = f64::from(u8::from(*pure)) * from.map(|(_, flow)| flow).sum::<f64>();
        }
        self.look_for_sellers(&arrives, &short);
    }

    /// What is short at a buyer's is looked for at qualified sellers, by their supply; relations grow towards it.
    fn look_for_sellers(&mut self, supply: &[f64], short: &[f64]) {
        let qualified: Vec<usize> = self.qualified_lanes().collect();
        let mut sellers = vec![0.0; short.len()];
        for &l in &qualified {
            let lane = self.layout.lanes[l];
            sellers[lane.to.index()] += supply[lane.from.index()];
        }
        for l in qualified {
            let lane = self.layout.lanes[l];
            let all = sellers[lane.to.index()];
            if all > 0.0 {
                let more = short[lane.to.index()] * supply[lane.from.index()] / all;
                self.relations.capital_start[l] += more;
                self.anchors.flow_start[l] += more;
            }
        }
    }

    /// Lanes between qualified sides.
    fn qualified_lanes(&self) -> impl Iterator<Item = usize> + use<> {
        let sides = &self.layout.sides;
        let lanes: Vec<usize> = sides
            .lanes
            .iter()
            .map(|pair| pair.1)
            .chain(sides.sought.iter().copied())
            .collect();
        lanes.into_iter()
    }

    /// Buyers who must buy qualified find sellers, the sooner the more a lane pays.
    fn seek(&mut self, speed: f64) {
        let co = &self.trading.coefficients;
        for l in self.qualified_lanes() {
            let lane = self.layout.lanes[l];
            let price = &self.books.log_price;
            let delivered = (exp(price[lane.from.index()]) * co.seller_factor[l] + co.adder[l])
                * co.buyer_factor[l];
            let growth = seek_growth(price[lane.to.index()] - ln(delivered), speed);
            for column in [
                &mut self.relations.capital,
                &mut self.relations.capital_start,
                &mut self.anchors.flow_start,
            ] {
                column[l] *= growth;
            }
        }
    }

    /// Makes one of the two sides again: what is qualified may always be sold as open.
    fn join(&mut self) {
        let sides = &self.layout.sides;
        let co = &mut self.trading.coefficients;
        for &(open, qualified) in &sides.modes {
            co.mode_weight[open] += std::mem::take(&mut co.mode_weight[qualified]);
        }
        for &(open, qualified) in &sides.lanes {
            for column in lane_columns(self.relations, self.anchors) {
                column[open] += std::mem::take(&mut column[qualified]);
            }
        }
        for &sought in &sides.sought {
            for column in lane_columns(self.relations, self.anchors) {
                column[sought] = 0.0;
            }
        }
        for (&(o, q), &valve) in sides.venues.iter().zip(&sides.valves) {
            let b = &mut *self.books;
            for column in [
                &mut b.throughput,
                &mut self.anchors.need,
                &mut self.anchors.need_start,
            ] {
                column[o] += std::mem::take(&mut column[q]);
            }
            let goes = (b.firm_stock[q] - b.least_stock).max(0.0);
            relabel(b, q, o, goes);
            self.relations.capital[valve] = 0.0;
            self.relations.capital_start[valve] = 0.0;
            self.relations.usual_flow[valve] = 0.0;
            self.anchors.flow_start[valve] = 0.0;
        }
    }

    /// A contract is delivered on the side on which the greater part of its lane's goods goes.
    fn follow(&self, contract: &mut Contract, apart: bool) {
        let lane = contract.lane as usize;
        for &(open, qualified) in &self.layout.sides.lanes {
            let capital = &self.relations.capital;
            if apart && lane == open && capital[qualified] > capital[open] {
                contract.lane = u32::try_from(qualified).unwrap_or(contract.lane);
            } else if !apart && lane == qualified {
                contract.lane = u32::try_from(open).unwrap_or(contract.lane);
            }
        }
    }
}

/// The columns of a lane that are divided.
fn lane_columns<'a>(
    relations: &'a mut Relations,
    anchors: &'a mut Anchors,
) -> [&'a mut Vec<f64>; 6] {
    [
        &mut relations.capital,
        &mut relations.capital_start,
        &mut relations.usual_flow,
        &mut anchors.flow_start,
        &mut anchors.seller_share,
        &mut anchors.buyer_share,
    ]
}

/// Moves firms' stock from one side of a commodity to the other, with its content.
fn relabel(books: &mut Books, from: usize, to: usize, tonnes: f64) {
    if tonnes <= 0.0 {
        return;
    }
    let elements = books.content.len() / books.firm_stock.len();
    let there = books.firm_stock[to] + books.state_stock[to];
    for e in 0..elements {
        let mass =
            books.content[to * elements + e] * there + books.content[from * elements + e] * tonnes;
        books.content[to * elements + e] = mass / (there + tonnes);
    }
    books.firm_stock[from] -= tonnes;
    books.firm_stock[to] += tonnes;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{CommodityId, SectorId, StateId};

    fn bar(credit: f64, sector: usize, measure: usize) -> OriginBar {
        OriginBar {
            states: vec![false, true],
            commodities: vec![true],
            sectors: (0..2).map(|s| s == sector).collect(),
            credit,
            measure,
        }
    }

    #[test]
    fn the_strictest_rule_in_force_counts() {
        let use_ = |state: usize, sector: usize| SidedUse {
            state: StateId::from_index(state),
            commodity: CommodityId::from_index(0),
            sector: SectorId::from_index(sector),
            open: 0,
            qualified: 1,
        };
        let bars = [bar(f64::INFINITY, 0, 3), bar(0.2, 1, 4), bar(0.5, 1, 5)];
        assert_eq!(credit_of(&use_(1, 0), &bars), (f64::INFINITY, None));
        assert_eq!(credit_of(&use_(1, 1), &bars), (ln(1.5), Some((5, 0.5))));
        assert_eq!(credit_of(&use_(0, 0), &bars), (f64::NEG_INFINITY, None));
        assert_eq!(
            credit_of(&use_(1, 1), &bars[..1]),
            (f64::NEG_INFINITY, None)
        );
    }

    #[test]
    fn relations_grow_where_a_lane_pays_and_never_shrink() {
        assert_eq!(seek_growth(-0.4, 0.25), 1.0);
        assert_eq!(seek_growth(0.4, 0.25), 1.1);
        assert_eq!(seek_growth(9.0, 0.25), 1.25);
    }

    #[test]
    fn goods_that_change_side_take_their_content_along() {
        let mut books = Books {
            firm_stock: vec![10.0, 2.0],
            state_stock: vec![0.0; 2],
            content: vec![0.3, 0.1, 0.2, 0.4],
            ..Books::default()
        };
        let mass = |b: &Books, e: usize| {
            b.firm_stock[0] * b.content[e] + b.firm_stock[1] * b.content[2 + e]
        };
        let before = [mass(&books, 0), mass(&books, 1)];
        relabel(&mut books, 0, 1, 4.0);
        assert_eq!(books.firm_stock, [6.0, 6.0]);
        assert!((0..2).all(|e| (mass(&books, e) - before[e]).abs() < 1e-12));
    }
}
