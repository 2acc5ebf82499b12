//! `run`: a scenario or an experiment into a result directory.

use super::{Failure, args::Run, draw, input::Input, labels, progress::Bar, summary, terminal};
use crate::{
    config::Set,
    experiment::{
        plan::Plan,
        results,
        runner::{self, Settings, Stopped},
        seeds::Seeds,
    },
    record::{
        manifest::{Counts, Manifest, program_hash},
        table::Table,
        write::{self, Found, Identity, Refused, ResultDir},
    },
};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

pub fn run(args: &Run) -> Result<(), Failure> {
    compute(args, true)
}

/// [`run`] without the summary, for verbs that tell something else of the results.
pub fn silently(args: &Run) -> Result<(), Failure> {
    compute(args, false)
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
    let seeds = match (&args.seeds, args.seed) {
        (Some(seeds), _) => seeds.clone(),
        (None, Some(seed)) => {
            Seeds::list([seed]).map_err(|error| Failure::Usage(error.to_string()))?
        }
        (None, None) => Seeds::first(input.seeds),
    };
    let plan = input.plan(seeds);
    let root = args
        .output
        .clone()
        .unwrap_or_else(|| Path::new("output").join(&input.stem));
    let job = Job {
        args,
        input: &input,
        plan: &plan,
        root: &root,
        started,
        tell,
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
    input: &'a Input,
    plan: &'a Plan,
    root: &'a Path,
    started: Instant,
    /// Whether the summary is told.
    tell: bool,
}

impl Job<'_> {
    fn wanted(&self) -> impl Fn(&str) -> bool + Sync + use<'_> {
        |table| self.input.keeps(table)
    }

    fn identity(&self) -> Result<Identity, Failure> {
        Ok(Identity {
            configuration: blake3::hash(self.input.resolved.as_bytes())
                .to_hex()
                .to_string(),
            seeds: self.plan.seeds.to_string(),
            program: program_hash()
                .map_err(|error| Failure::Io(format!("cannot read the program: {error}")))?,
        })
    }

    fn compute(&self) -> Result<(), Failure> {
        let identity = self.identity()?;
        let found =
            write::look(self.root, &identity).map_err(|error| Failure::at(self.root, error))?;
        if found == Found::Finished && !self.args.force {
            self.remark(&format!(
                "{} holds these results already; --force computes them again",
                self.root.display()
            ));
            let manifest = draw::manifest(self.root)?;
            return self.report(&manifest);
        }
        let mut dir = ResultDir::take(self.root, &identity, self.args.force).map_err(
            |refused| match refused {
                Refused::Holds { .. } => Failure::Usage(refused.to_string()),
                Refused::Io { .. } => Failure::Io(refused.to_string()),
            },
        )?;
        let bar = Bar::new(self.plan.len(), self.args.voice.quiet);
        let ended = self.simulate(&dir, &bar)?;

        let io = |error: &dyn std::fmt::Display| Failure::at(self.root, error);
        bar.phase("tables");
        let names = labels::names(&self.plan.arms, &self.input.base).map_err(|error| io(&error))?;
        let extra: [(Table, Vec<_>); 1] = [(names, labels::entries().collect())];
        write::bytes(&dir.file("resolved.ron"), self.input.resolved.as_bytes())
            .map_err(|error| io(&error))?;
        results::write(&mut dir, self.plan, &ended, &self.wanted(), &extra)
            .map_err(|error| io(&error))?;
        self.write_reconciliation(&mut dir)?;
        bar.phase("figures");
        for figure in draw::draw(
            self.root,
            &identity,
            self.input.reference.as_deref(),
            &[],
            self.args.voice.verbose,
        )? {
            let (png, svg) = draw::files(&figure.name);
            write::bytes(&dir.file(&png), &figure.png).map_err(|error| io(&error))?;
            write::bytes(&dir.file(&svg), figure.svg.as_bytes()).map_err(|error| io(&error))?;
        }
        let mut manifest = Manifest::new(identity);
        for path in &self.input.files {
            let hash = write::hash_file(path).map_err(|error| Failure::at(path, error))?;
            manifest
                .inputs
                .insert(from_here(path).display().to_string(), hash);
        }
        let failed = ended.iter().filter(|ended| ended.failure.is_some()).count();
        manifest.runs = Counts {
            all: ended.len(),
            failed,
        };
        manifest.reference.clone_from(&self.input.reference);
        manifest.seconds = self.started.elapsed().as_secs_f64();
        dir.finish(&mut manifest).map_err(|error| io(&error))?;
        bar.clear();
        for (planned, ended) in self.plan.runs().zip(&ended) {
            if let Some(reason) = &ended.failure {
                self.remark(&format!(
                    "run {} ({}, seed {}) failed: {reason}",
                    planned.run, self.plan.arms[planned.arm], planned.seed
                ));
            }
        }
        self.report(&manifest)?;
        if failed > 0 {
            Err(Failure::Runs {
                failed,
                all: ended.len(),
            })
        } else {
            Ok(())
        }
    }

    /// What the builder moved within its range so that the start closes, for the first seed.
    fn write_reconciliation(&self, dir: &mut write::ResultDir) -> Result<(), Failure> {
        let Some(seed) = self.plan.get(0).map(|run| run.seed) else {
            return Ok(());
        };
        // A start that cannot be settled has failed its runs already, and says so there.
        let Ok(moved) = crate::experiment::simulate::reconciliation(&self.input.base, seed) else {
            return Ok(());
        };
        let mut text = String::from("what,before,after,low,high,unit,reason\n");
        for one in moved {
            if self.args.voice.verbose {
                eprintln!(
                    "moved {}: {:.6} to {:.6} {}",
                    one.what, one.before, one.after, one.unit
                );
            }
            text.push_str(&format!(
                "\"{}\",{},{},{},{},{},\"{}\"\n",
                one.what, one.before, one.after, one.low, one.high, one.unit, one.reason
            ));
        }
        write::bytes(&dir.file("reconciliation.csv"), text.as_bytes())
            .map_err(|error| Failure::at(self.root, error))
    }

    fn simulate(
        &self,
        dir: &ResultDir,
        bar: &Bar,
    ) -> Result<Vec<crate::experiment::part::Ended>, Failure> {
        let stop = Arc::new(AtomicBool::new(false));
        let handler = Arc::clone(&stop);
        let second_time = move || {
            if handler.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
        };
        ctrlc::set_handler(second_time)
            .map_err(|error| Failure::Io(format!("cannot listen to Ctrl-C: {error}")))?;
        let simulator = self.input.simulator(self.plan);
        let settings = Settings {
            jobs: self.args.jobs.map_or(0, usize::from),
            parts: &dir.parts(),
            wanted: &self.wanted(),
            stop: &stop,
            progress: &|progress| bar.show(progress),
        };
        let run = runner::run(self.plan, &settings, &|planned| {
            simulator.run_at(planned.arm, planned.point, planned.seed)
        });
        run.map_err(|stopped| {
            bar.clear();
            match stopped {
                Stopped::Interrupted(_) => Failure::Interrupted(stopped.to_string()),
                other => Failure::at(self.root, other),
            }
        })
    }

    /// Computes the first run of each arm and scales it up.
    fn estimate(&self) -> Result<(), Failure> {
        let folder = tempfile::tempdir()
            .map_err(|error| Failure::Io(format!("cannot make a temporary directory: {error}")))?;
        let first = Plan::new(self.plan.arms.clone(), Seeds::first(1));
        let (stop, started) = (AtomicBool::new(false), Instant::now());
        let simulator = self.input.simulator(self.plan);
        let settings = Settings {
            jobs: 1,
            parts: folder.path(),
            wanted: &self.wanted(),
            stop: &stop,
            progress: &|_| (),
        };
        let ended = runner::run(&first, &settings, &|planned| {
            simulator.run_at(planned.arm, planned.point, planned.seed)
        });
        ended.map_err(|stopped| Failure::Io(stopped.to_string()))?;
        let jobs = self.args.jobs.map_or_else(
            || std::thread::available_parallelism().map_or(1, usize::from),
            usize::from,
        );
        let scale = self.plan.seeds.len() as f64;
        let seconds = started.elapsed().as_secs_f64() * scale / jobs as f64;
        let bytes = folder_size(folder.path()) as f64 * scale;
        if self.args.voice.json {
            return terminal::say_json(&serde_json::json!({
                "runs": self.plan.len(), "arms": self.plan.arms, "seeds": self.plan.seeds.to_string(),
                "directory": self.root.display().to_string(), "seconds": seconds, "bytes": bytes,
            }));
        }
        let arms = self.plan.arms.len();
        terminal::say(&format!(
            "{} runs ({arms} {} x seeds {}) into {}\nabout {} s at {jobs} at a time, and figures; about {} of tables",
            self.plan.len(),
            if arms == 1 { "arm" } else { "arms" },
            self.plan.seeds,
            self.root.display(),
            terminal::number(seconds),
            terminal::size(bytes as u64),
        ))
    }

    fn remark(&self, text: &str) {
        if !self.args.voice.quiet {
            terminal::remark(text);
        }
    }

    fn report(&self, manifest: &Manifest) -> Result<(), Failure> {
        if !self.tell {
            return Ok(());
        }
        if self.args.voice.json {
            return terminal::say_json(&summary::json(self.root, manifest)?);
        }
        let text = if self.args.voice.quiet {
            self.root.display().to_string()
        } else {
            summary::text(self.root, manifest)?
        };
        terminal::say(&text)
    }
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

/// A path as seen from the working directory, if it lies below it.
fn from_here(path: &Path) -> &Path {
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    here.ok()
        .and_then(|here| path.strip_prefix(here).ok())
        .unwrap_or(path)
}
