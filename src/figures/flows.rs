//! Trade along the chain: from mine to use, first against last year.

use super::data::{Context, Data, Skip, Window, classify};
use super::kinds::sankey::{Flows, Sankey};
use super::page::Page;
use super::sheet::Figure;
use super::{theme, words};
use crate::domain::graph::Form;
use std::collections::BTreeMap;

/// Forms that pass between two columns, in the order of the chain.
const GAPS: [Form; 4] = [Form::Concentrate, Form::Oxide, Form::Metal, Form::Magnet];
/// Columns.
const COLUMNS: [&str; 5] = ["Mining", "Separation", "Metal", "Magnets", "Use"];
/// Most states in the figure, the rest of the world not counted.
const MOST: usize = 8;

/// One cell: gap, seller, buyer, first or last year.
type Cells = BTreeMap<(usize, String, String, usize), f64>;

/// Flows between states by stage.
///
/// # Errors
/// If the tables `market` and `trade` have no flows.
pub fn chain(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let market = Window::new(data.table("market")?, context.runs())?;
    let (start, last) = (market.first_year(), market.last_year());
    let amounts = read(data, context, &market)?;
    // Each gap on the scale of its own first year, so that heights compare from column to column.
    let base: Vec<f64> = (0..GAPS.len())
        .map(|gap| {
            amounts
                .iter()
                .filter(|((g, _, _, end), _)| *g == gap && *end == 0)
                .map(|(_, v)| v)
                .sum()
        })
        .collect();
    let gaps: Vec<usize> = (0..GAPS.len()).filter(|gap| base[*gap] > 0.0).collect();
    if gaps.is_empty() {
        return Err(Skip::Nothing("nothing moves along the chain".to_owned()));
    }
    let shown = states(context, &amounts, &base);
    let place = |state: &str| {
        if shown.iter().any(|s| s == state) {
            state.to_owned()
        } else {
            theme::REST.to_owned()
        }
    };
    let block = |end: usize, year: i32| {
        let mut flows = Flows {
            name: year.to_string(),
            gaps: vec![BTreeMap::new(); gaps.len()],
        };
        for ((gap, seller, buyer, when), amount) in &amounts {
            if let (true, Some(column)) = (*when == end, gaps.iter().position(|g| g == gap)) {
                *flows.gaps[column]
                    .entry((place(seller), place(buyer)))
                    .or_insert(0.0) += 100.0 * amount / base[*gap];
            }
        }
        flows
    };
    let mut blocks = vec![block(0, start)];
    if last > start {
        blocks.push(block(1, last));
    }
    let mut heads: Vec<String> = gaps.iter().map(|gap| COLUMNS[*gap].to_owned()).collect();
    heads.push(
        gaps.last()
            .map_or(String::new(), |gap| COLUMNS[gap + 1].to_owned()),
    );
    let names = shown
        .iter()
        .map(|s| (s.clone(), short(data, s)))
        .chain([(theme::REST.to_owned(), "Rest of world".to_owned())]);
    let focus = data.name("state", &context.focus);
    let abroad = |block: &Flows| {
        let magnets = block.gaps.last()?;
        let outside = magnets
            .iter()
            .filter(|((_, buyer), _)| *buyer != context.focus);
        let all: f64 = outside.clone().map(|(_, v)| v).sum();
        let from: f64 = outside
            .filter(|((seller, _), _)| *seller == context.focus)
            .map(|(_, v)| v)
            .sum();
        (all > 0.0).then(|| words::percent(from / all))
    };
    let goods = if gaps.last() == Some(&3) {
        "Magnets used"
    } else {
        "Goods bought"
    };
    let title = match (abroad(&blocks[0]), blocks.get(1).and_then(abroad)) {
        (Some(before), Some(now)) => format!(
            "{goods} outside {focus}: {before} came from {focus} in {start}, {now} do so in {last}"
        ),
        (Some(before), None) => {
            format!("{goods} outside {focus}: {before} come from {focus} in {start}")
        }
        _ => format!("Flows along the chain, {start} and {last}"),
    };
    let page = Page {
        title,
        subtitle: format!(
            "Flows between stages by host state, mean of {}{}; each gap between two columns: world flow of {start} = 100. Ribbons take the colour of \
             the seller",
            words::seeds(market.runs),
            context.scenario()
        ),
        note: "Gaps: concentrate, oxides of the magnet elements, metal, magnets. Home flow: output less exports. At a middle column: share of the \
               column. Ribbons under 0.7 px are not drawn; states with small flows are part of the rest of the world."
            .to_owned(),
        footer: context.footer(market.runs),
    };
    let figure = Sankey {
        heads,
        blocks,
        height: 250.0,
        names: names.collect(),
    };
    Ok(Figure::flowing("trade_flows", &page, |canvas, top| {
        figure.draw(canvas, top)
    }))
}

/// Mean yearly flow over runs in the first and the last year.
fn read(data: &Data, context: &Context, market: &Window) -> Result<Cells, Skip> {
    let mut cells = Cells::new();
    let commodity = market.table.text("commodity")?;
    let gap_of = gap_of(data, commodity.words());
    let gap = classify(commodity, |id| gap_of.get(id).copied());
    let state = market.table.text("state")?;
    let (production, exports) = (
        market.table.f64("production_t")?,
        market.table.f64("exports_t")?,
    );
    for (row, _, quarter) in market.rows() {
        let home = (production[row] - exports[row]).max(0.0);
        if let Some(gap) = gap[commodity.codes()[row] as usize] {
            add(
                &mut cells,
                market,
                quarter,
                (gap, state.get(row), state.get(row)),
                home,
            );
        }
    }
    let Ok(table) = data.table("trade") else {
        return Ok(cells);
    };
    let trade = Window::new(table, context.runs())?;
    let commodity = table.text("commodity")?;
    let gap = classify(commodity, |id| gap_of.get(id).copied());
    let (exporter, importer, quantity) = (
        table.text("exporter")?,
        table.text("importer")?,
        table.f64("quantity_t")?,
    );
    let shift = trade.first.since(market.first);
    for (row, _, quarter) in trade.rows() {
        if let Some(gap) = gap[commodity.codes()[row] as usize]
            && let Ok(quarter) = usize::try_from(quarter as i32 + shift)
            && exporter.get(row) != importer.get(row)
        {
            add(
                &mut cells,
                market,
                quarter,
                (gap, exporter.get(row), importer.get(row)),
                quantity[row],
            );
        }
    }
    Ok(cells)
}

/// Adds a quarter's flow to the first or last year.
fn add(
    cells: &mut Cells,
    market: &Window,
    quarter: usize,
    (gap, seller, buyer): (usize, &str, &str),
    amount: f64,
) {
    let year = market.quarters.min(4);
    let yearly = amount * 4.0 / (year * market.runs.max(1)) as f64;
    if !(yearly.is_finite() && yearly > 0.0) {
        return;
    }
    if quarter < year {
        *cells
            .entry((gap, seller.to_owned(), buyer.to_owned(), 0))
            .or_insert(0.0) += yearly;
    }
    if quarter + year >= market.quarters {
        *cells
            .entry((gap, seller.to_owned(), buyer.to_owned(), 1))
            .or_insert(0.0) += yearly;
    }
}

/// Gap of each commodity; oxides count only if there is a metal of the same stem, since the others never reach a magnet.
fn gap_of<'a>(data: &Data, ids: &'a [String]) -> BTreeMap<&'a str, usize> {
    let stem = |id: &'a str| id.rsplit_once('_').map_or(id, |(stem, _)| stem);
    let metals: Vec<&str> = ids
        .iter()
        .filter(|id| data.form(id) == Form::Metal)
        .map(|id| stem(id))
        .collect();
    let gap = |id: &'a String| {
        let form = data.form(id);
        let gap = GAPS.iter().position(|f| *f == form)?;
        let counts = form != Form::Oxide || metals.is_empty() || metals.contains(&stem(id));
        counts.then_some((id.as_str(), gap))
    };
    ids.iter().filter_map(gap).collect()
}

/// The states with the largest flows over all gaps and both years.
fn states(context: &Context, amounts: &Cells, base: &[f64]) -> Vec<String> {
    let mut weight: BTreeMap<&str, f64> = BTreeMap::new();
    for ((gap, seller, buyer, _), amount) in amounts {
        if base[*gap] > 0.0 {
            *weight.entry(seller).or_insert(0.0) += amount / base[*gap];
            *weight.entry(buyer).or_insert(0.0) += amount / base[*gap];
        }
    }
    weight.remove(theme::REST);
    let mut order: Vec<(&str, f64)> = weight.into_iter().collect();
    let first = |state: &str| state != context.focus;
    order.sort_by(|a, b| {
        first(a.0)
            .cmp(&first(b.0))
            .then(b.1.total_cmp(&a.1))
            .then(a.0.cmp(b.0))
    });
    let largest = order.into_iter().map(|(state, _)| state.to_owned());
    theme::distinct(largest, MOST)
}

/// Name of a state that fits beside the figure.
fn short(data: &Data, code: &str) -> String {
    let name = data.name("state", code);
    if name == "European Union" {
        "EU".to_owned()
    } else {
        name
    }
}
