//! What one state reads of what is published: the observables of rules, each with its error.

use super::{
    Params,
    instruments::production_quota::quota_groups,
    observe::{Archive, BEFORE, Blocs, Published, SeenMeasure},
};
use crate::domain::{
    actors::MeasureStatus,
    exchange::GroupBooks,
    graph::{Graph, Stage},
    ids::{CommodityId, StateId},
    layout::Layout,
    maths::exp,
    policy::Instrument,
    rule::Observable,
    time::Quarter,
};
use crate::engine::rng::{Purpose, normal, stream};

/// Days in a quarter.
const DAYS: f64 = 91.25;

/// The world as one state sees it.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The state.
    pub me: StateId,
    /// The quarter in which it acts.
    pub now: Quarter,
    /// Names and places.
    pub layout: &'a Layout,
    /// Goods and processes.
    pub graph: &'a Graph,
    /// What is known of plant groups since the start.
    pub groups: &'a GroupBooks,
    /// Quarters published.
    pub archive: &'a Archive,
    /// Trust between states before anything has been published, states x states.
    pub trust_start: &'a [f64],
    /// Measures of all states.
    pub measures: &'a [SeenMeasure],
    /// Blocs.
    pub blocs: &'a Blocs,
    /// Parameters.
    pub params: &'a Params,
}

impl View<'_> {
    /// What the state reads, with its error; `None` if nothing has been published of it.
    #[must_use]
    pub fn reading(&self, what: &Observable) -> Option<f64> {
        let value = self.truth(what)?;
        if !what.is_estimate() || self.params.observation_error == 0.0 {
            return Some(value);
        }
        let owner = format!(
            "{}:{what}:{}",
            self.layout.states[self.me.index()],
            self.seen()
        );
        let draw = normal(&mut stream(self.archive.seed, Purpose::Observation, &owner));
        let (low, high) = what.bounds();
        Some((value * (1.0 + self.params.observation_error * draw)).clamp(low, high))
    }

    /// The quarter of which figures are out.
    fn seen(&self) -> Quarter {
        self.now
            .plus(-i32::try_from(self.params.observation_lag).unwrap_or(i32::MAX))
    }

    fn state(&self, code: Option<&String>) -> Option<StateId> {
        code.map_or(Some(self.me), |code| self.layout.state_named(code))
    }

    /// The published figure without error.
    fn truth(&self, what: &Observable) -> Option<f64> {
        match what {
            Observable::PublicCost { measure } => return Some(self.cost(measure.as_deref())),
            Observable::MineGrowth => return self.mine_growth(),
            _ => {}
        }
        let seen = self.archive.of(self.seen())?;
        match what {
            Observable::PriceRatio { of, at } => {
                let at = self.state(at.as_ref())?;
                self.mean_log(of, at, |v| seen.log_price[v] - seen.log_price_slow[v])
                    .map(exp)
            }
            Observable::PriceGap {
                of,
                outside,
                inside,
            } => {
                let outside = self.state(outside.as_ref())?;
                let inside = self.layout.state_named(inside)?;
                self.gap(of, outside, inside, seen).map(exp)
            }
            Observable::Unmet { of, sectors, rated } => self.unmet(of, sectors, *rated, seen),
            Observable::Shortfall { of } => self.shortfall(of, seen),
            Observable::DaysOfCover { of } => {
                let (stock, drawn) = self.sums(of, self.me, |v| (seen.stock[v], seen.drawn[v]));
                ratio(stock * DAYS, drawn)
            }
            Observable::ImportReliance { of, on } => {
                let on = self.layout.state_named(on)?;
                self.reliance(of, on, seen)
            }
            Observable::OutputShare { stage, by } => {
                self.share(*stage, self.state(by.as_ref())?, &seen.output)
            }
            Observable::ShareLost { stage } => {
                let start = self.share(*stage, self.me, &self.groups.activity_start)?;
                Some(start - self.share(*stage, self.me, &seen.output)?)
            }
            Observable::ExportShare { of, by } => {
                self.export_share(of, self.state(by.as_ref())?, seen)
            }
            Observable::Trust { to } => self.trust(self.me, self.layout.state_named(to)?, seen),
            Observable::TrustOf { from } => {
                self.trust(self.layout.state_named(from)?, self.me, seen)
            }
            Observable::QuotaUnfilled { measure } => self.unfilled(measure, seen),
            Observable::PublicCost { .. } | Observable::MineGrowth => None,
        }
    }

    /// Whether the state counts another among its friends.
    #[must_use]
    pub fn befriends(&self, other: StateId) -> bool {
        let trust = self.archive.of(self.seen()).map_or_else(
            || self.trust_start[self.me.index() * self.layout.states.len() + other.index()],
            |seen| seen.trust[self.me.index() * self.layout.states.len() + other.index()],
        );
        trust >= self.params.friend_trust
    }

    fn trust(&self, from: StateId, to: StateId, seen: &Published) -> Option<f64> {
        seen.trust
            .get(from.index() * self.layout.states.len() + to.index())
            .copied()
    }

    /// Venues of the goods in a state.
    fn venues<'a>(&'a self, of: &'a [String], at: StateId) -> impl Iterator<Item = usize> + 'a {
        let goods = if of.is_empty() {
            (0..self.graph.commodities.len())
                .map(CommodityId::from_index)
                .collect()
        } else {
            self.graph.covered(of)
        };
        goods
            .into_iter()
            .filter_map(move |k| self.layout.venue(at, k))
            .map(|v| v.index())
    }

    fn mean_log(&self, of: &[String], at: StateId, log: impl Fn(usize) -> f64) -> Option<f64> {
        let (mut sum, mut count) = (0.0, 0.0);
        for v in self.venues(of, at) {
            sum += log(v);
            count += 1.0;
        }
        ratio(sum, count)
    }

    /// Mean log gap over the goods that both places deal in.
    fn gap(
        &self,
        of: &[String],
        outside: StateId,
        inside: StateId,
        seen: &Published,
    ) -> Option<f64> {
        let (mut sum, mut count) = (0.0, 0.0);
        for k in self.graph.covered(of) {
            if let (Some(o), Some(i)) =
                (self.layout.venue(outside, k), self.layout.venue(inside, k))
            {
                sum += seen.log_price[o.index()] - seen.log_price[i.index()];
                count += 1.0;
            }
        }
        ratio(sum, count)
    }

    /// Two sums over venues, in t REO.
    fn sums(&self, of: &[String], at: StateId, pair: impl Fn(usize) -> (f64, f64)) -> (f64, f64) {
        let (mut one, mut two) = (0.0, 0.0);
        for v in self.venues(of, at) {
            let weight =
                self.graph.commodities[self.layout.venues[v].commodity.index()].reo_per_t();
            let (a, b) = pair(v);
            one += weight * a;
            two += weight * b;
        }
        (one, two)
    }

    fn unmet(
        &self,
        of: &[String],
        sectors: &[String],
        rated: bool,
        seen: &Published,
    ) -> Option<f64> {
        let covered = if of.is_empty() {
            None
        } else {
            Some(self.graph.covered(of))
        };
        let (mut demand, mut unmet) = (0.0, 0.0);
        for (u, user) in self
            .archive
            .users
            .iter()
            .enumerate()
            .filter(|(_, u)| u.state == self.me)
        {
            let sector = user.sector.index();
            if covered
                .as_ref()
                .is_some_and(|c| !c.contains(&user.commodity))
                || (!sectors.is_empty() && !sectors.contains(&self.layout.sectors[sector]))
                || (rated && !self.layout.rated[sector])
            {
                continue;
            }
            if let Some(v) = self.layout.venue(user.state, user.commodity) {
                let value = exp(self.groups.log_price_start[v.index()]);
                demand += value * seen.demand[u];
                unmet += value * (seen.demand[u] - seen.served[u]).max(0.0);
            }
        }
        ratio(unmet, demand)
    }

    fn shortfall(&self, of: &[String], seen: &Published) -> Option<f64> {
        let mut usual = 0.0;
        for back in 1..=BEFORE as i32 {
            let before = self.archive.of(self.seen().plus(-back))?;
            usual += self.sums(of, self.me, |v| (before.drawn[v], 0.0)).0 / BEFORE as f64;
        }
        let now = self.sums(of, self.me, |v| (seen.drawn[v], 0.0)).0;
        ratio((usual - now).max(0.0), usual)
    }

    fn reliance(&self, of: &[String], on: StateId, seen: &Published) -> Option<f64> {
        let covered = self.graph.covered(of);
        let (mut from, mut all) = (0.0, 0.0);
        for v in self.venues(of, self.me) {
            all += exp(seen.log_price[v]) * seen.intake[v];
        }
        for (l, lane) in self.layout.lanes.iter().enumerate() {
            if lane.importer == self.me && lane.exporter == on && covered.contains(&lane.commodity)
            {
                from += exp(seen.log_price[lane.to.index()]) * seen.lane_flow[l];
            }
        }
        ratio(from, all)
    }

    fn export_share(&self, of: &[String], by: StateId, seen: &Published) -> Option<f64> {
        let covered = self.graph.covered(of);
        let (mut own, mut all) = (0.0, 0.0);
        for (l, lane) in self.layout.lanes.iter().enumerate() {
            if covered.contains(&lane.commodity) {
                let flow =
                    seen.lane_flow[l] * self.graph.commodities[lane.commodity.index()].reo_per_t();
                all += flow;
                if lane.exporter == by {
                    own += flow;
                }
            }
        }
        ratio(own, all)
    }

    fn share(&self, stage: Stage, host: StateId, output: &[f64]) -> Option<f64> {
        let (mut own, mut all) = (0.0, 0.0);
        for (g, group) in self.layout.groups.iter().enumerate() {
            if self.graph.processes[group.process.index()].stage == stage {
                all += output[g];
                if group.host == host {
                    own += output[g];
                }
            }
        }
        ratio(own, all)
    }

    fn mined(&self, quarter: Quarter) -> Option<f64> {
        let seen = self.archive.of(quarter)?;
        let groups = self.layout.groups.iter().enumerate();
        let mines =
            groups.filter(|(_, g)| self.graph.processes[g.process.index()].stage == Stage::Mine);
        Some(mines.map(|(g, _)| seen.output[g]).sum())
    }

    fn mine_growth(&self) -> Option<f64> {
        let before = self.mined(self.seen().plus(-4))?;
        ratio(self.mined(self.seen())? - before, before)
    }

    fn own(&self) -> impl Iterator<Item = &SeenMeasure> {
        self.measures.iter().filter(|m| m.state == self.me)
    }

    fn cost(&self, measure: Option<&str>) -> f64 {
        let counted = self
            .own()
            .filter(|m| measure.is_none_or(|name| m.name == name));
        counted.map(|m| m.cost_usd).sum()
    }

    fn unfilled(&self, name: &str, seen: &Published) -> Option<f64> {
        let measure = self
            .own()
            .find(|m| m.name == name && m.status == MeasureStatus::Effective)?;
        let (used, allowed) = match &measure.instrument {
            Instrument::ProductionQuota { of, .. } => {
                let groups = quota_groups(self.layout, self.graph, self.me, of);
                let output: f64 = groups.iter().map(|&g| seen.output[g]).sum();
                (output, measure.yearly? / 4.0)
            }
            Instrument::ExportQuota {
                of,
                tonnes_per_year,
                per_commodity,
            } => {
                let covered = self.graph.covered(of);
                let quotas = if *per_commodity {
                    covered.len() as f64
                } else {
                    1.0
                };
                let lanes = self.layout.lanes.iter().enumerate();
                let exports = lanes
                    .filter(|(_, lane)| {
                        lane.exporter == self.me && covered.contains(&lane.commodity)
                    })
                    .map(|(l, lane)| {
                        seen.lane_flow[l]
                            * self.graph.commodities[lane.commodity.index()].reo_per_t()
                    });
                (exports.sum(), tonnes_per_year / 4.0 * quotas)
            }
            _ => return None,
        };
        ratio((allowed - used).max(0.0), allowed)
    }

    /// Whether a measure keeps goods from the state.
    #[must_use]
    pub fn restricts_me(&self, measure: &SeenMeasure, of: &[String]) -> bool {
        if measure.state == self.me || !measure.stands() {
            return false;
        }
        let Some((goods, to)) = measure.instrument.export_restriction() else {
            return false;
        };
        let against = to.is_empty() || to.contains(&self.layout.states[self.me.index()]);
        against
            && (of.is_empty() || {
                let asked = self.graph.covered(of);
                self.graph.covered(goods).iter().any(|k| asked.contains(k))
            })
    }
}

fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

#[cfg(test)]
mod tests;
