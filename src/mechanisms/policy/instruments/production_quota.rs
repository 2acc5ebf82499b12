//! Production quota: a ceiling on the yearly output of the covered goods. Real case: China's total-control quotas since 2006.
//!
//! Set once a year, in the first quarter: last year's ceiling grows at the planned rate, faster when the price is above its slow average
//! and slower when it is below, within a largest step. A ceiling that output does not reach does not run ahead of output.

use super::Scene;
use crate::domain::{
    actors::BookedMeasure,
    exchange::Effects,
    graph::{Form, Graph},
    ids::StateId,
    layout::Layout,
};

/// Ceiling of the next year.
#[must_use]
pub fn next_ceiling(
    ceiling: f64,
    output: f64,
    growth: f64,
    price_gap: f64,
    response: f64,
    step: f64,
) -> f64 {
    let change = (growth + response * price_gap).clamp(-step, step);
    // An unused ceiling is cut back to what was mined, less a tenth of slack.
    let base = ceiling.min(output.max(0.9 * ceiling) * 1.1);
    base * (1.0 + change)
}

/// Plant groups of a state that a quota on these goods covers.
#[must_use]
pub fn quota_groups(layout: &Layout, graph: &Graph, state: StateId, of: &[String]) -> Vec<usize> {
    let covered = graph.covered(of);
    let groups = layout.groups.iter().enumerate();
    groups
        .filter(|(_, g)| {
            let process = &graph.processes[g.process.index()];
            g.host == state
                && process.modes[0].outputs.iter().any(|t| {
                    covered.contains(&t.commodity)
                        && graph.commodities[t.commodity.index()].form == Form::Concentrate
                })
        })
        .map(|(g, _)| g)
        .collect()
}

/// Splits the ceiling over the plant groups that make the covered goods, by their activity at the start.
pub fn apply(
    scene: &Scene,
    state: StateId,
    measure: &mut BookedMeasure,
    of: &[String],
    tonnes_per_year: Option<f64>,
    growth: f64,
    effects: &mut Effects,
) {
    let groups = quota_groups(scene.layout, scene.graph, state, of);
    let total: f64 = groups.iter().map(|&g| scene.groups.activity_start[g]).sum();
    if total <= 0.0 {
        return;
    }
    let in_force_before = scene.now > measure.from;
    let ceiling = match measure.yearly {
        None => tonnes_per_year.unwrap_or(total * 4.0),
        Some(ceiling) if in_force_before && scene.now.of_year() == 1 => {
            let output: f64 = groups.iter().map(|&g| scene.books.group_year[g]).sum();
            let gap = price_gap(scene, &groups);
            next_ceiling(
                ceiling,
                if output > 0.0 { output } else { ceiling },
                growth,
                gap,
                scene.params.quota_price_response,
                scene.params.quota_step,
            )
        }
        Some(ceiling) => ceiling,
    };
    measure.yearly = Some(ceiling);
    for &g in &groups {
        effects.output_ceiling[g] =
            effects.output_ceiling[g].min(ceiling / 4.0 * scene.groups.activity_start[g] / total);
    }
}

/// Log gap between the value of what the groups' goods are separated into and its slow average, as the gap of the concentrates' prices.
fn price_gap(scene: &Scene, groups: &[usize]) -> f64 {
    let (mut gap, mut weight) = (0.0, 0.0);
    for &g in groups {
        let group = scene.layout.groups[g];
        let ore = scene.graph.processes[group.process.index()].modes[0].outputs[0].commodity;
        if let Some(v) = scene.layout.venue(group.host, ore) {
            let w = scene.groups.activity_start[g];
            gap += w * (scene.books.log_price[v.index()] - scene.books.log_price_slow[v.index()]);
            weight += w;
        }
    }
    if weight > 0.0 { gap / weight } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ceiling_grows_follows_the_price_and_never_jumps() {
        assert!((next_ceiling(100.0, 100.0, 0.04, 0.0, 0.1, 0.1) - 104.0).abs() < 1e-12);
        assert!(next_ceiling(100.0, 100.0, 0.04, 0.3, 0.1, 0.1) > 104.0);
        assert!((next_ceiling(100.0, 100.0, 0.04, 9.0, 0.1, 0.1) - 110.0).abs() < 1e-12);
        assert!(next_ceiling(100.0, 50.0, 0.04, 0.0, 0.1, 0.1) < 104.0);
    }
}
