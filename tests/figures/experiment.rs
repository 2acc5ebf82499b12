//! Invented tables of experiments: strategies with their regret, assumptions with what they move, and a game.

use super::Shape;
use super::rows::draw;
use monazite::record::table::{Column, Table};

fn words(rows: impl Iterator<Item = String>) -> Column {
    let rows: Vec<String> = rows.collect();
    Column::words(rows.iter().map(String::as_str))
}

/// Eight strategies, six measures.
pub fn strategies() -> Table {
    let arms = [
        "No reply",
        "Joint stockpile",
        "Allied price floor",
        "Recycling mandate",
        "Buyers’ club",
        "Tariffs on magnets and everything that has a magnet inside",
        "Friend-shoring credit",
        "Retaliation",
    ];
    let metrics = [
        ("shortage_peak_pct", "%", 12.0),
        ("shortage_quarters", "quarters", 8.0),
        ("consumer_loss_usd", "USD 2024", 19.0e9),
        ("public_cost_usd", "USD 2024", 9.0e9),
        ("unmet_defence_t", "t", 180.0),
        ("hhi_host_separation", "0 to 1", 0.2),
        ("midstream_jobs", "persons", 2_300.0),
    ];
    let cells =
        || (0..metrics.len() as u64).flat_map(move |m| (0..arms.len() as u64).map(move |a| (m, a)));
    let regret: Vec<f64> = cells()
        .map(|(m, a)| {
            let best = a == (m * 3) % 8;
            if best {
                0.0
            } else {
                metrics[m as usize].2 * (0.5 + 0.5 * draw(m + 40, a)).max(0.01)
            }
        })
        .collect();
    let mut table = Table::new("strategies");
    table.push(
        "metric",
        words(cells().map(|(m, _)| metrics[m as usize].0.to_owned())),
    );
    table.push(
        "arm",
        words(cells().map(|(_, a)| arms[a as usize].to_owned())),
    );
    table.push(
        "unit",
        words(cells().map(|(m, _)| metrics[m as usize].1.to_owned())),
    );
    table.push("regret_mean", Column::F64(regret));
    table.push("n", Column::U32(vec![32; metrics.len() * arms.len()]));
    table
}

/// Assumptions and what they do to the peak shortage: indices of variance, or elementary effects in the calm case.
pub fn drivers(shape: Shape) -> Table {
    let assumptions = [
        ("demand.magnets.elasticity", -0.6, -0.2, 7.6, 17.9),
        ("projects.kalgoorlie.delay_quarters", 0.0, 8.0, 9.1, 16.4),
        (
            "trade.leakage_through_third_countries",
            0.0,
            0.25,
            14.6,
            8.3,
        ),
        ("stocks.firms.cover_days", 30.0, 120.0, 14.9, 10.0),
        ("substitution.thrift_dysprosium", 0.01, 0.06, 13.9, 10.2),
        ("expectation.trend_share", 0.15, 0.45, 11.9, 12.4),
    ];
    let n = assumptions.len();
    let mut table = Table::new("drivers");
    table.push(
        "metric",
        words((0..n).map(|_| "shortage_peak_pct".to_owned())),
    );
    table.push("unit", words((0..n).map(|_| "%".to_owned())));
    table.push(
        "assumption",
        words(assumptions.iter().map(|a| a.0.to_owned())),
    );
    table.push("mean", Column::F64(vec![12.1; n]));
    let column = |of: &dyn Fn(usize) -> f64| Column::F64((0..n).map(of).collect());
    table.push("low_value", column(&|k| assumptions[k].1));
    table.push("high_value", column(&|k| assumptions[k].2));
    table.push("low_mean", column(&|k| assumptions[k].3));
    table.push("high_mean", column(&|k| assumptions[k].4));
    table.push(
        "clear",
        Column::U32((0..n).map(|k| u32::from(k < 5)).collect()),
    );
    let method = if shape.policies { "sobol" } else { "morris" };
    table.push("method", words((0..n).map(|_| method.to_owned())));
    let size = if shape.policies { 0.42 } else { 10.0 };
    let first = move |k: usize| size / (k + 1) as f64;
    table.push("first", column(&first));
    table.push("first_low", column(&|k| first(k) - 0.1 * size));
    table.push("first_high", column(&|k| first(k) + 0.1 * size));
    table.push("total", column(&|k| 1.2 * first(k)));
    // where there are too few samples, an interval is not defined
    table.push(
        "total_low",
        column(&|k| if k == 3 { f64::NAN } else { 1.1 * first(k) }),
    );
    table.push(
        "total_high",
        column(&|k| if k == 3 { f64::NAN } else { 1.4 * first(k) }),
    );
    table.push("samples", Column::U32(vec![256; n]));
    table.push("n", Column::U32(vec![2_048; n]));
    table
}

/// Three states with three, two and two strategies; two players without policies.
pub fn payoffs(shape: Shape) -> Table {
    let mut players = vec![
        ("CN", vec!["as_is", "cn_leverage", "cn_tit_for_tat"]),
        ("US", vec!["as_is", "us_friendshoring"]),
    ];
    if shape.policies {
        players.push(("EU", vec!["as_is", "eu_crma"]));
    }
    let mut profiles: Vec<Vec<usize>> = vec![Vec::new()];
    for (_, strategies) in &players {
        profiles = profiles
            .iter()
            .flat_map(|head| (0..strategies.len()).map(move |k| [head.as_slice(), &[k]].concat()))
            .collect();
    }
    let rows: Vec<(usize, usize)> = (0..profiles.len())
        .flat_map(|profile| (0..players.len()).map(move |player| (profile, player)))
        .collect();
    let stays = |profile: usize| profile == 1;
    let mut table = Table::new("payoffs");
    let name = |profile: usize| {
        let parts: Vec<String> = players
            .iter()
            .zip(&profiles[profile])
            .map(|((state, strategies), choice)| format!("{state} {}", strategies[*choice]))
            .collect();
        parts.join(", ")
    };
    table.push("profile", words(rows.iter().map(|(p, _)| name(*p))));
    table.push(
        "player",
        words(rows.iter().map(|(_, k)| players[*k].0.to_owned())),
    );
    table.push(
        "strategy",
        words(
            rows.iter()
                .map(|(p, k)| players[*k].1[profiles[*p][*k]].to_owned()),
        ),
    );
    let payoff = |(p, k): &(usize, usize)| 30.0 * draw(*p as u64, *k as u64);
    table.push("payoff", Column::F64(rows.iter().map(payoff).collect()));
    let gain = |(p, k): &(usize, usize)| {
        if stays(*p) || (p + k) % 3 == 0 {
            0.0
        } else {
            1.5
        }
    };
    table.push("gain", Column::F64(rows.iter().map(gain).collect()));
    let equilibrium = |(p, _): &(usize, usize)| u32::from(stays(*p));
    table.push(
        "equilibrium",
        Column::U32(rows.iter().map(equilibrium).collect()),
    );
    let share = |(p, _): &(usize, usize)| if stays(*p) { 0.87 } else { 0.02 };
    table.push(
        "equilibrium_share",
        Column::F64(rows.iter().map(share).collect()),
    );
    table.push("n", Column::U32(vec![32; rows.len()]));
    table
}
