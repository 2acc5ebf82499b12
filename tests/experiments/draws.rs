//! Common random numbers: arms under one seed meet the same draws, so that differences are of the arms.

use monazite::{
    analysis::{interval, metrics},
    config::{self, Loaded, Scenario},
    experiment::{design::Points, simulate::Simulator},
    record::{RunRecord, table::Table},
};
use std::{collections::BTreeMap, path::Path};

fn baseline(sets: &[&str]) -> Scenario {
    let sets: Vec<_> = sets
        .iter()
        .map(|set| set.parse().expect("path=value"))
        .collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs/baseline.ron");
    match config::load(&path, &sets) {
        Ok(Loaded::Scenario(scenario)) => *scenario,
        Ok(_) => panic!("a scenario"),
        Err(report) => panic!("{report}"),
    }
}

/// The baseline to some quarter, and the same with a quota from another.
fn arms(end: &str, from: &str) -> [Scenario; 2] {
    let free = baseline(&[&format!("end={end}")]);
    let mut quota = free.clone();
    let text = format!(
        "Strategy(calendar: {{\"quota\": (from: \"{from}\", instrument: ExportQuota(of: [\"dy_oxide\", \"tb_oxide\"], tonnes_per_year: 150))}})"
    );
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("quota.ron");
    std::fs::write(&path, text).expect("a file");
    let Ok(Loaded::Strategy(strategy)) = config::load(&path, &[]) else {
        panic!("a strategy")
    };
    let own = quota
        .strategies
        .get_mut("CN")
        .expect("China has a strategy");
    own.0.calendar.extend(strategy.calendar);
    [free, quota]
}

fn tables(record: &RunRecord) -> BTreeMap<String, Table> {
    let tables = record.tables(|_| true).into_iter();
    tables
        .map(|table| (table.name().to_owned(), table))
        .collect()
}

#[test]
fn quarters_before_a_policy_are_the_same_in_every_arm() {
    let [free, quota] = arms("2024Q4", "2024Q3");
    let simulator = Simulator::of_arms(&free, [&free, &quota]);
    let (one, two) = (simulator.run(0, 5).unwrap(), simulator.run(1, 5).unwrap());
    assert_eq!(one.drawn, two.drawn);
    let (one, two) = (tables(&one), tables(&two));
    let before = |table: &Table| {
        let quarter = table.text("quarter").unwrap();
        table.filter(|row| quarter.get(row) < "2024Q3")
    };
    let mut differs_later = false;
    for (name, table) in &one {
        assert_eq!(before(table), before(&two[name]), "{name}");
        differs_later |= *table != two[name];
    }
    assert!(differs_later, "the quota does something");
}

#[test]
fn an_arm_more_or_another_point_moves_no_draw() {
    let [free, quota] = arms("2024Q3", "2024Q2");
    let alone = Simulator::of_arms(&free, [&free]).run(0, 3).unwrap();
    let simulator = Simulator::of_arms(&free, [&quota, &free]);
    let beside = simulator.run(1, 3).unwrap();
    assert_eq!(alone.drawn, beside.drawn);
    assert_eq!(
        tables(&alone),
        tables(&beside),
        "the other arm changes nothing"
    );

    let path = free
        .uncertainty
        .keys()
        .find(|path| !path.contains('*') && path.contains('.'));
    let path = path.expect("a single uncertain number").clone();
    let drawn = alone
        .drawn
        .iter()
        .find(|(name, _)| *name == path)
        .expect("drawn")
        .1;
    let points = Points {
        paths: vec![path.clone()],
        values: vec![vec![drawn], vec![drawn * 1.05]],
        ..Points::one()
    };
    let simulator = Simulator::of_arms(&free, [&free]).at_points(points);
    let (same, other) = (
        simulator.run_at(0, 0, 3).unwrap(),
        simulator.run_at(0, 1, 3).unwrap(),
    );
    assert_eq!(
        tables(&alone),
        tables(&same),
        "a point at the drawn value is the draw"
    );
    assert!(
        tables(&alone) != tables(&other),
        "the point takes the place of the draw"
    );
    let others: Vec<_> = alone
        .drawn
        .iter()
        .filter(|(name, _)| *name != path)
        .cloned()
        .collect();
    assert_eq!(same.drawn, others);
    assert_eq!(other.drawn, others, "no other draw moves");
}

#[test]
fn a_plant_more_moves_no_draw_of_the_others() {
    let free = baseline(&["end=2024Q3"]);
    let mut more = free.clone();
    let firm = more
        .firms
        .values_mut()
        .find(|firm| !firm.plants.is_empty())
        .expect("a firm");
    let (name, plant) = firm
        .plants
        .iter()
        .next()
        .map(|(name, plant)| (name.clone(), plant.clone()))
        .expect("a plant");
    let mut twin = plant;
    for period in twin.periods.values_mut() {
        period.capacity_t_a *= 0.01;
    }
    firm.plants.insert(format!("{name}_twin"), twin);
    let live = |scenario: &Scenario| Simulator::of_scenario(scenario).run(0, 4).unwrap();
    let (one, two) = (live(&free), live(&more));
    assert_eq!(one.drawn, two.drawn);
    assert_eq!(tables(&one)["shock"], tables(&two)["shock"]);
    // What sectors want in the first quarter is noise times the level of the start: the noise is that of before.
    let wanted = |record: &RunRecord| -> Vec<f64> {
        let rows = record.rows.end_use.rows().filter(|row| row.demand_t > 0.0);
        rows.map(|row| row.demand_t).collect()
    };
    let (one, two) = (wanted(&one), wanted(&two));
    assert_eq!(one.len(), two.len());
    let close = one
        .iter()
        .zip(&two)
        .filter(|(a, b)| (*a - *b).abs() <= 0.02 * a.abs())
        .count();
    assert!(
        close * 10 > one.len() * 9,
        "{close} of {} demands are alike",
        one.len()
    );
}

#[test]
fn pairs_under_one_seed_differ_far_less_than_strangers() {
    const SEEDS: u32 = 8;
    let [free, quota] = arms("2026Q4", "2025Q1");
    let simulator = Simulator::of_arms(&free, [&free, &quota]);
    let measured = |arm: usize| -> Vec<Vec<metrics::Value>> {
        let run = |seed| metrics::measure(&simulator.run(arm, seed).expect("a run that ends"));
        (1..=SEEDS).map(run).collect()
    };
    let (one, two) = (measured(0), measured(1));
    let mut ratios: Vec<(f64, String)> = Vec::new();
    for (position, metric) in one[0].iter().enumerate() {
        let column = |runs: &[Vec<metrics::Value>]| {
            runs.iter()
                .map(|run| run[position].value)
                .collect::<Vec<f64>>()
        };
        let (a, b) = (column(&one), column(&two));
        let difference: Vec<f64> = a.iter().zip(&b).map(|(a, b)| b - a).collect();
        let variance = |values: &[f64]| {
            let deviation = interval::standard_deviation(values);
            deviation * deviation
        };
        let unpaired = variance(&a) + variance(&b);
        // Metrics that do not vary, or that the quota does not touch, say nothing.
        if unpaired > 0.0 && difference.iter().any(|d| *d != 0.0) {
            ratios.push((variance(&difference) / unpaired, metric.name.clone()));
        }
    }
    ratios.sort_by(|a, b| a.0.total_cmp(&b.0));
    assert!(ratios.len() > 20, "{} metrics vary", ratios.len());
    let median = ratios[ratios.len() / 2].0;
    let below = ratios.iter().filter(|(ratio, _)| *ratio < 0.5).count();
    println!(
        "paired over unpaired variance: median {median:.4}, below one half in {below} of {}",
        ratios.len()
    );
    assert!(median < 0.25, "median {median}; {ratios:?}");
    assert!(below * 3 > ratios.len() * 2, "{below} of {}", ratios.len());
}
