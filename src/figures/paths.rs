//! A quantity over time in every run, and its quantiles over runs.

/// Quantiles of one quantity over runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// 5% of the runs lie below.
    pub q05: f64,
    /// 25% of the runs lie below.
    pub q25: f64,
    /// Median.
    pub q50: f64,
    /// 75% of the runs lie below.
    pub q75: f64,
    /// 95% of the runs lie below.
    pub q95: f64,
}

impl Spread {
    /// Quantiles of the finite values (linear between order statistics); `None` if there is none.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
        if sorted.is_empty() {
            return None;
        }
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = share * (sorted.len() - 1) as f64;
            let low = place.floor();
            let (a, b) = (sorted[low as usize], sorted[place.ceil() as usize]);
            a + (b - a) * (place - low)
        };
        Some(Self {
            q05: at(0.05),
            q25: at(0.25),
            q50: at(0.5),
            q75: at(0.75),
            q95: at(0.95),
        })
    }
}

/// Quantiles in each quarter; NaN where no run has a value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bands {
    /// 5%.
    pub q05: Vec<f64>,
    /// 25%.
    pub q25: Vec<f64>,
    /// Median.
    pub q50: Vec<f64>,
    /// 75%.
    pub q75: Vec<f64>,
    /// 95%.
    pub q95: Vec<f64>,
}

impl Bands {
    /// The quantiles in one quarter.
    #[must_use]
    pub fn at(&self, quarter: usize) -> Spread {
        Spread {
            q05: self.q05[quarter],
            q25: self.q25[quarter],
            q50: self.q50[quarter],
            q75: self.q75[quarter],
            q95: self.q95[quarter],
        }
    }

    /// The last quarter with a value.
    #[must_use]
    pub fn last(&self) -> Option<Spread> {
        (0..self.q50.len())
            .rev()
            .find(|q| self.q50[*q].is_finite())
            .map(|q| self.at(q))
    }

    /// Whether any quarter has a value.
    #[must_use]
    pub fn any(&self) -> bool {
        self.q50.iter().any(|v| v.is_finite())
    }

    /// Smallest and largest value of the 90% band.
    #[must_use]
    pub fn range(&self) -> Option<(f64, f64)> {
        let finite = |v: &&f64| v.is_finite();
        let low = self
            .q05
            .iter()
            .filter(finite)
            .copied()
            .min_by(f64::total_cmp)?;
        let high = self
            .q95
            .iter()
            .filter(finite)
            .copied()
            .max_by(f64::total_cmp)?;
        Some((low, high))
    }
}

/// One value per run and quarter; NaN where there is none.
#[derive(Debug, Clone, PartialEq)]
pub struct Paths {
    runs: usize,
    quarters: usize,
    values: Vec<f64>,
}

impl Paths {
    /// All values alike.
    #[must_use]
    pub fn filled(runs: usize, quarters: usize, value: f64) -> Self {
        Self {
            runs,
            quarters,
            values: vec![value; runs * quarters],
        }
    }

    /// Number of runs.
    #[must_use]
    pub const fn runs(&self) -> usize {
        self.runs
    }

    /// Number of quarters.
    #[must_use]
    pub const fn quarters(&self) -> usize {
        self.quarters
    }

    /// The value of a run in a quarter.
    #[must_use]
    pub fn get(&self, run: usize, quarter: usize) -> f64 {
        self.values[run * self.quarters + quarter]
    }

    /// Adds to the value of a run in a quarter.
    pub fn add(&mut self, run: usize, quarter: usize, value: f64) {
        self.values[run * self.quarters + quarter] += value;
    }

    /// Sets the value of a run in a quarter.
    pub fn set(&mut self, run: usize, quarter: usize, value: f64) {
        self.values[run * self.quarters + quarter] = value;
    }

    /// Combines two quantities value by value.
    #[must_use]
    pub fn with(&self, other: &Self, rule: impl Fn(f64, f64) -> f64) -> Self {
        let values = self
            .values
            .iter()
            .zip(&other.values)
            .map(|(a, b)| rule(*a, *b))
            .collect();
        Self { values, ..*self }
    }

    /// `self / other`; NaN where `other` is not positive.
    #[must_use]
    pub fn over(&self, other: &Self) -> Self {
        self.with(other, |a, b| if b > 0.0 { a / b } else { f64::NAN })
    }

    /// Applies a rule to every value.
    #[must_use]
    pub fn map(&self, rule: impl Fn(f64) -> f64) -> Self {
        Self {
            values: self.values.iter().map(|v| rule(*v)).collect(),
            ..*self
        }
    }

    /// Sum of several quantities.
    #[must_use]
    pub fn total<'a>(all: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        all.into_iter().fold(None, |sum, next| {
            Some(sum.map_or_else(|| next.clone(), |sum: Self| sum.with(next, |a, b| a + b)))
        })
    }

    /// Quantiles over runs, quarter by quarter.
    #[must_use]
    pub fn bands(&self) -> Bands {
        let mut bands = Bands::default();
        let nothing = Spread {
            q05: f64::NAN,
            q25: f64::NAN,
            q50: f64::NAN,
            q75: f64::NAN,
            q95: f64::NAN,
        };
        for quarter in 0..self.quarters {
            let spread =
                Spread::of((0..self.runs).map(|run| self.get(run, quarter))).unwrap_or(nothing);
            bands.q05.push(spread.q05);
            bands.q25.push(spread.q25);
            bands.q50.push(spread.q50);
            bands.q75.push(spread.q75);
            bands.q95.push(spread.q95);
        }
        bands
    }

    /// Mean of each run over the quarters of the range that have a value.
    #[must_use]
    pub fn mean(&self, range: std::ops::Range<usize>) -> Vec<f64> {
        (0..self.runs)
            .map(|run| {
                let values = range
                    .clone()
                    .map(|q| self.get(run, q))
                    .filter(|v| v.is_finite());
                let (sum, count) = values.fold((0.0, 0), |(s, n), v| (s + v, n + 1));
                if count > 0 {
                    sum / f64::from(count)
                } else {
                    f64::NAN
                }
            })
            .collect()
    }

    /// Quantiles over runs of last year's mean over first year's mean.
    #[must_use]
    pub fn change_ratio(&self) -> Option<Spread> {
        let (first, last) = (self.mean(self.first_year()), self.mean(self.last_year()));
        Spread::of(
            first
                .iter()
                .zip(&last)
                .map(|(a, b)| if *a > 0.0 { b / a } else { f64::NAN }),
        )
    }

    /// Quantiles over runs of last year's mean less first year's mean.
    #[must_use]
    pub fn change(&self) -> Option<Spread> {
        let (first, last) = (self.mean(self.first_year()), self.mean(self.last_year()));
        Spread::of(first.iter().zip(&last).map(|(a, b)| b - a))
    }

    /// Quantiles over runs of the first year's mean.
    #[must_use]
    pub fn at_start(&self) -> Option<Spread> {
        Spread::of(self.mean(self.first_year()))
    }

    /// Quantiles over runs of the last year's mean.
    #[must_use]
    pub fn at_end(&self) -> Option<Spread> {
        Spread::of(self.mean(self.last_year()))
    }

    /// The first four quarters.
    #[must_use]
    pub fn first_year(&self) -> std::ops::Range<usize> {
        0..self.quarters.min(4)
    }

    /// The last four quarters.
    #[must_use]
    pub fn last_year(&self) -> std::ops::Range<usize> {
        self.quarters.saturating_sub(4)..self.quarters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_linear_between_order_statistics() {
        let spread = Spread::of((0..=100).map(f64::from)).unwrap();
        assert_eq!((spread.q05, spread.q50, spread.q95), (5.0, 50.0, 95.0));
        assert_eq!(Spread::of([f64::NAN]), None);
        assert_eq!(Spread::of([2.0]).unwrap().q95, 2.0);
    }

    #[test]
    fn ratios_pair_within_runs() {
        let mut paths = Paths::filled(2, 8, 1.0);
        for q in 4..8 {
            paths.set(0, q, 2.0);
            paths.set(1, q, 3.0);
        }
        let ratio = paths.change_ratio().unwrap();
        assert_eq!(ratio.q50, 2.5);
    }
}
