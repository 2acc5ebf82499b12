//! `run`: a scenario or an experiment into a result directory.

use super::{
    Failure,
    args::Run,
    draw,
    input::Input,
    interrupt,
    join::Joining,
    merge::{NOTE, Note},
    progress::Bar,
    terminal,
};
use crate::{
    config::Set,
    experiment::{
        open::RESOLVED,
        plan::Planned,
        runner::{self, Progress, Settings, Stopped},
        seeds::Seeds,
        simulate::Simulator,
    },
    record::{
        manifest::{Manifest, program_hash},
        write::{self, Found, Identity, ResultDir},
    },
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
    time::Instant,
};

pub fn run(args: &Run) -> Result<(), Failure> {
    compute(args, true)
}

/// Runs what a verb works on, without the summary: where the results are, and the failure of some runs. `None` if it was only tried.
pub fn first(args: &Run) -> Result<Option<(PathBuf, Option<Failure>)>, Failure> {
    match compute(args, false) {
        Ok(()) if args.dry_run => Ok(None),
        Ok(()) => Ok(Some((args.directory(), None))),
        Err(failed @ Failure::Runs { .. }) if !args.dry_run => {
            Ok(Some((args.directory(), Some(failed))))
        }
        Err(other) => Err(other),
    }
}

fn compute(args: &Run, tell: bool) -> Result<(), Failure> {
    let started = Instant::now();
    let mut sets = args.changes.sets.clone();
    if let Some(seeds) = args
        .seeds
        .as_ref()
        .filter(|seeds| **seeds == Seeds::first(seeds.len() as u32))
    {
        sets.push(Set {
            path: "seeds".to_owned(),
            value: seeds.len().to_string(),
        }); // so that resolved.ron says so
    }
    let input = Input::load(&args.file, &sets)?;
    let mut plan = input.plan(seeds(args, input.seeds)?);
    if let Some(runs) = &args.runs {
        let only = plan.only(runs.iter().copied());
        plan = only.map_err(|error| Failure::Usage(format!("--run: {error}")))?;
    }
    if let Some(shard) = args.shard {
        plan = plan.shard(shard.number, shard.of);
    }
    let root = args.directory();
    let job = Job {
        args,
        joining: Joining {
            input: &input,
            plan: &plan,
            root: &root,
            voice: &args.voice,
            tell,
            started,
        },
    };
    if args.dry_run {
        job.estimate()
    } else {
        job.compute()
    }
}

/// One command and what it works on.
struct Job<'a> {
    args: &'a Run,
    joining: Joining<'a>,
}

impl Job<'_> {
    fn identity(&self) -> Result<Identity, Failure> {
        let runs = self.args.runs.as_ref().map(|runs| {
            let runs = runs.iter().map(ToString::to_string);
            runs.collect::<Vec<_>>().join(",")
        });
        Ok(Identity {
            configuration: blake3::hash(self.joining.input.resolved.as_bytes())
                .to_hex()
                .to_string(),
            seeds: self.joining.plan.seeds.to_string(),
            program: program()?,
            runs,
        })
    }

    fn compute(&self) -> Result<(), Failure> {
        let (root, plan) = (self.joining.root, self.joining.plan);
        let identity = self.identity()?;
        let found = write::look(root, &identity).map_err(|error| Failure::at(root, error))?;
        if found == Found::Damaged && !self.args.force {
            return Err(Failure::Io(format!(
                "{}: cut short or no manifest of this program; --force computes the results again",
                root.join(Manifest::FILE).display()
            )));
        }
        if found == Found::Finished && !self.args.force {
            let manifest = draw::manifest(root)?;
            draw::intact(root, &manifest)?;
            self.joining.remark(&format!(
                "{} holds these results already; --force computes them again",
                root.display()
            ));
            return self.joining.report(&manifest);
        }
        let dir = ResultDir::take(root, &identity, self.args.force)?;
        let inputs = inputs(&self.joining.input.files)?;
        if let Some(shard) = self.args.shard {
            let note = Note {
                shard: shard.to_string(),
                seeds: plan.seeds.iter().collect(),
                inputs: inputs.clone(),
            };
            let write = |name: &str, content: &[u8]| {
                let path = root.join(name);
                write::bytes(&path, content).map_err(|error| Failure::at(&path, error))
            };
            let note = serde_json::to_vec_pretty(&note)
                .map_err(|error| Failure::at(&root.join(NOTE), error))?;
            write(NOTE, &note)?;
            write(RESOLVED, self.joining.input.resolved.as_bytes())?;
        }
        let bar = Bar::new(plan.len(), self.args.voice.quiet);
        let ended = self.simulate(&dir, &bar)?;
        match self.args.shard {
            None => self.joining.finish(dir, identity, inputs, &bar),
            Some(_) => {
                bar.clear();
                self.report_shard(ended)
            }
        }
    }

    fn report_shard(&self, ended: Progress) -> Result<(), Failure> {
        let root = self.joining.root.display();
        let shard = self
            .args
            .shard
            .map_or_else(String::new, |shard| shard.to_string());
        if self.args.voice.json {
            terminal::say_json(&serde_json::json!({
                "directory": root.to_string(), "shard": shard, "runs": ended.all, "failed": ended.failed,
            }))?;
        } else {
            terminal::say(&format!(
                "{root}\nshard {shard}: {} runs done, {} failed; when all shards are: monazite merge DIR.. -o DIR",
                ended.all, ended.failed
            ))?;
        }
        if ended.failed > 0 {
            return Err(Failure::Runs {
                failed: ended.failed,
                all: ended.all,
            });
        }
        Ok(())
    }

    fn simulate(&self, dir: &ResultDir, bar: &Bar) -> Result<Progress, Failure> {
        let stop = interrupt::flag()?;
        errors_instead_of_signals()?;
        let plan = self.joining.plan;
        let simulator = self.joining.input.simulator(plan);
        let keep = self.joining.keep();
        let settings = Settings {
            jobs: self.args.jobs.map_or(0, usize::from),
            parts: &dir.parts(),
            wanted: &|planned, table| keep.keeps(planned, table),
            stop: &stop,
            progress: &|progress| bar.show(progress),
        };
        let run = runner::run(plan, &settings, &|planned| simulate(&simulator, planned));
        run.map_err(|stopped| {
            bar.clear();
            match stopped {
                Stopped::Interrupted(_) => Failure::Interrupted(stopped.to_string()),
                other => Failure::Io(format!(
                    "{}: {other}; the runs done so far are kept, the same command goes on from there",
                    self.joining.root.display()
                )),
            }
        })
    }

    /// Computes a few runs and scales them up.
    fn estimate(&self) -> Result<(), Failure> {
        /// Runs that are tried.
        const TRIED: usize = 4;
        let (plan, root) = (self.joining.plan, self.joining.root);
        let folder = tempfile::tempdir()
            .map_err(|error| Failure::Io(format!("cannot make a temporary directory: {error}")))?;
        let tried = TRIED.min(plan.arms.len()).min(plan.len());
        let positions = (0..tried).map(|i| i * plan.len() / tried);
        let tried: Vec<Planned> = positions
            .filter_map(|position| plan.get(position))
            .collect();
        let first = plan.clone().only(tried.iter().map(|planned| planned.run));
        let first = first.map_err(|error| Failure::Usage(error.to_string()))?;
        let (stop, started) = (AtomicBool::new(false), Instant::now());
        let simulator = self.joining.input.simulator(plan);
        let keep = self.joining.keep();
        let settings = Settings {
            jobs: 1,
            parts: folder.path(),
            wanted: &|_, table| keep.has(table),
            stop: &stop,
            progress: &|_| (),
        };
        let ended = runner::run(&first, &settings, &|planned| simulate(&simulator, planned));
        let ended = ended.map_err(|stopped| Failure::Io(stopped.to_string()))?;
        let seconds = started.elapsed().as_secs_f64();
        let failures: Vec<String> = first
            .runs()
            .filter_map(|planned| {
                let ended = crate::experiment::part::intact(folder.path(), planned.run)?;
                let reason = ended.failure?;
                let arm = &plan.arms[planned.arm];
                Some(format!(
                    "run {} ({arm}, seed {}) fails: {reason}",
                    planned.run, planned.seed
                ))
            })
            .collect();
        let done = ended.all - ended.failed;
        if done == 0 {
            return Err(Failure::Usage(format!(
                "no estimate: every run that was tried failed\n{}",
                failures.join("\n")
            )));
        }
        let jobs = self.args.jobs.map_or_else(
            || std::thread::available_parallelism().map_or(1, usize::from),
            usize::from,
        );
        let kept = plan
            .runs()
            .filter(|planned| keep.keeps(planned, "market") || keep.keeps(planned, "solver"))
            .count();
        let seconds = seconds / ended.all as f64 * plan.len() as f64 / jobs.min(plan.len()) as f64;
        let bytes = folder_size(folder.path()) as f64 / done as f64 * kept as f64;
        if self.args.voice.json {
            return terminal::say_json(&serde_json::json!({
                "runs": plan.len(), "arms": plan.arms, "points": plan.points.len(), "seeds": plan.seeds.to_string(),
                "directory": root.display().to_string(), "seconds": seconds, "bytes": bytes,
                "failures": failures,
            }));
        }
        for failure in &failures {
            self.joining.remark(failure);
        }
        if let Some(words) = keep.words() {
            self.joining.remark(&words);
        }
        let (arms, points) = (plan.arms.len(), plan.points.len());
        let of = |count: usize, one: &str, many: &str| {
            format!("{count} {}", if count == 1 { one } else { many })
        };
        let points = if points > 1 {
            format!(" x {}", of(points, "point", "points"))
        } else {
            String::new()
        };
        let shard = self
            .args
            .shard
            .map_or_else(String::new, |shard| format!(", shard {shard}"));
        terminal::say(&format!(
            "{} runs ({}{points} x seeds {}{shard}) into {}\nabout {} at {jobs} at a time, and figures; about {} of tables",
            plan.len(),
            of(arms, "arm", "arms"),
            plan.seeds,
            root.display(),
            duration(seconds),
            terminal::size(bytes as u64),
        ))
    }
}

fn simulate(
    simulator: &Simulator<'_>,
    planned: &Planned,
) -> Result<crate::record::RunRecord, String> {
    simulator.run_at(planned.arm, planned.point, planned.seed)
}

/// A length of time for people.
fn duration(seconds: f64) -> String {
    match seconds {
        ..100.0 => format!("{} s", terminal::number(seconds)),
        ..6_000.0 => format!("{} min", terminal::number(seconds / 60.0)),
        _ => format!("{} h", terminal::number(seconds / 3_600.0)),
    }
}

/// A file that grows past a limit of its size is to be an error, as a full disk is, not the end of the program.
#[cfg(unix)]
fn errors_instead_of_signals() -> Result<(), Failure> {
    let seen = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, seen)
        .map(|_| ())
        .map_err(|error| Failure::Io(format!("cannot listen to signals: {error}")))
}

#[cfg(not(unix))]
fn errors_instead_of_signals() -> Result<(), Failure> {
    Ok(())
}

fn folder_size(folder: &Path) -> u64 {
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    let mut size = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .filter_map(Result::ok)
        {
            match entry.metadata() {
                Ok(data) if data.is_dir() => folders.push(entry.path()),
                Ok(data) => size += data.len(),
                Err(_) => {}
            }
        }
    }
    size
}

/// The seeds that the command line asks for; else so many.
pub(super) fn seeds(args: &Run, otherwise: u32) -> Result<Seeds, Failure> {
    match (&args.seeds, args.seed) {
        (Some(seeds), _) => Ok(seeds.clone()),
        (None, Some(seed)) => {
            Seeds::list([seed]).map_err(|error| Failure::Usage(error.to_string()))
        }
        (None, None) => Ok(Seeds::first(otherwise)),
    }
}

/// Hash of this program.
pub(super) fn program() -> Result<String, Failure> {
    program_hash().map_err(|error| Failure::Io(format!("cannot read the program: {error}")))
}

/// Hash of each input file, by its path.
pub(super) fn inputs(files: &[PathBuf]) -> Result<BTreeMap<String, String>, Failure> {
    let hashed = files.iter().map(|path| {
        let hash = write::hash_file(path).map_err(|error| Failure::at(path, error))?;
        Ok((from_here(path).display().to_string(), hash))
    });
    hashed.collect()
}

/// A path as seen from the working directory, if it lies below it.
fn from_here(path: &Path) -> &Path {
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    here.ok()
        .and_then(|here| path.strip_prefix(here).ok())
        .unwrap_or(path)
}
