//! A game: every combination of the players' strategies, each an arm of its own.

use super::metrics;
use super::written::{Choices, GameWritten};
use crate::config::{
    layer::{Layer, Reader},
    report::Source,
    scenario::Scenario,
    strategy::{AssignedWritten, Strategy},
};
use crate::domain::fields::{Map, Problem, Problems, WrittenOf};
use indexmap::IndexMap;
use std::{path::Path, sync::Arc};

/// The word for a player that keeps what the scenario has.
pub const AS_IS: &str = "as_is";

/// Profiles that a game may have.
const MOST_PROFILES: usize = 10_000;

/// A checked game.
#[derive(Debug, Clone, PartialEq)]
pub struct Game {
    /// Strategies of each player, by name; none for `as_is`.
    pub players: IndexMap<String, IndexMap<String, Option<Strategy>>>,
    /// Weights of metrics in what each player wants, in the order of the players.
    pub payoffs: IndexMap<String, IndexMap<String, f64>>,
}

impl Game {
    /// The profiles in the order of the arms: position of each player's strategy, the last player's changing fastest.
    #[must_use]
    pub fn profiles(&self) -> Vec<Vec<usize>> {
        combinations(self.players.values().map(IndexMap::len))
    }

    /// Name of each player's strategy in a profile.
    pub fn strategies<'a>(&'a self, profile: &'a [usize]) -> impl Iterator<Item = &'a str> {
        let own = self.players.values().zip(profile);
        own.map(|(own, position)| own.get_index(*position).map_or("", |(name, _)| name))
    }

    /// The name of a profile's arm: `CN cn_leverage, US as_is`.
    #[must_use]
    pub fn arm(&self, profile: &[usize]) -> String {
        let moves = self.players.keys().zip(self.strategies(profile));
        let moves = moves.map(|(player, strategy)| format!("{player} {strategy}"));
        moves.collect::<Vec<_>>().join(", ")
    }
}

/// Every combination of positions in lists of some lengths, the last changing fastest.
fn combinations(lengths: impl Iterator<Item = usize>) -> Vec<Vec<usize>> {
    lengths.fold(vec![Vec::new()], |all, length| {
        all.iter()
            .flat_map(|start| (0..length).map(move |last| [start.as_slice(), &[last]].concat()))
            .collect()
    })
}

/// A strategy of a player, read: what it is, and the layers that say it.
pub(super) struct Choice {
    content: Option<AssignedWritten>,
    layers: Vec<Layer>,
}

/// What a file says of a game, with the strategies read.
pub(super) struct Choosing {
    players: IndexMap<String, IndexMap<String, Choice>>,
    payoffs: IndexMap<String, IndexMap<String, f64>>,
}

/// Reads the strategies of a game; what is wrong goes to the reader.
pub(super) fn read(
    reader: &mut Reader,
    source: &Arc<Source>,
    written: GameWritten,
    problems: &mut Problems,
) -> Choosing {
    let place = |names: &[&str]| {
        let names = ["game"].iter().chain(names);
        names.map(|name| (*name).to_owned()).collect::<Vec<_>>()
    };
    let mut players = IndexMap::new();
    let written_players = written.players.unwrap_or_default().0;
    if written_players.is_empty() {
        problems.push(
            Problem::new(place(&["players"]), "missing", "a game needs players")
                .help("write players: {\"CN\": [\"as_is\", \"../strategies/cn_leverage.ron\"]}"),
        );
    }
    for (player, choices) in written_players {
        let at = place(&["players", &player]);
        let mut own: IndexMap<String, Choice> = IndexMap::new();
        for (position, (name, content)) in named(choices).into_iter().enumerate() {
            let listed = name.is_none();
            let (name, content) = match (name, content) {
                (Some(name), content) => (name, content),
                (None, AssignedWritten::File(path)) => (stem(&path), AssignedWritten::File(path)),
                (None, content) => (position.to_string(), content),
            };
            let key = if listed {
                position.to_string()
            } else {
                name.clone()
            };
            let at = [at.as_slice(), &[key]].concat();
            if name.is_empty() || own.contains_key(&name) {
                let text = format!("two strategies of {player} are called \"{name}\"");
                let help = "name them: {\"one\": \"path\", \"other\": \"path\"}";
                problems.push(Problem::new(at, "twice", text).help(help));
                continue;
            }
            own.insert(name, choice(reader, source, &player, content, &at));
        }
        if own.is_empty() {
            let text = format!("{player} has no strategy to choose");
            problems.push(Problem::new(at, "missing", text).help("at least [\"as_is\"]"));
        }
        players.insert(player, own);
    }
    let mut written_payoffs = written.payoffs.unwrap_or_default().0;
    let mut payoffs = IndexMap::new();
    for player in players.keys() {
        let weights = written_payoffs.shift_remove(player).unwrap_or_default().0;
        if weights.is_empty() {
            let text = format!("nothing says what {player} wants");
            let help =
                format!("add payoffs: {{\"{player}\": {{\"public_cost_usd[{player}]\": -1}}}}");
            problems.push(Problem::new(place(&["payoffs"]), "missing", text).help(help));
        }
        for (metric, _) in weights.iter().filter(|(_, weight)| !weight.is_finite()) {
            let at = place(&["payoffs", player, metric]);
            problems.push(Problem::new(at, "value", "the weight is no finite number"));
        }
        payoffs.insert(player.clone(), weights);
    }
    for player in written_payoffs.keys() {
        let text = format!("{player} is no player");
        let problem = Problem::new(place(&["payoffs", player]), "unknown player", text).at_key();
        problems.push(problem.suggest(player, players.keys().map(String::as_str)));
    }
    let profiles = players
        .values()
        .map(IndexMap::len)
        .fold(1, usize::saturating_mul);
    if profiles > MOST_PROFILES {
        let text = format!("the players' strategies make {profiles} profiles");
        let help = format!("at most {MOST_PROFILES}");
        problems.push(Problem::new(place(&["players"]), "range", text).help(help));
    }
    Choosing { players, payoffs }
}

/// The strategies with the names that the file gives them.
fn named(choices: Choices) -> Vec<(Option<String>, AssignedWritten)> {
    match choices {
        Choices::Listed(paths) => {
            let list = paths.into_iter().map(AssignedWritten::File);
            list.map(|content| (None, content)).collect()
        }
        Choices::Named(map) => {
            let named = map.0.into_iter();
            named.map(|(name, content)| (Some(name), content)).collect()
        }
    }
}

/// The name of a strategy that is given by its path.
fn stem(path: &str) -> String {
    let stem = Path::new(path).file_stem();
    stem.map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
}

fn choice(
    reader: &mut Reader,
    source: &Arc<Source>,
    player: &str,
    content: AssignedWritten,
    at: &[String],
) -> Choice {
    if content == AssignedWritten::File(AS_IS.to_owned()) {
        return Choice {
            content: None,
            layers: Vec::new(),
        };
    }
    let before = std::mem::take(&mut reader.layers);
    let mut content = content;
    reader.assigned(&mut content, player, source, at);
    if let AssignedWritten::Inline(strategy) = content {
        reader.add_part_at(
            source,
            at.to_vec(),
            vec!["strategies".to_owned(), player.to_owned()],
        );
        content = AssignedWritten::Read(strategy);
    }
    Choice {
        content: Some(content),
        layers: std::mem::replace(&mut reader.layers, before),
    }
}

impl Choosing {
    /// Checks what needs the scenario: that the players are its states, and that the metrics are some that it has.
    pub(super) fn check(&self, scenario: &Scenario, problems: &mut Problems) {
        for player in self.players.keys() {
            if !scenario.states.contains_key(player) {
                let at = ["game", "players", player].map(str::to_owned).to_vec();
                let text = format!("no state is called \"{player}\"");
                let problem = Problem::new(at, "unknown state", text).at_key();
                problems.push(problem.suggest(player, scenario.states.keys().map(String::as_str)));
            }
        }
        for (player, weights) in &self.payoffs {
            for metric in weights.keys() {
                let at = ["game", "payoffs", player, metric]
                    .map(str::to_owned)
                    .to_vec();
                metrics::check(
                    metric,
                    scenario,
                    Problem::new(at, "", "").at_key(),
                    problems,
                );
            }
        }
    }

    /// The arms of all profiles, and the game. Stops at the first profile in which something is wrong.
    pub(super) fn arms(
        self,
        reader: &mut Reader,
        base: &WrittenOf<Scenario>,
        mut resolve: impl FnMut(&mut Reader, WrittenOf<Scenario>, &str) -> Option<Scenario>,
    ) -> Option<(IndexMap<String, Scenario>, Game)> {
        let mut game = Game {
            players: IndexMap::new(),
            payoffs: self.payoffs,
        };
        for (player, own) in &self.players {
            let none = own.keys().map(|name| (name.clone(), None)).collect();
            game.players.insert(player.clone(), none);
        }
        let layers = reader.layers.clone();
        let mut arms = IndexMap::new();
        for profile in game.profiles() {
            reader.layers.clone_from(&layers);
            let mut whole = base.clone();
            let chosen: Vec<_> = self
                .players
                .iter()
                .zip(&profile)
                .filter_map(|((player, own), position)| Some((player, own.get_index(*position)?.1)))
                .collect();
            for (player, choice) in &chosen {
                let Some(content) = &choice.content else {
                    continue;
                };
                reader.layers.extend(choice.layers.iter().cloned());
                let strategies = whole.strategies.get_or_insert_with(Map::default);
                strategies.0.insert((*player).clone(), content.clone());
            }
            let name = game.arm(&profile);
            let scenario = resolve(reader, whole, &name)?;
            for ((player, choice), position) in chosen.iter().zip(&profile) {
                let slot = game.players.get_mut(*player);
                let slot = slot.and_then(|own| own.get_index_mut(*position));
                if let (Some((_, slot)), Some(_)) = (slot, &choice.content) {
                    *slot = scenario.strategies.get(*player).map(|own| own.0.clone());
                }
            }
            arms.insert(name, scenario);
        }
        Some((arms, game))
    }
}
