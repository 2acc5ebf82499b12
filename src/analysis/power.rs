//! How many seeds it takes to tell two strategies apart.

use super::interval::student;

/// Share of false alarms that the number of seeds is computed for, two-sided.
pub const ALPHA: f64 = 0.05;
/// Share of true differences that are to be found.
pub const POWER: f64 = 0.80;
/// Beyond so many seeds two strategies count as equal for every practical purpose.
pub const MOST: u64 = 1_000_000;

/// What more seeds would do for a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seeds {
    /// The interval excludes zero already.
    Enough,
    /// So many would tell a difference of the size seen from none, at [`ALPHA`] and [`POWER`].
    Need(u64),
    /// The arms do not differ in a single run: no number of seeds will tell them apart.
    Equal,
    /// The difference is so small against its spread that more than [`MOST`] would be needed.
    Hopeless,
    /// Fewer than two runs in common: nothing can be said.
    Unknown,
}

/// The smallest sample in which a paired difference of `mean` with standard deviation `deviation` is told from zero by a two-sided t
/// test at level [`ALPHA`] in a share [`POWER`] of samples: n >= (t(1 - alpha/2) + t(power))^2 (deviation / mean)^2, both quantiles with n - 1
/// degrees of freedom (Guenther 1981). `None` above [`MOST`].
#[must_use]
pub fn needed(mean: f64, deviation: f64) -> Option<u64> {
    let squared = |x: f64| x * x;
    let ratio = squared(deviation / mean);
    let wanted = |n: f64| {
        let freedom = n - 1.0;
        squared(student(1.0 - ALPHA / 2.0, freedom) + student(POWER, freedom)) * ratio
    };
    let endless = |share| student(share, f64::INFINITY);
    let normal = squared(endless(1.0 - ALPHA / 2.0) + endless(POWER)) * ratio;
    if normal.is_nan() || normal > MOST as f64 {
        return None;
    }
    // the normal quantiles are the smallest, so the search begins below and climbs a few steps
    let mut n = normal.ceil().max(2.0);
    while wanted(n) > n {
        n += 1.0;
    }
    Some(n as u64)
}

/// The smallest difference that `n` seeds tell from zero at [`ALPHA`] and [`POWER`]; NaN below two.
#[must_use]
pub fn detectable(n: usize, deviation: f64) -> f64 {
    let freedom = n as f64 - 1.0;
    (student(1.0 - ALPHA / 2.0, freedom) + student(POWER, freedom)) * deviation / (n as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_power_t_test() {
        // R: power.t.test(delta = d, sd = 1, power = 0.8, type = "paired"): 33.37, 9.94, 198.15, 786.81
        for (delta, n) in [(0.5, 34), (1.0, 10), (0.2, 199), (0.1, 787)] {
            let found = needed(delta, 1.0).unwrap();
            assert!(found.abs_diff(n) <= 1, "{delta}: {found} and {n}");
        }
        assert_eq!(needed(0.0, 1.0), None);
        assert_eq!(needed(1e-6, 1.0), None);
        assert_eq!(needed(1.0, 0.0), Some(2));
    }

    #[test]
    fn what_can_be_detected_needs_as_many_seeds_as_there_are() {
        for n in [5, 20, 100] {
            let found = needed(detectable(n, 3.0), 3.0).unwrap();
            assert!(found.abs_diff(n as u64) <= 1, "{n}: {found}");
        }
        assert!(detectable(1, 3.0).is_nan());
    }
}
