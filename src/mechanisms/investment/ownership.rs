//! Who owns what: mergers, purchases, plants that must be sold, and the plants of firms that have failed. Buyers pay; a host's screening
//! says who may buy.

use super::{finance::Debts, knowledge::Knowledge};
use crate::domain::{
    actors::{Cash, Home, OwnedBy, OwnerState, Plant, Status},
    exchange::{Bills, Books, Journal, Milestone, MoneyBook, ProjectEvent},
    ids::{FirmId, PlantId, StateId},
    industry::{PurchaseOrder, Ruling},
    time::Quarter,
};
use crate::engine::simulation::Clock;
use bevy_ecs::prelude::*;

/// Purchases that wait for a ruling: when it comes, the order, and the one plant that it concerns.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Cases(pub Vec<(Quarter, PurchaseOrder, usize)>);

/// Firms that may bid for a plant.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bidders {
    /// Cash, by firm.
    pub cash: Vec<f64>,
    /// Home, by firm.
    pub home: Vec<StateId>,
    /// Whether it can bid.
    pub able: Vec<bool>,
}

impl Bidders {
    /// All firms.
    pub(super) fn of<'a>(
        count: usize,
        firms: impl Iterator<Item = (&'a FirmId, f64, StateId)>,
    ) -> Self {
        let mut bidders = Self {
            cash: vec![0.0; count],
            home: vec![StateId(0); count],
            able: vec![false; count],
        };
        for (firm, cash, home) in firms {
            bidders.cash[firm.index()] = cash;
            bidders.home[firm.index()] = home;
            bidders.able[firm.index()] = true;
        }
        bidders
    }

    /// The richest whose home may own the plant.
    #[must_use]
    pub fn best(&self, seller: FirmId, may: impl Fn(StateId) -> bool) -> Option<FirmId> {
        let mut best: Option<usize> = None;
        for firm in (0..self.cash.len()).filter(|&f| self.able[f] && f != seller.index()) {
            if may(self.home[firm]) && best.is_none_or(|b| self.cash[firm] > self.cash[b]) {
                best = Some(firm);
            }
        }
        best.map(FirmId::from_index)
    }
}

/// What a buyer pays in a sale that cannot wait: a share of the value of the capital, but no more than it has.
#[must_use]
pub fn distress_price(worth: f64, share: f64, cash: f64) -> f64 {
    (share * worth).min(cash.max(0.0))
}

/// Pays out a price to those who have lent on a plant and then to its owner. Gives what each public lender gets and loses (position of the
/// measure, recovered, lost), and what is left of the price; private lenders' part is in `private`.
pub(super) struct PayOut {
    pub public: Vec<(usize, f64, f64)>,
    pub private: f64,
    pub left: f64,
}

/// Settles the debts on a plant out of a price.
pub(super) fn pay_out(debts: &mut Debts, plant: PlantId, price: f64) -> PayOut {
    let first = debts.0.partition_point(|d| d.plant < plant);
    let last = debts.0.partition_point(|d| d.plant <= plant);
    let on_it = &mut debts.0[first..last];
    let owed: f64 = on_it.iter().map(|d| d.outstanding).sum();
    let share = if owed > 0.0 {
        (price / owed).min(1.0)
    } else {
        0.0
    };
    let mut out = PayOut {
        public: Vec::new(),
        private: 0.0,
        left: price - share * owed,
    };
    for debt in on_it {
        let back = share * debt.outstanding;
        match debt.lender {
            Some(measure) => out.public.push((measure, back, debt.outstanding - back)),
            None => out.private += back,
        }
        // Settled: it goes when debts are next served.
        debt.outstanding = 0.0;
    }
    out
}

/// Books what public lenders get back, and bills them what they lose.
pub(super) fn book_pay_out(out: &PayOut, money: &mut MoneyBook, bills: &mut Bills) {
    for &(measure, back, lost) in &out.public {
        money.states += back;
        if lost > 0.0 {
            bills.0.push((measure, lost));
        }
    }
    money.investors += out.private;
}

/// Thresholds of a merged group: means of its plants', weighted by capacity.
#[must_use]
pub fn common_thresholds(plants: &[(f64, f64, f64)]) -> (f64, f64) {
    let total: f64 = plants.iter().map(|p| p.0).sum();
    let mean = |of: fn(&(f64, f64, f64)) -> f64| {
        plants.iter().map(|p| p.0 * of(p)).sum::<f64>() / total.max(f64::MIN_POSITIVE)
    };
    (mean(|p| p.1), mean(|p| p.2))
}

pub(super) fn merge_firms(
    know: Knowledge,
    mut journal: ResMut<Journal>,
    mut firms: Query<(&FirmId, &mut Cash)>,
    mut plants: Query<(&PlantId, &mut Plant, &mut OwnedBy, &OwnerState)>,
) {
    for merger in &know.effects.industry.mergers {
        let count = know.layout.firms.len();
        let (mut given, mut kept) = (vec![false; count], vec![false; count]);
        let mut members = Vec::new();
        let mut events: Vec<ProjectEvent> = Vec::new();
        for (id, plant, mut owner, state) in plants.iter_mut().sort::<&PlantId>() {
            let group = know.outlook.group_of[id.index()];
            let joins = merger.groups[group] && state.0 == merger.state;
            if joins && owner.0 != merger.firm {
                given[owner.0.index()] = true;
                owner.0 = merger.firm;
                events.push(know.event(id.index(), state.0, Milestone::Sold, plant.nameplate));
            } else {
                kept[owner.0.index()] = true;
            }
            if joins {
                members.push((
                    plant.nameplate.max(1e-9),
                    plant.mothball_below,
                    plant.reopen_above,
                ));
            }
        }
        if events.is_empty() {
            continue;
        }
        journal.projects.extend(events);
        let (below, above) = common_thresholds(&members);
        for (id, mut plant, owner, _) in &mut plants {
            if owner.0 == merger.firm && merger.groups[know.outlook.group_of[id.index()]] {
                (plant.mothball_below, plant.reopen_above) = (below, above);
            }
        }
        // Firms that have given all their plants bring their cash along.
        let mut brought = 0.0;
        for (firm, mut cash) in firms.iter_mut().sort::<&FirmId>() {
            if given[firm.index()] && !kept[firm.index()] {
                brought += std::mem::take(&mut cash.0);
            }
        }
        for (firm, mut cash) in &mut firms {
            if *firm == merger.firm {
                cash.0 += brought;
            }
        }
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "a purchase moves plants, cash, public money and the journal"
)]
pub(super) fn buy_plants(
    clock: Res<Clock>,
    know: Knowledge,
    mut cases: ResMut<Cases>,
    mut books: ResMut<Books>,
    mut bills: ResMut<Bills>,
    mut journal: ResMut<Journal>,
    mut firms: Query<(&FirmId, &mut Cash, &Home)>,
    mut plants: Query<(&PlantId, &mut Plant, &mut OwnedBy, &mut OwnerState)>,
) {
    let industry = &know.effects.industry;
    if industry.purchases.is_empty() && cases.0.is_empty() {
        return;
    }
    let mut ready: Vec<(PurchaseOrder, usize)> = Vec::new();
    cases.0.retain(|(at, order, plant)| {
        let due = *at <= clock.now;
        if due {
            ready.push((order.clone(), *plant));
        }
        !due
    });
    for order in &industry.purchases {
        for &plant in &order.plants {
            let group = know.outlook.group_of[plant];
            let (host, stage) = (know.host(group), know.stage(group));
            for screen in industry
                .screens
                .iter()
                .filter(|s| s.catches(host, stage, order.state))
            {
                bills.0.push((screen.measure, screen.case_usd));
                books.money.states -= screen.case_usd;
                books.money.conversion += screen.case_usd;
            }
            match know.ruling(group, order.state) {
                Ruling::Free => ready.push((order.clone(), plant)),
                Ruling::Delayed(wait) => cases.0.push((
                    clock.now.plus(i32::try_from(wait).unwrap_or(i32::MAX)),
                    order.clone(),
                    plant,
                )),
                Ruling::Refused => {}
            }
        }
    }
    let mut bidders = Bidders::of(
        know.layout.firms.len(),
        firms
            .iter()
            .map(|(firm, cash, home)| (firm, cash.0, home.0)),
    );
    for (order, row) in ready {
        for (id, plant, mut owner, mut state) in &mut plants {
            if id.index() != row || owner.0 == order.buyer || plant.status == Status::Closed {
                continue;
            }
            let worth = know.capital(know.outlook.group_of[row], plant.nameplate);
            let price = worth * (1.0 + order.premium);
            let public = order.public_share * price;
            let buyer = order.buyer.index();
            if bidders.cash[buyer] < price - public {
                continue;
            }
            bidders.cash[buyer] -= price - public;
            bidders.cash[owner.0.index()] += price;
            if public > 0.0 {
                bills.0.push((order.measure, public));
                books.money.states -= public;
                books.money.plants += public;
            }
            owner.0 = order.buyer;
            state.0 = bidders.home[buyer];
            journal
                .projects
                .push(know.event(row, state.0, Milestone::Sold, plant.nameplate));
        }
    }
    for (firm, mut cash, _) in &mut firms {
        cash.0 = bidders.cash[firm.index()];
    }
}

/// Sells what screened owners may no longer have.
pub(super) fn divest(
    know: Knowledge,
    mut journal: ResMut<Journal>,
    mut firms: Query<(&FirmId, &mut Cash, &Home)>,
    mut plants: Query<(&PlantId, &mut Plant, &mut OwnedBy, &mut OwnerState)>,
) {
    let industry = &know.effects.industry;
    if !industry.screens.iter().any(|s| s.divest) {
        return;
    }
    let mut bidders = Bidders::of(
        know.layout.firms.len(),
        firms
            .iter()
            .map(|(firm, cash, home)| (firm, cash.0, home.0)),
    );
    for (id, plant, mut owner, mut state) in plants.iter_mut().sort::<&PlantId>() {
        let group = know.outlook.group_of[id.index()];
        let (host, stage) = (know.host(group), know.stage(group));
        if plant.status == Status::Closed || !industry.must_sell(host, stage, state.0) {
            continue;
        }
        // A seller that must does not wait for a ruling.
        let may = |home| know.ruling(group, home) == Ruling::Free;
        let Some(buyer) = bidders.best(owner.0, may) else {
            continue;
        };
        let worth = know.capital(group, plant.nameplate);
        let price = distress_price(
            worth,
            know.settings.0.fire_sale,
            bidders.cash[buyer.index()],
        );
        bidders.cash[buyer.index()] -= price;
        bidders.cash[owner.0.index()] += price;
        owner.0 = buyer;
        state.0 = bidders.home[buyer.index()];
        journal
            .projects
            .push(know.event(id.index(), state.0, Milestone::Sold, plant.nameplate));
    }
    for (firm, mut cash, _) in &mut firms {
        cash.0 = bidders.cash[firm.index()];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        graph::Stage,
        industry::{Industry, Screen},
    };
    use crate::mechanisms::investment::finance::Debt;

    #[test]
    fn the_richest_who_may_buys() {
        let bidders = Bidders {
            cash: vec![5.0, 9.0, 7.0, 8.0],
            home: vec![StateId(0), StateId(1), StateId(2), StateId(0)],
            able: vec![true, true, true, false],
        };
        let mut industry = Industry::default();
        let best = |industry: &Industry| {
            bidders.best(FirmId(9), |home| {
                industry.ruling(StateId(3), Stage::Separation, home) == Ruling::Free
            })
        };
        assert_eq!(best(&industry), Some(FirmId(1)));
        industry.screens.push(Screen {
            measure: 0,
            host: StateId(3),
            owners: vec![false, true, false, false],
            stages: [true; 5],
            delay: Some(4),
            case_usd: 0.0,
            divest: false,
        });
        assert_eq!(best(&industry), Some(FirmId(2)));
    }

    #[test]
    fn lenders_share_a_price_and_public_losses_are_known() {
        let debt = |lender, outstanding| Debt {
            plant: PlantId(1),
            since: "2024Q1".parse().unwrap(),
            lender,
            outstanding,
            rate: 0.05,
            grace: 0.0,
            repaid: 1.0,
        };
        let mut debts = Debts(vec![debt(Some(3), 60.0), debt(None, 40.0)]);
        let out = pay_out(&mut debts, PlantId(1), 50.0);
        assert_eq!(out.public, [(3, 30.0, 30.0)]);
        assert_eq!((out.private, out.left), (20.0, 0.0));
        assert!(debts.0.iter().all(|debt| debt.outstanding == 0.0));
        assert_eq!(distress_price(100.0, 0.3, 12.0), 12.0);
        assert_eq!(distress_price(100.0, 0.3, -5.0), 0.0);
    }

    #[test]
    fn a_merged_group_stops_and_reopens_as_one() {
        let (below, above) = common_thresholds(&[(3.0, -0.2, 0.1), (1.0, -0.4, 0.3)]);
        assert!((below + 0.25).abs() < 1e-12 && (above - 0.15).abs() < 1e-12);
    }
}
