//! Numbers and short phrases as a reader expects them.

use super::paths::Spread;

/// A number with thousands separators, a true minus and so many decimals.
#[must_use]
pub fn number(value: f64, decimals: usize) -> String {
    let text = format!("{:.*}", decimals, value.abs());
    let (whole, rest) = text
        .split_once('.')
        .map_or((text.as_str(), ""), |(w, r)| (w, r));
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if !rest.is_empty() {
        grouped.push('.');
        grouped.push_str(rest);
    }
    let zero = grouped.chars().all(|c| matches!(c, '0' | '.' | ','));
    if value < 0.0 && !zero {
        format!("−{grouped}")
    } else {
        grouped
    }
}

/// A number with about three significant digits.
#[must_use]
pub fn short(value: f64) -> String {
    number(value, decimals(value.abs()))
}

/// A number with its sign always shown.
#[must_use]
pub fn signed(value: f64, decimals: usize) -> String {
    let text = number(value, decimals);
    if value > 0.0 && text.chars().any(|c| c.is_ascii_digit() && c != '0') {
        format!("+{text}")
    } else {
        text
    }
}

/// Decimals that leave about three significant digits.
#[must_use]
pub fn decimals(size: f64) -> usize {
    if size >= 99.95 || size == 0.0 {
        0
    } else if size >= 9.95 {
        usize::from(size < 20.0)
    } else if size >= 0.995 {
        1
    } else if size >= 0.0995 {
        2
    } else {
        3
    }
}

/// A share as per cent.
#[must_use]
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    if value > 0.0 && value < 0.5 {
        "<1%".to_owned()
    } else {
        format!("{}%", number(value, 0))
    }
}

/// A factor: `1.4`, `0.35`, `12`.
#[must_use]
pub fn factor(value: f64) -> String {
    if value >= 9.95 {
        number(value, 0)
    } else if value >= 0.995 {
        number(value, 1)
    } else {
        number(value, 2)
    }
}

/// Median and 90% interval: `479 (435–517)`.
#[must_use]
pub fn interval(spread: &Spread) -> String {
    let places = decimals(spread.q50.abs());
    if number(spread.q05, places) == number(spread.q95, places) {
        return number(spread.q50, places);
    }
    format!(
        "{} ({}–{})",
        number(spread.q50, places),
        number(spread.q05, places),
        number(spread.q95, places)
    )
}

/// `from 2024 to 2040`, or `within 2024`.
#[must_use]
pub fn period(start: i32, last: i32) -> String {
    if start == last {
        format!("within {start}")
    } else {
        format!("from {start} to {last}")
    }
}

/// Two factors with the same decimals: `0.77 to 1.40`.
#[must_use]
pub fn factors(low: f64, high: f64) -> String {
    let decimals = if low >= 9.95 {
        0
    } else if low >= 0.995 {
        1
    } else {
        2
    };
    format!("{} to {}", number(low, decimals), number(high, decimals))
}

/// `1 seed`, `32 seeds`.
#[must_use]
pub fn seeds(count: usize) -> String {
    if count == 1 {
        "1\u{a0}seed".to_owned()
    } else {
        format!("{}\u{a0}seeds", number(count as f64, 0))
    }
}

/// What lines and bands mean for so many runs.
#[must_use]
pub fn bands(runs: usize) -> String {
    match runs {
        0 | 1 => "Line:\u{a0}a single run".to_owned(),
        n => format!(
            "Line:\u{a0}median; dark band: middle 50% of {}; light band:\u{a0}90%",
            seeds(n)
        ),
    }
}

/// What line and band mean where only the 90% band is drawn.
#[must_use]
pub fn outer_band(runs: usize) -> String {
    match runs {
        0 | 1 => "Line:\u{a0}a single run".to_owned(),
        n => format!("Line:\u{a0}median; band:\u{a0}90% of {}", seeds(n)),
    }
}

/// The first letter small, unless the second is large too (an acronym).
#[must_use]
pub fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            let rest = &text[first.len_utf8()..];
            // Words that begin with the symbol of an element (Nd-Pr, NdFeB) keep their capital.
            let word = rest.split(' ').next().unwrap_or(rest);
            if word.contains(|c: char| c.is_uppercase()) {
                text.to_owned()
            } else {
                format!("{}{rest}", first.to_lowercase())
            }
        }
        _ => text.to_owned(),
    }
}

/// The first letter large.
#[must_use]
pub fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// `a`, `a and b`, `a, b and c`.
#[must_use]
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [firsts @ .., last] => format!("{} and {last}", firsts.join(", ")),
    }
}

/// Possessive: `China's`, `the United States'`.
#[must_use]
pub fn of(name: &str) -> String {
    if name.ends_with('s') {
        format!("{name}’")
    } else {
        format!("{name}’s")
    }
}

/// The name with an article where English wants one.
#[must_use]
pub fn with_article(name: &str) -> String {
    if ["United ", "European Union", "Philippines"]
        .iter()
        .any(|start| name.starts_with(start))
    {
        format!("the {name}")
    } else {
        lower_rest(name)
    }
}

fn lower_rest(name: &str) -> String {
    if name.starts_with("Rest of") {
        "the rest of the world".to_owned()
    } else {
        name.to_owned()
    }
}

/// Where a quantity went, as far as its interval lets one say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trend {
    /// The whole 90% interval lies above no change.
    Up,
    /// The whole 90% interval lies below no change.
    Down,
    /// The interval spans no change.
    Unclear,
    /// The change is too small to speak of, whatever its sign.
    Flat,
}

impl Trend {
    /// Of a ratio: 1 is no change; a median within 5% of it is flat.
    #[must_use]
    pub fn of_ratio(spread: &Spread) -> Self {
        if (spread.q50 - 1.0).abs() < 0.05 && spread.q05 > 0.9 && spread.q95 < 1.1 {
            Self::Flat
        } else if spread.q05 > 1.0 {
            Self::Up
        } else if spread.q95 < 1.0 {
            Self::Down
        } else {
            Self::Unclear
        }
    }

    /// Of a difference: 0 is no change; less than `small` is flat.
    #[must_use]
    pub fn of_difference(spread: &Spread, small: f64) -> Self {
        if spread.q05.abs() < small && spread.q95.abs() < small {
            Self::Flat
        } else if spread.q05 > 0.0 {
            Self::Up
        } else if spread.q95 < 0.0 {
            Self::Down
        } else {
            Self::Unclear
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(number(1_234_567.0, 0), "1,234,567");
        assert_eq!(number(-12.345, 1), "−12.3");
        assert_eq!(number(-0.01, 1), "0.0");
        assert_eq!(number(999.0, 0), "999");
        assert_eq!(short(0.1234), "0.12");
        assert_eq!(short(57.0), "57");
        assert_eq!(signed(0.5, 1), "+0.5");
        assert_eq!(signed(0.0, 1), "0.0");
        assert_eq!(percent(0.004), "<1%");
    }

    #[test]
    fn phrases() {
        assert_eq!(lower_first("Dysprosium oxide"), "dysprosium oxide");
        assert_eq!(
            lower_first("NdFeB magnet, standard grade"),
            "NdFeB magnet, standard grade"
        );
        assert_eq!(lower_first("EV traction"), "EV traction");
        assert_eq!(list(&["a".into(), "b".into(), "c".into()]), "a, b and c");
        let wide = Spread {
            q05: 0.8,
            q25: 0.9,
            q50: 1.2,
            q75: 1.3,
            q95: 1.6,
        };
        assert_eq!(Trend::of_ratio(&wide), Trend::Unclear);
    }
}
