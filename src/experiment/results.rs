//! The parts of all runs joined into the files of a result directory.

use super::{
    part::{self, Ended},
    plan::Plan,
};
use crate::{
    analysis::{interval, metrics},
    record::{
        RunRecord,
        codebook::{self, Entry},
        parquet::{self, ParquetFault},
        table::{Column, Table},
        write::{self, ResultDir},
    },
};
use std::io;

/// Name of the file with a row per run.
pub const RUNS: &str = "runs.parquet";

/// Writes tables, runs, codebook and summary, and gives back the table of runs. `extra` are tables that are the same for all
/// runs, with what the codebook says of them.
///
/// # Errors
/// If a file cannot be written.
pub fn write(
    dir: &mut ResultDir,
    plan: &Plan,
    ended: &[Ended],
    wanted: &dyn Fn(&str) -> bool,
    extra: &[(Table, Vec<Entry>)],
) -> Result<Table, ParquetFault> {
    for mut like in RunRecord::default().tables(wanted) {
        like.key_by_run(0);
        let done = plan
            .runs()
            .zip(ended)
            .filter(|(_, ended)| ended.failure.is_none());
        let parts: Vec<_> = done
            .map(|(planned, _)| part::table_path(&dir.parts(), planned.run, like.name()))
            .collect();
        let path = dir.file(&format!("tables/{}.parquet", like.name()));
        write::atomically(&path, |out| parquet::join(&like, &parts, out))?;
    }
    for (table, _) in extra {
        let path = dir.file(&format!("tables/{}.parquet", table.name()));
        write::atomically(&path, |out| parquet::write(table, out))?;
    }
    let runs = runs_table(plan, ended);
    write::atomically(&dir.file(RUNS), |out| parquet::write(&runs, out))?;
    let of_tables = codebook::of_tables().filter(|entry| wanted(&entry.table));
    let of_extra = extra
        .iter()
        .flat_map(|(_, entries)| entries.iter().cloned());
    let entries: Vec<Entry> = of_tables
        .chain(of_extra)
        .chain(runs_entries(&runs))
        .collect();
    write::atomically(&dir.file("codebook.csv"), |out| {
        codebook::write(entries, out)
    })?;
    write::atomically(&dir.file("summary.csv"), |out| {
        write_summary(&runs, plan, out)
    })?;
    Ok(runs)
}

/// A row per run: what it was, how it ended, what was drawn, what came out.
#[must_use]
pub fn runs_table(plan: &Plan, ended: &[Ended]) -> Table {
    let runs: Vec<_> = plan.runs().collect();
    let mut table = Table::new("runs");
    table.push("run", Column::U32(runs.iter().map(|run| run.run).collect()));
    table.push(
        "arm",
        Column::words(runs.iter().map(|run| plan.arms[run.arm].as_str())),
    );
    table.push(
        "point",
        Column::U32(runs.iter().map(|run| run.point).collect()),
    );
    table.push(
        "replicate",
        Column::U32(runs.iter().map(|run| run.replicate).collect()),
    );
    table.push(
        "seed",
        Column::U32(runs.iter().map(|run| run.seed).collect()),
    );
    let status = |ended: &Ended| {
        if ended.failure.is_none() {
            "done"
        } else {
            "failed"
        }
    };
    table.push("status", Column::words(ended.iter().map(status)));
    table.push(
        "reason",
        Column::words(
            ended
                .iter()
                .map(|ended| ended.failure.as_deref().unwrap_or("")),
        ),
    );
    for (player, strategies) in &plan.players {
        let own = runs.iter().map(|run| strategies[run.arm].as_str());
        table.push(&format!("strategy[{player}]"), Column::words(own));
    }
    for (position, path) in plan.points.paths.iter().enumerate() {
        let values = runs.iter().map(|run| plan.values(run)[position]);
        table.push(path, Column::F64(values.collect()));
    }
    push_numbers(&mut table, ended, |ended| ended.drawn().collect());
    push_numbers(&mut table, ended, |ended| ended.metrics().collect());
    table
}

/// A column per name that any run has, in the order of their first appearance; empty where a run lacks it.
fn push_numbers<'a>(
    table: &mut Table,
    ended: &'a [Ended],
    of: impl Fn(&'a Ended) -> Vec<(&'a str, f64)>,
) {
    let mut columns = indexmap::IndexMap::<&str, Vec<f64>>::new();
    for (row, ended) in ended.iter().enumerate() {
        for (name, value) in of(ended) {
            columns
                .entry(name)
                .or_insert_with(|| vec![f64::NAN; table.len()])[row] = value;
        }
    }
    for (name, values) in columns {
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

/// Metric by arm over the completed runs in which it is defined.
fn write_summary(runs: &Table, plan: &Plan, out: impl io::Write) -> Result<(), ParquetFault> {
    let (arm, status) = (runs.text("arm")?, runs.text("status")?);
    let mut csv = csv::Writer::from_writer(out);
    let header = [
        "metric", "arm", "n", "mean", "sd", "q05", "q25", "q50", "q75", "q95", "unit",
    ];
    csv.write_record(header).map_err(io::Error::from)?;
    for (name, column) in runs.columns() {
        let (Some(metric), Column::F64(values)) = (metrics::find(name), column) else {
            continue;
        };
        for wanted in &plan.arms {
            let rows =
                (0..runs.len()).filter(|&row| status.get(row) == "done" && arm.get(row) == wanted);
            let mut values: Vec<f64> = rows
                .map(|row| values[row])
                .filter(|value| !value.is_nan())
                .collect();
            values.sort_unstable_by(f64::total_cmp);
            let mut line = vec![name.to_owned(), wanted.clone(), values.len().to_string()];
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
        experiment::{plan::Planned, seeds::Seeds},
        record::{manifest::Manifest, names::Names, parquet::TableFile, write::Identity},
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
        };
        let mut dir = ResultDir::take(root, &id, false).unwrap();
        let plan = Plan::new(
            vec!["free".into(), "quota".into()],
            Seeds::list([4, 8]).unwrap(),
        );
        let ended: Vec<_> = plan
            .runs()
            .map(|planned| match planned.run {
                2 => Ended::failed("did not clear".into()),
                _ => part::write(&dir.parts(), &planned, &record(&planned), |_| true).unwrap(),
            })
            .collect();
        let runs = write(&mut dir, &plan, &ended, &|table| table == "solver", &[]).unwrap();
        dir.finish(&mut Manifest::new(id)).unwrap();
        runs
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

        assert_eq!(
            TableFile::open(&one.path().join(RUNS))
                .unwrap()
                .read(&[])
                .unwrap(),
            runs
        );
        assert_eq!(runs.text("status").unwrap().get(2), "failed");
        assert_eq!(runs.f64("demand.growth").unwrap()[3], 8.0);
        let summary = String::from_utf8(read(one.path(), "summary.csv")).unwrap();
        assert!(
            summary.contains("shortage_peak_pct,free,2,0,0,0,0,0,0,0,%"),
            "{summary}"
        );
    }
}
