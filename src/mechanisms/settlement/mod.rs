//! Settlement: goods and money booked exactly as cleared. Closing stock is the residual of the books, so that the solver's tolerance never
//! touches mass.

mod content;
mod contracts;
mod goods;
mod lane_money;
mod money;
mod params;

use crate::domain::{
    actors::Contract,
    exchange::{
        Anchors, Bills, Books, Conversions, Effects, GroupBooks, PlantBooks, Provenance, Relations,
        Revenue, Trading,
    },
    graph::Graph,
    ids::ContractId,
    layout::Layout,
};
use crate::engine::{
    phase::Phase,
    simulation::{Clock, Simulation},
};
use bevy_ecs::prelude::*;
pub use content::{Tracked, mix};
pub use goods::book_goods;
pub use money::book_money;
pub use params::SettlementParams as Params;

/// The parameters in use, and the speed at which slow averages follow.
#[derive(Resource, Debug, Clone, PartialEq)]
pub struct Settings {
    /// Parameters.
    pub params: Params,
    /// Speed of throughput, needs and usual flows, per quarter.
    pub average_speed: f64,
    /// Speed of the slow price average, per quarter.
    pub price_speed: f64,
    /// Carrying cost of state stocks, share of value per quarter.
    pub carrying: f64,
}

/// Adds the mechanism.
pub fn plugin(simulation: &mut Simulation) {
    simulation.add(
        Phase::Settlement,
        (settle_goods, settle_money, settle_contracts, carry_averages).chain(),
    );
}

#[expect(
    clippy::too_many_arguments,
    reason = "the books of goods touch all that moved"
)]
fn settle_goods(
    layout: Res<Layout>,
    graph: Res<Graph>,
    conversions: Res<Conversions>,
    tracked: Res<Tracked>,
    trading: Res<Trading>,
    provenance: Res<Provenance>,
    mut books: ResMut<Books>,
    mut plants: ResMut<PlantBooks>,
) {
    book_goods(
        &graph,
        &layout,
        &conversions,
        &tracked,
        &trading,
        provenance.apart,
        &mut books,
        &mut plants,
    );
}

#[expect(
    clippy::too_many_arguments,
    reason = "the books of money touch all that was paid"
)]
fn settle_money(
    settings: Res<Settings>,
    layout: Res<Layout>,
    conversions: Res<Conversions>,
    effects: Res<Effects>,
    relations: Res<Relations>,
    provenance: Res<Provenance>,
    trading: Res<Trading>,
    mut books: ResMut<Books>,
    mut plants: ResMut<PlantBooks>,
    mut groups: ResMut<GroupBooks>,
    mut bills: ResMut<Bills>,
    mut revenue: ResMut<Revenue>,
) {
    book_money(
        &settings,
        &layout,
        &conversions,
        &effects,
        &relations,
        &provenance,
        &trading,
        &mut books,
        &mut plants,
        &mut groups,
        &mut bills,
        &mut revenue,
    );
}

fn settle_contracts(
    clock: Res<Clock>,
    layout: Res<Layout>,
    trading: Res<Trading>,
    mut books: ResMut<Books>,
    mut plants: ResMut<PlantBooks>,
    mut bills: ResMut<Bills>,
    mut contracts: Query<(&ContractId, &mut Contract)>,
) {
    let mut money = books.money;
    for (_, mut contract) in contracts.iter_mut().sort::<&ContractId>() {
        contracts::settle(
            &mut contract,
            clock.now,
            &layout,
            &trading,
            &books,
            &mut plants,
            &mut money,
            &mut bills,
        );
    }
    books.money = money;
}

/// Slow averages that plans and relations go by.
fn carry_averages(
    clock: Res<Clock>,
    settings: Res<Settings>,
    layout: Res<Layout>,
    plants: Res<PlantBooks>,
    mut books: ResMut<Books>,
    mut anchors: ResMut<Anchors>,
    mut relations: ResMut<Relations>,
) {
    let speed = settings.average_speed;
    let b = &mut *books;
    for v in 0..b.firm_stock.len() {
        let drawn = b.used[v] + b.scrap[v] + b.loss[v] + b.disposal[v];
        b.throughput[v] += speed * (b.production[v].max(drawn) - b.throughput[v]);
        anchors.need[v] += speed * (drawn - anchors.need[v]);
        b.draw_left[v] = (b.draw_left[v] - 1.0).max(0.0);
        b.log_price_slow[v] += settings.price_speed * (b.log_price[v] - b.log_price_slow[v]);
    }
    for (usual, flow) in relations.usual_flow.iter_mut().zip(&b.lane_flow) {
        *usual += speed * (flow - *usual);
    }
    for (g, group) in layout.groups.iter().enumerate() {
        b.group_year_so_far[g] += plants.activity[group.plants()].iter().sum::<f64>();
        if clock.now.of_year() == 4 {
            b.group_year[g] = std::mem::take(&mut b.group_year_so_far[g]);
        }
    }
}
