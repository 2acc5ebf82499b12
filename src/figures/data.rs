//! What a figure is drawn from: tables of a result, names for the reader, and what to say in the footer.

use super::paths::Paths;
use crate::domain::graph::Form;
use crate::domain::time::Quarter;
use crate::record::table::{Column, Table, TableError, Text};
use std::collections::{BTreeMap, BTreeSet};

/// Why a figure is not drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Skip {
    /// A table that it needs was not recorded.
    #[error("the table `{0}` is not there")]
    NoTable(String),
    /// A table that it needs lacks a column, or has another kind of column.
    #[error(transparent)]
    Table(#[from] TableError),
    /// There is nothing to show.
    #[error("{0}")]
    Nothing(String),
}

/// The tables of a result and the names of what is in them.
#[derive(Debug, Clone, Default)]
pub struct Data {
    tables: BTreeMap<String, Table>,
    labels: BTreeMap<(String, String), Label>,
}

/// How a reader knows a thing.
#[derive(Debug, Clone, Default)]
struct Label {
    name: String,
    group: String,
    form: String,
    order: usize,
}

impl Data {
    /// No tables yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a table under its name.
    ///
    /// The table `names` is special: columns `kind` (`state`, `commodity`, `sector`, `project`, `measure`, `shock`, `metric`), `id`, `name`, and
    /// optionally `group` (element group; sector group; `asean` for members) and `form`. What it lacks is shown by its id.
    ///
    /// # Errors
    /// If the table `names` lacks a column.
    pub fn add(&mut self, table: Table) -> Result<(), TableError> {
        if table.name() == "names" {
            let (kind, id, name) = (table.text("kind")?, table.text("id")?, table.text("name")?);
            let optional = |column: &str, row: usize| match table.get(column) {
                Some(Column::Text(text)) => text.get(row).to_owned(),
                _ => String::new(),
            };
            for row in 0..table.len() {
                let label = Label {
                    name: name.get(row).to_owned(),
                    group: optional("group", row),
                    form: optional("form", row).to_lowercase(),
                    order: row,
                };
                self.labels
                    .insert((kind.get(row).to_owned(), id.get(row).to_owned()), label);
            }
        } else {
            self.tables.insert(table.name().to_owned(), table);
        }
        Ok(())
    }

    /// A table.
    ///
    /// # Errors
    /// If it is not there or has no rows.
    pub fn table(&self, name: &str) -> Result<&Table, Skip> {
        let table = self
            .tables
            .get(name)
            .ok_or_else(|| Skip::NoTable(name.to_owned()))?;
        if table.is_empty() {
            Err(Skip::Nothing(format!("the table `{name}` has no rows")))
        } else {
            Ok(table)
        }
    }

    /// Name of a thing for the reader; its id with blanks if it has none.
    #[must_use]
    pub fn name(&self, kind: &str, id: &str) -> String {
        match self.label(kind, id) {
            Some(label) if !label.name.is_empty() => label.name.clone(),
            _ if kind == "state" => id.to_owned(),
            _ => super::words::upper_first(&id.replace('_', " ")),
        }
    }

    /// Group of a thing; empty if it has none.
    #[must_use]
    pub fn group(&self, kind: &str, id: &str) -> &str {
        self.label(kind, id)
            .map_or("", |label| label.group.as_str())
    }

    /// Whether the reader's names have this thing.
    #[must_use]
    pub fn knows(&self, kind: &str, id: &str) -> bool {
        self.label(kind, id).is_some()
    }

    /// Puts ids into the order of the table `names`; unknown ones come last, in order of id.
    pub fn sort(&self, kind: &str, ids: &mut [String]) {
        ids.sort_by_key(|id| {
            (
                self.label(kind, id).map_or(usize::MAX, |label| label.order),
                id.clone(),
            )
        });
    }

    /// Commodities of a form that occur in a column of words, in the order of the table `names`.
    #[must_use]
    pub fn commodities(&self, column: &Text, form: Form) -> Vec<String> {
        let mut ids: Vec<String> = column
            .words()
            .iter()
            .filter(|id| self.form(id) == form)
            .cloned()
            .collect();
        self.sort("commodity", &mut ids);
        ids
    }

    /// Form of a commodity: as named, else by the ending of its id.
    #[must_use]
    pub fn form(&self, commodity: &str) -> Form {
        let form = self
            .label("commodity", commodity)
            .map_or("", |label| label.form.as_str());
        match form {
            "concentrate" => Form::Concentrate,
            "oxide" => Form::Oxide,
            "metal" => Form::Metal,
            "magnet" => Form::Magnet,
            "scrap" => Form::Scrap,
            _ if commodity.ends_with("_conc") => Form::Concentrate,
            _ if commodity.ends_with("_oxide") => Form::Oxide,
            _ if commodity.ends_with("_metal") => Form::Metal,
            _ if commodity.ends_with("scrap") => Form::Scrap,
            _ => Form::Magnet,
        }
    }

    fn label(&self, kind: &str, id: &str) -> Option<&Label> {
        self.labels.get(&(kind.to_owned(), id.to_owned()))
    }
}

/// The runs of one strategy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Arm {
    /// Name for the reader; empty if there is only one.
    pub name: String,
    /// Its runs, as numbered in the tables; empty: all.
    pub runs: Vec<u32>,
}

/// What the figures say of the result they show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Where the data come from, such as `monazite simulation, 'Baseline'`.
    pub source: String,
    /// Version of the program.
    pub version: String,
    /// Hash of the resolved configuration.
    pub configuration: String,
    /// Name of the scenario for the subtitle; may be empty.
    pub scenario: String,
    /// State whose dominance is the question.
    pub focus: String,
    /// Strategies, the reference first. Figures other than fans show the first.
    pub arms: Vec<Arm>,
}

impl Default for Context {
    fn default() -> Self {
        Self {
            source: "model results".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            configuration: String::new(),
            scenario: String::new(),
            focus: "CN".to_owned(),
            arms: vec![Arm::default()],
        }
    }
}

impl Context {
    /// Runs of the strategy that single-strategy figures show; empty: all.
    #[must_use]
    pub fn runs(&self) -> &[u32] {
        self.arms.first().map_or(&[], |arm| arm.runs.as_slice())
    }

    /// The footer for so many runs.
    #[must_use]
    pub fn footer(&self, runs: usize) -> String {
        let hash: String = self.configuration.chars().take(8).collect();
        let mut parts = vec![format!("monazite {}", self.version)];
        if !hash.is_empty() {
            parts.push(format!("configuration {hash}"));
        }
        parts.push(super::words::seeds(runs));
        format!(
            "Source: {}. {}",
            self.source.trim_end_matches('.'),
            parts.join(" · ")
        )
    }

    /// The end of a subtitle that names scenario and strategy: `, scenario ‘Baseline’`; may be empty.
    #[must_use]
    pub fn scenario(&self) -> String {
        let arm = self.arms.first().map_or("", |arm| arm.name.as_str());
        match (self.scenario.as_str(), arm) {
            ("", "") => String::new(),
            (scenario, "") => format!(", scenario ‘{scenario}’"),
            ("", arm) => format!(", strategy ‘{arm}’"),
            (scenario, arm) => format!(", scenario ‘{scenario}’, strategy ‘{arm}’"),
        }
    }
}

impl Context {
    /// The end of a subtitle that names the scenario, where strategies are named beside their lines.
    #[must_use]
    pub fn scenario_only(&self) -> String {
        if self.arms.len() < 2 {
            self.scenario()
        } else if self.scenario.is_empty() {
            String::new()
        } else {
            format!(", scenario ‘{}’", self.scenario)
        }
    }
}

/// Mark of a row that is left out.
const OUT: u32 = u32::MAX;

/// A table seen as runs and quarters.
#[derive(Debug)]
pub struct Window<'a> {
    /// The table.
    pub table: &'a Table,
    /// First quarter with a row.
    pub first: Quarter,
    /// Number of quarters from the first to the last.
    pub quarters: usize,
    /// Number of runs.
    pub runs: usize,
    places: Vec<(u32, u32)>,
}

impl<'a> Window<'a> {
    /// The rows of the given runs (all, if none is given).
    ///
    /// # Errors
    /// If the table lacks `run` or `quarter`, or nothing is left.
    pub fn new(table: &'a Table, runs: &[u32]) -> Result<Self, Skip> {
        let (run, quarter) = (table.u32("run")?, table.text("quarter")?);
        let wanted: BTreeSet<u32> = runs.iter().copied().collect();
        let is_in = |row: usize| wanted.is_empty() || wanted.contains(&run[row]);
        let mut seen = vec![false; quarter.words().len()];
        let mut found = BTreeSet::new();
        for row in (0..table.len()).filter(|row| is_in(*row)) {
            seen[quarter.codes()[row] as usize] = true;
            found.insert(run[row]);
        }
        let parsed: Vec<Option<Quarter>> = quarter
            .words()
            .iter()
            .map(|word| word.parse().ok())
            .collect();
        let times = || {
            parsed
                .iter()
                .zip(&seen)
                .filter(|(_, seen)| **seen)
                .filter_map(|(q, _)| *q)
        };
        let nothing = || {
            Skip::Nothing(format!(
                "the table `{}` has no rows of these runs",
                table.name()
            ))
        };
        let (first, last) = (
            times().min().ok_or_else(nothing)?,
            times().max().ok_or_else(nothing)?,
        );
        let position: BTreeMap<u32, u32> = found.iter().copied().zip(0..).collect();
        let places = (0..table.len())
            .map(|row| {
                let time = parsed[quarter.codes()[row] as usize];
                match (time, position.get(&run[row])) {
                    (Some(time), Some(index)) => (*index, time.since(first) as u32),
                    _ => (OUT, 0),
                }
            })
            .collect();
        Ok(Self {
            table,
            first,
            quarters: last.since(first) as usize + 1,
            runs: found.len(),
            places,
        })
    }

    /// The rows that are not left out, with run and quarter as positions.
    pub fn rows(&self) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
        let places = self.places.iter().enumerate();
        places
            .filter(|(_, (run, _))| *run != OUT)
            .map(|(row, (run, quarter))| (row, *run as usize, *quarter as usize))
    }

    /// Sums of `value` over the rows of each class, per run and quarter.
    pub fn sum(
        &self,
        classes: usize,
        class: impl Fn(usize) -> Option<usize>,
        value: impl Fn(usize) -> f64,
    ) -> Vec<Paths> {
        let mut sums = vec![Paths::filled(self.runs, self.quarters, 0.0); classes];
        for (row, run, quarter) in self.rows() {
            if let Some(class) = class(row) {
                let value = value(row);
                if value.is_finite() {
                    sums[class].add(run, quarter, value);
                }
            }
        }
        sums
    }

    /// The year of the first quarter.
    #[must_use]
    pub fn first_year(&self) -> i32 {
        self.first.year()
    }

    /// The year of the last quarter.
    #[must_use]
    pub fn last_year(&self) -> i32 {
        self.first.plus(self.quarters as i32 - 1).year()
    }
}

/// A class for each row of a column of words, looked up once per word.
#[must_use]
pub fn classify(text: &Text, class: impl Fn(&str) -> Option<usize>) -> Vec<Option<usize>> {
    text.words().iter().map(|word| class(word)).collect()
}
