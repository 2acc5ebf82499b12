//! `merge`: the shards of an experiment joined to the bytes of the whole.

use super::{Failure, args::Merge, draw, input::Input, join::Joining, progress::Bar};
use crate::{
    experiment::{part, plan::Plan, seeds::Seeds},
    record::write::{self, Found, Identity, ResultDir},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    time::Instant,
};

/// Name of the note in the directory of a shard.
pub const NOTE: &str = "shard.json";

/// What a shard says of itself.
#[derive(Debug, Serialize, Deserialize)]
pub struct Note {
    /// Which shard, such as `2/4`.
    pub shard: String,
    /// All seeds of the whole.
    pub seeds: Vec<u32>,
    /// Hash of each file that was read.
    pub inputs: BTreeMap<String, String>,
}

/// The directory of a shard, read.
struct Shard {
    root: PathBuf,
    identity: Identity,
    note: Note,
    resolved: String,
}

pub fn merge(args: &Merge) -> Result<(), Failure> {
    let started = Instant::now();
    let shards = args
        .dirs
        .iter()
        .map(|dir| read(dir))
        .collect::<Result<Vec<_>, _>>()?;
    let Some(first) = shards.first() else {
        return Err(Failure::Usage(
            "name the directories of the shards".to_owned(),
        ));
    };
    for other in &shards[1..] {
        if other.identity != first.identity {
            let what = if other.identity.configuration != first.identity.configuration {
                "another configuration"
            } else if other.identity.seeds != first.identity.seeds {
                "other seeds"
            } else {
                "another build of the program"
            };
            return Err(Failure::Usage(format!(
                "{} and {} are no shards of one whole: {what}",
                first.root.display(),
                other.root.display()
            )));
        }
    }
    let mut input = Input::load(&first.root.join("resolved.ron"), &[])?;
    input.resolved.clone_from(&first.resolved);
    let seeds = Seeds::list(first.note.seeds.iter().copied());
    let plan = input.plan(seeds.map_err(|error| Failure::Io(error.to_string()))?);
    let root = &args.output;
    let joining = Joining {
        input: &input,
        plan: &plan,
        root,
        voice: &args.voice,
        tell: true,
        started,
    };
    let found = write::look(root, &first.identity).map_err(|error| Failure::at(root, error))?;
    if found == Found::Finished && !args.force {
        let manifest = draw::manifest(root)?;
        if draw::intact(root, &manifest).is_ok() {
            joining.remark(&format!("{} holds these results already", root.display()));
            return joining.report(&manifest);
        }
    }
    missing(&shards, &plan, root)?;
    let dir = ResultDir::take(root, &first.identity, args.force || found == Found::Damaged)?;
    let bar = Bar::new(plan.len(), args.voice.quiet);
    bar.phase("joining");
    for planned in plan.runs() {
        if part::intact(&dir.parts(), planned.run).is_some() {
            continue;
        }
        let from = holder(&shards, planned.run).map(|shard| ResultDir::parts_of(&shard.root));
        let from = part::path(&from.unwrap_or_default(), planned.run);
        take(&from, &part::path(&dir.parts(), planned.run))
            .map_err(|error| Failure::at(&from, error))?;
    }
    let identity = first.identity.clone();
    joining.finish(dir, identity, first.note.inputs.clone(), &bar)
}

fn read(root: &Path) -> Result<Shard, Failure> {
    let file = |name: &str| {
        let path = root.join(name);
        fs::read_to_string(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Failure::Io(format!(
                "{} is no shard: it has no {name}; `monazite run FILE --shard K/N -o DIR` writes one",
                root.display()
            )),
            _ => Failure::at(&path, error),
        })
    };
    let (note, resolved) = (file(NOTE)?, file("resolved.ron")?);
    let note = serde_json::from_str(&note).map_err(|error| Failure::at(&root.join(NOTE), error))?;
    let identity = ResultDir::identity_of(root).map_err(|error| {
        Failure::Io(format!(
            "{} is no shard: it has no runs ({error})",
            root.display()
        ))
    })?;
    let hash = blake3::hash(resolved.as_bytes()).to_hex().to_string();
    if hash != identity.configuration {
        return Err(Failure::Io(format!(
            "{}: changed since the shard was run",
            root.join("resolved.ron").display()
        )));
    }
    Ok(Shard {
        root: root.to_owned(),
        identity,
        note,
        resolved,
    })
}

/// The shard that has a run; one in which it was completed rather than one in which it failed.
fn holder(shards: &[Shard], run: u32) -> Option<&Shard> {
    let ended = |shard: &&Shard| part::intact(&ResultDir::parts_of(&shard.root), run);
    let done = |shard: &&Shard| ended(shard).is_some_and(|ended| ended.failure.is_none());
    let failed = |shard: &&Shard| ended(shard).is_some();
    shards
        .iter()
        .find(done)
        .or_else(|| shards.iter().find(failed))
}

/// Refuses if a run is in no shard, saying which shards would repair it.
fn missing(shards: &[Shard], plan: &Plan, root: &Path) -> Result<(), Failure> {
    let here = ResultDir::parts_of(root);
    let lost: Vec<u32> = plan
        .runs()
        .map(|planned| planned.run)
        .filter(|&run| holder(shards, run).is_none() && part::intact(&here, run).is_none())
        .collect();
    let Some(first) = lost.first() else {
        return Ok(());
    };
    let counts = shards
        .iter()
        .filter_map(|shard| shard.note.shard.split_once('/')?.1.parse::<u32>().ok());
    let of = counts.max().unwrap_or(1).max(1);
    let numbers: std::collections::BTreeSet<u32> = lost.iter().map(|run| run % of + 1).collect();
    let again: Vec<String> = numbers
        .iter()
        .map(|number| {
            let name = format!("{number}/{of}");
            let known = shards.iter().find(|shard| shard.note.shard == name);
            let place = known.map_or_else(
                || "DIR".to_owned(),
                |shard| shard.root.display().to_string(),
            );
            format!("--shard {name} -o {place}")
        })
        .collect();
    Err(Failure::Io(format!(
        "{} of {} runs are in none of the shards, or damaged there (the first is run {first}); run again with {}",
        lost.len(),
        plan.len(),
        again.join(", and with ")
    )))
}

/// Takes a run over: by a second name where the file system can, else by a copy.
fn take(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    match fs::remove_file(to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::hard_link(from, to).or_else(|_| fs::copy(from, to).map(|_| ()))
}
