//! Which figure stands under which head.

use crate::figures::Figure;

/// A head and the figures under it, by name or by what their names begin with (`fan_*`), in order. A figure that stands nowhere comes last,
/// under a head of its own.
pub const SECTIONS: &[(&str, &str, &[&str])] = &[
    (
        "game",
        "The game of states",
        &["payoffs", "game", "best_responses"],
    ),
    (
        "strategies",
        "Strategies compared",
        &[
            "paired_differences",
            "cost_effectiveness",
            "strategy_heat",
            "flows_before_after",
        ],
    ),
    (
        "prices",
        "Prices",
        &[
            "price_oxides",
            "inside_outside",
            "price_magnets",
            "qualified_premium",
            "fan_*",
        ],
    ),
    (
        "shortage",
        "Shortage and stocks",
        &["shortage", "stock_cover", "demand_sectors", "demand_oxides"],
    ),
    (
        "output",
        "Output and concentration",
        &[
            "china_share",
            "concentration",
            "output_*",
            "states_stages",
            "projects",
        ],
    ),
    ("trade", "Trade and trust", &["trade_flows", "trust"]),
    (
        "cost",
        "What it costs and who bears it",
        &["public_cost", "incidence", "value_added"],
    ),
    (
        "drivers",
        "What drives the results",
        &["tornado", "indices", "sensitivity*"],
    ),
];

/// Figures under a head.
#[derive(Debug)]
pub struct Group<'a> {
    /// What the anchor of the head ends with.
    pub id: &'static str,
    /// Head.
    pub name: &'static str,
    /// Figures in order.
    pub figures: Vec<&'a Figure>,
}

/// The figures by head; heads without figures are left out.
#[must_use]
pub fn grouped(figures: &[Figure]) -> Vec<Group<'_>> {
    let fits = |pattern: &str, name: &str| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    };
    let mut groups: Vec<Group> = Vec::new();
    let mut placed: Vec<&str> = Vec::new();
    for (id, name, patterns) in SECTIONS {
        let mut of = Vec::new();
        for pattern in *patterns {
            for figure in figures.iter().filter(|figure| fits(pattern, &figure.name)) {
                if !placed.contains(&figure.name.as_str()) {
                    placed.push(&figure.name);
                    of.push(figure);
                }
            }
        }
        groups.push(Group {
            id,
            name,
            figures: of,
        });
    }
    let rest = figures
        .iter()
        .filter(|figure| !placed.contains(&figure.name.as_str()));
    groups.push(Group {
        id: "more",
        name: "More figures",
        figures: rest.collect(),
    });
    groups.retain(|group| !group.figures.is_empty());
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures;

    #[test]
    fn every_figure_stands_once() {
        let figure = |name: &str| Figure {
            name: name.to_owned(),
            title: String::new(),
            subtitle: String::new(),
            svg: String::new(),
        };
        let mut all: Vec<Figure> = figures::all().iter().map(|e| figure(e.name)).collect();
        all.push(figure("something_else"));
        let groups = grouped(&all);
        let shown: usize = groups.iter().map(|group| group.figures.len()).sum();
        assert_eq!(shown, all.len());
        let last = groups.last().unwrap();
        assert_eq!((last.id, last.figures.len()), ("more", 1));
    }
}
