//! Policies and shocks over a plot: shading in the plane, and named strips above it.

use super::axis::TimeAxis;
use super::canvas::{Anchor, Canvas, Type};
use super::data::{Context, Data, Skip, Window};
use super::paths::Spread;
use super::{theme, words};
use crate::domain::time::Quarter;
use std::collections::{BTreeMap, BTreeSet};

/// A measure in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strip {
    /// State and measure.
    pub name: String,
    /// When it was in force, in order: more than once where a rule brought it back.
    pub turns: Vec<Turn>,
}

/// One time for which a measure was in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// Quarter in which it became known.
    pub announced: Quarter,
    /// First quarter in force.
    pub from: Quarter,
    /// First quarter not in force; `None`: to the end.
    pub until: Option<Quarter>,
}

/// A shock in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// What happened.
    pub name: String,
    /// First quarter.
    pub at: Quarter,
}

/// Policies and shocks to show over a plot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Events {
    /// Measures.
    pub strips: Vec<Strip>,
    /// Shocks.
    pub marks: Vec<Mark>,
    /// How many measures were left out for want of room.
    pub left_out: usize,
}

/// Height of a row of strips, px.
const ROW: f64 = 21.0;
/// Most measures named over one plot.
const MOST: usize = 6;

impl Events {
    /// Measures that begin or end while the model runs, and shocks, in the runs of the first strategy.
    ///
    /// What differs between runs is shown at its median quarter if at least half of the runs have it. Measures in force from first
    /// to last quarter mark no change and are left out.
    #[must_use]
    pub fn read(data: &Data, context: &Context, first: Quarter, quarters: usize) -> Self {
        let mut events = Self::default();
        // Both tables are optional: without them nothing is marked.
        if let Ok(strips) = strips(data, context, first, quarters) {
            events.strips = strips;
        }
        if let Ok(marks) = marks(data, context) {
            events.marks = marks;
        }
        events.left_out = events.strips.len().saturating_sub(MOST);
        events.strips.truncate(MOST);
        events
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.strips.is_empty() && self.marks.is_empty()
    }

    /// Rows of strips that are needed above a plot.
    #[must_use]
    pub fn height(&self, time: &TimeAxis) -> f64 {
        let (places, rows) = self.arrange(time);
        if places.is_empty() {
            0.0
        } else {
            ROW * rows as f64
        }
    }

    /// Shading and hatch in the plane; to be drawn before all else.
    pub fn shade(&self, canvas: &mut Canvas, time: &TimeAxis, top: f64, bottom: f64) {
        for turn in self.strips.iter().flat_map(|strip| &strip.turns) {
            let (announced, from, until) = Self::ends(*turn, time);
            canvas.hatch((announced, top), (from, bottom), theme::HATCH);
            if until > from {
                canvas.rect(
                    (from, top),
                    (until, bottom),
                    theme::POLICY,
                    theme::POLICY_OPACITY,
                );
            }
        }
    }

    /// Strips and marks with their names, ending at `bottom`, the upper edge of the plane.
    pub fn draw(&self, canvas: &mut Canvas, time: &TimeAxis, bottom: f64) {
        let face = Type::regular(theme::TICK, theme::SOFT_INK);
        let (places, _) = self.arrange(time);
        for (strip, (row, text_at)) in self.strips.iter().zip(&places) {
            let y = bottom - 3.0 - ROW * *row as f64;
            for turn in &strip.turns {
                let (announced, from, until) = Self::ends(*turn, time);
                if from > announced {
                    canvas.frame(
                        (announced + 0.4, y - 3.1),
                        (from, y - 0.4),
                        0.8,
                        theme::AXIS,
                    );
                }
                canvas.rect(
                    (from, y - 3.5),
                    (until.max(from + 1.5), y),
                    theme::AXIS,
                    1.0,
                );
            }
            canvas.text(&strip.name, (*text_at, y - 7.2), Anchor::Start, face);
        }
        for (mark, (row, text_at)) in self.marks.iter().zip(places.iter().skip(self.strips.len())) {
            let x = time.x_of(mark.at);
            let y = bottom - 2.0 - ROW * *row as f64;
            canvas.area(
                &[(x - 4.5, y - 8.0), (x + 4.5, y - 8.0), (x, y)],
                theme::INK,
                1.0,
            );
            canvas.text(&mark.name, (*text_at, y), Anchor::Start, face);
        }
    }

    fn ends(turn: Turn, time: &TimeAxis) -> (f64, f64, f64) {
        let until = turn.until.map_or(time.right, |quarter| time.x_of(quarter));
        (time.x_of(turn.announced), time.x_of(turn.from), until)
    }

    /// Row of each strip and mark (from the plot upwards, first fit), where its name begins, and the number of rows.
    fn arrange(&self, time: &TimeAxis) -> (Vec<(usize, f64)>, usize) {
        let face = Type::regular(theme::TICK, theme::SOFT_INK);
        let mut rows: Vec<Vec<(f64, f64)>> = Vec::new();
        let mut places = Vec::new();
        let limit = theme::WIDTH - theme::MARGIN;
        let strips = self.strips.iter().map(|strip| {
            let ends = strip.turns.iter().map(|turn| Self::ends(*turn, time));
            let (announced, until) = ends.fold((f64::INFINITY, 0.0f64), |(a, b), (x, _, y)| {
                (a.min(x), b.max(y))
            });
            let width = face.width(&strip.name);
            let text = announced.min(limit - width).max(theme::MARGIN);
            (text.min(announced), until.max(text + width), text)
        });
        let marks = self.marks.iter().map(|mark| {
            let (x, width) = (time.x_of(mark.at), face.width(&mark.name));
            let right = x + 8.0 + width <= limit;
            if right {
                (x - 5.0, x + 8.0 + width, x + 8.0)
            } else {
                (x - 8.0 - width, x + 5.0, x - 8.0 - width)
            }
        });
        for (from, to, text) in strips.chain(marks) {
            let free =
                |row: &Vec<(f64, f64)>| row.iter().all(|(a, b)| to + 8.0 < *a || from > *b + 8.0);
            let row = rows.iter().position(free).unwrap_or(rows.len());
            if row == rows.len() {
                rows.push(Vec::new());
            }
            rows[row].push((from, to));
            places.push((row, text));
        }
        (places, rows.len())
    }
}

/// Quarters of each kind of event, over runs.
type Moments = BTreeMap<&'static str, Vec<f64>>;

fn strips(
    data: &Data,
    context: &Context,
    first: Quarter,
    quarters: usize,
) -> Result<Vec<Strip>, Skip> {
    let window = Window::new(data.table("policy")?, context.runs())?;
    let (state, measure) = (window.table.text("state")?, window.table.text("measure")?);
    let event = window.table.text("event")?;
    // Turns of a measure are counted by run: it is over once it has been lifted.
    let mut moments: BTreeMap<(&str, &str), Vec<Moments>> = BTreeMap::new();
    let mut turns: BTreeMap<(usize, &str, &str), (usize, BTreeSet<&str>)> = BTreeMap::new();
    for (row, run, quarter) in window.rows() {
        let kind = match event.get(row) {
            "announced" => "announced",
            "effective" => "effective",
            "lifted" => "lifted",
            _ => continue,
        };
        let (turn, seen) = turns
            .entry((run, state.get(row), measure.get(row)))
            .or_default();
        // Later rows of a measure in force, or of one that has been lifted, only say what it cost.
        if (kind == "lifted" && seen.is_empty()) || !seen.insert(kind) {
            continue;
        }
        let of_measure = moments
            .entry((state.get(row), measure.get(row)))
            .or_default();
        if of_measure.len() <= *turn {
            of_measure.push(Moments::new());
        }
        let of_turn = &mut of_measure[*turn];
        of_turn.entry(kind).or_default().push(quarter as f64);
        if kind == "lifted" {
            *turn += 1;
            seen.clear();
        }
    }
    let median = |of: &Moments, kind: &str| {
        let values = of.get(kind).filter(|v| v.len() * 2 >= window.runs)?;
        Spread::of(values.iter().copied()).map(|s| window.first.plus(s.q50.round() as i32))
    };
    let end = first.plus(quarters as i32);
    let mut strips = Vec::new();
    for ((state, measure), of_measure) in &moments {
        let turns: Vec<Turn> = of_measure
            .iter()
            .filter_map(|of| {
                let from = median(of, "effective")?;
                let until = median(of, "lifted").filter(|until| *until > from && *until < end);
                let announced = median(of, "announced").unwrap_or(from).min(from);
                let changes = from > first || until.is_some();
                changes.then_some(Turn {
                    announced,
                    from,
                    until,
                })
            })
            .collect();
        if turns.is_empty() {
            continue;
        }
        let name = format!(
            "{}: {}",
            data.name("state", state),
            words::lower_first(&measure_name(data, measure))
        );
        strips.push(Strip { name, turns });
    }
    strips.sort_by(|a, b| (a.turns[0].announced, &a.name).cmp(&(b.turns[0].announced, &b.name)));
    Ok(strips)
}

fn marks(data: &Data, context: &Context) -> Result<Vec<Mark>, Skip> {
    let window = Window::new(data.table("shock")?, context.runs())?;
    let (shock, event) = (window.table.text("shock")?, window.table.text("event")?);
    let mut starts: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (row, _, quarter) in window
        .rows()
        .filter(|(row, ..)| event.get(*row) == "starts")
    {
        starts
            .entry(shock.get(row))
            .or_default()
            .push(quarter as f64);
    }
    let common = starts
        .into_iter()
        .filter(|(_, quarters)| quarters.len() * 2 >= window.runs);
    let mut marks: Vec<Mark> = common
        .filter_map(|(id, quarters)| {
            let at = Spread::of(quarters)?.q50.round() as i32;
            Some(Mark {
                name: data.name("shock", id),
                at: window.first.plus(at),
            })
        })
        .collect();
    marks.sort_by(|a, b| (a.at, &a.name).cmp(&(b.at, &b.name)));
    marks.truncate(MOST);
    Ok(marks)
}

/// Name of a measure; without one its id, less the state that stands before the colon.
pub(super) fn measure_name(data: &Data, id: &str) -> String {
    let plain = id.rsplit_once(':').map_or(id, |(_, plain)| plain);
    if data.knows("measure", id) {
        data.name("measure", id)
    } else {
        data.name("measure", plain)
    }
}
