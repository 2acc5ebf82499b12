//! What can be configured of end use.

crate::domain::fields::fields! {
    /// Demand of end users.
    pub struct DemandParams {
        /// Short-run price response as a share of the elasticity in the sector table.
        short_run_factor: f64 = 0.4, 0.0..=1.0, "share", "assumption: 0.2 to 1";
        /// Log of the factor by which magnet demand in the last year of the driver tables exceeds their path (0: the tables' path).
        surge_log: f64 = 0.0, -3.0..=3.0, "log", "STEPS is x1.76 by 2040; the brief's x4 to x7 is the top of the range";
        /// Last year of the driver tables, at which the whole of `surge_log` is reached.
        surge_year: f64 = 2040.0, 2010.0..=2100.0, "year", "driver tables";
        /// Growth of use per year beyond the last year of the driver tables.
        growth_after: f64 = 0.02, -0.1..=0.2, "per year", "assumption: 0 to 0.04";
        /// Smallest surge factor that a sector without magnets takes over (0: none of it).
        surge_of_oxides: f64 = 0.0, 0.0..=1.0, "share", "assumption: the surge is one of magnets";
    }
}
