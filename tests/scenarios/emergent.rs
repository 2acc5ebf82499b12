//! Facts about the game of states that must come out of the mechanisms, over ten seeds; and hypotheses, which are measured and not asserted.
//! `docs/validation.md` has the numbers; `--nocapture` prints them.

use super::seen::*;
use monazite::analysis::interval::{Estimate, mean as average};
use monazite::config::Scenario;
use monazite::domain::{
    graph::Stage,
    maths::ln,
    policy::{Instrument, Measure, Shock, ShockKind},
};
use monazite::record::{RunRecord, label::ProjectEvent};

const SEEDS: std::ops::RangeInclusive<u64> = 1..=10;

/// A shipped scenario up to a quarter, without what is uncertain.
fn until(file: &str, end: &str) -> Scenario {
    let mut scenario = load(file);
    scenario.uncertainty.clear();
    scenario.end = q(end);
    scenario
}

/// The baseline up to a quarter, in the same way.
fn baseline(end: &str) -> Scenario {
    until("baseline", end)
}

/// Lays a measure over a state's strategy.
fn add(
    scenario: &mut Scenario,
    state: &str,
    name: &str,
    span: (&str, &str),
    instrument: Instrument,
) {
    let own = &mut scenario.strategies[state];
    own.0.calendar.insert(
        name.to_owned(),
        Measure {
            announced: Some(q(span.0)),
            from: q(span.0),
            until: Some(q(span.1)),
            instrument,
        },
    );
}

fn goods(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Chinese licences on the heavies that cut to a share.
fn licence(scenario: &mut Scenario, span: (&str, &str), share: f64) {
    let instrument = Instrument::ExportLicence {
        of: goods(&["dy_oxide", "tb_oxide", "dy_metal", "tb_metal"]),
        to: vec![],
        share,
        delay: 0,
        refuse: vec![],
        no_stocking: false,
    };
    add(scenario, "CN", "licence", span, instrument);
}

fn over_seeds(scenario: &Scenario, of: impl Fn(&RunRecord) -> f64) -> Vec<f64> {
    records(scenario, SEEDS, "a variant of the baseline")
        .iter()
        .map(of)
        .collect()
}

/// Paired differences with their interval, in words.
fn paired(what: &str, a: &[f64], b: &[f64]) -> Estimate {
    let difference: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let interval = Estimate::of(&difference);
    println!(
        "{what}: {:.4} (95% {:.4} to {:.4}, n {})",
        interval.mean, interval.interval.0, interval.interval.1, interval.n
    );
    interval
}

#[test]
fn e4_hoarding_overshoots_and_its_release_undershoots() {
    let peak = |scenario: &Scenario, base: &Scenario| -> (f64, f64) {
        let highest = |r: &RunRecord| {
            ["2026Q1", "2026Q2", "2026Q3", "2026Q4", "2027Q1", "2027Q2"]
                .map(|at| price(r, (at, at), "EU", "dy_oxide"))
                .into_iter()
                .fold(0.0, f64::max)
        };
        let after = |r: &RunRecord| price(r, ("2027Q4", "2028Q4"), "EU", "dy_oxide");
        let ratio = |of: &dyn Fn(&RunRecord) -> f64| {
            average(&over_seeds(scenario, of)) / average(&over_seeds(base, of))
        };
        (ratio(&highest), ratio(&after))
    };
    let with = |precaution: bool, trend: bool| {
        let mut base = baseline("2028Q4");
        if !precaution {
            base.planning.precaution = 0.0;
            base.expectation.announcement_jump = 0.0;
        }
        if !trend {
            base.expectation.trend_share = 0.0;
        }
        let mut shocked = base.clone();
        licence(&mut shocked, ("2026Q1", "2026Q4"), 0.6);
        peak(&shocked, &base)
    };
    let (full, bust) = with(true, true);
    let (calm, _) = with(false, true);
    let (no_trend, _) = with(true, false);
    let (gap, _) = with(false, false);
    println!(
        "Dy outside at its peak over the baseline: x{full:.2}; without precaution x{calm:.2}; without trend-following x{no_trend:.2}; without both x{gap:.2}; a year after x{bust:.2}"
    );
    assert!(full > 1.15 * gap, "hoarding overshoots the physical gap");
    assert!(ln(calm / gap) < 0.6 * ln(full / gap));
    assert!(bust < 1.0, "the release of stocks undershoots");
}

#[test]
fn e6_a_spike_starts_projects_that_come_late() {
    let base = baseline("2038Q4");
    let mut boom = base.clone();
    boom.shocks.insert(
        "surge".to_owned(),
        Shock {
            at: q("2026Q1"),
            lasts: 12,
            what: ShockKind::DemandSurge {
                sector: "ev_traction".to_owned(),
                factor: 1.8,
            },
        },
    );
    let count = |r: &RunRecord, event: ProjectEvent, (from, to): (&str, &str)| {
        let (from, to) = (q(from), q(to));
        let rows = r.rows.project.rows();
        rows.filter(|p| {
            p.event == event
                && p.quarter >= from
                && p.quarter <= to
                && matches!(p.stage, Stage::Mine | Stage::Separation)
        })
        .map(|p| p.capacity_t)
        .sum::<f64>()
    };
    let of = |scenario: &Scenario, event, span| {
        average(&over_seeds(scenario, |r| count(r, event, span)))
    };
    let spike = ("2026Q1", "2028Q4");
    let started = of(&boom, ProjectEvent::Started, spike) - of(&base, ProjectEvent::Started, spike);
    println!("capacity started in the spike beyond the baseline: {started:.0} t a quarter");
    assert!(started > 0.0);
    let early = ("2026Q1", "2028Q4");
    let late = ("2029Q1", "2035Q4");
    let arrived = |span| {
        of(&boom, ProjectEvent::Commissioned, span) - of(&base, ProjectEvent::Commissioned, span)
    };
    let (early, late) = (arrived(early), arrived(late));
    println!(
        "of it commissioned in the first three years {early:.0}, three to ten years after {late:.0}"
    );
    assert!(late > early, "what a spike starts comes after it");
    let under = |scenario: &Scenario| {
        average(&over_seeds(scenario, |r| {
            let rows = r.rows.project.rows();
            rows.filter(|p| {
                p.quarter >= q("2029Q1")
                    && p.quarter <= q("2032Q4")
                    && matches!(
                        p.event,
                        ProjectEvent::Mothballed | ProjectEvent::Closed | ProjectEvent::Bankrupt
                    )
            })
            .count() as f64
        }))
    };
    let (bust, usual) = (under(&boom), under(&base));
    println!(
        "plants mothballed, closed or bankrupt in the four years after: {bust:.1} against {usual:.1}"
    );
    assert!(bust > usual, "some go under in the bust");
}

#[test]
fn e8_a_stockpile_puts_the_shortage_off_by_what_it_holds() {
    // Nothing of the heavies reaches Japan from China; what is in stock is all that is released, as fast as it is asked for.
    let base = |days: f64| {
        let mut scenario = baseline("2031Q4");
        scenario.stockpile.release_share = 1.0;
        let own = &mut scenario.strategies["JP"];
        own.0.calendar.shift_remove("stockpile");
        if days > 0.0 {
            let instrument = Instrument::Stockpile {
                of: goods(&["dy_metal"]),
                cover_days: days,
                fill_quarters: 2,
                release_above: 1.05,
                release_on_shortage: None,
                defence_first: false,
                largest_purchase: None,
                share_with: vec![],
            };
            add(
                &mut scenario,
                "JP",
                "heavies",
                ("2024Q2", "2031Q4"),
                instrument,
            );
        }
        scenario
    };
    let stopped = |days: f64| {
        let mut scenario = base(days);
        let instrument = Instrument::Embargo {
            of: goods(&["dy_oxide", "dy_metal"]),
            to: vec![],
        };
        add(
            &mut scenario,
            "CN",
            "stop",
            ("2026Q1", "2031Q4"),
            instrument,
        );
        records(&scenario, SEEDS, "a stop")
    };
    type Column = fn(&monazite::record::row::MarketRow) -> f64;
    let sum = |r: &RunRecord, at: &str, of: Column| market(r, (at, at), &["JP"], "dy_metal", of);
    // Quarters from the stop until Dy metal costs ten times as much as before, between quarters in logs.
    let until_dear = |r: &RunRecord| {
        let dear = 10.0 * sum(r, "2025Q4", |m| m.price_usd_per_kg);
        let mut last = sum(r, "2025Q4", |m| m.price_usd_per_kg);
        for (at, quarter) in (2026..2032)
            .flat_map(|year| (1..=4).map(move |of| format!("{year}Q{of}")))
            .enumerate()
        {
            let price = sum(r, &quarter, |m| m.price_usd_per_kg);
            if price >= dear {
                return at as f64 - 1.0 + ln(dear / last) / ln(price / last);
            }
            last = price;
        }
        panic!("it never gets that dear");
    };
    let each = |runs: &[RunRecord], of: &dyn Fn(&RunRecord) -> f64| {
        average(&runs.iter().map(of).collect::<Vec<_>>())
    };
    let none = stopped(0.0);
    let supply = |r: &RunRecord, at: &str| sum(r, at, |m| m.imports_t + m.production_t);
    let missing = each(&none, &|r| {
        supply(r, "2025Q4") - (supply(r, "2026Q1") + supply(r, "2026Q2")) / 2.0
    });
    let without = each(&none, &until_dear);
    for days in [180.0, 360.0] {
        let runs = stopped(days);
        let held = each(&runs, &|r| sum(r, "2025Q4", |m| m.state_stock_t));
        let (won, expected) = (each(&runs, &until_dear) - without, held / missing);
        println!(
            "{days} days: {held:.0} t held, {missing:.1} t a quarter missing: {expected:.2} quarters expected, {won:.2} won"
        );
        assert!(won > 0.5 && (won - expected).abs() < 1.0, "to a quarter");
    }
}

#[test]
fn e9_dumping_stops_rivals_and_a_floor_keeps_them() {
    let span = ("2027Q1", "2029Q4");
    let made = |r: &RunRecord| market(r, span, &["US"], "ndpr_oxide", |m| m.production_t);
    let plain = over_seeds(&until("baseline", "2029Q4"), made);
    let dumped = over_seeds(&until("dumping_war", "2029Q4"), made);
    let mut floor = until("dumping_war", "2029Q4");
    let shield = load("us_dpa_floor").strategies["US"].clone();
    floor.strategies.insert("US".to_owned(), shield);
    let kept = over_seeds(&floor, made);
    let (lost, won) = (
        paired("US NdPr oxide, dumping less baseline, t", &dumped, &plain),
        paired("US NdPr oxide, with floor less without, t", &kept, &dumped),
    );
    assert!(lost.mean < 0.0 && lost.clear());
    assert!(won.mean > 0.0 && won.clear());
}

#[test]
fn e11_thrifting_does_not_return_with_the_price() {
    let base = baseline("2036Q4");
    let mut shocked = base.clone();
    licence(&mut shocked, ("2026Q1", "2028Q4"), 0.2);
    // Dysprosium metal that goes into a tonne of high-coercivity magnets, in Japan and Europe.
    let intensity = |year: i32| {
        move |r: &RunRecord| {
            let (from, to) = (format!("{year}Q1"), format!("{year}Q4"));
            let sum = |good: &str, of: &dyn Fn(&monazite::record::row::MarketRow) -> f64| {
                market(r, (&from, &to), &["JP", "EU"], good, of)
            };
            sum("dy_metal", &|m| m.use_t + m.scrap_t + m.loss_t)
                / sum("ndfeb_hc", &|m| m.production_t)
        }
    };
    let saved = |year| {
        1.0 - average(&over_seeds(&shocked, intensity(year)))
            / average(&over_seeds(&base, intensity(year)))
    };
    let (spike, later) = (saved(2028), saved(2035));
    let dear = average(&over_seeds(&shocked, |r| {
        price(r, ("2035Q1", "2036Q4"), "EU", "dy_oxide")
    })) / average(&over_seeds(&base, |r| {
        price(r, ("2035Q1", "2036Q4"), "EU", "dy_oxide")
    }));
    println!(
        "Dy saved per magnet against the baseline: {spike:.4} in the spike, {later:.4} seven years later, when Dy costs x{dear:.2} of the baseline"
    );
    assert!(spike > 0.02 && later > 0.2 * spike);
}

#[test]
fn hypotheses_are_measured() {
    // E7: friend-shoring costs more in calm years and loses less in a shock.
    let loss = |r: &RunRecord| -> f64 {
        let places = ["US", "EU", "JP"].map(|code| state(r, code));
        r.rows
            .end_use
            .rows()
            .filter(|row| places.contains(&row.state) && row.quarter >= q("2027Q1"))
            .map(|row| row.consumer_loss_usd / 1e9)
            .sum()
    };
    let end = "2030Q4";
    let plain = over_seeds(&until("baseline", end), loss);
    let friends = over_seeds(&until("msp_friendshoring", end), loss);
    let shock = |mut scenario: Scenario| {
        licence(&mut scenario, ("2028Q1", "2029Q2"), 0.3);
        scenario
    };
    let plain_shocked = over_seeds(&shock(until("baseline", end)), loss);
    let friends_shocked = over_seeds(&shock(until("msp_friendshoring", end)), loss);
    let calm = paired(
        "E7, calm: consumer loss with friend-shoring less without, billion USD",
        &friends,
        &plain,
    );
    let shocked = paired("E7, shock: the same", &friends_shocked, &plain_shocked);
    // E10: the hub against the ore exporter, net of public cost, and the worst case when either side restricts.
    let net = |r: &RunRecord| net_value_added(r, ("2030Q1", "2036Q4"), &super::ASEAN);
    let end = "2036Q4";
    let ore = over_seeds(&until("asean_ore_exporter", end), net);
    let mut differences = Vec::new();
    for hub in ["asean_hub_west", "asean_hub_china", "asean_hub_dual"] {
        differences.push(paired(
            &format!("E10: {hub} less ore exporter, net, billion USD"),
            &over_seeds(&until(hub, end), net),
            &ore,
        ));
        let mut worst = f64::INFINITY;
        for by in ["CN", "US"] {
            let mut scenario = until(hub, end);
            let embargo = Instrument::Tariff {
                of: goods(&["oxide", "metal", "magnet"]),
                from: super::ASEAN.map(str::to_owned).to_vec(),
                rate: 1.0,
            };
            add(&mut scenario, by, "shut_out", ("2030Q1", "2036Q4"), embargo);
            worst = worst.min(average(&over_seeds(&scenario, net)));
        }
        println!(
            "E10: {hub}, worst case when China or the United States shuts its goods out: {worst:.2} billion USD"
        );
    }
    // E12: what restricting costs the restrictor, three years after.
    let share = |r: &RunRecord| {
        let span = ("2032Q1", "2032Q4");
        market(r, span, &["CN"], "dy_oxide", |m| m.production_t)
            / market(r, span, &[], "dy_oxide", |m| m.production_t)
    };
    let end = "2032Q4";
    let plain = over_seeds(&until("baseline", end), share);
    for (until_quarter, years) in [("2026Q4", 1), ("2028Q4", 3)] {
        let mut scenario = until("baseline", end);
        licence(&mut scenario, ("2026Q1", until_quarter), 0.4);
        differences.push(paired(
            &format!("E12: share of Dy oxide after licences of {years} years, less baseline"),
            &over_seeds(&scenario, share),
            &plain,
        ));
    }
    differences.extend([calm, shocked]);
    assert!(differences.iter().all(|d| d.mean.is_finite()));
}
