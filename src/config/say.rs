//! Measures, rules and shocks in words.

use crate::domain::policy::{Instrument, Measure, Shock};
use crate::domain::rule::Rule;
use serde::Serialize;
use serde_json::Value;
use std::fmt::Write as _;

/// A dated measure: when, and what.
#[must_use]
pub fn measure(measure: &Measure) -> String {
    let mut text = String::new();
    if let Some(announced) = measure
        .announced
        .filter(|announced| *announced != measure.from)
    {
        let _ = write!(text, "announced {announced}, ");
    }
    let _ = write!(text, "from {}", measure.from);
    if let Some(until) = measure.until {
        let _ = write!(text, " to {until}");
    }
    format!("{text}: {}", instrument(&measure.instrument))
}

/// A rule: when, then what, for how long.
#[must_use]
pub fn rule(rule: &Rule) -> String {
    let mut text = format!("when {}: {}", rule.when, instrument(&rule.then));
    for step in &rule.steps {
        let _ = write!(
            text,
            "; after {}: {}",
            quarters(step.after),
            instrument(&step.then)
        );
    }
    match (rule.lasts, &rule.keep) {
        (Some(lasts), _) => {
            let _ = write!(text, "; for {}", quarters(lasts));
        }
        (None, Some(keep)) => {
            let _ = write!(text, "; as long as {keep}");
        }
        (None, None) => text.push_str("; as long as that holds"),
    }
    if rule.linger > 1 {
        let _ = write!(text, " and {} more", quarters(rule.linger - 1));
    }
    if rule.lead > 0 {
        let _ = write!(text, "; announced {} ahead", quarters(rule.lead));
    }
    if rule.cooldown > 0 {
        let _ = write!(text, "; then rests {}", quarters(rule.cooldown));
    }
    if let Some(sunset) = rule.sunset {
        let _ = write!(text, "; not after {sunset}");
    }
    text
}

/// A shock: when, for how long, and what.
#[must_use]
pub fn shock(shock: &Shock) -> String {
    format!(
        "from {} for {}: {}",
        shock.at,
        quarters(shock.lasts),
        terms(&shock.what)
    )
}

/// An instrument with its terms.
#[must_use]
pub fn instrument(instrument: &Instrument) -> String {
    terms(instrument)
}

fn quarters(count: u32) -> String {
    format!("{count} quarter{}", if count == 1 { "" } else { "s" })
}

/// The kind in plain words, goods and places behind it, the other terms in brackets. Terms that say nothing are left away.
fn terms(what: &impl Serialize) -> String {
    let value = serde_json::to_value(what).unwrap_or_default();
    let Some((kind, fields)) = value.as_object().and_then(|map| map.iter().next()) else {
        return value.as_str().map_or_else(String::new, plain);
    };
    let mut text = plain(kind);
    let mut rest = Vec::new();
    let mut fields: Vec<_> = fields.as_object().into_iter().flatten().collect();
    fields.sort_by_key(|(name, _)| name.as_str() != "of");
    for (name, value) in fields {
        match value {
            Value::Null | Value::Bool(false) => {}
            Value::Array(items) if items.is_empty() => {}
            Value::Array(_) | Value::String(_) => {
                let preposition = match name.as_str() {
                    "of" => "of",
                    "to" => "to",
                    "from" | "owners" => "from",
                    "state" | "hosts" | "sectors" | "sector" => "in",
                    "stages" | "plant" | "plants" => "at",
                    other => {
                        rest.push(format!("{} {}", spaced(other), self::value(value)));
                        continue;
                    }
                };
                let _ = write!(text, " {preposition} {}", self::value(value));
            }
            Value::Bool(true) => rest.push(spaced(name)),
            value => rest.push(format!("{} {}", spaced(name), self::value(value))),
        }
    }
    if !rest.is_empty() {
        let _ = write!(text, " ({})", rest.join(", "));
    }
    text
}

/// `ExportLicence`: export licence.
fn plain(kind: &str) -> String {
    let mut text = String::new();
    for (position, c) in kind.chars().enumerate() {
        if c.is_uppercase() && position > 0 {
            text.push(' ');
        }
        text.extend(c.to_lowercase());
    }
    text
}

fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

/// A value as people write it.
#[must_use]
pub fn value(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number
            .as_f64()
            .map_or_else(|| number.to_string(), |x| x.to_string()),
        Value::Array(items) => items.iter().map(self::value).collect::<Vec<_>>().join(", "),
        Value::Null => "nothing".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Object(map) => map
            .iter()
            .map(|(name, value)| format!("{name} {}", self::value(value)))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_is_said_in_a_line() {
        let said = measure(&Measure {
            announced: "2026Q1".parse().ok(),
            from: "2026Q2".parse().unwrap(),
            until: "2027Q3".parse().ok(),
            instrument: Instrument::ExportLicence {
                of: vec!["dy_oxide".into(), "tb_oxide".into()],
                to: vec!["JP".into()],
                share: 0.4,
                delay: 1,
                refuse: vec![],
                no_stocking: false,
            },
        });
        assert_eq!(
            said,
            "announced 2026Q1, from 2026Q2 to 2027Q3: export licence of dy_oxide, tb_oxide to JP (delay 1, share 0.4)"
        );
    }
}
