//! Shocks: what no state in the model chose. Dated disturbances of a scenario, and the noise of calm years.
//!
//! Noise is an autoregressive path per sector (demand) and per plant group (availability), drawn when the world is built and keyed by name,
//! so that no other draw depends on it. The first quarter is free of noise: the start is settled.

mod params;

use crate::domain::{
    exchange::{Disturbances, Journal},
    maths::exp,
    time::Quarter,
};
use crate::engine::{
    phase::Phase,
    rng::{Purpose, normal, stream},
    simulation::{Clock, Simulation},
};
use bevy_ecs::prelude::*;
pub use params::ShockParams as Params;

/// What a dated shock does, in terms of this world's indices.
#[derive(Debug, Clone, PartialEq)]
pub enum Strike {
    /// A share of the capacity of these plants is not available.
    Plants(Vec<usize>, f64),
    /// A sector's driver is multiplied.
    Sector(usize, f64),
    /// Freight between these pairs (states x states) is multiplied.
    Freight(Vec<usize>, f64),
}

/// A dated shock.
#[derive(Debug, Clone, PartialEq)]
pub struct Dated {
    /// Name in the scenario.
    pub name: String,
    /// First quarter.
    pub at: Quarter,
    /// Quarters it lasts.
    pub lasts: i32,
    /// What it does.
    pub strike: Strike,
}

/// Noise paths of a run: log deviations, by sector or group, quarter by quarter.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Noise {
    /// Quarters of a path.
    pub quarters: usize,
    /// Demand, sectors x quarters.
    pub demand: Vec<f64>,
    /// Availability, groups x quarters.
    pub supply: Vec<f64>,
}

/// The dated shocks of a run.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct DatedShocks(pub Vec<Dated>);

/// Plant group of each plant.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct GroupOfPlant(pub Vec<usize>);

/// An autoregressive path of log deviations that starts at zero; innovations are standard normal times `deviation`.
#[must_use]
pub fn noise_path(
    seed: u64,
    purpose: Purpose,
    owner: &str,
    quarters: usize,
    deviation: f64,
    persistence: f64,
) -> Vec<f64> {
    let mut draws = stream(seed, purpose, owner);
    let mut level = 0.0;
    (0..quarters)
        .map(|quarter| {
            let innovation = deviation * normal(&mut draws);
            if quarter > 0 {
                level = persistence * level + innovation;
            }
            level
        })
        .collect()
}

/// Adds the mechanism.
pub fn plugin(simulation: &mut Simulation) {
    simulation.add(Phase::Shock, strike);
}

fn strike(
    clock: Res<Clock>,
    noise: Res<Noise>,
    dated: Res<DatedShocks>,
    groups: Res<GroupOfPlant>,
    mut now: ResMut<Disturbances>,
    mut journal: ResMut<Journal>,
) {
    let quarter = clock.index().min(noise.quarters.saturating_sub(1));
    for (sector, factor) in now.demand.iter_mut().enumerate() {
        *factor = exp(noise.demand[sector * noise.quarters + quarter]);
    }
    for (available, group) in now.availability.iter_mut().zip(&groups.0) {
        *available = exp(noise.supply[group * noise.quarters + quarter].min(0.05));
    }
    now.freight.fill(1.0);
    for shock in &dated.0 {
        let since = clock.now.since(shock.at);
        let size = match &shock.strike {
            Strike::Plants(_, size) | Strike::Sector(_, size) | Strike::Freight(_, size) => *size,
        };
        if since == 0 || since == shock.lasts {
            journal.shocks.push((shock.name.clone(), since == 0, size));
        }
        if (0..shock.lasts).contains(&since) {
            apply(&shock.strike, &mut now);
        }
    }
}

/// Lays one shock over the disturbances of the quarter.
pub fn apply(strike: &Strike, now: &mut Disturbances) {
    match strike {
        Strike::Plants(plants, share) => plants
            .iter()
            .for_each(|&p| now.availability[p] *= 1.0 - share),
        Strike::Sector(sector, factor) => now.demand[*sector] *= factor,
        Strike::Freight(pairs, factor) => {
            pairs.iter().for_each(|&pair| now.freight[pair] *= factor)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_starts_at_zero_and_belongs_to_its_owner() {
        let path = noise_path(1, Purpose::DemandNoise, "wind", 8, 0.02, 0.7);
        assert_eq!(path[0], 0.0);
        assert_eq!(
            path,
            noise_path(1, Purpose::DemandNoise, "wind", 8, 0.02, 0.7)
        );
        assert_ne!(
            path,
            noise_path(1, Purpose::DemandNoise, "robotics", 8, 0.02, 0.7)
        );
        assert_eq!(
            path[..4],
            noise_path(1, Purpose::DemandNoise, "wind", 4, 0.02, 0.7)[..]
        );
    }

    #[test]
    fn a_closure_takes_its_share() {
        let mut now = Disturbances {
            availability: vec![1.0, 1.0],
            demand: vec![1.0],
            freight: vec![1.0],
        };
        apply(&Strike::Plants(vec![1], 0.8), &mut now);
        assert!((now.availability[1] - 0.2).abs() < 1e-15 && now.availability[0] == 1.0);
    }
}
