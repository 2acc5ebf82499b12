//! Measures that stand in each other's way.

use super::Check;
use crate::config::strategy::{Planned, Strategy};
use crate::config::words::Role;
use crate::domain::fields::{Path, Problem};
use crate::domain::policy::Instrument;
use crate::domain::time::Quarter;

impl Check<'_> {
    /// An export quota that could not be used up, of goods that may not leave at all.
    pub(super) fn contradiction(&mut self, state: &str, strategy: &Strategy, path: &Path<'_>) {
        let planned = strategy.planned();
        for (name, quota) in &planned {
            for instrument in quota.instruments() {
                let Instrument::ExportQuota {
                    of,
                    tonnes_per_year,
                    ..
                } = instrument
                else {
                    continue;
                };
                let from = dates(*quota).map_or(self.scenario.start, |(from, _)| from);
                let capacity = self.capacity(state, of, from);
                if *tonnes_per_year <= capacity {
                    continue;
                }
                let embargo = planned.iter().find(|(stop, other)| {
                    stop != name
                        && overlap(*quota, *other)
                        && other.instruments().any(|other| match other {
                            Instrument::Embargo { of: goods, to } => {
                                to.is_empty()
                                    && self
                                        .goods_named(goods)
                                        .iter()
                                        .any(|k| self.goods_named(of).contains(k))
                            }
                            _ => false,
                        })
                });
                let Some((embargo, _)) = embargo else {
                    continue;
                };
                let (map, field) = match quota {
                    Planned::Dated(_) => ("calendar", "instrument"),
                    Planned::Ruled(_) => ("rules", "then"),
                };
                let text = format!(
                    "the quota is above what {state} can make of these goods, {capacity:.0} t a year, while {embargo} lets none of them leave"
                );
                let at = path.join(map);
                let problem = Problem::new(
                    at.join(name).join(field).join("tonnes_per_year").names(),
                    "contradiction",
                    text,
                );
                self.problems
                    .push(problem.help("drop one of the two, or end one before the other begins"));
            }
        }
    }

    fn goods_named(&self, of: &[String]) -> Vec<&str> {
        let goods = self.scenario.commodities.iter();
        goods
            .filter(|(id, row)| {
                of.iter()
                    .any(|word| word == "all" || word == *id || word == row.form.name())
            })
            .map(|(id, _)| id.as_str())
            .collect()
    }

    /// What the plants of a state in the tables can make of goods in a quarter, t a year.
    fn capacity(&self, state: &str, of: &[String], at: Quarter) -> f64 {
        let goods = self.goods_named(of);
        let yields = |process: &str| -> f64 {
            let recipes = self.scenario.recipes.values();
            recipes
                .filter(|r| r.process == process && goods.contains(&r.commodity.as_str()))
                .filter(|r| r.role != Role::Input)
                .map(|r| r.t_per_t)
                .sum()
        };
        let plants = self
            .scenario
            .firms
            .values()
            .flat_map(|firm| firm.plants.values());
        plants
            .filter(|plant| plant.host == state)
            .map(|plant| {
                let at = at.max(self.scenario.start);
                let period = plant
                    .periods
                    .values()
                    .filter(|p| p.from <= at && p.to.is_none_or(|to| to >= at));
                let period = period.max_by_key(|p| p.from);
                period.map_or(0.0, |p| p.capacity_t_a * yields(&plant.process))
            })
            .sum()
    }
}

fn dates(planned: Planned<'_>) -> Option<(Quarter, Option<Quarter>)> {
    match planned {
        Planned::Dated(measure) => Some((measure.from, measure.until)),
        Planned::Ruled(_) => None,
    }
}

/// Whether two may be in force at once: a rule may be at any time.
fn overlap(one: Planned<'_>, two: Planned<'_>) -> bool {
    let (Some((a, a_end)), Some((b, b_end))) = (dates(one), dates(two)) else {
        return true;
    };
    a_end.is_none_or(|end| end >= b) && b_end.is_none_or(|end| end >= a)
}
