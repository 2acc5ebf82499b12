//! Checks of firms, strategies and shocks.

use super::{Check, Of};
use crate::config::instruments::check_names;
use crate::domain::fields::{Path, Problem, Problems};
use crate::domain::policy::{Instrument, Measure, UseClass};
use indexmap::IndexMap;

/// First and last year that a measure may name: others are slips of the pen.
const YEARS: std::ops::RangeInclusive<i32> = 1950..=2100;

pub(super) fn check_dates(measure: &Measure, path: &Path<'_>, problems: &mut Problems) {
    let at = |field: &str| path.join(field).names();
    let dates = [
        ("announced", measure.announced),
        ("from", Some(measure.from)),
        ("until", measure.until),
    ];
    for (field, date) in dates {
        if let Some(date) = date.filter(|date| !YEARS.contains(&date.year())) {
            let text = format!("{date} is outside the calendar");
            let help = format!("{} to {}", YEARS.start(), YEARS.end());
            problems.push(Problem::new(at(field), "date", text).help(help));
        }
    }
    if measure.until.is_some_and(|until| until < measure.from) {
        let text = format!("it ends before it begins in {}", measure.from);
        problems.push(Problem::new(at("until"), "date", text));
    }
    if let Some(announced) = measure
        .announced
        .filter(|announced| *announced > measure.from)
    {
        let text = format!(
            "announced in {announced}, after it begins in {}",
            measure.from
        );
        problems.push(
            Problem::new(at("announced"), "date", text)
                .help("announce it earlier, or leave `announced` away"),
        );
    }
}

/// A rule of origin bars rated users and draws civil ones by a credit; its origins are states, since who is restricted is fixed when a
/// world is built.
pub(super) fn check_origin(instrument: &Instrument, path: &Path<'_>, problems: &mut Problems) {
    let Instrument::OriginRule {
        from,
        uses,
        sectors,
        credit,
        ..
    } = instrument
    else {
        return;
    };
    let mut wrong = |field: &str, text: &str| {
        problems.push(Problem::new(
            path.join(field).names(),
            "value",
            text.to_owned(),
        ));
    };
    match uses {
        UseClass::Civil if *credit <= 0.0 => wrong(
            "credit",
            "civil users lose a credit under a rule of origin; without one it does nothing",
        ),
        UseClass::Rated if *credit > 0.0 => wrong(
            "credit",
            "rated users have no credit to lose: the rule is a ban there",
        ),
        UseClass::Rated if !sectors.is_empty() => {
            wrong("sectors", "a rule for rated use covers all rated sectors");
        }
        _ => {}
    }
    if from.is_empty() {
        wrong("from", "it names no restricted origin");
    } else if from.iter().any(|word| word.starts_with('@')) {
        wrong(
            "from",
            "restricted origins are named: goods are told apart from the start",
        );
    }
}

impl Check<'_> {
    pub(super) fn firms(&mut self) {
        let scenario = self.scenario;
        let mut owners: IndexMap<&str, &str> = IndexMap::new();
        for (id, firm) in &scenario.firms {
            self.name(Of::State, &firm.home, &["firms", id, "home"]);
            for (plant_id, plant) in &firm.plants {
                let path = ["firms", id, "plants", plant_id];
                let below = |name: &'static str| [path.as_slice(), &[name]].concat();
                self.name(Of::State, &plant.host, &below("host"));
                self.name(Of::Process, &plant.process, &below("process"));
                if let Some(other) = owners.insert(plant_id, id) {
                    self.push(
                        &path,
                        "duplicate",
                        format!("firm {other} has a plant of this name too"),
                        None,
                    );
                }
                let mut periods = plant.periods.iter().collect::<Vec<_>>();
                periods.sort_by_key(|(_, period)| period.from);
                for (position, (key, period)) in periods.iter().enumerate() {
                    let path = [path.as_slice(), &["periods", key]].concat();
                    let below = |name: &'static str| [path.as_slice(), &[name]].concat();
                    if let Some(owner) = &period.owner_firm {
                        self.name(Of::Firm, owner, &below("owner_firm"));
                    }
                    if let Some(owner) = &period.owner_state {
                        self.name(Of::State, owner, &below("owner_state"));
                    }
                    self.dates(&below("to"), period.from, period.to);
                    self.low_high(&path, period.low, period.high);
                    if let (Some(to), Some((_, next))) = (period.to, periods.get(position + 1))
                        && to >= next.from
                        && to >= period.from
                    {
                        self.push(
                            &below("to"),
                            "date",
                            format!(
                                "{to} reaches into the next period, which begins in {}",
                                next.from
                            ),
                            None,
                        );
                    }
                }
            }
        }
    }

    pub(super) fn policies(&mut self) {
        let scenario = self.scenario;
        for (state, strategy) in &scenario.strategies {
            self.name(Of::State, state, &["strategies", state]);
            for (id, measure) in &strategy.calendar {
                let (all, calendar) = (Path::ROOT.join("strategies"), "calendar");
                let (of_state, in_calendar);
                of_state = all.join(state);
                in_calendar = of_state.join(calendar);
                let path = in_calendar.join(id);
                check_dates(measure, &path, self.problems);
                let known = &self.known;
                check_names(
                    &measure.instrument,
                    &path.join("instrument"),
                    &|refers, name| known.refers_or_circle(refers, name),
                    self.problems,
                );
                check_origin(&measure.instrument, &path.join("instrument"), self.problems);
                let mut terms = measure.instrument.clone();
                let mut words = terms.states_mut().into_iter().flatten();
                if let Some(word) = words.find(|word| word.starts_with('@'))
                    && measure.from < scenario.start
                {
                    let text = format!(
                        "a measure in force before the start names its states; who {word} would be then is not known"
                    );
                    let problem = Problem::new(path.join("instrument").names(), "value", text);
                    self.problems.push(problem);
                }
            }
            let all = Path::ROOT.join("strategies");
            self.rules(state, strategy, &all.join(state));
        }
        for (id, shock) in &scenario.shocks {
            let all = Path::ROOT.join("shocks");
            let path = all.join(id);
            let known = &self.known;
            check_names(
                &shock.what,
                &path.join("what"),
                &|refers, name| known.refers(refers, name),
                self.problems,
            );
        }
    }
}
