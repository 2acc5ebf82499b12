//! The payoff table of a game: a cell per profile, best replies and equilibria marked.

use super::canvas::{Anchor, Canvas, Type};
use super::data::{Context, Data, Skip};
use super::page::Page;
use super::sheet::Figure;
use super::strategies::shorten;
use super::{theme, words};
use std::collections::BTreeMap;

/// Most players and most strategies of one of them that fit a page.
const PLAYERS: usize = 4;
const STRATEGIES: usize = 6;
/// Most matrices.
const PANELS: usize = 9;

struct Player {
    name: String,
    strategies: Vec<String>,
}

#[derive(Clone, Copy)]
struct Entry {
    payoff: f64,
    best: bool,
}

struct Cell {
    entries: Vec<Option<Entry>>,
    equilibrium: bool,
    share: f64,
}

/// Payoffs of each profile. The first player chooses the row, the second the column, the others the matrix. Reads the table `payoffs`.
///
/// # Errors
/// If there is no such table, or the game does not fit a page.
pub fn table(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let table = data.table("payoffs")?;
    let (profile, player, strategy) = (
        table.text("profile")?,
        table.text("player")?,
        table.text("strategy")?,
    );
    let (payoff, gain) = (table.f64("payoff")?, table.f64("gain")?);
    let (equilibrium, share, n) = (
        table.u32("equilibrium")?,
        table.f64("equilibrium_share")?,
        table.u32("n")?,
    );
    let mut players: Vec<Player> = Vec::new();
    let mut choices: BTreeMap<&str, BTreeMap<usize, usize>> = BTreeMap::new();
    let place = |list: &mut Vec<String>, name: &str| {
        list.iter()
            .position(|known| known == name)
            .unwrap_or_else(|| {
                list.push(name.to_owned());
                list.len() - 1
            })
    };
    let mut rows: Vec<(usize, usize)> = Vec::new();
    for row in 0..table.len() {
        let at = players
            .iter()
            .position(|p| p.name == player.get(row))
            .unwrap_or_else(|| {
                players.push(Player {
                    name: player.get(row).to_owned(),
                    strategies: Vec::new(),
                });
                players.len() - 1
            });
        let choice = place(&mut players[at].strategies, strategy.get(row));
        choices
            .entry(profile.get(row))
            .or_default()
            .insert(at, choice);
        rows.push((row, at));
    }
    let panels: usize = players.iter().skip(2).map(|p| p.strategies.len()).product();
    if players.len() > PLAYERS
        || panels > PANELS
        || players.iter().any(|p| p.strategies.len() > STRATEGIES)
    {
        return Err(Skip::Nothing(
            "the game is too large for a figure; the table of profiles is in payoffs.csv"
                .to_owned(),
        ));
    }
    let mut cells: BTreeMap<Vec<usize>, Cell> = BTreeMap::new();
    for (row, at) in rows {
        let of = &choices[profile.get(row)];
        let key: Vec<usize> = (0..players.len())
            .map(|k| of.get(&k).copied().unwrap_or(0))
            .collect();
        let cell = cells.entry(key).or_insert_with(|| Cell {
            entries: vec![None; players.len()],
            equilibrium: equilibrium[row] > 0,
            share: share[row],
        });
        cell.entries[at] = Some(Entry {
            payoff: payoff[row],
            best: gain[row] <= 0.0,
        });
    }
    let runs = n.first().copied().unwrap_or(0) as usize;
    let names: Vec<String> = players
        .iter()
        .map(|p| data.name("state", &p.name))
        .collect();
    let order = words::list(&names);
    let page = Page {
        title: title(&players, &names, &cells),
        subtitle: format!(
            "Payoffs of {order}, in this order, as an index that the experiment declares (a weighted sum of metrics; more is better). Mean of {}. Bold: best reply to what the others do. Framed: equilibrium, with the % of resampled seeds in which it is one",
            words::seeds(runs)
        ),
        note: String::new(),
        footer: context.footer(runs),
    };
    Ok(Figure::flowing("payoffs", &page, |canvas, top| {
        draw(canvas, &players, &names, &cells, top)
    }))
}

fn title(players: &[Player], names: &[String], cells: &BTreeMap<Vec<usize>, Cell>) -> String {
    let found: Vec<&Vec<usize>> = cells
        .iter()
        .filter(|(_, cell)| cell.equilibrium)
        .map(|(key, _)| key)
        .collect();
    let plays = |key: &[usize]| {
        let parts: Vec<String> = key
            .iter()
            .enumerate()
            .map(|(k, &choice)| format!("{} ‘{}’", names[k], spell(&players[k].strategies[choice])))
            .collect();
        words::list(&parts)
    };
    match found.as_slice() {
        [] => "No equilibrium in pure strategies: in every profile somebody gains by a change"
            .to_owned(),
        [one] => format!("One equilibrium: {}", plays(one)),
        several => format!(
            "{} equilibria: which of them comes about depends on who expects what",
            several.len()
        ),
    }
}

fn spell(strategy: &str) -> String {
    strategy.replace('_', " ")
}

fn draw(
    canvas: &mut Canvas,
    players: &[Player],
    names: &[String],
    cells: &BTreeMap<Vec<usize>, Cell>,
    top: f64,
) -> f64 {
    let rows = &players[0].strategies;
    let single = vec![String::new()];
    let columns = players.get(1).map_or(&single, |p| &p.strategies);
    let mut combinations: Vec<Vec<usize>> = vec![Vec::new()];
    for player in players.iter().skip(2) {
        combinations = combinations
            .iter()
            .flat_map(|head| {
                (0..player.strategies.len()).map(move |k| [head.as_slice(), &[k]].concat())
            })
            .collect();
    }
    let name = Type::regular(theme::TICK, theme::INK);
    let head = Type::regular(theme::TICK, theme::MUTED);
    let bold = Type::semibold(theme::LABEL, theme::INK);
    let gutter = rows
        .iter()
        .map(|r| name.width(&spell(r)))
        .fold(0.0, f64::max)
        .min(170.0)
        .max(bold.width(&names[0]).min(170.0))
        + 12.0;
    let (left, right) = (theme::MARGIN + gutter, theme::WIDTH - theme::MARGIN);
    let width = ((right - left) / columns.len() as f64).min(330.0);
    let height = 46.0;
    let decimals = {
        let largest = cells
            .values()
            .flat_map(|c| c.entries.iter().flatten())
            .map(|e| e.payoff.abs())
            .fold(0.0, f64::max);
        words::decimals(largest).clamp(usize::from(largest < 1e3), 2)
    };
    let mut y = top;
    for combination in combinations {
        if !combination.is_empty() {
            let others: Vec<String> = combination
                .iter()
                .enumerate()
                .map(|(k, &choice)| {
                    format!(
                        "{}: {}",
                        names[k + 2],
                        spell(&players[k + 2].strategies[choice])
                    )
                })
                .collect();
            canvas.text(
                others.join(", "),
                (theme::MARGIN, y + 14.0),
                Anchor::Start,
                bold,
            );
            y += 22.0;
        }
        if let Some(second) = names.get(1) {
            canvas.text(
                second,
                (left + 4.0, y + 12.0),
                Anchor::Start,
                Type::semibold(theme::TICK, theme::state(&players[1].name).as_text()),
            );
            y += 18.0;
        }
        canvas.text(
            shorten(&names[0], bold, gutter - 12.0),
            (left - 10.0, y + 12.0),
            Anchor::End,
            Type::semibold(theme::TICK, theme::state(&players[0].name).as_text()),
        );
        for (column, strategy) in columns.iter().enumerate() {
            let centre = left + width * (column as f64 + 0.5);
            canvas.text(
                shorten(&spell(strategy), head, width - 8.0),
                (centre, y + 12.0),
                Anchor::Middle,
                head,
            );
        }
        y += 18.0;
        for (row, strategy) in rows.iter().enumerate() {
            let middle = y + height / 2.0;
            canvas.text(
                shorten(&spell(strategy), name, gutter - 12.0),
                (left - 10.0, middle + theme::TICK * 0.34),
                Anchor::End,
                name,
            );
            for column in 0..columns.len() {
                let mut key = vec![row];
                if players.len() > 1 {
                    key.push(column);
                }
                key.extend(&combination);
                if let Some(cell) = cells.get(&key) {
                    let x = left + width * column as f64;
                    draw_cell(canvas, players, cell, (x, y), (width, height), decimals);
                }
            }
            y += height;
        }
        y += 14.0;
    }
    y
}

fn draw_cell(
    canvas: &mut Canvas,
    players: &[Player],
    cell: &Cell,
    (x, y): (f64, f64),
    (width, height): (f64, f64),
    decimals: usize,
) {
    let fill = if cell.equilibrium {
        theme::RAMP[1].mix(theme::WHITE, 0.65)
    } else {
        theme::RAMP[0]
    };
    canvas.rect(
        (x + 1.0, y + 1.0),
        (x + width - 1.0, y + height - 1.0),
        fill,
        1.0,
    );
    if cell.equilibrium {
        canvas.frame(
            (x + 2.0, y + 2.0),
            (x + width - 2.0, y + height - 2.0),
            2.0,
            theme::INK,
        );
    }
    let texts: Vec<(String, Type)> = cell
        .entries
        .iter()
        .zip(players)
        .map(|(entry, player)| {
            let colour = theme::state(&player.name).as_text();
            match entry {
                Some(Entry { payoff, best: true }) => (
                    words::number(*payoff, decimals),
                    Type::semibold(theme::LABEL, colour),
                ),
                Some(Entry { payoff, .. }) => (
                    words::number(*payoff, decimals),
                    Type::regular(theme::LABEL, colour),
                ),
                None => ("–".to_owned(), Type::regular(theme::LABEL, theme::MUTED)),
            }
        })
        .collect();
    let step = width / texts.len() as f64;
    let noted = cell.equilibrium;
    let baseline = y + height / 2.0 + theme::LABEL * 0.34 - if noted { 7.0 } else { 0.0 };
    for (k, (text, face)) in texts.into_iter().enumerate() {
        canvas.text(
            text,
            (x + step * (k as f64 + 0.5), baseline),
            Anchor::Middle,
            face,
        );
    }
    if noted {
        let small = Type::regular(theme::NOTE, theme::SOFT_INK);
        canvas.text(
            words::percent(cell.share),
            (x + width / 2.0, y + height - 8.0),
            Anchor::Middle,
            small,
        );
    }
}
