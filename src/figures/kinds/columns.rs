//! Stacked columns: what each part adds in each year, above zero and below it, with a key that carries the sum of each part.

use crate::figures::axis::Axis;
use crate::figures::canvas::{Anchor, Canvas, Type};
use crate::figures::colour::Colour;
use crate::figures::theme;

/// One part of the columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Name.
    pub name: String,
    /// The sum over all columns, as text.
    pub sum: String,
    /// Colour.
    pub colour: Colour,
    /// Amount in each column.
    pub values: Vec<f64>,
}

/// Columns side by side.
#[derive(Debug, Clone, PartialEq)]
pub struct Columns {
    /// First year; one column a year.
    pub first: i32,
    /// Head of the sums in the key.
    pub sums: String,
    /// Parts, from zero outwards.
    pub parts: Vec<Part>,
}

/// Height of the plane, px.
const PLANE: f64 = 210.0;
/// Distance of two lines of the key, px.
const LINE: f64 = 19.0;

impl Columns {
    /// Draws plane and key; gives the height at which the years (or the key, if it is longer) end.
    pub fn draw(&self, canvas: &mut Canvas, top: f64) -> f64 {
        let name = Type::regular(theme::TICK, theme::INK);
        let small = Type::regular(theme::TICK, theme::MUTED);
        let count = self.parts.iter().map(|p| p.values.len()).max().unwrap_or(0);
        let reach = |sign: f64| {
            let column = |i: usize| {
                let values = self.parts.iter().filter_map(|p| p.values.get(i));
                values.map(|v| (v * sign).max(0.0)).sum::<f64>()
            };
            (0..count).map(column).fold(0.0, f64::max)
        };
        let axis = Axis::linear(-reach(-1.0), reach(1.0), 5);
        let widest = |text: &mut dyn Iterator<Item = f64>| text.fold(0.0, f64::max);
        let names = widest(&mut self.parts.iter().map(|p| name.width(&p.name)));
        let head = small.width(&self.sums);
        let sums = widest(&mut self.parts.iter().map(|p| name.width(&p.sum))).max(head);
        let sum_x = theme::WIDTH - theme::MARGIN;
        let key = sum_x - sums - 14.0 - names - 18.0;
        let (left, right) = (theme::MARGIN + axis.label_width("") + 7.0, key - 20.0);
        let (upper, lower) = (top + 8.0, top + 8.0 + PLANE);
        let y = |value: f64| lower - axis.share(value) * (lower - upper);
        for tick in &axis.ticks {
            let at = y(*tick);
            canvas.line(&[(left, at), (right, at)], theme::GRID_LINE, theme::GRID);
            let baseline = at + theme::TICK * 0.34;
            canvas.text(
                axis.label(*tick),
                (left - 7.0, baseline),
                Anchor::End,
                small,
            );
        }
        let step = (right - left) / count.max(1) as f64;
        let width = (step * 0.72).min(46.0);
        for index in 0..count {
            let centre = left + step * (index as f64 + 0.5);
            let (mut plus, mut minus) = (0.0, 0.0);
            for part in &self.parts {
                let Some(value) = part.values.get(index).copied().filter(|v| *v != 0.0) else {
                    continue;
                };
                let from: &mut f64 = if value < 0.0 { &mut minus } else { &mut plus };
                let (start, end) = (y(*from), y(*from + value));
                *from += value;
                let sides = (centre - width / 2.0, centre + width / 2.0);
                canvas.rect(
                    (sides.0, start.min(end)),
                    (sides.1, start.max(end)),
                    part.colour,
                    1.0,
                );
                // The white line between parts would eat a part that is hardly higher.
                if (end - start).abs() > 2.5 {
                    canvas.line(&[(sides.0, start), (sides.1, start)], 0.8, theme::WHITE);
                }
            }
            let year = (self.first + index as i32).to_string();
            let every = (small.width(&year) + 8.0) / step;
            let every = [1, 2, 5, 10]
                .into_iter()
                .find(|n| f64::from(*n) >= every)
                .unwrap_or(20);
            if (self.first + index as i32) % every == 0 || count == 1 {
                canvas.text(year, (centre, lower + 18.0), Anchor::Middle, small);
            }
        }
        canvas.line(
            &[(left, y(0.0)), (right, y(0.0))],
            theme::AXIS_LINE,
            theme::AXIS,
        );
        let mut at = upper + 10.0;
        canvas.text(&self.sums, (sum_x, at), Anchor::End, small);
        // Read from above as the columns are: the outermost part first.
        for part in self.parts.iter().rev() {
            at += LINE;
            canvas.rect((key, at - 9.5), (key + 11.0, at + 1.0), part.colour, 1.0);
            canvas.text(&part.name, (key + 18.0, at), Anchor::Start, name);
            canvas.text(&part.sum, (sum_x, at), Anchor::End, name);
        }
        (lower + 24.0).max(at + 10.0)
    }
}
