//! Substitution: thrifting and redesign move with the price, and part of them stays.
//!
//! End users: a slow memory of the log price above the start and of perceived risk drives the long-run response, at the pace of their sector; a share of its highest value so far is kept for
//! good (the ratchet). Makers: inputs that another recipe needs less of can be thrifted, at a speed that grows with their price, up to a
//! limit; what is gained is given up only slowly when the input is cheap again.

mod params;

use crate::domain::{
    actors::EndUser,
    exchange::{Beliefs, Books, Curves, Effects, GroupBooks, Trading},
    ids::VenueId,
    industry::Research,
    layout::Layout,
    maths::exp,
};
use crate::engine::{phase::Phase, simulation::Simulation};
use bevy_ecs::prelude::*;
pub use params::SubstitutionParams as Params;

/// The parameters in use.
#[derive(Resource, Debug, Clone, PartialEq)]
pub struct Settings(pub Params);

/// Venue of each end user, by user id.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct VenueOfUser(pub Vec<VenueId>);

/// Adds the mechanism.
pub fn plugin(simulation: &mut Simulation) {
    simulation.add(
        Phase::Substitution,
        (remember_prices, thrift_inputs).chain(),
    );
}

/// Part of the gap to the long-run response that users of each sector close in a quarter.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct SectorPace(pub Vec<f64>);

/// What a price and the risk of going without weigh together, as a log price above the start: users redesign for both.
#[must_use]
pub fn pressure(price_gap: f64, risk: f64, p: &Params) -> f64 {
    price_gap + p.risk_weight * risk
}

/// Memory and ratchet of a user of a sector with this pace one quarter on; `gap` is the pressure to save.
#[must_use]
pub fn remember(memory: f64, ratchet: f64, gap: f64, pace: f64, p: &Params) -> (f64, f64) {
    let memory = memory + (p.pace * pace).min(1.0) * (gap - memory);
    (memory, ratchet.max(p.irreversible * memory))
}

/// Share thrifted one quarter on, and the highest so far; `gap` is the log price of the input above the start.
///
/// A dear input is thrifted towards the limit; a cheap one is used more freely, up to `thrift_reverse` above the start, but a share of the
/// highest thrift stays for years.
#[must_use]
pub fn thrift(share: f64, highest: f64, gap: f64, p: &Params) -> (f64, f64) {
    let step = if gap >= 0.0 {
        p.thrift_speed * gap * (1.0 - share / p.thrift_limit.max(1e-9))
    } else {
        p.thrift_return * gap
    };
    // A tenth of thrift in memory closes the way to a freer use than at the start.
    let floor = p.thrift_kept * highest - p.thrift_reverse * (1.0 - 10.0 * highest).max(0.0);
    let share = (share + step).clamp(floor.min(p.thrift_limit), p.thrift_limit);
    let remembered = if gap < 0.0 {
        highest * (1.0 - p.thrift_forgetting)
    } else {
        highest
    };
    (share, remembered.max(share))
}

#[expect(
    clippy::too_many_arguments,
    reason = "users look at prices, risk, research and the pace of their sector"
)]
fn remember_prices(
    settings: Res<Settings>,
    pace: Res<SectorPace>,
    beliefs: Res<Beliefs>,
    books: Res<Books>,
    groups: Res<GroupBooks>,
    venues: Res<VenueOfUser>,
    curves: Res<Curves>,
    effects: Res<Effects>,
    mut users: Query<&mut EndUser>,
) {
    for mut user in &mut users {
        let id = user.id.index();
        let v = venues.0[id].index();
        let gap = books.log_price[v] - groups.log_price_start[v];
        let gap = pressure(gap, beliefs.risk[v], &settings.0);
        let research = effects.industry.research.iter().filter(|r| {
            r.state == user.state
                && r.goods[user.commodity.index()]
                && r.sectors[user.sector.index()]
        });
        let p = helped(&settings.0, research);
        (user.memory, user.ratchet) = remember(
            user.memory,
            user.ratchet,
            gap,
            pace.0[user.sector.index()],
            &p,
        );
        user.thrifted = saved(
            curves.elasticity[id],
            curves.elasticity_long[id],
            user.memory,
            user.ratchet,
        );
    }
}

/// The parameters where research helps: a faster pace, and more that can be saved.
#[must_use]
pub fn helped<'a>(p: &Params, research: impl Iterator<Item = &'a Research>) -> Params {
    let (mut speed, mut limit) = (1.0f64, 0.0f64);
    for one in research {
        speed = speed.max(one.speed);
        limit = limit.max(one.limit);
    }
    Params {
        pace: p.pace * speed,
        irreversible: (p.irreversible + limit).min(1.0),
        thrift_speed: p.thrift_speed * speed,
        thrift_limit: (p.thrift_limit + limit).min(0.95),
        ..p.clone()
    }
}

/// Share of use saved by the long-run response.
#[must_use]
pub fn saved(short: f64, long: f64, memory: f64, ratchet: f64) -> f64 {
    1.0 - exp(-(long - short).max(0.0) * memory.max(ratchet))
}

fn thrift_inputs(
    settings: Res<Settings>,
    beliefs: Res<Beliefs>,
    books: Res<Books>,
    layout: Res<Layout>,
    effects: Res<Effects>,
    mut groups: ResMut<GroupBooks>,
    mut trading: ResMut<Trading>,
) {
    let g = &mut *groups;
    let t = &mut *trading;
    for (i, group) in layout.groups.iter().enumerate() {
        let terms = t.structure.modes[group.first_mode].terms.start
            ..t.structure.modes[group.end_mode - 1].terms.end;
        let (mut gap, mut weight) = (0.0, 0.0);
        for term in terms.clone().filter(|&term| g.thriftable[term]) {
            let v = t.structure.terms[term].venue.index();
            let dearer = books.log_price[v] - g.log_price_start[v];
            gap += g.amount_start[term] * pressure(dearer, beliefs.risk[v], &settings.0);
            weight += g.amount_start[term];
        }
        if weight <= 0.0 {
            continue;
        }
        let structure = &t.structure;
        let saves = |r: &&Research| {
            r.state == group.host
                && terms.clone().any(|term| {
                    g.thriftable[term]
                        && r.goods[layout.venues[structure.terms[term].venue.index()]
                            .commodity
                            .index()]
                })
        };
        let p = helped(&settings.0, effects.industry.research.iter().filter(saves));
        (g.thrift[i], g.thrift_highest[i]) =
            thrift(g.thrift[i], g.thrift_highest[i], gap / weight, &p);
        for term in terms.filter(|&term| g.thriftable[term]) {
            t.coefficients.amount[term] = g.amount_start[term] * (1.0 - g.thrift[i]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spike_leaves_something_behind() {
        let p = Params::default();
        let (mut memory, mut ratchet) = (0.0, 0.0);
        for _ in 0..8 {
            (memory, ratchet) = remember(memory, ratchet, 1.5, 0.08, &p);
        }
        let peak = memory;
        for _ in 0..80 {
            (memory, ratchet) = remember(memory, ratchet, 0.0, 0.08, &p);
        }
        assert!(memory < 0.01 && (ratchet - p.irreversible * peak).abs() < 1e-12);
    }

    #[test]
    fn nothing_is_saved_without_a_price_rise_and_savings_can_stay() {
        assert_eq!(saved(0.1, 0.5, 0.0, 0.0), 0.0);
        assert!(saved(0.1, 0.5, 0.0, 0.3) > 0.0);
        assert!(saved(0.1, 0.5, 1.0, 0.3) > saved(0.1, 0.5, 0.5, 0.3));
    }

    #[test]
    fn what_may_fail_to_come_is_saved_like_what_is_dear() {
        let p = Params::default();
        assert_eq!(pressure(0.3, 0.0, &p), 0.3);
        assert!(pressure(0.0, 0.8, &p) > 0.0);
        let (slow, fast) = (
            remember(0.0, 0.0, 1.0, 0.01, &p).0,
            remember(0.0, 0.0, 1.0, 0.12, &p).0,
        );
        assert!((fast / slow - 12.0).abs() < 1e-9);
    }

    #[test]
    fn research_speeds_thrifting_and_takes_it_further() {
        let p = Params::default();
        let research = Research {
            state: crate::domain::ids::StateId(0),
            goods: vec![],
            sectors: vec![],
            speed: 2.0,
            limit: 0.1,
        };
        assert_eq!(helped(&p, std::iter::empty()), p);
        let fast = helped(&p, std::iter::once(&research));
        assert!(thrift(0.0, 0.0, 1.0, &fast).0 > 1.9 * thrift(0.0, 0.0, 1.0, &p).0);
        assert!((fast.thrift_limit - p.thrift_limit - 0.1).abs() < 1e-12);
    }

    #[test]
    fn thrift_is_bounded_and_part_of_it_stays() {
        let p = Params::default();
        let (mut share, mut highest) = (0.0, 0.0);
        for _ in 0..800 {
            (share, highest) = thrift(share, highest, 2.0, &p);
        }
        assert!(share <= p.thrift_limit && share > 0.9 * p.thrift_limit);
        let peak = share;
        for _ in 0..8 {
            (share, highest) = thrift(share, highest, -1.0, &p);
        }
        assert!(
            share < peak && share > 0.4 * peak,
            "two cheap years do not undo it"
        );
        assert_eq!(thrift(0.0, 0.0, 0.0, &p).0, 0.0);
        assert!(
            thrift(0.0, 0.0, -1.0, &p).0 < 0.0,
            "what is cheap is used more freely"
        );
    }
}
