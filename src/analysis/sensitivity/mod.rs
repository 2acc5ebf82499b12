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
