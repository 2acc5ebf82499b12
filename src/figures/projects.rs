//! The pipeline: when projects start, how late they are, when they deliver, which fail.

use super::data::{Context, Data, Skip, Window};
use super::kinds::timeline::{Row, Timeline};
use super::page::Page;
use super::paths::Spread;
use super::sheet::Figure;
use super::{theme, words};
use crate::domain::time::Quarter;
use std::collections::BTreeMap;

/// Most projects shown.
const MOST: usize = 30;

/// What happened to one project, over runs.
#[derive(Debug, Default)]
struct Story {
    host: String,
    stage: String,
    capacity: f64,
    started: Vec<f64>,
    delayed: BTreeMap<usize, f64>,
    commissioned: BTreeMap<usize, f64>,
    ended: BTreeMap<usize, f64>,
}

/// Timeline of the projects of the pipeline.
///
/// # Errors
/// If the table `project` has none that starts or delivers.
pub fn pipeline(data: &Data, context: &Context) -> Result<Figure, Skip> {
    let window = Window::new(data.table("project")?, context.runs())?;
    let (first, quarters) = span(data, context).unwrap_or((window.first, window.quarters));
    let stories = read(&window)?;
    let known = stories.keys().any(|id| data.knows("project", id));
    let mut chosen: Vec<(&str, &Story)> = stories
        .iter()
        .filter(|(id, _)| !known || data.knows("project", id))
        .map(|(id, story)| (id.as_str(), story))
        .filter(|(_, s)| {
            let runs = s
                .commissioned
                .len()
                .max(s.started.len())
                .max(s.delayed.len());
            runs * 2 >= window.runs
        })
        .collect();
    let all = chosen.len();
    if chosen.is_empty() {
        return Err(Skip::Nothing(
            "no project starts or delivers in at least half of the runs".to_owned(),
        ));
    }
    chosen.sort_by(|a, b| b.1.capacity.total_cmp(&a.1.capacity).then(a.0.cmp(b.0)));
    chosen.truncate(MOST);
    let time = |quarter: f64| window.first.plus(quarter.round() as i32);
    let median = |values: &[f64]| Spread::of(values.iter().copied()).map(|s| time(s.q50));
    let most = |of: &BTreeMap<usize, f64>| -> Option<Spread> {
        (of.len() * 2 >= window.runs)
            .then(|| Spread::of(of.values().copied()))
            .flatten()
    };
    let row = |(id, story): &(&str, &Story)| {
        let delivered = most(&story.commissioned);
        let place = if story.host.is_empty() {
            String::new()
        } else {
            format!(", {}", story.host)
        };
        Row {
            name: shorten(&format!("{}{place}", data.name("project", id))),
            colour: theme::stage(&story.stage),
            started: median(&story.started),
            delayed: most(&story.delayed).map(|s| time(s.q50)),
            commissioned: delivered.map(|s| time(s.q50)),
            between: delivered.map(|s| (time(s.q05), time(s.q95))),
            ended: most(&story.ended).map(|s| time(s.q50)),
            note: format!("{} of {}", story.commissioned.len(), window.runs),
        }
    };
    let groups: Vec<(String, Vec<Row>)> = theme::STAGES
        .iter()
        .map(|(id, name, _)| {
            let mut rows: Vec<Row> = chosen
                .iter()
                .filter(|(_, s)| s.stage == *id)
                .map(row)
                .collect();
            rows.sort_by_key(|r| {
                (
                    r.commissioned.is_none(),
                    r.commissioned,
                    r.started,
                    r.name.clone(),
                )
            });
            ((*name).to_owned(), rows)
        })
        .filter(|(_, rows)| !rows.is_empty())
        .collect();
    let last = first.plus(quarters as i32 - 1).year();
    let delivered = chosen
        .iter()
        .filter(|(_, s)| s.commissioned.len() * 2 >= window.runs)
        .count();
    let late = chosen
        .iter()
        .filter(|(_, s)| s.delayed.len() * 2 >= window.runs)
        .count();
    let ended = chosen
        .iter()
        .filter(|(_, s)| s.ended.len() * 2 >= window.runs)
        .count();
    let verb = |count: usize, one: &str, many: &str| {
        format!("{count} {}", if count == 1 { one } else { many })
    };
    let mut title = format!(
        "{} of {} projects {} by {last} in most seeds",
        delivered,
        chosen.len(),
        if delivered == 1 {
            "delivers"
        } else {
            "deliver"
        }
    );
    let more: Vec<String> = [
        (late, "runs late", "run late"),
        (ended, "closes or fails", "close or fail"),
    ]
    .into_iter()
    .filter(|(count, ..)| *count > 0)
    .map(|(count, one, many)| verb(count, one, many))
    .collect();
    if !more.is_empty() {
        title.push_str(&format!("; {}", words::list(&more)));
    }
    let page = Page {
        title,
        subtitle: format!(
            "Projects by stage: median quarter over {} of start, delay and first output{}",
            words::seeds(window.runs),
            context.scenario()
        ),
        note: if all > chosen.len() {
            format!(
                "The {} largest of {all} projects by capacity. At right: seeds in which the project delivers.",
                chosen.len()
            )
        } else {
            "At right: seeds in which the project delivers.".to_owned()
        },
        footer: context.footer(window.runs),
    };
    let figure = Timeline {
        first,
        quarters,
        groups,
        note_head: "delivers in".to_owned(),
    };
    Ok(Figure::flowing("projects", &page, |canvas, top| {
        figure.draw(canvas, top)
    }))
}

/// Quarters of the whole result, from a table that has a row in each.
fn span(data: &Data, context: &Context) -> Option<(Quarter, usize)> {
    let tables = ["solver", "state", "stage", "market"]
        .into_iter()
        .filter_map(|name| data.table(name).ok());
    tables
        .filter_map(|table| Window::new(table, context.runs()).ok())
        .map(|w| (w.first, w.quarters))
        .next()
}

/// The events of each project.
fn read(window: &Window) -> Result<BTreeMap<String, Story>, Skip> {
    let table = window.table;
    let (project, host, stage) = (
        table.text("project")?,
        table.text("host")?,
        table.text("stage")?,
    );
    let (event, capacity) = (table.text("event")?, table.f64("capacity_t")?);
    let mut stories: BTreeMap<String, Story> = BTreeMap::new();
    for (row, run, quarter) in window.rows() {
        let story = stories.entry(project.get(row).to_owned()).or_default();
        story.host = host.get(row).to_owned();
        story.stage = stage.get(row).to_owned();
        if capacity[row].is_finite() {
            story.capacity = story.capacity.max(capacity[row]);
        }
        let at = quarter as f64;
        match event.get(row) {
            "started" => story.started.push(at),
            "delayed" => {
                story.delayed.entry(run).or_insert(at);
            }
            "commissioned" => {
                story.commissioned.entry(run).or_insert(at);
            }
            "mothballed" | "closed" | "bankrupt" => {
                story.ended.insert(run, at);
            }
            "reopened" => {
                story.ended.remove(&run);
            }
            _ => {}
        }
    }
    Ok(stories)
}

/// The name, cut at a word if it is too long for its column.
fn shorten(name: &str) -> String {
    const LONGEST: usize = 40;
    if name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    let (what, place) = name.rsplit_once(", ").unwrap_or((name, ""));
    let room = LONGEST.saturating_sub(place.chars().count() + 3);
    let cut: String = what.chars().take(room).collect();
    let cut = cut
        .rsplit_once(' ')
        .map_or(cut.as_str(), |(words, _)| words)
        .trim_end_matches([',', ';', ' ']);
    if place.is_empty() {
        format!("{cut}…")
    } else {
        format!("{cut}…, {place}")
    }
}
