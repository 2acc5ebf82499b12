//! The tables of the page: metrics by arm, differences from the reference, failed runs.

use super::{
    Material,
    summary::{Amount, rows, spread},
};
use crate::{
    analysis::{
        compare::compare,
        metrics::{self, METRICS},
    },
    figures::words,
    record::table::Table,
};
use maud::{Markup, html};

/// Most arms side by side in the table of metrics.
const MOST: usize = 8;

/// Most strategies with a table of differences.
const COMPARED: usize = 12;

/// All tables.
pub fn tables(material: &Material) -> Markup {
    html! {
        (levels(material))
        @if material.context.arms.len() > 1 { (differences(material)) }
        (failures(material.runs))
    }
}

/// Metrics of the world by arm: median and 90% interval over runs.
fn levels(material: &Material) -> Markup {
    let arms: Vec<_> = material.context.arms.iter().take(MOST).collect();
    let of: Vec<Vec<usize>> = arms
        .iter()
        .map(|arm| rows(material.runs, &arm.runs))
        .collect();
    let lines = METRICS.iter().filter_map(|metric| {
        let spreads: Vec<_> = of
            .iter()
            .map(|r| spread(material.runs, metric.name, r))
            .collect();
        let size = spreads
            .iter()
            .flatten()
            .map(|s| s.q95.abs().max(s.q05.abs()))
            .fold(0.0, f64::max);
        spreads
            .iter()
            .any(Option::is_some)
            .then(|| (metric, spreads, Amount::of(metric.unit, size)))
    });
    let left_out = material.context.arms.len().saturating_sub(MOST);
    html! {
        h3 { "Metrics of the whole world" }
        p.small {
            "Median over seeds; in brackets 5% to 95%. Metrics of single states and goods are in runs.parquet and summary.csv."
            @if left_out > 0 { " " (left_out) " more strategies are in summary.csv." }
        }
        div.wide tabindex="0" {
            table {
                thead { tr {
                    th { "Metric" }
                    @for arm in &arms { th { @if arm.name.is_empty() { "Median" } @else { (arm.name) } } }
                    th { "Unit" }
                } }
                tbody {
                    @for (metric, spreads, amount) in lines {
                        tr {
                            td title=(metric.name) { (metric.meaning.trim_end_matches('.')) }
                            @for spread in &spreads {
                                td {
                                    @if let Some(s) = spread {
                                        (amount.plain(s.q50))
                                        @if amount.plain(s.q05) != amount.plain(s.q95) {
                                            " " span.interval { "(" (amount.plain(s.q05)) " to " (amount.plain(s.q95)) ")" }
                                        }
                                    } @else { "–" }
                                }
                            }
                            td { @if amount.unit().is_empty() { (metric.unit) } @else { (amount.unit()) } }
                        }
                    }
                }
            }
        }
    }
}

/// Differences from the reference under the same seeds, metrics of the world.
fn differences(material: &Material) -> Markup {
    let reference = &material.context.arms[0].name;
    let Ok(all) = compare(material.runs, Some(reference)) else {
        return html! {};
    };
    let of_world: Vec<_> = all
        .iter()
        .filter(|d| !d.metric.contains('[') && d.difference.n > 0)
        .collect();
    html! {
        h3 { "Differences from ‘" (reference) "’" }
        p.small { "Mean of the differences seed by seed, with the 95% interval of Student’s t. Bold: the interval lies on one side of no difference."
            @if material.context.arms.len() > COMPARED + 1 { " Of " (material.context.arms.len() - 1) " strategies the first " (COMPARED) " are shown; monazite compare prints all." }
        }
        @for arm in material.context.arms.iter().skip(1).take(COMPARED) {
            div.wide tabindex="0" {
                table {
                    thead { tr { th { "‘" (arm.name) "’" } th { "difference" } th { "95% interval" } th { "" } } }
                    tbody {
                        @for d in of_world.iter().filter(|d| d.arm == arm.name) {
                            @let amount = Amount::of(d.unit, d.difference.mean.abs());
                            @let clear = d.difference.interval.0 > 0.0 || d.difference.interval.1 < 0.0;
                            tr {
                                td title=(d.metric) { (meaning(&d.metric)) }
                                td.better[clear] {
                                    @if d.difference.mean > 0.0 { "+" }
                                    (amount.difference(d.difference.mean))
                                }
                                td.interval {
                                    @if d.difference.interval.0.is_nan() { "–" }
                                    @else { (amount.plain(d.difference.interval.0)) " to " (amount.plain(d.difference.interval.1)) }
                                }
                                td { @if clear { (d.verdict().word()) } @else { "no clear difference" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What a metric means, without the full stop.
fn meaning(metric: &str) -> &str {
    metrics::find(metric).map_or(metric, |metric| metric.meaning.trim_end_matches('.'))
}

/// Runs that failed, with the reason.
fn failures(runs: &Table) -> Markup {
    let (Ok(run), Ok(arm), Ok(seed), Ok(status), Ok(reason)) = (
        runs.u32("run"),
        runs.text("arm"),
        runs.u32("seed"),
        runs.text("status"),
        runs.text("reason"),
    ) else {
        return html! {};
    };
    let failed: Vec<usize> = (0..runs.len())
        .filter(|row| status.get(*row) != "done")
        .collect();
    if failed.is_empty() {
        return html! {};
    }
    html! {
        h3 { "Failed runs" }
        p { (words::number(failed.len() as f64, 0)) " of " (words::number(runs.len() as f64, 0)) " runs failed and play no part in any number above." }
        div.wide tabindex="0" { table {
            thead { tr { th { "Reason" } th { "run" } th { "arm" } th { "seed" } } }
            tbody { @for row in failed.iter().take(50) {
                tr { td { (reason.get(*row)) } td { (run[*row]) } td { (arm.get(*row)) } td { (seed[*row]) } }
            } }
        } }
    }
}
