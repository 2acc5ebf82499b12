//! Names that exist in a scenario, and the nearest to one that does not.

use super::Scenario;
use crate::config::instruments::Refers;
use crate::domain::fields::{Problem, WrittenOf, did_you_mean};
use crate::domain::graph::{Form, Stage};
use indexmap::IndexSet;

/// Names that exist, taken from what is written so that a row with a mistake still counts.
#[derive(Default)]
pub(super) struct Known {
    pub(super) states: IndexSet<String>,
    pub(super) elements: IndexSet<String>,
    pub(super) commodities: IndexSet<String>,
    pub(super) processes: IndexSet<String>,
    pub(super) sectors: IndexSet<String>,
    pub(super) firms: IndexSet<String>,
    pub(super) plants: IndexSet<String>,
    /// Ids and names of blocs.
    pub(super) blocs: IndexSet<String>,
}

impl Known {
    pub(super) fn of(written: &WrittenOf<Scenario>) -> Self {
        fn keys<W>(map: &Option<crate::domain::fields::Map<W>>) -> IndexSet<String> {
            map.as_ref()
                .map_or_else(IndexSet::new, |map| map.0.keys().cloned().collect())
        }
        let blocs = written.blocs.iter().flat_map(|blocs| &blocs.0);
        let firms = written.firms.iter().flat_map(|firms| firms.0.values());
        Self {
            states: keys(&written.states),
            elements: keys(&written.elements),
            commodities: keys(&written.commodities),
            processes: keys(&written.processes),
            sectors: keys(&written.sectors),
            firms: keys(&written.firms),
            plants: firms
                .flat_map(|firm| {
                    firm.plants
                        .iter()
                        .flat_map(|plants| plants.0.keys().cloned())
                })
                .collect(),
            blocs: blocs
                .flat_map(|(key, bloc)| {
                    let id = key.split(':').next().map(str::to_owned);
                    id.into_iter().chain(bloc.name.clone())
                })
                .collect(),
        }
    }
}

impl Known {
    pub(super) fn refers(&self, refers: Refers, name: &str) -> Result<(), Problem> {
        let forms = Form::ALL.map(Form::name);
        let stages = Stage::ALL.map(Stage::name);
        let (sound, word, code, known): (bool, _, _, Vec<&str>) = match refers {
            Refers::Goods => {
                let known = self
                    .commodities
                    .iter()
                    .map(String::as_str)
                    .chain(forms)
                    .chain(["all"])
                    .collect::<Vec<_>>();
                (
                    known.contains(&name),
                    "commodity or form",
                    "unknown commodity",
                    known,
                )
            }
            Refers::States => (
                self.states.contains(name),
                "state",
                "unknown state",
                self.states.iter().map(String::as_str).collect(),
            ),
            Refers::Stages => (
                stages.contains(&name),
                "stage",
                "unknown stage",
                stages.to_vec(),
            ),
            Refers::Plants => (
                self.plants.contains(name),
                "plant",
                "unknown plant",
                self.plants.iter().map(String::as_str).collect(),
            ),
            Refers::Firms => (
                self.firms.contains(name),
                "firm",
                "unknown firm",
                self.firms.iter().map(String::as_str).collect(),
            ),
            Refers::Commodity => (
                self.commodities.contains(name),
                "commodity",
                "unknown commodity",
                self.commodities.iter().map(String::as_str).collect(),
            ),
            Refers::Blocs | Refers::StatesOrBlocs => {
                let blocs = self.blocs.iter().map(String::as_str);
                if refers == Refers::Blocs {
                    let known: Vec<&str> = blocs.collect();
                    (known.contains(&name), "bloc", "unknown bloc", known)
                } else {
                    let states = self.states.iter().map(String::as_str);
                    let known: Vec<&str> = states.chain(blocs).collect();
                    (
                        known.contains(&name),
                        "state or bloc",
                        "unknown state",
                        known,
                    )
                }
            }
            Refers::Sellers => (
                self.firms.contains(name) || self.states.contains(name),
                "firm or state",
                "unknown firm",
                self.firms
                    .iter()
                    .chain(&self.states)
                    .map(String::as_str)
                    .collect(),
            ),
            Refers::Sectors => (
                self.sectors.contains(name),
                "sector",
                "unknown sector",
                self.sectors.iter().map(String::as_str).collect(),
            ),
        };
        if sound {
            return Ok(());
        }
        let near = near_state(name)
            .filter(|near| refers == Refers::States && known.contains(near))
            .or_else(|| did_you_mean(name, known.iter().copied()));
        let problem = Problem::new(Vec::new(), code, format!("no {word} is called \"{name}\""));
        Err(match near {
            Some(near) => problem.help(format!("did you mean \"{near}\"?")),
            None => problem,
        })
    }
}

/// Codes that people write for states that go by another.
pub(super) fn near_state(name: &str) -> Option<&'static str> {
    match name.to_ascii_uppercase().as_str() {
        "USA" | "UNITED STATES" => Some("US"),
        "CHN" | "CHINA" | "PRC" => Some("CN"),
        "JPN" | "JAPAN" => Some("JP"),
        "EU27" | "EUROPE" => Some("EU"),
        "UK" | "GBR" => Some("GB"),
        "KOR" | "KOREA" => Some("KR"),
        "AUS" | "AUSTRALIA" => Some("AU"),
        "MYS" | "MALAYSIA" => Some("MY"),
        "MMR" | "MYANMAR" => Some("MM"),
        _ => None,
    }
}
