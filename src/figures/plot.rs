//! The plane of a plot: grid, bands and lines of a quantity over time.

use super::axis::{Axis, TimeAxis};
use super::canvas::{Anchor, Canvas, Point, Type};
use super::colour::Colour;
use super::paths::{Bands, Spread};
use super::theme;

/// How much of the spread over runs is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// The median only.
    Line,
    /// Median and 50% band.
    Inner,
    /// Median and 90% band.
    Outer,
    /// Median, 50% and 90% bands.
    Both,
}

/// A quantity over time with its spread.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Name beside the line.
    pub label: String,
    /// Second, muted line of the label; may be empty.
    pub second: String,
    /// Colour.
    pub colour: Colour,
    /// Whether the line is dashed.
    pub dashed: bool,
    /// What is drawn.
    pub show: Show,
    /// Quantiles over runs.
    pub bands: Bands,
}

impl Series {
    /// A solid line with both bands.
    #[must_use]
    pub fn new(label: impl Into<String>, colour: Colour, bands: Bands) -> Self {
        Self {
            label: label.into(),
            second: String::new(),
            colour,
            dashed: false,
            show: Show::Both,
            bands,
        }
    }

    /// The same, dashed.
    #[must_use]
    pub fn dashed(mut self) -> Self {
        self.dashed = true;
        self
    }

    /// The same with another choice of bands.
    #[must_use]
    pub fn show(mut self, show: Show) -> Self {
        self.show = show;
        self
    }

    /// Smallest and largest value drawn.
    #[must_use]
    pub fn range(&self) -> Option<(f64, f64)> {
        let (low, high) = self.edges();
        let finite = |v: &&f64| v.is_finite();
        let least = low.iter().filter(finite).copied().min_by(f64::total_cmp)?;
        let most = high.iter().filter(finite).copied().max_by(f64::total_cmp)?;
        Some((least, most))
    }

    /// Lower and upper edge of what is drawn.
    #[must_use]
    pub fn edges(&self) -> (&[f64], &[f64]) {
        match self.show {
            Show::Line => (&self.bands.q50, &self.bands.q50),
            Show::Inner => (&self.bands.q25, &self.bands.q75),
            Show::Outer | Show::Both => (&self.bands.q05, &self.bands.q95),
        }
    }

    /// Quantiles in the last quarter with a value.
    #[must_use]
    pub fn last(&self) -> Option<Spread> {
        self.bands.last()
    }
}

/// Smallest and largest value drawn of several series.
pub fn range<'a>(series: impl IntoIterator<Item = &'a Series>) -> Option<(f64, f64)> {
    series
        .into_iter()
        .filter_map(Series::range)
        .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}

/// A plane: time from left to right, values from bottom to top.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// Time.
    pub time: TimeAxis,
    /// Values.
    pub axis: Axis,
    /// Upper edge, px.
    pub top: f64,
    /// Lower edge, px.
    pub bottom: f64,
}

impl Plot {
    /// Height of a value, px.
    #[must_use]
    pub fn y(&self, value: f64) -> f64 {
        self.bottom - self.axis.share(value) * (self.bottom - self.top)
    }

    /// Grid lines and, if wanted, their numbers with a suffix left of the plane.
    pub fn draw_grid(&self, canvas: &mut Canvas, numbers: Option<&str>) {
        let face = Type::regular(theme::TICK, theme::MUTED);
        for tick in &self.axis.ticks {
            let y = self.y(*tick);
            if y > self.top - 0.5 && y < self.bottom - 0.5 {
                canvas.line(
                    &[(self.time.left, y), (self.time.right, y)],
                    theme::GRID_LINE,
                    theme::GRID,
                );
            }
            if let Some(suffix) = numbers {
                let text = format!("{}{suffix}", self.axis.label(*tick));
                canvas.text(
                    text,
                    (self.time.left - 7.0, y + theme::TICK * 0.34),
                    Anchor::End,
                    face,
                );
            }
        }
    }

    /// Bands and line of a series.
    pub fn draw(&self, canvas: &mut Canvas, series: &Series) {
        let bands = &series.bands;
        if matches!(series.show, Show::Outer | Show::Both) {
            self.draw_band(
                canvas,
                &bands.q05,
                &bands.q95,
                series.colour,
                theme::OUTER_BAND,
            );
        }
        if matches!(series.show, Show::Inner | Show::Both) {
            self.draw_band(
                canvas,
                &bands.q25,
                &bands.q75,
                series.colour,
                theme::INNER_BAND,
            );
        }
        for piece in self.pieces(&bands.q50) {
            let points: Vec<Point> = piece.into_iter().map(|(x, v)| (x, self.y(v))).collect();
            if points.len() == 1 {
                canvas.disc(points[0], 2.5, series.colour);
            } else if series.dashed {
                canvas.dashed(&points, theme::MAIN_LINE, series.colour, theme::DASH);
            } else {
                canvas.line(&points, theme::MAIN_LINE, series.colour);
            }
        }
    }

    /// A band between two rows of values.
    pub fn draw_band(
        &self,
        canvas: &mut Canvas,
        low: &[f64],
        high: &[f64],
        colour: Colour,
        opacity: f64,
    ) {
        for (lower, upper) in self.pieces(low).into_iter().zip(self.pieces(high)) {
            let mut points: Vec<Point> = upper.iter().map(|(x, v)| (*x, self.y(*v))).collect();
            points.extend(lower.iter().rev().map(|(x, v)| (*x, self.y(*v))));
            canvas.area(&points, colour, opacity);
        }
    }

    /// Stretches of defined values as (x, value); a single quarter is stretched over the axis.
    #[must_use]
    pub fn pieces(&self, values: &[f64]) -> Vec<Vec<(f64, f64)>> {
        if let ([value], true) = (values, self.time.quarters == 1) {
            return if value.is_finite() {
                vec![vec![(self.time.left, *value), (self.time.right, *value)]]
            } else {
                Vec::new()
            };
        }
        let mut pieces = vec![Vec::new()];
        for (index, value) in values.iter().enumerate() {
            match (value.is_finite(), pieces.last_mut()) {
                (true, Some(piece)) => piece.push((self.time.x(index as f64), *value)),
                (false, Some(piece)) if !piece.is_empty() => pieces.push(Vec::new()),
                _ => {}
            }
        }
        pieces.retain(|piece| !piece.is_empty());
        pieces
    }
}
