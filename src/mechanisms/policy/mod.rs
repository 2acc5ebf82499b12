//! Policy: states announce, enact and lift measures, and the measures in force are laid out as effects on lanes, plants and stocks.
//!
//! One file per instrument under `instruments` says what it does to the [`Effects`] of the quarter. Announced and effective dates differ:
//! an announcement changes beliefs, the date in force changes what may move and at what cost.
//!
//! Measures come from calendars, with fixed dates, and from [`rules`], which read what [`observe`] publishes of past quarters.

mod conditions;
pub mod instruments;
pub mod observe;
mod params;
mod readings;
pub mod rules;

use crate::domain::{
    actors::{
        BookedMeasure, Contract, Environment, Kept, MeasureStatus, Name, PolicyBook, PublicAccounts,
    },
    exchange::{
        Bills, Books, Curves, Effects, GroupBooks, Journal, MeasureEvent, PlantBooks, Pledges,
        Relations, Revenue,
    },
    graph::{Graph, Stage},
    ids::{ContractId, StateId},
    layout::Layout,
    time::Quarter,
    units::KG_PER_T,
};
use crate::engine::{
    phase::Phase,
    simulation::{Clock, Simulation},
};
use bevy_ecs::prelude::*;
pub use instruments::Scene;
use observe::Blocs;
pub use params::PolicyParams as Params;

/// The parameters in use.
#[derive(Resource, Debug, Clone, PartialEq)]
pub struct Settings(pub Params);

/// Standing conditions of trade: what holds where no measure says otherwise.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Standing {
    /// Value-added tax of each state, share.
    pub vat: Vec<f64>,
    /// Duty per lane, share of delivered price.
    pub tariff: Vec<f64>,
}

/// Adds the mechanism.
pub fn plugin(simulation: &mut Simulation) {
    simulation.add(
        Phase::Policy,
        (
            rules::publish_quarter,
            rules::follow_rules,
            advance_measures,
            lay_out_effects,
            sign_offtakes,
        )
            .chain(),
    );
    simulation.add(Phase::Capability, (pay_programmes, post_bills).chain());
}

/// Ids of state-backed offtakes begin here, past those of private contracts.
const FIRST_OFFTAKE: usize = 10_000;

/// Where a measure stands in a quarter.
#[must_use]
pub fn status_in(measure: &BookedMeasure, now: Quarter) -> MeasureStatus {
    if measure.until.is_some_and(|until| now > until) {
        MeasureStatus::Lifted
    } else if now >= measure.from {
        MeasureStatus::Effective
    } else if now >= measure.announced {
        MeasureStatus::Announced
    } else {
        MeasureStatus::Secret
    }
}

fn advance_measures(
    clock: Res<Clock>,
    relations: Res<Relations>,
    mut states: Query<(&StateId, &mut PolicyBook)>,
    mut journal: ResMut<Journal>,
) {
    for (state, mut book) in states.iter_mut().sort::<&StateId>() {
        for measure in &mut book.0 {
            let status = status_in(measure, clock.now);
            let changed = status != measure.status;
            if changed && status == MeasureStatus::Effective {
                // A licence counts against the flow that was usual when it came.
                measure.reference.clone_from(&relations.usual_flow);
            }
            let told = (changed || measure.changed) && status != MeasureStatus::Secret;
            if told || measure.cost_usd != 0.0 {
                journal.measures.push(MeasureEvent {
                    state: state.index(),
                    measure: measure.name.clone(),
                    instrument: measure.instrument.name(),
                    status,
                    cost_usd: measure.cost_usd,
                    scope: measure.instrument.scope(),
                });
            }
            measure.spent_usd += measure.cost_usd;
            measure.cost_usd = 0.0;
            measure.status = status;
        }
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "lays out what all instruments touch; each instrument is a function of its own"
)]
fn lay_out_effects(
    clock: Res<Clock>,
    settings: Res<Settings>,
    standing: Res<Standing>,
    layout: Res<Layout>,
    graph: Res<Graph>,
    books: Res<Books>,
    groups: Res<GroupBooks>,
    relations: Res<Relations>,
    curves: Res<Curves>,
    blocs: Res<Blocs>,
    mut states: Query<(&StateId, &mut PolicyBook)>,
    mut effects: ResMut<Effects>,
) {
    let mut measures: Vec<(StateId, &mut BookedMeasure)> = Vec::new();
    for (state, book) in states.iter_mut().sort::<&StateId>() {
        for measure in &mut book.into_inner().0 {
            measures.push((*state, measure));
        }
    }
    let scene = Scene {
        now: clock.now,
        layout: &layout,
        graph: &graph,
        books: &books,
        groups: &groups,
        usual_flow: &relations.usual_flow,
        rated: &curves.rated,
        blocs: &blocs,
        params: &settings.0,
    };
    effects_of(&scene, &standing, &mut measures, &mut effects);
}

/// Makes a contract of every state-backed offtake that comes into force, keeps its terms those of the measure, and ends it with it.
fn sign_offtakes(
    clock: Res<Clock>,
    layout: Res<Layout>,
    effects: Res<Effects>,
    states: Query<(&StateId, &PolicyBook)>,
    mut contracts: Query<(Entity, &mut Contract)>,
    mut commands: Commands,
) {
    let backed = contracts.iter().any(|(_, c)| c.measure.is_some());
    if !backed && effects.offtakes.is_empty() {
        return;
    }
    let booked: Vec<(String, Option<Quarter>)> = states
        .iter()
        .sort::<&StateId>()
        .flat_map(|(state, book)| {
            let code = &layout.states[state.index()];
            book.0
                .iter()
                .map(move |measure| (format!("{code}:{}", measure.name), measure.until))
        })
        .collect();
    let mut held = Vec::new();
    for (entity, mut contract) in &mut contracts {
        let Some(measure) = contract.measure else {
            continue;
        };
        let lane = contract.lane as usize;
        let terms = effects
            .offtakes
            .iter()
            .find(|terms| terms.measure == measure && terms.lane == lane);
        match terms {
            Some(terms) => {
                held.push(measure);
                contract.quantity = terms.tonnes;
                contract.formula = terms.formula;
                contract.until = booked[measure].1;
            }
            None => commands.entity(entity).despawn(),
        }
    }
    for terms in &effects.offtakes {
        if held.contains(&terms.measure) {
            continue;
        }
        let lane = layout.lanes[terms.lane];
        let (name, until) = booked[terms.measure].clone();
        commands.spawn((
            ContractId::from_index(FIRST_OFFTAKE + terms.measure),
            Name(name),
            Contract {
                lane: u32::try_from(terms.lane).unwrap_or(u32::MAX),
                seller_group: u16::try_from(terms.group).unwrap_or(u16::MAX),
                commodity: lane.commodity,
                buyer: lane.importer,
                quantity: terms.tonnes,
                from: clock.now,
                until,
                measure: Some(terms.measure),
                formula: terms.formula,
                delivered: 0.0,
                price: 0.0,
                transfer_usd: 0.0,
                kept: Kept::Delivered,
            },
        ));
    }
}

/// The effects of all measures in force, from the standing conditions up. `measures` are sorted by state, then by name.
pub fn effects_of(
    scene: &Scene,
    standing: &Standing,
    measures: &mut [(StateId, &mut BookedMeasure)],
    effects: &mut Effects,
) {
    reset(scene, standing, effects);
    for (index, (state, measure)) in measures.iter_mut().enumerate() {
        let announced_now = measure.announced.max(measure.from.plus(-40)) == scene.now
            || (measure.announced > measure.from && measure.from == scene.now);
        if matches!(
            measure.status,
            MeasureStatus::Announced | MeasureStatus::Effective
        ) {
            instruments::threaten(scene, *state, measure, announced_now, effects);
        }
        if measure.status == MeasureStatus::Effective {
            instruments::apply(scene, *state, measure, index, effects);
        }
        measure.changed = false;
    }
    let in_force = |measure: &BookedMeasure| measure.status == MeasureStatus::Effective;
    for (index, (state, measure)) in measures.iter().enumerate() {
        if in_force(measure) {
            instruments::respond(scene, *state, measure, index, effects);
        }
    }
    for (state, measure) in measures.iter() {
        if in_force(measure) {
            instruments::waive(scene, *state, measure, effects);
        }
    }
}

/// Pays what programmes cost to run, and inspectors for what a standard asks beyond the state's own rules.
#[expect(
    clippy::too_many_arguments,
    reason = "programmes are paid by what they teach, search and inspect"
)]
fn pay_programmes(
    settings: Res<Settings>,
    layout: Res<Layout>,
    graph: Res<Graph>,
    effects: Res<Effects>,
    plants: Res<PlantBooks>,
    states: Query<(&StateId, &Environment)>,
    mut books: ResMut<Books>,
    mut bills: ResMut<Bills>,
) {
    let mut dues = effects.industry.dues.clone();
    for (state, environment) in states.iter().sort::<&StateId>() {
        if let Some(standard) = effects.industry.standards[state.index()] {
            let worked: f64 = layout
                .groups
                .iter()
                .filter(|g| {
                    g.host == *state
                        && matches!(
                            graph.processes[g.process.index()].stage,
                            Stage::Mine | Stage::Separation
                        )
                })
                .map(|g| plants.activity[g.plants()].iter().sum::<f64>())
                .sum();
            let more = (standard.enforcement - environment.enforcement).max(0.0);
            dues.push((
                standard.measure,
                settings.0.enforcement_usd_per_kg * KG_PER_T * worked * more,
            ));
        }
    }
    for (measure, usd) in dues.into_iter().filter(|due| due.1 != 0.0) {
        bills.0.push((measure, usd));
        books.money.states -= usd;
        books.money.conversion += usd;
    }
}

/// Books the quarter's bills to the measures that caused them, and taxes to the states that took them in.
fn post_bills(
    bills: Res<Bills>,
    mut pledges: ResMut<Pledges>,
    revenue: Res<Revenue>,
    mut states: Query<(&StateId, &mut PolicyBook, &mut PublicAccounts)>,
) {
    let mut position = 0;
    for (state, mut book, mut accounts) in states.iter_mut().sort::<&StateId>() {
        *accounts = PublicAccounts {
            cost: 0.0,
            revenue: revenue.0[state.index()],
        };
        for measure in &mut book.0 {
            let cost: f64 = bills
                .0
                .iter()
                .filter(|bill| bill.0 == position)
                .map(|bill| bill.1)
                .sum();
            if cost != 0.0 {
                measure.cost_usd += cost;
                accounts.cost += cost;
            }
            for pledge in pledges.0.iter().filter(|pledge| pledge.0 == position) {
                measure.pledged_usd += pledge.1;
            }
            position += 1;
        }
    }
    pledges.0.clear();
}

/// Clears the effects to what holds without measures.
fn reset(scene: &Scene, standing: &Standing, effects: &mut Effects) {
    let (lanes, groups, venues) = (
        scene.layout.lanes.len(),
        scene.layout.groups.len(),
        scene.layout.venues.len(),
    );
    let refill = |column: &mut Vec<f64>, size: usize, value: f64| {
        column.clear();
        column.resize(size, value);
    };
    refill(&mut effects.export_tax, lanes, 0.0);
    refill(&mut effects.vat, lanes, 0.0);
    refill(&mut effects.limit, lanes, f64::INFINITY);
    refill(&mut effects.output_ceiling, groups, f64::INFINITY);
    refill(&mut effects.grant, groups, 0.0);
    effects.industry.reset(groups, scene.layout.states.len());
    refill(&mut effects.threat, venues, 0.0);
    effects.stocking_barred.clear();
    effects.stocking_barred.resize(venues, false);
    refill(&mut effects.news, venues, 0.0);
    let states = scene.layout.states.len();
    refill(&mut effects.know_how_drag, states * Stage::ALL.len(), 0.0);
    refill(&mut effects.preference, lanes, 0.0);
    refill(&mut effects.priority, venues, 0.0);
    refill(&mut effects.trust_shift, states * states, 0.0);
    refill(&mut effects.ease, states * states, 0.0);
    refill(&mut effects.enforcement, states, 0.0);
    effects.procurement.clear();
    effects.barred_owners.clear();
    effects.offtakes.clear();
    effects.accessions.clear();
    effects.tariff.clone_from(&standing.tariff);
    effects.limit_by.clear();
    effects.limit_by.resize(lanes, usize::MAX);
    effects.floor.clear();
    effects.floor.resize(groups, None);
    effects.quota.fill(f64::INFINITY);
    effects.stockpiles.clear();
    effects.grants.clear();
    effects.coercion.clear();
    effects.origin.clear();
    // Value-added tax is paid back on export unless a measure keeps it.
    effects.vat_kept.clear();
    effects.vat_kept.extend_from_slice(&standing.vat);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::Instrument;

    #[test]
    fn a_measure_is_secret_then_announced_then_in_force_then_lifted() {
        let q = |text: &str| text.parse::<Quarter>().unwrap();
        let measure = BookedMeasure {
            name: "licence".into(),
            announced: q("2026Q1"),
            from: q("2026Q2"),
            until: Some(q("2027Q3")),
            instrument: Instrument::Embargo {
                of: vec!["all".into()],
                to: vec![],
            },
            status: MeasureStatus::Secret,
            spent_usd: 0.0,
            cost_usd: 0.0,
            reference: vec![],
            yearly: None,
            pledged_usd: 0.0,
            pools: vec![],
            changed: false,
        };
        assert_eq!(status_in(&measure, q("2025Q4")), MeasureStatus::Secret);
        assert_eq!(status_in(&measure, q("2026Q1")), MeasureStatus::Announced);
        assert_eq!(status_in(&measure, q("2026Q2")), MeasureStatus::Effective);
        assert_eq!(status_in(&measure, q("2027Q3")), MeasureStatus::Effective);
        assert_eq!(status_in(&measure, q("2027Q4")), MeasureStatus::Lifted);
    }
}
