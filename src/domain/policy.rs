//! Instruments of policy, dated measures and strategies: the records that a state's policy book holds.
//!
//! `of` lists commodities; a bare form (`oxide`, `metal`, `magnet`, `concentrate`) stands for all commodities of that form and
//! `all` for every one. `to` and `from` list states; empty means all others.

use super::fields::fields;
use super::time::Quarter;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A class of final use that a rule may speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum UseClass {
    /// Rated (defence) use.
    Rated,
    /// All other use.
    Civil,
}

/// How far up the chain the provenance of goods is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Reach {
    /// Not at all.
    Off,
    /// Of magnets: where they are made.
    Magnet,
    /// Of metals and of the magnets made of them.
    Metal,
    /// From the ore on.
    Chain,
}
super::fields::leaf::words!(Reach);

impl Reach {
    /// Whether goods of a form are told apart.
    #[must_use]
    pub fn covers(self, form: super::graph::Form) -> bool {
        use super::graph::Form;
        match self {
            Self::Off => false,
            Self::Magnet => form == Form::Magnet,
            Self::Metal => matches!(form, Form::Magnet | Form::Metal),
            Self::Chain => true,
        }
    }
}

/// One kind of intervention with its terms. Every instrument works for every state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum Instrument {
    /// Total tonnage that may leave the state in a year, t REO-equivalent; one rent per kg across all covered goods.
    ExportQuota {
        /// Commodities or forms covered.
        of: Vec<String>,
        /// Tonnes per year over all destinations.
        tonnes_per_year: f64,
        /// `true`: each commodity has this quota of its own; `false`: one quota over their sum.
        #[serde(default)]
        per_commodity: bool,
    },
    /// Tax on exports, share of the domestic price.
    ExportTax {
        /// Commodities or forms covered.
        of: Vec<String>,
        /// Share of the domestic price, 0 to 2.
        rate: f64,
        /// Destinations; empty: all.
        #[serde(default)]
        to: Vec<String>,
    },
    /// Share of value-added tax paid back on export (1: none remains on the exported good).
    VatRebate {
        /// Commodities or forms covered.
        of: Vec<String>,
        /// Share rebated, 0 to 1.
        rate: f64,
    },
    /// Export licence: only a share of the usual flow is licensed.
    ExportLicence {
        /// Commodities or forms covered.
        of: Vec<String>,
        /// Destinations; empty: all.
        #[serde(default)]
        to: Vec<String>,
        /// Share of last year's usual flow that is licensed, 0 to 2.
        share: f64,
        /// Quarters until the first licences are granted; until then nothing leaves.
        #[serde(default)]
        delay: u32,
        /// Classes of use for which no licence is granted, whatever the share: end-use screening.
        #[serde(default)]
        refuse: Vec<UseClass>,
        /// Whether licences forbid buyers to build stocks beyond what they usually hold.
        #[serde(default)]
        no_stocking: bool,
    },
    /// No exports to the destinations at all.
    Embargo {
        /// Commodities or forms covered.
        of: Vec<String>,
        /// Destinations; empty: all.
        #[serde(default)]
        to: Vec<String>,
    },
    /// Rule of origin: goods made in the listed states, or of materials from there as far up the chain as provenance is told, are not
    /// accepted for rated use, or cost civil users a credit.
    OriginRule {
        /// Commodities or forms whose users are covered.
        of: Vec<String>,
        /// Restricted origins.
        from: Vec<String>,
        /// Whether plants elsewhere that are owned from a restricted origin are restricted too.
        #[serde(default)]
        owners: bool,
        /// Class of use covered.
        uses: UseClass,
        /// Civil sectors covered; empty: all.
        #[serde(default)]
        sectors: Vec<String>,
        /// Credit that civil users of qualified goods get, share of the open price, 0 to 5; rated use has none: the rule is a ban there.
        #[serde(default)]
        credit: f64,
    },
    /// Duty on imports, share of the delivered price, on top of the standing rates.
    Tariff {
        /// Commodities or forms covered.
        of: Vec<String>,
        /// Origins; empty: all.
        #[serde(default)]
        from: Vec<String>,
        /// Share of the delivered price, 0 to 5.
        rate: f64,
    },
    /// Ceiling on the yearly output of the covered commodities in the state.
    ProductionQuota {
        /// Commodities covered, usually concentrates.
        of: Vec<String>,
        /// Tonnes per year in the first year; absent: the output of the year before the start.
        #[serde(default)]
        tonnes_per_year: Option<f64>,
        /// Growth of the ceiling per year, share.
        #[serde(default)]
        growth: f64,
        /// What moves it beyond that: 0, income (the price); 1, leverage (the share of world output that was lost).
        #[serde(default)]
        leverage: f64,
    },
    /// Public share of the capital cost of projects hosted by the state.
    CapexGrant {
        /// Stages supported: `mine`, `separation`, `metal`, `magnet`, `recycling`.
        stages: Vec<String>,
        /// Share of capital cost paid, 0 to 1.
        share: f64,
        /// Budget over the life of the measure, USD.
        budget_usd: f64,
    },
    /// Contract for difference: the state pays the gap to the floor on a capped volume of domestic output.
    PriceFloor {
        /// Commodity covered.
        of: Vec<String>,
        /// Floor in USD per kg.
        usd_per_kg: f64,
        /// Volume covered, t per year.
        tonnes_per_year: f64,
    },
    /// Merges the plants that the state's own firms have at some stages under one firm, which runs them as one.
    Consolidation {
        /// Stages merged: `mine`, `separation`, `metal`, `magnet`, `recycling`.
        stages: Vec<String>,
        /// Goods that the merged plants make; empty: all of these stages.
        #[serde(default)]
        of: Vec<String>,
        /// Firm that takes the plants over; a name that no firm has founds one.
        owner: String,
        /// Share of its capacity that the group lets run, 0 to 1.
        #[serde(default = "one")]
        discipline: f64,
    },
    /// What mines and separation plants of the state must comply with, and how far that is enforced.
    EnvironmentalStandard {
        /// Stringency against full compliance as costed in the table of states, 0 to 2.
        #[serde(default = "one")]
        level: f64,
        /// Share enforced, 0 to 1.
        enforcement: f64,
    },
    /// Part of the output of goods that must be processed at home.
    LocalContent {
        /// Commodities or forms covered.
        of: Vec<String>,
        /// Share of output that may not leave, 0 to 1.
        share: f64,
    },
    /// Projects and purchases by owners from listed states are refused, or delayed.
    OwnershipScreening {
        /// States whose owners are screened.
        owners: Vec<String>,
        /// Stages screened; empty: all.
        #[serde(default)]
        stages: Vec<String>,
        /// Quarters that a case takes before it is let through; absent: it is refused.
        #[serde(default)]
        delay: Option<u32>,
        /// Quarter from which plants that such owners already have must be sold; absent: these may stay.
        #[serde(default)]
        divest_by: Option<Quarter>,
    },
    /// Subsidised loan on the capital cost of projects hosted by the state.
    Loan {
        /// Stages supported.
        stages: Vec<String>,
        /// Share of capital cost lent, 0 to 1.
        share: f64,
        /// Points by which its interest is below what the firm would pay, per year.
        discount: f64,
        /// Most that is lent over the life of the measure, USD.
        budget_usd: f64,
    },
    /// Shares that the state buys in projects that it hosts.
    PublicEquity {
        /// Stages supported.
        stages: Vec<String>,
        /// Share of capital cost bought, 0 to 1.
        share: f64,
        /// Most that is spent over the life of the measure, USD.
        budget_usd: f64,
    },
    /// Credit per kg of domestic output, paid as it is produced.
    TaxCredit {
        /// Commodities covered.
        of: Vec<String>,
        /// Credit, USD per kg of the good.
        usd_per_kg: f64,
        /// Most that is paid in a year, USD.
        budget_usd_per_year: f64,
    },
    /// Training of experts: closes part of the gap to full know-how, once the first have graduated.
    SkillsProgramme {
        /// Stages taught.
        stages: Vec<String>,
        /// Share of the gap to full know-how that a year's graduates close, 0 to 1.
        gain: f64,
        /// Quarters from enrolment to the first day at work.
        #[serde(default)]
        delay: u32,
        /// Cost, USD per year.
        usd_per_year: f64,
    },
    /// Public research on doing with less of some goods.
    SubstitutionResearch {
        /// Commodities or forms to be saved.
        of: Vec<String>,
        /// Sectors whose users take part; empty: makers alone.
        #[serde(default)]
        sectors: Vec<String>,
        /// Factor on the pace of thrifting, 1 to 10.
        speed: f64,
        /// Share by which more can be thrifted than without, 0 to 0.5.
        #[serde(default)]
        limit: f64,
        /// Cost, USD per year.
        usd_per_year: f64,
    },
    /// Faster permits for projects hosted by the state.
    PermittingSpeedUp {
        /// Stages served.
        stages: Vec<String>,
        /// Quarters by which the time to build is cut.
        quarters: u32,
        /// Share by which the mean delay beyond it is cut, 0 to 1.
        #[serde(default)]
        delay_cut: f64,
        /// Cost of the offices, USD per year.
        #[serde(default)]
        usd_per_year: f64,
    },
    /// Collection of end-of-life products rises to a target.
    RecyclingMandate {
        /// Sectors whose products are collected; empty: all.
        #[serde(default)]
        sectors: Vec<String>,
        /// Share of what reaches its end of life that is collected, 0 to 1.
        target: f64,
        /// Quarter in which the target is reached, at an even pace from the first in force.
        by: Quarter,
        /// Public cost of what is collected beyond the usual, USD per kg REO.
        #[serde(default)]
        usd_per_kg: f64,
    },
    /// A firm buys plants, abroad or at home, with its state behind it.
    PlantPurchase {
        /// Plants; empty: those of `stages` in `hosts`.
        #[serde(default)]
        plants: Vec<String>,
        /// States in which plants are bought, if no plant is named.
        #[serde(default)]
        hosts: Vec<String>,
        /// Stages, if no plant is named.
        #[serde(default)]
        stages: Vec<String>,
        /// Firm that buys.
        buyer: String,
        /// Paid above the value of the plant's capital, share.
        #[serde(default)]
        premium: f64,
        /// Share of the price that the state pays, 0 to 1.
        #[serde(default)]
        public_share: f64,
    },
    /// State stockpile: a target in days of domestic use, filled at a pace, released above a trigger price.
    Stockpile {
        /// Commodities covered.
        of: Vec<String>,
        /// Target cover, days of use.
        cover_days: f64,
        /// Quarters over which the target is filled.
        fill_quarters: u32,
        /// Price, as a multiple of the slow average, above which stocks are released.
        release_above: f64,
        /// Share of use refused by limits in the last quarter above which stocks are released whatever the price; absent: never.
        #[serde(default)]
        release_on_shortage: Option<f64>,
        /// `true`: what is released is sized to rated use, and the rest is kept for it.
        #[serde(default)]
        defence_first: bool,
        /// Most that is bought in a quarter, share of the quarter's use in the state; absent: only the pace limits it.
        #[serde(default)]
        largest_purchase: Option<f64>,
        /// States that may draw on the stock when they are short; ores, oxides and metals only.
        #[serde(default)]
        share_with: Vec<String>,
    },
    /// No exports of ores and concentrates: what is mined is to be processed at home.
    OreExportBan {
        /// Concentrates covered; all, if it is left away.
        #[serde(default = "concentrates")]
        of: Vec<String>,
        /// Destinations; empty: all.
        #[serde(default)]
        to: Vec<String>,
    },
    /// No transfer of know-how and equipment for the covered stages.
    TechnologyExportBan {
        /// Stages covered: `mine`, `separation`, `metal`, `magnet`, `recycling`.
        stages: Vec<String>,
        /// States that get nothing; empty: all others.
        #[serde(default)]
        to: Vec<String>,
        /// Share of the transfer that the ban really stops, 0 to 1.
        share: f64,
    },
    /// Duty on goods from whichever states restrict the enactor's imports at the time.
    AntiCoercionTariff {
        /// Commodities or forms covered.
        of: Vec<String>,
        /// Share of the delivered price, 0 to 5.
        rate: f64,
        /// Share of a good's intake that a state must threaten or withhold before the duty falls on it, 0 to 1.
        above: f64,
    },
    /// No exporter may supply more than a share of what the state takes in.
    SingleSupplierCap {
        /// Commodities or forms covered.
        of: Vec<String>,
        /// Largest share of the usual intake from one state, 0 to 1.
        share: f64,
    },
    /// Public buyers pay more for goods from home and from friends; the state pays the difference.
    ProcurementPreference {
        /// Commodities or forms covered.
        of: Vec<String>,
        /// Foreign states whose goods are preferred like those from home.
        #[serde(default)]
        friends: Vec<String>,
        /// What public buyers pay more, share of the price, 0 to 2.
        premium: f64,
        /// Share of the state's purchases that is public, 0 to 1.
        public_share: f64,
    },
    /// Rated (defence) orders come first: other users of the state give way when goods are short.
    DefencePriority {
        /// Commodities or forms covered.
        of: Vec<String>,
        /// How far rated users are shielded, 0 (as before) to 1 (they buy at any price).
        strength: f64,
    },
    /// State-backed purchase contract of the state with a seller abroad or at home.
    Offtake {
        /// Firm or state that sells.
        seller: String,
        /// Commodity.
        of: String,
        /// Tonnes owed per year.
        tonnes_per_year: f64,
        /// How the price is set.
        price: super::actors::PriceFormula,
    },
    /// Accession to a bloc of the table of blocs: trust and ease of trade among its members, and their shared stocks.
    BlocMembership {
        /// The bloc.
        bloc: String,
    },
    /// Agreement with single states: more trust, lower duties both ways.
    BilateralAgreement {
        /// Partners.
        with: Vec<String>,
        /// What is added to the trust that each side returns to, 0 to 1.
        trust: f64,
        /// Share of duties between the partners that is waived, 0 to 1.
        tariff_cut: f64,
    },
    /// No trade with the named states either way, and no investment from them.
    Sanctions {
        /// Commodities or forms covered.
        of: Vec<String>,
        /// States under sanctions.
        on: Vec<String>,
    },
    /// In a shortage at home, exports are held back: what may leave is a share of the usual flow.
    EmergencyAllocation {
        /// Commodities or forms covered.
        of: Vec<String>,
        /// Share of home use refused by limits in the last quarter that counts as an emergency, 0 to 1.
        above: f64,
        /// Share of the usual flow that may leave while it lasts, 0 to 1.
        share: f64,
    },
    /// Customs and police against smuggling, transshipment and false declaration of what the state restricts.
    Enforcement {
        /// Share of the gap to perfect enforcement that is closed, 0 to 1.
        effort: f64,
        /// What it costs, USD per year.
        usd_per_year: f64,
    },
}

/// The usual value of a factor that changes nothing.
const fn one() -> f64 {
    1.0
}

fn concentrates() -> Vec<String> {
    vec!["concentrate".to_owned()]
}

impl Instrument {
    /// Name of an instrument in tables.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ExportQuota { .. } => "ExportQuota",
            Self::ExportTax { .. } => "ExportTax",
            Self::VatRebate { .. } => "VatRebate",
            Self::ExportLicence { .. } => "ExportLicence",
            Self::Embargo { .. } => "Embargo",
            Self::OriginRule { .. } => "OriginRule",
            Self::Tariff { .. } => "Tariff",
            Self::ProductionQuota { .. } => "ProductionQuota",
            Self::CapexGrant { .. } => "CapexGrant",
            Self::PriceFloor { .. } => "PriceFloor",
            Self::Consolidation { .. } => "Consolidation",
            Self::EnvironmentalStandard { .. } => "EnvironmentalStandard",
            Self::LocalContent { .. } => "LocalContent",
            Self::OwnershipScreening { .. } => "OwnershipScreening",
            Self::Loan { .. } => "Loan",
            Self::PublicEquity { .. } => "PublicEquity",
            Self::TaxCredit { .. } => "TaxCredit",
            Self::SkillsProgramme { .. } => "SkillsProgramme",
            Self::SubstitutionResearch { .. } => "SubstitutionResearch",
            Self::PermittingSpeedUp { .. } => "PermittingSpeedUp",
            Self::RecyclingMandate { .. } => "RecyclingMandate",
            Self::PlantPurchase { .. } => "PlantPurchase",
            Self::Stockpile { .. } => "Stockpile",
            Self::OreExportBan { .. } => "OreExportBan",
            Self::TechnologyExportBan { .. } => "TechnologyExportBan",
            Self::AntiCoercionTariff { .. } => "AntiCoercionTariff",
            Self::SingleSupplierCap { .. } => "SingleSupplierCap",
            Self::ProcurementPreference { .. } => "ProcurementPreference",
            Self::DefencePriority { .. } => "DefencePriority",
            Self::Offtake { .. } => "Offtake",
            Self::BlocMembership { .. } => "BlocMembership",
            Self::BilateralAgreement { .. } => "BilateralAgreement",
            Self::Sanctions { .. } => "Sanctions",
            Self::EmergencyAllocation { .. } => "EmergencyAllocation",
            Self::Enforcement { .. } => "Enforcement",
        }
    }

    /// Lists of states in the terms: words such as `@friends` in them are resolved when the measure is announced.
    pub fn states_mut(&mut self) -> Vec<&mut Vec<String>> {
        match self {
            Self::ExportTax { to, .. }
            | Self::ExportLicence { to, .. }
            | Self::Embargo { to, .. }
            | Self::OreExportBan { to, .. }
            | Self::TechnologyExportBan { to, .. } => {
                vec![to]
            }
            Self::ProcurementPreference { friends, .. } => vec![friends],
            Self::BilateralAgreement { with, .. } => vec![with],
            Self::Sanctions { on, .. } => vec![on],
            Self::Stockpile { share_with, .. } => vec![share_with],
            Self::Tariff { from, .. } => vec![from],
            Self::OwnershipScreening { owners, .. } => vec![owners],
            Self::PlantPurchase { hosts, .. } => vec![hosts],
            Self::ExportQuota { .. }
            | Self::VatRebate { .. }
            | Self::ProductionQuota { .. }
            | Self::CapexGrant { .. }
            | Self::PriceFloor { .. }
            | Self::Consolidation { .. }
            | Self::EnvironmentalStandard { .. }
            | Self::LocalContent { .. }
            | Self::Loan { .. }
            | Self::PublicEquity { .. }
            | Self::TaxCredit { .. }
            | Self::SkillsProgramme { .. }
            | Self::SubstitutionResearch { .. }
            | Self::PermittingSpeedUp { .. }
            | Self::RecyclingMandate { .. }
            | Self::AntiCoercionTariff { .. }
            | Self::SingleSupplierCap { .. }
            | Self::DefencePriority { .. }
            | Self::Offtake { .. }
            | Self::BlocMembership { .. }
            | Self::EmergencyAllocation { .. }
            // Whose goods are restricted is fixed when the world is built.
            | Self::OriginRule { .. }
            | Self::Enforcement { .. } => vec![],
        }
    }

    /// What an instrument keeps from leaving the state, if it restricts exports: goods, and destinations (empty: all).
    #[must_use]
    pub fn export_restriction(&self) -> Option<(&[String], &[String])> {
        match self {
            Self::ExportQuota { of, .. } => Some((of, &[])),
            Self::ExportTax { of, rate, to } => (*rate > 0.0).then_some((of, to)),
            Self::ExportLicence {
                of,
                to,
                share,
                delay,
                refuse,
                ..
            } => (*share < 1.0 || *delay > 0 || !refuse.is_empty()).then_some((of, to)),
            Self::Embargo { of, to } | Self::OreExportBan { of, to } => Some((of, to)),
            Self::Sanctions { of, on } => Some((of, on)),
            Self::LocalContent { of, share } => (*share > 0.0).then_some((of, &[])),
            Self::VatRebate { .. }
            | Self::OriginRule { .. }
            | Self::Tariff { .. }
            | Self::TechnologyExportBan { .. }
            | Self::AntiCoercionTariff { .. }
            | Self::SingleSupplierCap { .. }
            | Self::ProcurementPreference { .. }
            | Self::DefencePriority { .. }
            | Self::Offtake { .. }
            | Self::BlocMembership { .. }
            | Self::BilateralAgreement { .. }
            | Self::EmergencyAllocation { .. }
            | Self::Enforcement { .. }
            | Self::ProductionQuota { .. }
            | Self::CapexGrant { .. }
            | Self::PriceFloor { .. }
            | Self::Consolidation { .. }
            | Self::EnvironmentalStandard { .. }
            | Self::OwnershipScreening { .. }
            | Self::Loan { .. }
            | Self::PublicEquity { .. }
            | Self::TaxCredit { .. }
            | Self::SkillsProgramme { .. }
            | Self::SubstitutionResearch { .. }
            | Self::PermittingSpeedUp { .. }
            | Self::RecyclingMandate { .. }
            | Self::PlantPurchase { .. }
            | Self::Stockpile { .. } => None,
        }
    }

    /// Goods and states that an instrument covers, in words for tables.
    #[must_use]
    pub fn scope(&self) -> String {
        let words = |goods: &[String], preposition: &str, states: &[String]| {
            if states.is_empty() {
                goods.join(" ")
            } else {
                format!("{} {preposition} {}", goods.join(" "), states.join(" "))
            }
        };
        match self {
            Self::ExportTax { of, to, .. }
            | Self::ExportLicence { of, to, .. }
            | Self::Embargo { of, to } => words(of, "to", to),
            Self::OreExportBan { of, to } => words(of, "to", to),
            Self::TechnologyExportBan { stages, to, .. } => words(stages, "to", to),
            Self::Tariff { of, from, .. } | Self::OriginRule { of, from, .. } => {
                words(of, "from", from)
            }
            Self::CapexGrant { stages, .. }
            | Self::Loan { stages, .. }
            | Self::PublicEquity { stages, .. }
            | Self::SkillsProgramme { stages, .. }
            | Self::PermittingSpeedUp { stages, .. } => stages.join(" "),
            Self::Consolidation { stages, of, .. } => words(stages, "of", of),
            Self::OwnershipScreening { stages, owners, .. } => {
                if stages.is_empty() {
                    format!("all from {}", owners.join(" "))
                } else {
                    words(stages, "from", owners)
                }
            }
            Self::EnvironmentalStandard { .. } => "mine separation".to_owned(),
            Self::SubstitutionResearch { of, sectors, .. } => words(of, "in", sectors),
            Self::RecyclingMandate { sectors, .. } => {
                if sectors.is_empty() {
                    "all".to_owned()
                } else {
                    sectors.join(" ")
                }
            }
            Self::PlantPurchase {
                plants,
                hosts,
                stages,
                ..
            } => {
                if plants.is_empty() {
                    words(stages, "in", hosts)
                } else {
                    plants.join(" ")
                }
            }
            Self::Sanctions { of, on } => words(of, "with", on),
            Self::ProcurementPreference { of, friends, .. } => words(of, "and", friends),
            Self::Offtake { of, seller, .. } => words(
                std::slice::from_ref(of),
                "from",
                std::slice::from_ref(seller),
            ),
            Self::BlocMembership { bloc } => bloc.clone(),
            Self::BilateralAgreement { with, .. } => with.join(" "),
            Self::Enforcement { .. } => String::new(),
            Self::ExportQuota { of, .. }
            | Self::VatRebate { of, .. }
            | Self::ProductionQuota { of, .. }
            | Self::PriceFloor { of, .. }
            | Self::LocalContent { of, .. }
            | Self::TaxCredit { of, .. }
            | Self::Stockpile { of, .. }
            | Self::AntiCoercionTariff { of, .. }
            | Self::SingleSupplierCap { of, .. }
            | Self::DefencePriority { of, .. }
            | Self::EmergencyAllocation { of, .. } => words(of, "", &[]),
        }
    }
}

fields! {
    /// A dated instrument: markets react to the announcement, goods and money to the dates in force.
    pub struct Measure {
        /// Quarter in which it becomes known; absent: the quarter it takes effect.
        announced: Option<Quarter>;
        /// First quarter in force.
        from: Quarter;
        /// Last quarter in force; absent: without end.
        until: Option<Quarter>;
        /// What is done.
        instrument: Instrument;
    }
}

/// A dated disturbance that no state in the model chose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum ShockKind {
    /// A share of a state's mines stops.
    MineClosure {
        /// Host state.
        state: String,
        /// Share of capacity lost, 0 to 1.
        share: f64,
        /// Ores concerned; empty: all.
        #[serde(default)]
        of: Vec<String>,
    },
    /// A share of one plant's capacity stops.
    PlantOutage {
        /// Plant.
        plant: String,
        /// Share of capacity lost, 0 to 1.
        share: f64,
    },
    /// Demand of a sector is multiplied.
    DemandSurge {
        /// Sector.
        sector: String,
        /// Factor on the driver, 0 to 20.
        factor: f64,
    },
    /// Freight between two states is multiplied.
    FreightShock {
        /// Exporter; empty: all.
        #[serde(default)]
        from: Vec<String>,
        /// Importer; empty: all.
        #[serde(default)]
        to: Vec<String>,
        /// Factor on freight, 0 to 50.
        factor: f64,
    },
}

fields! {
    /// When a shock strikes, how long it lasts, and what it is.
    pub struct Shock {
        /// First quarter.
        at: Quarter;
        /// Quarters it lasts.
        lasts: u32, 1..=400, "quarters";
        /// What happens.
        what: ShockKind;
    }
}
