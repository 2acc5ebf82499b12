//! The search for the prices at which every venue clears.
//!
//! Newton on log prices with the Jacobian, first without the feedback of by-products, where need be whole. Calm quarters take one
//! factorisation and a few cheap Broyden steps, as long as each pays. Safeguards, in order: a step is cut to 0.6 in any log price; a cheap step that
//! worsens is undone; a Newton step that does not lower the scaled residual is halved; then venues' own slopes are damped;
//! then the search starts again from the fundamental, adaptive and trend beliefs; then limits are tightened step by step from the
//! market without them; then the quarter fails.

use super::{
    TOLERANCE,
    balance::{Balance, PRICE_RANGE, Slots},
    factor::{Factor, Pattern},
    plan::Plan,
    quota::Quotas,
};
use crate::domain::market::{Cleared, Coefficients, Diagnostics, HOLDERS, NotCleared, Structure};
use std::sync::Arc;

/// Largest step in any log price.
const STEP: f64 = 0.6;
/// Steps over all starts.
const ITERATIONS: u32 = 300;
/// Steps over all starts and all degrees of tightening.
const ITERATIONS_IN_ALL: u32 = 3000;
/// Shares of the free flow by which limits are loosened on the way to them.
const LOOSENED: [f64; 10] = [0.6, 0.3, 0.15, 0.07, 0.03, 0.01, 3e-3, 1e-3, 1e-4, 0.0];
/// Steps from one start before the next is tried.
const ITERATIONS_PER_START: u32 = 100;
/// Cheap steps after one factorisation.
const CHEAP_STEPS: usize = 12;
/// A cheap step must bring the residual below this share of the last.
const CHEAP_GAIN: f64 = 0.1;
/// Steps by the thinned system before the search goes on with the whole one.
const THINNED_STEPS: u32 = 6;
/// A step by the thinned system that leaves more than this share of the residual calls for the whole one.
const THIN_GAIN: f64 = 0.6;
/// A step is halved until it is shorter than this share of the first; then damping sets in.
const SHORTEST: f64 = 1.0 / 64.0;
/// Damping beyond which a start is given up.
const MOST_DAMPING: f64 = 1e4;

/// Everything that clearing needs besides its inputs; reused from quarter to quarter, so that nothing is allocated in a quarter.
/// What it holds never changes a result.
#[derive(Debug, Clone)]
pub struct Workspace {
    pub(super) plan: Arc<Plan>,
    pub(super) balance: Balance,
    pub(super) quotas: Quotas,
    /// Factors of the thinned and of the whole system; the latter is made when first needed.
    thinned: Factor,
    whole: Option<Factor>,
    /// Whether the search goes by the whole system.
    by_whole: bool,
    pub(super) row: Slots,
    pub(super) own: Slots,
    /// Log prices, then scaled rents of quotas in force.
    pub(super) point: Vec<f64>,
    pub(super) trial: Vec<f64>,
    pub(super) step: Vec<f64>,
    /// Steps taken since the factorisation, for Broyden's update.
    pub(super) taken: Vec<Vec<f64>>,
    pub(super) squares: Vec<f64>,
}

impl Workspace {
    /// A workspace for a structure.
    ///
    /// # Panics
    /// As [`Plan::compile`].
    #[must_use]
    pub fn new(structure: &Structure) -> Self {
        Self::sharing(Arc::new(Plan::compile(structure)))
    }

    /// A workspace for a plan that other runs share.
    #[must_use]
    pub fn sharing(plan: Arc<Plan>) -> Self {
        Self {
            balance: Balance::new(&plan),
            quotas: Quotas::default(),
            thinned: Factor::new(plan.thinned_pattern()),
            whole: None,
            by_whole: false,
            row: Slots::new(),
            own: Slots::new(),
            point: Vec::new(),
            trial: Vec::new(),
            step: Vec::new(),
            taken: vec![Vec::new(); CHEAP_STEPS + 1],
            squares: vec![0.0; CHEAP_STEPS + 1],
            plan,
        }
    }

    /// The plan, to share it.
    #[must_use]
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }
}

/// Clears one quarter: finds the price of every venue at which its supply equals its demand and desired stocks to
/// [`TOLERANCE`] of its throughput and stock, and writes prices and all flows to `out`. `start` holds log prices to start
/// from; they change the effort, not the solution.
///
/// # Errors
/// Names the venue that is furthest off if no start led to prices that clear.
///
/// # Panics
/// If the workspace was made for another structure or a column has the wrong length.
pub fn clear(
    structure: &Structure,
    coefficients: &Coefficients,
    start: &[f64],
    workspace: &mut Workspace,
    out: &mut Cleared,
) -> Result<Diagnostics, NotCleared> {
    workspace.run(structure, coefficients, start, true, out)
}

/// As [`clear`], but with every limit and quota lifted: the same quarter as it would have been, for the shortage accounts.
///
/// # Errors
/// As [`clear`].
///
/// # Panics
/// As [`clear`].
pub fn clear_without_limits(
    structure: &Structure,
    coefficients: &Coefficients,
    start: &[f64],
    workspace: &mut Workspace,
    out: &mut Cleared,
) -> Result<Diagnostics, NotCleared> {
    workspace.run(structure, coefficients, start, false, out)
}

impl Workspace {
    fn run(
        &mut self,
        s: &Structure,
        c: &Coefficients,
        start: &[f64],
        limits: bool,
        out: &mut Cleared,
    ) -> Result<Diagnostics, NotCleared> {
        assert!(
            self.plan.fits(s),
            "the workspace was made for another structure"
        );
        assert_eq!(
            start.len(),
            s.venues,
            "one log price per venue to start from"
        );
        let plan = Arc::clone(&self.plan);
        self.quotas.prepare(&plan, s, c, limits);
        self.balance.prepare(&plan, s, c, &self.quotas, limits);
        let size = s.venues + self.quotas.len();
        for buffer in self
            .taken
            .iter_mut()
            .chain([&mut self.trial, &mut self.step])
        {
            buffer.resize(size, 0.0);
        }
        let mut diagnostics = Diagnostics::default();
        // holder types to restart from: fundamental, adaptive, trend
        for restart in [None, Some(2), Some(0), Some(1)] {
            self.begin(&plan, c, start, restart, size);
            diagnostics.restarts = restart.map_or(0, |_| diagnostics.restarts + 1);
            if self.search(&plan, s, c, &mut diagnostics) {
                self.write(&plan, s, c, out);
                return Ok(diagnostics);
            }
            if diagnostics.iterations >= ITERATIONS {
                break;
            }
        }
        // quotas as they are, then loosened like the limits
        for quotas_too in [false, true] {
            let try_it = limits && (!quotas_too || self.quotas.in_force());
            if try_it && self.tighten(&plan, s, c, start, size, quotas_too, &mut diagnostics) {
                self.write(&plan, s, c, out);
                return Ok(diagnostics);
            }
        }
        Err(self.failure(s, diagnostics))
    }

    /// The last resort: clears the market without limits, then tightens them step by step, each step from the prices of the one before;
    /// with `quotas_too` the quotas as well.
    #[expect(
        clippy::too_many_arguments,
        reason = "a search knows all that is searched"
    )]
    fn tighten(
        &mut self,
        plan: &Plan,
        s: &Structure,
        c: &Coefficients,
        start: &[f64],
        size: usize,
        quotas_too: bool,
        d: &mut Diagnostics,
    ) -> bool {
        d.restarts += 1;
        if quotas_too {
            self.quotas.loosen(c, 1.0, None);
        }
        self.balance.prepare(plan, s, c, &self.quotas, false);
        self.begin(plan, c, start, None, size);
        if !self.search(plan, s, c, d) {
            return false;
        }
        let free = self.balance.flow.clone();
        self.balance.prepare(plan, s, c, &self.quotas, true);
        let limits: Vec<(usize, f64)> = self
            .balance
            .limited
            .iter()
            .map(|&place| (place as usize, self.balance.bound[place as usize]))
            .collect();
        LOOSENED.iter().all(|share| {
            for &(place, limit) in &limits {
                self.balance.bound[place] = limit + share * free[place];
            }
            if quotas_too {
                self.quotas.loosen(c, *share, Some(&free));
            }
            self.search(plan, s, c, d)
        })
    }

    fn begin(
        &mut self,
        plan: &Plan,
        c: &Coefficients,
        start: &[f64],
        holder: Option<usize>,
        size: usize,
    ) {
        self.point.clear();
        self.point.extend(start.iter().enumerate().map(|(v, &x)| {
            let x = match holder {
                Some(h) if h < HOLDERS && c.stock_target[v][h] > 0.0 => c.belief[v][h],
                _ => x,
            };
            if x.is_finite() {
                x.clamp(-PRICE_RANGE, PRICE_RANGE)
            } else {
                0.0
            }
        }));
        self.point.resize(size, 0.0);
        if self.quotas.in_force() {
            self.balance.set_prices(&self.point[..plan.venues]);
            self.quotas
                .guess_rents(plan, &self.balance, &mut self.point[plan.venues..]);
        }
    }

    fn search(
        &mut self,
        plan: &Plan,
        s: &Structure,
        c: &Coefficients,
        d: &mut Diagnostics,
    ) -> bool {
        let last = (d.iterations + ITERATIONS_PER_START).min(ITERATIONS_IN_ALL);
        let mut damping = 0.0;
        self.by_whole = d.iterations > 0;
        let mut thinned = 0;
        self.trial.copy_from_slice(&self.point);
        let mut worst = self.evaluate(plan, s, c, d);
        while worst > TOLERANCE || worst.is_nan() {
            if d.iterations >= last || damping > MOST_DAMPING || !worst.is_finite() {
                d.residual = worst;
                return false;
            }
            self.balance.weigh_in_logs(plan);
            thinned += u32::from(!self.by_whole);
            self.by_whole |= thinned > THINNED_STEPS;
            let wiring = plan.wiring(s, !self.by_whole);
            let factor = if self.by_whole {
                self.whole
                    .get_or_insert_with(|| Factor::new(&wiring.pattern))
            } else {
                &mut self.thinned
            };
            self.balance.assemble(
                plan,
                wiring,
                s,
                c,
                damping,
                &mut factor.values,
                &mut self.own,
            );
            let sound = factor.factorise(&wiring.pattern);
            d.factorisations += 1;
            if self.quotas.in_force() {
                self.quotas.build_border(
                    plan,
                    &wiring.pattern,
                    &self.balance,
                    factor,
                    &mut self.row,
                );
            }
            let merit = self.merit();
            self.direction(plan, &wiring.pattern);
            let cut = self.cut_step(plan);
            d.fallbacks += u32::from(cut < 1.0);
            let mut length = cut;
            let reached = loop {
                self.move_to_trial(plan, length);
                let reached = self.evaluate(plan, s, c, d);
                d.iterations += 1;
                // a NaN merit is no progress
                if self.merit() < merit * (1.0 - 1e-4 * length) {
                    break Some(reached);
                }
                d.fallbacks += 1;
                if length <= cut * SHORTEST || !sound {
                    break None;
                }
                length *= 0.5;
            };
            let Some(reached) = reached else {
                self.by_whole = true;
                // back to where the Jacobian is known, with flatter steps
                damping = (damping * 4.0).max(0.02);
                self.trial.copy_from_slice(&self.point);
                worst = self.evaluate(plan, s, c, d);
                continue;
            };
            damping = if length == cut && damping > 1e-3 {
                damping * 0.25
            } else if length == cut {
                0.0
            } else {
                damping
            };
            std::mem::swap(&mut self.point, &mut self.trial);
            let gain = reached / worst;
            worst = reached;
            if length == 1.0 && damping == 0.0 && gain <= CHEAP_GAIN {
                worst = self.cheap_steps(plan, &wiring.pattern, s, c, worst, d);
            } else {
                self.by_whole |= length < cut || gain > THIN_GAIN;
            }
        }
        d.residual = worst;
        true
    }

    /// Broyden steps on the last factor while the residual falls tenfold; undoes the last one if it worsened.
    fn cheap_steps(
        &mut self,
        plan: &Plan,
        pattern: &Pattern,
        s: &Structure,
        c: &Coefficients,
        mut worst: f64,
        d: &mut Diagnostics,
    ) -> f64 {
        let size = self.point.len();
        self.taken[0].copy_from_slice(&self.step);
        self.squares[0] = square(&self.step);
        for n in 0..CHEAP_STEPS {
            if worst <= TOLERANCE {
                break;
            }
            self.direction(plan, pattern);
            for m in 0..n {
                let along = product(&self.taken[m], &self.step) / self.squares[m];
                for i in 0..size {
                    self.step[i] += self.taken[m + 1][i] * along;
                }
            }
            let along = product(&self.taken[n], &self.step) / self.squares[n];
            if along > 0.9 || along.is_nan() {
                break;
            }
            for step in &mut self.step {
                *step /= 1.0 - along;
            }
            if self.cut_step(plan) < 1.0 {
                break;
            }
            self.taken[n + 1].copy_from_slice(&self.step);
            self.squares[n + 1] = square(&self.step);
            self.move_to_trial(plan, 1.0);
            let reached = self.evaluate(plan, s, c, d);
            d.iterations += 1;
            if reached < worst {
                std::mem::swap(&mut self.point, &mut self.trial);
                let gain = reached / worst;
                worst = reached;
                if gain > CHEAP_GAIN {
                    break;
                }
            } else {
                d.fallbacks += 1;
                self.trial.copy_from_slice(&self.point);
                worst = self.evaluate(plan, s, c, d);
                break;
            }
        }
        worst
    }

    /// Evaluates the market at the trial point.
    fn evaluate(
        &mut self,
        plan: &Plan,
        s: &Structure,
        c: &Coefficients,
        d: &mut Diagnostics,
    ) -> f64 {
        d.evaluations += 1;
        self.quotas.set_rents(&self.trial[plan.venues..]);
        self.balance
            .evaluate(plan, s, c, &mut self.quotas, &self.trial[..plan.venues])
    }

    /// Step from the last factor against the excess at the last evaluated point.
    fn direction(&mut self, plan: &Plan, pattern: &Pattern) {
        let rows = pattern.diagonal.len();
        self.row.head_mut(rows).fill(0.0);
        for (&row, &gap) in pattern.row_of.iter().zip(&self.balance.gap) {
            self.row.set(row, -gap);
        }
        let factor = match &self.whole {
            Some(whole) if self.by_whole => whole,
            _ => &self.thinned,
        };
        factor.solve(pattern, &mut self.row);
        if self.quotas.in_force() {
            let rents = self.quotas.apply_border(self.row.head_mut(rows));
            self.step[plan.venues..].copy_from_slice(rents);
        }
        for v in 0..plan.venues {
            self.step[v] = self.row.get(pattern.row_of[v]);
        }
    }

    /// Factor by which the step must be shortened so that no price moves too far.
    fn cut_step(&self, plan: &Plan) -> f64 {
        let longest = self.step[..plan.venues]
            .iter()
            .fold(0.0f64, |most, step| most.max(step.abs()));
        let rents = self.step[plan.venues..]
            .iter()
            .zip(&self.point[plan.venues..]);
        let longest = rents.fold(longest, |most, (step, rent)| {
            most.max(step.abs() / (1.0 + rent))
        });
        if longest > STEP { STEP / longest } else { 1.0 }
    }

    fn move_to_trial(&mut self, plan: &Plan, length: f64) {
        for (trial, (x, step)) in self.trial.iter_mut().zip(self.point.iter().zip(&self.step)) {
            *trial = x + length * step;
        }
        for x in &mut self.trial[..plan.venues] {
            *x = x.clamp(-PRICE_RANGE, PRICE_RANGE);
        }
        for rent in &mut self.trial[plan.venues..] {
            *rent = rent.max(0.0);
        }
    }

    /// Sum of squared log gaps and quota residuals at the last evaluated point.
    fn merit(&self) -> f64 {
        square(&self.balance.gap) + self.quotas.squares()
    }
}

fn product(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn square(a: &[f64]) -> f64 {
    product(a, a)
}
