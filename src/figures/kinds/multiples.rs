//! Small multiples: many panels of the same kind, named above, with shared axes or with one span of factors each.

use crate::domain::time::Quarter;
use crate::figures::axis::{Axis, TimeAxis};
use crate::figures::canvas::{Anchor, Canvas, Type};
use crate::figures::plot::{Plot, Series};
use crate::figures::theme;

/// One panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// Name, above the plot at left.
    pub name: String,
    /// One computed number, above the plot at right; may be empty.
    pub note: String,
    /// What is drawn, back to front.
    pub series: Vec<Series>,
    /// Value axis.
    pub axis: Axis,
}

/// Panels in rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Multiples {
    /// First quarter.
    pub first: Quarter,
    /// Number of quarters.
    pub quarters: usize,
    /// Panels, row by row.
    pub panels: Vec<Panel>,
    /// Panels in a row.
    pub columns: usize,
    /// Height of a plane, px.
    pub height: f64,
    /// Whether all panels have the same value axis, so that only the first column needs numbers.
    pub shared: bool,
    /// What follows each tick number, such as `%`.
    pub suffix: &'static str,
    /// A value to be marked by a dark line, such as a ratio of 1.
    pub rule: Option<f64>,
}

/// Space between columns, px.
const COLUMN_GAP: f64 = 16.0;
/// Space between rows, the name of the panel included, px.
const ROW_GAP: f64 = 30.0;
/// Width of the sample of a line in the key, px.
const SAMPLE: f64 = 26.0;

impl Multiples {
    /// Draws the panels; gives the height at which the last years end.
    pub fn draw(&self, canvas: &mut Canvas, top: f64) -> f64 {
        let plots = self.plots(top + 20.0);
        let naming = self.naming(&plots);
        // Without a panel that has room for the names of its lines, a key stands above all panels.
        let plots = if naming.is_some() || self.names().is_empty() {
            plots
        } else {
            self.plots(self.key(canvas, top) + 20.0)
        };
        for (index, (panel, plot)) in self.panels.iter().zip(&plots).enumerate() {
            let first_column = index % self.columns == 0;
            let last_in_column = index + self.columns >= self.panels.len();
            let numbers = (!self.shared || first_column).then_some(self.suffix);
            plot.draw_grid(canvas, numbers);
            if let Some(rule) = self
                .rule
                .filter(|v| *v >= panel.axis.low && *v <= panel.axis.high)
            {
                let y = plot.y(rule);
                canvas.line(
                    &[(plot.time.left, y), (plot.time.right, y)],
                    theme::ZERO_LINE,
                    theme::INK,
                );
            }
            for series in &panel.series {
                plot.draw(canvas, series);
            }
            plot.time.draw(canvas, plot.bottom, last_in_column);
            draw_head(canvas, panel, plot);
        }
        if let Some((index, texts)) = naming {
            let right = plots[index].time.right - 2.0;
            for (series, baseline) in texts {
                let series = &self.panels[index].series[series];
                let face = Type::semibold(theme::TICK, series.colour.as_text());
                canvas.plated_text(&series.label, (right, baseline), Anchor::End, face, 0.7);
            }
        }
        plots.last().map_or(top, |plot| plot.bottom + 24.0)
    }

    /// The planes below a height.
    fn plots(&self, top: f64) -> Vec<Plot> {
        let gutter = |panels: &mut dyn Iterator<Item = &Panel>| {
            panels
                .map(|p| p.axis.label_width(self.suffix))
                .fold(0.0, f64::max)
                + 7.0
        };
        let columns = self.columns as f64;
        let all = gutter(&mut self.panels.iter());
        let inner = if self.shared { all } else { all * columns };
        let width =
            (theme::WIDTH - 2.0 * theme::MARGIN - inner - (columns - 1.0) * COLUMN_GAP) / columns;
        let place = |index: usize| {
            let (row, column) = ((index / self.columns) as f64, (index % self.columns) as f64);
            let before = if self.shared {
                all
            } else {
                all * (column + 1.0)
            };
            let left = theme::MARGIN + before + column * (width + COLUMN_GAP);
            let y = top + row * (self.height + ROW_GAP);
            let time = TimeAxis {
                first: self.first,
                quarters: self.quarters,
                left,
                right: left + width,
            };
            Plot {
                time,
                axis: self.panels[index].axis.clone(),
                top: y,
                bottom: y + self.height,
            }
        };
        (0..self.panels.len()).map(place).collect()
    }

    /// The distinct names of lines, with a series that has each.
    fn names(&self) -> Vec<&Series> {
        let mut names: Vec<&Series> = Vec::new();
        for series in self.panels.iter().flat_map(|p| &p.series) {
            if !series.label.is_empty() && names.iter().all(|known| known.label != series.label) {
                names.push(series);
            }
        }
        names
    }

    /// The panel where two lines lie farthest apart and there is room, with the baseline of each name.
    fn naming(&self, plots: &[Plot]) -> Option<(usize, Vec<(usize, f64)>)> {
        if self.names().len() != 2 {
            return None;
        }
        let candidate = |(index, (panel, plot)): (usize, (&Panel, &Plot))| {
            let [a, b] = panel.series.as_slice() else {
                return None;
            };
            let (y_a, y_b) = (plot.y(a.last()?.q50), plot.y(b.last()?.q50));
            let (upper, lower) = if y_a <= y_b { (0, 1) } else { (1, 0) };
            let width = |s: &Series| Type::semibold(theme::TICK, theme::INK).width(&s.label);
            let extent = width(a).max(width(b)) + 6.0;
            // A quarter counts as far as the line that leads to the next one.
            let shown =
                |quarter: usize| plot.time.x(quarter as f64 + 1.0) >= plot.time.right - extent;
            let mut highest = f64::INFINITY;
            let mut lowest = f64::NEG_INFINITY;
            for series in &panel.series {
                let (low, high) = series.edges();
                for quarter in (0..high.len()).filter(|q| shown(*q) && high[*q].is_finite()) {
                    highest = highest.min(plot.y(high[quarter]));
                    lowest = lowest.max(plot.y(low[quarter]));
                }
            }
            let (above, below) = (highest - 5.0, lowest + 14.0);
            let room = above - 11.0 >= plot.top && below + 4.0 <= plot.bottom;
            room.then_some((
                index,
                (y_a - y_b).abs(),
                vec![(upper, above), (lower, below)],
            ))
        };
        let panels = self.panels.iter().zip(plots).enumerate();
        let best = panels
            .filter_map(candidate)
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
        Some((best.0, best.2))
    }

    /// Draws the names of the lines in a row; gives the height at which it ends.
    fn key(&self, canvas: &mut Canvas, top: f64) -> f64 {
        let mut x = theme::MARGIN;
        let mut y = top + 8.0;
        for series in self.names() {
            let face = Type::semibold(theme::TICK, series.colour.as_text());
            let width = SAMPLE + 6.0 + face.width(&series.label);
            if x + width > theme::WIDTH - theme::MARGIN {
                x = theme::MARGIN;
                y += 18.0;
            }
            let line = [(x, y - 4.0), (x + SAMPLE, y - 4.0)];
            if series.dashed {
                canvas.dashed(&line, theme::MAIN_LINE, series.colour, theme::DASH);
            } else {
                canvas.line(&line, theme::MAIN_LINE, series.colour);
            }
            canvas.text(&series.label, (x + SAMPLE + 6.0, y), Anchor::Start, face);
            x += width + 22.0;
        }
        y + 8.0
    }
}

/// Name and note above a plane; the name is cut, and the note left out, where there is no room.
fn draw_head(canvas: &mut Canvas, panel: &Panel, plot: &Plot) {
    let width = plot.time.right - plot.time.left;
    let baseline = plot.top - 9.0;
    let note = Type::regular(theme::TICK, theme::SOFT_INK);
    let beside = width - note.width(&panel.note) - 8.0;
    let faces = [theme::LABEL, theme::TICK].map(|size| Type::semibold(size, theme::INK));
    let fits = faces
        .into_iter()
        .find(|face| face.width(&panel.name) <= beside);
    if fits.is_some() {
        canvas.text(&panel.note, (plot.time.right, baseline), Anchor::End, note);
    }
    let face = fits.unwrap_or(faces[1]);
    let mut name = panel.name.clone();
    while face.width(&name) > width && name.chars().count() > 2 {
        name = name.trim_end_matches('…').trim_end().to_owned();
        name.pop();
        name.push('…');
    }
    canvas.text(name, (plot.time.left, baseline), Anchor::Start, face);
}
