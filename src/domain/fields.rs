//! Fields that can be configured: one declaration gives the struct that runs, the struct that a file may write, the checks
//! between the two, and the line of documentation.
//!
//! ```ignore
//! fields! {
//!     /// Beliefs about prices.
//!     pub struct ExpectationParams {
//!         /// Share of the gap closed per quarter by adaptive believers.
//!         adaptive_speed: f64 = 0.10, 0.0..=1.0, "1/quarter", "assumption";
//!     }
//! }
//! fields! {
//!     /// Final use of one commodity in one sector of one state.
//!     pub struct DemandRow key { year: i32, state: String } {   // read from the map key `2024:CN`
//!         /// Final use.
//!         tonnes: f64, 0.0..=1e7, "t/a";                         // required
//!         /// Lower end.
//!         low: Option<f64>, 0.0..=1e7, "t/a";                    // may be absent
//!     }
//! }
//! ```
//!
//! The running struct has plain public fields. The written one, [`Field::Written`], has the same fields as options (without the
//! key), so that layers of files can be laid over one another before [`Field::resolve`] fills defaults and *collects* every problem.
//! A struct whose fields all have defaults implements `Default`. `file { .. }` after the name adds fields that only the written form has.

mod layers;
pub(crate) mod leaf;
mod map;
mod problem;

pub use layers::{merge_option, remove_option, set_cell, set_option};
pub use map::Map;
pub use problem::{KeyPart, Path, Problem, Problems, Wrong, WrongKind, did_you_mean, english_list};

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

/// What is known about a field before any file is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spec {
    /// Name in files and paths.
    pub name: &'static str,
    /// Type as declared.
    pub kind: &'static str,
    /// Default as declared; absent: the field must be given (or is optional by its type).
    pub default: Option<&'static str>,
    /// Plausible range, ends included.
    pub range: Option<(f64, f64)>,
    /// Unit; empty where there is none.
    pub unit: &'static str,
    /// Where the default comes from, or `assumption`.
    pub source: &'static str,
    /// Meaning.
    pub doc: &'static str,
}

/// A configured struct and its fields, for schema, codebook and documentation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RecordInfo {
    /// Name of the struct.
    pub name: &'static str,
    /// Module that declares it.
    pub module: &'static str,
    /// Meaning.
    pub doc: &'static str,
    /// Parts of the map key, in order; empty where it is no row of a table.
    pub key: &'static [&'static str],
    /// The fields.
    pub fields: &'static [Spec],
}

/// The written form of a value: layers of it are merged before it is resolved.
pub trait Written: DeserializeOwned + JsonSchema + Clone + std::fmt::Debug + PartialEq {
    /// Lays another layer over this one: structs by field, maps by key, everything else whole.
    fn merge(&mut self, over: Self);

    /// The value of a text, as in `--set path=text`.
    ///
    /// # Errors
    /// What was expected and what was found.
    fn parse(text: &str) -> Result<Self, String>;

    /// The value of a cell of a table.
    ///
    /// # Errors
    /// Why the text does not fit.
    fn cell(text: &str) -> Result<Self, String> {
        Self::parse(text)
    }

    /// Sets a field to the text of a cell; an empty one leaves it absent.
    ///
    /// # Errors
    /// Why the text does not fit.
    fn set_cell(&mut self, column: &str, text: &str) -> Result<(), String> {
        Err(format!("`{column}` is no column for `{text}`"))
    }

    /// Sets the value at a path below this one; never creates a map entry.
    ///
    /// # Errors
    /// Where the path ends, or why the text does not fit.
    fn set(&mut self, path: &[&str], text: &str) -> Result<(), Wrong>;

    /// Takes a map entry away.
    ///
    /// # Errors
    /// Where the path ends.
    fn remove(&mut self, path: &[&str]) -> Result<(), Wrong>;

    /// An empty container; `None` for a single value.
    #[must_use]
    fn empty() -> Option<Self> {
        None
    }
}

/// A value of the running form that configuration can fill.
pub trait Field: Sized {
    /// What a file may say.
    type Written: Written;

    /// Fills defaults and checks ranges; `None` after a problem without which no value can be had.
    fn resolve(
        written: Option<Self::Written>,
        path: &Path<'_>,
        spec: &'static Spec,
        problems: &mut Problems,
    ) -> Option<Self>;

    /// The real number at a path below this value.
    fn number_mut(&mut self, path: &[&str]) -> Option<&mut f64> {
        let _ = path;
        None
    }

    /// All paths that a pattern with `*` matches, appended to `found`, each behind `prefix`.
    ///
    /// # Errors
    /// Where the pattern leaves the tree.
    fn matching(
        &self,
        pattern: &[&str],
        prefix: &mut Vec<String>,
        found: &mut Vec<Vec<String>>,
    ) -> Result<(), Wrong> {
        if pattern.is_empty() {
            found.push(prefix.clone());
            return Ok(());
        }
        Err(Wrong {
            left: pattern.len(),
            kind: WrongKind::NoParts,
        })
    }

    /// What is declared about the field at a path below this type.
    #[must_use]
    fn spec_at(path: &[&str]) -> Option<&'static Spec> {
        let _ = path;
        None
    }

    /// Appends this struct and those below it, each once.
    fn describe(into: &mut Vec<&'static RecordInfo>) {
        let _ = into;
    }

    /// Whether the written-out configuration leaves it away.
    fn is_absent(&self) -> bool {
        false
    }
}

/// The written form of a type.
pub type WrittenOf<T> = <T as Field>::Written;

/// Stands for "nothing declared", for values outside any struct.
pub const NO_SPEC: Spec = Spec {
    name: "",
    kind: "",
    default: None,
    range: None,
    unit: "",
    source: "",
    doc: "",
};

/// Adds unit, range, default and source of the fields to a JSON schema.
pub fn annotate(schema: &mut schemars::Schema, specs: &[Spec]) {
    let Some(properties) = schema
        .get_mut("properties")
        .and_then(|value| value.as_object_mut())
    else {
        return;
    };
    for spec in specs {
        let Some(property) = properties
            .get_mut(spec.name)
            .and_then(|value| value.as_object_mut())
        else {
            continue;
        };
        if let Some((low, high)) = spec.range {
            property.insert("minimum".into(), low.into());
            property.insert("maximum".into(), high.into());
        }
        for (name, value) in [
            ("x-unit", spec.unit),
            ("x-source", spec.source),
            ("x-default", spec.default.unwrap_or("")),
        ] {
            if !value.is_empty() {
                property.insert(name.into(), value.into());
            }
        }
    }
}

/// Declares configured structs; see the [module](self) for the form.
macro_rules! fields {
    // Every field has a default: the struct has one too.
    (
        $(#[doc = $about:literal])* $vis:vis struct $name:ident {
            $($(#[doc = $doc:literal])* $field:ident: $ty:ty = $default:expr $(, $low:literal ..= $high:literal, $unit:literal $(, $source:literal)?)?;)*
        }
    ) => {
        $crate::domain::fields::fields! {
            @define [$($about)*] $vis $name [] [] {
                $([$($doc)*] $field: $ty = ($default) $(, $low ..= $high, $unit $(, $source)?)?;)*
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }
    };
    (
        $(#[doc = $about:literal])* $vis:vis struct $name:ident
            $(key { $($key:ident: $key_ty:ty),* $(,)? })?
            $(file { $($(#[doc = $layer_doc:literal])* $layer:ident: $layer_ty:ty),* $(,)? })?
        {
            $($(#[doc = $doc:literal])* $field:ident: $ty:ty $(= $default:expr)? $(, $low:literal ..= $high:literal, $unit:literal $(, $source:literal)?)?;)*
        }
    ) => {
        $crate::domain::fields::fields! {
            @define [$($about)*] $vis $name [$($($key: $key_ty,)*)?] [$($([$($layer_doc)*] $layer: $layer_ty,)*)?] {
                $([$($doc)*] $field: $ty $(= ($default))? $(, $low ..= $high, $unit $(, $source)?)?;)*
            }
        }
    };
    (
        @define [$($about:literal)*] $vis:vis $name:ident
        [$($key:ident: $key_ty:ty,)*]
        [$([$($layer_doc:literal)*] $layer:ident: $layer_ty:ty,)*]
        {
            $([$($doc:literal)*] $field:ident: $ty:ty $(= ($default:expr))? $(, $low:literal ..= $high:literal, $unit:literal $(, $source:literal)?)?;)*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, PartialEq, ::serde::Serialize)]
        $vis struct $name {
            $(
                #[doc = concat!("Part of the key: ", stringify!($key), ".")]
                #[serde(skip_serializing)]
                pub $key: $key_ty,
            )*
            $(
                $(#[doc = $doc])*
                #[serde(skip_serializing_if = "crate::domain::fields::Field::is_absent")]
                pub $field: $ty,
            )*
        }

        // In this block `$name` is the written form and `self::$name` the running one, so that both go by the same name in files.
        const _: () = {
            use $crate::domain::fields::{Field, Path, Problems, RecordInfo, Spec, Wrong, WrongKind, Written};

            const FIELDS: &[Spec] = &[$(Spec {
                name: stringify!($field),
                kind: stringify!($ty),
                default: $crate::domain::fields::fields!(@option $(stringify!($default))?),
                range: $crate::domain::fields::fields!(@option $(($low as f64, $high as f64))?),
                unit: concat!($($unit)?),
                source: concat!($($($source)?)?),
                doc: concat!($($doc),*).trim_ascii(),
            }),*];
            static INFO: RecordInfo = RecordInfo {
                name: stringify!($name),
                module: module_path!(),
                doc: concat!($($about),*).trim_ascii(),
                key: &[$(stringify!($key)),*],
                fields: FIELDS,
            };

            $(#[doc = $about])*
            #[derive(Debug, Clone, PartialEq, Default, ::serde::Deserialize, ::schemars::JsonSchema)]
            #[serde(deny_unknown_fields, default)]
            #[schemars(transform = |schema: &mut ::schemars::Schema| $crate::domain::fields::annotate(schema, FIELDS))]
            pub struct $name {
                $($(#[doc = $layer_doc])* pub $layer: Option<$layer_ty>,)*
                $($(#[doc = $doc])* pub $field: Option<<$ty as Field>::Written>,)*
            }

            impl Written for $name {
                fn merge(&mut self, over: Self) {
                    $($crate::domain::fields::merge_option(&mut self.$field, over.$field);)*
                    let _ = over;
                }

                fn parse(text: &str) -> Result<Self, String> {
                    $crate::domain::fields::Map::<String>::parse_text(text)
                }

                fn set_cell(&mut self, column: &str, text: &str) -> Result<(), String> {
                    match column {
                        $(stringify!($field) => $crate::domain::fields::set_cell(&mut self.$field, text),)*
                        _ => Err(format!("`{column}` is no column of {}", INFO.name)),
                    }
                }

                fn set(&mut self, path: &[&str], text: &str) -> Result<(), Wrong> {
                    let Some((name, rest)) = path.split_first() else {
                        *self = Self::parse(text).map_err(|text| Wrong { left: 0, kind: WrongKind::Value(text) })?;
                        return Ok(());
                    };
                    match *name {
                        $(stringify!($field) => $crate::domain::fields::set_option(&mut self.$field, rest, text),)*
                        _ => Err(Wrong::no_field(path.len(), name, &INFO)),
                    }
                }

                fn remove(&mut self, path: &[&str]) -> Result<(), Wrong> {
                    let Some((name, rest)) = path.split_first() else {
                        return Err(Wrong { left: 0, kind: WrongKind::NoEntryToRemove });
                    };
                    match *name {
                        $(stringify!($field) => $crate::domain::fields::remove_option(&mut self.$field, rest),)*
                        _ => Err(Wrong::no_field(path.len(), name, &INFO)),
                    }
                }

                fn empty() -> Option<Self> {
                    Some(Self::default())
                }
            }

            impl Field for self::$name {
                type Written = $name;

                fn resolve(written: Option<$name>, path: &Path<'_>, _: &'static Spec, problems: &mut Problems) -> Option<Self> {
                    let written = written.unwrap_or_default();
                    let mut parts = path.key_parts(INFO.key, problems);
                    $(let $key: Option<$key_ty> = parts.next_part(problems);)*
                    let mut specs = FIELDS.iter();
                    $(
                        let spec = specs.next()?;
                        let $field: Option<$ty> = match written.$field {
                            $(None => Some($default),)?
                            given => <$ty as Field>::resolve(given, &path.join(spec.name), spec, problems),
                        };
                    )*
                    let _ = (&mut parts, specs);
                    Some(Self { $($key: $key?,)* $($field: $field?,)* })
                }

                fn number_mut(&mut self, path: &[&str]) -> Option<&mut f64> {
                    let (name, rest) = path.split_first()?;
                    let _ = rest;
                    match *name {
                        $(stringify!($field) => self.$field.number_mut(rest),)*
                        _ => None,
                    }
                }

                fn matching(&self, pattern: &[&str], prefix: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> Result<(), Wrong> {
                    let Some((name, rest)) = pattern.split_first() else {
                        found.push(prefix.clone());
                        return Ok(());
                    };
                    let _ = rest;
                    prefix.push((*name).to_owned());
                    let result = match *name {
                        $(stringify!($field) => self.$field.matching(rest, prefix, found),)*
                        _ => Err(Wrong::no_field(pattern.len(), name, &INFO)),
                    };
                    prefix.pop();
                    result
                }

                fn spec_at(path: &[&str]) -> Option<&'static Spec> {
                    let (name, rest) = path.split_first()?;
                    match *name {
                        $(stringify!($field) if !rest.is_empty() => <$ty as Field>::spec_at(rest),)*
                        name => FIELDS.iter().find(|spec| spec.name == name && rest.is_empty()),
                    }
                }

                fn describe(into: &mut Vec<&'static RecordInfo>) {
                    if into.iter().all(|info| (info.module, info.name) != (INFO.module, INFO.name)) {
                        into.push(&INFO);
                        $(<$ty as Field>::describe(into);)*
                    }
                }
            }
        };
    };
    (@option) => { None };
    (@option $value:expr) => { Some($value) };
}
pub(crate) use fields;

#[cfg(test)]
mod tests;
