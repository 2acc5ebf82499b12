//! Offtake contracts: the inframarginal part of a lane's flow, at a price of its own.
//!
//! A contract does not move goods of its own: the flow of its lane has cleared, and the contract says at what price part of it is paid. What
//! is delivered is at most what the lane carried and what the seller could ship. Less than owed because a limit forbade it is force majeure;
//! less because the seller had not the goods is a default; less because the buyer took less is neither.

use crate::domain::{
    actors::{Contract, Kept},
    exchange::{Bills, Books, MoneyBook, PlantBooks, Trading},
    layout::Layout,
    time::Quarter,
    units::KG_PER_T,
};

/// What the seller can ship, t: nine tenths of what it could have in hand.
#[must_use]
pub fn shippable(opening: f64, output: f64) -> f64 {
    0.9 * (opening + 0.7 * output)
}

/// Quantity delivered: what is owed, but no more than the lane carried and than the seller could ship.
#[must_use]
pub fn delivered(owed: f64, flow: f64, opening: f64, output: f64) -> f64 {
    owed.min(flow).min(shippable(opening, output)).max(0.0)
}

/// How a contract was kept: `forbidden` if a limit on the lane binds, `can_ship` is what the seller could ship.
#[must_use]
pub fn kept(owed: f64, delivered: f64, forbidden: bool, can_ship: f64) -> Kept {
    if delivered >= 0.99 * owed {
        Kept::Delivered
    } else if forbidden {
        Kept::ForceMajeure
    } else if can_ship < 0.99 * owed {
        Kept::Default
    } else {
        Kept::Delivered
    }
}

/// Whether a contract runs in a quarter.
#[must_use]
pub fn runs(contract: &Contract, now: Quarter) -> bool {
    now >= contract.from && contract.until.is_none_or(|until| now <= until)
}

#[expect(
    clippy::too_many_arguments,
    reason = "a contract touches the books of goods, of money and of its parties"
)]
/// Settles one contract. The transfer goes from the buyer's users to the seller's plants; where a state backs the contract, the state pays
/// or receives it.
pub fn settle(
    contract: &mut Contract,
    now: Quarter,
    layout: &Layout,
    trading: &Trading,
    books: &Books,
    plants: &mut PlantBooks,
    money: &mut MoneyBook,
    bills: &mut Bills,
) {
    let lane = contract.lane as usize;
    let (from, to) = (
        layout.lanes[lane].from.index(),
        layout.lanes[lane].to.index(),
    );
    let owed = if runs(contract, now) {
        contract.quantity
    } else {
        0.0
    };
    let (opening, output) = (books.opening[from], books.production[from]);
    contract.delivered = delivered(owed, books.lane_flow[lane], opening, output);
    let index = trading.cleared.price[to];
    contract.price = contract.formula.price(index);
    contract.transfer_usd = (contract.price - index) * contract.delivered * KG_PER_T;
    let bound = trading.coefficients.limit[lane].is_finite()
        && books.lane_flow_free[lane] > books.lane_flow[lane] * (1.0 + 1e-9);
    contract.kept = kept(owed, contract.delivered, bound, shippable(opening, output));
    if contract.transfer_usd != 0.0 {
        let rows = layout.groups[usize::from(contract.seller_group)].plants();
        let total: f64 = plants.activity[rows.clone()].iter().sum();
        for p in rows {
            let share = if total > 0.0 {
                plants.activity[p] / total
            } else {
                0.0
            };
            plants.profit[p] += contract.transfer_usd * share;
            plants.value_added[p] += contract.transfer_usd * share;
        }
        money.plants += contract.transfer_usd;
        match contract.measure {
            Some(measure) => {
                money.states -= contract.transfer_usd;
                bills.0.push((measure, contract.transfer_usd));
            }
            None => money.users -= contract.transfer_usd,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actors::PriceFormula;

    #[test]
    fn formulas_bound_the_index() {
        assert_eq!(PriceFormula::Index.price(50.0), 50.0);
        assert_eq!(PriceFormula::Floor(60.0).price(50.0), 60.0);
        assert_eq!(PriceFormula::Floor(40.0).price(50.0), 50.0);
        assert_eq!(PriceFormula::Cap(40.0).price(50.0), 40.0);
        assert_eq!(PriceFormula::Cap(60.0).price(50.0), 50.0);
        assert_eq!(PriceFormula::Fixed(70.0).price(50.0), 70.0);
    }

    #[test]
    fn nobody_delivers_more_than_moved() {
        assert_eq!(delivered(10.0, 4.0, 100.0, 100.0), 4.0);
        assert_eq!(delivered(10.0, 40.0, 1.0, 1.0), 0.9 * 1.7);
    }

    #[test]
    fn an_embargo_excuses_and_an_empty_store_does_not() {
        assert_eq!(kept(10.0, 10.0, true, 50.0), Kept::Delivered);
        assert_eq!(kept(10.0, 0.0, true, 50.0), Kept::ForceMajeure);
        assert_eq!(kept(10.0, 0.0, true, 0.0), Kept::ForceMajeure);
        assert_eq!(kept(10.0, 3.0, false, 3.0), Kept::Default);
        assert_eq!(
            kept(10.0, 3.0, false, 50.0),
            Kept::Delivered,
            "the buyer took less"
        );
        assert_eq!(kept(0.0, 0.0, false, 0.0), Kept::Delivered);
    }
}
