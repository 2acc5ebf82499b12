//! Firms that fail: the year's cash flow, dividends, and what becomes of the plants of a firm whose cash has run out.

use super::{
    Params,
    finance::{Debts, Stakes, dividend},
    knowledge::Knowledge,
    ownership::{Bidders, book_pay_out, distress_price, pay_out},
    projects::Draws,
};
use crate::domain::{
    actors::{Cash, Home, OwnedBy, OwnerState, Plant, Roll, Status},
    exchange::{Bills, Books, Journal, Milestone},
    ids::{FirmId, PlantId, StateId},
    industry::Ruling,
};
use crate::engine::rng::uniform;
use bevy_ecs::prelude::*;

/// Whether a firm fails: its cash has fallen below a share of the capital in its plants.
#[must_use]
pub fn fails(cash: f64, capital: f64, p: &Params) -> bool {
    capital > 0.0 && cash < p.bankrupt_below * capital
}

/// What an owner keeps of its cash: no more than a cushion against bad quarters; the rest is paid out.
#[must_use]
pub fn kept(cash: f64, capital: f64) -> f64 {
    cash.min(0.25 * capital)
}

#[expect(
    clippy::too_many_arguments,
    reason = "failing moves firms, plants, debts and the journal"
)]
pub(super) fn fail_firms(
    know: Knowledge,
    mut draws: ResMut<Draws>,
    mut debts: ResMut<Debts>,
    mut stakes: ResMut<Stakes>,
    mut books: ResMut<Books>,
    mut bills: ResMut<Bills>,
    mut journal: ResMut<Journal>,
    roll: Res<Roll>,
    mut firms: Query<(&FirmId, &mut Cash, &Home)>,
    mut plants: Query<(Entity, &PlantId, &mut Plant, &mut OwnedBy, &mut OwnerState)>,
) {
    let p = &know.settings.0;
    let count = know.layout.firms.len();
    let (mut profit, mut capital) = (vec![0.0; count], vec![0.0; count]);
    for (_, id, plant, _, _) in &plants {
        if plant.status == Status::Closed || plant.status == Status::Planned {
            continue;
        }
        let worth = know.capital(know.outlook.group_of[id.index()], plant.nameplate);
        let idle = if plant.status == Status::Mothballed {
            p.idle_cost / 4.0 * worth
        } else {
            0.0
        };
        // Part of conversion cost is no payment to anybody: capital is paid for when it is built.
        let depreciation = if plant.status == Status::Operating {
            p.depreciation / 4.0 * worth
        } else {
            0.0
        };
        draws.flow[id.index()] = (plant.profit_usd, depreciation - idle, worth);
    }
    for (_, id, _, owner, _) in plants.iter_many(&roll.plants).flatten() {
        let (earned, other, worth) = std::mem::take(&mut draws.flow[id.index()]);
        profit[owner.0.index()] += earned + other;
        capital[owner.0.index()] += worth;
        books.money.plants += other;
        books.money.conversion -= other;
    }
    let mut bidders = Bidders::of(
        count,
        firms
            .iter()
            .map(|(firm, cash, home)| (firm, cash.0, home.0)),
    );
    let mut owner_of = vec![None; know.layout.plants.len()];
    if !stakes.0.is_empty() {
        for (_, id, _, owner, _) in &plants {
            owner_of[id.index()] = Some(owner.0.index());
        }
    }
    let mut failed = Vec::new();
    for firm in 0..count {
        let cash = bidders.cash[firm] + profit[firm];
        let left = kept(cash, capital[firm]);
        books.money.plants -= cash - left;
        books.money.investors += cash - left;
        for stake in stakes
            .0
            .iter()
            .filter(|s| owner_of[s.plant.index()] == Some(firm))
        {
            // What states get back lowers what their shares have cost.
            let back = dividend(stake.usd, capital[firm], cash - left);
            if back > 0.0 {
                books.money.investors -= back;
                books.money.states += back;
                bills.0.push((stake.measure, -back));
            }
        }
        bidders.cash[firm] = left;
        if fails(left, capital[firm], p) {
            failed.push(FirmId::from_index(firm));
            bidders.able[firm] = false;
            // Its creditors are left with what it cannot pay.
            books.money.plants -= left;
            books.money.investors += left;
            bidders.cash[firm] = 0.0;
        }
    }
    // The plants of all firms that fail, in one pass: by firm, then by plant.
    let mut estate: Vec<(FirmId, PlantId, Entity)> = plants
        .iter()
        .filter(|(_, _, plant, owner, _)| {
            !matches!(plant.status, Status::Closed | Status::Planned)
                && failed.binary_search(&owner.0).is_ok()
        })
        .map(|(entity, id, _, owner, _)| (owner.0, *id, entity))
        .collect();
    estate.sort_unstable();
    for firm in failed {
        let sold = uniform(&mut draws.bankruptcy[firm.index()]) < p.sale_chance;
        let first = estate.partition_point(|one| one.0 < firm);
        let last = estate.partition_point(|one| one.0 <= firm);
        for &(_, _, entity) in &estate[first..last] {
            let Ok((_, id, mut plant, mut owner, mut state)) = plants.get_mut(entity) else {
                continue;
            };
            let row = id.index();
            let group = know.outlook.group_of[row];
            let mut tell = |milestone, owner| {
                let event = know.event(row, owner, milestone, plant.nameplate);
                journal.projects.push(event);
            };
            tell(Milestone::Bankrupt, state.0);
            let buyer = if sold {
                let may: Vec<bool> = (0..know.layout.states.len())
                    .map(|home| know.ruling(group, StateId::from_index(home)) == Ruling::Free)
                    .collect();
                bidders.best(firm, |home| may[home.index()])
            } else {
                None
            };
            let price = buyer.map_or(0.0, |buyer| {
                let worth = know.capital(group, plant.nameplate);
                distress_price(worth, p.fire_sale, bidders.cash[buyer.index()])
            });
            stakes.0.retain(|stake| stake.plant != *id);
            let out = pay_out(&mut debts, *id, price);
            book_pay_out(&out, &mut books.money, &mut bills);
            // What is left goes to those who have lent to the firm at large.
            books.money.plants -= price;
            books.money.investors += out.left;
            if let Some(buyer) = buyer {
                bidders.cash[buyer.index()] -= price;
                owner.0 = buyer;
                state.0 = bidders.home[buyer.index()];
                tell(Milestone::Sold, state.0);
            } else {
                // Nobody buys it: it stands idle until it pays again or is given up.
                tell(Milestone::Mothballed, state.0);
                plant.status = Status::Mothballed;
                plant.idle_quarters = 0;
            }
        }
    }
    for (firm, mut cash, _) in &mut firms {
        cash.0 = bidders.cash[firm.index()];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_firm_fails_on_lasting_losses_only() {
        let p = Params::default();
        assert!(!fails(-1.0, 100.0, &p) && fails(-7.0, 100.0, &p) && !fails(-7.0, 0.0, &p));
        assert_eq!((kept(40.0, 100.0), kept(-3.0, 100.0)), (25.0, -3.0));
    }
}
