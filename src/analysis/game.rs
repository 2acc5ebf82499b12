//! A game of states: a table of profiles, each an ensemble of runs, read as payoffs, best responses and equilibria in pure strategies.

use super::{
    bootstrap,
    interval::{Estimate, mean},
    outcomes::{Block, Outcomes},
};

/// A player with its strategies and what it wants.
#[derive(Debug, Clone, PartialEq)]
pub struct Player {
    /// Name, such as the code of its state.
    pub name: String,
    /// Its strategies.
    pub strategies: Vec<String>,
    /// Payoff: weight times metric, summed.
    pub payoff: Vec<(String, f64)>,
}

/// A cell of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Name of the arm.
    pub arm: String,
    /// Position of each player's strategy.
    pub choice: Vec<usize>,
    /// Payoff of each player over the seeds.
    pub payoffs: Vec<Estimate>,
    /// What each player would gain by its best reply to the others, at least zero.
    pub gains: Vec<f64>,
    /// Whether each player's gain is told from zero: the 95% interval of best reply less own payoff, seed by seed, lies above it.
    pub clear: Vec<bool>,
    /// Whether nobody gains by a change: an equilibrium in pure strategies.
    pub equilibrium: bool,
    /// Share of samples drawn again from the seeds in which it is one.
    pub share: f64,
}

/// One strategy of one player against every reply of the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// The player.
    pub player: usize,
    /// Its strategy.
    pub strategy: usize,
    /// Another strategy that pays strictly more whatever the others do.
    pub strictly: Option<usize>,
    /// Another strategy that never pays less and somewhere pays more.
    pub weakly: Option<usize>,
    /// Whether the strict dominance holds in every single seed.
    pub in_every_block: bool,
    /// Largest distance from the best reply over what the others may do.
    pub worst_regret: f64,
    /// Mean distance from the best reply, every profile of the others alike.
    pub mean_regret: f64,
    /// In how many profiles of the others it is the best reply.
    pub best_replies: usize,
}

/// A game with its payoffs.
#[derive(Debug, Clone, PartialEq)]
pub struct Game {
    /// The players.
    pub players: Vec<Player>,
    /// Every profile, the last player's strategy changing fastest.
    pub profiles: Vec<Profile>,
    /// Every strategy of every player.
    pub options: Vec<Choice>,
    /// Strategies that survive when strictly dominated ones are taken away again and again, by player.
    pub surviving: Vec<Vec<usize>>,
    /// Blocks in which every profile has every payoff.
    pub blocks: usize,
    /// Blocks left out.
    pub left_out: usize,
}

/// Why a game could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GameFault {
    /// A profile was not run.
    #[error("no run has the profile `{0}`")]
    NoProfile(String),
    /// A metric of a payoff is not there.
    #[error("the payoff of {player} needs `{metric}`, which the table of runs does not have")]
    NoMetric {
        /// The player.
        player: String,
        /// The metric.
        metric: String,
    },
    /// No seed has all profiles.
    #[error("no seed has a payoff in every profile")]
    NoBlock,
    /// Nobody plays.
    #[error("a game needs at least one player with one strategy")]
    NoPlayer,
}

/// Name of the arm of a profile: `CN cn_leverage, US as_is`.
#[must_use]
pub fn arm_name(players: &[Player], choice: &[usize]) -> String {
    let parts = players
        .iter()
        .zip(choice)
        .map(|(player, &strategy)| format!("{} {}", player.name, player.strategies[strategy]));
    parts.collect::<Vec<_>>().join(", ")
}

/// Every choice of all players, the last player's strategy changing fastest.
#[must_use]
pub fn choices(players: &[Player]) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for player in players {
        let longer = all.iter().flat_map(|choice: &Vec<usize>| {
            (0..player.strategies.len()).map(move |strategy| {
                let mut choice = choice.clone();
                choice.push(strategy);
                choice
            })
        });
        all = longer.collect();
    }
    all
}

/// Payoffs by profile, player and block.
type Payoffs = Vec<Vec<Vec<f64>>>;

/// Reads the game from its runs. A block counts only if every profile has every payoff in it, so that all cells meet the same draws.
///
/// # Errors
/// If a profile or a metric is missing, or no block is whole.
pub fn play(outcomes: &Outcomes, players: Vec<Player>) -> Result<Game, GameFault> {
    if players.is_empty() || players.iter().any(|player| player.strategies.is_empty()) {
        return Err(GameFault::NoPlayer);
    }
    let choices = choices(&players);
    let mut payoffs: Payoffs = Vec::new();
    for choice in &choices {
        let name = arm_name(&players, choice);
        let arm = outcomes
            .arm(&name)
            .ok_or_else(|| GameFault::NoProfile(name.clone()))?;
        payoffs.push(
            players
                .iter()
                .map(|player| payoff(outcomes, arm, player))
                .collect::<Result<_, _>>()?,
        );
    }
    let all = outcomes.blocks();
    let whole: Vec<usize> = (0..all.len())
        .filter(|&block| {
            payoffs
                .iter()
                .flatten()
                .all(|values| values[block].is_finite())
        })
        .collect();
    if whole.is_empty() {
        return Err(GameFault::NoBlock);
    }
    for values in payoffs.iter_mut().flatten() {
        *values = whole.iter().map(|&block| values[block]).collect();
    }
    let blocks: Vec<Block> = whole.iter().map(|&block| all[block]).collect();
    let table = Cells {
        players: &players,
        choices: &choices,
        payoffs: &payoffs,
    };
    let profiles = table.profiles(&blocks);
    let options = table.options();
    let surviving = table.surviving();
    Ok(Game {
        profiles,
        options,
        surviving,
        blocks: blocks.len(),
        left_out: all.len() - blocks.len(),
        players,
    })
}

fn payoff(outcomes: &Outcomes, arm: usize, player: &Player) -> Result<Vec<f64>, GameFault> {
    let mut sum = vec![0.0; outcomes.blocks().len()];
    for (metric, weight) in &player.payoff {
        let values = outcomes
            .values(arm, metric)
            .ok_or_else(|| GameFault::NoMetric {
                player: player.name.clone(),
                metric: metric.clone(),
            })?;
        for (sum, value) in sum.iter_mut().zip(values) {
            *sum += weight * value;
        }
    }
    Ok(sum)
}

/// The table while it is read.
struct Cells<'a> {
    players: &'a [Player],
    choices: &'a [Vec<usize>],
    payoffs: &'a Payoffs,
}

impl Cells<'_> {
    /// Position of the profile in which a player plays another strategy.
    fn with(&self, profile: usize, player: usize, strategy: usize) -> usize {
        let step: usize = self.players[player + 1..]
            .iter()
            .map(|player| player.strategies.len())
            .product();
        profile + step * strategy - step * self.choices[profile][player]
    }

    fn replies(&self, profile: usize, player: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.players[player].strategies.len())
            .map(move |strategy| self.with(profile, player, strategy))
    }

    fn mean(&self, profile: usize, player: usize) -> f64 {
        mean(&self.payoffs[profile][player])
    }

    /// The best reply of a player, the first of equals, and its mean payoff.
    fn best(&self, profile: usize, player: usize) -> (usize, f64) {
        let mut best = (profile, self.mean(profile, player));
        for reply in self.replies(profile, player) {
            let value = self.mean(reply, player);
            if value > best.1 {
                best = (reply, value);
            }
        }
        best
    }

    fn profiles(&self, blocks: &[Block]) -> Vec<Profile> {
        let shares = self.shares(blocks.len());
        let players = 0..self.players.len();
        (0..self.choices.len())
            .map(|profile| {
                let best: Vec<(usize, f64)> = players
                    .clone()
                    .map(|player| self.best(profile, player))
                    .collect();
                let gains: Vec<f64> = players
                    .clone()
                    .map(|player| best[player].1 - self.mean(profile, player))
                    .collect();
                let clear = players.clone().map(|player| {
                    let (own, reply) = (
                        &self.payoffs[profile][player],
                        &self.payoffs[best[player].0][player],
                    );
                    let more: Vec<f64> = reply.iter().zip(own).map(|(r, o)| r - o).collect();
                    Estimate::crossed(blocks, &more).interval.0 > 0.0
                });
                Profile {
                    arm: arm_name(self.players, &self.choices[profile]),
                    choice: self.choices[profile].clone(),
                    payoffs: players
                        .clone()
                        .map(|player| Estimate::crossed(blocks, &self.payoffs[profile][player]))
                        .collect(),
                    clear: clear.collect(),
                    equilibrium: gains.iter().all(|gain| *gain <= 0.0),
                    gains,
                    share: shares[profile],
                }
            })
            .collect()
    }

    /// How often each profile is an equilibrium when the blocks are drawn again.
    fn shares(&self, blocks: usize) -> Vec<f64> {
        let draws = bootstrap::DRAWS / 4;
        let mut counts = vec![0u32; self.choices.len()];
        for sample in bootstrap::resamples(blocks, draws, "equilibria") {
            let means: Vec<Vec<f64>> = self
                .payoffs
                .iter()
                .map(|players| {
                    let of = |values: &Vec<f64>| sample.iter().map(|&k| values[k]).sum::<f64>();
                    players.iter().map(of).collect()
                })
                .collect();
            for (profile, count) in counts.iter_mut().enumerate() {
                let stays = |player: usize| {
                    self.replies(profile, player)
                        .all(|reply| means[reply][player] <= means[profile][player])
                };
                *count += u32::from((0..self.players.len()).all(stays));
            }
        }
        counts
            .iter()
            .map(|&count| f64::from(count) / draws as f64)
            .collect()
    }

    /// Profiles in which a player plays a strategy: one for each profile of the others.
    fn playing(&self, player: usize, strategy: usize) -> Vec<usize> {
        (0..self.choices.len())
            .filter(|&profile| self.choices[profile][player] == strategy)
            .collect()
    }

    fn options(&self) -> Vec<Choice> {
        let mut options = Vec::new();
        for (player, about) in self.players.iter().enumerate() {
            for strategy in 0..about.strategies.len() {
                let profiles = self.playing(player, strategy);
                let regrets: Vec<f64> = profiles
                    .iter()
                    .map(|&profile| self.best(profile, player).1 - self.mean(profile, player))
                    .collect();
                let others = || (0..about.strategies.len()).filter(move |&other| other != strategy);
                let more = |other: usize| {
                    profiles.iter().map(move |&profile| {
                        self.mean(self.with(profile, player, other), player)
                            - self.mean(profile, player)
                    })
                };
                let strictly = others().find(|&other| more(other).all(|more| more > 0.0));
                let weakly = others().find(|&other| {
                    more(other).all(|more| more >= 0.0) && more(other).any(|more| more > 0.0)
                });
                let everywhere = |other: usize| {
                    profiles.iter().all(|&profile| {
                        let reply = &self.payoffs[self.with(profile, player, other)][player];
                        let own = &self.payoffs[profile][player];
                        reply.iter().zip(own).all(|(r, o)| r > o)
                    })
                };
                options.push(Choice {
                    player,
                    strategy,
                    strictly,
                    weakly,
                    in_every_block: strictly.is_some_and(everywhere),
                    worst_regret: regrets.iter().copied().fold(0.0, f64::max),
                    mean_regret: mean(&regrets),
                    best_replies: regrets.iter().filter(|regret| **regret <= 0.0).count(),
                });
            }
        }
        options
    }

    /// Iterated elimination of strictly dominated strategies.
    fn surviving(&self) -> Vec<Vec<usize>> {
        let all = |player: &Player| (0..player.strategies.len()).collect();
        let mut left: Vec<Vec<usize>> = self.players.iter().map(all).collect();
        loop {
            let alive = |profile: &usize| {
                let choice = &self.choices[*profile];
                choice
                    .iter()
                    .zip(&left)
                    .all(|(strategy, left)| left.contains(strategy))
            };
            let fallen = (0..self.players.len()).find_map(|player| {
                let beaten = |strategy: usize| {
                    left[player].iter().any(|&other| {
                        other != strategy
                            && self
                                .playing(player, strategy)
                                .iter()
                                .filter(|p| alive(p))
                                .all(|&profile| {
                                    let reply = self.with(profile, player, other);
                                    self.mean(reply, player) > self.mean(profile, player)
                                })
                    })
                };
                let strategy = left[player]
                    .iter()
                    .copied()
                    .find(|&strategy| beaten(strategy))?;
                Some((player, strategy))
            });
            let Some((player, strategy)) = fallen else {
                return left;
            };
            left[player].retain(|&kept| kept != strategy);
        }
    }
}

#[cfg(test)]
mod tests;
