//! States with their policy books, and the firms.

use crate::config::{scenario::Scenario, strategy::Planned, words};
use crate::domain::{
    actors::{
        BookedMeasure, Capability, Cash, Damage, Environment, Expectation, Home, HurdleRate,
        MeasureStatus, Name, Ownership, PolicyBook, PublicAccounts,
    },
    exchange::Relations,
    graph::{Graph, Stage},
    ids::{FirmId, StateId},
    layout::Layout,
    policy::Instrument,
};
use crate::engine::{
    rng::{Purpose, stream, uniform},
    simulation::Simulation,
};
use crate::mechanisms::{
    capability::{Experience, initial},
    policy::{
        Standing,
        observe::{Blocs, Membership},
        rules::{Followed, NEVER, Rules},
    },
    stockpile,
};
use crate::world::{assemble::Extras, build::Base, gather};
use std::collections::BTreeMap;

/// States with their policy books; gives the names of all measures and of those behind the quota pools.
pub(super) fn spawn_states(
    simulation: &mut Simulation,
    scenario: &Scenario,
    base: &Base,
    layout: &Layout,
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
    let mut rules = Rules::default();
    for (s, code) in layout.states.iter().enumerate() {
        let mut book = PolicyBook::default();
        if let Some(strategy) = scenario.strategies.get(code) {
            for (slot, (name, planned)) in strategy.planned().into_iter().enumerate() {
                let full = format!("{code}:{name}");
                let mut pools = pools_of(planned, &full, &base.graph, extras);
                let (announced, from, until, instrument) = match planned {
                    Planned::Dated(m) => (
                        m.announced.unwrap_or(m.from),
                        m.from,
                        m.until,
                        &m.instrument,
                    ),
                    Planned::Ruled(rule) => (NEVER, NEVER, None, &rule.then),
                };
                book.0.push(BookedMeasure {
                    name: name.clone(),
                    announced,
                    from,
                    until,
                    instrument: instrument.clone(),
                    status: MeasureStatus::Secret,
                    spent_usd: 0.0,
                    cost_usd: 0.0,
                    reference: Vec::new(),
                    yearly: None,
                    pledged_usd: 0.0,
                    pools: pools[0].clone(),
                    changed: false,
                });
                match planned {
                    Planned::Dated(m) => {
                        let mut instrument = m.instrument.clone();
                        let lists = instrument.states_mut();
                        if lists
                            .iter()
                            .any(|l| l.iter().any(|word| word.starts_with('@')))
                        {
                            rules.circles.push((StateId::from_index(s), slot));
                        }
                    }
                    Planned::Ruled(rule) => rules.followed.push(Followed::new(
                        StateId::from_index(s),
                        slot,
                        rule.clone(),
                        std::mem::take(&mut pools),
                    )),
                }
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
    simulation.world.insert_resource(rules);
    simulation.world.insert_resource(blocs(scenario, layout));
    (
        measures,
        extras.quotas.iter().map(|quota| quota.2.clone()).collect(),
    )
}

/// Export quota pools of each instrument that a measure or rule may bring into force.
fn pools_of(planned: Planned<'_>, full: &str, graph: &Graph, extras: &Extras) -> Vec<Vec<usize>> {
    let pools = extras.quotas.iter().enumerate();
    let mut own = pools
        .filter(|(_, quota)| quota.2 == full)
        .map(|(pool, _)| pool);
    planned
        .instruments()
        .map(|instrument| match instrument {
            Instrument::ExportQuota {
                of, per_commodity, ..
            } => {
                let count = if *per_commodity {
                    graph.covered(of).len()
                } else {
                    1
                };
                own.by_ref().take(count).collect()
            }
            Instrument::LocalContent { of, .. } => {
                own.by_ref().take(graph.covered(of).len()).collect()
            }
            _ => Vec::new(),
        })
        .collect()
}

fn blocs(scenario: &Scenario, layout: &Layout) -> Blocs {
    let rows = scenario.blocs.values().filter_map(|row| {
        Some(Membership {
            bloc: row.bloc.clone(),
            name: row.name.clone().unwrap_or_else(|| row.bloc.clone()),
            state: layout.state_named(&row.state)?,
            from: row.from,
            to: row.to,
        })
    });
    Blocs(rows.collect())
}

pub(super) fn spawn_firms(
    simulation: &mut Simulation,
    scenario: &Scenario,
    firms: &[String],
    founded: &BTreeMap<String, String>,
    owner_states: &BTreeMap<String, StateId>,
    seed: u64,
) {
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
            Home(
                row.map(|r| place(&r.home))
                    .or_else(|| owner_states.get(name).copied())
                    .unwrap_or(StateId(0)),
            ),
            match row.map(|r| r.ownership) {
                Some(words::Ownership::State) => Ownership::State,
                Some(words::Ownership::Joint) => Ownership::Joint,
                None if founded.contains_key(name) => Ownership::State,
                Some(words::Ownership::Private) | None => Ownership::Private,
            },
            expectation_of(kind, scenario),
            HurdleRate(p.hurdle_low + hurdle * (p.hurdle_high - p.hurdle_low)),
            Cash::default(),
        ));
    }
}

/// A firm's expectation type by its draw.
pub(super) fn expectation_of(draw: f64, scenario: &Scenario) -> Expectation {
    let e = &scenario.expectation;
    if draw < e.adaptive_share {
        Expectation::Adaptive
    } else if draw < e.adaptive_share + e.trend_share {
        Expectation::Trend
    } else {
        Expectation::Fundamental
    }
}

/// Trust of the year of the start; where the table has no row, the mean of what it has.
pub(super) fn relations(
    scenario: &Scenario,
    layout: &Layout,
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

/// Stockpiles in force before the start hold what they have had the time to buy.
pub(super) fn fill_state_stocks(
    scenario: &Scenario,
    graph: &Graph,
    layout: &Layout,
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

pub(super) fn standing(scenario: &Scenario, base: &Base, layout: &Layout) -> Standing {
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
                if l.leak_of().is_some() || l.is_valve() {
                    return 0.0;
                }
                base.crossings.standing_duty(
                    l.commodity.index(),
                    l.exporter.index(),
                    l.importer.index(),
                )
            })
            .collect(),
    }
}
