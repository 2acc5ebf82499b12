//! The table `names`: what a reader calls the things that ids stand for, so that figures can be drawn from disk alone.

use crate::{
    config::Scenario,
    figures::legend,
    record::{
        codebook::Entry,
        table::{Column, Table, TableError},
    },
};

/// The names that the configuration gives, and the arms.
pub fn names(arms: &[String], scenario: &Scenario) -> Result<Table, TableError> {
    let mut of_arms = Table::new("names");
    of_arms.push("kind", Column::words(arms.iter().map(|_| "arm")));
    for column in ["id", "name"] {
        of_arms.push(column, Column::words(arms.iter().map(String::as_str)));
    }
    for column in ["group", "form"] {
        of_arms.push(column, Column::words(arms.iter().map(|_| "")));
    }
    let mut table = legend::names(scenario);
    table.append(&of_arms)?;
    Ok(table)
}

/// What the codebook says of the table.
pub fn entries() -> impl Iterator<Item = Entry> {
    let columns = [
        (
            "kind",
            "scenario, arm, state, commodity, sector or project",
            "What is named.",
        ),
        ("id", "id", "Id as in the other tables."),
        ("name", "text", "Name for the reader."),
        (
            "group",
            "text",
            "Element group of a commodity, group of a sector, asean for its members.",
        ),
        (
            "form",
            "concentrate, oxide, metal, magnet or scrap",
            "Form of a commodity.",
        ),
    ];
    columns.into_iter().map(|(column, unit, meaning)| Entry {
        table: "names".to_owned(),
        column: column.to_owned(),
        unit: unit.to_owned(),
        meaning: meaning.to_owned(),
    })
}
