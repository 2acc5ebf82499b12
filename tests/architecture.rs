//! The shape of the source: who may import whom, and what may not appear anywhere.

use std::{collections::BTreeMap, fs, path::Path};

/// Modules of the library, each of which may import only those before it.
///
/// `record` stands before `world` because the world registers the recorder as the last system of a quarter; rows and files know
/// nothing of how a world is built.
const ORDER: [&str; 12] = [
    "domain",
    "engine",
    "mechanisms",
    "config",
    "record",
    "world",
    "analysis",
    "experiment",
    "export",
    "figures",
    "report",
    "cli",
];

/// Modules that may use the mathematics of the platform: what they compute is drawn or tested, never fed back into a run.
const MAY_USE_PLATFORM_MATHEMATICS: [&str; 3] =
    ["src/domain/maths.rs", "src/figures/", "src/analysis/"];

/// All source files below `src` by path, with `/` between folders.
fn sources() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = BTreeMap::new();
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let name = path.strip_prefix(root).expect("below the root");
                let name = name.to_string_lossy().replace('\\', "/");
                files.insert(name, fs::read_to_string(&path).expect("text"));
            }
        }
    }
    files
}

/// The code of a file without comments and without its unit tests, which stand last.
fn code(text: &str) -> String {
    let text = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or(text);
    let lines = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// The paths behind each `prefix`, braces unfolded on their first level: `crate::{a::b, c}` gives `a::b` and `c`.
fn imports(code: &str, prefix: &str) -> Vec<String> {
    let mut found = Vec::new();
    for rest in code.split(prefix).skip(1) {
        let Some(inside) = rest.strip_prefix('{') else {
            found.push(word(rest).to_owned());
            continue;
        };
        let mut depth = 0usize;
        let mut item = String::new();
        for c in inside.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => found.push(word(&std::mem::take(&mut item)).to_owned()),
                _ => {}
            }
            if depth > 0 || c != ',' {
                item.push(c);
            }
        }
        found.push(word(&item).to_owned());
    }
    found.retain(|name| !name.is_empty());
    found
}

/// The first name of a path.
fn word(text: &str) -> &str {
    let text = text.trim_start();
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_'));
    &text[..end.unwrap_or(text.len())]
}

fn none(found: &[String]) {
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn modules_import_only_those_before_them() {
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        let module = word(&file["src/".len()..]).to_owned();
        let Some(rank) = ORDER.iter().position(|name| *name == module) else {
            assert!(
                ["lib", "main"].contains(&module.as_str()),
                "{file} has no place in the order"
            );
            continue;
        };
        for other in imports(&code(&text), "crate::") {
            if ORDER.iter().position(|name| *name == other) > Some(rank) {
                wrong.push(format!("{file}: {module} imports {other}"));
            }
        }
    }
    none(&wrong);
}

#[test]
fn mechanisms_do_not_import_each_other() {
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        let Some(mechanism) = file.strip_prefix("src/mechanisms/").map(word) else {
            continue;
        };
        let others = imports(&code(&text), "mechanisms::");
        let others = others.iter().filter(|other| *other != mechanism);
        wrong.extend(others.map(|other| format!("{file} imports {other}")));
    }
    wrong.retain(|line| !line.starts_with("src/mechanisms/mod.rs"));
    none(&wrong);
}

#[test]
fn nothing_depends_on_the_machine() {
    let mathematics = [
        ".exp(", ".exp2(", ".exp_m1(", ".ln(", ".ln_1p(", ".log(", ".log2(", ".log10(", ".powf(",
        ".powi(", ".sin(", ".cos(", ".tan(", ".tanh(",
    ];
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        let code = code(&text);
        let platform = MAY_USE_PLATFORM_MATHEMATICS
            .iter()
            .any(|place| file.starts_with(place));
        let refused = ["HashMap", "HashSet"]
            .into_iter()
            .chain(mathematics.into_iter().filter(|_| !platform));
        wrong.extend(
            refused
                .filter(|word| code.contains(word))
                .map(|word| format!("{file}: {word}")),
        );
        let rooted = [
            "\"/home/", "\"/tmp", "\"/var", "\"/usr", "\"/work", "\"C:\\",
        ];
        wrong.extend(
            rooted
                .into_iter()
                .filter(|place| text.contains(place))
                .map(|place| format!("{file}: {place}")),
        );
    }
    none(&wrong);
}

#[test]
fn every_file_says_what_it_is() {
    let files = sources().into_iter();
    let silent = files
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(file, _)| file);
    none(&silent.collect::<Vec<_>>());
}
