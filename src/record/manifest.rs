//! `manifest.json`: what was run, by which program, from which files. The only place that reads clock and host.

use super::write::{self, Identity};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs, io,
    path::Path,
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

/// The content of `manifest.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    /// Always `monazite`.
    pub program: String,
    /// Version of the program.
    pub version: String,
    /// Revision of the source, with `-dirty` if it had uncommitted changes; absent if unknown.
    pub revision: Option<String>,
    /// Processor and system.
    pub target: String,
    /// The command line.
    pub command: Vec<String>,
    /// What tells this computation from others: hash of `resolved.ron`, seeds, hash of the program.
    pub identity: Identity,
    /// Hash of each input file.
    pub inputs: BTreeMap<String, String>,
    /// Hash of each result file.
    pub files: BTreeMap<String, String>,
    /// The arm that the others are held against, if the experiment names one.
    #[serde(default)]
    pub reference: Option<String>,
    /// The random generator.
    pub generator: String,
    /// How many runs there are, and how many of them failed.
    pub runs: Counts,
    /// When the computation ended, UTC.
    pub finished: String,
    /// How long it took, seconds.
    pub seconds: f64,
    /// Name of the machine, if it tells.
    pub host: Option<String>,
}

/// Runs by how they ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// All runs.
    pub all: usize,
    /// Runs that failed.
    pub failed: usize,
}

impl Manifest {
    /// Its file name.
    pub const FILE: &str = "manifest.json";

    /// A manifest of this program, here and now; the caller adds inputs, files and runs.
    #[must_use]
    pub fn new(identity: Identity) -> Self {
        Self {
            program: "monazite".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            revision: revision(),
            target: format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
            command: std::env::args().collect(),
            identity,
            inputs: BTreeMap::new(),
            files: BTreeMap::new(),
            reference: None,
            generator: "ChaCha8 of rand_chacha 0.10, keyed by seed, purpose, owner".to_owned(),
            runs: Counts::default(),
            finished: utc(SystemTime::now()),
            seconds: 0.0,
            host: host(),
        }
    }

    /// Reads the manifest of a result directory.
    ///
    /// # Errors
    /// If there is none, or one of another program.
    pub fn read(root: &Path) -> io::Result<Self> {
        let manifest: Self = serde_json::from_slice(&fs::read(root.join(Self::FILE))?)?;
        if manifest.program == "monazite" {
            Ok(manifest)
        } else {
            Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a manifest of another program",
            ))
        }
    }

    /// Whether this version reads what the one that wrote it has written: patches of a version leave files as they are.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        let minor = |version: &str| {
            let mut parts = version.split('.').map(str::to_owned);
            (parts.next(), parts.next())
        };
        minor(&self.version) == minor(env!("CARGO_PKG_VERSION"))
    }

    /// Writes it.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn write(&self, root: &Path) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        write::bytes(&root.join(Self::FILE), &text)
    }
}

/// Hash of the program that runs: another build may compute other numbers.
///
/// # Errors
/// If the program's file cannot be read.
pub fn program_hash() -> io::Result<String> {
    write::hash_file(&std::env::current_exe()?)
}

/// Revision of the source tree that the program was built in, if it still stands there and `git` is at hand.
fn revision() -> Option<String> {
    let program = std::env::current_exe().ok()?;
    let git = |arguments: &[&str]| {
        let out = Command::new("git")
            .arg("-C")
            .arg(program.parent()?)
            .args(arguments)
            .output()
            .ok()?;
        out.status
            .success()
            .then(|| String::from_utf8_lossy(&out.stdout).trim().to_owned())
    };
    let tree = git(&["rev-parse", "--show-toplevel"])?;
    let package = fs::read_to_string(Path::new(&tree).join("Cargo.toml")).ok()?;
    if !package.contains("name = \"monazite\"") {
        return None; // installed somewhere below another repository
    }
    let head = git(&["rev-parse", "HEAD"])?;
    let changed = !git(&["status", "--porcelain", "--untracked-files=no"])?.is_empty();
    Some(if changed {
        format!("{head}-dirty")
    } else {
        head
    })
}

fn host() -> Option<String> {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = name.or_else(|| {
        std::env::var("HOSTNAME")
            .or_else(|_| std::env::var("COMPUTERNAME"))
            .ok()
    })?;
    Some(name.trim().to_owned())
}

/// A moment as `2026-11-24T10:31:05Z`. Days to dates by Howard Hinnant's `civil_from_days`.
fn utc(moment: SystemTime) -> String {
    let seconds = moment
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let days = seconds / 86_400 + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let (day, month) = (
        of_year - (153 * shifted + 2) / 5 + 1,
        if shifted < 10 {
            shifted + 3
        } else {
            shifted - 9
        },
    );
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn moments_are_dates() {
        for (seconds, date) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_795_516_265, "2026-11-24T10:31:05Z"),
        ] {
            assert_eq!(utc(UNIX_EPOCH + Duration::from_secs(seconds)), date);
        }
    }
}
