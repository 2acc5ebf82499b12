//! Costs and practical capacities of plants at the settled start: the unobserved residual of observed prices and output.

use crate::domain::maths::{exp, ln};

/// What is known of a plant group before its cost is inverted. Money in USD per kg of activity, quantities in t per quarter.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupStart<'a> {
    /// Observed activity.
    pub activity: f64,
    /// Nameplate capacities.
    pub nameplate: &'a [f64],
    /// Log cost disadvantages.
    pub disadvantage: &'a [f64],
    /// Least load.
    pub u_min: f64,
    /// Spread of log profitability over which plants open.
    pub spread: f64,
    /// Revenue per kg of activity, averaged over modes.
    pub revenue: f64,
    /// Cost of feed and of separating by-products per kg of activity, averaged over modes.
    pub inputs: f64,
    /// Conversion cost on record: central, low, high.
    pub opex: [f64; 3],
    /// Factor by which nameplates may be exceeded.
    pub stretch: f64,
    /// Utilisation at which capacity counts as full.
    pub full: f64,
}

/// Result of the inversion of a group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupCost {
    /// Log profitability at the start, common to all modes.
    pub margin: f64,
    /// Conversion cost, USD per kg of activity, averaged over modes.
    pub opex: f64,
    /// Practical capacity as a factor on nameplate.
    pub capacity_factor: f64,
    /// Whether the cost lies in its range on record.
    pub in_range: bool,
}

/// Share of capacity that a plant runs at log profitability `margin`.
#[must_use]
pub fn utilisation(margin: f64, disadvantage: f64, u_min: f64, spread: f64) -> f64 {
    u_min + (1.0 - u_min) / (1.0 + exp((disadvantage - margin) / spread))
}

fn output(start: &GroupStart, margin: f64) -> f64 {
    start
        .nameplate
        .iter()
        .zip(start.disadvantage)
        .map(|(capacity, disadvantage)| {
            capacity * utilisation(margin, *disadvantage, start.u_min, start.spread)
        })
        .sum()
}

/// The log profitability at which plants of total capacity `factor` times nameplate run at the observed activity; clamped to -1..=3.
fn margin_for(start: &GroupStart, factor: f64) -> f64 {
    let (mut low, mut high) = (-1.0, 3.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if factor * output(start, middle) < start.activity {
            low = middle
        } else {
            high = middle
        }
    }
    0.5 * (low + high)
}

/// Inverts a group's cost from its observed output.
///
/// Nameplate and output give utilisation, utilisation gives log profitability, and cost is what observed revenue then leaves. Where that
/// cost lies above the range on record, the plants are more profitable than so low a utilisation allows: part of nameplate was not
/// available in practice, and practical capacity is reduced until the two agree. Where it lies below, nameplate may be exceeded by
/// `stretch` at most, or as far as it takes where else nothing would be left for conversion. A group that makes nothing yet gets its central cost.
#[must_use]
pub fn invert(start: &GroupStart) -> GroupCost {
    let [central, low, high] = start.opex;
    let nameplate: f64 = start.nameplate.iter().sum();
    let margin_of = |opex: f64| ln(start.revenue / (start.inputs + opex));
    if start.activity <= 0.0 || nameplate <= 0.0 {
        return GroupCost {
            margin: margin_of(central),
            opex: central,
            capacity_factor: 1.0,
            in_range: true,
        };
    }
    let residual = |margin: f64| start.revenue * exp(-margin) - start.inputs;
    // Output above what nameplate gives when full: nameplate is understated.
    let mut factor = (start.activity / (start.full * nameplate)).max(1.0);
    let mut margin = margin_for(start, factor);
    if residual(margin) > high {
        margin = margin_of(high);
        factor = start.activity / output(start, margin);
    } else if residual(margin) < low {
        let wanted = margin_of(low);
        let needed = start.activity / output(start, wanted);
        factor = needed.clamp(factor, factor * start.stretch);
        margin = margin_for(start, factor);
        if residual(margin) <= 0.0 {
            // A plant dear by its draw cannot be paid to run as full as that: its capacity gives way, and the adjustment says by how much.
            margin = wanted;
            factor = needed;
        }
    }
    let opex = residual(margin);
    GroupCost {
        margin,
        opex,
        capacity_factor: factor,
        in_range: opex >= low * (1.0 - 1e-6) && opex <= high * (1.0 + 1e-6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start<'a>(nameplate: &'a [f64], disadvantage: &'a [f64], opex: [f64; 3]) -> GroupStart<'a> {
        GroupStart {
            activity: 80.0,
            nameplate,
            disadvantage,
            u_min: 0.05,
            spread: 0.08,
            revenue: 10.0,
            inputs: 6.0,
            opex,
            stretch: 1.15,
            full: 0.97,
        }
    }

    #[test]
    fn plants_run_at_their_observed_output() {
        let s = start(&[60.0, 40.0], &[0.0, 0.03], [3.0, 1.0, 4.0]);
        let cost = invert(&s);
        assert!((cost.capacity_factor * output(&s, cost.margin) - 80.0).abs() < 1e-9);
        assert!(cost.in_range && cost.capacity_factor == 1.0);
    }

    #[test]
    fn idle_nameplate_of_a_rich_plant_is_not_practical_capacity() {
        let s = start(&[300.0], &[0.0], [1.0, 0.5, 1.5]);
        let cost = invert(&s);
        assert!(cost.in_range && cost.capacity_factor < 1.0);
        assert!((cost.opex - 1.5).abs() < 1e-9);
        assert!((cost.capacity_factor * output(&s, cost.margin) - 80.0).abs() < 1e-9);
    }

    #[test]
    fn a_plant_dear_by_its_draw_still_earns_its_conversion() {
        // Next to no margin on materials, and the plant is far dearer than its group.
        let cost = invert(&GroupStart {
            inputs: 9.7,
            ..start(&[82.0], &[0.2], [0.3, 0.1, 0.5])
        });
        assert!((cost.opex - 0.1).abs() < 1e-9 && cost.capacity_factor > 1.15);
    }

    #[test]
    fn output_above_nameplate_raises_practical_capacity() {
        let cost = invert(&start(&[70.0], &[0.0], [3.0, 0.1, 4.0]));
        assert!(cost.capacity_factor > 1.1);
    }
}
