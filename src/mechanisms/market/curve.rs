//! Demand-side curves: end use, stocks wanted by holders, purchases and releases by stockpiles. Quantities in t per quarter
//! (stocks in t) against log prices.

use crate::domain::maths::{Fourths, exp};

/// Steepness at the choke price, per unit of log price: use halves there and falls with the cube of the price beyond it.
pub const CHOKE_SLOPE: f64 = 3.0;

/// End use: `base exp(-elasticity (x - reference)) / (1 + exp(3 (x - choke)))`.
#[must_use]
pub fn end_use(base: f64, elasticity: f64, reference: f64, choke: f64, x: f64) -> f64 {
    base * exp(-elasticity * (x - reference)) / (1.0 + exp(CHOKE_SLOPE * (x - choke)))
}

/// The base at which end use at log price `x` is `quantity`: inverse of [`end_use`] in its base.
#[must_use]
pub fn base_of_use(quantity: f64, elasticity: f64, reference: f64, choke: f64, x: f64) -> f64 {
    quantity * (1.0 + exp(CHOKE_SLOPE * (x - choke))) * exp(elasticity * (x - reference))
}

/// Stock wanted by a holder with a believed log price: `target` at the belief, falling as (price / belief)^-elasticity above it
/// and linearly in the log price, without bound, below it, so that no glut is left without a buyer.
#[must_use]
pub fn desired_stock(target: f64, belief: f64, elasticity: Fourths, x: f64) -> f64 {
    let gap = x - belief;
    if gap >= 0.0 {
        target * exp(-elasticity.value() * gap)
    } else {
        target * (1.0 - elasticity.value() * gap)
    }
}

/// The target at which a holder wants `stock` at log price `x`: inverse of [`desired_stock`] in its target.
#[must_use]
pub fn target_of_stock(stock: f64, belief: f64, elasticity: Fourths, x: f64) -> f64 {
    stock / desired_stock(1.0, belief, elasticity, x)
}

/// Share of a demand that goes to the qualified side, and the slope of that share, share x (1 - share) / spread, by `credit` and
/// by the two log prices: a logit in what each side costs. An infinite credit leaves no choice.
#[inline]
#[must_use]
pub fn qualified_share(qualified: f64, open: f64, credit: f64, spread: f64) -> (f64, f64) {
    if credit.is_infinite() {
        return (f64::from(u8::from(credit > 0.0)), 0.0);
    }
    let share = 1.0 / (1.0 + exp((qualified - open - credit) / spread));
    (share, share * (1.0 - share) / spread)
}

/// Bought below a trigger: `amount / (1 + exp(slope (x - centre)))`.
#[must_use]
pub fn purchase(amount: f64, centre: f64, slope: f64, x: f64) -> f64 {
    amount / (1.0 + exp(slope * (x - centre)))
}

/// Sold above a trigger: `amount / (1 + exp(-slope (x - centre)))`.
#[must_use]
pub fn release(amount: f64, centre: f64, slope: f64, x: f64) -> f64 {
    amount / (1.0 + exp(-slope * (x - centre)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverses_return_what_went_in() {
        let base = base_of_use(12.5, 0.4, 4.0, 6.0, 4.7);
        assert!((end_use(base, 0.4, 4.0, 6.0, 4.7) - 12.5).abs() < 1e-12);
        for x in [3.0, 4.0, 5.5] {
            let target = target_of_stock(80.0, 4.0, Fourths(14), x);
            assert!((desired_stock(target, 4.0, Fourths(14), x) - 80.0).abs() < 1e-11);
        }
    }

    #[test]
    fn the_credit_is_the_exit_from_the_qualified_side() {
        let share = |premium: f64, credit: f64| qualified_share(4.0 + premium, 4.0, credit, 0.08).0;
        // Half leave where the premium eats up the credit.
        assert!((share(0.2, 0.2) - 0.5).abs() < 1e-12);
        assert!(share(0.0, 0.4) > 0.99 && share(0.8, 0.4) < 0.01);
        assert_eq!(share(3.0, f64::INFINITY), 1.0, "a ban leaves no exit");
        assert_eq!(share(-3.0, f64::NEG_INFINITY), 0.0, "no rule, no demand");
        let h = 1e-6;
        let slope = (share(0.1 + h, 0.15) - share(0.1 - h, 0.15)) / (2.0 * h);
        assert!((slope + qualified_share(4.1, 4.0, 0.15, 0.08).1).abs() < 1e-6);
    }

    #[test]
    fn desired_stock_is_smooth_at_the_belief() {
        let h = 1e-6;
        let at = |x| desired_stock(10.0, 4.0, Fourths(14), x);
        let (left, right) = ((at(4.0) - at(4.0 - h)) / h, (at(4.0 + h) - at(4.0)) / h);
        assert_eq!(at(4.0), 10.0);
        assert!((left - right).abs() < 1e-3 && (left + 35.0).abs() < 1e-3);
    }

    #[test]
    fn use_halves_at_choke_and_steps_at_their_centre() {
        assert_eq!(end_use(8.0, 0.0, 1.0, 5.0, 5.0), 4.0);
        assert_eq!(
            (purchase(8.0, 5.0, 12.0, 5.0), release(8.0, 5.0, 12.0, 5.0)),
            (4.0, 4.0)
        );
        assert!(purchase(8.0, 5.0, 12.0, 4.0) > 7.9 && release(8.0, 5.0, 12.0, 4.0) < 0.1);
    }
}
