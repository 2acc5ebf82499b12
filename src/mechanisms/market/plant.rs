//! Plants: profitability of a recipe, choice between recipes, and the merit order of plants that differ in cost.
//!
//! A mode's log profitability is r = ln(revenue / cost); a group's is M = s2 ln sum w exp(r / s2); a plant runs at
//! `minimum + (1 - minimum) / (1 + E exp(-M / s1))`, and gives up the minimum where cost is far more than twice the revenue. Logs, not margins: a margin over base revenue is far too steep when
//! prices are fifty times their usual level.

use crate::domain::maths::{Fourths, exp, ln};

/// Share of a by-product that is worth separating at a price against its cost: z / (1 + z), z = (price / cost)^4.
#[inline]
#[must_use]
pub fn separated_share(price: f64, cost: f64) -> f64 {
    let (p2, c2) = (price * price, cost * cost);
    p2 * p2 / (p2 * p2 + c2 * c2)
}

/// Width, as a share of the floor, over which a price floor sets in.
pub const FLOOR_WIDTH: f64 = 0.01;

/// What a price floor pays per kg covered, USD per kg, and its derivative by the price: max(0, floor - price), smoothed.
#[inline]
#[must_use]
pub fn floor_payment(price: f64, floor: f64) -> (f64, f64) {
    if floor <= 0.0 {
        return (0.0, 0.0);
    }
    let gap = floor - price;
    let width = FLOOR_WIDTH * floor;
    let root = (gap * gap + width * width).sqrt();
    // for a price far above the floor gap + root cancels: use the conjugate
    let payment = if gap >= 0.0 {
        0.5 * (gap + root)
    } else {
        0.5 * width * width / (root - gap)
    };
    (payment, -payment / root)
}

/// Group profitability M of its modes' (base weight, log profitability), and each mode's share.
///
/// `sharpness` is 1 / s2. One mode of weight 1 gives its own profitability and share 1.
pub fn blend(modes: &[(f64, f64)], sharpness: Fourths, shares: &mut [f64]) -> f64 {
    let highest = modes.iter().map(|m| m.1).fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for (share, &(weight, r)) in shares.iter_mut().zip(modes) {
        *share = weight * exp((r - highest) * sharpness.value());
        sum += *share;
    }
    for share in shares.iter_mut() {
        *share /= sum;
    }
    highest + ln(sum) / sharpness.value()
}

/// Log loss beyond which even the minimum load is given up: cost twice the revenue.
pub const DEEP_LOSS: f64 = std::f64::consts::LN_2;

/// How fast the minimum load fades beyond [`DEEP_LOSS`], per unit of log profitability.
const FADE: f64 = 8.0;

/// Share of the minimum load that a group with profitability `margin` still runs, and its derivative by the margin. Just 1 unless cost is more than twice
/// the revenue; without it an input that nobody sells any more would have no price.
#[inline]
#[must_use]
pub fn kept_load(margin: f64) -> (f64, f64) {
    let beyond = -margin - DEEP_LOSS;
    if beyond <= 0.0 {
        return (1.0, 0.0);
    }
    let whole = 1.0 + beyond;
    let kept = exp(-FADE * beyond * beyond / whole);
    (
        kept,
        kept * FADE * beyond * (2.0 + beyond) / (whole * whole),
    )
}

/// Utilisation of a plant in a group with profitability `margin`.
#[must_use]
pub fn utilisation(minimum_load: f64, handicap: f64, margin: f64, spread: f64) -> f64 {
    minimum_load * kept_load(margin).0
        + (1.0 - minimum_load) / (1.0 + handicap * exp(-margin / spread))
}

/// The handicap of a plant whose log cost exceeds its group's by `disadvantage`.
#[must_use]
pub fn handicap(disadvantage: f64, spread: f64) -> f64 {
    exp(disadvantage / spread)
}

/// The margin over the plant's own cost, M - disadvantage, at which it runs at `utilisation`: inverse of [`utilisation`] above deep loss.
/// `utilisation` must lie strictly between the minimum load and 1.
#[must_use]
pub fn margin_of_utilisation(utilisation: f64, minimum_load: f64, spread: f64) -> f64 {
    let open = (utilisation - minimum_load) / (1.0 - minimum_load);
    spread * ln(open / (1.0 - open))
}

/// The conversion cost, USD per kg of activity, at which a mode has log profitability `margin`. Negative where inputs alone cost more.
#[must_use]
pub fn opex_of_margin(margin: f64, revenue: f64, other_cost: f64) -> f64 {
    revenue * exp(-margin) - other_cost
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separated_where_it_pays() {
        assert_eq!(separated_share(3.0, 3.0), 0.5);
        assert_eq!(separated_share(3.0, 0.0), 1.0);
        assert!(separated_share(1.0, 3.0) < 0.02 && separated_share(9.0, 3.0) > 0.98);
    }

    #[test]
    fn a_floor_pays_the_gap_and_little_above() {
        let (far_below, _) = floor_payment(50.0, 100.0);
        assert!((far_below - 50.0).abs() < 0.01);
        assert!(floor_payment(200.0, 100.0).0 < 0.003);
        assert_eq!(floor_payment(10.0, 0.0), (0.0, 0.0));
        for p in [60.0, 99.0, 100.0, 101.0, 160.0] {
            let h = 1e-5;
            let slope = (floor_payment(p + h, 100.0).0 - floor_payment(p - h, 100.0).0) / (2.0 * h);
            assert!((slope - floor_payment(p, 100.0).1).abs() < 1e-6, "{p}");
        }
    }

    #[test]
    fn blending_and_merit_order() {
        let mut shares = [0.0; 2];
        let m = blend(&[(0.5, 0.1), (0.5, 0.1)], Fourths(80), &mut shares);
        assert!((m - 0.1).abs() < 1e-12 && shares == [0.5, 0.5]);
        blend(&[(0.5, 0.3), (0.5, 0.1)], Fourths(80), &mut shares);
        assert!(shares[0] > 0.98);
        let u = utilisation(0.2, handicap(0.03, 0.05), 0.06, 0.05);
        assert!((margin_of_utilisation(u, 0.2, 0.05) - 0.03).abs() < 1e-12);
        assert_eq!(kept_load(-0.6), (1.0, 0.0));
        for m in [-0.7, -0.9, -2.0, -6.0] {
            let h = 1e-6;
            let slope = (kept_load(m + h).0 - kept_load(m - h).0) / (2.0 * h);
            assert!((slope - kept_load(m).1).abs() < 1e-5 && kept_load(m).0 < 1.0);
        }
        assert!(kept_load(-6.0).0 < 1e-12);
        let opex = opex_of_margin(0.1, 50.0, 30.0);
        assert!((ln(50.0 / (30.0 + opex)) - 0.1).abs() < 1e-12);
    }
}
