//! Instruments of trade, security and diplomacy in the whole world, what slips past them, and contracts: each is laid over the baseline and
//! compared with it, under the same seed and on the same settled start. The audit runs in every quarter of every run: limits hold to the
//! tonne, mass and money close.

use monazite::config::{self, Loaded, Scenario, firms::ContractRow, words};
use monazite::domain::{
    actors::PriceFormula,
    graph::Form,
    ids::StateId,
    policy::{Instrument, Shock, ShockKind},
    time::Quarter,
};
use monazite::record::{
    RunRecord,
    label::ContractEvent,
    row::{LimitRow, MarketRow, TradeRow},
};
use monazite::world::build::{Base, invert, on_base};
use std::path::Path;
use std::sync::OnceLock;

const SEED: u64 = 1;

/// Measures begin here unless a test says otherwise.
const FROM: &str = "2025Q1";

/// The baseline of three years, settled once, and what it recorded.
struct World {
    scenario: Scenario,
    base: Base,
    plain: RunRecord,
}

fn quarter(text: &str) -> Quarter {
    text.parse().expect("a quarter")
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let mut scenario = match config::load(Path::new("configs/baseline.ron"), &[]) {
            Ok(Loaded::Scenario(scenario)) => *scenario,
            Ok(_) => panic!("the baseline is a scenario"),
            Err(report) => panic!("{report}"),
        };
        scenario.uncertainty.clear();
        scenario.end = quarter("2026Q4");
        let base = invert(&scenario, SEED).expect("a base");
        let plain = run(&scenario, &base);
        World {
            scenario,
            base,
            plain,
        }
    })
}

fn run(scenario: &Scenario, base: &Base) -> RunRecord {
    let mut simulation = on_base(scenario, base, SEED, None).expect("a world");
    simulation.run().unwrap_or_else(|fault| panic!("{fault}"));
    simulation
        .world
        .remove_resource::<RunRecord>()
        .expect("a record")
}

fn lay(scenario: &mut Scenario, state: &str, name: &str, instrument: Instrument) {
    let strategies = &mut scenario.strategies;
    let like = strategies["EU"].clone();
    let mut measure = like.0.calendar["narva_grant"].clone();
    (measure.announced, measure.from) = (None, quarter(FROM));
    measure.instrument = instrument;
    let strategy = strategies.entry(state.to_owned()).or_insert_with(|| {
        let mut strategy = like;
        strategy.0.calendar.clear();
        strategy
    });
    strategy.0.calendar.insert(name.to_owned(), measure);
}

/// The baseline with more measures: the last one is called `test`, those before it `aid`, `aid1` and so on.
fn under(measures: &[(&str, Instrument)]) -> RunRecord {
    let mut scenario = world().scenario.clone();
    for (i, (state, instrument)) in measures.iter().enumerate() {
        let name = if i + 1 == measures.len() {
            "test".to_owned()
        } else {
            format!("aid{i}")
        };
        lay(&mut scenario, state, &name, instrument.clone());
    }
    run(&scenario, &world().base)
}

/// An instrument as a strategy writes it.
fn written(text: &str) -> Instrument {
    ron::from_str(text).expect("an instrument")
}

fn words_of(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

fn embargo(of: &[&str], to: &[&str]) -> Instrument {
    Instrument::Embargo {
        of: words_of(of),
        to: words_of(to),
    }
}

fn state(code: &str) -> StateId {
    StateId::from_index(world().plain.names.state(code).expect("a state"))
}

/// Rows of trade since the measures began.
fn trade(record: &RunRecord) -> impl Iterator<Item = TradeRow> {
    let rows = record.rows.trade.rows();
    rows.filter(|row| row.quarter >= quarter(FROM))
}

/// Tonnes of a good (or of a form) from one state to another since the measures began: all, and what leaked.
fn shipped(record: &RunRecord, of: &str, from: &str, to: &str) -> (f64, f64) {
    let names = &record.names;
    let covered = |k: usize| names.commodities[k] == of || names.forms[k].name() == of;
    trade(record)
        .filter(|row| {
            covered(row.commodity.index())
                && row.exporter == state(from)
                && (to == "*" || row.importer == state(to))
        })
        .fold((0.0, 0.0), |sum, row| {
            (sum.0 + row.quantity_t, sum.1 + row.leaked_t)
        })
}

/// Public cost of the measure `test`, USD.
fn cost(record: &RunRecord) -> f64 {
    let rows = record.rows.policy.rows();
    rows.filter(|row| record.texts.text(row.measure) == "test")
        .map(|row| row.public_cost_usd)
        .sum()
}

fn revenue(record: &RunRecord, code: &str) -> f64 {
    let rows = record.rows.state.rows();
    rows.filter(|row| row.state == state(code) && row.quarter >= quarter(FROM))
        .map(|row| row.tax_revenue_usd)
        .sum()
}

fn trust(record: &RunRecord, from: &str, to: &str, at: &str) -> f64 {
    record
        .rows
        .relation
        .rows()
        .find(|r| r.quarter == quarter(at) && r.from == state(from) && r.to == state(to))
        .expect("a pair of states")
        .trust
}

fn venue(record: &RunRecord, code: &str, good: &str, at: &str) -> MarketRow {
    record
        .rows
        .market
        .rows()
        .find(|r| {
            r.quarter == quarter(at)
                && r.state == state(code)
                && record.names.commodities[r.commodity.index()] == good
        })
        .expect("a venue")
}

fn price(record: &RunRecord, code: &str, good: &str, at: &str) -> f64 {
    venue(record, code, good, at).price_usd_per_kg
}

fn state_stock(record: &RunRecord, code: &str, good: &str, at: &str) -> f64 {
    venue(record, code, good, at).state_stock_t
}

/// Unmet share of rated and of civil use of a form in a state since the measures began.
fn unmet(record: &RunRecord, code: &str, form: Form) -> (f64, f64) {
    let names = &record.names;
    let share = |rated: bool| {
        let rows = record.rows.end_use.rows();
        let (wanted, served) = rows
            .filter(|r| {
                r.state == state(code)
                    && r.quarter >= quarter(FROM)
                    && names.rated[r.sector.index()] == rated
                    && names.forms[r.commodity.index()] == form
            })
            .fold((0.0, 0.0), |sum, r| {
                (sum.0 + r.demand_t, sum.1 + r.served_t)
            });
        1.0 - served / wanted
    };
    (share(true), share(false))
}

/// Limits that the measure `STATE:test` set.
fn limits(record: &RunRecord, code: &str) -> Vec<LimitRow> {
    let name = format!("{code}:test");
    let rows = record.rows.limit.rows();
    rows.filter(|row| record.texts.text(row.measure) == name)
        .collect()
}

fn contract(record: &RunRecord, name: &str) -> Vec<(Quarter, f64, f64, f64, ContractEvent)> {
    let rows = record.rows.contract.rows();
    rows.filter(|row| record.texts.text(row.contract) == name)
        .map(|row| {
            (
                row.quarter,
                row.quantity_t,
                row.price_usd_per_kg,
                row.transfer_usd,
                row.event,
            )
        })
        .collect()
}

#[test]
fn nothing_leaks_and_nothing_differs_where_nothing_is_laid() {
    let plain = &world().plain;
    assert!(plain.rows.trade.rows().all(|row| row.leaked_t == 0.0));
    // A measure that begins after the end changes the structure and no number.
    let mut scenario = world().scenario.clone();
    lay(&mut scenario, "CN", "test", embargo(&["all"], &["JP"]));
    scenario.strategies["CN"].0.calendar["test"].from = quarter("2030Q1");
    let late = run(&scenario, &world().base);
    let prices = |record: &RunRecord| -> Vec<u64> {
        let rows = record.rows.market.rows();
        rows.map(|row| row.price_usd_per_kg.to_bits()).collect()
    };
    assert_eq!(prices(plain), prices(&late));
}

#[test]
fn an_ore_ban_stops_concentrates_and_nothing_else() {
    let banned = under(&[(
        "US",
        Instrument::OreExportBan {
            of: words_of(&["concentrate"]),
            to: vec![],
        },
    )]);
    let before = shipped(&world().plain, "concentrate", "US", "CN").0;
    let (all, leaked) = shipped(&banned, "concentrate", "US", "CN");
    println!("concentrate US to CN: {before:.0} t without, {all:.0} t with, {leaked:.0} t leaked");
    assert!(before > 1000.0 && all == leaked && leaked < 0.2 * before);
    assert!(limits(&banned, "US").iter().all(|row| row.limit_t == 0.0));
}

#[test]
fn a_technology_ban_slows_learning_where_technology_is_lacking() {
    let ban = under(&[(
        "CN",
        Instrument::TechnologyExportBan {
            stages: words_of(&["separation", "magnet"]),
            to: vec![],
            share: 1.0,
        },
    )]);
    let known = |record: &RunRecord, code: &str| {
        let mut rows = record.rows.state.rows();
        rows.find(|r| r.quarter == quarter("2026Q4") && r.state == state(code))
            .expect("a state")
            .capability_separation
    };
    let (plain, banned) = (known(&world().plain, "US"), known(&ban, "US"));
    println!("separation know-how of the United States: {plain:.4} without, {banned:.4} with");
    assert!(banned < plain);
    assert_eq!(known(&world().plain, "CN"), known(&ban, "CN"));
}

#[test]
fn an_anti_coercion_tariff_waits_for_the_coercion() {
    let tariff = || Instrument::AntiCoercionTariff {
        of: words_of(&["magnet"]),
        rate: 0.3,
        above: 0.05,
    };
    let heavies = || embargo(&["dy_oxide", "dy_metal", "tb_oxide", "tb_metal"], &["EU"]);
    let calm = under(&[("EU", tariff())]);
    assert_eq!(revenue(&calm, "EU"), revenue(&world().plain, "EU"));
    let alone = under(&[("CN", heavies())]);
    let answered = under(&[("CN", heavies()), ("EU", tariff())]);
    let (before, after) = (revenue(&alone, "EU"), revenue(&answered, "EU"));
    let magnets = |record| shipped(record, "magnet", "CN", "EU").0;
    println!(
        "duties of the EU: {:.0} m USD under the embargo, {:.0} m with the answer; magnets {:.0} and {:.0} t",
        before / 1e6,
        after / 1e6,
        magnets(&alone),
        magnets(&answered)
    );
    assert!(after > 1.5 * before);
    assert!(magnets(&answered) < magnets(&alone));
}

#[test]
fn a_cap_on_single_suppliers_holds_to_the_tonne() {
    let capped = under(&[(
        "EU",
        Instrument::SingleSupplierCap {
            of: words_of(&["ndfeb_std"]),
            share: 0.65,
        },
    )]);
    let rows = limits(&capped, "EU");
    assert!(!rows.is_empty());
    let share = |record: &RunRecord| {
        let from_china = shipped(record, "ndfeb_std", "CN", "EU").0;
        let all: f64 = trade(record)
            .filter(|row| {
                row.importer == state("EU")
                    && record.names.commodities[row.commodity.index()] == "ndfeb_std"
            })
            .map(|row| row.quantity_t)
            .sum();
        from_china / all
    };
    let (before, after) = (share(&world().plain), share(&capped));
    println!("China's share in the EU's imports: {before:.3} without, {after:.3} with a cap");
    assert!(after < before - 0.02);
    for row in rows {
        let carried: f64 = trade(&capped)
            .filter(|t| {
                (t.quarter, t.exporter, t.importer, t.commodity)
                    == (row.quarter, row.exporter, row.importer, row.commodity)
            })
            .map(|t| t.quantity_t)
            .sum();
        assert!(carried <= row.limit_t + 1e-9);
    }
}

#[test]
fn public_buyers_pay_for_what_they_prefer() {
    let preferred = under(&[(
        "EU",
        Instrument::ProcurementPreference {
            of: words_of(&["magnet"]),
            friends: words_of(&["JP"]),
            premium: 0.5,
            public_share: 0.4,
        },
    )]);
    let flow = |record, from| shipped(record, "magnet", from, "EU").0;
    println!(
        "magnets into the EU: from China {:.0} and {:.0} t, from Japan {:.0} and {:.0} t; cost {:.0} m USD",
        flow(&world().plain, "CN"),
        flow(&preferred, "CN"),
        flow(&world().plain, "JP"),
        flow(&preferred, "JP"),
        cost(&preferred) / 1e6
    );
    assert!(flow(&preferred, "CN") < flow(&world().plain, "CN"));
    assert!(flow(&preferred, "JP") > flow(&world().plain, "JP"));
    assert!(cost(&preferred) > 0.0);
}

#[test]
fn rated_orders_come_first_in_a_shortage() {
    let short = || embargo(&["magnet", "metal", "oxide"], &["US"]);
    let alone = under(&[("CN", short())]);
    let first = under(&[
        ("CN", short()),
        (
            "US",
            Instrument::DefencePriority {
                of: words_of(&["all"]),
                strength: 1.0,
            },
        ),
    ]);
    let (before, after) = (
        unmet(&alone, "US", Form::Magnet),
        unmet(&first, "US", Form::Magnet),
    );
    println!("unmet (rated, civil): {before:?} without, {after:?} with priority");
    assert!(before.1 > before.0, "civil use gives way first in any case");
    assert!(after.0 < before.0);
}

#[test]
fn an_offtake_builds_a_lane_and_its_floor_is_paid_by_the_state() {
    let offtake = under(&[(
        "EU",
        Instrument::Offtake {
            seller: "MY".into(),
            of: "ndpr_oxide".into(),
            tonnes_per_year: 400.0,
            price: PriceFormula::Floor(120.0),
        },
    )]);
    let rows = contract(&offtake, "EU:test");
    println!("{rows:?}");
    assert_eq!(rows.first().map(|row| row.0), Some(quarter(FROM)));
    assert!(
        rows.iter()
            .all(|row| row.1 <= 100.0 + 1e-9 && row.2 >= 120.0)
    );
    let last = rows.last().expect("a contract");
    assert!(last.1 > 30.0, "the relation grows: {} t", last.1);
    let transfers: f64 = rows.iter().map(|row| row.3).sum();
    assert!(transfers > 0.0 && (cost(&offtake) - transfers).abs() < 1.0);
    let flow = |record| shipped(record, "ndpr_oxide", "MY", "EU").0;
    assert!(flow(&offtake) > flow(&world().plain));
}

#[test]
fn accession_and_agreement_move_trust_and_duties() {
    let joined = under(&[("MY", Instrument::BlocMembership { bloc: "msp".into() })]);
    let before = trust(&world().plain, "JP", "MY", "2026Q4");
    let after = trust(&joined, "JP", "MY", "2026Q4");
    println!("trust of Japan in Malaysia: {before:.3}, {after:.3} as a member");
    assert!(after > before);
    assert_eq!(
        trust(&joined, "CN", "MY", "2026Q4"),
        trust(&world().plain, "CN", "MY", "2026Q4")
    );
    let agreed = under(&[(
        "EU",
        Instrument::BilateralAgreement {
            with: words_of(&["CN"]),
            trust: 0.3,
            tariff_cut: 1.0,
        },
    )]);
    assert!(revenue(&agreed, "EU") < revenue(&world().plain, "EU"));
    assert!(trust(&agreed, "CN", "EU", "2026Q4") > trust(&world().plain, "CN", "EU", "2026Q4"));
}

#[test]
fn sanctions_stop_trade_both_ways() {
    let sanctioned = under(&[(
        "US",
        Instrument::Sanctions {
            of: words_of(&["concentrate", "magnet"]),
            on: words_of(&["CN"]),
        },
    )]);
    for (of, from, to) in [("concentrate", "US", "CN"), ("magnet", "CN", "US")] {
        let before = shipped(&world().plain, of, from, to).0;
        let (all, leaked) = shipped(&sanctioned, of, from, to);
        println!("{of} {from} to {to}: {before:.0} t, {all:.0} t under sanctions");
        assert!(before > 0.0 && (all - leaked).abs() < 1e-9);
    }
    assert!(trust(&sanctioned, "CN", "US", "2026Q4") < trust(&world().plain, "CN", "US", "2026Q4"));
}

#[test]
fn an_emergency_holds_back_exports_of_what_is_short() {
    let short = || embargo(&["magnet"], &["JP"]);
    let alone = under(&[("CN", short())]);
    let held = under(&[
        ("CN", short()),
        (
            "JP",
            Instrument::EmergencyAllocation {
                of: words_of(&["magnet"]),
                above: 0.002,
                share: 0.3,
            },
        ),
    ]);
    let flow = |record| shipped(record, "magnet", "JP", "*").0;
    println!(
        "magnets out of Japan: {:.0} t, {:.0} t in an emergency",
        flow(&alone),
        flow(&held)
    );
    assert!(flow(&held) < flow(&alone));
    assert!(!limits(&held, "JP").is_empty());
}

#[test]
fn restrictions_leak_most_where_detours_are_open_and_least_where_they_are_watched() {
    let goods = ["dy_oxide", "dy_metal", "tb_oxide", "tb_metal"];
    let leaked = |record: &RunRecord| -> f64 { trade(record).map(|row| row.leaked_t).sum() };
    let on_one = under(&[("CN", embargo(&goods, &["JP"]))]);
    let to_japan = |record: &RunRecord| -> f64 {
        goods
            .iter()
            .map(|of| shipped(record, of, "CN", "JP").1)
            .sum()
    };
    let on_all = under(&[("CN", embargo(&goods, &[]))]);
    let watched = under(&[
        ("CN", embargo(&goods, &["JP"])),
        (
            "CN",
            Instrument::Enforcement {
                effort: 0.9,
                usd_per_year: 20e6,
            },
        ),
    ]);
    let before: f64 = goods
        .iter()
        .map(|of| shipped(&world().plain, of, "CN", "JP").0)
        .sum();
    println!(
        "to Japan {before:.0} t before; leaked: {:.1} t of an embargo on Japan ({:.1} in all), {:.1} t to Japan of one on all ({:.1} in all), {:.1} t watched",
        to_japan(&on_one),
        leaked(&on_one),
        to_japan(&on_all),
        leaked(&on_all),
        to_japan(&watched)
    );
    assert!(to_japan(&on_one) > 0.01 * before && to_japan(&on_one) < 0.5 * before);
    assert!(to_japan(&watched) < 0.7 * to_japan(&on_one));
    assert!((cost(&watched) - 40e6).abs() < 1.0);
    let first = on_one
        .rows
        .trade
        .rows()
        .find(|row| row.leaked_t > 0.0)
        .expect("leakage");
    assert!(first.quarter > quarter(FROM), "networks take time");
}

#[test]
fn allies_draw_on_a_shared_stock_when_they_are_short() {
    let stock = |share_with: &[&str], release_on_shortage: Option<f64>| Instrument::Stockpile {
        of: words_of(&["dy_metal"]),
        cover_days: 180.0,
        fill_quarters: 8,
        release_above: 1.5,
        release_on_shortage,
        defence_first: false,
        largest_purchase: Some(0.2),
        share_with: words_of(share_with),
    };
    let goods = ["dy_oxide", "dy_metal"];
    let none = under(&[("CN", embargo(&goods, &["KR"])), ("JP", stock(&[], None))]);
    let shared = under(&[
        ("CN", embargo(&goods, &["KR"])),
        ("JP", stock(&["KR"], None)),
    ]);
    let at = "2026Q2";
    println!(
        "dysprosium in Korea: {:.0} and {:.0} USD/kg; Japan's stock {:.2} and {:.2} t",
        price(&none, "KR", "dy_metal", at),
        price(&shared, "KR", "dy_metal", at),
        state_stock(&none, "JP", "dy_metal", at),
        state_stock(&shared, "JP", "dy_metal", at)
    );
    assert!(price(&shared, "KR", "dy_metal", at) < price(&none, "KR", "dy_metal", at));
    assert!(state_stock(&shared, "JP", "dy_metal", at) < state_stock(&none, "JP", "dy_metal", at));
    // Buying and holding cost, and the cost is the measure's own.
    let calm = under(&[("JP", stock(&[], None))]);
    assert!(cost(&calm) > 0.0);
}

#[test]
fn contracts_start_on_their_date_are_excused_by_an_embargo_and_broken_by_an_outage() {
    let mut scenario = world().scenario.clone();
    let mut row: ContractRow = scenario.contracts["jare_lynas_ndpr"].clone();
    row.from = quarter("2025Q3");
    row.formula = words::PriceFormula::Fixed;
    row.tonnes_per_q = 100.0;
    scenario.contracts.insert("late".to_owned(), row);
    let late = contract(&run(&scenario, &world().base), "late");
    assert_eq!(late.first().map(|row| row.0), Some(quarter("2025Q3")));
    assert!(late.iter().all(|row| row.1 > 0.0));

    let excused = under(&[("MY", embargo(&["ndpr_oxide"], &["JP"]))]);
    let rows = contract(&excused, "jare_lynas_ndpr");
    let during = rows.iter().filter(|row| row.0 >= quarter(FROM));
    assert!(during.clone().count() > 0);
    for row in during {
        assert_eq!((row.1, row.4), (0.0, ContractEvent::ForceMajeure));
    }

    let mut scenario = world().scenario.clone();
    scenario.shocks.insert(
        "fire".to_owned(),
        Shock {
            at: quarter(FROM),
            lasts: 8,
            what: ShockKind::PlantOutage {
                plant: "lynas.kuantan".into(),
                share: 1.0,
            },
        },
    );
    let rows = contract(&run(&scenario, &world().base), "jare_lynas_ndpr");
    println!("{rows:?}");
    assert!(rows.iter().any(|row| row.4 == ContractEvent::Default));
}

#[test]
fn taxes_and_kept_rebates_bring_revenue_and_cost_exports() {
    let taxed = under(&[(
        "CN",
        Instrument::ExportTax {
            of: words_of(&["oxide"]),
            rate: 0.25,
            to: vec![],
        },
    )]);
    // The standing rebate on magnets ends when the new one begins.
    let mut scenario = world().scenario.clone();
    let rebate = Instrument::VatRebate {
        of: words_of(&["magnet"]),
        rate: 0.0,
    };
    lay(&mut scenario, "CN", "test", rebate);
    let calendar = &mut scenario.strategies["CN"].0.calendar;
    calendar["vat_rebated_magnets"].until = Some(quarter("2024Q4"));
    let kept = run(&scenario, &world().base);
    for (record, of) in [(&taxed, "oxide"), (&kept, "magnet")] {
        let flow = |record| shipped(record, of, "CN", "*").0;
        println!(
            "{of}: exports {:.0} and {:.0} t, revenue {:.0} and {:.0} m USD",
            flow(&world().plain),
            flow(record),
            revenue(&world().plain, "CN") / 1e6,
            revenue(record, "CN") / 1e6
        );
        assert!(flow(record) < flow(&world().plain));
        assert!(revenue(record, "CN") > revenue(&world().plain, "CN"));
    }
}

#[test]
fn a_tariff_is_paid_in_part_by_the_seller() {
    let taxed = under(&[(
        "EU",
        Instrument::Tariff {
            of: words_of(&["ndfeb_std"]),
            from: vec![],
            rate: 0.25,
        },
    )]);
    let at = |record, code| price(record, code, "ndfeb_std", "2026Q4");
    let inside = at(&taxed, "EU") / at(&world().plain, "EU");
    let outside = at(&taxed, "CN") / at(&world().plain, "CN");
    println!("price of magnets: x{inside:.3} inside, x{outside:.3} in China");
    assert!(inside > 1.05 && inside < 1.25 && outside < 1.0);
    assert!(revenue(&taxed, "EU") > revenue(&world().plain, "EU"));
}

#[test]
fn a_licence_lets_a_share_pass_and_its_delay_nothing() {
    let licensed = under(&[(
        "CN",
        written(r#"ExportLicence(of: ["dy_oxide"], to: ["JP"], share: 0.5, delay: 1)"#),
    )]);
    for row in limits(&licensed, "CN") {
        let carried: f64 = trade(&licensed)
            .filter(|t| {
                (t.quarter, t.exporter, t.importer, t.commodity)
                    == (row.quarter, row.exporter, row.importer, row.commodity)
            })
            .map(|t| t.quantity_t - t.leaked_t)
            .sum();
        assert!(carried <= row.limit_t + 1e-9);
        assert_eq!(row.limit_t == 0.0, row.quarter == quarter(FROM));
    }
}

#[test]
fn a_production_quota_holds_output_down() {
    let mined = |record: &RunRecord| -> f64 {
        let rows = record.rows.market.rows();
        rows.filter(|row| {
            row.state == state("MM")
                && row.quarter >= quarter(FROM)
                && record.names.commodities[row.commodity.index()] == "clay_mm_conc"
        })
        .map(|row| row.production_t)
        .sum()
    };
    let before = mined(&world().plain);
    let capped = under(&[(
        "MM",
        written(&format!(
            r#"ProductionQuota(of: ["clay_mm_conc"], tonnes_per_year: Some({}))"#,
            before / 4.0
        )),
    )]);
    println!(
        "clays of Myanmar: {before:.0} t, {:.0} t under a quota of half",
        mined(&capped)
    );
    assert!(mined(&capped) < 0.65 * before);
}

#[test]
fn a_price_floor_pays_the_gap_on_the_covered_volume() {
    let floor = under(&[(
        "US",
        Instrument::PriceFloor {
            of: words_of(&["ndpr_oxide"]),
            usd_per_kg: 110.0,
            tonnes_per_year: 1000.0,
        },
    )]);
    println!(
        "cost of the floor: {:.1} m USD in two years",
        cost(&floor) / 1e6
    );
    // Two years of a thousand tonnes at a gap of less than 80 USD/kg.
    assert!(cost(&floor) > 1e6 && cost(&floor) < 160e6);
}

#[test]
fn a_grant_is_paid_to_projects_and_ends_with_its_budget() {
    let granted = under(&[(
        "CN",
        Instrument::CapexGrant {
            stages: words_of(&["separation", "metal", "magnet"]),
            share: 0.5,
            budget_usd: 5e6,
        },
    )]);
    println!("paid out: {:.2} m USD of 5", cost(&granted) / 1e6);
    assert!(cost(&granted) > 0.0 && cost(&granted) <= 5e6 + 1.0);
}

#[test]
fn an_embargo_beats_a_quota_and_an_offtake_and_quotas_leak_too() {
    let quota = || written(r#"ExportQuota(of: ["oxide", "metal"], tonnes_per_year: 20000)"#);
    let offtake = || {
        written(r#"Offtake(seller: "CN", of: "dy_oxide", tonnes_per_year: 40, price: Fixed(200))"#)
    };
    let met = under(&[
        ("CN", quota()),
        ("CN", embargo(&["dy_oxide"], &["JP"])),
        ("JP", offtake()),
    ]);
    let rows = contract(&met, "JP:test");
    assert_eq!(rows.len(), 8);
    for row in &rows {
        assert_eq!(
            (row.1, row.3, row.4),
            (0.0, 0.0, ContractEvent::ForceMajeure)
        );
    }
    let (all, leaked) = shipped(&met, "dy_oxide", "CN", "JP");
    assert!((all - leaked).abs() < 1e-9, "only what leaks arrives");
    assert_eq!(cost(&met), 0.0);
    assert!(
        shipped(&met, "oxide", "CN", "*").0 > 1000.0,
        "the quota lets its tonnage pass"
    );

    let under_quota = under(&[("CN", quota())]);
    let (official, leaked) = shipped(&under_quota, "oxide", "CN", "*");
    println!("oxides from China: {official:.0} t, of which {leaked:.0} t past the quota");
    assert!(leaked > 0.0 && leaked < 0.5 * official);
}
