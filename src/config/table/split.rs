//! The text of a table as rows of cells, each with its place.

use std::ops::Range;

/// A cell: where it stands and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::config) struct Cell {
    pub(in crate::config) span: Range<usize>,
    pub(in crate::config) text: String,
}

/// Splits a text into rows of cells. Lines that begin with `#` and empty lines are left out; quoted cells may hold commas and lines.
pub(in crate::config) fn split_rows(text: &str) -> Vec<Vec<Cell>> {
    let mut rows = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let line_end = text[at..].find('\n').map_or(text.len(), |n| at + n);
        let line = text[at..line_end].trim();
        if line.is_empty() || line.starts_with('#') {
            at = line_end + 1;
            continue;
        }
        let mut row = Vec::new();
        loop {
            let (cell, next, last) = split_cell(text, at);
            row.push(cell);
            at = next;
            if last {
                break;
            }
        }
        rows.push(row);
    }
    rows
}

/// The cell at a position, where the next begins, and whether the row ends here.
fn split_cell(text: &str, start: usize) -> (Cell, usize, bool) {
    let bytes = text.as_bytes();
    let mut at = start;
    let mut content = String::new();
    if bytes.get(at) == Some(&b'"') {
        at += 1;
        let mut from = at;
        loop {
            match text[at..].find('"') {
                None => {
                    content.push_str(&text[from..]);
                    at = text.len();
                    break;
                }
                Some(offset) => {
                    at += offset;
                    content.push_str(&text[from..at]);
                    at += 1;
                    if bytes.get(at) != Some(&b'"') {
                        break;
                    }
                    content.push('"');
                    at += 1;
                    from = at;
                }
            }
        }
    }
    let end = text[at..].find([',', '\n']).map_or(text.len(), |n| at + n);
    content.push_str(&text[at..end]);
    let last = bytes.get(end) != Some(&b',');
    let trimmed = content.trim().to_owned();
    (
        Cell {
            span: start..end,
            text: trimmed,
        },
        end + 1,
        last,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_split_with_quotes_and_comments() {
        let text = "# c\na,b\n1,\"x, \"\"y\"\"\nz\"\n\n2,\r\n\"open";
        let cells = |row: &Vec<Cell>| row.iter().map(|cell| cell.text.clone()).collect::<Vec<_>>();
        let rows = split_rows(text).iter().map(cells).collect::<Vec<_>>();
        assert_eq!(
            rows,
            [
                vec!["a", "b"],
                vec!["1", "x, \"y\"\nz"],
                vec!["2", ""],
                vec!["open"]
            ]
        );
    }
}
