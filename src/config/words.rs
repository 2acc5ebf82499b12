//! Words that the program knows and tables may use.

use crate::domain::fields::leaf::words;
use crate::domain::graph::{Form, Stage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How sure a figure is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Assumption, or one source of doubt.
    Low,
    /// One sound source, or several that differ.
    Medium,
    /// Several sources agree, or a fact of law or chemistry.
    High,
}

/// Who owns a firm.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum Ownership {
    /// A state, directly or through a holding.
    State,
    /// Private owners.
    Private,
    /// Both.
    Joint,
}

/// What a commodity is to a recipe.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum Role {
    /// Goes in.
    Input,
    /// Comes out in any case.
    Output,
    /// Comes out where its price pays for it, else is disposed of.
    ByProduct,
    /// Arises as scrap.
    Scrap,
}

/// On which terms a price is quoted.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum PriceBasis {
    /// Inside China, without value-added tax.
    ChinaExVat,
}

/// How an offtake contract sets its price.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum PriceFormula {
    /// Follows the market.
    Index,
    /// Follows the market above a floor.
    Floor,
    /// Follows the market below a ceiling.
    Cap,
    /// Fixed.
    Fixed,
}

words!(
    Confidence,
    Ownership,
    Role,
    PriceBasis,
    PriceFormula,
    Form,
    Stage
);
