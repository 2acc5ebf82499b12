//! Runs in parallel, each on one thread; what a run computes does not depend on the others or on the number of threads.

use super::{
    part,
    plan::{Plan, Planned},
};
use crate::record::{RunRecord, parquet::ParquetFault};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

/// How far a command has come; told after each run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Runs ended, those kept from before included.
    pub ended: usize,
    /// Of these, runs that failed.
    pub failed: usize,
    /// All runs.
    pub all: usize,
}

/// Why a command ended before all runs had.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The user asked for it; the runs ended so far are kept.
    #[error("interrupted after {} of {} runs", .0.ended, .0.all)]
    Interrupted(Progress),
    /// A run could not be kept.
    #[error("cannot keep a run: {0}")]
    Keep(#[from] ParquetFault),
    /// No threads.
    #[error("cannot start threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// What a command needs besides its plan.
pub struct Settings<'a> {
    /// Threads; 0: one per processor.
    pub jobs: usize,
    /// Where finished runs are kept.
    pub parts: &'a Path,
    /// Which tables of a run are kept.
    pub wanted: &'a (dyn Fn(&Planned, &str) -> bool + Sync),
    /// Set from outside to stop between runs.
    pub stop: &'a AtomicBool,
    /// Told after each run, from any thread.
    pub progress: &'a (dyn Fn(Progress) + Sync),
}

/// Runs every run of a plan that is not there yet. `simulate` computes one; its failure is kept and the others go on. Runs start in
/// the order of the plan, one after the other from all threads. What is kept lies on disk, so that memory does not grow with the plan.
///
/// # Errors
/// If it was interrupted or a run could not be written.
pub fn run<E: std::fmt::Display>(
    plan: &Plan,
    settings: &Settings<'_>,
    simulate: &(dyn Fn(&Planned) -> Result<RunRecord, E> + Sync),
) -> Result<Progress, Stopped> {
    let next = AtomicUsize::new(0);
    let so_far = Mutex::new(Progress {
        ended: 0,
        failed: 0,
        all: plan.len(),
    });
    let fault = Mutex::new(None);
    let work = || {
        while !settings.stop.load(Ordering::Relaxed) && lock(&fault).is_none() {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(planned) = plan.get(index) else {
                return;
            };
            match one(&planned, settings, simulate) {
                Ok(done) => {
                    let mut progress = lock(&so_far);
                    progress.ended += 1;
                    progress.failed += usize::from(!done);
                    (settings.progress)(*progress);
                }
                Err(error) => *lock(&fault) = Some(error),
            }
        }
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(settings.jobs)
        .build()?;
    pool.broadcast(|_| work());

    if let Some(error) = fault.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error.into());
    }
    let progress = *lock(&so_far);
    if progress.ended < progress.all {
        return Err(Stopped::Interrupted(progress));
    }
    Ok(progress)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One run: kept from before, or computed now. Whether it was completed; one that failed before is tried again.
fn one<E: std::fmt::Display>(
    planned: &Planned,
    settings: &Settings<'_>,
    simulate: &(dyn Fn(&Planned) -> Result<RunRecord, E> + Sync),
) -> Result<bool, ParquetFault> {
    if part::intact(settings.parts, planned.run).is_some_and(|ended| ended.failure.is_none()) {
        return Ok(true);
    }
    let reason = match catch_unwind(AssertUnwindSafe(|| simulate(planned))) {
        Ok(Ok(record)) => {
            let wanted = |table: &str| (settings.wanted)(planned, table);
            part::write(settings.parts, planned, &record, wanted)?;
            return Ok(true);
        }
        Ok(Err(reason)) => reason.to_string(),
        Err(panic) => {
            let text = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied());
            format!("an error of the program: {}", text.unwrap_or("no message"))
        }
    };
    part::write_failure(settings.parts, planned, &reason)?;
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::time::Quarter, experiment::seeds::Seeds, record::row::SolverRow};

    fn fake(planned: &Planned) -> Result<RunRecord, String> {
        if planned.seed == 3 {
            return Err("2024Q2: the books do not close".to_owned());
        }
        let mut record = RunRecord::default();
        let quarter = Quarter::new(2024, 1).expect("a quarter");
        record.rows.solver.push(SolverRow {
            quarter,
            iterations: planned.seed,
            residual: 0.0,
            fallbacks: 0,
        });
        Ok(record)
    }

    fn run_all(parts: &Path, jobs: usize, stop_after: usize) -> Result<Progress, Stopped> {
        let stop = AtomicBool::new(false);
        let plan = Plan::new(vec!["a".into(), "b".into()], Seeds::first(5));
        let progress = |progress: Progress| {
            if progress.ended >= stop_after {
                stop.store(true, Ordering::Relaxed);
            }
        };
        run(
            &plan,
            &Settings {
                jobs,
                parts,
                wanted: &|_, _| true,
                stop: &stop,
                progress: &progress,
            },
            &fake,
        )
    }

    #[test]
    fn one_failure_does_not_stop_the_others_and_threads_do_not_matter() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let ended = run_all(one.path(), 1, 99).unwrap();
        assert_eq!((ended.ended, ended.failed), (10, 2));
        assert_eq!(ended, run_all(two.path(), 2, 99).unwrap());
        let kept = |parts: &Path| {
            let of = |run| part::intact(parts, run).expect("kept");
            (0..10).map(of).collect::<Vec<_>>()
        };
        let ended = kept(one.path());
        assert_eq!(ended, kept(two.path()));
        let failed: Vec<_> = ended.iter().map(|run| run.failure.is_some()).collect();
        assert_eq!(
            failed,
            [
                false, false, true, false, false, false, false, true, false, false
            ]
        );
        assert!(ended[2].failure.as_deref().unwrap().contains("2024Q2"));
    }

    #[test]
    fn an_interrupted_command_takes_up_where_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let Err(Stopped::Interrupted(progress)) = run_all(dir.path(), 1, 4) else {
            panic!("not interrupted")
        };
        assert_eq!(progress.ended, 4);
        let line = part::path(dir.path(), 0);
        let before = std::fs::metadata(&line).unwrap().modified().unwrap();
        assert_eq!(run_all(dir.path(), 2, 99).unwrap().ended, 10);
        assert_eq!(
            std::fs::metadata(&line).unwrap().modified().unwrap(),
            before,
            "kept, not computed again"
        );
    }

    #[test]
    fn a_panic_is_a_failed_run() {
        let dir = tempfile::tempdir().unwrap();
        let plan = Plan::new(vec!["a".into()], Seeds::first(2));
        let stop = AtomicBool::new(false);
        let settings = Settings {
            jobs: 1,
            parts: dir.path(),
            wanted: &|_, _| true,
            stop: &stop,
            progress: &|_| (),
        };
        let simulate = |planned: &Planned| {
            if planned.seed == 1 {
                panic!("index out of bounds")
            } else {
                fake(planned)
            }
        };
        let ended = run(&plan, &settings, &simulate).unwrap();
        assert_eq!((ended.ended, ended.failed), (2, 1));
        let first = part::intact(dir.path(), 0).unwrap();
        let reason = first.failure.unwrap();
        assert!(reason.contains("index out of bounds"), "{reason}");
    }
}
