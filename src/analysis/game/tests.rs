//! Games with known outcomes.

use super::*;
use crate::record::table::{Column, Table};

/// Two players with two strategies each, two seeds; `payoffs` by profile: (first, second).
fn table(payoffs: [(f64, f64); 4]) -> Table {
    let mut runs = Table::new("runs");
    let arms = ["A c, B c", "A c, B d", "A d, B c", "A d, B d"];
    runs.push("arm", Column::words(arms.iter().flat_map(|arm| [*arm; 2])));
    runs.push("point", Column::U32(vec![0; 8]));
    runs.push("seed", Column::U32([1, 2].repeat(4)));
    runs.push("status", Column::words(["done"; 8]));
    let spread = |of: &dyn Fn(&(f64, f64)) -> f64| {
        Column::F64(
            payoffs
                .iter()
                .flat_map(|p| [of(p) - 0.1, of(p) + 0.1])
                .collect(),
        )
    };
    runs.push("price_mean[a@X]", spread(&|p| p.0));
    runs.push("price_mean[b@X]", spread(&|p| -p.1 / 2.0));
    runs
}

fn players() -> Vec<Player> {
    let player = |name: &str, metric: &str, weight| Player {
        name: name.to_owned(),
        strategies: vec!["c".to_owned(), "d".to_owned()],
        payoff: vec![(metric.to_owned(), weight)],
    };
    vec![
        player("A", "price_mean[a@X]", 1.0),
        player("B", "price_mean[b@X]", -2.0),
    ]
}

fn solve(payoffs: [(f64, f64); 4]) -> Game {
    let runs = table(payoffs);
    play(&Outcomes::of(&runs).unwrap(), players()).unwrap()
}

fn equilibria(game: &Game) -> Vec<&str> {
    let found = game.profiles.iter().filter(|profile| profile.equilibrium);
    found.map(|profile| profile.arm.as_str()).collect()
}

#[test]
fn the_prisoners_dilemma_has_one_equilibrium_and_cooperation_is_dominated() {
    let game = solve([(3.0, 3.0), (0.0, 5.0), (5.0, 0.0), (1.0, 1.0)]);
    assert_eq!(equilibria(&game), ["A d, B d"]);
    assert_eq!(game.surviving, [[1], [1]]);
    let cooperate = &game.options[0];
    assert_eq!((cooperate.strictly, cooperate.best_replies), (Some(1), 0));
    assert!(cooperate.in_every_block && (cooperate.worst_regret - 2.0).abs() < 1e-9);
    assert!((cooperate.mean_regret - 1.5).abs() < 1e-9);
    let both = &game.profiles[0];
    assert!((both.gains[0] - 2.0).abs() < 1e-9 && both.clear == [true, true]);
    assert!(
        (both.payoffs[1].mean - 3.0).abs() < 1e-9,
        "weights are applied"
    );
    assert_eq!((game.profiles[3].share, both.share), (1.0, 0.0));
}

#[test]
fn coordination_has_two_equilibria_and_matching_pennies_none() {
    let game = solve([(2.0, 1.0), (0.0, 0.0), (0.0, 0.0), (1.0, 2.0)]);
    assert_eq!(equilibria(&game), ["A c, B c", "A d, B d"]);
    assert!(game.options.iter().all(|option| option.strictly.is_none()));
    assert_eq!(game.surviving, [[0, 1], [0, 1]]);
    let game = solve([(1.0, -1.0), (-1.0, 1.0), (-1.0, 1.0), (1.0, -1.0)]);
    assert!(equilibria(&game).is_empty());
}

#[test]
fn weak_dominance_and_iterated_elimination() {
    // d never pays A less and once more; B is indifferent but for A's c
    let game = solve([(1.0, 0.0), (1.0, 1.0), (1.0, 0.0), (2.0, -1.0)]);
    assert_eq!(
        (game.options[0].strictly, game.options[0].weakly),
        (None, Some(1))
    );
    // A's c falls first, then B's d, which was not dominated before
    let game = solve([(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)]);
    assert!(game.options[3].strictly.is_none());
    assert_eq!(game.surviving, [[1], [0]]);
}

#[test]
fn what_is_missing_is_named() {
    let runs = table([(0.0, 0.0); 4]);
    let outcomes = Outcomes::of(&runs).unwrap();
    let mut wrong = players();
    wrong[1].payoff[0].0 = "absent".to_owned();
    assert!(matches!(
        play(&outcomes, wrong),
        Err(GameFault::NoMetric { .. })
    ));
    let mut wrong = players();
    wrong[0].strategies.push("e".to_owned());
    assert_eq!(
        play(&outcomes, wrong),
        Err(GameFault::NoProfile("A e, B c".to_owned()))
    );
    assert_eq!(play(&outcomes, Vec::new()), Err(GameFault::NoPlayer));
}
