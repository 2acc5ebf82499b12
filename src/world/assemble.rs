//! From a settled start to the arrays that the market clears and the mechanisms move.

use super::{
    facts::Facts,
    lanes::{self, Restricted},
    partners::{anchors, choose_lanes},
    prices::Crossing,
    prices::by_product_cost,
    settle::Settled,
    sided::{add_sided_lanes, add_sided_venues, may_qualify, shell},
    sides::{self, Rules, SidePlan},
};
use crate::domain::{
    actors::EndUser,
    exchange::{Anchors, Beliefs, Books, Curves, GroupBooks, Leaks, Relations},
    graph::{Form, Graph, Stage},
    ids::{CommodityId, StateId, UserId, VenueId},
    layout::{Group, Lane, Layout, Purpose, Side, SidedUse, Venue},
    market::{Coefficients, LaneKind, Role, StepKind, Structure, Term},
    maths::{Fourths, exp, ln},
};
use std::collections::BTreeMap;

/// What the assembled arrays need beyond the settled start.
#[derive(Debug, Clone, PartialEq)]
pub struct Extras {
    /// State codes.
    pub states: Vec<String>,
    /// Sector ids.
    pub sectors: Vec<String>,
    /// Rated sectors.
    pub rated: Vec<bool>,
    /// Short-run elasticity, long-run elasticity and choke price over reference price, by sector.
    pub elasticity: Vec<(f64, f64, f64)>,
    /// Shares of the three holder types.
    pub holders: [f64; 3],
    /// Speed at which throughput is averaged, per quarter.
    pub throughput_speed: f64,
    /// Sharpness of the choice between modes.
    pub mode_sharpness: f64,
    /// Price elasticity of desired stocks.
    pub stock_elasticity: f64,
    /// Venues with a state stockpile.
    pub stockpiles: Vec<(StateId, CommodityId)>,
    /// Export quota pools: exporter, commodities covered, `STATE:measure` they belong to.
    pub quotas: Vec<(StateId, Vec<CommodityId>, String)>,
    /// Stockpiles that others may draw on: owner, ally, commodity.
    pub shared: Vec<Restricted>,
    /// Lanes that an offtake may begin.
    pub agreed: Vec<Restricted>,
    /// Lanes that a measure may restrict, sorted.
    pub restricted: Vec<Restricted>,
    /// What the rules of the scenario say about provenance.
    pub rules: Option<Rules>,
}

/// Everything a run starts from, as arrays.
#[derive(Debug, Clone)]
pub struct Assembled {
    /// Names and look-up tables.
    pub layout: Layout,
    /// Market structure.
    pub structure: Structure,
    /// Market numbers at the start.
    pub coefficients: Coefficients,
    /// Lanes' slow state.
    pub relations: Relations,
    /// Stocks.
    pub books: Books,
    /// Beliefs.
    pub beliefs: Beliefs,
    /// End users.
    pub users: Vec<EndUser>,
    /// Their curves.
    pub curves: Curves,
    /// Plant groups.
    pub groups: GroupBooks,
    /// How lanes grow.
    pub anchors: Anchors,
    /// What may slip past restrictions.
    pub leaks: Leaks,
    /// Plant groups that may not work for a qualified side.
    pub restricted: Vec<bool>,
}

/// Least stock that holders want anywhere, t: keeps a venue's price defined where nothing is traded yet.
pub(super) const LEAST_STOCK: f64 = 0.02;
/// Weight of a way to run that is not in use at the start.
const NEW_MODE_WEIGHT: f64 = 0.02;

/// Assembles the arrays.
#[must_use]
pub fn assemble(
    graph: &Graph,
    facts: &Facts,
    settled: &Settled,
    extras: &Extras,
    crossing: &dyn Fn(usize, usize, usize) -> Crossing,
) -> Assembled {
    let (n, c) = (facts.states, facts.commodities);
    let mut layout = Layout::of(
        extras.states.clone(),
        extras.sectors.clone(),
        extras.rated.clone(),
    );
    for k in 0..c {
        for s in 0..n {
            if settled.price[s * c + k].is_some() {
                layout.venues.push(Venue {
                    state: StateId::from_index(s),
                    commodity: CommodityId::from_index(k),
                    side: Side::Open,
                });
            }
        }
    }
    layout.index(c);
    let chosen = choose_lanes(graph, facts, settled);
    let plan = extras
        .rules
        .as_ref()
        .map(|rules| sides::plan(graph, facts, settled, &chosen, rules));
    if let Some(plan) = &plan {
        add_sided_venues(plan, c, &mut layout);
    }
    let mut structure = Structure::new(layout.venues.len());
    let mut flows = Vec::new();
    for &(k, i, j) in &chosen {
        let commodity = CommodityId::from_index(k);
        let (Some(from), Some(to)) = (
            layout.venue(StateId::from_index(i), commodity),
            layout.venue(StateId::from_index(j), commodity),
        ) else {
            continue;
        };
        structure.add_lane(
            from,
            to,
            LaneKind::Trade,
            Fourths(graph.commodities[k].kappa_quarters),
        );
        layout.lanes.push(Lane {
            from,
            to,
            exporter: StateId::from_index(i),
            importer: StateId::from_index(j),
            commodity,
            purpose: Purpose::Trade,
        });
        flows.push(settled.flow[k][i * n + j]);
    }
    lanes::add_agreed(
        graph,
        &extras.agreed,
        &mut layout,
        &mut structure,
        &mut flows,
    );
    lanes::add_leaks(&extras.restricted, &mut layout, &mut structure, &mut flows);
    if let (Some(rules), Some(plan)) = (&extras.rules, &plan) {
        add_sided_lanes(graph, rules, plan, &mut layout, &mut structure);
        flows.resize(layout.lanes.len(), 0.0);
    }
    let mut term_amounts = Vec::new();
    add_groups(
        graph,
        facts,
        settled,
        plan.as_ref(),
        &mut layout,
        &mut structure,
        &mut term_amounts,
    );
    let (users, mut curves, curve_specs) =
        users_and_curves(facts, settled, extras, &mut layout, &mut structure);
    for &(state, commodity) in &extras.stockpiles {
        if let Some(venue) = layout.venue(state, commodity) {
            structure.add_step(venue, StepKind::Purchase);
            structure.add_step(venue, StepKind::Release);
            layout.stock_of_step.extend([venue.index(); 2]);
        }
    }
    for &(owner, ally, commodity) in &extras.shared {
        if let (Some(owner), Some(ally)) = (
            layout.venue(owner, commodity),
            layout.venue(ally, commodity),
        ) {
            structure.add_step(ally, StepKind::Release);
            layout.stock_of_step.push(owner.index());
        }
    }
    for (exporter, covered, _) in &extras.quotas {
        let members = layout
            .lanes
            .iter()
            .enumerate()
            .filter(|(_, lane)| {
                lane.exporter == *exporter
                    && covered.contains(&lane.commodity)
                    && lane.leak_of().is_none()
                    && !lane.is_valve()
            })
            .map(|(l, lane)| crate::domain::market::PoolMember {
                lane: crate::domain::ids::LaneId::from_index(l),
                weight: graph.commodities[lane.commodity.index()].reo_per_t(),
            })
            .collect();
        structure.add_pool(members);
    }
    let mut co = Coefficients::empty(&structure);
    let price: Vec<f64> = layout
        .venues
        .iter()
        .map(|v| settled.price[v.state.index() * c + v.commodity.index()].unwrap_or(1.0))
        .collect();
    let log_price: Vec<f64> = price.iter().map(|p| ln(*p)).collect();
    let relations = lane_coefficients(&layout, &structure, &flows, &price, crossing, &mut co);
    let groups = group_coefficients(
        graph,
        facts,
        settled,
        extras,
        &layout,
        &structure,
        &term_amounts,
        &price,
        &mut co,
    );
    for (curve, (base, elasticity, choke_ratio, venue)) in curve_specs.into_iter().enumerate() {
        co.use_base[curve] = base * curves.choke_factor[curve];
        co.use_elasticity[curve] = elasticity;
        co.use_reference[curve] = log_price[venue];
        co.use_choke[curve] = log_price[venue] + ln(choke_ratio);
        curves.choke.push(co.use_choke[curve]);
    }
    let (books, beliefs) = stocks(graph, facts, settled, extras, &layout, &log_price, &mut co);
    let leaks = lanes::leaks(&layout, &structure, &flows, extras, crossing);
    let anchors = Anchors {
        flow_start: flows,
        ..anchors(graph, facts, settled, &layout)
    };
    Assembled {
        layout,
        structure,
        coefficients: co,
        relations,
        books,
        beliefs,
        users,
        curves,
        groups,
        anchors,
        leaks,
        restricted: plan.map(|plan| plan.restricted).unwrap_or_default(),
    }
}

/// Plant groups with the modes at hand; `amounts` receives t per t of every term, in structure order.
fn add_groups(
    graph: &Graph,
    facts: &Facts,
    settled: &Settled,
    plan: Option<&SidePlan>,
    layout: &mut Layout,
    structure: &mut Structure,
    amounts: &mut Vec<f64>,
) {
    for (g, group) in facts.groups.iter().enumerate() {
        let process = &graph.processes[group.process.index()];
        let mut modes = Vec::new();
        let at_hand: Vec<usize> = (0..process.modes.len())
            .filter(|&m| settled.at_hand[g][m])
            .collect();
        let first = layout.modes.len();
        let qualified: Vec<usize> = (0..at_hand.len())
            .filter(|&i| {
                let mode = &process.modes[at_hand[i]];
                plan.is_some_and(|plan| may_qualify(plan, graph, facts, layout, g, mode))
            })
            .collect();
        for (i, &open) in qualified.iter().enumerate() {
            layout
                .sides
                .modes
                .push((first + open, first + at_hand.len() + i));
        }
        let all = at_hand
            .iter()
            .map(|&m| (m, Side::Open))
            .chain(qualified.iter().map(|&i| (at_hand[i], Side::Qualified)));
        for (m, side) in all {
            let mode = &process.modes[m];
            let venue = |k: CommodityId| {
                let open = layout
                    .venue(group.host, k)
                    .expect("every commodity of a mode at hand has a venue");
                match side {
                    Side::Open => open,
                    Side::Qualified => layout
                        .sides
                        .qualified_of(open.index())
                        .map_or(open, VenueId::from_index),
                }
            };
            let mut terms = Vec::new();
            let mut add = |k: CommodityId, role: Role, amount: f64| {
                terms.push(Term {
                    venue: venue(k),
                    role,
                });
                amounts.push(amount);
            };
            for t in &mode.inputs {
                add(t.commodity, Role::Input, t.t_per_t);
            }
            for t in &mode.outputs {
                add(t.commodity, Role::Output, t.t_per_t);
            }
            if let Some(t) = mode.scrap {
                add(t.commodity, Role::Output, t.t_per_t);
            }
            for b in &mode.by_products {
                add(b.commodity, Role::ByProduct, b.t_per_t);
            }
            layout.modes.push((g, m));
            modes.push(terms);
        }
        let index = structure.add_group(&modes, group.plants.len());
        let built = &structure.groups[index];
        layout.groups.push(Group {
            process: group.process,
            host: group.host,
            first_mode: built.modes.start,
            end_mode: built.modes.end,
            first_plant: built.plants.start,
            end_plant: built.plants.end,
        });
        layout
            .plants
            .extend(group.plants.iter().map(|p| p.name.clone()));
    }
}

type CurveSpec = (f64, f64, f64, usize);

/// End users, and the curves they share: users of one venue with one elasticity and one choke price are one curve.
fn users_and_curves(
    facts: &Facts,
    settled: &Settled,
    extras: &Extras,
    layout: &mut Layout,
    structure: &mut Structure,
) -> (Vec<EndUser>, Curves, Vec<CurveSpec>) {
    let mut users = Vec::new();
    let mut curves = Curves::default();
    let mut specs: Vec<CurveSpec> = Vec::new();
    let mut known: BTreeMap<(VenueId, u64, u64), usize> = BTreeMap::new();
    let sided = |layout: &Layout, one: &super::facts::FinalUse, venue: VenueId| {
        let rules = extras.rules.as_ref()?;
        let qualified = layout.sides.qualified_of(venue.index())?;
        rules
            .covered
            .contains(&(one.state, one.commodity, one.sector))
            .then_some(qualified)
    };
    for (one, factor) in facts.uses.iter().zip(&settled.q.use_factor) {
        let Some(venue) = layout.venue(one.state, one.commodity) else {
            continue;
        };
        let (short, long, choke) = extras.elasticity[one.sector.index()];
        let base = one.tonnes * factor;
        let mut new_curve = |venue: VenueId| {
            specs.push((0.0, short, choke, venue.index()));
            curves
                .choke_factor
                .push(1.0 + 1.0 / (choke * choke * choke));
            structure.add_use(venue)
        };
        let curve = if let Some(qualified) = sided(layout, one, venue) {
            let (open, qualified) = (new_curve(venue), new_curve(VenueId::from_index(qualified)));
            specs[qualified].0 += base;
            structure.add_choice(open, qualified);
            layout.sides.uses.push(SidedUse {
                state: one.state,
                commodity: one.commodity,
                sector: one.sector,
                open,
                qualified,
            });
            open
        } else {
            *known
                .entry((venue, short.to_bits(), choke.to_bits()))
                .or_insert_with(|| new_curve(venue))
        };
        specs[curve].0 += base;
        users.push(EndUser {
            id: UserId::from_index(users.len()),
            state: one.state,
            sector: one.sector,
            commodity: one.commodity,
            base,
            driver: 1.0,
            thrifted: 0.0,
            memory: 0.0,
            ratchet: 0.0,
            reference_demand: base,
        });
        curves.of_user.push(curve);
        curves.demand.push(base);
        curves.is_rated.push(extras.rated[one.sector.index()]);
        curves.elasticity.push(short);
        curves.elasticity_long.push(long);
    }
    (users, curves, specs)
}

/// Capital, cost and limits of every lane: capital is what makes each lane carry its flow at the observed prices.
fn lane_coefficients(
    layout: &Layout,
    structure: &Structure,
    flows: &[f64],
    price: &[f64],
    crossing: &dyn Fn(usize, usize, usize) -> Crossing,
    co: &mut Coefficients,
) -> Relations {
    const REACH: f64 = 5.0;
    let mut freight = Vec::new();
    for (l, lane) in layout.lanes.iter().enumerate() {
        if lane.is_valve() {
            freight.push(0.0);
            continue;
        }
        let cross = crossing(
            lane.commodity.index(),
            lane.exporter.index(),
            lane.importer.index(),
        );
        freight.push(cross.adder);
        co.adder[l] = cross.adder;
        if lane.leak_of().is_some() {
            continue;
        }
        co.seller_factor[l] = cross.seller;
        co.buyer_factor[l] = cross.buyer;
        let ratio = price[lane.to.index()] / cross.delivered(price[lane.from.index()]);
        let pull = structure.lanes[l].kappa.pow(ratio);
        co.capital[l] = flows[l] * (1.0 + (REACH - 1.0) / pull) / REACH;
    }
    Relations {
        capital: co.capital.clone(),
        capital_start: co.capital.clone(),
        usual_flow: flows.to_vec(),
        freight,
        premium: vec![0.0; flows.len()],
        ..Relations::default()
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "one pass over the groups of a world under construction"
)]
fn group_coefficients(
    graph: &Graph,
    facts: &Facts,
    settled: &Settled,
    extras: &Extras,
    layout: &Layout,
    structure: &Structure,
    amounts: &[f64],
    price: &[f64],
    co: &mut Coefficients,
) -> GroupBooks {
    co.amount.copy_from_slice(amounts);
    co.mode_sharpness = Fourths::nearest(extras.mode_sharpness);
    co.stock_elasticity = Fourths::nearest(extras.stock_elasticity);
    for (t, term) in structure.terms.iter().enumerate() {
        if term.role == Role::ByProduct {
            let k = layout.venues[term.venue.index()].commodity.index();
            co.byproduct_cost[t] =
                by_product_cost(price[term.venue.index()], settled.q.separated[k]);
            co.disposal_cost[t] = facts.disposal;
        }
    }
    let mut books = GroupBooks {
        amount_start: amounts.to_vec(),
        thriftable: vec![false; amounts.len()],
        ..GroupBooks::default()
    };
    for (g, group) in layout.groups.iter().enumerate() {
        let (fact, cost) = (&facts.groups[g], &settled.cost[g]);
        co.spread[g] = settled.spread[g];
        let activity: f64 = settled.q.activity[g].iter().sum();
        let twins = layout
            .sides
            .modes
            .iter()
            .filter(|pair| group.modes().contains(&pair.1))
            .count();
        let own = group.first_mode..group.end_mode - twins;
        let active: Vec<usize> = own
            .clone()
            .filter(|&m| settled.q.activity[g][layout.modes[m].1] > 0.0)
            .collect();
        let new_modes = own.len() - active.len();
        let mean_opex = if activity > 0.0 {
            active
                .iter()
                .map(|&m| {
                    settled.opex[g][layout.modes[m].1] * settled.q.activity[g][layout.modes[m].1]
                })
                .sum::<f64>()
                / activity
        } else {
            fact.opex[0]
        };
        let weight_of_new = if active.is_empty() {
            1.0 / new_modes as f64
        } else {
            NEW_MODE_WEIGHT
        };
        let rest = if active.is_empty() {
            0.0
        } else {
            1.0 - NEW_MODE_WEIGHT * new_modes as f64
        };
        for m in own {
            let used = settled.q.activity[g][layout.modes[m].1];
            co.opex[m] = if used > 0.0 {
                settled.opex[g][layout.modes[m].1]
            } else {
                mean_opex
            };
            co.mode_weight[m] = if used > 0.0 {
                rest * used / activity
            } else {
                weight_of_new
            };
        }
        // Nothing is made for a qualified side until goods are told apart.
        for &(open, qualified) in &layout.sides.modes {
            if group.modes().contains(&qualified) {
                co.opex[qualified] = co.opex[open];
                co.mode_weight[qualified] = 0.0;
            }
        }
        let u_min = graph.processes[group.process.index()].u_min;
        for (row, plant) in group.plants().zip(&fact.plants) {
            co.minimum_load[row] = u_min;
            co.handicap[row] = exp(plant.disadvantage);
            co.capacity[row] = plant.nameplate
                * if fact.ceiling.is_some() {
                    1.0
                } else {
                    cost.capacity_factor
                };
        }
        if let Some(ceiling) = fact.ceiling {
            let total: f64 = group.plants().map(|p| co.capacity[p]).sum();
            let bound = (ceiling / total.max(f64::MIN_POSITIVE)).min(1.0) * cost.capacity_factor;
            for p in group.plants() {
                co.capacity[p] *= bound;
            }
        }
        books.spread.push(settled.spread[g]);
        books.capex.push(fact.capex_usd_per_t_a);
        books.ceiling_factor.push(if fact.ceiling.is_some() {
            cost.capacity_factor
        } else {
            1.0
        });
        books.activity_start.push(activity);
        books
            .capacity_start
            .push(group.plants().map(|p| co.capacity[p]).sum());
        books
            .capacity
            .push(group.plants().map(|p| co.capacity[p]).sum());
        books.thrift.push(0.0);
        books.thrift_highest.push(0.0);
        books.revenue.push(0.0);
        books.inputs.push(0.0);
        books.utilisation.push(0.0);
        // An input is thriftable where another way to make the same good needs less of it.
        if graph.processes[group.process.index()].stage == Stage::Magnet && group.modes().len() > 1
        {
            let main = structure.modes[group.first_mode].terms.clone().next();
            let good = |v: VenueId| layout.venues[v.index()].commodity;
            let main_good = main.map(|t| good(structure.terms[t].venue));
            for m in group.modes() {
                for t in structure.modes[m].terms.clone() {
                    let term = structure.terms[t];
                    let varies = group.modes().any(|other| {
                        let found = structure.modes[other].terms.clone().find(|&o| {
                            good(structure.terms[o].venue) == good(term.venue)
                                && structure.terms[o].role == Role::Input
                        });
                        found.is_none_or(|o| (amounts[o] - amounts[t]).abs() > 0.05 * amounts[t])
                    });
                    books.thriftable[t] =
                        term.role == Role::Input && varies && Some(good(term.venue)) != main_good;
                }
            }
        }
    }
    books.opex_start = co.opex.clone();
    books.log_price_start = price.iter().map(|p| ln(*p)).collect();
    books
}

/// Stocks, throughput and beliefs at the start: holders want what they have, and what they have lies on the growth path.
fn stocks(
    graph: &Graph,
    facts: &Facts,
    settled: &Settled,
    extras: &Extras,
    layout: &Layout,
    log_price: &[f64],
    co: &mut Coefficients,
) -> (Books, Beliefs) {
    let c = facts.commodities;
    let q = &settled.q;
    let venues = layout.venues.len();
    let mut books = Books {
        log_price: log_price.to_vec(),
        log_price_free: log_price.to_vec(),
        log_price_before: log_price.to_vec(),
        log_price_slow: log_price.to_vec(),
        ..Books::default()
    };
    let mut beliefs = Beliefs {
        change: vec![0.0; venues],
        jump: vec![0.0; venues],
        risk: vec![0.0; venues],
        ..Beliefs::default()
    };
    for (v, venue) in layout.venues.iter().enumerate() {
        let at = venue.state.index() * c + venue.commodity.index();
        if venue.side == Side::Qualified {
            shell(layout, extras, log_price, v, co, &mut books, &mut beliefs);
            let composition = &graph.commodities[venue.commodity.index()].composition;
            books.content.extend(composition);
            continue;
        }
        let desired = q.stock[at].max(LEAST_STOCK);
        for (h, share) in extras.holders.iter().enumerate() {
            co.stock_target[v][h] = desired * share;
            co.belief[v][h] = log_price[v];
            beliefs.price.push(log_price[v]);
        }
        // Stock before the quarter: what the quarter adds comes on top of it.
        let drawn: f64 = facts
            .stock_draw
            .iter()
            .filter(|d| d.state == venue.state && d.commodity == venue.commodity)
            .map(|d| d.tonnes * (d.quarters - 1.0))
            .sum();
        for (h, share) in extras.holders.iter().enumerate() {
            co.stock_target[v][h] += drawn * share;
        }
        let opening = (desired + drawn - q.stocked[at]).max(0.1 * desired);
        let draw = facts
            .stock_draw
            .iter()
            .find(|d| d.state == venue.state && d.commodity == venue.commodity);
        books.draw_rate.push(draw.map_or(0.0, |d| d.tonnes));
        books.draw_left.push(draw.map_or(0.0, |d| d.quarters - 1.0));
        co.opening_stock[v] = opening;
        books.firm_stock.push(opening);
        books.state_stock.push(0.0);
        let growth = facts.growth[venue.commodity.index()];
        let through = q.made[at].max(q.used[at] + q.drawn[at]);
        // An average that trails a growing flow by its lag.
        let average =
            through / (1.0 + growth * (1.0 - extras.throughput_speed) / extras.throughput_speed);
        books.throughput.push(average);
        books.cover.push(if average > 0.0 {
            q.stock[at] / average
        } else {
            graph.commodities[venue.commodity.index()].cover_inside
        });
        if graph.commodities[venue.commodity.index()].form == Form::Scrap {
            co.inflow[v] = facts.collected[venue.state.index()];
        }
        books
            .content
            .extend(&graph.commodities[venue.commodity.index()].composition);
    }
    books.least_stock = LEAST_STOCK;
    books.opening = books.firm_stock.clone();
    for column in [
        &mut books.production,
        &mut books.imports,
        &mut books.exports,
        &mut books.used,
        &mut books.scrap,
        &mut books.loss,
        &mut books.disposal,
        &mut books.final_use,
        &mut books.price_traded,
        &mut books.refused_share,
    ] {
        column.resize(venues, 0.0);
    }
    books.lane_flow = vec![0.0; layout.lanes.len()];
    books.lane_flow_free = vec![0.0; layout.lanes.len()];
    books.group_year = vec![0.0; layout.groups.len()];
    books.group_year_so_far = vec![0.0; layout.groups.len()];
    books.lane_value = vec![0.0; layout.lanes.len()];
    books.lane_rent = vec![0.0; layout.lanes.len()];
    books.mode_activity = vec![0.0; layout.modes.len()];
    let elements = graph.elements.len();
    for column in [
        &mut books.elements.opening,
        &mut books.elements.mined,
        &mut books.elements.collected,
        &mut books.elements.used,
        &mut books.elements.lost,
        &mut books.elements.disposed,
        &mut books.elements.closing,
    ] {
        column.resize(elements, 0.0);
    }
    (books, beliefs)
}
