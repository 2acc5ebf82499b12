//! The experiment: arms that are patches of one scenario, run under the same seeds.

use super::check;
use super::layer::Reader;
use super::read;
use super::report::Source;
use super::scenario::Scenario;
use crate::domain::fields::{Map, Problem, Problems, Written, WrittenOf};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de};
use std::{fmt, sync::Arc};

/// An experiment as a file writes it.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename = "Experiment")]
pub struct ExperimentWritten {
    /// Title in figures and reports.
    pub title: Option<String>,
    /// What the experiment asks.
    pub description: Option<String>,
    /// The scenario: a path relative to this file, or `Scenario(..)` itself.
    pub scenario: Option<PathOrScenario>,
    /// Patches of the scenario, each with a name.
    pub arms: Option<Map<WrittenOf<Scenario>>>,
    /// Replicates of each arm; absent: those of the scenario.
    pub seeds: Option<u32>,
    /// The arm with which the others are compared; absent: the first.
    pub reference: Option<String>,
}

/// The scenario of an experiment as a file writes it.
#[derive(Debug, Clone, PartialEq)]
pub enum PathOrScenario {
    /// A scenario file.
    File(String),
    /// The scenario itself, whole.
    Inline(Box<WrittenOf<Scenario>>),
}

impl<'de> Deserialize<'de> for PathOrScenario {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> de::Visitor<'de> for Either {
            type Value = PathOrScenario;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the path of a scenario file in quotes, or Scenario(..)")
            }
            fn visit_str<E: de::Error>(self, path: &str) -> Result<PathOrScenario, E> {
                Ok(PathOrScenario::File(path.to_owned()))
            }
            fn visit_map<A: de::MapAccess<'de>>(
                self,
                access: A,
            ) -> Result<PathOrScenario, A::Error> {
                Deserialize::deserialize(de::value::MapAccessDeserializer::new(access))
                    .map(|scenario| PathOrScenario::Inline(Box::new(scenario)))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for PathOrScenario {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PathOrScenario".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let scenario = generator.subschema_for::<WrittenOf<Scenario>>();
        schemars::json_schema!({"anyOf": [{"type": "string"}, scenario]})
    }
}

/// A checked experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// Title in figures and reports.
    pub title: String,
    /// What the experiment asks.
    pub description: Option<String>,
    /// The scenario without any patch.
    pub scenario: Scenario,
    /// The scenario with the patch of each arm.
    pub arms: IndexMap<String, Scenario>,
    /// Replicates of each arm.
    pub seeds: u32,
    /// The arm with which the others are compared.
    pub reference: String,
}

/// Replicates that an experiment may ask for.
const MOST_SEEDS: u32 = 100_000;

/// Reads an experiment and every arm; problems go to the reader.
pub fn load(reader: &mut Reader, source: &Arc<Source>, sets: &[super::Set]) -> Option<Experiment> {
    let content = read::content::<ExperimentWritten>(source, 0);
    reader.findings.extend(content.findings);
    let mut written = content.written?;
    let (own, sets): (Vec<_>, Vec<_>) = sets.iter().cloned().partition(|set| set.path == "seeds");
    let mut problems = Problems::default();
    let at = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    for set in own {
        match set.value.parse() {
            Ok(seeds) => written.seeds = Some(seeds),
            Err(_) => problems.push(Problem::new(
                at(&["seeds"]),
                "set",
                format!("`{}` is no whole number", set.value),
            )),
        }
    }
    if written
        .seeds
        .is_some_and(|seeds| seeds == 0 || seeds > MOST_SEEDS)
    {
        problems.push(
            Problem::new(at(&["seeds"]), "range", "out of range")
                .help(format!("plausible: 1 to {MOST_SEEDS} runs")),
        );
    }
    let arms = written.arms.take().unwrap_or_default().0;
    if arms.is_empty() {
        problems.push(
            Problem::new(
                at(&["arms"]),
                "missing",
                "an experiment needs at least one arm",
            )
            .help("write arms: {\"nothing\": ()}"),
        );
    }
    let reference = written
        .reference
        .clone()
        .or_else(|| arms.keys().next().cloned());
    if let Some(name) = reference.as_ref().filter(|name| !arms.contains_key(*name)) {
        let problem = Problem::new(
            at(&["reference"]),
            "unknown arm",
            format!("no arm is called \"{name}\""),
        );
        problems.push(problem.suggest(name, arms.keys().map(String::as_str)));
    }
    if written.scenario.is_none() {
        problems.push(Problem::new(
            at(&["scenario"]),
            "missing",
            "`scenario` is missing; it needs the path of a scenario file",
        ));
    }
    reader.add_part(source, Vec::new());
    reader.locate(problems);
    reader.layers.clear();
    let base = match written.scenario? {
        PathOrScenario::File(path) => {
            let file = reader.follow_field(&path, source, &["scenario"])?;
            reader.stack::<WrittenOf<Scenario>>(&file, &[])
        }
        PathOrScenario::Inline(mut scenario) => {
            let inside = vec!["scenario".to_owned()];
            let whole = scenario.extends.is_none()
                && scenario.tables.is_none()
                && scenario.remove.is_none();
            reader.strategies(&mut scenario, source, &inside);
            reader.add_part(source, inside);
            if !whole {
                let text = "a scenario inside an experiment is whole: it has no `extends`, `tables` or `remove`";
                let mut problems = Problems::default();
                problems.push(
                    Problem::new(Vec::new(), "value", text).help("write it to a file of its own"),
                );
                reader.locate(problems);
            }
            *scenario
        }
    };
    if !reader.findings.is_empty() {
        return None;
    }
    let mut laid = base.clone();
    let layers = reader.layers.clone();
    reader.set(&sets, &mut laid);
    let scenario = check::resolve(laid, reader);
    if !reader.findings.is_empty() {
        return None;
    }
    let mut checked = IndexMap::new();
    for (name, patch) in arms {
        reader.layers.clone_from(&layers);
        let resolved = arm(reader, source, &name, patch, &base, &sets);
        if let Some(resolved) = resolved {
            checked.insert(name, resolved);
        }
    }
    let scenario = scenario?;
    Some(Experiment {
        title: written.title.unwrap_or_else(|| scenario.title.clone()),
        description: written.description,
        seeds: written.seeds.unwrap_or(scenario.seeds),
        scenario,
        arms: checked,
        reference: reference?,
    })
}

/// The scenario with the patch of an arm.
fn arm(
    reader: &mut Reader,
    source: &Arc<Source>,
    name: &str,
    mut patch: WrittenOf<Scenario>,
    base: &WrittenOf<Scenario>,
    sets: &[super::Set],
) -> Option<Scenario> {
    let inside = vec!["arms".to_owned(), name.to_owned()];
    for (field, given) in [
        ("extends", patch.extends.is_some()),
        ("tables", patch.tables.is_some()),
        ("start", patch.start.is_some()),
        ("seeds", patch.seeds.is_some()),
    ] {
        if given {
            let path = [inside.clone(), vec![field.to_owned()]].concat();
            let mut problems = Problems::default();
            problems.push(
                Problem::new(path, "value", format!("an arm cannot change `{field}`"))
                    .at_key()
                    .help("all arms share it"),
            );
            let layers = std::mem::take(&mut reader.layers);
            reader.add_part(source, Vec::new());
            reader.locate(problems);
            reader.layers = layers;
        }
    }
    let mut whole = base.clone();
    reader.take_away_part(&patch, source, &inside, &mut whole);
    reader.strategies(&mut patch, source, &inside);
    reader.add_part(source, inside);
    whole.merge(patch);
    reader.set(sets, &mut whole);
    let before = reader.findings.len();
    let resolved = check::resolve(whole, reader);
    for finding in &mut reader.findings[before..] {
        if !finding.path.is_empty() {
            finding.path = format!("arms.{name}: {}", finding.path);
        }
    }
    resolved
}
