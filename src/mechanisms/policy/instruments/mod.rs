//! The instruments: one file each, with its direct effect.

pub mod anti_coercion_tariff;
pub mod bilateral_agreement;
pub mod bloc_membership;
pub mod capex_grant;
pub mod consolidation;
pub mod defence_priority;
pub mod embargo;
pub mod emergency_allocation;
pub mod enforcement;
pub mod environmental_standard;
pub mod export_licence;
pub mod export_quota;
pub mod export_tax;
pub mod loan;
pub mod local_content;
pub mod offtake;
pub mod ore_export_ban;
pub mod origin_rule;
pub mod ownership_screening;
pub mod permitting_speed_up;
pub mod plant_purchase;
pub mod price_floor;
pub mod procurement_preference;
pub mod production_quota;
pub mod public_equity;
pub mod recycling_mandate;
pub mod sanctions;
pub mod single_supplier_cap;
pub mod skills_programme;
pub mod stockpile;
pub mod substitution_research;
pub mod tariff;
pub mod tax_credit;
pub mod technology_export_ban;
mod threat;
pub mod vat_rebate;

pub use threat::threaten;

use super::{Params, observe::Blocs};
use crate::domain::{
    actors::BookedMeasure,
    exchange::{Books, Effects, GroupBooks},
    graph::Graph,
    ids::{CommodityId, StateId},
    layout::{Lane, Layout},
    policy::Instrument,
    time::Quarter,
};

/// What an instrument may look at.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// Current quarter.
    pub now: Quarter,
    /// Names and places.
    pub layout: &'a Layout,
    /// Commodities and processes.
    pub graph: &'a Graph,
    /// Last quarter's books.
    pub books: &'a Books,
    /// Plant groups.
    pub groups: &'a GroupBooks,
    /// Slow average flow of each lane, t per quarter.
    pub usual_flow: &'a [f64],
    /// Demand of rated users at reference prices last quarter, t, by venue.
    pub rated: &'a [f64],
    /// Members of blocs.
    pub blocs: &'a Blocs,
    /// Parameters of policy.
    pub params: &'a Params,
}

impl Scene<'_> {
    /// Plant groups of a state at these stages that make one of these goods; empty lists mean all.
    #[must_use]
    pub fn groups_of(&self, state: StateId, stages: &[String], of: &[String]) -> Vec<usize> {
        (0..self.layout.groups.len())
            .filter(|&g| {
                let group = self.layout.groups[g];
                let stage = self.graph.processes[group.process.index()].stage;
                group.host == state
                    && (stages.is_empty() || stages.iter().any(|s| s == stage.name()))
                    && (of.is_empty() || self.output_of(g, of) > 0.0)
            })
            .collect()
    }

    /// Quarters for which a measure in force is promised, this one included; infinite without an end.
    #[must_use]
    pub fn quarters_left(&self, measure: &BookedMeasure) -> f64 {
        measure.until.map_or(f64::INFINITY, |until| {
            f64::from(until.since(self.now) + 1).max(0.0)
        })
    }

    /// Covered goods that a group turns out per t of activity in the first of its modes that makes any, t.
    #[must_use]
    pub fn output_of(&self, group: usize, of: &[String]) -> f64 {
        let covered = self.graph.covered(of);
        self.graph.processes[self.layout.groups[group].process.index()]
            .modes
            .iter()
            .map(|m| {
                m.outputs
                    .iter()
                    .filter(|t| covered.contains(&t.commodity))
                    .map(|t| t.t_per_t)
                    .sum::<f64>()
            })
            .find(|amount| *amount > 0.0)
            .unwrap_or(0.0)
    }

    /// Lanes that carry covered goods from `from` (a state; `None`: from anywhere in `origins`) to the states in `to`; empty lists mean all.
    pub fn lanes<'a>(
        &'a self,
        of: &[String],
        from: Option<StateId>,
        origins: &'a [String],
        to: &'a [String],
    ) -> impl Iterator<Item = (usize, Lane)> + 'a {
        let covered: Vec<bool> = {
            let ids = self.graph.covered(of);
            (0..self.graph.commodities.len())
                .map(|k| ids.contains(&CommodityId::from_index(k)))
                .collect()
        };
        let named = move |list: &[String], state: StateId| {
            list.is_empty() || list.contains(&self.layout.states[state.index()])
        };
        self.layout
            .lanes
            .iter()
            .copied()
            .enumerate()
            .filter(move |(_, lane)| {
                covered[lane.commodity.index()]
                    && lane.leak_of().is_none()
                    && from.is_none_or(|s| lane.exporter == s)
                    && named(origins, lane.exporter)
                    && named(to, lane.importer)
                    && !lane.is_valve()
            })
    }
}

/// Lays the direct effect of a measure in force over the effects of the quarter.
pub fn apply(
    scene: &Scene,
    state: StateId,
    measure: &mut BookedMeasure,
    index: usize,
    effects: &mut Effects,
) {
    let instrument = measure.instrument.clone();
    match &instrument {
        Instrument::ExportQuota {
            tonnes_per_year, ..
        } => export_quota::apply(measure, *tonnes_per_year, effects),
        Instrument::ExportTax { of, rate, to } => {
            export_tax::apply(scene, state, of, *rate, to, effects)
        }
        Instrument::VatRebate { of, rate } => vat_rebate::apply(scene, state, of, *rate, effects),
        Instrument::ExportLicence {
            of,
            to,
            share,
            delay,
            refuse,
            no_stocking,
        } => {
            let waiting = scene.now.since(measure.from) < i32::try_from(*delay).unwrap_or(i32::MAX);
            if !refuse.is_empty() {
                origin_rule::refuse(scene, state, index, of, to, refuse, effects);
            }
            if *no_stocking {
                for (_, lane) in scene.lanes(of, Some(state), &[], to) {
                    effects.stocking_barred[lane.to.index()] = true;
                }
            }
            export_licence::apply(
                scene,
                state,
                of,
                to,
                if waiting { 0.0 } else { *share },
                &measure.reference,
                index,
                effects,
            );
        }
        Instrument::Embargo { of, to } => embargo::apply(scene, state, of, to, index, effects),
        Instrument::OriginRule {
            of,
            uses,
            sectors,
            credit,
            ..
        } => origin_rule::apply(scene, state, index, of, *uses, sectors, *credit, effects),
        Instrument::Tariff { of, from, rate } => {
            tariff::apply(scene, state, of, from, *rate, effects)
        }
        Instrument::ProductionQuota {
            of,
            tonnes_per_year,
            growth,
            leverage,
        } => production_quota::apply(
            scene,
            state,
            measure,
            of,
            *tonnes_per_year,
            production_quota::Motive {
                growth: *growth,
                leverage: *leverage,
                ..Default::default()
            },
            effects,
        ),
        Instrument::CapexGrant {
            stages,
            share,
            budget_usd,
        } => capex_grant::apply(
            scene,
            state,
            index,
            stages,
            *share,
            *budget_usd - measure.pledged_usd,
            effects,
        ),
        Instrument::PriceFloor {
            of,
            usd_per_kg,
            tonnes_per_year,
        } => price_floor::apply(
            scene,
            state,
            index,
            of,
            *usd_per_kg,
            *tonnes_per_year,
            scene.quarters_left(measure),
            effects,
        ),
        Instrument::Consolidation {
            stages,
            of,
            owner,
            discipline,
        } => consolidation::apply(scene, state, stages, of, owner, *discipline, effects),
        Instrument::EnvironmentalStandard { level, enforcement } => {
            environmental_standard::apply(scene, state, index, *level, *enforcement, effects);
        }
        Instrument::LocalContent { of, share } => {
            local_content::apply(scene, state, measure, of, *share, effects);
        }
        Instrument::OwnershipScreening {
            owners,
            stages,
            delay,
            divest_by,
        } => ownership_screening::apply(
            scene, state, index, owners, stages, *delay, *divest_by, effects,
        ),
        Instrument::Loan {
            stages,
            share,
            discount,
            budget_usd,
        } => loan::apply(
            scene,
            state,
            index,
            stages,
            *share,
            *discount,
            *budget_usd - measure.pledged_usd,
            effects,
        ),
        Instrument::PublicEquity {
            stages,
            share,
            budget_usd,
        } => public_equity::apply(
            scene,
            state,
            index,
            stages,
            *share,
            *budget_usd - measure.pledged_usd,
            effects,
        ),
        Instrument::TaxCredit {
            of,
            usd_per_kg,
            budget_usd_per_year,
        } => tax_credit::apply(
            scene,
            state,
            index,
            of,
            *usd_per_kg,
            *budget_usd_per_year,
            scene.quarters_left(measure),
            effects,
        ),
        Instrument::SkillsProgramme {
            stages,
            gain,
            delay,
            usd_per_year,
        } => skills_programme::apply(
            scene,
            state,
            index,
            stages,
            *gain,
            *delay,
            *usd_per_year,
            effects,
        ),
        Instrument::SubstitutionResearch {
            of,
            sectors,
            speed,
            limit,
            usd_per_year,
        } => substitution_research::apply(
            scene,
            state,
            index,
            of,
            sectors,
            *speed,
            *limit,
            *usd_per_year,
            effects,
        ),
        Instrument::PermittingSpeedUp {
            stages,
            quarters,
            delay_cut,
            usd_per_year,
        } => permitting_speed_up::apply(
            scene,
            state,
            index,
            stages,
            *quarters,
            *delay_cut,
            *usd_per_year,
            effects,
        ),
        Instrument::RecyclingMandate {
            sectors,
            target,
            by,
            usd_per_kg,
        } => recycling_mandate::apply(
            scene,
            state,
            index,
            sectors,
            *target,
            measure.from,
            *by,
            *usd_per_kg,
            effects,
        ),
        Instrument::PlantPurchase {
            plants,
            hosts,
            stages,
            buyer,
            premium,
            public_share,
        } => {
            if scene.now == measure.from {
                plant_purchase::apply(
                    scene,
                    state,
                    index,
                    plants,
                    hosts,
                    stages,
                    buyer,
                    *premium,
                    *public_share,
                    effects,
                );
            }
        }
        Instrument::OreExportBan { of, to } => {
            ore_export_ban::apply(scene, state, of, to, index, effects)
        }
        Instrument::TechnologyExportBan { stages, to, share } => {
            technology_export_ban::apply(scene, state, stages, to, *share, effects);
        }
        // These look at what all others have laid out.
        Instrument::AntiCoercionTariff { .. }
        | Instrument::SingleSupplierCap { .. }
        | Instrument::Stockpile { .. } => {}
        Instrument::ProcurementPreference {
            of,
            friends,
            premium,
            public_share,
        } => procurement_preference::apply(
            scene,
            state,
            of,
            friends,
            premium * public_share,
            index,
            effects,
        ),
        Instrument::DefencePriority { of, strength } => {
            defence_priority::apply(scene, state, of, *strength, effects);
        }
        Instrument::Offtake {
            seller,
            of,
            tonnes_per_year,
            price,
        } => offtake::apply(
            scene,
            state,
            index,
            seller,
            of,
            *tonnes_per_year,
            *price,
            effects,
        ),
        Instrument::BlocMembership { bloc } => bloc_membership::apply(scene, state, bloc, effects),
        Instrument::BilateralAgreement { with, trust, .. } => {
            bilateral_agreement::apply(scene, state, with, *trust, effects);
        }
        Instrument::Sanctions { of, on } => sanctions::apply(scene, state, of, on, index, effects),
        Instrument::EmergencyAllocation { of, above, share } => emergency_allocation::apply(
            scene,
            state,
            of,
            *above,
            *share,
            &measure.reference,
            index,
            effects,
        ),
        Instrument::Enforcement {
            effort,
            usd_per_year,
        } => enforcement::apply(state, *effort, *usd_per_year, index, effects),
    }
}

/// Lays what answers to other measures over what they have laid out: duties on coercers, caps that leave room for rated orders, stocks
/// shared with whoever is a member of a bloc.
pub fn respond(
    scene: &Scene,
    state: StateId,
    measure: &BookedMeasure,
    index: usize,
    effects: &mut Effects,
) {
    match &measure.instrument {
        Instrument::AntiCoercionTariff { of, rate, above } => {
            anti_coercion_tariff::apply(scene, state, of, *rate, *above, effects);
        }
        Instrument::SingleSupplierCap { of, share } => {
            single_supplier_cap::apply(scene, state, of, *share, index, effects);
        }
        Instrument::Stockpile {
            of,
            cover_days,
            fill_quarters,
            release_above,
            release_on_shortage,
            defence_first,
            largest_purchase,
            share_with,
        } => {
            let terms = stockpile::Terms {
                cover_days: *cover_days,
                fill_quarters: *fill_quarters,
                release_above: *release_above,
                release_on_shortage: *release_on_shortage,
                defence_first: *defence_first,
                largest_purchase: *largest_purchase,
                share_with,
            };
            stockpile::apply(scene, state, index, of, terms, effects);
        }
        _ => {}
    }
}

/// Waives duties between partners, after all of them have been laid.
pub fn waive(scene: &Scene, state: StateId, measure: &BookedMeasure, effects: &mut Effects) {
    if let Instrument::BilateralAgreement {
        with, tariff_cut, ..
    } = &measure.instrument
    {
        bilateral_agreement::waive(scene, state, with, *tariff_cut, effects);
    }
}

#[cfg(test)]
mod tests;
