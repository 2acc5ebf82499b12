//! Where a value stands in a file: paths to byte spans, found only when there is something to report or to show.

use indexmap::IndexMap;
use std::ops::Range;

/// Where one field or entry stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Its name or key.
    pub key: Range<usize>,
    /// Its value.
    pub value: Range<usize>,
}

/// All fields and entries of a file by path. Names are joined with a character that no name holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Index {
    spans: IndexMap<String, Span>,
}

/// Between the names of a path.
const JOINT: char = '\u{1f}';

/// Before the number of a field or entry that occurs twice.
const AGAIN: char = '\u{1e}';

/// A name of a path as the file writes it.
#[must_use]
pub fn plain_name(name: &str) -> &str {
    name.split(AGAIN).next().unwrap_or(name)
}

/// Deepest nesting that is indexed; a file that nests deeper is refused by the reader.
const DEEPEST: usize = 200;

impl Index {
    /// Indexes the text of a configuration file. Never fails: what cannot be made sense of is left out.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let at = Self::start_of_value(text);
        let mut scanner = Scanner {
            text,
            at,
            path: String::new(),
            index: Self::default(),
        };
        scanner.value(0);
        scanner.index
    }

    /// Where the first value of a text begins, behind comments and attributes.
    #[must_use]
    pub fn start_of_value(text: &str) -> usize {
        let mut scanner = Scanner {
            text,
            at: 0,
            path: String::new(),
            index: Self::default(),
        };
        scanner.skip();
        while scanner.text[scanner.at..].starts_with("#!") {
            let rest = &scanner.text[scanner.at..];
            scanner.at += rest.find(']').map_or(rest.len(), |n| n + 1);
            scanner.skip();
        }
        scanner.at
    }

    /// Adds a place, as the tables do.
    pub fn insert(&mut self, names: &[&str], span: Span) {
        self.spans
            .entry(names.join(&JOINT.to_string()))
            .or_insert(span);
    }

    /// Where a path stands.
    #[must_use]
    pub fn get<S: AsRef<str>>(&self, names: &[S]) -> Option<&Span> {
        let mut path = String::new();
        for (position, name) in names.iter().enumerate() {
            if position > 0 {
                path.push(JOINT);
            }
            path.push_str(name.as_ref());
        }
        self.spans.get(&path)
    }

    /// The longest beginning of a path that stands in the file, and how many names it has.
    #[must_use]
    pub fn nearest<S: AsRef<str>>(&self, names: &[S]) -> Option<(usize, &Span)> {
        (1..=names.len())
            .rev()
            .find_map(|length| Some((length, self.get(&names[..length])?)))
    }

    /// All paths with their spans, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = (Vec<&str>, &Span)> {
        self.spans
            .iter()
            .map(|(path, span)| (path.split(JOINT).collect(), span))
    }

    /// The innermost entry at a position among those whose path is accepted.
    #[must_use]
    pub fn around_where(
        &self,
        position: usize,
        accepts: impl Fn(&[&str]) -> bool,
    ) -> Option<(Vec<&str>, &Span)> {
        self.spans
            .iter()
            .filter(|(_, span)| span.key.start <= position && position < span.value.end)
            .map(|(path, span)| (path.split(JOINT).collect::<Vec<_>>(), span))
            .filter(|(path, _)| accepts(path))
            .min_by_key(|(_, span)| span.value.end - span.key.start)
    }
}

/// A reader of the shape of a text, without its meaning.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
    path: String,
    index: Index,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn bump(&mut self) {
        self.at += self.peek().map_or(0, char::len_utf8);
    }

    /// Skips white space and comments.
    fn skip(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if trimmed.starts_with("//") {
                self.at += trimmed.find('\n').unwrap_or(trimmed.len());
            } else if trimmed.starts_with("/*") {
                self.block_comment();
            } else {
                return;
            }
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0usize;
        while self.at < self.text.len() {
            let rest = &self.text[self.at..];
            if rest.starts_with("/*") {
                depth += 1;
                self.at += 2;
            } else if rest.starts_with("*/") {
                depth -= 1;
                self.at += 2;
                if depth == 0 {
                    return;
                }
            } else {
                self.bump();
            }
        }
    }

    /// Passes a text in quotes and returns it.
    fn string(&mut self) -> String {
        let start = self.at;
        if self.peek() == Some('r') {
            self.at += 1;
            let hashes = self.text[self.at..]
                .chars()
                .take_while(|c| *c == '#')
                .count();
            self.at += hashes;
            self.bump();
            let end = format!("\"{}", "#".repeat(hashes));
            let length = self.text[self.at..]
                .find(&end)
                .unwrap_or(self.text.len() - self.at);
            let inner = self.text[self.at..self.at + length].to_owned();
            self.at = (self.at + length + end.len()).min(self.text.len());
            return inner;
        }
        self.bump();
        while let Some(c) = self.peek() {
            self.bump();
            match c {
                '\\' => self.bump(),
                '"' => break,
                _ => {}
            }
        }
        let quoted = &self.text[start..self.at];
        if quoted.contains('\\') {
            ron::from_str(quoted).unwrap_or_default()
        } else {
            quoted.trim_matches('"').to_owned()
        }
    }

    fn at_string(&self) -> bool {
        let rest = &self.text[self.at..];
        rest.starts_with('"')
            || (rest.starts_with('r') && rest[1..].trim_start_matches('#').starts_with('"'))
    }

    /// Passes a word, a number or any run of characters that separates nothing.
    fn word(&mut self) {
        let start = self.at;
        while let Some(c) = self.peek() {
            if c.is_whitespace()
                || "(){}[],:\"".contains(c)
                || self.text[self.at..].starts_with("//")
            {
                break;
            }
            if c == '\'' {
                self.bump();
                if self.peek() == Some('\\') {
                    self.bump();
                }
                self.bump();
            }
            self.bump();
        }
        if self.at == start {
            self.bump();
        }
    }

    /// Passes a value, indexing what is below it.
    fn value(&mut self, depth: usize) {
        self.skip();
        let Some(first) = self.peek() else { return };
        if self.at_string() {
            self.string();
        } else if "({[".contains(first) {
            self.container(first, depth);
        } else if !")}],:".contains(first) {
            self.word();
            let end = self.at;
            self.skip();
            // A name before a bracket belongs to it.
            if self.peek() == Some('(') {
                self.container('(', depth)
            } else {
                self.at = end
            }
        }
    }

    /// Passes a bracket and all within it without looking at it.
    fn pass_brackets(&mut self) {
        let mut open = 0usize;
        while let Some(c) = self.peek() {
            if self.at_string() {
                self.string();
                continue;
            }
            self.bump();
            match c {
                '(' | '{' | '[' => open += 1,
                ')' | '}' | ']' if open <= 1 => return,
                ')' | '}' | ']' => open -= 1,
                _ => {}
            }
        }
    }

    fn container(&mut self, open: char, depth: usize) {
        if depth > DEEPEST {
            return self.pass_brackets();
        }
        self.bump();
        let mut position = 0usize;
        loop {
            self.skip();
            match self.peek() {
                None => return,
                Some(')' | '}' | ']') => {
                    self.bump();
                    return;
                }
                Some(',') => self.bump(),
                Some(_) => {
                    let before = self.at;
                    self.entry(open, position, depth);
                    position += 1;
                    if self.at == before {
                        self.bump();
                    }
                }
            }
        }
    }

    /// One element: `name: value`, `"key": value` or a bare value, which is indexed by its position.
    fn entry(&mut self, open: char, position: usize, depth: usize) {
        let start = self.at;
        let name = if self.at_string() {
            self.string()
        } else if open == '(' || open == '{' {
            self.word();
            self.text[start..self.at]
                .trim_start_matches("r#")
                .to_owned()
        } else {
            String::new()
        };
        let key = start..self.at;
        self.skip();
        let named = open != '[' && self.peek() == Some(':') && !key.is_empty();
        if named {
            self.bump();
            self.skip();
        } else {
            self.at = start;
        }
        let length = self.path.len();
        if length > 0 || depth > 0 {
            self.path.push(JOINT);
        }
        if named {
            self.path.push_str(&name)
        } else {
            self.path.push_str(&position.to_string())
        }
        let slot = self.index.spans.len();
        let value_start = self.at;
        // What occurs twice is kept apart, so that a position in it is found too.
        if self.index.spans.contains_key(&self.path) {
            self.path.push(AGAIN);
            self.path.push_str(&slot.to_string());
        }
        let span = Span {
            key: if named { key } else { start..start },
            value: value_start..value_start,
        };
        self.index.spans.insert(self.path.clone(), span);
        self.value(depth + 1);
        let end = self.at;
        if let Some((_, span)) = self.index.spans.get_index_mut(slot) {
            span.value.end = end;
            if !named {
                span.key = value_start..end;
            }
        }
        self.path.truncate(length);
    }
}

/// Line and column (from 1, in characters) of a byte position.
#[must_use]
pub fn line_column(text: &str, position: usize) -> (usize, usize) {
    let before = &text[..floor_boundary(text, position)];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}

/// The byte position of a line and column (from 1, in characters).
#[must_use]
pub fn position(text: &str, line: usize, column: usize) -> usize {
    let start = if line <= 1 {
        0
    } else {
        text.match_indices('\n')
            .nth(line - 2)
            .map_or(text.len(), |(at, _)| at + 1)
    };
    text[start..]
        .char_indices()
        .nth(column.saturating_sub(1))
        .map_or(text.len(), |(at, _)| start + at)
}

/// The last character boundary at or before a position.
#[must_use]
pub fn floor_boundary(text: &str, position: usize) -> usize {
    let mut at = position.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_fields_entries_and_list_items() {
        let text = r#"// c "x": 1
Scenario(
    title: "a, (b", /* : */ firms: {"mp": (capacity: 9_000, host: "US"), r"x": Plant(of: ["p", "q"])},
    what: MineClosure(state: "MM", share: 0.8),
)"#;
        let index = Index::of(text);
        let value = |path: &[&str]| index.get(path).map(|span| &text[span.value.clone()]);
        assert_eq!(value(&["title"]), Some("\"a, (b\""));
        assert_eq!(value(&["firms", "mp", "capacity"]), Some("9_000"));
        assert_eq!(value(&["firms", "x"]), Some("Plant(of: [\"p\", \"q\"])"));
        assert_eq!(value(&["firms", "x", "of", "1"]), Some("\"q\""));
        assert_eq!(value(&["what", "share"]), Some("0.8"));
        assert_eq!(
            &text[index.get(&["firms", "mp"]).unwrap().key.clone()],
            "\"mp\""
        );
        assert_eq!(index.nearest(&["firms", "mp", "y"]).unwrap().0, 2);
        assert_eq!(line_column(text, text.find("what").unwrap()), (4, 5));
        assert_eq!(position(text, 4, 5), text.find("what").unwrap());
    }

    #[test]
    fn survives_anything() {
        for text in [
            "",
            "(",
            "((((",
            "\"",
            "r#\"",
            "'",
            "/*",
            "{:,}",
            "(a: (b: [c",
            "é(ü: \"ö",
            "#![",
            "a:b:c",
            "(,,,)",
            "))",
        ] {
            let _ = Index::of(text);
        }
    }
}
