//! Subsidised loan: the state lends part of a project's capital cost below what the firm would pay. It lowers the cost of capital, and the
//! money is easier to find. What the public pays is the grant equivalent when the loan is made, and what is not paid back when the
//! borrower fails. Real case: Export Finance Australia to Iluka's Eneabba, 2022 and 2024; the Pentagon's loan to MP Materials, 2025.

use super::Scene;
use crate::domain::{exchange::Effects, ids::StateId, industry::LoanOffer};

/// Offers the loan to every group of the stages; of several the largest holds.
#[expect(clippy::too_many_arguments, reason = "the terms of one loan")]
pub fn apply(
    scene: &Scene,
    state: StateId,
    index: usize,
    stages: &[String],
    share: f64,
    discount: f64,
    left_usd: f64,
    effects: &mut Effects,
) {
    if left_usd <= 0.0 {
        return;
    }
    for g in scene.groups_of(state, stages, &[]) {
        let slot = &mut effects.industry.loans[g];
        if slot.is_none_or(|other| share * discount > other.share * other.discount) {
            *slot = Some(LoanOffer {
                measure: index,
                share,
                discount,
                left_usd,
            });
        }
    }
}
