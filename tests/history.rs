//! 2010 to 2025, held against what was reported: `configs/history`.

use monazite::{
    analysis::hindcast::{self, Reported, Set},
    config,
    domain::time::Quarter,
};
use std::{collections::BTreeMap, fs, path::Path};

const FOLDER: &str = "configs/history";

fn scenario(name: &str) -> config::scenario::Scenario {
    let loaded = config::load(Path::new(&format!("{FOLDER}/{name}.ron")), &[])
        .unwrap_or_else(|report| panic!("{report}"));
    match loaded {
        config::Loaded::Scenario(scenario) => *scenario,
        _ => panic!("{name} is no scenario"),
    }
}

/// Rows of a CSV by column name.
fn rows(name: &str) -> Vec<BTreeMap<String, String>> {
    let text = fs::read_to_string(format!("{FOLDER}/{name}")).unwrap();
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(text.as_bytes());
    let head = reader.headers().unwrap().clone();
    reader
        .records()
        .map(|record| {
            head.iter()
                .map(str::to_owned)
                .zip(record.unwrap().iter().map(str::to_owned))
                .collect()
        })
        .collect()
}

fn reported() -> Vec<Reported> {
    hindcast::reported(&fs::read_to_string(format!("{FOLDER}/reported.csv")).unwrap()).unwrap()
}

#[test]
fn every_dated_entry_has_its_source() {
    let scenario = scenario("2010_2025");
    let text = |q: Option<Quarter>| q.map_or(String::new(), |q| q.to_string());
    let mut entries = Vec::new();
    for (state, strategy) in &scenario.strategies {
        for (name, measure) in &strategy.calendar {
            entries.push((
                state.clone(),
                name.clone(),
                text(measure.announced),
                measure.from.to_string(),
                text(measure.until),
            ));
        }
        assert!(
            strategy.rules.is_empty(),
            "{state} follows rules, which carry no dates"
        );
    }
    for (name, shock) in &scenario.shocks {
        let last = shock.at.plus(i32::try_from(shock.lasts).unwrap() - 1);
        entries.push((
            "shock".to_owned(),
            name.clone(),
            String::new(),
            shock.at.to_string(),
            last.to_string(),
        ));
    }
    let calendar = rows("calendar.csv");
    assert_eq!(
        calendar.len(),
        entries.len(),
        "calendar.csv has other entries"
    );
    for (owner, name, announced, begins, ends) in entries {
        let row = calendar
            .iter()
            .find(|r| r["owner"] == owner && r["entry"] == name)
            .unwrap_or_else(|| panic!("{owner}:{name} is not in calendar.csv"));
        assert_eq!(
            (&row["announced"], &row["begins"], &row["ends"]),
            (&announced, &begins, &ends),
            "{owner}:{name}"
        );
        assert!(
            !row["source"].is_empty() && !row["date"].is_empty(),
            "{owner}:{name}"
        );
    }
    for (firm, plants) in &scenario.firms {
        for (plant, row) in &plants.plants {
            for period in row.periods.values().filter(|p| p.announced.is_some()) {
                assert!(!period.source.is_empty(), "{firm}.{plant} {}", period.from);
            }
        }
    }
}

#[test]
fn the_dated_twin_differs_in_plants_only() {
    let (free, dated) = (scenario("2010_2025"), scenario("2010_2025_dated"));
    assert!(dated.settle.dated_plants && !free.settle.dated_plants);
    assert_eq!(free.strategies, dated.strategies);
    assert_eq!(free.shocks, dated.shocks);
    assert_eq!(free.investment, dated.investment);
    assert_eq!(free.expectation, dated.expectation);
}

#[test]
fn training_and_test_rows_are_declared_and_2025_is_test() {
    let all = reported();
    assert!(all.len() > 300);
    assert!(
        all.iter()
            .all(|r| (r.year() <= 2019) == (r.set == Set::Train)),
        "2020 on is test"
    );
    let known: Vec<&str> = hindcast::SIMULATED.iter().map(|s| s.0).collect();
    for row in &all {
        assert!(
            known.contains(&row.series.as_str()),
            "nothing reads {}",
            row.series
        );
        assert!(!row.source.is_empty(), "{row:?}");
    }
}
