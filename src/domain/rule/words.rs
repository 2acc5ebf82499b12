//! Observables and conditions in words.

use super::{Condition, Observable};
use std::fmt;

fn list(names: &[String], none: &str) -> String {
    if names.is_empty() {
        none.to_owned()
    } else {
        names.join(", ")
    }
}

fn place(name: Option<&String>) -> &str {
    name.map_or("home", String::as_str)
}

impl fmt::Display for Observable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PriceRatio { of, at } => {
                write!(
                    f,
                    "price of {} at {} over its average",
                    list(of, "all"),
                    place(at.as_ref())
                )
            }
            Self::PriceGap {
                of,
                outside,
                inside,
            } => {
                write!(
                    f,
                    "price of {} at {} over that at {inside}",
                    list(of, "all"),
                    place(outside.as_ref())
                )
            }
            Self::Unmet { of, sectors, rated } => {
                let who = if *rated { "rated users" } else { "end users" };
                write!(
                    f,
                    "unmet share of {who}' demand for {}",
                    list(of, "all goods")
                )?;
                if sectors.is_empty() {
                    Ok(())
                } else {
                    write!(f, " in {}", sectors.join(", "))
                }
            }
            Self::Shortfall { of } => write!(f, "shortfall of the intake of {}", list(of, "all")),
            Self::DaysOfCover { of } => write!(f, "days of cover of {}", list(of, "all")),
            Self::ImportReliance { of, on } => {
                write!(f, "reliance on {on} for {}", list(of, "all"))
            }
            Self::OutputShare { stage, by } => {
                write!(
                    f,
                    "share of {} in world output ({})",
                    place(by.as_ref()),
                    stage.name()
                )
            }
            Self::ExportShare { of, by } => {
                write!(
                    f,
                    "share of {} in world exports of {}",
                    place(by.as_ref()),
                    list(of, "all")
                )
            }
            Self::ShareLost { stage } => write!(f, "share lost in {}", stage.name()),
            Self::Trust { to } => write!(f, "trust in {to}"),
            Self::TrustOf { from } => write!(f, "trust of {from}"),
            Self::PublicCost { measure: None } => f.write_str("public cost"),
            Self::PublicCost {
                measure: Some(name),
            } => write!(f, "public cost of {name}"),
            Self::QuotaUnfilled { measure } => write!(f, "unused share of {measure}"),
            Self::MineGrowth => f.write_str("growth of world mine output"),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |parts: &[Self], word: &str| {
            let parts: Vec<String> = parts.iter().map(|part| format!("({part})")).collect();
            parts.join(word)
        };
        match self {
            Self::All(parts) => f.write_str(&joined(parts, " and ")),
            Self::Any(parts) => f.write_str(&joined(parts, " or ")),
            Self::Not(part) => write!(f, "not ({part})"),
            Self::Above(what, x) => write!(f, "{what} above {x}"),
            Self::Below(what, x) => write!(f, "{what} below {x}"),
            Self::For(quarters, part) => write!(f, "for {quarters} quarters ({part})"),
            Self::Restricted { by, of } => {
                write!(
                    f,
                    "{} restricts exports of {} to us",
                    list(by, "anybody"),
                    list(of, "anything")
                )
            }
            Self::Taken { what, by, at_least } => {
                write!(f, "{what} taken by {}", list(by, "another"))?;
                if *at_least > 1 {
                    write!(f, " (at least {at_least})")
                } else {
                    Ok(())
                }
            }
            Self::InQuarter(quarter) => write!(f, "in Q{quarter}"),
        }
    }
}
