//! Declared structs from file to running form.

use super::{Field, Map, NO_SPEC, Path, Problems, Written, WrittenOf};
use crate::domain::time::Quarter;
use indexmap::IndexMap;

fields! {
    /// Beliefs about prices.
    pub struct Params {
        /// Share of the gap closed per quarter.
        adaptive_speed: f64 = 0.10, 0.0..=1.0, "1/quarter", "assumption";
        /// Quarters of memory.
        memory: u32 = 8, 1..=40, "quarters";
        /// Trend-following or not.
        trend: bool = true;
    }
}

fields! {
    /// Final use.
    pub struct Row key { year: i32, state: String } {
        /// Tonnes used.
        tonnes: f64, 0.0..=1e6, "t/a";
        /// Lower end.
        low: Option<f64>, 0.0..=1e6, "t/a";
        /// First quarter.
        from: Option<Quarter>;
        /// Source.
        source: String;
    }
}

fields! {
    /// A small world.
    pub struct World file { extends: Vec<String> } {
        /// Use.
        demand: IndexMap<String, Row>;
        /// Beliefs.
        expectation: Params;
    }
}

fn read(text: &str) -> WrittenOf<World> {
    super::leaf::parse_ron(text).unwrap()
}

fn resolve(written: WrittenOf<World>) -> Result<World, Vec<String>> {
    let mut problems = Problems::default();
    let world = World::resolve(Some(written), &Path::ROOT, &NO_SPEC, &mut problems);
    let texts = problems
        .list
        .iter()
        .map(|p| format!("{}: {}: {}", p.code, p.path.join("."), p.text))
        .collect::<Vec<_>>();
    world.filter(|_| texts.is_empty()).ok_or(texts)
}

#[test]
fn defaults_fill_what_is_not_written() {
    assert_eq!(
        Params::default(),
        Params {
            adaptive_speed: 0.1,
            memory: 8,
            trend: true
        }
    );
    let world = resolve(read("(expectation: (memory: 4))")).unwrap();
    assert_eq!(
        world.expectation,
        Params {
            memory: 4,
            ..Params::default()
        }
    );
    assert!(world.demand.is_empty());
}

#[test]
fn rows_take_their_key_apart() {
    let world = resolve(read(
        r#"(demand: {"2024:CN": (tonnes: 9_000, source: "x", from: "2024Q1")})"#,
    ))
    .unwrap();
    let row = &world.demand["2024:CN"];
    assert_eq!(
        (row.year, row.state.as_str(), row.tonnes, row.low),
        (2024, "CN", 9000.0, None)
    );
}

#[test]
fn every_problem_is_collected() {
    let problems = resolve(read(
        r#"(demand: {"2024": (tonnes: 1, source: "x"), "x:CN": (tonnes: -1, low: NaN), "2024:US": (tonnes: inf, source: "")}, expectation: (memory: 0))"#,
    ))
    .unwrap_err();
    assert_eq!(
        problems,
        [
            "key: demand.2024: the key has 1 parts, not 2",
            "key: demand.x:CN: `x` is no year; write a year such as 2024",
            "range: demand.x:CN.tonnes: -1 is negative",
            "range: demand.x:CN.low: NaN is no number that a market can use",
            "missing: demand.x:CN.source: `source` is missing; it needs a text",
            "range: demand.2024:US.tonnes: inf is out of range",
            "range: expectation.memory: 0 is out of range",
        ]
    );
}

#[test]
fn layers_merge_structs_by_field_and_maps_by_key() {
    let mut base = read(
        r#"(demand: {"2024:CN": (tonnes: 1, source: "a"), "2024:US": (tonnes: 2, source: "b")}, expectation: (memory: 3))"#,
    );
    base.merge(read(r#"(demand: {"2024:US": (tonnes: 5), "2024:JP": (tonnes: 6, source: "c")}, expectation: (trend: false))"#));
    let world = resolve(base).unwrap();
    assert_eq!(
        world
            .demand
            .values()
            .map(|row| row.tonnes)
            .collect::<Vec<_>>(),
        [1.0, 5.0, 6.0]
    );
    assert_eq!(world.demand["2024:US"].source, "b");
    assert_eq!(
        world.expectation,
        Params {
            memory: 3,
            trend: false,
            ..Params::default()
        }
    );
}

#[test]
fn set_and_remove_follow_paths_and_create_nothing() {
    let mut written = read(r#"(demand: {"2024:CN": (tonnes: 1, source: "a")})"#);
    written.set(&["demand", "2024:CN", "tonnes"], "7").unwrap();
    written
        .set(&["demand", "2024:CN", "source"], "plain words")
        .unwrap();
    written.set(&["expectation", "memory"], "5").unwrap();
    for (path, value, expected) in [
        (
            vec!["demand", "2024:CM", "tonnes"],
            "1",
            "demand has no entry \"2024:CM\"",
        ),
        (
            vec!["demand", "2024:CN", "tons"],
            "1",
            "demand.2024:CN has no field `tons` (Row)",
        ),
        (
            vec!["demand", "2024:CN", "tonnes", "x"],
            "1",
            "demand.2024:CN.tonnes is a single value; `x` cannot be below it",
        ),
        (
            vec!["expectation", "memory"],
            "many",
            "`many`: Expected integer",
        ),
        (
            vec!["world"],
            "1",
            "the scenario has no field `world` (World)",
        ),
    ] {
        assert_eq!(
            written
                .set(&path, value)
                .unwrap_err()
                .problem(&path, "set")
                .text,
            expected
        );
    }
    assert_eq!(
        resolve(written.clone()).unwrap().demand["2024:CN"].source,
        "plain words"
    );
    written.remove(&["demand", "2024:CN"]).unwrap();
    assert!(written.remove(&["demand", "2024:CN"]).is_err());
    assert_eq!(written.demand, Some(Map::default()));
}

#[test]
fn numbers_are_found_by_path_and_pattern() {
    let mut world = resolve(read(
        r#"(demand: {"2024:CN": (tonnes: 1, source: "a"), "2025:CN": (tonnes: 2, source: "b")})"#,
    ))
    .unwrap();
    *world.number_mut(&["demand", "2025:CN", "tonnes"]).unwrap() = 3.0;
    assert_eq!(world.demand["2025:CN"].tonnes, 3.0);
    let mut found = Vec::new();
    world
        .matching(&["demand", "*:CN", "tonnes"], &mut Vec::new(), &mut found)
        .unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(
        World::spec_at(&["demand", "2025:CN", "tonnes"])
            .unwrap()
            .unit,
        "t/a"
    );
    assert!(
        world
            .matching(&["demand", "*", "tons"], &mut Vec::new(), &mut found)
            .is_err()
    );
}

#[test]
fn a_key_twice_in_one_file_is_refused() {
    let error =
        super::leaf::parse_ron::<WrittenOf<World>>(r#"(demand: {"a": (), "a": ()})"#).unwrap_err();
    assert!(error.contains("\"a\" occurs twice"), "{error}");
}

#[test]
fn the_schema_carries_units_and_ranges() {
    let schema = serde_json::to_value(schemars::schema_for!(WrittenOf<World>)).unwrap();
    let speed = &schema["$defs"]["Params"]["properties"]["adaptive_speed"];
    assert_eq!(
        (&speed["maximum"], &speed["x-unit"]),
        (&1.0.into(), &"1/quarter".into())
    );
    let mut records = Vec::new();
    World::describe(&mut records);
    assert_eq!(
        records.iter().map(|record| record.name).collect::<Vec<_>>(),
        ["World", "Row", "Params"]
    );
}
