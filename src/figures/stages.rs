//! Small multiples by state and stage: the share of the world's output of each stage that each large state holds.

use super::axis::Axis;
use super::data::{Context, Data, Skip, Window, classify};
use super::kinds::multiples::{Multiples, Panel};
use super::page::Page;
use super::paths::Paths;
use super::plot::{self, Series, Show};
use super::sheet::Figure;
use super::{theme, words};

/// Most states of a stage, in columns.
const MOST: usize = 4;
/// Stages in rows: from mine to magnet.
const STAGES: usize = 4;
/// Most a title says of rises.
const SAID: f64 = 0.5;

/// Share of each stage by state over time.
///
/// # Errors
/// If the table `stage` has no output.
pub fn shares(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let window = Window::new(data.table("stage")?, context.runs())?;
    let table = window.table;
    let (stage, host) = (table.text("stage")?, table.text("host")?);
    let production = table.f64("production_t")?;
    let stages = &theme::STAGES[..STAGES];
    let kind = classify(stage, |word| stages.iter().position(|(id, ..)| *id == word));
    let states = host.words().len();
    let cell =
        |row: usize| Some(kind[stage.codes()[row] as usize]? * states + host.codes()[row] as usize);
    let output = window.sum(STAGES * states, cell, |row| production[row]);
    let totals: Vec<Option<Paths>> = (0..STAGES)
        .map(|k| Paths::total(&output[k * states..(k + 1) * states]))
        .collect();
    let share = |k: usize, s: usize| -> Option<Paths> {
        let total = totals[k].as_ref()?;
        Some(
            output[k * states + s]
                .over(total)
                .map(|share| 100.0 * share),
        )
    };
    let mean = |k: usize, s: usize| {
        let values = share(k, s).map_or(Vec::new(), |p| p.bands().q50);
        let finite: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
        finite.iter().sum::<f64>() / finite.len().max(1) as f64
    };
    // The largest states of each stage; as many in each row as every stage has.
    let largest = |k: usize| -> Vec<usize> {
        let mut order: Vec<(usize, f64)> = (0..states)
            .filter(|s| host.words()[*s] != theme::REST)
            .map(|s| (s, mean(k, s)))
            .filter(|(_, share)| *share > 0.0)
            .collect();
        order.sort_by(|a, b| {
            b.1.total_cmp(&a.1)
                .then(host.words()[a.0].cmp(&host.words()[b.0]))
        });
        order.truncate(MOST);
        order.into_iter().map(|(state, _)| state).collect()
    };
    let rows: Vec<(usize, Vec<usize>)> = (0..STAGES)
        .map(|k| (k, largest(k)))
        .filter(|(_, of)| !of.is_empty())
        .collect();
    let columns = rows.iter().map(|(_, of)| of.len()).min().unwrap_or(0);
    if columns == 0 {
        return Err(Skip::Nothing("no stage has any output".to_owned()));
    }
    let mut gains: Option<(String, &str, f64, f64)> = None;
    let mut panels = Vec::new();
    for (k, of) in &rows {
        let name = stages[*k].1;
        for s in &of[..columns] {
            let code = &host.words()[*s];
            let Some(paths) = share(*k, *s) else {
                continue;
            };
            let series = Series::new("", theme::state(code), paths.bands()).show(Show::Outer);
            let note = paths.at_end().map_or_else(String::new, |end| {
                format!("{}%", words::number(end.q50, usize::from(end.q50 < 9.95)))
            });
            // Only what the whole 90% interval says has risen can be the finding.
            if let (Some(change), Some(end)) = (paths.change(), paths.at_end())
                && change.q05 > SAID
                && gains
                    .as_ref()
                    .is_none_or(|(_, _, most, _)| change.q50 > *most)
            {
                gains = Some((data.name("state", code), name, change.q50, end.q50));
            }
            let most = plot::range([&series]).map_or(1.0, |(_, high)| high.max(1.0));
            panels.push(Panel {
                name: format!("{code} {}", words::lower_first(name)),
                note,
                axis: Axis::linear(0.0, most, 3),
                series: vec![series],
            });
        }
    }
    let (start, last) = (window.first_year(), window.last_year());
    let title = match gains {
        Some((state, stage, by, to)) if start != last => format!(
            "{} gains most in {}: {} points to {}% of the world’s output in {last}",
            words::upper_first(&words::with_article(&state)),
            theme::doing(stage),
            words::signed(by, usize::from(by < 9.95)),
            words::number(to, usize::from(to < 9.95))
        ),
        _ => format!(
            "No state’s share of a stage rises clearly {}",
            words::period(start, last)
        ),
    };
    let mut codes: Vec<String> = Vec::new();
    for s in rows.iter().flat_map(|(_, of)| &of[..columns]) {
        if !codes.contains(&host.words()[*s]) {
            codes.push(host.words()[*s].clone());
        }
    }
    let page = Page {
        title,
        subtitle: format!(
            "Share of the world’s output of each stage, its largest host states, %, each panel on its own scale{}. {}",
            context.scenario(),
            words::outer_band(window.runs)
        ),
        note: format!(
            "Above each panel: median of the last year. {}.",
            super::trust::state_key(data, &codes)
        ),
        footer: context.footer(window.runs),
    };
    let grid = Multiples {
        first: window.first,
        quarters: window.quarters,
        columns,
        panels,
        height: 88.0,
        shared: false,
        suffix: "",
        rule: None,
    };
    Ok(Figure::flowing("states_stages", &page, |canvas, top| {
        grid.draw(canvas, top)
    }))
}
