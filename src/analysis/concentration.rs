//! Concentration of amounts over holders.

/// Herfindahl index of amounts, on 0 to 1: the sum of squared shares. NaN if nothing is held. Negative amounts count as none.
#[must_use]
pub fn hhi(amounts: &[f64]) -> f64 {
    let total: f64 = amounts.iter().map(|amount| amount.max(0.0)).sum();
    if total > 0.0 {
        amounts
            .iter()
            .map(|amount| (amount.max(0.0) / total) * (amount.max(0.0) / total))
            .sum()
    } else {
        f64::NAN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_cases() {
        assert_eq!(hhi(&[5.0]), 1.0);
        assert_eq!(hhi(&[1.0, 1.0, 1.0, 1.0]), 0.25);
        assert_eq!(hhi(&[3.0, 1.0, -7.0]), 0.625);
        assert!(hhi(&[]).is_nan() && hhi(&[0.0]).is_nan());
    }
}
