//! Files laid over one another: parents first, each once, then the file itself; and the way back from a value to its file.

use super::locate::{Index, Span};
use super::read::{self, Kind};
use super::report::{Finding, Report, Source};
use super::scenario::Scenario;
use super::strategy::{AssignedWritten, Paths, Strategy};
use super::table::{self, TableInfo};
use crate::domain::fields::{Map, Problem, Problems, Written, WrittenOf, did_you_mean};
use serde::de::DeserializeOwned;
use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::{ops::Range, sync::Arc};

/// Files that may extend one another in a row.
const DEEPEST: usize = 32;

/// Largest file that is read.
const LARGEST: u64 = 200_000_000;

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
    shape: Shape,
    /// Where the text stands in the scenario.
    at: Vec<String>,
    /// Where that is in the text.
    inside: Vec<String>,
    rank: usize,
    index: OnceCell<Arc<Index>>,
}

impl Layer {
    fn index(&self) -> &Index {
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
    fn find(&self, path: &[String]) -> Option<(usize, &Span)> {
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

/// A reference from one file to another.
#[derive(Clone)]
struct Reference {
    source: Arc<Source>,
    span: Range<usize>,
    rank: usize,
}

impl Reader {
    /// A reader of the files around one file.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn new(path: &Path) -> Result<(Self, Arc<Source>), Report> {
        let full = path.canonicalize().map_err(|error| {
            Report::single("file", format!("{}: {}", path.display(), plain(&error)))
        })?;
        let folder = full.parent().unwrap_or(&full).to_path_buf();
        let root = folder
            .ancestors()
            .find(|folder| folder.file_name().is_some_and(|name| name == "configs"));
        let root = root.map_or(folder.clone(), Path::to_path_buf);
        let mut reader = Self {
            root,
            layers: Vec::new(),
            findings: Vec::new(),
            left_out: Vec::new(),
            unread: false,
            inputs: Vec::new(),
        };
        let source = reader
            .open(&full)
            .map_err(|text| Report::single("file", format!("{}: {text}", path.display())))?;
        Ok((reader, source))
    }

    /// Reads a text, with its name for messages.
    fn open(&mut self, full: &Path) -> Result<Arc<Source>, String> {
        if let Some(source) = self.inputs.iter().find(|source| source.path == full) {
            return Ok(source.clone());
        }
        let data = std::fs::metadata(full).map_err(|error| plain(&error))?;
        if !data.is_file() {
            return Err("is no file".to_owned());
        }
        if data.len() > LARGEST {
            return Err(format!("is larger than {} MB", LARGEST / 1_000_000));
        }
        let bytes = std::fs::read(full).map_err(|error| plain(&error))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let line = error.as_bytes()[..error.utf8_error().valid_up_to()]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count()
                + 1;
            format!("is no UTF-8 text (line {line})")
        })?;
        let text = text
            .strip_prefix('\u{feff}')
            .map_or_else(|| text.clone(), str::to_owned);
        let here = std::env::current_dir()
            .and_then(|here| here.canonicalize())
            .ok();
        let near = here.as_ref().and_then(|here| full.strip_prefix(here).ok());
        let name = near
            .or_else(|| full.strip_prefix(self.root.parent()?).ok())
            .unwrap_or(full)
            .display()
            .to_string();
        let source = Arc::new(Source {
            name,
            path: full.to_path_buf(),
            text,
        });
        self.inputs.push(source.clone());
        Ok(source)
    }

    fn rank(&self, source: &Arc<Source>) -> usize {
        self.inputs
            .iter()
            .position(|input| Arc::ptr_eq(input, source))
            .unwrap_or(usize::MAX)
    }

    fn wrong(&mut self, code: &'static str, text: String, help: Option<String>, at: &Reference) {
        self.findings.push(Finding {
            code,
            path: String::new(),
            text,
            help,
            source: Some(at.source.clone()),
            span: Some(at.span.clone()),
            rank: at.rank,
        });
    }

    /// The file that a path in a file means, if it may be read.
    fn follow(&mut self, written: &str, at: &Reference) -> Option<Arc<Source>> {
        let refuse = |reader: &mut Self, text: String, help: Option<String>| {
            reader.wrong("path", text, help, at);
            None
        };
        if written.is_empty()
            || Path::new(written).is_absolute()
            || written.starts_with(['/', '\\'])
            || written.contains(':')
        {
            return refuse(
                self,
                format!("\"{written}\" is no relative path"),
                Some("write paths relative to this file".to_owned()),
            );
        }
        let folder = at.source.path.parent().unwrap_or(&self.root).to_path_buf();
        let joined = lexical(&folder.join(written));
        let outside = format!(
            "\"{written}\" leaves the configuration folder {}",
            self.root
                .file_name()
                .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
        );
        if !joined.starts_with(&self.root) {
            return refuse(
                self,
                outside,
                Some("keep all files of a scenario below it".to_owned()),
            );
        }
        let full = match joined.canonicalize() {
            Ok(full) => full,
            Err(error) => {
                let name = joined
                    .file_name()
                    .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
                let mut names = joined
                    .parent()
                    .and_then(|folder| std::fs::read_dir(folder).ok())
                    .map_or_else(Vec::new, |entries| {
                        entries
                            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
                            .collect::<Vec<_>>()
                    });
                names.sort();
                let near = did_you_mean(&name, names.iter().map(String::as_str));
                return refuse(
                    self,
                    format!("\"{written}\": {}", plain(&error)),
                    near.map(|near| format!("did you mean `{near}`?")),
                );
            }
        };
        if !full.starts_with(&self.root) {
            return refuse(
                self,
                outside,
                Some("keep all files of a scenario below it".to_owned()),
            );
        }
        match self.open(&full) {
            Ok(source) => Some(source),
            Err(text) => refuse(self, format!("\"{written}\" {text}"), None),
        }
    }

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

    /// The file that a field of a file names.
    pub fn follow_field(
        &mut self,
        written: &str,
        source: &Arc<Source>,
        field: &[&str],
    ) -> Option<Arc<Source>> {
        let span = Index::of(&source.text)
            .get(field)
            .map_or(0..0, |span| span.value.clone());
        let reference = Reference {
            source: source.clone(),
            span,
            rank: self.rank(source),
        };
        self.follow(written, &reference)
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
            let span = || {
                index
                    .get_or_init(|| Index::of(&source.text))
                    .get(&place)
                    .map_or(0..0, |span| span.value.clone())
            };
            let rank = self.rank(source);
            match assigned {
                AssignedWritten::File(file) => {
                    let reference = Reference {
                        source: source.clone(),
                        span: span(),
                        rank,
                    };
                    let content = self
                        .follow(file, &reference)
                        .map(|file| self.stack(&file, &["strategies".to_owned(), state.clone()]));
                    *assigned = AssignedWritten::Read(Box::new(content.unwrap_or_default()));
                }
                AssignedWritten::Inline(strategy)
                    if strategy.extends.is_some() || strategy.remove.is_some() =>
                {
                    let reference = Reference {
                        source: source.clone(),
                        span: span(),
                        rank,
                    };
                    self.wrong(
                        "value",
                        "only a strategy file can extend or remove".to_owned(),
                        None,
                        &reference,
                    );
                }
                _ => {}
            }
        }
    }

    /// Adds a layer that is part of a file.
    pub fn add_part(&mut self, source: &Arc<Source>, inside: Vec<String>) {
        let rank = self.rank(source);
        self.layers.push(Layer {
            source: source.clone(),
            shape: Shape::File,
            at: Vec::new(),
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

fn finding(problem: Problem, place: Option<(Arc<Source>, Range<usize>)>, rank: usize) -> Finding {
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

/// A path without `.` and `..`, by its text alone.
fn lexical(path: &Path) -> PathBuf {
    let mut result = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                result.pop();
            }
            std::path::Component::CurDir => {}
            part => result.push(part),
        }
    }
    result
}

/// An error of the operating system, the same on every machine.
fn plain(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "may not be read".to_owned(),
        std::io::ErrorKind::NotADirectory => "no such folder".to_owned(),
        _ => error.to_string(),
    }
}
