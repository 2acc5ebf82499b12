//! Enforcement against smuggling, transshipment and false declaration. Real case: China's joint special operation against the smuggling
//! of strategic minerals, from May 2025.

use crate::domain::{exchange::Effects, ids::StateId};

/// Raises the state's enforcement and books what it costs; efforts do not add up, the strongest holds.
pub fn apply(state: StateId, effort: f64, usd_per_year: f64, index: usize, effects: &mut Effects) {
    let closed = &mut effects.enforcement[state.index()];
    *closed = closed.max(effort);
    effects.industry.dues.push((index, usd_per_year / 4.0));
}
