//! Quantiles over all runs of each arm, exact, whatever the number of runs: a second pass over what the runs have kept, block by block.

use super::{
    part,
    plan::{Plan, Planned},
};
use crate::{
    analysis::interval::quantile,
    domain::graph::Stage,
    record::{
        RunRecord,
        codebook::Entry,
        parquet::{ParquetFault, TableFile},
        row::Rows,
        table::{Column, Table},
    },
};
use rayon::prelude::*;
use std::{collections::BTreeMap, path::Path};

/// The tables of which quantiles are kept: name, columns of the key, columns of numbers.
const KEPT: [(&str, &[&str], &[&str]); 4] = [
    (
        "market",
        &["quarter", "state", "commodity"],
        &["price_usd_per_kg", "production_t", "use_t", "cover_days"],
    ),
    (
        "stage",
        &["quarter", "stage", "host"],
        &["capacity_t", "production_t"],
    ),
    (
        "state",
        &["quarter", "state"],
        &[
            "public_cost_usd",
            "tax_revenue_usd",
            "value_added_usd",
            "import_reliance",
            "damage_usd",
            "capability_mine",
            "capability_separation",
            "capability_metal",
            "capability_magnet",
            "capability_recycling",
        ],
    ),
    ("relation", &["quarter", "from", "to"], &["trust"]),
];

/// The quantiles, and how their columns end.
const SHARES: [(f64, &str); 3] = [(0.05, "q05"), (0.5, "q50"), (0.95, "q95")];

/// Numbers in memory at a time.
const BUDGET: usize = 8_000_000;

/// Names of the files, as in `quantiles/market.parquet`.
pub fn names() -> impl Iterator<Item = String> {
    KEPT.iter().map(|(name, ..)| file(name))
}

fn file(name: &str) -> String {
    format!("quantiles/{name}")
}

/// What a run keeps for the quantiles: of each table the key and the numbers.
pub fn of_run(record: &RunRecord) -> Vec<(String, Table)> {
    let tables = record.tables(|name| name != "stage" && KEPT.iter().any(|kept| kept.0 == name));
    let stage = by_host(record);
    KEPT.iter()
        .filter_map(|(name, keys, numbers)| {
            let table = tables
                .iter()
                .chain([&stage])
                .find(|table| table.name() == *name)?;
            Some((file(name), select(table, keys, numbers)))
        })
        .collect()
}

fn select(table: &Table, keys: &[&str], numbers: &[&str]) -> Table {
    let mut some = Table::new(table.name());
    for (name, column) in table.columns() {
        if keys.contains(&name) || numbers.contains(&name) {
            some.push(name, column.clone());
        }
    }
    some
}

/// The table of stages by host, whoever owns the plants, with a row for every stage and state: where there is nothing, there is 0.
fn by_host(record: &RunRecord) -> Table {
    let states = record.names.states.len();
    let rows = &record.rows.stage;
    let quarters: Vec<_> = record.rows.solver.quarter.clone();
    let cell = |quarter: usize, stage: Stage, host: usize| {
        (quarter * Stage::ALL.len() + stage as usize) * states + host
    };
    let size = quarters.len() * Stage::ALL.len() * states;
    let (mut capacity, mut production) = (vec![0.0; size], vec![0.0; size]);
    for row in rows.rows() {
        if let Ok(quarter) = quarters.binary_search(&row.quarter) {
            let at = cell(quarter, row.stage, row.host.index());
            capacity[at] += row.capacity_t;
            production[at] += row.production_t;
        }
    }
    let texts = quarters.iter().map(ToString::to_string).collect::<Vec<_>>();
    let key = |of: &dyn Fn(usize) -> String| {
        let words = (0..size).map(of).collect::<Vec<_>>();
        Column::words(words.iter().map(String::as_str))
    };
    let mut table = Table::new("stage");
    let stages = Stage::ALL.len();
    table.push("quarter", key(&|i| texts[i / (stages * states)].clone()));
    table.push(
        "stage",
        key(&|i| Stage::ALL[i / states % stages].name().to_owned()),
    );
    table.push("host", key(&|i| record.names.states[i % states].clone()));
    table.push("capacity_t", Column::F64(capacity));
    table.push("production_t", Column::F64(production));
    table
}

/// The columns of a file of quantiles, without rows.
#[must_use]
pub fn like(name: &str) -> Option<Table> {
    let (_, keys, numbers) = KEPT.iter().find(|kept| file(kept.0) == name)?;
    Some(empty(name, keys, numbers))
}

fn empty(name: &str, keys: &[&str], numbers: &[&str]) -> Table {
    let mut table = Table::new(name.rsplit('/').next().unwrap_or(name));
    table.push("arm", Column::words([]));
    for key in keys {
        table.push(key, Column::words([]));
    }
    table.push("runs", Column::U32(Vec::new()));
    for number in numbers {
        for (_, end) in SHARES {
            table.push(&format!("{number}_{end}"), Column::F64(Vec::new()));
        }
    }
    table
}

/// What the codebook says of the files of quantiles.
pub fn entries() -> impl Iterator<Item = Entry> {
    KEPT.iter().flat_map(|(name, keys, numbers)| {
        let table = like(&file(name)).unwrap_or_default();
        let columns: Vec<String> = table.columns().map(|(name, _)| name.to_owned()).collect();
        let spec = Rows::SPECS.iter().find(|spec| spec.name == *name);
        columns.into_iter().map(move |column| {
            let base = numbers.iter().find(|number| column.starts_with(**number));
            let base = base.map_or(column.as_str(), |number| number);
            let declared = spec.and_then(|spec| spec.columns.iter().find(|c| c.name == base));
            let (unit, meaning) = match (column.as_str(), declared) {
                ("arm", _) => ("text", "Arm of the experiment.".to_owned()),
                ("runs", _) => (
                    "count",
                    "Completed runs of the arm: all its points and seeds.".to_owned(),
                ),
                (name, Some(declared)) if keys.contains(&name) => {
                    (declared.unit, declared.meaning.to_owned())
                }
                (name, Some(declared)) => {
                    let share = name.rsplit('q').next().unwrap_or("");
                    (
                        declared.unit,
                        format!(
                            "{share}% quantile over the runs in which it is defined: {}",
                            declared.meaning
                        ),
                    )
                }
                (_, None) => ("", String::new()),
            };
            Entry {
                table: file(name),
                column: column.clone(),
                unit: unit.to_owned(),
                meaning,
            }
        })
    })
}

/// The rows of a file of quantiles, block by block: of each arm all rows of its runs, in the order of the first.
///
/// # Errors
/// If a run cannot be read.
pub fn blocks<'a>(
    parts: &'a Path,
    plan: &'a Plan,
    name: &'a str,
) -> impl Iterator<Item = Result<Table, ParquetFault>> + 'a {
    let kept = KEPT.iter().find(|kept| file(kept.0) == name);
    let arms = (0..plan.arms.len()).filter_map(move |arm| Some((arm, kept?)));
    arms.flat_map(move |(arm, (_, keys, numbers))| {
        let runs: Vec<Planned> = plan.runs().filter(|run| run.arm == arm).collect();
        match Arm::new(parts, &runs, name, keys) {
            Err(fault) => vec![Err(fault)].into_iter().collect::<Vec<_>>(),
            Ok(of_arm) => of_arm.blocks(parts, &plan.arms[arm], name, keys, numbers),
        }
    })
}

/// The rows of an arm: their keys, and where each run has them.
struct Arm {
    /// Completed runs, and the layout of each.
    runs: Vec<(u32, usize)>,
    keys: Vec<Vec<String>>,
    /// Of each layout the position of each row, or that it lacks it. Runs of one arm nearly always share one layout.
    layouts: Vec<Vec<Option<usize>>>,
}

impl Arm {
    fn new(
        parts: &Path,
        runs: &[Planned],
        name: &str,
        keys: &[&str],
    ) -> Result<Self, ParquetFault> {
        let mut arm = Self {
            runs: Vec::new(),
            keys: Vec::new(),
            layouts: Vec::new(),
        };
        let mut known: BTreeMap<Vec<String>, usize> = BTreeMap::new();
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let hashed: Vec<_> = runs
            .par_iter()
            .map(|run| Ok(read(parts, run.run, name, keys)?.map(|table| (hash(&table), run.run))))
            .collect::<Result<_, ParquetFault>>()?;
        for (hash, run) in hashed.into_iter().flatten() {
            if let Some(&layout) = seen.get(&hash) {
                arm.runs.push((run, layout));
                continue;
            }
            let Some(table) = read(parts, run, name, keys)? else {
                continue;
            };
            let columns = table
                .columns()
                .map(|(_, column)| column)
                .collect::<Vec<_>>();
            let rows = (0..table.len()).map(|row| {
                columns
                    .iter()
                    .map(|column| column.cell(row))
                    .collect::<Vec<_>>()
            });
            let mut layout = vec![None; arm.keys.len()];
            for (row, key) in rows.enumerate() {
                let at = *known.entry(key.clone()).or_insert(arm.keys.len());
                if at == arm.keys.len() {
                    arm.keys.push(key);
                    layout.push(None);
                }
                layout[at] = Some(row);
            }
            seen.insert(hash, arm.layouts.len());
            arm.runs.push((run, arm.layouts.len()));
            arm.layouts.push(layout);
        }
        Ok(arm)
    }

    fn blocks(
        &self,
        parts: &Path,
        name_of_arm: &str,
        name: &str,
        keys: &[&str],
        numbers: &[&str],
    ) -> Vec<Result<Table, ParquetFault>> {
        let rows = (BUDGET / (self.runs.len() * numbers.len()).max(1)).max(1);
        let starts = (0..self.keys.len()).step_by(rows);
        let block = |start: usize| {
            let range = start..(start + rows).min(self.keys.len());
            self.block(parts, name_of_arm, name, keys, numbers, range)
        };
        starts.map(block).collect()
    }

    fn block(
        &self,
        parts: &Path,
        name_of_arm: &str,
        name: &str,
        keys: &[&str],
        numbers: &[&str],
        range: std::ops::Range<usize>,
    ) -> Result<Table, ParquetFault> {
        let of_runs: Vec<Vec<Vec<f64>>> = self
            .runs
            .par_iter()
            .map(|&(run, layout)| {
                let table = read(parts, run, name, numbers)?.unwrap_or_default();
                let layout = &self.layouts[layout];
                let column = |number: &&str| -> Result<Vec<f64>, ParquetFault> {
                    let values = table.f64(number)?;
                    let cell = |row: usize| layout.get(row).copied().flatten();
                    Ok(range
                        .clone()
                        .map(|row| cell(row).map_or(f64::NAN, |at| values[at]))
                        .collect())
                };
                numbers.iter().map(column).collect::<Result<Vec<_>, _>>()
            })
            .collect::<Result<_, ParquetFault>>()?;
        let table = empty(name, keys, numbers);
        let mut filled = Table::new(table.name());
        for (column, _) in table.columns() {
            let of_key = keys.iter().position(|key| *key == column);
            let content = match (column, of_key) {
                ("arm", _) => Column::words(range.clone().map(|_| name_of_arm)),
                (_, Some(key)) => {
                    Column::words(range.clone().map(|row| self.keys[row][key].as_str()))
                }
                ("runs", _) => Column::U32(vec![self.runs.len() as u32; range.len()]),
                _ => continue,
            };
            filled.push(column, content);
        }
        for (number, name) in numbers.iter().enumerate() {
            let quantiles: Vec<[f64; 3]> = (0..range.len())
                .into_par_iter()
                .map(|row| {
                    let values = of_runs.iter().map(|run| run[number][row]);
                    let mut values: Vec<f64> = values.filter(|value| !value.is_nan()).collect();
                    values.sort_unstable_by(f64::total_cmp);
                    SHARES.map(|(share, _)| quantile(&values, share))
                })
                .collect();
            for (position, (_, end)) in SHARES.iter().enumerate() {
                let values = quantiles.iter().map(|row| row[position]).collect();
                filled.push(&format!("{name}_{end}"), Column::F64(values));
            }
        }
        Ok(filled)
    }
}

/// Some columns of what a run has kept for a file; nothing if it failed.
fn read(
    parts: &Path,
    run: u32,
    name: &str,
    columns: &[&str],
) -> Result<Option<Table>, ParquetFault> {
    match part::open(parts, run)?.table(name)? {
        Some(bytes) => TableFile::of(bytes)?.read(columns).map(Some),
        None => Ok(None),
    }
}

fn hash(table: &Table) -> String {
    let mut hasher = blake3::Hasher::new();
    for (_, column) in table.columns() {
        if let Column::Text(text) = column {
            for word in text.words() {
                hasher.update(word.as_bytes()).update(&[0]);
            }
            for code in text.codes() {
                hasher.update(&code.to_le_bytes());
            }
        }
    }
    hasher.finalize().to_hex().to_string()
}
