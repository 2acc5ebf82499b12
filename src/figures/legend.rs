//! The names by which a reader knows what the tables call by id, as the configuration gives them.

use crate::config::Scenario;
use crate::domain::graph::Form;
use crate::record::table::{Column, Table};

/// The table `names` of a scenario: its title, states, commodities, sectors, plants (as projects).
#[must_use]
pub fn names(scenario: &Scenario) -> Table {
    let mut rows: Vec<[String; 5]> = Vec::new();
    let mut add = |kind: &str, id: &str, name: &str, group: &str, form: &str| {
        rows.push([kind, id, name, group, form].map(str::to_owned));
    };
    add("scenario", "title", &scenario.title, "", "");
    for (code, state) in &scenario.states {
        add(
            "state",
            code,
            &state.name,
            if state.asean { "asean" } else { "" },
            "",
        );
    }
    for (id, commodity) in &scenario.commodities {
        add(
            "commodity",
            id,
            &commodity.name,
            &commodity.group,
            form(commodity.form),
        );
    }
    for (id, sector) in &scenario.sectors {
        add("sector", id, &sector.name, &sector.group, "");
    }
    for (firm_id, firm) in &scenario.firms {
        for (id, plant) in &firm.plants {
            add("project", &format!("{firm_id}.{id}"), &plant.name, "", "");
        }
    }
    let mut table = Table::new("names");
    for (index, column) in ["kind", "id", "name", "group", "form"]
        .into_iter()
        .enumerate()
    {
        table.push(
            column,
            Column::words(rows.iter().map(|row| row[index].as_str())),
        );
    }
    table
}

fn form(form: Form) -> &'static str {
    match form {
        Form::Concentrate => "concentrate",
        Form::Oxide => "oxide",
        Form::Metal => "metal",
        Form::Magnet => "magnet",
        Form::Scrap => "scrap",
    }
}
