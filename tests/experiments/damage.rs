//! Damaged and refused files: a message with the place, exit code 3, nothing lost, and the way on.

use super::command::{assert_same, content, folder, monazite, says};
use monazite::experiment;
use std::fs;

#[test]
fn damaged_results_are_refused_with_their_place() {
    let folder = folder();
    let root = folder.path();
    monazite(root, &["run", "configs/x.ron", "-o", "out", "-q"])
        .assert()
        .code(0);
    let again = ["run", "configs/x.ron", "-o", "out", "-q"];
    let before = content(&root.join("out"));
    for name in ["tables/market.parquet", "runs.parquet", "resolved.ron"] {
        let path = root.join("out").join(name);
        let whole = fs::read(&path).expect("a file");
        fs::write(&path, &whole[..whole.len() - 9]).expect("a file");
        let error = says(root, &again, 3);
        assert!(error.contains(name) && error.contains("--force"), "{error}");
        if name != "tables/market.parquet" {
            let fault = experiment::open(&root.join("out"))
                .expect_err("damaged")
                .to_string();
            assert!(
                fault.contains(name) && fault.contains("cut short"),
                "{fault}"
            );
        }
        fs::write(&path, whole).expect("a file");
    }
    fs::remove_file(root.join("out/tables/trade.parquet")).expect("a removal");
    let error = says(root, &again, 3);
    assert!(error.contains("trade.parquet"), "{error}");
    monazite(root, &[&again[..], &["--force"]].concat())
        .assert()
        .code(0);
    assert_eq!(
        content(&root.join("out")).keys().collect::<Vec<_>>(),
        before.keys().collect::<Vec<_>>()
    );
    assert!(
        content(&root.join("out")) == before,
        "computed again to the same bytes"
    );

    let path = root.join("out/manifest.json");
    let manifest = fs::read_to_string(&path).expect("a manifest");
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    fs::write(&path, manifest.replace(&version, "\"version\": \"9.7.0\"")).expect("a file");
    let fault = experiment::open(&root.join("out"))
        .expect_err("another version")
        .to_string();
    assert!(
        fault.contains("manifest.json") && fault.contains("monazite 9.7.0"),
        "{fault}"
    );
    let error = says(root, &["plot", "out"], 3);
    assert!(error.contains("9.7.0"), "{error}");
    fs::write(&path, &manifest[..manifest.len() / 2]).expect("a file");
    let error = says(root, &again, 3);
    assert!(error.contains("manifest.json"), "{error}");
    let error = says(root, &["plot", "nothing"], 3);
    assert!(error.contains("no finished result directory"), "{error}");
    monazite(
        root,
        &["run", "configs/x.ron", "-o", "half", "--shard", "1/2", "-q"],
    )
    .assert()
    .code(0);
    let fault = experiment::open(&root.join("half"))
        .expect_err("unfinished")
        .to_string();
    assert!(fault.contains("unfinished"), "{fault}");
}

#[test]
#[cfg(unix)]
fn a_full_disk_loses_nothing() {
    let folder = folder();
    let root = folder.path();
    monazite(root, &["run", "configs/x.ron", "-o", "whole", "-q"])
        .assert()
        .code(0);
    // In units of 512 or 1024 bytes: too small for any run, for the joined tables, and for the figures.
    let part = fs::metadata(root.join("whole/tables/market.parquet"))
        .expect("a table")
        .len()
        / 1_024;
    for blocks in [4, part.max(8) / 2] {
        let script = format!(
            "ulimit -f {blocks}; exec {} run configs/x.ron -o out -q",
            env!("CARGO_BIN_EXE_monazite")
        );
        let done = assert_cmd::Command::new("sh")
            .current_dir(root)
            .args(["-c", &script])
            .assert()
            .code(3);
        let error = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
        assert!(
            error.contains("out") && error.contains("too large"),
            "{error}"
        );
        assert!(!root.join("out/manifest.json").exists());
    }
    monazite(root, &["run", "configs/x.ron", "-o", "out", "-q"])
        .assert()
        .code(0);
    assert_same(&root.join("whole"), &root.join("out"));
}

#[test]
#[cfg(unix)]
fn a_folder_that_cannot_be_written_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let root = folder.path();
    fs::write(root.join("file"), "text").expect("a file");
    let error = says(root, &["run", "configs/x.ron", "-o", "file/out", "-q"], 3);
    assert!(error.contains("file/out"), "{error}");
    let closed = root.join("closed");
    fs::create_dir(&closed).expect("a folder");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).expect("permissions");
    if fs::write(closed.join("probe"), "").is_ok() {
        return; // somebody to whom permissions do not apply
    }
    let error = says(root, &["run", "configs/x.ron", "-o", "closed/out", "-q"], 3);
    assert!(error.contains("closed/out"), "{error}");
}
