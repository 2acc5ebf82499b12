//! Output of each stage by the state that hosts it.

use super::data::{Context, Data, Skip, Window, classify};
use super::kinds::stacked::{Layer, Stacked};
use super::page::Page;
use super::paths::{Paths, Spread};
use super::sheet::Figure;
use super::strips::Events;
use super::theme;
use super::words::{self, Trend};
use crate::domain::graph::Form;
use crate::record::table::Text;

/// Most states that get a layer of their own.
const MOST: usize = 8;
/// Share of the whole period below which a state is added to the rest of the world.
const SMALL: f64 = 0.005;

/// What a stacked figure says.
struct Words<'a> {
    /// Name of the figure.
    name: &'a str,
    /// `mines {} of the world’s rare earths`, with the share in place of the braces.
    verb: &'a str,
    /// Measure and unit.
    measure: &'a str,
    /// Note below the figure.
    note: &'a str,
}

/// Mine output by host.
///
/// # Errors
/// If the table `stage` has no mine output.
pub fn mine(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let words = Words {
        name: "output_mine",
        verb: "mines {} of the world’s rare earths",
        measure: "Mine output by host state, thousand t REO a year",
        note: "",
    };
    stage(data, context, "mine", &words)
}

/// Separation by host, all rare earths.
///
/// # Errors
/// If the table `stage` has no output of separation.
pub fn separation(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let words = Words {
        name: "output_separation",
        verb: "separates {} of the world’s rare earths",
        measure: "Rare earths separated by host state, thousand t REO a year",
        note: "",
    };
    stage(data, context, "separation", &words)
}

/// Metal making by host.
///
/// # Errors
/// If the table `stage` has no output of metal.
pub fn metal(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let words = Words {
        name: "output_metal",
        verb: "makes {} of the world’s rare-earth metal",
        measure: "Rare-earth metal and alloy by host state, thousand t REO-equivalent a year",
        note: "",
    };
    stage(data, context, "metal", &words)
}

/// Magnet making by host.
///
/// # Errors
/// If the table `stage` has no output of magnets.
pub fn magnet(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let words = Words {
        name: "output_magnet",
        verb: "makes {} of the world’s rare-earth magnets",
        measure: "Finished magnets by host state, thousand t a year",
        note: "",
    };
    stage(data, context, "magnet", &words)
}

/// Output of the oxide of the leading element group of magnets, by state.
///
/// # Errors
/// If the table `market` has no oxide of the group.
pub fn separation_ndpr(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let window = Window::new(data.table("market")?, context.runs())?;
    let commodity = window.table.text("commodity")?;
    let production = window.table.f64("production_t")?;
    let wanted = |id: &str| {
        data.form(id) == Form::Oxide && data.group("commodity", id) == theme::ELEMENTS[1].0
    };
    let class = classify(commodity, |id| wanted(id).then_some(0));
    let words = Words {
        name: "output_separation_ndpr",
        verb: "separates {} of the world’s Nd-Pr oxide",
        measure: "Separated Nd-Pr oxide by host state, thousand t REO a year",
        note: "",
    };
    let state = window.table.text("state")?;
    by_state(
        data,
        context,
        &window,
        state,
        |row| class[commodity.codes()[row] as usize].map(|_| production[row]),
        &words,
    )
}

fn stage(data: &Data, context: &Context, id: &str, words: &Words) -> Result<Figure, Skip> {
    let window = Window::new(data.table("stage")?, context.runs())?;
    let (stage, host) = (window.table.text("stage")?, window.table.text("host")?);
    let production = window.table.f64("production_t")?;
    let wanted = stage.code(id);
    let amount = |row: usize| (Some(stage.codes()[row]) == wanted).then(|| production[row]);
    by_state(data, context, &window, host, amount, words)
}

/// Stacked areas of an amount by state: yearly rates, medians over runs.
fn by_state(
    data: &Data,
    context: &Context,
    window: &Window,
    state: &Text,
    amount: impl Fn(usize) -> Option<f64>,
    say: &Words,
) -> Result<Figure, Skip> {
    let count = state.words().len();
    let class = |row: usize| amount(row).map(|_| state.codes()[row] as usize);
    let paths: Vec<Paths> = window
        .sum(count, class, |row| amount(row).unwrap_or(0.0))
        .into_iter()
        .map(|p| p.map(|t| t * 4.0 / 1e3))
        .collect();
    let total = Paths::total(&paths).filter(|t| t.bands().q50.iter().any(|v| *v > 0.0));
    let total =
        total.ok_or_else(|| Skip::Nothing(format!("nothing is recorded for `{}`", say.name)))?;
    let layers = layers(data, state, &paths, &total);
    let (start, last) = (window.first_year(), window.last_year());
    let focus = state
        .code(&context.focus)
        .map(|code| paths[code as usize].over(&total));
    let name = data.name("state", &context.focus);
    let title = match focus
        .as_ref()
        .and_then(|share| Some((share.at_start()?, share.at_end()?, share.change()?)))
    {
        Some((from, to, change)) => {
            say_share(&name, say.verb, (&from, &to, &change), (start, last))
        }
        None => format!(
            "{} in {last}",
            say.measure.split(',').next().unwrap_or(say.measure)
        ),
    };
    let world = total.at_end().map_or(String::new(), |t| {
        format!(" World in {last}: {}.", words::interval(&t))
    });
    let page = Page {
        title,
        subtitle: format!(
            "{}{}. Median of {}, shares scaled to the median total.{world} At right: share in {last}",
            say.measure,
            context.scenario(),
            words::seeds(window.runs)
        ),
        note: say.note.to_owned(),
        footer: context.footer(window.runs),
    };
    let figure = Stacked {
        first: window.first,
        quarters: window.quarters,
        layers,
        events: Events::read(data, context, window.first, window.quarters),
    };
    Ok(Figure::fixed(say.name, &page, |canvas, top, bottom| {
        figure.draw(canvas, top, bottom)
    }))
}

/// `China still mines 60% ..., down from 70%`, as far as the spread of the change over runs lets one say.
#[must_use]
pub fn say_share(
    name: &str,
    verb: &str,
    (from, to, change): (&Spread, &Spread, &Spread),
    (start, last): (i32, i32),
) -> String {
    let does = |adverb: &str| {
        format!(
            "{name}{adverb} {} in {last}",
            verb.replace("{}", &words::percent(to.q50))
        )
    };
    let then = words::percent(from.q50);
    if start == last {
        return does("");
    }
    match Trend::of_difference(change, 0.015) {
        Trend::Up => format!("{}, up from {then} in {start}", does("")),
        Trend::Down if to.q50 >= 0.5 => format!("{}, down from {then} in {start}", does(" still")),
        Trend::Down => format!("{}, down from {then} in {start}", does("")),
        Trend::Flat => format!("{}, much as in {start} ({then})", does("")),
        Trend::Unclear => format!(
            "{}, against {then} in {start}; 90% of seeds lie between {} and {}",
            does(""),
            words::percent(to.q05),
            words::percent(to.q95)
        ),
    }
}

/// Layers by state, the largest of the last year at the bottom, the rest of the world on top; shares of the medians, scaled to
/// the median total.
fn layers(data: &Data, state: &Text, paths: &[Paths], total: &Paths) -> Vec<Layer> {
    let medians: Vec<Vec<f64>> = paths.iter().map(|p| p.bands().q50).collect();
    let sum: f64 = medians.iter().flatten().sum();
    let weight = |values: &Vec<f64>| values.iter().sum::<f64>() / sum;
    let mut order: Vec<usize> = (0..paths.len())
        .filter(|i| weight(&medians[*i]) > 0.0)
        .collect();
    order.sort_by(|a, b| {
        weight(&medians[*b])
            .total_cmp(&weight(&medians[*a]))
            .then(state.words()[*a].cmp(&state.words()[*b]))
    });
    let large = order
        .iter()
        .filter(|i| weight(&medians[**i]) >= SMALL)
        .map(|i| state.words()[*i].as_str());
    let named = theme::distinct(large, MOST);
    let own: Vec<usize> = order
        .iter()
        .copied()
        .filter(|i| named.contains(&state.words()[*i].as_str()))
        .collect();
    let target = total.bands().q50;
    let quarters = target.len();
    let all: Vec<f64> = (0..quarters)
        .map(|q| medians.iter().map(|m| m[q]).sum())
        .collect();
    let scale = |values: &[f64]| -> Vec<f64> {
        (0..quarters)
            .map(|q| {
                if all[q] > 0.0 {
                    values[q] * target[q] / all[q]
                } else {
                    0.0
                }
            })
            .collect()
    };
    let tail = |values: &[f64]| values[quarters.saturating_sub(4)..].iter().sum::<f64>();
    let mut layers: Vec<Layer> = own
        .iter()
        .map(|i| Layer {
            name: data.name("state", &state.words()[*i]),
            colour: theme::state(&state.words()[*i]),
            values: scale(&medians[*i]),
        })
        .collect();
    layers.sort_by(|a, b| tail(&b.values).total_cmp(&tail(&a.values)));
    let rest: Vec<f64> = (0..quarters)
        .map(|q| {
            order
                .iter()
                .filter(|i| !own.contains(i))
                .map(|i| medians[*i][q])
                .sum()
        })
        .collect();
    if rest.iter().any(|v| *v > 0.0) {
        layers.push(Layer {
            name: "Rest of world".to_owned(),
            colour: theme::state(theme::REST),
            values: scale(&rest),
        });
    }
    layers
}
