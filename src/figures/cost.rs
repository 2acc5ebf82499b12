//! What measures cost the public, year by year, and who gains and loses beside it.

use super::canvas::{Anchor, Type};
use super::data::{Context, Data, Skip, Window};
use super::kinds::columns::{Columns, Part};
use super::kinds::forest::{Forest, Group, Marks, Row};
use super::page::Page;
use super::paths::Spread;
use super::sheet::Figure;
use super::strips::measure_name;
use super::{theme, words};
use std::collections::BTreeMap;

/// Most measures with a part of their own.
const MOST: usize = 8;
/// A measure whose cost is less than this, USD a run, is not shown.
const NOTHING: f64 = 1e3;
/// Units in which a figure may be drawn, USD.
const UNITS: [(f64, &str); 2] = [(1e9, "bn"), (1e6, "m")];

/// A state and its measure, with the cost in each quarter, mean over runs, USD.
type Measures = BTreeMap<(String, String), Vec<f64>>;

/// Public cost by state and measure over time, and who bears the rest.
///
/// # Errors
/// If no measure cost anything and nobody's account is recorded.
pub fn public(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let policy = data.table("policy")?;
    // Costs need no row in the first or last quarter: the table of states says when the run begins and ends.
    let window = match data.table("state") {
        Ok(table) => Window::new(table, context.runs())?,
        Err(_) => Window::new(policy, context.runs())?,
    };
    let costs = costs(policy, context, &window)?;
    let accounts = accounts(data, context, &window)?;
    if costs.is_empty() && accounts.is_empty() {
        return Err(Skip::Nothing("no measure costs anything".to_owned()));
    }
    let (start, last) = (window.first_year(), window.last_year());
    let years = (last - start + 1) as usize;
    let yearly = |of: &[f64]| {
        let mut sums = vec![0.0; years];
        for (quarter, value) in of.iter().enumerate() {
            sums[(window.first.plus(quarter as i32).year() - start) as usize] += value;
        }
        sums
    };
    let mut order: Vec<(&(String, String), f64, Vec<f64>)> = costs
        .iter()
        .map(|(key, of)| (key, of.iter().sum(), yearly(of)))
        .collect();
    let size = |of: &[f64]| of.iter().map(|v| v.abs()).sum::<f64>();
    order.sort_by(|a, b| size(&b.2).total_cmp(&size(&a.2)).then(a.0.cmp(b.0)));
    let peak = (0..years)
        .map(|y| order.iter().map(|(.., of)| of[y].max(0.0)).sum::<f64>())
        .fold(0.0, f64::max);
    let (unit, unit_name) = UNITS[usize::from(peak < 0.5 * UNITS[0].0)];
    let total: f64 = order.iter().map(|(_, sum, _)| sum).sum();
    let decimals = |value: f64| if value.abs() < 9.95 * unit { 1 } else { 0 };
    let amount = |value: f64| words::number(value / unit, decimals(value));
    let mut parts: Vec<Part> = Vec::new();
    let mut of_state: BTreeMap<&str, usize> = BTreeMap::new();
    for ((state, measure), sum, values) in order.iter().take(MOST) {
        let earlier = of_state.entry(state).or_default();
        // Measures of one state share its colour; each further one is paler.
        let colour = theme::state(state).on_white([1.0, 0.62, 0.38, 0.22][(*earlier).min(3)]);
        *earlier += 1;
        parts.push(Part {
            name: format!(
                "{state}: {}",
                words::lower_first(&measure_name(data, measure))
            ),
            sum: amount(*sum),
            colour,
            values: values.iter().map(|v| v / unit).collect(),
        });
    }
    if let Some(rest) = order.get(MOST..).filter(|rest| !rest.is_empty()) {
        let values = (0..years).map(|y| rest.iter().map(|(.., of)| of[y]).sum::<f64>() / unit);
        parts.push(Part {
            name: format!("{} more measures", rest.len()),
            sum: amount(rest.iter().map(|(_, sum, _)| sum).sum()),
            colour: theme::state(theme::REST),
            values: values.collect(),
        });
    }
    let most = order.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    let page = Page {
        title: title(data, most.map(|(key, sum, _)| (*key, *sum)), total, (start, last)),
        subtitle: format!(
            "Above: net public cost by state and measure, {unit_name} real 2024 USD a year{}, mean of {}. Below: gains and losses over the whole \
             period, bn USD. Dot: median; thick bar: middle 50%; thin: 90%; open and grey: the bar spans zero",
            context.scenario(),
            words::seeds(window.runs)
        ),
        note: "Below zero: stocks sold or loans repaid. Consumers: surplus lost against the prices of the start, whatever moved prices. Producers \
               (profit) and duties: against four quarters of the start. Rents go to holders of licences and quotas."
            .to_owned(),
        footer: context.footer(window.runs),
    };
    let columns = Columns {
        first: start,
        sums: format!("sum, {unit_name} USD"),
        parts,
    };
    Ok(Figure::flowing("public_cost", &page, |canvas, top| {
        let mut y = top;
        let head = Type::semibold(theme::LABEL, theme::INK);
        if !columns.parts.is_empty() {
            y = columns.draw(canvas, top) + 16.0;
        }
        if let Some(forest) = forest(accounts) {
            canvas.text(
                "Who bears it",
                (theme::MARGIN, y + 6.0),
                Anchor::Start,
                head,
            );
            y = forest.draw(canvas, y + 8.0);
        }
        y
    }))
}

/// Cost of each measure in each quarter of the window, mean over runs.
fn costs(
    policy: &crate::record::table::Table,
    context: &Context,
    whole: &Window,
) -> Result<Measures, Skip> {
    let window = Window::new(policy, context.runs())?;
    let (state, measure) = (policy.text("state")?, policy.text("measure")?);
    let cost = policy.f64("public_cost_usd")?;
    let runs = whole.runs.max(1) as f64;
    let end = whole.quarters as i32 - 1;
    let mut costs = Measures::new();
    let mut at_end: BTreeMap<(usize, &str, &str), usize> = BTreeMap::new();
    for (row, run, quarter) in window.rows() {
        let quarter = quarter as i32 + window.first.since(whole.first);
        let key = (state.get(row), measure.get(row));
        // A row says what was spent since the one before, that is up to the quarter before; the last row of a run is that of its last
        // quarter itself.
        let booked = if quarter < end {
            quarter - 1
        } else {
            let rows = at_end.entry((run, key.0, key.1)).or_default();
            *rows += 1;
            if *rows > 1 { end } else { end - 1 }
        };
        if cost[row].is_finite() && cost[row] != 0.0 {
            let of = costs
                .entry((key.0.to_owned(), key.1.to_owned()))
                .or_insert_with(|| vec![0.0; whole.quarters]);
            of[booked.clamp(0, end) as usize] += cost[row] / runs;
        }
    }
    costs.retain(|_, of| of.iter().map(|v| v.abs()).sum::<f64>() > NOTHING);
    Ok(costs)
}

/// Gains (positive) and losses over the whole period by account, one value a run, bn USD.
fn accounts(
    data: &Data,
    context: &Context,
    whole: &Window,
) -> Result<Vec<(String, Vec<f64>)>, Skip> {
    let focus = data.name("state", &context.focus);
    let mut accounts: Vec<(String, Vec<f64>)> = Vec::new();
    let mut add = |name: String, values: Vec<f64>| {
        if values.iter().any(|v| v.abs() > 1e-4) {
            accounts.push((name, values));
        }
    };
    // Sums over the quarters of each run; `rise` takes off what it would be at the rate of the first year.
    let sums = |paths: &super::paths::Paths, rise: bool, sign: f64| -> Vec<f64> {
        let quarters = paths.quarters();
        let base = paths.mean(paths.first_year());
        (0..paths.runs())
            .map(|run| {
                let sum: f64 = (0..quarters).map(|q| paths.get(run, q)).sum();
                let start = if rise {
                    base[run] * quarters as f64
                } else {
                    0.0
                };
                sign * (sum - start) / 1e9
            })
            .collect()
    };
    if let (Ok(cost), Ok(tax)) = (
        whole.table.f64("public_cost_usd"),
        whole.table.f64("tax_revenue_usd"),
    ) {
        let paths = whole.sum(1, |_| Some(0), |row| cost[row]);
        add("Public accounts".to_owned(), sums(&paths[0], false, -1.0));
        let paths = whole.sum(1, |_| Some(0), |row| tax[row]);
        add("Duties and taxes".to_owned(), sums(&paths[0], true, 1.0));
    }
    if let Ok(table) = data.table("end_use")
        && let Ok(loss) = table.f64("consumer_loss_usd")
    {
        let state = table.text("state")?;
        let window = Window::new(table, context.runs())?;
        let inside = state.code(&context.focus);
        let side = |row: usize| Some(usize::from(Some(state.codes()[row]) != inside));
        let paths = window.sum(2, side, |row| loss[row]);
        add(
            format!("Consumers in {focus}"),
            sums(&paths[0], false, -1.0),
        );
        add(
            "Consumers elsewhere".to_owned(),
            sums(&paths[1], false, -1.0),
        );
    }
    if let Ok(table) = data.table("stage") {
        let (host, profit) = (table.text("host")?, table.f64("profit_usd")?);
        let window = Window::new(table, context.runs())?;
        let inside = host.code(&context.focus);
        let side = |row: usize| Some(usize::from(Some(host.codes()[row]) != inside));
        let paths = window.sum(2, side, |row| profit[row]);
        add(format!("Producers in {focus}"), sums(&paths[0], true, 1.0));
        add("Producers elsewhere".to_owned(), sums(&paths[1], true, 1.0));
    }
    if let Ok(table) = data.table("limit") {
        let rent = table.f64("rent_usd")?;
        let window = Window::new(table, context.runs())?;
        let paths = window.sum(1, |_| Some(0), |row| rent[row]);
        add(
            "Rents of licences, quotas".to_owned(),
            sums(&paths[0], false, 1.0),
        );
    }
    Ok(accounts)
}

/// The accounts as rows, the largest loss above.
fn forest(accounts: Vec<(String, Vec<f64>)>) -> Option<Forest> {
    let mut rows: Vec<(f64, Row)> = Vec::new();
    let mut range = (0.0f64, 0.0f64);
    for (name, values) in accounts {
        let Some(spread) = Spread::of(values) else {
            continue;
        };
        range = (range.0.min(spread.q05), range.1.max(spread.q95));
        let places = words::decimals(spread.q50.abs()).min(2);
        let value = |v: f64| words::signed(v, places);
        rows.push((
            spread.q50,
            Row {
                name,
                marks: Some(Marks {
                    mean: spread.q50,
                    half: (spread.q25, spread.q75),
                    most: (spread.q05, spread.q95),
                }),
                value: value(spread.q50),
                interval: format!("{} to {}", value(spread.q05), value(spread.q95)),
                clear: spread.q05 > 0.0 || spread.q95 < 0.0,
            },
        ));
    }
    rows.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.name.cmp(&b.1.name)));
    if rows.is_empty() {
        return None;
    }
    Some(Forest {
        groups: vec![Group {
            name: String::new(),
            colour: theme::STRATEGIES[1],
            rows: rows.into_iter().map(|(_, row)| row).collect(),
        }],
        range,
        suffix: "",
        zero: "neither",
        directions: ("← loses", "gains →"),
    })
}

/// A sum of money in words: `3.0 billion USD`.
pub fn money(value: f64) -> String {
    let (unit, name) = if value.abs() >= 0.995e9 {
        (1e9, "billion")
    } else {
        (1e6, "million")
    };
    let size = value / unit;
    let decimals = usize::from(size.abs() < 9.95);
    format!("{} {name} USD", words::number(size, decimals))
}

fn title(
    data: &Data,
    most: Option<(&(String, String), f64)>,
    total: f64,
    (start, last): (i32, i32),
) -> String {
    let Some(((state, measure), sum)) = most.filter(|(_, sum)| *sum > 0.0) else {
        return format!(
            "No measure costs the public money {}",
            words::period(start, last)
        );
    };
    let whose = words::of(&words::with_article(&data.name("state", state)));
    let name = words::lower_first(&measure_name(data, measure));
    let spent = money(sum);
    if total <= 0.0 {
        return format!(
            "Sales from stockpiles bring in more than measures cost; the dearest, {whose} {name}, takes {spent}"
        );
    }
    let share = words::percent((sum / total).min(1.0));
    format!(
        "Measures cost the public {} {}; {share} of it goes into {whose} {name}",
        money(total),
        words::period(start, last)
    )
}
