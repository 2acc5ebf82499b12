//! The parts of all runs joined into the files of a result directory.

use super::{
    part::{self, Ended},
    plan::{Plan, Planned},
    quantiles,
};
use crate::{
    analysis::{interval, metrics},
    record::{
        RunRecord,
        codebook::{self, Entry},
        parquet::{self, ParquetFault, TableFile},
        table::{Column, Table},
        write::{self, ResultDir},
    },
};
use indexmap::IndexSet;
use std::{io, path::Path};

/// Name of the file with a row per run.
pub const RUNS: &str = "runs.parquet";

/// Runs whose rows are in memory at a time.
const ROWS: usize = 4_096;

/// A run that failed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// The run.
    pub planned: Planned,
    /// Why it failed.
    pub reason: String,
}

/// Writes tables, quantiles, runs, codebook and summary from the runs that lie under the directory, one after the other, so that
/// memory does not grow with their number. Gives back the runs that failed. `wanted` are the tables that some runs keep; `repeat`
/// is the command that repeats a run; `extra` are tables that are the same for all runs, with what the codebook says of them.
///
/// # Errors
/// If a run cannot be read or a file cannot be written.
pub fn write(
    dir: &mut ResultDir,
    plan: &Plan,
    wanted: &dyn Fn(&str) -> bool,
    repeat: &dyn Fn(&Planned) -> String,
    extra: &[(Table, Vec<Entry>)],
) -> Result<Vec<Failed>, ParquetFault> {
    let parts = dir.parts();
    let (columns, failed) = columns(&parts, plan)?;
    for mut like in RunRecord::default().tables(wanted) {
        like.key_by_run(0);
        let path = dir.file(&format!("tables/{}.parquet", like.name()));
        let of_runs = plan.runs().filter_map(|planned| {
            let part = part::open(&parts, planned.run);
            let table = part.and_then(|mut part| part.table(like.name()));
            table.map_err(ParquetFault::from).transpose()
        });
        write::atomically(&path, |out| parquet::join(&like, of_runs, out))?;
    }
    for (table, _) in extra {
        let path = dir.file(&format!("tables/{}.parquet", table.name()));
        write::atomically(&path, |out| parquet::write(table, out))?;
    }
    for name in quantiles::names() {
        let like = quantiles::like(&name).unwrap_or_default();
        let path = dir.file(&format!("{name}.parquet"));
        write::atomically(&path, |out| {
            parquet::write_groups(&like, quantiles::blocks(&parts, plan, &name), out)
        })?;
    }
    let like = runs_table(plan, &columns, &[], &[], repeat);
    let chunks = (0..plan.len()).step_by(ROWS).map(|start| {
        let planned: Vec<Planned> = (start..plan.len())
            .take(ROWS)
            .filter_map(|at| plan.get(at))
            .collect();
        let ended = planned
            .iter()
            .map(|run| Ok(part::open(&parts, run.run)?.ended));
        let ended = ended.collect::<Result<Vec<_>, ParquetFault>>()?;
        Ok(runs_table(plan, &columns, &planned, &ended, repeat))
    });
    let path = dir.file(RUNS);
    write::atomically(&path, |out| parquet::write_groups(&like, chunks, out))?;
    let of_tables = codebook::of_tables().filter(|entry| wanted(&entry.table));
    let of_extra = extra
        .iter()
        .flat_map(|(_, entries)| entries.iter().cloned());
    let entries: Vec<Entry> = of_tables
        .chain(of_extra)
        .chain(runs_entries(&like))
        .chain(quantiles::entries())
        .collect();
    write::atomically(&dir.file("codebook.csv"), |out| {
        codebook::write(entries, out)
    })?;
    write::atomically(&dir.file("summary.csv"), |out| {
        write_summary(&path, plan, out)
    })?;
    Ok(failed)
}

/// Names of what was drawn and measured, in the order in which they first appear.
struct Columns {
    drawn: IndexSet<String>,
    metrics: IndexSet<String>,
}

/// A first pass over the runs: which columns there are, and which runs failed.
fn columns(parts: &Path, plan: &Plan) -> Result<(Columns, Vec<Failed>), ParquetFault> {
    let mut columns = Columns {
        drawn: IndexSet::new(),
        metrics: IndexSet::new(),
    };
    let mut failed = Vec::new();
    for planned in plan.runs() {
        let ended = part::open(parts, planned.run)?.ended;
        let add = |set: &mut IndexSet<String>, name: &str| {
            if !set.contains(name) {
                set.insert(name.to_owned());
            }
        };
        for (name, _) in ended.drawn() {
            add(&mut columns.drawn, name);
        }
        for (name, _) in ended.metrics() {
            add(&mut columns.metrics, name);
        }
        if let Some(reason) = ended.failure {
            failed.push(Failed { planned, reason });
        }
    }
    Ok((columns, failed))
}

/// A row per run: what it was, how it ended, what was varied and drawn, what came out.
fn runs_table(
    plan: &Plan,
    columns: &Columns,
    runs: &[Planned],
    ended: &[Ended],
    repeat: &dyn Fn(&Planned) -> String,
) -> Table {
    let mut table = Table::new("runs");
    let number = |of: &dyn Fn(&Planned) -> u32| Column::U32(runs.iter().map(of).collect());
    table.push("run", number(&|run| run.run));
    table.push(
        "arm",
        Column::words(runs.iter().map(|run| plan.arms[run.arm].as_str())),
    );
    table.push("point", number(&|run| run.point));
    table.push("replicate", number(&|run| run.replicate));
    table.push("seed", number(&|run| run.seed));
    let status = |ended: &Ended| {
        if ended.failure.is_none() {
            "done"
        } else {
            "failed"
        }
    };
    table.push("status", Column::words(ended.iter().map(status)));
    let reasons = ended
        .iter()
        .map(|ended| ended.failure.as_deref().unwrap_or(""));
    table.push("reason", Column::words(reasons));
    let again = runs
        .iter()
        .zip(ended)
        .map(|(run, ended)| match ended.failure {
            Some(_) => repeat(run),
            None => String::new(),
        });
    let again: Vec<String> = again.collect();
    table.push("repeat", Column::words(again.iter().map(String::as_str)));
    for (player, strategies) in &plan.players {
        let own = runs.iter().map(|run| strategies[run.arm].as_str());
        table.push(&format!("strategy[{player}]"), Column::words(own));
    }
    for (position, path) in plan.points.paths.iter().enumerate() {
        let values = runs.iter().map(|run| plan.values(run)[position]);
        table.push(path, Column::F64(values.collect()));
    }
    push_numbers(&mut table, &columns.drawn, ended, |ended| {
        ended.drawn().collect()
    });
    push_numbers(&mut table, &columns.metrics, ended, |ended| {
        ended.metrics().collect()
    });
    table
}

/// A column for each name; empty where a run lacks it.
fn push_numbers<'a>(
    table: &mut Table,
    names: &IndexSet<String>,
    ended: &'a [Ended],
    of: impl Fn(&'a Ended) -> Vec<(&'a str, f64)>,
) {
    let mut columns = vec![vec![f64::NAN; ended.len()]; names.len()];
    for (row, ended) in ended.iter().enumerate() {
        for (name, value) in of(ended) {
            if let Some(at) = names.get_index_of(name) {
                columns[at][row] = value;
            }
        }
    }
    for (name, values) in names.iter().zip(columns) {
        table.push(name, Column::F64(values));
    }
}

fn runs_entries(runs: &Table) -> impl Iterator<Item = Entry> + '_ {
    runs.columns().map(|(name, _)| {
        let (unit, meaning) = match name {
            "run" => ("key", "Key of the run in every table."),
            "arm" => (
                "text",
                "Arm of the experiment; the title of the scenario where there is only one.",
            ),
            "point" => ("count", "Design point."),
            "replicate" => ("count", "Position of the seed in the list of seeds."),
            "seed" => ("number", "Seed; all arms share the seeds."),
            "status" => ("done or failed", "Whether the run was completed."),
            "reason" => ("text", "Why it failed."),
            "repeat" => (
                "text",
                "The command that repeats it, from within the result directory; empty for a completed run.",
            ),
            name if name.starts_with("strategy[") => {
                ("text", "Strategy of the player in brackets.")
            }
            _ => metrics::find(name).map_or(
                (
                    "as configured",
                    "Varied or drawn for the run; the name is its path.",
                ),
                |m| (m.unit, m.meaning),
            ),
        };
        Entry {
            table: "runs".to_owned(),
            column: name.to_owned(),
            unit: unit.to_owned(),
            meaning: meaning.to_owned(),
        }
    })
}

/// A number for JSON, which knows no NaN.
#[must_use]
pub fn defined(number: f64) -> Option<f64> {
    Some(number).filter(|number| number.is_finite())
}

/// Metric by arm over the completed runs in which it is defined, read column by column.
fn write_summary(path: &Path, plan: &Plan, out: impl io::Write) -> Result<(), ParquetFault> {
    let file = TableFile::open(path)?;
    let runs = file.read(&["arm", "status"])?;
    let (arm, status) = (runs.text("arm")?, runs.text("status")?);
    let mut csv = csv::Writer::from_writer(out);
    let header = [
        "metric", "arm", "n", "mean", "sd", "q05", "q25", "q50", "q75", "q95", "unit",
    ];
    csv.write_record(header).map_err(io::Error::from)?;
    for name in file.columns() {
        let Some(metric) = metrics::find(&name) else {
            continue;
        };
        let column = file.read(&[&name])?;
        let values = column.f64(&name)?;
        for wanted in &plan.arms {
            let rows =
                (0..runs.len()).filter(|&row| status.get(row) == "done" && arm.get(row) == wanted);
            let mut values: Vec<f64> = rows
                .map(|row| values[row])
                .filter(|value| !value.is_nan())
                .collect();
            values.sort_unstable_by(f64::total_cmp);
            let mut line = vec![name.clone(), wanted.clone(), values.len().to_string()];
            let numbers = [
                interval::mean(&values),
                interval::standard_deviation(&values),
            ];
            let quantiles =
                [0.05, 0.25, 0.5, 0.75, 0.95].map(|share| interval::quantile(&values, share));
            line.extend(numbers.iter().chain(&quantiles).map(|number| {
                if number.is_nan() {
                    String::new()
                } else {
                    number.to_string()
                }
            }));
            line.push(metric.unit.to_owned());
            csv.write_record(&line).map_err(io::Error::from)?;
        }
    }
    csv.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        experiment::seeds::Seeds,
        record::{manifest::Manifest, names::Names, write::Identity},
    };
    use std::{path::Path, sync::Arc};

    fn record(planned: &Planned) -> RunRecord {
        let names = Names {
            states: vec!["EU".into()],
            asean: vec![false],
            ..Names::default()
        };
        let mut record = RunRecord::new(Arc::new(names));
        record.drawn = vec![("demand.growth".to_owned(), f64::from(planned.seed))];
        record.rows.solver.push(crate::record::row::SolverRow {
            quarter: crate::domain::time::Quarter::new(2024, 1).expect("a quarter"),
            iterations: planned.seed,
            residual: 0.0,
            fallbacks: 0,
        });
        record
    }

    fn results(root: &Path) -> Table {
        let id = Identity {
            configuration: "c".into(),
            seeds: "4,8".into(),
            program: "p".into(),
            runs: None,
        };
        let mut dir = ResultDir::take(root, &id, false).unwrap();
        let plan = Plan::new(
            vec!["free".into(), "quota".into()],
            Seeds::list([4, 8]).unwrap(),
        );
        for planned in plan.runs() {
            match planned.run {
                2 => part::write_failure(&dir.parts(), &planned, "did not clear"),
                _ => part::write(&dir.parts(), &planned, &record(&planned), |_| true),
            }
            .unwrap();
        }
        let repeat = |planned: &Planned| format!("run {} again", planned.run);
        let wanted = |table: &str| table == "solver";
        let failed = write(&mut dir, &plan, &wanted, &repeat, &[]).unwrap();
        assert_eq!((failed.len(), failed[0].planned.run), (1, 2));
        dir.finish(&mut Manifest::new(id)).unwrap();
        let runs = TableFile::open(&root.join(RUNS)).unwrap();
        runs.read(&[]).unwrap()
    }

    #[test]
    fn a_result_directory_holds_every_run_and_is_the_same_bytes_again() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let runs = results(one.path());
        results(two.path());
        let read = |root: &Path, name: &str| std::fs::read(root.join(name)).unwrap();
        for name in [
            "runs.parquet",
            "tables/solver.parquet",
            "codebook.csv",
            "summary.csv",
        ] {
            assert_eq!(read(one.path(), name), read(two.path(), name), "{name}");
        }
        assert!(
            !one.path().join("tables/market.parquet").exists(),
            "not asked for"
        );

        let solver = TableFile::open(&one.path().join("tables/solver.parquet")).unwrap();
        let solver = solver.read(&[]).unwrap();
        assert_eq!(solver.u32("run").unwrap(), [0, 1, 3]);
        assert_eq!(solver.u32("iterations").unwrap(), [4, 8, 8]);

        assert_eq!(runs.text("status").unwrap().get(2), "failed");
        assert_eq!(runs.text("reason").unwrap().get(2), "did not clear");
        let repeat: Vec<&str> = runs.text("repeat").unwrap().iter().collect();
        assert_eq!(repeat, ["", "", "run 2 again", ""]);
        assert_eq!(runs.f64("demand.growth").unwrap()[3], 8.0);
        let summary = String::from_utf8(read(one.path(), "summary.csv")).unwrap();
        assert!(
            summary.contains("shortage_peak_pct,free,2,0,0,0,0,0,0,0,%"),
            "{summary}"
        );
    }
}
