//! What is wrong with a set of files, as one text: each problem once, with file, line, caret and what would be right.

use super::locate::{floor_boundary, line_column};
use std::{fmt, ops::Range, path::PathBuf, sync::Arc};

/// A file that was read, or the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Name shown in messages.
    pub name: String,
    /// Where it is; empty for the command line.
    pub path: PathBuf,
    /// Its content.
    pub text: String,
}

/// One problem with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Kind of problem.
    pub code: &'static str,
    /// Path in the configuration; empty where there is none.
    pub path: String,
    /// What is wrong.
    pub text: String,
    /// What would be right.
    pub help: Option<String>,
    /// The file, if the problem is in one.
    pub source: Option<Arc<Source>>,
    /// Where in the file.
    pub span: Option<Range<usize>>,
    /// Position of the file among those read, for the order of the report.
    pub rank: usize,
}

/// Everything that is wrong with a set of files.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Report {
    /// The problems, by file and position.
    pub findings: Vec<Finding>,
}

/// Problems shown before only their number is given.
const SHOWN: usize = 20;

/// Widest line shown; longer ones are cut around the caret.
const WIDEST: usize = 120;

impl Report {
    /// A report of one problem without a file.
    #[must_use]
    pub fn single(code: &'static str, text: impl Into<String>) -> Self {
        let finding = Finding {
            code,
            path: String::new(),
            text: text.into(),
            help: None,
            source: None,
            span: None,
            rank: 0,
        };
        Self {
            findings: vec![finding],
        }
    }

    /// Sorts by file and position and drops repetitions.
    pub fn sort(&mut self) {
        let key = |finding: &Finding| {
            (
                finding.rank,
                finding.span.as_ref().map_or(0, |span| span.start),
            )
        };
        self.findings.sort_by_key(key);
        let mut seen: Vec<(String, String)> = Vec::new();
        self.findings.retain(|finding| {
            let mark = (finding.path.clone(), finding.text.clone());
            let fresh = !seen.contains(&mark);
            if fresh && seen.len() < 1000 {
                seen.push(mark);
            }
            fresh
        });
    }
}

impl std::error::Error for Report {}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, finding) in self.findings.iter().take(SHOWN).enumerate() {
            if position > 0 {
                writeln!(f)?;
            }
            finding.fmt(f)?;
        }
        let count = self.findings.len();
        if count > SHOWN {
            writeln!(f, "\n{} more problems; {count} in all", count - SHOWN)?;
        } else if count > 1 {
            writeln!(f, "\n{count} problems")?;
        }
        Ok(())
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error[{}]: ", self.code)?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        writeln!(f, "{}", self.text)?;
        let help = self.help.as_deref().unwrap_or("");
        let (Some(source), Some(span)) = (&self.source, &self.span) else {
            if !help.is_empty() {
                writeln!(f, "  = {help}")?;
            }
            return Ok(());
        };
        let (line, column) = line_column(&source.text, span.start);
        let margin = line.to_string().len();
        writeln!(f, "{:margin$}--> {}:{line}:{column}", "", source.name)?;
        let start = floor_boundary(&source.text, span.start);
        let content = source.text.lines().nth(line - 1).unwrap_or("");
        let spanned = source.text[start..floor_boundary(&source.text, span.end.max(span.start))]
            .chars()
            .take_while(|c| *c != '\n')
            .count();
        let (shown, before) = window(content, column - 1);
        let room = shown.chars().count().saturating_sub(before).max(1);
        let carets = "^".repeat(spanned.clamp(1, room));
        let pad: String = shown
            .chars()
            .take(before)
            .map(|c| if c == '\t' { '\t' } else { ' ' })
            .collect();
        writeln!(f, "{line} | {}", shown.trim_end())?;
        writeln!(
            f,
            "{:margin$} | {pad}{carets}{}{help}",
            "",
            if help.is_empty() { "" } else { " " }
        )
    }
}

/// The part of a line around a column, and the column in it.
fn window(line: &str, column: usize) -> (String, usize) {
    if line.chars().count() <= WIDEST {
        return (line.to_owned(), column);
    }
    let from = column.saturating_sub(WIDEST / 3);
    let shown: String = line.chars().skip(from).take(WIDEST).collect();
    if from == 0 {
        (shown + "...", column)
    } else {
        (format!("...{shown}"), column - from + 3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_points_at_the_place() {
        let text = "Scenario(\n    title: \"é\", capacty: 9,\n)\n".to_owned();
        let start = text.find("capacty").unwrap();
        let source = Arc::new(Source {
            name: "child.ron".into(),
            path: PathBuf::new(),
            text,
        });
        let finding = Finding {
            code: "unknown field",
            path: "firms.mp".into(),
            text: "`capacty` is no field of PlantRow".into(),
            help: Some("did you mean `capacity`?".into()),
            source: Some(source),
            span: Some(start..start + 7),
            rank: 0,
        };
        let expected = "error[unknown field]: firms.mp: `capacty` is no field of PlantRow\n --> child.ron:2:17\n2 |     title: \"é\", capacty: 9,\n  |                 ^^^^^^^ did you mean `capacity`?\n";
        assert_eq!(finding.to_string(), expected);
    }

    #[test]
    fn spans_inside_characters_and_past_the_end_do_not_hurt() {
        let source = Arc::new(Source {
            name: "x".into(),
            path: PathBuf::new(),
            text: "é\té".into(),
        });
        for start in 0..8 {
            for end in 0..8 {
                let finding = Finding {
                    code: "x",
                    path: String::new(),
                    text: String::new(),
                    help: None,
                    source: Some(source.clone()),
                    span: Some(start..end),
                    rank: 0,
                };
                let _ = finding.to_string();
            }
        }
    }
}
