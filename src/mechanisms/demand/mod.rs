//! Demand: what end users would take at reference prices, and the curves they bring to the market.
//!
//! Use = base x driver x shock x (1 - thrifted). The share thrifted is the long-run response to past prices, which substitution moves after
//! the market; the short-run response is the slope of the curve itself.

mod end_of_life;
mod params;

use crate::domain::{
    actors::EndUser,
    exchange::{Curves, Disturbances, Effects, Trading},
};
use crate::engine::{
    phase::Phase,
    simulation::{Clock, Simulation},
};
use bevy_ecs::prelude::*;
pub use end_of_life::{EndOfLife, Source, at_end_of_life};
pub use params::DemandParams as Params;

/// Adds the mechanism.
pub fn plugin(simulation: &mut Simulation) {
    simulation.add(
        Phase::Demand,
        (end_of_life::collect_scrap, draw_demand).chain(),
    );
}

/// Interpolates an index given at years geometrically; constant growth `after` beyond the last year, the path of the first span is followed back
/// before the first.
#[must_use]
pub fn driver_index(points: &[(f64, f64)], year: f64, after: f64) -> f64 {
    let Some((&first, &last)) = points.first().zip(points.last()) else {
        return 1.0;
    };
    if year < first.0 {
        // Before the first point the path of the first span is followed back.
        let Some(second) = points.get(1).filter(|p| first.1 > 0.0 && p.1 > 0.0) else {
            return first.1;
        };
        return first.1 * libm::pow(second.1 / first.1, (year - first.0) / (second.0 - first.0));
    }
    if year >= last.0 {
        return last.1 * libm::pow(1.0 + after, year - last.0);
    }
    let next = points
        .iter()
        .position(|p| p.0 > year)
        .unwrap_or(points.len() - 1);
    let ((y0, v0), (y1, v1)) = (points[next - 1], points[next]);
    let weight = (year - y0) / (y1 - y0);
    if v0 <= 0.0 || v1 <= 0.0 {
        return v0 + weight * (v1 - v0);
    }
    v0 * libm::exp(weight * libm::log(v1 / v0))
}

/// What full priority adds to the log price at which rated users give half of their use up: they bid five times as much.
const SHIELD: f64 = 1.6;

/// Price elasticity of rated users of whom a share `strength` buys at any price.
#[must_use]
pub fn shielded(elasticity: f64, strength: f64) -> f64 {
    elasticity * (1.0 - strength)
}

fn draw_demand(
    clock: Res<Clock>,
    now: Res<Disturbances>,
    effects: Res<Effects>,
    mut users: Query<&mut EndUser>,
    mut curves: ResMut<Curves>,
    mut trading: ResMut<Trading>,
) {
    let (quarter, quarters) = (clock.index(), clock.quarters());
    for mut user in &mut users {
        let id = user.id.index();
        user.driver = curves.driver[id * quarters + quarter] * now.demand[user.sector.index()];
        user.reference_demand = user.base * user.driver * (1.0 - user.thrifted);
        curves.demand[id] = user.reference_demand;
    }
    let t = &mut *trading;
    let base = &mut t.coefficients.use_base;
    base.fill(0.0);
    for (demand, &curve) in curves.demand.iter().zip(&curves.of_user) {
        base[curve] += demand * curves.choke_factor[curve];
    }
    let c = &mut *curves;
    c.rated.clear();
    c.rated.resize(t.structure.venues, 0.0);
    for (id, &curve) in c
        .of_user
        .iter()
        .enumerate()
        .filter(|(id, _)| c.is_rated[*id])
    {
        let venue = t.structure.uses[curve].index();
        c.rated[venue] += c.demand[id];
        t.coefficients.use_elasticity[curve] = shielded(c.elasticity[id], effects.priority[venue]);
        t.coefficients.use_choke[curve] = c.choke[curve] + SHIELD * effects.priority[venue];
    }
    // Both sides of a choice are one demand.
    for choice in &t.structure.choices {
        t.coefficients.use_base[choice.qualified] = t.coefficients.use_base[choice.open];
        t.coefficients.use_elasticity[choice.qualified] =
            t.coefficients.use_elasticity[choice.open];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drivers_grow_geometrically_between_years() {
        let points = [(2024.0, 1.0), (2026.0, 4.0)];
        assert!((driver_index(&points, 2025.0, 0.0) - 2.0).abs() < 1e-12);
        assert!((driver_index(&points, 2023.0, 0.0) - 0.5).abs() < 1e-12);
        assert_eq!(driver_index(&points[..1], 2020.0, 0.0), 1.0);
        assert!((driver_index(&points, 2027.0, 0.1) - 4.4).abs() < 1e-12);
        assert_eq!(driver_index(&[], 2027.0, 0.1), 1.0);
    }
}
