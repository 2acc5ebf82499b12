//! Strategic stockpiles: states' orders and releases as curves, so that a state buys less when the price is high and never moves the market
//! by a step. Orders fill the target over the rule's quarters; releases open above the trigger price and draw at most a share a quarter.

mod params;

use crate::domain::{
    exchange::{Anchors, Books, Effects, Trading},
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

fn order_stocks(
    settings: Res<Settings>,
    effects: Res<Effects>,
    books: Res<Books>,
    anchors: Res<Anchors>,
    mut trading: ResMut<Trading>,
) {
    let p = &settings.0;
    let t = &mut *trading;
    for (i, step) in t.structure.steps.iter().enumerate() {
        let v = step.venue.index();
        let co = &mut t.coefficients;
        let Some(rule) = effects.stockpiles.iter().find(|rule| rule.venue == v) else {
            co.step_amount[i] = 0.0;
            continue;
        };
        let target = rule.cover_days / DAYS_PER_QUARTER * anchors.need[v];
        let (buy, sell) = orders(
            target,
            books.state_stock[v],
            rule.fill_quarters,
            p.release_share,
        );
        let slow = books.log_price_slow[v];
        let (amount, centre) = match step.kind {
            StepKind::Purchase => (buy, slow + p.patience),
            StepKind::Release => (sell, slow + ln(rule.release_above)),
        };
        co.step_amount[i] = amount;
        co.step_centre[i] = centre;
        co.step_slope[i] = p.steepness;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stockpile_fills_at_its_pace_and_stops_at_its_target() {
        assert_eq!(orders(100.0, 0.0, 10.0, 0.25), (10.0, 0.0));
        assert_eq!(orders(100.0, 95.0, 10.0, 0.25), (5.0, 23.75));
        assert_eq!(orders(100.0, 120.0, 10.0, 0.25).0, 0.0);
    }
}
