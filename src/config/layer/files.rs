//! The files of a configuration: where they may be, and what is in them.

use super::Reader;
use crate::config::locate::Index;
use crate::config::report::{Finding, Report, Source};
use crate::domain::fields::did_you_mean;
use std::path::{Path, PathBuf};
use std::{ops::Range, sync::Arc};

/// Largest file that is read.
const LARGEST: u64 = 200_000_000;

/// A reference from one file to another.
#[derive(Clone)]
pub(super) struct Reference {
    pub(super) source: Arc<Source>,
    pub(super) span: Range<usize>,
    pub(super) rank: usize,
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
    pub(super) fn open(&mut self, full: &Path) -> Result<Arc<Source>, String> {
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

    /// Where a file comes in the order of messages.
    pub fn rank(&self, source: &Arc<Source>) -> usize {
        self.inputs
            .iter()
            .position(|input| Arc::ptr_eq(input, source))
            .unwrap_or(usize::MAX)
    }

    pub(super) fn wrong(
        &mut self,
        code: &'static str,
        text: String,
        help: Option<String>,
        at: &Reference,
    ) {
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
    pub(super) fn follow(&mut self, written: &str, at: &Reference) -> Option<Arc<Source>> {
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
