//! Direct effects on plants, projects, owners and people.

use super::*;
use crate::domain::{ids::FirmId, industry::Ruling};

/// The small world with a firm and names of plants.
fn small() -> Small {
    let mut small = Small::new();
    small.layout.firms = words(&["acme"]);
    small.layout.plants = words(&["acme.pit", "acme.works", "bolt.works_bb"]);
    small.books.throughput = vec![40.0; 6];
    small
}

fn separation() -> Vec<String> {
    words(&["separation"])
}

#[test]
fn a_merger_covers_the_groups_of_its_stages_at_home() {
    let e = small().under(&[(
        "AA",
        Instrument::Consolidation {
            stages: separation(),
            of: words(&["oxide"]),
            owner: "acme".into(),
            discipline: 0.8,
        },
    )]);
    let merger = &e.industry.mergers[0];
    assert_eq!(merger.groups, [false, true, false]);
    assert_eq!((merger.firm, merger.discipline), (FirmId(0), 0.8));
}

#[test]
fn the_stricter_of_two_standards_holds_at_home_alone() {
    let standard = |enforcement| Instrument::EnvironmentalStandard {
        level: 1.0,
        enforcement,
    };
    let e = small().under(&[("AA", standard(0.9)), ("AA", standard(0.5))]);
    assert_eq!(
        e.industry.standards[0].map(|s| (s.measure, s.kept)),
        Some((0, 0.9))
    );
    assert!(e.industry.standards[1].is_none());
}

#[test]
fn local_content_releases_what_need_not_stay() {
    let e = small().under(&[(
        "AA",
        Instrument::LocalContent {
            of: words(&["ore"]),
            share: 0.25,
        },
    )]);
    assert_eq!(e.quota[0], 30.0);
}

#[test]
fn screening_refuses_or_delays_the_listed_and_asks_for_sales_from_its_date() {
    let screen = |delay, divest_by: Option<&str>| Instrument::OwnershipScreening {
        owners: words(&["BB"]),
        stages: separation(),
        delay,
        divest_by: divest_by.map(quarter),
    };
    let (host, owner) = (StateId(0), StateId(1));
    let stays = small()
        .under(&[("AA", screen(None, Some("2025Q3")))])
        .industry;
    assert_eq!(
        stays.ruling(host, Stage::Separation, owner),
        Ruling::Refused
    );
    assert_eq!(stays.ruling(host, Stage::Mine, owner), Ruling::Free);
    assert_eq!(
        stays.ruling(host, Stage::Separation, StateId(2)),
        Ruling::Free
    );
    assert!(!stays.must_sell(host, Stage::Separation, owner));
    let sells = small()
        .under(&[("AA", screen(Some(3), Some("2025Q2")))])
        .industry;
    assert_eq!(
        sells.ruling(host, Stage::Separation, owner),
        Ruling::Delayed(3)
    );
    assert!(sells.must_sell(host, Stage::Separation, owner));
}

#[test]
fn loans_and_permits_reach_the_projects_of_their_stages() {
    let loan = |budget_usd| Instrument::Loan {
        stages: separation(),
        share: 0.4,
        discount: 0.05,
        budget_usd,
    };
    let permits = Instrument::PermittingSpeedUp {
        stages: separation(),
        quarters: 3,
        delay_cut: 0.5,
        usd_per_year: 8.0,
    };
    let e = small()
        .under(&[("AA", loan(1e6)), ("AA", permits)])
        .industry;
    assert_eq!(
        e.loans[1].map(|l| (l.share, l.discount, l.left_usd)),
        Some((0.4, 0.05, 1e6))
    );
    assert!(e.loans[0].is_none() && e.loans[2].is_none());
    assert_eq!((e.permits[1].quarters, e.permits[1].delay_cut), (3.0, 0.5));
    assert_eq!(e.permits[2].quarters, 0.0);
    assert_eq!(e.dues, [(1, 2.0)]);
    assert!(small().under(&[("AA", loan(0.0))]).industry.loans[1].is_none());
}

#[test]
fn shares_are_offered_within_their_budget() {
    let equity = |budget_usd| Instrument::PublicEquity {
        stages: separation(),
        share: 0.2,
        budget_usd,
    };
    let offered = |budget| small().under(&[("AA", equity(budget))]).industry.equity;
    assert_eq!(
        offered(1e6)[1].map(|e| (e.share, e.left_usd)),
        Some((0.2, 1e6))
    );
    assert!(offered(1e6)[2].is_none() && offered(0.0)[1].is_none());
}

#[test]
fn a_credit_goes_to_makers_of_the_good_within_its_budget() {
    let credit = |budget| Instrument::TaxCredit {
        of: words(&["oxide"]),
        usd_per_kg: 5.0,
        budget_usd_per_year: budget,
    };
    let paid = |budget| {
        let e = small().under(&[("AA", credit(budget))]).industry;
        assert!(e.credits[0].is_none() && e.credits[2].is_none());
        e.credits[1].as_ref().map(|c| c.usd_per_kg)
    };
    assert_eq!(paid(1e9), Some(5.0));
    // A quarter of 400,000 over 50 t.
    assert_eq!(paid(400e3), Some(2.0));
}

#[test]
fn programmes_enrol_research_and_bill_their_quarter() {
    let e = small()
        .under(&[
            (
                "BB",
                Instrument::SkillsProgramme {
                    stages: separation(),
                    gain: 0.2,
                    delay: 4,
                    usd_per_year: 40.0,
                },
            ),
            (
                "BB",
                Instrument::SubstitutionResearch {
                    of: words(&["oxide"]),
                    sectors: words(&["arms"]),
                    speed: 2.0,
                    limit: 0.1,
                    usd_per_year: 80.0,
                },
            ),
        ])
        .industry;
    let course = e.courses[0];
    assert_eq!((course.state, course.gain), (StateId(1), 0.05));
    assert_eq!(course.graduates, quarter("2026Q2"));
    assert_eq!(course.stages, [false, true, false, false, false]);
    let research = &e.research[0];
    assert_eq!(research.goods, [false, true]);
    assert_eq!(research.sectors, [true]);
    assert_eq!(e.dues, [(0, 10.0), (1, 20.0)]);
}

#[test]
fn a_mandate_is_on_its_way_to_the_target() {
    let e = small()
        .under(&[(
            "CC",
            Instrument::RecyclingMandate {
                sectors: vec![],
                target: 0.5,
                by: quarter("2025Q4"),
                usd_per_kg: 1.0,
            },
        )])
        .industry;
    let mandate = &e.mandates[0];
    assert_eq!((mandate.state, mandate.way), (StateId(2), 0.5));
    assert_eq!(mandate.sectors, [true]);
}

#[test]
fn a_purchase_is_ordered_once() {
    let purchase = Instrument::PlantPurchase {
        plants: vec![],
        hosts: words(&["BB"]),
        stages: separation(),
        buyer: "acme".into(),
        premium: 0.0,
        public_share: 1.0,
    };
    // In force since the quarter before: its order has been given.
    let e = small().under(&[("AA", purchase)]);
    assert!(e.industry.purchases.is_empty());
}
