//! The program as users call it, on a copy of the shipped configuration, and what it leaves behind.

#![allow(dead_code, reason = "each file of tests uses a part of it")]

use assert_cmd::{Command, cargo::cargo_bin_cmd};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Two arms, two points, two seeds, two quarters.
const EXPERIMENT: &str = r#"Experiment(
    title: "A quota, twice as strict",
    scenario: "baseline.ron",
    arms: {
        "nothing": (end: "2024Q2"),
        "quota": (end: "2024Q2", strategies: {"CN": Strategy(calendar: {"quota": (from: "2024Q2",
            instrument: ExportQuota(of: ["dy_oxide"], tonnes_per_year: 100))})}),
    },
    vary: {"expectation.trend_share": Uniform(0.1, 0.3)},
    design: LatinHypercube(2),
    seeds: 2,
)"#;

/// A folder with the shipped configuration and the experiment `configs/x.ron`; results go beside them.
pub fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let configs = folder.path().join("configs");
    copy(&shipped(), &configs);
    fs::write(configs.join("x.ron"), EXPERIMENT).expect("a file");
    folder
}

/// The shipped configuration.
pub fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("configs")
}

/// Copies a folder with all that is below it: files of the configuration may not leave their folder.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// The program in a folder.
pub fn monazite(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = cargo_bin_cmd!("monazite");
    command.current_dir(folder).args(arguments);
    command
}

/// What the program says on stderr when it ends with a code.
pub fn says(folder: &Path, arguments: &[&str], code: i32) -> String {
    let done = monazite(folder, arguments).assert().code(code);
    String::from_utf8_lossy(&done.get_output().stderr).into_owned()
}

/// Files below a folder with their content, but for the manifest.
pub fn content(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("manifest.json") {
                let name = path.strip_prefix(root).expect("below the root").to_owned();
                files.insert(name, fs::read(path).expect("a file"));
            }
        }
    }
    files
}

/// Two result directories hold the same bytes.
pub fn assert_same(one: &Path, two: &Path) {
    let (one, two) = (content(one), content(two));
    assert_eq!(
        one.keys().collect::<Vec<_>>(),
        two.keys().collect::<Vec<_>>()
    );
    for (name, bytes) in &one {
        assert!(two[name] == *bytes, "{} differs", name.display());
    }
}
