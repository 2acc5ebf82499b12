//! From low to high: how a result moves with one assumption while the others take all their values. Serves any design.

use crate::analysis::{interval::Estimate, outcomes::Block};

/// Share of the runs at either end.
pub const TAIL: f64 = 0.2;
/// Fewest runs at either end for which a mean is shown.
const FEWEST: usize = 3;

/// The mean result where an assumption is low and where it is high.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Swing {
    /// Mean value of the assumption at the low end, and mean result there.
    pub low: (f64, Estimate),
    /// Mean value of the assumption at the high end, and mean result there.
    pub high: (f64, Estimate),
    /// Whether the 95% intervals at the two ends are apart.
    pub clear: bool,
}

impl Swing {
    /// How far the result moves, whatever the direction.
    #[must_use]
    pub fn span(&self) -> f64 {
        (self.high.1.mean - self.low.1.mean).abs()
    }
}

/// The swing of results with an assumption: means over the lowest and over the highest fifth of its values, equals together. Runs with an
/// undefined result are left out; `None` if the assumption does not vary or an end has fewer than three runs.
///
/// # Panics
/// If the lists differ in length.
#[must_use]
pub fn swing(blocks: &[Block], assumption: &[f64], results: &[f64]) -> Option<Swing> {
    assert!(
        blocks.len() == assumption.len() && results.len() == assumption.len(),
        "an assumption and a result for each block"
    );
    let defined =
        (0..results.len()).filter(|&k| results[k].is_finite() && assumption[k].is_finite());
    let mut order: Vec<usize> = defined.collect();
    order.sort_by(|&a, &b| assumption[a].total_cmp(&assumption[b]).then(a.cmp(&b)));
    let (least, most) = (assumption[*order.first()?], assumption[*order.last()?]);
    if least == most {
        return None;
    }
    let share = ((order.len() as f64 * TAIL).ceil() as usize).clamp(1, order.len());
    let (below, above) = (
        assumption[order[share - 1]],
        assumption[order[order.len() - share]],
    );
    if below >= above {
        return None;
    }
    let end = |is_in: &dyn Fn(f64) -> bool| {
        let runs: Vec<usize> = order
            .iter()
            .copied()
            .filter(|&k| is_in(assumption[k]))
            .collect();
        if runs.len() < FEWEST {
            return None;
        }
        let values: Vec<f64> = runs.iter().map(|&k| results[k]).collect();
        let blocks: Vec<Block> = runs.iter().map(|&k| blocks[k]).collect();
        let of_assumption = runs.iter().map(|&k| assumption[k]).sum::<f64>() / runs.len() as f64;
        Some((of_assumption, Estimate::crossed(&blocks, &values)))
    };
    let (low, high) = (end(&|value| value <= below)?, end(&|value| value >= above)?);
    let apart = |a: &Estimate, b: &Estimate| a.interval.1 < b.interval.0;
    Some(Swing {
        low,
        high,
        clear: apart(&low.1, &high.1) || apart(&high.1, &low.1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_fifths_and_equals_stay_together() {
        let n = 50u32;
        let blocks: Vec<Block> = (0..n).map(|point| Block { point, seed: 1 }).collect();
        let x: Vec<f64> = (0..n).map(f64::from).collect();
        let results: Vec<f64> = x.iter().map(|x| 10.0 - 2.0 * x).collect();
        let found = swing(&blocks, &x, &results).unwrap();
        assert_eq!((found.low.0, found.low.1.mean), (4.5, 1.0));
        assert_eq!((found.high.0, found.high.1.mean), (44.5, -79.0));
        assert!(found.clear && found.span() == 80.0 && found.low.1.n == 10);
        // three levels: each end is a whole level
        let levels: Vec<f64> = (0..n).map(|k| f64::from(k % 3)).collect();
        let found = swing(&blocks, &levels, &results).unwrap();
        assert_eq!(
            (found.low.1.n, found.high.1.n, found.clear),
            (17, 16, false)
        );
        assert!(swing(&blocks, &vec![1.0; 50], &results).is_none());
        assert!(swing(&blocks, &x, &vec![f64::NAN; 50]).is_none());
    }
}
