//! A game as text, as a document, and as a table: payoffs, best replies, equilibria, dominated strategies, regret.

use super::{
    compare::percent,
    comparison::{cell, quoted},
    terminal,
};
use crate::{analysis::game::Game, experiment::results::defined};
use serde_json::json;

/// Name of the table that is written into the result directory.
pub const FILE: &str = "payoffs.csv";

/// The game as text.
pub fn text(game: &Game) -> String {
    let mut text = format!(
        "payoffs: mean of {} seeds (standard error); * best reply to what the others do; = equilibrium\n",
        game.blocks
    );
    let mut header = vec!["profile"];
    header.extend(game.players.iter().map(|player| player.name.as_str()));
    header.extend(["", "equilibrium in"]);
    let lines = game.profiles.iter().map(|profile| {
        let mut line = vec![profile.arm.clone()];
        line.extend(
            profile
                .payoffs
                .iter()
                .zip(&profile.gains)
                .map(|(payoff, gain)| {
                    let best = if *gain <= 0.0 { "*" } else { " " };
                    let error = terminal::number(payoff.standard_error);
                    format!("{} ({error}){best}", terminal::number(payoff.mean))
                }),
        );
        line.push(if profile.equilibrium { "=" } else { "" }.to_owned());
        line.push(percent(profile.share));
        line
    });
    text += &terminal::table(&header, lines);
    text.push('\n');
    let equilibria: Vec<&str> = game
        .profiles
        .iter()
        .filter(|profile| profile.equilibrium)
        .map(|profile| profile.arm.as_str())
        .collect();
    text += &match equilibria.as_slice() {
        [] => "no equilibrium in pure strategies: in every profile somebody gains by a change\n"
            .to_owned(),
        [one] => format!("equilibrium in pure strategies: {one}\n"),
        several => format!("equilibria in pure strategies: {}\n", several.join("; ")),
    };
    text.push('\n');
    let header = [
        "player",
        "strategy",
        "best reply in",
        "regret: mean",
        "worst",
        "dominated by",
    ];
    let lines = game.options.iter().map(|option| {
        let player = &game.players[option.player];
        let profiles = game.profiles.len() / player.strategies.len();
        let by = |other: usize, how: &str| format!("{} ({how})", player.strategies[other]);
        let dominated = match (option.strictly, option.weakly) {
            (Some(other), _) if option.in_every_block => by(other, "strictly, in every seed"),
            (Some(other), _) => by(other, "strictly, on average"),
            (None, Some(other)) => by(other, "weakly"),
            (None, None) => String::new(),
        };
        vec![
            player.name.clone(),
            player.strategies[option.strategy].clone(),
            format!("{} of {profiles}", option.best_replies),
            terminal::number(option.mean_regret),
            terminal::number(option.worst_regret),
            dominated,
        ]
    });
    text += &terminal::table(&header, lines);
    let left = game
        .players
        .iter()
        .zip(&game.surviving)
        .map(|(player, left)| {
            let names: Vec<&str> = left
                .iter()
                .map(|&k| player.strategies[k].as_str())
                .collect();
            format!("{}: {}", player.name, names.join(" or "))
        });
    text += &format!(
        "left when strictly dominated strategies are taken away again and again: {}\n",
        left.collect::<Vec<_>>().join("; ")
    );
    if game.left_out > 0 {
        text += &format!(
            "{} seeds are left out: not every profile has a payoff in them\n",
            game.left_out
        );
    }
    text + "equilibrium in: share of resampled seeds in which nobody gains by a change. Comparisons with the\nreference are in comparison.csv; --metric prints them.\n"
}

/// The game as a document.
pub fn json(game: &Game) -> serde_json::Value {
    let names = |choice: &[usize]| {
        let own = game.players.iter().zip(choice);
        own.map(|(player, &k)| player.strategies[k].clone())
            .collect::<Vec<_>>()
    };
    let profiles: Vec<_> = game
        .profiles
        .iter()
        .map(|profile| {
            let payoffs: Vec<_> = profile
                .payoffs
                .iter()
                .zip(&profile.gains)
                .zip(&profile.clear)
                .map(|((payoff, gain), clear)| {
                    json!({"mean": defined(payoff.mean), "interval_95": [defined(payoff.interval.0), defined(payoff.interval.1)],
                        "gain_by_best_reply": defined(*gain), "gain_clear": clear})
                })
                .collect();
            json!({"arm": profile.arm, "strategies": names(&profile.choice), "payoffs": payoffs,
                "equilibrium": profile.equilibrium, "equilibrium_share": profile.share})
        })
        .collect();
    let options: Vec<_> = game
        .options
        .iter()
        .map(|option| {
            let strategies = &game.players[option.player].strategies;
            json!({"player": game.players[option.player].name, "strategy": strategies[option.strategy],
                "strictly_dominated_by": option.strictly.map(|k| &strategies[k]),
                "weakly_dominated_by": option.weakly.map(|k| &strategies[k]),
                "mean_regret": defined(option.mean_regret), "worst_regret": defined(option.worst_regret),
                "best_replies": option.best_replies})
        })
        .collect();
    json!({
        "players": game.players.iter().map(|player| &player.name).collect::<Vec<_>>(),
        "payoff": game.players.iter().map(|player| (player.name.clone(), json!(player.payoff))).collect::<serde_json::Map<_, _>>(),
        "seeds": game.blocks,
        "profiles": profiles,
        "strategies": options,
        "surviving": game.players.iter().zip(&game.surviving)
            .map(|(player, left)| (player.name.clone(), json!(left.iter().map(|&k| &player.strategies[k]).collect::<Vec<_>>())))
            .collect::<serde_json::Map<_, _>>(),
    })
}

/// The game as a table: a line per profile and player.
pub fn csv(game: &Game) -> String {
    let mut text = "profile,player,strategy,payoff,low,high,gain_by_best_reply,gain_clear,equilibrium,equilibrium_share\n".to_owned();
    for profile in &game.profiles {
        for (k, player) in game.players.iter().enumerate() {
            let payoff = profile.payoffs[k];
            let fields = [
                quoted(&profile.arm),
                quoted(&player.name),
                quoted(&player.strategies[profile.choice[k]]),
                cell(payoff.mean),
                cell(payoff.interval.0),
                cell(payoff.interval.1),
                cell(profile.gains[k]),
                profile.clear[k].to_string(),
                profile.equilibrium.to_string(),
                cell(profile.share),
            ];
            text += &(fields.join(",") + "\n");
        }
    }
    text
}
