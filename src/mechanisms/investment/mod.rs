//! Investment: projects start, find money, slip, ramp up or are given up; plants are mothballed, reopened and closed; firms fail and their
//! plants are sold.
//!
//! One profitability serves running, mothballing and investing. A plant's owner looks at an expansion when the plant runs full and the net
//! present value at believed prices exceeds its hurdle; a project that is decided takes its lead time and a drawn delay, then ramps.

pub mod appraisal;
mod dated;
mod entry;
mod failure;
mod finance;
mod knowledge;
mod outlook;
mod ownership;
mod params;
mod plants;
mod projects;

use crate::domain::{exchange::Trading, graph::Graph, layout::Layout};
use crate::engine::{phase::Phase, simulation::Simulation};
use bevy_ecs::prelude::*;
pub use dated::{Announcements, Dates};
pub use entry::Entrant;
pub use outlook::Outlook;
pub use params::InvestmentParams as Params;
pub use projects::{Draws, delay_shape, expansion_of, project_delay};

/// The parameters in use.
#[derive(Resource, Debug, Clone, PartialEq)]
pub struct Settings(pub Params);

/// What a host's risk adds to the real return that is asked, per year, by state.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct HostRisk(pub Vec<f64>);

/// Premium for a host: country risk, and what is asked where the law protects an owner less than is usual.
#[must_use]
pub fn host_risk(risk_premium: f64, rule_of_law: f64, p: &Params) -> f64 {
    risk_premium + p.law_premium * (p.law_norm - rule_of_law).max(0.0)
}

/// Adds the mechanism.
pub fn plugin(simulation: &mut Simulation) {
    simulation.world.init_resource::<finance::Debts>();
    simulation.world.init_resource::<finance::Stakes>();
    simulation.world.init_resource::<ownership::Cases>();
    simulation.add(
        Phase::Investment,
        (
            dated::announce,
            outlook::look_ahead,
            dated::follow_dates.run_if(resource_exists::<Dates>),
            plants::run_down_and_reopen,
            ownership::merge_firms,
            ownership::buy_plants,
            ownership::divest,
            finance::pay_for_building,
            projects::advance_projects,
            projects::start_projects.run_if(not(resource_exists::<Dates>)),
            entry::enter.run_if(not(resource_exists::<Dates>)),
            failure::fail_firms.run_if(not(resource_exists::<Dates>)),
        )
            .chain(),
    );
}

/// Name of a plant's stage and owner for the journal.
pub(crate) fn stage_of(
    graph: &Graph,
    layout: &Layout,
    group: usize,
) -> crate::domain::graph::Stage {
    graph.processes[layout.groups[group].process.index()].stage
}

/// Activity-weighted conversion cost of a group, USD per kg of activity.
pub(crate) fn conversion_cost(layout: &Layout, trading: &Trading, group: usize) -> f64 {
    let modes = layout.groups[group].modes();
    let (mut cost, mut weight) = (0.0, 0.0);
    for m in modes {
        let w = trading.cleared.activity[m] + 1e-12 * trading.coefficients.mode_weight[m];
        cost += w * trading.coefficients.opex[m];
        weight += w;
    }
    cost / weight.max(f64::MIN_POSITIVE)
}
