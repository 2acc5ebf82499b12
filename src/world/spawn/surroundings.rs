//! What surrounds the actors: noise, dated shocks, who holds stocks, what recipes do with materials.

use super::{kept_and_scrapped, states::expectation_of};
use crate::config::scenario::Scenario;
use crate::domain::{
    exchange::{Conversion, Conversions},
    graph::{Graph, Stage},
    layout::Layout,
    market::{HOLDERS, Role, Structure},
    policy::ShockKind,
};
use crate::engine::rng::{Purpose, stream, uniform};
use crate::mechanisms::{
    planning::HolderShares,
    shock::{Dated, Noise, Strike, noise_path},
};
use crate::world::{assemble::Extras, build::Base};

pub(super) fn noise(
    scenario: &Scenario,
    base: &Base,
    layout: &Layout,
    seed: u64,
    quarters: usize,
) -> Noise {
    let p = &scenario.shock;
    let mut noise = Noise {
        quarters,
        ..Noise::default()
    };
    for sector in &layout.sectors {
        noise.demand.extend(noise_path(
            seed,
            Purpose::DemandNoise,
            sector,
            quarters,
            p.demand_noise,
            p.demand_persistence,
        ));
    }
    for group in &layout.groups {
        let owner = format!(
            "{}@{}",
            base.graph.processes[group.process.index()].name,
            layout.states[group.host.index()]
        );
        noise.supply.extend(noise_path(
            seed,
            Purpose::SupplyNoise,
            &owner,
            quarters,
            p.supply_noise,
            p.supply_persistence,
        ));
    }
    noise
}

pub(super) fn dated_shocks(
    scenario: &Scenario,
    graph: &Graph,
    layout: &Layout,
    group_of: &[usize],
) -> Vec<Dated> {
    let n = layout.states.len();
    let mut names: Vec<&String> = scenario.shocks.keys().collect();
    names.sort();
    names
        .into_iter()
        .map(|name| {
            let shock = &scenario.shocks[name];
            let strike = match &shock.what {
                ShockKind::MineClosure { state, share, of } => {
                    let covered = graph.covered(of);
                    let plants = (0..group_of.len())
                        .filter(|&p| {
                            let group = layout.groups[group_of[p]];
                            let process = &graph.processes[group.process.index()];
                            process.stage == Stage::Mine
                                && layout.states[group.host.index()] == *state
                                && (of.is_empty()
                                    || process.modes[0]
                                        .outputs
                                        .iter()
                                        .any(|t| covered.contains(&t.commodity)))
                        })
                        .collect();
                    Strike::Plants(plants, *share)
                }
                ShockKind::PlantOutage { plant, share } => {
                    let plants = (0..group_of.len())
                        .filter(|&p| {
                            layout.plants[p] == *plant
                                || layout.plants[p].ends_with(&format!(".{plant}"))
                        })
                        .collect();
                    Strike::Plants(plants, *share)
                }
                ShockKind::DemandSurge { sector, factor } => Strike::Sector(
                    layout.sector_named(sector).map_or(0, |s| s.index()),
                    *factor,
                ),
                ShockKind::FreightShock { from, to, factor } => {
                    let named = |list: &[String], s: usize| {
                        list.is_empty() || list.contains(&layout.states[s])
                    };
                    let pairs = (0..n * n)
                        .filter(|pair| named(from, pair / n) && named(to, pair % n))
                        .collect();
                    Strike::Freight(pairs, *factor)
                }
            };
            Dated {
                name: name.clone(),
                at: shock.at,
                lasts: i32::try_from(shock.lasts).unwrap_or(i32::MAX),
                strike,
            }
        })
        .collect()
}

/// Shares of the holder types in each venue: half those of the population (traders), half those of the firms whose plants deal there.
#[expect(
    clippy::too_many_arguments,
    reason = "who holds stocks depends on firms, owners and sides"
)]
pub(super) fn holder_shares(
    scenario: &Scenario,
    layout: &Layout,
    structure: &Structure,
    extras: &Extras,
    owners: &[usize],
    entrants: &[bool],
    seed: u64,
    firms: &[String],
) -> HolderShares {
    let kinds: Vec<usize> = firms
        .iter()
        .map(|name| {
            expectation_of(
                uniform(&mut stream(seed, Purpose::FirmCharacter, name)),
                scenario,
            ) as usize
        })
        .collect();
    let mut weight = vec![[0.0; HOLDERS]; layout.venues.len()];
    let twins: Vec<usize> = layout.sides.modes.iter().map(|pair| pair.1).collect();
    // Plants of restricted owners stand next to the others of their process and state, and count with them.
    let places = layout
        .groups
        .chunk_by(|a, b| (a.process, a.host) == (b.process, b.host));
    for groups in places {
        let mut of_group = [0.0; HOLDERS];
        let plants = groups.iter().flat_map(|group| group.plants());
        for p in plants.filter(|&p| !entrants[p]) {
            of_group[kinds[owners[p]]] += 1.0;
        }
        let total: f64 = of_group.iter().sum();
        if total <= 0.0 {
            continue;
        }
        for m in groups[0].modes().filter(|m| !twins.contains(m)) {
            for t in structure.modes[m].terms.clone() {
                for (sum, share) in weight[structure.terms[t].venue.index()]
                    .iter_mut()
                    .zip(of_group)
                {
                    *sum += share / total;
                }
            }
        }
    }
    let mut shares = Vec::with_capacity(layout.venues.len() * HOLDERS);
    for venue in weight {
        let total: f64 = venue.iter().sum();
        for (h, own) in venue.iter().enumerate() {
            shares.push(if total > 0.0 {
                0.5 * extras.holders[h] + 0.5 * own / total
            } else {
                extras.holders[h]
            });
        }
    }
    for &(open, qualified) in &layout.sides.venues {
        shares.copy_within(open * HOLDERS..(open + 1) * HOLDERS, qualified * HOLDERS);
    }
    HolderShares(shares)
}

/// What every market mode does with its materials.
pub(super) fn conversions(
    graph: &Graph,
    recovery: &std::collections::BTreeMap<crate::domain::ids::CommodityId, f64>,
    layout: &Layout,
    structure: &Structure,
) -> Conversions {
    let all = layout
        .modes
        .iter()
        .enumerate()
        .map(|(m, &(g, mode))| {
            let process = &graph.processes[layout.groups[g].process.index()];
            let recipe = &process.modes[mode];
            let terms = structure.modes[m].terms.clone();
            let commodity = |t: usize| layout.venues[structure.terms[t].venue.index()].commodity;
            let with = |role: Role| -> Vec<usize> {
                terms
                    .clone()
                    .filter(|&t| structure.terms[t].role == role)
                    .collect()
            };
            let scrap = recipe.scrap.and_then(|s| {
                with(Role::Output)
                    .into_iter()
                    .find(|&t| commodity(t) == s.commodity)
            });
            let outputs: Vec<usize> = with(Role::Output)
                .into_iter()
                .filter(|&t| Some(t) != scrap)
                .collect();
            let by_products = with(Role::ByProduct);
            let good = outputs
                .first()
                .map(|&t| &graph.commodities[commodity(t).index()]);
            let (kept, scrapped) = match (process.stage, good) {
                (Stage::Magnet, Some(good)) => kept_and_scrapped(graph, recipe, good),
                _ => (0.0, 0.0),
            };
            Conversion {
                stage: process.stage,
                group: g,
                inputs: with(Role::Input),
                recovery: outputs
                    .iter()
                    .chain(&by_products)
                    .map(|&t| recovery.get(&commodity(t)).copied().unwrap_or(0.0))
                    .collect(),
                outputs,
                by_products,
                scrap,
                kept,
                scrapped,
            }
        })
        .collect();
    Conversions(all)
}
