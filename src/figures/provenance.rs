//! What goods of unrestricted origin cost more: the premium of the qualified side.

use super::axis::Axis;
use super::data::{Context, Data, Skip, Window, classify};
use super::kinds::multiples::{Multiples, Panel};
use super::page::Page;
use super::plot::{self, Series};
use super::prices::short_name;
use super::sheet::Figure;
use super::{theme, words};
use crate::domain::graph::Form;

/// Letters of a name that would be cut beside the number of a panel.
const LONG: usize = 20;

/// Premium of each magnet and metal over the open side, weighted by what is used on the qualified one.
///
/// # Errors
/// If no goods are told apart by origin.
pub fn premium(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let window = Window::new(data.table("market")?, context.runs())?;
    let table = window.table;
    let commodity = table.text("commodity")?;
    let (premium, used) = (
        table.f64("qualified_premium")?,
        table.f64("qualified_use_t")?,
    );
    let mut ids: Vec<String> = Vec::new();
    for form in [Form::Magnet, Form::Metal, Form::Oxide] {
        ids.extend(data.commodities(commodity, form));
    }
    let class = classify(commodity, |word| ids.iter().position(|id| id == word));
    let told = |row: usize| premium[row].is_finite() && used[row].is_finite();
    let cell = |row: usize| class[commodity.codes()[row] as usize].filter(|_| told(row));
    let weighted = window.sum(ids.len(), cell, |row| premium[row] * used[row]);
    let weights = window.sum(ids.len(), cell, |row| used[row]);
    let mut drawn = Vec::new();
    let mut dearest: Option<(String, f64)> = None;
    for (index, id) in ids.iter().enumerate() {
        let paths = weighted[index].over(&weights[index]).map(|p| 100.0 * p);
        let series = Series::new("", theme::OUTSIDE, paths.bands());
        if !series.bands.any() || drawn.len() == 9 {
            continue;
        }
        let medians = series.bands.q50.iter().copied().filter(|v| v.is_finite());
        let peak = medians.fold(f64::NEG_INFINITY, f64::max);
        if dearest.as_ref().is_none_or(|(_, most)| peak > *most) {
            dearest = Some((data.name("commodity", id), peak));
        }
        let note = series.last().map_or_else(String::new, |last| {
            format!("{}%", words::number(last.q50, 0))
        });
        drawn.push((panel_name(data, id, &ids), note, vec![series]));
    }
    let nothing = || Skip::Nothing("no goods are told apart by origin".to_owned());
    let (good, most) = dearest.ok_or_else(nothing)?;
    let title = if most >= 0.5 {
        format!(
            "Qualified {} costs up to {}% more than open supply",
            words::lower_first(&good),
            words::number(most, 0)
        )
    } else {
        "Qualified goods cost no more than open supply".to_owned()
    };
    let page = Page {
        title,
        subtitle: format!(
            "Price of the qualified over the open side, %{}. {}",
            context.scenario(),
            words::outer_band(window.runs)
        ),
        note: "Above each panel: median of the last quarter. Mean over states, weighted by qualified use. Title: highest median of any quarter."
            .to_owned(),
        footer: context.footer(window.runs),
    };
    let columns = drawn.len().min(3);
    let panels = drawn
        .into_iter()
        .map(|(name, note, series)| {
            // Premiums differ by a hundred between goods: each panel has its own axis.
            let (low, high) = plot::range(&series).unwrap_or((0.0, 1.0));
            Panel {
                name,
                note,
                axis: Axis::between(low.min(0.0), high.max(1.0), 4),
                series,
            }
        })
        .collect();
    let grid = Multiples {
        first: window.first,
        quarters: window.quarters,
        columns,
        panels,
        height: 126.0,
        shared: false,
        suffix: "%",
        rule: Some(0.0),
    };
    Ok(Figure::flowing(
        "qualified_premium",
        &page,
        |canvas, top| grid.draw(canvas, top),
    ))
}

/// Name above a panel: a metal whose name is long goes by its group of elements, `NdPr metal`.
fn panel_name(data: &Data, id: &str, ids: &[String]) -> String {
    let group = data.group("commodity", id);
    if data.form(id) == Form::Metal && !group.is_empty() && data.name("commodity", id).len() > LONG
    {
        format!("{group} metal")
    } else {
        short_name(data, id, ids)
    }
}
