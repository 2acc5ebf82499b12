//! A world of three states: AA mines, separates and sells; BB buys and builds; CC sells a little too. Each observable has a figure
//! that can be worked out by hand.

use super::super::observe::{Membership, User};
use super::*;
use crate::domain::graph::{Commodity, Form, Mode, Process, Term};
use crate::domain::ids::{ProcessId, SectorId, VenueId};
use crate::domain::layout::{Group, Lane, Purpose, Side, Venue};
use crate::domain::maths::ln;
use crate::domain::rule::Condition;

const AA: StateId = StateId(0);
const BB: StateId = StateId(1);
const CC: StateId = StateId(2);

struct World {
    layout: Layout,
    graph: Graph,
    groups: GroupBooks,
    archive: Archive,
    measures: Vec<SeenMeasure>,
    blocs: Blocs,
    params: Params,
    trust: Vec<f64>,
}

fn commodity(name: &str, form: Form) -> Commodity {
    Commodity {
        name: name.into(),
        label: name.into(),
        form,
        composition: vec![1.0],
        tracked: false,
        kappa_quarters: 32,
        cover_inside: 0.5,
        cover_outside: 0.5,
    }
}

fn process(name: &str, stage: Stage, makes: u8) -> Process {
    let output = Term {
        commodity: CommodityId(makes),
        t_per_t: 1.0,
    };
    Process {
        name: name.into(),
        stage,
        u_min: 0.0,
        ramp_quarters: 1.0,
        build_quarters: 1.0,
        jobs_per_kt: 0.0,
        modes: vec![Mode {
            name: "main".into(),
            inputs: vec![],
            outputs: vec![output],
            by_products: vec![],
            scrap: None,
        }],
    }
}

fn q(text: &str) -> Quarter {
    text.parse().unwrap()
}

impl World {
    fn new() -> Self {
        let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let graph = Graph {
            elements: vec!["x".into()],
            commodities: vec![
                commodity("ore", Form::Concentrate),
                commodity("x_oxide", Form::Oxide),
            ],
            processes: vec![
                process("mine", Stage::Mine, 0),
                process("separate", Stage::Separation, 1),
            ],
        };
        let mut layout = Layout::of(
            names(&["AA", "BB", "CC"]),
            names(&["arms", "cars"]),
            vec![true, false],
        );
        // Venues 0 to 2: ore; 3 to 5: oxide.
        layout.venues = (0..2)
            .flat_map(|k| {
                (0..3).map(move |s| Venue {
                    state: StateId(s),
                    commodity: CommodityId(k),
                    side: Side::Open,
                })
            })
            .collect();
        let lane = |from: u16, to: u16| Lane {
            from: VenueId(3 + from),
            to: VenueId(3 + to),
            exporter: StateId(from as u8),
            importer: StateId(to as u8),
            commodity: CommodityId(1),
            purpose: Purpose::Trade,
        };
        layout.lanes = vec![lane(0, 1), lane(0, 2), lane(2, 1)];
        let group = |process: u8, host: u8, first: usize| Group {
            process: ProcessId(process),
            host: StateId(host),
            first_mode: first,
            end_mode: first + 1,
            first_plant: first,
            end_plant: first + 1,
        };
        layout.groups = vec![
            group(0, 0, 0),
            group(0, 2, 1),
            group(1, 0, 2),
            group(1, 1, 3),
        ];
        layout.index(2);
        let user = |sector, commodity| User {
            state: BB,
            sector: SectorId(sector),
            commodity: CommodityId(commodity),
        };
        let mut archive = Archive::new(7);
        archive.users = vec![user(0, 1), user(1, 1)];
        Self {
            layout,
            graph,
            groups: GroupBooks {
                activity_start: vec![80.0, 20.0, 90.0, 10.0],
                log_price_start: vec![0.0; 6],
                ..GroupBooks::default()
            },
            archive,
            measures: vec![],
            blocs: Blocs(vec![]),
            params: Params {
                observation_error: 0.0,
                ..Params::default()
            },
            trust: vec![1.0, 0.2, 0.7, 0.3, 1.0, 0.8, 0.5, 0.9, 1.0],
        }
    }

    /// Publishes 2024Q1 to 2025Q1: the same quarter five times, but for what the last one changes.
    fn published(mut self, last: impl Fn(&mut Published)) -> Self {
        let usual = Published {
            log_price: vec![0.0, 0.0, 0.0, ln(10.0), ln(15.0), ln(12.0)],
            log_price_slow: vec![0.0, 0.0, 0.0, ln(10.0), ln(10.0), ln(12.0)],
            drawn: vec![100.0, 0.0, 20.0, 30.0, 80.0, 10.0],
            intake: vec![100.0, 0.0, 20.0, 30.0, 80.0, 10.0],
            stock: vec![50.0, 0.0, 0.0, 10.0, 40.0, 5.0],
            lane_flow: vec![60.0, 10.0, 10.0],
            output: vec![80.0, 20.0, 90.0, 10.0],
            demand: vec![10.0, 70.0],
            served: vec![10.0, 70.0],
            trust: self.trust.clone(),
        };
        for back in (0..5).rev() {
            let mut published = usual.clone();
            if back == 0 {
                last(&mut published);
            }
            self.archive.add(
                q("2025Q1").plus(-back),
                published,
                self.params.observation_lag,
            );
        }
        self
    }

    fn view(&self, me: StateId) -> View<'_> {
        View {
            me,
            now: q("2025Q2"),
            layout: &self.layout,
            graph: &self.graph,
            groups: &self.groups,
            archive: &self.archive,
            trust_start: &self.trust,
            measures: &self.measures,
            blocs: &self.blocs,
            params: &self.params,
        }
    }

    fn measure(
        &mut self,
        state: StateId,
        name: &str,
        status: MeasureStatus,
        instrument: Instrument,
    ) {
        self.measures.push(SeenMeasure {
            state,
            name: name.into(),
            status,
            instrument,
            yearly: Some(400.0),
            cost_usd: 2e6,
        });
    }
}

fn read(world: &World, me: StateId, what: &str) -> Option<f64> {
    let observable: Observable = crate::domain::fields::leaf::parse_ron(what).unwrap();
    world.view(me).reading(&observable)
}

fn close(found: Option<f64>, expected: f64) {
    assert!(
        found.is_some_and(|x| (x - expected).abs() < 1e-9),
        "{found:?}, not {expected}"
    );
}

#[test]
fn prices_are_read_over_their_average_and_across_borders() {
    let world = World::new().published(|_| {});
    close(read(&world, BB, r#"PriceRatio(of: ["oxide"])"#), 1.5);
    close(
        read(&world, BB, r#"PriceRatio(of: ["oxide"], at: "AA")"#),
        1.0,
    );
    close(
        read(&world, BB, r#"PriceGap(of: ["x_oxide"], inside: "AA")"#),
        1.5,
    );
    close(
        read(
            &world,
            BB,
            r#"PriceGap(of: ["x_oxide"], outside: "CC", inside: "AA")"#,
        ),
        1.2,
    );
}

#[test]
fn own_shortage_is_read_by_goods_and_users() {
    let world = World::new().published(|last| {
        last.served = vec![8.0, 63.0];
        last.drawn[4] = 60.0;
    });
    close(read(&world, BB, "Unmet()"), 9.0 / 80.0);
    close(read(&world, BB, "Unmet(rated: true)"), 0.2);
    close(read(&world, BB, r#"Unmet(sectors: ["cars"])"#), 0.1);
    assert_eq!(read(&world, BB, r#"Unmet(of: ["ore"])"#), None);
    assert_eq!(read(&world, CC, "Unmet()"), None);
    close(read(&world, BB, r#"Shortfall(of: ["oxide"])"#), 0.25);
}

#[test]
fn cover_reliance_and_shares_are_read() {
    let world = World::new().published(|last| last.output[2] = 40.0);
    close(
        read(&world, BB, r#"DaysOfCover(of: ["oxide"])"#),
        40.0 / 80.0 * 91.25,
    );
    close(
        read(&world, BB, r#"ImportReliance(of: ["oxide"], on: "AA")"#),
        0.75,
    );
    close(read(&world, AA, "OutputShare(stage: Separation)"), 0.8);
    close(
        read(&world, BB, r#"OutputShare(stage: Mine, by: "CC")"#),
        0.2,
    );
    close(read(&world, AA, "ShareLost(stage: Separation)"), 0.1);
    close(read(&world, CC, r#"ExportShare(of: ["oxide"])"#), 0.125);
}

#[test]
fn trust_is_read_in_both_directions() {
    let world = World::new().published(|_| {});
    close(read(&world, BB, r#"Trust(to: "CC")"#), 0.8);
    close(read(&world, BB, r#"TrustOf(from: "CC")"#), 0.9);
}

#[test]
fn growth_of_mines_needs_a_year_before() {
    let world = World::new().published(|last| last.output[1] = 30.0);
    close(read(&world, BB, "MineGrowth"), 0.1);
    let mut young = World::new();
    young.archive.add(
        q("2025Q1"),
        Published {
            output: vec![1.0; 4],
            ..Published::default()
        },
        1,
    );
    assert_eq!(read(&young, BB, "MineGrowth"), None);
}

#[test]
fn own_accounts_and_quotas_are_read() {
    let mut world = World::new().published(|last| last.output[0] = 60.0);
    let quota = Instrument::ProductionQuota {
        of: vec!["ore".into()],
        tonnes_per_year: None,
        growth: 0.0,
        leverage: 0.0,
    };
    world.measure(AA, "quota", MeasureStatus::Effective, quota);
    let exports = Instrument::ExportQuota {
        of: vec!["oxide".into()],
        tonnes_per_year: 400.0,
        per_commodity: false,
    };
    world.measure(AA, "exports", MeasureStatus::Effective, exports);
    close(read(&world, AA, "PublicCost()"), 4e6);
    close(read(&world, AA, r#"PublicCost(measure: "quota")"#), 2e6);
    close(read(&world, BB, "PublicCost()"), 0.0);
    close(read(&world, AA, r#"QuotaUnfilled(measure: "quota")"#), 0.4);
    close(
        read(&world, AA, r#"QuotaUnfilled(measure: "exports")"#),
        0.3,
    );
    assert_eq!(read(&world, BB, r#"QuotaUnfilled(measure: "quota")"#), None);
}

#[test]
fn statistics_come_late_and_with_an_error_of_their_own() {
    let mut world = World::new();
    world.params.observation_lag = 2;
    let mut world = world.published(|last| last.lane_flow[0] = 0.0);
    close(
        read(&world, BB, r#"ImportReliance(of: ["oxide"], on: "AA")"#),
        0.75,
    );
    world.params.observation_lag = 1;
    close(
        read(&world, BB, r#"ImportReliance(of: ["oxide"], on: "AA")"#),
        0.0,
    );
    world.params.observation_lag = 2;
    world.params.observation_error = 0.1;
    let one = read(&world, BB, r#"ImportReliance(of: ["oxide"], on: "AA")"#).unwrap();
    assert!(one != 0.75 && (one / 0.75 - 1.0).abs() < 0.5, "{one}");
    assert_eq!(
        read(&world, BB, r#"ImportReliance(of: ["oxide"], on: "AA")"#),
        Some(one)
    );
    close(read(&world, BB, r#"PriceRatio(of: ["oxide"])"#), 1.5);
}

fn holds(world: &World, me: StateId, condition: &str) -> Option<bool> {
    let condition: Condition = crate::domain::fields::leaf::parse_ron(condition).unwrap();
    let mut counts = vec![0; condition.counters()];
    world.view(me).holds(&condition, &mut counts)
}

#[test]
fn thresholds_and_their_combinations_hold_or_not() {
    let world = World::new().published(|_| {});
    let (dear, cheap) = (
        r#"Above(PriceRatio(of: ["oxide"]), 1.4)"#,
        r#"Below(PriceRatio(of: ["oxide"]), 1.4)"#,
    );
    let unknown = "Above(Unmet(of: [\"ore\"]), 0.1)";
    let cases = [
        (dear.to_owned(), Some(true)),
        (cheap.to_owned(), Some(false)),
        (format!("All([{dear}, {cheap}])"), Some(false)),
        (format!("Any([{dear}, {cheap}])"), Some(true)),
        (format!("Not({cheap})"), Some(true)),
        (format!("All([{dear}, {unknown}])"), None),
        (format!("Any([{dear}, {unknown}])"), Some(true)),
        (format!("Not({unknown})"), None),
        ("InQuarter(2)".to_owned(), Some(true)),
        ("InQuarter(3)".to_owned(), Some(false)),
    ];
    for (condition, expected) in cases {
        assert_eq!(holds(&world, BB, &condition), expected, "{condition}");
    }
}

#[test]
fn quarters_are_counted_while_a_condition_holds() {
    let world = World::new().published(|_| {});
    let parse = |text: &str| -> Condition { crate::domain::fields::leaf::parse_ron(text).unwrap() };
    let condition = parse(r#"For(3, Above(PriceRatio(of: ["oxide"]), 1.4))"#);
    let mut counts = vec![0];
    let mut ask = || world.view(BB).holds(&condition, &mut counts);
    assert_eq!(
        [ask(), ask(), ask(), ask()],
        [Some(false), Some(false), Some(true), Some(true)]
    );
}

#[test]
fn measures_of_others_are_seen_once_they_are_announced() {
    let licence = |to: &[&str]| Instrument::ExportLicence {
        of: vec!["x_oxide".into()],
        to: to.iter().map(|s| (*s).to_owned()).collect(),
        share: 0.5,
        delay: 0,
        refuse: vec![],
        no_stocking: false,
    };
    let mut world = World::new().published(|_| {});
    world.measure(AA, "licence", MeasureStatus::Announced, licence(&["BB"]));
    world.measure(CC, "plan", MeasureStatus::Secret, licence(&[]));
    let cases = [
        (BB, "Restricted()", true),
        (BB, r#"Restricted(by: ["CC"])"#, false),
        (BB, r#"Restricted(of: ["oxide"])"#, true),
        (BB, r#"Restricted(of: ["ore"])"#, false),
        (CC, "Restricted()", false),
        (AA, "Restricted()", false),
        (CC, r#"Taken(what: "ExportLicence")"#, true),
        (CC, r#"Taken(what: "licence", by: ["AA"])"#, true),
        (CC, r#"Taken(what: "ExportLicence", at_least: 2)"#, false),
        (CC, r#"Taken(what: "plan")"#, false),
        (AA, r#"Taken(what: "ExportLicence")"#, false),
        // Nobody is in that circle: not the same as anybody.
        (
            CC,
            r#"Taken(what: "ExportLicence", by: ["@bloc:none"])"#,
            false,
        ),
    ];
    for (me, condition, expected) in cases {
        assert_eq!(
            holds(&world, me, condition),
            Some(expected),
            "{me:?} {condition}"
        );
    }
    world.measures[0].status = MeasureStatus::Lifted;
    assert_eq!(holds(&world, BB, "Restricted()"), Some(false));
}

#[test]
fn circles_of_states_are_put_into_names() {
    let mut world = World::new().published(|_| {});
    let embargo = |to: &[&str]| Instrument::Embargo {
        of: vec!["oxide".into()],
        to: to.iter().map(|s| (*s).to_owned()).collect(),
    };
    world.measure(AA, "stop", MeasureStatus::Effective, embargo(&[]));
    world.blocs.0.push(Membership {
        bloc: "club".into(),
        name: "The Club".into(),
        state: CC,
        from: q("2024Q1"),
        to: Some(q("2025Q2")),
    });
    let resolved = |me: StateId, to: &[&str]| {
        let mut answer = world
            .view(me)
            .resolved(&embargo(to), &mut std::collections::BTreeMap::new())?;
        Some(answer.states_mut()[0].join(" "))
    };
    let cases: [(StateId, &[&str], Option<&str>); 8] = [
        (BB, &["@restrictors"], Some("AA")),
        (BB, &["@all_but_restrictors"], Some("CC")),
        (BB, &["@friends"], Some("CC")),
        (BB, &["@all_but_friends"], Some("AA")),
        (BB, &["@bloc:the club", "AA"], Some("AA CC")),
        (CC, &["@bloc:club"], None),
        (AA, &["@restrictors"], None),
        (AA, &["BB"], Some("BB")),
    ];
    for (me, to, expected) in cases {
        assert_eq!(resolved(me, to).as_deref(), expected, "{me:?} {to:?}");
    }
}

#[test]
fn a_harsher_step_is_news_and_a_milder_one_is_not() {
    use super::super::rules::{Followed, NEVER};
    use crate::domain::actors::BookedMeasure;
    use crate::domain::fields::{Field, NO_SPEC, Path, Problems};
    let mut world = World::new().published(|_| {});
    let stop = Instrument::Embargo {
        of: vec!["oxide".into()],
        to: vec![],
    };
    world.measure(AA, "stop", MeasureStatus::Effective, stop.clone());
    let written = crate::domain::fields::leaf::parse_ron(
        r#"(when: Restricted(), then: Tariff(of: ["oxide"], rate: 0.1), steps: [(after: 1, then: Tariff(of: ["oxide"], rate: 0.2))])"#,
    );
    let rule = crate::domain::rule::Rule::resolve(
        written.ok(),
        &Path::ROOT,
        &NO_SPEC,
        &mut Problems::default(),
    );
    let mut followed = Followed::new(BB, 0, rule.unwrap(), vec![vec![], vec![]]);
    let mut measure = BookedMeasure {
        name: "answer".into(),
        announced: NEVER,
        from: NEVER,
        until: None,
        instrument: stop,
        status: MeasureStatus::Secret,
        spent_usd: 0.0,
        cost_usd: 0.0,
        reference: vec![],
        yearly: None,
        pledged_usd: 0.0,
        pools: vec![],
        changed: false,
    };
    let mut quarter = |world: &World, now: &str| {
        measure.changed = false;
        let view = View {
            now: q(now),
            ..world.view(BB)
        };
        followed.advance(&view, &mut measure);
        (measure.changed, measure.announced == q(now))
    };
    assert_eq!(quarter(&world, "2025Q2"), (false, true));
    assert_eq!(quarter(&world, "2025Q3"), (true, true));
    world.measures.clear();
    assert_eq!(quarter(&world, "2025Q4"), (true, false));
}
