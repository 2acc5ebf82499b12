//! `new`: a commented scenario for a user to edit.

use super::{Failure, args::New, input, terminal};
use crate::{config, record::write};
use std::{
    fs, io,
    path::{Component, Path, PathBuf},
};

pub fn new(args: &New) -> Result<(), Failure> {
    let from = existing(&args.from)?;
    config::load(&from, &[]).map_err(|report| input::refusal(&from, &report))?;
    let path = target(&args.name);
    if path.exists() && !args.force {
        return Err(Failure::Usage(format!(
            "{} is there already; --force replaces it",
            path.display()
        )));
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| Failure::at(folder, error))?;
    let name = path.file_stem().map_or_else(
        || args.name.clone(),
        |stem| stem.to_string_lossy().into_owned(),
    );
    let from = relative(folder, &from).map_err(|error| Failure::at(&from, error))?;
    write::bytes(&path, config::starter(&name, &from).as_bytes())
        .map_err(|error| Failure::at(&path, error))?;
    terminal::say(&path.display().to_string())?;
    terminal::remark(&format!(
        "edit it, then: monazite check {0} and monazite run {0}",
        path.display()
    ));
    Ok(())
}

/// The scenario to start from: a path, or a name in `configs` or one of its folders.
fn existing(from: &str) -> Result<PathBuf, Failure> {
    let places = [
        from.to_owned(),
        format!("configs/{from}.ron"),
        format!("configs/scenarios/{from}.ron"),
        format!("{from}.ron"),
    ];
    let found = places.iter().map(PathBuf::from).find(|path| path.is_file());
    found.ok_or_else(|| {
        Failure::Usage(format!(
            "there is no scenario `{from}`; looked for {}",
            places.join(", ")
        ))
    })
}

/// A bare name becomes a file among the scenarios; a path stays what it is.
fn target(name: &str) -> PathBuf {
    let path = PathBuf::from(name);
    match (
        path.extension().is_some_and(|extension| extension == "ron"),
        path.components().count(),
    ) {
        (true, 2..) => path,
        (true, _) => Path::new("configs/scenarios").join(path),
        (false, 2..) => path.with_added_extension("ron"),
        (false, _) => Path::new("configs/scenarios").join(format!("{name}.ron")),
    }
}

/// The way from a folder to a file, with `/` between folders.
fn relative(folder: &Path, file: &Path) -> io::Result<String> {
    let (folder, file) = (folder.canonicalize()?, file.canonicalize()?);
    let shared = folder
        .components()
        .zip(file.components())
        .take_while(|(a, b)| a == b)
        .count();
    let up = folder.components().skip(shared).map(|_| "..".into());
    let down = file
        .components()
        .skip(shared)
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        });
    Ok(up.chain(down).collect::<Vec<_>>().join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_scenarios_and_paths_stay() {
        for (name, path) in [
            ("quota", "configs/scenarios/quota.ron"),
            ("quota.ron", "configs/scenarios/quota.ron"),
            ("mine/quota", "mine/quota.ron"),
            ("./quota.ron", "./quota.ron"),
        ] {
            assert_eq!(target(name), Path::new(path), "{name}");
        }
    }

    #[test]
    fn the_way_goes_up_and_down() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("scenarios/mine")).unwrap();
        fs::write(dir.path().join("baseline.ron"), "").unwrap();
        let way = |folder: &str| {
            relative(&dir.path().join(folder), &dir.path().join("baseline.ron")).unwrap()
        };
        assert_eq!(
            (way("scenarios/mine"), way("scenarios"), way("")),
            (
                "../../baseline.ron".into(),
                "../baseline.ron".into(),
                "baseline.ron".into()
            )
        );
    }
}
