//! Instruments on production, support, technology, people and investment in the whole world: each is laid over the baseline and compared
//! with it, under the same seed and on the same settled start.

use monazite::config::{self, Loaded, Scenario};
use monazite::domain::{
    actors::Cash, exchange::Books, graph::Stage, ids::StateId, policy::Instrument, time::Quarter,
};
use monazite::engine::simulation::Simulation;
use monazite::record::{RunRecord, label::ProjectEvent};
use monazite::world::build::{Base, invert, on_base};
use std::path::Path;
use std::sync::OnceLock;

const SEED: u64 = 1;

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
        scenario.end = quarter("2027Q4");
        let base = invert(&scenario, SEED).expect("a base");
        let plain = recorded(run(&scenario, &base));
        World {
            scenario,
            base,
            plain,
        }
    })
}

fn run(scenario: &Scenario, base: &Base) -> Simulation {
    let mut simulation = on_base(scenario, base, SEED, None).expect("a world");
    simulation.run().unwrap_or_else(|fault| panic!("{fault}"));
    simulation
}

fn recorded(mut simulation: Simulation) -> RunRecord {
    simulation
        .world
        .remove_resource::<RunRecord>()
        .expect("a record")
}

/// The baseline with a measure more.
fn with(state: &str, from: &str, instrument: Instrument) -> Scenario {
    let mut scenario = world().scenario.clone();
    lay(&mut scenario, state, "test", from, instrument);
    scenario
}

fn lay(scenario: &mut Scenario, state: &str, name: &str, from: &str, instrument: Instrument) {
    let strategies = &mut scenario.strategies;
    let like = strategies["EU"].clone();
    let mut measure = like.0.calendar["narva_grant"].clone();
    (measure.announced, measure.from) = (None, quarter(from));
    measure.instrument = instrument;
    let strategy = strategies.entry(state.to_owned()).or_insert_with(|| {
        let mut strategy = like;
        strategy.0.calendar.clear();
        strategy
    });
    strategy.0.calendar.insert(name.to_owned(), measure);
}

fn measured(state: &str, from: &str, instrument: Instrument) -> RunRecord {
    recorded(run(&with(state, from, instrument), &world().base))
}

fn state(code: &str) -> StateId {
    StateId::from_index(world().plain.names.state(code).expect("a state"))
}

/// Public cost of the measure `test`, USD.
fn cost(record: &RunRecord) -> f64 {
    let rows = record.rows.policy.rows();
    rows.filter(|r| record.texts.text(r.measure) == "test")
        .map(|r| r.public_cost_usd)
        .sum()
}

fn damage(record: &RunRecord, code: &str, from: &str) -> f64 {
    let rows = record.rows.state.rows();
    rows.filter(|r| r.state == state(code) && r.quarter >= quarter(from))
        .map(|r| r.damage_usd)
        .sum()
}

fn output(record: &RunRecord, code: &str, stage: Stage, from: &str) -> f64 {
    let rows = record.rows.stage.rows();
    rows.filter(|r| r.host == state(code) && r.stage == stage && r.quarter >= quarter(from))
        .map(|r| r.production_t)
        .sum()
}

fn profit(record: &RunRecord, code: &str, stage: Stage, from: &str) -> f64 {
    let rows = record.rows.stage.rows();
    rows.filter(|r| r.host == state(code) && r.stage == stage && r.quarter >= quarter(from))
        .map(|r| r.profit_usd)
        .sum()
}

fn exports(record: &RunRecord, code: &str, good: &str, from: &str) -> f64 {
    let rows = record.rows.market.rows();
    rows.filter(|r| {
        r.state == state(code)
            && record.names.commodities[r.commodity.index()] == good
            && r.quarter >= quarter(from)
    })
    .map(|r| r.exports_t)
    .sum()
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn a_standard_costs_plants_and_the_public_and_damage_falls() {
    let strict = measured(
        "MM",
        "2025Q1",
        Instrument::EnvironmentalStandard {
            level: 1.0,
            enforcement: 0.9,
        },
    );
    let plain = &world().plain;
    let (before, after) = (
        damage(plain, "MM", "2025Q1"),
        damage(&strict, "MM", "2025Q1"),
    );
    println!(
        "damage in Myanmar {before:.3e} to {after:.3e}, cost {:.3e}",
        cost(&strict)
    );
    assert!(after < 0.3 * before);
    assert!(cost(&strict) > 0.0);
    let mine = |record| output(record, "MM", Stage::Mine, "2025Q1");
    assert!(mine(&strict) < mine(plain));
}

#[test]
fn what_must_be_processed_at_home_does_not_leave() {
    let good = "mountain_pass_conc";
    let kept = measured(
        "US",
        "2025Q1",
        Instrument::LocalContent {
            of: words(&[good]),
            share: 0.7,
        },
    );
    let plain = &world().plain;
    let (before, after) = (
        exports(plain, "US", good, "2025Q1"),
        exports(&kept, "US", good, "2025Q1"),
    );
    println!("exports of {good}: {before:.0} to {after:.0} t");
    assert!(after < 0.75 * before);
    let refused: f64 = kept
        .rows
        .limit
        .rows()
        .filter(|r| kept.texts.text(r.measure).ends_with("test"))
        .map(|r| r.refused_t)
        .sum();
    assert!(refused > 0.0, "what was refused is on record");
}

#[test]
fn a_tax_credit_raises_output_and_stays_within_its_budget() {
    let budget = 60e6;
    let paid = measured(
        "US",
        "2025Q1",
        Instrument::TaxCredit {
            of: words(&["ndpr_oxide"]),
            usd_per_kg: 20.0,
            budget_usd_per_year: budget,
        },
    );
    let plain = &world().plain;
    let of = |record| output(record, "US", Stage::Separation, "2025Q1");
    println!(
        "US separation {:.0} to {:.0} t, cost {:.3e}",
        of(plain),
        of(&paid),
        cost(&paid)
    );
    assert!(of(&paid) > of(plain));
    assert!(
        profit(&paid, "US", Stage::Separation, "2025Q1")
            > profit(plain, "US", Stage::Separation, "2025Q1")
    );
    assert!(cost(&paid) > 0.0 && cost(&paid) <= 3.0 * budget * (1.0 + 1e-9));
}

#[test]
fn a_skills_programme_teaches_after_its_delay_and_costs_each_year() {
    let taught = measured(
        "MY",
        "2025Q1",
        Instrument::SkillsProgramme {
            stages: words(&["magnet"]),
            gain: 0.2,
            delay: 4,
            usd_per_year: 10e6,
        },
    );
    let of = |record: &RunRecord, at: &str| {
        let mut rows = record.rows.state.rows();
        rows.find(|r| r.state == state("MY") && r.quarter == quarter(at))
            .expect("a row")
            .capability_magnet
    };
    let plain = &world().plain;
    assert_eq!(
        of(&taught, "2025Q4"),
        of(plain, "2025Q4"),
        "nobody has graduated yet"
    );
    assert!(of(&taught, "2027Q4") > of(plain, "2027Q4") + 0.2);
    assert!((cost(&taught) - 30e6).abs() < 1.0);
}

#[test]
fn research_saves_what_is_dear() {
    let mut plain = world().scenario.clone();
    let embargo = Instrument::Embargo {
        of: words(&["dy_oxide", "tb_oxide", "dy_metal", "tb_metal"]),
        to: words(&["JP"]),
    };
    lay(&mut plain, "CN", "embargo", "2025Q1", embargo);
    let mut helped = plain.clone();
    lay(
        &mut helped,
        "JP",
        "test",
        "2025Q1",
        Instrument::SubstitutionResearch {
            of: words(&["dy_metal", "tb_metal"]),
            sectors: vec![],
            speed: 4.0,
            limit: 0.1,
            usd_per_year: 50e6,
        },
    );
    let thrift = |scenario: &Scenario| {
        let simulation = run(scenario, &world().base);
        let layout = simulation
            .world
            .resource::<monazite::domain::layout::Layout>();
        let groups = simulation
            .world
            .resource::<monazite::domain::exchange::GroupBooks>();
        let at = (0..layout.groups.len()).filter(|&g| layout.groups[g].host == state("JP"));
        at.map(|g| groups.thrift[g]).fold(0.0, f64::max)
    };
    let (without, with) = (thrift(&plain), thrift(&helped));
    println!("thrift in Japan {without:.3} without and {with:.3} with research");
    assert!(with > 1.5 * without && without > 0.0);
}

/// Output of a stage in a state by plants whose owners come from another, t, in one quarter.
fn owned(record: &RunRecord, host: &str, owner: &str, stage: Option<Stage>, at: &str) -> f64 {
    let rows = record.rows.stage.rows();
    rows.filter(|r| {
        r.host == state(host)
            && r.owner == state(owner)
            && stage.is_none_or(|s| r.stage == s)
            && r.quarter == quarter(at)
    })
    .map(|r| r.production_t)
    .sum()
}

/// Capacity of all events of a kind in a state, t per quarter.
fn events(record: &RunRecord, host: &str, event: ProjectEvent) -> f64 {
    let rows = record.rows.project.rows();
    rows.filter(|r| r.host == state(host) && r.event == event)
        .map(|r| r.capacity_t)
        .sum()
}

fn made(record: &RunRecord, code: &str, good: &str, from: &str) -> f64 {
    let rows = record.rows.market.rows();
    rows.filter(|r| {
        r.state == state(code)
            && record.names.commodities[r.commodity.index()] == good
            && r.quarter >= quarter(from)
    })
    .map(|r| r.production_t)
    .sum()
}

#[test]
fn a_merged_group_holds_output_back() {
    let merged = measured(
        "CN",
        "2025Q1",
        Instrument::Consolidation {
            stages: words(&["separation"]),
            of: words(&["dy_oxide"]),
            owner: "southern_group".into(),
            discipline: 0.7,
        },
    );
    let plain = &world().plain;
    let of = |record| made(record, "CN", "dy_oxide", "2025Q2");
    println!(
        "dysprosium in China {:.0} to {:.0} t",
        of(plain),
        of(&merged)
    );
    assert!(of(&merged) < 0.95 * of(plain));
    assert!(
        events(&merged, "CN", ProjectEvent::Sold) > 0.0,
        "plants changed hands"
    );
    assert_eq!(cost(&merged), 0.0);
}

#[test]
fn a_screened_owner_builds_nothing_and_sells_when_told() {
    let screen = |divest_by: Option<&str>| {
        measured(
            "VN",
            "2024Q2",
            Instrument::OwnershipScreening {
                owners: words(&["CN"]),
                stages: vec![],
                delay: None,
                divest_by: divest_by.map(quarter),
            },
        )
    };
    let plain = &world().plain;
    let of = |record, at| owned(record, "VN", "CN", None, at);
    assert!(
        of(plain, "2027Q4") > 0.0,
        "Chinese owners run plants in Vietnam"
    );
    let stays = screen(None);
    let started = |record: &RunRecord| {
        let rows = record.rows.project.rows();
        rows.filter(|r| {
            r.host == state("VN")
                && r.owner == state("CN")
                && r.event == ProjectEvent::Started
                && r.quarter >= quarter("2024Q2")
        })
        .count()
    };
    assert_eq!(started(&stays), 0);
    assert!(of(&stays, "2027Q4") > 0.0, "what they had stays with them");
    let sold = screen(Some("2026Q1"));
    assert!(of(&sold, "2025Q4") > 0.0);
    assert_eq!(of(&sold, "2026Q2"), 0.0);
    assert!(events(&sold, "VN", ProjectEvent::Sold) > 0.0);
}

#[test]
fn a_bought_plant_has_a_new_owner_and_its_buyer_pays() {
    let purchase = Instrument::PlantPurchase {
        plants: words(&["kuantan"]),
        hosts: vec![],
        stages: vec![],
        buyer: "northern_re".into(),
        premium: 0.1,
        public_share: 1.0,
    };
    let bought = measured("CN", "2025Q1", purchase.clone());
    let separation = Some(Stage::Separation);
    assert_eq!(owned(&world().plain, "MY", "CN", separation, "2025Q2"), 0.0);
    assert!(owned(&bought, "MY", "CN", separation, "2025Q2") > 0.0);
    println!("price of the plant {:.3e}", cost(&bought));
    assert!(cost(&bought) > 1e8);
    // The host may refuse, and then nothing is paid.
    let mut refused = with("CN", "2025Q1", purchase);
    lay(
        &mut refused,
        "MY",
        "screening",
        "2024Q2",
        Instrument::OwnershipScreening {
            owners: words(&["CN"]),
            stages: words(&["separation"]),
            delay: None,
            divest_by: None,
        },
    );
    let refused = recorded(run(&refused, &world().base));
    assert_eq!(owned(&refused, "MY", "CN", separation, "2025Q2"), 0.0);
    assert_eq!(cost(&refused), 0.0);
}

#[test]
fn a_mandate_brings_scrap_to_recyclers() {
    let collected = measured(
        "EU",
        "2024Q2",
        Instrument::RecyclingMandate {
            sectors: vec![],
            target: 0.6,
            by: quarter("2025Q4"),
            usd_per_kg: 5.0,
        },
    );
    let plain = &world().plain;
    let of = |record| made(record, "EU", "magnet_scrap", "2026Q1");
    println!(
        "scrap in the EU {:.0} to {:.0} t, cost {:.3e}",
        of(plain),
        of(&collected),
        cost(&collected)
    );
    assert!(of(&collected) > 1.5 * of(plain));
    assert!(cost(&collected) > 0.0);
}

#[test]
fn support_builds_an_industry_where_none_stands() {
    let supported = |share: f64| {
        let mut scenario = with(
            "MY",
            "2024Q2",
            Instrument::CapexGrant {
                stages: words(&["magnet", "metal"]),
                share,
                budget_usd: 2e9,
            },
        );
        lay(
            &mut scenario,
            "MY",
            "loan",
            "2024Q2",
            Instrument::Loan {
                stages: words(&["magnet", "metal"]),
                share: if share > 0.0 { 0.4 } else { 0.0 },
                discount: 0.05,
                budget_usd: 2e9,
            },
        );
        scenario.end = quarter("2031Q4");
        recorded(run(&scenario, &world().base))
    };
    let (with, without) = (supported(0.5), supported(0.0));
    let of = |record| {
        output(record, "MY", Stage::Magnet, "2031Q1") + output(record, "MY", Stage::Metal, "2031Q1")
    };
    println!(
        "magnets and metal in Malaysia in 2031: {:.0} t with support ({:.3e} USD), {:.0} without",
        of(&with),
        cost(&with),
        of(&without)
    );
    assert!(cost(&with) > 0.0);
    assert!(of(&with) > 2.0 * of(&without).max(1.0));
}

#[test]
fn faster_permits_bring_projects_forward() {
    let permits = |quarters: u32, delay_cut: f64| {
        let mut scenario = with(
            "US",
            "2024Q2",
            Instrument::PermittingSpeedUp {
                stages: words(&["separation", "metal", "magnet"]),
                quarters,
                delay_cut,
                usd_per_year: 4e6,
            },
        );
        scenario.end = quarter("2030Q4");
        recorded(run(&scenario, &world().base))
    };
    let (fast, usual) = (permits(4, 0.9), permits(0, 0.0));
    let of = |record| events(record, "US", ProjectEvent::Commissioned);
    println!(
        "capacity opened in the US by 2030: {:.0} t/q with fast permits, {:.0} without",
        of(&fast),
        of(&usual)
    );
    assert!(of(&fast) > of(&usual));
    assert!((cost(&fast) - 27.0 * 1e6).abs() < 1.0);
}

#[test]
fn what_firms_gain_in_cash_is_what_the_books_say_plants_gained() {
    let mut scenario = with(
        "US",
        "2024Q2",
        Instrument::Loan {
            stages: words(&["separation", "magnet"]),
            share: 0.5,
            discount: 0.04,
            budget_usd: 1e9,
        },
    );
    scenario.end = quarter("2030Q4");
    let mut simulation = on_base(&scenario, &world().base, SEED, None).expect("a world");
    let total = |simulation: &mut Simulation| -> f64 {
        let mut firms = simulation.world.query::<&Cash>();
        firms.iter(&simulation.world).map(|cash| cash.0).sum()
    };
    let mut before = total(&mut simulation);
    for _ in 0..28 {
        simulation.step().unwrap_or_else(|fault| panic!("{fault}"));
        let (after, money) = (
            total(&mut simulation),
            simulation.world.resource::<Books>().money,
        );
        assert!(
            (after - before - money.plants).abs() < 1e-6 * money.turnover,
            "cash {:.3e}, books {:.3e}",
            after - before,
            money.plants
        );
        before = after;
    }
}

#[test]
fn firms_fail_in_a_bust_and_their_plants_are_bought_abroad_too() {
    let file = Path::new("configs/scenarios/dumping_war.ron");
    let mut scenario = match config::load(file, &[]) {
        Ok(Loaded::Scenario(scenario)) => *scenario,
        Ok(_) => panic!("a scenario"),
        Err(report) => panic!("{report}"),
    };
    scenario.uncertainty.clear();
    let record = recorded(run(&scenario, &world().base));
    let rows = || record.rows.project.rows();
    let (mut failed, mut sold, mut abroad) = (0, 0, 0);
    for row in rows().filter(|r| r.event == ProjectEvent::Bankrupt) {
        failed += 1;
        let sale = rows().find(|r| {
            (r.project, r.quarter) == (row.project, row.quarter) && r.event == ProjectEvent::Sold
        });
        sold += usize::from(sale.is_some());
        abroad += usize::from(sale.is_some_and(|sale| sale.owner != row.owner));
        println!(
            "{} {} in {}: {:?} to {:?}",
            row.quarter,
            record.texts.text(row.project),
            record.names.states[row.host.index()],
            record.names.states[row.owner.index()],
            sale.map(|s| &record.names.states[s.owner.index()])
        );
    }
    println!("{failed} plants of failed firms, {sold} sold, {abroad} of them abroad");
    assert!(failed > 0 && sold > 0 && abroad > 0);
}

#[test]
fn a_state_that_buys_shares_gets_dividends() {
    let mut scenario = with(
        "CN",
        "2024Q2",
        Instrument::PublicEquity {
            stages: words(&["separation", "magnet"]),
            share: 0.2,
            budget_usd: 1e9,
        },
    );
    scenario.end = quarter("2034Q4");
    let record = recorded(run(&scenario, &world().base));
    let costs: Vec<f64> = record
        .rows
        .policy
        .rows()
        .filter(|r| record.texts.text(r.measure) == "test")
        .map(|r| r.public_cost_usd)
        .collect();
    let (paid, back): (f64, f64) = (
        costs.iter().filter(|c| **c > 0.0).sum(),
        costs.iter().filter(|c| **c < 0.0).sum(),
    );
    println!("paid for shares {paid:.3e} USD, dividends {back:.3e}");
    assert!(paid > 0.0 && paid <= 1e9 && back < 0.0);
}
