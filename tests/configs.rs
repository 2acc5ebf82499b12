//! Configurations as users meet them: the shipped files load, bad ones are explained, and nothing makes the reader fall over.

#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking; its helpers are no test functions to the lint"
)]

use monazite::config::{self, Loaded, Report, Scenario, Set};
use std::fs;
use std::path::{Path, PathBuf};

fn scenario(path: &Path, sets: &[&str]) -> Result<Scenario, Report> {
    let sets = sets
        .iter()
        .map(|set| set.parse().unwrap())
        .collect::<Vec<Set>>();
    match config::load(path, &sets)? {
        Loaded::Scenario(scenario) => Ok(*scenario),
        other => panic!("no scenario: {other:?}"),
    }
}

fn sound(path: &Path, sets: &[&str]) -> Scenario {
    scenario(path, sets).unwrap_or_else(|report| panic!("{report}"))
}

fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect::<Vec<_>>();
    files.sort();
    files
}

/// The lines `// word: text` of a file.
fn notes(text: &str, word: &str) -> Vec<String> {
    let start = format!("// {word}: ");
    text.lines()
        .filter_map(|line| line.strip_prefix(&start).map(str::to_owned))
        .collect()
}

#[test]
fn every_shipped_file_is_sound() {
    for folder in [
        "configs",
        "configs/strategies",
        "configs/scenarios",
        "configs/history/strategies",
        "configs/experiments",
    ] {
        if !Path::new(folder).exists() {
            continue;
        }
        for file in files(folder, "ron") {
            if let Err(report) = config::load(&file, &[]) {
                panic!("{}:\n{report}", file.display());
            }
        }
    }
}

#[test]
fn bad_configurations_are_explained() {
    let bad = files("tests/bad_configs", "ron")
        .into_iter()
        .filter(|file| file.file_stem().is_some_and(|stem| stem != "base"))
        .collect::<Vec<_>>();
    assert!(bad.len() >= 30, "only {} bad configurations", bad.len());
    let mut wrong = String::new();
    for file in &bad {
        let text = fs::read_to_string(file).unwrap();
        let sets = notes(&text, "set");
        let sets = sets
            .iter()
            .map(|set| set.parse().unwrap())
            .collect::<Vec<Set>>();
        let Err(report) = config::load(file, &sets) else {
            wrong += &format!("== {}: accepted\n", file.display());
            continue;
        };
        let message = report.to_string();
        let missing = notes(&text, "expect")
            .into_iter()
            .filter(|expected| !message.contains(expected.as_str()))
            .collect::<Vec<_>>();
        let problems = notes(&text, "problems")[0].parse::<usize>().unwrap();
        if !missing.is_empty() || report.findings.len() != problems {
            wrong += &format!(
                "== {}: {} problems, expected {problems}; not said: {missing:?}\n{message}\n",
                file.display(),
                report.findings.len(),
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn resolved_text_gives_the_same_scenario_and_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("resolved.ron");
    for file in [
        "configs/baseline.ron",
        "configs/scenarios/tit_for_tat.ron",
        "tests/bad_configs/base.ron",
    ] {
        let original = sound(Path::new(file), &["seeds=3"]);
        let text = config::resolved(&original);
        fs::write(&path, &text).unwrap();
        let again = sound(&path, &[]);
        assert_eq!(again, original, "{file}");
        assert_eq!(config::resolved(&again), text, "{file}");
    }
}

#[test]
fn set_reaches_cells_of_tables() {
    let path = "demand.2024:CN:ev_traction:ndfeb_hc.tonnes";
    let scenario = sound(
        Path::new("configs/baseline.ron"),
        &[&format!("{path}=1"), "title=Another world"],
    );
    assert_eq!(scenario.demand["2024:CN:ev_traction:ndfeb_hc"].tonnes, 1.0);
    assert_eq!(scenario.title, "Another world");
}

#[test]
fn experiments_patch_their_scenario_by_arm() {
    let folder = tempfile::tempdir().unwrap();
    let base = fs::read_to_string("tests/bad_configs/base.ron").unwrap();
    fs::write(folder.path().join("base.ron"), base).unwrap();
    fs::write(
        folder.path().join("tax.ron"),
        r#"Strategy(title: "Tax", calendar: {"tax": (from: "2025Q1", instrument: ExportTax(of: ["oxide"], rate: 0.1))})"#,
    )
    .unwrap();
    let path = folder.path().join("experiment.ron");
    fs::write(
        &path,
        r#"Experiment(title: "Quota or tax", scenario: "base.ron", seeds: 4, arms: {
            "quota": (),
            "both": (strategies: {"CN": Strategy(calendar: {"tax": (from: "2025Q1", instrument: ExportTax(of: ["oxide"], rate: 0.1))})}),
            "tax": (strategies: {"CN": "tax.ron"}),
            "none": (remove: ["strategies.CN"]),
        })"#,
    )
    .unwrap();
    let sets = ["expectation.trend_share=0.2".parse().unwrap()];
    let Loaded::Experiment(experiment) =
        config::load(&path, &sets).unwrap_or_else(|r| panic!("{r}"))
    else {
        panic!("no experiment")
    };
    let measures = |arm: &str| {
        let strategy = experiment.arms[arm].strategies.get("CN");
        strategy.map_or(Vec::new(), |s| {
            s.calendar.keys().map(String::as_str).collect()
        })
    };
    assert_eq!(measures("quota"), ["quota"]);
    assert_eq!(measures("both"), ["quota", "tax"]);
    assert_eq!(measures("tax"), ["tax"]);
    assert_eq!(measures("none"), Vec::<&str>::new());
    assert_eq!(
        (experiment.seeds, experiment.reference.as_str()),
        (4, "quota")
    );
    assert!(
        experiment
            .arms
            .values()
            .all(|arm| arm.expectation.trend_share == 0.2)
    );
    let text = config::resolved_experiment(&experiment);
    let alone = folder.path().join("resolved.ron");
    fs::write(&alone, &text).unwrap();
    let again = config::load(&alone, &[]).unwrap_or_else(|r| panic!("{r}"));
    assert_eq!(again, Loaded::Experiment(experiment.clone()));
    assert_eq!(config::resolved_experiment(&experiment), text);
}

#[test]
fn parents_are_laid_once_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(
        "base.ron",
        &fs::read_to_string("tests/bad_configs/base.ron").unwrap(),
    );
    write(
        "left.ron",
        r#"Scenario(extends: "base.ron", seeds: 5, expectation: (trend_share: 0.2))"#,
    );
    write(
        "right.ron",
        r#"Scenario(extends: ["base.ron"], expectation: (adaptive_share: 0.4))"#,
    );
    write(
        "child.ron",
        "\u{feff}Scenario(extends: [\"left.ron\", \"right.ron\"], title: \"Child\", remove: [\"firms.mp\"])",
    );
    let child = sound(&folder.path().join("child.ron"), &[]);
    let beliefs = (
        child.expectation.adaptive_share,
        child.expectation.trend_share,
    );
    assert_eq!((child.seeds, beliefs), (5, (0.4, 0.2)));
    assert!(!child.firms.contains_key("mp") && child.firms.contains_key("northern"));
}

#[test]
fn show_says_where_values_come_from() {
    let file = Path::new("configs/baseline.ron");
    let whole = config::show(file, &["seeds=7".parse().unwrap()], None).unwrap();
    assert!(
        whole.contains("seeds: 7, // from --set #1:1"),
        "{}",
        &whole[..400]
    );
    assert!(whole.contains("// from configs/world/states.csv:"));
    let part = config::show(file, &[], Some("demand.2024:CN:ev_traction:ndfeb_hc")).unwrap();
    assert!(
        part.contains("tonnes: ") && part.contains("// from configs/world/demand.csv:"),
        "{part}"
    );
    let measure = config::show(file, &[], Some("strategies.CN.calendar.quota_clay")).unwrap();
    assert!(
        measure.contains("// from configs/strategies/baseline_cn.ron:"),
        "{measure}"
    );
    let wrong = config::show(file, &[], Some("demand.2024:CN:ev_tractoin:ndfeb_hc")).unwrap_err();
    assert!(wrong.to_string().contains("did you mean"), "{wrong}");
}

#[test]
fn a_starter_is_sound_and_the_schema_is_complete() {
    let folder = tempfile::tempdir().unwrap();
    let base = fs::read_to_string("tests/bad_configs/base.ron").unwrap();
    fs::write(folder.path().join("base.ron"), base).unwrap();
    let path = folder.path().join("mine.ron");
    fs::write(&path, config::starter("my_world", "base.ron")).unwrap();
    assert_eq!(sound(&path, &[]).title, "My world");
    for kind in [
        config::Kind::Scenario,
        config::Kind::Strategy,
        config::Kind::Experiment,
    ] {
        let schema = config::schema(kind);
        assert_eq!(
            schema["$schema"],
            "https://json-schema.org/draft/2020-12/schema"
        );
        assert_eq!(schema["title"], kind.word());
    }
    for record in config::records() {
        assert!(!record.doc.is_empty(), "{}", record.name);
        for field in record.fields {
            assert!(!field.doc.is_empty(), "{}.{}", record.name, field.name);
            let number = field.kind.contains("f64");
            assert_eq!(
                number,
                number && field.range.is_some() && !field.unit.is_empty(),
                "{}.{}",
                record.name,
                field.name
            );
        }
    }
}

#[test]
fn draws_depend_on_seed_and_path_alone() {
    let few = |uncertainty: &str| {
        let folder = tempfile::tempdir().unwrap();
        let base = fs::read_to_string("tests/bad_configs/base.ron").unwrap();
        fs::write(folder.path().join("base.ron"), base).unwrap();
        let path = folder.path().join("mine.ron");
        fs::write(
            &path,
            format!(
                "Scenario(extends: \"base.ron\", title: \"x\", uncertainty: {{{uncertainty}}})"
            ),
        )
        .unwrap();
        sound(&path, &[])
    };
    let one = few(r#""expectation.trend_share": Uniform(0.1, 0.3)"#);
    let two = few(
        r#""planning.habit": Normal(0.5, 0.1, 0.4, 0.6), "expectation.trend_share": Uniform(0.1, 0.3),
        "firms.*.plants.*.periods.*.capacity_t_a": PerEntity(LogUniform(10_000, 100_000)),
        "both": Together({"planning.capital_speed": Uniform(0.0, 0.2), "planning.export_share": Triangular(0.5, 0.8, 1.0)}),
        "strategies.CN.calendar.quota.instrument.tonnes_per_year": Choice([20_000, 30_000])"#,
    );
    for seed in 0..50 {
        let (a, b) = (one.draw(seed), two.draw(seed));
        assert_eq!(a.expectation, b.expectation);
        assert!((0.1..=0.3).contains(&a.expectation.trend_share));
        assert!((0.4..=0.6).contains(&b.planning.habit));
        let capacities = b.firms.values().flat_map(|firm| firm.plants.values());
        let capacities = capacities
            .map(|plant| plant.periods[0].capacity_t_a)
            .collect::<Vec<_>>();
        assert!(
            capacities.windows(2).all(|pair| pair[0] != pair[1]),
            "{capacities:?}"
        );
        let low = b.planning.capital_speed < 0.1;
        assert_eq!(
            low,
            monazite::config::Distribution::Triangular(0.5, 0.8, 1.0).quantile(0.5)
                > b.planning.export_share
        );
        assert_eq!(two.draw(seed), b);
    }
    assert!(one.draw(1).expectation != one.draw(2).expectation);
}

/// Small numbers from a fixed start: the mutations are the same on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        // The splitmix64 generator (Steele, Lea and Flood 2014).
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % limit.max(1) as u64).unwrap()
    }
}

/// One mutation of a text: bytes or tokens removed, doubled, swapped or replaced.
fn mutated(text: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    const TOKENS: [&str; 26] = [
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "-",
        "1e999",
        "NaN",
        "-1",
        "0",
        "999999999999",
        "\n",
        "/*",
        "//",
        "#",
        "'",
        "r#\"",
        "None",
        "Some(",
        "\u{feff}",
        "é",
        "..",
    ];
    let mut text = text.to_vec();
    for _ in 0..=numbers.below(3) {
        let at = numbers.below(text.len() + 1);
        let length = 1 + numbers.below(12);
        let end = (at + length).min(text.len());
        match numbers.below(6) {
            0 => drop(text.drain(at..end)),
            1 => {
                let copy = text[at..end].to_vec();
                text.splice(at..at, copy);
            }
            2 => drop(text.splice(at..at, TOKENS[numbers.below(TOKENS.len())].bytes())),
            3 => drop(text.splice(at..end, TOKENS[numbers.below(TOKENS.len())].bytes())),
            4 => {
                if let Some(byte) = text.get_mut(at) {
                    *byte = u8::try_from(numbers.below(256)).unwrap();
                }
            }
            _ => {
                let from = numbers.below(text.len() + 1);
                let copy = text[from..(from + length * 4).min(text.len())].to_vec();
                text.splice(at..at, copy);
            }
        }
    }
    text
}

fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copied(&path, &target)
        } else {
            fs::copy(&path, target).map(|_| ()).unwrap()
        }
    }
}

/// Mutates shipped files one after the other; every answer must be a scenario or a report, soon.
fn mutate(times: usize, start: u64) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("configs");
    copied(Path::new("configs"), &root);
    let mut targets = [
        files("configs", "ron"),
        files("configs/strategies", "ron"),
        files("configs/world", "csv"),
    ]
    .concat();
    // The small files hold most of the syntax.
    targets.extend(files("configs/strategies", "ron"));
    targets.extend(vec![
        PathBuf::from("configs/baseline.ron");
        targets.len() / 2
    ]);
    let mut numbers = Numbers(start);
    let (mut refused, mut slowest) = (0, std::time::Duration::ZERO);
    for _ in 0..times {
        let target = &targets[numbers.below(targets.len())];
        let original = fs::read(target).unwrap();
        let copy = folder.path().join(target);
        let text = mutated(&original, &mut numbers);
        fs::write(&copy, &text).unwrap();
        let begin = std::time::Instant::now();
        let loaded = config::load(&root.join("baseline.ron"), &[]);
        slowest = slowest.max(begin.elapsed());
        match loaded {
            Ok(loaded) => drop(config::summary(&loaded)),
            Err(report) => {
                refused += 1;
                assert!(report.to_string().starts_with("error["), "{report}");
            }
        }
        fs::write(&copy, original).unwrap();
    }
    println!("{times} mutations, {refused} refused, slowest {slowest:?}");
    assert!(refused > times / 5);
    assert!(slowest < std::time::Duration::from_secs(10), "{slowest:?}");
}

#[test]
fn mutations_of_shipped_files_are_read_or_refused() {
    mutate(300, 1);
}

#[test]
#[ignore = "takes minutes; run with --ignored"]
fn ten_thousand_mutations_are_read_or_refused() {
    mutate(10_000, 2);
}
