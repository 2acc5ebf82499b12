//! Export quotas: one rent per quota as an unknown of its own, bordering the prices.
//!
//! A quota in force and its rent are complementary: either tonnage is left or the rent is positive. With a = rent / scale and
//! b = (released - exports) / released the smoothed Fischer-Burmeister function `sqrt(a^2 + b^2 + 2 e^2) - a - b` is zero just
//! where a b = e^2 and both are positive.

use super::{
    balance::{Balance, Slots},
    factor::{Factor, Pattern},
    plan::Plan,
};
use crate::domain::{
    market::{Coefficients, Structure},
    maths::ln,
};
use std::ops::Range;

/// Smoothing e: a quota that is half used has a rent of 2e-12 of its scale.
const SMOOTHING: f64 = 1e-6;

/// Share of the released tonnage kept back so that the solver's tolerance never exports more than was released.
const MARGIN: f64 = 2.0 * super::TOLERANCE;

/// Released tonnage below this share of the lanes' usual flow closes the lanes instead: no finite rent would.
const CLOSED: f64 = 1e-9;

#[derive(Debug, Clone)]
struct Quota {
    pool: usize,
    released: f64,
    scale: f64,
    members: Range<usize>,
    // at the last evaluation
    value: f64,
    by_rent: f64,
    by_slack: f64,
}

/// The quotas in force in one quarter.
#[derive(Debug, Clone, Default)]
pub(super) struct Quotas {
    quotas: Vec<Quota>,
    /// (place of lane, t REO per t), quota by quota, places ascending.
    members: Vec<(u32, f64)>,
    /// Places of lanes under a quota that releases nothing.
    pub closed: Vec<u32>,
    /// (place of lane, rent in USD per kg of goods).
    lane_rents: Vec<(u32, f64)>,
    /// For each quota: the effect of its rent on prices (one solve), its own row, both in row order.
    columns: Vec<Vec<f64>>,
    rows: Vec<Vec<f64>>,
    /// Dense system in the rents, factorised.
    border: Vec<f64>,
    swaps: Vec<usize>,
    change: Vec<f64>,
}

impl Quotas {
    /// Lists what is in force. With `limits` false nothing is.
    pub fn prepare(&mut self, plan: &Plan, s: &Structure, c: &Coefficients, limits: bool) {
        self.quotas.clear();
        self.members.clear();
        self.closed.clear();
        self.lane_rents.clear();
        if !limits {
            return;
        }
        for (pool, lanes) in s.pools.iter().enumerate() {
            if c.released[pool] == f64::INFINITY {
                continue;
            }
            let first = self.members.len();
            let mut usual = 0.0;
            for member in lanes.iter().filter(|m| m.weight > 0.0) {
                usual += member.weight * c.capital[member.lane.index()];
                self.members
                    .push((plan.place_of_lane[member.lane.index()], member.weight));
            }
            if c.released[pool] <= CLOSED * usual {
                self.closed
                    .extend(self.members[first..].iter().map(|m| m.0));
                self.members.truncate(first);
                continue;
            }
            self.members[first..].sort_unstable_by_key(|m| m.0);
            self.quotas.push(Quota {
                pool,
                released: c.released[pool],
                scale: c.rent_scale[pool],
                members: first..self.members.len(),
                value: 0.0,
                by_rent: -1.0,
                by_slack: 0.0,
            });
        }
        self.lane_rents
            .extend(self.members.iter().map(|m| (m.0, 0.0)));
        self.lane_rents.sort_unstable_by_key(|m| m.0);
        self.lane_rents.dedup_by_key(|m| m.0);
    }

    /// Sets what each quota releases to its tonnage and a share of what the flows given would export beyond it; without flows, to
    /// far more than is exported.
    pub fn loosen(&mut self, c: &Coefficients, share: f64, free: Option<&[f64]>) {
        for quota in &mut self.quotas {
            let released = c.released[quota.pool];
            let beyond = free.map_or(1e3 * released, |flow| {
                let exports: f64 = self.members[quota.members.clone()]
                    .iter()
                    .map(|&(place, weight)| weight * flow[place as usize])
                    .sum();
                (exports - released).max(0.0)
            });
            quota.released = released + share * beyond;
        }
    }

    /// Number of quotas in force.
    pub fn len(&self) -> usize {
        self.quotas.len()
    }

    pub fn in_force(&self) -> bool {
        !self.quotas.is_empty()
    }

    pub fn lane_rents(&self) -> &[(u32, f64)] {
        &self.lane_rents
    }

    /// The quota's position in the structure, and its rent from the scaled unknown.
    pub fn rents<'a>(&'a self, scaled: &'a [f64]) -> impl Iterator<Item = (usize, f64)> + 'a {
        self.quotas
            .iter()
            .zip(scaled)
            .map(|(quota, &a)| (quota.pool, a * quota.scale))
    }

    /// Guesses the rents (scaled unknowns) at which each quota is just used at the prices that the balance holds. A function of
    /// those prices alone; binding quotas then start near their rent instead of at zero.
    pub fn guess_rents(&mut self, plan: &Plan, balance: &Balance, scaled: &mut [f64]) {
        scaled.fill(0.0);
        // twice round, as quotas may share lanes
        for round in 0..if self.quotas.len() > 1 { 2 } else { 1 } {
            for a in 0..self.quotas.len() {
                scaled[a] = 0.0;
                self.set_rents(scaled);
                let quota = &self.quotas[a];
                let over = |scaled: f64| {
                    let exports: f64 = self.members[quota.members.clone()]
                        .iter()
                        .map(|&(place, weight)| {
                            let at = self
                                .lane_rents
                                .binary_search_by_key(&place, |entry| entry.0);
                            let others = at.map_or(0.0, |at| self.lane_rents[at].1);
                            let rent = others + scaled * quota.scale * weight;
                            weight * balance.bound_flow(plan, place as usize, rent)
                        })
                        .sum();
                    ln(exports / quota.released)
                };
                if over(0.0) > 0.0 {
                    scaled[a] = root_of_falling(over, if round == 0 { 0.1 } else { 0.01 });
                }
            }
        }
    }

    /// Sets the rents (scaled unknowns) for the next evaluation.
    pub fn set_rents(&mut self, scaled: &[f64]) {
        for entry in &mut self.lane_rents {
            entry.1 = 0.0;
        }
        for (quota, &a) in self.quotas.iter_mut().zip(scaled) {
            quota.value = a;
            let mut at = 0;
            for &(place, weight) in &self.members[quota.members.clone()] {
                while self.lane_rents[at].0 != place {
                    at += 1;
                }
                self.lane_rents[at].1 += a * quota.scale * weight;
            }
        }
    }

    /// Evaluates the complementarity of each quota at these flows; gives the largest residual.
    pub fn residual(&mut self, flow: &[f64]) -> f64 {
        let mut worst = 0.0;
        for quota in &mut self.quotas {
            let exports: f64 = self.members[quota.members.clone()]
                .iter()
                .map(|&(place, weight)| weight * flow[place as usize])
                .sum();
            // `value` holds the rent that `set_rents` put there, then the residual
            let a = quota.value;
            let b = (quota.released * (1.0 - MARGIN) - exports) / quota.released;
            let root = (a * a + b * b + 2.0 * SMOOTHING * SMOOTHING).sqrt();
            // conjugate form where the sum would cancel
            quota.value = if a + b > 0.0 {
                2.0 * (SMOOTHING * SMOOTHING - a * b) / (root + a + b)
            } else {
                root - a - b
            };
            quota.by_rent = a / root - 1.0;
            quota.by_slack = b / root - 1.0;
            worst = if quota.value.abs() <= worst {
                worst
            } else {
                quota.value.abs()
            };
        }
        worst
    }

    /// Sum of squared residuals at the last evaluation.
    pub fn squares(&self) -> f64 {
        self.quotas
            .iter()
            .map(|quota| quota.value * quota.value)
            .sum()
    }

    /// After a factorisation at the last evaluated point: solves for the effect of each rent and factorises the border.
    pub fn build_border(
        &mut self,
        plan: &Plan,
        pattern: &Pattern,
        balance: &Balance,
        factor: &Factor,
        work: &mut Slots,
    ) {
        let (count, rows) = (self.quotas.len(), pattern.diagonal.len());
        while self.columns.len() < count {
            self.columns.push(vec![0.0; rows]);
            self.rows.push(vec![0.0; rows]);
        }
        self.border.clear();
        self.border.resize(count * count, 0.0);
        self.change.clear();
        self.change.resize(count, 0.0);
        let row_of = |venue: u16| pattern.row_of[venue as usize];
        for (a, quota) in self.quotas.iter().enumerate() {
            work.head_mut(rows).fill(0.0);
            self.rows[a].fill(0.0);
            for &(place, weight) in &self.members[quota.members.clone()] {
                let place = place as usize;
                let (i, j) = (row_of(plan.from[place]), row_of(plan.to[place]));
                let steep = balance.steep[place];
                if steep <= 0.0 {
                    continue;
                }
                let by_rent = -steep * weight * quota.scale * balance.buyer_factor(place)
                    / balance.delivered[place];
                work.subtract(i, by_rent * balance.by_demand.get(plan.from[place]));
                work.add(j, by_rent * balance.by_supply.get(plan.to[place]));
                let share = -quota.by_slack / quota.released * weight;
                self.rows[a][j as usize] += share * steep;
                self.rows[a][i as usize] -= share * (steep * balance.seller_part(plan, place));
                for (b, other) in self.quotas.iter().enumerate() {
                    let theirs = &self.members[other.members.clone()];
                    if let Ok(at) = theirs.binary_search_by_key(&(place as u32), |m| m.0) {
                        let by_other =
                            -steep * theirs[at].1 * other.scale * balance.buyer_factor(place)
                                / balance.delivered[place];
                        self.border[a * count + b] += share * by_other;
                    }
                }
            }
            self.border[a * count + a] += quota.by_rent;
            factor.solve(pattern, work);
            self.columns[a].copy_from_slice(work.head(rows));
        }
        for a in 0..count {
            for b in 0..count {
                let product: f64 = self.rows[a]
                    .iter()
                    .zip(&self.columns[b])
                    .map(|(r, z)| r * z)
                    .sum();
                self.border[a * count + b] -= product;
            }
        }
        self.factorise_border();
    }

    /// Turns a price step for fixed rents (row order) into the joint step; gives the steps of the rents.
    pub fn apply_border(&mut self, solved: &mut [f64]) -> &[f64] {
        let count = self.quotas.len();
        for (a, quota) in self.quotas.iter().enumerate() {
            let along: f64 = self.rows[a]
                .iter()
                .zip(solved.iter())
                .map(|(r, y)| r * y)
                .sum();
            self.change[a] = -quota.value - along;
        }
        self.solve_border();
        for a in 0..count {
            for (y, z) in solved.iter_mut().zip(&self.columns[a]) {
                *y -= z * self.change[a];
            }
        }
        &self.change
    }

    fn factorise_border(&mut self) {
        let n = self.quotas.len();
        self.swaps.clear();
        for k in 0..n {
            let pivot = (k..n)
                .max_by(|&a, &b| {
                    self.border[a * n + k]
                        .abs()
                        .total_cmp(&self.border[b * n + k].abs())
                })
                .expect("at least row k");
            self.swaps.push(pivot);
            for j in 0..n {
                self.border.swap(k * n + j, pivot * n + j);
            }
            if self.border[k * n + k].abs() < 1e-280 {
                self.border[k * n + k] = -1.0;
            }
            for i in k + 1..n {
                let l = self.border[i * n + k] / self.border[k * n + k];
                self.border[i * n + k] = l;
                for j in k + 1..n {
                    self.border[i * n + j] -= l * self.border[k * n + j];
                }
            }
        }
    }

    fn solve_border(&mut self) {
        let n = self.quotas.len();
        for k in 0..n {
            self.change.swap(k, self.swaps[k]);
        }
        for i in 0..n {
            for j in 0..i {
                self.change[i] -= self.border[i * n + j] * self.change[j];
            }
        }
        for i in (0..n).rev() {
            for j in i + 1..n {
                self.change[i] -= self.border[i * n + j] * self.change[j];
            }
            self.change[i] /= self.border[i * n + i];
        }
    }
}

/// Where a falling function that is positive at zero passes zero, to `tolerance` in its value; at most 60 evaluations.
fn root_of_falling(f: impl Fn(f64) -> f64, tolerance: f64) -> f64 {
    let (mut low, mut at_low) = (0.0, f(0.0));
    let mut high = 0.25;
    let mut at_high = f(high);
    let mut evaluations = 2;
    while at_high > 0.0 && evaluations < 40 {
        (low, at_low) = (high, at_high);
        high *= 3.0;
        at_high = f(high);
        evaluations += 1;
    }
    // secant within the bracket, the older end's weight halved when it stays (Illinois)
    let mut side = 0;
    while evaluations < 60 {
        let middle = (low * at_high - high * at_low) / (at_high - at_low);
        let value = f(middle);
        evaluations += 1;
        if value.abs() <= tolerance || !middle.is_finite() {
            return if middle.is_finite() { middle } else { high };
        }
        if value > 0.0 {
            (low, at_low) = (middle, value);
            at_high *= if side == 1 { 0.5 } else { 1.0 };
            side = 1;
        } else {
            (high, at_high) = (middle, value);
            at_low *= if side == -1 { 0.5 } else { 1.0 };
            side = -1;
        }
    }
    high
}
