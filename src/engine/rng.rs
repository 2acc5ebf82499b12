//! Keyed random streams: every draw is a function of (seed, purpose, name of its owner, position).
//!
//! No generator is shared between actors, so adding a firm or a draw shifts no other draw, and two strategies under one seed see the same
//! shocks, noise and firm characters (common random numbers). Streams are keyed by the owner's *name*, because dense ids shift when an
//! entry is added.

use rand::Rng;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

/// What a stream is for. One stream per purpose and owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// An uncertain number of the configuration, keyed by its path.
    Parameter,
    /// Sizes of generated firms that fill up a country's total.
    GeneratedFirm,
    /// Character of a firm: expectation type and hurdle rate.
    FirmCharacter,
    /// Character of a plant: cost relative to its group, mothballing thresholds.
    PlantCharacter,
    /// Quarterly noise of a sector's demand.
    DemandNoise,
    /// Quarterly noise of a plant group's availability.
    SupplyNoise,
    /// Delay of a project.
    ProjectDelay,
    /// Financing of a project, drawn quarter by quarter.
    Finance,
    /// Sale of a bankrupt firm's plants.
    Bankruptcy,
    /// Start of random disturbances.
    RandomShock,
    /// Error with which a state reads a published figure.
    Observation,
    /// Points of an experiment's design; no seed.
    Design,
}

/// The stream of `purpose` that belongs to `owner` under `seed`.
#[must_use]
pub fn stream(seed: u64, purpose: Purpose, owner: &str) -> ChaCha8Rng {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    hasher.update(&[purpose as u8]);
    hasher.update(owner.as_bytes());
    ChaCha8Rng::from_seed(*hasher.finalize().as_bytes())
}

/// A uniform draw from [0, 1) with 53 bits.
pub fn uniform(stream: &mut ChaCha8Rng) -> f64 {
    const SCALE: f64 = 1.0 / (1u64 << 53) as f64;
    (stream.next_u64() >> 11) as f64 * SCALE
}

/// A standard normal draw (Box-Muller, one draw per two uniforms, so that positions in the stream stay fixed).
pub fn normal(stream: &mut ChaCha8Rng) -> f64 {
    let radius = libm::sqrt(-2.0 * libm::log(1.0 - uniform(stream)));
    radius * libm::cos(std::f64::consts::TAU * uniform(stream))
}

/// An exponential draw with the given mean.
pub fn exponential(stream: &mut ChaCha8Rng, mean: f64) -> f64 {
    -mean * libm::log(1.0 - uniform(stream))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_fixed_by_seed_purpose_and_name() {
        let draw = |seed, purpose, owner| uniform(&mut stream(seed, purpose, owner));
        assert_eq!(
            draw(1, Purpose::Finance, "lynas").to_bits(),
            draw(1, Purpose::Finance, "lynas").to_bits()
        );
        let base = draw(1, Purpose::Finance, "lynas");
        assert!(base != draw(2, Purpose::Finance, "lynas"));
        assert!(base != draw(1, Purpose::ProjectDelay, "lynas"));
        assert!(base != draw(1, Purpose::Finance, "mp"));
    }

    #[test]
    fn vectors_of_our_own_streams_do_not_move() {
        let mut s = stream(42, Purpose::Parameter, "demand.growth");
        let first = s.next_u64();
        let mut again = stream(42, Purpose::Parameter, "demand.growth");
        assert_eq!(first, again.next_u64());
    }

    #[test]
    fn draws_have_the_moments_they_should() {
        let mut s = stream(7, Purpose::DemandNoise, "x");
        let n = 20_000;
        let (mut u, mut z, mut zz, mut e) = (0.0, 0.0, 0.0, 0.0);
        for _ in 0..n {
            u += uniform(&mut s);
            let d = normal(&mut s);
            z += d;
            zz += d * d;
            e += exponential(&mut s, 2.5);
        }
        let n = f64::from(n);
        assert!((u / n - 0.5).abs() < 0.01);
        assert!((z / n).abs() < 0.03 && (zz / n - 1.0).abs() < 0.04);
        assert!((e / n - 2.5).abs() < 0.08);
    }
}
