//! What can be configured of plants' and traders' plans.

crate::domain::fields::fields! {
    /// Plans of plants, holders and traders.
    pub struct PlanningParams {
        /// Price elasticity of the stocks that holders want, on a grid of a quarter.
        stock_elasticity: f64 = 5.0, 0.5..=12.0, "elasticity", "assumption: 2 to 6";
        /// Factor on desired stock per unit of perceived risk.
        precaution: f64 = 3.0, 0.0..=20.0, "per risk", "assumption: 1 to 5";
        /// Share of the gap by which the throughput that holders plan on follows the last quarter.
        throughput_speed: f64 = 0.15, 0.01..=1.0, "per quarter", "assumption: 0.05 to 0.3";
        /// Exponent of relationship capital on the buyer's use of the lane relative to the start.
        habit: f64 = 0.5, 0.0..=1.0, "exponent", "assumption: 0.3 to 0.7";
        /// Share of the gap that relationship capital closes in a quarter.
        capital_speed: f64 = 0.10, 0.0..=1.0, "per quarter", "assumption: 0.05 to 0.2";
        /// Share of new capacity that looks for buyers abroad.
        export_share: f64 = 0.8, 0.0..=1.0, "share", "assumption: 0.5 to 1";
        /// Whether separators do without a feed that cannot come: nobody mines it, no lane brings it, none is in stock.
        dry_feeds: bool = false;
        /// Premium on delivered cost per unit of trust lost since the start.
        distrust_premium: f64 = 0.30, 0.0..=3.0, "share per trust", "assumption: 0.1 to 0.6";
        /// Largest discount on delivered cost that trust gained since the start is worth.
        largest_discount: f64 = 0.05, 0.0..=0.5, "share", "assumption: 0 to 0.1";
    }
}
