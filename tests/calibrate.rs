//! `calibrate` as users call it: the same bytes on any number of threads, blind to test rows, and clear about what it cannot fit.

mod command;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

const FIT: &str = r#"Experiment(
    scenario: "training.ron",
    arms: {"history": ()},
    vary: {"planning.stock_elasticity": Uniform(2.0, 6.0), "expectation.trend_share": Uniform(0.1, 0.5)},
    design: Sobol(4),
    seeds: 1,
    calibration: (targets: {"price_domestic": 0.4, "mine_output": 0.3}, waves: 2, keep: 0.5),
)"#;

fn monazite(arguments: &[&str]) -> Output {
    command::monazite(Path::new(env!("CARGO_MANIFEST_DIR")), arguments)
        .output()
        .expect("an answer")
}

/// The shipped configuration, copied, with a short past and a small fit.
fn copied(root: &Path) -> PathBuf {
    command::copy(&command::shipped(), root);
    let history = root.join("history");
    let short = fs::read_to_string(history.join("training.ron"))
        .expect("a scenario")
        .replace("2019Q4", "2011Q4");
    fs::write(history.join("training.ron"), short).expect("a scenario");
    fs::write(history.join("fit.ron"), FIT).expect("a fit");
    history.join("fit.ron")
}

fn fit(file: &Path, out: &Path, jobs: &str) {
    let done = monazite(&[
        "calibrate",
        &file.to_string_lossy(),
        "-q",
        "-j",
        jobs,
        "-o",
        &out.to_string_lossy(),
    ]);
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

#[test]
fn a_fit_is_the_same_on_any_number_of_threads_and_whatever_test_rows_say() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = copied(&folder.path().join("configs"));
    let files = [
        "points.csv",
        "posterior.csv",
        "calibrated.ron",
        "resolved.ron",
    ];
    let read = |out: &Path| files.map(|name| fs::read_to_string(out.join(name)).expect(name));
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    fit(&file, &one, "1");
    fit(&file, &two, "2");
    let first = read(&one);
    assert_eq!(first, read(&two));
    assert_eq!(
        first[0].lines().count(),
        1 + 2 * 4,
        "two waves of four points"
    );
    // Nobody may see what is tested: other test rows, the same fit.
    let reported = file.with_file_name("reported.csv");
    let table = fs::read_to_string(&reported).expect("a table");
    let blinded: String = table
        .lines()
        .map(|line| {
            if line.contains(",test,") {
                line.replace("0.", "9.").replace(",1", ",7") + "\n"
            } else {
                format!("{line}\n")
            }
        })
        .collect();
    assert_ne!(table, blinded);
    fs::write(&reported, blinded).expect("a table");
    let three = folder.path().join("three");
    fit(&file, &three, "2");
    assert_eq!(first, read(&three));
    // What is written lies under a scenario as any layer does.
    let layer = one.join("calibrated.ron");
    let scenario = file.with_file_name("fitted.ron");
    fs::copy(layer, file.with_file_name("calibrated.ron")).expect("a copy");
    let text = "Scenario(extends: [\"training.ron\", \"calibrated.ron\"])";
    fs::write(&scenario, text).expect("a scenario");
    let checked = monazite(&["check", &scenario.to_string_lossy()]);
    assert!(
        checked.status.success(),
        "{}",
        String::from_utf8_lossy(&checked.stderr)
    );
}

#[test]
fn what_cannot_be_fitted_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = copied(&folder.path().join("configs"));
    for (from, to, says) in [
        ("\"mine_output\"", "\"mine_outputs\"", "mine_outputs"),
        ("keep: 0.5", "keep: 5", "keep"),
        ("waves: 2", "waves: 0", "waves"),
        (
            "planning.stock_elasticity",
            "sectors.phosphors.thrift",
            "phosphors",
        ),
        (
            "calibration: (targets: {\"price_domestic\": 0.4, \"mine_output\": 0.3}, waves: 2, keep: 0.5),",
            "",
            "calibration: (targets",
        ),
    ] {
        assert!(FIT.contains(from), "{from}");
        fs::write(&file, FIT.replace(from, to)).expect("a fit");
        let out = folder.path().join("out");
        let done = monazite(&[
            "calibrate",
            &file.to_string_lossy(),
            "-o",
            &out.to_string_lossy(),
        ]);
        let error = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(2), "{to}: {error}");
        assert!(error.contains(says), "{to}: {error}");
        assert!(!out.exists(), "{to}: nothing is left behind");
    }
}
