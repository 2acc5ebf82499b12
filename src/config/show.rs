//! The configuration written out: alone, for `resolved.ron`; with the origin of every value, for people.

use super::experiment::{AS_IS, Experiment, Game};
use super::layer::Reader;
use super::locate::Index;
use super::report::Report;
use super::scenario::Scenario;
use super::{Loaded, Set, open, say};
use crate::domain::fields::{did_you_mean, english_list};
use indexmap::{IndexMap, IndexSet};
use ron::ser::PrettyConfig;
use serde::Serialize;
use std::fmt::Write;
use std::path::Path;

/// The whole scenario as one file. Loading it gives the same scenario; the same scenario gives the same bytes.
#[must_use]
pub fn resolved(scenario: &Scenario) -> String {
    format!(
        "// Everything that was run, with all tables inside.\n{}\n",
        text("Scenario", scenario)
    )
}

/// The whole experiment as one file: its scenario inside, and what each arm changes of it. Loading it gives the same experiment.
#[must_use]
pub fn resolved_experiment(experiment: &Experiment) -> String {
    let base = text("Scenario", &experiment.scenario);
    let base_index = Index::of(&base);
    let mut whole =
        String::from("// Everything that was run, with all tables inside.\nExperiment(\n");
    let _ = writeln!(whole, "    title: {},", quoted(&experiment.title));
    if let Some(description) = &experiment.description {
        let _ = writeln!(whole, "    description: {},", quoted(description));
    }
    let _ = writeln!(whole, "    seeds: {},", experiment.seeds);
    let _ = writeln!(whole, "    reference: {},", quoted(&experiment.reference));
    let _ = writeln!(whole, "    scenario: {base},");
    if let Some(game) = &experiment.game {
        whole.push_str(&resolved_game(game));
    } else {
        whole.push_str("    arms: {\n");
        for (name, scenario) in &experiment.arms {
            let patch = patch(&base, &base_index, &text("Scenario", scenario));
            let _ = writeln!(whole, "        {}: ({patch}),", quoted(name));
        }
        whole.push_str("    },\n");
    }
    if !experiment.vary.is_empty() {
        let _ = writeln!(whole, "    vary: {},", plain(&experiment.vary));
    }
    if let Some(design) = &experiment.design {
        let _ = writeln!(whole, "    design: {},", plain(design));
    }
    if let Some(calibration) = &experiment.calibration {
        let _ = writeln!(whole, "    calibration: {},", plain(calibration));
    }
    if !experiment.metrics.is_empty() {
        let _ = writeln!(whole, "    metrics: {},", plain(&experiment.metrics));
    }
    if experiment.record != experiment.scenario.record {
        let _ = writeln!(whole, "    record: {},", plain(&experiment.record));
    }
    whole.push_str(")\n");
    whole
}

fn resolved_game(game: &Game) -> String {
    let mut whole = String::from("    game: (\n        players: {\n");
    for (player, own) in &game.players {
        let _ = writeln!(whole, "            {}: {{", quoted(player));
        for (name, strategy) in own {
            let content = strategy
                .as_ref()
                .map_or_else(|| quoted(AS_IS), |strategy| text("Strategy", strategy));
            let _ = writeln!(whole, "                {}: {content},", quoted(name));
        }
        whole.push_str("            },\n");
    }
    let _ = writeln!(
        whole,
        "        }},\n        payoffs: {},\n    ),",
        plain(&game.payoffs)
    );
    whole
}

/// A value in RON on one line.
fn plain<T: Serialize>(value: &T) -> String {
    let options =
        ron::Options::default().with_default_extension(ron::extensions::Extensions::IMPLICIT_SOME);
    options
        .to_string(value)
        .unwrap_or_else(|error| format!("/* {error} */"))
}

/// What turns one resolved scenario into another: fields that differ, maps whole.
fn patch(base: &str, base_index: &Index, other: &str) -> String {
    let index = Index::of(other);
    let value = |text: &str, index: &Index, name: &str| {
        index
            .get(&[name])
            .map(|span| text[span.value.clone()].to_owned())
    };
    let top = |index: &Index| {
        let names = index
            .iter()
            .filter(|(path, _)| path.len() == 1)
            .map(|(path, _)| path[0].to_owned());
        names.collect::<Vec<_>>()
    };
    let names = top(base_index)
        .into_iter()
        .chain(top(&index))
        .collect::<IndexSet<_>>();
    let mut removed = Vec::new();
    let mut changed = String::new();
    for name in &names {
        let (before, after) = (value(base, base_index, name), value(other, &index, name));
        if before == after {
            continue;
        }
        if before.is_some_and(|before| before.starts_with('{')) {
            removed.push(quoted(name));
        }
        if let Some(after) = after {
            let _ = write!(changed, "{name}: {after}, ");
        }
    }
    if !removed.is_empty() {
        changed = format!("remove: [{}], {changed}", removed.join(", "));
    }
    changed.trim_end_matches(", ").to_owned()
}

fn quoted(text: &str) -> String {
    ron::to_string(text).unwrap_or_default()
}

/// A value in RON, one row of a table a line.
fn text<T: Serialize>(name: &str, value: &T) -> String {
    let pretty = PrettyConfig::new()
        .depth_limit(2)
        .new_line("\n".to_owned())
        .indentor("    ".to_owned());
    // Options are written without `Some`: the reader knows, and files look as people write them.
    let options =
        ron::Options::default().with_default_extension(ron::extensions::Extensions::IMPLICIT_SOME);
    let text = options
        .to_string_pretty(value, pretty)
        .unwrap_or_else(|error| format!("/* {error} */"));
    if text.starts_with(name) {
        text
    } else {
        format!("{name}{text}")
    }
}

/// The configuration that a file resolves to, or the part of it at a path, with the origin of every value.
///
/// # Errors
/// What is wrong with the files, or that there is nothing at the path.
pub fn show(path: &Path, overrides: &[Set], part: Option<&str>) -> Result<String, Report> {
    let (loaded, reader) = open(path, overrides)?;
    let whole = match &loaded {
        Loaded::Scenario(scenario) => text("Scenario", &**scenario),
        Loaded::Strategy(strategy) => text("Strategy", &**strategy),
        Loaded::Experiment(experiment) => return Ok(resolved_experiment(experiment)),
    };
    let Some(part) = part else {
        return Ok(annotated(&whole, &[], &reader));
    };
    let index = Index::of(&whole);
    let mut names: Vec<String> = Vec::new();
    for name in part.split('.') {
        // Keys may hold dots: a name that leads nowhere is joined with the next.
        let joined = match names.last() {
            Some(last) if index.get(&names).is_none() => format!("{last}.{name}"),
            _ => name.to_owned(),
        };
        if joined != name {
            names.pop();
        }
        names.push(joined);
    }
    let Some(span) = index.get(&names) else {
        let depth = index.nearest(&names).map_or(0, |(length, _)| length);
        let known = index.iter().filter(|(path, _)| {
            path.len() == depth + 1 && path.iter().zip(&names[..depth]).all(|(a, b)| a == b)
        });
        let known = known
            .filter_map(|(path, _)| path.last().map(|name| (*name).to_owned()))
            .collect::<Vec<_>>();
        let known = known.iter().map(String::as_str).collect::<Vec<_>>();
        let near = did_you_mean(&names[depth], known.iter().copied());
        let help = near.map_or_else(
            || format!("there are {}", english_list(&known)),
            |near| format!("did you mean `{near}`?"),
        );
        return Err(Report::single(
            "path",
            format!("there is nothing at {part}; {help}"),
        ));
    };
    let value = &whole[span.value.clone()];
    let expanded = expand(value);
    Ok(annotated(&expanded, &names, &reader))
}

/// A value with one field a line down to the second level.
fn expand(value: &str) -> String {
    let mut result = String::new();
    let mut depth = 0usize;
    let mut quoted = false;
    let mut escaped = false;
    for c in value.chars() {
        if quoted {
            result.push(c);
            quoted = c != '"' || escaped;
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            '"' => {
                quoted = true;
                result.push(c);
            }
            '(' | '{' | '[' => {
                depth += 1;
                result.push(c);
                if depth <= 2 {
                    let _ = write!(result, "\n{}", "    ".repeat(depth));
                }
            }
            ')' | '}' | ']' => {
                depth = depth.saturating_sub(1);
                if depth < 2 {
                    let kept = result.trim_end().trim_end_matches(',').len();
                    result.truncate(kept);
                    let _ = write!(result, ",\n{}", "    ".repeat(depth));
                }
                result.push(c);
            }
            ',' if depth <= 2 => {
                let _ = write!(result, ",\n{}", "    ".repeat(depth));
            }
            '\n' => {}
            ' ' if result.ends_with(' ') || result.ends_with('\n') => {}
            c => result.push(c),
        }
    }
    result
}

/// The text with the origin of what each line says behind it.
fn annotated(text: &str, below: &[String], reader: &Reader) -> String {
    let index = Index::of(text);
    let lines = Lines::of(text);
    let mut sources: IndexMap<&str, Lines> = IndexMap::new();
    let mut origins: Vec<Option<Vec<String>>> = vec![None; lines.starts.len()];
    for (path, span) in index.iter() {
        let line = lines.line(span.key.start);
        let container = text[span.value.clone()].ends_with([')', '}', ']']);
        if container && line != lines.line(span.value.end) {
            continue;
        }
        let here = origins[line - 1].get_or_insert_default();
        let path = path.into_iter().map(str::to_owned);
        let full = below.iter().cloned().chain(path).collect::<Vec<_>>();
        if let Some((layer, length, span)) = reader.origin(&full)
            && length == full.len()
        {
            let source = &*layer.source;
            let lines = sources
                .entry(&source.name)
                .or_insert_with(|| Lines::of(&source.text));
            let origin = format!("{}:{}", source.name, lines.line(span.key.start));
            if !here.contains(&origin) {
                here.push(origin);
            }
        }
    }
    let mut result = String::with_capacity(text.len() * 2);
    for (line, origins) in text.lines().zip(&origins) {
        result.push_str(line);
        match origins {
            Some(origins) if origins.is_empty() => result.push_str(" // default"),
            Some(origins) => {
                let _ = write!(result, " // from {}", origins.join(", "));
            }
            None => {}
        }
        result.push('\n');
    }
    result
}

/// Where the lines of a text begin.
struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    fn of(text: &str) -> Self {
        let starts = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            starts: std::iter::once(0).chain(starts).collect(),
        }
    }

    /// The line (from 1) of a position.
    fn line(&self, position: usize) -> usize {
        self.starts.partition_point(|start| *start <= position)
    }
}

/// What a file resolves to, in a few lines.
#[must_use]
pub fn summary(loaded: &Loaded) -> String {
    let mut text = String::new();
    match loaded {
        Loaded::Scenario(scenario) => scenario_summary(&mut text, scenario),
        Loaded::Strategy(strategy) => {
            let _ = writeln!(
                text,
                "strategy: {}",
                strategy.title.as_deref().unwrap_or("without title")
            );
            for (id, measure) in &strategy.calendar {
                let _ = writeln!(text, "  {id}: {}", say::measure(measure));
            }
            for (id, rule) in &strategy.rules {
                let _ = writeln!(text, "  {id}: {}", say::rule(rule));
            }
        }
        Loaded::Experiment(experiment) => {
            let _ = writeln!(text, "experiment: {}", experiment.title);
            let _ = writeln!(text, "  scenario: {}", experiment.scenario.title);
            let arms = experiment
                .arms
                .keys()
                .map(String::as_str)
                .collect::<Vec<_>>();
            if let Some(game) = &experiment.game {
                for (player, own) in &game.players {
                    let own = own.keys().map(String::as_str).collect::<Vec<_>>();
                    let _ = writeln!(text, "  {player} chooses among {}", english_list(&own));
                }
                let _ = writeln!(
                    text,
                    "  {} profiles (reference: {})",
                    arms.len(),
                    experiment.reference
                );
            } else {
                let _ = writeln!(
                    text,
                    "  arms: {} (reference: {})",
                    english_list(&arms),
                    experiment.reference
                );
            }
            let factors = experiment.factors();
            let mut points = 1;
            if let Some(design) = &experiment.design {
                points = design.points(&factors);
                let _ = writeln!(
                    text,
                    "  {points} points over {} varied numbers",
                    factors.len()
                );
            }
            let runs = arms.len() * points * experiment.seeds as usize;
            let _ = writeln!(text, "  {} seeds each, {runs} runs", experiment.seeds);
        }
    }
    text
}

fn scenario_summary(text: &mut String, s: &Scenario) {
    let _ = writeln!(text, "scenario: {}", s.title);
    let _ = writeln!(
        text,
        "  {} to {}, {} quarters, {} seeds",
        s.start,
        s.end,
        s.quarters(),
        s.seeds
    );
    let plants: usize = s.firms.values().map(|firm| firm.plants.len()).sum();
    let _ = writeln!(
        text,
        "  {} states, {} commodities, {} processes, {} sectors, {} firms with {plants} plants",
        s.states.len(),
        s.commodities.len(),
        s.processes.len(),
        s.sectors.len(),
        s.firms.len()
    );
    for (state, strategy) in &s.strategies {
        let title = strategy.title.as_deref().unwrap_or("without title");
        let _ = writeln!(
            text,
            "  {state}: {title}, {} measures{}",
            strategy.calendar.len(),
            match strategy.rules.len() {
                0 => String::new(),
                rules => format!(", {rules} rules"),
            }
        );
    }
    if !s.shocks.is_empty() {
        let shocks = s
            .shocks
            .iter()
            .map(|(id, shock)| format!("{id} ({}, {} quarters)", shock.at, shock.lasts))
            .collect::<Vec<_>>();
        let _ = writeln!(text, "  shocks: {}", shocks.join(", "));
    }
    let _ = writeln!(text, "  {} uncertain numbers", s.uncertainty.len());
}
