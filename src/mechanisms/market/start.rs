//! Where the next clearing starts: last quarter's prices plus their last change, if that would have been better last quarter.

/// Remembers two clearings and proposes a start for the next. The start changes how long clearing takes, not what it finds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Predictor {
    last: Vec<f64>,
    change: Vec<f64>,
    extrapolate: bool,
}

impl Predictor {
    /// A predictor that starts from these log prices.
    #[must_use]
    pub fn new(log_price: &[f64]) -> Self {
        Self {
            last: log_price.to_vec(),
            change: vec![0.0; log_price.len()],
            extrapolate: false,
        }
    }

    /// Writes the proposed log prices.
    pub fn propose(&self, start: &mut Vec<f64>) {
        start.clear();
        if self.extrapolate {
            start.extend(
                self.last
                    .iter()
                    .zip(&self.change)
                    .map(|(x, change)| x + change.clamp(-0.5, 0.5)),
            );
        } else {
            start.extend_from_slice(&self.last);
        }
    }

    /// Learns what the clearing found.
    pub fn learn(&mut self, log_price: &[f64]) {
        let (mut stayed, mut moved) = (0.0, 0.0);
        for ((&x, last), change) in log_price.iter().zip(&mut self.last).zip(&mut self.change) {
            let step = x - *last;
            stayed += step * step;
            moved += (step - *change) * (step - *change);
            *change = step;
            *last = x;
        }
        self.extrapolate = moved < stayed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extrapolates_a_trend_and_not_a_jump() {
        let mut predictor = Predictor::new(&[1.0]);
        let mut start = Vec::new();
        for x in [1.1, 1.2] {
            predictor.learn(&[x]);
        }
        predictor.propose(&mut start);
        assert!((start[0] - 1.3).abs() < 1e-12);
        for x in [1.2, 0.9] {
            predictor.learn(&[x]);
        }
        predictor.propose(&mut start);
        assert!((start[0] - 0.9).abs() < 1e-12);
    }
}
