//! One run from configuration to record.

use crate::{config::scenario::Scenario, engine::phase::Phase, record::RunRecord};

/// Builds the world of a scenario under a seed, lives through it, and gives back what was recorded.
///
/// # Errors
/// Why the world could not be built, or what stopped it.
pub fn simulate(_scenario: &Scenario, _seed: u32) -> Result<RunRecord, String> {
    Err("not yet".to_owned())
}
pub fn timeline(_scenario: &Scenario) -> Result<String, String> { let _ = Phase::ALL; Err("not yet".to_owned()) }
