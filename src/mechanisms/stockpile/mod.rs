//! Strategic stockpiles: states' orders and releases as curves, so that a state buys less when the price is high and never moves the market
//! by a step. Orders fill the target over the rule's quarters; releases open above the trigger price and draw at most a share a quarter.
//!
//! A shortage opens releases whatever the price. Where defence comes first, releases are sized to rated use. Allies that share a stock
//! draw on it in their own venue, by the same trigger there, and never on more than the owner leaves.

mod params;

use crate::domain::{
    exchange::{Anchors, Books, Curves, Effects, StockpileRule, Trading},
    layout::Layout,
    market::StepKind,
    maths::ln,
};
use crate::engine::{phase::Phase, simulation::Simulation};
use bevy_ecs::prelude::*;
pub use params::StockpileParams as Params;

/// The parameters in use.
#[derive(Resource, Debug, Clone, PartialEq)]
pub struct Settings(pub Params);

/// Days in a quarter.
pub const DAYS_PER_QUARTER: f64 = 91.25;

/// Log price below its slow average at which a release opens in a shortage: at any likely price.
const ANY_PRICE: f64 = -2.0;

/// Adds the mechanism.
pub fn plugin(simulation: &mut Simulation) {
    simulation.add(Phase::Stockpile, order_stocks);
}

/// Most that a state buys and sells in a quarter, t: towards `target` over `fill_quarters`, out of `stock` at most `release_share`.
#[must_use]
pub fn orders(target: f64, stock: f64, fill_quarters: f64, release_share: f64) -> (f64, f64) {
    let pace = target / fill_quarters;
    ((target - stock).clamp(0.0, pace), release_share * stock)
}

/// What is released at most in a quarter and above which log price over the slow average, for a rule without (`rated` 0) or with rated
/// users whose orders come first by `priority`; `short` is the share of use that limits refused last quarter.
#[must_use]
pub fn release(
    rule: &StockpileRule,
    sell: f64,
    rated: f64,
    priority: f64,
    short: f64,
    p: &Params,
) -> (f64, f64) {
    let trigger = ln(rule.release_above);
    if short > rule.release_on_shortage {
        let amount = if rule.defence_first {
            sell.min(rated)
        } else {
            sell
        };
        return (amount, ANY_PRICE);
    }
    if rule.defence_first || (priority > 0.0 && rated > 0.0) {
        // Rated orders are served before the price has run away.
        let early = trigger + priority * (p.rated_trigger.min(trigger) - trigger);
        return (sell.min(rated), early);
    }
    (sell, trigger)
}

fn order_stocks(
    settings: Res<Settings>,
    layout: Res<Layout>,
    effects: Res<Effects>,
    books: Res<Books>,
    anchors: Res<Anchors>,
    curves: Res<Curves>,
    mut trading: ResMut<Trading>,
) {
    let p = &settings.0;
    let t = &mut *trading;
    for (i, step) in t.structure.steps.iter().enumerate() {
        let (v, owner) = (step.venue.index(), layout.stock_of_step[i]);
        let co = &mut t.coefficients;
        let rule = effects.stockpiles.iter().find(|rule| rule.venue == owner);
        let Some(rule) = rule.filter(|rule| v == owner || rule.allies.contains(&v)) else {
            co.step_amount[i] = 0.0;
            continue;
        };
        let target = rule.cover_days / DAYS_PER_QUARTER * anchors.need[owner];
        let (buy, sell) = orders(
            target,
            books.state_stock[owner],
            rule.fill_quarters,
            p.release_share,
        );
        let slow = books.log_price_slow[v];
        let (amount, centre) = match step.kind {
            StepKind::Purchase => (
                buy.min(rule.largest_purchase * anchors.need[owner]),
                slow + p.patience,
            ),
            StepKind::Release => {
                // What allies draw together is no more than the owner's own share.
                let sell = if v == owner {
                    sell
                } else {
                    sell * p.allied_share / rule.allies.len() as f64
                };
                let (amount, above) = release(
                    rule,
                    sell,
                    curves.rated[v],
                    effects.priority[v],
                    books.refused_share[v],
                    p,
                );
                (amount, slow + above)
            }
        };
        co.step_amount[i] = amount;
        co.step_centre[i] = centre;
        co.step_slope[i] = p.steepness;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> StockpileRule {
        StockpileRule {
            venue: 0,
            measure: 0,
            cover_days: 60.0,
            fill_quarters: 4.0,
            release_above: 2.0,
            release_on_shortage: f64::INFINITY,
            defence_first: false,
            largest_purchase: f64::INFINITY,
            allies: Vec::new(),
        }
    }

    #[test]
    fn a_stockpile_fills_at_its_pace_and_stops_at_its_target() {
        assert_eq!(orders(100.0, 0.0, 10.0, 0.25), (10.0, 0.0));
        assert_eq!(orders(100.0, 95.0, 10.0, 0.25), (5.0, 23.75));
        assert_eq!(orders(100.0, 120.0, 10.0, 0.25).0, 0.0);
    }

    #[test]
    fn a_shortage_releases_whatever_the_price() {
        let p = Params::default();
        let rule = StockpileRule {
            release_on_shortage: 0.05,
            ..rule()
        };
        assert_eq!(release(&rule, 10.0, 2.0, 0.0, 0.04, &p), (10.0, ln(2.0)));
        assert_eq!(release(&rule, 10.0, 2.0, 0.0, 0.06, &p), (10.0, ANY_PRICE));
    }

    #[test]
    fn defence_first_sizes_releases_to_rated_use() {
        let p = Params::default();
        let first = StockpileRule {
            defence_first: true,
            ..rule()
        };
        assert_eq!(release(&first, 10.0, 2.0, 0.0, 0.0, &p), (2.0, ln(2.0)));
        let (amount, above) = release(&rule(), 10.0, 2.0, 1.0, 0.0, &p);
        assert_eq!(amount, 2.0);
        assert!(
            (above - p.rated_trigger).abs() < 1e-12,
            "priority opens early"
        );
        assert_eq!(release(&rule(), 10.0, 0.0, 1.0, 0.0, &p).0, 10.0);
    }
}
