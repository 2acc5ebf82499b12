//! What the measures that a scenario's strategies hold ready ask of the structure of its world: stocks that may be filled or shared, quotas,
//! lanes that an offtake begins, lanes that may be restricted and therefore leak.

use super::{build::Base, lanes::Restricted};
use crate::config::scenario::Scenario;
use crate::domain::{
    ids::{CommodityId, StateId},
    policy::Instrument,
};

/// What is asked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asked {
    /// Venues with a state stockpile.
    pub stockpiles: Vec<(StateId, CommodityId)>,
    /// Stockpiles that others may draw on: owner, ally, commodity.
    pub shared: Vec<Restricted>,
    /// Export quotas: exporter, commodities covered, `STATE:measure` they belong to.
    pub quotas: Vec<(StateId, Vec<CommodityId>, String)>,
    /// Lanes that an offtake may begin.
    pub agreed: Vec<Restricted>,
    /// Lanes that may be restricted, sorted.
    pub restricted: Vec<Restricted>,
}

/// Gathers what all measures of a scenario ask.
#[must_use]
pub fn asked(scenario: &Scenario, base: &Base) -> Asked {
    let mut asked = Asked::default();
    for (s, code) in base.states.iter().enumerate() {
        let Some(strategy) = scenario.strategies.get(code) else {
            continue;
        };
        for (name, planned) in strategy.planned() {
            for instrument in planned.instruments() {
                let measure = format!("{code}:{name}");
                ask(scenario, base, s, &measure, instrument, &mut asked);
            }
        }
    }
    for list in [&mut asked.shared, &mut asked.agreed, &mut asked.restricted] {
        list.sort_unstable();
        list.dedup();
    }
    asked.stockpiles.sort_unstable();
    asked.stockpiles.dedup();
    asked
}

fn ask(
    scenario: &Scenario,
    base: &Base,
    s: usize,
    measure: &str,
    instrument: &Instrument,
    asked: &mut Asked,
) {
    let state = StateId::from_index(s);
    let states = base.states.len();
    // Who a circle such as `@friends` will mean is not known yet: it may be anybody.
    let named = |list: &[String]| -> Vec<StateId> {
        let anybody = list.is_empty() || list.iter().any(|word| word.starts_with('@'));
        (0..states)
            .filter(|&k| k != s && (anybody || list.contains(&base.states[k])))
            .map(StateId::from_index)
            .collect()
    };
    let mut restrict = |of: &[String], from: &[StateId], to: &[StateId]| {
        for commodity in base.graph.covered(of) {
            for &i in from {
                asked
                    .restricted
                    .extend(to.iter().map(|&j| (i, j, commodity)));
            }
        }
    };
    match instrument {
        Instrument::ExportQuota { of, .. } | Instrument::LocalContent { of, .. } => {
            restrict(of, &[state], &named(&[]))
        }
        Instrument::ExportTax { of, to, .. }
        | Instrument::ExportLicence { of, to, .. }
        | Instrument::Embargo { of, to }
        | Instrument::OreExportBan { of, to } => restrict(of, &[state], &named(to)),
        Instrument::EmergencyAllocation { of, .. } => restrict(of, &[state], &named(&[])),
        Instrument::Sanctions { of, on } if !on.is_empty() => {
            restrict(of, &[state], &named(on));
            restrict(of, &named(on), &[state]);
        }
        _ => {}
    }
    match instrument {
        Instrument::Stockpile { of, share_with, .. } => {
            for commodity in base.graph.covered(of) {
                asked.stockpiles.push((state, commodity));
                if !base.graph.commodities[commodity.index()].tracked {
                    let allies = possible_allies(scenario, base, share_with);
                    asked.shared.extend(
                        allies
                            .into_iter()
                            .filter(|&ally| ally != state)
                            .map(|ally| (state, ally, commodity)),
                    );
                }
            }
        }
        Instrument::ExportQuota {
            of, per_commodity, ..
        } => {
            let covered = base.graph.covered(of);
            if *per_commodity {
                asked.quotas.extend(
                    covered
                        .into_iter()
                        .map(|k| (state, vec![k], measure.to_owned())),
                );
            } else {
                asked.quotas.push((state, covered, measure.to_owned()));
            }
        }
        // What may leave is a pool of its own for each good.
        Instrument::LocalContent { of, .. } => {
            let covered = base.graph.covered(of);
            asked.quotas.extend(
                covered
                    .into_iter()
                    .map(|k| (state, vec![k], measure.to_owned())),
            );
        }
        Instrument::Offtake { seller, of, .. } => {
            if let Some(commodity) = base.graph.commodity_named(of) {
                let hosts = base.facts.groups.iter().filter(|g| {
                    let makes = base.graph.processes[g.process.index()]
                        .modes
                        .iter()
                        .any(|m| m.outputs.iter().any(|t| t.commodity == commodity));
                    makes
                        && (base.states[g.host.index()] == *seller
                            || g.plants.iter().any(|p| p.firm == *seller))
                });
                asked.agreed.extend(
                    hosts
                        .filter(|g| g.host != state)
                        .map(|g| (g.host, state, commodity)),
                );
            }
        }
        _ => {}
    }
}

/// States that a list of states and blocs may ever stand for.
fn possible_allies(scenario: &Scenario, base: &Base, names: &[String]) -> Vec<StateId> {
    let place = |code: &str| {
        base.states
            .iter()
            .position(|s| s == code)
            .map(StateId::from_index)
    };
    let mut allies = Vec::new();
    if names.iter().any(|name| name.starts_with('@')) {
        return (0..base.states.len()).map(StateId::from_index).collect();
    }
    for name in names {
        if let Some(state) = place(name) {
            allies.push(state);
            continue;
        }
        let rows = scenario.blocs.values().filter(|row| row.bloc == *name);
        allies.extend(rows.filter_map(|row| place(&row.state)));
        for (code, strategy) in &scenario.strategies {
            let accedes = strategy
                .planned()
                .into_iter()
                .flat_map(|(_, planned)| planned.instruments())
                .any(|i| matches!(i, Instrument::BlocMembership { bloc } if bloc == name));
            if accedes {
                allies.extend(place(code));
            }
        }
    }
    allies.sort_unstable();
    allies.dedup();
    allies
}
