//! Tables that figures of experiments read, made from what the analysis computed.

use crate::analysis::compare::{Difference, differences, reference_of};
use crate::analysis::game::Game;
use crate::analysis::outcomes::Outcomes;
use crate::analysis::rank::{Standing, standings};
use crate::analysis::sensitivity::swing::Swing;
use crate::analysis::sensitivity::{Driver, Measured, Of};
use crate::config::Experiment;
use crate::experiment::study;
use crate::record::table::{Column, Table};

/// Columns of numbers and words, filled row by row.
struct Rows<T>(Vec<T>);

impl<T> Rows<T> {
    fn words(&self, of: impl Fn(&T) -> String) -> Column {
        let words: Vec<String> = self.0.iter().map(of).collect();
        Column::words(words.iter().map(String::as_str))
    }

    fn numbers(&self, of: impl Fn(&T) -> f64) -> Column {
        Column::F64(self.0.iter().map(of).collect())
    }

    fn counts(&self, of: impl Fn(&T) -> usize) -> Column {
        let count = |row: &T| u32::try_from(of(row)).unwrap_or(u32::MAX);
        Column::U32(self.0.iter().map(count).collect())
    }
}

/// The tables that figures of experiments read: `compare` and `strategies` where there are several arms; with the experiment at hand
/// also `payoffs` of a game and `drivers` of a design.
#[must_use]
pub fn tables(
    runs: &Table,
    reference: Option<&str>,
    experiment: Option<&Experiment>,
) -> Vec<Table> {
    let Ok(outcomes) = Outcomes::of(runs) else {
        return Vec::new();
    };
    let mut tables = Vec::new();
    let compared = reference_of(&outcomes, reference);
    if let Ok(place) = compared {
        let name = outcomes.arms()[place].clone();
        let all: Vec<Standing> = outcomes
            .metrics()
            .flat_map(|(metric, about)| standings(&outcomes, metric, about.better))
            .collect();
        tables.push(compare(&differences(&outcomes, place), &name));
        tables.push(strategies(&all));
    }
    let Some(experiment) = experiment else {
        return tables;
    };
    if let Some(Ok(game)) = study::play(experiment, &outcomes) {
        tables.push(payoffs(&game));
    }
    if !experiment.vary.is_empty() || experiment.design.is_some() {
        let metrics = study::metrics(experiment, runs);
        let place = compared.unwrap_or(0);
        let found = study::drivers(experiment, &outcomes, place, &metrics);
        if !found.is_empty() {
            tables.push(drivers(&found));
        }
    }
    tables
}

/// The table `compare`: a row per arm and metric.
#[must_use]
pub fn compare(all: &[Difference], reference: &str) -> Table {
    let rows = Rows(all.iter().collect());
    let mut table = Table::new("compare");
    table.push("metric", rows.words(|d| d.metric.clone()));
    table.push("arm", rows.words(|d| d.arm.clone()));
    table.push("reference", rows.words(|_| reference.to_owned()));
    table.push("mean_difference", rows.numbers(|d| d.difference.mean));
    table.push("se", rows.numbers(|d| d.difference.standard_error));
    table.push("low", rows.numbers(|d| d.difference.interval.0));
    table.push("high", rows.numbers(|d| d.difference.interval.1));
    table.push("mean_reference", rows.numbers(|d| d.reference_mean));
    table.push("unit", rows.words(|d| d.unit.to_owned()));
    table.push("n", rows.counts(|d| d.difference.n));
    table
}

/// The table `strategies`: a row per metric and arm, with its regret.
#[must_use]
pub fn strategies(all: &[Standing]) -> Table {
    let rows = Rows(all.iter().collect());
    let mut table = Table::new("strategies");
    let unit = |s: &&Standing| crate::analysis::metrics::find(&s.metric).map_or("", |m| m.unit);
    table.push("metric", rows.words(|s| s.metric.clone()));
    table.push("arm", rows.words(|s| s.arm.clone()));
    table.push("unit", rows.words(|s| unit(s).to_owned()));
    table.push("mean", rows.numbers(|s| s.mean));
    table.push("mean_rank", rows.numbers(|s| s.rank));
    table.push("first", rows.numbers(|s| s.first));
    table.push("regret_mean", rows.numbers(|s| s.regret.expected));
    table.push("regret_q95", rows.numbers(|s| s.regret.q95));
    table.push("regret_max", rows.numbers(|s| s.regret.worst));
    table.push("n", rows.counts(|s| s.n));
    table
}

/// The table `payoffs`: a row per profile and player.
#[must_use]
pub fn payoffs(game: &Game) -> Table {
    let pairs = game
        .profiles
        .iter()
        .flat_map(|profile| (0..game.players.len()).map(move |player| (profile, player)));
    let rows = Rows(pairs.collect());
    let mut table = Table::new("payoffs");
    table.push("profile", rows.words(|(profile, _)| profile.arm.clone()));
    table.push(
        "player",
        rows.words(|(_, player)| game.players[*player].name.clone()),
    );
    table.push(
        "strategy",
        rows.words(|(profile, player)| {
            game.players[*player].strategies[profile.choice[*player]].clone()
        }),
    );
    table.push("payoff", rows.numbers(|(p, k)| p.payoffs[*k].mean));
    table.push("low", rows.numbers(|(p, k)| p.payoffs[*k].interval.0));
    table.push("high", rows.numbers(|(p, k)| p.payoffs[*k].interval.1));
    table.push("gain", rows.numbers(|(p, k)| p.gains[*k]));
    table.push("gain_clear", rows.counts(|(p, k)| usize::from(p.clear[*k])));
    table.push(
        "equilibrium",
        rows.counts(|(p, _)| usize::from(p.equilibrium)),
    );
    table.push("equilibrium_share", rows.numbers(|(p, _)| p.share));
    table.push("n", rows.counts(|_| game.blocks));
    table
}

/// The table `drivers`: a row per metric and assumption.
#[must_use]
pub fn drivers(all: &[Driver]) -> Table {
    let rows = Rows(all.iter().collect());
    let mut table = Table::new("drivers");
    let unit = |d: &&Driver| crate::analysis::metrics::find(&d.metric).map_or("", |m| m.unit);
    let of = |d: &Driver, pick: fn(&Swing) -> f64| d.swing.as_ref().map_or(f64::NAN, pick);
    table.push("metric", rows.words(|d| d.metric.clone()));
    table.push("unit", rows.words(|d| unit(d).to_owned()));
    table.push("assumption", rows.words(|d| d.path.clone()));
    table.push("mean", rows.numbers(|d| d.mean));
    table.push("low_value", rows.numbers(|d| of(d, |s| s.low.0)));
    table.push("low_mean", rows.numbers(|d| of(d, |s| s.low.1.mean)));
    table.push("high_value", rows.numbers(|d| of(d, |s| s.high.0)));
    table.push("high_mean", rows.numbers(|d| of(d, |s| s.high.1.mean)));
    table.push(
        "clear",
        rows.counts(|d| usize::from(d.swing.as_ref().is_some_and(|s| s.clear))),
    );
    let method = |d: &&Driver| d.measured.map_or("", |of| of.method.name()).to_owned();
    table.push("method", rows.words(method));
    for (name, pick) in [
        ("first", (|of| of.first) as fn(Of) -> Measured),
        ("total", |of| of.total),
    ] {
        let part = |of: fn(Measured) -> f64| {
            rows.numbers(move |d| d.measured.map_or(f64::NAN, |m| of(pick(m))))
        };
        table.push(name, part(|m| m.value));
        table.push(&format!("{name}_low"), part(|m| m.ends().0));
        table.push(&format!("{name}_high"), part(|m| m.ends().1));
    }
    table.push("samples", rows.counts(|d| d.measured.map_or(0, |of| of.n)));
    table.push("n", rows.counts(|d| d.runs));
    table
}
