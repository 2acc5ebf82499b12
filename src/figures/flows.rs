//! Trade along the chain: from mine to use, first against last year.

use super::data::{Context, Data, Skip, Window, classify};
use super::kinds::sankey::{Flows, Sankey};
use super::page::Page;
use super::sheet::Figure;
use super::{theme, words};
use crate::domain::graph::Form;
use std::collections::{BTreeMap, BTreeSet};

/// Forms that pass between two columns, in the order of the chain.
const GAPS: [Form; 4] = [Form::Concentrate, Form::Oxide, Form::Metal, Form::Magnet];
/// Columns.
const COLUMNS: [&str; 5] = ["Mining", "Separation", "Metal", "Magnets", "Use"];
/// Most states in the figure, the rest of the world not counted.
const MOST: usize = 8;

/// One cell: gap, seller, buyer, first or last year.
type Cells = BTreeMap<(usize, String, String, usize), f64>;

/// Flows between states by stage, first and last year.
///
/// # Errors
/// If the tables `market` and `trade` have no flows.
pub fn chain(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let market = Window::new(data.table("market")?, context.runs())?;
    let (start, last) = (market.first_year(), market.last_year());
    let amounts = read(data, context, &market)?;
    let blocks = Blocks {
        name: "trade_flows",
        amounts,
        names: [start.to_string(), last.to_string()],
        both: last > start,
    };
    let title = |focus: &str, goods: &str, shares: [Option<String>; 2]| match shares {
        [Some(before), Some(now)] => format!(
            "{goods} outside {focus}: {before} came from {focus} in {start}, {now} do so in {last}"
        ),
        [Some(before), None] => {
            format!("{goods} outside {focus}: {before} come from {focus} in {start}")
        }
        _ => format!("Flows along the chain, {start} and {last}"),
    };
    blocks.draw(data, context, title, |base| {
        format!(
            "Flows between states by host state, mean of {}{}; each gap between two columns: world flow of {base} = 100",
            words::seeds(market.runs),
            context.scenario()
        )
    })
}

/// Flows of the last year under the first strategy and under the one that changes them most.
///
/// # Errors
/// If there is one strategy only, or nothing moves.
pub fn arms(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let table = data.table("market")?;
    if context.arms.len() < 2 {
        return Err(Skip::Nothing("there is one strategy only".to_owned()));
    }
    let mut of_arms = Vec::new();
    let mut last = 0;
    let mut runs = 0;
    for arm in &context.arms {
        let own = Context {
            arms: vec![arm.clone()],
            ..context.clone()
        };
        let market = Window::new(table, own.runs())?;
        last = market.last_year();
        runs = market.runs;
        let mut cells = read(data, &own, &market)?;
        cells.retain(|key, _| key.3 == 1);
        of_arms.push(cells);
    }
    let reference = of_arms.remove(0);
    let mut base = vec![0.0; GAPS.len()];
    for ((gap, ..), amount) in &reference {
        base[*gap] += amount;
    }
    let change = |cells: &Cells| -> f64 {
        let keys: BTreeSet<_> = cells.keys().chain(reference.keys()).collect();
        let of = |cells: &Cells, key| cells.get(key).copied().unwrap_or(0.0);
        keys.into_iter()
            .filter(|key| base[key.0] > 0.0)
            .map(|key| (of(cells, key) - of(&reference, key)).abs() / base[key.0])
            .sum()
    };
    let changes: Vec<f64> = of_arms.iter().map(change).collect();
    let most = (0..changes.len())
        .max_by(|a, b| changes[*a].total_cmp(&changes[*b]).then(b.cmp(a)))
        .ok_or_else(|| Skip::Nothing("there is one strategy only".to_owned()))?;
    let mut amounts: Cells = reference
        .into_iter()
        .map(|((gap, seller, buyer, _), amount)| ((gap, seller, buyer, 0), amount))
        .collect();
    amounts.append(&mut of_arms[most]);
    let names = [&context.arms[0].name, &context.arms[most + 1].name].map(Clone::clone);
    let several = context.arms.len() > 2;
    let blocks = Blocks {
        name: "flows_before_after",
        amounts,
        names: names.clone(),
        both: true,
    };
    let title = |focus: &str, goods: &str, shares: [Option<String>; 2]| match shares {
        [Some(before), Some(now)] => format!(
            "{goods} outside {focus} in {last}: {before} come from {focus} under ‘{}’, {now} under ‘{}’",
            names[0], names[1]
        ),
        _ => format!("Flows along the chain in {last} under two strategies"),
    };
    blocks.draw(data, context, title, |base| {
        format!(
            "Flows between states by host state in {last}, mean of {}{}; each gap between two columns: world flow under ‘{base}’ = 100{}",
            words::seeds(runs),
            context.scenario_only(),
            if several {
                ". Below: the strategy that changes most"
            } else {
                ""
            }
        )
    })
}

/// Two blocks of flows on the scale of the first.
struct Blocks<'a> {
    /// Name of the figure.
    name: &'a str,
    /// Flows: the last part of the key says which block.
    amounts: Cells,
    /// Names of the blocks.
    names: [String; 2],
    /// Whether there is a second block.
    both: bool,
}

impl Blocks<'_> {
    /// Draws the blocks. `title` gets the focal state, what its share is of, and that share in each block; `subtitle` the name of the
    /// block that is the scale.
    fn draw(
        &self,
        data: &Data,
        context: &Context,
        title: impl Fn(&str, &str, [Option<String>; 2]) -> String,
        subtitle: impl Fn(&str) -> String,
    ) -> Result<Figure, Skip> {
        let amounts = &self.amounts;
        // Each gap on the scale of its own first block, so that heights compare from column to column.
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
        let shown = states(context, amounts, &base);
        let place = |state: &str| {
            if shown.iter().any(|s| s == state) {
                state.to_owned()
            } else {
                theme::REST.to_owned()
            }
        };
        let block = |end: usize| {
            let mut flows = Flows {
                name: self.names[end].clone(),
                gaps: vec![BTreeMap::new(); gaps.len()],
            };
            for ((gap, seller, buyer, when), amount) in amounts {
                if let (true, Some(column)) = (*when == end, gaps.iter().position(|g| g == gap)) {
                    *flows.gaps[column]
                        .entry((place(seller), place(buyer)))
                        .or_insert(0.0) += 100.0 * amount / base[*gap];
                }
            }
            flows
        };
        let mut blocks = vec![block(0)];
        if self.both {
            blocks.push(block(1));
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
        let shares = [abroad(&blocks[0]), blocks.get(1).and_then(abroad)];
        let runs = Window::new(data.table("market")?, context.runs())?.runs;
        let page = Page {
            title: title(&focus, goods, shares),
            subtitle: format!(
                "{}. Ribbons take the colour of the seller",
                subtitle(&self.names[0])
            ),
            note: "Gaps: concentrate, oxides of the magnet elements, metal, magnets. Home flow: output less exports. At a middle column: share of the \
                   column. Ribbons under 0.7 px are not drawn; states with small flows are part of the rest of the world."
                .to_owned(),
            footer: context.footer(runs),
        };
        let figure = Sankey {
            heads,
            blocks,
            height: 250.0,
            names: names.collect(),
        };
        Ok(Figure::flowing(self.name, &page, |canvas, top| {
            figure.draw(canvas, top)
        }))
    }
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
    if name.starts_with("European Union") {
        "EU".to_owned()
    } else {
        name
    }
}
