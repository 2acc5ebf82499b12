//! Expectation: beliefs about prices, formed from past prices and from announcements, and perceived supply risk.
//!
//! Three types hold stocks. *Adaptive* holders close a share of the gap to the last price each quarter. *Trend* followers expect the average
//! past change to go on, within a clip. *Fundamental* holders trust a slow average. An announced restriction makes the beliefs about what
//! it covers jump at once; the jump fades if nothing follows. No belief looks at today's price: that would allow several equilibria.

mod params;

use crate::domain::{
    exchange::{Beliefs, Books, Effects, GroupBooks, Trading},
    market::HOLDERS,
};
use crate::engine::{phase::Phase, simulation::Simulation};
use bevy_ecs::prelude::*;
pub use params::ExpectationParams as Params;

/// The parameters in use.
#[derive(Resource, Debug, Clone, PartialEq)]
pub struct Settings(pub Params);

/// Log price above the start at which no belief goes further: final users would have given up.
const BELIEF_CEILING: f64 = 3.4;
/// Log price below the start at which no belief goes further: at a tenth of its price a good finds some use.
const BELIEF_FLOOR: f64 = -2.5;

/// Adds the mechanism.
pub fn plugin(simulation: &mut Simulation) {
    simulation.add(Phase::Expectation, form_beliefs);
}

/// Beliefs of the three holder types about a venue, one quarter on. `price` is last quarter's log price, `change` the smoothed change.
#[must_use]
pub fn next_beliefs(held: [f64; HOLDERS], price: f64, change: f64, p: &Params) -> [f64; HOLDERS] {
    let [adaptive, _, fundamental] = held;
    [
        adaptive + p.adaptive_speed * (price - adaptive),
        price + (p.trend_extrapolation * change).clamp(-p.trend_clip, p.trend_clip),
        fundamental + p.fundamental_speed * (price - fundamental),
    ]
}

/// Perceived risk one quarter on: fades, and rises with restrictions announced or in force and with use that limits refused.
#[must_use]
pub fn next_risk(risk: f64, threat: f64, refused_share: f64, p: &Params) -> f64 {
    ((1.0 - p.risk_decay) * risk + p.risk_decay * (threat + p.risk_of_unmet * refused_share))
        .clamp(0.0, 1.0)
}

fn form_beliefs(
    settings: Res<Settings>,
    books: Res<Books>,
    groups: Res<GroupBooks>,
    effects: Res<Effects>,
    mut beliefs: ResMut<Beliefs>,
    mut trading: ResMut<Trading>,
) {
    let p = &settings.0;
    let b = &mut *beliefs;
    for v in 0..b.change.len() {
        let price = books.log_price[v];
        b.change[v] += p.trend_memory * (price - books.log_price_before[v] - b.change[v]);
        let held = [
            b.price[HOLDERS * v],
            b.price[HOLDERS * v + 1],
            b.price[HOLDERS * v + 2],
        ];
        let next = next_beliefs(held, price, b.change[v], p);
        b.price[HOLDERS * v..HOLDERS * (v + 1)].copy_from_slice(&next);
        b.jump[v] = p.jump_persistence * b.jump[v] + p.announcement_jump * effects.news[v];
        b.risk[v] = next_risk(b.risk[v], effects.threat[v], books.refused_share[v], p);
        let start = groups.log_price_start[v];
        for (held, belief) in trading.coefficients.belief[v].iter_mut().zip(next) {
            *held = (belief + b.jump[v]).clamp(start + BELIEF_FLOOR, start + BELIEF_CEILING);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calm_prices_leave_beliefs_alone() {
        assert_eq!(
            next_beliefs([1.0; 3], 1.0, 0.0, &Params::default()),
            [1.0; 3]
        );
    }

    #[test]
    fn trend_followers_run_ahead_but_not_without_end() {
        let p = Params::default();
        let [adaptive, trend, fundamental] = next_beliefs([0.0; 3], 0.5, 0.2, &p);
        assert!(trend > 0.5 && adaptive < 0.5 && fundamental < adaptive);
        assert!((next_beliefs([0.0; 3], 0.5, 9.0, &p)[1] - 0.5 - p.trend_clip).abs() < 1e-15);
    }

    #[test]
    fn risk_stays_a_share_and_fades() {
        let p = Params::default();
        assert_eq!(next_risk(1.0, 1.0, 5.0, &p), 1.0);
        assert!(next_risk(0.4, 0.0, 0.0, &p) < 0.4);
    }
}
