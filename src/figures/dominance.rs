//! How much of each stage is in one hand: the share of the focal state and the concentration, by host and by owner.

use super::axis::Axis;
use super::colour::Colour;
use super::data::{Context, Data, Skip, Window, classify};
use super::kinds::multiples::{Multiples, Panel};
use super::page::Page;
use super::paths::Paths;
use super::plot::{Series, Show};
use super::sheet::Figure;
use super::theme;
use super::words::{self, Trend};
use crate::record::table::Text;

/// One stage (or all of them, by value added), its amounts by host and by owner.
struct Stage {
    name: String,
    /// What is done there, within a sentence.
    doing: String,
    by_host: Vec<Paths>,
    by_owner: Vec<Paths>,
}

/// Share of the focal state in each stage, by host and by owner.
///
/// # Errors
/// If the table `stage` is empty.
pub fn share(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let window = Window::new(data.table("stage")?, context.runs())?;
    let (host, owner) = (window.table.text("host")?, window.table.text("owner")?);
    let of = |column: &Text, paths: &[Paths]| {
        let total = Paths::total(paths)?;
        let own = column
            .code(&context.focus)
            .map(|code| paths[code as usize].clone());
        let own = own.unwrap_or_else(|| Paths::filled(window.runs, window.quarters, 0.0));
        Some(own.over(&total).map(|share| share * 100.0))
    };
    let stages = stages(&window)?;
    let mut shares: Vec<(Stage, Paths, Paths)> = Vec::new();
    for stage in stages {
        if let (Some(hosted), Some(owned)) = (of(host, &stage.by_host), of(owner, &stage.by_owner))
            && hosted.bands().any()
        {
            shares.push((stage, hosted, owned));
        }
    }
    let focus = data.name("state", &context.focus);
    let (start, last) = (window.first_year(), window.last_year());
    let period = words::period(start, last);
    let changes = shares
        .iter()
        .filter(|(s, ..)| s.name != VALUE)
        .filter_map(|(s, hosted, _)| Some((s, hosted.change()?, hosted.at_end()?)));
    let changes: Vec<_> = changes.collect();
    let falling: Vec<_> = changes
        .iter()
        .filter(|(_, c, _)| Trend::of_difference(c, 1.5) == Trend::Down)
        .collect();
    let most = falling.iter().min_by(|a, b| a.1.q50.total_cmp(&b.1.q50));
    let strongest = changes.iter().max_by(|a, b| a.2.q50.total_cmp(&b.2.q50));
    let title = match (most, strongest) {
        (Some((stage, change, end)), _) => format!(
            "{} share falls most in {}, by {} points to {}% in {last}",
            words::of(&focus),
            stage.doing,
            words::number(-change.q50, 0),
            words::number(end.q50, 0)
        ),
        (None, Some((stage, _, end))) => format!(
            "{} share falls clearly in no stage {period}; it is largest in {}, {}%",
            words::of(&focus),
            stage.doing,
            words::number(end.q50, 0)
        ),
        _ => return Err(Skip::Nothing("no stage has any output".to_owned())),
    };
    let panels = shares.into_iter().map(|(stage, hosted, owned)| {
        let note = match (hosted.at_end(), owned.at_end()) {
            (Some(h), Some(o)) => format!(
                "{}% host, {}% owner",
                words::number(h.q50, 0),
                words::number(o.q50, 0)
            ),
            _ => String::new(),
        };
        let series = pair(theme::state(&context.focus), &hosted, &owned);
        Panel {
            name: stage.name,
            note,
            series,
            axis: Axis::shares(),
        }
    });
    let page = Page {
        title,
        subtitle: format!(
            "Share of {focus} in the output of each stage, %: plants that stand there, and plants that its firms own anywhere{}. {}",
            context.scenario(),
            words::outer_band(window.runs)
        ),
        note: format!("Above each panel: median of {last}."),
        footer: context.footer(window.runs),
    };
    let grid = grid(&window, panels.collect(), "%");
    Ok(Figure::flowing("china_share", &page, |canvas, top| {
        grid.draw(canvas, top)
    }))
}

/// Herfindahl-Hirschman index of each stage, by host and by owner.
///
/// # Errors
/// If the table `stage` is empty.
pub fn concentration(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let window = Window::new(data.table("stage")?, context.runs())?;
    let indices: Vec<(Stage, Paths, Paths)> = stages(&window)?
        .into_iter()
        .filter_map(|stage| {
            let (host, owner) = (hhi(&stage.by_host)?, hhi(&stage.by_owner)?);
            host.bands().any().then_some((stage, host, owner))
        })
        .collect();
    let (start, last) = (window.first_year(), window.last_year());
    let period = words::period(start, last);
    let stages = || indices.iter().filter(|(s, ..)| s.name != VALUE);
    let highest = stages()
        .filter_map(|(s, host, _)| Some((s, host.at_end()?)))
        .max_by(|a, b| a.1.q50.total_cmp(&b.1.q50))
        .ok_or_else(|| Skip::Nothing("no stage has any output".to_owned()))?;
    let falls = stages()
        .filter(|(_, host, _)| {
            host.change()
                .is_some_and(|c| Trend::of_difference(&c, 150.0) == Trend::Down)
        })
        .count();
    let count = |n: usize| {
        ["no", "one", "two", "three", "four", "five"]
            .get(n)
            .map_or(n.to_string(), |w| (*w).to_owned())
    };
    let title = format!(
        "{} is the most concentrated stage in {last}; concentration by host falls clearly in {} of {} stages",
        words::upper_first(&highest.0.doing),
        count(falls),
        count(stages().count())
    );
    let (_, high) = indices
        .iter()
        .flat_map(|(_, host, owner)| [host.bands().range(), owner.bands().range()])
        .flatten()
        .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
        .unwrap_or((0.0, 10_000.0));
    let axis = Axis::linear(0.0, high, 4);
    let panels = indices.into_iter().map(|(stage, host, owner)| {
        let note = host.at_end().map_or(String::new(), |h| {
            format!("host {}", words::number(h.q50, 0))
        });
        let series = pair(theme::STRATEGIES[1], &host, &owner);
        Panel {
            name: stage.name,
            note,
            series,
            axis: axis.clone(),
        }
    });
    let page = Page {
        title,
        subtitle: format!(
            "Herfindahl-Hirschman index of output shares by host state and by owners’ home state; 10,000: one state has all; above 2,500: highly \
             concentrated{}. {}",
            context.scenario(),
            words::outer_band(window.runs)
        ),
        note: format!(
            "Above each panel: median by host, {last}. Falls clearly: {period} in 95% of seeds."
        ),
        footer: context.footer(window.runs),
    };
    let grid = grid(&window, panels.collect(), "");
    Ok(Figure::flowing("concentration", &page, |canvas, top| {
        grid.draw(canvas, top)
    }))
}

/// Head of the panel of value added.
const VALUE: &str = "Value added";

/// Output of each stage by host and owner, and the value added of all.
fn stages(window: &Window) -> Result<Vec<Stage>, Skip> {
    let table = window.table;
    let (stage, host, owner) = (
        table.text("stage")?,
        table.text("host")?,
        table.text("owner")?,
    );
    let (production, value) = (table.f64("production_t")?, table.f64("value_added_usd")?);
    let kinds = theme::STAGES.len();
    let kind = classify(stage, |word| {
        theme::STAGES.iter().position(|(id, ..)| *id == word)
    });
    let by = |place: &Text| {
        let states = place.words().len();
        let cell = |row: usize| {
            Some(kind[stage.codes()[row] as usize]? * states + place.codes()[row] as usize)
        };
        let mut amounts = window.sum(kinds * states, cell, |row| production[row]);
        amounts.extend(window.sum(
            states,
            |row| Some(place.codes()[row] as usize),
            |row| value[row].max(0.0),
        ));
        amounts
            .chunks(states.max(1))
            .map(<[Paths]>::to_vec)
            .collect::<Vec<_>>()
    };
    let names = theme::STAGES
        .iter()
        .map(|(_, name, _)| (*name).to_owned())
        .chain([VALUE.to_owned()]);
    let rows = names.zip(by(host)).zip(by(owner));
    Ok(rows
        .map(|((name, by_host), by_owner)| Stage {
            doing: theme::doing(&name).to_owned(),
            name,
            by_host,
            by_owner,
        })
        .collect())
}

/// Sum of squared shares, on the scale of 10,000.
fn hhi(by_state: &[Paths]) -> Option<Paths> {
    let total = Paths::total(by_state)?;
    let squares: Vec<Paths> = by_state
        .iter()
        .map(|paths| {
            let share = paths.over(&total);
            share.with(&share, |a, b| 10_000.0 * a * b)
        })
        .collect();
    Paths::total(&squares)
}

/// By host solid; by owner dashed and on top, so that both are seen where they coincide.
fn pair(colour: Colour, host: &Paths, owner: &Paths) -> Vec<Series> {
    vec![
        Series::new("by host", colour, host.bands()).show(Show::Outer),
        Series::new("by owner", theme::STRATEGIES[0], owner.bands())
            .dashed()
            .show(Show::Outer),
    ]
}

fn grid(window: &Window, panels: Vec<Panel>, suffix: &'static str) -> Multiples {
    Multiples {
        first: window.first,
        quarters: window.quarters,
        columns: 3.min(panels.len()),
        panels,
        height: 150.0,
        shared: true,
        suffix,
        rule: None,
    }
}
