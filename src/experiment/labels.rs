//! The table `names`: what a reader calls the things that ids stand for.

use crate::{
    config::scenario::Scenario,
    record::{
        codebook::Entry,
        table::{Column, Table},
    },
};

/// Ids, names and groups of states, commodities and sectors, the title of the scenario and the arms.
#[must_use]
pub fn names_table(title: &str, arms: &[String], scenario: &Scenario) -> Table {
    let mut rows: Vec<[String; 5]> = vec![[
        "scenario".into(),
        String::new(),
        title.to_owned(),
        String::new(),
        String::new(),
    ]];
    let mut row = |kind: &str, id: &str, name: &str, group: &str, form: &str| {
        rows.push([kind, id, name, group, form].map(str::to_owned))
    };
    for arm in arms {
        row("arm", arm, arm, "", "");
    }
    for (id, state) in &scenario.states {
        row(
            "state",
            id,
            &state.name,
            if state.asean { "asean" } else { "" },
            "",
        );
    }
    for (id, commodity) in &scenario.commodities {
        row(
            "commodity",
            id,
            &commodity.name,
            &commodity.group,
            commodity.form.name(),
        );
    }
    for (id, sector) in &scenario.sectors {
        row("sector", id, &sector.name, &sector.group, "");
    }
    let mut table = Table::new("names");
    for (place, column) in ["kind", "id", "name", "group", "form"]
        .into_iter()
        .enumerate()
    {
        table.push(
            column,
            Column::words(rows.iter().map(|row| row[place].as_str())),
        );
    }
    table
}

/// What the codebook says of the table.
pub fn entries() -> impl Iterator<Item = Entry> {
    let columns = [
        (
            "kind",
            "scenario, arm, state, commodity or sector",
            "What is named.",
        ),
        ("id", "id", "Id as in the other tables."),
        ("name", "text", "Name for the reader."),
        (
            "group",
            "text",
            "Element group of a commodity, group of a sector, `asean` for its members.",
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
