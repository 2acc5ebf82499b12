//! Figures that can be printed: from tables of a result to SVG and PNG, without the simulation.
//!
//! A figure answers one question: its title is the finding, chosen and computed from the data. [`all`] lists the figures,
//! [`draw`] makes one from [`Data`] and [`Context`]; drawing needs no lock and may run in parallel.

pub mod axis;
pub mod canvas;
pub mod colour;
pub mod data;
pub mod derived;
pub mod font;
pub mod kinds;
pub mod labels;
pub mod legend;
pub mod page;
pub mod paths;
pub mod plot;
pub mod png;
pub mod point_labels;
pub mod sheet;
pub mod strips;
pub mod theme;
pub mod words;

mod compare;
mod cost;
mod demand;
mod dominance;
mod drivers;
mod fans;
mod flows;
mod frontier;
mod incidence;
mod output;
mod payoffs;
mod prices;
mod projects;
mod provenance;
mod stages;
mod stocks;
mod strategies;
mod trust;
mod value;

#[cfg(test)]
mod palette;

pub use data::{Arm, Context, Data, Skip};
pub use sheet::Figure;

/// A figure that the program knows.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Name of its files and of `plot --figure`.
    pub name: &'static str,
    /// What it shows, in a line.
    pub about: &'static str,
    draw: fn(&Data, &Context) -> Result<Figure, Skip>,
}

impl Entry {
    /// Draws the figure.
    ///
    /// # Errors
    /// If what it needs is not in the data, with the reason.
    pub fn draw(&self, data: &Data, context: &Context) -> Result<Figure, Skip> {
        (self.draw)(data, context)
    }
}

/// What the names of single-commodity fans begin with: `fan_dy_oxide`.
const FAN: &str = "fan_";

const FIGURES: &[Entry] = &[
    Entry {
        name: "price_oxides",
        about: "price of each oxide inside and outside China",
        draw: prices::oxides,
    },
    Entry {
        name: "price_magnets",
        about: "price of magnets by place of use",
        draw: prices::magnets,
    },
    Entry {
        name: "inside_outside",
        about: "price outside China over price inside, oxides and magnets",
        draw: prices::inside_outside,
    },
    Entry {
        name: "qualified_premium",
        about: "what goods of unrestricted origin cost more",
        draw: provenance::premium,
    },
    Entry {
        name: "output_mine",
        about: "mine output by country",
        draw: output::mine,
    },
    Entry {
        name: "output_separation",
        about: "separation by country, all rare earths",
        draw: output::separation,
    },
    Entry {
        name: "output_separation_ndpr",
        about: "separated Nd-Pr oxide by country",
        draw: output::separation_ndpr,
    },
    Entry {
        name: "output_metal",
        about: "metal and alloy by country",
        draw: output::metal,
    },
    Entry {
        name: "output_magnet",
        about: "magnets by country",
        draw: output::magnet,
    },
    Entry {
        name: "demand_sectors",
        about: "magnets used by sector",
        draw: demand::magnets,
    },
    Entry {
        name: "demand_oxides",
        about: "oxides used directly by sector",
        draw: demand::oxides,
    },
    Entry {
        name: "china_share",
        about: "China's share of each stage by host and by owner",
        draw: dominance::share,
    },
    Entry {
        name: "concentration",
        about: "concentration of each stage by host and by owner",
        draw: dominance::concentration,
    },
    Entry {
        name: "stock_cover",
        about: "stocks in days of cover by commodity",
        draw: stocks::cover,
    },
    Entry {
        name: "trust",
        about: "trust between states, first quarter and change",
        draw: trust::matrix,
    },
    Entry {
        name: "projects",
        about: "projects: start, delay, first output, closure",
        draw: projects::pipeline,
    },
    Entry {
        name: "value_added",
        about: "value added by stage and state, ASEAN apart",
        draw: value::added,
    },
    Entry {
        name: "trade_flows",
        about: "flows along the chain, first and last year",
        draw: flows::chain,
    },
    Entry {
        name: "flows_before_after",
        about: "flows along the chain under two strategies, last year",
        draw: flows::arms,
    },
    Entry {
        name: "states_stages",
        about: "share of each stage by state, small multiples",
        draw: stages::shares,
    },
    Entry {
        name: "public_cost",
        about: "public cost by state and measure over time, and who bears it",
        draw: cost::public,
    },
    Entry {
        name: "incidence",
        about: "whom limits hit: refused tonnes, unmet use, rents",
        draw: incidence::hit,
    },
    Entry {
        name: "shortage",
        about: "unmet demand by sector, defence apart",
        draw: demand::shortage,
    },
    Entry {
        name: "fan_ndpr_oxide",
        about: "fan chart of the price of neodymium-praseodymium oxide",
        draw: |d, c| fans::price(d, c, "fan_ndpr_oxide", "ndpr_oxide"),
    },
    Entry {
        name: "fan_dy_oxide",
        about: "fan chart of the price of dysprosium oxide",
        draw: |d, c| fans::price(d, c, "fan_dy_oxide", "dy_oxide"),
    },
    Entry {
        name: "fan_magnets",
        about: "fan chart of the mean price of magnets",
        draw: fans::magnets,
    },
    Entry {
        name: "fan_magnet_demand",
        about: "fan chart of the world's demand for magnets",
        draw: fans::magnet_demand,
    },
    Entry {
        name: "paired_differences",
        about: "differences between strategies under the same seeds",
        draw: compare::differences,
    },
    Entry {
        name: "cost_effectiveness",
        about: "what strategies cost the public and what shortage they leave",
        draw: frontier::cost_effectiveness,
    },
    Entry {
        name: "strategy_heat",
        about: "regret of each strategy on each measure",
        draw: strategies::heat,
    },
    Entry {
        name: "tornado",
        about: "how far each assumption moves a metric",
        draw: drivers::tornado,
    },
    Entry {
        name: "indices",
        about: "Sobol indices, or Morris screening, of each assumption",
        draw: drivers::indices,
    },
    Entry {
        name: "payoffs",
        about: "payoff table of a game with best replies and equilibria",
        draw: payoffs::table,
    },
];

/// Every figure, in the order of a report. Fans exist for every commodity with a price besides those listed.
#[must_use]
pub const fn all() -> &'static [Entry] {
    FIGURES
}

/// Why a figure of a name was not drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotDrawn {
    /// No such figure.
    #[error("there is no figure `{0}`")]
    Unknown(String),
    /// The data do not have what it needs.
    #[error("`{name}` is left out: {why}")]
    Skipped {
        /// Name of the figure.
        name: String,
        /// Reason.
        why: Skip,
    },
}

/// Draws the figure of a name: one of [`all`], or `fan_` and a commodity.
///
/// # Errors
/// If there is no such figure, or the data do not have what it needs.
pub fn draw(name: &str, data: &Data, context: &Context) -> Result<Figure, NotDrawn> {
    let drawn = match (
        FIGURES.iter().find(|entry| entry.name == name),
        name.strip_prefix(FAN),
    ) {
        (Some(entry), _) => entry.draw(data, context),
        (None, Some(commodity)) => fans::price(data, context, name, commodity),
        (None, None) => return Err(NotDrawn::Unknown(name.to_owned())),
    };
    drawn.map_err(|why| NotDrawn::Skipped {
        name: name.to_owned(),
        why,
    })
}
