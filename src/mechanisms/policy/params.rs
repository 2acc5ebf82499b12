//! What can be configured of how policy works.

crate::domain::fields::fields! {
    /// How measures bite.
    pub struct PolicyParams {
        /// How strongly a yearly production quota follows the log gap between the price and its slow average.
        quota_price_response: f64 = 0.10, 0.0..=1.0, "share per log", "assumption: 0 to 0.3; a strong rule runs away";
        /// Largest change of a production quota in a year, up or down.
        quota_step: f64 = 0.10, 0.0..=0.5, "share per year", "Chinese quotas moved by 0 to 25% a year in 2018-2024 (MIIT notices); usual step up to 10%";
        /// Share of a buyer's supply that must be hit for a threat to count in full.
        threat_share: f64 = 0.5, 0.01..=1.0, "share", "assumption: 0.3 to 0.8";
        /// Public cost of inspecting, per kg mined or separated, when all of a standard is enforced where nothing was.
        enforcement_usd_per_kg: f64 = 0.1, 0.0..=10.0, "USD/kg REO", "assumption: 0.02 to 0.3; a twentieth of what compliance costs plants";
        /// Cost of a case that comes before ownership screening.
        screening_usd_per_case: f64 = 0.5e6, 0.0..=1e8, "USD", "assumption: 0.1 to 2 million; Australia's highest fee for a case is 1.2 million AUD (FIRB 2024)";
        /// Quarters after which states see what happened in a quarter.
        observation_lag: u32 = 1, 1..=8, "quarters", "assumption: 1 to 3; customs publish by month, yearbooks after three quarters and more";
        /// Standard deviation of the error with which states read published quantities, relative to them.
        observation_error: f64 = 0.05, 0.0..=0.5, "share", "assumption: 0 to 0.15; exporters' and importers' records of one trade differ by more";
        /// Trust from which a state counts another among its friends.
        friend_trust: f64 = 0.6, 0.0..=1.0, "trust", "assumption: 0.5 to 0.7";
        /// How strongly a production quota led by leverage follows the log share of world output that its state has lost.
        quota_share_response: f64 = 0.5, 0.0..=2.0, "share per log", "assumption: 0.25 to 1";
        /// Trust that members of a bloc gain in a state that accedes, and it in them.
        bloc_trust: f64 = 0.10, 0.0..=1.0, "trust", "assumption: 0.03 to 0.2";
        /// Share of the distrust premium that shared membership takes away.
        bloc_ease: f64 = 0.5, 0.0..=1.0, "share", "assumption: 0.2 to 0.8";
        /// Share of the distrust premium that a bilateral agreement takes away.
        agreement_ease: f64 = 0.5, 0.0..=1.0, "share", "assumption: 0.2 to 0.8";
        /// What a technology export ban counts for as coercion, relative to an embargo.
        technology_coercion: f64 = 0.3, 0.0..=1.0, "share", "assumption: 0.1 to 0.6";
    }
}
