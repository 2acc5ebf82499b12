//! What firms expect a plant of each group to earn over the life of a project: believed prices, less the capacity known to be under way.

use super::{Settings, appraisal::mean_gap, conversion_cost};
use crate::domain::{
    actors::Project,
    exchange::{Beliefs, Books, GroupBooks, Trading},
    graph::Graph,
    layout::Layout,
    market::{HOLDERS, Role},
    maths::exp,
};
use bevy_ecs::prelude::*;

/// Expected unit revenue and cost per group, USD per kg of activity.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Outlook {
    /// Revenue at believed prices.
    pub revenue: Vec<f64>,
    /// Feed at believed prices.
    pub inputs: Vec<f64>,
    /// Conversion cost.
    pub conversion: Vec<f64>,
    /// Capacity under way, t of activity per quarter.
    pub pipeline: Vec<f64>,
    /// Group of each plant.
    pub group_of: Vec<usize>,
    /// Believed price per venue over a project's life, USD per kg.
    pub believed: Vec<f64>,
}

/// Share of a pipeline's weight in world output that is expected to press on the price.
const CROWDING: f64 = 0.5;

#[expect(
    clippy::too_many_arguments,
    reason = "an outlook gathers beliefs, books and the pipeline"
)]
pub(super) fn look_ahead(
    settings: Res<Settings>,
    layout: Res<Layout>,
    graph: Res<Graph>,
    beliefs: Res<Beliefs>,
    books: Res<Books>,
    trading: Res<Trading>,
    groups: Res<GroupBooks>,
    projects: Query<&Project>,
    mut outlook: ResMut<Outlook>,
) {
    let p = &settings.0;
    let o = &mut *outlook;
    // A project of eight quarters' lead: what is left of a gap over its life is alike for all, so that one belief per venue will do.
    let left = mean_gap(8.0, 4.0 * p.life_years, p.gap_quarters);
    o.believed.clear();
    for v in 0..layout.venues.len() {
        let norm = beliefs.price[HOLDERS * v + 2];
        let today = 0.5 * (books.log_price[v] + beliefs.price[HOLDERS * v + 1]);
        o.believed.push(exp(norm + (today - norm) * left));
    }
    o.pipeline.clear();
    o.pipeline.resize(layout.groups.len(), 0.0);
    for project in &projects {
        if !project.done {
            o.pipeline[o.group_of[project.plant.index()]] += project.capacity;
        }
    }
    // Capacity under way relative to all there is, by process.
    let processes = graph.processes.len();
    let (mut under_way, mut standing) = (vec![0.0; processes], vec![0.0; processes]);
    for (g, group) in layout.groups.iter().enumerate() {
        under_way[group.process.index()] += o.pipeline[g];
        standing[group.process.index()] += groups.capacity[g];
    }
    o.revenue.clear();
    o.inputs.clear();
    o.conversion.clear();
    for (g, group) in layout.groups.iter().enumerate() {
        let (mut revenue, mut inputs, mut weight) = (0.0, 0.0, 0.0);
        for m in group.modes() {
            let w = trading.cleared.activity[m] + 1e-12 * trading.coefficients.mode_weight[m];
            weight += w;
            for t in trading.structure.modes[m].terms.clone() {
                let term = trading.structure.terms[t];
                let value = w * trading.coefficients.amount[t] * o.believed[term.venue.index()];
                match term.role {
                    Role::Input => inputs += value,
                    Role::Output => {
                        // A floor helps on the volume that it covers.
                        let amount = w * trading.coefficients.amount[t];
                        let gap = trading.coefficients.floor[t] - o.believed[term.venue.index()];
                        revenue +=
                            value + amount * trading.coefficients.floor_share[t] * gap.max(0.0);
                    }
                    Role::ByProduct => {
                        let share = trading.cleared.separated[t];
                        revenue += value * share;
                        inputs += w
                            * trading.coefficients.amount[t]
                            * share
                            * trading.coefficients.byproduct_cost[t];
                    }
                }
            }
        }
        let weight = weight.max(f64::MIN_POSITIVE);
        let process = group.process.index();
        let crowding = CROWDING * under_way[process] / standing[process].max(f64::MIN_POSITIVE);
        // More of a good presses on what processing it earns, not on the whole of its price.
        let (revenue, inputs) = (revenue / weight, inputs / weight);
        let conversion = conversion_cost(&layout, &trading, g);
        o.revenue
            .push(revenue - crowding.min(0.5) * (revenue - inputs).max(0.0));
        o.inputs.push(inputs);
        o.conversion.push(conversion);
    }
}
