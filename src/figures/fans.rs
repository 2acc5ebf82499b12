//! Fan charts of headline quantities: prices of single commodities, of magnets, and the demand for magnets.

use super::axis::Axis;
use super::data::{Arm, Context, Data, Skip, Window, classify};
use super::kinds::wide::{Panel, Wide};
use super::page::Page;
use super::paths::{Paths, Spread};
use super::plot::{self, Series, Show};
use super::prices;
use super::sheet::Figure;
use super::strips::Events;
use super::theme;
use super::words::{self, Trend};
use crate::domain::graph::Form;
use crate::domain::time::Quarter;

/// What a fan shows, beside its series.
struct Fan<'a> {
    name: &'a str,
    /// What rises or falls, as the subject of the title.
    subject: String,
    /// Measure and unit.
    measure: String,
    /// What a multiple refers to: `price`, `level`.
    level: &'a str,
    first: Quarter,
    quarters: usize,
    runs: usize,
    /// Median and spread of the change, of the strategy in question.
    change: Option<Spread>,
    series: Vec<Series>,
    note: String,
}

/// Price of one commodity inside and outside the focal state, or outside it by strategy.
///
/// # Errors
/// If it has no price.
pub fn price(data: &Data, context: &Context, name: &str, id: &str) -> Result<Figure, Skip> {
    let ids = [id.to_owned()];
    let subject = data.name("commodity", id);
    let subject = subject.split(" (").next().unwrap_or(&subject).to_owned();
    let note = match data.form(id) {
        Form::Metal => "Per kg of oxide equivalent.".to_owned(),
        _ => String::new(),
    };
    prices_fan(data, context, name, &ids, subject, note)
}

/// Mean price of all magnets, weighted by use.
///
/// # Errors
/// If no magnet has a price.
pub fn magnets(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let ids = data.commodities(data.table("market")?.text("commodity")?, Form::Magnet);
    if ids.is_empty() {
        return Err(Skip::Nothing("there is no magnet".to_owned()));
    }
    let note = "Mean of all kinds of magnet, weighted by their use in the quarter.".to_owned();
    prices_fan(
        data,
        context,
        "fan_magnets",
        &ids,
        "Magnets".to_owned(),
        note,
    )
}

fn prices_fan(
    data: &Data,
    context: &Context,
    name: &str,
    ids: &[String],
    subject: String,
    note: String,
) -> Result<Figure, Skip> {
    let table = data.table("market")?;
    let focus = data.name("state", &context.focus);
    let nothing = || Skip::Nothing(format!("{} has no price", words::lower_first(&subject)));
    let mean = |window: &Window, inside: bool| mean_price(window, ids, &context.focus, inside);
    let mut series = Vec::new();
    let mut change = None;
    let mut shown = None;
    let several = context.arms.len() > 1;
    for (index, arm) in context.arms.iter().take(3).enumerate() {
        let window = Window::new(table, &arm.runs)?;
        let outside = mean(&window, false)?;
        change = outside.change_ratio();
        if several {
            series.push(of_arm(arm, index, &outside, context.arms.len()));
        } else {
            let inside = mean(&window, true)?;
            series.push(named(
                Series::new(format!("inside {focus}"), theme::INSIDE, inside.bands())
                    .dashed()
                    .show(Show::Line),
            ));
            series.push(named(Series::new(
                format!("outside {focus}"),
                theme::OUTSIDE,
                outside.bands(),
            )));
        }
        shown.get_or_insert((window.first, window.quarters, window.runs));
    }
    series.retain(|s| s.bands.any());
    let (first, quarters, runs) = shown.ok_or_else(nothing)?;
    let where_ = if several {
        format!("outside {focus}")
    } else {
        format!("outside {focus} (importing states, weighted by use) and inside")
    };
    let fan = Fan {
        name,
        measure: format!("Price {where_}, real 2024 USD per kg without VAT"),
        subject,
        level: "price",
        first,
        quarters,
        runs,
        change,
        series,
        note,
    };
    fan.draw(data, context)
}

/// World demand for magnets before prices, and what is served of it.
///
/// # Errors
/// If the table `end_use` has no magnets.
pub fn magnet_demand(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let table = data.table("end_use")?;
    let commodity = table.text("commodity")?;
    let is_magnet = classify(commodity, |id| (data.form(id) == Form::Magnet).then_some(0));
    let mut series = Vec::new();
    let mut change = None;
    let mut shown = None;
    for (index, arm) in context.arms.iter().take(3).enumerate() {
        let window = Window::new(table, &arm.runs)?;
        let class = |row: usize| is_magnet[commodity.codes()[row] as usize];
        let yearly = |column: &str| -> Result<Paths, Skip> {
            let values = table.f64(column)?;
            Ok(window.sum(1, class, |row| values[row])[0]
                .map(|t| if t > 0.0 { t * 4.0 / 1e3 } else { f64::NAN }))
        };
        let demand = yearly("demand_t")?;
        change = demand.change_ratio();
        if context.arms.len() > 1 {
            series.push(of_arm(arm, index, &demand, context.arms.len()));
        } else {
            let served = yearly("served_t")?;
            series.push(named(Series::new(
                "wanted",
                theme::STRATEGIES[1],
                demand.bands(),
            )));
            series.push(named(
                Series::new("served", theme::STRATEGIES[0], served.bands())
                    .dashed()
                    .show(Show::Line),
            ));
        }
        shown.get_or_insert((window.first, window.quarters, window.runs));
    }
    series.retain(|s| s.bands.any());
    let (first, quarters, runs) =
        shown.ok_or_else(|| Skip::Nothing("there is no run".to_owned()))?;
    let fan = Fan {
        name: "fan_magnet_demand",
        subject: "World demand for magnets".to_owned(),
        measure: "Finished magnets wanted at the prices of the start, thousand t a year".to_owned(),
        level: "level",
        first,
        quarters,
        runs,
        change,
        series,
        note: if context.arms.len() > 1 {
            String::new()
        } else {
            "Served: bought and used at the prices of each quarter.".to_owned()
        },
    };
    fan.draw(data, context)
}

/// Span between the lowest and the highest price from which a fan has a log scale.
const LOG_FROM: f64 = 6.0;

impl Fan<'_> {
    fn draw(self, data: &Data, context: &Context) -> Result<Figure, Skip> {
        let subject = &self.subject;
        let (low, high) = plot::range(&self.series).ok_or_else(|| {
            Skip::Nothing(format!("{} has no values", words::lower_first(subject)))
        })?;
        let (start, last) = (
            self.first.year(),
            self.first.plus(self.quarters as i32 - 1).year(),
        );
        let arm = context
            .arms
            .iter()
            .take(3)
            .next_back()
            .map_or("", |arm| arm.name.as_str());
        let under = if context.arms.len() > 1 {
            format!(" under ‘{arm}’")
        } else {
            String::new()
        };
        let title = match &self.change {
            Some(change) if self.quarters > 4 => self.say(change, &under, start, last),
            _ => format!("{subject}{under} in {last}"),
        };
        // Prices that move by factors are drawn on a log scale, and it is said.
        let factors = self.level == "price" && low > 0.0 && high > LOG_FROM * low;
        let scale = if factors { " Log scale." } else { "" };
        let page = Page {
            title,
            subtitle: format!(
                "{}{}.{scale} {}. At right: median and 90% interval of the last quarter",
                self.measure,
                context.scenario_only(),
                words::bands(self.runs)
            ),
            note: self.note.clone(),
            footer: context.footer(self.runs),
        };
        let events = Events::read(data, context, self.first, self.quarters);
        let panel = Panel {
            name: String::new(),
            axis: if factors {
                Axis::log(low, high)
            } else {
                Axis::linear(0.0, high, 5)
            },
            series: self.series,
        };
        let figure = Wide {
            first: self.first,
            quarters: self.quarters,
            panels: vec![panel],
            suffix: "",
            rule: None,
            events,
        };
        Ok(Figure::fixed(self.name, &page, |canvas, top, bottom| {
            figure.draw(canvas, top, bottom)
        }))
    }

    fn say(&self, change: &Spread, under: &str, start: i32, last: i32) -> String {
        let (subject, level) = (&self.subject, self.level);
        let times = words::factor(change.q50);
        // The subject of a sentence about magnets is plural.
        let plural = subject.ends_with('s') && !subject.contains(" for ");
        let verb = |one: &str, many: &str| {
            if plural {
                many.to_owned()
            } else {
                one.to_owned()
            }
        };
        let its = if plural { "their" } else { "its" };
        match Trend::of_ratio(change) {
            Trend::Up => format!(
                "{subject}{under} {} to {times} times {its} {start} {level} by {last}",
                verb("rises", "rise")
            ),
            Trend::Down => format!(
                "{subject}{under} {} to {times} times {its} {start} {level} by {last}",
                verb("falls", "fall")
            ),
            Trend::Flat => format!(
                "{subject}{under} {} near {its} {start} {level} to {last}",
                verb("stays", "stay")
            ),
            Trend::Unclear => format!(
                "{subject}{under} {} no clear trend: {} times {its} {start} {level} by {last} in 90% of seeds",
                verb("shows", "show"),
                words::factors(change.q05, change.q95)
            ),
        }
    }
}

/// Mean price over several commodities, weighted by use.
fn mean_price(window: &Window, ids: &[String], focus: &str, inside: bool) -> Result<Paths, Skip> {
    if let [_] = ids {
        let sides = prices::sides(window, ids, focus)?;
        let one = sides
            .into_iter()
            .next()
            .ok_or_else(|| Skip::Nothing(format!("`{}` has no price", ids[0])))?;
        return Ok(if inside { one.inside } else { one.outside });
    }
    let table = window.table;
    let (state, commodity) = (table.text("state")?, table.text("commodity")?);
    let (price, used) = (table.f64("price_usd_per_kg")?, table.f64("use_t")?);
    let wanted = classify(commodity, |word| {
        ids.iter().any(|id| id == word).then_some(0)
    });
    let focus = state.code(focus);
    let class = |row: usize| {
        wanted[commodity.codes()[row] as usize]
            .filter(|_| (Some(state.codes()[row]) == focus) == inside)
    };
    let weight = |row: usize| {
        if price[row].is_finite() {
            used[row]
        } else {
            0.0
        }
    };
    let worth = window.sum(1, class, |row| weight(row) * price[row]);
    Ok(worth[0].over(&window.sum(1, class, weight)[0]))
}

/// The fan of one of several strategies: the reference grey and dashed; from three on only the 50% band.
fn of_arm(arm: &Arm, index: usize, paths: &Paths, arms: usize) -> Series {
    let colour = theme::STRATEGIES[index % theme::STRATEGIES.len()];
    let series = Series::new(&arm.name, colour, paths.bands()).show(if arms > 2 {
        Show::Inner
    } else {
        Show::Both
    });
    named(if index == 0 { series.dashed() } else { series })
}

/// The series with median and interval as the second line of its label.
fn named(mut series: Series) -> Series {
    series.second = series
        .last()
        .map_or(String::new(), |last| words::interval(&last));
    series
}
