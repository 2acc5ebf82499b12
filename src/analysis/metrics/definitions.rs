//! The list of metrics and how each is computed.
//!
//! Conventions: *first year* and *last year* are the first and last four quarters of the record. Goods are added up by
//! value at the prices of the first year, so that a tonne of lanthanum does not hide a tonne of dysprosium. What never
//! happens (no shortage, no recovery) counts as the length of the record, a lower bound, so that paired differences stay
//! defined.

use super::{
    Better::{Higher, Lower, Neither},
    Compute::{Of, States, Venues, World, WorldAndStates},
    Metric, Reading,
};
use crate::{
    analysis::{concentration::hhi, interval::mean, network::betweenness},
    domain::graph::Stage,
};

/// Share of demand not served above which a quarter counts as one of shortage.
pub const SHORTAGE_THRESHOLD: f64 = 0.05;

/// Year whose shares are held against the benchmarks of the EU's Critical Raw Materials Act (Regulation 2024/1252).
const CRMA_YEAR: i32 = 2030;

/// The producer whose share the metrics with its name follow, and the buyer to which the Act applies.
const CHINA: &str = "CN";
const EU: &str = "EU";

/// Every metric.
pub const METRICS: &[Metric] = &[
    Metric {
        name: "shortage_peak_pct",
        unit: "%",
        meaning: "Largest share of demand that went unserved in a quarter, by value at first-year prices; in brackets, of a state.",
        better: Lower,
        compute: WorldAndStates(|run, state| {
            100.0 * peak(&run.shortage(state)).map_or(0.0, |(_, share)| share)
        }),
    },
    Metric {
        name: "shortage_quarters",
        unit: "quarters",
        meaning: "Quarters in which more than 5% of demand went unserved.",
        better: Lower,
        compute: WorldAndStates(|run, state| {
            run.shortage(state)
                .iter()
                .filter(|&&share| share > SHORTAGE_THRESHOLD)
                .count() as f64
        }),
    },
    Metric {
        name: "time_to_shortage_q",
        unit: "quarters",
        meaning: "Quarters from the start to the first quarter of shortage; the length of the record if there is none.",
        better: Higher,
        compute: WorldAndStates(|run, state| time_to_shortage(&run.shortage(state)) as f64),
    },
    Metric {
        name: "time_to_recover_q",
        unit: "quarters",
        meaning: "Quarters from the worst quarter of shortage to the first one after it without; to the end of the record if it lasts; 0 without shortage.",
        better: Lower,
        compute: WorldAndStates(|run, state| time_to_recover(&run.shortage(state)) as f64),
    },
    Metric {
        name: "resilience_loss",
        unit: "quarters of demand",
        meaning: "Unserved share of demand summed over the quarters of shortage: the area of the resilience triangle (Bruneau et al. 2003).",
        better: Lower,
        compute: WorldAndStates(|run, state| {
            run.shortage(state)
                .iter()
                .filter(|&&share| share > SHORTAGE_THRESHOLD)
                .sum()
        }),
    },
    Metric {
        name: "unmet_defence_t",
        unit: "t",
        meaning: "Demand of sectors with a defence rating that went unserved over the run, t of goods.",
        better: Lower,
        compute: WorldAndStates(|run, state| run.unmet_defence(state)),
    },
    Metric {
        name: "price_peak_ratio",
        unit: "1",
        meaning: "Highest quarterly price over the mean of the first year.",
        better: Lower,
        compute: Venues(|run, commodity, state| {
            let prices = run.prices(commodity, state);
            peak(prices).map_or(f64::NAN, |(_, price)| price) / mean(&prices[..prices.len().min(4)])
        }),
    },
    Metric {
        name: "price_mean",
        unit: "USD 2024/kg",
        meaning: "Mean marginal price over the run.",
        better: Lower,
        compute: Venues(|run, commodity, state| mean(run.prices(commodity, state))),
    },
    Metric {
        name: "consumer_loss_usd",
        unit: "USD 2024",
        meaning: "Consumer surplus lost over the run against the reference prices.",
        better: Lower,
        compute: WorldAndStates(|run, state| run.consumer_loss(state)),
    },
    Metric {
        name: "public_cost_usd",
        unit: "USD 2024",
        meaning: "Public cost of all instruments over the run.",
        better: Lower,
        compute: WorldAndStates(|run, state| {
            let rows = run
                .rows()
                .state
                .rows()
                .filter(|row| is(state, row.state.index()));
            rows.map(|row| row.public_cost_usd).sum()
        }),
    },
    Metric {
        name: "china_share_mine",
        unit: "share",
        meaning: "China's share of the world's mine output in the last year, by host.",
        better: Neither,
        compute: Of(CHINA, |run, state| {
            share_of(&hosted(run, Stage::Mine), state)
        }),
    },
    Metric {
        name: "china_share_separation",
        unit: "share",
        meaning: "China's share of the world's separation in the last year, by host.",
        better: Neither,
        compute: Of(CHINA, |run, state| {
            share_of(&hosted(run, Stage::Separation), state)
        }),
    },
    Metric {
        name: "china_share_magnet",
        unit: "share",
        meaning: "China's share of the world's magnet making in the last year, by host.",
        better: Neither,
        compute: Of(CHINA, |run, state| {
            share_of(&hosted(run, Stage::Magnet), state)
        }),
    },
    Metric {
        name: "hhi_host_separation",
        unit: "0 to 1",
        meaning: "Herfindahl index of separation in the last year by host state.",
        better: Lower,
        compute: World(|run| hhi(&hosted(run, Stage::Separation))),
    },
    Metric {
        name: "hhi_owner_separation",
        unit: "0 to 1",
        meaning: "Herfindahl index of separation in the last year by home state of the owner.",
        better: Lower,
        compute: World(|run| hhi(&run.output_by(Stage::Separation, |row| row.owner.index()))),
    },
    Metric {
        name: "import_reliance",
        unit: "share",
        meaning: "Net imports over use by value, mean of the last year.",
        better: Lower,
        compute: States(|run, state| last_year_mean(run, state, |row| row.import_reliance)),
    },
    Metric {
        name: "crma_extraction",
        unit: "share",
        meaning: "EU mine output over EU consumption (t REO in end uses) in 2030, or the last year if the record does not cover 2030; benchmark 0.10.",
        better: Higher,
        compute: Of(EU, |run, state| crma(run, state, Stage::Mine)),
    },
    Metric {
        name: "crma_processing",
        unit: "share",
        meaning: "EU separation over EU consumption (t REO in end uses) in 2030, or the last year; benchmark 0.40.",
        better: Higher,
        compute: Of(EU, |run, state| crma(run, state, Stage::Separation)),
    },
    Metric {
        name: "crma_recycling",
        unit: "share",
        meaning: "EU recycling over EU consumption (t REO in end uses) in 2030, or the last year; benchmark 0.25.",
        better: Higher,
        compute: Of(EU, |run, state| crma(run, state, Stage::Recycling)),
    },
    Metric {
        name: "asean_value_added_usd",
        unit: "USD 2024",
        meaning: "Value added of all stages hosted in ASEAN over the run.",
        better: Higher,
        compute: World(|run| {
            let rows = run
                .rows()
                .stage
                .rows()
                .filter(|row| run.names().asean[row.host.index()]);
            rows.map(|row| row.value_added_usd).sum()
        }),
    },
    Metric {
        name: "asean_centrality",
        unit: "0 to 1",
        meaning: "Betweenness of ASEAN, taken as one, in the trade network of the last year; the length of a link is 1 / value traded.",
        better: Higher,
        compute: World(|run| {
            betweenness(&trade_with_asean_as_one(run))
                .first()
                .copied()
                .unwrap_or(f64::NAN)
        }),
    },
    Metric {
        name: "hub_or_pawn",
        unit: "0 to 1",
        meaning: "ASEAN's share of the chain's value added in the last year, less profits of foreign owners, times the diversity of its partners (1 - HHI of trade by value): near 0 a pawn.",
        better: Higher,
        compute: World(hub_or_pawn),
    },
    Metric {
        name: "midstream_jobs",
        unit: "persons",
        meaning: "People in separation and metal making, mean of the last year: in ASEAN; in brackets, in a state.",
        better: Higher,
        compute: WorldAndStates(midstream_jobs),
    },
    Metric {
        name: "restrictor_lost_share",
        unit: "share",
        meaning: "Share of the other states' use that the state's exports covered in the first year, less that in the last, by value at first-year prices: what restricting exports costs the restrictor.",
        better: Neither,
        compute: States(|run, state| {
            let [first, last] = run.supply_share(state);
            first - last
        }),
    },
    Metric {
        name: "damage_usd",
        unit: "USD 2024",
        meaning: "Environmental damage of mining and separation over the run.",
        better: Lower,
        compute: World(|run| run.rows().state.damage_usd.iter().sum()),
    },
    Metric {
        name: "capability_separation",
        unit: "0 to 1",
        meaning: "Capability in separation, mean of the last year.",
        better: Higher,
        compute: States(|run, state| last_year_mean(run, state, |row| row.capability_separation)),
    },
];

/// Whether a row's state is the one asked for; every one if none is.
fn is(asked: Option<usize>, state: usize) -> bool {
    asked.is_none_or(|asked| asked == state)
}

/// Position and size of the largest value; the first of equals. `None` if there is none.
fn peak(values: &[f64]) -> Option<(usize, f64)> {
    let largest =
        |best: (usize, f64), next: (usize, f64)| if next.1 > best.1 { next } else { best };
    values.iter().copied().enumerate().reduce(largest)
}

fn time_to_shortage(shortage: &[f64]) -> usize {
    shortage
        .iter()
        .position(|&share| share > SHORTAGE_THRESHOLD)
        .unwrap_or(shortage.len())
}

fn time_to_recover(shortage: &[f64]) -> usize {
    match peak(shortage) {
        Some((worst, share)) if share > SHORTAGE_THRESHOLD => {
            let after = &shortage[worst..];
            after
                .iter()
                .position(|&share| share <= SHORTAGE_THRESHOLD)
                .unwrap_or(after.len())
        }
        _ => 0,
    }
}

fn hosted(run: &Reading, stage: Stage) -> Vec<f64> {
    run.output_by(stage, |row| row.host.index())
}

/// Share of one holder; NaN if nobody holds anything.
fn share_of(amounts: &[f64], holder: usize) -> f64 {
    amounts[holder] / amounts.iter().sum::<f64>()
}

fn last_year_mean(
    run: &Reading,
    state: usize,
    value: impl Fn(&crate::record::row::StateRow) -> f64,
) -> f64 {
    let rows = run.rows().state.rows();
    let values: Vec<f64> = rows
        .filter(|row| row.state.index() == state && run.in_last_year(row.quarter))
        .map(|row| value(&row))
        .collect();
    mean(&values)
}

fn crma(run: &Reading, state: usize, stage: Stage) -> f64 {
    let within = |quarter| run.in_year(CRMA_YEAR, quarter);
    let output = run.stage_sum(stage, within, |row| {
        if row.host.index() == state {
            row.production_t
        } else {
            0.0
        }
    });
    let uses = run
        .rows()
        .end_use
        .rows()
        .filter(|row| row.state.index() == state && within(row.quarter));
    let consumption: f64 = uses
        .map(|row| row.served_t * run.names().reo_per_t[row.commodity.index()])
        .sum();
    output / consumption
}

/// Value traded in the last year, with ASEAN as node 0 and the other states after it.
fn trade_with_asean_as_one(run: &Reading) -> Vec<Vec<f64>> {
    let mut node = Vec::new();
    let mut nodes = 1;
    for &member in &run.names().asean {
        node.push(if member { 0 } else { nodes });
        nodes += usize::from(!member);
    }
    let mut flow = vec![vec![0.0; nodes]; nodes];
    for row in run
        .rows()
        .trade
        .rows()
        .filter(|row| run.in_last_year(row.quarter))
    {
        let (from, to) = (node[row.exporter.index()], node[row.importer.index()]);
        if from != to {
            flow[from][to] += row.value_usd;
        }
    }
    flow
}

fn hub_or_pawn(run: &Reading) -> f64 {
    let asean = &run.names().asean;
    let (mut kept, mut world) = (0.0, 0.0);
    for row in run
        .rows()
        .stage
        .rows()
        .filter(|row| run.in_last_year(row.quarter))
    {
        world += row.value_added_usd;
        if asean[row.host.index()] {
            let abroad = if asean[row.owner.index()] {
                0.0
            } else {
                row.profit_usd.max(0.0)
            };
            kept += row.value_added_usd - abroad;
        }
    }
    let flow = trade_with_asean_as_one(run);
    let partners: Vec<f64> = (1..flow.len())
        .map(|other| flow[0][other] + flow[other][0])
        .collect();
    let diversity = 1.0 - hhi(&partners);
    (kept / world).max(0.0) * if diversity.is_nan() { 0.0 } else { diversity }
}

fn midstream_jobs(run: &Reading, state: Option<usize>) -> f64 {
    let counts = |host: usize| state.map_or(run.names().asean[host], |state| state == host);
    let jobs = |stage| {
        run.stage_sum(
            stage,
            |quarter| run.in_last_year(quarter),
            |row| {
                if counts(row.host.index()) {
                    row.jobs
                } else {
                    0.0
                }
            },
        )
    };
    (jobs(Stage::Separation) + jobs(Stage::Metal)) / run.quarters().clamp(1, 4) as f64
}
