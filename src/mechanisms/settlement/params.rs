//! What can be configured of settlement.

crate::domain::fields::fields! {
    /// Who gets what in a trade.
    pub struct SettlementParams {
        /// Share of the friend-shoring premium that is a real cost of compliance and traceability; the rest stays with the trader.
        compliance_share: f64 = 0.3, 0.0..=1.0, "share", "assumption: 0.1 to 0.6";
        /// Cost of disposing of what is not separated, USD per kg REO.
        disposal_usd_per_kg: f64 = 0.05, 0.0..=2.0, "USD/kg", "assumption: 0.02 to 0.2";
    }
}
