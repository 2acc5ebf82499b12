//! Every instrument is documented: one row of the table in `docs/policy.md` each, and no row for what does not exist.

use monazite::domain::policy::Instrument;
use std::{collections::BTreeSet, fs};

/// Names of the variants, from the JSON schema that editors complete by.
fn instruments() -> BTreeSet<String> {
    let schema = serde_json::to_value(schemars::schema_for!(Instrument)).expect("a schema");
    let variants = ["oneOf", "anyOf"].iter().find_map(|key| schema.get(key));
    let variants = variants.and_then(|list| list.as_array()).expect("variants");
    variants
        .iter()
        .map(|variant| {
            let properties = variant["properties"].as_object().expect("a record");
            assert_eq!(properties.len(), 1, "{variant}");
            properties.keys().next().expect("a name").clone()
        })
        .collect()
}

/// Cells of the rows of the table of instruments.
fn rows() -> Vec<Vec<String>> {
    let text = fs::read_to_string("docs/policy.md").expect("docs/policy.md");
    let mut lines = text
        .lines()
        .skip_while(|line| !line.starts_with("| Instrument |"));
    let columns = lines.next().map_or(0, |line| line.matches('|').count());
    lines
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            assert_eq!(line.matches('|').count(), columns, "cells of {line}");
            let cells = line.trim_matches('|').split('|');
            cells.map(|cell| cell.trim().to_owned()).collect()
        })
        .collect()
}

#[test]
fn every_instrument_has_its_row() {
    let (known, rows) = (instruments(), rows());
    let listed: BTreeSet<String> = rows
        .iter()
        .map(|row| row[0].trim_matches('`').to_owned())
        .collect();
    assert!(known.len() >= 30, "{} instruments", known.len());
    assert_eq!(rows.len(), listed.len(), "an instrument has two rows");
    let missing: Vec<_> = known.difference(&listed).collect();
    let unknown: Vec<_> = listed.difference(&known).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "without a row: {missing:?}; rows of nothing: {unknown:?}"
    );
    for row in &rows {
        let empty = row.iter().position(|cell| cell.is_empty());
        assert_eq!(empty, None, "an empty cell in the row of {}", row[0]);
    }
}

#[test]
fn the_tests_that_the_table_names_exist() {
    let mut code = String::new();
    let mut folders = vec!["src/mechanisms".into(), "src/domain".into(), "tests".into()];
    while let Some(folder) = folders.pop() {
        let folder: std::path::PathBuf = folder;
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                code += &fs::read_to_string(&path).expect("text");
            }
        }
    }
    for row in rows() {
        // Names of single tests are sentences: they have more than two underscores.
        let named = row[5].split('`').skip(1).step_by(2);
        for name in named.map(|name| name.rsplit("::").next().unwrap_or(name)) {
            assert!(
                name.matches('_').count() < 3 || code.contains(&format!("fn {name}(")),
                "{}: no test is called {name}",
                row[0]
            );
        }
    }
}
