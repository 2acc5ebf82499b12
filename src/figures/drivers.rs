//! Which assumption moves a result: tornado of swings, and indices of sensitivity.

use super::axis::Axis;
use super::canvas::{Anchor, Canvas, Type};
use super::colour::Colour;
use super::compare::{metric_name, scale};
use super::data::{Context, Data, Skip};
use super::page::Page;
use super::sheet::Figure;
use super::strategies::shorten;
use super::{theme, words};
use crate::record::table::Table;

/// Most assumptions shown.
const ROWS: usize = 14;
const ROW: f64 = 30.0;
/// Widest name, px.
const NAME: f64 = 290.0;

/// An assumption as a reader sees it: the end of its path, parts apart.
fn spell(path: &str) -> String {
    let parts: Vec<String> = path.split('.').map(|part| part.replace('_', " ")).collect();
    match parts.as_slice() {
        [.., place, field] => words::upper_first(&format!("{field}, {place}")),
        [one] => words::upper_first(one),
        [] => String::new(),
    }
}

/// Rows of the first metric, and how many metrics there are.
fn of_first(table: &Table) -> Result<(String, Vec<usize>, usize), Skip> {
    let metric = table.text("metric")?;
    let first = metric.get(0).to_owned();
    let rows = (0..table.len())
        .filter(|&row| metric.get(row) == first)
        .collect();
    let mut names: Vec<&str> = metric.iter().collect();
    names.sort_unstable();
    names.dedup();
    Ok((first, rows, names.len()))
}

fn note(rows: usize, metrics: usize) -> String {
    let mut note = String::new();
    if rows > ROWS {
        note.push_str(&format!(
            "{} more assumptions, which matter less, are in sensitivity.csv. ",
            rows - ROWS
        ));
    }
    if metrics > 1 {
        note.push_str(&format!(
            "{} more metrics are in sensitivity.csv.",
            metrics - 1
        ));
    }
    note
}

/// Means of a metric at the low and the high end of each assumption. Reads the table `drivers`.
///
/// # Errors
/// If there is no such table, or no assumption has both ends.
pub fn tornado(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let table = data.table("drivers")?;
    let (metric, rows, metrics) = of_first(table)?;
    let (low, high) = (table.f64("low_mean")?, table.f64("high_mean")?);
    let (at_low, at_high) = (table.f64("low_value")?, table.f64("high_value")?);
    let (mean, clear, n) = (table.f64("mean")?, table.u32("clear")?, table.u32("n")?);
    let mut rows: Vec<usize> = rows
        .into_iter()
        .filter(|&row| low[row].is_finite() && high[row].is_finite())
        .collect();
    let span = |row: usize| (high[row] - low[row]).abs();
    rows.sort_by(|&a, &b| span(b).total_cmp(&span(a)).then(a.cmp(&b)));
    let Some(&top_row) = rows.first() else {
        return Err(Skip::Nothing(
            "no assumption has runs enough at both ends".to_owned(),
        ));
    };
    let (all, centre) = (rows.len(), mean[top_row]);
    rows.truncate(ROWS);
    let names = table.text("assumption")?;
    let (factor, unit) = scale(
        table.text("unit")?.get(top_row),
        centre.abs().max(span(top_row)),
    );
    let (factor, unit) = plain(factor, &unit, table.text("unit")?.get(top_row));
    let name = metric_name(data, &metric);
    let lower = words::lower_first(&name);
    let title = if clear[top_row] > 0 {
        format!(
            "‘{}’ matters most: it moves {lower} by {}{}",
            spell(names.get(top_row)),
            words::short(factor * span(top_row)),
            points(&unit)
        )
    } else {
        format!("No single assumption moves {lower} clearly within its range")
    };
    let said = if unit.trim().is_empty() {
        "index".to_owned()
    } else {
        unit.trim().to_owned()
    };
    let page = Page {
        title,
        subtitle: format!(
            "{name}, {said}: mean over the runs in the lowest and in the highest fifth (20%) of each assumption’s values, the others taking all of theirs. At the bar ends: the assumption. Grey: the two 95% intervals overlap"
        ),
        note: note(all, metrics),
        footer: context
            .footer(n[top_row] as usize)
            .replace("seeds", "runs")
            .replace("1\u{a0}seed", "1\u{a0}run"),
    };
    let bars: Vec<Bar> = rows
        .iter()
        .map(|&row| Bar {
            name: spell(names.get(row)),
            ends: [
                (factor * low[row], words::short(at_low[row])),
                (factor * high[row], words::short(at_high[row])),
            ],
            clear: clear[row] > 0,
        })
        .collect();
    Ok(Figure::flowing("tornado", &page, |canvas, top| {
        draw_tornado(canvas, &bars, factor * centre, unit.trim(), top)
    }))
}

/// Levels are in the unit itself, not in points.
fn plain(factor: f64, unit: &str, of: &str) -> (f64, String) {
    match of {
        "%" | "share" => (factor, " %".to_owned()),
        _ => (factor, unit.to_owned()),
    }
}

/// The unit of a difference of levels.
fn points(unit: &str) -> &str {
    if unit.trim() == "%" { " points" } else { unit }
}

struct Bar {
    name: String,
    /// Result and assumption at the low and high end.
    ends: [(f64, String); 2],
    clear: bool,
}

fn draw_tornado(canvas: &mut Canvas, bars: &[Bar], centre: f64, unit: &str, top: f64) -> f64 {
    let face = Type::regular(theme::LABEL, theme::INK);
    let small = Type::regular(theme::TICK, theme::MUTED);
    let names = bars
        .iter()
        .map(|b| face.width(&b.name))
        .fold(0.0, f64::max)
        .min(NAME);
    let ends = bars
        .iter()
        .flat_map(|b| &b.ends)
        .map(|(_, t)| small.width(t))
        .fold(0.0, f64::max)
        + 10.0;
    let (left, right) = (
        theme::MARGIN + names + 16.0 + ends,
        theme::WIDTH - theme::MARGIN - ends,
    );
    let values = || {
        bars.iter()
            .flat_map(|b| &b.ends)
            .map(|(v, _)| *v)
            .chain([centre])
    };
    let axis = Axis::between(
        values().fold(f64::INFINITY, f64::min),
        values().fold(f64::NEG_INFINITY, f64::max),
        6,
    );
    let x = |value: f64| left + (right - left) * axis.share(value);
    let first = top + 24.0;
    let bottom = first + ROW * bars.len() as f64 + 4.0;
    draw_scale(canvas, &axis, x, (first, bottom), small);
    for (row, bar) in bars.iter().enumerate() {
        let y = first + ROW * (row as f64 + 0.5) + 2.0;
        let baseline = y + theme::LABEL * 0.34;
        canvas.text(
            shorten(&bar.name, face, NAME),
            (theme::MARGIN, baseline),
            Anchor::Start,
            face,
        );
        let half = ROW * 0.31;
        let colours = if bar.clear {
            [Colour::hex(0x8F_C1E8), theme::STRATEGIES[1]]
        } else {
            [theme::GRID, theme::FADED]
        };
        let far = |sign: f64| {
            bar.ends
                .iter()
                .map(|(v, _)| *v)
                .fold(centre, |a, b| if sign * b > sign * a { b } else { a })
        };
        for ((value, text), sign) in ordered(&bar.ends) {
            let colour = if *value < centre {
                colours[0]
            } else {
                colours[1]
            };
            let (from, to) = (x(value.min(centre)), x(value.max(centre)));
            canvas.rect((from, y - half), (to, y + half), colour, 1.0);
            let at = x(far(sign)) + sign * 6.0;
            let anchor = if sign > 0.0 {
                Anchor::Start
            } else {
                Anchor::End
            };
            canvas.plated_text(text, (at, y + theme::TICK * 0.34), anchor, small, 0.9);
        }
    }
    canvas.line(
        &[(x(centre), first - 6.0), (x(centre), bottom)],
        theme::ZERO_LINE,
        theme::INK,
    );
    let bold = Type::semibold(theme::TICK, theme::INK);
    let said = format!(
        "mean of all runs {}{}{unit}",
        words::short(centre),
        if unit == "%" || unit.is_empty() {
            ""
        } else {
            " "
        }
    );
    let half = bold.width(&said) / 2.0;
    let at = x(centre).clamp(theme::MARGIN + half, theme::WIDTH - theme::MARGIN - half);
    canvas.text(said, (at, first - 11.0), Anchor::Middle, bold);
    bottom + 20.0
}

/// The two ends with the side on which each is written: the smaller result to the left.
fn ordered(ends: &[(f64, String); 2]) -> [(&(f64, String), f64); 2] {
    if ends[0].0 <= ends[1].0 {
        [(&ends[0], -1.0), (&ends[1], 1.0)]
    } else {
        [(&ends[1], -1.0), (&ends[0], 1.0)]
    }
}

/// Sobol's indices, or Morris's elementary effects, of each assumption. Reads the table `drivers`.
///
/// # Errors
/// If there is no such table, or its runs were not designed for either.
pub fn indices(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let table = data.table("drivers")?;
    let (metric, rows, metrics) = of_first(table)?;
    let method = table.text("method")?;
    let (first, total) = (table.f64("first")?, table.f64("total")?);
    let sobol = method.get(rows[0]) == "sobol";
    let key = |row: usize| if sobol { total[row] } else { first[row] };
    let mut rows: Vec<usize> = rows
        .into_iter()
        .filter(|&row| !method.get(row).is_empty() && key(row).is_finite())
        .collect();
    rows.sort_by(|&a, &b| key(b).total_cmp(&key(a)).then(a.cmp(&b)));
    let Some(&top_row) = rows.first() else {
        return Err(Skip::Nothing(
            "the design is neither Morris nor Saltelli".to_owned(),
        ));
    };
    let all = rows.len();
    let names = table.text("assumption")?;
    let name = metric_name(data, &metric);
    let lower = words::lower_first(&name);
    let (factor, unit) = if sobol {
        (1.0, String::new())
    } else {
        let of = table.text("unit")?.get(top_row);
        let (factor, unit) = scale(of, key(top_row));
        plain(factor, &unit, of)
    };
    let n = table.u32("samples")?[top_row] as usize;
    let explained: f64 = rows.iter().map(|&row| first[row]).sum();
    let (title, subtitle, keys) = if sobol {
        (
            format!(
                "‘{}’ drives {lower}: with what it does together with others, {} of the variance",
                spell(names.get(top_row)),
                words::percent(total[top_row].clamp(0.0, 1.0))
            ),
            format!(
                "Sobol indices of {lower}, shares of variance from 0 to 1. Filled: first order, the assumption by itself (sum {}). Open: total, with all it does together with others. Bars: 95% bootstrap interval; {} base samples",
                words::number(explained, 2),
                words::number(n as f64, 0)
            ),
            ["first order", "total"],
        )
    } else {
        let said = if unit.trim().is_empty() {
            "index".to_owned()
        } else {
            unit.trim().to_owned()
        };
        (
            format!(
                "‘{}’ moves {lower} most: by {}{} over its range, on average",
                spell(names.get(top_row)),
                words::short(factor * first[top_row]),
                points(&unit)
            ),
            format!(
                "Elementary effects on {lower} (Morris screening), {said} for the whole range of the assumption. Filled: mean size μ*. Open: standard deviation σ, large where the effect depends on others. Bars: 95% bootstrap interval; {n} trajectories"
            ),
            ["mean size μ*", "deviation σ"],
        )
    };
    let page = Page {
        title,
        subtitle,
        note: note(all, metrics),
        footer: context.footer(0).replace(" · 0\u{a0}seeds", ""),
    };
    let ends = |name: &str, row: usize, value: f64| {
        table
            .f64(name)
            .ok()
            .map(|v| factor * v[row])
            .filter(|v| v.is_finite())
            .unwrap_or(factor * value)
    };
    let marks: Vec<Marks> = rows
        .iter()
        .take(ROWS)
        .map(|&row| Marks {
            name: spell(names.get(row)),
            pair: [
                (
                    factor * first[row],
                    ends("first_low", row, first[row]),
                    ends("first_high", row, first[row]),
                ),
                (
                    factor * total[row],
                    ends("total_low", row, total[row]),
                    ends("total_high", row, total[row]),
                ),
            ],
        })
        .collect();
    Ok(Figure::flowing("indices", &page, |canvas, top| {
        draw_marks(canvas, &marks, keys, top)
    }))
}

struct Marks {
    name: String,
    /// Value, low and high end, of the filled and of the open mark.
    pair: [(f64, f64, f64); 2],
}

fn draw_marks(canvas: &mut Canvas, rows: &[Marks], keys: [&str; 2], top: f64) -> f64 {
    let face = Type::regular(theme::LABEL, theme::INK);
    let small = Type::regular(theme::TICK, theme::MUTED);
    let names = rows
        .iter()
        .map(|r| face.width(&r.name))
        .fold(0.0, f64::max)
        .min(NAME);
    let (left, right) = (
        theme::MARGIN + names + 22.0,
        theme::WIDTH - theme::MARGIN - 14.0,
    );
    let ends = || {
        rows.iter()
            .flat_map(|r| r.pair)
            .flat_map(|(v, l, h)| [v, l, h])
    };
    let axis = Axis::linear(ends().fold(0.0, f64::min), ends().fold(0.0, f64::max), 6);
    let x = |value: f64| left + (right - left) * axis.share(value.clamp(axis.low, axis.high));
    let colours = [theme::STRATEGIES[1], theme::STRATEGIES[2]];
    let mut at = left;
    for (k, (key, colour)) in keys.iter().zip(colours).enumerate() {
        let centre = (at + 6.0, top + 6.0);
        if k == 0 {
            canvas.disc(centre, 5.0, colour)
        } else {
            canvas.open_disc(centre, 5.0, 1.8, colour)
        }
        let label = Type::semibold(theme::TICK, colour.as_text());
        canvas.text(*key, (at + 16.0, top + 10.5), Anchor::Start, label);
        at += 16.0 + label.width(key) + 24.0;
    }
    let first = top + 24.0;
    let bottom = first + ROW * rows.len() as f64 + 2.0;
    draw_scale(canvas, &axis, x, (first, bottom), small);
    canvas.line(
        &[(x(0.0), first), (x(0.0), bottom)],
        theme::ZERO_LINE,
        theme::INK,
    );
    for (row, marks) in rows.iter().enumerate() {
        let y = first + ROW * (row as f64 + 0.5);
        canvas.text(
            shorten(&marks.name, face, NAME),
            (theme::MARGIN, y + theme::LABEL * 0.34),
            Anchor::Start,
            face,
        );
        for (k, ((value, low, high), colour)) in marks.pair.into_iter().zip(colours).enumerate() {
            if !value.is_finite() {
                continue;
            }
            let y = y + if k == 0 { -5.0 } else { 5.0 };
            canvas.line(&[(x(low), y), (x(high), y)], 1.4, colour);
            if k == 0 {
                canvas.disc((x(value), y), 4.5, colour)
            } else {
                canvas.open_disc((x(value), y), 4.5, 1.8, colour)
            }
        }
    }
    bottom + 20.0
}

/// Upright grid lines from top to bottom, with their numbers below.
fn draw_scale(
    canvas: &mut Canvas,
    axis: &Axis,
    x: impl Fn(f64) -> f64,
    (top, bottom): (f64, f64),
    small: Type,
) {
    for tick in &axis.ticks {
        let at = x(*tick);
        canvas.line(&[(at, top), (at, bottom)], theme::GRID_LINE, theme::GRID);
        canvas.text(
            axis.label(*tick),
            (at, bottom + 16.0),
            Anchor::Middle,
            small,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_as_words() {
        assert_eq!(spell("expectation.trend_share"), "Trend share, expectation");
        assert_eq!(spell("rate"), "Rate");
    }
}
