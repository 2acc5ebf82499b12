//! The experiment as a file writes it.

use super::Calibration;
use crate::config::{scenario::Scenario, strategy::AssignedWritten, uncertainty::Distribution};
use crate::domain::fields::{Map, WrittenOf};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

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
    /// Players with the strategies among which each chooses, in place of arms.
    pub game: Option<GameWritten>,
    /// What is varied on purpose, by path; over `uncertainty`, which is drawn by seed.
    pub vary: Option<Map<Distribution>>,
    /// At which points it is varied.
    pub design: Option<Design>,
    /// Series of the past to which what is varied is fitted; read by `calibrate` alone.
    pub calibration: Option<Calibration>,
    /// Replicates of each arm at each point; absent: those of the scenario.
    pub seeds: Option<u32>,
    /// The arm with which the others are compared; absent: the first, or in a game the one in which all stay as they are.
    pub reference: Option<String>,
    /// Metrics that report, heat map and sensitivity show; absent: a list of the program's choice.
    pub metrics: Option<Vec<String>>,
    /// Tables that are kept of every run; absent: those of the scenario.
    pub record: Option<Vec<String>>,
}

/// A value that is written either as the path of a file or as what would stand there.
macro_rules! either {
    ($ty:ident, $expecting:literal, $visit_map:item) => {
        impl<'de> Deserialize<'de> for $ty {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Either;
                impl<'de> de::Visitor<'de> for Either {
                    type Value = $ty;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expecting)
                    }
                    fn visit_str<E: de::Error>(self, text: &str) -> Result<$ty, E> {
                        Ok($ty::File(text.to_owned()))
                    }
                    $visit_map
                }
                deserializer.deserialize_any(Either)
            }
        }
    };
}

/// The scenario of an experiment as a file writes it.
#[derive(Debug, Clone, PartialEq)]
pub enum PathOrScenario {
    /// A scenario file.
    File(String),
    /// The scenario itself, whole.
    Inline(Box<WrittenOf<Scenario>>),
}

either!(
    PathOrScenario,
    "the path of a scenario file in quotes, or Scenario(..)",
    fn visit_map<A: de::MapAccess<'de>>(self, access: A) -> Result<PathOrScenario, A::Error> {
        Deserialize::deserialize(de::value::MapAccessDeserializer::new(access))
            .map(|scenario| PathOrScenario::Inline(Box::new(scenario)))
    }
);

impl JsonSchema for PathOrScenario {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PathOrScenario".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let scenario = generator.subschema_for::<WrittenOf<Scenario>>();
        schemars::json_schema!({"anyOf": [{"type": "string"}, scenario]})
    }
}

/// At which points the numbers under `vary` are tried. Every point meets every arm and every seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub enum Design {
    /// Every combination of so many levels of each number, evenly apart between its ends; of a `Choice`, all its values.
    Grid {
        /// Levels of each number.
        levels: u32,
    },
    /// So many points, one in each stratum of each number (McKay, Beckman and Conover 1979).
    LatinHypercube(u32),
    /// So many points of a scrambled Sobol sequence (Owen 1998); a power of two fills the space best.
    Sobol(u32),
    /// Trajectories that change one number at a time by half its range, for screening (Morris 1991).
    Morris {
        /// Trajectories; each has one point more than there are numbers.
        trajectories: u32,
        /// Levels of each number, even.
        levels: u32,
    },
    /// So many base points for first-order and total Sobol indices (Saltelli et al. 2010); each gives as many runs as there are numbers, and two.
    Saltelli(u32),
    /// Points written out: the path of a CSV file with a column for each path, or `{"path": [values]}`.
    Points(PointsWritten),
}

/// Points that are written out.
#[derive(Debug, Clone, PartialEq)]
pub enum PointsWritten {
    /// A CSV file, relative to the experiment.
    File(String),
    /// The values of each path, point by point.
    Table(IndexMap<String, Vec<f64>>),
}

either!(
    PointsWritten,
    "the path of a CSV file in quotes, or {\"path\": [values]}",
    fn visit_map<A: de::MapAccess<'de>>(self, access: A) -> Result<PointsWritten, A::Error> {
        Map::<Vec<f64>>::deserialize(de::value::MapAccessDeserializer::new(access))
            .map(|table| PointsWritten::Table(table.0))
    }
);

impl Serialize for PointsWritten {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::File(path) => path.serialize(serializer),
            Self::Table(table) => table.serialize(serializer),
        }
    }
}

impl JsonSchema for PointsWritten {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PathOrPoints".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"anyOf": [
            {"type": "string"},
            {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "number"}}},
        ]})
    }
}

/// A game as a file writes it: every combination of the players' strategies is run.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename = "Game")]
pub struct GameWritten {
    /// Players, which are states, with their strategies.
    pub players: Option<Map<Choices>>,
    /// What each player wants: weights of metrics, which are added up.
    pub payoffs: Option<Map<Map<f64>>>,
}

/// The strategies among which a player chooses.
#[derive(Debug, Clone, PartialEq)]
pub enum Choices {
    /// `"as_is"`, which keeps what the scenario has, and paths of strategy files, which give them their names.
    Listed(Vec<String>),
    /// Strategies by name.
    Named(Map<AssignedWritten>),
}

impl<'de> Deserialize<'de> for Choices {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListOrMap;
        impl<'de> de::Visitor<'de> for ListOrMap {
            type Value = Choices;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of strategy files and \"as_is\", or {\"name\": strategy}")
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut access: A) -> Result<Choices, A::Error> {
                let mut list = Vec::new();
                while let Some(path) = access.next_element()? {
                    list.push(path);
                }
                Ok(Choices::Listed(list))
            }
            fn visit_map<A: de::MapAccess<'de>>(self, access: A) -> Result<Choices, A::Error> {
                Deserialize::deserialize(de::value::MapAccessDeserializer::new(access))
                    .map(Choices::Named)
            }
        }
        deserializer.deserialize_any(ListOrMap)
    }
}

impl JsonSchema for Choices {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Choices".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let strategy = generator.subschema_for::<AssignedWritten>();
        schemars::json_schema!({"anyOf": [
            {"type": "array", "items": {"type": "string"}},
            {"type": "object", "additionalProperties": strategy},
        ]})
    }
}
