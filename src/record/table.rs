//! Named columns of numbers and words: what is written to disk and read back by figures, metrics and comparison.

use std::collections::BTreeMap;

/// One column. A number that is not defined is NaN in memory and empty on disk.
#[derive(Debug, Clone)]
pub enum Column {
    /// Real numbers.
    F64(Vec<f64>),
    /// Whole numbers.
    U32(Vec<u32>),
    /// Words, as positions in a list of distinct words.
    Text(Text),
}

/// A column of words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    codes: Vec<u32>,
    words: Vec<String>,
}

impl Text {
    /// Position in [`Text::words`] of each row's word.
    #[must_use]
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// The list of words; not every one need occur.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// The code of a word, if the list has it. Comparing codes is cheaper than comparing words.
    #[must_use]
    pub fn code(&self, word: &str) -> Option<u32> {
        self.words
            .iter()
            .position(|w| w == word)
            .and_then(|i| u32::try_from(i).ok())
    }

    /// The word of a row.
    #[must_use]
    pub fn get(&self, row: usize) -> &str {
        &self.words[self.codes[row] as usize]
    }

    /// The words row by row.
    pub fn iter(&self) -> impl Iterator<Item = &str> + '_ {
        self.codes
            .iter()
            .map(|&code| self.words[code as usize].as_str())
    }

    /// The code of a new word at the end of the list.
    fn add(words: &mut Vec<String>, word: &str) -> u32 {
        words.push(word.to_owned());
        u32::try_from(words.len() - 1).expect("a column has fewer than four billion words")
    }

    fn append(&mut self, other: &Self) {
        let mut known: BTreeMap<String, u32> = self.words.iter().cloned().zip(0..).collect();
        let words = &mut self.words;
        let mut code_of = |word: &String| {
            *known
                .entry(word.clone())
                .or_insert_with(|| Self::add(words, word))
        };
        let moved: Vec<u32> = other.words.iter().map(&mut code_of).collect();
        self.codes
            .extend(other.codes.iter().map(|&code| moved[code as usize]));
    }

    fn collect<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let mut known = BTreeMap::new();
        let mut text = Self::default();
        let mut last = None;
        for word in words {
            let code = match last {
                Some((same, code)) if same == word => code, // words often repeat in neighbouring rows
                _ => *known
                    .entry(word)
                    .or_insert_with(|| Self::add(&mut text.words, word)),
            };
            last = Some((word, code));
            text.codes.push(code);
        }
        text
    }
}

impl Column {
    /// A column of words from codes and the list that they point into.
    ///
    /// # Panics
    /// If a code points past the list.
    #[must_use]
    pub fn coded(codes: Vec<u32>, words: Vec<String>) -> Self {
        assert!(
            codes.iter().all(|&code| (code as usize) < words.len()),
            "a code without a word"
        );
        Self::Text(Text { codes, words })
    }

    /// A column of words.
    #[must_use]
    pub fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Text(Text::collect(words.into_iter()))
    }

    /// Rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::F64(values) => values.len(),
            Self::U32(values) => values.len(),
            Self::Text(text) => text.codes.len(),
        }
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Cell as text: words as they are, numbers in their shortest exact form, undefined numbers empty.
    #[must_use]
    pub fn cell(&self, row: usize) -> String {
        match self {
            Self::F64(values) if values[row].is_nan() => String::new(),
            Self::F64(values) => values[row].to_string(),
            Self::U32(values) => values[row].to_string(),
            Self::Text(text) => text.get(row).to_owned(),
        }
    }

    fn append(&mut self, other: &Self) -> Result<(), TableError> {
        match (self, other) {
            (Self::F64(to), Self::F64(from)) => to.extend(from),
            (Self::U32(to), Self::U32(from)) => to.extend(from),
            (Self::Text(to), Self::Text(from)) => to.append(from),
            _ => return Err(TableError::Kinds),
        }
        Ok(())
    }

    fn keep(&self, rows: &[usize]) -> Self {
        match self {
            Self::F64(values) => Self::F64(rows.iter().map(|&row| values[row]).collect()),
            Self::U32(values) => Self::U32(rows.iter().map(|&row| values[row]).collect()),
            Self::Text(text) => Self::Text(Text {
                codes: rows.iter().map(|&row| text.codes[row]).collect(),
                words: text.words.clone(),
            }),
        }
    }
}

impl PartialEq for Column {
    /// Equal bit for bit, undefined numbers all alike; words are compared as words, whatever their codes.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::F64(a), Self::F64(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .zip(b)
                        .all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan())
            }
            (Self::U32(a), Self::U32(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => {
                a.codes.len() == b.codes.len() && a.iter().eq(b.iter())
            }
            _ => false,
        }
    }
}

/// A table of named columns of equal length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    name: String,
    columns: Vec<(String, Column)>,
}

/// What is wrong with a request to a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// No such column.
    #[error("table `{table}` has no column `{column}`; it has {has}")]
    NoColumn {
        /// Table asked.
        table: String,
        /// Column asked for.
        column: String,
        /// Columns there are.
        has: String,
    },
    /// A column of another kind.
    #[error("column `{column}` of table `{table}` holds {found}, not {wanted}")]
    Kind {
        /// Table asked.
        table: String,
        /// Column asked for.
        column: String,
        /// What it holds.
        found: &'static str,
        /// What was asked for.
        wanted: &'static str,
    },
    /// Two tables that do not fit together.
    #[error("tables with different columns cannot be joined")]
    Columns,
    /// Two columns that do not fit together.
    #[error("a column of numbers cannot be joined with one of words")]
    Kinds,
}

impl Table {
    /// An empty table.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            columns: Vec::new(),
        }
    }

    /// Name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns.first().map_or(0, |(_, column)| column.len())
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Columns in order.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &Column)> {
        self.columns
            .iter()
            .map(|(name, column)| (name.as_str(), column))
    }

    /// Appends a column.
    ///
    /// # Panics
    /// If it has another length than the columns there are, or a name that is taken.
    pub fn push(&mut self, name: &str, column: Column) {
        assert!(
            self.columns.is_empty() || column.len() == self.len(),
            "column `{name}` has another length than its table"
        );
        assert!(self.get(name).is_none(), "column `{name}` is there already");
        self.columns.push((name.to_owned(), column));
    }

    /// Puts a column of one repeated number before all others: the run a table belongs to.
    pub fn key_by_run(&mut self, run: u32) {
        self.columns
            .insert(0, ("run".to_owned(), Column::U32(vec![run; self.len()])));
    }

    /// A column, if there is one of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Column> {
        self.columns
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, column)| column)
    }

    fn column(&self, name: &str) -> Result<&Column, TableError> {
        self.get(name).ok_or_else(|| TableError::NoColumn {
            table: self.name.clone(),
            column: name.to_owned(),
            has: self
                .columns
                .iter()
                .map(|(n, _)| n.as_str())
                .collect::<Vec<_>>()
                .join(", "),
        })
    }

    fn wrong_kind(&self, name: &str, found: &Column, wanted: &'static str) -> TableError {
        let found = match found {
            Column::F64(_) => "real numbers",
            Column::U32(_) => "whole numbers",
            Column::Text(_) => "words",
        };
        TableError::Kind {
            table: self.name.clone(),
            column: name.to_owned(),
            found,
            wanted,
        }
    }

    /// A column of real numbers.
    ///
    /// # Errors
    /// If there is none of this name and kind.
    pub fn f64(&self, name: &str) -> Result<&[f64], TableError> {
        match self.column(name)? {
            Column::F64(values) => Ok(values),
            other => Err(self.wrong_kind(name, other, "real numbers")),
        }
    }

    /// A column of whole numbers.
    ///
    /// # Errors
    /// If there is none of this name and kind.
    pub fn u32(&self, name: &str) -> Result<&[u32], TableError> {
        match self.column(name)? {
            Column::U32(values) => Ok(values),
            other => Err(self.wrong_kind(name, other, "whole numbers")),
        }
    }

    /// A column of words.
    ///
    /// # Errors
    /// If there is none of this name and kind.
    pub fn text(&self, name: &str) -> Result<&Text, TableError> {
        match self.column(name)? {
            Column::Text(text) => Ok(text),
            other => Err(self.wrong_kind(name, other, "words")),
        }
    }

    /// The rows for which `keep` holds, in order.
    #[must_use]
    pub fn filter(&self, keep: impl Fn(usize) -> bool) -> Self {
        let rows: Vec<usize> = (0..self.len()).filter(|&row| keep(row)).collect();
        Self {
            name: self.name.clone(),
            columns: self
                .columns
                .iter()
                .map(|(name, column)| (name.clone(), column.keep(&rows)))
                .collect(),
        }
    }

    /// Appends the rows of a table with the same columns.
    ///
    /// # Errors
    /// If names, order or kinds of the columns differ.
    pub fn append(&mut self, other: &Self) -> Result<(), TableError> {
        if self.columns.is_empty() {
            self.columns.clone_from(&other.columns);
            return Ok(());
        }
        if !self
            .columns
            .iter()
            .map(|(name, _)| name)
            .eq(other.columns.iter().map(|(name, _)| name))
        {
            return Err(TableError::Columns);
        }
        self.columns
            .iter_mut()
            .zip(&other.columns)
            .try_for_each(|((_, to), (_, from))| to.append(from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Table {
        let mut table = Table::new("sample");
        table.push("state", Column::words(["CN", "US", "CN"]));
        table.push("tonnes", Column::F64(vec![1.0, f64::NAN, 0.1]));
        table
    }

    #[test]
    fn columns_are_found_by_name_and_kind() {
        let table = sample();
        assert_eq!(
            table.text("state").unwrap().iter().collect::<Vec<_>>(),
            ["CN", "US", "CN"]
        );
        assert_eq!(table.text("state").unwrap().code("US"), Some(1));
        assert!(matches!(
            table.f64("tons"),
            Err(TableError::NoColumn { .. })
        ));
        assert!(matches!(table.u32("tonnes"), Err(TableError::Kind { .. })));
        assert_eq!(table.get("tonnes").unwrap().cell(1), "");
    }

    #[test]
    fn rows_are_kept_and_joined() {
        let mut table = sample();
        let us = table.filter(|row| row == 1);
        assert_eq!((us.len(), us.text("state").unwrap().get(0)), (1, "US"));
        table.append(&us).unwrap();
        assert_eq!(
            table.text("state").unwrap().iter().collect::<Vec<_>>(),
            ["CN", "US", "CN", "US"]
        );
        assert_eq!(table.append(&Table::new("other")), Err(TableError::Columns));
        let mut keyed = sample();
        keyed.key_by_run(3);
        assert_eq!(
            (keyed.columns().next().unwrap().0, keyed.u32("run").unwrap()),
            ("run", &[3, 3, 3][..])
        );
    }
}
