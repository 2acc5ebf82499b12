//! End of life: what was used one product life ago comes back as scrap, as far as it is collected. A mandate raises collection.

use crate::domain::{
    exchange::{Curves, Effects, Trading},
    ids::{SectorId, StateId, UserId},
    industry::Mandate,
    units::KG_PER_T,
};
use crate::engine::simulation::Clock;
use bevy_ecs::prelude::*;

/// Products of one sector in one state that hold scrap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Source {
    /// Who uses them.
    pub user: UserId,
    /// State in which they are thrown away.
    pub state: StateId,
    /// Sector.
    pub sector: SectorId,
    /// Venue of the scrap.
    pub venue: usize,
    /// Life of the product, quarters.
    pub life: usize,
    /// Use at the start, t REO per quarter.
    pub start: f64,
    /// t REO per t used.
    pub reo: f64,
    /// Share collected without a mandate.
    pub rate: f64,
}

/// All of them, and what was used quarter by quarter since the start.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct EndOfLife {
    /// Products.
    pub sources: Vec<Source>,
    /// Growth of use per year before the start.
    pub past_growth: f64,
    /// By quarter since the start: use by source, t REO.
    pub used: Vec<Vec<f64>>,
}

/// What reaches its end of life in a quarter of the run, t REO: use one life ago, back-cast at the past growth where that was before the
/// start.
#[must_use]
pub fn at_end_of_life(source: usize, quarter: usize, all: &EndOfLife) -> f64 {
    let one = &all.sources[source];
    match quarter.checked_sub(one.life) {
        Some(then) => all.used[then][source],
        None => {
            let years = (one.life - quarter) as f64 / 4.0;
            one.start * libm::pow(1.0 + all.past_growth, -years)
        }
    }
}

/// Share collected: the usual, or on the way to the target of a mandate that asks for more.
#[must_use]
pub fn collection(source: &Source, mandates: &[Mandate]) -> (f64, Option<usize>) {
    let (mut rate, mut by) = (source.rate, None);
    for (i, mandate) in mandates.iter().enumerate() {
        let aims = source.rate + (mandate.target - source.rate) * mandate.way;
        let covered = mandate.state == source.state && mandate.sectors[source.sector.index()];
        if covered && aims > rate {
            (rate, by) = (aims, Some(i));
        }
    }
    (rate, by)
}

pub(super) fn collect_scrap(
    clock: Res<Clock>,
    curves: Res<Curves>,
    mut all: ResMut<EndOfLife>,
    mut effects: ResMut<Effects>,
    mut trading: ResMut<Trading>,
) {
    let quarter = clock.index();
    if quarter > 0 && all.used.len() < quarter {
        // What the market cleared last quarter.
        let used = all
            .sources
            .iter()
            .map(|s| s.reo * curves.served(s.user.index(), curves.demand[s.user.index()], &trading))
            .collect();
        all.used.push(used);
    }
    let industry = &mut effects.industry;
    let inflow = &mut trading.coefficients.inflow;
    for source in &all.sources {
        inflow[source.venue] = 0.0;
    }
    for (i, source) in all.sources.iter().enumerate() {
        let worn_out = at_end_of_life(i, quarter, &all);
        let (rate, mandate) = collection(source, &industry.mandates);
        inflow[source.venue] += worn_out * rate;
        if let Some(mandate) = mandate.map(|m| &industry.mandates[m]) {
            let more = worn_out * (rate - source.rate) * KG_PER_T;
            industry
                .dues
                .push((mandate.measure, more * mandate.usd_per_kg));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> EndOfLife {
        EndOfLife {
            sources: vec![Source {
                user: UserId(0),
                state: StateId(2),
                sector: SectorId(1),
                venue: 0,
                life: 8,
                start: 100.0,
                reo: 0.3,
                rate: 0.01,
            }],
            past_growth: 0.1,
            used: vec![vec![100.0], vec![90.0]],
        }
    }

    #[test]
    fn what_was_used_one_life_ago_comes_back() {
        let all = all();
        assert!((at_end_of_life(0, 0, &all) - 100.0 / 1.21).abs() < 1e-9);
        assert!((at_end_of_life(0, 4, &all) - 100.0 / 1.1).abs() < 1e-9);
        assert_eq!(at_end_of_life(0, 8, &all), 100.0);
        assert_eq!(at_end_of_life(0, 9, &all), 90.0);
    }

    #[test]
    fn a_mandate_raises_collection_where_it_holds() {
        let source = all().sources[0];
        let mandate = |state| Mandate {
            measure: 4,
            state: StateId(state),
            sectors: vec![false, true],
            target: 0.41,
            way: 0.5,
            usd_per_kg: 1.0,
        };
        assert_eq!(collection(&source, &[]), (0.01, None));
        assert_eq!(collection(&source, &[mandate(3)]), (0.01, None));
        let (rate, by) = collection(&source, &[mandate(3), mandate(2)]);
        assert!((rate - 0.21).abs() < 1e-12 && by == Some(1));
    }
}
