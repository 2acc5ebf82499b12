//! Paired differences between strategies under the same seeds.

use super::data::{Context, Data, Skip};
use super::kinds::forest::{Forest, Group, Marks, Row};
use super::page::Page;
use super::sheet::Figure;
use super::{theme, words};
use crate::record::table::{Column, Table};

/// Half-width of the 95% and of the 50% interval, standard errors.
const Z: (f64, f64) = (1.959_964, 0.674_490);
/// Largest relative difference that the axis shows, %.
const MOST: f64 = 200.0;
/// Most rows in the figure.
const ROWS: usize = 26;

/// Differences from the reference by metric.
///
/// Reads the table `compare`: `metric`, `mean_difference`, `se`, and optionally `arm`, `reference`, `unit`, `mean_reference`, `n`.
///
/// # Errors
/// If there is no such table.
pub fn differences(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let table = data.table("compare")?;
    let (metric, difference, error) = (
        table.text("metric")?,
        table.f64("mean_difference")?,
        table.f64("se")?,
    );
    let words_in = |column: &str, row: usize| match table.get(column) {
        Some(Column::Text(text)) => text.get(row).to_owned(),
        _ => String::new(),
    };
    let mut groups: Vec<Group> = Vec::new();
    let mut most: f64 = 0.0;
    let mut clear: Vec<(String, f64)> = Vec::new();
    let mut compared = 0;
    let mut left_out = 0;
    for row in 0..table.len() {
        if !difference[row].is_finite() || !error[row].is_finite() {
            continue;
        }
        compared += 1;
        let base = number(table, "mean_reference", row).filter(|b| b.abs() > 1e-9);
        let mark = base.map(|base| {
            marks(
                100.0 * difference[row] / base.abs(),
                100.0 * error[row] / base.abs(),
            )
        });
        let low = difference[row] - Z.0 * error[row];
        let high = difference[row] + Z.0 * error[row];
        let is_clear = low > 0.0 || high < 0.0;
        let name = data.name("metric", metric.get(row));
        if let Some(mark) = mark {
            most = most.max(mark.most.0.abs()).max(mark.most.1.abs());
            if is_clear {
                clear.push((name.clone(), mark.mean));
            }
        }
        if groups.iter().map(|g| g.rows.len()).sum::<usize>() >= ROWS {
            left_out += 1;
            continue;
        }
        let arm = words_in("arm", row);
        let at = groups
            .iter()
            .position(|g| g.name == arm)
            .unwrap_or_else(|| {
                let colour = theme::STRATEGIES[1 + groups.len() % (theme::STRATEGIES.len() - 1)];
                groups.push(Group {
                    name: arm.clone(),
                    colour,
                    rows: Vec::new(),
                });
                groups.len() - 1
            });
        let places = words::decimals(difference[row].abs().max(error[row]));
        let unit = words_in("unit", row);
        let unit = if unit.is_empty() || unit == "1" {
            String::new()
        } else {
            format!(" {unit}")
        };
        groups[at].rows.push(Row {
            name,
            marks: mark,
            value: format!("{}{unit}", words::signed(difference[row], places)),
            interval: format!(
                "{} to {}",
                words::signed(low, places),
                words::signed(high, places)
            ),
            clear: is_clear,
        });
    }
    if compared == 0 {
        return Err(Skip::Nothing("no metric was compared".to_owned()));
    }
    for group in &mut groups {
        let size = |row: &Row| row.marks.map_or(f64::NEG_INFINITY, |m| m.mean);
        group
            .rows
            .sort_by(|a, b| size(a).total_cmp(&size(b)).then(a.name.cmp(&b.name)));
    }
    let reference = words_in("reference", 0);
    let reference = if reference.is_empty() {
        context
            .arms
            .first()
            .map_or(String::new(), |a| a.name.clone())
    } else {
        reference
    };
    let reference = if reference.is_empty() {
        "the reference".to_owned()
    } else {
        format!("‘{reference}’")
    };
    let arm = match groups.as_slice() {
        [one] if !one.name.is_empty() => format!("‘{}’", one.name),
        _ => "The strategies".to_owned(),
    };
    let verb = if arm.starts_with('‘') {
        "differs"
    } else {
        "differ"
    };
    let title = match clear.iter().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())) {
        Some((name, size)) => format!(
            "{arm} {verb} clearly from {reference} in {} of {compared} metrics, most in {} ({}%)",
            clear.len(),
            words::lower_first(name),
            words::signed(*size, 0)
        ),
        None => format!(
            "{arm} {verb} from {reference} in no metric: every 95% interval spans no difference"
        ),
    };
    let pairs = number(table, "n", 0).map_or(0, |n| n as usize);
    let more = if left_out > 0 {
        format!(" {left_out} more metrics are in the table.")
    } else {
        String::new()
    };
    let page = Page {
        title,
        subtitle: format!(
            "Difference from {reference} under the same seeds, % of its mean. Dot: mean; thick bar: 50% interval; thin: 95%. Open and grey: the 95% \
             interval spans no difference"
        ),
        note: format!("At right: the difference in its own unit, and its 95% interval.{more}"),
        footer: context.footer(pairs),
    };
    let forest = Forest {
        groups,
        most: most.clamp(1.0, MOST),
        suffix: "%",
        directions: ("← less", "more →"),
    };
    let figure = Figure::flowing("paired_differences", &page, |canvas, top| {
        forest.draw(canvas, top)
    });
    Ok(figure)
}

fn marks(mean: f64, error: f64) -> Marks {
    let around = |z: f64| (mean - z * error, mean + z * error);
    Marks {
        mean,
        half: around(Z.1),
        most: around(Z.0),
    }
}

fn number(table: &Table, column: &str, row: usize) -> Option<f64> {
    match table.get(column)? {
        Column::F64(values) => Some(values[row]).filter(|v| v.is_finite()),
        Column::U32(values) => Some(f64::from(values[row])),
        Column::Text(_) => None,
    }
}
