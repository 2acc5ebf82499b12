//! Forest: differences with their intervals, row by row, about a line of no difference.

use crate::figures::axis::Axis;
use crate::figures::canvas::{Anchor, Canvas, Type};
use crate::figures::colour::Colour;
use crate::figures::theme;

/// One difference.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What is compared.
    pub name: String,
    /// Mean, ends of the 50% and of the 95% interval on the axis; `None`: no place on the axis.
    pub marks: Option<Marks>,
    /// The difference in its own unit.
    pub value: String,
    /// Its 95% interval.
    pub interval: String,
    /// Whether the 95% interval lies on one side of no difference.
    pub clear: bool,
}

/// Places on the axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Marks {
    /// Mean.
    pub mean: f64,
    /// 50% interval.
    pub half: (f64, f64),
    /// 95% interval.
    pub most: (f64, f64),
}

/// Rows under a head.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Head; empty for none.
    pub name: String,
    /// Colour of dots and bars.
    pub colour: Colour,
    /// Rows from above.
    pub rows: Vec<Row>,
}

/// All rows on one axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Forest {
    /// Groups from above.
    pub groups: Vec<Group>,
    /// Lowest (at most zero) and highest (at least zero) value that the axis shows; what goes beyond ends in an arrow.
    pub range: (f64, f64),
    /// What follows a tick number.
    pub suffix: &'static str,
    /// What stands above the line of zero: `no difference`.
    pub zero: &'static str,
    /// Words under the axis: `← less`, `more →`.
    pub directions: (&'static str, &'static str),
}

/// Distance of two rows, px.
const ROW: f64 = 26.0;

impl Forest {
    /// Draws the rows; gives the height at which the words under the axis end.
    pub fn draw(&self, canvas: &mut Canvas, top: f64) -> f64 {
        let rows = || self.groups.iter().flat_map(|g| &g.rows);
        let regular = Type::regular(theme::LABEL, theme::MUTED);
        let bold = Type::semibold(theme::LABEL, theme::INK);
        let small = Type::regular(theme::TICK, theme::MUTED);
        let widest = |text: &mut dyn Iterator<Item = f64>| text.fold(0.0, f64::max);
        let names = widest(&mut rows().map(|r| bold.width(&r.name)));
        let values = widest(&mut rows().map(|r| bold.width(&r.value)));
        let intervals = widest(&mut rows().map(|r| small.width(&r.interval)));
        let interval_x = theme::WIDTH - theme::MARGIN;
        let value_x = interval_x - intervals - 18.0;
        let (left, right) = (theme::MARGIN + names + 22.0, value_x - values - 22.0);
        let axis = Axis::linear(self.range.0, self.range.1, 6);
        let x = |value: f64| left + (right - left) * axis.share(value.clamp(axis.low, axis.high));
        let heads = self.groups.iter().filter(|g| !g.name.is_empty()).count() as f64;
        let first = top + 22.0;
        let bottom = first + ROW * (rows().count() as f64 + heads) + 4.0;
        for tick in &axis.ticks {
            canvas.line(
                &[(x(*tick), first), (x(*tick), bottom)],
                theme::GRID_LINE,
                theme::GRID,
            );
            let sign = if *tick > 0.0 { "+" } else { "" };
            let text = format!("{sign}{}{}", axis.label(*tick), self.suffix);
            canvas.text(text, (x(*tick), bottom + 16.0), Anchor::Middle, small);
        }
        canvas.line(
            &[(x(0.0), first - 4.0), (x(0.0), bottom)],
            theme::ZERO_LINE,
            theme::INK,
        );
        let note = Type::regular(theme::TICK, theme::INK);
        canvas.text(self.zero, (x(0.0), first - 9.0), Anchor::Middle, note);
        canvas.text(
            self.directions.0,
            (x(0.0) - 10.0, bottom + 35.0),
            Anchor::End,
            Type::regular(theme::TICK, theme::SOFT_INK),
        );
        canvas.text(
            self.directions.1,
            (x(0.0) + 10.0, bottom + 35.0),
            Anchor::Start,
            Type::regular(theme::TICK, theme::SOFT_INK),
        );
        let mut y = first + ROW / 2.0 + 2.0;
        for group in &self.groups {
            if !group.name.is_empty() {
                let face = Type::semibold(theme::LABEL, group.colour.as_text());
                canvas.plated_text(
                    &group.name,
                    (theme::MARGIN, y + theme::LABEL * 0.34),
                    Anchor::Start,
                    face,
                    1.0,
                );
                y += ROW;
            }
            for row in &group.rows {
                let baseline = y + theme::LABEL * 0.34;
                let face = if row.clear { bold } else { regular };
                canvas.text(&row.name, (theme::MARGIN, baseline), Anchor::Start, face);
                canvas.text(&row.value, (value_x, baseline), Anchor::End, face);
                canvas.text(&row.interval, (interval_x, baseline), Anchor::End, small);
                if let Some(marks) = row.marks {
                    let colour = if row.clear {
                        group.colour
                    } else {
                        theme::FADED
                    };
                    canvas.line(&[(x(marks.most.0), y), (x(marks.most.1), y)], 1.4, colour);
                    canvas.line(&[(x(marks.half.0), y), (x(marks.half.1), y)], 5.0, colour);
                    let beyond = [
                        (marks.most.0 < axis.low, axis.low, -1.0),
                        (marks.most.1 > axis.high, axis.high, 1.0),
                    ];
                    for (_, end, toward) in beyond.into_iter().filter(|(is, ..)| *is) {
                        let (tip, back) = (x(end) + 4.0 * toward, x(end) - 4.0 * toward);
                        canvas.area(&[(tip, y), (back, y - 4.5), (back, y + 4.5)], colour, 1.0);
                    }
                    if marks.mean >= axis.low && marks.mean <= axis.high {
                        if row.clear {
                            canvas.disc((x(marks.mean), y), 5.0, colour);
                        } else {
                            canvas.open_disc((x(marks.mean), y), 5.0, 1.8, colour);
                        }
                    }
                }
                y += ROW;
            }
        }
        bottom + 38.0
    }
}
