//! From runs on disk to a finished result directory: what `run` and `merge` do when all runs are there.

use super::{Failure, args::Voice, draw, input::Input, labels, progress::Bar, summary, terminal};
use crate::{
    experiment::{
        keep::Keep,
        plan::{Plan, Planned},
        results,
        seeds::Seeds,
    },
    record::{
        manifest::{Counts, Manifest},
        table::Table,
        write::{self, Identity, ResultDir},
    },
};
use std::{collections::BTreeMap, path::Path, time::Instant};

/// A command and what it works on.
pub struct Joining<'a> {
    pub input: &'a Input,
    pub plan: &'a Plan,
    pub root: &'a Path,
    pub voice: &'a Voice,
    /// Whether the summary is told.
    pub tell: bool,
    pub started: Instant,
}

impl Joining<'_> {
    /// Joins the runs that lie in a directory, draws, and writes the manifest; `inputs` are the hashes of the files that were read.
    pub fn finish(
        &self,
        mut dir: ResultDir,
        identity: Identity,
        inputs: BTreeMap<String, String>,
        bar: &Bar,
    ) -> Result<(), Failure> {
        let io = |error: &dyn std::fmt::Display| Failure::at(self.root, error);
        bar.phase("tables");
        let keep = self.keep();
        let names = labels::names(&self.plan.arms, &self.input.base).map_err(|error| io(&error))?;
        let extra: [(Table, Vec<_>); 1] = [(names, labels::entries().collect())];
        write::bytes(&dir.file("resolved.ron"), self.input.resolved.as_bytes())
            .map_err(|error| io(&error))?;
        let failed = results::write(
            &mut dir,
            self.plan,
            &|table| keep.has(table),
            &|planned| self.repeat(planned),
            &extra,
        )
        .map_err(|error| io(&error))?;
        self.write_reconciliation(&mut dir)?;
        bar.phase("figures");
        for figure in draw::draw(
            self.root,
            &identity,
            self.input.reference.as_deref(),
            &[],
            self.voice.verbose,
        )? {
            let (png, svg) = draw::files(&figure.name);
            write::bytes(&dir.file(&png), &figure.png).map_err(|error| io(&error))?;
            write::bytes(&dir.file(&svg), figure.svg.as_bytes()).map_err(|error| io(&error))?;
        }
        let mut manifest = Manifest::new(identity);
        manifest.inputs = inputs;
        manifest.runs = Counts {
            all: self.plan.len(),
            failed: failed.len(),
        };
        manifest.reference.clone_from(&self.input.reference);
        manifest.seconds = self.started.elapsed().as_secs_f64();
        dir.finish(&mut manifest).map_err(|error| io(&error))?;
        bar.clear();
        if let Some(words) = keep.words() {
            self.remark(&words);
        }
        const SHOWN: usize = 10;
        for failed in failed.iter().take(SHOWN) {
            let planned = &failed.planned;
            self.remark(&format!(
                "run {} ({}, point {}, seed {}) failed: {}\n  again, in {}: {}",
                planned.run,
                self.plan.arms[planned.arm],
                planned.point,
                planned.seed,
                failed.reason,
                self.root.display(),
                self.repeat(planned)
            ));
        }
        if failed.len() > SHOWN {
            let more = failed.len() - SHOWN;
            self.remark(&format!("and {more} more; runs.parquet says which and why"));
        }
        self.report(&manifest)
    }

    /// Which tables of which runs are kept.
    pub fn keep(&self) -> Keep {
        Keep::new(&self.input.record, self.plan)
    }

    /// The command that repeats a run, within the result directory.
    fn repeat(&self, planned: &Planned) -> String {
        let seeds = &self.plan.seeds;
        let seeds = match (seeds.len(), seeds.get(0)) {
            _ if *seeds == Seeds::first(self.input.seeds) => String::new(),
            (1, Some(seed)) => format!(" --seed {seed}"),
            _ => format!(" --seeds {seeds}"),
        };
        let run = planned.run;
        format!("monazite run resolved.ron{seeds} --run {run} -o run_{run}")
    }

    /// What the builder moved within its range so that the start closes, for the first seed.
    fn write_reconciliation(&self, dir: &mut ResultDir) -> Result<(), Failure> {
        let Some(seed) = self.plan.seeds.get(0) else {
            return Ok(());
        };
        // A start that cannot be settled has failed its runs already, and says so there.
        let Ok(moved) = crate::experiment::simulate::reconciliation(&self.input.base, seed) else {
            return Ok(());
        };
        let mut text = String::from("what,before,after,low,high,unit,reason\n");
        for one in moved {
            if self.voice.verbose {
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

    /// A remark, unless none are wanted.
    pub fn remark(&self, text: &str) {
        if !self.voice.quiet {
            terminal::remark(text);
        }
    }

    /// Says what a finished directory holds; runs that failed make the exit code.
    pub fn report(&self, manifest: &Manifest) -> Result<(), Failure> {
        if !self.tell {
            // Another verb tells something else of the results.
        } else if self.voice.json {
            terminal::say_json(&summary::json(self.root, manifest)?)?;
        } else if self.voice.quiet {
            terminal::say(&self.root.display().to_string())?;
        } else {
            terminal::say(&summary::text(self.root, manifest)?)?;
        }
        match manifest.runs {
            Counts { failed: 0, .. } => Ok(()),
            Counts { all, failed } => Err(Failure::Runs { failed, all }),
        }
    }
}
