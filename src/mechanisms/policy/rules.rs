//! Rules in force: each rule has one measure in its state's policy book, which it announces, escalates, takes back and lifts.

use super::{
    Params, Settings,
    observe::{Archive, Blocs, SeenMeasure, User, publish},
    readings::View,
};
use crate::domain::{
    actors::{BookedMeasure, EndUser, MeasureStatus, PolicyBook, Roll},
    exchange::{Books, Curves, GroupBooks, PlantBooks, Relations, Trading},
    graph::Graph,
    ids::StateId,
    layout::Layout,
    policy::Instrument,
    rule::Rule,
    time::Quarter,
};
use crate::engine::simulation::Clock;
use bevy_ecs::prelude::*;
use std::collections::BTreeMap;

/// A quarter that no run reaches: a measure that no rule has announced yet.
pub const NEVER: Quarter = match Quarter::new(2200, 4) {
    Some(quarter) => quarter,
    None => panic!("the last quarter of the calendar"),
};

/// How far a rule has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Course {
    /// Whether its measure is announced or in force.
    standing: bool,
    /// Steps of escalation taken.
    pub level: usize,
    /// Quarters for which the condition has held since the announcement.
    held: u32,
    /// Quarters in a row without it.
    without: u32,
    /// Last quarter of a term.
    until: Option<Quarter>,
    /// Quarter from which the rule may act again.
    rests_until: Option<Quarter>,
}

/// What a rule does in a quarter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Nothing.
    Stay,
    /// Announces the measure, in force from one quarter to another.
    Enact(Quarter, Option<Quarter>),
    /// Another step takes the place of the one in force.
    Change,
    /// Ends the measure before this quarter.
    Lift,
}

impl Course {
    /// One quarter on. `when` and `keep`: whether the two conditions of the rule are seen to hold.
    pub fn advance(
        &mut self,
        rule: &Rule,
        now: Quarter,
        when: Option<bool>,
        keep: Option<bool>,
    ) -> Move {
        if self.standing && self.until.is_some_and(|until| now > until) {
            self.end(rule, now);
        }
        if !self.standing {
            let over = rule.sunset.is_some_and(|sunset| now > sunset);
            let resting = self.rests_until.is_some_and(|until| now < until);
            if when != Some(true) || over || resting {
                return Move::Stay;
            }
            let from = now.plus(count(rule.lead));
            let term = rule.lasts.map(|lasts| from.plus(count(lasts) - 1));
            self.until = match (term, rule.sunset) {
                (Some(term), Some(sunset)) => Some(term.min(sunset)),
                (term, sunset) => term.or(sunset),
            };
            if self.until.is_some_and(|until| until < from) {
                return Move::Stay;
            }
            *self = Self {
                standing: true,
                until: self.until,
                ..Self::default()
            };
            return Move::Enact(from, self.until);
        }
        if keep == Some(true) {
            self.without = 0;
            self.held = self.held.saturating_add(1);
            if rule
                .steps
                .get(self.level)
                .is_some_and(|step| self.held >= step.after)
            {
                self.level += 1;
                return Move::Change;
            }
            return Move::Stay;
        }
        self.without += 1;
        if self.without < rule.linger {
            return Move::Stay;
        }
        self.without = 0;
        if self.level > 0 {
            self.level -= 1;
            self.held = self
                .level
                .checked_sub(1)
                .map_or(0, |below| rule.steps[below].after);
            return Move::Change;
        }
        if rule.lasts.is_some() {
            return Move::Stay;
        }
        self.end(rule, now);
        Move::Lift
    }

    fn end(&mut self, rule: &Rule, now: Quarter) {
        *self = Self {
            rests_until: Some(now.plus(count(rule.cooldown))),
            ..Self::default()
        };
    }

    /// What the rule does at its present step.
    #[must_use]
    pub fn instrument<'a>(&self, rule: &'a Rule) -> &'a Instrument {
        match self.level.checked_sub(1) {
            None => &rule.then,
            Some(step) => &rule.steps[step].then,
        }
    }
}

fn count(quarters: u32) -> i32 {
    i32::try_from(quarters).unwrap_or(i32::MAX)
}

/// A rule of a state's strategy.
#[derive(Debug, Clone, PartialEq)]
pub struct Followed {
    /// Whose.
    pub state: StateId,
    /// Position of its measure in the state's book.
    pub slot: usize,
    /// What it says.
    pub rule: Rule,
    /// Export quota pools of the market that belong to each step, `then` first.
    pub pools: Vec<Vec<usize>>,
    /// How far it has come.
    pub course: Course,
    /// Counts of quarters inside the two conditions.
    pub counts: [Vec<u32>; 2],
    /// What words such as `@friends` meant when the measure was announced.
    pub meant: BTreeMap<String, Vec<StateId>>,
}

impl Followed {
    /// A rule that has done nothing yet.
    #[must_use]
    pub fn new(state: StateId, slot: usize, rule: Rule, pools: Vec<Vec<usize>>) -> Self {
        let counts = [
            vec![0; rule.when.counters()],
            vec![0; rule.keep.as_ref().map_or(0, |keep| keep.counters())],
        ];
        Self {
            state,
            slot,
            rule,
            pools,
            course: Course::default(),
            counts,
            meant: BTreeMap::new(),
        }
    }

    /// One quarter on: changes the rule's measure as the state sees fit.
    pub fn advance(&mut self, view: &View<'_>, measure: &mut BookedMeasure) {
        let when = view.holds(&self.rule.when, &mut self.counts[0]);
        let keep = match &self.rule.keep {
            Some(keep) => view.holds(keep, &mut self.counts[1]),
            None => when,
        };
        let before = self.course;
        match self.course.advance(&self.rule, view.now, when, keep) {
            Move::Stay => {}
            Move::Lift => measure.until = Some(view.now.plus(-1)),
            Move::Enact(from, until) => {
                self.meant.clear();
                let instrument = self.course.instrument(&self.rule);
                if let Some(instrument) = view.resolved(instrument, &mut self.meant) {
                    // A term that follows upon another without a gap is a new one all the same.
                    measure.changed = measure.status == MeasureStatus::Effective;
                    measure.announced = view.now;
                    measure.from = from;
                    measure.until = until;
                    measure.yearly = None;
                    self.put(measure, instrument);
                } else {
                    // There is nobody whom it could hit.
                    self.course = before;
                }
            }
            Move::Change => {
                let instrument = self.course.instrument(&self.rule);
                if let Some(instrument) = view.resolved(instrument, &mut self.meant) {
                    measure.changed = true;
                    if self.course.level > before.level {
                        // A harsher step is news, a milder one is not.
                        measure.announced = view.now;
                    }
                    self.put(measure, instrument);
                }
            }
        }
    }

    fn put(&self, measure: &mut BookedMeasure, instrument: Instrument) {
        measure.instrument = instrument;
        measure.pools.clone_from(&self.pools[self.course.level]);
    }
}

/// All rules, sorted by state and name, and the dated measures whose lists of states name circles.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Rules {
    /// Rules.
    pub followed: Vec<Followed>,
    /// Dated measures with circles: state, position in its book.
    pub circles: Vec<(StateId, usize)>,
}

impl Rules {
    fn is_empty(&self) -> bool {
        self.followed.is_empty() && self.circles.is_empty()
    }
}

/// Files what happened in the quarter before, if there is a rule that could read it.
#[expect(
    clippy::too_many_arguments,
    reason = "what is published of a quarter lies in many books"
)]
pub fn publish_quarter(
    clock: Res<Clock>,
    settings: Res<Settings>,
    rules: Res<Rules>,
    layout: Res<Layout>,
    books: Res<Books>,
    plants: Res<PlantBooks>,
    relations: Res<Relations>,
    curves: Res<Curves>,
    trading: Res<Trading>,
    roll: Res<Roll>,
    users: Query<&EndUser>,
    mut archive: ResMut<Archive>,
) {
    if rules.is_empty() || clock.index() == 0 {
        return;
    }
    let users: Vec<&EndUser> = users.iter_many(&roll.users).flatten().collect();
    if archive.users.is_empty() {
        archive.users = users
            .iter()
            .map(|user| User {
                state: user.state,
                sector: user.sector,
                commodity: user.commodity,
            })
            .collect();
    }
    let demand = users.iter().map(|user| user.reference_demand).collect();
    let published = publish(
        &layout, &books, &plants, &relations, &curves, &trading, demand,
    );
    archive.add(clock.now.plus(-1), published, settings.0.observation_lag);
}

/// States look at what has been published and at what others have announced, and follow their rules.
#[expect(
    clippy::too_many_arguments,
    reason = "states look at much and change their own measures only"
)]
pub fn follow_rules(
    clock: Res<Clock>,
    settings: Res<Settings>,
    layout: Res<Layout>,
    graph: Res<Graph>,
    groups: Res<GroupBooks>,
    relations: Res<Relations>,
    archive: Res<Archive>,
    blocs: Res<Blocs>,
    mut rules: ResMut<Rules>,
    mut states: Query<(&StateId, &mut PolicyBook)>,
) {
    if rules.is_empty() {
        return;
    }
    let measures: Vec<SeenMeasure> = states
        .iter()
        .sort::<&StateId>()
        .flat_map(|(state, book)| book.0.iter().map(|m| seen(*state, m)))
        .collect();
    let params: &Params = &settings.0;
    let view = |me| View {
        me,
        now: clock.now,
        layout: &layout,
        graph: &graph,
        groups: &groups,
        archive: &archive,
        trust_start: &relations.trust_start,
        measures: &measures,
        blocs: &blocs,
        params,
    };
    let Rules { followed, circles } = &mut *rules;
    for (state, mut book) in states.iter_mut().sort::<&StateId>() {
        let view = view(*state);
        for rule in followed.iter_mut().filter(|rule| rule.state == *state) {
            rule.advance(&view, &mut book.0[rule.slot]);
        }
        for &(_, slot) in circles.iter().filter(|(of, _)| of == state) {
            let measure = &mut book.0[slot];
            if measure.status == MeasureStatus::Secret && clock.now >= measure.announced {
                // A circle without members stays as it is written, and no state has that name.
                if let Some(instrument) = view.resolved(&measure.instrument, &mut BTreeMap::new()) {
                    measure.instrument = instrument;
                }
            }
        }
    }
}

fn seen(state: StateId, measure: &BookedMeasure) -> SeenMeasure {
    SeenMeasure {
        state,
        name: measure.name.clone(),
        status: measure.status,
        instrument: measure.instrument.clone(),
        yearly: measure.yearly,
        cost_usd: measure.spent_usd + measure.cost_usd,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fields::leaf::parse_ron;
    use crate::domain::fields::{Field, NO_SPEC, Path, Problems, WrittenOf};

    fn rule(text: &str) -> Rule {
        let written: WrittenOf<Rule> = parse_ron(text).unwrap();
        let mut problems = Problems::default();
        let rule = Rule::resolve(Some(written), &Path::ROOT, &NO_SPEC, &mut problems);
        assert!(problems.list.is_empty(), "{problems:?}");
        rule.unwrap()
    }

    fn q(text: &str) -> Quarter {
        text.parse().unwrap()
    }

    /// The moves of a rule over quarters in which its condition holds (`+`) or not (`-`), from 2026Q1 on: `E`nact, `C`hange, `L`ift, `.`.
    fn moves(rule: &Rule, holds: &str) -> String {
        let mut course = Course::default();
        let mut now = q("2026Q1");
        holds
            .chars()
            .map(|holds| {
                let holds = Some(holds == '+');
                let step = course.advance(rule, now, holds, holds);
                now = now.plus(1);
                match step {
                    Move::Stay => '.',
                    Move::Enact(..) => 'E',
                    Move::Change => 'C',
                    Move::Lift => 'L',
                }
            })
            .collect()
    }

    const PLAIN: &str = r#"when: InQuarter(1), then: Embargo(of: ["all"])"#;

    #[test]
    fn a_measure_stands_while_the_condition_holds_and_a_little_longer() {
        assert_eq!(moves(&rule(&format!("({PLAIN})")), "-++--+"), ".E.L.E");
        let patient = rule(&format!("({PLAIN}, linger: 2)"));
        assert_eq!(moves(&patient, "+-+--+"), "E...LE");
    }

    #[test]
    fn a_rule_rests_and_ends() {
        let tired = rule(&format!("({PLAIN}, cooldown: 3)"));
        assert_eq!(moves(&tired, "+-+++++"), "EL..E..");
        let ends = rule(&format!(r#"({PLAIN}, sunset: "2026Q3")"#));
        assert_eq!(moves(&ends, "-+-+-+"), ".EL...");
        let mut course = Course::default();
        assert_eq!(
            course.advance(&ends, q("2026Q2"), Some(true), Some(true)),
            Move::Enact(q("2026Q2"), Some(q("2026Q3")))
        );
    }

    #[test]
    fn a_term_runs_out_by_itself_after_its_lead() {
        let term = rule(&format!("({PLAIN}, lead: 1, lasts: 2)"));
        let mut course = Course::default();
        assert_eq!(
            course.advance(&term, q("2026Q1"), Some(true), Some(true)),
            Move::Enact(q("2026Q2"), Some(q("2026Q3")))
        );
        for quarter in ["2026Q2", "2026Q3", "2026Q4"] {
            assert_eq!(
                course.advance(&term, q(quarter), Some(false), Some(false)),
                Move::Stay
            );
        }
        assert!(matches!(
            course.advance(&term, q("2027Q1"), Some(true), Some(true)),
            Move::Enact(..)
        ));
    }

    #[test]
    fn escalation_goes_up_step_by_step_and_down_again() {
        let steps = r#"steps: [(after: 2, then: Embargo(of: ["oxide"])), (after: 3, then: Embargo(of: ["magnet"]))]"#;
        let rule = rule(&format!("({PLAIN}, {steps})"));
        assert_eq!(moves(&rule, "++++++"), "E.CC..");
        assert_eq!(moves(&rule, "+++----+"), "E.CCL..E");
        assert_eq!(moves(&rule, "++++---"), "E.CCCCL");
        // A step that was taken back comes again when the condition has held as long as it takes from the step below.
        assert_eq!(moves(&rule, "++++-++"), "E.CCCC.");
    }

    #[test]
    fn nothing_known_is_no_reason_to_act_and_none_to_stay() {
        let plain = rule(&format!("({PLAIN})"));
        let mut course = Course::default();
        assert_eq!(course.advance(&plain, q("2026Q1"), None, None), Move::Stay);
        course.advance(&plain, q("2026Q2"), Some(true), Some(true));
        assert_eq!(course.advance(&plain, q("2026Q3"), None, None), Move::Lift);
    }
}
