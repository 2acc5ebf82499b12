//! `explain`: from a shortage or a price peak of one run back to what made it.

use super::{Failure, args::Explain, terminal};
use crate::{
    analysis::explain::{ExplainFault, Question, Recipe, Struck, Tables, explain as walk},
    config::{self, Loaded, Scenario, words::Role},
    domain::{graph::Form, policy::ShockKind},
    record::{parquet::TableFile, table::Table},
};
use serde_json::json;
use std::{collections::BTreeMap, path::Path};

pub fn explain(args: &Explain) -> Result<(), Failure> {
    let question: Question = args.of.parse().map_err(Failure::Usage)?;
    let scenario = scenario_of(&args.dir)?;
    let table = |name: &str, columns: &[&str]| of_run(&args.dir, name, args.run, columns);
    let tables = Tables {
        market: table(
            "market",
            &[
                "run",
                "quarter",
                "state",
                "commodity",
                "production_t",
                "use_t",
                "price_usd_per_kg",
            ],
        )?,
        trade: table(
            "trade",
            &[
                "run",
                "quarter",
                "exporter",
                "importer",
                "commodity",
                "quantity_t",
            ],
        )?,
        limit: table(
            "limit",
            &[
                "run",
                "quarter",
                "exporter",
                "importer",
                "commodity",
                "measure",
                "refused_t",
            ],
        )?,
        end_use: table(
            "end_use",
            &[
                "run",
                "quarter",
                "state",
                "commodity",
                "demand_t",
                "unmet_price_t",
                "unmet_limit_t",
            ],
        )?,
        shock: table("shock", &["run", "quarter", "shock", "event"])?,
    };
    if tables.market.is_empty() {
        return Err(Failure::Usage(format!(
            "there is no run {} in {}; runs.parquet lists them",
            args.run,
            args.dir.display()
        )));
    }
    let found =
        walk(&question, &tables, &recipes(&scenario), &struck(&scenario)).map_err(|fault| {
            match fault {
                ExplainFault::Table(error) => Failure::at(&args.dir, error),
                other => Failure::Usage(other.to_string()),
            }
        })?;
    let whole: f64 = found.causes.iter().map(|cause| cause.tonnes).sum();
    if args.voice.json {
        let causes: Vec<_> = found
            .causes
            .iter()
            .map(|c| json!({"cause": c.what, "path": c.path, "tonnes_per_quarter": c.tonnes, "share": c.tonnes / whole}))
            .collect();
        return terminal::say_json(&json!({
            "run": args.run, "of": args.of, "from": found.quarters.0, "to": found.quarters.1,
            "demand_t": found.demand, "unmet_price_t": found.unmet_price, "unmet_limit_t": found.unmet_limit,
            "price_ratio": found.price_ratio, "causes": causes,
        }));
    }
    let number = terminal::number;
    terminal::say(&format!(
        "{} in {}, {} to {}, run {}: demand {} t a quarter, of it {} t not served because of the price and {} t because limits refused; \
         price x{} of the first year.\nWhat was missing against the year before it (or before its limits), per quarter:\n",
        question.commodity,
        question.state,
        found.quarters.0,
        found.quarters.1,
        args.run,
        number(found.demand),
        number(found.unmet_price),
        number(found.unmet_limit),
        number(found.price_ratio),
    ))?;
    let rows = found.causes.iter().map(|cause| {
        vec![
            cause.what.clone(),
            number(cause.tonnes),
            format!("{:.0}%", 100.0 * cause.tonnes / whole),
            cause.path.clone(),
        ]
    });
    terminal::say(&terminal::table(&["cause", "t", "share", "way"], rows))
}

/// The scenario that a result directory was made from.
fn scenario_of(dir: &Path) -> Result<Scenario, Failure> {
    let path = dir.join("resolved.ron");
    match config::load(&path, &[]) {
        Ok(Loaded::Scenario(scenario)) => Ok(*scenario),
        Ok(Loaded::Experiment(experiment)) => Ok(experiment.scenario),
        Ok(Loaded::Strategy(_)) => Err(Failure::Usage(format!(
            "{} is no result directory",
            dir.display()
        ))),
        Err(report) => Err(super::input::refusal(&path, &report)),
    }
}

/// The rows of one run.
fn of_run(dir: &Path, name: &str, run: u32, columns: &[&str]) -> Result<Table, Failure> {
    let path = dir.join("tables").join(format!("{name}.parquet"));
    let table = TableFile::open(&path)
        .and_then(|file| file.read(columns))
        .map_err(|error| Failure::at(&path, error))?;
    let runs = table
        .u32("run")
        .map_err(|error| Failure::at(&path, error))?;
    Ok(table.filter(|row| runs[row] == run))
}

/// What goes in and what comes out, by process and mode.
fn recipes(scenario: &Scenario) -> Vec<Recipe> {
    let mut modes: BTreeMap<(&str, &str), Recipe> = BTreeMap::new();
    for row in scenario.recipes.values() {
        let recipe = modes.entry((&row.process, &row.mode)).or_default();
        let side = match row.role {
            Role::Input => &mut recipe.inputs,
            Role::Output | Role::ByProduct | Role::Scrap => &mut recipe.outputs,
        };
        side.push(row.commodity.clone());
    }
    modes.into_values().collect()
}

/// The shocks of a scenario that cut output, and the goods that they cut.
fn struck(scenario: &Scenario) -> Vec<Struck> {
    let ores = || {
        scenario
            .commodities
            .iter()
            .filter(|(_, row)| row.form == Form::Concentrate)
            .map(|(name, _)| name.clone())
    };
    let made_by = |process: &str| {
        scenario
            .recipes
            .values()
            .filter(|row| row.process == process && row.role != Role::Input)
            .map(|row| row.commodity.clone())
            .collect()
    };
    scenario
        .shocks
        .iter()
        .filter_map(|(name, shock)| {
            let (state, goods) = match &shock.what {
                ShockKind::MineClosure { state, of, .. } if of.is_empty() => {
                    (state.clone(), ores().collect())
                }
                ShockKind::MineClosure { state, of, .. } => (state.clone(), of.clone()),
                ShockKind::PlantOutage { plant, .. } => {
                    let row = scenario
                        .firms
                        .values()
                        .find_map(|firm| firm.plants.get(plant))?;
                    (row.host.clone(), made_by(&row.process))
                }
                ShockKind::DemandSurge { .. } | ShockKind::FreightShock { .. } => return None,
            };
            Some(Struck {
                shock: name.clone(),
                state,
                goods,
            })
        })
        .collect()
}
