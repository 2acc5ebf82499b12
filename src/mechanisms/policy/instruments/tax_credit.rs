//! Tax credit: so much per kg of domestic output, within a yearly budget. Real case: the US credit for advanced manufacturing (section
//! 45X), 10% of production cost of listed critical minerals, 2022.

use super::Scene;
use crate::domain::{exchange::Effects, ids::StateId, industry::Credit};

/// Credit per kg that a quarter of the yearly budget allows when all capacity runs.
#[must_use]
pub fn affordable(usd_per_kg: f64, budget_usd_per_year: f64, full_output_t: f64) -> f64 {
    if full_output_t > 0.0 {
        usd_per_kg.min(budget_usd_per_year / 4.0 / (full_output_t * 1000.0))
    } else {
        usd_per_kg
    }
}

/// Gives the credit to every group of the state that makes the good; of several the largest holds.
#[expect(clippy::too_many_arguments, reason = "the terms of one credit")]
pub fn apply(
    scene: &Scene,
    state: StateId,
    index: usize,
    of: &[String],
    usd_per_kg: f64,
    budget_usd_per_year: f64,
    quarters: f64,
    effects: &mut Effects,
) {
    let makers: Vec<(usize, f64)> = scene
        .groups_of(state, &[], of)
        .into_iter()
        .map(|g| (g, scene.output_of(g, of)))
        .collect();
    let full: f64 = makers
        .iter()
        .map(|&(g, amount)| amount * scene.groups.capacity[g])
        .sum();
    let usd_per_kg = affordable(usd_per_kg, budget_usd_per_year, full);
    let mut goods = vec![false; scene.graph.commodities.len()];
    for commodity in scene.graph.covered(of) {
        goods[commodity.index()] = true;
    }
    for (g, amount) in makers {
        let slot = &mut effects.industry.credits[g];
        if slot
            .as_ref()
            .is_none_or(|other| usd_per_kg * amount > other.usd_per_kg * other.amount)
        {
            *slot = Some(Credit {
                measure: index,
                usd_per_kg,
                goods: goods.clone(),
                amount,
                quarters,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_credit_stays_within_its_budget() {
        assert_eq!(affordable(5.0, 1e9, 100.0), 5.0);
        // 40 million a year over 1,000 t a quarter leaves 10 USD per kg.
        assert!((affordable(25.0, 40e6, 1000.0) - 10.0).abs() < 1e-12);
        assert_eq!(affordable(25.0, 40e6, 0.0), 25.0);
    }
}
