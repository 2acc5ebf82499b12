//! Projects: decided, financed, late, finished or given up.

use super::{
    Params,
    appraisal::grant_equivalent,
    finance::{cash_by_firm, funds},
    knowledge::Knowledge,
};
use crate::domain::{
    actors::{
        Capability, Cash, Funds, Home, HurdleRate, OwnedBy, OwnerState, Plant, Project, Roll,
        Status,
    },
    exchange::{Bills, Journal, Milestone, Pledges},
    graph::Stage,
    ids::{FirmId, PlantId, StateId},
    industry::Ruling,
    time::Quarter,
};
use crate::engine::{
    rng::{exponential, uniform},
    simulation::Clock,
};
use bevy_ecs::prelude::*;
use rand_chacha::ChaCha8Rng;

/// Streams of rare draws, one per plant or firm, so that no draw shifts another's.
#[derive(Resource, Debug, Clone)]
pub struct Draws {
    /// By plant: financing and the look at expansions.
    pub finance: Vec<ChaCha8Rng>,
    /// By plant: delays.
    pub delay: Vec<ChaCha8Rng>,
    /// By firm: sale after bankruptcy.
    pub bankruptcy: Vec<ChaCha8Rng>,
    /// Delays of past projects, relative to their mean, sorted; empty: delays are exponential.
    pub delays: Vec<f64>,
    /// Buffer by plant: profit, other cash flow and capital of the quarter.
    pub flow: Vec<(f64, f64, f64)>,
}

/// Delays relative to their mean, sorted, so that those drawn between them have mean 1.
#[must_use]
pub fn delay_shape(mut delays: Vec<f64>) -> Vec<f64> {
    delays.sort_by(f64::total_cmp);
    if delays.len() < 2 {
        return Vec::new();
    }
    let mean =
        delays.windows(2).map(|w| 0.5 * (w[0] + w[1])).sum::<f64>() / (delays.len() - 1) as f64;
    if mean <= 0.0 {
        return Vec::new();
    }
    delays.iter_mut().for_each(|delay| *delay /= mean);
    delays
}

/// Delay of a project in quarters: drawn between the delays of past projects, stretched to the given mean in years.
pub fn project_delay(stream: &mut ChaCha8Rng, mean_years: f64, shape: &[f64]) -> i32 {
    let years = if shape.is_empty() {
        exponential(stream, mean_years)
    } else {
        let at = uniform(stream) * (shape.len() - 1) as f64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a position in a short list"
        )]
        let below = (at as usize).min(shape.len() - 2);
        mean_years * (shape[below] + (at - below as f64) * (shape[below + 1] - shape[below]))
    };
    #[expect(clippy::cast_possible_truncation, reason = "a delay of quarters fits")]
    let quarters = (4.0 * years).round().min(80.0) as i32;
    quarters
}

/// Size of an expansion, t of activity per quarter: the usual step, and more the more it is worth, up to `expansion_most` of the plant.
#[must_use]
pub fn expansion_of(nameplate: f64, value: f64, p: &Params) -> f64 {
    nameplate * (p.expansion_share * (1.0 + value.max(0.0))).min(p.expansion_most)
}

/// The money of firms: what they ask, and cash that is not yet spoken for.
pub(super) struct Purse {
    pub hurdle: Vec<f64>,
    cash: Vec<f64>,
    pledged: Vec<(usize, f64)>,
}

impl Purse {
    pub(super) fn of(
        count: usize,
        hurdles: &Query<(&FirmId, &HurdleRate)>,
        firms: &Query<(&FirmId, &mut Cash)>,
        projects: impl Iterator<Item = (FirmId, f64)>,
    ) -> Self {
        let mut hurdle = vec![0.0; count];
        for (firm, own) in hurdles {
            hurdle[firm.index()] = own.0;
        }
        let mut cash = cash_by_firm(count, firms);
        for (firm, committed) in projects {
            cash[firm.index()] -= committed;
        }
        Self {
            hurdle,
            cash,
            pledged: Vec::new(),
        }
    }

    /// What is left this quarter of a measure's budget.
    fn left(&self, measure: usize, budget: f64) -> f64 {
        let pledged: f64 = self
            .pledged
            .iter()
            .filter(|pledge| pledge.0 == measure)
            .map(|pledge| pledge.1)
            .sum();
        (budget - pledged).max(0.0)
    }

    /// Finds the money of a project: pledges public shares, bills the gift in a loan, sets the owner's part aside.
    pub(super) fn finance(
        &mut self,
        know: &Knowledge,
        group: usize,
        firm: FirmId,
        capex: f64,
        pledges: &mut Pledges,
        bills: &mut Bills,
    ) -> Funds {
        let grant = know.effects.grants.iter().find(|g| g.group == group);
        let (mut granted, mut lent) = (0.0, 0.0);
        if let Some(grant) = grant {
            granted = know.effects.grant[group] * capex;
            granted = granted.min(self.left(grant.measure, grant.left_usd));
            self.pledged.push((grant.measure, granted));
            pledges.0.push((grant.measure, granted));
        }
        let loan = know.effects.industry.loans[group];
        if let Some(loan) = loan {
            lent = (loan.share * capex)
                .min(self.left(loan.measure, loan.left_usd))
                .min(capex - granted);
            self.pledged.push((loan.measure, lent));
            pledges.0.push((loan.measure, lent));
            let p = &know.settings.0;
            let rate = p.debt_rate + know.risk.0[know.host(group).index()];
            let gift = lent * grant_equivalent(rate, loan.discount, p.loan_years);
            if gift > 0.0 {
                bills.0.push((loan.measure, gift));
            }
        }
        let offer = know.effects.industry.equity[group];
        let mut bought = 0.0;
        if let Some(offer) = offer {
            bought = (offer.share * capex)
                .min(self.left(offer.measure, offer.left_usd))
                .min(capex - granted - lent);
            self.pledged.push((offer.measure, bought));
            pledges.0.push((offer.measure, bought));
        }
        let cash = self.cash[firm.index()];
        let mut funds = funds(
            capex,
            granted / capex,
            lent / capex,
            bought / capex,
            cash,
            &know.settings.0,
        );
        funds.shareholder = offer.map_or(0, |o| o.measure);
        self.cash[firm.index()] -= funds.own * capex;
        funds.grantor = grant.map_or(0, |g| g.measure);
        if let Some(loan) = loan {
            (funds.lender, funds.discount) = (loan.measure, loan.discount);
        }
        funds
    }
}

/// Own cash that open projects will still call up, by the firm that owns the plant.
pub(super) fn committed<'a>(
    projects: impl Iterator<Item = &'a Project>,
    owner: &[Option<FirmId>],
) -> Vec<(FirmId, f64)> {
    let mut all: Vec<(PlantId, Quarter, FirmId, f64)> = projects
        .filter(|project| project.financed && !project.done && project.funds.own > 0.0)
        .filter_map(|q| {
            let firm = owner[q.plant.index()]?;
            let left = q.funds.own * (q.capex_usd - q.paid_usd).max(0.0);
            Some((q.plant, q.started, firm, left))
        })
        .collect();
    all.sort_by_key(|one| (one.0, one.1));
    all.into_iter().map(|one| (one.2, one.3)).collect()
}

#[expect(
    clippy::too_many_arguments,
    reason = "a decision looks at prices, policy, plant and owner"
)]
pub(super) fn start_projects(
    clock: Res<Clock>,
    know: Knowledge,
    mut draws: ResMut<Draws>,
    mut bills: ResMut<Bills>,
    mut pledges: ResMut<Pledges>,
    mut journal: ResMut<Journal>,
    mut commands: Commands,
    roll: Res<Roll>,
    hurdles: Query<(&FirmId, &HurdleRate)>,
    firms: Query<(&FirmId, &mut Cash)>,
    plants: Query<(&PlantId, &Plant, &OwnedBy, &OwnerState)>,
    projects: Query<&Project>,
) {
    let p = &know.settings.0;
    let mut busy = vec![false; know.layout.plants.len()];
    for project in &projects {
        busy[project.plant.index()] |= !project.done;
    }
    let mut owners = vec![None; know.layout.plants.len()];
    for (id, _, owner, _) in &plants {
        owners[id.index()] = Some(owner.0);
    }
    let spoken_for = committed(projects.iter(), &owners);
    let count = know.layout.firms.len();
    let mut purse = Purse::of(count, &hurdles, &firms, spoken_for.into_iter());
    for (id, plant, owner, state) in plants.iter_many(&roll.plants).flatten() {
        let row = id.index();
        // One look and one finance draw a quarter, used or not, so that positions in the stream stay fixed.
        let (look, luck) = (
            uniform(&mut draws.finance[row]),
            uniform(&mut draws.finance[row]),
        );
        let group = know.outlook.group_of[row];
        let full = plant.status == Status::Operating
            && plant.ramp >= 1.0
            && know.groups.utilisation[group] > 0.5;
        let capped = know.effects.output_ceiling[group] * know.groups.ceiling_factor[group]
            <= know.groups.capacity[group] * 1.0001;
        if busy[row]
            || !full
            || capped
            || look >= p.look_chance
            || holds_back(&know, group, owner.0)
        {
            continue;
        }
        let wait = match know.ruling(group, state.0) {
            Ruling::Free => 0,
            Ruling::Delayed(wait) => i32::try_from(wait).unwrap_or(i32::MAX),
            Ruling::Refused => continue,
        };
        let usual = plant.nameplate * p.expansion_share;
        let hurdle = purse.hurdle[owner.0.index()];
        let value = know.value(group, plant.disadvantage, hurdle, state.0, usual, false);
        if luck >= know.chance(group, value) {
            continue;
        }
        let capacity = expansion_of(plant.nameplate, value, p);
        let promised = clock.now.plus(know.build_quarters(group) + wait);
        let mean = know.mean_delay(group, p.expansion_delay_years);
        let Draws { delay, delays, .. } = &mut *draws;
        let due = promised.plus(project_delay(&mut delay[row], mean, delays));
        let capex = know.capital(group, capacity);
        let funds = purse.finance(&know, group, owner.0, capex, &mut pledges, &mut bills);
        commands.spawn(Project {
            plant: *id,
            capacity,
            started: clock.now,
            promised,
            due,
            capex_usd: capex,
            paid_usd: 0.0,
            funds,
            bad_quarters: 0,
            financed: true,
            slipped: false,
            done: false,
        });
        journal
            .projects
            .push(know.event(row, state.0, Milestone::Started, capacity));
    }
}

/// Whether a merged group lets capacity of this kind rest: then it builds no more of it.
fn holds_back(know: &Knowledge, group: usize, firm: FirmId) -> bool {
    know.effects
        .industry
        .mergers
        .iter()
        .any(|m| m.firm == firm && m.groups[group] && m.discipline < 1.0)
}

/// What a project's quarter brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Goes on.
    None,
    /// Misses its promise.
    Slips,
    /// Is done.
    Done,
    /// Is given up.
    GivenUp,
}

/// Whether a project slips, is done, or is given up after too many quarters in which finishing it would not pay.
#[must_use]
pub fn progress(project: &Project, now: Quarter, patience: f64) -> Progress {
    if f64::from(project.bad_quarters) > patience {
        Progress::GivenUp
    } else if project.financed && now >= project.due {
        Progress::Done
    } else if now >= project.promised && !project.slipped {
        Progress::Slips
    } else {
        Progress::None
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "a project's quarter looks at prices, policy, plant and owner"
)]
pub(super) fn advance_projects(
    clock: Res<Clock>,
    know: Knowledge,
    mut draws: ResMut<Draws>,
    mut bills: ResMut<Bills>,
    mut pledges: ResMut<Pledges>,
    mut journal: ResMut<Journal>,
    mut commands: Commands,
    hurdles: Query<(&FirmId, &HurdleRate)>,
    firms: Query<(&FirmId, &mut Cash)>,
    homes: Query<(&FirmId, &Home)>,
    states: Query<(&StateId, &Capability)>,
    mut plants: Query<(&PlantId, &mut Plant, &OwnedBy, &OwnerState)>,
    mut projects: Query<(Entity, &mut Project)>,
) {
    let p = &know.settings.0;
    let mut order: Vec<(PlantId, Quarter, Entity)> = projects
        .iter()
        .map(|(entity, project)| (project.plant, project.started, entity))
        .collect();
    order.sort_by_key(|&(plant, started, _)| (plant, started));
    if order.is_empty() {
        return;
    }
    let mut owners = vec![None; know.layout.plants.len()];
    let mut state_of: Vec<Option<(Plant, FirmId, StateId)>> = vec![None; know.layout.plants.len()];
    for (id, plant, owner, state) in &plants {
        owners[id.index()] = Some(owner.0);
        state_of[id.index()] = Some((*plant, owner.0, state.0));
    }
    let spoken_for = committed(projects.iter().map(|(_, project)| project), &owners);
    let count = know.layout.firms.len();
    let mut purse = Purse::of(count, &hurdles, &firms, spoken_for.into_iter());
    let mut finished: Vec<(usize, f64)> = Vec::new();
    for (plant_id, _, entity) in order {
        let Ok((_, mut project)) = projects.get_mut(entity) else {
            continue;
        };
        let row = plant_id.index();
        let Some((plant, owner, state)) = state_of[row] else {
            continue;
        };
        let group = know.outlook.group_of[row];
        let hurdle = purse.hurdle[owner.index()];
        let size = project.capacity;
        let value = know.value(group, plant.disadvantage, hurdle, state, size, true);
        if !project.financed {
            // Announced, but not yet paid for.
            let luck = uniform(&mut draws.finance[row]);
            let ruling = know.ruling(group, state);
            if ruling != Ruling::Refused && luck < know.chance(group, value) {
                let wait = match ruling {
                    Ruling::Delayed(wait) => i32::try_from(wait).unwrap_or(i32::MAX),
                    Ruling::Free | Ruling::Refused => 0,
                };
                project.financed = true;
                project.funds = purse.finance(
                    &know,
                    group,
                    owner,
                    project.capex_usd,
                    &mut pledges,
                    &mut bills,
                );
                let late = project.due.since(project.promised);
                let build = know.build_quarters(group) + wait;
                project.due = project.due.max(clock.now.plus(build + late.min(8)));
                journal
                    .projects
                    .push(know.event(row, state, Milestone::Started, project.capacity));
            }
        }
        // Money spent is spent: what counts is whether the rest pays; past half-way a project is finished, whatever it will earn.
        let total = f64::from(project.due.since(project.started).max(1));
        let left = f64::from(project.due.since(clock.now).max(0)) / total;
        let remaining = if project.financed && left > 0.5 {
            value + 1.0 - left
        } else {
            0.0
        };
        project.bad_quarters = if remaining < 0.0 {
            project.bad_quarters + 1
        } else {
            0
        };
        let milestone = match progress(&project, clock.now, p.patience_quarters) {
            Progress::None => continue,
            Progress::Slips => {
                project.slipped = true;
                Milestone::Delayed
            }
            Progress::Done => {
                project.done = true;
                finished.push((row, project.capacity));
                Milestone::Commissioned
            }
            Progress::GivenUp => {
                project.done = true;
                // What was promised and not called up goes back to the budgets.
                let unpaid = project.capex_usd - project.paid_usd;
                let f = project.funds;
                for (measure, share) in [
                    (f.grantor, f.grant),
                    (f.lender, f.lent),
                    (f.shareholder, f.equity),
                ] {
                    if share > 0.0 {
                        pledges.0.push((measure, -share * unpaid));
                    }
                }
                Milestone::Closed
            }
        };
        if project.done {
            commands.entity(entity).despawn();
        }
        journal
            .projects
            .push(know.event(row, state, milestone, project.capacity));
    }
    if finished.is_empty() {
        return;
    }
    let mut know_how = vec![[0.0; 5]; know.layout.states.len()];
    for (state, capability) in &states {
        know_how[state.index()] = capability.0;
    }
    let mut home = vec![StateId(0); count];
    for (firm, at) in &homes {
        home[firm.index()] = at.0;
    }
    let mut added = vec![0.0; know.layout.plants.len()];
    for (row, capacity) in finished {
        added[row] += capacity;
    }
    for (id, mut plant, owner, _) in &mut plants {
        let more = added[id.index()];
        if more > 0.0 {
            let group = know.outlook.group_of[id.index()];
            let stage: Stage = know.stage(group);
            let of = |state: StateId| know_how[state.index()][stage as usize];
            let k = of(know.host(group)).max(of(home[owner.0.index()]));
            plant.ramp_quarters = ramp_of(
                know.process(group).ramp_quarters,
                k,
                p.qualification_quarters,
            );
            commission(&mut plant, more);
        }
    }
}

/// Quarters until new capacity runs in full: the process's own ramp, and the time to qualify with customers, which know-how shortens. An
/// owner from abroad brings its own.
#[must_use]
pub fn ramp_of(process: f64, know_how: f64, qualification: f64) -> f64 {
    process + qualification * (1.0 - know_how).max(0.0)
}

/// Adds finished capacity to a plant: what stood keeps running, what is new ramps up.
pub fn commission(plant: &mut Plant, more: f64) {
    let running = plant.nameplate * plant.ramp;
    if matches!(plant.status, Status::Planned | Status::Closed) {
        plant.status = Status::Operating;
        plant.nameplate = 0.0;
        plant.profitability = 0.0;
    }
    let before = if plant.nameplate > 0.0 { running } else { 0.0 };
    plant.nameplate += more;
    plant.ramp = (before / plant.nameplate).clamp(0.0, 1.0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rng::{Purpose, stream};

    fn project() -> Project {
        let q = |text: &str| text.parse::<Quarter>().unwrap();
        Project {
            plant: PlantId(0),
            capacity: 10.0,
            started: q("2024Q1"),
            promised: q("2026Q1"),
            due: q("2027Q1"),
            capex_usd: 1.0,
            paid_usd: 0.0,
            funds: Funds::default(),
            bad_quarters: 0,
            financed: true,
            slipped: false,
            done: false,
        }
    }

    #[test]
    fn a_project_slips_then_finishes() {
        let q = |text: &str| text.parse::<Quarter>().unwrap();
        assert_eq!(progress(&project(), q("2025Q1"), 5.0), Progress::None);
        assert_eq!(progress(&project(), q("2026Q1"), 5.0), Progress::Slips);
        assert_eq!(progress(&project(), q("2027Q1"), 5.0), Progress::Done);
        assert_eq!(
            progress(
                &Project {
                    financed: false,
                    slipped: true,
                    ..project()
                },
                q("2028Q1"),
                5.0
            ),
            Progress::None
        );
        assert_eq!(
            progress(
                &Project {
                    bad_quarters: 6,
                    ..project()
                },
                q("2025Q1"),
                5.0
            ),
            Progress::GivenUp
        );
    }

    #[test]
    fn new_capacity_ramps_and_old_capacity_keeps_running() {
        let mut plant = Plant {
            status: Status::Operating,
            nameplate: 100.0,
            ramp: 1.0,
            ramp_quarters: 4.0,
            disadvantage: 0.0,
            mothball_below: -0.2,
            reopen_above: 0.05,
            profitability: 0.1,
            idle_quarters: 0,
            activity: 0.0,
            profit_usd: 0.0,
            value_added_usd: 0.0,
        };
        commission(&mut plant, 25.0);
        assert!((plant.nameplate * plant.ramp - 100.0).abs() < 1e-9);
        let mut planned = Plant {
            status: Status::Planned,
            nameplate: 0.0,
            ramp: 0.0,
            ..plant
        };
        commission(&mut planned, 40.0);
        assert_eq!(
            (planned.status, planned.nameplate, planned.ramp),
            (Status::Operating, 40.0, 0.0)
        );
        assert_eq!(ramp_of(8.0, 1.0, 8.0), 8.0);
        assert_eq!(ramp_of(8.0, 0.5, 8.0), 12.0);
    }

    #[test]
    fn delays_are_those_of_the_past_at_the_mean_asked_for() {
        let shape = delay_shape(vec![16.0, 0.0, 0.0, 0.5, 1.0, 2.0]);
        let mut draws = stream(1, Purpose::ProjectDelay, "test");
        let (mut sum, mut on_time) = (0, 0);
        for _ in 0..20_000 {
            let delay = project_delay(&mut draws, 2.5, &shape);
            sum += delay;
            on_time += i32::from(delay == 0);
        }
        assert!((f64::from(sum) / 20_000.0 - 10.0).abs() < 0.3);
        assert!((0.15..0.35).contains(&(f64::from(on_time) / 20_000.0)));
        assert!(delay_shape(vec![]).is_empty());
    }
}
