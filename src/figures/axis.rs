//! Axes: round ticks on linear and log scales, and the axis of years and quarters.

use super::canvas::{Anchor, Canvas, Type};
use super::{theme, words};
use crate::domain::time::Quarter;

/// How values become heights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Equal differences are equally far apart.
    Linear,
    /// Equal factors are equally far apart.
    Log,
}

/// A value axis with round ticks.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Scale.
    pub scale: Scale,
    /// Value at the lower end.
    pub low: f64,
    /// Value at the upper end.
    pub high: f64,
    /// Values with a grid line.
    pub ticks: Vec<f64>,
    decimals: usize,
}

impl Axis {
    /// From zero (or the next round tick below a negative `low`) to the next round tick above `high`, with about `count` steps.
    #[must_use]
    pub fn linear(low: f64, high: f64, count: usize) -> Self {
        let (low, high) = (low.min(0.0), if high > 0.0 { high } else { 0.0 });
        let span = if high - low > 0.0 { high - low } else { 1.0 };
        let step = round_step(span / count.max(1) as f64);
        Self::stepped(
            (low / step + 1e-9).floor(),
            (high.max(low + step) / step - 1e-9).ceil(),
            step,
        )
    }

    /// Between round ticks that need not include zero.
    #[must_use]
    pub fn between(low: f64, high: f64, count: usize) -> Self {
        let span = if high - low > 0.0 {
            high - low
        } else {
            high.abs().max(1.0) * 0.1
        };
        let step = round_step(span / count.max(1) as f64);
        Self::stepped(
            (low / step + 1e-9).floor(),
            (high / step - 1e-9)
                .ceil()
                .max((low / step + 1e-9).floor() + 1.0),
            step,
        )
    }

    /// Zero to one hundred per cent, in steps of 25 points.
    #[must_use]
    pub fn shares() -> Self {
        Self {
            scale: Scale::Linear,
            low: 0.0,
            high: 100.0,
            ticks: vec![0.0, 25.0, 50.0, 75.0, 100.0],
            decimals: 0,
        }
    }

    fn stepped(from: f64, to: f64, step: f64) -> Self {
        let count = (to - from).round() as usize;
        let ticks = (0..=count).map(|i| (from + i as f64) * step).collect();
        let decimals = if step >= 1.0 && (step - step.round()).abs() < 1e-9 {
            0
        } else {
            (-libm::log10(step) - 1e-9).ceil().max(0.0) as usize + usize::from(is_quarter(step))
        };
        Self {
            scale: Scale::Linear,
            low: from * step,
            high: to * step,
            ticks,
            decimals,
        }
    }

    /// Log scale over exactly `low..high` (both positive), with ticks at powers of ten, at 1-2-5, or closer.
    #[must_use]
    pub fn log(low: f64, high: f64) -> Self {
        let low = if low > 0.0 { low } else { 1e-3 };
        let high = if high > low * 1.05 { high } else { low * 1.05 };
        let decades = libm::log10(high / low);
        let marks: &[f64] = if decades >= 2.2 {
            &[1.0]
        } else if decades >= 1.3 {
            &[1.0, 2.0, 5.0]
        } else if decades >= 0.5 {
            &[1.0, 2.0, 3.0, 5.0]
        } else {
            &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0]
        };
        let first = libm::floor(libm::log10(low)) as i32;
        let last = libm::ceil(libm::log10(high)) as i32;
        let every = if decades > 6.5 { 2 } else { 1 };
        let within = |tick: &f64| *tick >= low * 0.999_999 && *tick <= high * 1.000_001;
        let mut ticks: Vec<f64> = (first..=last)
            .filter(|power| power % every == 0)
            .flat_map(|power| {
                marks
                    .iter()
                    .map(move |mark| mark * libm::pow(10.0, f64::from(power)))
            })
            .filter(within)
            .collect();
        if ticks.len() < 3 && decades < 0.5 {
            // So narrow that equal steps serve better.
            let step = round_step((high - low) / 4.0);
            let from = (low / step).ceil() as i64;
            ticks = (from..from + 8)
                .map(|i| i as f64 * step)
                .filter(within)
                .collect();
        }
        Self {
            scale: Scale::Log,
            low,
            high,
            ticks,
            decimals: 0,
        }
    }

    /// Share of the way from the lower to the upper end.
    #[must_use]
    pub fn share(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear => (value - self.low) / (self.high - self.low),
            Scale::Log => {
                libm::log10(value.max(self.low * 1e-3) / self.low)
                    / libm::log10(self.high / self.low)
            }
        }
    }

    /// The number at a tick.
    #[must_use]
    pub fn label(&self, tick: f64) -> String {
        match self.scale {
            Scale::Linear => words::number(tick, self.decimals),
            Scale::Log => {
                let decimals = (0..6).find(|d| {
                    let unit = libm::pow(10.0, f64::from(*d));
                    (tick * unit - (tick * unit).round()).abs() < 1e-6 * tick * unit
                });
                words::number(tick, decimals.unwrap_or(6) as usize)
            }
        }
    }

    /// Width of the widest tick number, px.
    #[must_use]
    pub fn label_width(&self, suffix: &str) -> f64 {
        let face = Type::regular(theme::TICK, theme::MUTED);
        self.ticks
            .iter()
            .map(|t| face.width(&format!("{}{suffix}", self.label(*t))))
            .fold(0.0, f64::max)
    }
}

/// The next of 1, 2, 2.5, 5, 10 times a power of ten that is no smaller.
fn round_step(rough: f64) -> f64 {
    let power = libm::pow(10.0, libm::floor(libm::log10(rough)));
    let lead = rough / power;
    let nice = [1.0, 2.0, 2.5, 5.0]
        .into_iter()
        .find(|step| lead <= step * (1.0 + 1e-9))
        .unwrap_or(10.0);
    nice * power
}

/// Whether a step is 2.5 times a power of ten, which needs one more decimal.
fn is_quarter(step: f64) -> bool {
    let lead = step / libm::pow(10.0, libm::floor(libm::log10(step) + 1e-9));
    (lead - 2.5).abs() < 1e-6
}

/// The axis of time: quarters from left to right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeAxis {
    /// First quarter shown.
    pub first: Quarter,
    /// Number of quarters.
    pub quarters: usize,
    /// Left end, px.
    pub left: f64,
    /// Right end, px.
    pub right: f64,
}

impl TimeAxis {
    /// Where the value of the `index`-th quarter stands, px; the ends may lie outside the axis.
    #[must_use]
    pub fn x(&self, index: f64) -> f64 {
        let steps = self.quarters.saturating_sub(1).max(1) as f64;
        self.left + (self.right - self.left) * index / steps
    }

    /// Where a quarter stands, px, cut to the axis.
    #[must_use]
    pub fn x_of(&self, quarter: Quarter) -> f64 {
        self.x(f64::from(quarter.since(self.first)))
            .clamp(self.left, self.right)
    }

    /// Draws line, ticks and, if wanted, the years; `top` is the height of the line.
    pub fn draw(&self, canvas: &mut Canvas, top: f64, years: bool) {
        canvas.line(
            &[(self.left, top), (self.right, top)],
            theme::AXIS_LINE,
            theme::AXIS,
        );
        let last = self
            .first
            .plus(self.quarters.saturating_sub(1).max(1) as i32);
        let quarter_width = self.x(1.0) - self.x(0.0);
        let every = self.every(quarter_width);
        for index in 0..self.quarters.max(2) {
            let quarter = self.first.plus(index as i32);
            let x = self.x(index as f64);
            let length = match (quarter.of_year(), every) {
                (1, 1 | 2) => 6.0,
                (1, _) if quarter.year() % every == 0 => 6.0,
                (1, _) => 3.0,
                _ if quarter_width >= 4.0 && every <= 2 => 3.0,
                _ => continue,
            };
            canvas.line(
                &[(x, top), (x, top + length)],
                theme::AXIS_LINE,
                theme::AXIS,
            );
        }
        if !years {
            return;
        }
        let face = Type::regular(theme::TICK, theme::MUTED);
        let half = face.width("2024") / 2.0;
        for year in self.first.year()..=last.year() {
            if year % every != 0 && every > 1 {
                continue;
            }
            let start =
                Quarter::new(year, 1).map_or(self.left, |q| self.x(f64::from(q.since(self.first))));
            let (from, to) = (
                start.max(self.left),
                (start + 4.0 * quarter_width).min(self.right),
            );
            // From five years on the name stands at its tick, since its span is too narrow to be seen.
            let centre = if every >= 5 { start } else { (from + to) / 2.0 };
            if centre < self.left - 1.0
                || centre - half < self.left - 16.0
                || centre + half > self.right + 9.0
            {
                continue;
            }
            canvas.text(year.to_string(), (centre, top + 19.0), Anchor::Middle, face);
        }
    }

    /// Years between two names: the first of 1, 2, 5, 10, 20 that leaves 8 px between them.
    fn every(&self, quarter_width: f64) -> i32 {
        let name = Type::regular(theme::TICK, theme::MUTED).width("2024") + 8.0;
        [1, 2, 5, 10, 20]
            .into_iter()
            .find(|n| 4.0 * quarter_width * f64::from(*n) >= name)
            .unwrap_or(20)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_ticks() {
        let axis = Axis::linear(0.0, 689.0, 4);
        assert_eq!(axis.ticks, vec![0.0, 200.0, 400.0, 600.0, 800.0]);
        assert_eq!(Axis::linear(0.0, 0.9, 4).ticks.len(), 5);
        assert_eq!(Axis::linear(0.0, 0.9, 4).label(0.25), "0.25");
        assert_eq!(Axis::linear(0.0, 0.0, 4).low, 0.0);
        assert_eq!(Axis::linear(-3.0, 6.0, 5).low, -4.0);
    }

    #[test]
    fn log_ticks() {
        let axis = Axis::log(0.7, 2500.0);
        assert_eq!(
            axis.ticks
                .iter()
                .map(|t| axis.label(*t))
                .collect::<Vec<_>>(),
            ["1", "10", "100", "1,000"]
        );
        assert!(
            (axis.share(axis.low)).abs() < 1e-12 && (axis.share(axis.high) - 1.0).abs() < 1e-12
        );
        let narrow = Axis::log(0.05, 0.3);
        assert_eq!(narrow.label(narrow.ticks[0]), "0.05");
    }
}
