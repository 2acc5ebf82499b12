//! What is known of plants to come: projects that were announced or are under way when a world begins, those that will be announced later,
//! and, where plants follow their table, the dates of it.

use crate::config::{firms::PlantRow, scenario::Scenario};
use crate::domain::{
    actors::{Funds, Project},
    ids::PlantId,
    time::Quarter,
};
use crate::engine::{
    rng::{Purpose, stream, uniform},
    simulation::Simulation,
};
use crate::mechanisms::investment::{Announcements, delay_shape, project_delay};
use crate::world::{build::Base, facts::PlantFact};
use rand_chacha::ChaCha8Rng;

/// Event of a period that was announced and never came: no date of a plant's table.
const NEVER_BUILT: &str = "never_built";

/// Capacity that an announcement adds to a plant.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Step {
    announced: Quarter,
    promised: Quarter,
    /// t a year.
    more: f64,
}

/// Announcements of a plant by the periods of its table after `start`: each adds what it has above all before it.
fn steps(plant: &PlantRow, start: Quarter, build: i32) -> Vec<Step> {
    let mut periods: Vec<_> = plant.periods.values().collect();
    periods.sort_by_key(|p| p.from);
    let mut most = 0.0f64;
    let mut steps = Vec::new();
    for period in periods {
        if let Some(announced) = period.announced.filter(|_| period.from > start)
            && period.capacity_t_a > most
        {
            let promised = period.promised.unwrap_or(announced.plus(build));
            steps.push(Step {
                announced,
                promised: promised.max(start.plus(1)),
                more: period.capacity_t_a - most,
            });
        }
        most = most.max(period.capacity_t_a);
    }
    steps
}

/// The row of the table that a plant comes from: its own, or the one that many small plants share.
fn row_of<'a>(scenario: &'a Scenario, fact: &PlantFact) -> Option<&'a PlantRow> {
    let mut names = fact.name.split('.');
    let firm = scenario.firms.get(names.next()?)?;
    firm.plants.get(names.next()?)
}

/// What stands of a plant at the start, t a year.
fn standing(plant: &PlantRow, start: Quarter) -> f64 {
    plant
        .periods
        .values()
        .find(|p| p.from <= start && p.to.is_none_or(|to| to >= start))
        .map_or(0.0, |p| p.capacity_t_a)
}

/// Capacity of a plant by the periods of its table after the start: quarter and t of activity per quarter, in the order of time. A small firm
/// of many that one plant of the table stands for has its part.
pub(super) fn dated_steps(
    scenario: &Scenario,
    fact: &PlantFact,
    practical: f64,
) -> Vec<(Quarter, f64)> {
    let Some(entry) = row_of(scenario, fact) else {
        return Vec::new();
    };
    let start = scenario.start;
    let now = standing(entry, start) / 4.0;
    let part = if fact.named || now <= 0.0 {
        1.0
    } else {
        fact.nameplate / now
    };
    let mut dates: Vec<(Quarter, f64)> = entry
        .periods
        .values()
        .filter(|p| p.from > start && p.event.as_deref() != Some(NEVER_BUILT))
        .map(|p| (p.from, p.capacity_t_a / 4.0 * part * practical))
        .collect();
    // A period that ends with nothing after it ends the plant.
    let last = entry.periods.values().max_by_key(|p| p.from);
    if let Some(to) = last.and_then(|p| p.to).filter(|to| *to >= start) {
        dates.push((to.plus(1), 0.0));
    }
    dates.sort_by_key(|date| date.0);
    dates
}

/// The announced next step of a named plant, late by a drawn delay.
pub(super) fn spawn_announced(
    simulation: &mut Simulation,
    scenario: &Scenario,
    base: &Base,
    fact: &PlantFact,
    row: usize,
    group: usize,
    seed: u64,
) {
    let Some(entry) = row_of(scenario, fact).filter(|_| fact.named) else {
        return;
    };
    if entry.periods.values().any(|q| q.announced.is_some()) {
        announce_steps(simulation, scenario, base, fact, entry, row, group, seed);
        return;
    }
    let now = standing(entry, scenario.start);
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
    let under_way = entry
        .status
        .as_deref()
        .is_some_and(|s| s.contains("construction"))
        || now > 0.0;
    let mut delays = stream(
        seed,
        Purpose::ProjectDelay,
        &format!("{}#announced", fact.name),
    );
    let mean = if now > 0.0 {
        scenario.investment.expansion_delay_years
    } else {
        scenario.investment.delay_years
    };
    let more = next.capacity_t_a - now;
    let project = project_of(
        scenario,
        base,
        row,
        group,
        more,
        promised,
        scenario.start,
        under_way,
        mean,
        &mut delays,
    );
    simulation.world.spawn(project);
}

/// A project of `more` t a year that is known from `known` on.
#[expect(clippy::too_many_arguments, reason = "one project of one plant")]
fn project_of(
    scenario: &Scenario,
    base: &Base,
    row: usize,
    group: usize,
    more: f64,
    promised: Quarter,
    known: Quarter,
    under_way: bool,
    mean_delay: f64,
    delays: &mut ChaCha8Rng,
) -> Project {
    let process = &base.graph.processes[base.facts.groups[group].process.index()];
    // Practice falls short of nameplate as the plants that stand show, where anything stands.
    let practical = base.settled.cost[group].capacity_factor.min(1.0);
    let capacity = more / 4.0 * practical;
    let build = build_quarters(process.build_quarters);
    let behind = if under_way {
        (build - promised.since(known)).max(0)
    } else {
        0
    };
    let whole = f64::from(behind + promised.since(known)).max(1.0);
    let capex_usd = capacity * 4.0 * base.facts.groups[group].capex_usd_per_t_a;
    Project {
        plant: PlantId::from_index(row),
        capacity,
        started: known
            .plus(-build.min(promised.since(known)).max(0))
            .min(known),
        promised,
        due: promised.plus(project_delay(delays, mean_delay, &past_delays(scenario))),
        capex_usd,
        paid_usd: capex_usd * f64::from(behind) / whole,
        funds: if under_way {
            outside(scenario)
        } else {
            Funds::default()
        },
        bad_quarters: 0,
        financed: under_way,
        slipped: false,
        done: false,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a build time of quarters fits"
)]
fn build_quarters(quarters: f64) -> i32 {
    quarters.round() as i32
}

/// Every announcement of a plant's table: known ones become projects, later ones wait for their quarter.
#[expect(clippy::too_many_arguments, reason = "the announcements of one plant")]
fn announce_steps(
    simulation: &mut Simulation,
    scenario: &Scenario,
    base: &Base,
    fact: &PlantFact,
    entry: &PlantRow,
    row: usize,
    group: usize,
    seed: u64,
) {
    let process = &base.graph.processes[base.facts.groups[group].process.index()];
    let build = build_quarters(process.build_quarters);
    for (i, step) in steps(entry, scenario.start, build).into_iter().enumerate() {
        let known = step.announced.max(scenario.start);
        let first = fact.nameplate <= 0.0 && i == 0;
        let under_way = known == scenario.start
            && entry
                .status
                .as_deref()
                .is_some_and(|s| s.contains("construction"));
        let mean = if first {
            scenario.investment.delay_years
        } else {
            scenario.investment.expansion_delay_years
        };
        let mut delays = stream(
            seed,
            Purpose::ProjectDelay,
            &format!("{}#announced {}", fact.name, step.announced),
        );
        let promised = step.promised.max(known.plus(1));
        let project = project_of(
            scenario,
            base,
            row,
            group,
            step.more,
            promised,
            known,
            under_way,
            mean,
            &mut delays,
        );
        if known > scenario.start {
            let mut later = simulation.world.get_resource_or_init::<Announcements>();
            later.0.push((known, project));
        } else {
            simulation.world.spawn(project);
        }
    }
}

/// Pipelines are full on the growth path: what grows at `growth` a quarter and takes `build` quarters to build has that many quarters of
/// growth under way. Each plant's share is one project at a drawn point of its way.
#[expect(clippy::too_many_arguments, reason = "one project of one plant")]
pub(super) fn spawn_expansion_under_way(
    simulation: &mut Simulation,
    scenario: &Scenario,
    base: &Base,
    fact: &PlantFact,
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
    let capex_usd = capacity * 4.0 * g.capex_usd_per_t_a;
    // What lies behind is paid for.
    let paid = 1.0 - f64::from(wait) / f64::from(wait - started.since(scenario.start)).max(1.0);
    simulation.world.spawn(Project {
        plant: PlantId::from_index(row),
        capacity,
        started,
        promised: scenario.start.plus(wait),
        due: scenario.start.plus(wait),
        capex_usd,
        paid_usd: capex_usd * paid.clamp(0.0, 1.0),
        funds: outside(scenario),
        bad_quarters: 0,
        financed: true,
        slipped: true,
        done: false,
    });
}

/// Money of projects that were decided before the start: none of it is left of the owner's cash.
fn outside(scenario: &Scenario) -> Funds {
    Funds {
        debt: scenario.investment.debt_share,
        ..Funds::default()
    }
}

/// Delays of past projects that came to their end, relative to their mean.
pub(super) fn past_delays(scenario: &Scenario) -> Vec<f64> {
    let slips = scenario.delays.values().filter_map(|row| row.slip_years);
    delay_shape(slips.map(|slip| slip.max(0.0)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::firms::PeriodRow;
    use crate::config::words::Confidence;

    fn q(text: &str) -> Quarter {
        text.parse().unwrap()
    }

    #[test]
    fn each_announcement_adds_what_it_has_above_all_before_it() {
        let period = |from: &str, capacity_t_a: f64, announced: Option<&str>| PeriodRow {
            from: q(from),
            to: None,
            capacity_t_a,
            low: None,
            high: None,
            owner_firm: None,
            owner_state: None,
            event: None,
            announced: announced.map(q),
            promised: None,
            source: String::new(),
            confidence: Confidence::Low,
        };
        let periods = [
            period("2008Q4", 0.0, None),
            period("2012Q1", 19.0, Some("2010Q3")),
            period("2015Q4", 0.0, None),
            period("2018Q1", 20.0, Some("2017Q3")),
        ];
        let plant = PlantRow {
            plant: "mine".into(),
            name: "Mine".into(),
            host: "US".into(),
            process: "mine".into(),
            announced: None,
            promised: None,
            promised_first: None,
            realised: None,
            status: None,
            periods: periods
                .into_iter()
                .map(|p| (p.from.to_string(), p))
                .collect(),
            source: String::new(),
            confidence: Confidence::Low,
        };
        let steps = steps(&plant, q("2010Q1"), 10);
        let more: Vec<f64> = steps.iter().map(|s| s.more).collect();
        assert_eq!(more, [19.0, 1.0]);
        assert_eq!(steps[0].promised, q("2013Q1"));
    }
}
