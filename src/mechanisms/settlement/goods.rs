//! The books of goods: by venue in t of the commodity, world-wide in t of each element group.

use super::content::{Tracked, mix};
use crate::domain::{
    exchange::{Books, Conversion, Conversions, PlantBooks, Trading},
    graph::{Graph, Stage},
    layout::{Layout, Purpose},
    market::StepKind,
};

/// Books every flow of the quarter. Opening stocks are in `books`; closing stocks replace them.
#[expect(
    clippy::too_many_arguments,
    reason = "goods are booked from all that moves them"
)]
pub fn book_goods(
    graph: &Graph,
    layout: &Layout,
    conversions: &Conversions,
    tracked: &Tracked,
    trading: &Trading,
    apart: bool,
    books: &mut Books,
    plants: &mut PlantBooks,
) {
    open(graph, trading, books);
    // As long as goods are not told apart, a qualified side has no price of its own.
    for &(o, q) in layout.sides.venues.iter().filter(|_| !apart) {
        books.log_price[q] = books.log_price[o];
        books.log_price_free[q] = books.log_price_free[o];
    }
    for (l, lane) in layout.lanes.iter().enumerate() {
        let q = trading.cleared.flow[l];
        books.lane_flow[l] = q;
        books.lane_flow_free[l] = trading.free.flow[l];
        books.exports[lane.from.index()] += q;
        books.imports[lane.to.index()] += q;
    }
    for (curve, venue) in trading.structure.uses.iter().enumerate() {
        let used = trading.cleared.used[curve];
        books.final_use[venue.index()] += used;
        books.used[venue.index()] += used;
        if trading.bound {
            books.refused_share[venue.index()] += (trading.free.used[curve] - used).max(0.0);
        }
    }
    // Scrap is mixed before it is recycled, so conversions come in two rounds.
    for (m, conversion) in conversions
        .0
        .iter()
        .enumerate()
        .filter(|(_, c)| c.stage != Stage::Recycling)
    {
        convert(graph, conversion, trading, m, books);
    }
    mix(graph, layout, tracked, conversions, trading, books);
    for (m, conversion) in conversions
        .0
        .iter()
        .enumerate()
        .filter(|(_, c)| c.stage == Stage::Recycling)
    {
        let fed = trading.cleared.activity[m] * trading.coefficients.amount[conversion.inputs[0]];
        recycle(graph, conversion, trading, fed, books);
    }
    close(graph, layout, conversions, tracked, trading, books);
    for ((activity, capacity), utilisation) in plants
        .activity
        .iter_mut()
        .zip(&trading.coefficients.capacity)
        .zip(&trading.cleared.utilisation)
    {
        *activity = capacity * utilisation;
    }
}

/// Empties the flows of the last quarter and opens the books.
fn open(graph: &Graph, trading: &Trading, books: &mut Books) {
    for column in [
        &mut books.production,
        &mut books.imports,
        &mut books.exports,
        &mut books.used,
        &mut books.scrap,
        &mut books.loss,
        &mut books.disposal,
        &mut books.final_use,
        &mut books.refused_share,
    ] {
        column.fill(0.0);
    }
    let e = &mut books.elements;
    std::mem::swap(&mut e.opening, &mut e.closing);
    for column in [
        &mut e.mined,
        &mut e.collected,
        &mut e.used,
        &mut e.lost,
        &mut e.disposed,
        &mut e.closing,
    ] {
        column.fill(0.0);
    }
    if e.opening.iter().all(|t| *t == 0.0) {
        let elements = graph.elements.len();
        e.opening = stock_of_elements(
            elements,
            books
                .firm_stock
                .iter()
                .zip(&books.state_stock)
                .map(|(a, b)| a + b),
            &books.content,
        );
    }
    for v in 0..books.opening.len() {
        books.opening[v] = books.firm_stock[v] + books.state_stock[v];
    }
    std::mem::swap(&mut books.log_price_before, &mut books.log_price);
    books.log_price.copy_from_slice(&trading.cleared.log_price);
    let free = if trading.bound {
        &trading.free
    } else {
        &trading.cleared
    };
    books.log_price_free.copy_from_slice(&free.log_price);
    for (m, activity) in trading.cleared.activity.iter().enumerate() {
        books.mode_activity[m] = *activity;
    }
    for (production, inflow) in books
        .production
        .iter_mut()
        .zip(&trading.coefficients.inflow)
    {
        *production += inflow;
    }
}

/// Tonnes of each element group in stocks of given content.
pub fn stock_of_elements(
    elements: usize,
    stock: impl Iterator<Item = f64>,
    content: &[f64],
) -> Vec<f64> {
    let mut sum = vec![0.0; elements];
    for (tonnes, row) in stock.zip(content.chunks_exact(elements)) {
        for (total, share) in sum.iter_mut().zip(row) {
            *total += tonnes * share;
        }
    }
    sum
}

/// Books one mode of a mine, separation, metal or magnet plant.
fn convert(graph: &Graph, c: &Conversion, trading: &Trading, m: usize, books: &mut Books) {
    let activity = trading.cleared.activity[m];
    let elements = graph.elements.len();
    let at = |term: usize| trading.structure.terms[term].venue.index();
    let amount = |term: usize| activity * trading.coefficients.amount[term];
    match c.stage {
        Stage::Mine => {
            for &term in &c.outputs {
                books.production[at(term)] += amount(term);
                let content = &books.content[at(term) * elements..(at(term) + 1) * elements];
                for (mined, share) in books.elements.mined.iter_mut().zip(content) {
                    *mined += amount(term) * share;
                }
            }
        }
        Stage::Separation | Stage::Metal => {
            let feed = c.inputs[0];
            let (mut out, mut disposed) = (0.0, 0.0);
            let first = at(feed) * elements;
            // What comes in is lost unless it is booked elsewhere.
            for e in 0..elements {
                books.elements.lost[e] += amount(feed) * books.content[first + e];
            }
            for &term in &c.outputs {
                let tonnes = amount(term);
                books.production[at(term)] += tonnes;
                out += tonnes;
                if let Some(e) = books.element_of[at(term)] {
                    books.elements.lost[e] -= tonnes;
                }
            }
            for &term in &c.by_products {
                let share = trading.cleared.separated[term];
                let (kept, rest) = (amount(term) * share, amount(term) * (1.0 - share));
                books.production[at(term)] += kept;
                out += kept;
                disposed += rest;
                if let Some(e) = books.element_of[at(term)] {
                    books.elements.lost[e] -= kept + rest;
                    books.elements.disposed[e] += rest;
                }
            }
            // Elements that nobody separates go with the residue.
            if c.stage == Stage::Separation {
                for e in 0..elements {
                    let named = c
                        .outputs
                        .iter()
                        .chain(&c.by_products)
                        .any(|&term| books.element_of[at(term)] == Some(e));
                    if !named {
                        let residue = amount(feed) * books.content[first + e];
                        books.elements.lost[e] -= residue;
                        books.elements.disposed[e] += residue;
                        disposed += residue;
                    }
                }
            }
            let v = at(feed);
            books.used[v] += out;
            books.disposal[v] += disposed;
            books.loss[v] += amount(feed) - out - disposed;
        }
        Stage::Magnet => {
            for &term in &c.outputs {
                books.production[at(term)] += amount(term);
            }
            let mut scrap = 0.0;
            for &term in &c.inputs {
                let (v, tonnes) = (at(term), amount(term));
                books.used[v] += tonnes * c.kept;
                books.scrap[v] += tonnes * c.scrapped;
                books.loss[v] += tonnes * (1.0 - c.kept - c.scrapped);
                scrap += tonnes * c.scrapped;
                if let Some(e) = books.element_of[v] {
                    books.elements.lost[e] += tonnes * (1.0 - c.kept - c.scrapped);
                }
            }
            if let Some(term) = c.scrap {
                books.production[at(term)] += scrap;
            }
        }
        Stage::Recycling => {}
    }
}

/// Books `fed` tonnes of scrap to one recycling mode: what comes out follows the content of the scrap that went in.
fn recycle(graph: &Graph, c: &Conversion, trading: &Trading, fed: f64, books: &mut Books) {
    let elements = graph.elements.len();
    let input = c.inputs[0];
    let v = trading.structure.terms[input].venue.index();
    let content: Vec<f64> = books.mixed[v * elements..(v + 1) * elements].to_vec();
    let (mut out, mut disposed) = (0.0, 0.0);
    let mut named = vec![false; elements];
    for (i, &term) in c.outputs.iter().chain(&c.by_products).enumerate() {
        let venue = trading.structure.terms[term].venue.index();
        let Some(e) = books.element_of[venue] else {
            continue;
        };
        named[e] = true;
        let share = if i < c.outputs.len() {
            1.0
        } else {
            trading.cleared.separated[term]
        };
        let recovered = fed * content[e] * c.recovery[i];
        books.production[venue] += recovered * share;
        out += recovered * share;
        disposed += recovered * (1.0 - share);
        books.elements.disposed[e] += recovered * (1.0 - share);
        books.elements.lost[e] += fed * content[e] - recovered;
    }
    for e in (0..elements).filter(|&e| !named[e]) {
        books.elements.disposed[e] += fed * content[e];
        disposed += fed * content[e];
    }
    books.used[v] += out;
    books.disposal[v] += disposed;
    books.loss[v] += fed - out - disposed;
}

/// What is left at a venue, t.
fn left_at(books: &Books, v: usize) -> f64 {
    let drawn = books.used[v] + books.scrap[v] + books.loss[v] + books.disposal[v];
    books.opening[v] + books.production[v] + books.imports[v] - books.exports[v] - drawn
}

/// Part of a heap of scrap that nobody sweeps up. The content of what is left closes the books of its elements, and recyclers plan by it:
/// of a heap swept clean it would be the rounding of the sums, divided by nothing.
const SWEEPINGS: f64 = 0.01;

/// Recyclers that sold more than the scrap of the quarter held, where nobody has a stock to make up for it, put in more scrap.
fn top_up(graph: &Graph, conversions: &Conversions, trading: &Trading, books: &mut Books) {
    let elements = graph.elements.len();
    books.topped_up.clear();
    books.topped_up.resize(conversions.0.len(), 0.0);
    for (m, c) in conversions.0.iter().enumerate() {
        if c.stage != Stage::Recycling || trading.cleared.activity[m] <= 0.0 {
            continue;
        }
        let pile = trading.structure.terms[c.inputs[0]].venue.index();
        let mut feed = 0.0f64;
        let terms = c.outputs.iter().chain(&c.by_products);
        for (i, (&term, &recovery)) in terms.zip(&c.recovery).enumerate() {
            let v = trading.structure.terms[term].venue.index();
            let recovery = if i < c.outputs.len() {
                recovery
            } else {
                recovery * trading.cleared.separated[term]
            };
            let short = books.state_stock[v] - left_at(books, v);
            let per_tonne =
                books.element_of[v].map_or(0.0, |e| books.mixed[pile * elements + e] * recovery);
            if short > 0.0 && per_tonne > 0.0 {
                feed = feed.max(short / per_tonne);
            }
        }
        let came = books.opening[pile] + books.production[pile] + books.imports[pile];
        let heap = left_at(books, pile) - books.state_stock[pile] - SWEEPINGS * came;
        let feed = feed.min(heap.max(0.0));
        if feed > 0.0 {
            recycle(graph, c, trading, feed, books);
            books.topped_up[m] = feed;
        }
    }
}

/// Shortfall, as a share of what a venue opened with, that is worth making up: smaller ones are what the solver leaves.
const LEAST_SHORT: f64 = 5e-8;

/// What is short even then - the content of scrap changed more than anybody foresaw - traders make up in kind: the partner with most to
/// spare ships more, or takes less.
fn make_up(layout: &Layout, books: &mut Books) {
    let spare = |books: &Books, v: usize| left_at(books, v) - books.state_stock[v];
    // Goods of one element only: the content of others has been booked with the flows.
    for v in 0..layout.venues.len() {
        if books.element_of[v].is_none() {
            continue;
        }
        let mut short = -spare(books, v);
        let mut rounds = 0;
        while short > LEAST_SHORT * books.opening[v].max(1.0) && rounds < 8 {
            rounds += 1;
            let best = layout
                .lanes
                .iter()
                .enumerate()
                .filter(|(_, lane)| lane.purpose == Purpose::Trade)
                .filter_map(|(l, lane)| {
                    if lane.to.index() == v {
                        Some((l, lane.from.index(), 1.0, f64::INFINITY))
                    } else if lane.from.index() == v {
                        Some((l, lane.to.index(), -1.0, books.lane_flow[l]))
                    } else {
                        None
                    }
                })
                .map(|(l, partner, sign, most)| (l, sign, most.min(0.5 * spare(books, partner))))
                .max_by(|a, b| a.2.total_cmp(&b.2).then(b.0.cmp(&a.0)));
            let Some((l, sign, most)) = best.filter(|best| best.2 > 0.0) else {
                break;
            };
            let moved = short.min(most);
            let lane = layout.lanes[l];
            books.lane_flow[l] += sign * moved;
            books.exports[lane.from.index()] += sign * moved;
            books.imports[lane.to.index()] += sign * moved;
            short -= moved;
        }
    }
}

/// Closes stocks as the residual of the books, and the elements with them.
fn close(
    graph: &Graph,
    layout: &Layout,
    conversions: &Conversions,
    tracked: &Tracked,
    trading: &Trading,
    books: &mut Books,
) {
    let elements = graph.elements.len();
    for (i, step) in trading.structure.steps.iter().enumerate() {
        let (v, owner) = (step.venue.index(), layout.stock_of_step[i]);
        let moved = trading.cleared.stepped[i];
        books.state_stock[owner] += match step.kind {
            StepKind::Purchase => moved,
            StepKind::Release => -moved.min(books.state_stock[owner]),
        };
        if owner != v {
            // What an ally draws crosses from the owner's venue to its own.
            books.exports[owner] += moved;
            books.imports[v] += moved;
        }
    }
    top_up(graph, conversions, trading, books);
    make_up(layout, books);
    for v in 0..layout.venues.len() {
        books.firm_stock[v] = left_at(books, v) - books.state_stock[v];
        let reference: f64 = books.final_use[v] + books.refused_share[v];
        books.refused_share[v] = if reference > 0.0 {
            books.refused_share[v] / reference
        } else {
            0.0
        };
    }
    tracked.close(elements, books);
    let mut used = vec![0.0; elements];
    for v in 0..layout.venues.len() {
        let content = if tracked.is[v] {
            &books.mixed
        } else {
            &books.content
        };
        for (total, share) in used
            .iter_mut()
            .zip(&content[v * elements..(v + 1) * elements])
        {
            *total += books.final_use[v] * share;
        }
    }
    books.elements.used = used;
    books.elements.closing = stock_of_elements(
        elements,
        books
            .firm_stock
            .iter()
            .zip(&books.state_stock)
            .map(|(a, b)| a + b),
        &books.content,
    );
}
