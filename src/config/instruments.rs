//! Numbers and names inside instruments and shocks: their ranges, and what they refer to.

use crate::domain::fields::leaf::whole_value;
use crate::domain::fields::{
    Field, NO_SPEC, Path, Problem, Problems, RecordInfo, Spec, Wrong, WrongKind,
};
use crate::domain::policy::{Instrument, ShockKind};

/// A number inside an instrument or shock.
pub struct Number<'a> {
    /// Its declaration.
    pub spec: &'static Spec,
    /// Its value.
    pub value: &'a mut f64,
}

/// What the names in a list stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refers {
    /// Commodities, forms or `all`.
    Goods,
    /// States.
    States,
    /// Stages.
    Stages,
    /// A plant.
    Plants,
    /// A sector.
    Sectors,
    /// A firm.
    Firms,
    /// One commodity.
    Commodity,
    /// States or blocs.
    StatesOrBlocs,
    /// A bloc of the table of blocs.
    Blocs,
    /// A firm or a state that sells.
    Sellers,
}

const fn number(name: &'static str, low: f64, high: f64, unit: &'static str) -> Spec {
    Spec {
        name,
        kind: "f64",
        range: Some((low, high)),
        unit,
        ..NO_SPEC
    }
}

static TONNES_PER_YEAR: Spec = number("tonnes_per_year", 0.0, 5_000_000.0, "t/a");
static TAX: Spec = number("rate", 0.0, 2.0, "share");
static SHARE: Spec = number("share", 0.0, 1.0, "share");
static REBATE: Spec = number("rate", 0.0, 1.0, "share");
static LICENSED: Spec = number("share", 0.0, 2.0, "share");
static ORIGIN_CREDIT: Spec = number("credit", 0.0, 5.0, "share");
static DUTY: Spec = number("rate", 0.0, 5.0, "share");
static GROWTH: Spec = number("growth", -0.5, 1.0, "per year");
static LEVERAGE: Spec = number("leverage", 0.0, 1.0, "share");
static BUDGET: Spec = number("budget_usd", 0.0, 1e12, "USD");
static FLOOR: Spec = number("usd_per_kg", 0.0, 20_000.0, "USD/kg");
static COVER: Spec = number("cover_days", 0.0, 2000.0, "days");
static RELEASE: Spec = number("release_above", 1.0, 100.0, "factor");
static DISCIPLINE: Spec = number("discipline", 0.0, 1.0, "share");
static LEVEL: Spec = number("level", 0.0, 2.0, "factor");
static ENFORCEMENT: Spec = number("enforcement", 0.0, 1.0, "share");
static DISCOUNT: Spec = number("discount", 0.0, 0.3, "per year");
static CREDIT: Spec = number("usd_per_kg", 0.0, 20_000.0, "USD/kg");
static YEARLY_BUDGET: Spec = number("budget_usd_per_year", 0.0, 1e12, "USD/a");
static GAIN: Spec = number("gain", 0.0, 1.0, "per year");
static YEARLY_COST: Spec = number("usd_per_year", 0.0, 1e11, "USD/a");
static SPEED: Spec = number("speed", 1.0, 10.0, "factor");
static EXTRA_LIMIT: Spec = number("limit", 0.0, 0.5, "share");
static DELAY_CUT: Spec = number("delay_cut", 0.0, 1.0, "share");
static COLLECTED: Spec = number("target", 0.0, 1.0, "share");
static PREMIUM: Spec = number("premium", -0.9, 10.0, "share");
static PUBLIC_SHARE: Spec = number("public_share", 0.0, 1.0, "share");
static SHORTAGE: Spec = number("release_on_shortage", 0.0, 1.0, "share");
static PURCHASE: Spec = number("largest_purchase", 0.0, 10.0, "share");
static ABOVE: Spec = number("above", 0.0, 1.0, "share");
static PREFERENCE: Spec = number("premium", 0.0, 2.0, "share");
static STRENGTH: Spec = number("strength", 0.0, 1.0, "share");
static TRUST: Spec = number("trust", 0.0, 1.0, "trust");
static TARIFF_CUT: Spec = number("tariff_cut", 0.0, 1.0, "share");
static EFFORT: Spec = number("effort", 0.0, 1.0, "share");
static SURGE: Spec = number("factor", 0.0, 20.0, "factor");
static FREIGHT: Spec = number("factor", 0.0, 50.0, "factor");

/// Words of the program with numbers inside.
pub trait Terms {
    /// Its numbers.
    fn numbers(&mut self) -> Vec<Number<'_>>;
    /// Its lists of names.
    fn names(&self) -> Vec<(&'static str, Refers, &[String])>;
}

impl Terms for Instrument {
    fn numbers(&mut self) -> Vec<Number<'_>> {
        let all: Vec<(&'static Spec, &mut f64)> = match self {
            Self::ExportQuota {
                tonnes_per_year, ..
            } => vec![(&TONNES_PER_YEAR, tonnes_per_year)],
            Self::ExportTax { rate, .. } => vec![(&TAX, rate)],
            Self::VatRebate { rate, .. } => vec![(&REBATE, rate)],
            Self::ExportLicence { share, .. } => vec![(&LICENSED, share)],
            Self::Embargo { .. } => vec![],
            Self::OriginRule { credit, .. } => vec![(&ORIGIN_CREDIT, credit)],
            Self::Tariff { rate, .. } => vec![(&DUTY, rate)],
            Self::ProductionQuota {
                tonnes_per_year,
                growth,
                leverage,
                ..
            } => tonnes_per_year
                .iter_mut()
                .map(|t| (&TONNES_PER_YEAR, t))
                .chain([(&GROWTH, growth), (&LEVERAGE, leverage)])
                .collect(),
            Self::CapexGrant {
                share, budget_usd, ..
            }
            | Self::PublicEquity {
                share, budget_usd, ..
            } => vec![(&SHARE, share), (&BUDGET, budget_usd)],
            Self::PriceFloor {
                usd_per_kg,
                tonnes_per_year,
                ..
            } => {
                vec![(&FLOOR, usd_per_kg), (&TONNES_PER_YEAR, tonnes_per_year)]
            }
            Self::Consolidation { discipline, .. } => vec![(&DISCIPLINE, discipline)],
            Self::EnvironmentalStandard { level, enforcement } => {
                vec![(&LEVEL, level), (&ENFORCEMENT, enforcement)]
            }
            Self::LocalContent { share, .. } => vec![(&SHARE, share)],
            Self::OwnershipScreening { .. } => vec![],
            Self::Loan {
                share,
                discount,
                budget_usd,
                ..
            } => vec![
                (&SHARE, share),
                (&DISCOUNT, discount),
                (&BUDGET, budget_usd),
            ],
            Self::TaxCredit {
                usd_per_kg,
                budget_usd_per_year,
                ..
            } => vec![(&CREDIT, usd_per_kg), (&YEARLY_BUDGET, budget_usd_per_year)],
            Self::SkillsProgramme {
                gain, usd_per_year, ..
            } => vec![(&GAIN, gain), (&YEARLY_COST, usd_per_year)],
            Self::SubstitutionResearch {
                speed,
                limit,
                usd_per_year,
                ..
            } => vec![
                (&SPEED, speed),
                (&EXTRA_LIMIT, limit),
                (&YEARLY_COST, usd_per_year),
            ],
            Self::PermittingSpeedUp {
                delay_cut,
                usd_per_year,
                ..
            } => vec![(&DELAY_CUT, delay_cut), (&YEARLY_COST, usd_per_year)],
            Self::RecyclingMandate {
                target, usd_per_kg, ..
            } => vec![(&COLLECTED, target), (&CREDIT, usd_per_kg)],
            Self::PlantPurchase {
                premium,
                public_share,
                ..
            } => vec![(&PREMIUM, premium), (&PUBLIC_SHARE, public_share)],
            Self::Stockpile {
                cover_days,
                release_above,
                release_on_shortage,
                largest_purchase,
                ..
            } => [(&COVER, cover_days), (&RELEASE, release_above)]
                .into_iter()
                .chain(release_on_shortage.iter_mut().map(|x| (&SHORTAGE, x)))
                .chain(largest_purchase.iter_mut().map(|x| (&PURCHASE, x)))
                .collect(),
            Self::OreExportBan { .. } | Self::BlocMembership { .. } | Self::Sanctions { .. } => {
                vec![]
            }
            Self::TechnologyExportBan { share, .. } | Self::SingleSupplierCap { share, .. } => {
                vec![(&SHARE, share)]
            }
            Self::AntiCoercionTariff { rate, above, .. } => vec![(&DUTY, rate), (&ABOVE, above)],
            Self::ProcurementPreference {
                premium,
                public_share,
                ..
            } => vec![(&PREFERENCE, premium), (&PUBLIC_SHARE, public_share)],
            Self::DefencePriority { strength, .. } => vec![(&STRENGTH, strength)],
            Self::Offtake {
                tonnes_per_year, ..
            } => vec![(&TONNES_PER_YEAR, tonnes_per_year)],
            Self::BilateralAgreement {
                trust, tariff_cut, ..
            } => vec![(&TRUST, trust), (&TARIFF_CUT, tariff_cut)],
            Self::EmergencyAllocation { above, share, .. } => {
                vec![(&ABOVE, above), (&SHARE, share)]
            }
            Self::Enforcement {
                effort,
                usd_per_year,
            } => vec![(&EFFORT, effort), (&YEARLY_COST, usd_per_year)],
        };
        all.into_iter()
            .map(|(spec, value)| Number { spec, value })
            .collect()
    }

    fn names(&self) -> Vec<(&'static str, Refers, &[String])> {
        use std::slice::from_ref;
        match self {
            Self::ExportTax { of, to, .. }
            | Self::ExportLicence { of, to, .. }
            | Self::Embargo { of, to }
            | Self::OreExportBan { of, to } => {
                vec![("of", Refers::Goods, of), ("to", Refers::States, to)]
            }
            Self::TechnologyExportBan { stages, to, .. } => {
                vec![
                    ("stages", Refers::Stages, stages),
                    ("to", Refers::States, to),
                ]
            }
            Self::ProcurementPreference { of, friends, .. } => {
                vec![
                    ("of", Refers::Goods, of),
                    ("friends", Refers::States, friends),
                ]
            }
            Self::Sanctions { of, on } => {
                vec![("of", Refers::Goods, of), ("on", Refers::States, on)]
            }
            Self::Stockpile { of, share_with, .. } => {
                vec![
                    ("of", Refers::Goods, of),
                    ("share_with", Refers::StatesOrBlocs, share_with),
                ]
            }
            Self::Offtake { seller, of, .. } => {
                vec![
                    ("seller", Refers::Sellers, from_ref(seller)),
                    ("of", Refers::Commodity, from_ref(of)),
                ]
            }
            Self::BlocMembership { bloc } => vec![("bloc", Refers::Blocs, from_ref(bloc))],
            Self::BilateralAgreement { with, .. } => vec![("with", Refers::States, with)],
            Self::Enforcement { .. } => vec![],
            Self::Tariff { of, from, .. } => {
                vec![("of", Refers::Goods, of), ("from", Refers::States, from)]
            }
            Self::OriginRule {
                of, from, sectors, ..
            } => vec![
                ("of", Refers::Goods, of),
                ("from", Refers::States, from),
                ("sectors", Refers::Sectors, sectors),
            ],
            Self::CapexGrant { stages, .. }
            | Self::Loan { stages, .. }
            | Self::PublicEquity { stages, .. }
            | Self::SkillsProgramme { stages, .. }
            | Self::PermittingSpeedUp { stages, .. } => vec![("stages", Refers::Stages, stages)],
            Self::Consolidation { stages, of, .. } => vec![
                ("stages", Refers::Stages, stages),
                ("of", Refers::Goods, of),
            ],
            Self::EnvironmentalStandard { .. } => vec![],
            Self::OwnershipScreening { owners, stages, .. } => vec![
                ("owners", Refers::States, owners),
                ("stages", Refers::Stages, stages),
            ],
            Self::SubstitutionResearch { of, sectors, .. } => vec![
                ("of", Refers::Goods, of),
                ("sectors", Refers::Sectors, sectors),
            ],
            Self::RecyclingMandate { sectors, .. } => {
                vec![("sectors", Refers::Sectors, sectors)]
            }
            Self::PlantPurchase {
                plants,
                hosts,
                stages,
                buyer,
                ..
            } => vec![
                ("plants", Refers::Plants, plants),
                ("hosts", Refers::States, hosts),
                ("stages", Refers::Stages, stages),
                ("buyer", Refers::Firms, std::slice::from_ref(buyer)),
            ],
            Self::ExportQuota { of, .. }
            | Self::VatRebate { of, .. }
            | Self::ProductionQuota { of, .. }
            | Self::PriceFloor { of, .. }
            | Self::LocalContent { of, .. }
            | Self::TaxCredit { of, .. }
            | Self::AntiCoercionTariff { of, .. }
            | Self::SingleSupplierCap { of, .. }
            | Self::DefencePriority { of, .. }
            | Self::EmergencyAllocation { of, .. } => vec![("of", Refers::Goods, of)],
        }
    }
}

impl Terms for ShockKind {
    fn numbers(&mut self) -> Vec<Number<'_>> {
        let (spec, value) = match self {
            Self::MineClosure { share, .. } | Self::PlantOutage { share, .. } => (&SHARE, share),
            Self::DemandSurge { factor, .. } => (&SURGE, factor),
            Self::FreightShock { factor, .. } => (&FREIGHT, factor),
        };
        vec![Number { spec, value }]
    }

    fn names(&self) -> Vec<(&'static str, Refers, &[String])> {
        use std::slice::from_ref;
        match self {
            Self::MineClosure { state, of, .. } => {
                vec![
                    ("state", Refers::States, from_ref(state)),
                    ("of", Refers::Goods, of),
                ]
            }
            Self::PlantOutage { plant, .. } => vec![("plant", Refers::Plants, from_ref(plant))],
            Self::DemandSurge { sector, .. } => vec![("sector", Refers::Sectors, from_ref(sector))],
            Self::FreightShock { from, to, .. } => {
                vec![("from", Refers::States, from), ("to", Refers::States, to)]
            }
        }
    }
}

/// All numbers of instruments and shocks, for looking a declaration up by name.
static NUMBERS: &[&Spec] = &[
    &TONNES_PER_YEAR,
    &ORIGIN_CREDIT,
    &DUTY,
    &LICENSED,
    &GROWTH,
    &LEVERAGE,
    &BUDGET,
    &FLOOR,
    &COVER,
    &RELEASE,
    &FREIGHT,
    &TAX,
    &SHARE,
    &REBATE,
    &SURGE,
    &DISCIPLINE,
    &LEVEL,
    &ENFORCEMENT,
    &DISCOUNT,
    &YEARLY_BUDGET,
    &GAIN,
    &YEARLY_COST,
    &SPEED,
    &EXTRA_LIMIT,
    &DELAY_CUT,
    &COLLECTED,
    &PREMIUM,
    &PUBLIC_SHARE,
    &SHORTAGE,
    &PURCHASE,
    &ABOVE,
    &STRENGTH,
    &TRUST,
    &TARIFF_CUT,
    &EFFORT,
];

macro_rules! terms_are_fields {
    ($($ty:ty),*) => {$(
        whole_value!($ty);

        impl Field for $ty {
            type Written = Self;

            fn resolve(written: Option<Self>, path: &Path<'_>, spec: &'static Spec, problems: &mut Problems) -> Option<Self> {
                let Some(mut value) = written else {
                    problems.missing(path, spec);
                    return None;
                };
                for number in value.numbers() {
                    problems.in_range(*number.value, &path.join(number.spec.name), number.spec);
                    *number.value += 0.0;
                }
                Some(value)
            }

            fn number_mut(&mut self, path: &[&str]) -> Option<&mut f64> {
                let [name] = path else { return None };
                self.numbers().into_iter().find(|number| number.spec.name == *name).map(|number| number.value)
            }

            fn matching(&self, pattern: &[&str], prefix: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> Result<(), Wrong> {
                let known = self.clone().numbers().iter().map(|number| number.spec.name.to_owned()).collect::<Vec<_>>();
                match pattern {
                    [name] if known.iter().any(|known| known == name) => {
                        found.push(prefix.iter().cloned().chain([(*name).to_owned()]).collect());
                        Ok(())
                    }
                    [] => {
                        found.push(prefix.clone());
                        Ok(())
                    }
                    _ => Err(Wrong { left: pattern.len(), kind: WrongKind::NoField { of: stringify!($ty), near: None, known } }),
                }
            }

            fn spec_at(path: &[&str]) -> Option<&'static Spec> {
                let [name] = path else { return None };
                NUMBERS.iter().copied().find(|spec| spec.name == *name)
            }

            fn describe(_: &mut Vec<&'static RecordInfo>) {}
        }
    )*};
}
terms_are_fields!(Instrument, ShockKind);

/// Every kind of instrument, in the order of declaration.
#[must_use]
pub fn kinds() -> Vec<String> {
    let schema = schemars::schema_for!(Instrument).to_value();
    let kinds = schema["oneOf"].as_array().into_iter().flatten();
    kinds
        .filter_map(|kind| kind["required"][0].as_str().or(kind["const"].as_str()))
        .map(str::to_owned)
        .collect()
}

/// Reports names in the terms that mean nothing.
pub fn check_names(
    terms: &impl Terms,
    path: &Path<'_>,
    known: &impl Fn(Refers, &str) -> Result<(), Problem>,
    problems: &mut Problems,
) {
    for (field, refers, names) in terms.names() {
        for name in names {
            if let Err(mut problem) = known(refers, name) {
                problem.path = path.join(field).names();
                problems.push(problem);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instrument_has_its_kind() {
        let kinds = kinds();
        let tariff = Instrument::Tariff {
            of: vec![],
            from: vec![],
            rate: 0.0,
        };
        assert!(kinds.len() >= 10, "{kinds:?}");
        assert!(kinds.iter().any(|kind| kind == tariff.name()), "{kinds:?}");
    }
}
