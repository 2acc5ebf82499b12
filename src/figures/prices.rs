//! Prices: each oxide inside and outside the focal state, the ratio of the two, magnets by venue.

use super::axis::Axis;
use super::data::{Context, Data, Skip, Window, classify};
use super::kinds::{multiples, wide};
use super::page::Page;
use super::paths::{Paths, Spread};
use super::plot::{self, Series, Show};
use super::sheet::Figure;
use super::strips::Events;
use super::theme;
use super::words::{self, Trend};
use crate::domain::graph::Form;

/// Price of one commodity inside the focal state and outside it, USD/kg.
#[derive(Debug, Clone)]
pub struct Sides {
    /// Commodity.
    pub id: String,
    /// Price in the focal state.
    pub inside: Paths,
    /// Mean price of the other importing states, weighted by use; of all others that use it where none imports.
    pub outside: Paths,
}

/// The two prices of each commodity.
///
/// # Errors
/// If a column is missing.
pub fn sides(window: &Window, ids: &[String], focus: &str) -> Result<Vec<Sides>, Skip> {
    let table = window.table;
    let (state, commodity) = (table.text("state")?, table.text("commodity")?);
    let (price, used, imports) = (
        table.f64("price_usd_per_kg")?,
        table.f64("use_t")?,
        table.f64("imports_t")?,
    );
    let class = classify(commodity, |word| ids.iter().position(|id| id == word));
    let class = |row: usize| class[commodity.codes()[row] as usize];
    let inside = state.code(focus);
    let is_inside = |row: usize| Some(state.codes()[row]) == inside;
    let outside = |row: usize| class(row).filter(|_| !is_inside(row));
    let importing = |row: usize| outside(row).filter(|_| imports[row] > 0.0);
    let weight = |row: usize| {
        if price[row].is_finite() {
            used[row]
        } else {
            0.0
        }
    };
    let worth = |row: usize| weight(row) * price[row];
    let n = ids.len();
    let here = window.sum(
        n,
        |row| class(row).filter(|_| is_inside(row)),
        |row| price[row],
    );
    let (worth_all, weight_all) = (
        window.sum(n, outside, worth),
        window.sum(n, outside, weight),
    );
    let (worth_in, weight_in) = (
        window.sum(n, importing, worth),
        window.sum(n, importing, weight),
    );
    let sides = ids.iter().enumerate().map(|(i, id)| {
        let importers = worth_in[i].over(&weight_in[i]);
        let everybody = worth_all[i].over(&weight_all[i]);
        Sides {
            id: id.clone(),
            inside: here[i].map(|p| if p > 0.0 { p } else { f64::NAN }),
            outside: importers.with(&everybody, |a, b| if a.is_finite() { a } else { b }),
        }
    });
    Ok(sides
        .filter(|s| s.inside.bands().any() || s.outside.bands().any())
        .collect())
}

/// Price of each oxide inside and outside the focal state.
///
/// # Errors
/// If the table `market` has no oxide prices.
pub fn oxides(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let window = Window::new(data.table("market")?, context.runs())?;
    let ids = data.commodities(window.table.text("commodity")?, Form::Oxide);
    let sides = sides(&window, &ids, &context.focus)?;
    if sides.is_empty() {
        return Err(Skip::Nothing("no oxide has a price".to_owned()));
    }
    let focus = data.name("state", &context.focus);
    let (inside, outside) = (format!("inside {focus}"), format!("outside {focus}"));
    let panels: Vec<(String, String, Vec<Series>)> = sides
        .iter()
        .take(9)
        .map(|s| {
            let gap = s.outside.over(&s.inside).at_end();
            let note = gap.map_or(String::new(), |g| format!("gap ×{}", words::factor(g.q50)));
            let series = vec![
                Series::new(&inside, theme::INSIDE, s.inside.bands())
                    .dashed()
                    .show(Show::Outer),
                Series::new(&outside, theme::OUTSIDE, s.outside.bands()).show(Show::Outer),
            ];
            (short_name(data, &s.id, &ids), note, series)
        })
        .collect();
    let last = window.last_year();
    let moves = sides
        .iter()
        .filter_map(|s| Some((s, s.outside.change_ratio()?)));
    let clear: Vec<(&Sides, Spread)> = moves
        .filter(|(_, r)| matches!(Trend::of_ratio(r), Trend::Up | Trend::Down))
        .collect();
    let phrase = |(s, r): &(&Sides, Spread)| {
        (
            words::lower_first(&data.name("commodity", &s.id)),
            words::factor(r.q50),
        )
    };
    let highest = clear
        .iter()
        .filter(|(_, r)| r.q50 > 1.0)
        .max_by(|a, b| a.1.q50.total_cmp(&b.1.q50))
        .map(phrase);
    let lowest = clear
        .iter()
        .filter(|(_, r)| r.q50 < 1.0)
        .min_by(|a, b| a.1.q50.total_cmp(&b.1.q50))
        .map(phrase);
    let start = window.first_year();
    let period = words::period(start, last);
    let title = match (highest, lowest) {
        (Some((up, by)), Some((down, to))) => format!(
            "By {last} {up} rises most, to {by} times its {start} price, and {down} falls most, to {to} times"
        ),
        (Some((up, by)), None) => format!(
            "By {last} {up} rises most, to {by} times its {start} price; none falls clearly"
        ),
        (None, Some((down, to))) => format!(
            "By {last} {down} falls most, to {to} times its {start} price; none rises clearly"
        ),
        (None, None) => format!("No oxide price shows a clear trend {period}"),
    };
    let page = Page {
        title,
        subtitle: format!(
            "Oxide prices inside {focus} and outside it (importing states, weighted by use), real 2024 USD per kg{}. Log scale, the same factor \
             in every panel. {}",
            context.scenario(),
            words::outer_band(window.runs)
        ),
        note: format!(
            "Gap: price outside over price inside, median of {last}. Rise and fall: outside {focus}, mean of {last} over mean of {start}."
        ),
        footer: context.footer(window.runs),
    };
    let panels = same_factor(panels)?;
    Ok(Figure::flowing("price_oxides", &page, |canvas, top| {
        grid(&window, panels, 3, 126.0).draw(canvas, top)
    }))
}

/// Price outside over price inside the focal state, of each oxide and magnet.
///
/// # Errors
/// If the table `market` has no prices on both sides.
pub fn inside_outside(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let window = Window::new(data.table("market")?, context.runs())?;
    let column = window.table.text("commodity")?;
    let mut ids = data.commodities(column, Form::Oxide);
    ids.truncate(9);
    ids.extend(data.commodities(column, Form::Magnet).into_iter().take(3));
    let focus = data.name("state", &context.focus);
    let ratios: Vec<(String, Paths)> = sides(&window, &ids, &context.focus)?
        .into_iter()
        .map(|s| (s.id, s.outside.over(&s.inside)))
        .filter(|(_, ratio)| ratio.bands().any())
        .collect();
    if ratios.is_empty() {
        return Err(Skip::Nothing(format!(
            "nothing has a price both inside and outside {focus}"
        )));
    }
    let panels: Vec<(String, String, Vec<Series>)> = ratios
        .iter()
        .map(|(id, ratio)| {
            let note = ratio.at_end().map_or(String::new(), |end| {
                format!("×{}", words::number(end.q50, 2))
            });
            (
                short_name(data, id, &ids),
                note,
                vec![Series::new("", theme::OUTSIDE, ratio.bands())],
            )
        })
        .collect();
    let last = window.last_year();
    let ends: Vec<(&str, Spread)> = ratios
        .iter()
        .filter_map(|(id, r)| Some((id.as_str(), r.at_end()?)))
        .collect();
    let widest = ends.iter().max_by(|a, b| a.1.q50.total_cmp(&b.1.q50));
    let title = match widest {
        Some((id, end)) if end.q05 > 1.0 && end.q50 >= 1.05 => format!(
            "In {last} {} sells outside {focus} at {} times the price inside, the widest gap",
            words::lower_first(&data.name("commodity", id)),
            words::number(end.q50, if end.q50 < 1.5 { 2 } else { 1 })
        ),
        Some((_, end)) if end.q50 < 1.05 => format!(
            "Prices inside and outside {focus} stay close: no median gap in {last} exceeds 5%"
        ),
        _ => format!("No clear gap between prices inside and outside {focus} in {last}"),
    };
    let page = Page {
        title,
        subtitle: format!(
            "Price outside {focus} (importing states, weighted by use) over price inside; 1 = no gap{}. Log scale. {}",
            context.scenario(),
            words::bands(window.runs)
        ),
        note: format!(
            "Number above each panel: median of {last}. Without value-added tax; freight and duty are part of the price outside."
        ),
        footer: context.footer(window.runs),
    };
    let all = panels.iter().flat_map(|(_, _, s)| s);
    let (low, high) =
        plot::range(all).ok_or_else(|| Skip::Nothing("no ratio is defined".to_owned()))?;
    let axis = Axis::log(low.min(0.95) / 1.02, high.max(1.1) * 1.02);
    let columns = if panels.len() > 9 { 4 } else { 3 };
    let panels = panels
        .into_iter()
        .map(|(name, note, series)| multiples::Panel {
            name,
            note,
            series,
            axis: axis.clone(),
        });
    let mut grid = grid(&window, panels.collect(), columns, 126.0);
    grid.shared = true;
    grid.rule = Some(1.0);
    Ok(Figure::flowing("inside_outside", &page, |canvas, top| {
        grid.draw(canvas, top)
    }))
}

/// Price of each magnet in the focal state and in the largest other users.
///
/// # Errors
/// If the table `market` has no magnet prices.
pub fn magnets(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let window = Window::new(data.table("market")?, context.runs())?;
    let table = window.table;
    let (state, commodity) = (table.text("state")?, table.text("commodity")?);
    let (price, used) = (table.f64("price_usd_per_kg")?, table.f64("use_t")?);
    let ids = data.commodities(commodity, Form::Magnet);
    let magnet = classify(commodity, |word| ids.iter().position(|id| id == word));
    let magnet = |row: usize| magnet[commodity.codes()[row] as usize];
    let states: Vec<usize> = (0..state.words().len()).collect();
    let use_by_state = window.sum(
        states.len(),
        |row| magnet(row).map(|_| state.codes()[row] as usize),
        |row| used[row],
    );
    let mut order: Vec<(f64, &str)> = use_by_state
        .iter()
        .zip(state.words())
        .map(|(paths, word)| (paths.at_end().map_or(0.0, |s| s.q50), word.as_str()))
        .filter(|(amount, word)| *amount > 0.0 && *word != theme::REST)
        .collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let mut venues: Vec<&str> = order
        .iter()
        .map(|(_, word)| *word)
        .filter(|w| *w != context.focus)
        .take(4)
        .collect();
    if state.code(&context.focus).is_some() {
        venues.insert(0, &context.focus);
    }
    let venue = classify(state, |word| venues.iter().position(|v| *v == word));
    let class =
        |row: usize| Some(magnet(row)? * venues.len() + venue[state.codes()[row] as usize]?);
    let prices = window.sum(ids.len() * venues.len(), class, |row| price[row]);
    let mut panels = Vec::new();
    let mut moves: Vec<(String, Spread)> = Vec::new();
    for (id, prices) in ids.iter().zip(prices.chunks(venues.len().max(1))) {
        let mut series = Vec::new();
        for (code, paths) in venues.iter().zip(prices) {
            let paths = paths.map(|p| if p > 0.0 { p } else { f64::NAN });
            let bands = paths.bands();
            let Some(end) = bands.last() else { continue };
            let label = format!("{} {}", data.name("state", code), words::short(end.q50));
            let is_focus = *code == context.focus;
            let show = if is_focus { Show::Outer } else { Show::Line };
            let line = Series::new(label, theme::state(code), bands).show(show);
            series.push(if is_focus { line.dashed() } else { line });
            if is_focus || venues.len() == 1 {
                moves.extend(paths.change_ratio().map(|r| (id.clone(), r)));
            }
        }
        let Some((_, high)) = plot::range(&series) else {
            continue;
        };
        let steps = if ids.len() > 1 { 4 } else { 5 };
        panels.push(wide::Panel {
            name: data.name("commodity", id),
            series,
            axis: Axis::linear(0.0, high, steps),
        });
    }
    if panels.is_empty() {
        return Err(Skip::Nothing("no magnet has a price".to_owned()));
    }
    let (start, last) = (window.first_year(), window.last_year());
    let period = words::period(start, last);
    let focus = data.name("state", &context.focus);
    let clear = moves
        .iter()
        .filter(|(_, r)| matches!(Trend::of_ratio(r), Trend::Up | Trend::Down));
    let most = clear.max_by(|a, b| (a.1.q50 - 1.0).abs().total_cmp(&(b.1.q50 - 1.0).abs()));
    let title = match most {
        Some((id, ratio)) => format!(
            "By {last} {} cost {} times as much inside {focus} as in {start}, the largest {} among magnets",
            plural(&data.name("commodity", id)),
            words::factor(ratio.q50),
            if ratio.q50 > 1.0 { "rise" } else { "fall" }
        ),
        None => {
            format!("No magnet price inside {focus} shows a clear trend {period}")
        }
    };
    let page = Page {
        title,
        subtitle: format!(
            "Price of finished magnets by place of use, real 2024 USD per kg without VAT{}. Lines: medians of {}; band: 90%, {focus} only. At right: \
             last quarter",
            context.scenario(),
            words::seeds(window.runs)
        ),
        note: String::new(),
        footer: context.footer(window.runs),
    };
    let events = Events::read(data, context, window.first, window.quarters);
    let height = 150.0 * panels.len() as f64 + 60.0 + if events.is_empty() { 0.0 } else { 63.0 };
    let figure = wide::Wide {
        first: window.first,
        quarters: window.quarters,
        panels,
        suffix: "",
        rule: None,
        events,
    };
    Ok(Figure::flowing("price_magnets", &page, |canvas, top| {
        figure.draw(canvas, top, top + height)
    }))
}

/// Name of a commodity for the head of a panel: without the word for its form and what stands in brackets; the group of elements
/// where the name is long and no other of the `ids` is of this group.
#[must_use]
pub fn short_name(data: &Data, id: &str, ids: &[String]) -> String {
    let name = data.name("commodity", id);
    let name = name.split(" (").next().unwrap_or(&name);
    let name = name.strip_suffix(" oxide").unwrap_or(name);
    let group = data.group("commodity", id);
    let alike = ids
        .iter()
        .filter(|other| data.group("commodity", other) == group);
    if name.chars().count() > 18 && !group.is_empty() && alike.count() == 1 {
        return group.to_owned();
    }
    name.replace(" magnets,", ",").replace(" magnet,", ",")
}

/// Name of a commodity in the plural that a sentence about its price wants: `SmCo magnets`.
fn plural(name: &str) -> String {
    let name = name.split(" (").next().unwrap_or(name);
    match name.split_once(" magnet,") {
        Some((kind, grade)) => format!("{kind} magnets,{grade},"),
        None if name.ends_with(" magnet") => format!("{name}s"),
        None => name.to_owned(),
    }
}

/// Panels with log axes of their own that all span the same factor, so that slopes compare.
fn same_factor(panels: Vec<(String, String, Vec<Series>)>) -> Result<Vec<multiples::Panel>, Skip> {
    let ranges: Vec<Option<(f64, f64)>> = panels
        .iter()
        .map(|(_, _, s)| plot::range(s).filter(|r| r.0 > 0.0))
        .collect();
    let factor = ranges
        .iter()
        .flatten()
        .map(|(low, high)| high / low)
        .fold(2.0, f64::max)
        * 1.25;
    let mut drawn = Vec::new();
    for ((name, note, series), range) in panels.into_iter().zip(ranges) {
        if let Some((low, high)) = range {
            let (middle, half) = ((low * high).sqrt(), factor.sqrt());
            let axis = Axis::log(middle / half, middle * half);
            drawn.push(multiples::Panel {
                name,
                note,
                series,
                axis,
            });
        }
    }
    if drawn.is_empty() {
        Err(Skip::Nothing("no price is positive".to_owned()))
    } else {
        Ok(drawn)
    }
}

fn grid(
    window: &Window,
    panels: Vec<multiples::Panel>,
    columns: usize,
    height: f64,
) -> multiples::Multiples {
    multiples::Multiples {
        first: window.first,
        quarters: window.quarters,
        columns: columns.min(panels.len()),
        panels,
        height,
        shared: false,
        suffix: "",
        rule: None,
    }
}
