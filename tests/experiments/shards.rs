//! Parts of the runs on several machines, joined to the bytes of the whole; single runs again.

use super::command::{assert_same, folder, monazite, says};
use monazite::{
    experiment,
    record::{parquet::TableFile, table::Column},
};
use std::fs;

#[test]
fn shards_join_to_the_bytes_of_the_whole_and_a_lost_one_is_repaired_by_running_it_again() {
    let folder = folder();
    let root = folder.path();
    let run = |more: &[&str]| {
        let arguments = [&["run", "configs/x.ron", "-q"], more].concat();
        monazite(root, &arguments).assert().code(0);
    };
    run(&["-o", "whole"]);
    run(&["-o", "one", "--shard", "1/3"]);
    run(&["-o", "three", "--shard", "3/3"]);
    let error = says(root, &["merge", "one", "three", "-o", "joined"], 3);
    assert!(
        error.contains("3 of 8 runs") || error.contains("2 of 8 runs"),
        "{error}"
    );
    assert!(
        error.contains("run 1") && error.contains("--shard 2/3"),
        "{error}"
    );
    assert!(!root.join("joined/manifest.json").exists());

    run(&["-o", "two", "--shard", "2/3"]);
    // A run that is damaged in one shard is named, and running that shard again repairs it.
    let part = root.join("two/.unfinished/0000/0000004.part");
    let bytes = fs::read(&part).expect("a run");
    fs::write(&part, &bytes[..bytes.len() / 2]).expect("a file");
    let error = says(root, &["merge", "one", "two", "three", "-o", "joined"], 3);
    assert!(
        error.contains("run 4") && error.contains("--shard 2/3 -o two"),
        "{error}"
    );
    run(&["-o", "two", "--shard", "2/3"]);
    assert_eq!(fs::read(&part).expect("a run"), bytes);
    for _ in 0..2 {
        monazite(
            root,
            &["merge", "three", "two", "one", "two", "-o", "joined", "-q"],
        )
        .assert()
        .code(0);
        assert_same(&root.join("whole"), &root.join("joined"));
    }
    // What the merged directory has lost is repaired too.
    fs::write(root.join("joined/tables/market.parquet"), "half").expect("a file");
    monazite(
        root,
        &[
            "merge", "one", "two", "three", "-o", "joined", "-q", "--force",
        ],
    )
    .assert()
    .code(0);
    assert_same(&root.join("whole"), &root.join("joined"));

    run(&["-o", "other", "--shard", "1/3", "--seeds", "5,9"]);
    let error = says(root, &["merge", "one", "other", "-o", "mixed"], 2);
    assert!(error.contains("other seeds"), "{error}");
    let error = says(root, &["merge", "whole", "-o", "mixed"], 3);
    assert!(error.contains("no shard"), "{error}");
}

#[test]
fn every_row_says_what_it_is_and_a_single_run_comes_out_the_same_again() {
    let folder = folder();
    let root = folder.path();
    monazite(root, &["run", "configs/x.ron", "-o", "whole", "-q"])
        .assert()
        .code(0);
    let opened = experiment::open(&root.join("whole")).unwrap_or_else(|fault| panic!("{fault}"));
    let experiment = opened.experiment().expect("an experiment");
    assert_eq!(
        (experiment.arms.len(), experiment.reference.as_str()),
        (2, "nothing")
    );
    let runs = &opened.runs;
    let names: Vec<&str> = runs.columns().map(|(name, _)| name).take(9).collect();
    assert_eq!(
        names,
        [
            "run",
            "arm",
            "point",
            "replicate",
            "seed",
            "status",
            "reason",
            "repeat",
            "expectation.trend_share"
        ]
    );
    assert_eq!(runs.u32("run").unwrap(), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(runs.u32("point").unwrap(), [0, 0, 1, 1, 0, 0, 1, 1]);
    assert_eq!(runs.u32("seed").unwrap(), [1, 2, 1, 2, 1, 2, 1, 2]);
    let varied = runs.f64("expectation.trend_share").unwrap();
    assert_eq!(varied[..4], varied[4..], "the same points in both arms");
    assert!(varied[0] == varied[1] && varied[0] != varied[2]);

    monazite(
        &root.join("whole"),
        &["run", "resolved.ron", "--run", "5", "-o", "run_5", "-q"],
    )
    .assert()
    .code(0);
    let one = experiment::open(&root.join("whole/run_5")).unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(one.runs.len(), 1);
    for (name, column) in one.runs.columns() {
        let whole = runs
            .columns()
            .find(|(other, _)| *other == name)
            .expect("the column")
            .1;
        assert_eq!(column.cell(0), whole.cell(5), "{name}");
    }
    let error = says(
        root,
        &["run", "configs/x.ron", "--run", "8", "-o", "none"],
        2,
    );
    assert!(
        error.contains("there is no run 8; the runs are 0 to 7"),
        "{error}"
    );

    // Quantiles over the four runs of an arm, by hand from the tables of the runs.
    let table = |name: &str| {
        let file = TableFile::open(&root.join("whole").join(name)).expect("a table");
        file.read(&[]).expect("rows")
    };
    let (market, quantiles) = (
        table("tables/market.parquet"),
        table("quantiles/market.parquet"),
    );
    let key = |table: &monazite::record::table::Table, row: usize| {
        ["quarter", "state", "commodity"].map(|name| table.text(name).unwrap().get(row).to_owned())
    };
    for row in [0, quantiles.len() / 3, quantiles.len() - 1] {
        let arm = quantiles.text("arm").unwrap().get(row) == "quota";
        let mut prices: Vec<f64> = (0..market.len())
            .filter(|&r| (market.u32("run").unwrap()[r] >= 4) == arm)
            .filter(|&r| key(&market, r) == key(&quantiles, row))
            .map(|r| market.f64("price_usd_per_kg").unwrap()[r])
            .collect();
        prices.sort_by(f64::total_cmp);
        assert_eq!((prices.len(), quantiles.u32("runs").unwrap()[row]), (4, 4));
        let median = quantiles.f64("price_usd_per_kg_q50").unwrap()[row];
        assert_eq!(median, prices[1] + (prices[2] - prices[1]) * 0.5);
    }
    assert!(matches!(
        quantiles.columns().next(),
        Some(("arm", Column::Text(_)))
    ));
}
