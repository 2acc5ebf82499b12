//! Strategies that react, in the whole world: retaliation, de-escalation, exempt friends, blocs that follow, answers to a shortage.

#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking; its helpers are no test functions to the lint"
)]

use monazite::config::{self, Loaded, Scenario, Strategy, strategy::Assigned};
use monazite::domain::time::Quarter;
use monazite::record::{RunRecord, label::PolicyEvent};
use monazite::world;
use std::{fs, path::Path};

/// China licenses dysprosium and terbium, for everybody, from 2025Q1 to 2025Q4.
const LICENCE: &str = r#""licence": (announced: "2024Q4", from: "2025Q1", until: "2025Q4",
    instrument: ExportLicence(of: ["dy_oxide", "tb_oxide", "dy_metal", "tb_metal", "ndfeb_hc"], share: 0.3))"#;

/// The baseline to the end of 2026, with measures and rules added to the strategies of states.
fn scenario(added: &[(&str, &str)]) -> Scenario {
    let load = |path: &Path| config::load(path, &[]).unwrap_or_else(|report| panic!("{report}"));
    let Loaded::Scenario(mut scenario) = load(Path::new("configs/baseline.ron")) else {
        panic!("no scenario")
    };
    scenario.uncertainty.clear();
    scenario.end = q("2026Q4");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("strategy.ron");
    for (state, what) in added {
        fs::write(&path, format!("Strategy({what})")).unwrap();
        let Loaded::Strategy(strategy) = load(&path) else {
            panic!("no strategy")
        };
        let own = scenario.strategies.entry((*state).to_owned());
        let own = own.or_insert_with(|| Assigned(Strategy::clone(&strategy)));
        own.0.calendar.extend(strategy.calendar);
        own.0.rules.extend(strategy.rules);
    }
    *scenario
}

fn run(scenario: &Scenario) -> RunRecord {
    let mut simulation = world::build(scenario, 1).unwrap();
    simulation.run().unwrap();
    simulation.world.remove_resource().unwrap()
}

/// What happened to a measure: quarter, event, scope.
fn story(record: &RunRecord, state: &str, measure: &str) -> Vec<(String, PolicyEvent, String)> {
    let state = record.names.state(state).unwrap();
    record
        .rows
        .policy
        .rows()
        .filter(|row| row.state.index() == state && record.texts.text(row.measure) == measure)
        .map(|row| {
            (
                row.quarter.to_string(),
                row.event,
                record.texts.text(row.scope).to_owned(),
            )
        })
        .collect()
}

fn q(text: &str) -> Quarter {
    text.parse().unwrap()
}

#[test]
fn a_rule_retaliates_one_quarter_later_and_de_escalates_when_the_cause_is_gone() {
    let china = format!("calendar: {{{LICENCE}}}");
    let answer = r#"rules: {"answer": (when: Restricted(), lead: 1, linger: 1,
        then: Tariff(of: ["magnet"], from: ["@restrictors"], rate: 0.1),
        steps: [(after: 3, then: Tariff(of: ["magnet"], from: ["@restrictors"], rate: 0.4))])}"#;
    let with = run(&scenario(&[("CN", &china), ("US", answer)]));
    let story = story(&with, "US", "answer");
    // Announced in 2024Q4, seen in 2025Q1, in force from 2025Q2, raised in 2025Q4; lifted in 2026Q1, seen in 2026Q2: down, then off.
    let expected = [
        ("2025Q1", PolicyEvent::Announced),
        ("2025Q2", PolicyEvent::Effective),
        ("2025Q4", PolicyEvent::Effective),
        ("2026Q2", PolicyEvent::Effective),
        ("2026Q3", PolicyEvent::Lifted),
    ];
    let found: Vec<_> = story
        .iter()
        .map(|(q, event, _)| (q.as_str(), *event))
        .collect();
    assert_eq!(found, expected, "{story:?}");
    assert!(
        story.iter().all(|(_, _, scope)| scope == "magnet from CN"),
        "{story:?}"
    );
    // Until the answer is announced, the world is the one without it.
    let without = run(&scenario(&[("CN", &china)]));
    let prices = |record: &RunRecord, quarters: &dyn Fn(Quarter) -> bool| -> Vec<u64> {
        let rows = record
            .rows
            .market
            .rows()
            .filter(|row| quarters(row.quarter));
        rows.map(|row| row.price_usd_per_kg.to_bits()).collect()
    };
    let before = |quarter| quarter < q("2025Q1");
    assert_eq!(prices(&with, &before), prices(&without, &before));
    assert_ne!(
        prices(&with, &|quarter| quarter == q("2025Q4")),
        prices(&without, &|quarter| quarter == q("2025Q4"))
    );
}

#[test]
fn friends_are_exempt_and_a_bloc_is_followed() {
    let china = format!("calendar: {{{LICENCE}}}");
    let record = run(&scenario(&[
        ("CN", &china),
        // Who is a friend, the trust of the tables decides.
        (
            "US",
            r#"rules: {"shield": (when: Restricted(by: ["CN"]), then: ExportTax(of: ["oxide"], to: ["@all_but_friends"], rate: 0.1))}"#,
        ),
        (
            "EU",
            r#"rules: {"follow": (when: Taken(what: "ExportTax", by: ["@bloc:g7"]), then: Tariff(of: ["magnet"], from: ["CN"], rate: 0.1))}"#,
        ),
        (
            "JP",
            r#"rules: {"wait": (when: Taken(what: "ExportTax", by: ["@bloc:asean"]), then: Tariff(of: ["magnet"], from: ["CN"], rate: 0.1))}"#,
        ),
    ]));
    let shield = story(&record, "US", "shield");
    let scope = &shield[0].2;
    assert_eq!(shield[0].0, "2025Q1", "{shield:?}");
    assert!(scope.contains("CN") && scope.contains("RU"), "{scope}");
    for friend in ["JP", "EU", "AU", "CA", "GB", "KR"] {
        assert!(!scope.contains(friend), "{friend} in {scope}");
    }
    let follow = story(&record, "EU", "follow");
    assert_eq!(
        (follow[0].0.as_str(), follow[0].1),
        ("2025Q2", PolicyEvent::Effective),
        "{follow:?}"
    );
    assert!(story(&record, "JP", "wait").is_empty());
}

#[test]
fn an_own_shortage_is_answered_one_lag_after_it_was_there() {
    let china = format!(
        "calendar: {{{}}}",
        LICENCE.replace("share: 0.3", "share: 0.05")
    );
    let rule = r#"rules: {"answer": (when: Above(Unmet(of: ["ndfeb_hc"]), 0.08), then: Tariff(of: ["oxide"], from: ["CN"], rate: 0.05))}"#;
    for lag in [1, 2] {
        let mut scenario = scenario(&[("CN", &china), ("JP", rule)]);
        scenario.policy.observation_error = 0.0;
        scenario.policy.observation_lag = lag;
        let record = run(&scenario);
        let shares = shortage(&record, "JP", "ndfeb_hc");
        let first = shares
            .iter()
            .find(|(_, share)| *share > 0.08)
            .map(|(quarter, _)| *quarter);
        let first = first.unwrap_or_else(|| panic!("no shortage: {shares:?}"));
        let answer = story(&record, "JP", "answer");
        assert_eq!(
            answer[0].0,
            first.plus(lag as i32).to_string(),
            "{shares:?}"
        );
    }
}

/// Unmet share of a good's end use in a state, by quarter.
fn shortage(record: &RunRecord, state: &str, good: &str) -> Vec<(Quarter, f64)> {
    let state = record.names.state(state).unwrap();
    let good = record
        .names
        .commodities
        .iter()
        .position(|c| c == good)
        .unwrap();
    let mut sums: Vec<(Quarter, f64, f64)> = Vec::new();
    for row in record.rows.end_use.rows() {
        if row.state.index() != state || row.commodity.index() != good {
            continue;
        }
        if sums.last().is_none_or(|last| last.0 != row.quarter) {
            sums.push((row.quarter, 0.0, 0.0));
        }
        let last = sums.last_mut().unwrap();
        last.1 += row.demand_t;
        last.2 += (row.demand_t - row.served_t).max(0.0);
    }
    sums.into_iter()
        .map(|(quarter, demand, unmet)| (quarter, unmet / demand))
        .collect()
}
