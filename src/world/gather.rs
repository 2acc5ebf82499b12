//! From configuration to the facts of the start year. Everything is sorted by name here, so that no order of entries reaches the results.

use super::facts::{BuildError, Facts, FinalUse, GroupFact, PlantFact, Shares, StockDraw};
use super::quantities::RecipeSpread;
use crate::config::{
    rows::RecipeRow,
    scenario::Scenario,
    words::{Confidence, Role},
};
use crate::domain::{
    graph::{ByProduct, Commodity, Form, Graph, Mode, Process, Stage, Term},
    ids::{CommodityId, StateId},
    policy::Instrument,
    time::Quarter,
};
use crate::engine::rng::{Purpose, normal, stream, uniform};
use crate::mechanisms::demand::driver_index;
use std::collections::BTreeMap;

/// Half-width of a range relative to its value: as given, else by confidence (low 25%, medium 10%, high 3%).
#[must_use]
pub fn half_width(value: f64, low: Option<f64>, high: Option<f64>, confidence: Confidence) -> f64 {
    match (low, high) {
        (Some(low), Some(high)) if value > 0.0 => ((high - low) / (2.0 * value)).clamp(0.0, 0.9),
        _ => match confidence {
            Confidence::Low => 0.25,
            Confidence::Medium => 0.10,
            Confidence::High => 0.03,
        },
    }
}

/// Sorted names of the states.
#[must_use]
pub fn state_names(scenario: &Scenario) -> Vec<String> {
    let mut names: Vec<String> = scenario.states.keys().cloned().collect();
    names.sort();
    names
}

/// Sorted names of the sectors.
#[must_use]
pub fn sector_names(scenario: &Scenario) -> Vec<String> {
    let mut names: Vec<String> = scenario.sectors.keys().cloned().collect();
    names.sort();
    names
}

fn position(names: &[String], name: &str) -> usize {
    names
        .binary_search_by(|n| n.as_str().cmp(name))
        .unwrap_or(0)
}

/// The latest year not after `start` among the given ones.
fn year_of(years: impl Iterator<Item = i32>, start: Quarter) -> i32 {
    years
        .filter(|year| *year <= start.year())
        .max()
        .unwrap_or(start.year())
}

/// The commodity graph, and how far each recipe amount may move.
#[must_use]
pub fn graph(scenario: &Scenario) -> (Graph, RecipeSpread) {
    let mut elements: Vec<String> = scenario.elements.keys().cloned().collect();
    elements.sort();
    let mut ids: Vec<&String> = scenario.commodities.keys().collect();
    ids.sort();
    let commodities = ids
        .iter()
        .map(|id| {
            let row = &scenario.commodities[*id];
            let mut composition = vec![0.0; elements.len()];
            for content in scenario
                .compositions
                .values()
                .filter(|c| c.commodity == **id)
            {
                composition[position(&elements, &content.element)] = content.t_per_t;
            }
            if row.form == Form::Concentrate {
                // Tables sum to one within 1e-4 and are then normalised.
                let sum: f64 = composition.iter().sum();
                composition
                    .iter_mut()
                    .for_each(|share| *share /= sum.max(f64::MIN_POSITIVE));
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the range of kappa is checked"
            )]
            let kappa_quarters = (row.kappa * 4.0).round() as u8;
            Commodity {
                name: (*id).clone(),
                label: row.name.clone(),
                form: row.form,
                composition,
                tracked: row.content_tracked,
                kappa_quarters,
                cover_inside: row.cover_inside_q,
                cover_outside: row.cover_outside_q,
            }
        })
        .collect();
    let mut graph = Graph {
        elements,
        commodities,
        processes: Vec::new(),
    };
    let mut process_ids: Vec<&String> = scenario.processes.keys().collect();
    process_ids.sort();
    let mut spread = RecipeSpread::new();
    for (p, id) in process_ids.into_iter().enumerate() {
        let row = &scenario.processes[id];
        let mut modes: Vec<Mode> = Vec::new();
        for line in scenario.recipes.values().filter(|r| r.process == *id) {
            let m = modes
                .iter()
                .position(|m| m.name == line.mode)
                .unwrap_or_else(|| {
                    modes.push(Mode {
                        name: line.mode.clone(),
                        inputs: vec![],
                        outputs: vec![],
                        by_products: vec![],
                        scrap: None,
                    });
                    modes.len() - 1
                });
            add_line(&graph, &mut modes[m], line);
            if let Some(commodity) = graph.commodity_named(&line.commodity) {
                spread.insert(
                    (p, m, commodity),
                    half_width(line.t_per_t, line.low, line.high, line.confidence),
                );
            }
        }
        graph.processes.push(Process {
            name: id.clone(),
            stage: row.stage,
            u_min: row.u_min,
            ramp_quarters: row.ramp_quarters,
            build_quarters: row.build_quarters,
            jobs_per_kt: row.jobs_per_kt,
            modes,
        });
    }
    (graph, spread)
}

fn add_line(graph: &Graph, mode: &mut Mode, line: &RecipeRow) {
    let Some(commodity) = graph.commodity_named(&line.commodity) else {
        return;
    };
    let term = Term {
        commodity,
        t_per_t: line.t_per_t,
    };
    match line.role {
        Role::Input => mode.inputs.push(term),
        Role::Output => mode.outputs.push(term),
        Role::Scrap => mode.scrap = Some(term),
        Role::ByProduct => mode.by_products.push(ByProduct {
            commodity,
            t_per_t: line.t_per_t,
            cost_usd_per_kg: line.byproduct_cost_usd_per_kg.unwrap_or(0.0),
        }),
    }
}

/// The facts of the start year.
///
/// # Errors
/// If a table lacks a row without which no world can be settled.
pub fn facts(scenario: &Scenario, graph: &Graph, seed: u64) -> Result<Facts, BuildError> {
    let states = state_names(scenario);
    let sectors = sector_names(scenario);
    let (n, c) = (states.len(), graph.commodities.len());
    let start = scenario.start;
    let anchor = states
        .iter()
        .position(|s| *s == scenario.settle.anchor)
        .unwrap_or(0);
    let recovery = recovery(graph);
    let mut facts = Facts {
        states: n,
        commodities: c,
        anchor: StateId::from_index(anchor),
        price: prices(scenario, graph, start),
        mined: vec![0.0; n * c],
        uses: uses(scenario, graph, &states, &sectors, start),
        shares: shares(scenario, &states, start),
        trade: trade(scenario, &states, start),
        growth: vec![0.0; c],
        stock_draw: scenario
            .stock_draws
            .values()
            .filter_map(|row| {
                Some(StockDraw {
                    state: StateId::from_index(states.iter().position(|s| *s == row.state)?),
                    commodity: graph.commodity_named(&row.commodity)?,
                    tonnes: row.tonnes_per_q,
                    quarters: row.quarters,
                })
            })
            .filter(|_| scenario.settle.draw_stocks)
            .collect(),
        disposal: scenario.settlement.disposal_usd_per_kg,
        collected: vec![0.0; n],
        recovery,
        groups: Vec::new(),
    };
    let year = year_of(scenario.mine_output.values().map(|r| r.year), start);
    for row in scenario.mine_output.values().filter(|r| r.year == year) {
        if let Some(k) = graph.commodity_named(&row.commodity) {
            facts.mined[position(&states, &row.state) * c + k.index()] += row.tonnes / 4.0;
        }
    }
    facts.growth = growth(scenario, graph, &facts, &sectors, &states);
    facts.collected = collected(scenario, graph, &facts, &sectors);
    facts.groups = groups(scenario, graph, &facts, &states, seed)?;
    Ok(facts)
}

fn prices(scenario: &Scenario, graph: &Graph, start: Quarter) -> Vec<Option<f64>> {
    graph
        .commodities
        .iter()
        .map(|commodity| {
            let rows = || {
                scenario
                    .prices
                    .values()
                    .filter(|r| r.commodity == commodity.name)
            };
            let year = year_of(rows().map(|r| r.year), start);
            rows().find(|r| r.year == year).map(|r| r.usd_per_kg)
        })
        .collect()
}

fn uses(
    scenario: &Scenario,
    graph: &Graph,
    states: &[String],
    sectors: &[String],
    start: Quarter,
) -> Vec<FinalUse> {
    let year = year_of(scenario.demand.values().map(|r| r.year), start);
    let mut uses: Vec<FinalUse> = scenario
        .demand
        .values()
        .filter(|r| r.year == year && r.tonnes > 0.0)
        .filter_map(|r| {
            Some(FinalUse {
                state: StateId::from_index(position(states, &r.state)),
                sector: crate::domain::ids::SectorId::from_index(position(sectors, &r.sector)),
                commodity: graph.commodity_named(&r.commodity)?,
                tonnes: r.tonnes / 4.0,
                spread: half_width(r.tonnes, r.low, r.high, r.confidence),
            })
        })
        .collect();
    uses.sort_by_key(|u| (u.commodity, u.state, u.sector));
    uses
}

fn shares(scenario: &Scenario, states: &[String], start: Quarter) -> Shares {
    let mut shares = Shares::new();
    let mut names: Vec<&String> = scenario.stage_output.values().map(|r| &r.stage).collect();
    names.sort();
    names.dedup();
    for name in names {
        let rows = || scenario.stage_output.values().filter(|r| r.stage == *name);
        let year = year_of(rows().map(|r| r.year), start);
        let mut of = vec![0.0; states.len()];
        for row in rows().filter(|r| r.year == year) {
            of[position(states, &row.state)] += row.share;
        }
        let sum: f64 = of.iter().sum();
        if sum > 0.0 {
            of.iter_mut().for_each(|share| *share /= sum);
            shares.insert(name.clone(), of);
        }
    }
    shares
}

fn trade(scenario: &Scenario, states: &[String], start: Quarter) -> BTreeMap<Form, Vec<f64>> {
    let n = states.len();
    let year = year_of(scenario.trade.values().map(|r| r.year), start);
    let mut trade: BTreeMap<Form, Vec<f64>> = Form::ALL
        .into_iter()
        .map(|form| (form, vec![0.0; n * n]))
        .collect();
    for row in scenario.trade.values().filter(|r| r.year == year) {
        let form = Form::ALL
            .into_iter()
            .find(|form| format!("{form:?}") == row.form);
        if let Some(matrix) = form.and_then(|form| trade.get_mut(&form)) {
            matrix[position(states, &row.exporter) * n + position(states, &row.importer)] +=
                row.tonnes;
        }
    }
    trade
}

/// Path of a sector's driver in a state: (year, index) points; the state's own rows, else those of `*`.
#[must_use]
pub fn driver_points(scenario: &Scenario, sector: &str, state: &str) -> Vec<(f64, f64)> {
    let of = |state: &str| -> Vec<(f64, f64)> {
        let mut points: Vec<(f64, f64)> = scenario
            .drivers
            .values()
            .filter(|r| r.sector == sector && r.state == state)
            .map(|r| (f64::from(r.year) + 0.5, r.index))
            .collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        points
    };
    let own = of(state);
    if own.is_empty() { of("*") } else { own }
}

/// Growth per quarter of every commodity on the path that the start lies on: of end uses by their drivers over the first two years,
/// carried up the chain by the recipes.
fn growth(
    scenario: &Scenario,
    graph: &Graph,
    facts: &Facts,
    sectors: &[String],
    states: &[String],
) -> Vec<f64> {
    let c = facts.commodities;
    let (mut need, mut growing) = (vec![0.0; c], vec![0.0; c]);
    let year = scenario.start.mid_year();
    for one in &facts.uses {
        let points = driver_points(
            scenario,
            &sectors[one.sector.index()],
            &states[one.state.index()],
        );
        let ratio = driver_index(&points, year + 2.0, 0.0) / driver_index(&points, year, 0.0);
        let per_quarter = libm::pow(ratio, 1.0 / 8.0) - 1.0;
        need[one.commodity.index()] += one.tonnes;
        growing[one.commodity.index()] += one.tonnes * per_quarter;
    }
    for stage in [Stage::Magnet, Stage::Metal] {
        for process in graph.processes.iter().filter(|p| p.stage == stage) {
            let first = &process.modes[0];
            for mode in &process.modes {
                let Some(output) = mode.outputs.first() else {
                    continue;
                };
                let same_good = process
                    .modes
                    .iter()
                    .filter(|m| m.outputs.first().map(|t| t.commodity) == Some(output.commodity))
                    .count();
                let weight = if same_good > 1 && mode.name != first.name {
                    0.0
                } else {
                    1.0
                };
                let k = output.commodity.index();
                for input in &mode.inputs {
                    need[input.commodity.index()] += weight * need[k] * input.t_per_t;
                    growing[input.commodity.index()] += weight * growing[k] * input.t_per_t;
                }
            }
        }
    }
    let mut growth: Vec<f64> = need
        .iter()
        .zip(&growing)
        .map(|(need, growing)| if *need > 0.0 { growing / need } else { 0.0 })
        .collect();
    // Feed grows with what it is worth most for.
    for process in graph
        .processes
        .iter()
        .filter(|p| matches!(p.stage, Stage::Separation | Stage::Recycling))
    {
        for mode in &process.modes {
            let (mut sum, mut weight) = (0.0, 0.0);
            for t in &mode.outputs {
                let value = t.t_per_t * facts.price[t.commodity.index()].unwrap_or(0.0);
                sum += value * growth[t.commodity.index()];
                weight += value;
            }
            if let Some(feed) = mode.inputs.first().filter(|_| weight > 0.0) {
                growth[feed.commodity.index()] = sum / weight;
            }
        }
    }
    growth
}

/// Scrap collected from products at the end of their life, t REO per quarter by state: past use, back-cast at the past growth rate.
fn collected(scenario: &Scenario, graph: &Graph, facts: &Facts, sectors: &[String]) -> Vec<f64> {
    let mut collected = vec![0.0; facts.states];
    for one in facts
        .uses
        .iter()
        .filter(|u| graph.commodities[u.commodity.index()].form == Form::Magnet)
    {
        let sector = &scenario.sectors[&sectors[one.sector.index()]];
        let then = one.tonnes
            * libm::pow(
                1.0 + scenario.settle.past_growth,
                -sector.product_life_years,
            );
        collected[one.state.index()] +=
            then * sector.collection_rate * graph.commodities[one.commodity.index()].reo_per_t();
    }
    collected
}

fn recovery(graph: &Graph) -> BTreeMap<CommodityId, f64> {
    graph
        .processes
        .iter()
        .filter(|p| p.stage == Stage::Recycling)
        .flat_map(|p| &p.modes)
        .flat_map(|m| {
            m.outputs
                .iter()
                .map(|t| (t.commodity, t.t_per_t))
                .chain(m.by_products.iter().map(|b| (b.commodity, b.t_per_t)))
        })
        .collect()
}

/// Whether a plant of the tables stands for many small ones: these are generated.
fn stands_for_many(plant: &str) -> bool {
    plant.starts_with("rest_of_") || plant.contains("_cluster")
}

fn groups(
    scenario: &Scenario,
    graph: &Graph,
    facts: &Facts,
    states: &[String],
    seed: u64,
) -> Result<Vec<GroupFact>, BuildError> {
    let start = scenario.start;
    let mut by_place: BTreeMap<(usize, usize), Vec<PlantFact>> = BTreeMap::new();
    for (firm_name, firm) in &scenario.firms {
        for (plant_name, plant) in &firm.plants {
            let Some(process) = graph.process_named(&plant.process) else {
                continue;
            };
            let period = plant
                .periods
                .values()
                .find(|p| p.from <= start && p.to.is_none_or(|to| to >= start));
            let coming = plant.periods.values().any(|p| p.from > start)
                && plant.announced.is_none_or(|a| a <= start)
                || plant.periods.values().any(|p| {
                    p.announced
                        .is_some_and(|a| p.from > start && a <= scenario.end)
                })
                || scenario.settle.dated_plants
                    && plant
                        .periods
                        .values()
                        .any(|p| p.from > start && p.from <= scenario.end);
            let capacity = period.map_or(0.0, |p| p.capacity_t_a / 4.0);
            if capacity <= 0.0 && !coming {
                continue;
            }
            let owner = period
                .and_then(|p| p.owner_state.clone())
                .or_else(|| plant.periods.values().find_map(|p| p.owner_state.clone()))
                .unwrap_or_else(|| firm.home.clone());
            let place = (process.index(), position(states, &plant.host));
            let entry = by_place.entry(place).or_default();
            let name = format!("{firm_name}.{plant_name}");
            let owner = StateId::from_index(position(states, &owner));
            if stands_for_many(plant_name) && capacity > 0.0 {
                generate(scenario, seed, &name, owner, capacity, entry);
            } else {
                entry.push(PlantFact {
                    disadvantage: disadvantage(scenario, seed, &name),
                    name,
                    firm: firm_name.clone(),
                    owner,
                    nameplate: capacity,
                    named: true,
                });
            }
        }
    }
    // What is left of a country's mine output is filled with small firms.
    for (p, process) in graph
        .processes
        .iter()
        .enumerate()
        .filter(|(_, p)| p.stage == Stage::Mine)
    {
        let ore = process.modes[0].outputs[0].commodity.index();
        for s in 0..facts.states {
            let mined = facts.mined[s * facts.commodities + ore];
            let standing: f64 = by_place
                .get(&(p, s))
                .map_or(0.0, |plants| plants.iter().map(|q| q.nameplate).sum());
            if mined > 0.97 * standing {
                let name = format!("small_{}_{}", states[s].to_lowercase(), process.name);
                generate(
                    scenario,
                    seed,
                    &name,
                    StateId::from_index(s),
                    mined / 0.9 - standing,
                    by_place.entry((p, s)).or_default(),
                );
            }
        }
    }
    by_place
        .into_iter()
        .map(|((p, s), mut plants)| {
            plants.sort_by(|a, b| a.name.cmp(&b.name));
            let process = &graph.processes[p].name;
            let (opex, capex_usd_per_t_a) = conversion_of(scenario, process, &states[s])
                .ok_or_else(|| BuildError::MissingRow {
                    table: "opex",
                    key: format!("{process}:{}", states[s]),
                    hint: "give the state's row or one for `*`".to_owned(),
                })?;
            Ok(GroupFact {
                process: crate::domain::ids::ProcessId::from_index(p),
                host: StateId::from_index(s),
                ceiling: ceiling(scenario, graph, facts, &states[s], p, s),
                opex,
                capex_usd_per_t_a,
                plants,
            })
        })
        .collect()
}

/// Conversion cost (central, low, high) of a process in a state, USD per kg of activity, and capital cost, USD per annual tonne: the state's
/// row, or the one for all others.
#[must_use]
pub fn conversion_of(scenario: &Scenario, process: &str, state: &str) -> Option<([f64; 3], f64)> {
    let row = scenario
        .opex
        .get(&format!("{process}:{state}"))
        .or_else(|| scenario.opex.get(&format!("{process}:*")))?;
    let central = row.opex_usd_per_kg;
    let opex = [
        central,
        row.low.unwrap_or(0.75 * central),
        row.high.unwrap_or(1.25 * central),
    ];
    let capex = row
        .capex_usd_per_t_a
        .unwrap_or(scenario.processes[process].capex_usd_per_t_a);
    Some((opex, capex))
}

/// Cost disadvantage of a plant, in units of its group's spread: normal, clipped at two.
#[must_use]
pub fn disadvantage(scenario: &Scenario, seed: u64, plant: &str) -> f64 {
    scenario.settle.cost_spread
        * normal(&mut stream(seed, Purpose::PlantCharacter, plant)).clamp(-2.0, 2.0)
}

/// Small firms with one plant each: sizes after a power law, shaken by a draw of their own, that add up to `capacity`.
fn generate(
    scenario: &Scenario,
    seed: u64,
    name: &str,
    owner: StateId,
    capacity: f64,
    into: &mut Vec<PlantFact>,
) {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range of the count is checked"
    )]
    let count = scenario.settle.generated_firms.round().max(1.0) as usize;
    let sizes: Vec<f64> = (0..count)
        .map(|i| {
            let shaken = 0.7
                + 0.6
                    * uniform(&mut stream(
                        seed,
                        Purpose::GeneratedFirm,
                        &format!("{name}.{i}"),
                    ));
            shaken * libm::pow((i + 1) as f64, -scenario.settle.size_law)
        })
        .collect();
    let total: f64 = sizes.iter().sum();
    for (i, size) in sizes.iter().enumerate() {
        let plant = format!("{name}.{i:04}");
        into.push(PlantFact {
            disadvantage: disadvantage(scenario, seed, &plant),
            firm: plant.clone(),
            name: plant,
            owner,
            nameplate: capacity * size / total,
            named: false,
        });
    }
}

/// Ceiling on a mine group's output by production quotas in force before the start: its part of the quota, by what was mined.
fn ceiling(
    scenario: &Scenario,
    graph: &Graph,
    facts: &Facts,
    state: &str,
    process: usize,
    s: usize,
) -> Option<f64> {
    let ore = graph.processes[process]
        .modes
        .first()?
        .outputs
        .first()?
        .commodity;
    if graph.processes[process].stage != Stage::Mine {
        return None;
    }
    let strategy = scenario.strategies.get(state)?;
    strategy
        .calendar
        .values()
        .filter(|m| m.from < scenario.start && m.until.is_none_or(|until| until >= scenario.start))
        .find_map(|m| {
            let Instrument::ProductionQuota {
                of,
                tonnes_per_year,
                ..
            } = &m.instrument
            else {
                return None;
            };
            let covered = graph.covered(of);
            if !covered.contains(&ore) {
                return None;
            }
            let mined = |k: CommodityId| facts.mined[s * facts.commodities + k.index()];
            let total: f64 = covered.iter().map(|&k| mined(k)).sum();
            let quota = tonnes_per_year.map_or(total, |t| t / 4.0);
            (total > 0.0).then(|| quota * mined(ore) / total)
        })
}
