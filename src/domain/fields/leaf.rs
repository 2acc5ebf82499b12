//! Single values as fields: numbers, texts, words that the program knows, lists.

use super::{Field, Path, Problems, Spec, Written, Wrong, WrongKind};
use crate::domain::time::Quarter;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

/// Reads a value as a configuration file would.
///
/// # Errors
/// What was expected and what was found.
pub(crate) fn parse_ron<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    ron::Options::default()
        .with_default_extension(ron::extensions::Extensions::IMPLICIT_SOME)
        .from_str(text)
        .map_err(|error| format!("`{text}`: {}", error.code))
}

/// Reads a text with or without quotes.
fn parse_text<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    if text.starts_with('"') {
        parse_ron(text)
    } else {
        parse_ron(&format!("{text:?}"))
    }
}

/// Reads a cell by the type's own rules.
fn cell_of<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|error: T::Err| format!("`{text}`: {error}"))
}

/// Reads a cell as one of the words that the program knows.
pub(crate) fn cell_word<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let word: serde::de::value::StrDeserializer<'_, serde::de::value::Error> =
        serde::de::IntoDeserializer::into_deserializer(text);
    T::deserialize(word).map_err(|error| error.to_string())
}

/// A written value without parts: a new one replaces the old.
macro_rules! whole {
    ($([$($generic:tt)*] $ty:ty, $parse:path, $cell:path;)*) => {$(
        impl<$($generic)*> Written for $ty {
            fn merge(&mut self, over: Self) {
                *self = over;
            }

            fn parse(text: &str) -> Result<Self, String> {
                $parse(text)
            }

            fn cell(text: &str) -> Result<Self, String> {
                $cell(text)
            }

            fn set(&mut self, path: &[&str], text: &str) -> Result<(), Wrong> {
                if !path.is_empty() {
                    return Err(Wrong { left: path.len(), kind: WrongKind::NoParts });
                }
                *self = Self::parse(text).map_err(|text| Wrong { left: 0, kind: WrongKind::Value(text) })?;
                Ok(())
            }

            fn remove(&mut self, path: &[&str]) -> Result<(), Wrong> {
                Err(Wrong { left: path.len(), kind: WrongKind::NoEntryToRemove })
            }
        }
    )*};
}

/// Makes a type without parts a written value.
macro_rules! whole_value {
    ($($ty:ty),* $(,)?) => {
        $crate::domain::fields::leaf::whole_value! { @cell parse_ron: $($ty),* }
    };
    (@cell $cell:ident: $($ty:ty),* $(,)?) => {$(
        impl $crate::domain::fields::Written for $ty {
            fn merge(&mut self, over: Self) {
                *self = over;
            }

            fn parse(text: &str) -> Result<Self, String> {
                $crate::domain::fields::Map::<String>::parse_text(text)
            }

            fn cell(text: &str) -> Result<Self, String> {
                $crate::domain::fields::leaf::$cell(text)
            }

            fn set(&mut self, path: &[&str], text: &str) -> Result<(), $crate::domain::fields::Wrong> {
                use $crate::domain::fields::{Wrong, WrongKind, Written};
                if !path.is_empty() {
                    return Err(Wrong { left: path.len(), kind: WrongKind::NoParts });
                }
                *self = <Self as Written>::parse(text).map_err(|text| Wrong { left: 0, kind: WrongKind::Value(text) })?;
                Ok(())
            }

            fn remove(&mut self, path: &[&str]) -> Result<(), $crate::domain::fields::Wrong> {
                use $crate::domain::fields::{Wrong, WrongKind};
                Err(Wrong { left: path.len(), kind: WrongKind::NoEntryToRemove })
            }
        }

    )*};
}
pub(crate) use whole_value;

/// Makes words that the program knows (plain enums) usable as fields.
macro_rules! words {
    ($($ty:ty),* $(,)?) => {$(
        $crate::domain::fields::leaf::whole_value! { @cell cell_word: $ty }

        impl $crate::domain::fields::Field for $ty {
            type Written = Self;

            fn resolve(
                written: Option<Self>,
                path: &$crate::domain::fields::Path<'_>,
                spec: &'static $crate::domain::fields::Spec,
                problems: &mut $crate::domain::fields::Problems,
            ) -> Option<Self> {
                if written.is_none() {
                    problems.missing(path, spec);
                }
                written
            }
        }
    )*};
}
pub(crate) use words;

whole! {
    [] f64, parse_ron, cell_of;
    [] u32, parse_ron, cell_of;
    [] i32, parse_ron, cell_of;
    [] bool, parse_ron, cell_of;
    [] String, parse_text, cell_of;
    [] Quarter, parse_text, cell_of;
    [T: Item] Vec<T>, parse_ron, parse_ron;
}

/// What a list may hold.
pub trait Item: DeserializeOwned + JsonSchema + Clone + std::fmt::Debug + PartialEq {}
impl<T: DeserializeOwned + JsonSchema + Clone + std::fmt::Debug + PartialEq> Item for T {}

impl Field for f64 {
    type Written = Self;

    fn resolve(
        written: Option<Self>,
        path: &Path<'_>,
        spec: &'static Spec,
        problems: &mut Problems,
    ) -> Option<Self> {
        let Some(value) = written else {
            problems.missing(path, spec);
            return None;
        };
        // Adding zero turns -0 into 0, so that equal worlds have equal bytes.
        problems.in_range(value, path, spec);
        Some(value + 0.0)
    }

    fn number_mut(&mut self, path: &[&str]) -> Option<&mut f64> {
        path.is_empty().then_some(self)
    }
}

macro_rules! counts {
    ($($ty:ty),*) => {$(
        impl Field for $ty {
            type Written = Self;

            fn resolve(written: Option<Self>, path: &Path<'_>, spec: &'static Spec, problems: &mut Problems) -> Option<Self> {
                let Some(value) = written else {
                    problems.missing(path, spec);
                    return None;
                };
                problems.in_range(f64::from(value), path, spec);
                Some(value)
            }
        }
    )*};
}
counts!(u32, i32);

macro_rules! plain {
    ($($ty:ty),*) => {$(
        impl Field for $ty {
            type Written = Self;

            fn resolve(written: Option<Self>, path: &Path<'_>, spec: &'static Spec, problems: &mut Problems) -> Option<Self> {
                if written.is_none() {
                    problems.missing(path, spec);
                }
                written
            }
        }
    )*};
}
plain!(bool, String, Quarter);

impl<T: Item> Field for Vec<T> {
    type Written = Self;

    fn resolve(
        written: Option<Self>,
        path: &Path<'_>,
        spec: &'static Spec,
        problems: &mut Problems,
    ) -> Option<Self> {
        if written.is_none() {
            problems.missing(path, spec);
        }
        written
    }
}

impl<T: Field> Field for Option<T> {
    type Written = T::Written;

    fn resolve(
        written: Option<T::Written>,
        path: &Path<'_>,
        spec: &'static Spec,
        problems: &mut Problems,
    ) -> Option<Self> {
        match written {
            None => Some(None),
            given => T::resolve(given, path, spec, problems).map(Some),
        }
    }

    fn number_mut(&mut self, path: &[&str]) -> Option<&mut f64> {
        self.as_mut()?.number_mut(path)
    }

    fn matching(
        &self,
        pattern: &[&str],
        prefix: &mut Vec<String>,
        found: &mut Vec<Vec<String>>,
    ) -> Result<(), Wrong> {
        match self {
            Some(value) => value.matching(pattern, prefix, found),
            None => Err(Wrong {
                left: pattern.len(),
                kind: WrongKind::Value("it has no value that could vary".into()),
            }),
        }
    }

    fn spec_at(path: &[&str]) -> Option<&'static Spec> {
        T::spec_at(path)
    }

    fn describe(into: &mut Vec<&'static super::RecordInfo>) {
        T::describe(into);
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}
