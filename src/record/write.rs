//! Files and result directories: each file appears whole or not at all, and nothing of anybody else is overwritten.

use super::manifest::Manifest;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

/// How temporary files begin.
const TEMPORARY: &str = ".unfinished-";

/// Writes a file under a temporary name in the same directory, syncs it, and renames it into place.
///
/// # Errors
/// What `content` returns, or what the file system refuses; the old file, if any, is then still there.
pub fn atomically<E: From<io::Error>>(
    path: &Path,
    content: impl FnOnce(&mut BufWriter<&File>) -> Result<(), E>,
) -> Result<(), E> {
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666)); // less the user's mask, as for any file
    }
    let temporary = builder.tempfile_in(directory)?;
    let mut out = BufWriter::new(temporary.as_file());
    content(&mut out)?;
    out.flush()?;
    drop(out);
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|refused| refused.error)?;
    sync_directory(directory)?;
    Ok(())
}

/// [`atomically`] for content that is at hand.
///
/// # Errors
/// What the file system refuses.
pub fn bytes(path: &Path, content: &[u8]) -> io::Result<()> {
    atomically(path, |out| out.write_all(content))
}

#[cfg(unix)]
fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Hash of a file's content, in hexadecimal.
///
/// # Errors
/// If the file cannot be read.
pub fn hash_file(path: &Path) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// Name of the directory inside a result directory that holds the runs done so far.
const UNFINISHED: &str = ".unfinished";

/// What tells one computation from another: the same identity gives the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Hash of the resolved configuration.
    pub configuration: String,
    /// The seeds, as a list such as `1..32`.
    pub seeds: String,
    /// Hash of the program.
    pub program: String,
    /// The runs that are meant, if not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runs: Option<String>,
}

/// What a directory holds before a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// The results of this very computation.
    Finished,
    /// Runs of this very computation, not all of them.
    Unfinished,
    /// Results of this configuration by another build of the program.
    OtherProgram,
    /// Results of another configuration, finished or not.
    OtherConfiguration,
    /// Results whose manifest cannot be read.
    Damaged,
    /// Files that are not ours.
    Foreign,
}

/// Why a directory was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It holds something else.
    #[error("{} {holds}; give another directory with --output, or replace it with --force", directory.display())]
    Holds {
        /// The directory.
        directory: PathBuf,
        /// What it holds, as the rest of a sentence.
        holds: &'static str,
    },
    /// The file system refused.
    #[error("{}: {error}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: io::Error,
    },
}

/// A result directory that this computation may write to.
#[derive(Debug)]
pub struct ResultDir {
    root: PathBuf,
    /// Files that an earlier computation left and that this one replaces or takes away.
    before: Vec<String>,
    /// Files that this computation writes.
    written: BTreeSet<String>,
}

/// What a directory holds, seen from a computation that would write there.
///
/// # Errors
/// If the directory cannot be read.
pub fn look(root: &Path, identity: &Identity) -> io::Result<Found> {
    let mut entries = match fs::read_dir(root) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(error),
    };
    if entries.next().is_none() {
        return Ok(Found::Nothing);
    }
    let unfinished = fs::read(root.join(UNFINISHED).join("identity.json")).ok();
    if let Some(other) = unfinished.and_then(|text| serde_json::from_slice::<Identity>(&text).ok())
    {
        return Ok(relation(identity, &other, Found::Unfinished));
    }
    match Manifest::read(root) {
        Ok(manifest) => Ok(relation(identity, &manifest.identity, Found::Finished)),
        Err(_) if root.join(Manifest::FILE).exists() => Ok(Found::Damaged),
        Err(_) => Ok(Found::Foreign),
    }
}

/// Whether a directory holds runs that are not joined yet.
#[must_use]
pub fn is_unfinished(root: &Path) -> bool {
    root.join(UNFINISHED).exists()
}

fn relation(ours: &Identity, theirs: &Identity, same: Found) -> Found {
    if ours == theirs {
        same
    } else if ours.configuration == theirs.configuration
        && ours.seeds == theirs.seeds
        && ours.runs == theirs.runs
    {
        Found::OtherProgram
    } else {
        Found::OtherConfiguration
    }
}

impl ResultDir {
    /// Takes a directory for a computation. Runs that the same computation has finished there are kept; results of the
    /// same configuration by another build are replaced; anything else is refused unless `force` is given, which replaces
    /// earlier results and leaves files that are not ours.
    ///
    /// # Errors
    /// If the directory holds something else or cannot be written.
    pub fn take(root: &Path, identity: &Identity, force: bool) -> Result<Self, Refused> {
        let io = |error| Refused::Io {
            path: root.to_owned(),
            error,
        };
        let found = look(root, identity).map_err(io)?;
        let holds = match found {
            Found::OtherConfiguration => {
                Some("holds the results of another configuration or other seeds")
            }
            Found::Damaged => Some("holds results whose manifest.json cannot be read"),
            Found::Foreign => Some("holds other files"),
            _ => None,
        };
        if let Some(holds) = holds.filter(|_| !force) {
            return Err(Refused::Holds {
                directory: root.to_owned(),
                holds,
            });
        }
        let before = Manifest::read(root)
            .map(|manifest| manifest.files.into_keys().collect())
            .unwrap_or_default();
        let dir = Self {
            root: root.to_owned(),
            before,
            written: BTreeSet::new(),
        };
        dir.start(identity, found == Found::Unfinished)
            .map_err(io)?;
        Ok(dir)
    }

    fn start(&self, identity: &Identity, keep: bool) -> io::Result<()> {
        if !keep {
            remove_dir(&self.parts())?;
        }
        for folder in ["", "tables", "quantiles", "figures"] {
            remove_leftovers(&self.root.join(folder))?;
        }
        bytes(
            &self.parts().join("identity.json"),
            &serde_json::to_vec_pretty(identity)?,
        )?;
        remove_file(&self.root.join(Manifest::FILE)) // no longer finished
    }

    /// The directory.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the runs done so far lie.
    #[must_use]
    pub fn parts(&self) -> PathBuf {
        self.root.join(UNFINISHED)
    }

    /// The unfinished runs of some directory.
    #[must_use]
    pub fn parts_of(root: &Path) -> PathBuf {
        root.join(UNFINISHED)
    }

    /// What the unfinished runs of some directory belong to.
    ///
    /// # Errors
    /// If there are none, or their note cannot be read.
    pub fn identity_of(root: &Path) -> io::Result<Identity> {
        let text = fs::read(root.join(UNFINISHED).join("identity.json"))?;
        Ok(serde_json::from_slice(&text)?)
    }

    /// The path of a file of the results, which the caller will write; `name` has `/` between folders.
    pub fn file(&mut self, name: &str) -> PathBuf {
        self.written.insert(name.to_owned());
        self.root.join(name)
    }

    /// Writes the manifest with the hashes of all files written, and takes away what was only there for resuming and files
    /// of earlier results that these lack.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn finish(self, manifest: &mut Manifest) -> io::Result<()> {
        for name in &self.written {
            manifest
                .files
                .insert(name.clone(), hash_file(&self.root.join(name))?);
        }
        for old in self
            .before
            .iter()
            .filter(|old| !self.written.contains(*old))
        {
            remove_file(&self.root.join(old))?;
        }
        manifest.write(&self.root)?;
        remove_dir(&self.parts())
    }
}

/// Temporary files of a program that was killed while it wrote.
fn remove_leftovers(folder: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
            remove_file(&entry.path())?;
        }
    }
    Ok(())
}

fn remove_file(path: &Path) -> io::Result<()> {
    gone(fs::remove_file(path))
}

fn remove_dir(path: &Path) -> io::Result<()> {
    gone(fs::remove_dir_all(path))
}

fn gone(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(configuration: &str, program: &str) -> Identity {
        Identity {
            seeds: "1..2".into(),
            configuration: configuration.into(),
            program: program.into(),
            runs: None,
        }
    }

    fn finish(dir: ResultDir, identity: &Identity) {
        dir.finish(&mut Manifest::new(identity.clone())).unwrap();
    }

    #[test]
    fn a_failed_write_leaves_the_old_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b.txt");
        bytes(&path, b"old").unwrap();
        let failed = atomically(&path, |out| {
            out.write_all(b"ne")?;
            Err(io::Error::other("power cut"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_directory_goes_from_nothing_to_unfinished_to_finished() {
        let dir = tempfile::tempdir().unwrap();
        let (root, id) = (dir.path().join("out"), identity("a", "p"));
        assert_eq!(look(&root, &id).unwrap(), Found::Nothing);
        let taken = ResultDir::take(&root, &id, false).unwrap();
        bytes(&taken.parts().join("000000/run.json"), b"{}").unwrap();
        drop(taken);
        assert_eq!(look(&root, &id).unwrap(), Found::Unfinished);
        let taken = ResultDir::take(&root, &id, false).unwrap();
        assert!(
            taken.parts().join("000000/run.json").exists(),
            "runs done are kept"
        );
        finish(taken, &id);
        assert_eq!(look(&root, &id).unwrap(), Found::Finished);
        assert_eq!(
            look(&root, &identity("a", "q")).unwrap(),
            Found::OtherProgram
        );
        assert_eq!(
            look(&root, &identity("b", "p")).unwrap(),
            Found::OtherConfiguration
        );
    }

    #[test]
    fn what_is_not_ours_is_refused_and_survives_force() {
        let dir = tempfile::tempdir().unwrap();
        let id = identity("a", "p");
        fs::write(dir.path().join("thesis.tex"), "years of work").unwrap();
        assert!(matches!(
            ResultDir::take(dir.path(), &id, false),
            Err(Refused::Holds { .. })
        ));
        finish(ResultDir::take(dir.path(), &id, true).unwrap(), &id);
        assert!(dir.path().join("thesis.tex").exists());
    }

    #[test]
    fn files_that_new_results_lack_are_taken_away() {
        let dir = tempfile::tempdir().unwrap();
        let (first, second) = (identity("a", "p"), identity("b", "p"));
        let mut taken = ResultDir::take(dir.path(), &first, false).unwrap();
        bytes(&taken.file("figures/old.png"), b"png").unwrap();
        finish(taken, &first);
        fs::write(dir.path().join("figures/mine.png"), "mine").unwrap();
        assert!(ResultDir::take(dir.path(), &second, false).is_err());
        finish(ResultDir::take(dir.path(), &second, true).unwrap(), &second);
        assert!(!dir.path().join("figures/old.png").exists());
        assert!(dir.path().join("figures/mine.png").exists());
    }
}
