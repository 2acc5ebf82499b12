//! Friend-shoring: trust between states moves with the reliability of deliveries, with coercion and with time; a buyer that trusts a seller
//! less than at the start asks a premium of it.

mod params;

use crate::domain::{
    exchange::{Books, Effects, Relations, Trading},
    layout::Layout,
};
use crate::engine::{phase::Phase, simulation::Simulation};
use bevy_ecs::prelude::*;
pub use params::FriendshoringParams as Params;

/// The parameters in use.
#[derive(Resource, Debug, Clone, PartialEq)]
pub struct Settings(pub Params);

/// Adds the mechanism.
pub fn plugin(simulation: &mut Simulation) {
    simulation.add(Phase::Friendshoring, move_trust);
}

/// Trust one quarter on. `delivered` is the share of what was ordered that came; `coercion` what the trusted state did to the trusting one,
/// `witnessed` what it did to others, each 0 to 1.
#[must_use]
pub fn next_trust(
    trust: f64,
    base: f64,
    delivered: f64,
    coercion: f64,
    witnessed: f64,
    p: &Params,
) -> f64 {
    let step = p.reliability * (delivered - 1.0) - p.coercion * coercion - p.onlookers * witnessed
        + p.healing * (base - trust);
    (trust + step).clamp(0.0, 1.0)
}

fn move_trust(
    settings: Res<Settings>,
    layout: Res<Layout>,
    books: Res<Books>,
    effects: Res<Effects>,
    trading: Res<Trading>,
    mut relations: ResMut<Relations>,
) {
    let n = layout.states.len();
    let mut delivered = vec![1.0; n * n];
    if trading.bound {
        let (mut came, mut ordered) = (vec![0.0; n * n], vec![0.0; n * n]);
        for (l, lane) in layout.lanes.iter().enumerate() {
            // What was smuggled is nobody's reliability.
            if lane.leak_of().is_some() {
                continue;
            }
            let pair = lane.importer.index() * n + lane.exporter.index();
            // By value, so that a tonne of terbium counts for more than one of cerium.
            let weight = crate::domain::maths::exp(books.log_price_before[lane.to.index()]);
            came[pair] += weight * books.lane_flow[l].min(books.lane_flow_free[l]);
            ordered[pair] += weight * books.lane_flow_free[l];
        }
        for pair in 0..n * n {
            if ordered[pair] > 0.0 {
                delivered[pair] = came[pair] / ordered[pair];
            }
        }
    }
    let (mut coerced, mut acted) = (vec![0.0f64; n * n], vec![0.0f64; n]);
    for &(coercer, target, severity) in &effects.coercion {
        coerced[target * n + coercer] = coerced[target * n + coercer].max(severity);
        acted[coercer] = acted[coercer].max(severity);
    }
    let r = &mut *relations;
    for from in 0..n {
        for to in (0..n).filter(|&to| to != from) {
            let pair = from * n + to;
            let witnessed = if coerced[pair] > 0.0 { 0.0 } else { acted[to] };
            r.trust[pair] = next_trust(
                r.trust[pair],
                (r.trust_base[pair] + effects.trust_shift[pair]).min(1.0),
                delivered[pair],
                coerced[pair],
                witnessed,
                &settings.0,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coercion_costs_trust_and_time_heals() {
        let p = Params::default();
        let hit = next_trust(0.6, 0.6, 0.5, 1.0, 0.0, &p);
        assert!((hit - (0.6 - 0.05 - 0.15)).abs() < 1e-12);
        let healing = next_trust(hit, 0.6, 1.0, 0.0, 0.0, &p);
        assert!(healing > hit && healing < 0.6);
        assert_eq!(next_trust(0.05, 0.05, 0.0, 1.0, 0.0, &p), 0.0);
    }
}
