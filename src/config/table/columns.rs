//! The columns of a table file against what is declared, and what to say about a cell that does not fit.

use super::TableInfo;
use super::split::Cell;
use crate::domain::fields::{did_you_mean, english_list};
use std::ops::Range;

/// Which column of a file is what.
pub(super) struct Columns {
    pub(super) key: Vec<usize>,
    pub(super) plain: Vec<usize>,
    pub(super) source: usize,
    pub(super) truth: Vec<bool>,
}

impl Columns {
    pub(super) fn of(
        table: &TableInfo,
        head: &[Cell],
        wrong: &mut impl FnMut(&'static str, String, String, Option<String>, Range<usize>),
    ) -> Option<Self> {
        let fields = table.record().fields;
        let find = |name: &str| head.iter().position(|cell| cell.text == name);
        let whole = head[0].span.start..head[head.len() - 1].span.end;
        let mut sound = true;
        for (column, cell) in head.iter().enumerate() {
            let known = table.key.iter().copied().chain(
                fields
                    .iter()
                    .filter(|field| !field.kind.starts_with("IndexMap"))
                    .map(|field| field.name),
            );
            if find(&cell.text) != Some(column) {
                wrong(
                    "duplicate",
                    table.name.to_owned(),
                    format!("two columns are called `{}`", cell.text),
                    None,
                    cell.span.clone(),
                );
                sound = false;
            } else if !known.clone().any(|name| name == cell.text) {
                let help = did_you_mean(&cell.text, known.clone()).map_or_else(
                    || format!("known: {}", english_list(&known.collect::<Vec<_>>())),
                    |near| format!("did you mean `{near}`?"),
                );
                wrong(
                    "unknown column",
                    table.name.to_owned(),
                    format!("the table has no column `{}`", cell.text),
                    Some(help),
                    cell.span.clone(),
                );
                sound = false;
            }
        }
        let required = fields.iter().filter(|field| {
            field.default.is_none()
                && !field.kind.starts_with("Option")
                && !field.kind.starts_with("IndexMap")
        });
        for name in table
            .key
            .iter()
            .copied()
            .chain(required.map(|field| field.name))
            .chain(["source", "confidence"])
        {
            if find(name).is_none() {
                wrong(
                    "missing",
                    table.name.to_owned(),
                    format!("the table needs a column `{name}`"),
                    None,
                    whole.clone(),
                );
                sound = false;
            }
        }
        let plain = (0..head.len())
            .filter(|column| !table.key.contains(&head[*column].text.as_str()))
            .collect::<Vec<_>>();
        let is_truth = |cell: &Cell| {
            fields
                .iter()
                .any(|field| field.name == cell.text && field.kind == "bool")
        };
        sound.then(|| Self {
            key: table.key.iter().filter_map(|name| find(name)).collect(),
            plain,
            source: find("source").unwrap_or(0),
            truth: head.iter().map(is_truth).collect(),
        })
    }

    /// The text of a cell; truths may be written as 0 and 1.
    pub(super) fn cell<'a>(&self, column: usize, text: &'a str) -> &'a str {
        match text {
            "0" if self.truth[column] => "false",
            "1" if self.truth[column] => "true",
            text => text,
        }
    }
}

pub(super) fn cell_message(
    table: &TableInfo,
    column: &str,
    text: &str,
    error: &str,
) -> (String, Option<String>) {
    let Some(field) = table
        .record()
        .fields
        .iter()
        .find(|field| field.name == column)
    else {
        return (error.to_owned(), None);
    };
    let kind = field
        .kind
        .trim_start_matches("Option<")
        .trim_end_matches('>');
    let unit = if field.unit.is_empty() {
        String::new()
    } else {
        format!(" ({})", field.unit)
    };
    match kind {
        "f64" => (format!("`{text}` is no number{unit}"), None),
        "u32" | "i32" => (format!("`{text}` is no whole number{unit}"), None),
        "bool" => (format!("`{text}` is neither true nor false"), None),
        "Quarter" => (
            format!("`{text}` is no quarter; write the year, Q and 1 to 4, such as 2024Q1"),
            None,
        ),
        _ => {
            let words = error
                .split("expected ")
                .nth(1)
                .unwrap_or("")
                .trim_start_matches("one of ");
            let known = words.split('`').skip(1).step_by(2).collect::<Vec<_>>();
            let help = did_you_mean(text, known.iter().copied()).map_or_else(
                || format!("known: {}", english_list(&known)),
                |near| format!("did you mean `{near}`?"),
            );
            (
                format!("`{text}` is no word for {column}"),
                (!known.is_empty()).then_some(help),
            )
        }
    }
}
