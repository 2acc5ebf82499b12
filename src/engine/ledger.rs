//! The audit: every quarter, in every run, the books must close. A breach stops the run and names quarter, place and size.

use super::{
    phase::Phase,
    simulation::{Clock, Fault, RunFault, Simulation},
};
use crate::domain::{
    exchange::{Books, ElementBook, GroupBooks, PlantBooks, Trading},
    graph::Graph,
    layout::Layout,
    time::Quarter,
};
use bevy_ecs::prelude::*;

/// Largest relative gap in a book of mass or money.
pub const TOLERANCE: f64 = 1e-9;

/// Adds the audit.
pub fn plugin(simulation: &mut Simulation) {
    simulation.add(Phase::Audit, audit_books);
}

/// The gap of an element's book, t, and what it is measured against: opening + mined + collected against used + lost + disposed + closing.
#[must_use]
pub fn element_gap(book: &ElementBook, element: usize) -> (f64, f64) {
    let come = book.opening[element] + book.mined[element] + book.collected[element];
    let gone =
        book.used[element] + book.lost[element] + book.disposed[element] + book.closing[element];
    (come - gone, come.max(gone))
}

#[expect(clippy::too_many_arguments, reason = "an audit reads every book")]
fn audit_books(
    clock: Res<Clock>,
    layout: Res<Layout>,
    graph: Res<Graph>,
    books: Res<Books>,
    trading: Res<Trading>,
    groups: Res<GroupBooks>,
    plants: Res<PlantBooks>,
    mut fault: ResMut<Fault>,
) {
    if fault.0.is_none() {
        fault.0 = find_fault(clock.now, &layout, &graph, &books, &trading)
            .or_else(|| find_excess(clock.now, &layout, &graph, &groups, &plants));
    }
}

/// The first breach of an invariant, if there is one.
#[must_use]
pub fn find_fault(
    now: Quarter,
    layout: &Layout,
    graph: &Graph,
    books: &Books,
    trading: &Trading,
) -> Option<RunFault> {
    let place = |v: usize| {
        let venue = layout.venues[v];
        format!(
            "{}@{}",
            graph.commodities[venue.commodity.index()].name,
            layout.states[venue.state.index()]
        )
    };
    for v in 0..layout.venues.len() {
        let come = books.opening[v] + books.production[v] + books.imports[v];
        let gone =
            books.exports[v] + books.used[v] + books.scrap[v] + books.loss[v] + books.disposal[v];
        let closing = books.firm_stock[v] + books.state_stock[v];
        let size = come - gone - closing;
        if size.abs() > TOLERANCE * come.max(1e-6) {
            return Some(RunFault::Imbalance {
                quarter: now,
                book: "the book of goods".into(),
                place: place(v),
                size,
                scale: come,
            });
        }
        // A tolerance for what the solver leaves of a stock that is all but used up.
        let least = -1e-7 * come.max(1.0);
        for (what, value) in [
            ("the stock of firms", books.firm_stock[v]),
            ("the state's stock", books.state_stock[v]),
            ("loss", books.loss[v]),
            ("disposal", books.disposal[v]),
        ] {
            if !value.is_finite() || value < least {
                return Some(RunFault::OutOfBounds {
                    quarter: now,
                    what: what.into(),
                    place: place(v),
                    value,
                });
            }
        }
        if !books.log_price[v].is_finite() {
            return Some(RunFault::OutOfBounds {
                quarter: now,
                what: "the log price".into(),
                place: place(v),
                value: books.log_price[v],
            });
        }
    }
    for (element, name) in graph.elements.iter().enumerate() {
        let (size, scale) = element_gap(&books.elements, element);
        if size.is_nan() || size.abs() > TOLERANCE * scale.max(1e-6) {
            return Some(RunFault::Imbalance {
                quarter: now,
                book: "the world's book of mass".into(),
                place: name.clone(),
                size,
                scale,
            });
        }
    }
    let gap = books.money.gap();
    if gap.is_nan() || gap.abs() > TOLERANCE * books.money.turnover.max(1.0) {
        return Some(RunFault::Imbalance {
            quarter: now,
            book: "the book of money".into(),
            place: "the world".into(),
            size: gap,
            scale: books.money.turnover,
        });
    }
    for (l, lane) in layout.lanes.iter().enumerate() {
        let (quantity, limit) = (books.lane_flow[l], trading.coefficients.limit[l]);
        if quantity > limit * (1.0 + 1e-12) + 1e-12 {
            let commodity = &graph.commodities[lane.commodity.index()].name;
            let lane = format!(
                "{commodity} {}>{}",
                layout.states[lane.exporter.index()],
                layout.states[lane.importer.index()]
            );
            return Some(RunFault::LimitExceeded {
                quarter: now,
                lane,
                quantity,
                limit,
            });
        }
    }
    for (pool, members) in trading.structure.pools.iter().enumerate() {
        let quantity: f64 = members
            .iter()
            .map(|m| books.lane_flow[m.lane.index()] * m.weight)
            .sum();
        let limit = trading.coefficients.released[pool];
        if quantity > limit * (1.0 + 1e-9) + 1e-9 {
            return Some(RunFault::LimitExceeded {
                quarter: now,
                lane: format!("the lanes of export quota {pool}"),
                quantity,
                limit,
            });
        }
    }
    None
}

/// The first plant group that made more than its capacity, which ceilings on output cut, if there is one.
#[must_use]
pub fn find_excess(
    now: Quarter,
    layout: &Layout,
    graph: &Graph,
    groups: &GroupBooks,
    plants: &PlantBooks,
) -> Option<RunFault> {
    layout.groups.iter().enumerate().find_map(|(g, group)| {
        let quantity: f64 = plants.activity[group.plants()].iter().sum();
        let limit = groups.capacity[g];
        exceeds(quantity, limit).then(|| RunFault::CapacityExceeded {
            quarter: now,
            place: format!(
                "{}@{}",
                graph.processes[group.process.index()].name,
                layout.states[group.host.index()]
            ),
            quantity,
            limit,
        })
    })
}

/// Whether a quantity is above its limit by more than rounding, or is no number.
fn exceeds(quantity: f64, limit: f64) -> bool {
    quantity.is_nan() || quantity > limit * (1.0 + TOLERANCE) + TOLERANCE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_the_limit_is_found_and_rounding_is_not() {
        assert!(!exceeds(5.0 + 1e-12, 5.0) && !exceeds(0.0, 0.0));
        assert!(exceeds(5.0 + 1e-6, 5.0) && exceeds(1e-6, 0.0) && exceeds(f64::NAN, 5.0));
    }

    #[test]
    fn a_missing_tonne_is_found() {
        let mut book = ElementBook {
            opening: vec![10.0],
            mined: vec![5.0],
            collected: vec![0.0],
            used: vec![3.0],
            lost: vec![1.0],
            disposed: vec![1.0],
            closing: vec![10.0],
        };
        assert_eq!(element_gap(&book, 0).0, 0.0);
        book.closing[0] -= 1e-6;
        assert!(element_gap(&book, 0).0 > TOLERANCE * 15.0);
    }
}
