//! One file: its text, its kind, and its content as written, with every mistake of shape in it.

use super::locate::{Index, floor_boundary, plain_name, position};
use super::report::{Finding, Source};
use crate::domain::fields::{did_you_mean, english_list};
use ron::error::{Error as RonError, SpannedError};
use serde::de::DeserializeOwned;
use std::{ops::Range, sync::Arc};

/// What a file holds; its first word says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A world with its policies.
    Scenario,
    /// What one state does.
    Strategy,
    /// Arms that are compared.
    Experiment,
}

impl Kind {
    /// Its first word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Scenario => "Scenario",
            Self::Strategy => "Strategy",
            Self::Experiment => "Experiment",
        }
    }

    /// The kind of a text.
    ///
    /// # Errors
    /// If the text does not begin with the name of a kind.
    pub fn of(source: &Arc<Source>, rank: usize) -> Result<Self, Box<Finding>> {
        let start = Index::start_of_value(&source.text);
        let word: String = source.text[start..]
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        let kinds = [Self::Scenario, Self::Strategy, Self::Experiment];
        kinds
            .into_iter()
            .find(|kind| kind.word() == word)
            .ok_or_else(|| {
                let help = did_you_mean(&word, kinds.map(Self::word)).map_or_else(
                    || "begin with Scenario(, Strategy( or Experiment(".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                Box::new(Finding {
                    code: "kind",
                    path: String::new(),
                    text: if word.is_empty() {
                        "the file does not say what it is".into()
                    } else {
                        format!("no kind of file is called `{word}`")
                    },
                    help: Some(help),
                    source: Some(source.clone()),
                    span: Some(start..start + word.len().max(1)),
                    rank,
                })
            })
    }
}

/// What a file says, with what is wrong in it.
#[derive(Debug)]
pub struct Content<W> {
    /// What could be read; `None` if the brackets or commas are wrong.
    pub written: Option<W>,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// Paths of the entries that could not be read and were left out.
    pub left_out: Vec<Vec<String>>,
}

/// Mistakes after which a file is given up.
const MOST: usize = 50;

/// Reads one file. An entry that has the wrong shape is reported and left out, so that the others are checked too.
#[must_use]
pub fn content<W: DeserializeOwned>(source: &Arc<Source>, rank: usize) -> Content<W> {
    let options =
        ron::Options::default().with_default_extension(ron::extensions::Extensions::IMPLICIT_SOME);
    let mut result = Content {
        written: None,
        findings: Vec::new(),
        left_out: Vec::new(),
    };
    let mut text = source.text.clone();
    let mut index: Option<Index> = None;
    for _ in 0..MOST {
        let error = match options.from_str::<W>(&text) {
            Ok(written) => {
                result.written = Some(written);
                break;
            }
            Err(error) => error,
        };
        let index = index.get_or_insert_with(|| Index::of(&source.text));
        let start = position(&text, error.span.start.line, error.span.start.col);
        let end = position(&text, error.span.end.line, error.span.end.col);
        let entry = offender(&error, index, start, end, &result.left_out);
        let follows = matches!(
            error.code,
            RonError::MissingStructField { .. } | RonError::ExpectedDifferentLength { .. }
        ) && entry
            .as_ref()
            .is_some_and(|(path, _)| result.left_out.iter().any(|left| left.starts_with(path)));
        if !follows {
            result
                .findings
                .push(finding(source, rank, &error, &entry, start..end.max(start)));
        }
        let fraction = is_fraction(&error, source, &(start..end.max(start)));
        let Some((path, span)) = entry.filter(|_| is_shape(&error.code) || fraction) else {
            break;
        };
        let (path, span) = removable(path, span, index, &source.text);
        blank(&mut text, span);
        result.left_out.push(path);
    }
    result
}

/// The entry to which an error belongs: the innermost around it, or around the end of what was read.
fn offender(
    error: &SpannedError,
    index: &Index,
    start: usize,
    end: usize,
    left_out: &[Vec<String>],
) -> Option<(Vec<String>, Range<usize>)> {
    let last = end.saturating_sub(1).max(start);
    let position = match error.code {
        RonError::NoSuchStructField { .. } | RonError::DuplicateStructField { .. } => start,
        _ => last,
    };
    let fresh = |path: &[&str]| {
        !left_out
            .iter()
            .any(|left| left.len() <= path.len() && left.iter().zip(path).all(|(a, b)| a == b))
    };
    let (path, span) = index
        .around_where(position, fresh)
        .or_else(|| index.around_where(start, fresh))?;
    Some((
        path.into_iter().map(str::to_owned).collect(),
        span.key.start..span.value.end,
    ))
}

/// The entry, or what is around it as long as the rest could not be read without it: the parts of `Above(price, 1.5)` stand or fall together.
fn removable(
    mut path: Vec<String>,
    mut span: Range<usize>,
    index: &Index,
    text: &str,
) -> (Vec<String>, Range<usize>) {
    let mut together = false;
    while path
        .last()
        .is_some_and(|name| name.parse::<usize>().is_ok())
    {
        let Some(outer) = index.get(&path[..path.len() - 1]) else {
            break;
        };
        together |= !text[outer.value.clone()].starts_with('[');
        if !together {
            break;
        }
        span = outer.key.start..outer.value.end;
        path.pop();
    }
    (path, span)
}

/// Whether the brackets are right and only the content of an entry is wrong.
const fn is_shape(error: &RonError) -> bool {
    matches!(
        error,
        RonError::Message(_)
            | RonError::ExpectedArray
            | RonError::ExpectedBoolean
            | RonError::ExpectedFloat
            | RonError::FloatUnderscore
            | RonError::ExpectedInteger
            | RonError::ExpectedMap
            | RonError::ExpectedString
            | RonError::ExpectedOption
            | RonError::ExpectedUnit
            | RonError::ExpectedStructLike
            | RonError::ExpectedNamedStructLike(_)
            | RonError::ExpectedDifferentStructName { .. }
            | RonError::ExpectedDifferentLength { .. }
            | RonError::IntegerOutOfBounds
            | RonError::InvalidIntegerDigit { .. }
            | RonError::InvalidValueForType { .. }
            | RonError::NoSuchEnumVariant { .. }
            | RonError::NoSuchStructField { .. }
            | RonError::MissingStructField { .. }
            | RonError::DuplicateStructField { .. }
    )
}

/// Whether the reader stopped at the point of a number where it wanted a whole one.
fn is_fraction(error: &SpannedError, source: &Source, span: &Range<usize>) -> bool {
    let end = floor_boundary(&source.text, span.end);
    error.code == RonError::ExpectedComma
        && [span.start, end, end.saturating_sub(1)].iter().any(|at| {
            source.text.as_bytes().get(*at) == Some(&b'.')
                && at
                    .checked_sub(1)
                    .and_then(|before| source.text.as_bytes().get(before))
                    .is_some_and(u8::is_ascii_digit)
        })
}

/// Replaces an entry by white space of the same length, with the comma behind it.
fn blank(text: &mut String, span: Range<usize>) {
    let (start, end) = (
        floor_boundary(text, span.start),
        floor_boundary(text, span.end),
    );
    let mut end = end.max(start);
    let rest = &text[end..];
    let gap = rest.len() - rest.trim_start().len();
    if rest[gap..].starts_with(',') {
        end += gap + 1;
    }
    let white: String = text[start..end]
        .chars()
        .flat_map(|c| {
            if c == '\n' {
                vec!['\n']
            } else {
                vec![' '; c.len_utf8()]
            }
        })
        .collect();
    text.replace_range(start..end, &white);
}

fn finding(
    source: &Arc<Source>,
    rank: usize,
    error: &SpannedError,
    entry: &Option<(Vec<String>, Range<usize>)>,
    span: Range<usize>,
) -> Finding {
    let path = entry
        .as_ref()
        .filter(|_| is_shape(&error.code) || is_fraction(error, source, &span))
        .map_or_else(String::new, |(path, _)| {
            let names = path.iter().map(|name| plain_name(name));
            names.collect::<Vec<_>>().join(".")
        });
    let suggest = |found: &str, known: &[&'static str]| {
        did_you_mean(found, known.iter().copied()).map_or_else(
            || format!("known: {}", english_list(known)),
            |near| format!("did you mean `{near}`?"),
        )
    };
    let of = |outer: &Option<String>| {
        outer
            .as_ref()
            .map_or_else(String::new, |outer| format!(" of {outer}"))
    };
    let short = || {
        entry
            .as_ref()
            .map(|(_, span)| value_text(&source.text[span.clone()]))
            .unwrap_or_default()
    };
    let (code, text, help) = match &error.code {
        RonError::NoSuchStructField {
            expected,
            found,
            outer,
        } => (
            "unknown field",
            format!("`{found}` is no field{}", of(outer)),
            Some(suggest(found, expected)),
        ),
        RonError::NoSuchEnumVariant {
            expected,
            found,
            outer,
        } => (
            "unknown word",
            format!(
                "`{found}` is no word{}",
                outer
                    .as_ref()
                    .map_or_else(String::new, |outer| format!(" for {outer}"))
            ),
            Some(suggest(found, expected)),
        ),
        RonError::DuplicateStructField { field, .. } => (
            "duplicate",
            format!("`{field}` occurs twice"),
            Some("keep one of them".into()),
        ),
        RonError::MissingStructField { field, outer } => (
            "missing",
            format!(
                "`{field}` is missing{}",
                outer
                    .as_ref()
                    .map_or_else(String::new, |outer| format!(" in {outer}"))
            ),
            None,
        ),
        RonError::Message(text) if text.ends_with("occurs twice") => {
            ("duplicate", text.clone(), Some("keep one of them".into()))
        }
        RonError::ExpectedFloat | RonError::FloatUnderscore => (
            "type",
            format!("expected a number, found {}", short()),
            None,
        ),
        RonError::ExpectedInteger
        | RonError::InvalidIntegerDigit { .. }
        | RonError::IntegerOutOfBounds => (
            "type",
            format!("expected a whole number, found {}", short()),
            None,
        ),
        RonError::ExpectedString => (
            "type",
            format!("expected a text in quotes, found {}", short()),
            None,
        ),
        RonError::ExpectedBoolean => (
            "type",
            format!("expected true or false, found {}", short()),
            None,
        ),
        RonError::ExpectedMap => (
            "type",
            format!("expected a map `{{\"name\": ..}}`, found {}", short()),
            None,
        ),
        RonError::ExpectedArray => (
            "type",
            format!("expected a list `[..]`, found {}", short()),
            None,
        ),
        RonError::ExpectedStructLike | RonError::ExpectedNamedStructLike(_) => (
            "type",
            format!(
                "expected fields in brackets `(name: ..)`, found {}",
                short()
            ),
            None,
        ),
        RonError::ExpectedComma if is_fraction(error, source, &span) => (
            "type",
            format!("expected a whole number, found {}", short()),
            None,
        ),
        RonError::Eof => (
            "syntax",
            "the text ends too early; a bracket or a quote is not closed".to_owned(),
            None,
        ),
        RonError::TrailingCharacters => (
            "syntax",
            "there is more text behind the last bracket".to_owned(),
            None,
        ),
        other if is_shape(other) => ("value", lower_first(&other.to_string()), None),
        other => ("syntax", lower_first(&other.to_string()), None),
    };
    Finding {
        code,
        path,
        text,
        help,
        source: Some(source.clone()),
        span: Some(tight(source, entry, span, code)),
        rank,
    }
}

/// The part of the entry to point at.
fn tight(
    source: &Source,
    entry: &Option<(Vec<String>, Range<usize>)>,
    span: Range<usize>,
    code: &str,
) -> Range<usize> {
    match (code, entry) {
        ("unknown field" | "duplicate", Some((path, entry))) => {
            let length = path.last().map_or(1, |name| plain_name(name).len());
            let quoted = source.text[entry.start..].starts_with('"');
            entry.start..(entry.start + length + if quoted { 2 } else { 0 }).min(entry.end)
        }
        ("type" | "value" | "missing", Some((_, entry))) => {
            let inner = &source.text[entry.clone()];
            let offset = inner.len() - value_of(inner).len();
            entry.start + offset..entry.end
        }
        _ => span,
    }
}

/// The value in the text of an entry, without its name.
fn value_of(entry: &str) -> &str {
    let name_ends = if let Some(rest) = entry.strip_prefix('"') {
        rest.find('"').map_or(0, |at| at + 2)
    } else {
        0
    };
    let plain =
        entry[name_ends..].find(|c: char| !(c.is_alphanumeric() || c == '_' || c.is_whitespace()));
    match plain {
        Some(at) if entry[name_ends + at..].starts_with(':') => {
            entry[name_ends + at + 1..].trim_start()
        }
        _ => entry,
    }
}

fn value_text(entry: &str) -> String {
    const LONGEST: usize = 30;
    let value = value_of(entry)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    if value.chars().count() > LONGEST {
        format!("`{}...`", value.chars().take(LONGEST).collect::<String>())
    } else {
        format!("`{value}`")
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}
