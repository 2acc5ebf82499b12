//! Production quota: a ceiling on the yearly output of the covered goods. Real case: China's total-control quotas since 2006.
//!
//! Set once a year, in the first quarter, from figures of the year before. The ceiling grows at the planned rate, more or less by the
//! motive of the state: for *income* it rises while the price lies above its slow average; for *leverage* it rises while the state has
//! a smaller share of world mine output than at the start, to press rivals, and falls once it has more, to keep goods scarce. A ceiling
//! that output does not reach does not run ahead of output, and no ceiling moves by more than a largest step.

use super::{Params, Scene};
use crate::domain::{
    actors::BookedMeasure,
    exchange::Effects,
    graph::{Form, Graph},
    ids::StateId,
    layout::Layout,
    maths::ln,
};

/// What a state looks at when it sets the ceiling of a year.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Motive {
    /// Planned growth, share.
    pub growth: f64,
    /// Weight of leverage against income, 0 to 1.
    pub leverage: f64,
    /// Log price over its slow average.
    pub price_gap: f64,
    /// Log of the share of world output at the start over that of last year.
    pub share_lost: f64,
}

/// Ceiling of the next year. `output` is what the year before gave.
#[must_use]
pub fn next_ceiling(ceiling: f64, output: f64, motive: &Motive, p: &Params) -> f64 {
    let income = p.quota_price_response * motive.price_gap;
    let power = p.quota_share_response * motive.share_lost;
    let wanted = motive.growth + (1.0 - motive.leverage) * income + motive.leverage * power;
    // An unused ceiling is cut back to what was mined, less a tenth of slack.
    let base = ceiling.min(output.max(0.9 * ceiling) * 1.1);
    let change = wanted.clamp(-p.quota_step, p.quota_step);
    (base * (1.0 + change)).max(ceiling * (1.0 - p.quota_step))
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

/// Splits the ceiling over the plant groups that make the covered goods, by their activity at the start. `terms`: what the measure says of
/// the motive; what is observed is put in here.
pub fn apply(
    scene: &Scene,
    state: StateId,
    measure: &mut BookedMeasure,
    of: &[String],
    tonnes_per_year: Option<f64>,
    terms: Motive,
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
            let motive = Motive {
                price_gap: price_gap(scene, &groups),
                share_lost: share_lost(scene, &groups),
                ..terms
            };
            let output = if output > 0.0 { output } else { ceiling };
            next_ceiling(ceiling, output, &motive, scene.params)
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

/// Log of the groups' share of world mine output at the start over that of last year.
fn share_lost(scene: &Scene, groups: &[usize]) -> f64 {
    let share = |output: &[f64]| {
        let mines = scene.layout.groups.iter().enumerate();
        let mines = mines.filter(|(_, g)| {
            scene.graph.processes[g.process.index()].stage == crate::domain::graph::Stage::Mine
        });
        let world: f64 = mines.map(|(g, _)| output[g]).sum();
        groups.iter().map(|&g| output[g]).sum::<f64>() / world
    };
    let (start, last) = (
        share(&scene.groups.activity_start),
        share(&scene.books.group_year),
    );
    if start > 0.0 && last > 0.0 {
        ln(start / last)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Next ceiling after one of 100 t.
    fn next(output: f64, growth: f64, leverage: f64, price_gap: f64, share_lost: f64) -> f64 {
        let motive = Motive {
            growth,
            leverage,
            price_gap,
            share_lost,
        };
        next_ceiling(100.0, output, &motive, &Params::default())
    }

    #[test]
    fn the_ceiling_grows_follows_the_price_and_never_jumps() {
        assert!((next(100.0, 0.04, 0.0, 0.0, 0.0) - 104.0).abs() < 1e-12);
        assert!(next(100.0, 0.04, 0.0, 0.3, 0.0) > 104.0);
        assert!((next(100.0, 0.04, 0.0, 9.0, 0.0) - 110.0).abs() < 1e-12);
        assert!((next(1.0, -0.5, 0.0, -9.0, 0.0) - 90.0).abs() < 1e-12);
    }

    #[test]
    fn what_was_not_mined_is_not_allowed_again() {
        assert!(next(50.0, 0.04, 0.0, 0.0, 0.0) < 104.0);
    }

    #[test]
    fn income_follows_the_price_and_leverage_the_share_of_the_world() {
        let income = |gap, lost| next(100.0, 0.0, 0.0, gap, lost);
        let leverage = |gap, lost| next(100.0, 0.0, 1.0, gap, lost);
        assert!(income(0.5, 0.0) > 100.0 && leverage(0.5, 0.0) == 100.0);
        assert!(leverage(0.0, 0.1) > 100.0 && leverage(0.0, -0.1) < 100.0);
        assert!(income(0.0, 0.1) == 100.0);
    }
}
