//! Whom measures hit: what each refused, to whom, what went unused for it, and who got the rent.

use super::data::{Context, Data, Skip, Window};
use super::kinds::heat::Heat;
use super::page::Page;
use super::prices::short_name;
use super::sheet::Figure;
use super::strips::measure_name;
use super::trust::state_key;
use super::{cost, theme, words};
use crate::domain::graph::Form;
use std::collections::{BTreeMap, BTreeSet};

/// Most states with a column of their own.
const MOST: usize = 8;
/// Most rows in the upper matrix.
const ROWS: usize = 16;
/// Most rows in the lower matrix.
const BELOW: usize = 10;
/// Letters of a name that is too long beside a matrix.
const LONG: usize = 24;
/// Height of a row, px.
const ROW: f64 = 24.0;

/// Amount by measure and commodity (or commodity alone) and state; mean over runs.
type Cells = BTreeMap<(String, String), BTreeMap<String, f64>>;

/// Refused tonnes by importer and commodity, rents, and end use that went unmet because of a limit.
///
/// # Errors
/// If no limit refused anything.
pub fn hit(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let table = data.table("limit")?;
    let window = Window::new(table, context.runs())?;
    let (measure, commodity, importer) = (
        table.text("measure")?,
        table.text("commodity")?,
        table.text("importer")?,
    );
    let (refused, rent) = (table.f64("refused_t")?, table.f64("rent_usd")?);
    let runs = window.runs.max(1) as f64;
    let mut cells = Cells::new();
    let mut rents: BTreeMap<(String, String), f64> = BTreeMap::new();
    let finite = |value: f64| if value.is_finite() { value } else { 0.0 };
    for (row, ..) in window.rows() {
        let key = (measure.get(row).to_owned(), commodity.get(row).to_owned());
        *rents.entry(key.clone()).or_default() += finite(rent[row]) / runs;
        *cells
            .entry(key)
            .or_default()
            .entry(importer.get(row).to_owned())
            .or_default() += finite(refused[row]) / runs;
    }
    let unmet = unmet(data, context)?;
    let sum = |of: &BTreeMap<String, f64>| of.values().sum::<f64>();
    cells.retain(|_, of| sum(of) >= 0.05);
    if cells.is_empty() {
        return Err(Skip::Nothing("no limit refused anything".to_owned()));
    }
    let columns = columns(&cells);
    // Measures by their rent and then by what they refused, goods of a measure together.
    let weight = |name: &str| {
        let of = |key: &&(String, String)| key.0 == name;
        let rent: f64 = rents
            .iter()
            .filter(|(key, _)| of(key))
            .map(|(_, v)| v)
            .sum();
        let tonnes: f64 = cells
            .iter()
            .filter(|(key, _)| of(key))
            .map(|(_, c)| sum(c))
            .sum();
        (rent, tonnes)
    };
    let mut order: Vec<&(String, String)> = cells.keys().collect();
    let named = cells.keys().map(|key| &key.1).chain(unmet.keys());
    let ids: Vec<String> = named
        .collect::<BTreeSet<_>>()
        .into_iter()
        .cloned()
        .collect();
    order.sort_by(|a, b| {
        let (x, y) = (weight(&a.0), weight(&b.0));
        y.0.total_cmp(&x.0)
            .then(y.1.total_cmp(&x.1))
            .then(a.0.cmp(&b.0))
            .then(rents[*b].total_cmp(&rents[*a]))
            .then(a.1.cmp(&b.1))
    });
    let left_out = order.len().saturating_sub(ROWS);
    order.truncate(ROWS);
    let mut heads = columns.clone();
    heads.extend(["all".to_owned(), "rent, m USD".to_owned()]);
    let several = order.iter().any(|key| key.0 != order[0].0);
    let mut seen: Vec<&str> = Vec::new();
    let upper = Heat {
        name: if several {
            "Refused by each measure, t".to_owned()
        } else {
            format!("Refused by {}, t", of_state(data, &order[0].0))
        },
        rows: order
            .iter()
            .map(|(measure, id)| {
                let good = good(data, id, &ids);
                let first = !seen.contains(&measure.as_str());
                seen.push(measure);
                if first && several {
                    format!("{}  ·  {good}", of_state(data, measure))
                } else {
                    good
                }
            })
            .collect(),
        columns: heads.clone(),
        cells: order
            .iter()
            .map(|key| {
                let mut row = shades(&cells[*key], &columns);
                row.push(plain(tonnes(sum(&cells[*key]))));
                let rent = rents[*key] / 1e6;
                row.push(plain(if rent >= 0.05 {
                    words::number(rent, if rent < 9.95 { 1 } else { 0 })
                } else {
                    "–".to_owned()
                }));
                row
            })
            .collect(),
        row_names: true,
    };
    let mut short: Vec<(&String, &BTreeMap<String, f64>)> = unmet.iter().collect();
    short.retain(|(_, of)| sum(of) >= 0.05);
    short.sort_by(|a, b| sum(b.1).total_cmp(&sum(a.1)).then(a.0.cmp(b.0)));
    short.truncate(BELOW);
    let lower = Heat {
        name: "End use that went unmet because of a limit, t".to_owned(),
        rows: short.iter().map(|(id, _)| good(data, id, &ids)).collect(),
        columns: heads[..=columns.len()].to_vec(),
        cells: short
            .iter()
            .map(|(_, of)| {
                let mut row = shades(of, &columns);
                row.push(plain(tonnes(sum(of))));
                row
            })
            .collect(),
        row_names: true,
    };
    let all_rents: f64 = rents.values().sum();
    let mut note = state_key(data, &columns);
    note.push_str(
        ". Shade: share of the row. A want that comes back each quarter counts each quarter. ROW: rest of world and states with little.",
    );
    if left_out > 0 {
        note.push_str(&format!(" {left_out} rows with less rent are left out."));
    }
    let page = Page {
        title: title(data, &cells, all_rents),
        subtitle: format!(
            "Wanted at the prices of the quarter and refused by a limit, by importing state, thousand t where k stands, else t; sum over {} to \
             {}{}, mean of {}",
            window.first,
            window.first.plus(window.quarters as i32 - 1),
            context.scenario(),
            words::seeds(window.runs)
        ),
        note,
        footer: context.footer(window.runs),
    };
    Ok(Figure::flowing("incidence", &page, |canvas, top| {
        let right = theme::WIDTH - theme::MARGIN;
        // Both matrices share their columns: the narrower gutter is widened to the other.
        let gutter = upper.gutter().max(lower.gutter());
        let start = |heat: &Heat| theme::MARGIN + gutter - heat.gutter();
        let mut y = upper.draw(canvas, start(&upper), right, top, ROW);
        if !lower.rows.is_empty() {
            let width = (right - theme::MARGIN - gutter) / upper.columns.len() as f64;
            y = lower.draw(canvas, start(&lower), right - width, y + 14.0, ROW);
        }
        y + 4.0
    }))
}

/// Unmet end use because of limits, by commodity and state, mean over runs; empty if it was not recorded.
fn unmet(data: &Data, context: &Context) -> Result<BTreeMap<String, BTreeMap<String, f64>>, Skip> {
    let mut unmet: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new();
    let Ok(table) = data.table("end_use") else {
        return Ok(unmet);
    };
    let window = Window::new(table, context.runs())?;
    let (state, commodity) = (table.text("state")?, table.text("commodity")?);
    let amount = table.f64("unmet_limit_t")?;
    for (row, ..) in window.rows() {
        if amount[row] > 0.0 {
            *unmet
                .entry(commodity.get(row).to_owned())
                .or_default()
                .entry(state.get(row).to_owned())
                .or_default() += amount[row] / window.runs.max(1) as f64;
        }
    }
    Ok(unmet)
}

/// Importers from the one that was refused most (as shares of each row, so that goods of little mass count), the rest of the world last.
fn columns(cells: &Cells) -> Vec<String> {
    let mut order: Vec<(String, f64)> = burden(cells).into_iter().collect();
    order.retain(|(state, _)| state != theme::REST);
    order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut columns: Vec<String> = order.into_iter().map(|(state, _)| state).collect();
    columns.truncate(MOST);
    columns.push(theme::REST.to_owned());
    columns
}

/// Each importer's share of what was refused, summed over rows and divided by their number.
fn burden(cells: &Cells) -> BTreeMap<String, f64> {
    let mut burden: BTreeMap<String, f64> = BTreeMap::new();
    for of in cells.values() {
        let all: f64 = of.values().sum();
        for (state, amount) in of {
            *burden.entry(state.clone()).or_default() += amount / all / cells.len() as f64;
        }
    }
    burden
}

/// The cells of a row: text and shade by the share of the row.
fn shades(
    of: &BTreeMap<String, f64>,
    columns: &[String],
) -> Vec<Option<(String, super::colour::Colour)>> {
    let all: f64 = of.values().sum();
    let named = |state: &String| columns.contains(state) && state != theme::REST;
    columns
        .iter()
        .map(|column| {
            let amount: f64 = if column == theme::REST {
                of.iter()
                    .filter(|(state, _)| !named(state))
                    .map(|(_, v)| v)
                    .sum()
            } else {
                of.get(column).copied().unwrap_or(0.0)
            };
            (amount >= 0.05).then(|| {
                let shade = super::colour::Colour::ramp(theme::RAMP, amount / all.max(1e-9));
                (tonnes(amount), shade)
            })
        })
        .collect()
}

/// A cell without shade.
fn plain(text: String) -> Option<(String, super::colour::Colour)> {
    Some((text, theme::WHITE))
}

/// Tonnes in little room: `36.3k`, `412`, `0.3`.
fn tonnes(amount: f64) -> String {
    if amount >= 9_995.0 {
        format!("{}k", words::number(amount / 1e3, 1))
    } else {
        words::number(amount, usize::from(amount < 9.95))
    }
}

/// Name of a good with its form, short where the name is long.
fn good(data: &Data, id: &str, ids: &[String]) -> String {
    let name = data.name("commodity", id);
    let group = data.group("commodity", id);
    match data.form(id) {
        Form::Oxide | Form::Metal if name.len() > LONG && !group.is_empty() => {
            let form = name.rsplit(' ').next().unwrap_or("");
            format!("{group} {form}")
        }
        Form::Magnet => short_name(data, id, ids),
        _ => name
            .split([',', '('])
            .next()
            .unwrap_or(&name)
            .trim_end()
            .to_owned(),
    }
}

/// Whose measure it is, and its name: `CN licence magnets`.
fn of_state(data: &Data, measure: &str) -> String {
    let name = words::lower_first(&measure_name(data, measure));
    match measure.split_once(':') {
        Some((state, _)) => format!("{state} {name}"),
        None => name,
    }
}

fn title(data: &Data, cells: &Cells, rents: f64) -> String {
    let mut order: Vec<(String, f64)> = burden(cells).into_iter().collect();
    order.retain(|(state, _)| state != theme::REST);
    order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let names: Vec<String> = order
        .iter()
        .take(2)
        .filter(|(_, share)| *share >= 0.05)
        .map(|(state, _)| words::with_article(&data.name("state", state)))
        .collect();
    if names.is_empty() {
        return "Limits on trade refuse goods to many states, to none most of them".to_owned();
    }
    let share: f64 = order.iter().take(names.len()).map(|(_, share)| share).sum();
    let rent = if rents >= 1e6 {
        format!("; holders of rights earn {} of rent", cost::money(rents))
    } else {
        "; nobody earns a rent to speak of".to_owned()
    };
    format!(
        "Limits hit {} most, {} of what is refused on average over goods{rent}",
        words::list(&names),
        words::percent(share)
    )
}
