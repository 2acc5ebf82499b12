//! What can be configured of know-how and of the environment.

crate::domain::fields::fields! {
    /// How know-how grows and what it does.
    pub struct CapabilityParams {
        /// Yield at no know-how; at full know-how it is 1 (relative to the recipe).
        yield_floor: f64 = 0.85, 0.3..=1.0, "share", "assumption: 0.75 to 0.95; a Western separation plant ran at 47% of nameplate after two years";
        /// Extra conversion cost at no know-how, share.
        cost_penalty: f64 = 0.5, 0.0..=3.0, "share", "assumption: 0.3 to 1";
        /// Share of the gap to full know-how closed per doubling of experience.
        learning: f64 = 0.12, 0.0..=1.0, "per doubling", "assumption: 0.05 to 0.2";
        /// Part of what owners from abroad know more that stays with the host, for the share of the stage that they run.
        transfer: f64 = 0.01, 0.0..=0.5, "per quarter", "assumption: 0.003 to 0.03";
        /// Know-how of a state that makes a negligible share of a stage.
        least: f64 = 0.3, 0.0..=1.0, "share", "assumption: 0.1 to 0.5";
        /// Know-how from which a state has technology of its own and needs nobody's.
        own_technology: f64 = 0.9, 0.1..=1.0, "share", "assumption: 0.8 to 1";
        /// Extra conversion cost where all know-how from abroad is cut off from a state without its own, share.
        ban_cost: f64 = 0.15, 0.0..=2.0, "share", "assumption: 0.05 to 0.4; equipment and spare parts from elsewhere";
        /// Share of world output of a stage at which know-how is complete.
        full_at: f64 = 0.3, 0.01..=1.0, "share", "assumption: 0.2 to 0.6";
    }
}
