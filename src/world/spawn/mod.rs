//! Entities and shared state of a run, made from the assembled arrays.

mod announced;
mod plants;
mod states;
mod surroundings;
mod users;

use super::{
    assemble::{Assembled, Extras},
    build::Base,
    entrants::is_entrant,
    gather,
};
use crate::config::scenario::Scenario;
use crate::domain::{
    actors::Roll,
    exchange::{
        Bills, Disturbances, Effects, Journal, KnowHow, PlantBooks, Pledges, Provenance, Revenue,
        Trading,
    },
    graph::{Commodity, Form, Graph, Mode, Stage},
    ids::StateId,
    layout::Layout,
    market::{Cleared, Diagnostics, Structure},
    maths::exp,
    policy::Instrument,
};
use crate::engine::simulation::Simulation;
use crate::mechanisms::{
    capability, expectation, friendshoring, investment,
    investment::Outlook,
    leakage,
    market::{Plan, systems::Solver},
    planning, policy, provenance,
    settlement::{self, Tracked},
    shock::{DatedShocks, GroupOfPlant},
    stockpile,
    substitution::{self, VenueOfUser},
};
use crate::record::{RunRecord, recorder::Lens};
use plants::{draws, spawn_plants};
use states::{fill_state_stocks, relations, spawn_firms, spawn_states, standing};
use std::{collections::BTreeMap, sync::Arc};
use surroundings::{conversions, dated_shocks, holder_shares, noise};
use users::{end_of_life, spawn_contracts, spawn_users};

/// Shares of a magnet mode's inputs that end in the good and in scrap; the rest is lost.
#[must_use]
pub fn kept_and_scrapped(graph: &Graph, mode: &Mode, good: &Commodity) -> (f64, f64) {
    let input: f64 = mode
        .inputs
        .iter()
        .map(|t| t.t_per_t * graph.commodities[t.commodity.index()].reo_per_t())
        .sum();
    if input <= 0.0 {
        return (0.0, 0.0);
    }
    let scrapped = mode.scrap.map_or(0.0, |t| t.t_per_t / input).min(0.9);
    ((good.reo_per_t() / input).min(1.0 - scrapped), scrapped)
}

/// Fills a simulation's world.
#[expect(
    clippy::too_many_arguments,
    reason = "the one place where everything that a run starts from comes together"
)]
pub fn spawn(
    simulation: &mut Simulation,
    scenario: &Scenario,
    base: &Base,
    world: Assembled,
    extras: &Extras,
    structure: Arc<Structure>,
    plan: Arc<Plan>,
    seed: u64,
) {
    let quarters = scenario.quarters();
    let log_price = world.books.log_price.clone();
    let mut effects = Effects {
        quota: vec![f64::INFINITY; structure.pools.len()],
        ..Effects::default()
    };
    effects.vat_kept.clear();
    let founded = founded_firms(scenario);
    let firms = firm_names(base, &founded);
    let owners: Vec<usize> = base
        .facts
        .groups
        .iter()
        .flat_map(|g| &g.plants)
        .map(|p| firms.binary_search(&p.firm).unwrap_or(0))
        .collect();
    let entrants: Vec<bool> = base
        .facts
        .groups
        .iter()
        .flat_map(|g| &g.plants)
        .map(is_entrant)
        .collect();
    let group_of: Vec<usize> = world
        .layout
        .groups
        .iter()
        .enumerate()
        .flat_map(|(g, group)| group.plants().map(move |_| g))
        .collect();
    let mut layout = world.layout;
    layout.firms.clone_from(&firms);
    for (g, group) in base.facts.groups.iter().enumerate() {
        for plant in &group.plants {
            let groups = layout.groups_of_firm.entry(plant.firm.clone()).or_default();
            if groups.last() != Some(&g) {
                groups.push(g);
            }
        }
    }
    let plants = layout.plants.len();
    let n = layout.states.len();
    let mut books = world.books;
    books.element_of = layout
        .venues
        .iter()
        .map(|v| {
            base.graph.commodities[v.commodity.index()]
                .composition
                .iter()
                .position(|x| *x > 0.999)
        })
        .collect();
    let conversions = conversions(&base.graph, &base.facts.recovery, &layout, &structure);
    let scrap_content = base
        .graph
        .commodities
        .iter()
        .find(|c| c.form == Form::Scrap)
        .map_or_else(
            || vec![0.0; base.graph.elements.len()],
            |c| c.composition.clone(),
        );
    let tracked = Tracked::new(&base.graph, &layout, scrap_content);
    let (measures, quota_measures) = spawn_states(simulation, scenario, base, &layout, extras);
    let owner_states = owner_states(base, &founded, &layout);
    spawn_firms(simulation, scenario, &firms, &founded, &owner_states, seed);
    let disadvantage = spawn_plants(
        simulation,
        scenario,
        base,
        &layout,
        &group_of,
        &owners,
        &world.coefficients,
        seed,
    );
    let mut curves = world.curves;
    let worn_out = end_of_life(scenario, base, &layout, &world.users);
    let venue_of_user = spawn_users(
        simulation,
        scenario,
        base,
        &layout,
        &world.users,
        &mut curves,
        quarters,
    );
    spawn_contracts(simulation, scenario, base, &layout);
    fill_state_stocks(
        scenario,
        &base.graph,
        &layout,
        &world.anchors.need_start,
        &mut books.state_stock,
    );
    let w = &mut simulation.world;
    let roll = Roll::call(w);
    make_room(
        &mut w.resource_mut::<RunRecord>(),
        &layout,
        roll.users.len(),
        quarters,
    );
    w.insert_resource(roll);
    w.insert_resource(noise(scenario, base, &layout, seed, quarters));
    w.insert_resource(DatedShocks(dated_shocks(
        scenario,
        &base.graph,
        &layout,
        &group_of,
    )));
    w.insert_resource(GroupOfPlant(group_of.clone()));
    w.insert_resource(Disturbances {
        availability: vec![1.0; plants],
        demand: vec![1.0; layout.sectors.len()],
        freight: vec![1.0; n * n],
    });
    w.insert_resource(Provenance {
        apart: false,
        restricted: world.restricted,
        credit: vec![None; layout.sides.uses.len()],
    });
    w.insert_resource(standing(scenario, base, &layout));
    w.insert_resource(effects);
    w.insert_resource(relations(scenario, &layout, world.relations));
    w.insert_resource(holder_shares(
        scenario, &layout, &structure, extras, &owners, &entrants, seed, &firms,
    ));
    w.insert_resource(policy::observe::Archive::new(seed));
    w.insert_resource(KnowHow {
        output: vec![1.0; n * Stage::ALL.len()],
        cost: vec![1.0; n * Stage::ALL.len()],
        drag: vec![0.0; n * Stage::ALL.len()],
    });
    w.insert_resource(Solver::new(plan, &log_price));
    w.insert_resource(Trading {
        coefficients: world.coefficients,
        cleared: Cleared::default(),
        free: Cleared::default(),
        bound: false,
        limit_rent: vec![0.0; structure.lanes.len()],
        floor_payment: vec![0.0; structure.terms.len()],
        diagnostics: Diagnostics::default(),
        structure,
    });
    w.insert_resource(PlantBooks {
        activity: vec![0.0; plants],
        margin: vec![0.0; plants],
        profit: vec![0.0; plants],
        value_added: vec![0.0; plants],
        cost_factor: disadvantage.iter().map(|d| exp(*d)).collect(),
        disadvantage,
    });
    w.insert_resource(draws(scenario, base, &firms, seed));
    w.insert_resource(Outlook {
        group_of: group_of.clone(),
        ..Outlook::default()
    });
    w.insert_resource(Lens {
        venue_of_user: venue_of_user.iter().map(|v| v.index()).collect(),
        product_value: layout
            .sectors
            .iter()
            .map(|s| scenario.sectors[s].product_value_usd_per_kg)
            .collect(),
        group_of,
        measures,
        quota_measures,
        ..Lens::default()
    });
    w.insert_resource(VenueOfUser(venue_of_user));
    w.insert_resource(conversions);
    w.insert_resource(tracked);
    w.insert_resource(worn_out);
    w.insert_resource(curves);
    w.insert_resource(books);
    w.insert_resource(world.beliefs);
    w.insert_resource(world.groups);
    w.insert_resource(world.anchors);
    w.insert_resource(world.leaks);
    w.insert_resource(base.graph.clone());
    w.insert_resource(layout);
    w.init_resource::<Journal>();
    w.init_resource::<Bills>();
    w.init_resource::<Pledges>();
    w.init_resource::<Revenue>();
    settings(simulation, scenario);
}

/// Parameters of every mechanism, as resources.
fn settings(simulation: &mut Simulation, scenario: &Scenario) {
    let w = &mut simulation.world;
    w.insert_resource(policy::Settings(scenario.policy.clone()));
    w.insert_resource(expectation::Settings(scenario.expectation.clone()));
    w.insert_resource(provenance::Settings(scenario.provenance.clone()));
    w.insert_resource(planning::Settings(scenario.planning.clone()));
    w.insert_resource(stockpile::Settings(scenario.stockpile.clone()));
    w.insert_resource(settlement::Settings {
        params: scenario.settlement.clone(),
        average_speed: scenario.planning.throughput_speed,
        price_speed: scenario.expectation.fundamental_speed,
        carrying: scenario.stockpile.carrying_cost / 4.0,
    });
    w.insert_resource(leakage::Settings(scenario.leakage.clone()));
    w.insert_resource(friendshoring::Settings(scenario.friendshoring.clone()));
    let pace = gather::sector_names(scenario)
        .iter()
        .map(|sector| scenario.sectors[sector].thrift_speed)
        .collect();
    w.insert_resource(substitution::SectorPace(pace));
    w.insert_resource(substitution::Settings(scenario.substitution.clone()));
    let p = &scenario.investment;
    let risk = gather::state_names(scenario)
        .iter()
        .map(|state| &scenario.states[state])
        .map(|row| investment::host_risk(row.risk_premium, row.rule_of_law, p))
        .collect();
    w.insert_resource(investment::HostRisk(risk));
    w.insert_resource(investment::Settings(scenario.investment.clone()));
    w.insert_resource(capability::Settings(scenario.capability.clone()));
}

/// Firms that measures name as owners or buyers, with the state behind them: they exist even if they have no plant yet.
fn founded_firms(scenario: &Scenario) -> BTreeMap<String, String> {
    let mut founded = BTreeMap::new();
    for (state, strategy) in &scenario.strategies {
        let planned = strategy.planned().into_iter();
        for instrument in planned.flat_map(|(_, planned)| planned.instruments()) {
            match instrument {
                Instrument::Consolidation { owner: firm, .. }
                | Instrument::PlantPurchase { buyer: firm, .. } => {
                    founded.insert(firm.clone(), state.clone());
                }
                _ => {}
            }
        }
    }
    founded
}

/// State of the owner of each firm that has a plant: the home of firms that no table names.
fn owner_states(
    base: &Base,
    founded: &BTreeMap<String, String>,
    layout: &Layout,
) -> BTreeMap<String, StateId> {
    let plants = base.facts.groups.iter().flat_map(|g| &g.plants);
    let mut homes: BTreeMap<String, StateId> = plants.map(|p| (p.firm.clone(), p.owner)).collect();
    for (firm, state) in founded {
        if let Some(state) = layout.state_named(state) {
            homes.entry(firm.clone()).or_insert(state);
        }
    }
    homes
}

fn firm_names(base: &Base, founded: &BTreeMap<String, String>) -> Vec<String> {
    let mut firms: Vec<String> = base
        .facts
        .groups
        .iter()
        .flat_map(|g| &g.plants)
        .map(|p| p.firm.clone())
        .chain(founded.keys().cloned())
        .collect();
    firms.sort();
    firms.dedup();
    firms
}

/// Room for the rows of a whole run in its largest tables, so that pushing them moves nothing.
fn make_room(record: &mut RunRecord, layout: &Layout, users: usize, quarters: usize) {
    let (n, rows) = (layout.states.len(), &mut record.rows);
    rows.market.reserve(layout.venues.len() * quarters);
    rows.trade.reserve(layout.lanes.len() * quarters);
    rows.end_use.reserve(users * quarters);
    rows.state.reserve(n * quarters);
    rows.relation.reserve(n * n.saturating_sub(1) * quarters);
    rows.solver.reserve(quarters);
}
