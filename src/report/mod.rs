//! One self-contained page about a result: summary, figures, tables, methods. No network, no script, nothing outside the file.

mod fonts;
mod methods;
mod sections;
mod summary;
mod tables;

pub use sections::SECTIONS;
pub use summary::{Sentence, sentences};

use crate::{
    config::Loaded,
    figures::{Context, Data, Figure},
    record::{manifest::Manifest, table::Table},
};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// All that the page is made from.
#[derive(Debug)]
pub struct Material<'a> {
    /// What was run, by which program.
    pub manifest: &'a Manifest,
    /// A row per run.
    pub runs: &'a Table,
    /// The tables, with the names of what is in them.
    pub data: &'a Data,
    /// Arms and names in figures.
    pub context: &'a Context,
    /// The figures, in the order in which they were drawn.
    pub figures: &'a [Figure],
    /// The resolved configuration.
    pub configuration: &'a Loaded,
    /// The baseline that a scenario was laid over, where its file is still the one that was read.
    pub baseline: Option<&'a Loaded>,
}

impl Material<'_> {
    /// Title of the scenario or experiment.
    fn title(&self) -> String {
        match self.configuration {
            Loaded::Scenario(scenario) => scenario.title.clone(),
            Loaded::Experiment(experiment) => experiment.title.clone(),
            Loaded::Strategy(_) => self.context.scenario.clone(),
        }
    }

    fn description(&self) -> Option<&str> {
        match self.configuration {
            Loaded::Scenario(scenario) => scenario.description.as_deref(),
            Loaded::Experiment(experiment) => experiment
                .description
                .as_deref()
                .or(experiment.scenario.description.as_deref()),
            Loaded::Strategy(_) => None,
        }
    }
}

/// The page as HTML.
#[must_use]
pub fn page(material: &Material) -> String {
    let title = material.title();
    let groups = sections::grouped(material.figures);
    let sentences = summary::sentences(material);
    let body = html! {
        header {
            p.kicker { "monazite " (material.manifest.version) " · market model of rare earths" }
            h1 { (title) }
            @if let Some(description) = material.description() { p.lead { (description) } }
            p.facts { (facts(material)) }
        }
        nav aria-label="Contents" {
            ol {
                li { a href="#summary" { "Summary" } }
                @for group in &groups { li { a href={ "#part-" (group.id) } { (group.name) } } }
                li { a href="#tables" { "Tables" } }
                li { a href="#methods" { "Methods" } }
            }
        }
        main {
            section #summary {
                h2 { "Summary" }
                ul.findings { @for sentence in &sentences { li { (said(sentence)) } } }
                p.small { "Every number in these sentences is computed from the runs. Where an interval spans no difference, no direction is claimed." }
            }
            @for group in &groups {
                section id={ "part-" (group.id) } {
                    h2 { (group.name) }
                    @for figure in &group.figures { (picture(figure)) }
                }
            }
            section #tables { h2 { "Tables" } (tables::tables(material)) }
            section #methods { h2 { "Methods" } (methods::methods(material)) }
        }
    };
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(fonts::faces())) (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    }
    .into_string()
}

/// Runs, seeds, arms in a line.
fn facts(material: &Material) -> String {
    let counts = material.manifest.runs;
    let arms = material.context.arms.len();
    let mut parts = vec![match counts.all {
        1 => "1 run".to_owned(),
        n => format!("{} runs", crate::figures::words::number(n as f64, 0)),
    }];
    if arms > 1 {
        parts.push(format!("{arms} strategies"));
    }
    parts.push(format!("seeds {}", material.manifest.identity.seeds));
    if counts.failed > 0 {
        parts.push(format!("{} failed", counts.failed));
    }
    let hash: String = material
        .manifest
        .identity
        .configuration
        .chars()
        .take(8)
        .collect();
    parts.push(format!("configuration {hash}"));
    parts.join(" · ")
}

fn said(sentence: &Sentence) -> Markup {
    html! {
        (sentence.text)
        @if let Some(figure) = &sentence.figure { " " a.see href={ "#" (figure) } { "see figure" } }
    }
}

/// A figure with its picture inline: text stays text.
fn picture(figure: &Figure) -> Markup {
    // In HTML the name space of an inline drawing is understood.
    let drawing = figure
        .svg
        .replacen(" xmlns=\"http://www.w3.org/2000/svg\"", "", 1);
    html! {
        figure id=(figure.name) {
            // a drawing that is wider than a telephone moves sideways, its title with it
            div.narrow aria-hidden="true" {
                p.finding { (figure.title) }
                p.small { (figure.subtitle) " (The picture moves sideways.)" }
            }
            div.drawing tabindex="0" { (PreEscaped(drawing)) }
            figcaption { "figures/" (figure.name) ".png, .svg" }
        }
    }
}

/// For screens wide and narrow, and for A4.
const STYLE: &str = include_str!("style.css");
