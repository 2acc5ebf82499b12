//! What safety costs: strategies by public cost and shortage, and the frontier of those that no other beats on both.

use super::axis::Axis;
use super::canvas::{Anchor, Canvas, Point, Type};
use super::compare::{metric_name, scale};
use super::data::{Context, Data, Skip};
use super::page::Page;
use super::sheet::Figure;
use super::strategies::shorten;
use super::{point_labels, theme, words};
use crate::record::table::Table;

/// Loss that is held against cost: the first of these that the strategies move.
const LOSSES: [&str; 4] = [
    "resilience_loss",
    "shortage_peak_pct",
    "consumer_loss_usd",
    "unmet_defence_t",
];
const COST: &str = "public_cost_usd";
const FIGURE: &str = "cost_effectiveness";
/// Most strategies whose names stand at their points.
const MOST_NAMES: usize = 8;
/// Widest name that stands at its point, px.
const WIDEST_NAME: f64 = 200.0;
/// Height of the plot above a key, px.
const PLOT: f64 = 360.0;
/// Height of a line of the key, px.
const KEY_ROW: f64 = 18.0;

/// A difference with its 95% interval.
#[derive(Debug, Clone, Copy)]
struct Place {
    mean: f64,
    low: f64,
    high: f64,
}

struct Strategy {
    name: String,
    cost: Place,
    loss: Place,
    dominated: bool,
}

/// Cost against loss, both as differences from the reference. Reads the table `compare`.
///
/// # Errors
/// If there is no such table, or it has no cost or no loss.
pub fn cost_effectiveness(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let table = data.table("compare")?;
    let nothing = |what: &str| Skip::Nothing(format!("no {what} was compared"));
    let costs = places(table, COST)?;
    if costs.is_empty() {
        return Err(nothing("public cost"));
    }
    let mut chosen = None;
    for metric in LOSSES {
        let found = places(table, metric)?;
        if found.iter().any(|(_, place)| place.mean != 0.0) {
            chosen = Some((metric, found));
            break;
        }
    }
    let (metric, losses) = chosen.ok_or_else(|| nothing("shortage"))?;
    let at = table
        .text("metric")?
        .iter()
        .position(|found| found == metric);
    let unit = at.map_or("", |row| {
        table.text("unit").map_or("", |unit| unit.get(row))
    });
    let largest = losses
        .iter()
        .map(|(_, p)| p.low.abs().max(p.high.abs()))
        .fold(0.0, f64::max);
    let (factor, unit) = scale(unit, largest);
    let zero = Place {
        mean: 0.0,
        low: 0.0,
        high: 0.0,
    };
    let reference = table
        .text("reference")
        .map_or("", |names| names.get(0))
        .to_owned();
    let mut strategies = vec![Strategy {
        name: reference.clone(),
        cost: zero,
        loss: zero,
        dominated: false,
    }];
    for (name, cost) in &costs {
        if let Some((_, loss)) = losses.iter().find(|(arm, _)| arm == name) {
            strategies.push(Strategy {
                name: name.clone(),
                cost: times(*cost, 1e-9),
                loss: times(*loss, factor),
                dominated: false,
            });
        }
    }
    for k in 0..strategies.len() {
        let (cost, loss) = (strategies[k].cost.mean, strategies[k].loss.mean);
        strategies[k].dominated = strategies.iter().any(|other| {
            other.cost.mean <= cost
                && other.loss.mean <= loss
                && (other.cost.mean < cost || other.loss.mean < loss)
        });
    }
    strategies[1..].sort_by(|a, b| {
        let by_loss = b.loss.mean.total_cmp(&a.loss.mean);
        a.cost.mean.total_cmp(&b.cost.mean).then(by_loss)
    });
    let n = table.u32("n").map_or(0, |n| n[0]) as usize;
    let name = words::lower_first(&metric_name(data, metric));
    let page = Page {
        title: title(&strategies, &reference, &name, unit.trim()),
        subtitle: format!(
            "Public cost over the run, billion USD 2024, against {name},{} both as differences from ‘{reference}’ under the same seeds. Mean of {}; bars: 95% interval. Open and grey: dominated",
            if unit.trim().is_empty() {
                String::new()
            } else {
                format!(" {},", unit.trim())
            },
            words::seeds(n)
        ),
        note: String::new(),
        footer: context.footer(n),
    };
    let axis_name = format!(
        "{}: difference{}",
        metric_name(data, metric),
        if unit.trim().is_empty() {
            String::new()
        } else {
            format!(", {}", unit.trim())
        }
    );
    let marks = Marks::of(&strategies);
    Ok(match marks {
        Marks::Names => Figure::fixed(FIGURE, &page, |canvas, top, bottom| {
            draw(canvas, &strategies, &axis_name, marks, (top, bottom))
        }),
        Marks::Numbers => Figure::flowing(FIGURE, &page, |canvas, top| {
            draw(canvas, &strategies, &axis_name, marks, (top, top + PLOT))
        }),
    })
}

/// Arms and their differences on a metric; undefined ones are left out.
fn places(table: &Table, metric: &str) -> Result<Vec<(String, Place)>, Skip> {
    let (metrics, mean, error) = (
        table.text("metric")?,
        table.f64("mean_difference")?,
        table.f64("se")?,
    );
    let arms = table.text("arm").ok();
    let end = |name: &str, row: usize, sign: f64| {
        table
            .f64(name)
            .map_or(mean[row] + sign * 1.96 * error[row], |ends| ends[row])
    };
    let rows = (0..table.len()).filter(|&row| metrics.get(row) == metric && mean[row].is_finite());
    let place = |row: usize| {
        let (low, high) = (end("low", row, -1.0), end("high", row, 1.0));
        // one seed has no interval
        let place = Place {
            mean: mean[row],
            low: if low.is_finite() { low } else { mean[row] },
            high: if high.is_finite() { high } else { mean[row] },
        };
        (
            arms.map_or(String::new(), |arms| arms.get(row).to_owned()),
            place,
        )
    };
    Ok(rows.map(place).collect())
}

fn times(place: Place, factor: f64) -> Place {
    Place {
        mean: place.mean * factor,
        low: place.low * factor,
        high: place.high * factor,
    }
}

fn title(strategies: &[Strategy], reference: &str, loss: &str, unit: &str) -> String {
    let unit = if unit.is_empty() {
        String::new()
    } else {
        format!(" {unit}")
    };
    let clear = |place: &Place| place.low > 0.0 || place.high < 0.0;
    let saved = strategies[1..]
        .iter()
        .filter(|s| s.loss.mean < 0.0 && clear(&s.loss));
    let best = saved
        .clone()
        .filter(|s| s.cost.mean > 0.0 && clear(&s.cost))
        .min_by(|a, b| (a.loss.mean / a.cost.mean).total_cmp(&(b.loss.mean / b.cost.mean)));
    let free = saved
        .clone()
        .find(|s| s.cost.mean <= 0.0 || !clear(&s.cost));
    match (free, best) {
        (Some(free), _) => format!(
            "‘{}’ lowers {loss} by {}{unit} at no clear public cost",
            free.name,
            words::short(-free.loss.mean)
        ),
        (None, Some(best)) => format!(
            "‘{}’ buys most: each billion USD lowers {loss} by {}{unit}",
            best.name,
            words::short(-best.loss.mean / best.cost.mean)
        ),
        (None, None) => format!("No strategy lowers {loss} clearly below that of ‘{reference}’"),
    }
}

fn draw(
    canvas: &mut Canvas,
    strategies: &[Strategy],
    name: &str,
    marks: Marks,
    (top, bottom): (f64, f64),
) -> f64 {
    let range = |of: &dyn Fn(&Strategy) -> Place| {
        let low = strategies.iter().map(|s| of(s).low).fold(0.0, f64::min);
        let high = strategies.iter().map(|s| of(s).high).fold(0.0, f64::max);
        Axis::linear(low, high, 6)
    };
    let (across, up) = (range(&|s| s.cost), range(&|s| s.loss));
    let small = Type::regular(theme::TICK, theme::MUTED);
    canvas.text(
        name,
        (theme::MARGIN, top + 12.0),
        Anchor::Start,
        Type::regular(theme::TICK, theme::SOFT_INK),
    );
    let (high, low) = (top + 26.0, bottom - 46.0);
    let left = theme::MARGIN + up.label_width("") + 9.0;
    let right = theme::WIDTH - theme::MARGIN - 12.0;
    let x = |value: f64| left + 18.0 + (right - left - 36.0) * across.share(value);
    let y = |value: f64| low - (low - high) * up.share(value);
    for tick in &up.ticks {
        canvas.line(
            &[(left, y(*tick)), (right, y(*tick))],
            theme::GRID_LINE,
            theme::GRID,
        );
        canvas.text(
            signed(&up, *tick),
            (left - 7.0, y(*tick) + theme::TICK * 0.34),
            Anchor::End,
            small,
        );
    }
    canvas.line(&[(left, low), (right, low)], theme::AXIS_LINE, theme::AXIS);
    for tick in &across.ticks {
        canvas.line(
            &[(x(*tick), low), (x(*tick), low + 6.0)],
            theme::AXIS_LINE,
            theme::AXIS,
        );
        canvas.text(
            signed(&across, *tick),
            (x(*tick), low + 20.0),
            Anchor::Middle,
            small,
        );
    }
    for (from, to) in [
        ((x(0.0), high), (x(0.0), low)),
        ((left, y(0.0)), (right, y(0.0))),
    ] {
        canvas.line(&[from, to], theme::AXIS_LINE, theme::AXIS);
    }
    let soft = Type::regular(theme::TICK, theme::SOFT_INK);
    canvas.text(
        "Public cost: difference, billion USD →",
        (right, low + 39.0),
        Anchor::End,
        soft,
    );
    canvas.text(
        "↙ cheaper and safer",
        (left, low + 39.0),
        Anchor::Start,
        soft,
    );
    let blue = theme::STRATEGIES[1];
    let mut efficient: Vec<&Strategy> = strategies.iter().filter(|s| !s.dominated).collect();
    efficient.sort_by(|a, b| {
        a.cost
            .mean
            .total_cmp(&b.cost.mean)
            .then(b.loss.mean.total_cmp(&a.loss.mean))
    });
    let line: Vec<Point> = efficient
        .iter()
        .map(|s| (x(s.cost.mean), y(s.loss.mean)))
        .collect();
    let mut taken: Vec<[f64; 4]> = Vec::new();
    for s in strategies {
        let colour = if s.dominated { theme::FADED } else { blue };
        let (px, py) = (x(s.cost.mean), y(s.loss.mean));
        canvas.line(&[(x(s.cost.low), py), (x(s.cost.high), py)], 1.4, colour);
        canvas.line(&[(px, y(s.loss.low)), (px, y(s.loss.high))], 1.4, colour);
        taken.push([x(s.cost.low), py - 1.0, x(s.cost.high), py + 1.0]);
        taken.push([px - 1.0, y(s.loss.high), px + 1.0, y(s.loss.low)]);
    }
    canvas.line(&line, theme::MAIN_LINE, blue);
    for s in strategies {
        let at = (x(s.cost.mean), y(s.loss.mean));
        if s.dominated {
            canvas.open_disc(at, 6.0, 1.8, theme::FADED);
        } else {
            canvas.disc(at, 6.5, blue);
        }
    }
    taken.extend(line.windows(2).flat_map(|pair| along(pair[0], pair[1])));
    let names: Vec<String> = (1..)
        .zip(strategies)
        .map(|(number, s)| match marks {
            Marks::Names => s.name.clone(),
            Marks::Numbers => number.to_string(),
        })
        .collect();
    let points: Vec<(Point, f64)> = strategies
        .iter()
        .zip(&names)
        .map(|(s, name)| ((x(s.cost.mean), y(s.loss.mean)), face(s).width(name)))
        .collect();
    let bounds = [left, high - 6.0, right, low];
    for ((s, name), label) in strategies
        .iter()
        .zip(&names)
        .zip(point_labels::place(&points, bounds, &taken))
    {
        if let Some(leader) = label.leader {
            canvas.line(&leader, theme::LEADER_LINE, face(s).colour);
        }
        canvas.plated_text(name, label.baseline, Anchor::Start, face(s), 0.8);
    }
    match marks {
        Marks::Names => low + 42.0,
        Marks::Numbers => key(canvas, strategies, low + 48.0),
    }
}

/// What stands at the points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marks {
    Names,
    /// Numbers, with a key below: many or long names would hide the points.
    Numbers,
}

impl Marks {
    fn of(strategies: &[Strategy]) -> Self {
        let widest = strategies
            .iter()
            .map(|s| face(s).width(&s.name))
            .fold(0.0, f64::max);
        if strategies.len() > MOST_NAMES || widest > WIDEST_NAME {
            Self::Numbers
        } else {
            Self::Names
        }
    }
}

fn face(strategy: &Strategy) -> Type {
    if strategy.dominated {
        Type::regular(theme::LABEL, theme::MUTED)
    } else {
        Type::semibold(theme::LABEL, theme::STRATEGIES[1].as_text())
    }
}

/// The names behind the numbers, in two columns; the height at which they end.
fn key(canvas: &mut Canvas, strategies: &[Strategy], top: f64) -> f64 {
    let rows = strategies.len().div_ceil(2);
    let width = (theme::WIDTH - 2.0 * theme::MARGIN) / 2.0;
    for (k, strategy) in strategies.iter().enumerate() {
        let left = theme::MARGIN + width * (k / rows) as f64;
        let y = top + KEY_ROW * ((k % rows) as f64 + 1.0) - 4.0;
        let face = face(strategy);
        canvas.text((k + 1).to_string(), (left + 20.0, y), Anchor::End, face);
        let name = shorten(&strategy.name, face, width - 36.0);
        canvas.text(name, (left + 28.0, y), Anchor::Start, face);
    }
    top + KEY_ROW * rows as f64 + 4.0
}

fn signed(axis: &Axis, tick: f64) -> String {
    let text = axis.label(tick);
    if tick > 0.0 { format!("+{text}") } else { text }
}

/// Boxes along a line, so that labels keep off it.
fn along(from: Point, to: Point) -> Vec<[f64; 4]> {
    let steps = (((to.0 - from.0).abs() + (to.1 - from.1).abs()) / 8.0)
        .ceil()
        .max(1.0);
    let count = steps as usize;
    (0..=count)
        .map(|k| {
            let share = k as f64 / steps;
            let (px, py) = (
                from.0 + (to.0 - from.0) * share,
                from.1 + (to.1 - from.1) * share,
            );
            [px - 1.5, py - 1.5, px + 1.5, py + 1.5]
        })
        .collect()
}
