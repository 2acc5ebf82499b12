//! Tables beside the configuration: CSV with the unit in the column name and a source in every row.

use super::firms::{DelayRow, FirmRow, PeriodRow, PlantRow};
use super::locate::{Index, Span, line_column};
use super::report::{Finding, Source};
use super::rows::*;
use super::scenario::Scenario;
use crate::domain::fields::{
    Field, Map, RecordInfo, WrittenOf, did_you_mean, english_list, merge_option,
};
use csv::StringRecord;
use std::{ops::Range, sync::Arc};

/// A cell: where it stands and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cell {
    span: Range<usize>,
    text: String,
}

/// Splits a text into rows of cells. Lines that begin with `#` and empty lines are left out; quoted cells may hold commas and lines.
fn split_rows(text: &str) -> Vec<Vec<Cell>> {
    let mut rows = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let line_end = text[at..].find('\n').map_or(text.len(), |n| at + n);
        let line = text[at..line_end].trim();
        if line.is_empty() || line.starts_with('#') {
            at = line_end + 1;
            continue;
        }
        let mut row = Vec::new();
        loop {
            let (cell, next, last) = split_cell(text, at);
            row.push(cell);
            at = next;
            if last {
                break;
            }
        }
        rows.push(row);
    }
    rows
}

/// The cell at a position, where the next begins, and whether the row ends here.
fn split_cell(text: &str, start: usize) -> (Cell, usize, bool) {
    let bytes = text.as_bytes();
    let mut at = start;
    let mut content = String::new();
    if bytes.get(at) == Some(&b'"') {
        at += 1;
        let mut from = at;
        loop {
            match text[at..].find('"') {
                None => {
                    content.push_str(&text[from..]);
                    at = text.len();
                    break;
                }
                Some(offset) => {
                    at += offset;
                    content.push_str(&text[from..at]);
                    at += 1;
                    if bytes.get(at) != Some(&b'"') {
                        break;
                    }
                    content.push('"');
                    at += 1;
                    from = at;
                }
            }
        }
    }
    let end = text[at..].find([',', '\n']).map_or(text.len(), |n| at + n);
    content.push_str(&text[at..end]);
    let last = bytes.get(end) != Some(&b',');
    let trimmed = content.trim().to_owned();
    (
        Cell {
            span: start..end,
            text: trimmed,
        },
        end + 1,
        last,
    )
}

type Target = WrittenOf<Scenario>;

/// Puts one row, already without its key, into the scenario; `false` if its parent is unknown.
type Put = fn(&mut Target, &[&str], &StringRecord, &StringRecord) -> Result<bool, csv::Error>;

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

fn insert<W: crate::domain::fields::Written>(map: &mut Option<Map<W>>, key: String, row: W) {
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
            put: |scenario, key, header, row| {
                insert(&mut scenario.$table, key.join(":"), row.deserialize::<WrittenOf<$row>>(Some(header))?);
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
}

/// The tables whose rows belong to entries of another table.
static NESTED: &[TableInfo] = &[
    TableInfo {
        name: "plants",
        key: &["firm", "plant"],
        root: "firms",
        record: record::<PlantRow>,
        put: |scenario, key, header, row| {
            let row = row.deserialize::<WrittenOf<PlantRow>>(Some(header))?;
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
        put: |scenario, key, header, row| {
            let row = row.deserialize::<WrittenOf<PeriodRow>>(Some(header))?;
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
    let header: StringRecord = columns
        .plain
        .iter()
        .map(|column| head[*column].text.as_str())
        .collect();
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
        let cells: StringRecord = columns
            .plain
            .iter()
            .map(|column| columns.cell(*column, &row[*column].text))
            .collect();
        match (table.put)(into, &key, &header, &cells) {
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
            Err(error) => {
                let column = match error.kind() {
                    csv::ErrorKind::Deserialize { err, .. } => err
                        .field()
                        .and_then(|field| columns.plain.get(usize::try_from(field).ok()?)),
                    _ => None,
                };
                let column = column.or_else(|| columns.word(&error, row));
                let span = column.map_or(whole, |column| row[*column].span.clone());
                let name = column.map_or("", |column| head[*column].text.as_str());
                let (text, help) = cell_message(
                    table,
                    name,
                    column.map_or("", |column| &row[*column].text),
                    &error,
                );
                wrong("cell", format!("{}.{name}", path()), text, help, span);
            }
        }
    }
}

/// Which column of a file is what.
struct Columns {
    key: Vec<usize>,
    plain: Vec<usize>,
    source: usize,
    truth: Vec<bool>,
}

impl Columns {
    fn of(
        table: &TableInfo,
        head: &[Cell],
        wrong: &mut impl FnMut(&'static str, String, String, Option<String>, Range<usize>),
    ) -> Option<Self> {
        let fields = table.record().fields;
        let find = |name: &str| head.iter().position(|cell| cell.text == name);
        let whole = head[0].span.start..head[head.len() - 1].span.end;
        let mut sound = true;
        for (column, cell) in head.iter().enumerate() {
            let known = table.key.iter().copied().chain(
                fields
                    .iter()
                    .filter(|field| !field.kind.starts_with("IndexMap"))
                    .map(|field| field.name),
            );
            if find(&cell.text) != Some(column) {
                wrong(
                    "duplicate",
                    table.name.to_owned(),
                    format!("two columns are called `{}`", cell.text),
                    None,
                    cell.span.clone(),
                );
                sound = false;
            } else if !known.clone().any(|name| name == cell.text) {
                let help = did_you_mean(&cell.text, known.clone()).map_or_else(
                    || format!("known: {}", english_list(&known.collect::<Vec<_>>())),
                    |near| format!("did you mean `{near}`?"),
                );
                wrong(
                    "unknown column",
                    table.name.to_owned(),
                    format!("the table has no column `{}`", cell.text),
                    Some(help),
                    cell.span.clone(),
                );
                sound = false;
            }
        }
        let required = fields.iter().filter(|field| {
            field.default.is_none()
                && !field.kind.starts_with("Option")
                && !field.kind.starts_with("IndexMap")
        });
        for name in table
            .key
            .iter()
            .copied()
            .chain(required.map(|field| field.name))
            .chain(["source", "confidence"])
        {
            if find(name).is_none() {
                wrong(
                    "missing",
                    table.name.to_owned(),
                    format!("the table needs a column `{name}`"),
                    None,
                    whole.clone(),
                );
                sound = false;
            }
        }
        let plain = (0..head.len())
            .filter(|column| !table.key.contains(&head[*column].text.as_str()))
            .collect::<Vec<_>>();
        let is_truth = |cell: &Cell| {
            fields
                .iter()
                .any(|field| field.name == cell.text && field.kind == "bool")
        };
        sound.then(|| Self {
            key: table.key.iter().filter_map(|name| find(name)).collect(),
            plain,
            source: find("source").unwrap_or(0),
            truth: head.iter().map(is_truth).collect(),
        })
    }

    /// The column of a word that the program does not know: the reader names only the word.
    fn word(&self, error: &csv::Error, row: &[Cell]) -> Option<&usize> {
        let message = error.to_string();
        let word = message
            .split("unknown variant `")
            .nth(1)?
            .split('`')
            .next()?;
        self.plain.iter().find(|column| row[**column].text == word)
    }

    /// The text of a cell; truths may be written as 0 and 1.
    fn cell<'a>(&self, column: usize, text: &'a str) -> &'a str {
        match text {
            "0" if self.truth[column] => "false",
            "1" if self.truth[column] => "true",
            text => text,
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

fn cell_message(
    table: &TableInfo,
    column: &str,
    text: &str,
    error: &csv::Error,
) -> (String, Option<String>) {
    let Some(field) = table
        .record()
        .fields
        .iter()
        .find(|field| field.name == column)
    else {
        return (error.to_string(), None);
    };
    let kind = field
        .kind
        .trim_start_matches("Option<")
        .trim_end_matches('>');
    let unit = if field.unit.is_empty() {
        String::new()
    } else {
        format!(" ({})", field.unit)
    };
    match kind {
        "f64" => (format!("`{text}` is no number{unit}"), None),
        "u32" | "i32" => (format!("`{text}` is no whole number{unit}"), None),
        "bool" => (format!("`{text}` is neither true nor false"), None),
        "Quarter" => (
            format!("`{text}` is no quarter; write the year, Q and 1 to 4, such as 2024Q1"),
            None,
        ),
        _ => {
            let message = error.to_string();
            let words = message
                .split("expected ")
                .nth(1)
                .unwrap_or("")
                .trim_start_matches("one of ");
            let known = words.split('`').skip(1).step_by(2).collect::<Vec<_>>();
            let help = did_you_mean(text, known.iter().copied()).map_or_else(
                || format!("known: {}", english_list(&known)),
                |near| format!("did you mean `{near}`?"),
            );
            (
                format!("`{text}` is no word for {column}"),
                (!known.is_empty()).then_some(help),
            )
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_split_with_quotes_and_comments() {
        let text = "# c\na,b\n1,\"x, \"\"y\"\"\nz\"\n\n2,\r\n\"open";
        let cells = |row: &Vec<Cell>| row.iter().map(|cell| cell.text.clone()).collect::<Vec<_>>();
        let rows = split_rows(text).iter().map(cells).collect::<Vec<_>>();
        assert_eq!(
            rows,
            [
                vec!["a", "b"],
                vec!["1", "x, \"y\"\nz"],
                vec!["2", ""],
                vec!["open"]
            ]
        );
    }
}
