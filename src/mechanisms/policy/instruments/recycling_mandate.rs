//! Recycling mandate: the share of end-of-life products that is collected rises to a target. Real case: the EU's Critical Raw Materials
//! Act, 25% of use from recycling by 2030; its rules on magnets in end-of-life products.

use super::Scene;
use crate::domain::{exchange::Effects, ids::StateId, industry::Mandate, time::Quarter};

/// Share of the way from the first quarter in force to the target that has been gone.
#[must_use]
pub fn way(from: Quarter, by: Quarter, now: Quarter) -> f64 {
    let whole = by.since(from);
    if whole <= 0 {
        return 1.0;
    }
    (f64::from(now.since(from) + 1) / f64::from(whole + 1)).clamp(0.0, 1.0)
}

/// Adds the duty.
#[expect(clippy::too_many_arguments, reason = "the terms of one duty")]
pub fn apply(
    scene: &Scene,
    state: StateId,
    index: usize,
    sectors: &[String],
    target: f64,
    from: Quarter,
    by: Quarter,
    usd_per_kg: f64,
    effects: &mut Effects,
) {
    effects.industry.mandates.push(Mandate {
        measure: index,
        state,
        sectors: scene
            .layout
            .sectors
            .iter()
            .map(|s| sectors.is_empty() || sectors.contains(s))
            .collect(),
        target,
        way: way(from, by, scene.now),
        usd_per_kg,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collection_rises_evenly_to_its_date_and_stays() {
        let q = |text: &str| text.parse::<Quarter>().unwrap();
        assert_eq!(way(q("2026Q1"), q("2027Q4"), q("2026Q1")), 0.125);
        assert_eq!(way(q("2026Q1"), q("2027Q4"), q("2027Q4")), 1.0);
        assert_eq!(way(q("2026Q1"), q("2027Q4"), q("2035Q1")), 1.0);
        assert_eq!(way(q("2026Q1"), q("2025Q4"), q("2026Q1")), 1.0);
    }
}
