//! What is wrong with a configuration, where, and what would be right.

use super::{RecordInfo, Spec};
use crate::domain::time::Quarter;
use std::{fmt, str::FromStr};

/// A place in the configuration, built while walking down: `firms.lynas.plants.kalgoorlie`.
#[derive(Debug, Clone, Copy)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    name: &'a str,
}

impl<'a> Path<'a> {
    /// The whole configuration.
    pub const ROOT: Path<'static> = Path {
        parent: None,
        name: "",
    };

    /// The place called `name` below this one.
    #[must_use]
    pub const fn join(&'a self, name: &'a str) -> Path<'a> {
        Path {
            parent: Some(self),
            name,
        }
    }

    /// The last name.
    #[must_use]
    pub const fn name(&self) -> &'a str {
        self.name
    }

    /// The names from the top.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names = self.parent.map_or_else(Vec::new, Path::names);
        if self.parent.is_some() {
            names.push(self.name.to_owned());
        }
        names
    }

    /// Splits a composite key such as `2024:CN:ev_traction` into its declared parts, reporting a wrong count.
    pub fn key_parts(
        &'a self,
        parts: &'static [&'static str],
        problems: &mut Problems,
    ) -> KeyParts<'a> {
        let counted = self.name.split(':').count();
        let sound = parts.is_empty() || parts.len() == counted;
        if !sound {
            problems.push(
                Problem::new(
                    self.names(),
                    "key",
                    format!("the key has {counted} parts, not {}", parts.len()),
                )
                .at_key()
                .help(format!("write \"{}\"", parts.join(":"))),
            );
        }
        KeyParts {
            path: self,
            names: parts.iter(),
            texts: sound.then(|| self.name.split(':')),
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().join("."))
    }
}

/// The parts of a composite key, one after the other.
#[derive(Debug)]
pub struct KeyParts<'a> {
    path: &'a Path<'a>,
    names: std::slice::Iter<'static, &'static str>,
    texts: Option<std::str::Split<'a, char>>,
}

impl KeyParts<'_> {
    /// The next part as its type, reporting a text that does not fit.
    pub fn next_part<T: KeyPart>(&mut self, problems: &mut Problems) -> Option<T> {
        let name = self.names.next()?;
        let text = self.texts.as_mut()?.next()?;
        let value = text.parse().ok().filter(|_| !text.is_empty());
        if value.is_none() {
            let text = format!("`{text}` is no {name}; write {}", T::WANTED);
            problems.push(Problem::new(self.path.names(), "key", text).at_key());
        }
        value
    }
}

/// A part of a composite key.
pub trait KeyPart: FromStr {
    /// What to write there.
    const WANTED: &'static str;
}

impl KeyPart for i32 {
    const WANTED: &'static str = "a year such as 2024";
}

impl KeyPart for String {
    const WANTED: &'static str = "a name";
}

impl KeyPart for Quarter {
    const WANTED: &'static str = "a quarter such as 2024Q1";
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Kind of problem, one or two words: `range`, `unknown state`.
    pub code: &'static str,
    /// Place, from the top.
    pub path: Vec<String>,
    /// What is wrong, without the path.
    pub text: String,
    /// What would be right, shown at the caret.
    pub help: Option<String>,
    /// Point at the key rather than at the value.
    pub at_key: bool,
}

impl Problem {
    /// A problem at a place.
    #[must_use]
    pub fn new(path: Vec<String>, code: &'static str, text: impl Into<String>) -> Self {
        Self {
            code,
            path,
            text: text.into(),
            help: None,
            at_key: false,
        }
    }

    /// Adds what would be right.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a near name, if there is one.
    #[must_use]
    pub fn suggest<'a>(self, found: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match did_you_mean(found, known) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self,
        }
    }

    /// Points at the key.
    #[must_use]
    pub fn at_key(mut self) -> Self {
        self.at_key = true;
        self
    }
}

/// Everything that is wrong, collected.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Problems {
    /// The problems in the order in which they were found.
    pub list: Vec<Problem>,
}

impl Problems {
    /// Adds one.
    pub fn push(&mut self, problem: Problem) {
        self.list.push(problem);
    }

    /// Reports that a required field is missing.
    pub fn missing(&mut self, path: &Path<'_>, spec: &Spec) {
        let range = spec
            .range
            .map_or_else(String::new, |(low, high)| format!(" from {low} to {high}"));
        let unit = if spec.unit.is_empty() {
            String::new()
        } else {
            format!(" {}", spec.unit)
        };
        let what = match spec.kind {
            "f64" | "u32" | "i32" => format!("a number{range}{unit}"),
            "String" => "a text".to_owned(),
            "Quarter" => "a quarter such as 2024Q1".to_owned(),
            other => format!("a value ({other})"),
        };
        self.push(Problem::new(
            path.names(),
            "missing",
            format!("`{}` is missing; it needs {what}", path.name()),
        ));
    }

    /// Reports a number that is none, is infinite, or lies outside its plausible range; says whether it is sound.
    pub fn in_range(&mut self, value: f64, path: &Path<'_>, spec: &Spec) -> bool {
        let (low, high) = spec.range.unwrap_or((f64::MIN, f64::MAX));
        let sound = value.is_finite() && value >= low && value <= high;
        if !sound {
            let unit = if spec.unit.is_empty() {
                String::new()
            } else {
                format!(" {}", spec.unit)
            };
            let text = if value.is_nan() {
                "NaN is no number that a market can use".to_owned()
            } else if value < 0.0 && low >= 0.0 {
                format!("{value} is negative")
            } else {
                format!("{value} is out of range")
            };
            let problem = Problem::new(path.names(), "range", text);
            self.push(if spec.range.is_some() {
                problem.help(format!("plausible: {low} to {high}{unit}"))
            } else {
                problem
            });
        }
        sound
    }
}

/// Why a path does not lead anywhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Wrong {
    /// How many names of the path were left when it ended.
    pub left: usize,
    /// Why.
    pub kind: WrongKind,
}

/// See [`Wrong`].
#[derive(Debug, Clone, PartialEq)]
pub enum WrongKind {
    /// A struct has no such field.
    NoField {
        /// The struct.
        of: &'static str,
        /// The nearest field.
        near: Option<String>,
        /// All fields.
        known: Vec<String>,
    },
    /// A map has no such entry.
    NoEntry {
        /// The nearest key.
        near: Option<String>,
        /// Number of entries there are.
        known: Vec<String>,
    },
    /// A single value has no parts.
    NoParts,
    /// Only map entries can be removed.
    NoEntryToRemove,
    /// The text is no such value.
    Value(String),
}

impl Wrong {
    /// There is no field `name` in the struct.
    #[must_use]
    pub fn no_field(left: usize, name: &str, info: &'static RecordInfo) -> Self {
        let near =
            did_you_mean(name, info.fields.iter().map(|field| field.name)).map(str::to_owned);
        let known = info
            .fields
            .iter()
            .map(|field| field.name.to_owned())
            .collect();
        Self {
            left,
            kind: WrongKind::NoField {
                of: info.name,
                near,
                known,
            },
        }
    }

    /// The problem at `path`, the full path that was asked for.
    #[must_use]
    pub fn problem(self, path: &[&str], code: &'static str) -> Problem {
        let depth = path.len() - self.left.min(path.len());
        let parent = if depth == 0 {
            "the scenario".to_owned()
        } else {
            path[..depth].join(".")
        };
        let name = path.get(depth).copied().unwrap_or("");
        let places = path.iter().map(|name| (*name).to_owned()).collect();
        let (text, help) = match self.kind {
            WrongKind::NoField { of, near, known } => {
                let known = known.iter().map(String::as_str).collect::<Vec<_>>();
                (
                    format!("{parent} has no field `{name}` ({of})"),
                    near.map_or_else(
                        || Some(format!("it has {}", english_list(&known))),
                        |near| Some(format!("did you mean `{near}`?")),
                    ),
                )
            }
            WrongKind::NoEntry { near, known } => {
                let known = known.iter().map(String::as_str).collect::<Vec<_>>();
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if known.is_empty() => "it is empty".to_owned(),
                    None => format!("there are {}", english_list(&known)),
                };
                (format!("{parent} has no entry \"{name}\""), Some(help))
            }
            WrongKind::NoParts => (
                format!("{parent} is a single value; `{name}` cannot be below it"),
                None,
            ),
            WrongKind::NoEntryToRemove => (
                "only entries of a table or map can be removed".to_owned(),
                None,
            ),
            WrongKind::Value(text) => (text, None),
        };
        Problem {
            code,
            path: places,
            text,
            help,
            at_key: false,
        }
    }
}

/// The nearest of the known names, if it is near enough to be meant.
#[must_use]
pub fn did_you_mean<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| {
            let distance = strsim::osa_distance(found, name);
            let alike = found.eq_ignore_ascii_case(name)
                || (found.len() >= 2 && (name.starts_with(found) || found.starts_with(name)));
            (if alike { distance.min(1) } else { distance }, name)
        })
        .filter(|(distance, name)| {
            *distance <= 1.max(name.chars().count().max(found.chars().count()) / 3)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// `a, b and c`, cut after some.
#[must_use]
pub fn english_list(names: &[&str]) -> String {
    const SHOWN: usize = 12;
    match names {
        [] => "nothing".to_owned(),
        [one] => (*one).to_owned(),
        names if names.len() > SHOWN => format!(
            "{} and {} more",
            names[..SHOWN].join(", "),
            names.len() - SHOWN
        ),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
