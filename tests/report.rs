//! The page of a result, and its exports: what others open must be whole, well-formed, and say what the result says.

#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking; its helpers are no test functions to the lint"
)]

mod command;

use assert_cmd::{Command, cargo::cargo_bin_cmd};
use html5ever::{parse_document, tendril::TendrilSink};
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use monazite::{
    export::iamc,
    record::{parquet::TableFile, row::Rows},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

fn monazite() -> Command {
    let mut command = cargo_bin_cmd!("monazite");
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// The shipped baseline, cut to two years, under two seeds.
fn baseline(out: &Path) {
    let short = [
        "run",
        "configs/baseline.ron",
        "--set",
        "end=2025Q4",
        "--seeds",
        "1..2",
    ];
    monazite().args(short).arg("-o").arg(out).assert().code(0);
}

/// A quota against nothing, two seeds.
fn experiment(dir: &Path) -> PathBuf {
    command::copy(&command::shipped(), &dir.join("configs"));
    let file = dir.join("quota.ron");
    let text = r#"Experiment(
        title: "A quota <on> dysprosium & its kin",
        description: "What does a quota change?",
        scenario: "configs/baseline.ron",
        arms: {
            "nothing": (end: "2025Q4"),
            "quota": (end: "2025Q4", strategies: {"CN": Strategy(calendar: {"quota": (from: "2024Q3",
                instrument: ExportQuota(of: ["dy_oxide"], tonnes_per_year: 100))})}),
        },
        seeds: 2,
        reference: "nothing",
    )"#;
    fs::write(&file, text).unwrap();
    let out = dir.join("out");
    monazite().arg(&file).arg("-o").arg(&out).assert().code(0);
    out
}

/// An element of a page, in document order.
struct Element {
    tag: String,
    attributes: BTreeMap<String, String>,
    /// Text inside it.
    text: String,
    /// Tags, `#ids` and `.classes` of the elements round it.
    inside: Vec<String>,
}

fn elements(node: &Handle, inside: &[String], found: &mut Vec<Element>) -> String {
    let mut text = String::new();
    let mut deeper = inside.to_vec();
    let mut place = None;
    match &node.data {
        NodeData::Text { contents } => text.push_str(&contents.borrow()),
        NodeData::Element { name, attrs, .. } => {
            let attributes: BTreeMap<String, String> = attrs
                .borrow()
                .iter()
                .map(|a| (a.name.local.to_string(), a.value.to_string()))
                .collect();
            deeper.push(name.local.to_string());
            deeper.extend(attributes.get("id").map(|id| format!("#{id}")));
            deeper.extend(attributes.get("class").map(|class| format!(".{class}")));
            place = Some(found.len());
            found.push(Element {
                tag: name.local.to_string(),
                attributes,
                text: String::new(),
                inside: inside.to_vec(),
            });
        }
        _ => {}
    }
    for child in node.children.borrow().iter() {
        text.push_str(&elements(child, &deeper, found));
    }
    if let Some(place) = place {
        found[place].text.clone_from(&text);
    }
    text
}

/// Parses a page, which must be free of errors and hold nothing from outside.
fn self_contained(path: &Path) -> Vec<Element> {
    let text = fs::read_to_string(path).unwrap();
    let dom = parse_document(RcDom::default(), html5ever::ParseOpts::default())
        .from_utf8()
        .one(text.as_bytes());
    assert!(dom.errors.borrow().is_empty(), "{:?}", dom.errors.borrow());
    let mut page = Vec::new();
    elements(&dom.document, &[], &mut page);
    let mut ids = BTreeSet::new();
    let mut links = BTreeSet::new();
    for element in &page {
        let refused = [
            "script", "link", "iframe", "object", "embed", "base", "img", "image", "use",
        ];
        assert!(
            !refused.contains(&element.tag.as_str()),
            "<{}>",
            element.tag
        );
        for (name, value) in &element.attributes {
            assert!(!name.starts_with("on"), "{name}={value}");
            if ["href", "src", "srcset", "data", "action"].contains(&name.as_str()) {
                assert!(
                    value.starts_with('#'),
                    "{name}={value} leads out of the page"
                );
                links.insert(value[1..].to_owned());
            }
            assert!(!value.contains("url("), "{name}={value}");
        }
        if let Some(id) = element.attributes.get("id") {
            assert!(ids.insert(id.clone()), "{id} stands twice");
        }
        if element.tag == "style" {
            let css = &element.text;
            assert!(!css.contains("@import"));
            for rest in css.split("url(").skip(1) {
                assert!(
                    rest.starts_with("data:font/woff2;base64,"),
                    "{}",
                    &rest[..40]
                );
            }
            assert_eq!(
                css.matches("@font-face").count(),
                2,
                "both weights of one family"
            );
        }
    }
    let lost: Vec<_> = links.difference(&ids).collect();
    assert!(lost.is_empty(), "links to nowhere: {lost:?}");
    page
}

/// Texts of the elements of a tag within another (a tag, `#id` or `.class`; empty for anywhere).
fn texts(page: &[Element], within: &str, tag: &str) -> Vec<String> {
    let is_in = |e: &&Element| within.is_empty() || e.inside.iter().any(|name| name == within);
    page.iter()
        .filter(|e| e.tag == tag)
        .filter(is_in)
        .map(|e| e.text.clone())
        .collect()
}

/// Names of the figures on a page.
fn pictures(page: &[Element]) -> Vec<&str> {
    let figures = page.iter().filter(|e| e.tag == "figure");
    figures.map(|e| e.attributes["id"].as_str()).collect()
}

#[test]
fn the_report_of_a_scenario_stands_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    baseline(&out);
    monazite().arg("report").arg(&out).assert().code(0);
    let page = self_contained(&out.join("report.html"));
    let heads = texts(&page, "", "h2");
    for head in [
        "Summary",
        "Prices",
        "Output and concentration",
        "Tables",
        "Methods",
    ] {
        assert!(heads.iter().any(|h| h == head), "{head}: {heads:?}");
    }
    let findings = texts(&page, ".findings", "li");
    assert!(findings.len() >= 5, "{findings:?}");
    assert!(
        findings
            .iter()
            .all(|f| f.contains(|c: char| c.is_ascii_digit())
                || f.contains("No ")
                || f.contains("no ")),
        "{findings:?}"
    );
    let shown = pictures(&page);
    for name in &shown {
        for ending in ["png", "svg"] {
            let file = out.join(format!("figures/{name}.{ending}"));
            assert!(file.exists(), "{}", file.display());
        }
    }
    assert!(shown.len() >= 20, "{shown:?}");
    let methods = texts(&page, "main", "section").concat();
    for word in ["2025Q4", "1..2", "configs/world/plants.csv"] {
        assert!(methods.contains(word), "{word}");
    }
    // The same result gives the same page.
    let first = fs::read(out.join("report.html")).unwrap();
    monazite().arg("report").arg(&out).assert().code(0);
    assert!(first == fs::read(out.join("report.html")).unwrap());
}

#[test]
fn the_report_of_an_experiment_compares_and_says_what_each_arm_changes() {
    let dir = tempfile::tempdir().unwrap();
    let out = experiment(dir.path());
    monazite().arg("report").arg(&out).assert().code(0);
    let page = self_contained(&out.join("report.html"));
    assert_eq!(
        texts(&page, "", "h1"),
        ["A quota <on> dysprosium & its kin"]
    );
    let findings = texts(&page, ".findings", "li");
    let against = findings
        .iter()
        .find(|f| f.starts_with("Against ‘nothing’, ‘quota’"));
    assert!(against.is_some(), "{findings:?}");
    let names = pictures(&page);
    for name in ["paired_differences", "flows_before_after"] {
        assert!(names.contains(&name), "{names:?}");
    }
    let methods = texts(&page, "main", "section").concat();
    assert!(
        methods.contains("quota") && methods.contains("dy_oxide"),
        "{methods}"
    );
    let differences = texts(&page, "#tables", "td");
    assert!(differences.iter().any(|cell| cell == "no clear difference"));
}

#[test]
fn exports_have_their_schema_and_the_numbers_of_the_result() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    baseline(&out);
    let export = |form: &str, to: &Path| {
        let mut command = monazite();
        command.arg("export").arg(&out).args(["--format", form]);
        command.arg("-o").arg(to).assert().code(0);
    };
    let (iamc, csv, parquet) = (
        dir.path().join("iamc.csv"),
        dir.path().join("csv"),
        dir.path().join("parquet"),
    );
    export("iamc", &iamc);
    export("csv", &csv);
    export("parquet", &parquet);

    let mut reader = csv::Reader::from_path(&iamc).unwrap();
    assert_eq!(reader.headers().unwrap(), iamc::COLUMNS.as_slice());
    let units: BTreeSet<&str> = iamc::variables().map(|(_, unit)| unit).collect();
    let mut index = BTreeSet::new();
    let mut variables = BTreeSet::new();
    let mut price = BTreeMap::new();
    for row in reader.records() {
        let row = row.unwrap();
        let model = format!("monazite {}", env!("CARGO_PKG_VERSION"));
        assert_eq!(&row[0], model);
        assert!(units.contains(&row[4]), "{row:?}");
        assert!(["2024", "2025"].contains(&&row[5]) && ["Q1", "Q2", "Q3", "Q4"].contains(&&row[6]));
        assert!(row[8].parse::<f64>().unwrap().is_finite());
        let key: Vec<String> = row.iter().take(8).map(str::to_owned).collect();
        assert!(index.insert(key), "a number stands twice: {row:?}");
        variables.insert(row[3].to_owned());
        if &row[3] == "Price|Dysprosium Oxide" && &row[2] == "Japan" && &row[7] == "1" {
            price.insert(
                format!("{}{}", &row[5], &row[6]),
                row[8].parse::<f64>().unwrap(),
            );
        }
    }
    for variable in [
        "Production|Mine",
        "Production|Separation|Owned by China",
        "Final Use|Yttrium Oxide",
        "Public Cost",
        "Trust",
    ] {
        assert!(variables.contains(variable), "{variable}");
    }

    for spec in Rows::SPECS {
        let source = TableFile::open(&out.join(format!("tables/{}.parquet", spec.name))).unwrap();
        let source = source.read(&[]).unwrap();
        let target = TableFile::open(&parquet.join(format!("{}.parquet", spec.name))).unwrap();
        let columns = target.columns();
        assert_eq!(
            columns[..5],
            ["run", "arm", "point", "replicate", "seed"],
            "{}",
            spec.name
        );
        let own: Vec<&str> = spec.columns.iter().map(|column| column.name).collect();
        assert_eq!(columns[columns.len() - own.len()..], own, "{}", spec.name);
        assert_eq!(
            target.read(&["run"]).unwrap().len(),
            source.len(),
            "{}",
            spec.name
        );
        let mut reader = csv::Reader::from_path(csv.join(format!("{}.csv", spec.name))).unwrap();
        assert_eq!(reader.headers().unwrap(), columns.as_slice());
        assert_eq!(reader.records().count(), source.len(), "{}", spec.name);
    }
    let market = TableFile::open(&out.join("tables/market.parquet"))
        .unwrap()
        .read(&[])
        .unwrap();
    let (state, commodity) = (
        market.text("state").unwrap(),
        market.text("commodity").unwrap(),
    );
    let mut found = 0;
    for row in 0..market.len() {
        if market.u32("run").unwrap()[row] == 1
            && state.get(row) == "JP"
            && commodity.get(row) == "dy_oxide"
        {
            let quarter = market.text("quarter").unwrap().get(row);
            assert_eq!(price[quarter], market.f64("price_usd_per_kg").unwrap()[row]);
            found += 1;
        }
    }
    assert_eq!((found, price.len()), (8, 8));
}

#[test]
fn what_is_no_result_is_refused_with_code_3() {
    let dir = tempfile::tempdir().unwrap();
    for line in [["report"].as_slice(), &["export", "--format", "iamc"]] {
        monazite().args(line).arg(dir.path()).assert().code(3);
    }
}
