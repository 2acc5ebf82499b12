//! Stacked areas: who makes or uses how much, largest at the bottom.

use crate::domain::time::Quarter;
use crate::figures::axis::{Axis, TimeAxis};
use crate::figures::canvas::{Canvas, Point};
use crate::figures::colour::Colour;
use crate::figures::labels::{self, EndLabel};
use crate::figures::plot::Plot;
use crate::figures::strips::Events;
use crate::figures::{theme, words};

/// One layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// Name.
    pub name: String,
    /// Colour.
    pub colour: Colour,
    /// Amount in each quarter.
    pub values: Vec<f64>,
}

/// Layers on top of each other, the first at the bottom.
#[derive(Debug, Clone, PartialEq)]
pub struct Stacked {
    /// First quarter.
    pub first: Quarter,
    /// Number of quarters.
    pub quarters: usize,
    /// Layers from below.
    pub layers: Vec<Layer>,
    /// Policies and shocks.
    pub events: Events,
}

impl Stacked {
    /// Draws the areas between two heights; gives the height at which the years end.
    pub fn draw(&self, canvas: &mut Canvas, top: f64, bottom: f64) -> f64 {
        let edges = self.edges();
        let peak = edges
            .last()
            .map_or(0.0, |top| top.iter().copied().fold(0.0, f64::max));
        let axis = Axis::linear(0.0, peak, 5);
        let mut ends = self.end_labels(&edges);
        let time = TimeAxis {
            first: self.first,
            quarters: self.quarters,
            left: theme::MARGIN + axis.label_width("") + 7.0,
            right: theme::WIDTH - theme::MARGIN - labels::gutter(&ends),
        };
        let strips = self.events.height(&time);
        let plot = Plot {
            time,
            axis,
            top: top + 8.0 + strips,
            bottom: bottom - 24.0,
        };
        self.events.shade(canvas, &time, plot.top, plot.bottom);
        self.events.draw(canvas, &time, plot.top);
        plot.draw_grid(canvas, Some(""));
        let line = |values: &[f64]| -> Vec<Point> {
            plot.pieces(values)
                .into_iter()
                .flatten()
                .map(|(x, v)| (x, plot.y(v)))
                .collect()
        };
        for (layer, pair) in self.layers.iter().zip(edges.windows(2)) {
            let mut outline = line(&pair[1]);
            outline.extend(line(&pair[0]).into_iter().rev());
            canvas.area(&outline, layer.colour, 1.0);
        }
        for edge in edges.iter().skip(1) {
            canvas.line(&line(edge), theme::LAYER_GAP, theme::WHITE);
        }
        time.draw(canvas, plot.bottom, true);
        for label in &mut ends {
            label.want = plot.y(label.want);
        }
        labels::draw_ends(canvas, &ends, time.right, (plot.top - 6.0, plot.bottom));
        plot.bottom + 24.0
    }

    /// Height of the lower edge of each layer, and of the top, in each quarter.
    fn edges(&self) -> Vec<Vec<f64>> {
        let mut edges = vec![vec![0.0; self.quarters]];
        for layer in &self.layers {
            let below = &edges[edges.len() - 1];
            let above = below
                .iter()
                .zip(&layer.values)
                .map(|(a, b)| a + if b.is_finite() { b.max(0.0) } else { 0.0 });
            let above = above.collect();
            edges.push(above);
        }
        edges
    }

    /// Labels whose `want` is still the middle of the layer's last value; the share is that of the last year.
    fn end_labels(&self, edges: &[Vec<f64>]) -> Vec<EndLabel> {
        let last = self.quarters.saturating_sub(1);
        let year = |edge: &[f64]| edge[self.quarters.saturating_sub(4)..].iter().sum::<f64>();
        let total = edges.last().map_or(0.0, |top| year(top));
        let label = |(layer, pair): (&Layer, &[Vec<f64>])| {
            let share = if total > 0.0 {
                (year(&pair[1]) - year(&pair[0])) / total
            } else {
                0.0
            };
            EndLabel {
                want: (pair[0][last] + pair[1][last]) / 2.0,
                text: format!("{} {}", layer.name, words::percent(share)),
                second: String::new(),
                colour: layer.colour,
            }
        };
        self.layers
            .iter()
            .zip(edges.windows(2))
            .map(label)
            .collect()
    }
}
