//! Random markets of the shape of a rare-earth chain: ores, oxides, metals, magnets and scrap in twenty states, nearly balanced at
//! their base prices. Numbers are drawn; names are only indices.

use monazite::{
    domain::{
        ids::{LaneId, VenueId},
        market::{
            Cleared, Coefficients, HOLDERS, LaneKind, PoolMember, Role, StepKind, Structure, Term,
        },
        maths::{Fourths, exp, ln},
    },
    mechanisms::market::{curve, lane, plant},
};

/// A small generator of its own (splitmix64), so that tests need no random stream of the engine.
pub struct Draws(u64);

impl Draws {
    pub fn new(seed: u64) -> Self {
        Self(
            seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .wrapping_add(0x1234_5678_9abc_def1),
        )
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Between `low` and `high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * ((self.next() >> 11) as f64 / (1u64 << 53) as f64)
    }

    /// Between `low` and `high`, evenly in logs.
    pub fn scale(&mut self, low: f64, high: f64) -> f64 {
        exp(self.between(ln(low), ln(high)))
    }

    pub fn chance(&mut self, p: f64) -> bool {
        self.between(0.0, 1.0) < p
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}

/// A market and the log prices at which it is nearly balanced.
pub struct World {
    pub structure: Structure,
    pub coefficients: Coefficients,
    pub prices: Vec<f64>,
    /// State of each venue.
    pub state: Vec<usize>,
}

/// How large a random market is.
#[derive(Clone, Copy)]
pub struct Size {
    pub states: usize,
    /// Average number of states that deal in an oxide.
    pub spread: f64,
    pub plants_per_group: usize,
}

impl Size {
    /// About 170 venues, 600 lanes, 110 plant groups.
    pub const FULL: Self = Self {
        states: 20,
        spread: 8.5,
        plants_per_group: 4,
    };
    /// A fifth of that, for tests over many markets.
    pub const SMALL: Self = Self {
        states: 6,
        spread: 3.5,
        plants_per_group: 3,
    };
}

const ORES: usize = 12;
const OXIDES: usize = 9;
const METALS: usize = 4;
const MAGNETS: usize = 3;
const SCRAP: usize = ORES + OXIDES + METALS + MAGNETS;
const OXIDE_PRICES: [f64; OXIDES] = [0.8, 0.9, 55.0, 2.0, 27.0, 22.0, 260.0, 810.0, 6.0];
const METAL_OF: [usize; METALS] = [2, 6, 7, 3];

/// Draws a market.
pub fn random(seed: u64, size: Size) -> World {
    let mut d = Draws::new(seed);
    let mut state = Vec::new();
    let mut prices = Vec::new();
    let mut at = vec![vec![None; size.states]; SCRAP + 1];
    for (c, venues) in at.iter_mut().enumerate() {
        let oxide = |o: usize| OXIDE_PRICES[o];
        let (price, share) = if c < ORES {
            (d.scale(3.0, 12.0), 0.25)
        } else if c < ORES + OXIDES {
            (oxide(c - ORES), 1.0)
        } else if c < ORES + OXIDES + METALS {
            (1.25 * oxide(METAL_OF[c - ORES - OXIDES]) + 3.0, 0.5)
        } else if c < SCRAP {
            (d.scale(40.0, 70.0), 0.9)
        } else {
            (14.0, 0.6)
        };
        let mut any = false;
        for (s, venue) in venues.iter_mut().enumerate() {
            // state 0 deals in everything
            if s == 0 || d.chance(size.spread * share / size.states as f64) {
                *venue = Some(VenueId::from_index(state.len()));
                state.push(s);
                prices.push(ln(price) + if s == 0 { 0.0 } else { d.between(0.02, 0.15) });
                any |= s > 0;
            }
        }
        assert!(any || size.states > 0);
    }
    let mut structure = Structure::new(state.len());
    let mut b = Structure::new(0);
    std::mem::swap(&mut structure, &mut b);
    let mut world = Building {
        structure: b,
        prices: &prices,
        amounts: Vec::new(),
        byproducts: Vec::new(),
        d,
    };
    world.lanes(&at, size);
    world.plants(&at, size);
    let (structure, amounts, byproducts, d) =
        (world.structure, world.amounts, world.byproducts, world.d);
    let mut result = World {
        coefficients: Coefficients::empty(&structure),
        structure,
        prices,
        state,
    };
    result.fill(amounts, byproducts, d);
    result
}

struct Building<'a> {
    structure: Structure,
    prices: &'a [f64],
    amounts: Vec<f64>,
    byproducts: Vec<f64>,
    d: Draws,
}

impl Building<'_> {
    fn lanes(&mut self, at: &[Vec<Option<VenueId>>], size: Size) {
        let mut covered = Vec::new();
        for (c, venues) in at.iter().enumerate() {
            let kappa = match c {
                c if c < ORES => 32,
                c if c < ORES + OXIDES => 48,
                c if c < ORES + OXIDES + METALS => 40,
                SCRAP => 32,
                _ => 24,
            };
            for i in 0..size.states {
                for j in 0..size.states {
                    let (Some(from), Some(to)) = (venues[i], venues[j]) else {
                        continue;
                    };
                    if i != j && (i == 0 || self.d.chance(0.35)) {
                        let id = self
                            .structure
                            .add_lane(from, to, LaneKind::Trade, Fourths(kappa));
                        if i == 0 && (ORES..ORES + OXIDES).contains(&c) {
                            covered.push(PoolMember {
                                lane: id,
                                weight: 1.0,
                            });
                        }
                    } else if i != j && self.d.chance(0.08) {
                        self.structure
                            .add_lane(from, to, LaneKind::Arbitrage, Fourths(0));
                    }
                }
            }
        }
        // two overlapping quotas of state 0: all oxides, and the dearest two
        let dear: Vec<PoolMember> = covered[covered.len() * 2 / 3..].to_vec();
        self.structure.add_pool(covered);
        self.structure.add_pool(dear);
    }

    fn group(&mut self, modes: &[Vec<(VenueId, Role, f64, f64)>], plants: usize) {
        let terms: Vec<Vec<Term>> = modes
            .iter()
            .map(|m| {
                m.iter()
                    .map(|&(venue, role, ..)| Term { venue, role })
                    .collect()
            })
            .collect();
        self.amounts.extend(modes.iter().flatten().map(|t| t.2));
        self.byproducts.extend(modes.iter().flatten().map(|t| t.3));
        self.structure.add_group(&terms, plants);
    }

    fn plants(&mut self, at: &[Vec<Option<VenueId>>], size: Size) {
        let plants = |d: &mut Draws| size.plants_per_group * (1 + d.below(2));
        for s in 0..size.states {
            for ore in at[..ORES].iter().filter_map(|v| v[s]) {
                let n = plants(&mut self.d);
                self.group(&[vec![(ore, Role::Output, 1.0, 0.0)]], n);
            }
            let oxides: Vec<(usize, VenueId)> = (0..OXIDES)
                .filter_map(|o| at[ORES + o][s].map(|v| (o, v)))
                .collect();
            let feeds: Vec<VenueId> = at[..ORES].iter().filter_map(|v| v[s]).collect();
            if oxides.len() > 2 && !feeds.is_empty() {
                for feeds in feeds.chunks(4) {
                    let modes: Vec<_> = feeds
                        .iter()
                        .map(|&feed| {
                            let mut mode = vec![(feed, Role::Input, 1.0, 0.0)];
                            let mut value = 0.0;
                            let total: f64 =
                                oxides.iter().map(|&(o, _)| 1.0 / OXIDE_PRICES[o]).sum();
                            for &(o, v) in &oxides {
                                let share =
                                    0.9 / OXIDE_PRICES[o] / total * self.d.between(0.5, 1.5);
                                let byproduct = OXIDE_PRICES[o] < 7.0;
                                value += share * exp(self.prices[v.index()]);
                                mode.push(if byproduct {
                                    (v, Role::ByProduct, share, 0.6 * OXIDE_PRICES[o])
                                } else {
                                    (v, Role::Output, share, 0.0)
                                });
                            }
                            mode[0].2 = 0.6 * value / exp(self.prices[feed.index()]);
                            mode
                        })
                        .collect();
                    let n = plants(&mut self.d);
                    self.group(&modes, n);
                }
            }
            for (m, &oxide) in METAL_OF.iter().enumerate() {
                if let (Some(metal), Some(oxide)) = (at[ORES + OXIDES + m][s], at[ORES + oxide][s])
                {
                    let n = plants(&mut self.d);
                    self.group(
                        &[vec![
                            (metal, Role::Output, 1.0, 0.0),
                            (oxide, Role::Input, 1.06, 0.0),
                        ]],
                        n,
                    );
                }
            }
            self.magnets(at, s, size);
        }
    }

    fn magnets(&mut self, at: &[Vec<Option<VenueId>>], s: usize, size: Size) {
        let first_metal = ORES + OXIDES;
        let metal = |m: usize| at[first_metal + m][s];
        for kind in 0..MAGNETS {
            let (Some(magnet), Some(base)) = (
                at[first_metal + METALS + kind][s],
                if kind == 2 { metal(3) } else { metal(0) },
            ) else {
                continue;
            };
            let mut common = vec![
                (magnet, Role::Output, 1.0, 0.0),
                (base, Role::Input, 0.36, 0.0),
            ];
            if let Some(scrap) = at[SCRAP][s] {
                common.push((scrap, Role::Output, 0.06, 0.0));
            }
            let mut modes = vec![common.clone()];
            if kind == 1 {
                modes.clear();
                for (dy, tb) in [(0.02, 0.005), (0.03, 0.0), (0.004, 0.013)] {
                    let mut mode = common.clone();
                    for (m, amount) in [(1, dy), (2, tb)] {
                        if let (Some(v), true) = (metal(m), amount > 0.0) {
                            mode.push((v, Role::Input, amount, 0.0));
                        }
                    }
                    modes.push(mode);
                }
            }
            let n = size.plants_per_group * (1 + self.d.below(3));
            self.group(&modes, n);
        }
        if let (Some(scrap), Some(oxide)) = (at[SCRAP][s], at[ORES + 2][s]) {
            let mut mode = vec![
                (scrap, Role::Input, 1.0, 0.0),
                (oxide, Role::Output, 0.25, 0.0),
            ];
            if let Some(dy) = at[ORES + 6][s] {
                mode.push((dy, Role::Output, 0.02, 0.0));
            }
            self.group(&[mode], size.plants_per_group);
        }
        for c in [ORES, ORES + 1, ORES + 3, ORES + 4] {
            if let (Some(venue), true) = (at[c][s], self.d.chance(0.4)) {
                self.structure.add_step(venue, StepKind::Release);
            }
        }
        for c in [ORES + 2, ORES + 6, first_metal] {
            if let (Some(venue), true) = (at[c][s], self.d.chance(0.3)) {
                self.structure.add_step(venue, StepKind::Purchase);
            }
        }
    }
}

impl World {
    fn fill(&mut self, amounts: Vec<f64>, byproducts: Vec<f64>, mut d: Draws) {
        let n = self.structure.venues;
        for v in 0..n {
            for _ in 0..2 {
                self.structure.add_use(VenueId::from_index(v));
            }
        }
        let mut c = Coefficients::empty(&self.structure);
        let s = &self.structure;
        let price: Vec<f64> = self.prices.iter().map(|&x| exp(x)).collect();
        c.amount = amounts;
        for (t, cost) in byproducts.into_iter().enumerate() {
            c.byproduct_cost[t] = cost;
            c.disposal_cost[t] = if cost > 0.0 { 0.1 } else { 0.0 };
        }
        let (mut supply, mut demand) = (vec![0.0; n], vec![0.0; n]);
        for (l, lane) in s.lanes.iter().enumerate() {
            c.seller_factor[l] = if self.state[lane.from.index()] == 0 {
                1.05
            } else {
                1.0
            };
            c.adder[l] = d.between(0.02, 0.2);
            c.buyer_factor[l] = if d.chance(0.3) {
                d.between(1.0, 1.2)
            } else {
                1.0
            };
            c.capital[l] = d.scale(1.0, 60.0)
                * if self.state[lane.from.index()] == 0 {
                    4.0
                } else {
                    1.0
                };
            let (from, to) = (price[lane.from.index()], price[lane.to.index()]);
            let delivered =
                lane::delivered_cost(from, c.seller_factor[l], c.adder[l], c.buyer_factor[l]);
            let flow = lane::flows(
                lane.kind,
                c.capital[l],
                to,
                delivered,
                lane.kappa,
                c.arbitrage_opening,
                f64::INFINITY,
            )
            .1;
            demand[lane.from.index()] += flow;
            supply[lane.to.index()] += flow;
        }
        for (g, group) in s.groups.iter().enumerate() {
            c.spread[g] = d.between(0.02, 0.08);
            let scale = d.scale(30.0, 600.0) / group.plants.len().max(1) as f64;
            for p in group.plants.clone() {
                c.capacity[p] = scale * d.scale(0.4, 2.5);
                c.minimum_load[p] = d.between(0.05, 0.3);
                c.handicap[p] = plant::handicap(d.between(-1.0, 1.0) * c.spread[g], c.spread[g]);
            }
            let margin = d.between(0.0, 2.0) * c.spread[g];
            let mut blend = Vec::new();
            for k in group.modes.clone() {
                let (mut revenue, mut cost) = (0.0, 0.0);
                for t in s.modes[k].terms.clone() {
                    let p = price[s.terms[t].venue.index()];
                    match s.terms[t].role {
                        Role::Input => cost += c.amount[t] * p,
                        Role::Output => revenue += c.amount[t] * p,
                        Role::ByProduct => {
                            let share = plant::separated_share(p, c.byproduct_cost[t]);
                            revenue += c.amount[t] * share * p;
                            cost += c.amount[t]
                                * (share * c.byproduct_cost[t]
                                    + (1.0 - share) * c.disposal_cost[t]);
                        }
                    }
                }
                c.opex[k] = plant::opex_of_margin(margin, revenue, cost).max(0.03 * revenue);
                blend.push((c.mode_weight[k], ln(revenue / (cost + c.opex[k]))));
            }
            let mut shares = vec![0.0; blend.len()];
            let m = plant::blend(&blend, c.mode_sharpness, &mut shares);
            let activity: f64 = group
                .plants
                .clone()
                .map(|p| {
                    c.capacity[p]
                        * plant::utilisation(c.minimum_load[p], c.handicap[p], m, c.spread[g])
                })
                .sum();
            for (k, share) in group.modes.clone().zip(shares) {
                for t in s.modes[k].terms.clone() {
                    let v = s.terms[t].venue.index();
                    match s.terms[t].role {
                        Role::Input => demand[v] += activity * share * c.amount[t],
                        Role::Output => supply[v] += activity * share * c.amount[t],
                        Role::ByProduct => {
                            supply[v] += activity
                                * share
                                * c.amount[t]
                                * plant::separated_share(price[v], c.byproduct_cost[t]);
                        }
                    }
                }
            }
        }
        for (i, step) in s.steps.iter().enumerate() {
            c.step_amount[i] = if d.chance(0.7) {
                d.scale(1.0, 20.0)
            } else {
                0.0
            };
            c.step_slope[i] = d.between(5.0, 20.0);
            c.step_centre[i] = self.prices[step.venue.index()]
                + if step.kind == StepKind::Release {
                    0.4
                } else {
                    -0.1
                };
        }
        for v in 0..n {
            let x = self.prices[v];
            let want =
                (supply[v] - demand[v]).max(d.between(0.05, 0.3) * (supply[v] + demand[v]) + 1.0);
            for u in [2 * v, 2 * v + 1] {
                let rated = d.chance(0.1);
                c.use_elasticity[u] = if rated { 0.01 } else { d.between(0.05, 0.6) };
                c.use_reference[u] = x;
                c.use_choke[u] = x + if rated { 3.0 } else { d.between(1.5, 2.5) };
                c.use_base[u] =
                    curve::base_of_use(0.5 * want, c.use_elasticity[u], x, c.use_choke[u], x);
            }
            demand[v] += want;
            let throughput = supply[v].max(demand[v]);
            let cover = d.between(0.4, 1.4);
            for h in 0..HOLDERS {
                c.stock_target[v][h] = cover * throughput * [0.47, 0.30, 0.23][h];
                c.belief[v][h] = x + d.between(-0.03, 0.03);
            }
            let held: f64 = (0..HOLDERS)
                .map(|h| {
                    curve::desired_stock(
                        c.stock_target[v][h],
                        c.belief[v][h],
                        c.stock_elasticity,
                        x,
                    )
                })
                .sum();
            // what the venue lacks arrives from elsewhere
            c.inflow[v] = (demand[v] - supply[v]).max(0.0);
            c.opening_stock[v] = held * d.between(0.97, 1.03);
        }
        self.coefficients = c;
    }

    /// Lanes out of a state.
    pub fn lanes_out_of(&self, state: usize) -> Vec<LaneId> {
        let lanes = self.structure.lanes.iter().enumerate();
        lanes
            .filter(|(_, lane)| self.state[lane.from.index()] == state)
            .map(|(l, _)| LaneId::from_index(l))
            .collect()
    }

    /// The next quarter: stocks are carried over, beliefs follow prices, use drifts with noise of size `noise`.
    pub fn advance(&mut self, cleared: &Cleared, before: &[f64], noise: f64, d: &mut Draws) {
        let c = &mut self.coefficients;
        for (v, (&x, &before)) in cleared.log_price.iter().zip(before).enumerate() {
            c.opening_stock[v] =
                (cleared.desired_stock[v].iter().sum::<f64>() + cleared.excess[v]).max(0.0);
            let belief = &mut c.belief[v];
            belief[0] += 0.10 * (x - belief[0]);
            belief[1] = x + (1.6 * 0.5 * (x - before)).clamp(-0.68, 0.68);
            belief[2] += 0.07 * (x - belief[2]);
        }
        for base in &mut c.use_base {
            *base *= exp(d.between(-noise, 1.1 * noise));
        }
    }
}
