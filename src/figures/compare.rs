//! Paired differences between strategies under the same seeds.

use super::data::{Context, Data, Skip};
use super::kinds::forest::{Forest, Group, Marks, Row};
use super::page::Page;
use super::sheet::Figure;
use super::{theme, words};
use crate::record::table::{Column, Table};

/// Half-width of the 50% interval, standard errors.
const HALF: f64 = 0.674_490;
/// Half-width of the 95% interval where the table gives none, standard errors.
const MOST: f64 = 1.959_964;
/// Most rows in the figure.
const ROWS: usize = 26;
/// Metrics that are shown first where there is no room for all of each strategy.
const FIRST: [&str; 8] = [
    "shortage_peak_pct",
    "consumer_loss_usd",
    "unmet_defence_t",
    "public_cost_usd",
    "china_share_separation",
    "resilience_loss",
    "asean_value_added_usd",
    "damage_usd",
];
/// Fewest metrics of a strategy.
const FEWEST: usize = 4;
/// Percentages beyond this say little: the reference has next to nothing of the metric.
const TELLING: f64 = 200.0;

/// Differences from the reference by metric.
///
/// Reads the table `compare`: `metric`, `mean_difference`, `se`, and optionally `arm`, `reference`, `low`, `high` (95% interval), `unit`,
/// `mean_reference`, `n`. Where there are metrics of the whole world, those of single places are left out.
///
/// # Errors
/// If there is no such table.
pub fn differences(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let table = data.table("compare")?;
    let metric = table.text("metric")?;
    let (difference, error) = (table.f64("mean_difference")?, table.f64("se")?);
    let defined =
        (0..table.len()).filter(|row| difference[*row].is_finite() && error[*row].is_finite());
    let defined: Vec<usize> = defined.collect();
    let of_world = |row: &usize| !metric.get(*row).contains('[');
    let world = defined.iter().any(of_world);
    let rows: Vec<usize> = defined
        .iter()
        .copied()
        .filter(|row| !world || of_world(row))
        .collect();
    let mut groups: Vec<Group> = Vec::new();
    let mut clear: Vec<Clear> = Vec::new();
    let chosen = chosen(&rows, |row| (text(table, "arm", row), metric.get(row)));
    for row in chosen.iter().copied() {
        let shown = show(
            data,
            table,
            row,
            (metric.get(row), difference[row], error[row]),
        );
        if let (true, Some(marks)) = (shown.clear, shown.marks) {
            clear.push(Clear {
                arm: text(table, "arm", row),
                metric: shown.name.clone(),
                mean: marks.mean,
            });
        }
        let arm = text(table, "arm", row);
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
        groups[at].rows.push(shown);
    }
    if groups.is_empty() {
        return Err(Skip::Nothing("no metric was compared".to_owned()));
    }
    for group in &mut groups {
        let size = |row: &Row| row.marks.map_or(f64::INFINITY, |m| m.mean);
        group
            .rows
            .sort_by(|a, b| size(a).total_cmp(&size(b)).then(a.name.cmp(&b.name)));
    }
    let page = Page {
        title: title(&groups, &clear, &reference(table, context)),
        subtitle: format!(
            "Difference from {} under the same seeds, % of its mean. Dot: mean; thick bar: 50% interval; thin: 95%. Open and grey: the \
             95% interval spans no difference",
            reference(table, context)
        ),
        note: note(chosen.len(), rows.len(), defined.len()),
        footer: context.footer(number(table, "n", 0).map_or(0, |n| n as usize)),
    };
    let range = range(&groups);
    if let [only] = groups.as_mut_slice() {
        only.name.clear();
    }
    let forest = Forest {
        groups,
        range,
        suffix: "%",
        zero: "no difference",
        directions: ("← less", "more →"),
    };
    Ok(Figure::flowing(
        "paired_differences",
        &page,
        |canvas, top| forest.draw(canvas, top),
    ))
}

/// A difference whose interval excludes zero, % of the reference.
struct Clear {
    arm: String,
    metric: String,
    mean: f64,
}

/// The rows that are shown: all if they fit, else the same few metrics of as many strategies as fit, [`FIRST`] before the others.
fn chosen<'a>(rows: &[usize], of: impl Fn(usize) -> (String, &'a str)) -> Vec<usize> {
    let mut arms: Vec<String> = Vec::new();
    let mut metrics: Vec<&str> = Vec::new();
    for row in rows {
        let (arm, metric) = of(*row);
        if !arms.contains(&arm) {
            arms.push(arm);
        }
        if !metrics.contains(&metric) {
            metrics.push(metric);
        }
    }
    if rows.len() <= ROWS || arms.len() < 2 {
        return rows.iter().copied().take(ROWS).collect();
    }
    let place = |metric: &str| FIRST.iter().position(|first| *first == metric);
    metrics.sort_by_key(|metric| place(metric).unwrap_or(FIRST.len()));
    metrics.truncate((ROWS / arms.len()).max(FEWEST));
    arms.truncate(ROWS / metrics.len().max(1));
    let shown = |row: &usize| {
        let (arm, metric) = of(*row);
        arms.contains(&arm) && metrics.contains(&metric)
    };
    rows.iter().copied().filter(shown).collect()
}

/// A row of the table as a row of the figure.
fn show(data: &Data, table: &Table, row: usize, (metric, mean, error): (&str, f64, f64)) -> Row {
    let low = number(table, "low", row).unwrap_or(mean - MOST * error);
    let high = number(table, "high", row).unwrap_or(mean + MOST * error);
    let base = number(table, "mean_reference", row)
        .map(f64::abs)
        .filter(|base| *base > 1e-9);
    let marks = base.map(|base| {
        let share = |value: f64| 100.0 * value / base;
        Marks {
            mean: share(mean),
            half: (share(mean - HALF * error), share(mean + HALF * error)),
            most: (share(low), share(high)),
        }
    });
    let (factor, unit) = scale(&text(table, "unit", row), mean.abs().max(error));
    let places = words::decimals(factor * mean.abs().max(error));
    let value = |v: f64| words::signed(factor * v, places);
    Row {
        name: metric_name(data, metric),
        marks,
        value: format!("{}{unit}", value(mean)),
        interval: format!("{} to {}", value(low), value(high)),
        clear: low > 0.0 || high < 0.0,
    }
}

/// Name of a metric and of its place: `Price peak ratio: dysprosium oxide, EU`.
pub(super) fn metric_name(data: &Data, metric: &str) -> String {
    let (base, place) = metric.split_once('[').unwrap_or((metric, ""));
    let units = ["_usd", "_pct", "_t", "_q"];
    let stem = units
        .into_iter()
        .find_map(|unit| base.strip_suffix(unit))
        .unwrap_or(base);
    let base = if data.knows("metric", base) {
        data.name("metric", base)
    } else {
        data.name("metric", stem)
    };
    let base = spell(&base);
    let place = place.trim_end_matches(']');
    if place.is_empty() {
        return base;
    }
    let word = |id: &str| {
        let kind = ["commodity", "state", "sector"]
            .into_iter()
            .find(|kind| data.knows(kind, id));
        match kind {
            Some("state") | None => id.replace('_', " "),
            Some(kind) => words::lower_first(&data.name(kind, id)),
        }
    };
    let places: Vec<String> = place.split('@').map(word).collect();
    format!("{base}: {}", places.join(", "))
}

/// Abbreviations and names in capitals, where a name was made from an id.
fn spell(name: &str) -> String {
    let word = |word: &str| match word.to_lowercase().as_str() {
        known @ ("crma" | "hhi" | "asean") => known.to_uppercase(),
        "china" => "China".to_owned(),
        _ => word.to_owned(),
    };
    name.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// Factor and unit in which a difference reads well.
pub(super) fn scale(unit: &str, size: f64) -> (f64, String) {
    let (factor, text) = match unit {
        "share" => (100.0, " points"),
        "%" => (1.0, " points"),
        "" | "1" | "0 to 1" => (1.0, ""),
        "USD 2024" if size >= 1e9 => (1e-9, " bn USD"),
        "USD 2024" if size >= 1e6 => (1e-6, " m USD"),
        "USD 2024" => (1.0, " USD"),
        other => return (1.0, format!(" {}", other.replace("USD 2024", "USD"))),
    };
    (factor, text.to_owned())
}

/// What the axis shows: at most twice the upper quartile of the intervals' far ends, so that one large difference does not flatten the
/// rest, and to either side no more than there is, or a fifth of the other side.
fn range(groups: &[Group]) -> (f64, f64) {
    let marks = || {
        groups
            .iter()
            .flat_map(|g| &g.rows)
            .filter_map(|row| row.marks)
    };
    let mut ends: Vec<f64> = marks()
        .map(|m| m.most.0.abs().max(m.most.1.abs()))
        .collect();
    if ends.iter().any(|end| *end <= TELLING) {
        ends.retain(|end| *end <= TELLING);
    }
    ends.sort_by(f64::total_cmp);
    let Some(largest) = ends.last() else {
        return (-1.0, 1.0);
    };
    let most = largest.min(2.0 * ends[ends.len() * 3 / 4]).max(0.1);
    let low = marks().map(|m| -m.most.0).fold(0.0, f64::max).min(most);
    let high = marks().map(|m| m.most.1).fold(0.0, f64::max).min(most);
    (-low.max(high / 5.0), high.max(low / 5.0))
}

fn title(groups: &[Group], clear: &[Clear], reference: &str) -> String {
    let shown: usize = groups.iter().map(|g| g.rows.len()).sum();
    let several = groups.len() > 1;
    let (arm, verb, of) = match groups {
        [one] if !one.name.is_empty() => (format!("‘{}’", one.name), "differs", "metrics"),
        [_] => ("The strategies".to_owned(), "differ", "metrics"),
        _ => ("The strategies".to_owned(), "differ", "comparisons"),
    };
    let largest = clear
        .iter()
        .filter(|c| c.mean.abs() <= TELLING)
        .max_by(|a, b| a.mean.abs().total_cmp(&b.mean.abs()));
    let most = largest.map_or(String::new(), |c| {
        let name = if c.metric.starts_with("China") {
            c.metric.clone()
        } else {
            words::lower_first(&c.metric)
        };
        let arm = if several {
            format!("‘{}’ in ", c.arm)
        } else {
            "in ".to_owned()
        };
        let size = words::signed(c.mean, usize::from(c.mean.abs() < 9.95));
        format!(", most {arm}{name} ({size}%)")
    });
    if clear.is_empty() {
        return format!(
            "{arm} {verb} from {reference} in no metric: every 95% interval spans no difference"
        );
    }
    format!(
        "{arm} {verb} clearly from {reference} in {} of {shown} {of}{most}",
        clear.len()
    )
}

fn note(shown: usize, candidates: usize, defined: usize) -> String {
    let mut note = "At right: the difference in its own unit, and its 95% interval; an arrow: beyond the axis.".to_owned();
    let more = candidates - shown;
    note.push_str(&match (more, defined > candidates) {
        (0, false) => String::new(),
        (0, true) => " Metrics of single places are in comparison.csv.".to_owned(),
        (_, false) => format!(" {more} more comparisons are in comparison.csv."),
        (_, true) => {
            format!(
                " {more} more comparisons, and metrics of single places, are in comparison.csv."
            )
        }
    });
    note
}

fn reference(table: &Table, context: &Context) -> String {
    let named = text(table, "reference", 0);
    let named = if named.is_empty() {
        context
            .arms
            .first()
            .map_or(String::new(), |a| a.name.clone())
    } else {
        named
    };
    if named.is_empty() {
        "the reference".to_owned()
    } else {
        format!("‘{named}’")
    }
}

fn text(table: &Table, column: &str, row: usize) -> String {
    match table.get(column) {
        Some(Column::Text(text)) => text.get(row).to_owned(),
        _ => String::new(),
    }
}

fn number(table: &Table, column: &str, row: usize) -> Option<f64> {
    match table.get(column)? {
        Column::F64(values) => Some(values[row]).filter(|v| v.is_finite()),
        Column::U32(values) => Some(f64::from(values[row])),
        Column::Text(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_strategy_is_shown_with_the_same_few_metrics() {
        let metrics = [
            "midstream_jobs",
            "damage_usd",
            "a",
            "b",
            "c",
            "d",
            "public_cost_usd",
            "e",
            "shortage_peak_pct",
        ];
        let of = |row: usize| {
            let (arm, metric) = (row / metrics.len(), row % metrics.len());
            (format!("arm {arm}"), metrics[metric])
        };
        let rows: Vec<usize> = (0..5 * metrics.len()).collect();
        let shown = chosen(&rows, of);
        assert_eq!(shown.len(), 25);
        for arm in 0..5 {
            let own = shown.iter().filter(|row| *row / metrics.len() == arm);
            let own: Vec<&str> = own.map(|row| metrics[row % metrics.len()]).collect();
            assert_eq!(
                own,
                [
                    "midstream_jobs",
                    "damage_usd",
                    "a",
                    "public_cost_usd",
                    "shortage_peak_pct"
                ]
            );
        }
        let few: Vec<usize> = (0..2 * metrics.len()).collect();
        assert_eq!(chosen(&few, of), few, "all where they fit");
        let many: Vec<usize> = (0..20 * metrics.len()).collect();
        assert!(chosen(&many, of).len() <= ROWS);
    }
}
