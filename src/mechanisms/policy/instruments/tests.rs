//! The direct effect of each instrument, in a world of three states that trade an ore and an oxide.

use crate::domain::{
    actors::{BookedMeasure, MeasureStatus, PriceFormula},
    exchange::{Books, Effects, GroupBooks},
    graph::{Commodity, Form, Graph, Mode, Process, Stage, Term},
    ids::{CommodityId, ProcessId, StateId, VenueId},
    layout::{Group, Lane, Layout, Purpose, Side, Venue},
    maths::ln,
    policy::Instrument,
    time::Quarter,
};
use crate::mechanisms::policy::{
    Params, Scene, Standing, effects_of,
    observe::{Blocs, Membership},
};

mod supply;

const CODES: [&str; 3] = ["AA", "BB", "CC"];
const ORE: usize = 0;
const OXIDE: usize = 1;

fn quarter(text: &str) -> Quarter {
    text.parse().unwrap()
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

/// AA mines and separates, BB separates, CC only uses. Every pair trades ten tonnes of each good; each state uses twenty of its own.
struct Small {
    layout: Layout,
    graph: Graph,
    books: Books,
    groups: GroupBooks,
    blocs: Blocs,
    params: Params,
    usual_flow: Vec<f64>,
    rated: Vec<f64>,
    standing: Standing,
}

impl Small {
    fn new() -> Self {
        let good = |name: &str, form: Form| Commodity {
            name: name.into(),
            label: name.into(),
            form,
            composition: vec![1.0],
            tracked: false,
            kappa_quarters: 32,
            cover_inside: 1.0,
            cover_outside: 1.0,
        };
        let term = |k: usize| Term {
            commodity: CommodityId::from_index(k),
            t_per_t: 1.0,
        };
        let process = |name: &str, stage: Stage, inputs: Vec<Term>, output: usize| Process {
            name: name.into(),
            stage,
            u_min: 0.2,
            ramp_quarters: 4.0,
            build_quarters: 8.0,
            jobs_per_kt: 1.0,
            modes: vec![Mode {
                name: "only".into(),
                inputs,
                outputs: vec![term(output)],
                by_products: vec![],
                scrap: None,
            }],
        };
        let graph = Graph {
            elements: vec!["x".into()],
            commodities: vec![good("ore", Form::Concentrate), good("oxide", Form::Oxide)],
            processes: vec![
                process("mining", Stage::Mine, vec![], ORE),
                process("separating", Stage::Separation, vec![term(ORE)], OXIDE),
            ],
        };
        let mut layout = Layout::of(words(&CODES), vec!["arms".into()], vec![true]);
        for k in [ORE, OXIDE] {
            for s in 0..3 {
                layout.venues.push(Venue {
                    state: StateId::from_index(s),
                    commodity: CommodityId::from_index(k),
                    side: Side::Open,
                });
            }
        }
        layout.index(2);
        for k in [ORE, OXIDE] {
            for i in 0..3 {
                for j in (0..3).filter(|&j| j != i) {
                    layout.lanes.push(Lane {
                        from: VenueId::from_index(3 * k + i),
                        to: VenueId::from_index(3 * k + j),
                        exporter: StateId::from_index(i),
                        importer: StateId::from_index(j),
                        commodity: CommodityId::from_index(k),
                        purpose: Purpose::Trade,
                    });
                }
            }
        }
        // Beside the oxide lane from AA to BB runs one for smugglers.
        let of = 6;
        layout.lanes.push(Lane {
            purpose: Purpose::Leak { of },
            ..layout.lanes[of]
        });
        for (g, (process, host)) in [(0, 0), (1, 0), (1, 1)].into_iter().enumerate() {
            layout.groups.push(Group {
                process: ProcessId::from_index(process),
                host: StateId::from_index(host),
                first_mode: g,
                end_mode: g + 1,
                first_plant: g,
                end_plant: g + 1,
            });
        }
        layout.groups_of_firm.insert("acme".into(), vec![1]);
        let (venues, lanes) = (6, 13);
        let mut books = Books {
            production: vec![40.0; venues],
            exports: vec![20.0; venues],
            imports: vec![20.0; venues],
            lane_flow: vec![10.0; lanes],
            refused_share: vec![0.0; venues],
            log_price: vec![0.0; venues],
            log_price_slow: vec![0.0; venues],
            group_year: vec![0.0; 3],
            ..Books::default()
        };
        books.lane_flow[12] = 0.0;
        let groups = GroupBooks {
            capacity: vec![50.0, 50.0, 30.0],
            capacity_start: vec![50.0, 50.0, 30.0],
            activity_start: vec![40.0, 40.0, 20.0],
            ..GroupBooks::default()
        };
        let member = |state: usize, from: &str| Membership {
            bloc: "club".into(),
            name: "The Club".into(),
            state: StateId::from_index(state),
            from: quarter(from),
            to: None,
        };
        let blocs = Blocs(vec![member(1, "2000Q1"), member(2, "2030Q1")]);
        Self {
            usual_flow: books.lane_flow.clone(),
            layout,
            graph,
            books,
            groups,
            blocs,
            params: Params::default(),
            rated: vec![0.0, 0.0, 0.0, 0.0, 0.0, 9.0],
            standing: Standing {
                vat: vec![0.13, 0.0, 0.0],
                tariff: vec![0.05; lanes],
            },
        }
    }

    /// Effects of measures in force, each given by state and instrument; they came into force in the quarter before.
    fn under(&self, measures: &[(&str, Instrument)]) -> Effects {
        let mut booked: Vec<(StateId, BookedMeasure)> = measures
            .iter()
            .map(|(state, instrument)| {
                let measure = BookedMeasure {
                    name: "m".into(),
                    announced: quarter("2025Q1"),
                    from: quarter("2025Q1"),
                    until: None,
                    instrument: instrument.clone(),
                    status: MeasureStatus::Effective,
                    spent_usd: 0.0,
                    cost_usd: 0.0,
                    pledged_usd: 0.0,
                    reference: self.usual_flow.clone(),
                    yearly: None,
                    pools: vec![0],
                    changed: false,
                };
                (self.layout.state_named(state).unwrap(), measure)
            })
            .collect();
        let mut refs: Vec<(StateId, &mut BookedMeasure)> =
            booked.iter_mut().map(|(s, m)| (*s, m)).collect();
        let scene = Scene {
            now: quarter("2025Q2"),
            layout: &self.layout,
            graph: &self.graph,
            books: &self.books,
            groups: &self.groups,
            usual_flow: &self.usual_flow,
            rated: &self.rated,
            blocs: &self.blocs,
            params: &self.params,
        };
        let mut effects = Effects {
            quota: vec![f64::INFINITY],
            ..Effects::default()
        };
        effects_of(&scene, &self.standing, &mut refs, &mut effects);
        effects
    }

    fn lane(&self, k: usize, from: &str, to: &str) -> usize {
        let state = |code: &str| self.layout.state_named(code).unwrap();
        self.layout
            .lanes
            .iter()
            .position(|lane| {
                lane.commodity.index() == k
                    && lane.exporter == state(from)
                    && lane.importer == state(to)
            })
            .unwrap()
    }
}

fn all() -> Vec<String> {
    words(&["all"])
}

#[test]
fn what_no_measure_touches_stays_open_and_free() {
    let small = Small::new();
    let e = small.under(&[]);
    assert!(e.limit.iter().all(|limit| limit.is_infinite()));
    assert!(e.export_tax.iter().chain(&e.preference).all(|x| *x == 0.0));
    assert!(
        e.trust_shift
            .iter()
            .chain(&e.know_how_drag)
            .all(|x| *x == 0.0)
    );
    assert_eq!(e.tariff, small.standing.tariff);
}

#[test]
fn an_embargo_closes_its_lanes_and_not_those_of_smugglers() {
    let small = Small::new();
    let e = small.under(&[(
        "AA",
        Instrument::Embargo {
            of: words(&["oxide"]),
            to: words(&["BB"]),
        },
    )]);
    assert_eq!(e.limit[small.lane(OXIDE, "AA", "BB")], 0.0);
    assert!(e.limit[small.lane(OXIDE, "AA", "CC")].is_infinite());
    assert!(e.limit[small.lane(ORE, "AA", "BB")].is_infinite());
    assert!(e.limit[12].is_infinite());
    // Half of ten from AA in forty: two thirds of the way to a full threat at half of supply.
    assert!(e.threat[4] > 0.0 && e.threat[5] == 0.0);
    assert_eq!(e.coercion.len(), 1);
}

#[test]
fn a_licence_leaves_a_share_of_the_usual_flow_and_the_tightest_limit_holds() {
    let small = Small::new();
    let licence = |share: f64, delay: u32| Instrument::ExportLicence {
        of: words(&["oxide"]),
        to: vec![],
        share,
        delay,
        refuse: vec![],
        no_stocking: false,
    };
    let l = small.lane(OXIDE, "AA", "BB");
    assert_eq!(small.under(&[("AA", licence(0.4, 0))]).limit[l], 4.0);
    assert_eq!(small.under(&[("AA", licence(0.4, 4))]).limit[l], 0.0);
    let both = [("AA", licence(0.6, 0)), ("AA", licence(0.3, 0))];
    let e = small.under(&both);
    assert_eq!((e.limit[l], e.limit_by[l]), (3.0, 1));
}

#[test]
fn a_quota_releases_a_quarter_of_its_year() {
    let e = Small::new().under(&[(
        "AA",
        Instrument::ExportQuota {
            of: all(),
            tonnes_per_year: 80.0,
            per_commodity: false,
        },
    )]);
    assert_eq!(e.quota[0], 20.0);
}

#[test]
fn taxes_duties_and_kept_rebates_add_to_the_cost_of_a_lane() {
    let small = Small::new();
    let e = small.under(&[
        (
            "AA",
            Instrument::ExportTax {
                of: all(),
                rate: 0.2,
                to: words(&["CC"]),
            },
        ),
        (
            "AA",
            Instrument::VatRebate {
                of: words(&["ore"]),
                rate: 0.0,
            },
        ),
        (
            "BB",
            Instrument::Tariff {
                of: all(),
                from: words(&["AA"]),
                rate: 0.1,
            },
        ),
    ]);
    assert_eq!(e.export_tax[small.lane(ORE, "AA", "CC")], 0.2);
    assert_eq!(e.export_tax[small.lane(ORE, "AA", "BB")], 0.0);
    assert_eq!(e.vat[small.lane(ORE, "AA", "BB")], 0.13);
    assert_eq!(e.vat[small.lane(OXIDE, "AA", "BB")], 0.0);
    assert!((e.tariff[small.lane(ORE, "AA", "BB")] - 0.15).abs() < 1e-12);
    assert_eq!(e.tariff[small.lane(ORE, "CC", "BB")], 0.05);
}

#[test]
fn a_production_quota_caps_the_mines() {
    let e = Small::new().under(&[(
        "AA",
        Instrument::ProductionQuota {
            of: words(&["ore"]),
            tonnes_per_year: Some(100.0),
            growth: 0.0,
            leverage: 0.0,
        },
    )]);
    assert_eq!(e.output_ceiling[0], 25.0);
    assert!(e.output_ceiling[1].is_infinite());
}

#[test]
fn grants_and_floors_reach_the_groups_that_they_are_for() {
    let e = Small::new().under(&[
        (
            "AA",
            Instrument::CapexGrant {
                stages: words(&["separation"]),
                share: 0.3,
                budget_usd: 1e6,
            },
        ),
        (
            "BB",
            Instrument::PriceFloor {
                of: words(&["oxide"]),
                usd_per_kg: 110.0,
                tonnes_per_year: 40.0,
            },
        ),
    ]);
    assert_eq!(e.grant, [0.0, 0.3, 0.0]);
    assert_eq!(e.floor[2].map(|floor| floor.tonnes), Some(10.0));
    assert!(e.floor[1].is_none());
}

#[test]
fn an_ore_ban_closes_ore_and_leaves_oxide_open() {
    let small = Small::new();
    let e = small.under(&[(
        "AA",
        Instrument::OreExportBan {
            of: words(&["concentrate"]),
            to: vec![],
        },
    )]);
    assert_eq!(e.limit[small.lane(ORE, "AA", "BB")], 0.0);
    assert!(e.limit[small.lane(OXIDE, "AA", "BB")].is_infinite());
}

#[test]
fn a_technology_ban_cuts_the_transfer_to_its_targets() {
    let e = Small::new().under(&[(
        "AA",
        Instrument::TechnologyExportBan {
            stages: words(&["magnet"]),
            to: words(&["BB"]),
            share: 0.8,
        },
    )]);
    let at = |state: usize| state * Stage::ALL.len() + Stage::Magnet as usize;
    assert_eq!(
        (
            e.know_how_drag[at(0)],
            e.know_how_drag[at(1)],
            e.know_how_drag[at(2)]
        ),
        (0.0, 0.8, 0.0)
    );
    assert_eq!(
        e.coercion.len(),
        1,
        "a ban that names its target coerces it"
    );
}

#[test]
fn an_anti_coercion_tariff_falls_on_who_coerces_and_on_nobody_else() {
    let small = Small::new();
    let tariff = (
        "BB",
        Instrument::AntiCoercionTariff {
            of: all(),
            rate: 0.3,
            above: 0.1,
        },
    );
    let embargo = (
        "CC",
        Instrument::Embargo {
            of: words(&["oxide"]),
            to: words(&["BB"]),
        },
    );
    assert_eq!(
        small.under(std::slice::from_ref(&tariff)).tariff,
        small.standing.tariff
    );
    let e = small.under(&[tariff, embargo]);
    assert_eq!(e.tariff[small.lane(ORE, "CC", "BB")], 0.35);
    assert_eq!(e.tariff[small.lane(ORE, "AA", "BB")], 0.05);
}

#[test]
fn a_single_supplier_cap_is_a_share_of_intake_and_leaves_room_for_rated_orders() {
    let small = Small::new();
    let cap = Instrument::SingleSupplierCap {
        of: words(&["oxide"]),
        share: 0.2,
    };
    let l = small.lane(OXIDE, "AA", "CC");
    // Twenty from abroad and twenty of its own.
    let e = small.under(&[("CC", cap.clone())]);
    assert_eq!((e.limit[l], e.limit_by[l]), (8.0, 0));
    let first = Instrument::DefencePriority {
        of: all(),
        strength: 1.0,
    };
    assert_eq!(small.under(&[("CC", cap), ("CC", first)]).limit[l], 9.0);
}

#[test]
fn procurement_prefers_home_and_friends() {
    let small = Small::new();
    let e = small.under(&[(
        "CC",
        Instrument::ProcurementPreference {
            of: words(&["oxide"]),
            friends: words(&["BB"]),
            premium: 0.5,
            public_share: 0.2,
        },
    )]);
    assert!((e.preference[small.lane(OXIDE, "AA", "CC")] - 0.1).abs() < 1e-12);
    assert_eq!(e.preference[small.lane(OXIDE, "BB", "CC")], 0.0);
    assert_eq!(e.procurement.len(), 1);
}

#[test]
fn defence_priority_shields_the_goods_it_names() {
    let e = Small::new().under(&[(
        "CC",
        Instrument::DefencePriority {
            of: words(&["oxide"]),
            strength: 0.7,
        },
    )]);
    assert_eq!(e.priority, [0.0, 0.0, 0.0, 0.0, 0.0, 0.7]);
}

#[test]
fn an_offtake_finds_its_seller_and_its_lane() {
    let small = Small::new();
    let offtake = |seller: &str| Instrument::Offtake {
        seller: seller.into(),
        of: "oxide".into(),
        tonnes_per_year: 8.0,
        price: PriceFormula::Floor(60.0),
    };
    for (seller, from, group) in [("acme", "AA", 1), ("BB", "BB", 2)] {
        let e = small.under(&[("CC", offtake(seller))]);
        let terms = e.offtakes[0];
        assert_eq!(
            (terms.lane, terms.group, terms.tonnes),
            (small.lane(OXIDE, from, "CC"), group, 2.0)
        );
    }
    assert!(small.under(&[("BB", offtake("CC"))]).offtakes.is_empty());
}

#[test]
fn accession_befriends_present_members_both_ways() {
    let small = Small::new();
    let e = small.under(&[(
        "AA",
        Instrument::BlocMembership {
            bloc: "club".into(),
        },
    )]);
    let gained = small.params.bloc_trust;
    assert_eq!((e.trust_shift[1], e.trust_shift[3]), (gained, gained));
    assert_eq!(e.ease[1], small.params.bloc_ease);
    assert_eq!(e.trust_shift[2], 0.0, "CC joins later");
}

#[test]
fn an_agreement_adds_trust_and_waives_duties_after_all_others_are_laid() {
    let small = Small::new();
    let agreement = (
        "AA",
        Instrument::BilateralAgreement {
            with: words(&["BB"]),
            trust: 0.2,
            tariff_cut: 1.0,
        },
    );
    let tariff = (
        "BB",
        Instrument::Tariff {
            of: all(),
            from: vec![],
            rate: 0.1,
        },
    );
    let e = small.under(&[agreement, tariff]);
    assert_eq!(e.tariff[small.lane(ORE, "AA", "BB")], 0.0);
    assert_eq!(e.tariff[small.lane(ORE, "BB", "AA")], 0.0);
    assert!((e.tariff[small.lane(ORE, "CC", "BB")] - 0.15).abs() < 1e-12);
    assert_eq!((e.trust_shift[1], e.trust_shift[3]), (0.2, 0.2));
}

#[test]
fn sanctions_close_both_ways_and_bar_investors() {
    let small = Small::new();
    let e = small.under(&[(
        "AA",
        Instrument::Sanctions {
            of: words(&["oxide"]),
            on: words(&["CC"]),
        },
    )]);
    assert_eq!(e.limit[small.lane(OXIDE, "AA", "CC")], 0.0);
    assert_eq!(e.limit[small.lane(OXIDE, "CC", "AA")], 0.0);
    assert!(e.limit[small.lane(OXIDE, "AA", "BB")].is_infinite());
    assert_eq!(e.barred_owners, [(0, 2)]);
}

#[test]
fn an_emergency_holds_exports_back_while_it_lasts() {
    let mut small = Small::new();
    let power = Instrument::EmergencyAllocation {
        of: words(&["oxide"]),
        above: 0.05,
        share: 0.5,
    };
    let l = small.lane(OXIDE, "AA", "BB");
    assert!(small.under(&[("AA", power.clone())]).limit[l].is_infinite());
    small.books.refused_share[3] = 0.1;
    let e = small.under(&[("AA", power)]);
    assert_eq!(e.limit[l], 5.0);
    assert!(e.limit[small.lane(ORE, "AA", "BB")].is_infinite());
}

#[test]
fn enforcement_costs_and_the_strongest_effort_holds() {
    let effort = |effort: f64| Instrument::Enforcement {
        effort,
        usd_per_year: 4e6,
    };
    let e = Small::new().under(&[("AA", effort(0.2)), ("AA", effort(0.6))]);
    assert_eq!(e.enforcement, [0.6, 0.0, 0.0]);
    assert_eq!(e.industry.dues, [(0, 1e6), (1, 1e6)]);
}

#[test]
fn a_stockpile_is_shared_with_states_and_present_members_of_a_bloc() {
    let small = Small::new();
    let stock = |with: &[&str]| Instrument::Stockpile {
        of: words(&["oxide"]),
        cover_days: 60.0,
        fill_quarters: 4,
        release_above: 2.0,
        release_on_shortage: Some(0.1),
        defence_first: true,
        largest_purchase: Some(0.05),
        share_with: words(with),
    };
    let e = small.under(&[("AA", stock(&["BB", "CC"]))]);
    let rule = &e.stockpiles[0];
    assert_eq!((rule.venue, rule.allies.as_slice()), (3, [4, 5].as_slice()));
    assert!(rule.defence_first && rule.release_on_shortage == 0.1);
    assert!(ln(rule.release_above) > 0.0);
    let e = small.under(&[("AA", stock(&["club"]))]);
    assert_eq!(e.stockpiles[0].allies, [4]);
    let joins = Instrument::BlocMembership {
        bloc: "club".into(),
    };
    let e = small.under(&[("AA", stock(&["club"])), ("CC", joins)]);
    assert_eq!(e.stockpiles[0].allies, [4, 5]);
}
