//! What safety costs: strategies by public cost and shortage, and the frontier of those that no other beats on both.

use super::axis::Axis;
use super::canvas::{Anchor, Canvas, Point, Type};
use super::compare::{metric_name, scale};
use super::data::{Context, Data, Skip};
use super::page::Page;
use super::sheet::Figure;
use super::{theme, words};
use crate::record::table::Table;

/// Loss that is held against cost: the first of these that the strategies move.
const LOSSES: [&str; 4] = [
    "resilience_loss",
    "shortage_peak_pct",
    "consumer_loss_usd",
    "unmet_defence_t",
];
const COST: &str = "public_cost_usd";

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
    Ok(Figure::fixed(
        "cost_effectiveness",
        &page,
        |canvas, top, bottom| draw(canvas, &strategies, &axis_name, (top, bottom)),
    ))
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
        taken.push([px - 7.0, py - 7.0, px + 7.0, py + 7.0]);
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
    for s in strategies {
        let face = if s.dominated {
            Type::regular(theme::LABEL, theme::MUTED)
        } else {
            Type::semibold(theme::LABEL, blue.as_text())
        };
        let at = (x(s.cost.mean), y(s.loss.mean));
        let (baseline, place) = label_place(
            at,
            face.width(&s.name),
            (left, right, high - 6.0, low),
            &taken,
        );
        canvas.plated_text(&s.name, baseline, Anchor::Start, face, 0.8);
        taken.push(place);
    }
    low + 42.0
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

/// The first of the eight places round a point, near then far, with the least overlap; left end of the baseline and box.
fn label_place(
    (px, py): Point,
    width: f64,
    (left, right, top, bottom): (f64, f64, f64, f64),
    taken: &[[f64; 4]],
) -> (Point, [f64; 4]) {
    let height = theme::LABEL;
    let mut best: Option<(f64, Point, [f64; 4])> = None;
    for far in [10.0, 20.0, 34.0] {
        for (dx, dy) in [
            (1.0, -1.0),
            (1.0, 1.0),
            (-1.0, -1.0),
            (-1.0, 1.0),
            (1.0, 0.0),
            (-1.0, 0.0),
            (0.0, -1.0),
            (0.0, 1.0),
        ] {
            let start = match dx {
                1.0 => px + far,
                -1.0 => px - far - width,
                _ => px - width / 2.0,
            };
            let baseline = py + height * 0.34 + dy * (far + 1.0);
            let place = [
                start - 3.0,
                baseline - height * 0.85,
                start + width + 3.0,
                baseline + height * 0.3,
            ];
            let mut cost: f64 = taken
                .iter()
                .map(|other| overlap(&place, other))
                .sum::<f64>()
                + far / 10.0;
            if place[0] < left || place[2] > right || place[1] < top || place[3] > bottom {
                cost += 1e6;
            }
            if best.is_none_or(|(least, ..)| cost < least) {
                best = Some((cost, (start, baseline), place));
            }
        }
    }
    best.map_or(((px, py), [px, py, px, py]), |(_, at, place)| (at, place))
}

fn overlap(a: &[f64; 4], b: &[f64; 4]) -> f64 {
    (a[2].min(b[2]) - a[0].max(b[0])).max(0.0) * (a[3].min(b[3]) - a[1].max(b[1])).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_off_each_other() {
        let bounds = (0.0, 400.0, 0.0, 300.0);
        let (_, first) = label_place((200.0, 150.0), 80.0, bounds, &[]);
        let (_, second) = label_place((203.0, 150.0), 80.0, bounds, &[first]);
        assert!(overlap(&first, &second) < 1e-9);
        let (at, _) = label_place((395.0, 5.0), 80.0, bounds, &[]);
        assert!(
            at.0 + 80.0 < 395.0 && at.1 > 5.0,
            "kept on the page: {at:?}"
        );
    }
}
