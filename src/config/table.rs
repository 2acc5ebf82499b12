//! Tables beside the configuration: CSV with the unit in the column name and a source in every row.

mod columns;
mod split;

use super::firms::{ContractRow, DelayRow, FirmRow, PeriodRow, PlantRow};
use super::locate::{Index, Span, line_column};
use super::report::{Finding, Source};
use super::rows::*;
use super::scenario::Scenario;
use crate::domain::fields::{
    Field, Map, RecordInfo, Written, WrittenOf, did_you_mean, merge_option,
};
use columns::{Columns, cell_message};
pub(super) use split::split_rows;
use std::{ops::Range, sync::Arc};

type Target = WrittenOf<Scenario>;

/// Puts one row, already without its key, into the scenario; `false` if its parent is unknown.
type Put = fn(&mut Target, &[&str], &[Entry<'_>]) -> Result<bool, Misfit>;

/// A cell that is no part of the key: its place in the row, its column's name and its text.
type Entry<'a> = (usize, &'a str, &'a str);

/// A cell that does not fit its column, and why.
struct Misfit {
    column: usize,
    why: String,
}

/// What the program knows about one table.
#[derive(Clone, Copy)]
pub struct TableInfo {
    /// Its name in `tables`.
    pub name: &'static str,
    /// Its key columns, in order.
    pub key: &'static [&'static str],
    /// The path of a row, before the key.
    root: &'static str,
    record: fn() -> &'static RecordInfo,
    put: Put,
}

fn record<T: Field>() -> &'static RecordInfo {
    static NOTHING: RecordInfo = RecordInfo {
        name: "",
        module: "",
        doc: "",
        key: &[],
        fields: &[],
    };
    let mut records = Vec::new();
    T::describe(&mut records);
    records.first().copied().unwrap_or(&NOTHING)
}

fn row<W: Written + Default>(cells: &[Entry<'_>]) -> Result<W, Misfit> {
    let mut row = W::default();
    fill(cells, &mut |name, text| row.set_cell(name, text))?;
    Ok(row)
}

fn fill(
    cells: &[Entry<'_>],
    set: &mut dyn FnMut(&str, &str) -> Result<(), String>,
) -> Result<(), Misfit> {
    for &(column, name, text) in cells {
        set(name, text).map_err(|why| Misfit { column, why })?;
    }
    Ok(())
}

fn insert<W: Written>(map: &mut Option<Map<W>>, key: String, row: W) {
    let entry = Map([(key, row)].into_iter().collect());
    merge_option(map, Some(entry));
}

macro_rules! tables {
    ($($table:ident: $row:ident [$($key:literal),*];)*) => {
        /// The tables with one row per entry of a map at the top of the scenario.
        static PLAIN: &[TableInfo] = &[$(TableInfo {
            name: stringify!($table),
            key: &[$($key),*],
            root: stringify!($table),
            record: record::<$row>,
            put: |scenario, key, cells| {
                insert(&mut scenario.$table, key.join(":"), row::<WrittenOf<$row>>(cells)?);
                Ok(true)
            },
        }),*];
    };
}

tables! {
    states: StateRow ["state"];
    elements: ElementRow ["element"];
    commodities: CommodityRow ["commodity"];
    compositions: CompositionRow ["commodity", "element"];
    processes: ProcessRow ["process"];
    recipes: RecipeRow ["process", "mode", "commodity"];
    opex: OpexRow ["process", "state"];
    firms: FirmRow ["firm"];
    delays: DelayRow ["project"];
    mine_output: MineOutputRow ["year", "state", "commodity"];
    stage_output: StageOutputRow ["year", "stage", "state"];
    world_output: WorldOutputRow ["year", "item"];
    sectors: SectorRow ["sector"];
    demand: DemandRow ["year", "state", "sector", "commodity"];
    drivers: DriverRow ["sector", "state", "year"];
    prices: PriceRow ["year", "commodity"];
    trade: TradeRow ["year", "exporter", "importer", "form", "basis"];
    relations: RelationRow ["year", "from", "to"];
    blocs: BlocRow ["bloc", "state", "from"];
    freight: FreightRow ["from", "to"];
    tariffs: TariffRow ["importer", "exporter", "form", "from"];
    contracts: ContractRow ["contract"];
    stock_draws: StockDrawRow ["state", "commodity"];
}

/// The tables whose rows belong to entries of another table.
static NESTED: &[TableInfo] = &[
    TableInfo {
        name: "plants",
        key: &["firm", "plant"],
        root: "firms",
        record: record::<PlantRow>,
        put: |scenario, key, cells| {
            let row = row::<WrittenOf<PlantRow>>(cells)?;
            let Some(firm) = scenario
                .firms
                .as_mut()
                .and_then(|firms| firms.0.get_mut(key[0]))
            else {
                return Ok(false);
            };
            insert(&mut firm.plants, key[1].to_owned(), row);
            Ok(true)
        },
    },
    TableInfo {
        name: "plant_periods",
        key: &["firm", "plant", "from"],
        root: "firms",
        record: record::<PeriodRow>,
        put: |scenario, key, cells| {
            let row = row::<WrittenOf<PeriodRow>>(cells)?;
            let plant = scenario
                .firms
                .as_mut()
                .and_then(|firms| firms.0.get_mut(key[0]))
                .and_then(|firm| firm.plants.as_mut()?.0.get_mut(key[1]));
            let Some(plant) = plant else { return Ok(false) };
            insert(&mut plant.periods, key[2].to_owned(), row);
            Ok(true)
        },
    },
];

/// All tables; those that hold the parents of others come first.
pub fn all() -> impl Iterator<Item = &'static TableInfo> + Clone {
    PLAIN.iter().chain(NESTED)
}

impl TableInfo {
    /// What is declared about its rows.
    #[must_use]
    pub fn record(&self) -> &'static RecordInfo {
        (self.record)()
    }

    /// Whether its rows stand below a name at the top of the scenario.
    #[must_use]
    pub fn holds(&self, name: &str) -> bool {
        self.root == name
    }

    /// The path of a row in the scenario.
    fn path<'a>(&self, key: &[&'a str], joined: &'a str) -> Vec<&'a str>
    where
        'static: 'a,
    {
        match (self.name, key) {
            ("plants", [firm, plant]) => vec![self.root, firm, "plants", plant],
            ("plant_periods", [firm, plant, from]) => {
                vec![self.root, firm, "plants", plant, "periods", from]
            }
            _ => vec![self.root, joined],
        }
    }
}

/// Reads a table into the scenario; what is wrong goes to `findings`.
pub fn read(
    table: &TableInfo,
    source: &Arc<Source>,
    rank: usize,
    into: &mut Target,
    findings: &mut Vec<Finding>,
) {
    let mut wrong = |code, path: String, text: String, help: Option<String>, span: Range<usize>| {
        findings.push(Finding {
            code,
            path,
            text,
            help,
            source: Some(source.clone()),
            span: Some(span),
            rank,
        });
    };
    let rows = split_rows(&source.text);
    let Some((head, rows)) = rows.split_first() else {
        wrong(
            "table",
            table.name.to_owned(),
            "the table has no header".to_owned(),
            None,
            0..0,
        );
        return;
    };
    let Some(columns) = Columns::of(table, head, &mut wrong) else {
        return;
    };
    let mut seen: indexmap::IndexMap<String, usize> = indexmap::IndexMap::with_capacity(rows.len());
    for row in rows {
        let whole = row[0].span.start..row[row.len() - 1].span.end;
        if row.len() != head.len() {
            let text = format!("the row has {} cells, the header {}", row.len(), head.len());
            wrong(
                "table",
                table.name.to_owned(),
                text,
                Some("quote cells that hold commas".to_owned()),
                whole,
            );
            continue;
        }
        let key = columns
            .key
            .iter()
            .map(|column| row[*column].text.as_str())
            .collect::<Vec<_>>();
        let joined = key.join(":");
        let path = || table.path(&key, &joined).join(".");
        if let Some(first) = seen.insert(joined.clone(), whole.start) {
            let (first, _) = line_column(&source.text, first);
            wrong(
                "duplicate",
                path(),
                format!("\"{joined}\" occurs twice, first in line {first}"),
                Some("keep one of them".to_owned()),
                whole,
            );
            continue;
        }
        if let Some(column) = columns
            .key
            .iter()
            .find(|column| row[**column].text.is_empty() || row[**column].text.contains([':', '.']))
        {
            let text = format!(
                "`{}` cannot be a {}; a key has no colon, no dot and is not empty",
                row[*column].text, head[*column].text
            );
            wrong("key", path(), text, None, row[*column].span.clone());
            continue;
        }
        if row[columns.source].text.is_empty() {
            let text = "every row needs a source: a citation, or the word `assumption`".to_owned();
            wrong(
                "source",
                path(),
                text,
                None,
                row[columns.source].span.clone(),
            );
        }
        let cell = |column: &usize| {
            let text = columns.cell(*column, &row[*column].text);
            (*column, head[*column].text.as_str(), text)
        };
        let cells = columns.plain.iter().map(cell).collect::<Vec<_>>();
        match (table.put)(into, &key, &cells) {
            Ok(true) => {}
            Ok(false) => {
                let known = known_parents(into, &key);
                let missing = key[..key.len() - 1].join(".");
                let help = did_you_mean(key[key.len() - 2], known.iter().map(String::as_str))
                    .map(|near| format!("did you mean `{near}`?"));
                wrong(
                    "unknown name",
                    path(),
                    format!("there is no {missing} for this row to belong to"),
                    help,
                    row[0].span.clone(),
                );
            }
            Err(Misfit { column, why }) => {
                let span = row[column].span.clone();
                let name = head[column].text.as_str();
                let (text, help) = cell_message(table, name, &row[column].text, &why);
                wrong("cell", format!("{}.{name}", path()), text, help, span);
            }
        }
    }
}

fn known_parents(scenario: &Target, key: &[&str]) -> Vec<String> {
    let firms = scenario.firms.as_ref();
    let plants = || {
        Some(
            firms?
                .0
                .get(key[0])?
                .plants
                .as_ref()?
                .0
                .keys()
                .cloned()
                .collect(),
        )
    };
    if key.len() == 3 {
        plants()
    } else {
        firms.map(|firms| firms.0.keys().cloned().collect())
    }
    .unwrap_or_default()
}

/// Where each row and cell of a table stands.
#[must_use]
pub fn index(table: &TableInfo, text: &str) -> Index {
    let mut index = Index::default();
    let rows = split_rows(text);
    let Some((head, rows)) = rows.split_first() else {
        return index;
    };
    let key = table
        .key
        .iter()
        .filter_map(|name| head.iter().position(|cell| cell.text == *name))
        .collect::<Vec<_>>();
    for row in rows
        .iter()
        .filter(|row| row.len() == head.len() && key.len() == table.key.len())
    {
        let parts = key
            .iter()
            .map(|column| row[*column].text.as_str())
            .collect::<Vec<_>>();
        let joined = parts.join(":");
        let mut path = table.path(&parts, &joined);
        let whole = row[0].span.start..row[row.len() - 1].span.end;
        index.insert(
            &path,
            Span {
                key: whole.clone(),
                value: whole,
            },
        );
        for (cell, head) in row
            .iter()
            .zip(head)
            .filter(|(cell, _)| !cell.text.is_empty())
        {
            path.push(&head.text);
            index.insert(
                &path,
                Span {
                    key: cell.span.clone(),
                    value: cell.span.clone(),
                },
            );
            path.pop();
        }
    }
    index
}
