//! Flows between states along the chain: columns are stages, ribbons take the colour of the seller.

use crate::figures::canvas::{Anchor, Canvas, Point, Type};
use crate::figures::labels::spread;
use crate::figures::{theme, words};
use std::collections::BTreeMap;

/// Flows of one year.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Flows {
    /// Name above the block, such as the year.
    pub name: String,
    /// For each gap between two columns: amounts by seller and buyer.
    pub gaps: Vec<BTreeMap<(String, String), f64>>,
}

/// Blocks of flows on one scale, one above the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Sankey {
    /// Heads of the columns, one more than there are gaps.
    pub heads: Vec<String>,
    /// Blocks from above.
    pub blocks: Vec<Flows>,
    /// Height of all nodes of the tallest column of the tallest block, px.
    pub height: f64,
    /// Full names of states.
    pub names: BTreeMap<String, String>,
}

/// Width of a node, px.
const NODE: f64 = 11.0;
/// Space between two nodes, px.
const GAP: f64 = 9.0;
/// Space left of the first and right of the last column, px.
const SIDE: f64 = 122.0;
/// Thinnest ribbon that is drawn, px.
const THINNEST: f64 = 0.7;
/// Steps along a ribbon.
const STEPS: usize = 36;

/// A state in a column.
#[derive(Debug, Clone, Default)]
struct Node {
    received: f64,
    sent: f64,
    top: f64,
}

impl Node {
    fn amount(&self) -> f64 {
        self.received.max(self.sent)
    }
}

impl Sankey {
    /// Draws the blocks; gives the height at which the last ends.
    pub fn draw(&self, canvas: &mut Canvas, top: f64) -> f64 {
        let head = Type::semibold(theme::LABEL, theme::INK);
        for (column, name) in self.heads.iter().enumerate() {
            canvas.text(
                name,
                (self.x(column) + NODE / 2.0, top + 12.0),
                Anchor::Middle,
                head,
            );
        }
        let columns: Vec<Vec<BTreeMap<&str, Node>>> =
            self.blocks.iter().map(|b| self.nodes(b)).collect();
        let tallest = columns
            .iter()
            .flatten()
            .map(|c| c.values().map(Node::amount).sum::<f64>())
            .fold(0.0, f64::max);
        let scale = if tallest > 0.0 {
            self.height / tallest
        } else {
            0.0
        };
        let mut y = top + 22.0;
        for (index, (block, columns)) in self.blocks.iter().zip(columns).enumerate() {
            if index > 0 {
                y += 14.0;
                canvas.line(
                    &[(theme::MARGIN, y), (theme::WIDTH - theme::MARGIN, y)],
                    theme::GRID_LINE,
                    theme::GRID,
                );
                y += 10.0;
            }
            let face = Type::semibold(16.0, theme::INK);
            canvas.text(&block.name, (theme::MARGIN, y + 14.0), Anchor::Start, face);
            // A name that would run into the first column stands on a line of its own.
            if face.width(&block.name) > SIDE - theme::MARGIN - 8.0 {
                y += 24.0;
            }
            y = self.draw_block(canvas, block, columns, y, scale);
        }
        y
    }

    fn x(&self, column: usize) -> f64 {
        let steps = self.heads.len().saturating_sub(1).max(1) as f64;
        SIDE + (theme::WIDTH - 2.0 * SIDE - NODE) * column as f64 / steps
    }

    /// What each state receives and sends in each column.
    fn nodes<'a>(&self, block: &'a Flows) -> Vec<BTreeMap<&'a str, Node>> {
        let mut columns: Vec<BTreeMap<&str, Node>> = vec![BTreeMap::new(); self.heads.len()];
        for (gap, flows) in block.gaps.iter().enumerate() {
            for ((seller, buyer), amount) in flows {
                columns[gap].entry(seller).or_default().sent += amount;
                columns[gap + 1].entry(buyer).or_default().received += amount;
            }
        }
        columns
    }

    fn draw_block(
        &self,
        canvas: &mut Canvas,
        block: &Flows,
        mut columns: Vec<BTreeMap<&str, Node>>,
        top: f64,
        scale: f64,
    ) -> f64 {
        let mut bottom = top;
        for column in &mut columns {
            let mut order: Vec<&str> = column.keys().copied().collect();
            order.sort_by_key(|state| theme::state_rank(state));
            let mut y = top;
            for state in order {
                let node = column
                    .get_mut(state)
                    .expect("the order holds the keys of the column");
                node.top = y;
                y += node.amount() * scale + GAP;
            }
            bottom = bottom.max(y - GAP);
        }
        self.draw_ribbons(canvas, block, &columns, scale);
        for (index, column) in columns.iter().enumerate() {
            for (state, node) in column {
                let x = self.x(index);
                let height = (node.amount() * scale).max(0.5);
                canvas.rect(
                    (x, node.top),
                    (x + NODE, node.top + height),
                    theme::state(state),
                    1.0,
                );
            }
        }
        self.draw_names(canvas, &columns, scale, top).max(bottom)
    }

    fn draw_ribbons(
        &self,
        canvas: &mut Canvas,
        block: &Flows,
        columns: &[BTreeMap<&str, Node>],
        scale: f64,
    ) {
        let mut ribbons = Vec::new();
        for (gap, flows) in block.gaps.iter().enumerate() {
            let rank = |state: &str| theme::state_rank(state);
            let mut by_seller: Vec<_> = flows.iter().collect();
            by_seller.sort_by_key(|((seller, buyer), _)| (rank(seller), rank(buyer)));
            let mut left: BTreeMap<&str, f64> = BTreeMap::new();
            let mut leaves: BTreeMap<(&str, &str), f64> = BTreeMap::new();
            for ((seller, buyer), amount) in &by_seller {
                let used = left.entry(seller).or_default();
                leaves.insert((seller, buyer), columns[gap][seller.as_str()].top + *used);
                *used += **amount * scale;
            }
            by_seller.sort_by_key(|((seller, buyer), _)| (rank(buyer), rank(seller)));
            let mut right: BTreeMap<&str, f64> = BTreeMap::new();
            for ((seller, buyer), amount) in by_seller {
                let used = right.entry(buyer).or_default();
                let enters = columns[gap + 1][buyer.as_str()].top + *used;
                *used += amount * scale;
                if amount * scale >= THINNEST {
                    let from = (
                        self.x(gap) + NODE,
                        leaves[&(seller.as_str(), buyer.as_str())],
                    );
                    let to = (self.x(gap + 1), enters);
                    let opacity = if seller == buyer { 0.42 } else { 0.62 };
                    ribbons.push((amount * scale, from, to, theme::state(seller), opacity));
                }
            }
        }
        // Thick first, thin last, so that thin ones are seen.
        ribbons.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (thickness, from, to, colour, opacity) in ribbons {
            canvas.area(&ribbon(from, to, thickness), colour, opacity);
        }
    }

    /// Names and amounts at both ends, shares in the middle; gives the height at which the lowest ends.
    fn draw_names(
        &self,
        canvas: &mut Canvas,
        columns: &[BTreeMap<&str, Node>],
        scale: f64,
        top: f64,
    ) -> f64 {
        let last = columns.len().saturating_sub(1);
        let mut bottom = top;
        for (index, column) in columns.iter().enumerate() {
            let total: f64 = column.values().map(Node::amount).sum();
            let mut order: Vec<(&&str, &Node)> = column
                .iter()
                .filter(|(_, n)| n.amount() * scale >= THINNEST)
                .collect();
            order.sort_by_key(|(state, _)| theme::state_rank(state));
            let centre = |node: &Node| node.top + node.amount() * scale / 2.0;
            if index == 0 || index == last {
                let face = Type::regular(theme::TICK, theme::INK);
                let wants: Vec<f64> = order.iter().map(|(_, node)| centre(node)).collect();
                let heights = vec![theme::TICK * 1.2; wants.len()];
                // The first names of the left column stay clear of the name of the block.
                let start = if index == 0 { top + 18.0 } else { top };
                for ((state, node), y) in
                    order
                        .iter()
                        .zip(spread(&wants, &heights, start, f64::INFINITY))
                {
                    let name = self.names.get(**state).map_or(**state, String::as_str);
                    let amount = node.amount();
                    let amount = if amount < 0.5 {
                        "<1".to_owned()
                    } else {
                        words::number(amount, 0)
                    };
                    let text = format!("{name} {amount}");
                    let (x, anchor) = if index == 0 {
                        (self.x(0) - 6.0, Anchor::End)
                    } else {
                        (self.x(last) + NODE + 6.0, Anchor::Start)
                    };
                    canvas.text(text, (x, y + theme::TICK * 0.34), anchor, face);
                    bottom = bottom.max(y + theme::TICK * 0.6);
                }
            } else {
                let face = Type::regular(theme::TICK, theme::INK);
                for (state, node) in order
                    .iter()
                    .filter(|(_, node)| node.amount() * scale > 13.0)
                {
                    let text = format!("{state} {}", words::percent(node.amount() / total));
                    let at = (
                        self.x(index) + NODE + 5.0,
                        centre(node) + theme::TICK * 0.34,
                    );
                    canvas.plated_text(text, at, Anchor::Start, face, 0.45);
                }
            }
        }
        bottom
    }
}

/// Outline of a ribbon: two cubics whose control points stand half-way.
fn ribbon(from: Point, to: Point, thickness: f64) -> Vec<Point> {
    let edge = |offset: f64, step: usize| {
        let t = step as f64 / STEPS as f64;
        let s = 1.0 - t;
        let middle = (from.0 + to.0) / 2.0;
        let x = s * s * s * from.0
            + 3.0 * s * s * t * middle
            + 3.0 * s * t * t * middle
            + t * t * t * to.0;
        let y = (s * s * s + 3.0 * s * s * t) * from.1 + (3.0 * s * t * t + t * t * t) * to.1;
        (x, y + offset)
    };
    let upper = (0..=STEPS).map(|step| edge(0.0, step));
    upper
        .chain((0..=STEPS).rev().map(|step| edge(thickness, step)))
        .collect()
}
