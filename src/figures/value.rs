//! Who captures the value: value added by stage and host, ASEAN apart.

use super::data::{Context, Data, Skip, Window, classify};
use super::kinds::bars::{Bars, Block, Parts, Row};
use super::page::Page;
use super::paths::{Paths, Spread};
use super::sheet::Figure;
use super::theme;
use super::words::{self, Trend};

/// Group of states that is shown apart.
const ASEAN: &str = "asean";
/// Members, should the table of names not say.
const MEMBERS: [&str; 7] = ["MM", "MY", "VN", "TH", "ID", "PH", "LA"];
/// Most states in the first block.
const MOST: usize = 9;

/// Value added by stage and state in the first and the last year.
///
/// # Errors
/// If the table `stage` has no value added.
pub fn added(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let window = Window::new(data.table("stage")?, context.runs())?;
    let table = window.table;
    let (stage, host, value) = (
        table.text("stage")?,
        table.text("host")?,
        table.f64("value_added_usd")?,
    );
    let kinds = theme::STAGES.len();
    let kind = classify(stage, |word| {
        theme::STAGES.iter().position(|(id, ..)| *id == word)
    });
    let cell =
        |row: usize| Some(host.codes()[row] as usize * kinds + kind[stage.codes()[row] as usize]?);
    let paths: Vec<Paths> = window
        .sum(host.words().len() * kinds, cell, |row| value[row])
        .into_iter()
        .map(|p| p.map(|v| v * 4.0 / 1e9))
        .collect();
    let mean = |values: Vec<f64>| {
        let finite: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
        finite.iter().sum::<f64>() / finite.len().max(1) as f64
    };
    let parts = |states: &[usize], last: bool| -> Parts {
        (0..kinds)
            .map(|k| {
                let amount = |state: &usize| {
                    let p = &paths[state * kinds + k];
                    mean(p.mean(if last { p.last_year() } else { p.first_year() }))
                };
                (states.iter().map(amount).sum::<f64>(), theme::STAGES[k].2)
            })
            .filter(|(amount, _)| amount.abs() > 1e-6)
            .collect()
    };
    let row = |name: String, strong: bool, states: &[usize]| Row {
        name,
        strong,
        bars: [parts(states, false), parts(states, true)],
    };
    let size = |row: &Row| row.bars.iter().flatten().map(|(v, _)| v.abs()).sum::<f64>();
    let words_of = host.words();
    let is_member = |i: &usize| {
        data.group("state", &words_of[*i])
            .eq_ignore_ascii_case(ASEAN)
            || MEMBERS.contains(&words_of[*i].as_str())
    };
    let (members, others): (Vec<usize>, Vec<usize>) = (0..words_of.len()).partition(is_member);
    let single = |i: &usize| {
        (
            row(data.name("state", &words_of[*i]), false, &[*i]),
            words_of[*i] == theme::REST,
            *i,
        )
    };
    let mut rows: Vec<(Row, bool, usize)> = others
        .iter()
        .map(single)
        .filter(|(r, ..)| size(r) > 0.0)
        .collect();
    rows.sort_by(|a, b| {
        a.1.cmp(&b.1)
            .then(size(&b.0).total_cmp(&size(&a.0)))
            .then(a.2.cmp(&b.2))
    });
    let mut rest: Vec<usize> = Vec::new();
    let mut world = Vec::new();
    for (row, is_rest, state) in rows {
        if is_rest || world.len() >= MOST {
            rest.push(state)
        } else {
            world.push(row)
        }
    }
    if !rest.is_empty() {
        world.push(row("Rest of world".to_owned(), false, &rest));
    }
    let asean_row = row("ASEAN, all members".to_owned(), true, &members);
    let mut own: Vec<Row> = members
        .iter()
        .map(|i| single(i).0)
        .filter(|r| size(r) > 0.0)
        .collect();
    own.sort_by(|a, b| size(b).total_cmp(&size(a)));
    if world.is_empty() && own.is_empty() {
        return Err(Skip::Nothing("no stage adds any value".to_owned()));
    }
    let mut blocks = Vec::new();
    if !own.is_empty() {
        world.push(asean_row);
    }
    blocks.push(Block {
        name: String::new(),
        rows: world,
    });
    if !own.is_empty() {
        blocks.push(Block {
            name: "Members of ASEAN, on a scale of their own".to_owned(),
            rows: own,
        });
    }
    let (start, last) = (window.first_year(), window.last_year());
    let total = |states: &[usize]| {
        Paths::total(
            states
                .iter()
                .flat_map(|s| &paths[s * kinds..(s + 1) * kinds]),
        )
    };
    let everyone: Vec<usize> = (0..words_of.len()).collect();
    let title = title(total(&members).zip(total(&everyone)), start, last);
    let page = Page {
        title,
        subtitle: format!(
            "Value added by host state and stage, billion real 2024 USD a year{}. Mean of {}; pale: {start}, full: {last}",
            context.scenario(),
            words::seeds(window.runs)
        ),
        note: "Value added: sales less bought materials. Number: sum of the bar.".to_owned(),
        footer: context.footer(window.runs),
    };
    let bars = Bars {
        blocks,
        times: [start.to_string(), last.to_string()],
        key: theme::STAGES
            .iter()
            .map(|(_, name, colour)| ((*name).to_owned(), *colour))
            .collect(),
    };
    Ok(Figure::flowing("value_added", &page, |canvas, top| {
        bars.draw(canvas, top)
    }))
}

fn title(totals: Option<(Paths, Paths)>, start: i32, last: i32) -> String {
    let share = totals.map(|(members, all)| members.over(&all));
    let ends: Option<(Spread, Spread, Spread)> =
        share.and_then(|s| Some((s.at_start()?, s.at_end()?, s.change()?)));
    let Some((from, to, change)) = ends else {
        return format!("Value added by state and stage, {start} and {last}");
    };
    let (before, now) = (words::percent(from.q50), words::percent(to.q50));
    match Trend::of_difference(&change, 0.005) {
        _ if start == last => format!("ASEAN captures {now} of the value added in {last}"),
        Trend::Up => format!(
            "ASEAN captures {now} of the value added in {last}, up from {before} in {start}"
        ),
        Trend::Down => format!(
            "ASEAN captures {now} of the value added in {last}, down from {before} in {start}"
        ),
        Trend::Flat => {
            format!("ASEAN captures {now} of the value added in {last}, much as in {start}")
        }
        Trend::Unclear => format!(
            "ASEAN captures {now} of the value added in {last}, against {before} in {start}: no clear trend"
        ),
    }
}
