//! The content of goods that differ by batch: a stock-weighted average per venue, carried by flows.
//!
//! Within a quarter everything a venue has (stock, own output, imports) is one pool, and everything that leaves carries the pool's content.
//! Pools that ship to each other are mixed by a few sweeps; the content of the closing stock is then the residual of the books of each
//! element, so that mass closes whatever the sweeps left.

use crate::domain::{
    exchange::{Books, Conversions, Trading},
    graph::{Graph, Stage},
    layout::Layout,
};
use bevy_ecs::prelude::Resource;

/// Which venues hold goods whose content is tracked, and the lanes between them.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Tracked {
    /// By venue.
    pub is: Vec<bool>,
    /// Tracked venues.
    pub venues: Vec<usize>,
    /// Lanes of tracked commodities: (lane, from, to).
    pub lanes: Vec<(usize, usize, usize)>,
    /// Content of what is collected at the end of life, t REO of each element per t REO.
    pub collected: Vec<f64>,
    first_arriving: Vec<usize>,
}

/// Sweeps over the pools. Flows are nearly one-way (maker to user), so that few are needed.
const SWEEPS: usize = 3;

/// Finds the content of each pool and writes it to `books.mixed`.
pub fn mix(
    graph: &Graph,
    layout: &Layout,
    tracked: &Tracked,
    conversions: &Conversions,
    trading: &Trading,
    books: &mut Books,
) {
    let elements = graph.elements.len();
    books.mixed.clone_from(&books.content);
    // What enters each pool from outside: opening stock, output, collected scrap; t of each element.
    books.entering.clear();
    books.entering.resize(layout.venues.len() * elements, 0.0);
    for &v in &tracked.venues {
        let collected = trading.coefficients.inflow[v];
        for e in 0..elements {
            books.entering[v * elements + e] = books.opening[v] * books.content[v * elements + e]
                + collected * tracked.collected[e];
            books.elements.collected[e] += collected * tracked.collected[e];
        }
    }
    for (m, c) in conversions
        .0
        .iter()
        .enumerate()
        .filter(|(_, c)| c.stage == Stage::Magnet)
    {
        let activity = trading.cleared.activity[m];
        let good = trading.structure.terms[c.outputs[0]].venue.index();
        let scrap = c
            .scrap
            .map(|term| trading.structure.terms[term].venue.index());
        for &term in &c.inputs {
            let v = trading.structure.terms[term].venue.index();
            let tonnes = activity * trading.coefficients.amount[term];
            for e in 0..elements {
                let mass = tonnes * books.content[v * elements + e];
                if mass > 0.0 {
                    books.entering[good * elements + e] += mass * c.kept;
                    if let Some(scrap) = scrap {
                        books.entering[scrap * elements + e] += mass * c.scrapped;
                    }
                }
            }
        }
    }
    let mut pool = vec![0.0; elements];
    for _ in 0..SWEEPS {
        for (i, &v) in tracked.venues.iter().enumerate() {
            let total = books.opening[v] + books.production[v] + books.imports[v];
            if total <= 0.0 {
                continue;
            }
            pool.copy_from_slice(&books.entering[v * elements..(v + 1) * elements]);
            for &(lane, from, _) in &tracked.lanes[tracked.arriving(i)] {
                let q = books.lane_flow[lane];
                for (mass, share) in pool
                    .iter_mut()
                    .zip(&books.mixed[from * elements..(from + 1) * elements])
                {
                    *mass += q * share;
                }
            }
            for (mixed, mass) in books.mixed[v * elements..(v + 1) * elements]
                .iter_mut()
                .zip(&pool)
            {
                *mixed = mass / total;
            }
        }
    }
}

impl Tracked {
    /// Sorts out which venues and lanes are tracked.
    #[must_use]
    pub fn new(graph: &Graph, layout: &Layout, collected: Vec<f64>) -> Self {
        let is: Vec<bool> = layout
            .venues
            .iter()
            .map(|v| graph.commodities[v.commodity.index()].tracked)
            .collect();
        let venues: Vec<usize> = (0..is.len()).filter(|&v| is[v]).collect();
        let mut lanes: Vec<(usize, usize, usize)> = layout
            .lanes
            .iter()
            .enumerate()
            .filter(|(_, lane)| is[lane.from.index()])
            .map(|(l, lane)| (l, lane.from.index(), lane.to.index()))
            .collect();
        lanes.sort_by_key(|&(l, from, to)| (to, from, l));
        let mut first_arriving = Vec::with_capacity(venues.len() + 1);
        for &v in &venues {
            first_arriving.push(lanes.partition_point(|&(_, _, to)| to < v));
        }
        first_arriving.push(lanes.len());
        Self {
            is,
            venues,
            lanes,
            collected,
            first_arriving,
        }
    }

    /// Positions in `lanes` that lead to the i-th tracked venue.
    fn arriving(&self, i: usize) -> std::ops::Range<usize> {
        self.first_arriving[i]..self.first_arriving[i + 1]
    }

    /// Content of closing stocks: the residual of each element's book.
    pub fn close(&self, elements: usize, books: &mut Books) {
        for (i, &v) in self.venues.iter().enumerate() {
            let closing = books.firm_stock[v] + books.state_stock[v];
            let left = books.opening[v] + books.production[v] + books.imports[v] - closing;
            if closing <= 0.0 {
                continue;
            }
            for e in 0..elements {
                let mut mass =
                    books.entering[v * elements + e] - left * books.mixed[v * elements + e];
                for &(lane, from, _) in &self.lanes[self.arriving(i)] {
                    mass += books.lane_flow[lane] * books.mixed[from * elements + e];
                }
                books.content[v * elements + e] = mass / closing;
            }
        }
    }
}
