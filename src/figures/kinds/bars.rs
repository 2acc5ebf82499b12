//! Stacked horizontal bars: two years per row, one above the other, in blocks that have their own scale.

use crate::figures::axis::Axis;
use crate::figures::canvas::{Anchor, Canvas, Type};
use crate::figures::colour::Colour;
use crate::figures::{theme, words};

/// Parts of one bar: amount and colour, from zero outwards.
pub type Parts = Vec<(f64, Colour)>;

/// One row: a name and two bars.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Name.
    pub name: String,
    /// Whether the name is set in semibold.
    pub strong: bool,
    /// Earlier and later bar.
    pub bars: [Parts; 2],
}

/// Rows on one scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// Name above the rows; empty for none.
    pub name: String,
    /// Rows from above.
    pub rows: Vec<Row>,
}

/// Blocks one above the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Bars {
    /// Blocks from above.
    pub blocks: Vec<Block>,
    /// Names of the two bars, such as years.
    pub times: [String; 2],
    /// Names and colours of the parts.
    pub key: Vec<(String, Colour)>,
}

/// Height of one bar, px.
const BAR: f64 = 8.5;
/// Distance of two rows, px.
const ROW: f64 = 26.0;

impl Bars {
    /// Draws the blocks; gives the height at which the last ends.
    pub fn draw(&self, canvas: &mut Canvas, top: f64) -> f64 {
        let mut y = self.draw_key(canvas, top);
        let name = |strong: bool| {
            if strong {
                Type::semibold(theme::LABEL, theme::INK)
            } else {
                Type::regular(theme::LABEL, theme::INK)
            }
        };
        let small = Type::regular(theme::NOTE, theme::MUTED);
        let rows = || self.blocks.iter().flat_map(|b| &b.rows);
        let names = rows()
            .map(|r| name(r.strong).width(&r.name))
            .fold(0.0, f64::max);
        let years = self
            .times
            .iter()
            .map(|t| small.width(t))
            .fold(0.0, f64::max);
        let left = theme::MARGIN + names + 10.0 + years + 5.0;
        let right = theme::WIDTH - theme::MARGIN - 48.0;
        for block in &self.blocks {
            y += 14.0;
            if !block.name.is_empty() {
                canvas.text(
                    &block.name,
                    (theme::MARGIN, y + 8.0),
                    Anchor::Start,
                    Type::semibold(theme::LABEL, theme::INK),
                );
                y += 20.0;
            }
            let ends = |parts: &Parts, sign: f64| {
                parts.iter().map(|(v, _)| (v * sign).max(0.0)).sum::<f64>()
            };
            let far = |sign: f64| {
                block
                    .rows
                    .iter()
                    .flat_map(|r| &r.bars)
                    .map(|b| ends(b, sign))
                    .fold(0.0, f64::max)
            };
            let axis = Axis::linear(-far(-1.0), far(1.0), 5);
            let x = |value: f64| left + (right - left) * axis.share(value);
            let decimals = if axis.high < 1.0 { 2 } else { 1 };
            let bottom = y + ROW * block.rows.len() as f64;
            for tick in &axis.ticks {
                canvas.line(
                    &[(x(*tick), y), (x(*tick), bottom)],
                    theme::GRID_LINE,
                    theme::GRID,
                );
                let face = Type::regular(theme::TICK, theme::MUTED);
                canvas.text(
                    axis.label(*tick),
                    (x(*tick), bottom + 15.0),
                    Anchor::Middle,
                    face,
                );
            }
            for (index, row) in block.rows.iter().enumerate() {
                let centre = y + ROW * (index as f64 + 0.5);
                let face = name(row.strong);
                canvas.text(
                    &row.name,
                    (theme::MARGIN, centre + theme::LABEL * 0.34),
                    Anchor::Start,
                    face,
                );
                for (bar, (parts, time)) in row.bars.iter().zip(&self.times).enumerate() {
                    let upper = centre - BAR - 1.0 + (BAR + 2.0) * bar as f64;
                    let opacity = if bar == 0 { 0.55 } else { 1.0 };
                    let (mut plus, mut minus) = (0.0, 0.0);
                    for (value, colour) in parts {
                        let from: &mut f64 = if *value < 0.0 { &mut minus } else { &mut plus };
                        let (start, end) = (*from, *from + value);
                        *from = end;
                        canvas.rect(
                            (x(start.min(end)), upper),
                            (x(start.max(end)), upper + BAR),
                            colour.on_white(opacity),
                            1.0,
                        );
                        // The white line between parts would eat a part that is hardly wider.
                        if x(end) - x(start) > 2.5 {
                            let edge = [(x(start), upper), (x(start), upper + BAR)];
                            canvas.line(&edge, 0.8, theme::WHITE);
                        }
                    }
                    let baseline = upper + BAR / 2.0 + theme::NOTE * 0.34;
                    canvas.text(time, (left - 5.0, baseline), Anchor::End, small);
                    let total: f64 = parts.iter().map(|(v, _)| v).sum();
                    canvas.plated_text(
                        amount(total, decimals),
                        (x(plus) + 5.0, baseline),
                        Anchor::Start,
                        small,
                        1.0,
                    );
                }
            }
            canvas.line(
                &[(x(0.0), y), (x(0.0), bottom)],
                theme::AXIS_LINE,
                theme::AXIS,
            );
            y = bottom + 20.0;
        }
        y
    }

    fn draw_key(&self, canvas: &mut Canvas, top: f64) -> f64 {
        let mut x = theme::MARGIN;
        for (name, colour) in &self.key {
            let face = Type::regular(theme::TICK, theme::INK);
            canvas.rect((x, top + 1.0), (x + 12.0, top + 12.0), *colour, 1.0);
            canvas.text(name, (x + 17.0, top + 11.0), Anchor::Start, face);
            x += 17.0 + face.width(name) + 20.0;
        }
        top + 14.0
    }
}

/// The sum of a bar; what rounds to nothing is said to be less than the smallest step.
fn amount(value: f64, decimals: usize) -> String {
    let text = words::number(value, decimals);
    if value > 0.0 && !text.contains(|c: char| c.is_ascii_digit() && c != '0') {
        let step = if decimals == 1 { 0.1 } else { 0.01 };
        return format!("<{}", words::number(step, decimals));
    }
    text
}
