//! Strategies against measures: how far each falls behind the best, in the unit of the measure.

use super::canvas::{Anchor, Canvas, Type};
use super::colour::Colour;
use super::compare::{metric_name, scale};
use super::data::{Context, Data, Skip};
use super::page::{Page, wrap_even};
use super::sheet::Figure;
use super::{theme, words};

/// Measures shown, if the strategies differ in them; of places only where there is none of these.
const SHOWN: [&str; 8] = [
    "shortage_peak_pct",
    "shortage_quarters",
    "consumer_loss_usd",
    "unmet_defence_t",
    "public_cost_usd",
    "hhi_host_separation",
    "damage_usd",
    "midstream_jobs",
];
/// Most measures.
const COLUMNS: usize = 7;
/// Most strategies.
const ROWS: usize = 20;
const ROW: f64 = 36.0;

struct Measure {
    name: String,
    unit: String,
    factor: f64,
    /// Regret of each strategy, in the metric's unit.
    regret: Vec<f64>,
    worst: f64,
}

/// Expected regret of each strategy on each measure, rows sorted by the worst and then by the mean. Reads the table `strategies`.
///
/// # Errors
/// If there is no such table, or the strategies do not differ.
pub fn heat(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let table = data.table("strategies")?;
    let (metric, arm, unit) = (
        table.text("metric")?,
        table.text("arm")?,
        table.text("unit")?,
    );
    let (regret, n) = (table.f64("regret_mean")?, table.u32("n")?);
    let mut arms: Vec<&str> = Vec::new();
    let mut metrics: Vec<&str> = Vec::new();
    for row in 0..table.len() {
        if !arms.contains(&arm.get(row)) {
            arms.push(arm.get(row));
        }
        if !metrics.contains(&metric.get(row)) {
            metrics.push(metric.get(row));
        }
    }
    let all = metrics.len();
    metrics.sort_by_key(|name| {
        SHOWN
            .iter()
            .position(|shown| shown == name)
            .unwrap_or(SHOWN.len())
    });
    let measure = |name: &str| {
        let of = |arm_name: &&str| {
            let row =
                (0..table.len()).find(|&row| metric.get(row) == name && arm.get(row) == *arm_name);
            row.map_or(f64::NAN, |row| regret[row])
        };
        let regret: Vec<f64> = arms.iter().map(of).collect();
        let worst = regret.iter().copied().fold(0.0, f64::max);
        let row = (0..table.len()).find(|&row| metric.get(row) == name)?;
        (worst > 1e-12 && regret.iter().all(|value| value.is_finite())).then(|| {
            let (factor, unit) = scale(unit.get(row), worst);
            let unit = match unit.trim() {
                "" => "index".to_owned(),
                unit => unit.to_owned(),
            };
            Measure {
                name: metric_name(data, name),
                unit,
                factor,
                regret,
                worst,
            }
        })
    };
    let listed = metrics.iter().filter(|name| SHOWN.contains(name));
    let mut measures: Vec<Measure> = listed
        .filter_map(|name| measure(name))
        .take(COLUMNS)
        .collect();
    if measures.is_empty() {
        measures = metrics
            .iter()
            .filter_map(|name| measure(name))
            .take(COLUMNS)
            .collect();
    }
    if measures.is_empty() {
        return Err(Skip::Nothing(
            "the strategies do not differ on any measure".to_owned(),
        ));
    }
    let order = order(arms.len(), &measures);
    let runs = n.first().copied().unwrap_or(0) as usize;
    let shown = measures.len();
    let page = Page {
        title: title(&arms, &order, &measures),
        subtitle: format!(
            "Regret: distance from the best strategy of each seed, in the unit of the measure; mean of {}. Shade, and the columns at \
             right: % of the largest in the column",
            words::seeds(runs)
        ),
        note: note(arms.len(), all - shown),
        footer: context.footer(runs),
    };
    Ok(Figure::flowing("strategy_heat", &page, |canvas, top| {
        draw(canvas, &arms, &order, &measures, top)
    }))
}

/// How far a strategy falls behind, as shares of the largest regret on each measure.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Behind {
    /// Which strategy.
    arm: usize,
    /// On its worst measure.
    worst: f64,
    /// On average over the measures.
    mean: f64,
}

/// The strategies by their worst regret in whole per cent, equals by their mean.
fn order(arms: usize, measures: &[Measure]) -> Vec<Behind> {
    let behind = |arm: usize| {
        let shares = measures.iter().map(|m| m.regret[arm] / m.worst);
        Behind {
            arm,
            worst: shares.clone().fold(0.0, f64::max),
            mean: shares.sum::<f64>() / measures.len() as f64,
        }
    };
    let mut order: Vec<Behind> = (0..arms).map(behind).collect();
    let whole = |behind: &Behind| (100.0 * behind.worst).round();
    order.sort_by(|a, b| {
        whole(a)
            .total_cmp(&whole(b))
            .then(a.mean.total_cmp(&b.mean))
            .then(a.arm.cmp(&b.arm))
    });
    order
}

fn title(arms: &[&str], order: &[Behind], measures: &[Measure]) -> String {
    let whole = |share: f64| words::number(100.0 * share, 0);
    let best_everywhere = order.iter().find(|b| b.worst <= 1e-9);
    match (best_everywhere, order) {
        (Some(best), _) => format!(
            "‘{}’ is best on every measure shown, in every seed",
            arms[best.arm]
        ),
        (None, [first, ..]) if first.worst < 0.995 => format!(
            "No strategy wins on every count; ‘{}’ has the smallest worst regret, {}% of the largest",
            arms[first.arm],
            whole(first.worst)
        ),
        (None, [first, second, ..])
            if measures.len() > 1 && whole(first.mean) != whole(second.mean) =>
        {
            format!(
                "No strategy wins on every count; ‘{}’ falls least behind on average",
                arms[first.arm]
            )
        }
        _ => "No strategy wins on every count: each is at or near the worst on some measure"
            .to_owned(),
    }
}

/// A regret with the decimals of its column; where these leave nothing of it, with more, or as less than they can show.
fn regret(value: f64, places: usize) -> String {
    let shown = |places: usize| {
        let text = words::number(value, places);
        text.contains(|c: char| c.is_ascii_digit() && c != '0')
            .then_some(text)
    };
    let least = || format!("<0.{}1", "0".repeat(places));
    shown(places)
        .or_else(|| shown(places + 1))
        .unwrap_or_else(least)
}

fn note(arms: usize, more: usize) -> String {
    let mut note = String::new();
    if arms > ROWS {
        note.push_str(&format!(
            "{} more strategies are in the table. ",
            arms - ROWS
        ));
    }
    if more > 0 {
        note.push_str(&format!("{more} more measures are in comparison.csv."));
    }
    note
}

fn draw(
    canvas: &mut Canvas,
    arms: &[&str],
    order: &[Behind],
    measures: &[Measure],
    top: f64,
) -> f64 {
    let head = Type::semibold(theme::TICK, theme::INK);
    let small = Type::regular(theme::TICK, theme::MUTED);
    let name = Type::regular(theme::LABEL, theme::INK);
    let bold = Type::semibold(theme::LABEL, theme::INK);
    let widest = arms.iter().map(|arm| bold.width(arm)).fold(0.0, f64::max);
    let gutter = widest.min(230.0) + 10.0;
    let (left, right) = (theme::MARGIN + gutter, theme::WIDTH - theme::MARGIN);
    let (last, apart) = (112.0, 52.0);
    let width = (right - last - left) / measures.len() as f64;
    let heads: Vec<Vec<String>> = measures
        .iter()
        .map(|m| wrap_even(&m.name, head, (width - 6.0).min(120.0)))
        .collect();
    let lines = heads.iter().map(Vec::len).max().unwrap_or(1).max(2) as f64;
    let first = top + 15.0 * lines + 24.0;
    let put_head = |canvas: &mut Canvas, lines: &[String], unit: &str, x: f64, anchor: Anchor| {
        let mut y = first - 24.0 - 15.0 * (lines.len() as f64 - 1.0);
        for line in lines {
            canvas.text(line, (x, y), anchor, head);
            y += 15.0;
        }
        canvas.text(unit, (x, first - 8.0), anchor, small);
    };
    for (column, (measure, lines)) in measures.iter().zip(&heads).enumerate() {
        let centre = left + width * (column as f64 + 0.5);
        put_head(canvas, lines, &measure.unit, centre, Anchor::Middle);
    }
    for (name, x) in [("Worst", right - apart), ("Mean", right)] {
        let lines = [name.to_owned(), "regret".to_owned()];
        put_head(canvas, &lines, "%", x, Anchor::End);
    }
    for (row, Behind { arm, worst, mean }) in order.iter().take(ROWS).enumerate() {
        let y = first + ROW * row as f64;
        let baseline = y + ROW / 2.0 + theme::LABEL * 0.34;
        let face = if row == 0 { bold } else { name };
        let mut lines = wrap_even(arms[*arm], face, gutter - 10.0);
        if lines.len() > 2 {
            let rest = lines.split_off(1).join(" ");
            lines.push(shorten(&rest, face, gutter - 10.0));
        }
        let first_line = baseline - 7.5 * (lines.len() as f64 - 1.0);
        for (k, line) in lines.into_iter().enumerate() {
            let y = first_line + 15.0 * k as f64;
            canvas.text(line, (left - 10.0, y), Anchor::End, face);
        }
        for (column, measure) in measures.iter().enumerate() {
            let x = left + width * column as f64;
            let share = measure.regret[*arm] / measure.worst;
            let colour = Colour::ramp(theme::RAMP, share);
            canvas.rect(
                (x + 0.8, y + 0.8),
                (x + width - 0.8, y + ROW - 0.8),
                colour,
                1.0,
            );
            let (text, face) = if share < 1e-9 {
                (
                    "best".to_owned(),
                    Type::semibold(theme::LABEL, colour.text_on()),
                )
            } else {
                let value = measure.factor * measure.regret[*arm];
                let places = words::decimals(measure.factor * measure.worst).min(3);
                (
                    regret(value, places),
                    Type::regular(theme::LABEL, colour.text_on()),
                )
            };
            canvas.text(text, (x + width / 2.0, baseline), Anchor::Middle, face);
        }
        for (share, x) in [(worst, right - apart), (mean, right)] {
            let text = words::number(100.0 * share, 0);
            canvas.text(text, (x, baseline), Anchor::End, face);
        }
    }
    first + ROW * order.len().min(ROWS) as f64 + 4.0
}

/// A name cut to a width, with an ellipsis.
pub(super) fn shorten(text: &str, face: Type, width: f64) -> String {
    if face.width(text) <= width {
        return text.to_owned();
    }
    let mut kept: Vec<char> = text.chars().collect();
    while !kept.is_empty() && face.width(&format!("{}…", kept.iter().collect::<String>())) > width
    {
        kept.pop();
    }
    format!("{}…", kept.iter().collect::<String>().trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(regret: &[f64]) -> Measure {
        Measure {
            name: String::new(),
            unit: String::new(),
            factor: 1.0,
            regret: regret.to_vec(),
            worst: regret.iter().copied().fold(0.0, f64::max),
        }
    }

    #[test]
    fn rows_of_equal_worst_regret_are_sorted_by_the_mean() {
        let measures = [measure(&[10.0, 1.0, 9.99]), measure(&[5.0, 10.0, 3.0])];
        let rows: Vec<usize> = order(3, &measures).iter().map(|b| b.arm).collect();
        assert_eq!(rows, [1, 2, 0], "means 55, 65 and 75% at a worst of 100%");
        let named = title(&["a", "b", "c"], &order(3, &measures), &measures);
        assert!(named.contains("‘b’ falls least behind"), "{named}");
        let clear = [measure(&[10.0, 5.0]), measure(&[10.0, 6.0])];
        assert_eq!(order(2, &clear)[0].arm, 1);
    }

    #[test]
    fn a_regret_never_shows_as_nothing() {
        assert_eq!(regret(0.04, 1), "0.04");
        assert_eq!(regret(0.004, 1), "<0.01");
        assert_eq!(regret(3.12, 1), "3.1");
        assert_eq!(regret(0.4, 0), "0.4");
    }

    #[test]
    fn long_names_are_cut() {
        let face = Type::regular(theme::LABEL, theme::INK);
        let cut = shorten("a strategy with a very long name indeed", face, 100.0);
        assert!(cut.ends_with('…') && face.width(&cut) <= 100.0);
        assert_eq!(shorten("short", face, 100.0), "short");
    }
}
