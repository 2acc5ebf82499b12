//! How long stocks would last, by commodity, inside and outside the focal state.

use super::axis::Axis;
use super::data::{Context, Data, Skip, Window, classify};
use super::kinds::multiples::{Multiples, Panel};
use super::page::Page;
use super::paths::Paths;
use super::plot::{self, Series, Show};
use super::prices::short_name;
use super::sheet::Figure;
use super::{theme, words};
use crate::domain::graph::Form;

/// Days in a quarter, on average.
const DAYS: f64 = 365.25 / 4.0;

/// Days of cover of each oxide and magnet.
///
/// # Errors
/// If the table `market` has no stocks.
pub fn cover(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let window = Window::new(data.table("market")?, context.runs())?;
    let table = window.table;
    let (state, commodity) = (table.text("state")?, table.text("commodity")?);
    let (firms, states, used) = (
        table.f64("firm_stock_t")?,
        table.f64("state_stock_t")?,
        table.f64("use_t")?,
    );
    let mut ids = data.commodities(commodity, Form::Oxide);
    ids.truncate(9);
    ids.extend(
        data.commodities(commodity, Form::Magnet)
            .into_iter()
            .take(3),
    );
    let class = classify(commodity, |word| ids.iter().position(|id| id == word));
    let focus = state.code(&context.focus);
    let side = |row: usize| usize::from(Some(state.codes()[row]) != focus);
    let cell = |row: usize| class[commodity.codes()[row] as usize].map(|c| 2 * c + side(row));
    let stocks = window.sum(2 * ids.len(), cell, |row| firms[row] + states[row]);
    let uses = window.sum(2 * ids.len(), cell, |row| used[row]);
    let name = data.name("state", &context.focus);
    let (inside, outside) = (format!("inside {name}"), format!("outside {name}"));
    let (start, last) = (window.first_year(), window.last_year());
    let mut drawn = Vec::new();
    let mut lowest: Option<(String, f64)> = None;
    for (index, id) in ids.iter().enumerate() {
        let days =
            |at: usize| -> Paths { stocks[at].over(&uses[at]).map(|quarters| quarters * DAYS) };
        let (here, abroad) = (days(2 * index), days(2 * index + 1));
        let series: Vec<Series> = [
            Series::new(&inside, theme::INSIDE, here.bands())
                .dashed()
                .show(Show::Outer),
            Series::new(&outside, theme::OUTSIDE, abroad.bands()).show(Show::Outer),
        ]
        .into_iter()
        .filter(|s| s.bands.any())
        .collect();
        if series.is_empty() {
            continue;
        }
        let mut note = String::new();
        if let (Some(from), Some(to)) = (abroad.at_start(), abroad.at_end()) {
            note = format!(
                "{} → {}",
                words::number(from.q50, 0),
                words::number(to.q50, 0)
            );
            let low = abroad
                .bands()
                .q50
                .iter()
                .copied()
                .filter(|v| v.is_finite())
                .fold(f64::INFINITY, f64::min);
            if lowest.as_ref().is_none_or(|(_, least)| low < *least) {
                lowest = Some((data.name("commodity", id), low));
            }
        }
        drawn.push((short_name(data, id, &ids), note, series));
    }
    let high = plot::range(drawn.iter().flat_map(|(_, _, s)| s)).map(|(_, high)| high);
    let high =
        high.ok_or_else(|| Skip::Nothing("no commodity has both stocks and use".to_owned()))?;
    let title = match &lowest {
        Some((commodity, days)) => format!(
            "Outside {name} cover is thinnest in {}: at its lowest, stocks last {} days",
            words::lower_first(commodity),
            words::number(*days, 0)
        ),
        None => format!("Stocks in days of cover inside {name}"),
    };
    let page = Page {
        title,
        subtitle: format!(
            "Stocks of firms and states over use, days{}. {}",
            context.scenario(),
            words::outer_band(window.runs)
        ),
        note: format!(
            "Above each panel: outside {name}, median of {start} → {last}. Lowest: quarter with the smallest median."
        ),
        footer: context.footer(window.runs),
    };
    let axis = Axis::linear(0.0, high, 4);
    let columns = if drawn.len() > 9 { 4 } else { 3 };
    let panels: Vec<Panel> = drawn
        .into_iter()
        .map(|(name, note, series)| Panel {
            name,
            note,
            series,
            axis: axis.clone(),
        })
        .collect();
    let grid = Multiples {
        first: window.first,
        quarters: window.quarters,
        columns: columns.min(panels.len()),
        panels,
        height: 126.0,
        shared: true,
        suffix: "",
        rule: None,
    };
    Ok(Figure::flowing("stock_cover", &page, |canvas, top| {
        grid.draw(canvas, top)
    }))
}
