//! Which assumption moves a result: screening by elementary effects, shares of variance, and the swing from low to high.

pub mod morris;
pub mod sobol;
pub mod swing;

/// A number with its 95% interval, absent where there is too little to say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// The number.
    pub value: f64,
    /// Interval.
    pub interval: Option<(f64, f64)>,
}

impl Measured {
    /// Ends of the interval; NaN where there is none.
    #[must_use]
    pub fn ends(&self) -> (f64, f64) {
        self.interval.unwrap_or((f64::NAN, f64::NAN))
    }
}

/// For which measure the points were laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Elementary effects.
    Morris,
    /// Shares of variance.
    Sobol,
}

impl Method {
    /// Its name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Morris => "morris",
            Self::Sobol => "sobol",
        }
    }
}

/// What a design measures of one factor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Of {
    /// How.
    pub method: Method,
    /// First-order index, or mean size of the elementary effects.
    pub first: Measured,
    /// Total index, or standard deviation of the elementary effects.
    pub total: Measured,
    /// Mean of the elementary effects with their signs.
    pub mean: Option<f64>,
    /// Base samples, or trajectories.
    pub n: usize,
}

/// What one assumption does to one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Driver {
    /// The metric.
    pub metric: String,
    /// Path of the assumption.
    pub path: String,
    /// From low to high, where it can be told.
    pub swing: Option<swing::Swing>,
    /// Mean of the metric over all runs.
    pub mean: f64,
    /// Indices or elementary effects, if the design was laid out for them.
    pub measured: Option<Of>,
    /// Completed runs.
    pub runs: usize,
}
