//! The methods page: what was run, how arms differ in words, from what data, and what the model leaves out.

use super::Material;
use crate::config::{
    Loaded,
    diff::{Difference, diff},
};
use maud::{Markup, html};

/// Differences of one arm that are written out.
const MOST: usize = 40;

/// What the model leaves out, for whoever decides by these numbers.
const LIMITS: [&str; 7] = [
    "The model is a tool for comparing strategies under the same conditions; its levels are scenarios, not forecasts.",
    "Bands show the spread over seeds: noise and what the configuration declares uncertain. What it does not declare uncertain is not in them.",
    "Strategies are calendars and rules that somebody wrote down; none is found by optimisation, and states see lagged, imperfect figures.",
    "Scarcity rents stay with the holders of licences and quotas; they reach neither firms’ cash nor treasuries.",
    "All rules of origin of a world restrict the same states and owners; state stockpiles are of unrestricted goods.",
    "Goods slip past what an exporter restricts or taxes, not past the duties of importers; consumers do not re-export.",
    "New firms enter only where a measure supports their stage; elsewhere capacity comes from standing plants and announced projects.",
];

/// The page.
pub fn methods(material: &Material) -> Markup {
    let manifest = material.manifest;
    let inputs = |ending: &'static str| {
        manifest
            .inputs
            .keys()
            .filter(move |path| path.ends_with(ending))
    };
    html! {
        dl {
            dt { "Program" } dd { (manifest.program) " " (manifest.version) @if let Some(revision) = &manifest.revision { ", revision " (revision) } }
            dt { "Built for" } dd { (manifest.target) }
            dt { "Configuration" } dd { (manifest.identity.configuration) " (BLAKE3 of resolved.ron, which alone repeats these results)" }
            dt { "Seeds" } dd { (manifest.identity.seeds) }
            dt { "Random numbers" } dd { (manifest.generator) }
            dt { "Runs" } dd { (manifest.runs.all) ", of which failed " (manifest.runs.failed) }
        }
        (configuration(material))
        h3 { "How it works" }
        p {
            "States, firms, plants and end users trade along the chain from ore to magnet. Each quarter the whole chain clears at once in markets (state by commodity) joined by \
             lanes (state by state); states intervene by dated measures and rules; firms build, stop and close plants. Goods, masses and money balance in every quarter of every \
             run. All strategies meet the same seeds, so that their differences are taken seed by seed."
        }
        h3 { "Data" }
        p {
            "Every row of the input tables carries its year, its unit and its public source, or says that it is an assumption and in what range. Files of this result: "
            @for (index, path) in inputs(".csv").enumerate() { @if index > 0 { ", " } (path) }
            @if inputs(".csv").next().is_none() { "none besides resolved.ron" }
            "."
        }
        h3 { "Limits" }
        ul { @for limit in LIMITS { li { (limit) } } }
        h3 { "Reading the figures" }
        p {
            "Lines are medians over seeds, bands 50% and 90% of them, unless a figure says otherwise. Every figure is drawn from the tables of this result and stands beside this \
             page as PNG (300 dpi) and SVG. Money is in real 2024 USD; tonnes are of rare-earth oxide equivalent up to alloy, and of finished magnet after it."
        }
    }
}

/// Span, tables and, in words, what each arm changes, or what the scenario changes in the baseline.
fn configuration(material: &Material) -> Markup {
    match material.configuration {
        Loaded::Experiment(experiment) => {
            let base = Loaded::Scenario(Box::new(experiment.scenario.clone()));
            html! {
                h3 { "What each strategy changes" }
                p { "The scenario is ‘" (experiment.scenario.title) "’, from " (experiment.scenario.start) " to " (experiment.scenario.end) ". Reference: ‘" (experiment.reference) "’." }
                @for (name, arm) in &experiment.arms {
                    p { strong { "‘" (name) "’" } }
                    (changes(&base, &Loaded::Scenario(Box::new(arm.clone())), "The scenario as it is."))
                }
            }
        }
        Loaded::Scenario(scenario) => html! {
            h3 { "What the scenario changes in the baseline" }
            p { "From " (scenario.start) " to " (scenario.end) "." }
            @if let Some(baseline) = material.baseline {
                (changes(baseline, material.configuration, "Nothing: this is the baseline."))
            } @else {
                p { "The baseline that it was laid over is not at hand as it was then; resolved.ron holds the whole configuration." }
            }
        },
        Loaded::Strategy(_) => html! {},
    }
}

fn changes(from: &Loaded, to: &Loaded, none: &str) -> Markup {
    let differences = diff(from, to).unwrap_or_default();
    if differences.is_empty() {
        return html! { p { (none) } };
    }
    let mut topics: Vec<(&'static str, Vec<&Difference>)> = Vec::new();
    for difference in differences.iter().take(MOST) {
        let heading = difference.topic.heading();
        match topics.last_mut() {
            Some((name, of)) if *name == heading => of.push(difference),
            _ => topics.push((heading, vec![difference])),
        }
    }
    html! {
        @for (heading, of) in &topics {
            p.small { (heading) }
            ul.differences { @for difference in of { li { (difference.text) } } }
        }
        @if differences.len() > MOST { p.small { "And " (differences.len() - MOST) " more; monazite diff names all." } }
    }
}
