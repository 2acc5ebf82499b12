//! Trade between two venues: delivered cost, flow by relationship capital, limits, re-export, and the rent of what is bound.

use crate::domain::{
    market::LaneKind,
    maths::{Fourths, ln},
};

/// Reach of a lane: with a rich margin it carries this many times its relationship capital.
pub const REACH: f64 = 5.0;

/// Share of a limit above which the flow bends.
pub const BEND: f64 = 0.1;

/// Delivered cost, USD per kg: `((price x seller factor) + adder) x buyer factor`. The adder holds freight and quota rent.
#[inline]
#[must_use]
pub fn delivered_cost(price: f64, seller_factor: f64, adder: f64, buyer_factor: f64) -> f64 {
    (price * seller_factor + adder) * buyer_factor
}

/// Flow of a trade lane without limit, t per quarter: its capital where the buyer's price equals delivered cost,
/// five times as much where it is far above, nothing where it is far below.
#[inline]
#[must_use]
pub fn free_flow(capital: f64, price: f64, delivered: f64, kappa: Fourths) -> f64 {
    REACH * capital / (1.0 + (REACH - 1.0) * kappa.pow(delivered / price))
}

/// The capital at which a trade lane carries `flow` at these prices: inverse of [`free_flow`].
#[must_use]
pub fn capital_of_flow(flow: f64, price: f64, delivered: f64, kappa: Fourths) -> f64 {
    flow * (1.0 + (REACH - 1.0) * kappa.pow(delivered / price)) / REACH
}

/// Flow of an arbitrage lane without limit, t per quarter: zero below delivered cost, half of `full` where the log wedge is
/// `opening`.
#[inline]
#[must_use]
pub fn arbitrage_flow(full: f64, price: f64, delivered: f64, opening: f64) -> f64 {
    if price <= delivered {
        return 0.0;
    }
    let wedge = ln(price / delivered);
    full * (wedge * wedge) / (opening * opening + wedge * wedge)
}

/// A flow under a limit, and how much of a change in the free flow passes through: unchanged below 0.9 of the limit, then
/// bending smoothly so that the limit is never passed.
#[inline]
#[must_use]
pub fn bend(free: f64, limit: f64) -> (f64, f64) {
    if limit <= 0.0 {
        return (0.0, 0.0);
    }
    let room = BEND * limit;
    let over = free - (limit - room);
    if over <= 0.0 || limit == f64::INFINITY {
        return (free, 1.0);
    }
    let slope = 1.0 / (1.0 + over / room);
    (limit - room * slope, slope * slope)
}

/// Scarcity rent of a trade lane that carries `flow`, USD per kg of delivered cost: what it would have to cost more for the
/// buyer to want just this much. Zero where nothing binds.
///
/// Exact from the flow: `price r'^(-1/kappa) - delivered`, `r' = (R - 1) / (R K / q - 1)`. A lane closed altogether (flow 0) has the
/// rent of its first 1e-6 of capital: without a flow nobody receives it, it only measures the pressure.
#[must_use]
pub fn shadow_rent(flow: f64, capital: f64, price: f64, delivered: f64, kappa: Fourths) -> f64 {
    let flow = flow.max(1e-6 * capital);
    let short = REACH * capital / flow - 1.0;
    if capital <= 0.0 || short <= 0.0 {
        return 0.0;
    }
    // (d + mu) / p = r'^(-1/kappa)
    (price * kappa.root(short / (REACH - 1.0)) - delivered).max(0.0)
}

/// Free flow and bound flow of a lane of either kind.
#[must_use]
pub fn flows(
    kind: LaneKind,
    capital: f64,
    price: f64,
    delivered: f64,
    kappa: Fourths,
    opening: f64,
    limit: f64,
) -> (f64, f64) {
    let free = match kind {
        LaneKind::Trade => free_flow(capital, price, delivered, kappa),
        LaneKind::Arbitrage => arbitrage_flow(capital, price, delivered, opening),
    };
    (free, bend(free, limit).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capital_is_the_flow_at_equal_cost_and_inverts() {
        let kappa = Fourths(48);
        assert!((free_flow(10.0, 50.0, 50.0, kappa) - 10.0).abs() < 1e-12);
        let capital = capital_of_flow(17.0, 52.0, 50.0, kappa);
        assert!((free_flow(capital, 52.0, 50.0, kappa) - 17.0).abs() < 1e-12);
        assert!(free_flow(10.0, 5000.0, 50.0, kappa) <= 50.0);
        assert!(free_flow(10.0, 1e-300, 50.0, kappa) == 0.0);
    }

    #[test]
    fn limits_bend_and_hold() {
        assert_eq!(bend(8.9, 10.0), (8.9, 1.0));
        assert_eq!(bend(3.0, f64::INFINITY), (3.0, 1.0));
        assert_eq!(bend(3.0, 0.0), (0.0, 0.0));
        let mut last = 0.0;
        for i in 0..2000 {
            let (q, slope) = bend(f64::from(i) * 0.1, 10.0);
            assert!(q <= 10.0 && q >= last && (0.0..=1.0).contains(&slope));
            last = q;
        }
        let h = 1e-6;
        let (left, right) = (
            (bend(9.0, 10.0).0 - bend(9.0 - h, 10.0).0) / h,
            (bend(9.0 + h, 10.0).0 - bend(9.0, 10.0).0) / h,
        );
        assert!((left - right).abs() < 1e-5);
        assert!(bend(1e300, 0.3).0 <= 0.3);
    }

    #[test]
    fn the_rent_makes_the_buyer_want_what_flows() {
        let (capital, price, delivered, kappa) = (10.0, 80.0, 50.0, Fourths(33));
        let (free, bound) = flows(LaneKind::Trade, capital, price, delivered, kappa, 0.1, 6.0);
        assert!(bound < 6.0 && free > 6.0);
        let rent = shadow_rent(bound, capital, price, delivered, kappa);
        assert!((free_flow(capital, price, delivered + rent, kappa) - bound).abs() < 1e-12);
        assert!(shadow_rent(free, capital, price, delivered, kappa) < 1e-9);
    }

    #[test]
    fn arbitrage_opens_smoothly_above_cost() {
        assert_eq!(arbitrage_flow(5.0, 10.0, 10.0, 0.1), 0.0);
        assert!(
            (arbitrage_flow(5.0, 10.0 * crate::domain::maths::exp(0.1), 10.0, 0.1) - 2.5).abs()
                < 1e-12
        );
    }
}
