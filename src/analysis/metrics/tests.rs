//! Metrics of tiny records whose values can be worked out by hand.

use super::*;
use crate::{
    domain::{
        graph::{Form, Stage},
        ids::{CommodityId, SectorId, StateId},
        time::Quarter,
    },
    record::{
        RunRecord,
        names::Names,
        row::{EndUseRow, MarketRow, StageRow, StateRow, TradeRow},
    },
};
use std::sync::Arc;

#[test]
fn experiments_may_name_every_metric_and_no_other() {
    use crate::config::experiment::metrics::{NAMED, Places};
    let places = |metric: &Metric| match metric.compute {
        Compute::World(_) | Compute::Of(..) => Places::World,
        Compute::States(_) => Places::States,
        Compute::WorldAndStates(_) => Places::WorldAndStates,
        Compute::Venues(_) => Places::Venues,
    };
    let declared: Vec<_> = METRICS
        .iter()
        .map(|metric| (metric.name, places(metric)))
        .collect();
    assert_eq!(declared, NAMED);
}

const CN: StateId = StateId(0);
const EU: StateId = StateId(1);
const MY: StateId = StateId(2);
const DEFENCE: SectorId = SectorId(1);

fn names() -> Names {
    let text = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Names {
        states: text(&["CN", "EU", "MY"]),
        asean: vec![false, false, true],
        commodities: text(&["ore", "oxide", "magnet"]),
        forms: vec![Form::Concentrate, Form::Oxide, Form::Magnet],
        reo_per_t: vec![1.0, 1.0, 0.5],
        sectors: text(&["cars", "defence"]),
        rated: vec![false, true],
    }
}

fn quarter(n: i32) -> Quarter {
    Quarter::new(2024, 1).unwrap().plus(n)
}

fn record() -> RunRecord {
    RunRecord::new(Arc::new(names()))
}

fn value(record: &RunRecord, name: &str) -> f64 {
    measure(record)
        .iter()
        .find(|value| value.name == name)
        .unwrap_or_else(|| panic!("no {name}"))
        .value
}

fn close(found: f64, expected: f64) -> bool {
    (found - expected).abs() < 1e-12 * expected.abs().max(1.0)
}

fn market(n: i32, state: StateId, commodity: u8, price: f64, exports: f64, used: f64) -> MarketRow {
    MarketRow {
        quarter: quarter(n),
        state,
        commodity: CommodityId(commodity),
        price_usd_per_kg: price,
        price_traded_usd_per_kg: price,
        production_t: 0.0,
        imports_t: 0.0,
        exports_t: exports,
        use_t: used,
        scrap_t: 0.0,
        loss_t: 0.0,
        disposal_t: 0.0,
        firm_stock_t: 0.0,
        state_stock_t: 0.0,
        cover_days: f64::NAN,
        qualified_premium: f64::NAN,
        qualified_use_t: f64::NAN,
    }
}

fn end_use(
    n: i32,
    state: StateId,
    sector: SectorId,
    commodity: u8,
    demand: f64,
    unmet: f64,
) -> EndUseRow {
    EndUseRow {
        quarter: quarter(n),
        state,
        sector,
        commodity: CommodityId(commodity),
        demand_t: demand,
        served_t: demand - unmet,
        unmet_price_t: unmet / 2.0,
        unmet_limit_t: unmet / 2.0,
        intensity: 1.0,
        consumer_loss_usd: 3.0,
        product_value_usd: 0.0,
    }
}

fn stage(
    n: i32,
    stage: Stage,
    host: StateId,
    owner: StateId,
    production: f64,
    value_added: f64,
) -> StageRow {
    StageRow {
        quarter: quarter(n),
        stage,
        host,
        owner,
        capacity_t: production,
        production_t: production,
        value_added_usd: value_added,
        profit_usd: value_added / 2.0,
        jobs: 10.0,
        plants: 1,
    }
}

#[test]
fn shortage_has_a_beginning_a_peak_and_an_end() {
    let mut record = record();
    for (n, unmet) in [0.0, 4.0, 10.0, 40.0, 20.0, 2.0].into_iter().enumerate() {
        let n = i32::try_from(n).unwrap();
        record.rows.market.push(market(n, EU, 2, 50.0, 0.0, 100.0));
        record
            .rows
            .end_use
            .push(end_use(n, EU, DEFENCE, 2, 100.0, unmet));
    }
    assert!(close(value(&record, "shortage_peak_pct"), 40.0));
    assert!(close(value(&record, "shortage_quarters"), 3.0));
    assert!(close(value(&record, "time_to_shortage_q"), 2.0));
    assert!(close(value(&record, "time_to_recover_q"), 2.0));
    assert!(close(value(&record, "resilience_loss"), 0.7));
    assert!(close(value(&record, "unmet_defence_t"), 76.0));
    assert!(close(value(&record, "consumer_loss_usd"), 18.0));
    assert!(close(value(&record, "shortage_peak_pct[EU]"), 40.0));
    assert!(
        close(value(&record, "time_to_shortage_q[MY]"), 6.0),
        "never short: the length of the record"
    );
}

#[test]
fn goods_are_added_up_by_value() {
    let mut record = record();
    record.rows.market.push(market(0, EU, 1, 1.0, 0.0, 900.0));
    record.rows.market.push(market(0, EU, 2, 99.0, 0.0, 100.0));
    record
        .rows
        .end_use
        .push(end_use(0, EU, SectorId(0), 1, 99.0, 0.0));
    record
        .rows
        .end_use
        .push(end_use(0, EU, SectorId(0), 2, 1.0, 1.0));
    assert!(close(value(&record, "shortage_peak_pct"), 50.0));
    assert!(
        close(value(&record, "unmet_defence_t"), 0.0),
        "cars carry no rating"
    );
}

#[test]
fn prices_are_held_against_the_first_year() {
    let mut record = record();
    for (n, price) in [10.0, 10.0, 10.0, 10.0, 30.0, 20.0].into_iter().enumerate() {
        record
            .rows
            .market
            .push(market(i32::try_from(n).unwrap(), EU, 1, price, 0.0, 1.0));
    }
    assert!(close(value(&record, "price_peak_ratio[oxide@EU]"), 3.0));
    assert!(close(value(&record, "price_mean[oxide@EU]"), 15.0));
    assert!(
        value(&record, "price_mean[oxide@CN]").is_nan(),
        "no such venue"
    );
    assert!(
        !measure(&record).iter().any(|v| v.name.contains("ore@")),
        "concentrates have no reported price"
    );
}

#[test]
fn stages_have_shares_and_concentration() {
    let mut record = record();
    for n in 0..8 {
        let late = f64::from(u8::from(n >= 4));
        record.rows.stage.push(stage(
            n,
            Stage::Separation,
            CN,
            CN,
            60.0 + 100.0 * (1.0 - late),
            60.0,
        ));
        record
            .rows
            .stage
            .push(stage(n, Stage::Separation, MY, EU, 20.0, 30.0));
        record
            .rows
            .stage
            .push(stage(n, Stage::Separation, MY, CN, 20.0, 10.0));
    }
    assert!(
        close(value(&record, "china_share_separation"), 0.6),
        "the last year counts"
    );
    assert!(close(value(&record, "hhi_host_separation"), 0.36 + 0.16));
    assert!(close(value(&record, "hhi_owner_separation"), 0.64 + 0.04));
    assert!(close(value(&record, "asean_value_added_usd"), 320.0));
    assert!(close(value(&record, "midstream_jobs"), 20.0));
    assert!(close(value(&record, "midstream_jobs[CN]"), 10.0));
    assert!(
        value(&record, "china_share_magnet").is_nan(),
        "nobody makes magnets"
    );
}

#[test]
fn the_act_is_measured_in_2030() {
    let mut record = record();
    for n in 0..32 {
        let made = if quarter(n).year() == 2030 { 2.0 } else { 1.0 };
        record
            .rows
            .stage
            .push(stage(n, Stage::Recycling, EU, EU, made, 0.0));
        record
            .rows
            .end_use
            .push(end_use(n, EU, SectorId(0), 2, 20.0, 0.0));
        record.rows.market.push(market(n, EU, 2, 1.0, 0.0, 20.0));
    }
    assert!(close(value(&record, "crma_recycling"), 0.2));
    assert!(close(value(&record, "crma_extraction"), 0.0));
}

#[test]
fn a_hub_lies_between_others_and_keeps_what_it_adds() {
    let mut record = record();
    let trade = |exporter, importer, value| TradeRow {
        quarter: quarter(0),
        exporter,
        importer,
        commodity: CommodityId(1),
        quantity_t: 1.0,
        value_usd: value,
        leaked_t: 0.0,
    };
    record.rows.trade.push(trade(CN, MY, 100.0));
    record.rows.trade.push(trade(MY, EU, 100.0));
    record
        .rows
        .stage
        .push(stage(0, Stage::Separation, MY, CN, 1.0, 40.0));
    record
        .rows
        .stage
        .push(stage(0, Stage::Separation, CN, CN, 1.0, 60.0));
    assert!(close(value(&record, "asean_centrality"), 0.5));
    assert!(
        close(value(&record, "hub_or_pawn"), 0.2 * 0.5),
        "half of the value added goes to the foreign owner"
    );
}

#[test]
fn who_restricts_loses_share() {
    let mut record = record();
    for n in 0..8 {
        let exports = if n < 4 { 50.0 } else { 20.0 };
        record
            .rows
            .market
            .push(market(n, CN, 1, 2.0, exports, 500.0));
        record.rows.market.push(market(n, EU, 1, 2.0, 0.0, 100.0));
    }
    assert!(close(value(&record, "restrictor_lost_share[CN]"), 0.3));
}

#[test]
fn accounts_of_states_are_summed() {
    let mut record = record();
    for (state, cost) in [(CN, 5.0), (EU, 7.0)] {
        record.rows.state.push(StateRow {
            quarter: quarter(0),
            state,
            public_cost_usd: cost,
            tax_revenue_usd: 0.0,
            value_added_usd: 0.0,
            import_reliance: cost / 10.0,
            damage_usd: 1.0,
            capability_mine: 0.0,
            capability_separation: 0.25,
            capability_metal: 0.0,
            capability_magnet: 0.0,
            capability_recycling: 0.0,
        });
    }
    assert!(close(value(&record, "public_cost_usd"), 12.0));
    assert!(close(value(&record, "public_cost_usd[EU]"), 7.0));
    assert!(close(value(&record, "import_reliance[EU]"), 0.7));
    assert!(close(value(&record, "damage_usd"), 2.0));
    assert!(close(value(&record, "capability_separation[CN]"), 0.25));
}

#[test]
fn names_are_unique_found_and_the_same_for_an_empty_record() {
    let values = measure(&record());
    let mut names: Vec<_> = values.iter().map(|value| value.name.as_str()).collect();
    assert!(names.iter().all(|name| find(name).is_some()));
    names.sort_unstable();
    let before = names.len();
    names.dedup();
    assert_eq!(names.len(), before);
    assert!(find("price_level").is_none());
}
