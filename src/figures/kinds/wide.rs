//! Panels as wide as the page with labels at the ends of their lines: fans, and a few panels one above the other.

use crate::domain::time::Quarter;
use crate::figures::axis::{Axis, TimeAxis};
use crate::figures::canvas::{Anchor, Canvas, Type};
use crate::figures::labels::{self, EndLabel};
use crate::figures::plot::{Plot, Series};
use crate::figures::strips::Events;
use crate::figures::theme;

/// One panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// Name above the plot; empty if there is only one.
    pub name: String,
    /// What is drawn, back to front.
    pub series: Vec<Series>,
    /// Value axis.
    pub axis: Axis,
}

/// Panels one above the other, sharing the axis of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Wide {
    /// First quarter.
    pub first: Quarter,
    /// Number of quarters.
    pub quarters: usize,
    /// Panels from above.
    pub panels: Vec<Panel>,
    /// What follows each tick number, such as `%`.
    pub suffix: &'static str,
    /// A value to be marked by a dark line, such as a ratio of 1.
    pub rule: Option<f64>,
    /// Policies and shocks.
    pub events: Events,
}

impl Wide {
    /// Draws the panels between two heights; gives the height at which the years end.
    pub fn draw(&self, canvas: &mut Canvas, top: f64, bottom: f64) -> f64 {
        let ends: Vec<EndLabel> = self
            .panels
            .iter()
            .flat_map(|p| end_labels(&p.series))
            .collect();
        let numbers = self
            .panels
            .iter()
            .map(|p| p.axis.label_width(self.suffix))
            .fold(0.0, f64::max);
        let time = TimeAxis {
            first: self.first,
            quarters: self.quarters,
            left: theme::MARGIN + numbers + 7.0,
            right: theme::WIDTH - theme::MARGIN - labels::gutter(&ends),
        };
        let strips = self.events.height(&time);
        let count = self.panels.len().max(1) as f64;
        let name = if self.panels.iter().any(|p| !p.name.is_empty()) {
            24.0
        } else {
            8.0
        };
        let gap = 14.0;
        let height =
            ((bottom - 24.0 - top - strips - count * name - (count - 1.0) * gap) / count).max(60.0);
        let mut y = top + strips;
        for (index, panel) in self.panels.iter().enumerate() {
            let plot = Plot {
                time,
                axis: panel.axis.clone(),
                top: y + name,
                bottom: y + name + height,
            };
            self.events.shade(canvas, &time, plot.top, plot.bottom);
            if index == 0 {
                // The names of strips stand over the panel's own name, which therefore moves to the left margin.
                let strips_end = if self.panels.len() == 1 { plot.top } else { y };
                self.events.draw(canvas, &time, strips_end);
            }
            let face = Type::semibold(theme::LABEL, theme::INK);
            canvas.text(
                &panel.name,
                (theme::MARGIN, y + name - 9.0),
                Anchor::Start,
                face,
            );
            self.draw_panel(canvas, &plot, panel);
            time.draw(canvas, plot.bottom, index + 1 == self.panels.len());
            y = plot.bottom + gap;
        }
        y - gap + 24.0
    }

    fn draw_panel(&self, canvas: &mut Canvas, plot: &Plot, panel: &Panel) {
        plot.draw_grid(canvas, Some(self.suffix));
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
        let mut ends = end_labels(&panel.series);
        for label in &mut ends {
            label.want = plot.y(label.want);
        }
        labels::draw_ends(
            canvas,
            &ends,
            plot.time.right,
            (plot.top - 6.0, plot.bottom + 6.0),
        );
    }
}

/// Labels whose `want` is still the last value.
fn end_labels(series: &[Series]) -> Vec<EndLabel> {
    let label = |s: &Series| {
        let last = s.last()?;
        Some(EndLabel {
            want: last.q50,
            text: s.label.clone(),
            second: s.second.clone(),
            colour: s.colour,
        })
    };
    series
        .iter()
        .filter(|s| !s.label.is_empty())
        .filter_map(label)
        .collect()
}
