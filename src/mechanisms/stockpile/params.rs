//! What can be configured of state stockpiles.

crate::domain::fields::fields! {
    /// How states buy for and sell from their stockpiles.
    pub struct StockpileParams {
        /// Steepness of orders and releases around their trigger price, per log price.
        steepness: f64 = 8.0, 1.0..=40.0, "per log", "assumption: 4 to 15";
        /// Log price above its slow average at which half of the planned purchase is put off.
        patience: f64 = 0.25, 0.0..=2.0, "log", "assumption: 0.1 to 0.5";
        /// Largest share of a stockpile released in a quarter.
        release_share: f64 = 0.25, 0.01..=1.0, "share", "assumption: 0.15 to 0.5";
        /// Share of what the owner releases that allies may draw together.
        allied_share: f64 = 0.5, 0.0..=1.0, "share", "assumption: 0.2 to 1";
        /// Log price above its slow average at which stocks are released for rated users whose orders come first.
        rated_trigger: f64 = 0.1, 0.0..=2.0, "log", "assumption: 0 to 0.3";
        /// Cost of holding a stock, share of its value per year.
        carrying_cost: f64 = 0.04, 0.0..=0.3, "per year", "assumption: 0.02 to 0.08";
    }
}
