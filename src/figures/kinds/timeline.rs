//! Timeline of projects: construction, delay, first output, closure, row by row.

use crate::domain::time::Quarter;
use crate::figures::axis::TimeAxis;
use crate::figures::canvas::{Anchor, Canvas, Type};
use crate::figures::colour::Colour;
use crate::figures::theme;

/// One project over all runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Name and host.
    pub name: String,
    /// Colour of its stage.
    pub colour: Colour,
    /// Start of construction.
    pub started: Option<Quarter>,
    /// First delay.
    pub delayed: Option<Quarter>,
    /// First output, if most runs have it.
    pub commissioned: Option<Quarter>,
    /// First output: 5% and 95% of the runs that have it.
    pub between: Option<(Quarter, Quarter)>,
    /// Closure or bankruptcy, if most runs have it.
    pub ended: Option<Quarter>,
    /// Words at right.
    pub note: String,
}

/// Rows under the heads of their stages.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// First quarter.
    pub first: Quarter,
    /// Number of quarters.
    pub quarters: usize,
    /// Head of each group and its rows.
    pub groups: Vec<(String, Vec<Row>)>,
    /// Head of the words at right.
    pub note_head: String,
}

/// Distance of two rows, px.
const ROW: f64 = 19.0;
/// Thickness of a plant in operation, px.
const BAR: f64 = 8.0;

impl Timeline {
    /// Draws the rows; gives the height at which the years end.
    pub fn draw(&self, canvas: &mut Canvas, top: f64) -> f64 {
        let name = Type::regular(theme::TICK, theme::INK);
        let note = Type::regular(theme::TICK, theme::MUTED);
        let rows = || self.groups.iter().flat_map(|(_, rows)| rows);
        let names = rows().map(|r| name.width(&r.name)).fold(0.0, f64::max);
        let notes = rows()
            .map(|r| note.width(&r.note))
            .fold(note.width(&self.note_head), f64::max);
        let time = TimeAxis {
            first: self.first,
            quarters: self.quarters,
            left: theme::MARGIN + names + 12.0,
            right: theme::WIDTH - theme::MARGIN - notes - 14.0,
        };
        let mut y = self.draw_key(canvas, top);
        canvas.text(
            &self.note_head,
            (theme::WIDTH - theme::MARGIN, y + 14.0),
            Anchor::End,
            note,
        );
        let start = y + 6.0;
        let mut placed = Vec::new();
        for (head, rows) in &self.groups {
            placed.push((y, None));
            let colour = rows.first().map_or(theme::INK, |row| row.colour);
            let face = Type::semibold(theme::TICK, colour.as_text());
            canvas.text(head, (theme::MARGIN, y + 15.0), Anchor::Start, face);
            y += ROW + 2.0;
            for row in rows {
                placed.push((y, Some(row)));
                y += ROW;
            }
            y += 4.0;
        }
        self.draw_years(canvas, &time, start, y);
        for (y, row) in placed {
            if let Some(row) = row {
                let centre = y + ROW / 2.0;
                let baseline = centre + theme::TICK * 0.34;
                canvas.text(&row.name, (theme::MARGIN, baseline), Anchor::Start, name);
                canvas.text(
                    &row.note,
                    (theme::WIDTH - theme::MARGIN, baseline),
                    Anchor::End,
                    note,
                );
                draw_row(canvas, &time, row, centre);
            }
        }
        time.draw(canvas, y, true);
        y + 24.0
    }

    fn draw_years(&self, canvas: &mut Canvas, time: &TimeAxis, top: f64, bottom: f64) {
        for index in 1..self.quarters {
            let quarter = self.first.plus(index as i32);
            if quarter.of_year() == 1 && quarter.year() % 2 == 0 {
                let x = time.x(index as f64);
                canvas.line(&[(x, top), (x, bottom)], theme::GRID_LINE, theme::GRID);
            }
        }
    }

    fn draw_key(&self, canvas: &mut Canvas, top: f64) -> f64 {
        let face = Type::regular(theme::TICK, theme::SOFT_INK);
        let y = top + 8.0;
        let mut x = theme::MARGIN;
        let mut entry = |canvas: &mut Canvas, text: &str, draw: &dyn Fn(&mut Canvas, f64)| {
            draw(canvas, x);
            canvas.text(text, (x + 32.0, y + 4.0), Anchor::Start, face);
            x += 32.0 + face.width(text) + 20.0;
        };
        entry(canvas, "building", &|c, x| {
            c.line(&[(x, y), (x + 26.0, y)], 1.6, theme::AXIS)
        });
        entry(canvas, "late", &|c, x| {
            c.dashed(&[(x, y), (x + 26.0, y)], 1.6, theme::AXIS, (2.5, 2.5))
        });
        entry(canvas, "in operation", &|c, x| {
            c.rect(
                (x, y - BAR / 2.0),
                (x + 26.0, y + BAR / 2.0),
                theme::AXIS,
                1.0,
            )
        });
        entry(canvas, "first output, 90% of seeds", &|c, x| {
            whisker(c, x, x + 26.0, y)
        });
        entry(canvas, "closed or bankrupt", &|c, x| {
            cross(c, x + 16.0, y, theme::INK)
        });
        y + 12.0
    }
}

fn draw_row(canvas: &mut Canvas, time: &TimeAxis, row: &Row, y: f64) {
    let end = row.ended.map_or(time.right, |quarter| time.x_of(quarter));
    let done = row.commissioned.map_or(end, |quarter| time.x_of(quarter));
    let from = row.started.map_or(time.left, |quarter| time.x_of(quarter));
    let late = row.delayed.map_or(done, |quarter| {
        time.x_of(quarter).clamp(from.min(done), from.max(done))
    });
    canvas.line(&[(from, y), (late, y)], 1.6, row.colour);
    canvas.dashed(&[(late, y), (done, y)], 1.6, row.colour, (2.5, 2.5));
    if let Some(quarter) = row.started.filter(|q| *q > time.first) {
        canvas.open_disc((time.x_of(quarter), y), 3.4, 1.4, row.colour);
    }
    if row.commissioned.is_some() {
        canvas.rect(
            (done, y - BAR / 2.0),
            (end.max(done + 2.0), y + BAR / 2.0),
            row.colour,
            1.0,
        );
    }
    if let Some((low, high)) = row.between.filter(|(low, high)| low < high) {
        whisker(canvas, time.x_of(low), time.x_of(high), y);
    }
    if row.ended.is_some() {
        cross(canvas, end, y, theme::INK);
    }
}

fn whisker(canvas: &mut Canvas, from: f64, to: f64, y: f64) {
    // A white rim keeps the whisker visible on a bar of any colour.
    canvas.line(&[(from, y), (to, y)], 3.0, theme::WHITE);
    canvas.line(&[(from, y), (to, y)], 1.2, theme::INK);
    for x in [from, to] {
        canvas.line(&[(x, y - 3.5), (x, y + 3.5)], 1.2, theme::INK);
    }
}

fn cross(canvas: &mut Canvas, x: f64, y: f64, colour: Colour) {
    canvas.line(&[(x - 3.8, y - 3.8), (x + 3.8, y + 3.8)], 1.8, colour);
    canvas.line(&[(x - 3.8, y + 3.8), (x + 3.8, y - 3.8)], 1.8, colour);
}
