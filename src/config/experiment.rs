//! The experiment: arms that are patches of one scenario, at the points of a design, under the same seeds.

mod calibration;
mod game;
pub mod metrics;
mod points;
mod vary;
mod written;

pub use calibration::Calibration;
pub use game::{AS_IS, Game};
pub use vary::{Factor, PointSetter};
pub use written::{Choices, Design, ExperimentWritten, GameWritten, PathOrScenario, PointsWritten};

use super::check::{self, RECORDED};
use super::layer::Reader;
use super::read;
use super::report::Source;
use super::scenario::Scenario;
use super::uncertainty::Distribution;
use crate::domain::fields::{
    Map, Problem, Problems, Written, WrittenOf, did_you_mean, english_list,
};
use indexmap::IndexMap;
use std::sync::Arc;

/// A checked experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// Title in figures and reports.
    pub title: String,
    /// What the experiment asks.
    pub description: Option<String>,
    /// The scenario without any patch.
    pub scenario: Scenario,
    /// The scenario with the patch of each arm; in a game, of each profile.
    pub arms: IndexMap<String, Scenario>,
    /// The game, if the arms are its profiles.
    pub game: Option<Game>,
    /// What is varied on purpose, by path.
    pub vary: IndexMap<String, Distribution>,
    /// At which points; points from a file are inside.
    pub design: Option<Design>,
    /// How what is varied is fitted to what was reported, if it is.
    pub calibration: Option<Calibration>,
    /// Replicates of each arm.
    pub seeds: u32,
    /// The arm with which the others are compared.
    pub reference: String,
    /// Metrics that report, heat map and sensitivity show; empty: a list of the program's choice.
    pub metrics: Vec<String>,
    /// Tables that are kept of every run; empty: the program's choice, which depends on their number.
    pub record: Vec<String>,
}

impl Experiment {
    /// The independent directions of the design.
    #[must_use]
    pub fn factors(&self) -> Vec<Factor> {
        let scenarios = std::iter::once(&self.scenario).chain(self.arms.values());
        vary::factors(&self.vary, scenarios)
    }

    /// The strategy of each player in an arm of a game.
    #[must_use]
    pub fn moves(&self, arm: &str) -> Vec<(&str, &str)> {
        let Some(game) = &self.game else {
            return Vec::new();
        };
        let profiles = game.profiles();
        let Some(profile) = profiles.iter().find(|profile| game.arm(profile) == arm) else {
            return Vec::new();
        };
        let own = game.players.iter().zip(profile);
        own.filter_map(|((player, own), position)| {
            let (name, _) = own.get_index(*position)?;
            Some((player.as_str(), name.as_str()))
        })
        .collect()
    }
}

/// Replicates that an experiment may ask for.
const MOST_SEEDS: u32 = 100_000;

/// Fields of the experiment that `--set` reaches; other paths are those of its scenario.
const OWN: [&str; 4] = ["seeds", "design", "metrics", "record"];

fn place(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Reads an experiment and every arm; problems go to the reader.
pub fn load(reader: &mut Reader, source: &Arc<Source>, sets: &[super::Set]) -> Option<Experiment> {
    let content = read::content::<ExperimentWritten>(source, 0);
    reader.findings.extend(content.findings);
    let mut written = content.written?;
    let (own, sets): (Vec<_>, Vec<_>) = sets
        .iter()
        .cloned()
        .partition(|set| OWN.contains(&set.path.as_str()));
    let mut problems = Problems::default();
    set_own(&own, &mut written, &mut problems);
    let arms = written.arms.take().unwrap_or_default().0;
    head(&written, &arms, &mut problems);
    reader.add_part(source, Vec::new());
    reader.locate(problems);
    reader.layers.clear();
    let base = base(reader, source, written.scenario.take()?)?;
    let mut problems = Problems::default();
    let layers = std::mem::take(&mut reader.layers);
    let game = written.game.take();
    let game = game.map(|game| game::read(reader, source, game, &mut problems));
    reader.add_part(source, Vec::new());
    reader.locate(problems);
    reader.layers = layers;
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
    let scenario = scenario?;
    let (arms, game) = match game {
        None => {
            let mut checked = IndexMap::new();
            for (name, patch) in arms {
                reader.layers.clone_from(&layers);
                let resolved = arm(reader, source, &name, patch, &base, &sets);
                if let Some(resolved) = resolved {
                    checked.insert(name, resolved);
                }
            }
            (checked, None)
        }
        Some(game) => {
            let mut problems = Problems::default();
            game.check(&scenario, &mut problems);
            reader.layers.clear();
            reader.add_part(source, Vec::new());
            reader.locate(problems);
            if !reader.findings.is_empty() {
                return None;
            }
            reader.layers.clone_from(&layers);
            let (arms, game) = game.arms(reader, &base, |reader, mut whole, name| {
                reader.set(&sets, &mut whole);
                resolve(reader, whole, &format!("profile {name}"))
            })?;
            (arms, Some(game))
        }
    };
    if !reader.findings.is_empty() {
        return None;
    }
    reader.layers.clear();
    reader.add_part(source, Vec::new());
    let vary = written.vary.take().unwrap_or_default().0;
    let scenarios: Vec<&Scenario> = std::iter::once(&scenario).chain(arms.values()).collect();
    let design = design(reader, source, &written, &vary, &scenarios);
    let mut problems = Problems::default();
    for (position, metric) in written.metrics.iter().flatten().enumerate() {
        let at = place(&["metrics", &position.to_string()]);
        metrics::check(metric, &scenario, Problem::new(at, "", ""), &mut problems);
    }
    if let Some(calibration) = &written.calibration {
        calibration::check(calibration, vary.keys(), &mut problems);
    }
    let reference = reference(&written, &arms, game.as_ref(), &mut problems);
    let runs = arms.len() as f64
        * design.as_ref().map_or(1.0, |(_, points)| *points as f64)
        * f64::from(written.seeds.unwrap_or(scenario.seeds));
    if runs > MOST_RUNS {
        let text = format!(
            "{} arms, the points and the seeds make {runs} runs",
            arms.len()
        );
        let help = format!("at most {MOST_RUNS}");
        problems.push(Problem::new(place(&["seeds"]), "range", text).help(help));
    }
    reader.locate(problems);
    Some(Experiment {
        title: written.title.unwrap_or_else(|| scenario.title.clone()),
        description: written.description,
        seeds: written.seeds.unwrap_or(scenario.seeds),
        record: written.record.unwrap_or_else(|| scenario.record.clone()),
        metrics: written.metrics.unwrap_or_default(),
        scenario,
        arms,
        game,
        vary,
        design: design.map(|(design, _)| design),
        calibration: written.calibration,
        reference: reference?,
    })
}

/// Runs that an experiment may have.
const MOST_RUNS: f64 = 10_000_000.0;

fn set_own(sets: &[super::Set], written: &mut ExperimentWritten, problems: &mut Problems) {
    for set in sets {
        let done = match set.path.as_str() {
            "seeds" => set
                .value
                .parse()
                .map(|seeds| written.seeds = Some(seeds))
                .map_err(|_| format!("`{}` is no whole number", set.value)),
            "design" => Map::parse_text(&set.value).map(|design| written.design = Some(design)),
            "metrics" => Map::parse_text(&set.value).map(|names| written.metrics = Some(names)),
            _ => Map::parse_text(&set.value).map(|names| written.record = Some(names)),
        };
        if let Err(text) = done {
            problems.push(Problem::new(place(&[&set.path]), "set", text));
        }
    }
}

/// Checks what stands at the top of the file.
fn head(
    written: &ExperimentWritten,
    arms: &IndexMap<String, WrittenOf<Scenario>>,
    problems: &mut Problems,
) {
    if written
        .seeds
        .is_some_and(|seeds| seeds == 0 || seeds > MOST_SEEDS)
    {
        problems.push(
            Problem::new(place(&["seeds"]), "range", "out of range")
                .help(format!("plausible: 1 to {MOST_SEEDS} runs")),
        );
    }
    if arms.is_empty() && written.game.is_none() {
        let text = "an experiment needs at least one arm";
        let problem = Problem::new(place(&["arms"]), "missing", text);
        problems.push(problem.help("write arms: {\"nothing\": ()}"));
    }
    if !arms.is_empty() && written.game.is_some() {
        let text = "an experiment has arms or a game, not both";
        let problem = Problem::new(place(&["game"]), "value", text).at_key();
        problems.push(problem.help("the arms of a game are its profiles"));
    }
    if written.scenario.is_none() {
        problems.push(Problem::new(
            place(&["scenario"]),
            "missing",
            "`scenario` is missing; it needs the path of a scenario file",
        ));
    }
    for (position, table) in written.record.iter().flatten().enumerate() {
        if !RECORDED.contains(&table.as_str()) {
            let at = place(&["record", &position.to_string()]);
            let help = did_you_mean(table, RECORDED).map_or_else(
                || format!("known: {}", english_list(&RECORDED)),
                |near| format!("did you mean `{near}`?"),
            );
            let text = format!("no table is called \"{table}\"");
            problems.push(Problem::new(at, "unknown table", text).help(help));
        }
    }
}

/// The arm with which the others are compared.
fn reference(
    written: &ExperimentWritten,
    arms: &IndexMap<String, Scenario>,
    game: Option<&Game>,
    problems: &mut Problems,
) -> Option<String> {
    let as_is = || {
        let game = game?;
        let all = |profile: &&Vec<usize>| game.strategies(profile).all(|name| name == AS_IS);
        game.profiles()
            .iter()
            .find(all)
            .map(|profile| game.arm(profile))
    };
    let first = || arms.keys().next().cloned();
    let name = written.reference.clone().or_else(as_is).or_else(first)?;
    if !arms.contains_key(&name) {
        let text = format!("no arm is called \"{name}\"");
        let problem = Problem::new(place(&["reference"]), "unknown arm", text);
        problems.push(problem.suggest(&name, arms.keys().map(String::as_str)));
    }
    Some(name)
}

/// The scenario of the experiment as written.
fn base(
    reader: &mut Reader,
    source: &Arc<Source>,
    scenario: PathOrScenario,
) -> Option<WrittenOf<Scenario>> {
    Some(match scenario {
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
    })
}

/// The design with its points inside, and how many there are; problems go to the reader, whose only layer is the experiment.
fn design(
    reader: &mut Reader,
    source: &Arc<Source>,
    written: &ExperimentWritten,
    vary: &IndexMap<String, Distribution>,
    scenarios: &[&Scenario],
) -> Option<(Design, usize)> {
    let mut problems = Problems::default();
    vary::check(vary, scenarios, &mut problems);
    let sound = problems.list.is_empty();
    reader.locate(problems);
    let mut design = written.design.clone();
    let mut places = None;
    if let Some(Design::Points(PointsWritten::File(path))) = &design {
        let file = reader.follow_field(path, source, &["design", "0"])?;
        let (table, found) = points::read(reader, &file);
        places = Some(found);
        design = Some(Design::Points(PointsWritten::Table(table)));
    }
    if !sound || !reader.findings.is_empty() {
        return None;
    }
    let factors = vary::factors(vary, scenarios.iter().copied());
    let mut problems = Problems::default();
    vary::check_design(design.as_ref(), vary, &factors, &mut problems);
    reader.locate(problems);
    if let Some(Design::Points(PointsWritten::Table(table))) = &design {
        points::check(reader, table, places.as_ref(), vary, scenarios);
    }
    let design = design?;
    let count = design.points(&factors);
    Some((design, count))
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
    resolve(reader, whole, &format!("arms.{name}"))
}

/// Fills and checks the scenario of an arm; problems say which arm it is.
fn resolve(reader: &mut Reader, whole: WrittenOf<Scenario>, arm: &str) -> Option<Scenario> {
    let before = reader.findings.len();
    let resolved = check::resolve(whole, reader);
    for finding in &mut reader.findings[before..] {
        if !finding.path.is_empty() {
            finding.path = format!("{arm}: {}", finding.path);
        }
    }
    resolved
}
