//! Leakage: what slips past restrictions by smuggling, false declaration and transshipment through third states.
//!
//! Beside a lane that a measure of the scenario may restrict runs one without tax, rent or limit. Its capacity is nothing until the
//! restriction binds; then it grows with the wedge that the restriction has opened beyond the usual one, and shrinks with enforcement.
//! Networks take time: what they carry in a quarter was built on the wedges of the quarters before. A restriction on some destinations
//! only leaks more, because goods can go through the others.

mod params;

use crate::domain::{
    exchange::{Books, Effects, Leak, Leaks},
    layout::Layout,
    maths::{exp, ln},
};
use crate::engine::{phase::Phase, simulation::Simulation};
use bevy_ecs::prelude::*;
pub use params::LeakageParams as Params;

/// The parameters in use.
#[derive(Resource, Debug, Clone, PartialEq)]
pub struct Settings(pub Params);

/// Adds the mechanism.
pub fn plugin(simulation: &mut Simulation) {
    simulation.add(Phase::Friendshoring, watch_wedges);
}

/// Capacity that networks work towards, t per quarter: `trade` is what the lane carried before, `gap` the log wedge beyond the usual one.
#[must_use]
pub fn reach(trade: f64, gap: f64, detour: bool, enforcement: f64, p: &Params) -> f64 {
    let ways = p.smuggling + p.relabelling + if detour { p.transshipment } else { 0.0 };
    let pull = gap.max(0.0);
    trade * ways * pull / (pull + p.half_wedge) * (1.0 - enforcement)
}

/// Enforcement of a state that closes a share `effort` of the gap to perfection.
#[must_use]
pub fn enforcement(effort: f64, p: &Params) -> f64 {
    p.enforcement + (1.0 - p.enforcement) * effort
}

/// Whether a measure in force restricts or taxes a lane.
#[must_use]
pub fn restricted(leak: &Leak, effects: &Effects) -> bool {
    effects.limit[leak.of].is_finite()
        || effects.export_tax[leak.of] > 0.0
        || leak
            .pools
            .iter()
            .any(|&pool| effects.quota[pool].is_finite())
}

fn watch_wedges(
    settings: Res<Settings>,
    layout: Res<Layout>,
    books: Res<Books>,
    effects: Res<Effects>,
    mut leaks: ResMut<Leaks>,
) {
    let p = &settings.0;
    for leak in &mut leaks.0 {
        let lane = layout.lanes[leak.of];
        let seller = exp(books.log_price[lane.from.index()]);
        let wedge = books.log_price[lane.to.index()] - ln(seller + leak.freight);
        if !restricted(leak, &effects) {
            leak.usual_wedge = Some(wedge);
            leak.capacity = 0.0;
            continue;
        }
        // A restriction that was there before the start has shaped what is usual.
        let usual = *leak.usual_wedge.get_or_insert(wedge);
        let binds = books.lane_rent[leak.of] > 1e-9 * seller || effects.export_tax[leak.of] > 0.0;
        let gap = if binds { wedge - usual } else { 0.0 };
        let open = |state: usize| {
            layout.lanes.iter().enumerate().any(|(l, other)| {
                other.from == lane.from
                    && other.importer.index() == state
                    && other.leak_of().is_none()
                    && effects.limit[l].is_infinite()
            })
        };
        let quota = leak
            .pools
            .iter()
            .any(|&pool| effects.quota[pool].is_finite());
        let detour = if quota {
            None
        } else {
            leak.detours.iter().find(|(state, _)| open(*state)).copied()
        };
        let efficacy = enforcement(effects.enforcement[lane.exporter.index()], p);
        let target = reach(leak.trade, gap, detour.is_some(), efficacy, p);
        leak.capacity += p.speed * (target - leak.capacity);
        if leak.capacity < 1e-6 * leak.trade {
            leak.capacity = 0.0;
        }
        leak.via = detour.map(|(state, _)| state);
        leak.cost = detour.map_or(leak.freight, |(_, freight)| freight)
            + seller * (p.cost + p.risk_cost * efficacy);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leakage_grows_with_the_wedge_and_shrinks_with_enforcement() {
        let p = Params::default();
        assert_eq!(reach(100.0, 0.0, true, 0.0, &p), 0.0);
        assert_eq!(reach(100.0, -1.0, true, 0.0, &p), 0.0);
        let narrow = reach(100.0, 0.2, false, 0.5, &p);
        let wide = reach(100.0, 1.0, false, 0.5, &p);
        assert!(narrow < wide && wide < 100.0 * (p.smuggling + p.relabelling) * 0.5);
        assert!(reach(100.0, 1.0, true, 0.5, &p) > wide, "third states help");
        assert!(reach(100.0, 1.0, false, 0.9, &p) < wide);
        assert_eq!(reach(100.0, 1.0, true, 1.0, &p), 0.0);
    }

    #[test]
    fn an_effort_closes_part_of_the_gap() {
        let p = Params::default();
        assert_eq!(enforcement(0.0, &p), p.enforcement);
        assert_eq!(enforcement(1.0, &p), 1.0);
    }
}
