//! Offtakes that nobody could deliver: the seller must have a plant that makes the good.

use super::Check;
use crate::config::{scenario::Scenario, words::Role};
use crate::domain::{fields::Problem, policy::Instrument};

/// Whether a firm, or a firm in a state, has a plant whose recipes yield the commodity.
fn can_make(scenario: &Scenario, seller: &str, commodity: &str) -> bool {
    let makes = |process: &str| {
        scenario.recipes.values().any(|row| {
            row.process == process
                && row.commodity == commodity
                && matches!(row.role, Role::Output | Role::ByProduct)
        })
    };
    scenario.firms.iter().any(|(firm, row)| {
        row.plants
            .values()
            .any(|plant| (firm == seller || plant.host == seller) && makes(&plant.process))
    })
}

impl Check<'_> {
    /// Reports offtakes, dated or ruled, whose seller makes no such good.
    pub(super) fn offtakes(&mut self) {
        let scenario = self.scenario;
        for (state, strategy) in &scenario.strategies {
            let dated = strategy
                .calendar
                .iter()
                .map(|(id, m)| (vec!["calendar", id, "instrument"], &m.instrument));
            let ruled = strategy
                .rules
                .iter()
                .map(|(id, rule)| (vec!["rules", id, "then"], &rule.then));
            for (place, instrument) in dated.chain(ruled) {
                let Instrument::Offtake { seller, of, .. } = instrument else {
                    continue;
                };
                let known = self.known.commodities.contains(of)
                    && (self.known.firms.contains(seller) || self.known.states.contains(seller));
                if known && !can_make(scenario, seller, of) {
                    let path = ["strategies", state]
                        .into_iter()
                        .chain(place)
                        .chain(["seller"]);
                    let path = path.map(str::to_owned).collect();
                    let text = format!("{seller} has no plant that makes {of}");
                    self.problems.push(Problem::new(path, "value", text));
                }
            }
        }
    }
}
