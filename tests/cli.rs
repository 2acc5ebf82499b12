//! What a user sees at the command line: verbs, files, messages, exit codes.

mod command;

use assert_cmd::{Command, cargo::cargo_bin_cmd};
use command::{assert_same, content, copy};
use std::{fs, path::Path};

/// The shipped baseline, cut to two years so that tests are quick.
const SHORT: [&str; 3] = ["configs/baseline.ron", "--set", "end=2025Q4"];

fn monazite() -> Command {
    let mut command = cargo_bin_cmd!("monazite");
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("NO_COLOR");
    command
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

/// Runs the short baseline into `out`.
fn run(out: &Path, more: &[&str]) -> assert_cmd::assert::Assert {
    monazite()
        .arg("run")
        .args(SHORT)
        .arg("-o")
        .arg(out)
        .args(more)
        .assert()
}

#[test]
fn help_shows_every_verb_and_examples() {
    let help = text(
        &monazite()
            .arg("--help")
            .assert()
            .success()
            .get_output()
            .stdout,
    );
    for verb in [
        "run",
        "check",
        "show",
        "diff",
        "new",
        "schema",
        "timeline",
        "plot",
        "compare",
        "explain",
        "completions",
        "Examples:",
        "Exit codes:",
    ] {
        assert!(help.contains(verb), "no {verb} in\n{help}");
    }
}

#[test]
fn bad_usage_is_2_and_a_missing_file_3() {
    monazite().arg("fly").assert().code(2);
    monazite()
        .args(["run", "configs/baseline.ron", "--seeds", "5..1"])
        .assert()
        .code(2);
    monazite()
        .args(["run", "configs/no_such.ron"])
        .assert()
        .code(3);
    monazite()
        .args(["check", "configs/no_such.ron"])
        .assert()
        .code(3);
    monazite().args(["compare", "no/such/dir"]).assert().code(3);
    let wrong = monazite()
        .args(["check", "configs/baseline.ron", "--set", "sedes=3"])
        .assert()
        .code(2);
    assert!(
        text(&wrong.get_output().stderr).contains("seeds"),
        "suggests the right name"
    );
}

#[test]
fn a_run_leaves_what_the_interface_lists() {
    let dir = folder();
    let out = dir.path().join("short");
    let done = run(&out, &["--seeds", "2"]).code(0);
    let said = text(&done.get_output().stdout);
    for word in [
        "China's share of separation",
        "dy_oxide",
        "runs.parquet",
        "figures",
    ] {
        assert!(said.contains(word), "no {word} in\n{said}");
    }
    for name in [
        "manifest.json",
        "resolved.ron",
        "runs.parquet",
        "codebook.csv",
        "summary.csv",
        "tables/market.parquet",
        "tables/trade.parquet",
    ] {
        assert!(out.join(name).is_file(), "no {name}");
    }
    assert!(!out.join(".unfinished").exists());
    let manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(out.join("manifest.json")).expect("a manifest"))
            .expect("JSON");
    let hash = blake3::hash(&fs::read(out.join("resolved.ron")).expect("a file"))
        .to_hex()
        .to_string();
    assert_eq!(manifest["identity"]["configuration"], hash);
    assert_eq!(manifest["files"]["resolved.ron"], hash);
    assert_eq!(manifest["runs"]["all"], 2);
    for (name, found) in manifest["files"].as_object().expect("a map") {
        assert_eq!(
            found,
            &blake3::hash(&fs::read(out.join(name)).expect(name))
                .to_hex()
                .to_string(),
            "{name}"
        );
    }

    let again = run(&out, &["--seeds", "2"]).code(0);
    assert!(
        text(&again.get_output().stderr).contains("--force"),
        "says that the results are there"
    );
    let refused = run(&out, &["--seeds", "3"]).code(2);
    assert!(text(&refused.get_output().stderr).contains("--force"));
    let json = run(&out, &["--seeds", "2", "--json"]).code(0);
    let json: serde_json::Value =
        serde_json::from_slice(&json.get_output().stdout).expect("one JSON document");
    assert_eq!((&json["runs"], &json["failed"]), (&2.into(), &0.into()));
}

#[test]
fn threads_do_not_matter_and_resolved_ron_alone_gives_the_same() {
    let dir = folder();
    let place = |name: &str| dir.path().join(name);
    run(&place("one"), &["--seeds", "3", "-j", "1", "-q"]).code(0);
    run(&place("two"), &["--seeds", "3", "-j", "2", "-q"]).code(0);
    assert_same(&place("one"), &place("two"));
    monazite()
        .arg(place("one").join("resolved.ron"))
        .arg("-q")
        .arg("-o")
        .arg(place("three"))
        .assert()
        .code(0);
    assert_same(&place("one"), &place("three"));
    run(&place("four"), &["--seeds", "4,5,6", "-q"]).code(0);
    assert_ne!(
        content(&place("one")),
        content(&place("four")),
        "other seeds, other results"
    );
}

#[test]
fn a_directory_with_other_files_is_refused_without_force() {
    let dir = folder();
    fs::write(dir.path().join("thesis.tex"), "years of work").expect("a file");
    run(dir.path(), &["--seeds", "1"]).code(2);
    run(dir.path(), &["--seeds", "1", "--force"]).code(0);
    assert!(dir.path().join("thesis.tex").exists());
}

#[test]
fn a_dry_run_writes_nothing() {
    let dir = folder();
    let out = dir.path().join("dry");
    let said = text(
        &run(&out, &["--seeds", "200", "--dry-run"])
            .code(0)
            .get_output()
            .stdout,
    );
    assert!(said.contains("200 runs"), "{said}");
    assert!(!out.exists());
}

#[test]
fn an_experiment_is_run_and_its_arms_are_compared() {
    let dir = folder();
    let file = dir.path().join("quota.ron");
    let baseline = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs");
    // a copy of the configuration, since files may not leave their folder
    copy(&baseline, &dir.path().join("configs"));
    fs::write(
        &file,
        r#"Experiment(
            title: "A quota",
            scenario: "configs/baseline.ron",
            arms: {
                "nothing": (end: "2025Q4"),
                "quota": (end: "2025Q4", strategies: {"CN": Strategy(calendar: {"quota": (from: "2024Q3",
                    instrument: ExportQuota(of: ["dy_oxide"], tonnes_per_year: 100))})}),
            },
            seeds: 2,
        )"#,
    )
    .expect("a file");
    let out = dir.path().join("out");
    monazite().arg(&file).arg("-o").arg(&out).assert().code(0);
    let table = text(
        &monazite()
            .arg("compare")
            .arg(&out)
            .assert()
            .code(0)
            .get_output()
            .stdout,
    );
    assert!(
        table.contains("quota less nothing, 2 seeds in common"),
        "{table}"
    );
    assert!(table.contains("consumer_loss_usd"), "{table}");
    for said in ["rank and regret", "Common random numbers", "per bn USD"] {
        assert!(table.contains(said), "{said}: {table}");
    }
    let widest = table.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(112), "{widest:?} columns: {table}");
    let comparison = fs::read_to_string(out.join("comparison.csv")).expect("comparison.csv");
    let mut lines = csv::Reader::from_reader(comparison.as_bytes());
    let width = lines.headers().expect("a header").len();
    let rows: Vec<_> = lines
        .records()
        .map(|row| row.expect("as wide as its header"))
        .collect();
    assert!(rows.iter().all(|row| row.len() == width) && rows.len() > 100);
    assert!(!comparison.contains("NaN"), "what is not defined is empty");
    monazite().arg("compare").arg(&out).assert().code(0);
    let again = fs::read_to_string(out.join("comparison.csv")).expect("comparison.csv");
    assert_eq!(comparison, again);
    let json = monazite()
        .arg("compare")
        .arg(&out)
        .args(["--json", "--reference", "quota"])
        .assert()
        .code(0);
    let json: serde_json::Value = serde_json::from_slice(&json.get_output().stdout).expect("JSON");
    assert_eq!(json["reference"], "quota");
    let first = &json["differences"][0];
    assert!(
        first["interval_95"].is_array() && !first["per_billion_usd"].is_null(),
        "{first}"
    );
    monazite().arg("sensitivity").arg(&out).assert().code(2);
    monazite()
        .arg("compare")
        .arg(&out)
        .args(["--reference", "tariff"])
        .assert()
        .code(2);
    let figure = monazite()
        .arg("plot")
        .arg(&out)
        .args(["--figure", "no_such"])
        .assert()
        .code(2);
    assert!(
        text(&figure.get_output().stderr).contains("price_oxides"),
        "lists the figures there are"
    );
    monazite()
        .arg("plot")
        .arg(&out)
        .args(["--figure", "price_oxides"])
        .assert()
        .code(0);
}

#[test]
fn a_game_and_a_screening_are_told_as_such() {
    let dir = folder();
    copy(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("configs"),
        &dir.path().join("configs"),
    );
    let write = |name: &str, fields: &str| {
        let path = dir.path().join(name);
        let short =
            "Scenario(extends: \"configs/baseline.ron\", title: \"Short\", end: \"2024Q4\")";
        fs::write(dir.path().join("short.ron"), short).expect("a file");
        fs::write(
            &path,
            format!("Experiment(scenario: \"short.ron\", {fields})"),
        )
        .expect("a file");
        path
    };
    let game = write(
        "game.ron",
        r#"seeds: 2, game: (players: {
            "CN": ["as_is", "configs/strategies/cn_dumping.ron"], "EU": ["as_is", "configs/strategies/eu_crma.ron"]},
            payoffs: {"CN": {"public_cost_usd[CN]": -1e-9}, "EU": {"consumer_loss_usd[EU]": -1e-9}})"#,
    );
    let out = dir.path().join("game");
    monazite()
        .arg(&game)
        .arg("-q")
        .arg("-o")
        .arg(&out)
        .assert()
        .code(0);
    let told = monazite().arg("compare").arg(&out).assert().code(0);
    let told = text(&told.get_output().stdout);
    for said in [
        "payoffs: mean of 2 seeds",
        "CN cn_dumping, EU eu_crma",
        "best reply in",
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
    let payoffs = fs::read_to_string(out.join("payoffs.csv")).expect("payoffs.csv");
    assert_eq!(payoffs.lines().count(), 1 + 4 * 2, "{payoffs}");
    assert!(out.join("figures/payoffs.png").exists());

    let screening = write(
        "screening.ron",
        r#"seeds: 1, arms: {"a": ()}, metrics: ["consumer_loss_usd"], design: Morris(trajectories: 3, levels: 4),
            vary: {"demand_model.short_run_factor": Uniform(0.3, 1.0), "planning.stock_elasticity": Uniform(2.0, 6.0)}"#,
    );
    let out = dir.path().join("screening");
    let told = monazite()
        .arg("sensitivity")
        .arg(&screening)
        .arg("-o")
        .arg(&out)
        .assert()
        .code(0);
    let told = text(&told.get_output().stdout);
    assert!(
        told.contains("mu*") && told.contains("demand_model.short_run_factor"),
        "{told}"
    );
    let table = fs::read_to_string(out.join("sensitivity.csv")).expect("sensitivity.csv");
    assert!(
        table.contains("consumer_loss_usd,planning.stock_elasticity,morris,3,"),
        "{table}"
    );
    let again = monazite()
        .arg("sensitivity")
        .arg(&out)
        .arg("--json")
        .assert()
        .code(0);
    let json: serde_json::Value = serde_json::from_slice(&again.get_output().stdout).expect("JSON");
    assert_eq!(json["assumptions"].as_array().map(Vec::len), Some(2));
    for figure in ["indices", "tornado"] {
        let drawn = monazite()
            .arg("plot")
            .arg(&out)
            .args(["--figure", figure])
            .assert()
            .code(0);
        drop(drawn);
    }
}

#[test]
fn a_new_scenario_is_valid() {
    let dir = folder();
    copy(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("configs"),
        &dir.path().join("configs"),
    );
    monazite()
        .current_dir(dir.path())
        .args(["new", "my_quota"])
        .assert()
        .code(0);
    let file = dir.path().join("configs/scenarios/my_quota.ron");
    monazite().arg("check").arg(&file).assert().code(0);
    monazite()
        .current_dir(dir.path())
        .args(["new", "my_quota"])
        .assert()
        .code(2);
}

#[test]
fn the_configuration_can_be_shown_and_checked() {
    let said = text(
        &monazite()
            .args(["check", "configs/baseline.ron"])
            .assert()
            .code(0)
            .get_output()
            .stdout,
    );
    assert!(said.contains("ok"), "{said}");
    let shown = text(
        &monazite()
            .args(["show", "configs/baseline.ron", "firms.lynas"])
            .assert()
            .code(0)
            .get_output()
            .stdout,
    );
    assert!(
        shown.contains("Lynas") && shown.contains("firms.csv:"),
        "{shown}"
    );
    monazite()
        .args(["show", "configs/baseline.ron", "strat"])
        .assert()
        .code(2);
}

#[test]
fn diff_says_in_words_what_differs() {
    let folder = folder();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("a file");
        path
    };
    let base = fs::read_to_string("tests/bad_configs/base.ron").expect("a file");
    let first = file("first.ron", &base);
    let second = file(
        "second.ron",
        r#"Scenario(extends: "first.ron", end: "2028Q4", policy: (observation_lag: 2),
            demand: {"2024:CN:motors:ndpr_oxide": (tonnes: 900)},
            shocks: {"strike": (at: "2026Q1", lasts: 2, what: MineClosure(state: "US", share: 0.5))},
            strategies: {
                "CN": Strategy(calendar: {"quota": (until: "2026Q4")}),
                "US": Strategy(rules: {"answer": (when: Restricted(by: ["CN"]), lead: 1,
                    then: Tariff(of: ["oxide"], from: ["@restrictors"], rate: 0.1))}),
            })"#,
    );
    let diff = |more: &[&str]| {
        let command = monazite()
            .arg("diff")
            .args([&first, &second])
            .args(more)
            .assert()
            .code(0);
        text(&command.get_output().stdout)
    };
    let said = diff(&[]);
    for line in [
        "  end: 2030Q4 -> 2028Q4",
        "  policy.observation_lag: 1 -> 2 quarters (Quarters after which states see what happened in a quarter)",
        "  demand.2024:CN:motors:ndpr_oxide.tonnes: 1000 -> 900 t/a",
        "  CN quota: from 2026Q1: export quota of oxide (tonnes per year 30000) -> from 2026Q1 to 2026Q4: export quota of oxide (tonnes per year 30000)",
        "  US answer is new: when CN restricts exports of anything to us: tariff of oxide from @restrictors (rate 0.1); as long as that holds; announced 1 quarter ahead",
        "  strike is new: from 2026Q1 for 2 quarters: mine closure in US (share 0.5)",
    ] {
        assert!(said.contains(line), "no {line} in\n{said}");
    }
    let json: serde_json::Value = serde_json::from_str(&diff(&["--json"])).expect("a document");
    let differences = json["differences"].as_array().expect("a list");
    assert_eq!(differences.len(), 6, "{differences:?}");
    assert!(
        differences
            .iter()
            .any(|d| d["path"] == "strategies.US.rules.answer"
                && d["topic"] == "rules"
                && d["change"] == "added")
    );
    let same = monazite()
        .arg("diff")
        .args([&first, &first])
        .assert()
        .code(0);
    assert!(text(&same.get_output().stdout).contains("no difference"));
    monazite()
        .args([
            "diff",
            "configs/baseline.ron",
            "configs/experiments/answers_to_a_licence.ron",
        ])
        .assert()
        .code(2);
}

#[test]
fn explain_leads_a_price_back_to_the_licence() {
    let dir = folder();
    let out = dir.path().join("licence");
    monazite()
        .args(["run", "configs/scenarios/heavies_licence.ron", "-q", "-o"])
        .arg(&out)
        .args(["--seeds", "1", "--set", "end=2027Q4"])
        .assert()
        .code(0);
    let said = monazite()
        .arg("explain")
        .arg(&out)
        .args(["--of", "price@EU dy_oxide", "--json"])
        .assert()
        .code(0);
    let found: serde_json::Value = serde_json::from_slice(&said.get_output().stdout).unwrap();
    let first = found["causes"][0]["cause"].as_str().unwrap();
    assert!(
        first.contains("licence_heavies") && first.contains("of CN refused"),
        "{found:#}"
    );
    for (what, word) in [
        ("stocks@EU dy_oxide", "is no question"),
        ("price@EU unobtainium", "no market"),
    ] {
        let wrong = monazite()
            .arg("explain")
            .arg(&out)
            .args(["--of", what])
            .assert()
            .code(2);
        assert!(text(&wrong.get_output().stderr).contains(word));
    }
}

#[test]
fn the_timeline_is_that_of_the_schedule() {
    let said = text(
        &monazite()
            .arg("timeline")
            .assert()
            .code(0)
            .get_output()
            .stdout,
    );
    let place = |word: &str| {
        said.find(word)
            .unwrap_or_else(|| panic!("no {word} in\n{said}"))
    };
    assert!(
        place("shock") < place("market")
            && place("market") < place("settlement")
            && place("settlement") < place("record")
    );
}

#[test]
fn the_codebook_has_every_column_of_the_interface() {
    let codebook = text(
        &monazite()
            .args(["schema", "--tables"])
            .assert()
            .code(0)
            .get_output()
            .stdout,
    );
    let columns = [
        (
            "market",
            "run quarter state commodity price_usd_per_kg price_traded_usd_per_kg production_t imports_t exports_t use_t scrap_t loss_t disposal_t firm_stock_t state_stock_t cover_days qualified_premium qualified_use_t",
        ),
        (
            "trade",
            "run quarter exporter importer commodity quantity_t value_usd leaked_t",
        ),
        (
            "limit",
            "run quarter exporter importer commodity measure limit_t refused_t rent_usd rent_to",
        ),
        (
            "stage",
            "run quarter stage host owner capacity_t production_t value_added_usd profit_usd plants",
        ),
        (
            "end_use",
            "run quarter state sector commodity demand_t served_t unmet_price_t unmet_limit_t intensity consumer_loss_usd product_value_usd",
        ),
        (
            "state",
            "run quarter state public_cost_usd tax_revenue_usd value_added_usd import_reliance damage_usd capability_mine capability_separation capability_metal capability_magnet capability_recycling",
        ),
        ("relation", "run quarter from to trust"),
        (
            "contract",
            "run quarter contract quantity_t price_usd_per_kg transfer_usd event",
        ),
        ("shock", "run quarter shock event size"),
        ("solver", "run quarter iterations residual fallbacks"),
        (
            "policy",
            "run quarter state measure instrument event public_cost_usd scope",
        ),
        (
            "project",
            "run quarter project host owner stage event capacity_t",
        ),
        (
            "runs",
            "shortage_peak_pct shortage_quarters time_to_shortage_q time_to_recover_q resilience_loss unmet_defence_t price_peak_ratio price_mean consumer_loss_usd public_cost_usd china_share_separation china_share_magnet hhi_host_separation hhi_owner_separation import_reliance crma_extraction crma_processing crma_recycling asean_value_added_usd asean_centrality hub_or_pawn midstream_jobs restrictor_lost_share damage_usd capability_separation",
        ),
    ];
    for (table, columns) in columns {
        for column in columns.split(' ') {
            assert!(
                codebook
                    .lines()
                    .any(|line| line.starts_with(&format!("{table},{column},"))),
                "{table}.{column}"
            );
        }
    }
}

#[test]
fn schema_and_completions_are_printed() {
    for kind in ["scenario", "strategy", "experiment"] {
        let schema = monazite().args(["schema", kind]).assert().code(0);
        let schema: serde_json::Value =
            serde_json::from_slice(&schema.get_output().stdout).expect("JSON");
        assert!(schema.get("$schema").is_some());
    }
    let script = text(
        &monazite()
            .args(["completions", "bash"])
            .assert()
            .code(0)
            .get_output()
            .stdout,
    );
    assert!(script.contains("monazite"));
}
