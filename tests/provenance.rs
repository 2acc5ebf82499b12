//! Open and qualified sides in the whole world: rules not in force change nothing, a ban lifts the qualified price above the open one, a
//! credit does so within bounds, and the books close throughout.

use monazite::config::{self, Loaded, Scenario};
use monazite::domain::{
    exchange::{Books, Trading},
    graph::Form,
    layout::Layout,
    policy::{Instrument, Measure, Reach, UseClass},
    time::Quarter,
};
use monazite::engine::simulation::Simulation;
use monazite::record::RunRecord;
use monazite::world;
use std::path::Path;

fn quarter(text: &str) -> Quarter {
    text.parse().expect("a quarter")
}

/// The baseline up to a quarter, with nothing uncertain but the draws of firms, noise and delays, and without rules of origin.
fn until(end: &str) -> Scenario {
    let mut scenario = match config::load(Path::new("configs/baseline.ron"), &[]) {
        Ok(Loaded::Scenario(scenario)) => *scenario,
        Ok(_) => panic!("the baseline is a scenario"),
        Err(report) => panic!("{report}"),
    };
    scenario.uncertainty.clear();
    scenario.end = quarter(end);
    for (_, strategy) in &mut scenario.strategies {
        strategy
            .0
            .calendar
            .retain(|_, measure| !matches!(measure.instrument, Instrument::OriginRule { .. }));
    }
    scenario
}

/// A rule of the United States on magnets from China.
fn rule(uses: UseClass, credit: f64) -> Instrument {
    Instrument::OriginRule {
        of: vec!["magnet".into()],
        from: vec!["CN".into()],
        owners: true,
        uses,
        sectors: vec![],
        credit,
    }
}

fn enact(scenario: &mut Scenario, state: &str, from: &str, instrument: Instrument) {
    let measure = Measure {
        announced: None,
        from: quarter(from),
        until: None,
        instrument,
    };
    let calendar = &mut scenario
        .strategies
        .get_mut(state)
        .expect("a state with a strategy")
        .0
        .calendar;
    calendar.insert(format!("provenance_{}", calendar.len()), measure);
}

/// Licences of China on magnets, metals and oxides for as much as is usual and more, but for some classes of use.
fn licence(refuse: &[UseClass]) -> Instrument {
    Instrument::ExportLicence {
        of: vec!["magnet".into(), "metal".into()],
        to: vec![],
        share: 2.0,
        delay: 0,
        refuse: refuse.to_vec(),
        no_stocking: false,
    }
}

/// Mean over venues of what the rows of some quarters say, and their number.
struct Seen<'a>(&'a RunRecord);

impl Seen<'_> {
    fn of(simulation: &Simulation) -> Seen<'_> {
        Seen(simulation.world.resource::<RunRecord>())
    }

    /// Premium of the qualified side, weighted by what is used there, over all goods of a kind.
    fn premium(&self, from: &str, to: &str, goods: &[&str], states: &[&str]) -> f64 {
        let (from, to) = (quarter(from), quarter(to));
        let names = &self.0.names;
        let (mut sum, mut weight) = (0.0, 0.0);
        for row in self.0.rows.market.rows() {
            let good = &names.commodities[row.commodity.index()].as_str();
            let state = &names.states[row.state.index()].as_str();
            if row.quarter >= from
                && row.quarter <= to
                && goods.contains(good)
                && states.contains(state)
                && row.qualified_premium.is_finite()
            {
                sum += row.qualified_premium * row.qualified_use_t;
                weight += row.qualified_use_t;
            }
        }
        sum / weight
    }

    /// Share of the demand of rated users of magnets that is served.
    fn rated_served(&self, from: &str, to: &str, states: &[&str]) -> f64 {
        let (from, to) = (quarter(from), quarter(to));
        let names = &self.0.names;
        let rows = self.0.rows.end_use.rows().filter(|row| {
            row.quarter >= from
                && row.quarter <= to
                && names.rated[row.sector.index()]
                && names.forms[row.commodity.index()] == Form::Magnet
                && states.contains(&names.states[row.state.index()].as_str())
        });
        let (mut demand, mut served) = (0.0, 0.0);
        for row in rows {
            demand += row.demand_t;
            served += row.served_t;
        }
        served / demand
    }

    fn cost(&self, measure: &str) -> f64 {
        let rows = self.0.rows.policy.rows();
        rows.filter(|row| self.0.texts.text(row.measure).starts_with(measure))
            .map(|row| row.public_cost_usd)
            .sum()
    }
}

const MAGNETS: [&str; 3] = ["ndfeb_hc", "ndfeb_std", "smco"];

/// Largest difference of log prices on the open sides of two worlds, of which the second may have more venues, where at least `least`
/// t a quarter are drawn.
fn apart(one: &Simulation, two: &Simulation, least: f64) -> f64 {
    let price = |s: &Simulation| s.world.resource::<Trading>().cleared.log_price.clone();
    let books = one.world.resource::<Books>();
    price(one)
        .iter()
        .zip(price(two))
        .enumerate()
        .filter(|(v, _)| books.used[*v] >= least)
        .map(|(_, (a, b))| (a - b).abs())
        .fold(0.0, f64::max)
}

#[test]
fn a_rule_not_yet_in_force_changes_nothing() {
    for reach in [Reach::Magnet, Reach::Metal, Reach::Chain] {
        let mut scenario = until("2025Q4");
        let without = run(&scenario, 1);
        scenario.provenance.from = reach;
        enact(&mut scenario, "US", "2035Q1", rule(UseClass::Rated, 0.0));
        enact(&mut scenario, "EU", "2035Q1", rule(UseClass::Civil, 0.3));
        let with = run(&scenario, 1);
        let off = apart(&without, &with, 0.0);
        println!("{reach:?}: prices {off:.1e} apart in logs");
        assert!(with.world.resource::<Layout>().sides.exist());
        assert!(off < 1e-6, "{reach:?}: {off:e}");
    }
    let mut scenario = until("2024Q2");
    scenario.provenance.from = Reach::Off;
    enact(&mut scenario, "US", "2020Q1", rule(UseClass::Rated, 0.0));
    assert!(!run(&scenario, 1).world.resource::<Layout>().sides.exist());
}

#[test]
fn a_standing_rule_leaves_the_settled_start_where_it_is() {
    let mut scenario = until("2024Q1");
    let without = run(&scenario, 1);
    enact(&mut scenario, "US", "2019Q2", rule(UseClass::Rated, 0.0));
    let with = run(&scenario, 1);
    let premium = Seen::of(&with).premium("2024Q1", "2024Q1", &MAGNETS, &["US"]);
    let off = apart(&without, &with, 5.0);
    println!("premium {premium:+.4}, open prices {off:.4} apart");
    assert!(premium.abs() < 0.02, "{premium}");
    assert!(off < 0.05, "{off}");
}

#[test]
fn a_licence_that_refuses_defence_splits_the_price() {
    let allies = ["US", "EU", "JP", "KR"];
    for seed in [1, 2] {
        let mut scenario = until("2028Q4");
        let mut without = scenario.clone();
        enact(&mut without, "CN", "2025Q1", licence(&[]));
        enact(&mut scenario, "CN", "2025Q1", licence(&[UseClass::Rated]));
        let (with, without) = (run(&scenario, seed), run(&without, seed));
        let (with, without) = (Seen::of(&with), Seen::of(&without));
        let path: Vec<f64> = (2025..2029)
            .map(|y| with.premium(&format!("{y}Q1"), &format!("{y}Q4"), &MAGNETS, &allies))
            .collect();
        let served = |seen: &Seen| seen.rated_served("2025Q1", "2026Q4", &allies);
        println!(
            "seed {seed}: premium by year {path:.3?}; rated users served {:.4} against {:.4}",
            served(&with),
            served(&without)
        );
        assert!(path[0].max(path[1]) > 0.01, "{path:?}");
        assert!(served(&with) < served(&without));
        assert!(
            without
                .premium("2025Q1", "2026Q4", &MAGNETS, &allies)
                .is_nan()
        );
    }
}

#[test]
fn a_lost_credit_is_an_exit_not_a_ban() {
    let mut scenario = until("2030Q4");
    for state in ["US", "EU"] {
        enact(&mut scenario, state, "2025Q1", rule(UseClass::Civil, 0.3));
    }
    let with = run(&scenario, 1);
    let seen = Seen::of(&with);
    let names = &seen.0.names;
    let mut highest: f64 = 0.0;
    let mut first = std::collections::BTreeMap::new();
    for row in seen.0.rows.market.rows() {
        let key = (row.state, row.commodity);
        let start = *first.entry(key).or_insert(row.price_usd_per_kg);
        if row.qualified_premium.is_finite() && names.forms[row.commodity.index()] == Form::Magnet {
            let qualified = row.price_usd_per_kg * (1.0 + row.qualified_premium);
            highest = highest.max(qualified / start);
        }
    }
    let early = seen.premium("2025Q1", "2025Q4", &MAGNETS, &["US", "EU"]);
    let late = seen.premium("2030Q1", "2030Q4", &MAGNETS, &["US", "EU"]);
    let cost = seen.cost("provenance");
    println!(
        "qualified magnets at most x{highest:.2}; premium {early:.3} then {late:.3}; credits {:.1} million",
        cost / 1e6
    );
    assert!(highest < 3.0, "{highest}");
    assert!(early > 0.01);
    assert!(late < early, "capacity follows: {early} then {late}");
    assert!(cost > 0.0);
}

#[test]
fn a_rule_that_lapses_leaves_one_side() {
    let mut scenario = until("2027Q4");
    let without = run(&scenario, 1);
    enact(&mut scenario, "US", "2025Q1", rule(UseClass::Rated, 0.0));
    for (_, measure) in &mut scenario.strategies["US"].0.calendar {
        if matches!(measure.instrument, Instrument::OriginRule { .. }) {
            measure.until = Some(quarter("2026Q2"));
        }
    }
    let with = run(&scenario, 1);
    let seen = Seen::of(&with);
    assert!(
        seen.premium("2026Q2", "2026Q2", &MAGNETS, &["US"])
            .is_finite()
    );
    assert!(seen.premium("2026Q3", "2027Q4", &MAGNETS, &["US"]).is_nan());
    let off = apart(&without, &with, 5.0);
    println!("prices {off:.3} apart six quarters after the end");
    assert!(off < 0.05, "{off}");
}

#[test]
fn the_whole_chain_on_request_and_the_same_bytes_twice() {
    let mut scenario = until("2026Q4");
    scenario.provenance.from = Reach::Chain;
    enact(&mut scenario, "US", "2019Q2", rule(UseClass::Rated, 0.0));
    enact(&mut scenario, "EU", "2025Q3", rule(UseClass::Civil, 0.2));
    let (one, two) = (run(&scenario, 2), run(&scenario, 2));
    let bits = |s: &Simulation| -> Vec<u64> {
        let prices = &s.world.resource::<Trading>().cleared.log_price;
        prices.iter().map(|x| x.to_bits()).collect()
    };
    assert_eq!(bits(&one), bits(&two));
}

fn run(scenario: &Scenario, seed: u64) -> Simulation {
    let mut simulation =
        world::build(scenario, seed).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
    simulation
        .run()
        .unwrap_or_else(|e| panic!("seed {seed}: {e}"));
    simulation
}
