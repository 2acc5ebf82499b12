//! The market's system: one clearing a quarter, and a second one without limits when a limit bound.

use super::{
    Predictor, Workspace, clear, clear_without_limits,
    lane::{delivered_cost, free_flow, shadow_rent},
    plant::floor_payment,
};
use crate::domain::{
    exchange::{Books, Trading},
    graph::Graph,
    layout::Layout,
    market::LaneKind,
};
use crate::engine::{
    phase::Phase,
    simulation::{Clock, Fault, RunFault, Simulation},
};
use bevy_ecs::prelude::*;

/// Buffers of the solver and its guess of the next prices. Reused from quarter to quarter.
#[derive(Resource)]
pub struct Solver {
    workspace: Workspace,
    predictor: Predictor,
    start: Vec<f64>,
}

impl Solver {
    /// A solver for a compiled plan, starting from the settled prices.
    #[must_use]
    pub fn new(plan: std::sync::Arc<super::Plan>, log_price: &[f64]) -> Self {
        Self {
            workspace: Workspace::sharing(plan),
            predictor: Predictor::new(log_price),
            start: log_price.to_vec(),
        }
    }
}

impl Solver {
    /// The compiled plan, to share it with other runs.
    #[must_use]
    pub fn plan(&self) -> &std::sync::Arc<super::Plan> {
        self.workspace.plan()
    }
}

/// Adds the mechanism.
pub fn plugin(simulation: &mut Simulation) {
    simulation.add(Phase::Market, clear_market);
}

/// Share of a venue's stock and intake from which refusals are worth a second clearing for the shortage accounts; smaller ones are
/// accounted at the quarter's own prices.
const WORTH_COUNTING: f64 = 0.02;

/// Whether a limit in force is set on a lane of trade.
fn limited(trading: &Trading, l: usize) -> bool {
    let co = &trading.coefficients;
    co.limit[l].is_finite()
        && trading.structure.lanes[l].kind == LaneKind::Trade
        && co.capital[l] > 0.0
}

/// What a lane would carry at the quarter's prices if nothing limited it, t.
fn wanted(trading: &Trading, l: usize) -> f64 {
    let (co, out, lane) = (
        &trading.coefficients,
        &trading.cleared,
        &trading.structure.lanes[l],
    );
    let delivered = delivered_cost(
        out.price[lane.from.index()],
        co.seller_factor[l],
        co.adder[l],
        co.buyer_factor[l],
    );
    free_flow(
        co.capital[l],
        out.price[lane.to.index()],
        delivered,
        lane.kappa,
    )
}

/// Flows without limits at the quarter's own prices: what small refusals are accounted by.
fn note_what_was_wanted(t: &mut Trading) {
    t.free.flow.clone_from(&t.cleared.flow);
    for l in 0..t.structure.lanes.len() {
        if limited(t, l) {
            t.free.flow[l] = wanted(t, l).max(t.cleared.flow[l]);
        }
    }
}

/// Whether a quota, or a limit in force, holds back more than a trifle of what some venue uses, by what was wanted at the quarter's prices.
fn binds(trading: &Trading) -> bool {
    let (out, wanted) = (&trading.cleared, &trading.free.flow);
    out.rent.iter().any(|rent| *rent > 1e-9)
        || trading.structure.lanes.iter().enumerate().any(|(l, lane)| {
            let held_back = wanted[l] - out.flow[l];
            held_back > 0.0 && {
                let stock: f64 = out.desired_stock[lane.to.index()].iter().sum();
                held_back > WORTH_COUNTING * (stock + out.flow[l])
            }
        })
}

/// Rents of limits that bind and payments of floors that are in the money: settlement books them.
fn note_rents_and_floors(t: &mut Trading) {
    t.limit_rent.fill(0.0);
    let (co, out) = (&t.coefficients, &t.cleared);
    for (l, lane) in t.structure.lanes.iter().enumerate() {
        if limited(t, l) && out.flow[l] > 0.9 * co.limit[l] - 1e-12 {
            let (from, to) = (out.price[lane.from.index()], out.price[lane.to.index()]);
            let delivered =
                delivered_cost(from, co.seller_factor[l], co.adder[l], co.buyer_factor[l]);
            t.limit_rent[l] = shadow_rent(out.flow[l], co.capital[l], to, delivered, lane.kappa);
        }
    }
    for (term, payment) in t.floor_payment.iter_mut().enumerate() {
        *payment = if co.floor[term] > 0.0 {
            floor_payment(
                out.price[t.structure.terms[term].venue.index()],
                co.floor[term],
            )
            .0
        } else {
            0.0
        };
    }
}

fn clear_market(
    clock: Res<Clock>,
    layout: Res<Layout>,
    graph: Res<Graph>,
    books: Res<Books>,
    mut solver: ResMut<Solver>,
    mut trading: ResMut<Trading>,
    mut fault: ResMut<Fault>,
) {
    let (s, t) = (&mut *solver, &mut *trading);
    s.start.clear();
    s.start.extend_from_slice(&books.log_price);
    s.predictor.propose(&mut s.start);
    let structure = t.structure.clone();
    let result = clear(
        &structure,
        &t.coefficients,
        &s.start,
        &mut s.workspace,
        &mut t.cleared,
    )
    .and_then(|diagnostics| {
        t.diagnostics = diagnostics;
        note_what_was_wanted(t);
        t.bound = binds(t);
        if t.bound {
            let start = t.cleared.log_price.clone();
            let free = clear_without_limits(
                &structure,
                &t.coefficients,
                &start,
                &mut s.workspace,
                &mut t.free,
            )?;
            t.diagnostics.fallbacks += free.fallbacks;
        }
        Ok(())
    });
    match result {
        Ok(()) => {
            s.predictor.learn(&t.cleared.log_price);
            note_rents_and_floors(t);
        }
        Err(error) => {
            let venue = layout.venues[error.venue.index()];
            fault.0 = Some(RunFault::NotCleared {
                quarter: clock.now,
                venue: format!(
                    "{}@{}",
                    graph.commodities[venue.commodity.index()].name,
                    layout.states[venue.state.index()]
                ),
                residual: error.residual,
            });
        }
    }
}
