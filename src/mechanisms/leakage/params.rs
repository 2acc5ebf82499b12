//! What can be configured of what slips past restrictions.

crate::domain::fields::fields! {
    /// Smuggling, transshipment and false declaration.
    pub struct LeakageParams {
        /// What can be smuggled out at most, share of a lane's trade at the start.
        smuggling: f64 = 0.20, 0.0..=2.0, "share", "assumption: 0.05 to 1; from China 35,000 t about 2013 (BGR via MNR geoglobal 2014) and 40,000 t in 2014, 1.5 times official exports (Reuters Jul 2025), before the campaigns of 2016 and later";
        /// What can leave under a false declaration at most, share of a lane's trade at the start.
        relabelling: f64 = 0.05, 0.0..=1.0, "share", "assumption: 0.02 to 0.15";
        /// What can go through states to which trade is open at most, share of a lane's trade at the start.
        transshipment: f64 = 0.25, 0.0..=1.0, "share", "assumption: 0.1 to 0.5";
        /// Log wedge above the usual one at which half of that is reached.
        half_wedge: f64 = 0.5, 0.05..=3.0, "log", "assumption: 0.3 to 1";
        /// Share of the gap that networks close in a quarter.
        speed: f64 = 0.25, 0.01..=1.0, "per quarter", "assumption: 0.1 to 0.5";
        /// Cost of going round a restriction that nobody enforces, share of the seller's price.
        cost: f64 = 0.10, 0.0..=2.0, "share", "assumption: 0.05 to 0.3";
        /// What perfect enforcement adds to that cost, share of the seller's price.
        risk_cost: f64 = 0.60, 0.0..=5.0, "share", "assumption: 0.3 to 1.5";
        /// Enforcement of what a state restricts, without an effort of its own: 0 none, 1 perfect.
        enforcement: f64 = 0.5, 0.0..=1.0, "share", "assumption: 0.2 to 0.8";
    }
}
