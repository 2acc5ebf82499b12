//! Strategies of states: named calendars of dated measures and rules, in files of their own or inline.

use crate::domain::fields::{
    Field, Path, Problems, RecordInfo, Spec, Written, WrittenOf, Wrong, WrongKind, fields,
};
use crate::domain::policy::{Instrument, Measure};
use crate::domain::rule::Rule;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};
use std::{fmt, ops::Deref};

fields! {
    /// What a state does, and when.
    pub struct Strategy file {
        /// Files that this one is laid over, relative to it.
        extends: Paths,
        /// Measures that the parents have and this strategy has not, by path.
        remove: Vec<String>,
    } {
        /// Title in figures and reports.
        title: Option<String>;
        /// What the strategy is about.
        description: Option<String>;
        /// Dated measures.
        calendar: IndexMap<String, Measure>;
        /// Rules: when a condition is seen to hold, then an instrument.
        rules: IndexMap<String, Rule>;
    }
}

/// What a strategy has under one name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Planned<'a> {
    /// A measure with dates.
    Dated(&'a Measure),
    /// A rule.
    Ruled(&'a Rule),
}

impl<'a> Planned<'a> {
    /// Every instrument that it may bring into force, in order of escalation.
    pub fn instruments(self) -> impl Iterator<Item = &'a Instrument> {
        let (first, steps) = match self {
            Self::Dated(measure) => (&measure.instrument, [].as_slice()),
            Self::Ruled(rule) => (&rule.then, rule.steps.as_slice()),
        };
        std::iter::once(first).chain(steps.iter().map(|step| &step.then))
    }
}

impl Strategy {
    /// Measures and rules, sorted by name: the order of the policy book.
    #[must_use]
    pub fn planned(&self) -> Vec<(&String, Planned<'_>)> {
        let dated = self
            .calendar
            .iter()
            .map(|(name, m)| (name, Planned::Dated(m)));
        let ruled = self.rules.iter().map(|(name, r)| (name, Planned::Ruled(r)));
        let mut planned: Vec<_> = dated.chain(ruled).collect();
        planned.sort_by_key(|(name, _)| *name);
        planned
    }
}

/// One path or a list of them, with `/` between folders.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Paths(pub Vec<String>);

impl<'de> Deserialize<'de> for Paths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;
        impl<'de> de::Visitor<'de> for OneOrMany {
            type Value = Paths;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a path in quotes or a list of them")
            }
            fn visit_str<E: de::Error>(self, path: &str) -> Result<Paths, E> {
                Ok(Paths(vec![path.to_owned()]))
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut access: A) -> Result<Paths, A::Error> {
                let mut paths = Vec::new();
                while let Some(path) = access.next_element()? {
                    paths.push(path);
                }
                Ok(Paths(paths))
            }
        }
        deserializer.deserialize_any(OneOrMany)
    }
}

impl JsonSchema for Paths {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Paths".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
    }
}

/// The strategy that a state follows. A file may give a path, which replaces what the parents gave the state,
/// or `Strategy(..)`, which is laid over it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Assigned(pub Strategy);

impl Deref for Assigned {
    type Target = Strategy;

    fn deref(&self) -> &Strategy {
        &self.0
    }
}

/// What a file says about the strategy of a state.
#[derive(Debug, Clone, PartialEq)]
pub enum AssignedWritten {
    /// A strategy file, not yet read.
    File(String),
    /// The content of a strategy file: replaces what is there.
    Read(Box<WrittenOf<Strategy>>),
    /// Laid over what is there.
    Inline(Box<WrittenOf<Strategy>>),
}

impl<'de> Deserialize<'de> for AssignedWritten {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PathOrInline;
        impl<'de> de::Visitor<'de> for PathOrInline {
            type Value = AssignedWritten;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the path of a strategy file in quotes, or Strategy(..)")
            }
            fn visit_str<E: de::Error>(self, path: &str) -> Result<AssignedWritten, E> {
                Ok(AssignedWritten::File(path.to_owned()))
            }
            fn visit_map<A: de::MapAccess<'de>>(
                self,
                access: A,
            ) -> Result<AssignedWritten, A::Error> {
                Deserialize::deserialize(de::value::MapAccessDeserializer::new(access))
                    .map(|strategy| AssignedWritten::Inline(Box::new(strategy)))
            }
        }
        deserializer.deserialize_any(PathOrInline)
    }
}

impl JsonSchema for AssignedWritten {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PathOrStrategy".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let strategy = generator.subschema_for::<WrittenOf<Strategy>>();
        schemars::json_schema!({"anyOf": [{"type": "string"}, strategy]})
    }
}

impl AssignedWritten {
    fn content(self) -> WrittenOf<Strategy> {
        match self {
            Self::File(_) => WrittenOf::<Strategy>::default(),
            Self::Read(strategy) | Self::Inline(strategy) => *strategy,
        }
    }
}

impl Written for AssignedWritten {
    fn merge(&mut self, over: Self) {
        match (self, over) {
            (Self::Read(mine) | Self::Inline(mine), Self::Inline(over)) => mine.merge(*over),
            (mine, over) => *mine = over,
        }
    }

    fn parse(_: &str) -> Result<Self, String> {
        Err("set a part of the strategy, or name its file in the scenario".to_owned())
    }

    fn set(&mut self, path: &[&str], text: &str) -> Result<(), Wrong> {
        match self {
            Self::Read(strategy) | Self::Inline(strategy) if !path.is_empty() => {
                strategy.set(path, text)
            }
            _ => Err(Wrong {
                left: path.len(),
                kind: WrongKind::NoParts,
            }),
        }
    }

    fn remove(&mut self, path: &[&str]) -> Result<(), Wrong> {
        match self {
            Self::Read(strategy) | Self::Inline(strategy) => strategy.remove(path),
            Self::File(_) => Err(Wrong {
                left: path.len(),
                kind: WrongKind::NoParts,
            }),
        }
    }
}

impl Field for Assigned {
    type Written = AssignedWritten;

    fn resolve(
        written: Option<AssignedWritten>,
        path: &Path<'_>,
        spec: &'static Spec,
        problems: &mut Problems,
    ) -> Option<Self> {
        Strategy::resolve(written.map(AssignedWritten::content), path, spec, problems).map(Self)
    }

    fn number_mut(&mut self, path: &[&str]) -> Option<&mut f64> {
        self.0.number_mut(path)
    }

    fn matching(
        &self,
        pattern: &[&str],
        prefix: &mut Vec<String>,
        found: &mut Vec<Vec<String>>,
    ) -> Result<(), Wrong> {
        self.0.matching(pattern, prefix, found)
    }

    fn spec_at(path: &[&str]) -> Option<&'static Spec> {
        Strategy::spec_at(path)
    }

    fn describe(into: &mut Vec<&'static RecordInfo>) {
        Strategy::describe(into);
    }
}
