//! What an experiment's file may say, and what is answered to what it may not.

use monazite::{
    config::{self, Experiment, Loaded},
    experiment::{design::Points, plan::Plan, seeds::Seeds},
};
use std::{fs, path::Path};

/// A folder with a small scenario and two strategies of its states.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad_configs/base.ron");
    fs::copy(base, folder.path().join("base.ron")).expect("a copy");
    for (name, rate) in [("low", 0.1), ("high", 0.3)] {
        let text = format!(
            "Strategy(calendar: {{\"{name}\": (from: \"2025Q1\", instrument: ExportTax(of: [\"oxide\"], rate: {rate}))}})"
        );
        fs::write(folder.path().join(format!("{name}.ron")), text).expect("a file");
    }
    folder
}

fn load(folder: &Path, fields: &str) -> Result<Experiment, String> {
    let path = folder.join("experiment.ron");
    let text = format!("Experiment(scenario: \"base.ron\", seeds: 2, {fields})");
    fs::write(&path, text).expect("a file");
    match config::load(&path, &[]) {
        Ok(Loaded::Experiment(experiment)) => Ok(*experiment),
        Ok(_) => panic!("an experiment is an experiment"),
        Err(report) => Err(report.to_string()),
    }
}

fn sound(folder: &Path, fields: &str) -> Experiment {
    load(folder, fields).unwrap_or_else(|report| panic!("{report}"))
}

/// The same experiment from its resolved text alone.
fn assert_resolves(folder: &Path, experiment: &Experiment) {
    let text = config::resolved_experiment(experiment);
    let path = folder.join("resolved.ron");
    fs::write(&path, &text).expect("a file");
    let again = config::load(&path, &[]).unwrap_or_else(|report| panic!("{report}\n{text}"));
    assert_eq!(again, Loaded::Experiment(Box::new(experiment.clone())));
    fs::remove_file(&path).expect("a file");
}

#[test]
fn every_design_is_laid_out_and_comes_back_from_its_resolved_text() {
    let folder = folder();
    fs::write(
        folder.path().join("points.csv"),
        "# two worlds\nexpectation.trend_share,policy.threat_share\n0.2,0.3\n0.25,0.4\n",
    )
    .expect("a file");
    let vary = "vary: {\"expectation.trend_share\": Uniform(0.1, 0.3), \"both\": Together({\
        \"expectation.adaptive_share\": Uniform(0.2, 0.4), \"investment.hurdle_low\": Choice([0.08, 0.1])})}";
    for (design, points) in [
        ("Grid(levels: 3)", 6),
        ("LatinHypercube(7)", 7),
        ("Sobol(8)", 8),
        ("Morris(trajectories: 5, levels: 4)", 15),
        ("Saltelli(4)", 16),
    ] {
        let fields = format!("arms: {{\"a\": (), \"b\": ()}}, {vary}, design: {design}");
        let experiment = sound(folder.path(), &fields);
        let plan = Plan::of(&experiment, Seeds::first(2));
        assert_eq!(plan.points.len(), points, "{design}");
        assert_eq!(plan.len(), 2 * points * 2, "{design}");
        assert_eq!(
            plan.points.paths,
            [
                "expectation.trend_share",
                "expectation.adaptive_share",
                "investment.hurdle_low"
            ]
        );
        for values in &plan.points.values {
            assert!((0.1..=0.3).contains(&values[0]) && [0.08, 0.1].contains(&values[2]));
            let share = (values[1] - 0.2) / 0.2;
            assert_eq!(
                values[2] == 0.1,
                share >= 0.5,
                "they move together: {values:?}"
            );
        }
        assert_resolves(folder.path(), &experiment);
    }
    let experiment = sound(
        folder.path(),
        "arms: {\"a\": ()}, design: Points(\"points.csv\")",
    );
    let points = Points::of(&experiment);
    assert_eq!(
        points.paths,
        ["expectation.trend_share", "policy.threat_share"]
    );
    assert_eq!(points.values, [[0.2, 0.3], [0.25, 0.4]]);
    assert_resolves(folder.path(), &experiment);
}

#[test]
fn a_game_runs_every_profile() {
    let folder = folder();
    let experiment = sound(
        folder.path(),
        "game: (players: {\"CN\": [\"as_is\", \"low.ron\", \"high.ron\"], \
            \"US\": {\"as_is\": \"as_is\", \"tax\": Strategy(calendar: {\"t\": (from: \"2025Q1\", instrument: ExportTax(of: [\"oxide\"], rate: 0.2))})}}, \
          payoffs: {\"US\": {\"public_cost_usd[US]\": -1.0}, \"CN\": {\"price_mean[ndpr_oxide@CN]\": 2.0, \"damage_usd\": -1.0}})",
    );
    let names: Vec<&str> = experiment.arms.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "CN as_is, US as_is",
            "CN as_is, US tax",
            "CN low, US as_is",
            "CN low, US tax",
            "CN high, US as_is",
            "CN high, US tax",
        ]
    );
    assert_eq!(experiment.reference, "CN as_is, US as_is");
    let measures = |arm: &str, state: &str| {
        let strategy = experiment.arms[arm].strategies.get(state);
        let names = strategy.map(|own| own.calendar.keys().cloned().collect::<Vec<_>>());
        names.unwrap_or_default()
    };
    assert_eq!(measures("CN as_is, US tax", "CN"), ["quota"]);
    assert_eq!(
        measures("CN high, US tax", "CN"),
        ["high"],
        "replaces what was there"
    );
    assert_eq!(measures("CN high, US tax", "US"), ["t"]);
    assert_eq!(
        experiment.moves("CN low, US tax"),
        [("CN", "low"), ("US", "tax")]
    );
    let plan = Plan::of(&experiment, Seeds::first(2));
    assert_eq!(plan.players[0].1[4], "high");
    let payoffs: Vec<_> = experiment.game.as_ref().unwrap().payoffs.keys().collect();
    assert_eq!(payoffs, ["CN", "US"], "in the order of the players");
    assert_resolves(folder.path(), &experiment);
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let folder = folder();
    fs::write(
        folder.path().join("bad.csv"),
        "expectation.trend_share\n0.2\nmuch\n",
    )
    .unwrap();
    fs::write(
        folder.path().join("far.csv"),
        "expectation.trend_share\n0.2\n7.5\n",
    )
    .unwrap();
    let one = "arms: {\"a\": ()}";
    let vary = "vary: {\"expectation.trend_share\": Uniform(0.1, 0.3)}";
    let players = "players: {\"CN\": [\"as_is\", \"low.ron\"]}";
    for (fields, words) in [
        (format!("{one}, {vary}"), vec!["vary", "no `design`", "LatinHypercube"]),
        (format!("{one}, design: Sobol(8)"), vec!["nothing under `vary`"]),
        (format!("{one}, {vary}, design: Soboll(8)"), vec!["Soboll", "did you mean `Sobol`?"]),
        (format!("{one}, {vary}, design: Sobol(70000)"), vec!["65536"]),
        (format!("{one}, {vary}, design: Morris(trajectories: 4, levels: 5)"), vec!["even"]),
        (format!("{one}, {vary}, design: Grid(levels: 1)"), vec!["two levels"]),
        (format!("{one}, {vary}, design: LatinHypercube(0)"), vec!["0 points"]),
        (
            format!("{one}, vary: {{\"expectation.trend_shar\": Uniform(0.1, 0.3)}}, design: Sobol(4)"),
            vec!["experiment.ron:1", "trend_shar", "did you mean `trend_share`?"],
        ),
        (
            format!("{one}, vary: {{\"expectation.trend_share\": Uniform(0.1, 7.0)}}, design: Sobol(4)"),
            vec!["vary.expectation.trend_share", "would leave the plausible range"],
        ),
        (
            format!("{one}, vary: {{\"expectation.trend_share\": Uniform(0.3, 0.1)}}, design: Sobol(4)"),
            vec!["ascending"],
        ),
        (
            format!("{one}, vary: {{\"expectation.trend_share\": Uniform(0.1, 0.3), \"x\": Together({{\"expectation.trend_share\": Uniform(0.1, 0.2)}})}}, design: Sobol(4)"),
            vec!["varied by \"expectation.trend_share\" too"],
        ),
        (format!("{one}, design: Points(\"bad.csv\")"), vec!["bad.csv:3", "`much` is no number"]),
        (format!("{one}, design: Points(\"far.csv\")"), vec!["far.csv:3", "7.5 is out of range"]),
        (format!("{one}, design: Points(\"non.csv\")"), vec!["non.csv", "no such file"]),
        (
            format!("{one}, {vary}, design: Points({{\"policy.threat_share\": [0.1]}})"),
            vec!["no value for it", "not under `vary`"],
        ),
        (
            format!("{one}, design: Points({{\"policy.threat_share\": [0.1, 0.2], \"expectation.trend_share\": [0.1]}})"),
            vec!["1 values, where others have 2"],
        ),
        (format!("{one}, game: ({players}, payoffs: {{\"CN\": {{\"damage_usd\": 1.0}}}})"), vec!["not both"]),
        (format!("game: ({players})"), vec!["nothing says what CN wants"]),
        (
            format!("game: ({players}, payoffs: {{\"CN\": {{\"damage_us\": 1.0}}}})"),
            vec!["experiment.ron:1", "no metric is called \"damage_us\"", "did you mean `damage_usd`?"],
        ),
        (
            format!("game: ({players}, payoffs: {{\"CN\": {{\"public_cost_usd[CX]\": 1.0}}}})"),
            vec!["no state is called \"CX\""],
        ),
        (
            format!("game: ({players}, payoffs: {{\"CN\": {{\"damage_usd\": 1.0}}, \"US\": {{\"damage_usd\": 1.0}}}})"),
            vec!["US is no player"],
        ),
        (
            "game: (players: {\"CN\": [\"low.ron\", \"low.ron\"]}, payoffs: {\"CN\": {\"damage_usd\": 1.0}})".into(),
            vec!["two strategies of CN are called \"low\""],
        ),
        (
            "game: (players: {\"CN\": [\"lo.ron\"]}, payoffs: {\"CN\": {\"damage_usd\": 1.0}})".into(),
            vec!["\"lo.ron\": no such file", "did you mean `low.ron`?"],
        ),
        (
            "game: (players: {\"CX\": [\"as_is\"]}, payoffs: {\"CX\": {\"damage_usd\": 1.0}})".into(),
            vec!["no state is called \"CX\""],
        ),
        (format!("{one}, metrics: [\"price_mean\"]"), vec!["price_mean[dy_oxide@EU]"]),
        (format!("{one}, metrics: [\"price_mean[rock_conc@CN]\"]"), vec!["metrics.0"]),
        (format!("{one}, record: [\"markets\"]"), vec!["did you mean `market`?"]),
        (format!("{one}, reference: \"b\""), vec!["no arm is called \"b\""]),
    ] {
        let report = load(folder.path(), &fields).expect_err(&fields);
        for word in words {
            assert!(report.contains(word), "no `{word}` for {fields}\n{report}");
        }
    }
}
