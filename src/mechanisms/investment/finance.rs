//! The money of projects: capital cost is paid over the time of building - out of the owner's cash, by grants, by loans of a state, by
//! lenders and new shareholders - and what is lent is served once the plant has ramped up. So a firm that built at the top can fail in
//! the bust.

use super::{Params, knowledge::Knowledge};
use crate::domain::{
    actors::{Cash, Funds, OwnedBy, Project},
    exchange::{Bills, Books},
    ids::{FirmId, PlantId},
    time::Quarter,
};
use crate::engine::simulation::Clock;
use bevy_ecs::prelude::*;

/// Money lent on a plant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Debt {
    /// Plant whose owner owes it.
    pub plant: PlantId,
    /// Quarter in which the project that it paid for was decided.
    pub since: Quarter,
    /// Position of the measure that lent it; `None`: a private lender.
    pub lender: Option<usize>,
    /// Still owed, USD.
    pub outstanding: f64,
    /// Interest, per year.
    pub rate: f64,
    /// Quarters after the end of building until it is served.
    pub grace: f64,
    /// Principal repaid in a quarter, USD; 0 before it is served.
    pub repaid: f64,
}

/// Shares of a state in a plant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stake {
    /// Plant.
    pub plant: PlantId,
    /// Position of the measure that paid.
    pub measure: usize,
    /// Paid for them so far, USD.
    pub usd: f64,
}

/// All shares of states.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Stakes(pub Vec<Stake>);

/// All money lent, by plant, project and lender.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Debts(pub Vec<Debt>);

/// What is paid for building in a quarter: an even share from the decision to the promised quarter, and all that is left when it is done.
#[must_use]
pub fn instalment(project: &Project, now: Quarter) -> f64 {
    let left = (project.capex_usd - project.paid_usd).max(0.0);
    if !project.financed || project.done {
        return 0.0;
    }
    if now >= project.due {
        return left;
    }
    let quarters = f64::from(project.promised.since(project.started).max(1));
    left.min(project.capex_usd / quarters)
}

/// Interest and principal of a quarter of a debt in service.
#[must_use]
pub fn service(debt: &Debt) -> (f64, f64) {
    (
        debt.outstanding * debt.rate / 4.0,
        debt.outstanding.min(debt.repaid),
    )
}

/// Where the money of a project comes from: the state's shares first, then the owner's cash up to its share, then lenders up to theirs; the
/// rest is new equity.
#[must_use]
pub fn funds(capex: f64, grant: f64, lent: f64, equity: f64, cash: f64, p: &Params) -> Funds {
    let rest = (1.0 - grant - lent - equity).max(0.0);
    let own = rest
        .min(p.own_share)
        .min(cash.max(0.0) / capex.max(f64::MIN_POSITIVE));
    Funds {
        own,
        grant,
        lent,
        equity,
        debt: (rest - own).min(p.debt_share * rest),
        ..Funds::default()
    }
}

/// Part of a payout that goes to a stake of this size in a firm with this capital, USD.
#[must_use]
pub fn dividend(stake: f64, capital: f64, payout: f64) -> f64 {
    if capital > 0.0 {
        payout * (stake / capital).min(1.0)
    } else {
        0.0
    }
}

/// Joins what one measure has paid for shares in one plant.
pub(super) fn merge_stakes(stakes: &mut Vec<Stake>) {
    stakes.sort_by_key(|s| (s.plant, s.measure));
    stakes.dedup_by(|next, first| {
        let same = (next.plant, next.measure) == (first.plant, first.measure);
        if same {
            first.usd += next.usd;
        }
        same
    });
}

/// Cash of every firm, by firm.
pub(super) fn cash_by_firm(count: usize, firms: &Query<(&FirmId, &mut Cash)>) -> Vec<f64> {
    let mut cash = vec![0.0; count];
    for (firm, own) in firms {
        cash[firm.index()] = own.0;
    }
    cash
}

fn store_cash(cash: &[f64], firms: &mut Query<(&FirmId, &mut Cash)>) {
    for (firm, mut own) in firms.iter_mut() {
        own.0 = cash[firm.index()];
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "money moves between owners, states, lenders and builders"
)]
pub(super) fn pay_for_building(
    clock: Res<Clock>,
    know: Knowledge,
    mut debts: ResMut<Debts>,
    mut stakes: ResMut<Stakes>,
    mut books: ResMut<Books>,
    mut bills: ResMut<Bills>,
    mut firms: Query<(&FirmId, &mut Cash)>,
    plants: Query<(&PlantId, &OwnedBy)>,
    mut projects: Query<&mut Project>,
) {
    let p = &know.settings.0;
    let mut owner = vec![None; know.layout.plants.len()];
    for (id, owned) in &plants {
        owner[id.index()] = Some(owned.0);
    }
    let mut cash = cash_by_firm(know.layout.firms.len(), &firms);
    let known = debts.0.len();
    let mut open: Vec<Mut<Project>> = projects.iter_mut().collect();
    open.sort_by_key(|project| (project.plant, project.started));
    for project in &mut open {
        let due = instalment(project, clock.now);
        let Some(firm) = owner[project.plant.index()].filter(|_| due > 0.0) else {
            continue;
        };
        project.paid_usd += due;
        let f = project.funds;
        let group = know.outlook.group_of[project.plant.index()];
        let rate = p.debt_rate + know.risk.0[know.host(group).index()];
        let ramp = know.process(group).ramp_quarters;
        let (own, grant, lent, debt) = (f.own * due, f.grant * due, f.lent * due, f.debt * due);
        let public = f.equity * due;
        let equity = due - own - grant - lent - debt - public;
        cash[firm.index()] -= own;
        if grant > 0.0 {
            bills.0.push((f.grantor, grant));
        }
        if public > 0.0 {
            bills.0.push((f.shareholder, public));
            stakes.0.push(Stake {
                plant: project.plant,
                measure: f.shareholder,
                usd: public,
            });
        }
        for (lender, amount, rate) in [
            (Some(f.lender), lent, (rate - f.discount).max(0.0)),
            (None, debt, rate),
        ] {
            if amount > 0.0 {
                lend(&mut debts.0, known, project, lender, amount, rate, ramp);
            }
        }
        let money = &mut books.money;
        money.conversion += due;
        money.plants -= own;
        money.states -= grant + lent + public;
        money.investors -= debt + equity;
    }
    debts.0.sort_by_key(Debt::key);
    merge_stakes(&mut stakes.0);
    serve(&open, &mut debts.0, &owner, &mut cash, &mut books, p);
    store_cash(&cash, &mut firms);
}

impl Debt {
    const fn key(&self) -> (PlantId, Quarter, Option<usize>) {
        (self.plant, self.since, self.lender)
    }
}

/// Adds to the debt of a project; the first `known` debts are sorted, the quarter's new ones follow.
fn lend(
    debts: &mut Vec<Debt>,
    known: usize,
    project: &Project,
    lender: Option<usize>,
    amount: f64,
    rate: f64,
    ramp: f64,
) {
    let key = (project.plant, project.started, lender);
    match debts[..known].binary_search_by_key(&key, Debt::key) {
        Ok(at) => debts[at].outstanding += amount,
        Err(_) => debts.push(Debt {
            plant: project.plant,
            since: project.started,
            lender,
            outstanding: amount,
            rate,
            grace: ramp,
            repaid: 0.0,
        }),
    }
}

/// Serves debts whose projects are no longer being built and whose grace is over.
fn serve(
    open: &[Mut<Project>],
    debts: &mut Vec<Debt>,
    owner: &[Option<FirmId>],
    cash: &mut [f64],
    books: &mut Books,
    p: &Params,
) {
    for debt in debts.iter_mut() {
        let building = open
            .binary_search_by_key(&(debt.plant, debt.since), |q| (q.plant, q.started))
            .is_ok();
        if building {
            continue;
        }
        if debt.grace > 0.0 {
            debt.grace -= 1.0;
            continue;
        }
        if debt.repaid <= 0.0 {
            debt.repaid = debt.outstanding / (4.0 * p.loan_years);
        }
        let Some(firm) = owner[debt.plant.index()] else {
            continue;
        };
        let (interest, principal) = service(debt);
        debt.outstanding -= principal;
        let paid = interest + principal;
        cash[firm.index()] -= paid;
        books.money.plants -= paid;
        if debt.lender.is_some() {
            books.money.states += paid;
        } else {
            books.money.investors += paid;
        }
    }
    debts.retain(|debt| debt.outstanding > 1.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn q(text: &str) -> Quarter {
        text.parse().unwrap()
    }

    fn project() -> Project {
        Project {
            plant: PlantId(0),
            capacity: 10.0,
            started: q("2024Q1"),
            promised: q("2026Q1"),
            due: q("2027Q1"),
            capex_usd: 80.0,
            paid_usd: 0.0,
            funds: Funds::default(),
            bad_quarters: 0,
            financed: true,
            slipped: false,
            done: false,
        }
    }

    #[test]
    fn capital_is_paid_evenly_and_in_full() {
        let mut one = project();
        let mut now = q("2024Q2");
        while now <= one.due {
            one.paid_usd += instalment(&one, now);
            now = now.plus(1);
            if now == q("2025Q2") {
                assert_eq!(one.paid_usd, 40.0);
            }
        }
        assert_eq!(one.paid_usd, 80.0);
        one.financed = false;
        one.paid_usd = 0.0;
        assert_eq!(instalment(&one, q("2026Q1")), 0.0);
    }

    #[test]
    fn owners_pay_what_they_can_and_others_the_rest() {
        let p = Params::default();
        let rich = funds(100.0, 0.0, 0.0, 0.0, 1e9, &p);
        assert_eq!(rich.own, p.own_share);
        let poor = funds(100.0, 0.2, 0.3, 0.0, 0.0, &p);
        assert_eq!((poor.own, poor.grant, poor.lent), (0.0, 0.2, 0.3));
        assert!((poor.debt - 0.5 * p.debt_share).abs() < 1e-12);
        assert_eq!(funds(100.0, 1.0, 0.0, 0.0, 1e9, &p).own, 0.0);
    }

    #[test]
    fn a_shareholder_gets_its_part_of_what_is_paid_out() {
        let stake = |measure, usd| Stake {
            plant: PlantId(0),
            measure,
            usd,
        };
        let mut stakes = vec![stake(1, 20.0), stake(2, 5.0), stake(1, 10.0)];
        merge_stakes(&mut stakes);
        assert_eq!(stakes, [stake(1, 30.0), stake(2, 5.0)]);
        assert_eq!(dividend(30.0, 100.0, 10.0), 3.0);
        assert_eq!(dividend(30.0, 0.0, 10.0), 0.0);
        assert_eq!(dividend(300.0, 100.0, 10.0), 10.0);
    }

    #[test]
    fn a_debt_in_service_falls_to_nothing() {
        let mut debt = Debt {
            plant: PlantId(0),
            since: q("2024Q1"),
            lender: None,
            outstanding: 40.0,
            rate: 0.08,
            grace: 0.0,
            repaid: 1.0,
        };
        assert_eq!(service(&debt), (0.8, 1.0));
        debt.outstanding = 0.5;
        assert_eq!(service(&debt).1, 0.5);
    }
}
