//! The recorder: the last system of a quarter reads the world and pushes the quarter's rows. Nothing else writes results.

use super::{
    RunRecord,
    label::{ContractEvent, PolicyEvent, ProjectEvent, RentTo, ShockEvent},
    row::{
        ContractRow, EndUseRow, LimitRow, MarketRow, PolicyRow, ProjectRow, RelationRow, ShockRow,
        SolverRow, StageRow, StateRow, TradeRow,
    },
};
use crate::domain::{
    actors::{
        Capability, Contract, Damage, EndUser, Kept, MeasureStatus, Name, OwnerState, Plant,
        PolicyBook, PublicAccounts, Roll, Status,
    },
    exchange::{
        Books, Curves, Effects, GroupBooks, Journal, Milestone, PlantBooks, Provenance, Relations,
        Trading,
    },
    graph::{Form, Graph, Stage},
    ids::{PlantId, StateId},
    layout::{Layout, Side, Venue},
    maths::exp,
    time::Quarter,
    units::KG_PER_T,
};
use crate::engine::{
    phase::Phase,
    simulation::{Clock, Simulation},
};
use bevy_ecs::prelude::*;

/// What the recorder needs beyond the shared state.
#[derive(Resource, Debug, Clone, Default)]
pub struct Lens {
    /// Venue of each end user.
    pub venue_of_user: Vec<usize>,
    /// Value of the product per kg of the commodity in it, by sector.
    pub product_value: Vec<f64>,
    /// Group of each plant.
    pub group_of: Vec<usize>,
    /// Names of measures that can limit, in the order of all measures sorted by state and name.
    pub measures: Vec<String>,
    /// Names of the measures behind the export quota pools.
    pub quota_measures: Vec<String>,
    /// Buffer: sums by stage, host and owner.
    pub stage: Vec<StageSum>,
}

/// Sums of a stage by host and owner.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct StageSum {
    capacity: f64,
    production: f64,
    value_added: f64,
    profit: f64,
    jobs: f64,
    plants: u32,
}

/// Days in a quarter.
const DAYS: f64 = 91.25;
/// Flows below this are not worth a row, t.
const LEAST_FLOW: f64 = 1e-3;

/// Adds the recorder.
pub fn plugin(simulation: &mut Simulation) {
    simulation.add(
        Phase::Record,
        (
            record_markets,
            record_users,
            record_plants,
            record_states,
            record_events,
        )
            .chain(),
    );
}

#[expect(
    clippy::too_many_arguments,
    reason = "a recorder reads much and changes one thing"
)]
fn record_markets(
    clock: Res<Clock>,
    layout: Res<Layout>,
    books: Res<Books>,
    trading: Res<Trading>,
    lens: Res<Lens>,
    effects: Res<Effects>,
    provenance: Res<Provenance>,
    mut record: ResMut<RunRecord>,
) {
    let quarter = clock.now;
    let for_stocks = shares_for_stocks(&trading, &books);
    let record = &mut *record;
    for (v, venue) in layout.venues.iter().enumerate() {
        if venue.side == Side::Open {
            let row = market_row(quarter, &layout, &books, &trading, &provenance, v, *venue);
            record.rows.market.push(row);
        }
    }
    let mut leaked = vec![0.0; layout.lanes.len()];
    for (l, lane) in layout.lanes.iter().enumerate() {
        if let Some(of) = lane.leak_of() {
            leaked[of] = books.lane_flow[l];
        }
    }
    for (l, lane) in layout.lanes.iter().enumerate() {
        if lane.leak_of().is_some() || lane.is_valve() || layout.sides.open_lane(l).is_some() {
            continue;
        }
        // Both sides of a lane are one flow between two states.
        let twin = layout.sides.lanes.iter().find(|pair| pair.0 == l);
        let both = [Some(l), twin.map(|pair| pair.1)];
        let sum = |of: &dyn Fn(usize) -> f64| both.into_iter().flatten().map(of).sum::<f64>();
        let quantity = sum(&|l| books.lane_flow[l]);
        let all = quantity + leaked[l];
        if all > LEAST_FLOW {
            record.rows.trade.push(TradeRow {
                quarter,
                exporter: lane.exporter,
                importer: lane.importer,
                commodity: lane.commodity,
                quantity_t: all,
                value_usd: sum(&|l| {
                    (books.lane_flow[l] + leaked[l]) * KG_PER_T * books.lane_value[l]
                }),
                leaked_t: leaked[l],
            });
        }
        if effects.limit_by[l] != usize::MAX {
            let measure = record.texts.id(&lens.measures[effects.limit_by[l]]);
            record.rows.limit.push(LimitRow {
                quarter,
                exporter: lane.exporter,
                importer: lane.importer,
                commodity: lane.commodity,
                measure,
                limit_t: sum(&|l| trading.coefficients.limit[l]),
                refused_t: sum(&|l| refused(&books, l)),
                refused_stock_t: sum(&|l| {
                    refused(&books, l) * for_stocks[layout.lanes[l].to.index()]
                }),
                rent_usd: sum(&|l| books.lane_flow[l] * KG_PER_T * books.lane_rent[l]),
                rent_to: RentTo::Firm,
            });
        }
    }
    for (pool, members) in trading.structure.pools.iter().enumerate() {
        if !trading.coefficients.released[pool].is_finite() {
            continue;
        }
        for member in members {
            let lane = layout.lanes[member.lane.index()];
            let measure = record.texts.id(&lens.quota_measures[pool]);
            record.rows.limit.push(LimitRow {
                quarter,
                exporter: lane.exporter,
                importer: lane.importer,
                commodity: lane.commodity,
                measure,
                limit_t: trading.coefficients.released[pool],
                refused_t: refused(&books, member.lane.index()),
                refused_stock_t: refused(&books, member.lane.index()) * for_stocks[lane.to.index()],
                rent_usd: books.lane_flow[member.lane.index()]
                    * KG_PER_T
                    * trading.cleared.rent[pool]
                    * member.weight,
                rent_to: RentTo::Firm,
            });
        }
    }
    record.rows.solver.push(SolverRow {
        quarter,
        iterations: trading.diagnostics.iterations,
        residual: trading.diagnostics.residual,
        fallbacks: trading.diagnostics.fallbacks,
    });
}

/// A commodity in a state, both sides together.
fn market_row(
    quarter: Quarter,
    layout: &Layout,
    books: &Books,
    trading: &Trading,
    provenance: &Provenance,
    v: usize,
    venue: Venue,
) -> MarketRow {
    let price = &trading.cleared.price;
    let pair = layout.sides.venues.iter().position(|pair| pair.0 == v);
    let twin = pair.map(|i| layout.sides.venues[i].1);
    let valve = pair.map_or(0.0, |i| books.lane_flow[layout.sides.valves[i]]);
    let sum = |column: &[f64]| column[v] + twin.map_or(0.0, |q| column[q]);
    // Goods that change side come from the state's own qualified side.
    let open = books.production[v] + books.imports[v] - valve;
    let mean = |of: &[f64]| match twin {
        Some(q) if open > 0.0 || books.production[q] + books.imports[q] > 0.0 => {
            let qualified = books.production[q] + books.imports[q];
            (of[v] * open.max(0.0) + of[q] * qualified) / (open.max(0.0) + qualified)
        }
        _ => of[v],
    };
    let used = sum(&books.used);
    let drawn = used + sum(&books.scrap) + sum(&books.loss) + sum(&books.disposal);
    let stock = sum(&books.firm_stock) + sum(&books.state_stock);
    MarketRow {
        quarter,
        state: venue.state,
        commodity: venue.commodity,
        price_usd_per_kg: mean(price),
        price_traded_usd_per_kg: mean(&books.price_traded),
        production_t: sum(&books.production),
        imports_t: sum(&books.imports) - valve,
        exports_t: sum(&books.exports) - valve,
        use_t: used,
        scrap_t: sum(&books.scrap),
        loss_t: sum(&books.loss),
        disposal_t: sum(&books.disposal),
        firm_stock_t: sum(&books.firm_stock),
        state_stock_t: sum(&books.state_stock),
        cover_days: if drawn > 0.0 {
            stock / drawn * DAYS
        } else {
            f64::NAN
        },
        qualified_premium: match twin {
            Some(q) if provenance.apart => price[q] / price[v] - 1.0,
            _ => f64::NAN,
        },
        qualified_use_t: match twin {
            Some(q) if provenance.apart => {
                books.used[q] + books.scrap[q] + books.loss[q] + books.disposal[q]
            }
            _ => f64::NAN,
        },
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "a recorder reads much and changes one thing"
)]
fn record_users(
    clock: Res<Clock>,
    layout: Res<Layout>,
    curves: Res<Curves>,
    trading: Res<Trading>,
    groups: Res<GroupBooks>,
    lens: Res<Lens>,
    roll: Res<Roll>,
    users: Query<&EndUser>,
    mut record: ResMut<RunRecord>,
) {
    let record = &mut *record;
    let (co, out) = (&trading.coefficients, &trading.cleared);
    for user in users.iter_many(&roll.users).flatten() {
        let id = user.id.index();
        let (curve, v) = (curves.of_user[id], lens.venue_of_user[id]);
        let share = if co.use_base[curve] > 0.0 {
            curves.choke_factor[curve] / co.use_base[curve]
        } else {
            0.0
        };
        let demand = user.reference_demand;
        let twin = layout.sides.uses.iter().find(|use_| use_.open == curve);
        let bought = |used: &[f64]| used[curve] + twin.map_or(0.0, |use_| used[use_.qualified]);
        let served = curves.served(id, demand, &trading);
        let free = if trading.bound {
            demand * share * bought(&trading.free.used)
        } else {
            served
        };
        let price = match twin {
            Some(use_) if served > 0.0 => {
                let q = trading.structure.uses[use_.qualified].index();
                (out.price[v] * out.used[curve] + out.price[q] * out.used[use_.qualified])
                    / bought(&out.used)
            }
            _ => out.price[v],
        };
        let reference = exp(groups.log_price_start[v]);
        record.rows.end_use.push(EndUseRow {
            quarter: clock.now,
            state: user.state,
            sector: user.sector,
            commodity: user.commodity,
            demand_t: demand,
            served_t: served,
            unmet_price_t: (demand - free.max(served)).max(0.0),
            unmet_limit_t: (free - served).max(0.0).min((demand - served).max(0.0)),
            intensity: 1.0 - user.thrifted,
            consumer_loss_usd: consumer_loss(demand, served, price, reference),
            product_value_usd: served * KG_PER_T * lens.product_value[user.sector.index()],
        });
    }
}

/// What limits refused on a lane, t.
fn refused(books: &Books, l: usize) -> f64 {
    (books.lane_flow_free[l] - books.lane_flow[l]).max(0.0)
}

/// By venue, the share of what was refused on the way to it that would have gone into its stocks: how much more its holders would have
/// wanted without limits, over all that was refused to it.
fn shares_for_stocks(trading: &Trading, books: &Books) -> Vec<f64> {
    let mut all = vec![0.0; trading.structure.venues];
    if !trading.bound {
        return all;
    }
    for (l, lane) in trading.structure.lanes.iter().enumerate() {
        all[lane.to.index()] += refused(books, l);
    }
    for (v, all) in all.iter_mut().enumerate().filter(|(_, all)| **all > 0.0) {
        let held = trading.free.desired_stock[v]
            .iter()
            .zip(&trading.cleared.desired_stock[v]);
        let more: f64 = held.map(|(free, held)| free - held).sum();
        *all = (more / *all).clamp(0.0, 1.0);
    }
    all
}

/// Consumer surplus lost against the reference price, USD: the trapezium between demand and what was served. Negative: gained.
#[must_use]
pub fn consumer_loss(demand: f64, served: f64, price: f64, reference: f64) -> f64 {
    (price - reference) * 0.5 * (demand + served) * KG_PER_T
}

#[expect(
    clippy::too_many_arguments,
    reason = "a recorder reads much and changes one thing"
)]
fn record_plants(
    clock: Res<Clock>,
    layout: Res<Layout>,
    graph: Res<Graph>,
    books: Res<PlantBooks>,
    trading: Res<Trading>,
    roll: Res<Roll>,
    plants: Query<(&PlantId, &Plant, &OwnerState)>,
    mut lens: ResMut<Lens>,
    mut record: ResMut<RunRecord>,
) {
    let states = layout.states.len();
    let lens = &mut *lens;
    lens.stage.clear();
    lens.stage
        .resize(Stage::ALL.len() * states * states, StageSum::default());
    for (id, plant, owner) in plants.iter_many(&roll.plants).flatten() {
        if plant.status != Status::Operating {
            continue;
        }
        let row = id.index();
        let group = layout.groups[lens.group_of[row]];
        let process = &graph.processes[group.process.index()];
        let slot =
            (process.stage as usize * states + group.host.index()) * states + owner.0.index();
        let sum = &mut lens.stage[slot];
        sum.capacity += trading.coefficients.capacity[row];
        sum.production += books.activity[row];
        sum.value_added += books.value_added[row];
        sum.profit += books.profit[row];
        sum.jobs += trading.coefficients.capacity[row] * 4.0 / 1000.0 * process.jobs_per_kt;
        sum.plants += 1;
    }
    for stage in Stage::ALL {
        for host in 0..states {
            for owner in 0..states {
                let sum = lens.stage[(stage as usize * states + host) * states + owner];
                if sum.plants > 0 {
                    record.rows.stage.push(StageRow {
                        quarter: clock.now,
                        stage,
                        host: StateId::from_index(host),
                        owner: StateId::from_index(owner),
                        capacity_t: sum.capacity,
                        production_t: sum.production,
                        value_added_usd: sum.value_added,
                        profit_usd: sum.profit,
                        jobs: sum.jobs,
                        plants: sum.plants,
                    });
                }
            }
        }
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "a recorder reads much and changes one thing"
)]
fn record_states(
    clock: Res<Clock>,
    layout: Res<Layout>,
    graph: Res<Graph>,
    books: Res<Books>,
    plants: Res<PlantBooks>,
    relations: Res<Relations>,
    trading: Res<Trading>,
    states: Query<(&StateId, &Capability, &PublicAccounts, &Damage)>,
    mut record: ResMut<RunRecord>,
) {
    let n = layout.states.len();
    let quarter = clock.now;
    let mut value_added = vec![0.0; n];
    for group in &layout.groups {
        value_added[group.host.index()] += plants.value_added[group.plants()].iter().sum::<f64>();
    }
    // Net imports over use of magnets, metals and oxides, by value.
    let (mut net, mut used) = (vec![0.0; n], vec![0.0; n]);
    for (v, venue) in layout.venues.iter().enumerate() {
        if matches!(
            graph.commodities[venue.commodity.index()].form,
            Form::Oxide | Form::Metal | Form::Magnet
        ) {
            net[venue.state.index()] +=
                trading.cleared.price[v] * (books.imports[v] - books.exports[v]);
            used[venue.state.index()] += trading.cleared.price[v]
                * (books.used[v] + books.scrap[v] + books.loss[v] + books.disposal[v]);
        }
    }
    // What changes side is no trade between states.
    for (&(o, q), &valve) in layout.sides.venues.iter().zip(&layout.sides.valves) {
        let venue = layout.venues[o];
        if matches!(
            graph.commodities[venue.commodity.index()].form,
            Form::Oxide | Form::Metal | Form::Magnet
        ) {
            net[venue.state.index()] -=
                books.lane_flow[valve] * (trading.cleared.price[o] - trading.cleared.price[q]);
        }
    }
    for (state, capability, accounts, damage) in states.iter().sort::<&StateId>() {
        let s = state.index();
        record.rows.state.push(StateRow {
            quarter,
            state: *state,
            public_cost_usd: accounts.cost,
            tax_revenue_usd: accounts.revenue,
            value_added_usd: value_added[s],
            import_reliance: if used[s] > 0.0 {
                net[s] / used[s]
            } else {
                f64::NAN
            },
            damage_usd: damage.0,
            capability_mine: capability.0[Stage::Mine as usize],
            capability_separation: capability.0[Stage::Separation as usize],
            capability_metal: capability.0[Stage::Metal as usize],
            capability_magnet: capability.0[Stage::Magnet as usize],
            capability_recycling: capability.0[Stage::Recycling as usize],
        });
    }
    for from in 0..n {
        for to in (0..n).filter(|&to| to != from) {
            record.rows.relation.push(RelationRow {
                quarter,
                from: StateId::from_index(from),
                to: StateId::from_index(to),
                trust: relations.trust[from * n + to],
            });
        }
    }
}

fn record_events(
    clock: Res<Clock>,
    mut journal: ResMut<Journal>,
    books: Query<(&StateId, &PolicyBook)>,
    contracts: Query<(&Name, &Contract)>,
    mut record: ResMut<RunRecord>,
) {
    let quarter = clock.now;
    let record = &mut *record;
    for event in journal.measures.drain(..) {
        let state = StateId::from_index(event.state);
        record.rows.policy.push(PolicyRow {
            quarter,
            state,
            measure: record.texts.id(&event.measure),
            instrument: record.texts.id(event.instrument),
            event: match event.status {
                MeasureStatus::Announced => PolicyEvent::Announced,
                MeasureStatus::Lifted => PolicyEvent::Lifted,
                MeasureStatus::Effective | MeasureStatus::Secret => PolicyEvent::Effective,
            },
            public_cost_usd: event.cost_usd,
            scope: record.texts.id(&event.scope),
        });
    }
    if quarter == clock.end {
        // What a measure cost in the last quarter has no later row to stand in.
        for (state, book) in books.iter().sort::<&StateId>() {
            for measure in book.0.iter().filter(|m| m.cost_usd != 0.0) {
                record.rows.policy.push(PolicyRow {
                    quarter,
                    state: *state,
                    measure: record.texts.id(&measure.name),
                    instrument: record.texts.id(measure.instrument.name()),
                    event: PolicyEvent::Effective,
                    public_cost_usd: measure.cost_usd,
                    scope: record.texts.id(&measure.instrument.scope()),
                });
            }
        }
    }
    for (name, starts, size) in journal.shocks.drain(..) {
        let event = if starts {
            ShockEvent::Starts
        } else {
            ShockEvent::Ends
        };
        record.rows.shock.push(ShockRow {
            quarter,
            shock: record.texts.id(&name),
            event,
            size,
        });
    }
    for event in journal.projects.drain(..) {
        record.rows.project.push(ProjectRow {
            quarter,
            project: record.texts.id(&event.project),
            host: StateId::from_index(event.host),
            owner: StateId::from_index(event.owner),
            stage: event.stage,
            event: match event.milestone {
                Milestone::Started => ProjectEvent::Started,
                Milestone::Delayed => ProjectEvent::Delayed,
                Milestone::Commissioned => ProjectEvent::Commissioned,
                Milestone::Mothballed => ProjectEvent::Mothballed,
                Milestone::Reopened => ProjectEvent::Reopened,
                Milestone::Closed => ProjectEvent::Closed,
                Milestone::Bankrupt => ProjectEvent::Bankrupt,
                Milestone::Sold => ProjectEvent::Sold,
            },
            capacity_t: event.capacity,
        });
    }
    for (name, contract) in contracts.iter().sort::<&Name>() {
        if quarter < contract.from {
            continue;
        }
        record.rows.contract.push(ContractRow {
            quarter,
            contract: record.texts.id(&name.0),
            quantity_t: contract.delivered,
            price_usd_per_kg: contract.price,
            transfer_usd: contract.transfer_usd,
            event: match contract.kept {
                Kept::Delivered => ContractEvent::None,
                Kept::ForceMajeure => ContractEvent::ForceMajeure,
                Kept::Default => ContractEvent::Default,
            },
        });
    }
}
