//! What can be configured of trust.

crate::domain::fields::fields! {
    /// How trust between states moves.
    pub struct FriendshoringParams {
        /// Trust gained or lost per share delivered above or below what was ordered.
        reliability: f64 = 0.10, 0.0..=1.0, "trust", "assumption: 0.05 to 0.2";
        /// Trust that a target loses per unit of coercion in a quarter.
        coercion: f64 = 0.15, 0.0..=1.0, "trust", "assumption: 0.05 to 0.3";
        /// Trust that onlookers lose per unit of coercion in a quarter.
        onlookers: f64 = 0.05, 0.0..=1.0, "trust", "assumption: 0.01 to 0.1";
        /// Share of the gap to its base that trust closes in a quarter.
        healing: f64 = 0.015, 0.0..=1.0, "per quarter", "assumption: 0.005 to 0.03";
    }
}
