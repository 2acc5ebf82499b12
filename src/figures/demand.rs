//! Who uses magnets and oxides, and who goes short.

use super::axis::Axis;
use super::data::{Context, Data, Skip, Window, classify};
use super::kinds::multiples::{Multiples, Panel};
use super::kinds::stacked::{Layer, Stacked};
use super::page::Page;
use super::paths::Paths;
use super::plot::{self, Series, Show};
use super::sheet::Figure;
use super::strips::Events;
use super::theme;
use super::words::{self, Trend};
use crate::domain::graph::Form;

/// Use of magnets by group of sectors.
///
/// # Errors
/// If the table `end_use` has no magnets.
pub fn magnets(data: &Data, context: &Context) -> Result<Figure, Skip> {
    served(
        data,
        context,
        "demand_sectors",
        Form::Magnet,
        "magnets",
        "Magnets used by sector, thousand t a year",
    )
}

/// Direct use of oxides by group of sectors.
///
/// # Errors
/// If the table `end_use` has no oxides.
pub fn oxides(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let measure = "Oxides used directly (not in magnets) by sector, thousand t REO a year";
    served(
        data,
        context,
        "demand_oxides",
        Form::Oxide,
        "oxides outside magnets",
        measure,
    )
}

fn served(
    data: &Data,
    context: &Context,
    name: &str,
    form: Form,
    noun: &str,
    measure: &str,
) -> Result<Figure, Skip> {
    let window = Window::new(data.table("end_use")?, context.runs())?;
    let table = window.table;
    let (sector, commodity) = (table.text("sector")?, table.text("commodity")?);
    let served = table.f64("served_t")?;
    let groups = groups(data, sector.words());
    let group = classify(sector, |id| {
        groups.iter().position(|g| *g == group_of(data, id))
    });
    let is_form = classify(commodity, |id| (data.form(id) == form).then_some(0));
    let class = |row: usize| {
        group[sector.codes()[row] as usize]
            .filter(|_| is_form[commodity.codes()[row] as usize].is_some())
    };
    let paths: Vec<Paths> = window
        .sum(groups.len(), class, |row| served[row])
        .into_iter()
        .map(|p| p.map(|t| t * 4.0 / 1e3))
        .collect();
    let total = Paths::total(&paths)
        .filter(|t| t.bands().q50.iter().any(|v| *v > 0.0))
        .ok_or_else(|| Skip::Nothing(format!("no sector uses {noun}")))?;
    let medians: Vec<Vec<f64>> = paths.iter().map(|p| p.bands().q50).collect();
    let target = total.bands().q50;
    let all: Vec<f64> = (0..target.len())
        .map(|q| medians.iter().map(|m| m[q]).sum())
        .collect();
    let end = target.len() - 1;
    let mut order: Vec<usize> = (0..groups.len())
        .filter(|i| medians[*i].iter().any(|v| *v > 0.0))
        .collect();
    let is_other = |i: usize| groups[i] == OTHER;
    order.sort_by(|a, b| {
        is_other(*a)
            .cmp(&is_other(*b))
            .then(medians[*b][end].total_cmp(&medians[*a][end]))
    });
    let layers: Vec<Layer> = order
        .iter()
        .map(|i| Layer {
            name: group_name(&groups[*i]),
            colour: theme::sector(&groups[*i]),
            values: medians[*i]
                .iter()
                .enumerate()
                .map(|(q, v)| {
                    if all[q] > 0.0 {
                        v * target[q] / all[q]
                    } else {
                        0.0
                    }
                })
                .collect(),
        })
        .collect();
    let (start, last) = (window.first_year(), window.last_year());
    let period = words::period(start, last);
    let largest = order
        .iter()
        .find(|i| !is_other(**i))
        .map(|i| (&groups[*i], paths[*i].over(&total)));
    let share =
        largest.and_then(|(g, share)| Some((g.clone(), share.at_start()?, share.at_end()?)));
    let grows =
        total
            .change_ratio()
            .filter(|_| start != last)
            .map(|ratio| match Trend::of_ratio(&ratio) {
                Trend::Up => format!(
                    "Use of {noun} grows to {} times its {start} level by {last}",
                    words::factor(ratio.q50)
                ),
                Trend::Down => format!(
                    "Use of {noun} falls to {} times its {start} level by {last}",
                    words::factor(ratio.q50)
                ),
                Trend::Flat => format!("Use of {noun} stays near its {start} level to {last}"),
                Trend::Unclear => {
                    format!("Use of {noun} shows no clear trend {period}")
                }
            });
    let mut title = grows.unwrap_or_else(|| format!("Use of {noun} in {last}"));
    if let Some((group, from, to)) = share {
        let name = words::lower_first(&group_name(&group));
        let (from, to) = (words::percent(from.q50), words::percent(to.q50));
        let then = if from == to || start == last {
            String::new()
        } else {
            format!(", against {from}")
        };
        title.push_str(&format!("; {to} goes into {name}{then}"));
    }
    let world = total.at_end().map_or(String::new(), |t| {
        format!(" World in {last}: {}.", words::interval(&t))
    });
    let page = Page {
        title,
        subtitle: format!(
            "{measure}{}. Median of {}, shares scaled to the median total.{world} At right: share in {last}",
            context.scenario(),
            words::seeds(window.runs)
        ),
        note: String::new(),
        footer: context.footer(window.runs),
    };
    let events = Events::read(data, context, window.first, window.quarters);
    let figure = Stacked {
        first: window.first,
        quarters: window.quarters,
        layers,
        events,
    };
    Ok(Figure::fixed(name, &page, |canvas, top, bottom| {
        figure.draw(canvas, top, bottom)
    }))
}

/// Share of demand that is not met, by group of sectors, defence apart.
///
/// # Errors
/// If the table `end_use` has no demand.
pub fn shortage(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let window = Window::new(data.table("end_use")?, context.runs())?;
    let table = window.table;
    let (sector, commodity) = (table.text("sector")?, table.text("commodity")?);
    let (demand, price, limit) = (
        table.f64("demand_t")?,
        table.f64("unmet_price_t")?,
        table.f64("unmet_limit_t")?,
    );
    let groups = groups(data, sector.words());
    let group = classify(sector, |id| {
        groups.iter().position(|g| *g == group_of(data, id))
    });
    let forms = [Form::Magnet, Form::Oxide];
    let form = classify(commodity, |id| {
        forms.iter().position(|f| *f == data.form(id))
    });
    let class = |row: usize| {
        Some(
            form[commodity.codes()[row] as usize]? * groups.len()
                + group[sector.codes()[row] as usize]?,
        )
    };
    let wanted = window.sum(forms.len() * groups.len(), class, |row| demand[row]);
    let unmet = window.sum(forms.len() * groups.len(), class, |row| {
        price[row] + limit[row]
    });
    let share = |cell: usize| unmet[cell].over(&wanted[cell]).map(|s| 100.0 * s);
    let mut worst: Vec<(String, f64)> = Vec::new();
    let mut drawn = Vec::new();
    for (index, group) in groups.iter().enumerate() {
        let (magnets, oxides) = (share(index), share(groups.len() + index));
        // One colour for all but defence, so that the key holds in every panel.
        let colour = if group == DEFENCE {
            theme::sector(group)
        } else {
            theme::STRATEGIES[1]
        };
        let both = magnets.bands().any() && oxides.bands().any();
        let mut series = Vec::new();
        for (paths, label, dashed) in [(&magnets, "magnets", false), (&oxides, "oxides", true)] {
            let bands = paths.bands();
            if bands.any() {
                let peak = bands
                    .q50
                    .iter()
                    .copied()
                    .filter(|v| v.is_finite())
                    .fold(0.0, f64::max);
                worst.push((
                    format!("{} in {}", label, group_name(group).to_lowercase()),
                    peak,
                ));
                let colour = if dashed && (both || group != DEFENCE) {
                    theme::STRATEGIES[0]
                } else {
                    colour
                };
                let show = if dashed && both {
                    Show::Line
                } else {
                    Show::Outer
                };
                let line = Series::new(label, colour, bands).show(show);
                series.push(if dashed { line.dashed() } else { line });
            }
        }
        if !series.is_empty() {
            drawn.push((group_name(group), series, group == DEFENCE));
        }
    }
    if drawn.is_empty() {
        return Err(Skip::Nothing("no sector has any demand".to_owned()));
    }
    drawn.sort_by_key(|(_, _, defence)| *defence);
    let axis = Axis::linear(
        0.0,
        plot::range(drawn.iter().flat_map(|(_, s, _)| s)).map_or(5.0, |(_, high)| high.max(2.0)),
        4,
    );
    let panels: Vec<Panel> = drawn
        .into_iter()
        .map(|(name, series, _)| {
            let peak = series.iter().map(|s| {
                s.bands
                    .q50
                    .iter()
                    .copied()
                    .filter(|v| v.is_finite())
                    .fold(0.0, f64::max)
            });
            let note = format!("peak {}%", words::number(peak.fold(0.0, f64::max), 1));
            Panel {
                name,
                note,
                series,
                axis: axis.clone(),
            }
        })
        .collect();
    let most = worst.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    let defence = worst
        .iter()
        .filter(|(name, _)| name.contains("defence"))
        .map(|(_, v)| *v)
        .fold(0.0, f64::max);
    let title = match most {
        Some((name, peak)) if *peak >= 0.5 => format!(
            "At the worst {}% of demand goes unmet ({name}); in defence {}",
            words::number(*peak, 0),
            if defence < 0.5 {
                "almost nothing does".to_owned()
            } else {
                format!("{}% does", words::number(defence, 0))
            }
        ),
        _ => "No sector goes short: in the median seed less than 0.5% of any demand is unmet"
            .to_owned(),
    };
    let page = Page {
        title,
        subtitle: format!(
            "Demand given up because of price or refused by a limit, % of demand at the prices of the start{}. Defence apart, last. {}",
            context.scenario(),
            words::outer_band(window.runs)
        ),
        note: "Above each panel: highest quarter of the median. Tonnes of the states of the world together.".to_owned(),
        footer: context.footer(window.runs),
    };
    let columns = match panels.len() {
        7 | 8 => 4,
        0..=9 => 3.min(panels.len()),
        _ => 5,
    };
    let grid = Multiples {
        first: window.first,
        quarters: window.quarters,
        columns,
        panels,
        height: 150.0,
        shared: true,
        suffix: "%",
        rule: None,
    };
    Ok(Figure::flowing("shortage", &page, |canvas, top| {
        grid.draw(canvas, top)
    }))
}

/// The group that is shown apart.
const DEFENCE: &str = "defence";
/// The group of all that has no group of its own.
const OTHER: &str = "other";

/// Group of a sector, in small letters; `other` if it has none of the known ones.
fn group_of(data: &Data, id: &str) -> String {
    let group = data.group("sector", id).to_lowercase();
    if theme::SECTORS.iter().any(|(name, _)| *name == group) {
        group
    } else {
        OTHER.to_owned()
    }
}

/// Groups that occur, in the order of the theme.
fn groups(data: &Data, ids: &[String]) -> Vec<String> {
    let known = theme::SECTORS.iter().map(|(name, _)| (*name).to_owned());
    known
        .filter(|name| ids.iter().any(|id| group_of(data, id) == *name))
        .collect()
}

/// Name of a group of sectors for the reader.
fn group_name(group: &str) -> String {
    if group == OTHER {
        "Other uses".to_owned()
    } else {
        words::upper_first(group)
    }
}
