//! The books of money: every flow of goods at its cleared price, to everybody who has a claim on it.

use super::{
    Settings,
    lane_money::{LaneMoney, split},
};
use crate::domain::{
    exchange::{
        Bills, Books, Conversions, Effects, GroupBooks, MoneyBook, PlantBooks, Provenance,
        Relations, Revenue, Trading,
    },
    layout::Layout,
    market::{Role, StepKind},
    units::KG_PER_T,
};

/// Books the money of the quarter.
#[expect(
    clippy::too_many_arguments,
    reason = "the books of money touch all that was paid"
)]
pub fn book_money(
    settings: &Settings,
    layout: &Layout,
    conversions: &Conversions,
    effects: &Effects,
    relations: &Relations,
    provenance: &Provenance,
    trading: &Trading,
    books: &mut Books,
    plants: &mut PlantBooks,
    groups: &mut GroupBooks,
    bills: &mut Bills,
    revenue: &mut Revenue,
) {
    bills.0.clear();
    revenue.0.clear();
    revenue.0.resize(layout.states.len(), 0.0);
    let mut money = MoneyBook::default();
    book_lanes(
        settings, layout, effects, relations, trading, books, &mut money, revenue,
    );
    book_plants(
        layout,
        conversions,
        effects,
        trading,
        books,
        plants,
        groups,
        &mut money,
        bills,
    );
    let price = &trading.cleared.price;
    for v in 0..layout.venues.len() {
        let value = price[v] * KG_PER_T;
        money.users -= value * books.final_use[v];
        money.collectors += value * trading.coefficients.inflow[v];
        let change = books.firm_stock[v] + books.state_stock[v] - books.opening[v];
        money.holders -= value * change;
        money.turnover += value * (books.production[v] + books.imports[v]);
    }
    book_stockpiles(settings, layout, effects, trading, books, &mut money, bills);
    book_procurement(effects, trading, books, &mut money, bills);
    book_credits(layout, provenance, trading, &mut money, bills);
    books.money = money;
}

/// Sellers, carriers, states, licence holders and traders on every lane.
#[expect(
    clippy::too_many_arguments,
    reason = "a lane is where most claims meet"
)]
fn book_lanes(
    settings: &Settings,
    layout: &Layout,
    effects: &Effects,
    relations: &Relations,
    trading: &Trading,
    books: &mut Books,
    money: &mut MoneyBook,
    revenue: &mut Revenue,
) {
    let (co, price) = (&trading.coefficients, &trading.cleared.price);
    let paid = &mut books.price_traded;
    // Home deliveries at the venue's price, imports at what each seller's goods cost delivered.
    for v in 0..paid.len() {
        paid[v] = price[v] * (books.production[v] - books.exports[v]).max(0.0);
    }
    let mut quota_rent = vec![0.0; layout.lanes.len()];
    for (pool, members) in trading.structure.pools.iter().enumerate() {
        for member in members {
            quota_rent[member.lane.index()] += trading.cleared.rent[pool] * member.weight;
        }
    }
    for (l, lane) in layout.lanes.iter().enumerate() {
        let q = books.lane_flow[l];
        let (from, to) = (price[lane.from.index()], price[lane.to.index()]);
        let delivered =
            ((from * co.seller_factor[l]) + co.adder[l] + quota_rent[l]) * co.buyer_factor[l];
        let rent = trading.limit_rent[l];
        books.lane_rent[l] = rent + quota_rent[l];
        let shares = split(&LaneMoney {
            seller_price: from,
            buyer_price: to,
            vat: effects.vat[l],
            export_tax: effects.export_tax[l],
            freight: co.adder[l],
            quota_rent: quota_rent[l],
            tariff: effects.tariff[l],
            premium: relations.premium[l],
            limit_rent: rent,
            compliance_share: settings.params.compliance_share,
        });
        books.lane_value[l] = shares.before_duty;
        let kg = q * KG_PER_T;
        money.states += kg * (shares.vat_and_tax + shares.duty);
        money.carriers += kg * co.adder[l];
        money.conversion += kg * shares.compliance;
        money.licence_holders += kg * (quota_rent[l] + rent);
        money.traders += kg * shares.margin;
        revenue.0[lane.exporter.index()] += kg * shares.vat_and_tax;
        revenue.0[lane.importer.index()] += kg * shares.duty;
        paid[lane.to.index()] += q * delivered;
    }
    for v in 0..paid.len() {
        let quantity = (books.production[v] - books.exports[v]).max(0.0) + books.imports[v];
        paid[v] = if quantity > 0.0 {
            paid[v] / quantity
        } else {
            price[v]
        };
    }
}

/// Plants' sales, materials, conversion and supports.
#[expect(
    clippy::too_many_arguments,
    reason = "plants touch prices, supports and their own books"
)]
fn book_plants(
    layout: &Layout,
    conversions: &Conversions,
    effects: &Effects,
    trading: &Trading,
    books: &Books,
    plants: &mut PlantBooks,
    groups: &mut GroupBooks,
    money: &mut MoneyBook,
    bills: &mut Bills,
) {
    let (co, out) = (&trading.coefficients, &trading.cleared);
    for (g, group) in layout.groups.iter().enumerate() {
        let (mut activity, mut sales, mut materials, mut conversion, mut support, mut credit) =
            (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        for m in group.modes() {
            let a = out.activity[m];
            activity += a;
            conversion += a * co.opex[m];
            for t in trading.structure.modes[m].terms.clone() {
                let term = trading.structure.terms[t];
                let (amount, price) = (a * co.amount[t], out.price[term.venue.index()]);
                match term.role {
                    Role::Input => materials += amount * price,
                    Role::Output => {
                        sales += amount * price;
                        if co.floor[t] > 0.0 {
                            support += amount * co.floor_share[t] * trading.floor_payment[t];
                        }
                        credit += amount * co.support[t];
                    }
                    Role::ByProduct => {
                        let share = out.separated[t];
                        sales += amount * share * price;
                        conversion += amount
                            * (share * co.byproduct_cost[t] + (1.0 - share) * co.disposal_cost[t]);
                    }
                }
            }
        }
        // What settles differs from what cleared by the content of the scrap of the day: the books of goods decide what was sold.
        let correction = correction(conversions, trading, books, group);
        sales += correction;
        let per_t = if activity > 0.0 { 1.0 / activity } else { 0.0 };
        groups.revenue[g] = (sales + support + credit) * per_t;
        groups.inputs[g] = materials * per_t;
        let unit_cost = (materials + conversion) * per_t;
        groups.utilisation[g] = if groups.capacity[g] > 0.0 {
            activity / groups.capacity[g]
        } else {
            0.0
        };
        let mut spent = 0.0;
        for p in group.plants() {
            let a = plants.activity[p];
            let cost = unit_cost * plants.cost_factor[p];
            plants.profit[p] = a * KG_PER_T * (groups.revenue[g] - cost);
            plants.value_added[p] = a * KG_PER_T * (groups.revenue[g] - groups.inputs[g]);
            plants.margin[p] = out.group_margin[g] - plants.disadvantage[p];
            spent += a * (cost - groups.inputs[g]);
            money.plants += plants.profit[p];
        }
        money.conversion += spent * KG_PER_T;
        money.states -= (support + credit) * KG_PER_T;
        if let (true, Some(floor)) = (support > 0.0, effects.floor[g]) {
            bills.0.push((floor.measure, support * KG_PER_T));
        }
        if let (true, Some(offer)) = (credit > 0.0, &effects.industry.credits[g]) {
            bills.0.push((offer.measure, credit * KG_PER_T));
        }
    }
}

/// Value of what a group's plants turned out beyond (or short of) what the market cleared, USD thousand: scrap that follows thrifted
/// inputs, oxides that follow the content of the scrap.
fn correction(
    conversions: &Conversions,
    trading: &Trading,
    books: &Books,
    group: &crate::domain::layout::Group,
) -> f64 {
    let (co, out) = (&trading.coefficients, &trading.cleared);
    let mut value = 0.0;
    for m in group.modes() {
        let c = &conversions.0[m];
        let at = |term: usize| trading.structure.terms[term].venue.index();
        if let Some(scrap) = c.scrap {
            let inputs: f64 = c.inputs.iter().map(|&t| co.amount[t]).sum();
            value +=
                out.activity[m] * (inputs * c.scrapped - co.amount[scrap]) * out.price[at(scrap)];
        }
        if c.stage == crate::domain::graph::Stage::Recycling {
            let elements = books.elements.mined.len();
            let v = at(c.inputs[0]);
            let more = books.topped_up.get(m).copied().unwrap_or(0.0);
            let fed = out.activity[m] * co.amount[c.inputs[0]] + more;
            value -= more * out.price[v];
            for (i, &t) in c.outputs.iter().chain(&c.by_products).enumerate() {
                if let Some(e) = books.element_of[at(t)] {
                    let share = if i < c.outputs.len() {
                        1.0
                    } else {
                        out.separated[t]
                    };
                    let actual = fed * books.mixed[v * elements + e] * c.recovery[i];
                    value += share * (actual - out.activity[m] * co.amount[t]) * out.price[at(t)];
                }
            }
        }
    }
    value
}

/// What states make good to buyers for goods that public procurement prefers: the premium on home deliveries and preferred imports.
fn book_procurement(
    effects: &Effects,
    trading: &Trading,
    books: &Books,
    money: &mut MoneyBook,
    bills: &mut Bills,
) {
    for one in &effects.procurement {
        let v = one.venue;
        let lanes = trading.structure.lanes.iter().enumerate();
        let preferred: f64 = lanes
            .filter(|(l, lane)| lane.to.index() == v && effects.preference[*l] <= 0.0)
            .map(|(l, _)| books.lane_flow[l])
            .sum();
        let tonnes = books.home_use(v) + preferred;
        let paid = one.share * tonnes * trading.cleared.price[v] * KG_PER_T / (1.0 + one.share);
        if paid > 0.0 {
            money.states -= paid;
            money.users += paid;
            bills.0.push((one.measure, paid));
        }
    }
}

/// Credits for civil users of qualified goods.
fn book_credits(
    layout: &Layout,
    provenance: &Provenance,
    trading: &Trading,
    money: &mut MoneyBook,
    bills: &mut Bills,
) {
    for (use_, credit) in layout.sides.uses.iter().zip(&provenance.credit) {
        let Some((measure, share)) = *credit else {
            continue;
        };
        let open = trading.structure.uses[use_.open].index();
        let paid = share * trading.cleared.price[open] * trading.cleared.used[use_.qualified];
        money.users += paid * KG_PER_T;
        money.states -= paid * KG_PER_T;
        bills.0.push((measure, paid * KG_PER_T));
    }
}

/// What states paid for and got from their stockpiles, and what it costs to hold them.
fn book_stockpiles(
    settings: &Settings,
    layout: &Layout,
    effects: &Effects,
    trading: &Trading,
    books: &Books,
    money: &mut MoneyBook,
    bills: &mut Bills,
) {
    for (i, step) in trading.structure.steps.iter().enumerate() {
        let (v, owner) = (step.venue.index(), layout.stock_of_step[i]);
        let value = trading.cleared.price[v] * KG_PER_T;
        let moved = trading.cleared.stepped[i] * value;
        let carrying = if step.kind == StepKind::Purchase {
            settings.carrying * books.state_stock[v] * value
        } else {
            0.0
        };
        money.states -= carrying;
        money.conversion += carrying;
        let cost = match step.kind {
            StepKind::Purchase => moved + carrying,
            StepKind::Release => -moved,
        };
        if owner != v {
            // The owner gives up its stock at home and is paid in the ally's venue.
            let at_home = trading.cleared.price[owner] * KG_PER_T * trading.cleared.stepped[i];
            money.holders += moved - at_home;
        }
        // The stock itself is booked with the holders; the state takes its part over.
        let trade = match step.kind {
            StepKind::Purchase => moved,
            StepKind::Release => -moved,
        };
        money.states -= trade;
        money.holders += trade;
        if cost != 0.0
            && let Some(rule) = effects.stockpiles.iter().find(|rule| rule.venue == owner)
        {
            bills.0.push((rule.measure, cost));
        }
    }
}
