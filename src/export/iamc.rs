//! The IAMC form: model, scenario, region, variable, unit, year, `subannual` (Q1 to Q4), `run`, value; one row per number.
//!
//! Amounts per quarter are given as rates per year (four times the quarter), so that the mean of a year's quarters is that year's amount;
//! sums of money are in million USD. Flows between states have the region `China>Japan`. What adds up has the region `World` too.

use super::{ExportFault, Labels, open, unreadable};
use crate::{
    domain::time::Quarter,
    record::table::{Table, TableError},
};
use std::{collections::BTreeMap, io, path::Path};

/// The columns of the file.
pub const COLUMNS: [&str; 9] = [
    "model",
    "scenario",
    "region",
    "variable",
    "unit",
    "year",
    "subannual",
    "run",
    "value",
];

/// Region of what is summed over all states.
const WORLD: &str = "World";
/// Quarters of a year.
const YEARLY: f64 = 4.0;
/// Yearly rate in million USD.
const MILLION: f64 = YEARLY / 1e6;

/// Where a number belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The state in this column, and the sum over all of them as `World`.
    Adds(&'static str),
    /// The state in this column.
    Stays(&'static str),
    /// From the state in the first column to that in the second.
    Flow(&'static str, &'static str),
    /// The sum over all states only.
    World,
}

/// A column of a table as a variable.
struct Variable {
    table: &'static str,
    column: &'static str,
    /// Name; `{kind column}` is replaced by the name of what the column holds.
    name: &'static str,
    unit: &'static str,
    factor: f64,
    place: Place,
}

const fn variable(
    (table, column): (&'static str, &'static str),
    name: &'static str,
    (unit, factor): (&'static str, f64),
    place: Place,
) -> Variable {
    Variable {
        table,
        column,
        name,
        unit,
        factor,
        place,
    }
}

const TONNES: (&str, f64) = ("t/yr", YEARLY);
const MONEY: (&str, f64) = ("million USD_2024/yr", MILLION);
const PRICE: (&str, f64) = ("USD_2024/kg", 1.0);
const NUMBER: (&str, f64) = ("dimensionless", 1.0);
const PERCENT: (&str, f64) = ("percent", 100.0);
const GOODS: &str = "commodity";

#[rustfmt::skip]
const VARIABLES: &[Variable] = &[
    variable(("market", "price_usd_per_kg"), "Price|{commodity}", PRICE, Place::Stays("state")),
    variable(("market", "price_traded_usd_per_kg"), "Price Paid|{commodity}", PRICE, Place::Stays("state")),
    variable(("market", "qualified_premium"), "Qualified Premium|{commodity}", PERCENT, Place::Stays("state")),
    variable(("market", "production_t"), "Output|{commodity}", TONNES, Place::Adds("state")),
    variable(("market", "imports_t"), "Imports|{commodity}", TONNES, Place::Stays("state")),
    variable(("market", "exports_t"), "Exports|{commodity}", TONNES, Place::Stays("state")),
    variable(("market", "use_t"), "Consumption|{commodity}", TONNES, Place::Adds("state")),
    variable(("market", "firm_stock_t"), "Stock|Firms|{commodity}", ("t", 1.0), Place::Adds("state")),
    variable(("market", "state_stock_t"), "Stock|State|{commodity}", ("t", 1.0), Place::Adds("state")),
    variable(("market", "cover_days"), "Stock Cover|{commodity}", ("day", 1.0), Place::Stays("state")),
    variable(("trade", "quantity_t"), "Trade|{commodity}", TONNES, Place::Flow("exporter", "importer")),
    variable(("trade", "value_usd"), "Trade Value|{commodity}", MONEY, Place::Flow("exporter", "importer")),
    variable(("limit", "refused_t"), "Refused Trade|{commodity}", TONNES, Place::Flow("exporter", "importer")),
    variable(("limit", "rent_usd"), "Scarcity Rent|{commodity}", MONEY, Place::Flow("exporter", "importer")),
    variable(("stage", "capacity_t"), "Capacity|{stage}", TONNES, Place::Adds("host")),
    variable(("stage", "production_t"), "Production|{stage}", TONNES, Place::Adds("host")),
    variable(("stage", "production_t"), "Production|{stage}|Owned by {owner}", TONNES, Place::Adds("host")),
    variable(("stage", "value_added_usd"), "Value Added|{stage}", MONEY, Place::Adds("host")),
    variable(("stage", "profit_usd"), "Profit|{stage}", MONEY, Place::Adds("host")),
    variable(("stage", "jobs"), "Employment|{stage}", ("million", 1e-6), Place::Adds("host")),
    variable(("end_use", "demand_t"), "Final Demand|{commodity}", TONNES, Place::Adds("state")),
    variable(("end_use", "served_t"), "Final Use|{commodity}", TONNES, Place::Adds("state")),
    variable(("end_use", "served_t"), "Final Use|{commodity}|{sector}", TONNES, Place::World),
    variable(("end_use", "unmet_price_t"), "Unmet Demand|Price|{commodity}", TONNES, Place::Adds("state")),
    variable(("end_use", "unmet_limit_t"), "Unmet Demand|Limit|{commodity}", TONNES, Place::Adds("state")),
    variable(("end_use", "consumer_loss_usd"), "Consumer Loss", MONEY, Place::Adds("state")),
    variable(("state", "public_cost_usd"), "Public Cost", MONEY, Place::Adds("state")),
    variable(("state", "tax_revenue_usd"), "Tax Revenue", MONEY, Place::Adds("state")),
    variable(("state", "damage_usd"), "Environmental Damage", MONEY, Place::Adds("state")),
    variable(("state", "import_reliance"), "Import Reliance", PERCENT, Place::Stays("state")),
    variable(("state", "capability_mine"), "Capability|Mine", NUMBER, Place::Stays("state")),
    variable(("state", "capability_separation"), "Capability|Separation", NUMBER, Place::Stays("state")),
    variable(("state", "capability_metal"), "Capability|Metal", NUMBER, Place::Stays("state")),
    variable(("state", "capability_magnet"), "Capability|Magnet", NUMBER, Place::Stays("state")),
    variable(("state", "capability_recycling"), "Capability|Recycling", NUMBER, Place::Stays("state")),
    variable(("relation", "trust"), "Trust", NUMBER, Place::Flow("from", "to")),
];

/// One number.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Name of the state, of the flow, or `World`.
    pub region: String,
    /// Variable.
    pub variable: String,
    /// Unit.
    pub unit: &'static str,
    /// Quarter.
    pub quarter: Quarter,
    /// The number, finite.
    pub value: f64,
}

/// The numbers of one run in a table of the result, sorted by variable, region, quarter; none if the table has no variable. Numbers that
/// are not defined are left out.
///
/// # Errors
/// If the table has no quarters, or quarters that are none.
pub fn points(table: &Table, labels: &Labels) -> Result<Vec<Point>, TableError> {
    let quarters = table.text("quarter")?;
    let parsed: Vec<Option<Quarter>> = quarters.words().iter().map(|q| q.parse().ok()).collect();
    let mut sums: BTreeMap<(String, String, Quarter), (&'static str, f64)> = BTreeMap::new();
    for variable in VARIABLES.iter().filter(|v| v.table == table.name()) {
        let Ok(values) = table.f64(variable.column) else {
            continue;
        };
        let named = Names::of(table, variable, labels)?;
        for row in (0..table.len()).filter(|row| values[*row].is_finite()) {
            let Some(quarter) = parsed[quarters.codes()[row] as usize] else {
                continue;
            };
            let value = values[row] * variable.factor;
            let mut add = |region: String| {
                let key = (named.variable(row), region, quarter);
                let (_, sum) = sums.entry(key).or_insert((variable.unit, 0.0));
                *sum += value;
            };
            if let Some(region) = named.region(row) {
                add(region);
            }
            if matches!(variable.place, Place::Adds(_) | Place::World) {
                add(WORLD.to_owned());
            }
        }
    }
    let point = |((variable, region, quarter), (unit, value))| Point {
        region,
        variable,
        unit,
        quarter,
        value,
    };
    Ok(sums.into_iter().map(point).collect())
}

/// Names of variables and regions of the rows of a table, worked out once per word.
struct Names {
    pieces: Vec<Piece>,
    regions: Vec<(Vec<u32>, Vec<String>)>,
}

enum Piece {
    Fixed(String),
    Of(Vec<u32>, Vec<String>),
}

impl Names {
    fn of(table: &Table, variable: &Variable, labels: &Labels) -> Result<Self, TableError> {
        let of = |column: &str| -> Result<(Vec<u32>, Vec<String>), TableError> {
            let text = table.text(column)?;
            let kind = match column {
                GOODS | "sector" => column,
                "stage" => "stage",
                _ => "state",
            };
            let names = text.words().iter().map(|id| labels.part(kind, id));
            Ok((text.codes().to_vec(), names.collect()))
        };
        let mut pieces = Vec::new();
        for piece in variable.name.split_inclusive(['{', '}']) {
            match piece.strip_suffix('}') {
                Some(column) => {
                    let (codes, names) = of(column)?;
                    pieces.push(Piece::Of(codes, names));
                }
                None => pieces.push(Piece::Fixed(piece.trim_end_matches('{').to_owned())),
            }
        }
        let regions = match variable.place {
            Place::Adds(state) | Place::Stays(state) => vec![of(state)?],
            Place::Flow(from, to) => vec![of(from)?, of(to)?],
            Place::World => Vec::new(),
        };
        Ok(Self { pieces, regions })
    }

    fn variable(&self, row: usize) -> String {
        let mut name = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Fixed(text) => name.push_str(text),
                Piece::Of(codes, names) => name.push_str(&names[codes[row] as usize]),
            }
        }
        name
    }

    fn region(&self, row: usize) -> Option<String> {
        let names: Vec<&str> = self
            .regions
            .iter()
            .map(|(codes, names)| names[codes[row] as usize].as_str())
            .collect();
        (!names.is_empty()).then(|| names.join(">"))
    }
}

/// Writes the results below `root` in this form, run by run; gives the number of rows. `model` names the model and its version.
///
/// # Errors
/// If a table cannot be read or `out` refuses.
pub fn write(root: &Path, model: &str, out: impl io::Write) -> Result<u64, ExportFault> {
    let names = root.join("tables/names.parquet");
    let labels = open(&names)?
        .read(&["kind", "id", "name"])
        .map_err(|fault| unreadable(&names, fault))?;
    let labels = Labels::of(&labels)?;
    let path = root.join("runs.parquet");
    let runs = open(&path)?
        .read(&["run", "arm"])
        .map_err(|fault| unreadable(&path, fault))?;
    let arm = runs.text("arm")?;
    let arms: BTreeMap<u32, &str> = runs.u32("run")?.iter().copied().zip(arm.iter()).collect();
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(COLUMNS)?;
    let mut rows = 0;
    let mut tables: Vec<&str> = VARIABLES.iter().map(|v| v.table).collect();
    tables.dedup();
    for name in tables {
        let path = root.join(format!("tables/{name}.parquet"));
        if !path.exists() {
            continue;
        }
        let file = open(&path)?;
        for group in 0..file.groups() {
            let table = file
                .read_group(group, &[])
                .map_err(|fault| unreadable(&path, fault))?;
            let Some(run) = table.u32("run")?.first().copied() else {
                continue;
            };
            let scenario = arms.get(&run).copied().unwrap_or_default();
            let run = run.to_string();
            for point in points(&table, &labels)? {
                let (year, quarter) = (point.quarter.year(), point.quarter.of_year());
                csv.write_record([
                    model,
                    scenario,
                    &point.region,
                    &point.variable,
                    point.unit,
                    &year.to_string(),
                    &format!("Q{quarter}"),
                    &run,
                    &point.value.to_string(),
                ])?;
                rows += 1;
            }
        }
    }
    csv.flush()?;
    Ok(rows)
}

/// Every variable with its unit, as templates: for documentation and tests.
pub fn variables() -> impl Iterator<Item = (&'static str, &'static str)> {
    VARIABLES.iter().map(|v| (v.name, v.unit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::table::Column;

    fn stage() -> Table {
        let mut table = Table::new("stage");
        table.push("run", Column::U32(vec![0; 3]));
        table.push("quarter", Column::words(["2024Q3"; 3]));
        table.push("stage", Column::words(["mine"; 3]));
        table.push("host", Column::words(["AU", "AU", "CN"]));
        table.push("owner", Column::words(["AU", "CN", "CN"]));
        table.push("production_t", Column::F64(vec![10.0, 5.0, 85.0]));
        table.push("profit_usd", Column::F64(vec![f64::NAN, 2e6, f64::NAN]));
        table
    }

    #[test]
    fn amounts_are_yearly_rates_and_add_up() {
        let points = points(&stage(), &Labels::default()).unwrap();
        let value = |variable: &str, region: &str| {
            let of = |p: &&Point| p.variable == variable && p.region == region;
            points.iter().find(of).map(|p| (p.value, p.unit))
        };
        assert_eq!(value("Production|Mine", "AU"), Some((60.0, "t/yr")));
        assert_eq!(value("Production|Mine", "World"), Some((400.0, "t/yr")));
        let owned = value("Production|Mine|Owned by CN", "World");
        assert_eq!(owned, Some((360.0, "t/yr")));
        let profit = value("Profit|Mine", "AU");
        assert_eq!(profit, Some((8.0, "million USD_2024/yr")));
        assert_eq!(value("Profit|Mine", "CN"), None);
    }

    #[test]
    fn names_are_parts_of_names() {
        let mut names = Table::new("names");
        names.push("kind", Column::words(["commodity", "state"]));
        names.push("id", Column::words(["ndfeb_hc", "EU"]));
        let full = [
            "NdFeB magnet, high coercivity (with Dy or Tb)",
            "European Union (27)",
        ];
        names.push("name", Column::words(full));
        let labels = Labels::of(&names).unwrap();
        let good = labels.part("commodity", "ndfeb_hc");
        assert_eq!(good, "NdFeB Magnet High Coercivity");
        assert_eq!(labels.part("state", "EU"), "European Union");
        assert_eq!(labels.part("state", "JP"), "JP");
        assert_eq!(labels.part("stage", "mine"), "Mine");
    }
}
