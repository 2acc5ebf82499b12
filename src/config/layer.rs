//! Files laid over one another: parents first, each once, then the file itself; and the way back from a value to its file.

mod files;
mod origin;

use super::locate::Index;
use super::read::{self, Kind};
use super::report::{Finding, Source};
use super::scenario::Scenario;
use super::strategy::{AssignedWritten, Paths, Strategy};
use super::table;
use crate::domain::fields::{Map, Written, WrittenOf, did_you_mean};
use files::Reference;
pub use origin::Layer;
use origin::{Shape, finding};
use serde::de::DeserializeOwned;
use std::cell::OnceCell;
use std::path::PathBuf;
use std::{ops::Range, sync::Arc};

/// Files that may extend one another in a row.
const DEEPEST: usize = 32;

/// Reads files, remembers them, and collects what is wrong.
pub struct Reader {
    root: PathBuf,
    /// Layers in the order in which they were laid.
    pub layers: Vec<Layer>,
    /// What is wrong so far.
    pub findings: Vec<Finding>,
    /// Entries that could not be read, as paths of the scenario.
    pub left_out: Vec<Vec<String>>,
    /// Whether a file could not be read to its end.
    unread: bool,
    /// Files that were read, in order.
    pub inputs: Vec<Arc<Source>>,
}

/// A kind of file that can extend others.
pub trait Layered: Written + DeserializeOwned + Default {
    /// The kind.
    const KIND: Kind;
    /// The parents.
    fn parents(&self) -> Option<&Paths>;
    /// What is taken away from them.
    fn taken_away(&self) -> &[String];
    /// Reads the files to which the content refers, and lays tables into `below`.
    fn read_parts(
        &mut self,
        reader: &mut Reader,
        source: &Arc<Source>,
        at: &[String],
        below: &mut Self,
    );
}

impl Layered for WrittenOf<Strategy> {
    const KIND: Kind = Kind::Strategy;
    fn parents(&self) -> Option<&Paths> {
        self.extends.as_ref()
    }
    fn taken_away(&self) -> &[String] {
        self.remove.as_deref().unwrap_or_default()
    }
    fn read_parts(&mut self, _: &mut Reader, _: &Arc<Source>, _: &[String], _: &mut Self) {}
}

impl Layered for WrittenOf<Scenario> {
    const KIND: Kind = Kind::Scenario;
    fn parents(&self) -> Option<&Paths> {
        self.extends.as_ref()
    }
    fn taken_away(&self) -> &[String] {
        self.remove.as_deref().unwrap_or_default()
    }
    fn read_parts(
        &mut self,
        reader: &mut Reader,
        source: &Arc<Source>,
        at: &[String],
        below: &mut Self,
    ) {
        reader.tables(self.tables.as_ref(), source, below);
        reader.strategies(self, source, at);
    }
}

impl Reader {
    /// Reads one kind of file with its parents, at a place of the scenario.
    pub fn stack<W: Layered>(&mut self, source: &Arc<Source>, at: &[String]) -> W {
        let mut whole = W::default();
        self.visit(source, at, &mut Vec::new(), &mut Vec::new(), &mut whole);
        whole
    }

    fn visit<W: Layered>(
        &mut self,
        source: &Arc<Source>,
        at: &[String],
        chain: &mut Vec<Arc<Source>>,
        done: &mut Vec<PathBuf>,
        below: &mut W,
    ) {
        let rank = self.rank(source);
        match Kind::of(source, rank) {
            Ok(kind) if kind == W::KIND => {}
            Ok(kind) => {
                let start = Index::start_of_value(&source.text);
                let at = Reference {
                    source: source.clone(),
                    span: start..start + kind.word().len(),
                    rank,
                };
                self.wrong(
                    "kind",
                    format!("expected a {}, found a {}", W::KIND.word(), kind.word()),
                    None,
                    &at,
                );
                return;
            }
            Err(finding) => {
                self.findings.push(*finding);
                return;
            }
        }
        let content = read::content::<W>(source, rank);
        self.findings.extend(content.findings);
        self.left_out.extend(
            content
                .left_out
                .into_iter()
                .map(|path| [at, path.as_slice()].concat()),
        );
        let Some(mut written) = content.written else {
            self.unread = true;
            return;
        };
        let layer = Layer {
            source: source.clone(),
            shape: Shape::File,
            at: at.to_vec(),
            inside: Vec::new(),
            rank,
            index: OnceCell::new(),
        };
        chain.push(source.clone());
        let parents = written
            .parents()
            .map_or_else(Vec::new, |paths| paths.0.clone());
        for (position, parent) in parents.iter().enumerate() {
            let place = [vec!["extends".to_owned()], vec![position.to_string()]].concat();
            let span = layer
                .index()
                .nearest(&place)
                .map_or(0..0, |(_, span)| span.value.clone());
            let reference = Reference {
                source: source.clone(),
                span,
                rank,
            };
            let Some(file) = self.follow(parent, &reference) else {
                continue;
            };
            if let Some(first) = chain.iter().position(|link| link.path == file.path) {
                let names = chain[first..]
                    .iter()
                    .chain([&file])
                    .map(|link| link.name.as_str())
                    .collect::<Vec<_>>();
                self.wrong(
                    "cycle",
                    format!(
                        "the files extend one another in a circle: {}",
                        names.join(" -> ")
                    ),
                    None,
                    &reference,
                );
            } else if chain.len() >= DEEPEST {
                self.wrong(
                    "depth",
                    format!("more than {DEEPEST} files extend one another"),
                    None,
                    &reference,
                );
            } else if !done.contains(&file.path) {
                self.visit(&file, at, chain, done, below);
            }
        }
        chain.pop();
        done.push(source.path.clone());
        self.take_away(&written, &layer, below);
        written.read_parts(self, source, at, below);
        self.layers.push(layer);
        below.merge(written);
    }

    fn take_away<W: Layered>(&mut self, written: &W, layer: &Layer, below: &mut W) {
        for (position, path) in written.taken_away().iter().enumerate() {
            let names = path.split('.').collect::<Vec<_>>();
            if let Err(wrong) = below.remove(&names) {
                let place = [
                    layer.inside.as_slice(),
                    &["remove".to_owned(), position.to_string()],
                ]
                .concat();
                let span = layer
                    .index()
                    .get(&place)
                    .map_or(0..0, |span| span.value.clone());
                self.findings.push(finding(
                    wrong.problem(&names, "remove"),
                    Some((layer.source.clone(), span)),
                    layer.rank,
                ));
            }
        }
    }

    /// Takes away what a part of a file says.
    pub fn take_away_part<W: Layered>(
        &mut self,
        written: &W,
        source: &Arc<Source>,
        inside: &[String],
        below: &mut W,
    ) {
        let layer = Layer {
            source: source.clone(),
            shape: Shape::File,
            at: Vec::new(),
            inside: inside.to_vec(),
            rank: self.rank(source),
            index: OnceCell::new(),
        };
        self.take_away(written, &layer, below);
    }

    fn tables(
        &mut self,
        files: Option<&Map<String>>,
        source: &Arc<Source>,
        below: &mut WrittenOf<Scenario>,
    ) {
        let Some(files) = files else { return };
        let rank = self.rank(source);
        let index = Index::of(&source.text);
        let reference = |name: &str| Reference {
            source: source.clone(),
            span: index
                .get(&["tables", name])
                .map_or(0..0, |span| span.value.clone()),
            rank,
        };
        for (name, _) in files
            .0
            .iter()
            .filter(|(name, _)| table::all().all(|table| table.name != **name))
        {
            let known = table::all().map(|table| table.name);
            let help = did_you_mean(name, known).map(|near| format!("did you mean `{near}`?"));
            self.wrong(
                "unknown table",
                format!("no table is called \"{name}\""),
                help,
                &reference(name),
            );
        }
        for table in table::all() {
            let Some(file) = files.0.get(table.name) else {
                continue;
            };
            let Some(source) = self.follow(file, &reference(table.name)) else {
                continue;
            };
            let rank = self.rank(&source);
            table::read(table, &source, rank, below, &mut self.findings);
            self.layers.push(Layer {
                source,
                shape: Shape::Table(table),
                at: Vec::new(),
                inside: Vec::new(),
                rank,
                index: OnceCell::new(),
            });
        }
    }

    /// Reads the strategy files that a scenario (or an arm) names.
    pub fn strategies(
        &mut self,
        written: &mut WrittenOf<Scenario>,
        source: &Arc<Source>,
        inside: &[String],
    ) {
        let Some(strategies) = &mut written.strategies else {
            return;
        };
        let index = OnceCell::new();
        for (state, assigned) in &mut strategies.0 {
            let place = [inside, &["strategies".to_owned(), state.clone()]].concat();
            let index = || index.get_or_init(|| Index::of(&source.text));
            self.assigned_at(assigned, state, source, || {
                index().get(&place).map_or(0..0, |span| span.value.clone())
            });
        }
    }

    /// Reads the file that a strategy names, which stands at a place of a file.
    pub fn assigned(
        &mut self,
        assigned: &mut AssignedWritten,
        state: &str,
        source: &Arc<Source>,
        place: &[String],
    ) {
        self.assigned_at(assigned, state, source, || {
            Index::of(&source.text)
                .get(place)
                .map_or(0..0, |span| span.value.clone())
        });
    }

    fn assigned_at(
        &mut self,
        assigned: &mut AssignedWritten,
        state: &str,
        source: &Arc<Source>,
        span: impl Fn() -> Range<usize>,
    ) {
        let reference = |reader: &Self| Reference {
            source: source.clone(),
            span: span(),
            rank: reader.rank(source),
        };
        match assigned {
            AssignedWritten::File(file) => {
                let content = self
                    .follow(file, &reference(self))
                    .map(|file| self.stack(&file, &["strategies".to_owned(), state.to_owned()]));
                *assigned = AssignedWritten::Read(Box::new(content.unwrap_or_default()));
            }
            AssignedWritten::Inline(strategy)
                if strategy.extends.is_some() || strategy.remove.is_some() =>
            {
                self.wrong(
                    "value",
                    "only a strategy file can extend or remove".to_owned(),
                    None,
                    &reference(self),
                );
            }
            _ => {}
        }
    }

    /// Adds a layer that is part of a file.
    pub fn add_part(&mut self, source: &Arc<Source>, inside: Vec<String>) {
        self.add_part_at(source, inside, Vec::new());
    }

    /// Adds a layer that is part of a file and stands at a place of the scenario.
    pub fn add_part_at(&mut self, source: &Arc<Source>, inside: Vec<String>, at: Vec<String>) {
        let rank = self.rank(source);
        self.layers.push(Layer {
            source: source.clone(),
            shape: Shape::File,
            at,
            inside,
            rank,
            index: OnceCell::new(),
        });
    }

    /// Lays `--set` values over what is there.
    pub fn set<W: Written>(&mut self, sets: &[super::Set], into: &mut W) {
        for (position, set) in sets.iter().enumerate() {
            let names = set.path.split('.').collect::<Vec<_>>();
            let source = Arc::new(Source {
                name: format!("--set #{}", position + 1),
                path: PathBuf::new(),
                text: format!("{}={}", set.path, set.value),
            });
            let path = names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>();
            let layer = Layer {
                source,
                shape: Shape::Set(path),
                at: Vec::new(),
                inside: Vec::new(),
                rank: usize::MAX,
                index: OnceCell::new(),
            };
            match into.set(&names, &set.value) {
                Ok(()) => self.layers.push(layer),
                Err(wrong) => {
                    let equals = set.path.len();
                    let value = matches!(wrong.kind, crate::domain::fields::WrongKind::Value(_));
                    let span = if value {
                        equals + 1..layer.source.text.len()
                    } else {
                        0..equals
                    };
                    self.findings.push(finding(
                        wrong.problem(&names, "set"),
                        Some((layer.source, span)),
                        usize::MAX,
                    ));
                }
            }
        }
    }
}
