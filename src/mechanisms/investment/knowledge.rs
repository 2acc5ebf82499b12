//! What those who invest look at, gathered in one place: prices believed, policy in force, costs, and the risks of a host.

use super::{
    HostRisk, Outlook, Settings,
    appraisal::{Appraisal, finance_chance, value_over_capital},
    plants::event,
};
use crate::domain::{
    exchange::{Effects, GroupBooks, KnowHow, Milestone, ProjectEvent, Relations},
    graph::{Graph, Process, Stage},
    ids::StateId,
    industry::Ruling,
    layout::Layout,
    maths::exp,
};
use bevy_ecs::{prelude::*, system::SystemParam};

/// Share of capacity that an appraisal takes to run.
const LOAD: f64 = 0.85;

/// Shared state that every decision on a project reads.
#[derive(SystemParam)]
pub struct Knowledge<'w> {
    /// Parameters.
    pub settings: Res<'w, Settings>,
    /// Names and places.
    pub layout: Res<'w, Layout>,
    /// Commodities and processes.
    pub graph: Res<'w, Graph>,
    /// Plant groups.
    pub groups: Res<'w, GroupBooks>,
    /// Policy in force.
    pub effects: Res<'w, Effects>,
    /// What a lack of foreign know-how holds up.
    pub know_how: Res<'w, KnowHow>,
    /// Trust between states.
    pub relations: Res<'w, Relations>,
    /// Risk of hosts.
    pub risk: Res<'w, HostRisk>,
    /// What plants are expected to earn.
    pub outlook: Res<'w, Outlook>,
}

impl Knowledge<'_> {
    /// Process of a group.
    #[must_use]
    pub fn process(&self, group: usize) -> &Process {
        &self.graph.processes[self.layout.groups[group].process.index()]
    }

    /// Stage of a group.
    #[must_use]
    pub fn stage(&self, group: usize) -> Stage {
        self.process(group).stage
    }

    /// Host of a group.
    #[must_use]
    pub fn host(&self, group: usize) -> StateId {
        self.layout.groups[group].host
    }

    /// Capital cost of so much capacity, USD.
    #[must_use]
    pub fn capital(&self, group: usize, capacity: f64) -> f64 {
        capacity * 4.0 * self.groups.capex[group]
    }

    /// Whether an owner may build or buy in a group: states that bar it, and screening.
    #[must_use]
    pub fn ruling(&self, group: usize, owner: StateId) -> Ruling {
        let host = self.host(group);
        let pair = (host.index(), owner.index());
        if self.effects.barred_owners.contains(&pair) {
            return Ruling::Refused;
        }
        let industry = &self.effects.industry;
        industry.ruling(host, self.stage(group), owner)
    }

    /// What an owner asks beyond its hurdle rate in a host: country risk, and trust lost since the start, per year.
    #[must_use]
    pub fn premium(&self, group: usize, owner: StateId) -> f64 {
        let host = self.host(group).index();
        let pair = owner.index() * self.layout.states.len() + host;
        let lost = self.relations.trust_start[pair] - self.relations.trust[pair];
        self.risk.0[host] + self.settings.0.distrust_hurdle * lost.max(0.0)
    }

    /// Net present value over capital of `capacity` more in a group, for a firm of `owner` that asks `hurdle` and is `disadvantage` dearer
    /// than its group. `counted`: whether the capacity is under way already.
    #[must_use]
    pub fn value(
        &self,
        group: usize,
        disadvantage: f64,
        hurdle: f64,
        owner: StateId,
        capacity: f64,
        counted: bool,
    ) -> f64 {
        let p = &self.settings.0;
        let o = &self.outlook;
        let loan = self.effects.industry.loans[group];
        let more = if counted { 0.0 } else { capacity };
        value_over_capital(&Appraisal {
            revenue: o.revenue[group],
            cost: (o.inputs[group] + o.conversion[group]) * exp(disadvantage),
            capital: self.groups.capex[group],
            lead_years: self.process(group).build_quarters / 4.0,
            life_years: p.life_years,
            hurdle: hurdle + self.premium(group, owner),
            tax_share: p.tax_share,
            load: LOAD,
            promises: o.promises[group],
            sharers: (self.groups.capacity[group] + o.pipeline[group] + more) * LOAD,
            grant: self.effects.grant[group],
            loan: loan.map_or((0.0, 0.0), |l| (l.share, l.discount)),
            faster_years: self.effects.industry.permits[group].quarters / 4.0,
        })
    }

    /// Probability that a project of this value finds its money in a quarter: the part that the state lends or buys need not be found.
    #[must_use]
    pub fn chance(&self, group: usize, value: f64) -> f64 {
        let p = &self.settings.0;
        let industry = &self.effects.industry;
        let lent = industry.loans[group].map_or(0.0, |l| l.share)
            + industry.equity[group].map_or(0.0, |e| e.share);
        let at = self.host(group).index() * Stage::ALL.len() + self.stage(group) as usize;
        let centre = p.finance_centre - p.loan_ease * lent;
        finance_chance(value, centre, p.finance_width) * (1.0 - self.know_how.drag[at])
    }

    /// Quarters from decision to start as promised.
    #[must_use]
    pub fn build_quarters(&self, group: usize) -> i32 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a build time of quarters fits"
        )]
        let build = self.process(group).build_quarters.round() as i32;
        #[expect(clippy::cast_possible_truncation, reason = "quarters fit")]
        let faster = self.effects.industry.permits[group].quarters as i32;
        (build - faster).max(1)
    }

    /// Mean delay beyond the promise, years, of a project whose mean is `years` without faster permits.
    #[must_use]
    pub fn mean_delay(&self, group: usize, years: f64) -> f64 {
        years * (1.0 - self.effects.industry.permits[group].delay_cut)
    }

    /// A line of the journal about a plant of a group.
    #[must_use]
    pub fn event(
        &self,
        row: usize,
        owner: StateId,
        milestone: Milestone,
        capacity: f64,
    ) -> ProjectEvent {
        event(
            &self.layout,
            &self.graph,
            &self.outlook,
            row,
            owner,
            milestone,
            capacity,
        )
    }
}
