//! Checks that need several fields or files: references, sums, dates. Together with the filling of defaults.

mod actors;
mod contradictions;
mod known;
mod offtakes;
mod rules;

use super::layer::Reader;
use super::scenario::Scenario;
use super::strategy::Strategy;
use super::uncertainty::Draws;
use crate::domain::fields::{
    Field, NO_SPEC, Path, Problem, Problems, WrittenOf, did_you_mean, english_list,
};
use crate::domain::graph::Form;
use crate::domain::time::Quarter;
use actors::check_dates;
use indexmap::{IndexMap, IndexSet};
use known::{Known, near_state};
use rules::{check_names_once, check_rule};

/// Tables of results that a scenario may ask to keep.
pub const RECORDED: [&str; 13] = [
    "market", "trade", "limit", "stage", "end_use", "state", "relation", "contract", "shock",
    "solver", "policy", "project", "history",
];

/// Longest run.
const MOST_QUARTERS: i32 = 400;

/// How far shares may miss their sum.
const SLACK: f64 = 1e-4;

/// Fills and checks a scenario; problems go to the reader with their places.
pub fn resolve(written: WrittenOf<Scenario>, reader: &mut Reader) -> Option<Scenario> {
    let mut problems = Problems::default();
    let known = Known::of(&written);
    let scenario = Scenario::resolve(Some(written), &Path::ROOT, &NO_SPEC, &mut problems);
    if let Some(scenario) = &scenario {
        Check {
            scenario,
            known,
            problems: &mut problems,
        }
        .all();
    }
    let sound = problems.list.is_empty();
    reader.locate(problems);
    scenario.filter(|_| sound)
}

/// Fills and checks a strategy that stands alone: names are not checked, as no world is given.
pub fn resolve_strategy(written: WrittenOf<Strategy>, reader: &mut Reader) -> Option<Strategy> {
    let mut problems = Problems::default();
    let strategy = Strategy::resolve(Some(written), &Path::ROOT, &NO_SPEC, &mut problems);
    if let Some(strategy) = &strategy {
        for (id, measure) in &strategy.calendar {
            check_dates(
                measure,
                &Path::ROOT.join("calendar").join(id),
                &mut problems,
            );
        }
        check_names_once(strategy, &Path::ROOT, &mut problems);
        for (id, rule) in &strategy.rules {
            check_rule(rule, &Path::ROOT.join("rules").join(id), &mut problems);
        }
    }
    let sound = problems.list.is_empty();
    reader.locate(problems);
    strategy.filter(|_| sound)
}

struct Check<'a> {
    scenario: &'a Scenario,
    known: Known,
    problems: &'a mut Problems,
}

/// What a name of a table refers to.
#[derive(Clone, Copy)]
enum Of {
    State,
    StateOrAll,
    Element,
    Commodity,
    Process,
    Sector,
    Firm,
    Form,
}

impl Check<'_> {
    fn push(
        &mut self,
        path: &[&str],
        code: &'static str,
        text: impl Into<String>,
        help: Option<String>,
    ) {
        let mut problem = Problem::new(
            path.iter().map(|name| (*name).to_owned()).collect(),
            code,
            text,
        );
        problem.help = help;
        self.problems.push(problem);
    }

    fn all(&mut self) {
        self.header();
        self.goods();
        self.tables();
        self.firms();
        self.policies();
        self.offtakes();
        self.parameters();
        Draws::checked(self.scenario, self.problems);
    }

    fn header(&mut self) {
        let (start, end) = (self.scenario.start, self.scenario.end);
        if end < start {
            self.push(
                &["end"],
                "date",
                format!("{end} comes before the start, {start}"),
                None,
            );
        } else if end.since(start) >= MOST_QUARTERS {
            self.push(
                &["end"],
                "date",
                format!("{} quarters are too many", end.since(start) + 1),
                Some(format!("at most {MOST_QUARTERS}")),
            );
        }
        for (position, table) in self
            .scenario
            .record
            .iter()
            .enumerate()
            .filter(|(_, table)| !RECORDED.contains(&table.as_str()))
        {
            let help = did_you_mean(table, RECORDED).map_or_else(
                || format!("known: {}", english_list(&RECORDED)),
                |near| format!("did you mean `{near}`?"),
            );
            self.push(
                &["record", &position.to_string()],
                "unknown table",
                format!("no table is called \"{table}\""),
                Some(help),
            );
        }
        let needed = [
            ("states", self.known.states.is_empty()),
            ("elements", self.known.elements.is_empty()),
            ("commodities", self.known.commodities.is_empty()),
            ("processes", self.known.processes.is_empty()),
        ];
        for (table, _) in needed.iter().filter(|(_, empty)| *empty) {
            self.push(
                &[table],
                "missing",
                format!("the scenario has no {table}"),
                Some("does it extend a baseline?".to_owned()),
            );
        }
    }

    /// Whether a name exists; the problem says which would.
    fn name(&mut self, of: Of, name: &str, path: &[&str]) {
        let (set, word, code) = match of {
            Of::State | Of::StateOrAll => (&self.known.states, "state", "unknown state"),
            Of::Element => (&self.known.elements, "element", "unknown element"),
            Of::Commodity => (&self.known.commodities, "commodity", "unknown commodity"),
            Of::Process => (&self.known.processes, "process", "unknown process"),
            Of::Sector => (&self.known.sectors, "sector", "unknown sector"),
            Of::Firm => (&self.known.firms, "firm", "unknown firm"),
            Of::Form => {
                if !["Concentrate", "Oxide", "Metal", "Magnet", "Scrap"].contains(&name) {
                    self.push(
                        path,
                        "unknown form",
                        format!("no form is called \"{name}\""),
                        Some("Concentrate, Oxide, Metal, Magnet or Scrap".to_owned()),
                    );
                }
                return;
            }
        };
        if set.contains(name) || (matches!(of, Of::StateOrAll) && name == "*") {
            return;
        }
        let near = near_state(name)
            .filter(|near| word == "state" && set.contains(*near))
            .or_else(|| did_you_mean(name, set.iter().map(String::as_str)));
        let help = near.map(|near| format!("did you mean \"{near}\"?"));
        let mut problem = Problem::new(
            path.iter().map(|name| (*name).to_owned()).collect(),
            code,
            format!("no {word} is called \"{name}\""),
        );
        problem.help = help;
        problem.at_key = true;
        // The value itself is wrong where the path names a field.
        if path.last().is_some_and(|last| {
            matches!(
                *last,
                "home"
                    | "host"
                    | "process"
                    | "owner_firm"
                    | "owner_state"
                    | "seller_firm"
                    | "buyer_state"
                    | "commodity"
            )
        }) && path.len() > 2
        {
            problem.at_key = false;
        }
        self.problems.push(problem);
    }

    fn goods(&mut self) {
        let scenario = self.scenario;
        let mut content: IndexMap<&str, f64> = IndexMap::new();
        for (key, row) in &scenario.compositions {
            self.name(Of::Commodity, &row.commodity, &["compositions", key]);
            self.name(Of::Element, &row.element, &["compositions", key]);
            self.low_high(&["compositions", key], row.low, row.high);
            *content.entry(&row.commodity).or_insert(0.0) += row.t_per_t;
        }
        for (id, commodity) in &scenario.commodities {
            let Some(sum) = content.get(id.as_str()).copied() else {
                self.push(
                    &["commodities", id],
                    "missing",
                    "the commodity has no composition",
                    Some(format!("add compositions \"{id}:<element>\"")),
                );
                continue;
            };
            let (sound, wanted) = if commodity.form == Form::Magnet {
                (sum > 0.0 && sum <= 1.0 + SLACK, "at most 1")
            } else {
                ((sum - 1.0).abs() <= SLACK, "1")
            };
            if !sound {
                let last = scenario
                    .compositions
                    .iter()
                    .rev()
                    .find(|(_, row)| row.commodity == *id)
                    .map_or("", |(key, _)| key.as_str());
                self.push(
                    &["compositions", last, "t_per_t"],
                    "sum",
                    format!(
                        "the composition of {id} sums to {}, not {wanted}",
                        short(sum)
                    ),
                    None,
                );
            }
        }
        let mut made: IndexSet<&str> = IndexSet::new();
        for (key, row) in &scenario.recipes {
            self.name(Of::Process, &row.process, &["recipes", key]);
            self.name(Of::Commodity, &row.commodity, &["recipes", key]);
            self.low_high(&["recipes", key], row.low, row.high);
            if row.role == super::words::Role::ByProduct && row.byproduct_cost_usd_per_kg.is_none()
            {
                self.push(
                    &["recipes", key],
                    "missing",
                    "a by-product needs `byproduct_cost_usd_per_kg`",
                    None,
                );
            }
            made.insert(&row.process);
        }
        for id in scenario
            .processes
            .keys()
            .filter(|id| !made.contains(id.as_str()))
            .cloned()
            .collect::<Vec<_>>()
        {
            self.push(
                &["processes", &id],
                "missing",
                "the process has no recipe",
                Some(format!("add recipes \"{id}:<mode>:<commodity>\"")),
            );
        }
    }

    fn low_high(&mut self, path: &[&str], low: Option<f64>, high: Option<f64>) {
        if let (Some(low), Some(high)) = (low, high)
            && low > high
        {
            let path = [path, &["low"]].concat();
            self.push(
                &path,
                "range",
                format!("low is {low}, above high, {high}"),
                None,
            );
        }
    }

    fn tables(&mut self) {
        let s = self.scenario;
        macro_rules! rows {
            ($($table:ident: $($part:ident $of:ident),*;)*) => {$(
                for (key, row) in &s.$table {
                    $(self.name(Of::$of, &row.$part, &[stringify!($table), key]);)*
                    rows!(@range $table, key, row);
                }
            )*};
            (@range drivers, $key:ident, $row:ident) => {};
            (@range blocs, $key:ident, $row:ident) => {};
            (@range $table:ident, $key:ident, $row:ident) => { self.low_high(&[stringify!($table), $key], $row.low, $row.high); };
        }
        rows! {
            opex: process Process, state StateOrAll;
            mine_output: state State, commodity Commodity;
            stage_output: state State;
            demand: state State, sector Sector, commodity Commodity;
            drivers: sector Sector, state StateOrAll;
            prices: commodity Commodity;
            stock_draws: state State, commodity Commodity;
            trade: exporter State, importer State, form Form;
            relations: from State, to State;
            blocs: state State;
            freight: from State, to State;
            tariffs: importer State, exporter StateOrAll, form Form;
        }
        let mut shares: IndexMap<(i32, &str), (f64, &str)> = IndexMap::new();
        for (key, row) in &s.stage_output {
            let sum = shares.entry((row.year, &row.stage)).or_insert((0.0, key));
            *sum = (sum.0 + row.share, key);
        }
        for ((year, stage), (sum, key)) in shares {
            if sum > 1.0 + 1e-3 {
                self.push(
                    &["stage_output", key, "share"],
                    "sum",
                    format!(
                        "the shares of {stage} in {year} sum to {}, more than 1",
                        short(sum)
                    ),
                    None,
                );
            }
        }
        for (key, row) in &s.blocs {
            self.dates(&["blocs", key, "to"], row.from, row.to);
        }
        for (key, row) in &s.contracts {
            self.name(
                Of::Firm,
                &row.seller_firm,
                &["contracts", key, "seller_firm"],
            );
            self.name(
                Of::State,
                &row.buyer_state,
                &["contracts", key, "buyer_state"],
            );
            self.name(
                Of::Commodity,
                &row.commodity,
                &["contracts", key, "commodity"],
            );
            self.dates(&["contracts", key, "to"], row.from, row.to);
            self.low_high(&["contracts", key], row.low, row.high);
        }
    }

    fn dates(&mut self, path: &[&str], from: Quarter, to: Option<Quarter>) {
        if let Some(to) = to.filter(|to| *to < from) {
            self.push(
                path,
                "date",
                format!("{to} comes before the beginning, {from}"),
                None,
            );
        }
    }

    fn parameters(&mut self) {
        let beliefs = &self.scenario.expectation;
        let sum = beliefs.adaptive_share + beliefs.trend_share;
        if sum > 1.0 && beliefs.adaptive_share <= 1.0 && beliefs.trend_share <= 1.0 {
            self.push(
                &["expectation", "trend_share"],
                "sum",
                format!(
                    "adaptive_share and trend_share sum to {}, more than 1",
                    short(sum)
                ),
                None,
            );
        }
        let investment = &self.scenario.investment;
        if investment.hurdle_low > investment.hurdle_high {
            self.push(
                &["investment", "hurdle_low"],
                "range",
                format!("it is above hurdle_high, {}", investment.hurdle_high),
                None,
            );
        }
    }
}

/// A sum without the dust of addition.
fn short(sum: f64) -> String {
    let text = format!("{sum:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
