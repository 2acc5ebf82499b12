//! What the tables of a result say about a reported figure, run by run.

use super::{
    Held,
    reported::{Deflators, Reported},
};
use crate::domain::time::Quarter;
use crate::record::table::{Table, TableError};
use std::collections::{BTreeMap, btree_map::Entry};

/// The tables that are read: market, trade and project, as written.
#[derive(Debug, Clone, Copy)]
pub struct Tables<'a> {
    market: &'a Table,
    trade: &'a Table,
    project: &'a Table,
}

/// Series that can be read, with what they are.
pub const SIMULATED: [(&str, &str); 14] = [
    (
        "price_fob",
        "mean price in Japan, nominal: what China's largest buyer pays stands for free on board",
    ),
    ("price_fob_end", "the same in one quarter"),
    (
        "price_domestic",
        "mean price in China, nominal and with value-added tax",
    ),
    ("mine_output", "concentrates made, t REO"),
    (
        "china_share_mine",
        "share of a state in the concentrates made",
    ),
    (
        "exports",
        "oxides and metals that left, without what slipped out",
    ),
    (
        "japan_share_from_china",
        "share of China in imports of oxides and metals",
    ),
    ("magnet_exports", "magnets that left"),
    ("magnet_output", "NdFeB magnets made"),
    ("china_share_magnet", "share of a state in NdFeB magnets"),
    (
        "opening",
        "first quarter in which a plant of this name was commissioned, as a year",
    ),
    (
        "closure",
        "first quarter in which it stopped, closed or failed after that",
    ),
    (
        "outside_over_inside",
        "price in a state over the price in China",
    ),
    ("reopening", "first quarter in which it reopened"),
];

type Key = (u32, Quarter);

/// Sums by run and quarter of what a test lets through.
fn sums(
    table: &Table,
    value: &str,
    keep: impl Fn(usize) -> bool,
) -> Result<BTreeMap<Key, f64>, TableError> {
    let (run, quarter) = (table.u32("run")?, table.text("quarter")?);
    let value = table.f64(value)?;
    let mut all = BTreeMap::new();
    for row in (0..table.len()).filter(|&row| keep(row)) {
        if let Ok(at) = quarter.get(row).parse() {
            *all.entry((run[row], at)).or_insert(0.0) += value[row];
        }
    }
    Ok(all)
}

/// Concentrates, oxides, metals and magnets are known by how their ids end.
fn is_form(id: &str, form: &str) -> bool {
    match form {
        "magnet" => id.starts_with("ndfeb") || id == "smco",
        form => id.ends_with(form),
    }
}

/// Holds reported figures against the tables of a result.
///
/// # Errors
/// If a table lacks a column.
pub fn simulated(
    reported: &[Reported],
    deflators: &Deflators,
    market: &Table,
    trade: &Table,
    project: &Table,
) -> Result<Vec<Held>, TableError> {
    let tables = Tables {
        market,
        trade,
        project,
    };
    // Every date of a series reads the same sums of the tables.
    let mut sources: BTreeMap<(&str, &str, &str), Source> = BTreeMap::new();
    let mut held = Vec::with_capacity(reported.len());
    for one in reported {
        let key = (
            one.series.as_str(),
            one.region.as_str(),
            one.commodity.as_str(),
        );
        let source = match sources.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(source(one, tables)?),
        };
        held.push(Held {
            reported: one.clone(),
            runs: figure(one, source, deflators),
        });
    }
    Ok(held)
}

/// What the figures of a series in a place are made of, by run and quarter.
enum Source {
    /// Prices, of which a figure is the mean.
    Prices(BTreeMap<Key, f64>),
    /// Quantities, of which it is the sum.
    Sums(BTreeMap<Key, f64>),
    /// It is the sum of the first less that of the second.
    Less(BTreeMap<Key, f64>, BTreeMap<Key, f64>),
    /// It is the sum of the first over that of the second.
    Ratio(BTreeMap<Key, f64>, BTreeMap<Key, f64>),
    /// The figures themselves, run by run, whatever the date.
    Events(Vec<f64>),
}

/// Mean over the quarters of a date, by run; runs that lack a quarter are left out.
fn mean(of: &BTreeMap<Key, f64>, quarters: &[Quarter], factor: f64) -> Vec<f64> {
    total(of, quarters, factor / quarters.len() as f64)
}

fn total(of: &BTreeMap<Key, f64>, quarters: &[Quarter], factor: f64) -> Vec<f64> {
    let mut runs: BTreeMap<u32, (usize, f64)> = BTreeMap::new();
    for ((run, quarter), value) in of {
        if quarters.contains(quarter) {
            let entry = runs.entry(*run).or_default();
            *entry = (entry.0 + 1, entry.1 + value);
        }
    }
    runs.values()
        .filter(|(n, _)| *n == quarters.len())
        .map(|(_, sum)| sum * factor)
        .collect()
}

/// Ratio of two sums over the quarters of a date, by run.
fn ratio(part: &BTreeMap<Key, f64>, whole: &BTreeMap<Key, f64>, quarters: &[Quarter]) -> Vec<f64> {
    let mut runs: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    for ((run, quarter), value) in whole {
        if quarters.contains(quarter) {
            let entry = runs.entry(*run).or_default();
            entry.0 += part.get(&(*run, *quarter)).copied().unwrap_or(0.0);
            entry.1 += value;
        }
    }
    runs.values()
        .filter(|(_, whole)| *whole > 0.0)
        .map(|(part, whole)| part / whole)
        .collect()
}

fn price(market: &Table, state: &str, good: &str) -> Result<BTreeMap<Key, f64>, TableError> {
    let (states, goods) = (market.text("state")?, market.text("commodity")?);
    sums(market, "price_usd_per_kg", |row| {
        states.get(row) == state && goods.get(row) == good
    })
}

/// Output of a form in a state (`world`: everywhere), t per quarter.
fn made(market: &Table, state: &str, form: &str) -> Result<BTreeMap<Key, f64>, TableError> {
    let (states, goods) = (market.text("state")?, market.text("commodity")?);
    sums(market, "production_t", |row| {
        (state == "world" || states.get(row) == state) && is_form(goods.get(row), form)
    })
}

/// The runs' answers to a reported figure.
fn figure(one: &Reported, source: &Source, d: &Deflators) -> Vec<f64> {
    let quarters = one.quarters();
    let nominal = d.nominal(one.year());
    match source {
        Source::Prices(prices) if one.series == "price_domestic" => {
            mean(prices, &quarters, nominal * d.with_vat(one.year()))
        }
        Source::Prices(prices) => mean(prices, &quarters, nominal),
        Source::Sums(sums) => total(sums, &quarters, 1.0),
        Source::Less(all, part) => {
            let (all, part) = (total(all, &quarters, 1.0), total(part, &quarters, 1.0));
            all.iter().zip(&part).map(|(a, b)| a - b).collect()
        }
        Source::Ratio(part, whole) => ratio(part, whole, &quarters),
        Source::Events(years) => years.clone(),
    }
}

/// Reads what the figures of a series in a place are made of.
fn source(one: &Reported, t: Tables<'_>) -> Result<Source, TableError> {
    Ok(match one.series.as_str() {
        "price_fob" | "price_fob_end" => Source::Prices(price(t.market, "JP", &one.commodity)?),
        "price_domestic" => Source::Prices(price(t.market, "CN", &one.commodity)?),
        "outside_over_inside" => Source::Ratio(
            price(t.market, &one.region, &one.commodity)?,
            price(t.market, "CN", &one.commodity)?,
        ),
        "mine_output" => Source::Sums(made(t.market, &one.region, "_conc")?),
        "magnet_output" => Source::Sums(made(t.market, &one.region, "magnet")?),
        "china_share_mine" | "china_share_magnet" => {
            let form = if one.series.ends_with("mine") {
                "_conc"
            } else {
                "magnet"
            };
            Source::Ratio(
                made(t.market, &one.region, form)?,
                made(t.market, "world", form)?,
            )
        }
        "exports" | "magnet_exports" => {
            let from = t.trade.text("exporter")?;
            let goods = t.trade.text("commodity")?;
            let magnets = one.series == "magnet_exports";
            let keep = |row: usize| {
                let id = goods.get(row);
                from.get(row) == one.region
                    && if magnets {
                        is_form(id, "magnet")
                    } else {
                        is_form(id, "_oxide") || is_form(id, "_metal")
                    }
            };
            Source::Less(
                sums(t.trade, "quantity_t", keep)?,
                sums(t.trade, "leaked_t", keep)?,
            )
        }
        "japan_share_from_china" => {
            let (from, to) = (t.trade.text("exporter")?, t.trade.text("importer")?);
            let goods = t.trade.text("commodity")?;
            let keep = |row: usize| {
                let id = goods.get(row);
                to.get(row) == one.region && (is_form(id, "_oxide") || is_form(id, "_metal"))
            };
            let part = |row: usize| keep(row) && from.get(row) == "CN";
            Source::Ratio(
                sums(t.trade, "quantity_t", part)?,
                sums(t.trade, "quantity_t", keep)?,
            )
        }
        "opening" => Source::Events(event(t.project, &one.region, &["commissioned"], &[])?),
        "closure" => Source::Events(event(
            t.project,
            &one.region,
            &["mothballed", "closed", "bankrupt"],
            &["commissioned"],
        )?),
        "reopening" => Source::Events(event(t.project, &one.region, &["reopened"], &[])?),
        _ => Source::Events(Vec::new()),
    })
}

/// Year of the first event of some kinds of a plant, after one of `after` if any are asked for, by run.
fn event(
    project: &Table,
    plant: &str,
    kinds: &[&str],
    after: &[&str],
) -> Result<Vec<f64>, TableError> {
    let (run, quarter) = (project.u32("run")?, project.text("quarter")?);
    let (names, events) = (project.text("project")?, project.text("event")?);
    let mut open: BTreeMap<u32, bool> = BTreeMap::new();
    let mut first: BTreeMap<u32, f64> = BTreeMap::new();
    for row in 0..project.len() {
        let name = names.get(row);
        if name.split('.').nth(1) != Some(plant) {
            continue;
        }
        let kind = events.get(row);
        if after.contains(&kind) {
            open.insert(run[row], true);
        }
        if kinds.contains(&kind)
            && (after.is_empty() || open.contains_key(&run[row]))
            && let Ok(at) = quarter.get(row).parse::<Quarter>()
        {
            let year = at.mid_year() - 0.125;
            first.entry(run[row]).or_insert(year);
        }
    }
    Ok(first.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::table::Column;

    fn market() -> Table {
        let mut t = Table::new("market");
        let quarters = ["2010Q1", "2010Q2", "2010Q3", "2010Q4"];
        t.push("run", Column::U32(vec![0; 8]));
        t.push(
            "quarter",
            Column::words(quarters.iter().chain(&quarters).copied()),
        );
        t.push(
            "state",
            Column::words(["CN"; 4].into_iter().chain(["JP"; 4])),
        );
        t.push("commodity", Column::words(["la_oxide"; 8]));
        t.push(
            "price_usd_per_kg",
            Column::F64(vec![2.0, 2.0, 2.0, 2.0, 4.0, 6.0, 8.0, 10.0]),
        );
        t.push("production_t", Column::F64(vec![0.0; 8]));
        t
    }

    #[test]
    fn prices_are_held_on_the_basis_on_which_they_were_reported() {
        let d = Deflators([(2010, (0.5, 0.17))].into());
        let empty = Table::new("trade");
        let row = |series: &str, region: &str| Reported {
            series: series.into(),
            date: "2010".into(),
            region: region.into(),
            commodity: "la_oxide".into(),
            ..Reported::default()
        };
        let rows = [
            row("price_fob", "outside"),
            row("price_domestic", "CN"),
            row("outside_over_inside", "JP"),
        ];
        let held = simulated(&rows, &d, &market(), &empty, &empty).unwrap();
        assert_eq!(held[0].runs, [3.5]);
        assert!((held[1].runs[0] - 2.0 * 0.5 * 1.17).abs() < 1e-12);
        assert_eq!(held[2].runs, [3.5]);
    }

    #[test]
    fn a_plant_closes_after_it_opened() {
        let mut t = Table::new("project");
        t.push("run", Column::U32(vec![0, 0, 0]));
        t.push("quarter", Column::words(["2010Q1", "2012Q1", "2015Q4"]));
        t.push("project", Column::words(["m.mine"; 3]));
        t.push(
            "event",
            Column::words(["mothballed", "commissioned", "mothballed"]),
        );
        let closed = event(&t, "mine", &["mothballed"], &["commissioned"]).unwrap();
        assert!((closed[0] - 2015.75).abs() < 1e-9, "{closed:?}");
    }
}
