//! Where labels go: beside the ends of lines without overlap, and their leaders.

use super::canvas::{Anchor, Canvas, Type};
use super::colour::Colour;
use super::theme;

/// A label at the right end of a line or layer.
#[derive(Debug, Clone, PartialEq)]
pub struct EndLabel {
    /// Height at which the label would stand if it were alone: the end of its line, px.
    pub want: f64,
    /// The name.
    pub text: String,
    /// A second, muted line such as the median and its interval; may be empty.
    pub second: String,
    /// Colour of the series.
    pub colour: Colour,
}

impl EndLabel {
    /// Height of the label, px.
    fn height(&self) -> f64 {
        theme::LABEL * if self.second.is_empty() { 1.22 } else { 2.45 }
    }

    /// Width of the label, px.
    #[must_use]
    pub fn width(&self) -> f64 {
        Type::semibold(theme::LABEL, theme::INK)
            .width(&self.text)
            .max(Type::regular(theme::TICK, theme::INK).width(&self.second))
    }
}

/// Space right of the plot for leader, gap and these labels, px.
#[must_use]
pub fn gutter(labels: &[EndLabel]) -> f64 {
    labels.iter().map(EndLabel::width).fold(0.0, f64::max) + 20.0
}

/// Draws the labels right of `x`, between the heights `top` and `bottom`, each joined to its line by a leader.
pub fn draw_ends(canvas: &mut Canvas, labels: &[EndLabel], x: f64, (top, bottom): (f64, f64)) {
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by(|a, b| labels[*a].want.total_cmp(&labels[*b].want));
    let wants: Vec<f64> = order.iter().map(|i| labels[*i].want).collect();
    let heights: Vec<f64> = order.iter().map(|i| labels[*i].height()).collect();
    for (centre, i) in spread(&wants, &heights, top, bottom).into_iter().zip(order) {
        let label = &labels[i];
        let from = label.want.clamp(top, bottom);
        let leader = if (centre - from).abs() < 3.0 {
            vec![(x + 2.0, from), (x + 15.0, from)]
        } else {
            vec![
                (x + 2.0, from),
                (x + 6.0, from),
                (x + 12.0, centre),
                (x + 15.0, centre),
            ]
        };
        canvas.line(&leader, theme::LEADER_LINE, label.colour);
        let name = Type::semibold(theme::LABEL, label.colour.as_text());
        if label.second.is_empty() {
            canvas.text(
                &label.text,
                (x + 19.0, centre + theme::LABEL * 0.34),
                Anchor::Start,
                name,
            );
        } else {
            canvas.text(
                &label.text,
                (x + 19.0, centre - theme::LABEL * 0.24),
                Anchor::Start,
                name,
            );
            let second = Type::regular(theme::TICK, theme::MUTED);
            canvas.text(
                &label.second,
                (x + 19.0, centre + theme::LABEL * 0.86),
                Anchor::Start,
                second,
            );
        }
    }
}

/// Centres of boxes of the given heights, in the given order, without overlap, as near as possible (least squares) to the
/// centres they want, and between `top` and `bottom` where they fit at all.
///
/// Pool adjacent violators: with the heights taken off, the centres need only be in order, which is isotonic regression.
#[must_use]
pub fn spread(wants: &[f64], heights: &[f64], top: f64, bottom: f64) -> Vec<f64> {
    let mut offsets = Vec::with_capacity(wants.len());
    let mut sum = 0.0;
    for height in heights {
        offsets.push(sum + height / 2.0);
        sum += height;
    }
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for (want, offset) in wants.iter().zip(&offsets) {
        let mut block = (want - offset, 1);
        while let Some(last) = blocks.last().copied().filter(|last| last.0 > block.0) {
            blocks.pop();
            let count = last.1 + block.1;
            block = (
                (last.0 * last.1 as f64 + block.0 * block.1 as f64) / count as f64,
                count,
            );
        }
        blocks.push(block);
    }
    let highest = (bottom - sum).max(top);
    blocks
        .into_iter()
        .flat_map(|(level, count)| std::iter::repeat_n(level.clamp(top, highest), count))
        .zip(offsets)
        .map(|(level, offset)| level + offset)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_far_apart_stay() {
        assert_eq!(
            spread(&[10.0, 50.0], &[10.0, 10.0], 0.0, 100.0),
            vec![10.0, 50.0]
        );
    }

    #[test]
    fn labels_that_collide_share_the_shift() {
        assert_eq!(
            spread(&[50.0, 50.0, 50.0], &[10.0; 3], 0.0, 100.0),
            vec![40.0, 50.0, 60.0]
        );
        assert_eq!(
            spread(&[98.0, 99.0], &[10.0; 2], 0.0, 100.0),
            vec![85.0, 95.0]
        );
    }

    #[test]
    fn never_overlap_and_keep_order() {
        let wants = [3.0, 4.0, 4.5, 30.0, 31.0, 90.0, 95.0];
        let heights = [12.0, 20.0, 12.0, 12.0, 12.0, 20.0, 12.0];
        let centres = spread(&wants, &heights, 0.0, 120.0);
        for i in 1..wants.len() {
            assert!(centres[i] - centres[i - 1] >= (heights[i] + heights[i - 1]) / 2.0 - 1e-9);
        }
        assert!(centres[0] >= 6.0 && centres[6] <= 114.0);
    }
}
