//! What can be configured of disturbances.

crate::domain::fields::fields! {
    /// Noise of calm years: the volatility that no dated event explains.
    pub struct ShockParams {
        /// Standard deviation of a sector's quarterly demand innovation, in logs.
        demand_noise: f64 = 0.012, 0.0..=0.2, "log", "assumption: 0.005 to 0.03";
        /// Persistence of demand noise from quarter to quarter.
        demand_persistence: f64 = 0.7, 0.0..=0.99, "share", "assumption: 0.5 to 0.9";
        /// Standard deviation of a plant group's quarterly availability, in logs.
        supply_noise: f64 = 0.012, 0.0..=0.2, "log", "assumption: 0.005 to 0.03";
        /// Persistence of availability from quarter to quarter.
        supply_persistence: f64 = 0.5, 0.0..=0.99, "share", "assumption: 0.3 to 0.8";
    }
}
