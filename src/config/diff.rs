//! What differs between two scenarios or two strategies, in words.

use super::say;
use super::scenario::Scenario;
use super::strategy::{Planned, Strategy};
use super::uncertainty::Distribution;
use super::{Assigned, Loaded};
use crate::domain::fields::Field;
use indexmap::{IndexMap, IndexSet};
use serde::Serialize;
use serde_json::Value;

/// What a difference is about, in the order of reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Title, dates, seeds, tables kept.
    Run,
    /// Parameters of mechanisms.
    Assumptions,
    /// What is uncertain.
    Uncertainty,
    /// Rows of tables.
    Tables,
    /// Dated measures of states.
    Strategies,
    /// Rules of states.
    Rules,
    /// Dated disturbances.
    Shocks,
}

impl Topic {
    /// Heading.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Run => "dates and seeds",
            Self::Assumptions => "assumptions",
            Self::Uncertainty => "what is uncertain",
            Self::Tables => "tables",
            Self::Strategies => "strategies",
            Self::Rules => "rules",
            Self::Shocks => "shocks",
        }
    }
}

/// How the second differs from the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Only the second has it.
    Added,
    /// Only the first has it.
    Removed,
    /// Both have it, in another form.
    Changed,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// What it is about.
    pub topic: Topic,
    /// Where: a path, as `--set` takes it.
    pub path: String,
    /// Which way.
    pub change: Change,
    /// In words.
    pub text: String,
    /// Value or words in the first.
    pub first: Option<String>,
    /// Value or words in the second.
    pub second: Option<String>,
}

/// Everything that differs, by topic, in the order of the files. `None` if one is of a kind that the other is not, or an experiment.
#[must_use]
pub fn diff(first: &Loaded, second: &Loaded) -> Option<Vec<Difference>> {
    let mut found = Found::default();
    match (first, second) {
        (Loaded::Scenario(first), Loaded::Scenario(second)) => found.scenarios(first, second),
        (Loaded::Strategy(first), Loaded::Strategy(second)) => found.strategy("", first, second),
        _ => return None,
    }
    found.0.sort_by_key(|difference| difference.topic);
    Some(found.0)
}

#[derive(Default)]
struct Found(Vec<Difference>);

impl Found {
    fn push(
        &mut self,
        topic: Topic,
        path: &str,
        first: Option<String>,
        second: Option<String>,
        text: String,
    ) {
        let change = match (&first, &second) {
            (None, _) => Change::Added,
            (_, None) => Change::Removed,
            _ => Change::Changed,
        };
        self.0.push(Difference {
            topic,
            path: path.to_owned(),
            change,
            text,
            first,
            second,
        });
    }

    fn scenarios(&mut self, first: &Scenario, second: &Scenario) {
        let (one, two) = (json(first), json(second));
        for name in names(&one, &two) {
            let (a, b) = (&one[name], &two[name]);
            let kind = Scenario::spec_at(&[name]).map_or("", |spec| spec.kind);
            match name {
                "strategies" | "shocks" | "uncertainty" => {}
                _ if kind.starts_with("IndexMap") => self.table(name, a, b),
                _ if a.is_object() || b.is_object() => self.leaves(Topic::Assumptions, name, a, b),
                _ => self.leaves(Topic::Run, name, a, b),
            }
        }
        self.each(
            Topic::Uncertainty,
            "uncertainty",
            &first.uncertainty,
            &second.uncertainty,
            |d: &Distribution| format!("{d:?}"),
        );
        self.each(
            Topic::Shocks,
            "shocks",
            &first.shocks,
            &second.shocks,
            say::shock,
        );
        let states: IndexSet<&String> = first
            .strategies
            .keys()
            .chain(second.strategies.keys())
            .collect();
        let none = Assigned(Strategy {
            title: None,
            description: None,
            calendar: IndexMap::new(),
            rules: IndexMap::new(),
        });
        for state in states {
            let [a, b] = [first, second].map(|s| s.strategies.get(state).unwrap_or(&none));
            self.strategy(state, a, b);
        }
    }

    /// Entries of two maps, each said in words.
    fn each<T: PartialEq>(
        &mut self,
        topic: Topic,
        at: &str,
        first: &IndexMap<String, T>,
        second: &IndexMap<String, T>,
        words: impl Fn(&T) -> String,
    ) {
        let keys: IndexSet<&String> = first.keys().chain(second.keys()).collect();
        for key in keys {
            let (a, b) = (first.get(key), second.get(key));
            if a != b {
                let (a, b) = (a.map(&words), b.map(&words));
                let text = said(key, a.as_deref(), b.as_deref());
                self.push(topic, &format!("{at}.{key}"), a, b, text);
            }
        }
    }

    fn strategy(&mut self, state: &str, first: &Strategy, second: &Strategy) {
        let (at, who) = if state.is_empty() {
            (String::new(), String::new())
        } else {
            (format!("strategies.{state}."), format!("{state} "))
        };
        for (name, a, b) in [
            ("title", &first.title, &second.title),
            ("description", &first.description, &second.description),
        ] {
            if a != b {
                let text = said(&format!("{who}{name}"), a.as_deref(), b.as_deref());
                self.push(
                    Topic::Strategies,
                    &format!("{at}{name}"),
                    a.clone(),
                    b.clone(),
                    text,
                );
            }
        }
        let (one, two) = (first.planned(), second.planned());
        let names: IndexSet<&String> = one.iter().chain(&two).map(|(name, _)| *name).collect();
        for name in names {
            let find = |planned: &[(&String, Planned<'_>)]| {
                planned
                    .iter()
                    .find(|(known, _)| *known == name)
                    .map(|(_, planned)| words_of(*planned))
            };
            let (a, b) = (find(&one), find(&two));
            if a == b {
                continue;
            }
            let ruled = first.rules.contains_key(name) || second.rules.contains_key(name);
            let (topic, map) = if ruled {
                (Topic::Rules, "rules")
            } else {
                (Topic::Strategies, "calendar")
            };
            let text = said(&format!("{who}{name}"), a.as_deref(), b.as_deref());
            self.push(topic, &format!("{at}{map}.{name}"), a, b, text);
        }
    }

    /// Rows of a table: those of one side only as rows, the others by their cells.
    fn table(&mut self, table: &str, first: &Value, second: &Value) {
        for key in names(first, second) {
            let (a, b) = (&first[key], &second[key]);
            let path = format!("{table}.{key}");
            if a.is_null() || b.is_null() {
                let [a, b] = [a, b].map(|row| (!row.is_null()).then(|| say::value(row)));
                let text = said(&path, a.as_deref(), b.as_deref());
                self.push(Topic::Tables, &path, a, b, text);
            } else {
                self.leaves(Topic::Tables, &path, a, b);
            }
        }
    }

    /// Single values below a path.
    fn leaves(&mut self, topic: Topic, path: &str, first: &Value, second: &Value) {
        if first == second {
            return;
        }
        if first.is_object() && second.is_object() {
            for name in names(first, second) {
                self.leaves(
                    topic,
                    &format!("{path}.{name}"),
                    &first[name],
                    &second[name],
                );
            }
            return;
        }
        let [a, b] = [first, second].map(|value| (!value.is_null()).then(|| say::value(value)));
        let parts: Vec<&str> = path.split('.').collect();
        let spec = Scenario::spec_at(&parts);
        let mut text = said(path, a.as_deref(), b.as_deref());
        if let Some(spec) = spec {
            if !spec.unit.is_empty() {
                text = format!("{text} {}", spec.unit);
            }
            if topic == Topic::Assumptions && !spec.doc.is_empty() {
                text = format!("{text} ({})", spec.doc.trim_end_matches('.'));
            }
        }
        self.push(topic, path, a, b, text);
    }
}

fn words_of(planned: Planned<'_>) -> String {
    match planned {
        Planned::Dated(measure) => say::measure(measure),
        Planned::Ruled(rule) => say::rule(rule),
    }
}

/// `what: first -> second`, or what of it there is.
fn said(what: &str, first: Option<&str>, second: Option<&str>) -> String {
    match (first, second) {
        (Some(first), Some(second)) => format!("{what}: {first} -> {second}"),
        (Some(first), None) => format!("{what} is gone: {first}"),
        (None, Some(second)) => format!("{what} is new: {second}"),
        (None, None) => what.to_owned(),
    }
}

fn json(scenario: &Scenario) -> Value {
    serde_json::to_value(scenario).unwrap_or_default()
}

/// Names in either of two maps, those of the first before the others.
fn names<'a>(first: &'a Value, second: &'a Value) -> IndexSet<&'a str> {
    let maps = [first, second].into_iter().filter_map(Value::as_object);
    maps.flat_map(|map| map.keys().map(String::as_str))
        .collect()
}
