//! What is uncertain: distributions by path, drawn afresh for each seed.
//!
//! A draw is a function of (seed, path) alone and uses one uniform number, so adding an uncertain number moves no other.

use super::scenario::Scenario;
use crate::domain::fields::leaf::whole_value;
use crate::domain::fields::{Field, Map, Path, Problem, Problems, Spec};
use crate::domain::maths::normal_cdf;
use crate::engine::rng::{Purpose, stream, uniform};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How an uncertain number is distributed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub enum Distribution {
    /// Between two ends, all values alike.
    Uniform(f64, f64),
    /// Between two positive ends, all logarithms alike.
    LogUniform(f64, f64),
    /// Lowest, most likely, highest.
    Triangular(f64, f64, f64),
    /// Mean, standard deviation, lowest, highest.
    Normal(f64, f64, f64, f64),
    /// One of some values, all alike.
    Choice(Vec<f64>),
    /// Another value for each entry that the `*` in the path matches.
    PerEntity(Box<Distribution>),
    /// Several paths that move together: one draw, read in each distribution at the same quantile. The key is then a name, no path.
    Together(Map<Distribution>),
}

whole_value!(Distribution);

impl Field for Distribution {
    type Written = Self;

    fn resolve(
        written: Option<Self>,
        path: &Path<'_>,
        spec: &'static Spec,
        problems: &mut Problems,
    ) -> Option<Self> {
        let Some(distribution) = written else {
            problems.missing(path, spec);
            return None;
        };
        if let Err(text) = distribution.sound() {
            problems.push(Problem::new(path.names(), "distribution", text));
            return None;
        }
        Some(distribution)
    }
}

impl Distribution {
    /// Whether the numbers make a distribution, or what is wrong with them.
    pub(super) fn sound(&self) -> Result<(), String> {
        let ordered = |numbers: &[f64], words: &str| {
            let finite = numbers.iter().all(|number| number.is_finite());
            let sound = finite
                && numbers.windows(2).all(|pair| pair[0] <= pair[1])
                && numbers[0] < numbers[numbers.len() - 1];
            sound
                .then_some(())
                .ok_or_else(|| format!("{words}: the numbers must be finite and ascending"))
        };
        match self {
            Self::Uniform(low, high) => ordered(&[*low, *high], "Uniform(lowest, highest)"),
            Self::LogUniform(low, high) if *low > 0.0 => {
                ordered(&[*low, *high], "LogUniform(lowest, highest)")
            }
            Self::LogUniform(..) => {
                Err("LogUniform(lowest, highest): both ends must be above 0".into())
            }
            Self::Triangular(low, mode, high) => ordered(
                &[*low, *mode, *high],
                "Triangular(lowest, most likely, highest)",
            ),
            Self::Normal(mean, sd, low, high) => {
                if !(mean.is_finite() && sd.is_finite() && *sd > 0.0) {
                    return Err("Normal(mean, standard deviation, lowest, highest): the standard deviation must be above 0".into());
                }
                ordered(
                    &[*low, *high],
                    "Normal(mean, standard deviation, lowest, highest)",
                )?;
                let within = normal_cdf((high - mean) / sd) - normal_cdf((low - mean) / sd);
                (within > 1e-6)
                    .then_some(())
                    .ok_or_else(|| "Normal: hardly anything lies between lowest and highest".into())
            }
            Self::Choice(values) if values.is_empty() => {
                Err("Choice([..]) needs at least one value".into())
            }
            Self::Choice(values) if values.iter().any(|value| !value.is_finite()) => {
                Err("Choice([..]): every value must be finite".into())
            }
            Self::Choice(_) => Ok(()),
            Self::PerEntity(inner) => match **inner {
                Self::PerEntity(_) | Self::Together(_) => {
                    Err("PerEntity(..) takes a plain distribution".into())
                }
                _ => inner.sound(),
            },
            Self::Together(paths) if paths.0.is_empty() => {
                Err("Together({..}) needs at least one path".into())
            }
            Self::Together(paths) => paths.0.values().try_for_each(|inner| match inner {
                Self::PerEntity(_) | Self::Together(_) => {
                    Err("Together({..}) takes plain distributions".into())
                }
                _ => inner.sound(),
            }),
        }
    }

    /// The values between which draws lie, ends included, and those that a check should try.
    #[must_use]
    pub fn ends(&self) -> Vec<f64> {
        match self {
            Self::Uniform(low, high)
            | Self::LogUniform(low, high)
            | Self::Triangular(low, _, high)
            | Self::Normal(_, _, low, high) => {
                vec![*low, *high]
            }
            Self::Choice(values) => values.clone(),
            Self::PerEntity(inner) => inner.ends(),
            Self::Together(paths) => paths.0.values().flat_map(Self::ends).collect(),
        }
    }

    /// The value below which a share `u` of all draws lies.
    #[must_use]
    pub fn quantile(&self, u: f64) -> f64 {
        match self {
            Self::Uniform(low, high) => (low + u * (high - low)).clamp(*low, *high),
            Self::LogUniform(low, high) => {
                libm::exp(libm::log(*low) + u * (libm::log(*high) - libm::log(*low)))
                    .clamp(*low, *high)
            }
            Self::Triangular(low, mode, high) => {
                let rising = (mode - low) / (high - low);
                let value = if u < rising {
                    low + libm::sqrt(u * (high - low) * (mode - low))
                } else {
                    high - libm::sqrt((1.0 - u) * (high - low) * (high - mode))
                };
                value.clamp(*low, *high)
            }
            Self::Normal(mean, sd, low, high) => {
                let (from, to) = (
                    normal_cdf((low - mean) / sd),
                    normal_cdf((high - mean) / sd),
                );
                let wanted = from + u * (to - from);
                let (mut below, mut above) = (*low, *high);
                for _ in 0..52 {
                    let middle = 0.5 * (below + above);
                    if normal_cdf((middle - mean) / sd) < wanted {
                        below = middle
                    } else {
                        above = middle
                    }
                }
                0.5 * (below + above)
            }
            Self::Choice(values) => {
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "u lies in [0, 1), so the position lies in the list"
                )]
                let position = (u * values.len() as f64) as usize;
                values
                    .get(position.min(values.len().saturating_sub(1)))
                    .copied()
                    .unwrap_or(f64::NAN)
            }
            Self::PerEntity(inner) => inner.quantile(u),
            Self::Together(_) => u,
        }
    }
}

/// Splits a path of the uncertainty table into its names.
#[must_use]
pub fn split(path: &str) -> Vec<&str> {
    path.split('.').collect()
}

/// The numbers that one path or pattern of a configuration stands for, ready to be set again and again.
#[derive(Debug, Clone, PartialEq)]
pub struct Setter {
    places: Vec<Vec<String>>,
}

impl Setter {
    /// Finds the numbers of a path, in which `*` stands for every entry.
    ///
    /// # Errors
    /// If nothing is there, or what is there is no real number.
    pub fn new(scenario: &Scenario, path: &str) -> Result<Self, Problem> {
        let names = split(path);
        let mut places = Vec::new();
        scenario
            .matching(&names, &mut Vec::new(), &mut places)
            .map_err(|wrong| wrong.problem(&names, "path"))?;
        let plain = |place: &Vec<String>| {
            let names = place.iter().map(String::as_str).collect::<Vec<_>>();
            scenario_number(scenario, &names)
        };
        if !places.iter().all(plain) {
            let kind = Scenario::spec_at(&names).map_or("a container", |spec| spec.kind);
            let text = format!("{path} is no real number ({kind}); only real numbers can vary");
            return Err(Problem::new(
                names.iter().map(|name| (*name).to_owned()).collect(),
                "path",
                text,
            ));
        }
        Ok(Self { places })
    }

    /// The places that are set, each from the top.
    #[must_use]
    pub fn places(&self) -> &[Vec<String>] {
        &self.places
    }

    /// Sets all of them.
    pub fn set(&self, scenario: &mut Scenario, value: f64) {
        for place in &self.places {
            set_place(scenario, place, value);
        }
    }

    /// What is declared about the first of them.
    #[must_use]
    pub fn spec(&self) -> Option<&'static Spec> {
        let names = self
            .places
            .first()?
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>();
        Scenario::spec_at(&names)
    }
}

/// Whether a real number is at a place.
fn scenario_number(_: &Scenario, names: &[&str]) -> bool {
    Scenario::spec_at(names).is_some_and(|spec| spec.kind == "f64" || spec.kind == "Option<f64>")
}

fn set_place(scenario: &mut Scenario, place: &[String], value: f64) {
    const DEEPEST: usize = 12;
    let mut names = [""; DEEPEST];
    if place.len() > DEEPEST {
        return;
    }
    for (name, text) in names.iter_mut().zip(place) {
        *name = text;
    }
    if let Some(number) = scenario.number_mut(&names[..place.len()]) {
        *number = value;
    }
}

/// One draw and what it sets.
#[derive(Debug, Clone, PartialEq)]
struct Source {
    key: String,
    targets: Vec<(Distribution, Setter)>,
}

/// All uncertain numbers of a scenario, prepared so that a draw costs microseconds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Draws {
    sources: Vec<Source>,
}

impl Draws {
    /// Prepares the uncertain numbers of a checked scenario.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Self {
        Self::checked(scenario, &mut Problems::default())
    }

    /// Prepares them, reporting paths that lead nowhere and draws that would leave the plausible range.
    pub fn checked(scenario: &Scenario, problems: &mut Problems) -> Self {
        let mut sources = Vec::new();
        for (key, distribution) in &scenario.uncertainty {
            let at = vec!["uncertainty".to_owned(), key.clone()];
            let mut find =
                |path: &str, distribution: &Distribution, at: &[String]| match Setter::new(
                    scenario, path,
                ) {
                    Ok(setter) => {
                        check_ends(path, distribution, &setter, at, "uncertainty", problems);
                        Some(setter)
                    }
                    Err(mut problem) => {
                        problem.path = at.to_vec();
                        problem.at_key = true;
                        problem.code = "uncertainty";
                        problems.push(problem);
                        None
                    }
                };
            match distribution {
                Distribution::Together(paths) => {
                    let targets = paths.0.iter().filter_map(|(path, inner)| {
                        let at = [at.as_slice(), std::slice::from_ref(path)].concat();
                        Some((inner.clone(), find(path, inner, &at)?))
                    });
                    sources.push(Source {
                        key: key.clone(),
                        targets: targets.collect(),
                    });
                }
                Distribution::PerEntity(inner) => {
                    for place in find(key, inner, &at)
                        .into_iter()
                        .flat_map(|setter| setter.places)
                    {
                        let key = place.join(".");
                        sources.push(Source {
                            key,
                            targets: vec![(
                                (**inner).clone(),
                                Setter {
                                    places: vec![place],
                                },
                            )],
                        });
                    }
                }
                plain => {
                    let targets = find(key, plain, &at)
                        .into_iter()
                        .map(|setter| (plain.clone(), setter))
                        .collect();
                    sources.push(Source {
                        key: key.clone(),
                        targets,
                    });
                }
            }
        }
        Self { sources }
    }

    /// Sets every uncertain number of `scenario` to its value under `seed`. The scenario may carry the draw of another seed.
    pub fn apply(&self, scenario: &mut Scenario, seed: u64) {
        for source in &self.sources {
            let u = uniform(&mut stream(seed, Purpose::Parameter, &source.key));
            for (distribution, setter) in &source.targets {
                setter.set(scenario, distribution.quantile(u));
            }
        }
    }

    /// The values under `seed` by path, without a scenario: what `runs` records as varied parameters.
    #[must_use]
    pub fn values(&self, seed: u64) -> Vec<(String, f64)> {
        let mut values = Vec::new();
        for source in &self.sources {
            let u = uniform(&mut stream(seed, Purpose::Parameter, &source.key));
            let together = source.targets.len() > 1;
            for (distribution, setter) in &source.targets {
                let first = setter.places.first().map(|place| place.join("."));
                let name = if together {
                    first.unwrap_or_default()
                } else {
                    source.key.clone()
                };
                values.push((name, distribution.quantile(u)));
            }
        }
        values
    }

    /// Whether nothing is uncertain.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }
}

/// Reports a distribution whose ends would leave the plausible range of what it sets.
pub(super) fn check_ends(
    path: &str,
    distribution: &Distribution,
    setter: &Setter,
    at: &[String],
    code: &'static str,
    problems: &mut Problems,
) {
    let Some((spec, (low, high))) = setter.spec().and_then(|spec| Some((spec, spec.range?))) else {
        return;
    };
    for end in distribution.ends() {
        if !(end >= low && end <= high) {
            let text = format!("a draw of {end} would leave the plausible range of {path}");
            let help = format!("plausible: {low} to {high} {}", spec.unit);
            problems.push(Problem::new(at.to_vec(), code, text).help(help.trim_end()));
            return;
        }
    }
}

impl Scenario {
    /// The scenario with every uncertain number set to its value under `seed`. For many draws use [`Draws`].
    #[must_use]
    pub fn draw(&self, seed: u64) -> Self {
        let mut drawn = self.clone();
        Draws::new(self).apply(&mut drawn, seed);
        drawn
    }
}
