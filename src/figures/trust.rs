//! Trust between states: its level at the start and how it has moved by the end.

use super::colour::Colour;
use super::data::{Context, Data, Skip, Window};
use super::kinds::heat::Heat;
use super::page::Page;
use super::sheet::Figure;
use super::{theme, words};
use std::collections::BTreeMap;

/// Text and shade of a cell.
type Cell = (String, Colour);

/// Most states in a matrix.
const MOST: usize = 12;

/// Trust of each state in each other, first quarter and change to the last.
///
/// # Errors
/// If the table `relation` is empty.
pub fn matrix(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let window = Window::new(data.table("relation")?, context.runs())?;
    let table = window.table;
    let (from, to, trust) = (table.text("from")?, table.text("to")?, table.f64("trust")?);
    let last = window.quarters - 1;
    // Sums and counts over runs at both ends, by pair.
    let mut pairs: BTreeMap<(&str, &str), [(f64, f64); 2]> = BTreeMap::new();
    for (row, _, quarter) in window.rows() {
        for (end, at) in [(0, 0), (1, last)] {
            if quarter == at && trust[row].is_finite() && from.get(row) != to.get(row) {
                let cell = &mut pairs.entry((from.get(row), to.get(row))).or_default()[end];
                cell.0 += trust[row];
                cell.1 += 1.0;
            }
        }
    }
    let mean = |cell: (f64, f64)| {
        if cell.1 > 0.0 {
            cell.0 / cell.1
        } else {
            f64::NAN
        }
    };
    let means: BTreeMap<(&str, &str), (f64, f64)> = pairs
        .iter()
        .map(|(pair, ends)| (*pair, (mean(ends[0]), mean(ends[1]))))
        .collect();
    let states = states(data, context, &means);
    if states.len() < 2 {
        return Err(Skip::Nothing(
            "fewer than two states have relations".to_owned(),
        ));
    }
    let signed = means.values().any(|(a, b)| *a < 0.0 || *b < 0.0);
    let moves = |pair: &(&str, &str)| {
        means
            .get(pair)
            .map(|(a, b)| b - a)
            .filter(|d| d.is_finite())
    };
    let within = || {
        let all = states
            .iter()
            .flat_map(|a| states.iter().map(move |b| (a.as_str(), b.as_str())));
        all.filter_map(|pair| Some((pair, moves(&pair)?)))
    };
    let largest = within().map(|(_, d)| d.abs()).fold(0.0, f64::max);
    let level = |a: &str, b: &str| {
        let (value, _) = *means.get(&(a, b))?;
        if !value.is_finite() {
            return None;
        }
        let colour = if signed {
            Colour::ramp(theme::SIGNED, 0.5 + value / 2.0)
        } else {
            Colour::ramp(theme::RAMP, value)
        };
        let text = if signed {
            words::signed(value, 2)
        } else {
            words::number(value, 2)
        };
        Some((text, colour))
    };
    let change = |a: &str, b: &str| {
        let difference = moves(&(a, b))?;
        let share = if largest > 0.0 {
            difference / largest
        } else {
            0.0
        };
        let text = if difference.abs() < 0.005 {
            "0".to_owned()
        } else {
            words::signed(difference, 2)
        };
        Some((text, Colour::ramp(theme::SIGNED, 0.5 + share / 2.0)))
    };
    let cells = |of: &dyn Fn(&str, &str) -> Option<Cell>| {
        states
            .iter()
            .map(|a| states.iter().map(|b| of(a, b)).collect())
            .collect::<Vec<Vec<_>>>()
    };
    let end = window.first.plus(last as i32);
    let matrix = |name: String, cells, row_names| Heat {
        name,
        rows: states.clone(),
        columns: states.clone(),
        cells,
        row_names,
    };
    let levels = matrix(format!("Trust in {}", window.first), cells(&level), true);
    let changes = matrix(format!("Change to {end}"), cells(&change), false);
    let lost = within()
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .filter(|(_, d)| *d <= -0.01);
    let won = within()
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .filter(|(_, d)| *d >= 0.01);
    let whose = |(a, b): (&str, &str)| {
        format!(
            "of {} in {}",
            words::with_article(&data.name("state", a)),
            words::with_article(&data.name("state", b))
        )
    };
    let title = match (lost, won) {
        (Some((pair, d)), Some((other, up))) => format!(
            "Trust {} falls most, by {}; that {} rises most, by {}",
            whose(pair),
            words::number(-d, 2),
            whose(other),
            words::number(up, 2)
        ),
        (Some((pair, d)), None) => format!(
            "Trust {} falls most, by {}; none rises",
            whose(pair),
            words::number(-d, 2)
        ),
        (None, Some((pair, d))) => format!(
            "Trust {} rises most, by {}; none falls",
            whose(pair),
            words::number(d, 2)
        ),
        (None, None) => format!(
            "Trust between states hardly moves from {} to {end}",
            window.first
        ),
    };
    let scale = if signed { "−1 to +1" } else { "0 to 1" };
    let page = Page {
        title,
        subtitle: format!(
            "Trust of the state in the row in the state in the column, {scale}; mean of {}{}",
            words::seeds(window.runs),
            context.scenario()
        ),
        note: state_key(data, &states),
        footer: context.footer(window.runs),
    };
    Ok(Figure::flowing("trust", &page, |canvas, top| {
        let right = theme::WIDTH - theme::MARGIN;
        let cell = (right - theme::MARGIN - levels.gutter() - 20.0) / 2.0;
        let middle = theme::MARGIN + levels.gutter() + cell;
        levels.draw(canvas, theme::MARGIN, middle, top, 28.0);
        changes.draw(canvas, middle + 20.0, right, top, 28.0)
    }))
}

/// The states that trade most (by value), the focal one first; without trade those of the fixed order.
fn states(
    data: &Data,
    context: &Context,
    means: &BTreeMap<(&str, &str), (f64, f64)>,
) -> Vec<String> {
    let mut worth: BTreeMap<String, f64> = means
        .keys()
        .map(|(from, _)| ((*from).to_owned(), 0.0))
        .collect();
    worth.remove(theme::REST);
    if let Ok(trade) = data.table("trade")
        && let (Ok(exporter), Ok(importer), Ok(value)) = (
            trade.text("exporter"),
            trade.text("importer"),
            trade.f64("value_usd"),
        )
    {
        for row in (0..trade.len()).filter(|row| value[*row].is_finite()) {
            for state in [exporter.get(row), importer.get(row)] {
                if let Some(sum) = worth.get_mut(state) {
                    *sum += value[row];
                }
            }
        }
    }
    let mut states: Vec<(String, f64)> = worth.into_iter().collect();
    let first = |state: &str| state != context.focus;
    states.sort_by(|a, b| {
        let rank = theme::state_rank(&a.0).cmp(&theme::state_rank(&b.0));
        first(&a.0)
            .cmp(&first(&b.0))
            .then(b.1.total_cmp(&a.1))
            .then(rank)
    });
    states.truncate(MOST);
    // Neighbours in the fixed order are neighbours in the world, so that blocs show as blocks.
    states.sort_by_key(|(state, _)| (first(state), theme::state_rank(state)));
    states.into_iter().map(|(state, _)| state).collect()
}

/// `CN China, JP Japan ...`, for codes that a reader may not know.
#[must_use]
pub fn state_key(data: &Data, states: &[String]) -> String {
    let named = states.iter().filter(|code| data.knows("state", code));
    named
        .map(|code| format!("{code} {}", data.name("state", code)))
        .collect::<Vec<_>>()
        .join(", ")
}
