//! What the dense ids of a run stand for, and the texts that arise while it runs.

use crate::domain::graph::Form;
use indexmap::IndexSet;

/// The configured names behind the dense ids, in id order. One per configuration, shared by its runs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Names {
    /// Codes of the states, such as `CN`.
    pub states: Vec<String>,
    /// Whether the state is a member of ASEAN.
    pub asean: Vec<bool>,
    /// Ids of the commodities, such as `ndpr_oxide`.
    pub commodities: Vec<String>,
    /// Form of each commodity.
    pub forms: Vec<Form>,
    /// t REO in one tonne of each commodity: below one for magnets.
    pub reo_per_t: Vec<f64>,
    /// Ids of the sectors, such as `ev_traction`.
    pub sectors: Vec<String>,
    /// Whether the sector carries a defence-priority rating.
    pub rated: Vec<bool>,
}

impl Names {
    /// Position of a state's code.
    #[must_use]
    pub fn state(&self, code: &str) -> Option<usize> {
        self.states.iter().position(|state| state == code)
    }
}

/// A text of one run (a measure, a project, a scope) as a small number: hot rows carry no strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextId(pub u32);

/// The texts of one run, numbered in the order in which they were first met.
#[derive(Debug, Clone, Default)]
pub struct Texts(IndexSet<String>);

impl Texts {
    /// The number of a text, given out at its first use.
    ///
    /// # Panics
    /// If a run has more than four billion different texts.
    pub fn id(&mut self, text: &str) -> TextId {
        let index = match self.0.get_index_of(text) {
            Some(index) => index,
            None => self.0.insert_full(text.to_owned()).0,
        };
        TextId(u32::try_from(index).expect("fewer than four billion texts in a run"))
    }

    /// The text of a number given out by `id`; empty if there is none.
    #[must_use]
    pub fn text(&self, id: TextId) -> &str {
        self.0.get_index(id.0 as usize).map_or("", String::as_str)
    }

    /// All texts in id order.
    #[must_use]
    pub fn all(&self) -> Vec<String> {
        self.0.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_its_number() {
        let mut texts = Texts::default();
        let (a, b) = (texts.id("quota"), texts.id("licence"));
        assert_eq!((texts.id("quota"), texts.id("licence")), (a, b));
        assert_eq!(
            (texts.text(a), texts.text(b), texts.text(TextId(9))),
            ("quota", "licence", "")
        );
    }
}
