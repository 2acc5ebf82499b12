//! What the measures in force do to plants, projects, owners and people this quarter: a part of [`super::exchange::Effects`]. Written by
//! policy; read by planning, settlement, substitution, investment and capability. Measures are named by their position.

use super::{
    graph::Stage,
    ids::{FirmId, StateId},
    time::Quarter,
};

/// A subsidised loan that a group's projects may draw on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoanOffer {
    /// Position of the measure that lends.
    pub measure: usize,
    /// Share of capital cost lent.
    pub share: f64,
    /// Points by which its interest is below what the firm would pay, per year.
    pub discount: f64,
    /// What is left of its budget, USD of principal.
    pub left_usd: f64,
}

/// Shares that a state would take in a group's projects.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EquityOffer {
    /// Position of the measure that pays.
    pub measure: usize,
    /// Share of capital cost bought.
    pub share: f64,
    /// What is left of its budget, USD.
    pub left_usd: f64,
}

/// A credit per kg of output.
#[derive(Debug, Clone, PartialEq)]
pub struct Credit {
    /// Position of the measure that pays.
    pub measure: usize,
    /// Paid per kg of the group's covered output; the budget allows so much at full capacity.
    pub usd_per_kg: f64,
    /// By commodity: whether it is covered.
    pub goods: Vec<bool>,
    /// t of covered output per t of activity.
    pub amount: f64,
    /// Quarters for which it is promised.
    pub quarters: f64,
}

/// Faster permits.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Permits {
    /// Quarters by which the time to build is cut.
    pub quarters: f64,
    /// Share by which the mean delay is cut.
    pub delay_cut: f64,
}

/// Owners from these states are refused or kept waiting.
#[derive(Debug, Clone, PartialEq)]
pub struct Screen {
    /// Position of the measure.
    pub measure: usize,
    /// State that screens.
    pub host: StateId,
    /// By state: whether its owners are screened.
    pub owners: Vec<bool>,
    /// By stage: whether it is screened.
    pub stages: [bool; 5],
    /// Quarters that a case takes; `None`: it is refused.
    pub delay: Option<u32>,
    /// Public cost of a case, USD.
    pub case_usd: f64,
    /// Whether such owners must sell what they have.
    pub divest: bool,
}

impl Screen {
    /// Whether a case of this host, stage and owner comes before it.
    #[must_use]
    pub fn catches(&self, host: StateId, stage: Stage, owner: StateId) -> bool {
        self.host == host && self.stages[stage as usize] && self.owners[owner.index()]
    }
}

/// A merger of plants under one firm.
#[derive(Debug, Clone, PartialEq)]
pub struct Merger {
    /// State whose firms are merged.
    pub state: StateId,
    /// The firm that takes them over.
    pub firm: FirmId,
    /// By plant group: whether its plants belong.
    pub groups: Vec<bool>,
    /// Share of its capacity that the firm lets run.
    pub discipline: f64,
}

/// An order to buy plants.
#[derive(Debug, Clone, PartialEq)]
pub struct PurchaseOrder {
    /// Position of the measure.
    pub measure: usize,
    /// State behind the buyer.
    pub state: StateId,
    /// The firm that buys.
    pub buyer: FirmId,
    /// Plants wanted, by position.
    pub plants: Vec<usize>,
    /// Paid above the value of the plant's capital, share.
    pub premium: f64,
    /// Share of the price that the state pays.
    pub public_share: f64,
}

/// An environmental standard in force.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standard {
    /// Position of the measure.
    pub measure: usize,
    /// Share of full compliance that is kept to: stringency times enforcement, at most 1.
    pub kept: f64,
    /// Share enforced.
    pub enforcement: f64,
}

/// Training of experts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Course {
    /// State that teaches.
    pub state: StateId,
    /// By stage: whether it is taught.
    pub stages: [bool; 5],
    /// Share of the gap to full know-how that a quarter's graduates close.
    pub gain: f64,
    /// Quarter in which this quarter's students go to work.
    pub graduates: Quarter,
}

/// Public research on doing with less.
#[derive(Debug, Clone, PartialEq)]
pub struct Research {
    /// State whose makers and users take part.
    pub state: StateId,
    /// By commodity: whether it is to be saved.
    pub goods: Vec<bool>,
    /// By sector: whether its users take part.
    pub sectors: Vec<bool>,
    /// Factor on the pace.
    pub speed: f64,
    /// Share by which more can be saved.
    pub limit: f64,
}

/// A duty to collect end-of-life products.
#[derive(Debug, Clone, PartialEq)]
pub struct Mandate {
    /// Position of the measure.
    pub measure: usize,
    /// State in which products are collected.
    pub state: StateId,
    /// By sector: whether its products are.
    pub sectors: Vec<bool>,
    /// Share collected at the target.
    pub target: f64,
    /// How far the way to the target has been gone, 0 to 1.
    pub way: f64,
    /// Public cost of what is collected beyond the usual, USD per kg REO.
    pub usd_per_kg: f64,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Industry {
    /// Loans on offer, by plant group.
    pub loans: Vec<Option<LoanOffer>>,
    /// Shares on offer to be bought, by plant group.
    pub equity: Vec<Option<EquityOffer>>,
    /// Credits per kg of output, by plant group.
    pub credits: Vec<Option<Credit>>,
    /// Faster permits, by plant group.
    pub permits: Vec<Permits>,
    /// Standards, by state.
    pub standards: Vec<Option<Standard>>,
    /// Ownership screening.
    pub screens: Vec<Screen>,
    /// Mergers.
    pub mergers: Vec<Merger>,
    /// Purchases.
    pub purchases: Vec<PurchaseOrder>,
    /// Courses.
    pub courses: Vec<Course>,
    /// Research.
    pub research: Vec<Research>,
    /// Duties to collect.
    pub mandates: Vec<Mandate>,
    /// Running costs of programmes: position of the measure, USD of the quarter.
    pub dues: Vec<(usize, f64)>,
}

/// What screening says of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// Not screened.
    Free,
    /// Let through after so many quarters.
    Delayed(u32),
    /// Refused.
    Refused,
}

impl Industry {
    /// Clears it to what holds without measures.
    pub fn reset(&mut self, groups: usize, states: usize) {
        self.loans.clear();
        self.loans.resize(groups, None);
        self.equity.clear();
        self.equity.resize(groups, None);
        self.credits.clear();
        self.credits.resize(groups, None);
        self.permits.clear();
        self.permits.resize(groups, Permits::default());
        self.standards.clear();
        self.standards.resize(states, None);
        self.screens.clear();
        self.mergers.clear();
        self.purchases.clear();
        self.courses.clear();
        self.research.clear();
        self.mandates.clear();
        self.dues.clear();
    }

    /// What screening says of a project or purchase; the strictest rule holds.
    #[must_use]
    pub fn ruling(&self, host: StateId, stage: Stage, owner: StateId) -> Ruling {
        let mut ruling = Ruling::Free;
        for screen in self
            .screens
            .iter()
            .filter(|s| s.catches(host, stage, owner))
        {
            ruling = match (screen.delay, ruling) {
                (None, _) | (_, Ruling::Refused) => Ruling::Refused,
                (Some(wait), Ruling::Delayed(other)) => Ruling::Delayed(wait.max(other)),
                (Some(wait), Ruling::Free) => Ruling::Delayed(wait),
            };
        }
        ruling
    }

    /// Whether an owner must sell a plant.
    #[must_use]
    pub fn must_sell(&self, host: StateId, stage: Stage, owner: StateId) -> bool {
        self.screens
            .iter()
            .any(|s| s.divest && s.catches(host, stage, owner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strictest_screening_holds() {
        let screen = |delay| Screen {
            measure: 0,
            host: StateId(1),
            owners: vec![true, false],
            stages: [true; 5],
            delay,
            case_usd: 0.0,
            divest: false,
        };
        let mut industry = Industry::default();
        let (host, stage, owner) = (StateId(1), Stage::Separation, StateId(0));
        assert_eq!(industry.ruling(host, stage, owner), Ruling::Free);
        industry.screens.push(screen(Some(4)));
        assert_eq!(industry.ruling(host, stage, owner), Ruling::Delayed(4));
        industry.screens.push(screen(None));
        assert_eq!(industry.ruling(host, stage, owner), Ruling::Refused);
        assert_eq!(industry.ruling(host, stage, StateId(1)), Ruling::Free);
        assert!(!industry.must_sell(host, stage, owner));
    }
}
