//! Rules of strategies: when a condition is seen to hold, then an instrument. What may be seen are published figures of past quarters
//! and the measures that states have announced.

use super::fields::{Field, Path, Problems, Spec, fields, leaf::whole_value};
use super::graph::Stage;
use super::policy::Instrument;
use super::time::Quarter;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod words;

fields! {
    /// When a condition holds, then an instrument.
    pub struct Rule {
        /// What must be seen to hold for the measure to be announced.
        when: Condition;
        /// What must be seen to hold for the measure to stay; absent: what `when` says.
        keep: Option<Condition>;
        /// What is done.
        then: Instrument;
        /// Quarters between announcement and force.
        lead: u32 = 0, 0..=40, "quarters";
        /// Quarters in force; absent: while the condition holds.
        lasts: Option<u32>, 1..=400, "quarters";
        /// Quarters in a row without the condition after which one step of escalation is taken back, or the measure lifted.
        linger: u32 = 1, 1..=40, "quarters";
        /// Last quarter in which the rule is followed; what is in force then ends with it.
        sunset: Option<Quarter>;
        /// Quarters after the end of the measure in which the rule rests.
        cooldown: u32 = 0, 0..=400, "quarters";
        /// Escalation: what takes the place of `then` while the condition goes on holding, in order.
        steps: Vec<Step> = Vec::new();
    }
}

/// One step of escalation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Quarters for which the condition has held since the measure was announced.
    pub after: u32,
    /// What is done from then on.
    pub then: Instrument,
}

/// What a rule waits for. What is not known yet makes a condition neither true nor false, and no rule acts on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum Condition {
    /// Every one holds.
    All(Vec<Condition>),
    /// At least one holds.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// What is observed is above a threshold.
    Above(Observable, f64),
    /// What is observed is below a threshold.
    Below(Observable, f64),
    /// It has held for so many quarters in a row.
    For(u32, Box<Condition>),
    /// An export restriction against the own state is announced or in force.
    Restricted {
        /// States that restrict; empty: any other.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        by: Vec<String>,
        /// Goods restricted; empty: any.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        of: Vec<String>,
    },
    /// Other states have announced an instrument or have it in force.
    Taken {
        /// Kind of instrument, such as `Tariff`, or name of a measure or rule.
        what: String,
        /// States; empty: any other.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        by: Vec<String>,
        /// How many of them, at least.
        #[serde(default = "one", skip_serializing_if = "is_one")]
        at_least: u32,
    },
    /// The quarter of the year, 1 to 4.
    InQuarter(u32),
}

const fn one() -> u32 {
    1
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
const fn is_one(count: &u32) -> bool {
    *count == 1
}

/// What states can see of the world: published aggregates, late and with an error, and prices. Goods are named as in instruments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum Observable {
    /// Price over its slow average; of several goods the geometric mean.
    PriceRatio {
        /// Goods.
        of: Vec<String>,
        /// Place; absent: the own state.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<String>,
    },
    /// Price at one place over the price at another; of several goods the geometric mean.
    PriceGap {
        /// Goods.
        of: Vec<String>,
        /// The place expected to be dear; absent: the own state.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outside: Option<String>,
        /// The place expected to be cheap.
        inside: String,
    },
    /// Share of the own end users' demand at reference prices that was not served, by value.
    Unmet {
        /// Goods; empty: all.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        of: Vec<String>,
        /// Sectors; empty: all.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        sectors: Vec<String>,
        /// Only users that are rated (defence).
        #[serde(default, skip_serializing_if = "is_false")]
        rated: bool,
    },
    /// How far the own intake of goods, by plants and end users, fell short of its average, share.
    Shortfall {
        /// Goods.
        of: Vec<String>,
    },
    /// Own stocks, of firms and of the state, in days of use.
    DaysOfCover {
        /// Goods.
        of: Vec<String>,
    },
    /// Share of the own intake that comes from a state, by value.
    ImportReliance {
        /// Goods.
        of: Vec<String>,
        /// The state relied on.
        on: String,
    },
    /// Share of world output at a stage, by host.
    OutputShare {
        /// Stage.
        stage: Stage,
        /// Host; absent: the own state.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// Share of world exports.
    ExportShare {
        /// Goods.
        of: Vec<String>,
        /// Exporter; absent: the own state.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// Share of world output at a stage lost by the own state since the start, in points (0.05: from 0.90 to 0.85).
    ShareLost {
        /// Stage.
        stage: Stage,
    },
    /// How far the own state trusts another.
    Trust {
        /// The other state.
        to: String,
    },
    /// How far another state trusts the own one.
    TrustOf {
        /// The other state.
        from: String,
    },
    /// Public cost of the own measures since the start, USD.
    PublicCost {
        /// Of one measure or rule; absent: of all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        measure: Option<String>,
    },
    /// Share of an own production or export quota in force that was not used.
    QuotaUnfilled {
        /// Name of the measure or rule.
        measure: String,
    },
    /// Growth of world mine output over the same quarter of the year before, share.
    MineGrowth,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Observable {
    /// Whether it is a statistic that states know with an error. Prices, relations and own accounts are known as they are.
    #[must_use]
    pub const fn is_estimate(&self) -> bool {
        !matches!(
            self,
            Self::PriceRatio { .. }
                | Self::PriceGap { .. }
                | Self::Trust { .. }
                | Self::TrustOf { .. }
                | Self::PublicCost { .. }
        )
    }

    /// Least and largest value that it can have.
    #[must_use]
    pub const fn bounds(&self) -> (f64, f64) {
        match self {
            Self::Unmet { .. }
            | Self::Shortfall { .. }
            | Self::ImportReliance { .. }
            | Self::OutputShare { .. }
            | Self::ExportShare { .. }
            | Self::Trust { .. }
            | Self::TrustOf { .. }
            | Self::QuotaUnfilled { .. } => (0.0, 1.0),
            Self::ShareLost { .. } => (-1.0, 1.0),
            Self::MineGrowth => (-1.0, f64::INFINITY),
            Self::PriceRatio { .. }
            | Self::PriceGap { .. }
            | Self::DaysOfCover { .. }
            | Self::PublicCost { .. } => (0.0, f64::INFINITY),
        }
    }
}

impl Condition {
    /// Conditions directly inside.
    #[must_use]
    pub fn parts(&self) -> &[Self] {
        match self {
            Self::All(parts) | Self::Any(parts) => parts,
            Self::Not(part) | Self::For(_, part) => std::slice::from_ref(part),
            _ => &[],
        }
    }

    /// Conditions of the form [`Condition::For`] in it: each counts quarters.
    #[must_use]
    pub fn counters(&self) -> usize {
        usize::from(matches!(self, Self::For(..)))
            + self.parts().iter().map(Self::counters).sum::<usize>()
    }
}

whole_value!(Condition);

impl Field for Condition {
    type Written = Self;

    fn resolve(
        written: Option<Self>,
        path: &Path<'_>,
        spec: &'static Spec,
        problems: &mut Problems,
    ) -> Option<Self> {
        if written.is_none() {
            problems.missing(path, spec);
        }
        written
    }
}

/// A word for states that depends on how the world stands: `@` and a name, in a list of states of an instrument or condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Circle<'a> {
    /// States with an export restriction against the own state, announced or in force.
    Restrictors,
    /// States that the own state trusts.
    Friends,
    /// Members of a bloc.
    Bloc(&'a str),
}

impl<'a> Circle<'a> {
    /// What may stand behind `@`.
    pub const WORDS: &'static str =
        "@friends, @restrictors, @bloc:<bloc>, and these behind @all_but_, as in @all_but_friends";

    /// The circle of a word, and whether everybody outside it is meant. `None`: no such word.
    #[must_use]
    pub fn parse(word: &'a str) -> Option<(Self, bool)> {
        let name = word.strip_prefix('@')?;
        let (name, outside) = match name.strip_prefix("all_but_") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let circle = match name {
            "restrictors" => Self::Restrictors,
            "friends" => Self::Friends,
            _ => Self::Bloc(name.strip_prefix("bloc:").filter(|bloc| !bloc.is_empty())?),
        };
        Some((circle, outside))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fields::leaf::parse_ron;

    #[test]
    fn a_rule_is_short_to_write_and_comes_back_as_it_was() {
        let text = r#"All([For(2, Above(Unmet(of: ["magnet"], rated: true), 0.1)), Not(Restricted(by: ["CN"])), Taken(what: "Tariff"), Above(MineGrowth, 0.05)])"#;
        let condition: Condition = parse_ron(text).unwrap();
        assert_eq!(condition.counters(), 1);
        let options = ron::Options::default()
            .with_default_extension(ron::extensions::Extensions::IMPLICIT_SOME);
        let again: Condition = parse_ron(&options.to_string(&condition).unwrap()).unwrap();
        assert_eq!(again, condition);
        assert_eq!(
            condition.to_string(),
            "(for 2 quarters (unmet share of rated users' demand for magnet above 0.1)) and (not (CN restricts exports of \
             anything to us)) and (Tariff taken by another) and (growth of world mine output above 0.05)"
        );
        assert!(parse_ron::<Condition>("Above(Weather, 1)").is_err());
    }

    #[test]
    fn circles_of_states_have_names() {
        assert_eq!(Circle::parse("@friends"), Some((Circle::Friends, false)));
        assert_eq!(
            Circle::parse("@all_but_friends"),
            Some((Circle::Friends, true))
        );
        assert_eq!(
            Circle::parse("@bloc:MSP"),
            Some((Circle::Bloc("MSP"), false))
        );
        assert_eq!(
            Circle::parse("@all_but_bloc:quad"),
            Some((Circle::Bloc("quad"), true))
        );
        assert_eq!(
            Circle::parse("@restrictors"),
            Some((Circle::Restrictors, false))
        );
        for wrong in ["CN", "@", "@foes", "@bloc:", "@all_but_"] {
            assert_eq!(Circle::parse(wrong), None, "{wrong}");
        }
    }
}
