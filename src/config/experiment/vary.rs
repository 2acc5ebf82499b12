//! What an experiment varies on purpose: the factors of its design, and the numbers that a point sets.

use super::{Design, PointsWritten};
use crate::config::{
    scenario::Scenario,
    uncertainty::{Distribution, Setter, check_ends},
};
use crate::domain::fields::{Problem, Problems, english_list};
use indexmap::{IndexMap, IndexSet};

/// Points that a design may have.
pub const MOST_POINTS: usize = 100_000;

/// One independent direction of a design: a number, or several that move together.
#[derive(Debug, Clone, PartialEq)]
pub struct Factor {
    /// Name: its path, or the name under which several paths stand.
    pub key: String,
    /// What it sets, by path, and how each is distributed.
    pub targets: Vec<(String, Distribution)>,
}

impl Factor {
    /// What it sets where a share `u` (0 to 1) of the distribution lies below.
    pub fn values(&self, u: f64) -> impl Iterator<Item = f64> + '_ {
        self.targets
            .iter()
            .map(move |(_, distribution)| distribution.quantile(u))
    }

    /// The number of values, if there are only some.
    #[must_use]
    pub fn choices(&self) -> Option<usize> {
        let count = |(_, distribution): &(String, Distribution)| match distribution {
            Distribution::Choice(values) => Some(values.len()),
            _ => None,
        };
        self.targets.iter().filter_map(count).max()
    }
}

/// The factors of `vary`, in its order; `PerEntity` gives one for each entry that any of the scenarios has.
#[must_use]
pub fn factors<'a>(
    vary: &IndexMap<String, Distribution>,
    scenarios: impl Iterator<Item = &'a Scenario> + Clone,
) -> Vec<Factor> {
    let mut factors = Vec::new();
    for (key, distribution) in vary {
        match distribution {
            Distribution::Together(paths) => factors.push(Factor {
                key: key.clone(),
                targets: paths.0.clone().into_iter().collect(),
            }),
            Distribution::PerEntity(inner) => {
                let places: IndexSet<String> = scenarios
                    .clone()
                    .filter_map(|scenario| Setter::new(scenario, key).ok())
                    .flat_map(|setter| {
                        let places = setter.places().iter().map(|place| place.join("."));
                        places.collect::<Vec<_>>()
                    })
                    .collect();
                factors.extend(places.into_iter().map(|place| Factor {
                    key: place.clone(),
                    targets: vec![(place, (**inner).clone())],
                }));
            }
            plain => factors.push(Factor {
                key: key.clone(),
                targets: vec![(key.clone(), plain.clone())],
            }),
        }
    }
    factors
}

/// Checks that every path leads to a number in some scenario, that no number is set twice, and that both ends are plausible.
pub fn check(
    vary: &IndexMap<String, Distribution>,
    scenarios: &[&Scenario],
    problems: &mut Problems,
) {
    let mut set: IndexMap<Vec<String>, String> = IndexMap::new();
    for (key, distribution) in vary {
        let at = vec!["vary".to_owned(), key.clone()];
        if let Err(text) = distribution.sound() {
            problems.push(Problem::new(at, "distribution", text));
            continue;
        }
        let paths: Vec<(&String, &Distribution, Vec<String>)> = match distribution {
            Distribution::Together(paths) => paths
                .0
                .iter()
                .map(|(path, inner)| {
                    let at = [at.as_slice(), std::slice::from_ref(path)].concat();
                    (path, inner, at)
                })
                .collect(),
            other => vec![(key, other, at)],
        };
        for (path, inner, at) in paths {
            let Some(setters) = setters(path, scenarios, &at, problems) else {
                continue;
            };
            check_ends(path, inner, &setters[0], &at, "vary", problems);
            let places: IndexSet<&Vec<String>> =
                setters.iter().flat_map(|setter| setter.places()).collect();
            for place in places {
                if let Some(other) = set.insert(place.clone(), path.clone()) {
                    let text = format!("{} is varied by \"{other}\" too", place.join("."));
                    problems.push(
                        Problem::new(at.clone(), "twice", text)
                            .at_key()
                            .help("vary each number once"),
                    );
                    break;
                }
            }
        }
    }
}

/// How a path is set in each scenario that has it; a problem if none has.
fn setters(
    path: &str,
    scenarios: &[&Scenario],
    at: &[String],
    problems: &mut Problems,
) -> Option<Vec<Setter>> {
    let mut first = None;
    let mut found = Vec::new();
    for scenario in scenarios {
        match Setter::new(scenario, path) {
            Ok(setter) => found.push(setter),
            Err(problem) => first = first.or(Some(problem)),
        }
    }
    if found.is_empty() {
        if let Some(mut problem) = first {
            problem.path = at.to_vec();
            problem.at_key = true;
            problem.code = "vary";
            problems.push(problem);
        }
        return None;
    }
    Some(found)
}

impl Design {
    /// How many points it has over some factors.
    #[must_use]
    pub fn points(&self, factors: &[Factor]) -> usize {
        let number = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        match self {
            Self::Grid { levels } => factors
                .iter()
                .map(|factor| factor.choices().unwrap_or(number(*levels)))
                .fold(1, usize::saturating_mul),
            Self::LatinHypercube(points) | Self::Sobol(points) => number(*points),
            Self::Morris { trajectories, .. } => {
                number(*trajectories).saturating_mul(factors.len() + 1)
            }
            Self::Saltelli(base) => number(*base).saturating_mul(factors.len() + 2),
            Self::Points(PointsWritten::Table(table)) => table.values().next().map_or(0, Vec::len),
            Self::Points(PointsWritten::File(_)) => 0,
        }
    }
}

/// Checks that the design can be laid out over the factors. `vary` says what the file varies.
pub fn check_design(
    design: Option<&Design>,
    vary: &IndexMap<String, Distribution>,
    factors: &[Factor],
    problems: &mut Problems,
) {
    let mut push = |at: &str, code, text: &str, help: &str| {
        problems.push(Problem::new(vec![at.to_owned()], code, text).help(help));
    };
    let Some(design) = design else {
        if !vary.is_empty() {
            push(
                "vary",
                "missing",
                "numbers are varied, but no `design` says at which points",
                "add design: LatinHypercube(64), for one",
            );
        }
        return;
    };
    if factors.is_empty() && !matches!(design, Design::Points(_)) {
        push(
            "design",
            "missing",
            "there is a design, but nothing under `vary`",
            "add vary: {\"path.of.a.number\": Uniform(lowest, highest)}",
        );
        return;
    }
    let (unsound, help) = match design {
        Design::Grid { levels } => (*levels < 2, "a grid needs two levels at least"),
        Design::Morris { levels, .. } => (
            *levels < 2 || levels % 2 == 1,
            "the levels of Morris are even, such as 4",
        ),
        _ => (false, ""),
    };
    if unsound {
        push("design", "range", "the levels do not work", help);
    }
    let most = sobol_burley::NUM_DIMENSIONS as usize;
    let (dimensions, base) = match design {
        Design::Sobol(points) => (factors.len(), *points),
        Design::Saltelli(base) => (2 * factors.len(), *base),
        _ => (0, 0),
    };
    if dimensions > most || base > 1 << 16 {
        let text = format!("a Sobol sequence has at most 65536 points in {most} directions");
        push("design", "range", &text, "use LatinHypercube for more");
    }
    let points = design.points(factors);
    if points == 0 || points > MOST_POINTS {
        let text = format!("the design has {points} points");
        push(
            "design",
            "range",
            &text,
            &format!("plausible: 1 to {MOST_POINTS}"),
        );
    }
}

/// Checks points that are written out: which paths they give, and that each value is plausible.
/// `at(path, position)` is where a value stands.
pub fn check_points(
    table: &IndexMap<String, Vec<f64>>,
    vary: &IndexMap<String, Distribution>,
    factors: &[Factor],
    scenarios: &[&Scenario],
    wrong: &mut dyn FnMut(&str, Option<usize>, Problem),
) {
    let here = |code, text: String| Problem::new(Vec::new(), code, text);
    let varied: IndexMap<&String, &Distribution> = factors
        .iter()
        .flat_map(|factor| factor.targets.iter().map(|(path, inner)| (path, inner)))
        .collect();
    for path in varied.keys().filter(|path| !table.contains_key(**path)) {
        let text = format!("\"{path}\" is varied, but the points give no value for it");
        wrong("", None, here("missing", text));
    }
    let length = table.values().next().map_or(0, Vec::len);
    for (path, values) in table {
        if values.len() != length {
            let text = format!("{} values, where others have {length}", values.len());
            wrong(path, None, here("value", text));
        }
        if !vary.is_empty() && !varied.contains_key(path) {
            let known = varied.keys().map(|path| path.as_str()).collect::<Vec<_>>();
            let text = format!("\"{path}\" is not under `vary`");
            let help = format!("varied are {}", english_list(&known));
            wrong(path, None, here("vary", text).help(help));
            continue;
        }
        let mut problems = Problems::default();
        let Some(setters) = setters(path, scenarios, &[], &mut problems) else {
            for problem in problems.list {
                wrong(path, None, problem);
            }
            continue;
        };
        let ends = varied.get(path).map(|distribution| distribution.ends());
        let within = ends.and_then(|ends| {
            let low = ends.iter().copied().min_by(f64::total_cmp)?;
            Some((low, ends.iter().copied().max_by(f64::total_cmp)?))
        });
        let plausible = setters[0].spec().and_then(|spec| spec.range);
        for (position, value) in values.iter().enumerate() {
            let inside = |range: Option<(f64, f64)>| {
                range.is_none_or(|(low, high)| *value >= low && *value <= high)
            };
            let range = [plausible, within]
                .into_iter()
                .find(|range| !inside(*range));
            if !value.is_finite() {
                wrong(
                    path,
                    Some(position),
                    here("value", "no finite number".into()),
                );
            } else if let Some((low, high)) = range.flatten() {
                let text = format!("{value} is out of range");
                let help = format!("plausible: {low} to {high}");
                wrong(path, Some(position), here("range", text).help(help));
            }
        }
    }
}

/// How each path of the points is set in one scenario; nothing where the scenario lacks it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PointSetter {
    setters: Vec<Option<Setter>>,
}

impl PointSetter {
    /// Prepares the paths in one scenario, so that setting them costs microseconds.
    #[must_use]
    pub fn new(scenario: &Scenario, paths: &[String]) -> Self {
        let setters = paths.iter().map(|path| Setter::new(scenario, path).ok());
        Self {
            setters: setters.collect(),
        }
    }

    /// Whether it sets nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.setters.iter().all(Option::is_none)
    }

    /// Sets every path to its value.
    pub fn set(&self, scenario: &mut Scenario, values: &[f64]) {
        for (setter, value) in self.setters.iter().zip(values) {
            if let Some(setter) = setter {
                setter.set(scenario, *value);
            }
        }
    }
}
