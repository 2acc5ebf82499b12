//! Offtake contracts: the inframarginal part of a lane's flow, at a price of its own.
//!
//! A contract does not move goods of its own: the flow of its lane has cleared, and the contract says at what price part of it is paid. What
//! is delivered is at most what the lane carried and what the seller could ship; less than owed because a limit forbade it is force majeure.

use crate::domain::{
    actors::{Contract, PriceFormula},
    exchange::{Books, MoneyBook, PlantBooks, Trading},
    layout::Layout,
    units::KG_PER_T,
};

/// Price by the formula, USD per kg, when the index stands at `index`.
#[must_use]
pub fn contract_price(formula: PriceFormula, index: f64) -> f64 {
    match formula {
        PriceFormula::Index => index,
        PriceFormula::Floor(floor) => index.max(floor),
        PriceFormula::Cap(cap) => index.min(cap),
        PriceFormula::Fixed(price) => price,
    }
}

/// Quantity delivered: what is owed, but no more than the lane carried and than nine tenths of what the seller could have in hand.
#[must_use]
pub fn delivered(owed: f64, flow: f64, opening: f64, output: f64) -> f64 {
    owed.min(flow).min(0.9 * (opening + 0.7 * output)).max(0.0)
}

/// Settles one contract; the transfer goes from the buyer's users to the seller's plants.
pub fn settle(
    contract: &mut Contract,
    layout: &Layout,
    trading: &Trading,
    books: &Books,
    plants: &mut PlantBooks,
    money: &mut MoneyBook,
) {
    let lane = contract.lane as usize;
    let (from, to) = (
        layout.lanes[lane].from.index(),
        layout.lanes[lane].to.index(),
    );
    contract.delivered = delivered(
        contract.quantity,
        books.lane_flow[lane],
        books.opening[from],
        books.production[from],
    );
    let index = trading.cleared.price[to];
    contract.price = contract_price(contract.formula, index);
    contract.transfer_usd = (contract.price - index) * contract.delivered * KG_PER_T;
    let bound = trading.coefficients.limit[lane].is_finite()
        && books.lane_flow_free[lane] > books.lane_flow[lane] * (1.0 + 1e-9);
    contract.force_majeure = bound && contract.delivered < 0.99 * contract.quantity;
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
        money.users -= contract.transfer_usd;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_bound_the_index() {
        assert_eq!(contract_price(PriceFormula::Index, 50.0), 50.0);
        assert_eq!(contract_price(PriceFormula::Floor(60.0), 50.0), 60.0);
        assert_eq!(contract_price(PriceFormula::Cap(40.0), 50.0), 40.0);
        assert_eq!(contract_price(PriceFormula::Fixed(70.0), 50.0), 70.0);
    }

    #[test]
    fn nobody_delivers_more_than_moved() {
        assert_eq!(delivered(10.0, 4.0, 100.0, 100.0), 4.0);
        assert_eq!(delivered(10.0, 40.0, 1.0, 1.0), 0.9 * 1.7);
    }
}
