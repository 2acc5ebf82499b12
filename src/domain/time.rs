//! The tick of the model: a calendar quarter.

use std::{fmt, str::FromStr};

/// A calendar quarter, counted from the first quarter of year 0. Written `2024Q1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter(i32);

impl Quarter {
    /// The quarter `of_year` (1 to 4) of `year`; `None` if there is no such quarter.
    #[must_use]
    pub const fn new(year: i32, of_year: u8) -> Option<Self> {
        if of_year >= 1 && of_year <= 4 && year >= 1900 && year <= 2200 {
            Some(Self(year * 4 + of_year as i32 - 1))
        } else {
            None
        }
    }

    /// Calendar year.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.0.div_euclid(4)
    }

    /// Quarter of the year, 1 to 4.
    #[must_use]
    pub const fn of_year(self) -> u8 {
        (self.0.rem_euclid(4) + 1) as u8
    }

    /// The quarter `quarters` later (earlier if negative).
    #[must_use]
    pub const fn plus(self, quarters: i32) -> Self {
        Self(self.0 + quarters)
    }

    /// How many quarters `self` comes after `earlier` (negative if before).
    #[must_use]
    pub const fn since(self, earlier: Self) -> i32 {
        self.0 - earlier.0
    }

    /// Mid-point of the quarter in years, for interpolation of annual figures: 2024Q1 is 2024.125.
    #[must_use]
    pub fn mid_year(self) -> f64 {
        f64::from(self.0) / 4.0 + 0.125
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}Q{}", self.year(), self.of_year())
    }
}

/// Why a text is no quarter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no quarter; write the year, Q and 1 to 4, such as 2024Q1")]
pub struct NoQuarter(pub String);

impl FromStr for Quarter {
    type Err = NoQuarter;

    fn from_str(text: &str) -> Result<Self, NoQuarter> {
        let parse = || {
            let (year, of_year) = text.split_once('Q')?;
            if year.len() != 4 || of_year.len() != 1 {
                return None;
            }
            Self::new(year.parse().ok()?, of_year.parse().ok()?)
        };
        parse().ok_or_else(|| NoQuarter(text.to_owned()))
    }
}

impl serde::Serialize for Quarter {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Quarter {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Quarter {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Quarter".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": "^[0-9]{4}Q[1-4]$", "description": "a calendar quarter such as 2024Q1"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        let q: Quarter = "2024Q1".parse().unwrap();
        assert_eq!((q.year(), q.of_year()), (2024, 1));
        assert_eq!(q.plus(7).to_string(), "2025Q4");
        assert_eq!(q.plus(7).since(q), 7);
        assert_eq!(q.plus(-1).to_string(), "2023Q4");
    }

    #[test]
    fn refuses_what_is_no_quarter() {
        for text in [
            "", "2024", "2024Q5", "2024Q0", "24Q1", "2024q1", "2024Q11", "Q1", "2024Q1 ",
        ] {
            assert!(text.parse::<Quarter>().is_err(), "{text}");
        }
    }
}
