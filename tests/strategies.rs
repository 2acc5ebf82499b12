//! Strategies that react, in the whole world: retaliation, de-escalation, exempt friends, blocs that follow, answers to a shortage.

#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking; its helpers are no test functions to the lint"
)]

use monazite::config::{self, Loaded, Scenario, Strategy, strategy::Assigned};
use monazite::domain::{
    actors::PolicyBook, graph::Stage, ids::StateId, layout::Layout, policy::Instrument,
    time::Quarter,
};
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

/// A shipped scenario with nothing uncertain, up to a quarter.
fn shipped(file: &str, end: &str) -> Scenario {
    match config::load(Path::new(file), &[]) {
        Ok(Loaded::Scenario(mut scenario)) => {
            scenario.uncertainty.clear();
            scenario.end = q(end);
            *scenario
        }
        Ok(_) => panic!("{file} is no scenario"),
        Err(report) => panic!("{report}"),
    }
}

/// Events and quarters of a measure.
fn turns(record: &RunRecord, state: &str, measure: &str) -> String {
    let turns = story(record, state, measure).into_iter();
    let turns: Vec<String> = turns
        .map(|(quarter, event, _)| format!("{} {quarter}", event.word()))
        .collect();
    turns.join(", ")
}

#[test]
fn tit_for_tat_ends_if_one_side_rests_for_long_enough() {
    let mut scenario = shipped("configs/scenarios/tit_for_tat.ron", "2032Q4");
    let record = run(&scenario);
    // The licence is announced in 2026Q1. Each answers one quarter after it has seen the move of the other.
    assert_eq!(
        turns(&record, "US", "answer"),
        "announced 2026Q2, effective 2026Q3, effective 2027Q2, effective 2028Q4, lifted 2029Q2"
    );
    assert_eq!(
        turns(&record, "CN", "answer_duties"),
        "announced 2026Q3, effective 2026Q4, lifted 2028Q2"
    );
    assert_eq!(
        turns(&record, "EU", "follow"),
        "announced 2026Q3, effective 2027Q1, lifted 2029Q4"
    );
    // Malaysia keeps its ore from the side that restricts, and from that side only.
    let ore = story(&record, "MY", "ore_stays");
    assert_eq!(ore.last().unwrap().1, PolicyEvent::Lifted, "{ore:?}");
    assert!(
        ore.iter().all(|(_, _, scope)| scope == "concentrate to CN"),
        "{ore:?}"
    );
    // A China that comes back before the others have let go keeps it alive.
    scenario.strategies["CN"].0.rules["answer_duties"].cooldown = 2;
    let restless = run(&scenario);
    let again = turns(&restless, "CN", "answer_duties");
    assert_eq!(again.matches("announced").count(), 3, "{again}");
    assert!(!turns(&restless, "US", "answer").contains("lifted"));
}

/// A state's strategy from a shipped file, in the baseline.
fn with_strategy(state: &str, file: &str, end: &str) -> Scenario {
    let mut scenario = shipped("configs/baseline.ron", end);
    match config::load(Path::new(file), &[]) {
        Ok(Loaded::Strategy(strategy)) => {
            scenario
                .strategies
                .insert(state.to_owned(), Assigned(*strategy));
        }
        other => panic!("{file} is no strategy: {other:?}"),
    }
    scenario
}

/// Share of a state in world output at the stage of separation.
fn separation(record: &RunRecord, state: &str, at: Quarter) -> f64 {
    let state = record.names.state(state).unwrap();
    let (mut own, mut all) = (0.0, 0.0);
    for row in record
        .rows
        .stage
        .rows()
        .filter(|r| r.quarter == at && r.stage == Stage::Separation)
    {
        all += row.production_t;
        if row.host.index() == state {
            own += row.production_t;
        }
    }
    own / all
}

#[test]
fn leverage_is_used_until_it_costs_share() {
    let mut scenario = with_strategy("CN", "configs/strategies/cn_leverage.ron", "2036Q4");
    scenario.policy.observation_error = 0.0;
    let record = run(&scenario);
    let licence = story(&record, "CN", "licence");
    let events: Vec<PolicyEvent> = licence.iter().map(|(_, event, _)| *event).collect();
    let tightened = [
        PolicyEvent::Announced,
        PolicyEvent::Effective,
        PolicyEvent::Effective,
        PolicyEvent::Effective,
    ];
    assert_eq!(events[..4], tightened, "{licence:?}");
    assert!(
        licence[3].2.contains("ndfeb_hc") && !licence[2].2.contains("ndfeb_hc"),
        "{licence:?}"
    );
    assert!(
        !licence[0].2.contains("RU"),
        "a friend is licensed freely: {licence:?}"
    );
    // The first step back comes once four points have been lost for two quarters, as the quarter before tells.
    let back = q(&licence[4].0);
    let lost = |at: Quarter| separation(&record, "CN", q("2024Q1")) - separation(&record, "CN", at);
    assert!(!licence[4].2.contains("ndfeb_hc"), "{licence:?}");
    assert!(
        lost(back.plus(-1)) > 0.03 && lost(back.plus(-1)) < 0.06,
        "{}",
        lost(back.plus(-1))
    );
    assert!(lost(back.plus(-8)) < lost(back.plus(-1)));
}

#[test]
fn a_production_quota_has_a_motive_and_moves_by_a_tenth_a_year_at_most() {
    let ceilings = |leverage: f64| -> Vec<f64> {
        let mut scenario = shipped("configs/baseline.ron", "2032Q4");
        let quota = &mut scenario.strategies["CN"].0.calendar["quota_light"].instrument;
        let Instrument::ProductionQuota {
            leverage: weight, ..
        } = quota
        else {
            panic!("no quota")
        };
        *weight = leverage;
        let mut simulation = world::build(&scenario, 1).unwrap();
        let china = StateId::from_index(
            simulation
                .world
                .resource::<Layout>()
                .state_named("CN")
                .unwrap()
                .index(),
        );
        let mut ceilings = Vec::new();
        for _ in 0..scenario.quarters() {
            simulation.step().unwrap();
            let mut books = simulation.world.query::<(&StateId, &PolicyBook)>();
            let (_, book) = books
                .iter(&simulation.world)
                .find(|(s, _)| **s == china)
                .unwrap();
            let quota = book.0.iter().find(|m| m.name == "quota_light").unwrap();
            ceilings.push(quota.yearly.unwrap());
        }
        ceilings
    };
    let (income, power) = (ceilings(0.0), ceilings(1.0));
    for path in [&income, &power] {
        for (quarter, pair) in path.windows(2).enumerate() {
            let change = pair[1] / pair[0] - 1.0;
            assert!(change.abs() <= 0.1 + 1e-9, "{change} in quarter {quarter}");
            // Set in the first quarter of a year and left alone until the next.
            assert!(
                change == 0.0 || (quarter + 1) % 4 == 0,
                "{change} in quarter {quarter}"
            );
        }
    }
    // The first ceiling is the same; the motive shows from the first year on.
    assert_eq!(income[0], power[0]);
    assert_ne!(income[4], power[4]);
}

#[test]
fn a_rule_that_does_not_act_changes_nothing() {
    let plain = run(&scenario(&[]));
    let bits = |record: &RunRecord| -> Vec<u64> {
        let rows = record.rows.market.rows();
        rows.map(|row| row.price_usd_per_kg.to_bits()).collect()
    };
    for (state, what) in [
        ("US", r#"Tariff(of: ["magnet"], rate: 0.3)"#),
        (
            "CN",
            r#"ExportLicence(of: ["magnet", "oxide"], to: ["@all_but_friends"], share: 0.3)"#,
        ),
        ("CN", r#"Embargo(of: ["dy_oxide"], to: ["JP"])"#),
        ("CN", r#"ExportQuota(of: ["oxide"], tonnes_per_year: 100)"#),
        (
            "EU",
            r#"Stockpile(of: ["dy_oxide"], cover_days: 90, fill_quarters: 4, release_above: 1.5)"#,
        ),
    ] {
        let rule = format!("rules: {{\"idle\": (when: Restricted(by: [\"JP\"]), then: {what})}}");
        let idle = run(&scenario(&[(state, &rule)]));
        assert!(story(&idle, state, "idle").is_empty(), "{what}");
        assert!(bits(&plain) == bits(&idle), "{what}");
    }
}
