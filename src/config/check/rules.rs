//! Checks of rules: conditions on what cannot be seen, rules that cannot act.

use super::{Check, Known, actors::check_origin};
use crate::config::instruments::{Refers, Terms, check_names, kinds};
use crate::config::strategy::Strategy;
use crate::domain::fields::{Path, Problem, Problems, did_you_mean};
use crate::domain::policy::Instrument;
use crate::domain::rule::{Circle, Condition, Observable, Rule};

/// Longest stretch that a condition may count.
const MOST_COUNTED: u32 = 40;

/// What of a rule can be judged without a world.
pub(super) fn check_rule(rule: &Rule, path: &Path<'_>, problems: &mut Problems) {
    for (field, condition) in [("when", Some(&rule.when)), ("keep", rule.keep.as_ref())] {
        if let Some(condition) = condition {
            check_shape(condition, &mut path.join(field).names(), problems);
        }
    }
    let mut before = 0;
    for (position, step) in rule.steps.iter().enumerate() {
        let (steps, position) = (path.join("steps"), position.to_string());
        let at = steps.join(&position);
        if step.after <= before {
            let text = if before == 0 {
                "a step comes after at least one quarter".to_owned()
            } else {
                format!("the step before it comes after {before} quarters already")
            };
            problems.push(Problem::new(at.join("after").names(), "order", text));
        }
        before = step.after;
        let mut terms = step.then.clone();
        for number in terms.numbers() {
            problems.in_range(
                *number.value,
                &at.join("then").join(number.spec.name),
                number.spec,
            );
        }
    }
}

/// Names that stand for a measure and a rule at once.
pub(super) fn check_names_once(strategy: &Strategy, path: &Path<'_>, problems: &mut Problems) {
    for name in strategy
        .rules
        .keys()
        .filter(|name| strategy.calendar.contains_key(*name))
    {
        let text = "the calendar has a measure of this name too";
        let problem = Problem::new(path.join("rules").join(name).names(), "duplicate", text);
        problems.push(problem.at_key().help("give one of them another name"));
    }
}

/// Conditions that are empty, out of bounds or contradict themselves.
fn check_shape(condition: &Condition, at: &mut Vec<String>, problems: &mut Problems) {
    let mut push = |code, text: String| problems.push(Problem::new(at.clone(), code, text));
    match condition {
        Condition::All(parts) | Condition::Any(parts) if parts.is_empty() => {
            push("empty", "no condition is named".to_owned());
        }
        Condition::All(parts) => {
            for pair in contradictions(parts) {
                push("never", format!("no value fits both: {pair}"));
            }
        }
        Condition::Above(what, x) | Condition::Below(what, x) => {
            let (low, high) = what.bounds();
            let above = matches!(condition, Condition::Above(..));
            if !x.is_finite() || (above && *x >= high) || (!above && *x <= low) {
                push(
                    "never",
                    format!("it never holds: the {what} lies between {low} and {high}"),
                );
            }
        }
        Condition::For(quarters, _) if *quarters == 0 || *quarters > MOST_COUNTED => {
            push(
                "range",
                format!("{quarters} quarters; count from 1 to {MOST_COUNTED}"),
            );
        }
        Condition::InQuarter(quarter) if !(1..=4).contains(quarter) => {
            push("never", format!("no year has a quarter {quarter}"));
        }
        Condition::Taken { at_least: 0, .. } => {
            push(
                "range",
                "at least 0 others always have: write 1 or more".to_owned(),
            );
        }
        _ => {}
    }
    inside(condition, at, &mut |part, at| {
        check_shape(part, at, problems)
    });
}

/// Pairs of thresholds of one observable between which there is nothing.
fn contradictions(parts: &[Condition]) -> Vec<String> {
    let mut found = Vec::new();
    for above in parts {
        for below in parts {
            if let (Condition::Above(what, low), Condition::Below(other, high)) = (above, below)
                && what == other
                && low >= high
            {
                found.push(format!("{above}, {below}"));
            }
        }
    }
    found
}

/// Visits the parts of a condition with their places as files write them.
fn inside(
    condition: &Condition,
    at: &mut Vec<String>,
    visit: &mut dyn FnMut(&Condition, &mut Vec<String>),
) {
    let place: &[&str] = match condition {
        Condition::For(..) => &["1"],
        _ => &["0"],
    };
    let length = at.len();
    for (position, part) in condition.parts().iter().enumerate() {
        at.extend(place.iter().map(|name| (*name).to_owned()));
        if matches!(condition, Condition::All(_) | Condition::Any(_)) {
            at.push(position.to_string());
        }
        visit(part, at);
        at.truncate(length);
    }
}

/// A list or word of a condition, with the field in which it stands and what it refers to.
type Word<'a> = (&'static str, Refers, &'a [String]);

fn words(what: &Observable) -> Vec<Word<'_>> {
    use std::slice::from_ref;
    fn maybe(name: &Option<String>) -> &[String] {
        name.as_ref().map_or(&[], from_ref)
    }
    match what {
        Observable::PriceRatio { of, at } => {
            vec![("of", Refers::Goods, of), ("at", Refers::States, maybe(at))]
        }
        Observable::PriceGap {
            of,
            outside,
            inside,
        } => vec![
            ("of", Refers::Goods, of),
            ("outside", Refers::States, maybe(outside)),
            ("inside", Refers::States, from_ref(inside)),
        ],
        Observable::Unmet { of, sectors, .. } => {
            vec![
                ("of", Refers::Goods, of),
                ("sectors", Refers::Sectors, sectors),
            ]
        }
        Observable::Shortfall { of } | Observable::DaysOfCover { of } => {
            vec![("of", Refers::Goods, of)]
        }
        Observable::ImportReliance { of, on } => {
            vec![
                ("of", Refers::Goods, of),
                ("on", Refers::States, from_ref(on)),
            ]
        }
        Observable::ExportShare { of, by } => {
            vec![("of", Refers::Goods, of), ("by", Refers::States, maybe(by))]
        }
        Observable::OutputShare { by, .. } => vec![("by", Refers::States, maybe(by))],
        Observable::Trust { to } => vec![("to", Refers::States, from_ref(to))],
        Observable::TrustOf { from } => vec![("from", Refers::States, from_ref(from))],
        Observable::ShareLost { .. }
        | Observable::PublicCost { .. }
        | Observable::QuotaUnfilled { .. }
        | Observable::MineGrowth => vec![],
    }
}

impl Known {
    /// Like [`Known::refers`], where states may be named by a circle.
    pub(super) fn refers_or_circle(&self, refers: Refers, name: &str) -> Result<(), Problem> {
        if refers != Refers::States || !name.starts_with('@') {
            return self.refers(refers, name);
        }
        let wrong = |code, text: String| Problem::new(Vec::new(), code, text);
        match Circle::parse(name) {
            None => {
                let near = did_you_mean(
                    name,
                    [
                        "@friends",
                        "@restrictors",
                        "@all_but_friends",
                        "@all_but_restrictors",
                    ],
                );
                let help = near.map_or_else(
                    || format!("there are {}", Circle::WORDS),
                    |near| format!("did you mean \"{near}\"?"),
                );
                Err(wrong(
                    "unknown circle",
                    format!("no circle of states is called \"{name}\""),
                )
                .help(help))
            }
            Some((Circle::Bloc(bloc), _))
                if !self
                    .blocs
                    .iter()
                    .any(|known| known.eq_ignore_ascii_case(bloc)) =>
            {
                let problem = wrong("unknown bloc", format!("no bloc is called \"{bloc}\""));
                Err(problem.suggest(bloc, self.blocs.iter().map(String::as_str)))
            }
            Some(_) => Ok(()),
        }
    }
}

impl Check<'_> {
    pub(super) fn rules(&mut self, state: &str, strategy: &Strategy, path: &Path<'_>) {
        check_names_once(strategy, path, self.problems);
        for (id, rule) in &strategy.rules {
            let all = path.join("rules");
            let path = all.join(id);
            check_rule(rule, &path, self.problems);
            let known = &self.known;
            let named = |refers, name: &str| known.refers_or_circle(refers, name);
            check_names(&rule.then, &path.join("then"), &named, self.problems);
            check_origin(&rule.then, &path.join("then"), self.problems);
            for (position, step) in rule.steps.iter().enumerate() {
                let (steps, position) = (path.join("steps"), position.to_string());
                check_names(
                    &step.then,
                    &steps.join(&position).join("then"),
                    &named,
                    self.problems,
                );
            }
            self.condition(&rule.when, strategy, &mut path.join("when").names());
            if let Some(keep) = &rule.keep {
                self.condition(keep, strategy, &mut path.join("keep").names());
            }
            let earliest = self
                .scenario
                .start
                .plus(i32::try_from(rule.lead).unwrap_or(i32::MAX));
            if let Some(sunset) = rule.sunset.filter(|sunset| *sunset < earliest) {
                let text = format!("it never acts: its sunset, {sunset}, comes before {earliest}");
                let problem = Problem::new(path.join("sunset").names(), "never", text);
                self.problems.push(
                    problem.help("what it does is first in force after its lead from the start"),
                );
            }
        }
        self.contradiction(state, strategy, path);
    }

    /// Names in a condition that mean nothing.
    fn condition(&mut self, condition: &Condition, strategy: &Strategy, at: &mut Vec<String>) {
        let mut wrong = |mut problem: Problem, place: &[&str]| {
            problem.path = at
                .iter()
                .cloned()
                .chain(place.iter().map(|n| (*n).to_owned()))
                .collect();
            self.problems.push(problem);
        };
        match condition {
            Condition::Above(what, _) | Condition::Below(what, _) => {
                for (field, refers, names) in words(what) {
                    for name in names {
                        if let Err(problem) = self.known.refers(refers, name) {
                            wrong(problem, &["0", field]);
                        }
                    }
                }
                if let Err(problem) = own_measure(what, strategy) {
                    wrong(problem, &["0", "measure"]);
                }
            }
            Condition::Restricted { by, of } => {
                for (field, refers, names) in
                    [("by", Refers::States, by), ("of", Refers::Goods, of)]
                {
                    for name in names {
                        if let Err(problem) = self.known.refers_or_circle(refers, name) {
                            wrong(problem, &[field]);
                        }
                    }
                }
            }
            Condition::Taken { what, by, .. } => {
                for name in by {
                    if let Err(problem) = self.known.refers_or_circle(Refers::States, name) {
                        wrong(problem, &["by"]);
                    }
                }
                let kinds = kinds();
                let strategies = self.scenario.strategies.values();
                let named = strategies.flat_map(|s| s.calendar.keys().chain(s.rules.keys()));
                if !kinds.iter().chain(named.clone()).any(|known| known == what) {
                    let text = format!("no instrument, measure or rule is called \"{what}\"");
                    let known = kinds.iter().chain(named).map(String::as_str);
                    wrong(
                        Problem::new(Vec::new(), "unknown instrument", text).suggest(what, known),
                        &["what"],
                    );
                }
            }
            _ => {}
        }
        inside(condition, at, &mut |part, at| {
            self.condition(part, strategy, at)
        });
    }
}

/// An observable of an own measure that the strategy has not, or that is no quota.
fn own_measure(what: &Observable, strategy: &Strategy) -> Result<(), Problem> {
    let (name, quota) = match what {
        Observable::QuotaUnfilled { measure } => (measure, true),
        Observable::PublicCost {
            measure: Some(measure),
        } => (measure, false),
        _ => return Ok(()),
    };
    let planned = strategy.planned();
    let Some((_, planned)) = planned.iter().find(|(known, _)| *known == name) else {
        let text = format!("the strategy has no measure or rule called \"{name}\"");
        let known = planned.iter().map(|(name, _)| name.as_str());
        return Err(Problem::new(Vec::new(), "unknown measure", text).suggest(name, known));
    };
    let quotas = |i: &Instrument| {
        matches!(
            i,
            Instrument::ExportQuota { .. } | Instrument::ProductionQuota { .. }
        )
    };
    if quota && !planned.instruments().any(quotas) {
        let text = format!("{name} is no quota: nothing of it can be left unused");
        return Err(Problem::new(Vec::new(), "unobservable", text));
    }
    Ok(())
}
