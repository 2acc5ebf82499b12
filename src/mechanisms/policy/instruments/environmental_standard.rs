//! Environmental standard: what mines and separation plants must comply with, and how far that is enforced. Compliance costs the plants,
//! what is not complied with does damage, enforcement costs the public: three entries of one account. Real case: China's crackdown
//! on illegal mining of ionic clays, 2011.

use super::Scene;
use crate::domain::{exchange::Effects, ids::StateId, industry::Standard};

/// Share of full compliance kept to under a standard of this stringency and enforcement.
#[must_use]
pub fn kept(level: f64, enforcement: f64) -> f64 {
    (level * enforcement).clamp(0.0, 1.0)
}

/// Sets the standard of the state; of several the strictest holds.
pub fn apply(
    _: &Scene,
    state: StateId,
    index: usize,
    level: f64,
    enforcement: f64,
    effects: &mut Effects,
) {
    let slot = &mut effects.industry.standards[state.index()];
    let kept = kept(level, enforcement);
    if slot.is_none_or(|other| kept > other.kept) {
        *slot = Some(Standard {
            measure: index,
            kept,
            enforcement,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strict_rule_that_nobody_enforces_is_kept_by_nobody() {
        assert_eq!(kept(2.0, 0.0), 0.0);
        assert_eq!(kept(2.0, 0.7), 1.0);
        assert!((kept(0.5, 0.6) - 0.3).abs() < 1e-12);
    }
}
