//! End users with the paths of their drivers, and offtake contracts.

use crate::config::{scenario::Scenario, words};
use crate::domain::{
    actors::{Contract, EndUser, Kept, Name, PriceFormula},
    exchange::Curves,
    graph::Form,
    ids::{CommodityId, ContractId, UserId, VenueId},
    layout::Layout,
};
use crate::engine::simulation::Simulation;
use crate::mechanisms::demand::{EndOfLife, Source, at_end_of_life, driver_index};
use crate::world::{build::Base, gather};

pub(super) fn spawn_users(
    simulation: &mut Simulation,
    scenario: &Scenario,
    base: &Base,
    layout: &Layout,
    users: &[EndUser],
    curves: &mut Curves,
    quarters: usize,
) -> Vec<VenueId> {
    let d = &scenario.demand_model;
    let mut venues = Vec::new();
    for user in users {
        let (sector, state) = (
            &layout.sectors[user.sector.index()],
            &layout.states[user.state.index()],
        );
        let points = gather::driver_points(scenario, sector, state);
        let magnet = base.graph.commodities[user.commodity.index()].form == Form::Magnet;
        let surge = d.surge_log * if magnet { 1.0 } else { d.surge_of_oxides };
        let start = scenario.start.mid_year();
        let first = driver_index(&points, start, d.growth_after);
        for quarter in 0..quarters {
            let year = scenario
                .start
                .plus(i32::try_from(quarter).unwrap_or(0))
                .mid_year();
            let way = ((year - start) / (d.surge_year - start).max(1.0)).clamp(0.0, 1.0);
            curves
                .driver
                .push(driver_index(&points, year, d.growth_after) / first * libm::exp(surge * way));
        }
        venues.push(
            layout
                .venue(user.state, user.commodity)
                .expect("every user has a venue"),
        );
        simulation.world.spawn((user.id, *user));
    }
    debug_assert!(
        users
            .iter()
            .enumerate()
            .all(|(i, user)| user.id == UserId::from_index(i))
    );
    venues
}

/// Products that come back as scrap: what each user of magnets bought, where scrap of its state is dealt in. At the start a state collects
/// what the settled start says.
pub(super) fn end_of_life(
    scenario: &Scenario,
    base: &Base,
    layout: &Layout,
    users: &[EndUser],
) -> EndOfLife {
    let scrap = base
        .graph
        .commodities
        .iter()
        .position(|c| c.form == Form::Scrap)
        .map(CommodityId::from_index);
    let mut all = EndOfLife {
        past_growth: scenario.settle.past_growth,
        ..EndOfLife::default()
    };
    for user in users {
        let good = &base.graph.commodities[user.commodity.index()];
        let Some(venue) = scrap.and_then(|scrap| layout.venue(user.state, scrap)) else {
            continue;
        };
        if good.form != Form::Magnet {
            continue;
        }
        let sector = &scenario.sectors[&layout.sectors[user.sector.index()]];
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range of a life is checked"
        )]
        let life = (4.0 * sector.product_life_years).round().max(1.0) as usize;
        all.sources.push(Source {
            user: user.id,
            state: user.state,
            sector: user.sector,
            venue: venue.index(),
            life,
            start: user.base * good.reo_per_t(),
            reo: good.reo_per_t(),
            rate: sector.collection_rate,
        });
    }
    // Lives are whole quarters and uses were reconciled: scaled so that the start collects what it was settled on.
    for state in 0..layout.states.len() {
        let here: Vec<usize> = (0..all.sources.len())
            .filter(|&i| all.sources[i].state.index() == state)
            .collect();
        let sum: f64 = here
            .iter()
            .map(|&i| at_end_of_life(i, 0, &all) * all.sources[i].rate)
            .sum();
        let scale = if sum > 0.0 {
            base.facts.collected[state] / sum
        } else {
            1.0
        };
        for i in here {
            all.sources[i].start *= scale;
            all.sources[i].reo *= scale;
        }
    }
    all
}

pub(super) fn spawn_contracts(
    simulation: &mut Simulation,
    scenario: &Scenario,
    base: &Base,
    layout: &Layout,
) {
    let mut names: Vec<&String> = scenario.contracts.keys().collect();
    names.sort();
    for (i, name) in names.into_iter().enumerate() {
        let row = &scenario.contracts[name];
        let (Some(commodity), Some(buyer)) = (
            base.graph.commodity_named(&row.commodity),
            layout.state_named(&row.buyer_state),
        ) else {
            continue;
        };
        // The seller is the firm's largest group that makes the good where a lane leads to the buyer.
        let groups = base.facts.groups.iter().enumerate().filter(|(_, g)| {
            g.plants.iter().any(|p| p.firm == row.seller_firm)
                && base.graph.processes[g.process.index()]
                    .modes
                    .iter()
                    .any(|m| m.outputs.iter().any(|t| t.commodity == commodity))
        });
        let size = |g: usize| -> f64 { base.settled.q.activity[g].iter().sum() };
        let mut sellers: Vec<(usize, usize)> = groups
            .filter_map(|(group, fact)| {
                let lane = layout.lanes.iter().position(|l| {
                    l.exporter == fact.host && l.importer == buyer && l.commodity == commodity
                })?;
                Some((group, lane))
            })
            .collect();
        sellers.sort_by(|a, b| size(b.0).total_cmp(&size(a.0)).then(a.cmp(b)));
        let Some(&(group, lane)) = sellers.first() else {
            continue;
        };
        let price = row
            .price_usd_per_kg
            .or(base.facts.price[commodity.index()])
            .unwrap_or(0.0);
        simulation.world.spawn((
            ContractId::from_index(i),
            Name(name.clone()),
            Contract {
                lane: u32::try_from(lane).unwrap_or(u32::MAX),
                seller_group: u16::try_from(group).unwrap_or(u16::MAX),
                commodity,
                buyer,
                quantity: row.tonnes_per_q,
                from: row.from,
                until: row.to,
                measure: None,
                formula: match row.formula {
                    words::PriceFormula::Index => PriceFormula::Index,
                    words::PriceFormula::Floor => PriceFormula::Floor(price),
                    words::PriceFormula::Cap => PriceFormula::Cap(price),
                    words::PriceFormula::Fixed => PriceFormula::Fixed(price),
                },
                delivered: 0.0,
                price: 0.0,
                transfer_usd: 0.0,
                kept: Kept::Delivered,
            },
        ));
    }
}
