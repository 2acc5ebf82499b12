//! Whether a condition is seen to hold, and which states a circle such as `@friends` means.

use super::{observe::SeenMeasure, readings::View};
use crate::domain::{
    actors::MeasureStatus,
    ids::StateId,
    policy::Instrument,
    rule::{Circle, Condition},
};
use std::collections::BTreeMap;

impl View<'_> {
    /// Whether a condition is seen to hold: `None` if that cannot be known yet. `counts` holds one count of quarters for each
    /// [`Condition::For`] in it, in the order of writing, and is brought up to date: ask once a quarter.
    pub fn holds(&self, condition: &Condition, counts: &mut [u32]) -> Option<bool> {
        let mut counts = counts.iter_mut();
        self.ask(condition, &mut counts)
    }

    fn ask(
        &self,
        condition: &Condition,
        counts: &mut std::slice::IterMut<'_, u32>,
    ) -> Option<bool> {
        match condition {
            // Every part is asked even where the answer is plain already: parts count quarters.
            Condition::All(parts) => {
                let answers: Vec<_> = parts.iter().map(|part| self.ask(part, counts)).collect();
                every(&answers)
            }
            Condition::Any(parts) => {
                let answers: Vec<_> = parts
                    .iter()
                    .map(|part| self.ask(part, counts).map(|holds| !holds))
                    .collect();
                every(&answers).map(|none| !none)
            }
            Condition::Not(part) => self.ask(part, counts).map(|holds| !holds),
            Condition::Above(what, threshold) => self.reading(what).map(|x| x > *threshold),
            Condition::Below(what, threshold) => self.reading(what).map(|x| x < *threshold),
            Condition::For(quarters, part) => {
                let count = counts.next()?;
                let holds = self.ask(part, counts)?;
                *count = if holds { count.saturating_add(1) } else { 0 };
                Some(*count >= *quarters)
            }
            Condition::Restricted { by, of } => {
                let by = self.states(by);
                Some(self.measures.iter().any(|measure| {
                    (by.is_empty() || by.contains(&measure.state)) && self.restricts_me(measure, of)
                }))
            }
            Condition::Taken { what, by, at_least } => {
                let by = self.states(by);
                let mut takers: Vec<StateId> = self
                    .measures
                    .iter()
                    .filter(|m| {
                        m.state != self.me
                            && m.stands()
                            && (m.name == *what || m.instrument.name() == what)
                            && (by.is_empty() || by.contains(&m.state))
                    })
                    .map(|m| m.state)
                    .collect();
                takers.dedup();
                Some(takers.len() >= *at_least as usize)
            }
            Condition::InQuarter(quarter) => Some(u32::from(self.now.of_year()) == *quarter),
        }
    }

    /// The states that words mean, sorted; an unknown word means nobody.
    fn states(&self, words: &[String]) -> Vec<StateId> {
        let mut states: Vec<StateId> = words.iter().flat_map(|word| self.meant(word)).collect();
        states.sort_unstable();
        states.dedup();
        // A circle without members is not the same as no list.
        if states.is_empty() && !words.is_empty() {
            states.push(self.me);
        }
        states
    }

    /// The states that one word means.
    fn meant(&self, word: &str) -> Vec<StateId> {
        let Some((circle, outside)) = Circle::parse(word) else {
            return self.layout.state_named(word).into_iter().collect();
        };
        let inside: Vec<StateId> = match circle {
            Circle::Restrictors => {
                let seen = self.measures.iter();
                seen.filter(|m| self.restricts_me(m, &[]))
                    .map(|m: &SeenMeasure| m.state)
                    .collect()
            }
            Circle::Friends => self.others().filter(|s| self.befriends(*s)).collect(),
            Circle::Bloc(bloc) => {
                let joined = self.measures.iter().filter(|m| {
                    m.status == MeasureStatus::Effective
                        && matches!(&m.instrument, Instrument::BlocMembership { bloc: name } if name.eq_ignore_ascii_case(bloc))
                });
                let members = self.blocs.members(bloc, self.now);
                members.chain(joined.map(|m| m.state)).collect()
            }
        };
        self.others()
            .filter(|s| inside.contains(s) != outside)
            .collect()
    }

    fn others(&self) -> impl Iterator<Item = StateId> {
        let me = self.me;
        (0..self.layout.states.len())
            .map(StateId::from_index)
            .filter(move |s| *s != me)
    }

    /// The instrument with every circle in its lists of states put into names; `None` if one of the lists then has nobody in it.
    /// `meant` remembers what each word has come to mean: a measure hits the same states as long as it stands.
    #[must_use]
    pub fn resolved(
        &self,
        instrument: &Instrument,
        meant: &mut BTreeMap<String, Vec<StateId>>,
    ) -> Option<Instrument> {
        let mut instrument = instrument.clone();
        for list in instrument.states_mut() {
            if !list.iter().any(|word| word.starts_with('@')) {
                continue;
            }
            let mut states: Vec<StateId> = Vec::new();
            for word in &*list {
                let known = meant
                    .entry(word.clone())
                    .or_insert_with(|| self.meant(word));
                states.extend(&*known);
            }
            states.sort_unstable();
            states.dedup();
            if states.is_empty() {
                return None;
            }
            *list = states
                .iter()
                .map(|s| self.layout.states[s.index()].clone())
                .collect();
        }
        Some(instrument)
    }
}

/// Whether all hold: one that does not settles it, one that is not known leaves it open.
fn every(answers: &[Option<bool>]) -> Option<bool> {
    if answers.contains(&Some(false)) {
        Some(false)
    } else if answers.contains(&None) {
        None
    } else {
        Some(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_settles_nothing() {
        assert_eq!(every(&[Some(true), Some(true)]), Some(true));
        assert_eq!(every(&[Some(true), None]), None);
        assert_eq!(every(&[None, Some(false)]), Some(false));
        assert_eq!(every(&[]), Some(true));
    }
}
