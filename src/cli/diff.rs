//! `diff`: what differs between two scenarios, in words.

use super::{Failure, args::Diff, input, terminal};
use crate::config::{
    self, Loaded,
    diff::{Difference, Topic},
};
use serde_json::json;
use std::path::Path;

/// Differences of one table or parameter list that are written out; `--json` has all.
const MOST: usize = 20;

pub fn diff(args: &Diff) -> Result<(), Failure> {
    let load = |path: &Path| -> Result<Loaded, Failure> {
        config::load(path, &[]).map_err(|report| input::refusal(path, &report))
    };
    let (first, second) = (load(&args.first)?, load(&args.second)?);
    let Some(differences) = config::diff::diff(&first, &second) else {
        return Err(Failure::Usage(
            "diff compares two scenarios, or two strategies".to_owned(),
        ));
    };
    let names = [&args.first, &args.second].map(|path| path.display().to_string());
    if args.voice.json {
        return terminal::say_json(
            &json!({ "first": names[0], "second": names[1], "differences": differences }),
        );
    }
    if differences.is_empty() {
        return terminal::say("no difference: both resolve to the same");
    }
    if !args.voice.quiet {
        terminal::say(&format!("from {} to {}", names[0], names[1]))?;
    }
    let mut rest = differences.as_slice();
    while let Some(first) = rest.first() {
        let count = rest.iter().take_while(|d| d.topic == first.topic).count();
        let (these, others) = rest.split_at(count);
        terminal::say(&section(first.topic, these))?;
        rest = others;
    }
    Ok(())
}

fn section(topic: Topic, differences: &[Difference]) -> String {
    let mut text = format!("{}\n", topic.heading());
    let mut rest = differences;
    while let Some(first) = rest.first() {
        let group = group_of(first);
        let count = rest.iter().take_while(|d| group_of(d) == group).count();
        let (these, others) = rest.split_at(count);
        for difference in these.iter().take(MOST) {
            text += &format!("  {}\n", difference.text);
        }
        if count > MOST {
            text += &format!("  and {} more in {group}; --json has all\n", count - MOST);
        }
        rest = others;
    }
    text
}

/// The table or list of parameters.
fn group_of(difference: &Difference) -> &str {
    difference.path.split('.').next().unwrap_or("")
}
