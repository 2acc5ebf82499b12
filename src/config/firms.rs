//! Firms, their plants and the periods of these, their offtake contracts; and how late plants came in the past.

use super::words::{Confidence, Ownership, PriceFormula};
use crate::domain::fields::fields;
use crate::domain::time::Quarter;
use indexmap::IndexMap;

fields! {
    /// A firm and its plants.
    pub struct FirmRow key { firm: String } {
        /// Name in figures.
        name: String;
        /// State whose government or owners control it.
        home: String;
        /// Who owns it.
        ownership: Ownership = Ownership::Private;
        /// Its plants, standing or announced.
        plants: IndexMap<String, PlantRow>;
        /// Where it comes from.
        source: String = "assumption".into();
        /// How sure it is.
        confidence: Confidence = Confidence::Low;
    }
}

fields! {
    /// A plant that stands or has been announced.
    pub struct PlantRow key { plant: String } {
        /// Name in figures.
        name: String;
        /// State in which it stands.
        host: String;
        /// What it does.
        process: String;
        /// When it was announced; absent: it was there before.
        announced: Option<Quarter>;
        /// Start as promised; absent: it was there before.
        promised: Option<Quarter>;
        /// First promise on record.
        promised_first: Option<Quarter>;
        /// Start as it came; for validation, never read by a world.
        realised: Option<Quarter>;
        /// State of affairs at the time of the table.
        status: Option<String>;
        /// Capacity and owner by first quarter.
        periods: IndexMap<String, PeriodRow>;
        /// Where it comes from.
        source: String = "assumption".into();
        /// How sure it is.
        confidence: Confidence = Confidence::Low;
    }
}

fields! {
    /// Capacity and owner of a plant from a quarter on.
    pub struct PeriodRow key { from: Quarter } {
        /// Last quarter; absent: without end.
        to: Option<Quarter>;
        /// Annual capacity on the output basis of the process; 0: closed.
        capacity_t_a: f64, 0.0..=500000.0, "t/a";
        /// Lower end.
        low: Option<f64>, 0.0..=500000.0, "t/a";
        /// Upper end.
        high: Option<f64>, 0.0..=500000.0, "t/a";
        /// Owner in the period; absent: the firm itself.
        owner_firm: Option<String>;
        /// State of the owner; absent: the home of the firm.
        owner_state: Option<String>;
        /// What began the period.
        event: Option<String>;
        /// When the capacity was announced: a project of what it adds may find its money from then on; absent: known at the start.
        announced: Option<Quarter>;
        /// Start as promised in the announcement; absent: a build time after it.
        promised: Option<Quarter>;
        /// Where it comes from.
        source: String = "assumption".into();
        /// How sure it is.
        confidence: Confidence = Confidence::Low;
    }
}

fields! {
    /// How late a project came.
    pub struct DelayRow key { project: String } {
        /// When it was announced.
        announced: Option<Quarter>;
        /// Start as promised.
        promised: Quarter;
        /// Start as it came; absent: never.
        realised: Option<Quarter>;
        /// Delay.
        slip_years: Option<f64>, -5.0..=40.0, "years";
        /// What became of it.
        outcome: Option<String>;
        /// Where it comes from.
        source: String = "assumption".into();
        /// How sure it is.
        confidence: Confidence = Confidence::Low;
    }
}

fields! {
    /// An offtake contract.
    pub struct ContractRow key { contract: String } {
        /// Seller.
        seller_firm: String;
        /// Buyer.
        buyer_state: String;
        /// What is delivered.
        commodity: String;
        /// Amount per quarter.
        tonnes_per_q: f64, 0.0..=100000.0, "t/quarter";
        /// Lower end.
        low: Option<f64>, 0.0..=100000.0, "t/quarter";
        /// Upper end.
        high: Option<f64>, 0.0..=100000.0, "t/quarter";
        /// How the price is set.
        formula: PriceFormula = PriceFormula::Index;
        /// Floor, ceiling or fixed price; absent: the price of the start.
        price_usd_per_kg: Option<f64>, 0.0..=20000.0, "USD/kg";
        /// First quarter.
        from: Quarter;
        /// Last quarter; absent: without end.
        to: Option<Quarter>;
        /// Where the figures come from.
        source: String = "assumption".into();
        /// How sure they are.
        confidence: Confidence = Confidence::Low;
    }
}
