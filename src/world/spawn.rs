//! Entities and shared state of a run, made from the assembled arrays.

use super::{
    assemble::{Assembled, Extras},
    build::Base,
    gather,
};
use crate::config::{scenario::Scenario, words};
use crate::domain::{
    actors::*,
    exchange::*,
    graph::{Commodity, Form, Graph, Mode, Stage},
    ids::{ContractId, FirmId, PlantId, StateId, UserId, VenueId},
    market::{Cleared, Diagnostics, HOLDERS, Role, Structure},
    maths::exp,
    policy::{Instrument, ShockKind},
};
use crate::engine::{
    rng::{Purpose, stream, uniform},
    simulation::Simulation,
};
use crate::mechanisms::{
    capability::{self, Experience, initial},
    demand::driver_index,
    expectation, friendshoring, investment,
    investment::{Draws, Outlook, project_delay},
    market::{Plan, systems::Solver},
    planning::{self, HolderShares},
    policy::{self, Standing},
    settlement::{self, Tracked},
    shock::{Dated, DatedShocks, GroupOfPlant, Noise, Strike, noise_path},
    stockpile,
    substitution::{self, VenueOfUser},
};
use crate::record::recorder::Lens;
use std::sync::Arc;

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
    let firms = firm_names(base);
    let owners: Vec<usize> = base
        .facts
        .groups
        .iter()
        .flat_map(|g| &g.plants)
        .map(|p| firms.binary_search(&p.firm).unwrap_or(0))
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
    spawn_firms(simulation, scenario, &firms, seed);
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
    w.insert_resource(standing(scenario, base, &layout));
    w.insert_resource(effects);
    w.insert_resource(relations(scenario, &layout, world.relations));
    w.insert_resource(holder_shares(
        scenario, &layout, &structure, extras, &owners, seed, &firms,
    ));
    w.insert_resource(KnowHow {
        output: vec![1.0; n * Stage::ALL.len()],
        cost: vec![1.0; n * Stage::ALL.len()],
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
    w.insert_resource(draws(base, &firms, seed));
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
    w.insert_resource(curves);
    w.insert_resource(books);
    w.insert_resource(world.beliefs);
    w.insert_resource(world.groups);
    w.insert_resource(world.anchors);
    w.insert_resource(base.graph.clone());
    w.insert_resource(layout);
    w.init_resource::<Journal>();
    w.init_resource::<Bills>();
    w.init_resource::<Revenue>();
    settings(simulation, scenario);
}

/// Parameters of every mechanism, as resources.
fn settings(simulation: &mut Simulation, scenario: &Scenario) {
    let w = &mut simulation.world;
    w.insert_resource(policy::Settings(scenario.policy.clone()));
    w.insert_resource(expectation::Settings(scenario.expectation.clone()));
    w.insert_resource(planning::Settings(scenario.planning.clone()));
    w.insert_resource(stockpile::Settings(scenario.stockpile.clone()));
    w.insert_resource(settlement::Settings {
        params: scenario.settlement.clone(),
        average_speed: scenario.planning.throughput_speed,
        price_speed: scenario.expectation.fundamental_speed,
        carrying: scenario.stockpile.carrying_cost / 4.0,
    });
    w.insert_resource(friendshoring::Settings(scenario.friendshoring.clone()));
    w.insert_resource(substitution::Settings(scenario.substitution.clone()));
    w.insert_resource(investment::Settings(scenario.investment.clone()));
    w.insert_resource(capability::Settings(scenario.capability.clone()));
}

fn firm_names(base: &Base) -> Vec<String> {
    let mut firms: Vec<String> = base
        .facts
        .groups
        .iter()
        .flat_map(|g| &g.plants)
        .map(|p| p.firm.clone())
        .collect();
    firms.sort();
    firms.dedup();
    firms
}

/// States with their policy books; gives the names of all measures and of those behind the quota pools.
fn spawn_states(
    simulation: &mut Simulation,
    scenario: &Scenario,
    base: &Base,
    layout: &crate::domain::layout::Layout,
    extras: &Extras,
) -> (Vec<String>, Vec<String>) {
    let p = &scenario.capability;
    let n = layout.states.len();
    let mut output = vec![0.0; n * Stage::ALL.len()];
    for (g, group) in base.facts.groups.iter().enumerate() {
        let stage = base.graph.processes[group.process.index()].stage;
        output[group.host.index() * Stage::ALL.len() + stage as usize] +=
            base.settled.q.activity[g].iter().sum::<f64>();
    }
    let mut measures = Vec::new();
    for (s, code) in layout.states.iter().enumerate() {
        let mut book = PolicyBook::default();
        if let Some(strategy) = scenario.strategies.get(code) {
            let mut names: Vec<&String> = strategy.calendar.keys().collect();
            names.sort();
            for name in names {
                let measure = &strategy.calendar[name];
                let full = format!("{code}:{name}");
                book.0.push(BookedMeasure {
                    name: name.clone(),
                    announced: measure.announced.unwrap_or(measure.from),
                    from: measure.from,
                    until: measure.until,
                    instrument: measure.instrument.clone(),
                    status: MeasureStatus::Secret,
                    spent_usd: 0.0,
                    cost_usd: 0.0,
                    reference: Vec::new(),
                    yearly: None,
                    pools: extras
                        .quotas
                        .iter()
                        .enumerate()
                        .filter(|(_, quota)| quota.2 == full)
                        .map(|(pool, _)| pool)
                        .collect(),
                });
                measures.push(full);
            }
        }
        let mut know_how = [0.0; 5];
        let mut cumulated = [0.0; 5];
        for stage in Stage::ALL {
            let i = stage as usize;
            let world: f64 = (0..n).map(|k| output[k * Stage::ALL.len() + i]).sum();
            let own = output[s * Stage::ALL.len() + i];
            know_how[i] = initial(if world > 0.0 { own / world } else { 0.0 }, p);
            // Ten years of the present output, or of a thousandth of the world's: the first tonnes teach most.
            cumulated[i] = 40.0 * own.max(1e-3 * world).max(1e-9);
        }
        let row = &scenario.states[code];
        simulation.world.spawn((
            StateId::from_index(s),
            Name(code.clone()),
            book,
            PublicAccounts::default(),
            Capability(know_how),
            Experience {
                start: Capability(know_how),
                cumulated,
            },
            Environment {
                enforcement: row.enforcement,
                compliance_usd_per_kg: row.compliance_usd_per_kg_reo,
                damage_usd_per_kg: row.damage_usd_per_kg_reo,
            },
            Damage::default(),
        ));
    }
    (
        measures,
        extras.quotas.iter().map(|quota| quota.2.clone()).collect(),
    )
}

fn spawn_firms(simulation: &mut Simulation, scenario: &Scenario, firms: &[String], seed: u64) {
    let p = &scenario.investment;
    let states = gather::state_names(scenario);
    let place =
        |code: &str| StateId::from_index(states.iter().position(|s| s == code).unwrap_or(0));
    for (i, name) in firms.iter().enumerate() {
        let mut draws = stream(seed, Purpose::FirmCharacter, name);
        let (kind, hurdle) = (uniform(&mut draws), uniform(&mut draws));
        let row = scenario.firms.get(name).or_else(|| {
            name.split_once('.')
                .and_then(|(firm, _)| scenario.firms.get(firm))
        });
        simulation.world.spawn((
            FirmId::from_index(i),
            Name(name.clone()),
            Home(row.map_or(StateId(0), |r| place(&r.home))),
            match row.map(|r| r.ownership) {
                Some(words::Ownership::State) => Ownership::State,
                Some(words::Ownership::Joint) => Ownership::Joint,
                Some(words::Ownership::Private) | None => Ownership::Private,
            },
            expectation_of(kind, scenario),
            HurdleRate(p.hurdle_low + hurdle * (p.hurdle_high - p.hurdle_low)),
            Cash::default(),
        ));
    }
}

/// A firm's expectation type by its draw.
fn expectation_of(draw: f64, scenario: &Scenario) -> Expectation {
    let e = &scenario.expectation;
    if draw < e.adaptive_share {
        Expectation::Adaptive
    } else if draw < e.adaptive_share + e.trend_share {
        Expectation::Trend
    } else {
        Expectation::Fundamental
    }
}

/// Plants and the projects under way; gives the log cost disadvantage of each.
#[expect(
    clippy::too_many_arguments,
    reason = "a plant is where firm, host, process and project meet"
)]
fn spawn_plants(
    simulation: &mut Simulation,
    scenario: &Scenario,
    base: &Base,
    layout: &crate::domain::layout::Layout,
    group_of: &[usize],
    owners: &[usize],
    co: &crate::domain::market::Coefficients,
    seed: u64,
) -> Vec<f64> {
    let p = &scenario.investment;
    let facts: Vec<_> = base.facts.groups.iter().flat_map(|g| &g.plants).collect();
    let mut all = Vec::new();
    for (row, fact) in facts.iter().enumerate() {
        let group = layout.groups[group_of[row]];
        let process = &base.graph.processes[group.process.index()];
        let disadvantage = fact.disadvantage * co.spread[group_of[row]];
        all.push(disadvantage);
        let mut character = stream(
            seed,
            Purpose::PlantCharacter,
            &format!("{}#thresholds", fact.name),
        );
        let mothball_below =
            p.mothball_centre + p.mothball_spread * (2.0 * uniform(&mut character) - 1.0);
        let built = fact.nameplate > 0.0;
        let cost = &base.settled.cost[group_of[row]];
        let practical = if base.facts.groups[group_of[row]].ceiling.is_some() {
            1.0
        } else {
            cost.capacity_factor
        };
        let start_know_how = 1.0;
        simulation.world.spawn((
            PlantId::from_index(row),
            Name(fact.name.clone()),
            OwnedBy(FirmId::from_index(owners[row])),
            OwnerState(fact.owner),
            HostedIn(group.host),
            GroupId(u16::try_from(group_of[row]).unwrap_or(u16::MAX)),
            Plant {
                status: if built {
                    Status::Operating
                } else {
                    Status::Planned
                },
                nameplate: fact.nameplate * practical * start_know_how,
                ramp: if built { 1.0 } else { 0.0 },
                ramp_quarters: process.ramp_quarters,
                disadvantage,
                mothball_below,
                reopen_above: mothball_below + p.reopen_gap,
                profitability: cost.margin - disadvantage,
                idle_quarters: 0,
                activity: 0.0,
                profit_usd: 0.0,
                value_added_usd: 0.0,
            },
        ));
        spawn_announced(simulation, scenario, base, fact, row, group_of[row], seed);
        if built {
            spawn_expansion_under_way(
                simulation,
                scenario,
                base,
                fact,
                row,
                group_of[row],
                practical,
                seed,
            );
        }
    }
    all
}

/// The announced next step of a named plant, late by a drawn delay.
fn spawn_announced(
    simulation: &mut Simulation,
    scenario: &Scenario,
    base: &Base,
    fact: &super::facts::PlantFact,
    row: usize,
    group: usize,
    seed: u64,
) {
    let Some((firm, plant)) = fact.name.split_once('.').filter(|_| fact.named) else {
        return;
    };
    let Some(entry) = scenario.firms.get(firm).and_then(|f| f.plants.get(plant)) else {
        return;
    };
    let now = entry
        .periods
        .values()
        .find(|q| q.from <= scenario.start && q.to.is_none_or(|to| to >= scenario.start))
        .map_or(0.0, |q| q.capacity_t_a);
    let Some(next) = entry
        .periods
        .values()
        .filter(|q| q.from > scenario.start && q.capacity_t_a > now)
        .min_by_key(|q| q.from)
    else {
        return;
    };
    let promised = entry
        .promised
        .filter(|q| *q > scenario.start)
        .unwrap_or(next.from);
    let process = &base.graph.processes[base.facts.groups[group].process.index()];
    // Practice falls short of nameplate as the plants that stand show, where anything stands.
    let practical = base.settled.cost[group].capacity_factor.min(1.0);
    let capacity = (next.capacity_t_a - now) / 4.0 * practical;
    let mut delays = stream(
        seed,
        Purpose::ProjectDelay,
        &format!("{}#announced", fact.name),
    );
    let under_way = entry
        .status
        .as_deref()
        .is_some_and(|s| s.contains("construction"))
        || now > 0.0;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a build time of quarters fits"
    )]
    let build = process.build_quarters.round() as i32;
    simulation.world.spawn(Project {
        plant: PlantId::from_index(row),
        capacity,
        started: scenario
            .start
            .plus(-build.min(promised.since(scenario.start)).max(0))
            .min(scenario.start),
        promised,
        due: promised.plus(project_delay(
            &mut delays,
            if now > 0.0 {
                scenario.investment.expansion_delay_years
            } else {
                scenario.investment.delay_years
            },
        )),
        capex_usd: capacity * 4.0 * base.facts.groups[group].capex_usd_per_t_a,
        bad_quarters: 0,
        financed: under_way,
        slipped: false,
        done: false,
    });
}

/// Pipelines are full on the growth path: what grows at `growth` a quarter and takes `build` quarters to build has that many quarters of
/// growth under way. Each plant's share is one project at a drawn point of its way.
#[expect(clippy::too_many_arguments, reason = "one project of one plant")]
fn spawn_expansion_under_way(
    simulation: &mut Simulation,
    scenario: &Scenario,
    base: &Base,
    fact: &super::facts::PlantFact,
    row: usize,
    group: usize,
    practical: f64,
    seed: u64,
) {
    let g = &base.facts.groups[group];
    let process = &base.graph.processes[g.process.index()];
    let output = process.modes[0]
        .outputs
        .first()
        .map_or(0, |t| t.commodity.index());
    let growth = base.facts.growth[output];
    if g.ceiling.is_some()
        || growth <= 0.0
        || base.settled.q.activity[group].iter().sum::<f64>() <= 0.0
    {
        return;
    }
    let build = process.build_quarters + 4.0 * scenario.investment.expansion_delay_years;
    let mut draws = stream(
        seed,
        Purpose::ProjectDelay,
        &format!("{}#under way", fact.name),
    );
    #[expect(clippy::cast_possible_truncation, reason = "a wait of quarters fits")]
    let wait = (build * uniform(&mut draws)).floor() as i32;
    let capacity = fact.nameplate * practical * growth * build;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a build time of quarters fits"
    )]
    let started = scenario.start.plus(wait - build as i32);
    simulation.world.spawn(Project {
        plant: PlantId::from_index(row),
        capacity,
        started,
        promised: scenario.start.plus(wait),
        due: scenario.start.plus(wait),
        capex_usd: capacity * 4.0 * g.capex_usd_per_t_a,
        bad_quarters: 0,
        financed: true,
        slipped: true,
        done: false,
    });
}

fn spawn_users(
    simulation: &mut Simulation,
    scenario: &Scenario,
    base: &Base,
    layout: &crate::domain::layout::Layout,
    users: &[EndUser],
    curves: &mut Curves,
    quarters: usize,
) -> Vec<VenueId> {
    let d = &scenario.demand_model;
    let mut venues = Vec::new();
    for user in users {
        let (sector, state) = (
            &layout.sectors[user.sector.index()],
            &layout.states[user.state.index()],
        );
        let points = gather::driver_points(scenario, sector, state);
        let magnet = base.graph.commodities[user.commodity.index()].form == Form::Magnet;
        let surge = d.surge_log * if magnet { 1.0 } else { d.surge_of_oxides };
        let start = scenario.start.mid_year();
        let first = driver_index(&points, start, d.growth_after);
        for quarter in 0..quarters {
            let year = scenario
                .start
                .plus(i32::try_from(quarter).unwrap_or(0))
                .mid_year();
            let way = ((year - start) / (d.surge_year - start).max(1.0)).clamp(0.0, 1.0);
            curves
                .driver
                .push(driver_index(&points, year, d.growth_after) / first * libm::exp(surge * way));
        }
        venues.push(
            layout
                .venue(user.state, user.commodity)
                .expect("every user has a venue"),
        );
        simulation.world.spawn((user.id, *user));
    }
    debug_assert!(
        users
            .iter()
            .enumerate()
            .all(|(i, user)| user.id == UserId::from_index(i))
    );
    venues
}

fn spawn_contracts(
    simulation: &mut Simulation,
    scenario: &Scenario,
    base: &Base,
    layout: &crate::domain::layout::Layout,
) {
    let mut names: Vec<&String> = scenario.contracts.keys().collect();
    names.sort();
    for (i, name) in names.into_iter().enumerate() {
        let row = &scenario.contracts[name];
        let (Some(commodity), Some(buyer)) = (
            base.graph.commodity_named(&row.commodity),
            layout.state_named(&row.buyer_state),
        ) else {
            continue;
        };
        if row.from > scenario.start {
            continue;
        }
        // The seller is the firm's group that makes the good.
        let seller = base.facts.groups.iter().enumerate().find(|(_, g)| {
            g.plants.iter().any(|p| p.firm == row.seller_firm)
                && base.graph.processes[g.process.index()]
                    .modes
                    .iter()
                    .any(|m| m.outputs.iter().any(|t| t.commodity == commodity))
        });
        let Some((group, fact)) = seller else {
            continue;
        };
        let Some(lane) = layout.lanes.iter().position(|l| {
            l.exporter == fact.host && l.importer == buyer && l.commodity == commodity
        }) else {
            continue;
        };
        let price = base.facts.price[commodity.index()].unwrap_or(0.0);
        simulation.world.spawn((
            ContractId::from_index(i),
            Name(name.clone()),
            Contract {
                lane: u32::try_from(lane).unwrap_or(u32::MAX),
                seller_group: u16::try_from(group).unwrap_or(u16::MAX),
                commodity,
                buyer,
                quantity: row.tonnes_per_q,
                until: row.to,
                formula: match row.formula {
                    words::PriceFormula::Index => PriceFormula::Index,
                    words::PriceFormula::Floor => PriceFormula::Floor(price),
                    words::PriceFormula::Fixed => PriceFormula::Fixed(price),
                },
                delivered: 0.0,
                price: 0.0,
                transfer_usd: 0.0,
                force_majeure: false,
            },
        ));
    }
}

fn noise(
    scenario: &Scenario,
    base: &Base,
    layout: &crate::domain::layout::Layout,
    seed: u64,
    quarters: usize,
) -> Noise {
    let p = &scenario.shock;
    let mut noise = Noise {
        quarters,
        ..Noise::default()
    };
    for sector in &layout.sectors {
        noise.demand.extend(noise_path(
            seed,
            Purpose::DemandNoise,
            sector,
            quarters,
            p.demand_noise,
            p.demand_persistence,
        ));
    }
    for group in &layout.groups {
        let owner = format!(
            "{}@{}",
            base.graph.processes[group.process.index()].name,
            layout.states[group.host.index()]
        );
        noise.supply.extend(noise_path(
            seed,
            Purpose::SupplyNoise,
            &owner,
            quarters,
            p.supply_noise,
            p.supply_persistence,
        ));
    }
    noise
}

fn dated_shocks(
    scenario: &Scenario,
    graph: &Graph,
    layout: &crate::domain::layout::Layout,
    group_of: &[usize],
) -> Vec<Dated> {
    let n = layout.states.len();
    let mut names: Vec<&String> = scenario.shocks.keys().collect();
    names.sort();
    names
        .into_iter()
        .map(|name| {
            let shock = &scenario.shocks[name];
            let strike = match &shock.what {
                ShockKind::MineClosure { state, share, of } => {
                    let covered = graph.covered(of);
                    let plants = (0..group_of.len())
                        .filter(|&p| {
                            let group = layout.groups[group_of[p]];
                            let process = &graph.processes[group.process.index()];
                            process.stage == Stage::Mine
                                && layout.states[group.host.index()] == *state
                                && (of.is_empty()
                                    || process.modes[0]
                                        .outputs
                                        .iter()
                                        .any(|t| covered.contains(&t.commodity)))
                        })
                        .collect();
                    Strike::Plants(plants, *share)
                }
                ShockKind::PlantOutage { plant, share } => {
                    let plants = (0..group_of.len())
                        .filter(|&p| {
                            layout.plants[p] == *plant
                                || layout.plants[p].ends_with(&format!(".{plant}"))
                        })
                        .collect();
                    Strike::Plants(plants, *share)
                }
                ShockKind::DemandSurge { sector, factor } => Strike::Sector(
                    layout.sector_named(sector).map_or(0, |s| s.index()),
                    *factor,
                ),
                ShockKind::FreightShock { from, to, factor } => {
                    let named = |list: &[String], s: usize| {
                        list.is_empty() || list.contains(&layout.states[s])
                    };
                    let pairs = (0..n * n)
                        .filter(|pair| named(from, pair / n) && named(to, pair % n))
                        .collect();
                    Strike::Freight(pairs, *factor)
                }
            };
            Dated {
                name: name.clone(),
                at: shock.at,
                lasts: i32::try_from(shock.lasts).unwrap_or(i32::MAX),
                strike,
            }
        })
        .collect()
}

fn standing(scenario: &Scenario, base: &Base, layout: &crate::domain::layout::Layout) -> Standing {
    Standing {
        vat: layout
            .states
            .iter()
            .map(|s| scenario.states[s].vat)
            .collect(),
        tariff: layout
            .lanes
            .iter()
            .map(|l| {
                base.crossings.standing_duty(
                    l.commodity.index(),
                    l.exporter.index(),
                    l.importer.index(),
                )
            })
            .collect(),
    }
}

/// Stockpiles in force before the start hold what they have had the time to buy.
fn fill_state_stocks(
    scenario: &Scenario,
    graph: &Graph,
    layout: &crate::domain::layout::Layout,
    need: &[f64],
    stock: &mut [f64],
) {
    for (state, strategy) in &scenario.strategies {
        let Some(s) = layout.state_named(state) else {
            continue;
        };
        for measure in strategy.calendar.values().filter(|m| {
            m.from < scenario.start && m.until.is_none_or(|until| until >= scenario.start)
        }) {
            let Instrument::Stockpile {
                of,
                cover_days,
                fill_quarters,
                ..
            } = &measure.instrument
            else {
                continue;
            };
            let filled =
                f64::from(scenario.start.since(measure.from)) / f64::from((*fill_quarters).max(1));
            for commodity in graph.covered(of) {
                if let Some(venue) = layout.venue(s, commodity) {
                    let v = venue.index();
                    stock[v] = stock[v]
                        .max(cover_days / stockpile::DAYS_PER_QUARTER * need[v] * filled.min(1.0));
                }
            }
        }
    }
}

/// Trust of the year of the start; where the table has no row, the mean of what it has.
fn relations(
    scenario: &Scenario,
    layout: &crate::domain::layout::Layout,
    mut relations: Relations,
) -> Relations {
    let n = layout.states.len();
    let year = scenario
        .relations
        .values()
        .map(|r| r.year)
        .filter(|y| *y <= scenario.start.year())
        .max()
        .unwrap_or(0);
    let rows: Vec<_> = scenario
        .relations
        .values()
        .filter(|r| r.year == year)
        .collect();
    let mean = if rows.is_empty() {
        0.5
    } else {
        rows.iter().map(|r| r.trust).sum::<f64>() / rows.len() as f64
    };
    relations.trust = vec![mean; n * n];
    for row in rows {
        if let (Some(from), Some(to)) = (layout.state_named(&row.from), layout.state_named(&row.to))
        {
            relations.trust[from.index() * n + to.index()] = row.trust;
        }
    }
    for s in 0..n {
        relations.trust[s * n + s] = 1.0;
    }
    relations.trust_base.clone_from(&relations.trust);
    relations.trust_start.clone_from(&relations.trust);
    relations
}

/// Shares of the holder types in each venue: half those of the population (traders), half those of the firms whose plants deal there.
fn holder_shares(
    scenario: &Scenario,
    layout: &crate::domain::layout::Layout,
    structure: &Structure,
    extras: &Extras,
    owners: &[usize],
    seed: u64,
    firms: &[String],
) -> HolderShares {
    let kinds: Vec<usize> = firms
        .iter()
        .map(|name| {
            expectation_of(
                uniform(&mut stream(seed, Purpose::FirmCharacter, name)),
                scenario,
            ) as usize
        })
        .collect();
    let mut weight = vec![[0.0; HOLDERS]; layout.venues.len()];
    for group in &layout.groups {
        let mut of_group = [0.0; HOLDERS];
        for p in group.plants() {
            of_group[kinds[owners[p]]] += 1.0;
        }
        let total: f64 = of_group.iter().sum();
        if total <= 0.0 {
            continue;
        }
        for m in group.modes() {
            for t in structure.modes[m].terms.clone() {
                for (sum, share) in weight[structure.terms[t].venue.index()]
                    .iter_mut()
                    .zip(of_group)
                {
                    *sum += share / total;
                }
            }
        }
    }
    let mut shares = Vec::with_capacity(layout.venues.len() * HOLDERS);
    for venue in weight {
        let total: f64 = venue.iter().sum();
        for (h, own) in venue.iter().enumerate() {
            shares.push(if total > 0.0 {
                0.5 * extras.holders[h] + 0.5 * own / total
            } else {
                extras.holders[h]
            });
        }
    }
    HolderShares(shares)
}

fn draws(base: &Base, firms: &[String], seed: u64) -> Draws {
    let plants: Vec<&String> = base
        .facts
        .groups
        .iter()
        .flat_map(|g| &g.plants)
        .map(|p| &p.name)
        .collect();
    Draws {
        finance: plants
            .iter()
            .map(|name| stream(seed, Purpose::Finance, name))
            .collect(),
        delay: plants
            .iter()
            .map(|name| stream(seed, Purpose::ProjectDelay, name))
            .collect(),
        bankruptcy: firms
            .iter()
            .map(|name| stream(seed, Purpose::Bankruptcy, name))
            .collect(),
        flow: vec![(0.0, 0.0); plants.len()],
    }
}

/// What every market mode does with its materials.
fn conversions(
    graph: &Graph,
    recovery: &std::collections::BTreeMap<crate::domain::ids::CommodityId, f64>,
    layout: &crate::domain::layout::Layout,
    structure: &Structure,
) -> Conversions {
    let all = layout
        .modes
        .iter()
        .enumerate()
        .map(|(m, &(g, mode))| {
            let process = &graph.processes[layout.groups[g].process.index()];
            let recipe = &process.modes[mode];
            let terms = structure.modes[m].terms.clone();
            let commodity = |t: usize| layout.venues[structure.terms[t].venue.index()].commodity;
            let with = |role: Role| -> Vec<usize> {
                terms
                    .clone()
                    .filter(|&t| structure.terms[t].role == role)
                    .collect()
            };
            let scrap = recipe.scrap.and_then(|s| {
                with(Role::Output)
                    .into_iter()
                    .find(|&t| commodity(t) == s.commodity)
            });
            let outputs: Vec<usize> = with(Role::Output)
                .into_iter()
                .filter(|&t| Some(t) != scrap)
                .collect();
            let by_products = with(Role::ByProduct);
            let good = outputs
                .first()
                .map(|&t| &graph.commodities[commodity(t).index()]);
            let (kept, scrapped) = match (process.stage, good) {
                (Stage::Magnet, Some(good)) => kept_and_scrapped(graph, recipe, good),
                _ => (0.0, 0.0),
            };
            Conversion {
                stage: process.stage,
                group: g,
                inputs: with(Role::Input),
                recovery: outputs
                    .iter()
                    .chain(&by_products)
                    .map(|&t| recovery.get(&commodity(t)).copied().unwrap_or(0.0))
                    .collect(),
                outputs,
                by_products,
                scrap,
                kept,
                scrapped,
            }
        })
        .collect();
    Conversions(all)
}
