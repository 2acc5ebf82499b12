//! Lists of seeds as people write them.

use std::{fmt, str::FromStr};

/// The seeds of the replicates, in the order in which they are run. All arms share them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seeds(Vec<u32>);

/// Most seeds that one command may ask for.
const MOST: usize = 1_000_000;

/// Why a text is no list of seeds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSeeds {
    /// Not the form of a list.
    #[error(
        "`{0}` is no list of seeds; write a range such as 1..200, a list such as 3,7,12, or how many"
    )]
    Form(String),
    /// The end lies before the start.
    #[error("`{0}` is an empty range of seeds")]
    Empty(String),
    /// Twice the same.
    #[error("seed {0} is listed twice; replicates would not be independent")]
    Twice(u32),
    /// More than can be meant.
    #[error("`{0}` asks for more than a million seeds")]
    TooMany(String),
}

impl Seeds {
    /// The seeds 1 to `count`.
    #[must_use]
    pub fn first(count: u32) -> Self {
        Self((1..=count).collect())
    }

    /// The seeds of a list.
    ///
    /// # Errors
    /// If it is empty or names a seed twice.
    pub fn list(seeds: impl IntoIterator<Item = u32>) -> Result<Self, NoSeeds> {
        let seeds: Vec<u32> = seeds.into_iter().collect();
        let mut sorted = seeds.clone();
        sorted.sort_unstable();
        match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            _ if seeds.is_empty() => Err(NoSeeds::Empty(String::new())),
            Some(pair) => Err(NoSeeds::Twice(pair[0])),
            None => Ok(Self(seeds)),
        }
    }

    /// The seeds in order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().copied()
    }

    /// The seed at a position.
    #[must_use]
    pub fn get(&self, position: usize) -> Option<u32> {
        self.0.get(position).copied()
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromStr for Seeds {
    type Err = NoSeeds;

    /// `1..200` (both ends), `3,7,10..12`, or a bare count: `32` is `1..32`.
    fn from_str(text: &str) -> Result<Self, NoSeeds> {
        let number = |part: &str| {
            part.trim()
                .parse::<u32>()
                .map_err(|_| NoSeeds::Form(text.to_owned()))
        };
        if !text.contains([',', '.']) {
            let count = number(text)?;
            return match count as usize {
                0 => Err(NoSeeds::Empty(text.to_owned())),
                count if count > MOST => Err(NoSeeds::TooMany(text.to_owned())),
                _ => Ok(Self::first(count)),
            };
        }
        let mut seeds = Vec::new();
        for part in text.split(',') {
            let (from, to) = match part.split_once("..") {
                Some((from, to)) => (number(from)?, number(to.strip_prefix('=').unwrap_or(to))?),
                None => (number(part)?, number(part)?),
            };
            if from > to {
                return Err(NoSeeds::Empty(part.to_owned()));
            }
            if seeds.len() + (to - from) as usize >= MOST {
                return Err(NoSeeds::TooMany(text.to_owned()));
            }
            seeds.extend(from..=to);
        }
        Self::list(seeds)
    }
}

impl fmt::Display for Seeds {
    /// As it could be written again, runs of neighbours as ranges.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.as_slice();
        while let Some(&first) = rest.first() {
            let run = rest
                .iter()
                .zip(first..)
                .take_while(|(seed, next)| *seed == next)
                .count();
            let comma = if run < rest.len() { "," } else { "" };
            match run {
                1 => write!(f, "{first}{comma}")?,
                _ => write!(f, "{first}..{}{comma}", rest[run - 1])?,
            }
            rest = &rest[run..];
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_read_as_people_write_them() {
        for (text, seeds) in [
            ("3", vec![1, 2, 3]),
            ("1..3", vec![1, 2, 3]),
            ("5..=6", vec![5, 6]),
            ("9, 4..5", vec![9, 4, 5]),
            ("7,", vec![]),
            ("3..1", vec![]),
            ("1,1..2", vec![]),
            ("0", vec![]),
            ("", vec![]),
            ("-1", vec![]),
            ("1..4000000000", vec![]),
        ] {
            let read: Option<Vec<u32>> =
                text.parse::<Seeds>().ok().map(|read| read.iter().collect());
            assert_eq!(read.unwrap_or_default(), seeds, "{text}");
        }
    }

    #[test]
    fn seeds_are_written_so_that_they_read_back() {
        for text in ["1..200", "3,7..9,12", "7,1", "4..5"] {
            assert_eq!(text.parse::<Seeds>().unwrap().to_string(), text);
        }
    }
}
