//! The way back from a value of the scenario to the text that says it.

use super::Reader;
use crate::config::locate::{Index, Span};
use crate::config::report::{Finding, Report, Source};
use crate::config::table::{self, TableInfo};
use crate::domain::fields::{Problem, Problems};
use std::cell::OnceCell;
use std::{ops::Range, sync::Arc};

/// What a layer is made of.
#[derive(Clone)]
pub enum Shape {
    /// A configuration file.
    File,
    /// A table.
    Table(&'static TableInfo),
    /// A `--set`.
    Set(Vec<String>),
}

/// A text that says something about the scenario.
#[derive(Clone)]
pub struct Layer {
    /// The text.
    pub source: Arc<Source>,
    pub(super) shape: Shape,
    /// Where the text stands in the scenario.
    pub(super) at: Vec<String>,
    /// Where that is in the text.
    pub(super) inside: Vec<String>,
    pub(super) rank: usize,
    pub(super) index: OnceCell<Arc<Index>>,
}

impl Layer {
    pub(super) fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            let text = &self.source.text;
            Arc::new(match &self.shape {
                Shape::File => Index::of(text),
                Shape::Table(table) => table::index(table, text),
                Shape::Set(path) => {
                    let mut index = Index::default();
                    let equals = text.find('=').unwrap_or(text.len());
                    let value = (equals + 1).min(text.len())..text.len();
                    index.insert(
                        &path.iter().map(String::as_str).collect::<Vec<_>>(),
                        Span {
                            key: 0..equals,
                            value,
                        },
                    );
                    index
                }
            })
        })
    }

    /// How many names of a path the layer holds, and where.
    pub(super) fn find(&self, path: &[String]) -> Option<(usize, &Span)> {
        let rest = path.strip_prefix(self.at.as_slice())?;
        // Most layers say nothing about most paths: turn them away cheaply.
        match (&self.shape, rest.first()) {
            (Shape::Table(table), Some(first)) if !table.holds(first) => return None,
            (Shape::Set(set), Some(first)) if set.first() != Some(first) => return None,
            _ => {}
        }
        let inner = [self.inside.as_slice(), rest].concat();
        let index = self.index();
        let (length, span) = index.nearest(&inner)?;
        (length >= self.inside.len()).then(|| (self.at.len() + length - self.inside.len(), span))
    }
}

impl Reader {
    /// Where a value of the scenario comes from: the last layer that says it, or as much of its path as any says.
    #[must_use]
    pub fn origin(&self, path: &[String]) -> Option<(&Layer, usize, &Span)> {
        let mut best: Option<(&Layer, usize, &Span)> = None;
        for layer in self.layers.iter().rev() {
            if let Some((length, span)) = layer.find(path)
                && best.is_none_or(|(_, longest, _)| length > longest)
            {
                best = Some((layer, length, span));
                if length == path.len() {
                    break;
                }
            }
        }
        best
    }

    /// Turns problems of the filled scenario into findings with a place.
    pub fn locate(&mut self, problems: Problems) {
        for problem in problems.list {
            let follows = problem.code == "missing"
                && self.left_out.iter().any(|left| {
                    problem.path.starts_with(left)
                        || left[..left.len() - 1] == problem.path[..problem.path.len() - 1]
                });
            if follows {
                continue;
            }
            let place = self.origin(&problem.path).map(|(layer, length, span)| {
                let key = problem.at_key || length < problem.path.len();
                (
                    layer.source.clone(),
                    if key {
                        span.key.clone()
                    } else {
                        span.value.clone()
                    },
                    layer.rank,
                )
            });
            let rank = place.as_ref().map_or(usize::MAX, |(_, _, rank)| *rank);
            self.findings.push(finding(
                problem,
                place.map(|(source, span, _)| (source, span)),
                rank,
            ));
        }
    }

    /// Whether a file could not be read as a whole, so that what it says is missing elsewhere.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        const WHOLE: [&str; 8] = [
            "kind",
            "path",
            "cycle",
            "depth",
            "table",
            "unknown table",
            "unknown column",
            "cell",
        ];
        self.unread
            || self
                .findings
                .iter()
                .any(|finding| WHOLE.contains(&finding.code))
    }

    /// Everything that is wrong, in order.
    #[must_use]
    pub fn report(&mut self) -> Report {
        let mut report = Report {
            findings: std::mem::take(&mut self.findings),
        };
        report.sort();
        report
    }
}

pub(super) fn finding(
    problem: Problem,
    place: Option<(Arc<Source>, Range<usize>)>,
    rank: usize,
) -> Finding {
    let (source, span) = place.map_or((None, None), |(source, span)| (Some(source), Some(span)));
    Finding {
        code: problem.code,
        path: problem.path.join("."),
        text: problem.text,
        help: problem.help,
        source,
        span,
        rank,
    }
}
