//! Points of a design from a CSV file: a column for each path, a row for each point.

use super::vary;
use crate::config::{
    layer::Reader, report::Finding, report::Source, scenario::Scenario, table::split_rows,
    uncertainty::Distribution,
};
use crate::domain::fields::Problem;
use indexmap::IndexMap;
use std::{ops::Range, sync::Arc};

/// Where the values of a table of points stand.
pub struct Places {
    source: Arc<Source>,
    rank: usize,
    columns: IndexMap<String, (Range<usize>, Vec<Range<usize>>)>,
}

/// Reads a file of points; what is wrong with its form goes to the reader.
pub fn read(reader: &mut Reader, source: &Arc<Source>) -> (IndexMap<String, Vec<f64>>, Places) {
    let rank = reader.rank(source);
    let mut wrong = |text: String, help: Option<&str>, span: Range<usize>| {
        reader.findings.push(Finding {
            code: "points",
            path: String::new(),
            text,
            help: help.map(str::to_owned),
            source: Some(source.clone()),
            span: Some(span),
            rank,
        });
    };
    let mut table: IndexMap<String, Vec<f64>> = IndexMap::new();
    let mut columns = IndexMap::new();
    let rows = split_rows(&source.text);
    let (head, rows) = rows
        .split_first()
        .map_or((&[][..], &[][..]), |(head, rows)| (head.as_slice(), rows));
    if rows.is_empty() {
        let text = "the file has no points".to_owned();
        wrong(
            text,
            Some("a header of paths, then a row for each point"),
            0..source.text.len(),
        );
    }
    for cell in head {
        let span = cell.span.clone();
        if cell.text.is_empty() {
            wrong("a column without a name".to_owned(), None, span);
        } else if columns
            .insert(cell.text.clone(), (span.clone(), Vec::new()))
            .is_some()
        {
            wrong(
                format!("two columns are called \"{}\"", cell.text),
                None,
                span,
            );
        }
        table.insert(cell.text.clone(), Vec::new());
    }
    for row in rows {
        if row.len() != head.len() {
            let text = format!("the row has {} cells, the header {}", row.len(), head.len());
            wrong(text, None, row[0].span.start..row[row.len() - 1].span.end);
            continue;
        }
        for (cell, name) in row.iter().zip(head) {
            let value = cell
                .text
                .parse::<f64>()
                .ok()
                .filter(|value| value.is_finite());
            if value.is_none() {
                let text = format!("{}: `{}` is no number", name.text, cell.text);
                wrong(text, None, cell.span.clone());
            }
            if let (Some(values), Some((_, spans))) =
                (table.get_mut(&name.text), columns.get_mut(&name.text))
            {
                values.push(value.map_or(0.0, |value| value + 0.0));
                spans.push(cell.span.clone());
            }
        }
    }
    let places = Places {
        source: source.clone(),
        rank,
        columns,
    };
    (table, places)
}

/// Checks points against the scenarios; problems stand in the CSV file if there is one, else in the experiment.
pub fn check(
    reader: &mut Reader,
    table: &IndexMap<String, Vec<f64>>,
    places: Option<&Places>,
    vary: &IndexMap<String, Distribution>,
    scenarios: &[&Scenario],
) {
    let factors = vary::factors(vary, scenarios.iter().copied());
    let mut problems = crate::domain::fields::Problems::default();
    let mut findings = Vec::new();
    let mut wrong = |path: &str, position: Option<usize>, mut problem: Problem| match places {
        Some(places) => {
            let column = places.columns.get(path);
            let span = column.map(|(head, cells)| {
                let cell = position.and_then(|position| cells.get(position));
                cell.unwrap_or(head).clone()
            });
            findings.push(Finding {
                code: problem.code,
                path: path.to_owned(),
                text: problem.text,
                help: problem.help,
                source: Some(places.source.clone()),
                span: Some(span.unwrap_or(0..0)),
                rank: places.rank,
            });
        }
        None => {
            let mut at = vec!["design".to_owned()];
            if !path.is_empty() {
                at.extend(["0".to_owned(), path.to_owned()]);
                at.extend(position.map(|position| position.to_string()));
            }
            problem.path = at;
            problems.push(problem);
        }
    };
    vary::check_points(table, vary, &factors, scenarios, &mut wrong);
    reader.findings.extend(findings);
    reader.locate(problems);
}
