//! What can be configured of thrifting and redesign.

crate::domain::fields::fields! {
    /// How use falls for good.
    pub struct SubstitutionParams {
        /// Factor on the sectors' pace of thrifting: part of the gap to the long-run response closed in a quarter.
        pace: f64 = 1.0, 0.0..=10.0, "factor", "1: the sector table, 0.01 to 0.12 (Sprecher et al. 2017: up to 10% of demand a year at the peak)";
        /// Log price that the certainty of going without weighs as much as.
        risk_weight: f64 = 0.5, 0.0..=5.0, "log", "assumption: 0.2 to 1; makers designed dysprosium out after 2010 before it was dear";
        /// Share of the highest long-run response that does not return.
        irreversible: f64 = 0.5, 0.0..=1.0, "share", "assumption: 0.3 to 0.8; Dy content fell from 4-5% to 2% after 2010 and stayed";
        /// Speed at which makers thrift a replaceable input per log of its price above the start.
        thrift_speed: f64 = 0.01, 0.0..=0.5, "per quarter", "grain-boundary diffusion saves about half (Trout, Magnetics Magazine); widespread within 5 years";
        /// Largest share of a replaceable input that can be thrifted.
        thrift_limit: f64 = 0.6, 0.0..=0.95, "share", "Trout, Magnetics Magazine: 50%, up to 70% quoted in 2025";
        /// Speed at which makers use more of a replaceable input per log of its price below the start.
        thrift_return: f64 = 0.02, 0.0..=0.5, "per quarter", "assumption: 0 to 0.04";
        /// Largest share by which makers use more of it than at the start.
        thrift_reverse: f64 = 0.5, 0.0..=2.0, "share", "assumption: 0.2 to 1; Dy content of sintered NdFeB was 4-5% in 2010 and 2% after 2015";
        /// Share of the highest thrift so far that is never given up.
        thrift_kept: f64 = 0.5, 0.0..=1.0, "share", "assumption: 0.3 to 0.8";
        /// Share of that memory lost in a quarter in which the input is cheap: new lines are designed for what is plentiful.
        thrift_forgetting: f64 = 0.02, 0.0..=0.5, "per quarter", "assumption: 0 to 0.04";
    }
}
