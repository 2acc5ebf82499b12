//! What can be configured of beliefs.

crate::domain::fields::fields! {
    /// Beliefs about prices and perceived supply risk.
    pub struct ExpectationParams {
        /// Share of holders who follow the price slowly.
        adaptive_share: f64 = 0.47, 0.0..=1.0, "share", "assumption: 0.3 to 0.6";
        /// Share of holders who extrapolate past changes; the rest trust a slow average.
        trend_share: f64 = 0.30, 0.0..=0.8, "share", "assumption: 0.1 to 0.5";
        /// Share of the gap to the price that adaptive holders close in a quarter.
        adaptive_speed: f64 = 0.10, 0.0..=1.0, "per quarter", "assumption: 0.05 to 0.3";
        /// How many quarters of the average past change trend followers expect to see again.
        trend_extrapolation: f64 = 1.6, 0.0..=4.0, "quarters", "assumption: 0.5 to 2.5";
        /// Largest change that trend followers expect, in logs.
        trend_clip: f64 = 0.68, 0.0..=2.0, "log", "assumption: 0.4 to 1";
        /// Weight of the last quarter in the average change.
        trend_memory: f64 = 0.5, 0.05..=1.0, "share", "assumption: 0.3 to 0.7";
        /// Share of the gap to the price that fundamental holders close in a quarter.
        fundamental_speed: f64 = 0.07, 0.0..=0.5, "per quarter", "assumption: 0.03 to 0.15";
        /// Log price by which a belief jumps when a complete restriction is announced.
        announcement_jump: f64 = 1.0, 0.0..=3.0, "log", "assumption: 0.5 to 1.5";
        /// Share of that jump that is left after a quarter.
        jump_persistence: f64 = 0.6, 0.0..=0.99, "share", "assumption: 0.4 to 0.8";
        /// Share of perceived risk that fades in a quarter.
        risk_decay: f64 = 0.5, 0.05..=1.0, "per quarter", "assumption: a third to a half";
        /// Perceived risk added per share of use that stays unmet because of a limit.
        risk_of_unmet: f64 = 1.0, 0.0..=10.0, "per share", "assumption: 0.5 to 3";
    }
}
