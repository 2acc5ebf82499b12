//! The same configuration and seed give the same bytes: on repeat, at any number of threads, in any order of entries, in any build.
//!
//! `cargo test --release --test determinism` holds the release build against the same golden files. After a change that is meant to
//! change results, `cargo golden` writes them anew.

use monazite::{
    config::{self, Loaded, Scenario, Set},
    experiment::{plan::Plan, runner, seeds::Seeds, simulate::Simulator},
    record::{RunRecord, parquet},
};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

/// Goods whose prices the readable golden file lists, where China and the largest users buy them.
const SHOWN: [&str; 5] = [
    "ndpr_oxide",
    "dy_oxide",
    "tb_oxide",
    "ndfeb_std",
    "ndfeb_hc",
];
const PLACES: [&str; 3] = ["CN", "JP", "US"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn baseline(end: &str) -> Scenario {
    let set: Set = format!("end={end}").parse().expect("a path and a value");
    match config::load(&root().join("configs/baseline.ron"), &[set]) {
        Ok(Loaded::Scenario(scenario)) => *scenario,
        Ok(_) => panic!("the baseline is a scenario"),
        Err(report) => panic!("{report:?}"),
    }
}

fn live(scenario: &Scenario, seed: u32) -> RunRecord {
    Simulator::of_scenario(scenario)
        .run(0, seed)
        .expect("a run that ends")
}

/// Every table as the bytes of its file.
fn files(record: &RunRecord) -> BTreeMap<String, Vec<u8>> {
    let tables = record.tables(|_| true);
    tables
        .iter()
        .map(|table| {
            let mut bytes = Vec::new();
            parquet::write(table, &mut bytes).expect("a table in memory");
            (table.name().to_owned(), bytes)
        })
        .collect()
}

/// The rows of every table as text in the order of their text.
fn sorted_rows(record: &RunRecord) -> BTreeMap<String, Vec<String>> {
    let tables = record.tables(|_| true);
    tables
        .iter()
        .map(|table| {
            let row = |row| {
                let cells = table.columns().map(|(_, column)| column.cell(row));
                cells.collect::<Vec<_>>().join(",")
            };
            let mut rows = (0..table.len()).map(row).collect::<Vec<_>>();
            rows.sort_unstable();
            (table.name().to_owned(), rows)
        })
        .collect()
}

fn assert_same<T: PartialEq>(one: &BTreeMap<String, T>, two: &BTreeMap<String, T>) {
    let differing = one
        .iter()
        .filter(|(name, content)| two.get(*name) != Some(*content));
    let differing = differing.map(|(name, _)| name).collect::<Vec<_>>();
    assert!(
        differing.is_empty() && one.len() == two.len(),
        "{differing:?} differ"
    );
}

#[test]
fn a_repeated_run_has_the_same_bytes_and_another_seed_has_not() {
    let scenario = baseline("2026Q4");
    let one = files(&live(&scenario, 1));
    assert_same(&one, &files(&live(&scenario, 1)));
    assert_same(&one, &files(&live(&baseline("2026Q4"), 1)));
    assert!(
        one != files(&live(&scenario, 2)),
        "the seed changes nothing"
    );
}

#[test]
fn threads_do_not_matter() {
    let scenario = baseline("2026Q4");
    let kept = |jobs: usize| {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let simulator = Simulator::of_scenario(&scenario);
        let plan = Plan::new(vec!["baseline".into()], Seeds::first(2));
        let settings = runner::Settings {
            jobs,
            parts: folder.path(),
            wanted: &|_, _| true,
            stop: &AtomicBool::new(false),
            progress: &|_| (),
        };
        let ended = runner::run(&plan, &settings, &|planned| {
            simulator.run(planned.arm, planned.seed)
        });
        assert_eq!(ended.expect("runs that are kept").failed, 0);
        content(folder.path(), folder.path())
    };
    let one = kept(1);
    assert!(!one.is_empty(), "runs leave files");
    assert_same(&one, &kept(2));
}

fn content(root: &Path, folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.append(&mut content(root, &path));
        } else {
            let name = path.strip_prefix(root).expect("below the root");
            files.insert(
                name.to_string_lossy().into_owned(),
                fs::read(&path).expect("a file"),
            );
        }
    }
    files
}

#[test]
fn the_order_of_entries_does_not_matter() {
    let scenario = baseline("2024Q4");
    let expected = sorted_rows(&live(&scenario, 1));
    let mut wrong = Vec::new();
    let mut compare = |table: &str, other: &Scenario| match Simulator::of_scenario(other).run(0, 1)
    {
        Ok(record) if sorted_rows(&record) == expected => {}
        Ok(_) => wrong.push(format!("{table}: other results")),
        Err(error) => wrong.push(format!("{table}: {error}")),
    };
    let mut other = scenario.clone();
    for firm in other.firms.values_mut() {
        firm.plants.reverse();
    }
    compare("plants", &other);
    macro_rules! reverse {
        ($($table:ident)*) => {$(
            let mut other = scenario.clone();
            other.$table.reverse();
            compare(stringify!($table), &other);
        )*};
    }
    // Not `recipes`: the order of a process's modes and outputs is part of what its rows say.
    reverse! {
        states elements commodities sectors processes firms compositions opex delays mine_output stage_output world_output demand drivers prices trade relations blocs
        freight tariffs contracts stock_draws uncertainty strategies shocks
    }
    assert!(
        wrong.is_empty(),
        "reversed, these change the results:\n{}",
        wrong.join("\n")
    );
}

/// One hash over all tables.
fn fingerprint(record: &RunRecord) -> String {
    let mut hasher = blake3::Hasher::new();
    for (name, bytes) in files(record) {
        hasher.update(name.as_bytes());
        hasher.update(&bytes);
    }
    hasher.finalize().to_hex().to_string()
}

/// Prices of some goods in some places, for eyes.
fn readable(record: &RunRecord) -> String {
    let mut text = String::from("quarter,state,commodity,price_usd_per_kg\n");
    let tables = record.tables(|name| name == "market");
    let market = tables.first().expect("the market is recorded");
    let column = |name| market.get(name).expect("a column of the market");
    let (quarter, state, commodity, price) = (
        column("quarter"),
        column("state"),
        column("commodity"),
        column("price_usd_per_kg"),
    );
    for row in 0..market.len() {
        let (place, good) = (state.cell(row), commodity.cell(row));
        if PLACES.contains(&place.as_str()) && SHOWN.contains(&good.as_str()) {
            let _ = writeln!(
                text,
                "{},{place},{good},{}",
                quarter.cell(row),
                price.cell(row)
            );
        }
    }
    text
}

fn golden(name: &str) -> PathBuf {
    root().join("tests/golden").join(name)
}

fn blessed(name: &str) -> String {
    fs::read_to_string(golden(name)).unwrap_or_else(|error| {
        panic!("tests/golden/{name}: {error}; `cargo golden` writes the golden files")
    })
}

#[test]
fn the_baseline_has_the_golden_bytes() {
    let record = live(&baseline("2025Q4"), 1);
    // The readable prices first: they say where and by how much results have moved.
    let (was, is) = (blessed("baseline_prices.csv"), readable(&record));
    assert_eq!(was.lines().count(), is.lines().count(), "prices recorded");
    for (was, is) in was.lines().zip(is.lines()).skip(1) {
        let split = |line: &str| {
            let (key, number) = line.rsplit_once(',').expect("a row of the table");
            (
                key.to_owned(),
                number.parse::<f64>().expect("a number at the end"),
            )
        };
        let ((key, before), (other, now)) = (split(was), split(is));
        assert_eq!(key, other);
        assert!(
            (now - before).abs() <= 1e-9 * before.abs(),
            "{key}: {before} has become {now}"
        );
    }
    assert_eq!(
        blessed("baseline.txt").trim(),
        fingerprint(&record),
        "prices are the same, bytes are not; `cargo golden` if that is meant"
    );
}

#[test]
#[ignore = "writes the golden files anew: `cargo golden`"]
fn bless() {
    let record = live(&baseline("2025Q4"), 1);
    fs::create_dir_all(root().join("tests/golden")).expect("a folder");
    fs::write(golden("baseline.txt"), fingerprint(&record) + "\n").expect("a file");
    fs::write(golden("baseline_prices.csv"), readable(&record)).expect("a file");
}
