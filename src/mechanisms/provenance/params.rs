//! What can be configured of provenance.

use crate::domain::policy::Reach;

crate::domain::fields::fields! {
    /// Open and qualified sides of commodities whose origin or owner matters.
    pub struct ProvenanceParams {
        /// First stage of the chain whose goods are told apart by origin; materials before it may come from anywhere.
        from: Reach = Reach::Metal;
        /// Trade elasticity of the valve through which qualified goods are sold as open ones.
        valve: f64 = 16.0, 12.0..=20.0, "elasticity", "assumption: 12 to 20; the premium at which next to nothing leaks is a third at 16";
        /// Spread of log prices over which civil users give up a credit.
        choice_spread: f64 = 0.08, 0.02..=0.5, "log", "assumption: 0.04 to 0.15";
        /// Growth of a qualified lane's relationship capital per quarter and log of what the buyer's price exceeds its delivered cost by.
        seek: f64 = 0.25, 0.0..=2.0, "per quarter", "assumption: 0.1 to 0.5; qualifying a new supplier takes one to two years";
        /// Share of a venue's qualified supply from which a supplier, or its own plants, get sides of their own.
        material: f64 = 0.05, 0.0..=1.0, "share", "design: keeps the market small";
        /// Qualified supply of a material over what covered users need of it, below which its provenance is not told.
        reserve: f64 = 1.5, 0.0..=100.0, "factor", "assumption: 1 to 3; below it rules have come with waivers";
    }
}
