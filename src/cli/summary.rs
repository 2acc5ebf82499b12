//! The few numbers that a user wants to see after a run.

use super::{Failure, terminal};
use crate::{
    analysis::{compare::arms, interval::quantile, metrics},
    experiment::results::{self, RUNS},
    record::{
        manifest::Manifest,
        parquet::{ParquetFault, TableFile},
        table::{Column, Table},
    },
};
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// Metrics shown, with the words that a reader knows them by.
const SHOWN: [(&str, &str); 8] = [
    ("china_share_mine", "China's share of mining, last year"),
    (
        "china_share_separation",
        "China's share of separation, last year",
    ),
    ("china_share_magnet", "China's share of magnets, last year"),
    ("shortage_peak_pct", "worst shortage, % of demand by value"),
    ("shortage_quarters", "quarters of shortage (above 5%)"),
    ("unmet_defence_t", "unmet defence demand, t"),
    ("consumer_loss_usd", "consumer loss, USD"),
    ("public_cost_usd", "public cost, USD"),
];

/// The summary as text.
pub fn text(root: &Path, manifest: &Manifest) -> Result<String, Failure> {
    let runs = read(root, RUNS, &[])?;
    let mut text = String::new();
    for arm in arms(&runs).map_err(|error| Failure::at(root, error))? {
        let rows = rows_of(&runs, &arm).map_err(|error| Failure::at(root, error))?;
        text += &format!(
            "{arm}: {} of {} runs, median [5% to 95%] over seeds\n",
            rows.len(),
            count(&runs, &arm)
        );
        if rows.is_empty() {
            continue;
        }
        text += &terminal::table(
            &["", "median", "5%", "95%"],
            SHOWN
                .iter()
                .filter_map(|(name, words)| line(&runs, &rows, name, words)),
        );
        text.push('\n');
        let of_arm: BTreeSet<u32> = rows
            .iter()
            .filter_map(|&row| runs.u32("run").ok().map(|run| run[row]))
            .collect();
        if let Some(prices) = prices(root, &of_arm)? {
            text += &prices;
            text.push('\n');
        }
    }
    text += &files(root, manifest);
    Ok(text)
}

/// The summary as one document.
pub fn json(root: &Path, manifest: &Manifest) -> Result<serde_json::Value, Failure> {
    let runs = read(root, RUNS, &[])?;
    let mut by_arm = serde_json::Map::new();
    for arm in arms(&runs).map_err(|error| Failure::at(root, error))? {
        let rows = rows_of(&runs, &arm).map_err(|error| Failure::at(root, error))?;
        let metrics = runs
            .columns()
            .filter(|(name, _)| metrics::find(name).is_some());
        let medians = metrics.filter_map(|(name, column)| {
            let sorted = sorted(column, &rows)?;
            Some((
                name.to_owned(),
                json!(results::defined(quantile(&sorted, 0.5))),
            ))
        });
        by_arm.insert(arm, medians.collect());
    }
    Ok(json!({
        "directory": root.display().to_string(),
        "runs": manifest.runs.all,
        "failed": manifest.runs.failed,
        "configuration": manifest.identity.configuration,
        "seeds": manifest.identity.seeds,
        "medians": by_arm,
        "files": manifest.files.keys().collect::<Vec<_>>(),
    }))
}

fn read(root: &Path, name: &str, columns: &[&str]) -> Result<Table, Failure> {
    let path = root.join(name);
    TableFile::open(&path)
        .and_then(|file| file.read(columns))
        .map_err(|error: ParquetFault| Failure::at(&path, error))
}

/// Completed runs of an arm.
fn rows_of(runs: &Table, arm: &str) -> Result<Vec<usize>, crate::record::table::TableError> {
    let (arms, status) = (runs.text("arm")?, runs.text("status")?);
    Ok((0..runs.len())
        .filter(|&row| arms.get(row) == arm && status.get(row) == "done")
        .collect())
}

fn count(runs: &Table, arm: &str) -> usize {
    runs.text("arm")
        .map_or(0, |arms| arms.iter().filter(|found| *found == arm).count())
}

fn sorted(column: &Column, rows: &[usize]) -> Option<Vec<f64>> {
    let Column::F64(values) = column else {
        return None;
    };
    let mut values: Vec<f64> = rows
        .iter()
        .map(|&row| values[row])
        .filter(|value| !value.is_nan())
        .collect();
    values.sort_unstable_by(f64::total_cmp);
    Some(values)
}

fn line(runs: &Table, rows: &[usize], name: &str, words: &str) -> Option<Vec<String>> {
    let sorted = sorted(runs.get(name)?, rows).filter(|values| !values.is_empty())?;
    let cells = [0.5, 0.05, 0.95].map(|share| terminal::number(quantile(&sorted, share)));
    Some(std::iter::once(words.to_owned()).chain(cells).collect())
}

/// Median over runs of the yearly price, first and last year, in China and elsewhere (mean weighted by use).
fn prices(root: &Path, runs: &BTreeSet<u32>) -> Result<Option<String>, Failure> {
    let name = "tables/market.parquet";
    if !root.join(name).exists() {
        return Ok(None);
    }
    let path = root.join(name);
    let market = TableFile::open(&path).map_err(|error| Failure::at(&path, error))?;
    // Run by run, as a large ensemble does not fit into memory.
    let mut sums = BTreeMap::<(String, bool, bool, u32), (f64, f64)>::new();
    let mut ends: Option<(String, String)> = None;
    for group in 0..market.groups() {
        add_prices(&market, group, runs, &mut ends, &mut sums)
            .map_err(|error| Failure::at(&path, error))?;
    }
    let Some((first, last)) = ends else {
        return Ok(None);
    };
    let mut columns = BTreeMap::<(String, bool, bool), Vec<f64>>::new();
    for ((commodity, outside, late, _), (value, weight)) in sums {
        columns
            .entry((commodity, outside, late))
            .or_default()
            .push(value / weight);
    }
    let shown = priced(root)?;
    let mut rows = Vec::new();
    let goods: BTreeSet<String> = columns.keys().map(|key| key.0.clone()).collect();
    for word in goods.iter().filter(|word| shown.contains(*word)) {
        let cell = |outside, late| {
            let mut values = columns
                .get(&(word.clone(), outside, late))
                .cloned()
                .unwrap_or_default();
            values.sort_unstable_by(f64::total_cmp);
            terminal::number(quantile(&values, 0.5))
        };
        rows.push(vec![
            word.clone(),
            cell(false, false),
            cell(false, true),
            cell(true, false),
            cell(true, true),
        ]);
    }
    let header = [
        "USD 2024/kg".to_owned(),
        format!("China {first}"),
        last.clone(),
        format!("elsewhere {first}"),
        last,
    ];
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    Ok(Some(terminal::table(&header, rows)))
}

/// Adds the prices of one run in the first and the last year.
fn add_prices(
    file: &TableFile,
    group: usize,
    runs: &BTreeSet<u32>,
    ends: &mut Option<(String, String)>,
    sums: &mut BTreeMap<(String, bool, bool, u32), (f64, f64)>,
) -> Result<(), ParquetFault> {
    let columns = [
        "run",
        "quarter",
        "state",
        "commodity",
        "price_usd_per_kg",
        "use_t",
    ];
    let market = file.read_group(group, &columns)?;
    let run = market.u32("run")?;
    if !run.iter().any(|run| runs.contains(run)) {
        return Ok(());
    }
    let (quarter, state) = (market.text("quarter")?, market.text("state")?);
    let (commodity, price) = (market.text("commodity")?, market.f64("price_usd_per_kg")?);
    let used = market.f64("use_t")?;
    let years: Vec<&str> = quarter
        .words()
        .iter()
        .map(|word| word.get(..4).unwrap_or(""))
        .collect();
    let (Some(first), Some(last)) = (years.iter().min(), years.iter().max()) else {
        return Ok(());
    };
    let (first, last) = ends.get_or_insert_with(|| ((*first).to_owned(), (*last).to_owned()));
    let china = state.code("CN");
    let mut of_run = BTreeMap::<(u32, bool, bool, u32), (f64, f64)>::new();
    for row in 0..market.len() {
        let year = years[quarter.codes()[row] as usize];
        if (year == first || year == last) && runs.contains(&run[row]) {
            let weight = used[row].max(1e-9);
            for late in [false, true]
                .into_iter()
                .filter(|&late| year == if late { last.as_str() } else { first.as_str() })
            {
                let key = (
                    commodity.codes()[row],
                    Some(state.codes()[row]) != china,
                    late,
                    run[row],
                );
                let sum = of_run.entry(key).or_default();
                *sum = (sum.0 + weight * price[row], sum.1 + weight);
            }
        }
    }
    for ((code, outside, late, run), sum) in of_run {
        let word = commodity.words()[code as usize].clone();
        sums.insert((word, outside, late, run), sum);
    }
    Ok(())
}

/// Commodities with a price worth showing: all but concentrates and scrap.
fn priced(root: &Path) -> Result<BTreeSet<String>, Failure> {
    let names = read(root, "tables/names.parquet", &[])?;
    let fault = |error| Failure::at(root, error);
    let (kind, id, form) = (
        names.text("kind").map_err(fault)?,
        names.text("id").map_err(fault)?,
        names.text("form").map_err(fault)?,
    );
    let shown = (0..names.len()).filter(|&row| {
        kind.get(row) == "commodity" && !["concentrate", "scrap"].contains(&form.get(row))
    });
    Ok(shown.map(|row| id.get(row).to_owned()).collect())
}

/// What was written, folder by folder, with sizes.
fn files(root: &Path, manifest: &Manifest) -> String {
    let mut folders = BTreeMap::<&str, (usize, u64)>::new();
    let mut lines = Vec::new();
    for name in manifest.files.keys() {
        let size = std::fs::metadata(root.join(name)).map_or(0, |data| data.len());
        match name.split_once('/') {
            Some((folder, _)) => {
                let sum = folders.entry(folder).or_default();
                *sum = (sum.0 + 1, sum.1 + size);
            }
            None => lines.push((
                root.join(name).display().to_string(),
                String::new(),
                terminal::size(size),
            )),
        }
    }
    for (folder, (files, size)) in folders {
        lines.push((
            root.join(folder).display().to_string(),
            format!("{files} files"),
            terminal::size(size),
        ));
    }
    lines.push((
        root.join(Manifest::FILE).display().to_string(),
        String::new(),
        String::new(),
    ));
    lines.sort();
    terminal::table(
        &["written", "", "size"],
        lines
            .into_iter()
            .map(|(path, files, size)| vec![path, files, size]),
    )
}
