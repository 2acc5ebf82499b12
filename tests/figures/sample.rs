//! Invented tables shaped like a result: twenty states, a chain from ore to magnets, a shock of supply and a growing demand.
//! For layout only: the numbers mean nothing.

mod experiment;
mod rows;
mod world;

use monazite::domain::time::Quarter;
use monazite::figures::{Arm, Context, Data};
use monazite::record::table::{Column, Table};
use rows::{Rows, draw};
use world::{COMMODITIES, HOSTS, PROJECTS, SECTORS, STAGES, STATES};

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

/// The invented result.
pub fn data(shape: Shape) -> Data {
    let mut data = Data::new();
    let tables = [
        names(),
        market(shape),
        trade(shape),
        stage(shape),
        end_use(shape),
        limit(shape),
        state(shape),
        relation(shape),
        policy(shape),
        shock(shape),
        project(shape),
        compare(shape),
        experiment::strategies(),
        experiment::drivers(shape),
        experiment::payoffs(shape),
    ];
    for table in tables {
        data.add(table).expect("the names are complete");
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
    Quarter::new(2024, 1)
        .expect("a first quarter")
        .plus(index as i32)
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
        .map(|k| {
            noise(k + 10) * libm::sin(at as f64 / (9.0 + 5.0 * k as f64) + noise(k + 20) * 3.0)
        })
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
                        if form == "Magnet" && !inside {
                            0.04 + 0.2 * (gap - 1.0) + 0.03 * wave(run, 90 + c as u64, at)
                        } else {
                            f64::NAN
                        },
                        if form == "Magnet" && !inside {
                            0.1 * used
                        } else {
                            f64::NAN
                        },
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
        "qualified_premium",
        "qualified_use_t",
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
                let (_, world, value) = STAGES
                    .into_iter()
                    .find(|s| s.0 == *stage)
                    .expect("a stage of the list");
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
                            demand * (price + crisis) * 20_000.0,
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
        &[
            "demand_t",
            "served_t",
            "unmet_price_t",
            "unmet_limit_t",
            "consumer_loss_usd",
        ],
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

/// A standing ban on raw exports, and licences while policies are laid on.
fn limit(shape: Shape) -> Table {
    let mut rows = Rows::default();
    let mut push = |run, at, lane: [&str; 4], refused: f64, rent: f64| {
        let [exporter, importer, id, measure] = lane;
        rows.push(
            run,
            quarter(at),
            &[exporter, importer, id, measure, "firm"],
            &[2.0 * refused, refused, 0.2 * refused, rent],
        );
    };
    for run in 0..shape.runs {
        for at in 0..shape.quarters {
            let more = growth(run, at);
            let ban = ["MY", "CN", "monazite_conc", "MY:raw_export_ban"];
            push(run, at, ban, 120.0 * more, 4e5 * more);
            if !shape.policies || !(6..16).contains(&at) {
                continue;
            }
            for (id, ..) in COMMODITIES
                .iter()
                .filter(|c| c.3 == "Dy-Tb" || c.2 == "Magnet")
            {
                let size = COMMODITIES.iter().find(|c| c.0 == *id).map_or(0.0, |c| c.5);
                for (k, (importer, ..)) in STATES.iter().enumerate().skip(1) {
                    let refused = 0.02 * size * (1.0 + draw(k as u64, 700)) * more;
                    let lane = ["CN", importer, id, "CN:licences_2025"];
                    push(run, at, lane, refused, refused * 9_000.0);
                }
            }
        }
    }
    rows.table(
        "limit",
        &["exporter", "importer", "commodity", "measure", "rent_to"],
        &["limit_t", "refused_t", "refused_stock_t", "rent_usd"],
    )
}

fn state(shape: Shape) -> Table {
    let mut rows = Rows::default();
    for run in 0..shape.runs {
        for at in 0..shape.quarters {
            for (k, (state, _)) in STATES.into_iter().enumerate() {
                let spent = if shape.policies && state == "US" && at >= 18 {
                    6e7
                } else {
                    0.0
                };
                let taxes = 1e7 * (1.0 + 0.2 * wave(run, 800 + k as u64, at));
                rows.push(run, quarter(at), &[state], &[spent, taxes]);
            }
        }
    }
    rows.table("state", &["state"], &["public_cost_usd", "tax_revenue_usd"])
}

fn policy(shape: Shape) -> Table {
    let mut rows = Rows::default();
    let events = [
        ("CN", "production_quota", "announced", 0),
        ("CN", "production_quota", "effective", 0),
        ("CN", "CN:licences_2025", "announced", 4),
        ("CN", "CN:licences_2025", "effective", 6),
        ("CN", "CN:licences_2025", "lifted", 16),
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
        // A floor that pays, a stockpile that buys and sells again, small grants.
        for at in 1..shape.quarters {
            let swing = 3e7 * libm::cos(at as f64 / 9.0);
            let mut costs = vec![("JP", "stockpile", swing), ("KR", "stockpile", 0.3 * swing)];
            if shape.policies && at > 18 {
                costs.push(("US", "price_floor", 6e7 * growth(run, at)));
                let grants = [
                    "magnets",
                    "separation",
                    "recycling",
                    "metal",
                    "skills",
                    "loan",
                ];
                costs.extend(grants.map(|name| ("US", name, 4e6)));
                costs.push(("EU", "crma_grants", 2e7));
            }
            for (state, measure, cost) in costs {
                rows.push(
                    run,
                    quarter(at),
                    &[state, measure, "instrument", "effective", ""],
                    &[cost],
                );
            }
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

fn compare(shape: Shape) -> Table {
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
    // further strategies by size of effect and of cost
    let arms: &[(&str, f64, f64)] = if shape.policies {
        &[
            ("Joint stockpile", 1.0, 1.0),
            ("Allied price floor", 0.6, 0.5),
            ("Retaliation", -0.3, 0.4),
        ]
    } else {
        &[("Joint stockpile", 1.0, 1.0)]
    };
    let mut rows = Vec::new();
    for (arm, effect, cost) in arms {
        for (name, mean, error, base, unit) in metrics {
            let factor = if name == "public_cost_usd" {
                cost
            } else {
                effect
            };
            rows.push((name, *arm, mean * factor, error, base, unit));
        }
    }
    let mut table = Table::new("compare");
    let number = |of: &dyn Fn(usize) -> f64| Column::F64((0..rows.len()).map(of).collect());
    table.push("metric", Column::words(rows.iter().map(|r| r.0)));
    table.push("arm", Column::words(rows.iter().map(|r| r.1)));
    table.push("reference", Column::words(rows.iter().map(|_| "No reply")));
    table.push("mean_difference", number(&|k| rows[k].2));
    table.push("se", number(&|k| rows[k].3));
    table.push("mean_reference", number(&|k| rows[k].4));
    table.push("unit", Column::words(rows.iter().map(|r| r.5)));
    table.push("n", Column::U32(vec![32; rows.len()]));
    table
}
