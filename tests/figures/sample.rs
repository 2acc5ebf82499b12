//! Invented tables shaped like a result: twenty states, a chain from ore to magnets, a shock of supply and a growing demand.
//! For layout only: the numbers mean nothing.

use monazite::domain::time::Quarter;
use monazite::figures::{Arm, Context, Data};
use monazite::record::table::{Column, Table};

/// Size and kind of the invented result.
#[derive(Clone, Copy)]
pub struct Shape {
    /// Runs.
    pub runs: u32,
    /// Quarters.
    pub quarters: usize,
    /// Whether policies and shocks are laid on, so that prices split.
    pub policies: bool,
}

const STATES: [(&str, &str); 20] = [
    ("CN", "China"),
    ("US", "United States"),
    ("EU", "European Union"),
    ("JP", "Japan"),
    ("KR", "South Korea"),
    ("AU", "Australia"),
    ("CA", "Canada"),
    ("GB", "United Kingdom"),
    ("IN", "India"),
    ("RU", "Russia"),
    ("BR", "Brazil"),
    ("MY", "Malaysia"),
    ("MM", "Myanmar"),
    ("VN", "Vietnam"),
    ("TH", "Thailand"),
    ("ID", "Indonesia"),
    ("PH", "Philippines"),
    ("LA", "Laos"),
    ("KZ", "Kazakhstan"),
    ("ROW", "Rest of world"),
];

/// Id, name, form, group, price in USD/kg, world use in t a quarter.
const COMMODITIES: [(&str, &str, &str, &str, f64, f64); 24] = [
    (
        "bayan_obo_conc",
        "Bayan Obo concentrate",
        "Concentrate",
        "",
        3.5,
        50_000.0,
    ),
    (
        "clay_mm_conc",
        "Myanmar clay concentrate",
        "Concentrate",
        "",
        30.0,
        9_000.0,
    ),
    (
        "mt_weld_conc",
        "Mt Weld concentrate",
        "Concentrate",
        "",
        9.0,
        40_000.0,
    ),
    (
        "la_oxide",
        "Lanthanum oxide",
        "Oxide",
        "La-Ce",
        0.6,
        20_000.0,
    ),
    ("ce_oxide", "Cerium oxide", "Oxide", "La-Ce", 1.0, 32_000.0),
    (
        "ndpr_oxide",
        "Neodymium and praseodymium oxide",
        "Oxide",
        "NdPr",
        55.0,
        22_000.0,
    ),
    (
        "sm_oxide",
        "Samarium oxide",
        "Oxide",
        "Sm-Eu-Gd",
        2.0,
        900.0,
    ),
    (
        "eu_oxide",
        "Europium oxide",
        "Oxide",
        "Sm-Eu-Gd",
        27.0,
        90.0,
    ),
    (
        "gd_oxide",
        "Gadolinium oxide",
        "Oxide",
        "Sm-Eu-Gd",
        23.0,
        800.0,
    ),
    (
        "dy_oxide",
        "Dysprosium oxide",
        "Oxide",
        "Dy-Tb",
        255.0,
        600.0,
    ),
    ("tb_oxide", "Terbium oxide", "Oxide", "Dy-Tb", 800.0, 130.0),
    ("y_oxide", "Yttrium oxide", "Oxide", "Y", 6.0, 2_500.0),
    (
        "ndpr_metal",
        "Neodymium and praseodymium metal",
        "Metal",
        "NdPr",
        68.0,
        21_000.0,
    ),
    (
        "dy_metal",
        "Dysprosium metal",
        "Metal",
        "Dy-Tb",
        330.0,
        560.0,
    ),
    (
        "tb_metal",
        "Terbium metal",
        "Metal",
        "Dy-Tb",
        1_010.0,
        120.0,
    ),
    (
        "sm_metal",
        "Samarium metal",
        "Metal",
        "Sm-Eu-Gd",
        11.0,
        500.0,
    ),
    (
        "ndfeb_std",
        "NdFeB magnet, standard grade",
        "Magnet",
        "NdFeB",
        38.0,
        42_000.0,
    ),
    (
        "ndfeb_hc",
        "NdFeB magnet, high coercivity (with Dy or Tb)",
        "Magnet",
        "NdFeB",
        62.0,
        20_000.0,
    ),
    ("smco", "SmCo magnet", "Magnet", "SmCo", 95.0, 1_400.0),
    ("magnet_scrap", "Magnet scrap", "Scrap", "", 20.0, 8_000.0),
    (
        "clay_cn_conc",
        "Southern Chinese clay concentrate",
        "Concentrate",
        "",
        25.0,
        4_000.0,
    ),
    (
        "clay_br_conc",
        "Brazilian clay concentrate",
        "Concentrate",
        "",
        20.0,
        1_500.0,
    ),
    (
        "monazite_conc",
        "Monazite concentrate",
        "Concentrate",
        "",
        6.0,
        6_000.0,
    ),
    (
        "loparite_conc",
        "Loparite concentrate",
        "Concentrate",
        "",
        5.0,
        700.0,
    ),
];

/// Id, name, group, share of magnets, share of oxides.
const SECTORS: [(&str, &str, &str, f64, f64); 15] = [
    (
        "ev_traction",
        "Electric-vehicle traction",
        "Mobility",
        0.22,
        0.0,
    ),
    ("wind", "Wind turbines", "Energy", 0.13, 0.0),
    (
        "industrial_motors",
        "Industrial motors",
        "Industry",
        0.2,
        0.0,
    ),
    ("robotics", "Industrial robots", "Industry", 0.03, 0.0),
    (
        "hvac_appliances",
        "Air conditioners and appliances",
        "Buildings",
        0.12,
        0.0,
    ),
    (
        "electronics",
        "Consumer electronics and drives",
        "Electronics",
        0.14,
        0.0,
    ),
    (
        "defence_aero",
        "Defence and aerospace",
        "Defence",
        0.02,
        0.0,
    ),
    (
        "auto_other",
        "Small motors and sensors in cars",
        "Mobility",
        0.12,
        0.0,
    ),
    ("medical", "Medical equipment", "Medical", 0.02, 0.0),
    (
        "fcc_catalyst",
        "Refinery (FCC) catalysts",
        "Catalysts",
        0.0,
        0.3,
    ),
    ("polishing", "Polishing powders", "Glass", 0.0, 0.25),
    ("phosphors", "Phosphors", "Electronics", 0.0, 0.05),
    ("metallurgy", "Metallurgy", "Materials", 0.0, 0.22),
    ("nimh_battery", "NiMH batteries", "Mobility", 0.0, 0.17),
    (
        "defence_direct",
        "Defence, direct use of oxides",
        "Defence",
        0.0,
        0.01,
    ),
];

/// Share of each stage by state at the start and at the end, owner in the third place.
const HOSTS: &[(&str, &str, &str, f64, f64)] = &[
    ("mine", "CN", "CN", 0.69, 0.55),
    ("mine", "US", "US", 0.115, 0.14),
    ("mine", "AU", "AU", 0.06, 0.12),
    ("mine", "MM", "CN", 0.08, 0.05),
    ("mine", "TH", "TH", 0.02, 0.02),
    ("mine", "VN", "VN", 0.002, 0.03),
    ("mine", "IN", "IN", 0.007, 0.01),
    ("mine", "RU", "RU", 0.006, 0.006),
    ("mine", "BR", "US", 0.003, 0.05),
    ("mine", "LA", "CN", 0.01, 0.02),
    ("mine", "MY", "MY", 0.003, 0.01),
    ("mine", "ROW", "ROW", 0.003, 0.01),
    ("separation", "CN", "CN", 0.89, 0.66),
    ("separation", "MY", "AU", 0.07, 0.09),
    ("separation", "US", "US", 0.01, 0.11),
    ("separation", "AU", "AU", 0.0, 0.06),
    ("separation", "EU", "CA", 0.01, 0.04),
    ("separation", "VN", "VN", 0.003, 0.01),
    ("separation", "IN", "IN", 0.006, 0.01),
    ("separation", "KZ", "RU", 0.001, 0.01),
    ("separation", "ROW", "ROW", 0.0, 0.01),
    ("metal", "CN", "CN", 0.91, 0.76),
    ("metal", "VN", "CN", 0.03, 0.05),
    ("metal", "TH", "CN", 0.02, 0.02),
    ("metal", "US", "US", 0.0, 0.08),
    ("metal", "EU", "GB", 0.01, 0.04),
    ("metal", "JP", "JP", 0.03, 0.05),
    ("magnet", "CN", "CN", 0.925, 0.78),
    ("magnet", "JP", "JP", 0.05, 0.06),
    ("magnet", "VN", "JP", 0.01, 0.03),
    ("magnet", "PH", "JP", 0.005, 0.01),
    ("magnet", "US", "US", 0.001, 0.06),
    ("magnet", "EU", "EU", 0.007, 0.03),
    ("magnet", "KR", "KR", 0.002, 0.03),
    ("recycling", "CN", "CN", 0.8, 0.6),
    ("recycling", "JP", "JP", 0.15, 0.15),
    ("recycling", "EU", "EU", 0.03, 0.15),
    ("recycling", "US", "US", 0.02, 0.1),
];

/// World output of a stage (thousand t a quarter) and value added per t, USD.
const STAGES: [(&str, f64, f64); 5] = [
    ("mine", 97.0, 4_000.0),
    ("separation", 92.0, 6_000.0),
    ("metal", 24.0, 9_000.0),
    ("magnet", 62.0, 16_000.0),
    ("recycling", 6.0, 7_000.0),
];

/// Projects: id, name, host, stage, start, due, delay, chance.
const PROJECTS: [(&str, &str, &str, &str, i32, i32, i32, f64); 18] = [
    (
        "kalgoorlie",
        "Kalgoorlie cracking and leaching plant, second train",
        "AU",
        "separation",
        0,
        4,
        2,
        1.0,
    ),
    (
        "eneabba",
        "Eneabba refinery",
        "AU",
        "separation",
        2,
        12,
        4,
        0.9,
    ),
    (
        "nolans",
        "Nolans mine and separation",
        "AU",
        "separation",
        6,
        20,
        6,
        0.5,
    ),
    (
        "mp_heavy",
        "Mountain Pass heavy separation",
        "US",
        "separation",
        1,
        8,
        2,
        0.95,
    ),
    (
        "la_rochelle",
        "La Rochelle heavy separation",
        "EU",
        "separation",
        0,
        6,
        3,
        0.9,
    ),
    ("dong_pao", "Dong Pao mine", "VN", "mine", 8, 24, 12, 0.4),
    (
        "pela_ema",
        "Serra Verde phase 2",
        "BR",
        "mine",
        1,
        7,
        2,
        0.97,
    ),
    ("round_top", "Round Top", "US", "mine", 10, 26, 10, 0.3),
    ("yangibana", "Yangibana", "AU", "mine", 2, 11, 5, 0.7),
    ("norra_karr", "Norra Kärr", "EU", "mine", 16, 40, 8, 0.55),
    (
        "fort_worth",
        "Independence, Fort Worth",
        "US",
        "magnet",
        0,
        5,
        2,
        1.0,
    ),
    ("tenx", "10X", "US", "magnet", 5, 16, 3, 0.85),
    ("narva", "Narva magnet plant", "EU", "magnet", 0, 6, 2, 0.95),
    ("sumter", "Sumter", "US", "magnet", 0, 7, 1, 0.9),
    (
        "kuantan_magnets",
        "Kuantan magnets with JS Link",
        "MY",
        "magnet",
        4,
        14,
        4,
        0.75,
    ),
    (
        "belfast",
        "Belfast long-loop recycling",
        "GB",
        "recycling",
        2,
        9,
        3,
        0.8,
    ),
    (
        "lacq",
        "Lacq (Caremag) recycling and heavy separation",
        "EU",
        "recycling",
        1,
        10,
        2,
        0.9,
    ),
    (
        "less_common",
        "Ellesmere Port metal expansion",
        "GB",
        "metal",
        1,
        8,
        2,
        0.85,
    ),
];

/// A draw in -1..1 that depends only on its keys.
fn draw(a: u64, b: u64) -> f64 {
    let mut x = a.wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ b.wrapping_mul(0xD1B5_4A32_D192_ED03).rotate_left(31);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((x ^ (x >> 31)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// Columns that grow row by row.
#[derive(Default)]
struct Rows {
    run: Vec<u32>,
    quarter: Vec<String>,
    words: Vec<Vec<String>>,
    numbers: Vec<Vec<f64>>,
}

impl Rows {
    fn push(&mut self, run: u32, quarter: Quarter, words: &[&str], numbers: &[f64]) {
        self.run.push(run);
        self.quarter.push(quarter.to_string());
        self.words.resize(words.len(), Vec::new());
        self.numbers.resize(numbers.len(), Vec::new());
        for (column, word) in self.words.iter_mut().zip(words) {
            column.push((*word).to_owned());
        }
        for (column, number) in self.numbers.iter_mut().zip(numbers) {
            column.push(*number);
        }
    }

    fn table(mut self, name: &str, words: &[&str], numbers: &[&str]) -> Table {
        self.words.resize(words.len(), Vec::new());
        self.numbers.resize(numbers.len(), Vec::new());
        let mut table = Table::new(name);
        table.push("run", Column::U32(self.run));
        table.push(
            "quarter",
            Column::words(self.quarter.iter().map(String::as_str)),
        );
        for (name, column) in words.iter().zip(&self.words) {
            table.push(name, Column::words(column.iter().map(String::as_str)));
        }
        for (name, column) in numbers.iter().zip(self.numbers) {
            table.push(name, Column::F64(column));
        }
        table
    }
}

/// The invented result.
pub fn data(shape: Shape) -> Data {
    let mut data = Data::new();
    let tables = [
        names(),
        market(shape),
        trade(shape),
        stage(shape),
        end_use(shape),
        relation(shape),
        policy(shape),
        shock(shape),
        project(shape),
        compare(),
    ];
    for table in tables {
        data.add(table).unwrap();
    }
    data
}

/// What goes into the footer.
pub fn context() -> Context {
    Context {
        source: "synthetic data for layout, not results".to_owned(),
        configuration: "3f9a2c17".to_owned(),
        scenario: "Baseline".to_owned(),
        ..Context::default()
    }
}

/// Two strategies over the runs of a shape.
pub fn two_arms(shape: Shape) -> Context {
    let arm = |name: &str, rest| Arm {
        name: name.to_owned(),
        runs: (0..shape.runs).filter(|r| r % 2 == rest).collect(),
    };
    Context {
        arms: vec![arm("No reply", 0), arm("Joint stockpile", 1)],
        ..context()
    }
}

fn quarter(index: usize) -> Quarter {
    Quarter::new(2024, 1).unwrap().plus(index as i32)
}

/// Growth of demand in a run: STEPS in the middle, four times and more in the tail.
fn growth(run: u32, at: usize) -> f64 {
    let tail = draw(u64::from(run), 1);
    let factor = 1.76 + 0.6 * tail + if tail > 0.7 { 4.0 * (tail - 0.7) } else { 0.0 };
    1.0 + (factor - 1.0) * at as f64 / 67.0
}

fn wave(run: u32, key: u64, at: usize) -> f64 {
    let noise = |k: u64| draw(u64::from(run) * 977 + key, k);
    let slow: f64 = (0..4u64)
        .map(|k| noise(k + 10) * (at as f64 / (9.0 + 5.0 * k as f64) + noise(k + 20) * 3.0).sin())
        .sum();
    0.09 * slow * (at as f64 / 6.0).min(1.0)
}

fn names() -> Table {
    let mut rows: Vec<[String; 5]> = Vec::new();
    let mut add = |kind: &str, id: &str, name: &str, group: &str, form: &str| {
        rows.push([
            kind.into(),
            id.into(),
            name.into(),
            group.into(),
            form.into(),
        ]);
    };
    for (code, name) in STATES {
        let asean = ["MY", "MM", "VN", "TH", "ID", "PH", "LA"].contains(&code);
        add("state", code, name, if asean { "asean" } else { "" }, "");
    }
    for (id, name, form, group, ..) in COMMODITIES {
        add("commodity", id, name, group, form);
    }
    for (id, name, group, ..) in SECTORS {
        add("sector", id, name, group, "");
    }
    for (id, name, ..) in PROJECTS {
        add("project", id, name, "", "");
    }
    add(
        "metric",
        "shortage_peak_pct",
        "Peak shortage of magnets",
        "",
        "",
    );
    add("measure", "licences_2025", "Export licences", "", "");
    let mut table = Table::new("names");
    for (index, column) in ["kind", "id", "name", "group", "form"]
        .into_iter()
        .enumerate()
    {
        table.push(
            column,
            Column::words(rows.iter().map(|row| row[index].as_str())),
        );
    }
    table
}

fn market(shape: Shape) -> Table {
    let mut rows = Rows::default();
    for run in 0..shape.runs {
        for at in 0..shape.quarters {
            for (c, (id, _, form, _, price, size)) in COMMODITIES.into_iter().enumerate() {
                for (s, (state, _)) in STATES.into_iter().enumerate() {
                    let inside = state == "CN";
                    let weight = match (state, form) {
                        ("CN", "Magnet") => 0.58,
                        ("CN", _) => 0.8,
                        ("JP" | "EU", "Magnet") => 0.1,
                        ("US", _) => 0.06,
                        ("JP" | "EU" | "KR" | "VN", _) => 0.03,
                        ("MM" | "LA" | "KZ" | "PH", _) => 0.0,
                        _ => 0.004,
                    };
                    let make = match (state, form) {
                        ("CN", _) => 0.9,
                        ("MY", "Oxide") => 0.06,
                        ("JP", "Magnet" | "Metal") => 0.05,
                        ("US" | "AU" | "MM", "Concentrate") => 0.08,
                        ("EU", "Oxide" | "Magnet") => 0.01,
                        _ => 0.0,
                    };
                    if weight == 0.0 && make == 0.0 {
                        continue;
                    }
                    let used = size * weight * growth(run, at);
                    let made = size
                        * make
                        * growth(run, at)
                        * if inside {
                            1.0 - 0.15 * at as f64 / 67.0
                        } else {
                            1.0 + at as f64 / 30.0
                        };
                    let licence =
                        shape.policies && !inside && (6..16).contains(&at) && form != "Concentrate";
                    let gap = if licence {
                        1.0 + 1.2 * (1.0 - (at as f64 - 10.0).abs() / 6.0).max(0.0)
                    } else {
                        1.0
                    };
                    let drift = 1.0
                        + [0.35, -0.15, 0.6, 0.1][c % 4] * at as f64 / 67.0
                        + wave(run, c as u64, at);
                    let place = if inside {
                        1.0
                    } else {
                        1.04 + 0.012 * (s % 7) as f64
                    };
                    let price = price
                        * drift.max(0.2)
                        * gap
                        * place
                        * (0.5 + 0.5 * growth(run, at) / growth(3, at));
                    let imports = (used - made).max(0.0);
                    let stock = used
                        * (0.5
                            + 0.3 * wave(run, 50 + c as u64, at)
                            + if inside { 0.1 } else { 0.3 });
                    let cover = if used > 0.0 {
                        stock / used * 91.3
                    } else {
                        f64::NAN
                    };
                    let numbers = [
                        price,
                        price,
                        made,
                        imports,
                        (made - used).max(0.0),
                        used,
                        stock.max(0.0),
                        0.05 * used,
                        cover,
                    ];
                    rows.push(run, quarter(at), &[state, id], &numbers);
                }
            }
        }
    }
    let numbers = [
        "price_usd_per_kg",
        "price_traded_usd_per_kg",
        "production_t",
        "imports_t",
        "exports_t",
        "use_t",
        "firm_stock_t",
        "state_stock_t",
        "cover_days",
    ];
    rows.table("market", &["state", "commodity"], &numbers)
}

fn trade(shape: Shape) -> Table {
    let mut rows = Rows::default();
    let lanes: [(&str, &str, &str, f64); 20] = [
        ("US", "CN", "bayan_obo_conc", 0.1),
        ("MM", "CN", "clay_mm_conc", 0.9),
        ("AU", "MY", "mt_weld_conc", 0.2),
        ("AU", "US", "mt_weld_conc", 0.03),
        ("BR", "CN", "clay_br_conc", 0.9),
        ("CN", "JP", "ndpr_oxide", 0.05),
        ("CN", "VN", "ndpr_oxide", 0.02),
        ("MY", "JP", "ndpr_oxide", 0.05),
        ("MY", "VN", "ndpr_oxide", 0.01),
        ("CN", "JP", "ndpr_metal", 0.05),
        ("VN", "JP", "ndpr_metal", 0.02),
        ("CN", "EU", "ndpr_metal", 0.01),
        ("CN", "EU", "ndfeb_std", 0.12),
        ("CN", "US", "ndfeb_std", 0.08),
        ("CN", "KR", "ndfeb_std", 0.05),
        ("CN", "JP", "ndfeb_hc", 0.05),
        ("CN", "IN", "ndfeb_std", 0.03),
        ("CN", "VN", "ndfeb_std", 0.03),
        ("JP", "US", "ndfeb_hc", 0.02),
        ("CN", "ROW", "ndfeb_std", 0.04),
    ];
    for run in 0..shape.runs {
        for at in 0..shape.quarters {
            for (exporter, importer, id, share) in lanes {
                let size = COMMODITIES.iter().find(|c| c.0 == id).map_or(0.0, |c| c.5);
                let later = if exporter == "CN" {
                    1.0 - 0.6 * at as f64 / 67.0
                } else {
                    1.0 + 2.0 * at as f64 / 67.0
                };
                let quantity = size * share * growth(run, at) * later;
                rows.push(
                    run,
                    quarter(at),
                    &[exporter, importer, id],
                    &[quantity, quantity * 40_000.0, 0.0],
                );
            }
        }
    }
    rows.table(
        "trade",
        &["exporter", "importer", "commodity"],
        &["quantity_t", "value_usd", "leaked_t"],
    )
}

fn stage(shape: Shape) -> Table {
    let mut rows = Rows::default();
    for run in 0..shape.runs {
        for at in 0..shape.quarters {
            for (k, (stage, host, owner, from, to)) in HOSTS.iter().enumerate() {
                let (_, world, value) = STAGES.into_iter().find(|s| s.0 == *stage).unwrap();
                let share = from
                    + (to - from)
                        * (at as f64 / 67.0)
                        * (1.0 + 0.4 * draw(u64::from(run), k as u64));
                let output = world
                    * 1e3
                    * share.max(0.0)
                    * growth(run, at)
                    * (1.0 + 0.3 * wave(run, 90 + k as u64, at));
                let added = output * value * (1.0 + wave(run, 200 + k as u64, at));
                rows.push(
                    run,
                    quarter(at),
                    &[stage, host, owner],
                    &[output * 1.3, output, added, added * 0.2],
                );
            }
        }
    }
    rows.table(
        "stage",
        &["stage", "host", "owner"],
        &[
            "capacity_t",
            "production_t",
            "value_added_usd",
            "profit_usd",
        ],
    )
}

fn end_use(shape: Shape) -> Table {
    let mut rows = Rows::default();
    for run in 0..shape.runs {
        for at in 0..shape.quarters {
            for (k, (sector, _, group, magnets, oxides)) in SECTORS.into_iter().enumerate() {
                for (id, _, form, _, _, size) in COMMODITIES {
                    let share = match form {
                        "Magnet" => magnets,
                        "Oxide" => oxides,
                        _ => 0.0,
                    };
                    if share == 0.0 {
                        continue;
                    }
                    for (state, part) in [("CN", 0.6), ("EU", 0.2), ("US", 0.12), ("JP", 0.08)] {
                        let faster = if group == "Mobility" {
                            growth(run, at)
                        } else {
                            1.0
                        };
                        let demand = size * share * part * growth(run, at) * faster;
                        let crisis = if shape.policies && state != "CN" && (6..16).contains(&at) {
                            0.12
                        } else {
                            0.0
                        };
                        let crisis = if group == "Defence" {
                            0.25 * crisis
                        } else {
                            crisis
                        };
                        let price = (0.02 + 0.2 * wave(run, 300 + k as u64, at)).max(0.0);
                        let numbers = [
                            demand,
                            demand * (1.0 - price - crisis),
                            demand * price,
                            demand * crisis,
                        ];
                        rows.push(run, quarter(at), &[state, sector, id], &numbers);
                    }
                }
            }
        }
    }
    rows.table(
        "end_use",
        &["state", "sector", "commodity"],
        &["demand_t", "served_t", "unmet_price_t", "unmet_limit_t"],
    )
}

fn relation(shape: Shape) -> Table {
    let mut rows = Rows::default();
    let west = ["US", "EU", "JP", "KR", "AU", "CA", "GB"];
    for run in 0..shape.runs {
        for at in 0..shape.quarters {
            for (i, (from, _)) in STATES.into_iter().enumerate() {
                for (j, (to, _)) in STATES.into_iter().enumerate().filter(|(j, _)| *j != i) {
                    let friends = west.contains(&from) && west.contains(&to);
                    let start = if friends { 0.8 } else { 0.35 } + 0.12 * draw(i as u64, j as u64);
                    let slope = if to == "CN" && west.contains(&from) {
                        -0.2
                    } else {
                        0.1 * draw(j as u64, i as u64)
                    };
                    let now = start + slope * at as f64 / 67.0 + 0.05 * wave(run, 400, at);
                    rows.push(run, quarter(at), &[from, to], &[now.clamp(0.0, 1.0)]);
                }
            }
        }
    }
    rows.table("relation", &["from", "to"], &["trust"])
}

fn policy(shape: Shape) -> Table {
    let mut rows = Rows::default();
    let events = [
        ("CN", "production_quota", "announced", 0),
        ("CN", "production_quota", "effective", 0),
        ("CN", "licences_2025", "announced", 4),
        ("CN", "licences_2025", "effective", 6),
        ("CN", "licences_2025", "lifted", 16),
        ("MM", "mining_ban", "announced", 10),
        ("MM", "mining_ban", "effective", 12),
        ("MM", "mining_ban", "lifted", 26),
        ("US", "price_floor", "announced", 14),
        ("US", "price_floor", "effective", 18),
    ];
    for run in 0..shape.runs {
        let shown = if shape.policies {
            &events[..]
        } else {
            &events[..2]
        };
        for (state, measure, event, at) in shown.iter().filter(|e| e.3 < shape.quarters) {
            rows.push(
                run,
                quarter(*at),
                &[state, measure, "instrument", event, ""],
                &[0.0],
            );
        }
    }
    rows.table(
        "policy",
        &["state", "measure", "instrument", "event", "scope"],
        &["public_cost_usd"],
    )
}

fn shock(shape: Shape) -> Table {
    let mut rows = Rows::default();
    for run in (0..shape.runs).filter(|_| shape.policies && shape.quarters > 33) {
        rows.push(run, quarter(32), &["mine_flooded", "starts"], &[0.4]);
        rows.push(run, quarter(36), &["mine_flooded", "ends"], &[0.4]);
    }
    rows.table("shock", &["shock", "event"], &["size"])
}

fn project(shape: Shape) -> Table {
    let mut rows = Rows::default();
    for run in 0..shape.runs {
        for (k, (id, _, host, stage, start, due, delay, chance)) in PROJECTS.into_iter().enumerate()
        {
            let mut push = |at: i32, event: &str| {
                if at >= 0 && (at as usize) < shape.quarters {
                    rows.push(
                        run,
                        quarter(at as usize),
                        &[id, host, host, stage, event],
                        &[1_000.0 + 10.0 * k as f64],
                    );
                }
            };
            push(start, "started");
            let late =
                ((1.0 + draw(u64::from(run), 500 + k as u64)) * f64::from(delay)).round() as i32;
            if late > 1 {
                push(due - 1, "delayed");
            }
            if draw(u64::from(run), 600 + k as u64) < 2.0 * chance - 1.0 {
                push(due + late, "commissioned");
                if id == "belfast" && run % 3 > 0 {
                    push(due + late + 20, "mothballed");
                }
            } else {
                push(due + late, "bankrupt");
            }
        }
        rows.push(
            run,
            quarter(shape.quarters / 2),
            &["generated_17", "CN", "CN", "mine", "commissioned"],
            &[10.0],
        );
    }
    rows.table(
        "project",
        &["project", "host", "owner", "stage", "event"],
        &["capacity_t"],
    )
}

fn compare() -> Table {
    let metrics: [(&str, f64, f64, f64, &str); 9] = [
        ("shortage_peak_pct", -6.1, 0.8, 18.0, "%"),
        ("price_peak_ratio[dy_oxide@EU]", -0.4, 0.1, 2.1, ""),
        ("price_mean[ndpr_oxide@EU]", -2.1, 1.4, 71.0, "USD/kg"),
        ("consumer_loss_usd", -2.4e9, 0.5e9, 11.0e9, "USD 2024"),
        ("public_cost_usd", 2.4e9, 0.25e9, 0.6e9, "USD 2024"),
        ("china_share_separation", 0.002, 0.003, 0.66, "share"),
        ("unmet_defence_t", -40.0, 22.0, 150.0, "t"),
        ("damage_usd", 1.0e7, 2.0e7, 1.4e9, "USD 2024"),
        ("crma_recycling", 0.0, 0.0, 0.0, ""),
    ];
    let mut table = Table::new("compare");
    let text = |of: &dyn Fn(usize) -> &'static str| Column::words((0..metrics.len()).map(of));
    table.push("metric", Column::words(metrics.iter().map(|m| m.0)));
    table.push("arm", text(&|_| "Joint stockpile"));
    table.push("reference", text(&|_| "No reply"));
    table.push(
        "mean_difference",
        Column::F64(metrics.iter().map(|m| m.1).collect()),
    );
    table.push("se", Column::F64(metrics.iter().map(|m| m.2).collect()));
    table.push(
        "mean_reference",
        Column::F64(metrics.iter().map(|m| m.3).collect()),
    );
    table.push("unit", Column::words(metrics.iter().map(|m| m.4)));
    table.push("n", Column::U32(vec![32; metrics.len()]));
    table
}
