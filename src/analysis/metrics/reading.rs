//! A run's rows, summed once in the ways that metrics ask for.

use crate::{
    config::experiment::metrics::is_priced,
    domain::{graph::Stage, time::Quarter},
    record::{RunRecord, names::Names, row::StageRow},
};

/// Unmet and wanted quantities of one quarter, valued at the prices of the first year.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Need {
    /// Wanted.
    pub wanted: f64,
    /// Not served.
    pub unmet: f64,
}

impl Need {
    /// Share of the wanted that was not served; none if nothing was wanted.
    #[must_use]
    pub fn share(self) -> f64 {
        if self.wanted > 0.0 {
            self.unmet / self.wanted
        } else {
            0.0
        }
    }
}

/// Price and balance of a venue over the quarters.
#[derive(Debug, Clone, Default)]
struct VenueSeries {
    prices: Vec<f64>,
}

/// A run as metrics see it.
pub struct Reading<'a> {
    record: &'a RunRecord,
    first: Option<Quarter>,
    quarters: usize,
    /// Mean price of the first year per commodity, weighted by use.
    base_price: Vec<f64>,
    /// Prices by commodity and state.
    venues: Vec<Vec<VenueSeries>>,
    /// Need of the world by quarter.
    world: Vec<Need>,
    /// Need by state and quarter.
    states: Vec<Vec<Need>>,
    /// Consumer surplus lost by state, USD.
    consumer_loss: Vec<f64>,
    /// Demand of rated sectors that went unserved by state, t.
    unmet_defence: Vec<f64>,
    /// Share of the others' use that each state's exports cover, in the first and in the last year.
    supply: Vec<[f64; 2]>,
}

/// Quarters in a year.
const YEAR: usize = 4;

impl<'a> Reading<'a> {
    /// Sums the rows of a record.
    #[must_use]
    pub fn of(record: &'a RunRecord) -> Self {
        let market = &record.rows.market.quarter;
        let quarters_of_all = market
            .iter()
            .chain(&record.rows.stage.quarter)
            .chain(&record.rows.end_use.quarter)
            .chain(&record.rows.state.quarter);
        let first = quarters_of_all.clone().min().copied();
        let quarters = first.zip(quarters_of_all.max()).map_or(0, |(first, last)| {
            usize::try_from(last.since(first) + 1).unwrap_or(0)
        });
        let mut reading = Self {
            record,
            first,
            quarters,
            base_price: Vec::new(),
            venues: Vec::new(),
            world: vec![Need::default(); quarters],
            states: vec![vec![Need::default(); quarters]; record.names.states.len()],
            consumer_loss: vec![0.0; record.names.states.len()],
            unmet_defence: vec![0.0; record.names.states.len()],
            supply: Vec::new(),
        };
        reading.read_prices();
        reading.read_needs();
        reading.read_supply();
        reading
    }

    fn read_prices(&mut self) {
        let names = self.names();
        let (commodities, states) = (names.commodities.len(), names.states.len());
        let mut venues = vec![vec![VenueSeries::default(); states]; commodities];
        let mut spent = vec![(0.0, 0.0); commodities];
        for row in self.record.rows.market.rows() {
            let (commodity, state) = (row.commodity.index(), row.state.index());
            venues[commodity][state].prices.push(row.price_usd_per_kg);
            if self.since_start(row.quarter) < YEAR {
                let weight = row.use_t.max(f64::MIN_POSITIVE); // an unused good still has its plain mean price
                spent[commodity].0 += weight * row.price_usd_per_kg;
                spent[commodity].1 += weight;
            }
        }
        self.venues = venues;
        self.base_price = spent
            .iter()
            .map(|(value, weight)| if *weight > 0.0 { value / weight } else { 0.0 })
            .collect();
    }

    fn read_needs(&mut self) {
        for row in self.record.rows.end_use.rows() {
            let (price, quarter, state) = (
                self.base_price[row.commodity.index()],
                self.since_start(row.quarter),
                row.state.index(),
            );
            let unmet = row.unmet_price_t.max(0.0) + row.unmet_limit_t.max(0.0);
            self.consumer_loss[state] += row.consumer_loss_usd;
            if self.names().rated[row.sector.index()] {
                self.unmet_defence[state] += unmet;
            }
            for need in [&mut self.world[quarter], &mut self.states[state][quarter]] {
                need.wanted += price * row.demand_t;
                need.unmet += price * unmet;
            }
        }
    }

    fn read_supply(&mut self) {
        let states = self.names().states.len();
        let mut exports = vec![[0.0; 2]; states];
        let mut uses = vec![[0.0; 2]; states];
        for row in self.record.rows.market.rows() {
            let (price, state) = (self.base_price[row.commodity.index()], row.state.index());
            for (window, within) in [
                self.in_first_year(row.quarter),
                self.in_last_year(row.quarter),
            ]
            .into_iter()
            .enumerate()
            {
                if within {
                    exports[state][window] += price * row.exports_t;
                    uses[state][window] += price * row.use_t;
                }
            }
        }
        let all: [f64; 2] =
            [0, 1].map(|window| uses.iter().map(|by_window| by_window[window]).sum());
        self.supply = (0..states)
            .map(|state| {
                [0, 1].map(|window| exports[state][window] / (all[window] - uses[state][window]))
            })
            .collect();
    }

    fn since_start(&self, quarter: Quarter) -> usize {
        self.first
            .and_then(|first| usize::try_from(quarter.since(first)).ok())
            .unwrap_or(0)
    }

    /// What the ids stand for.
    #[must_use]
    pub fn names(&self) -> &'a Names {
        &self.record.names
    }

    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &'a crate::record::row::Rows {
        &self.record.rows
    }

    /// Quarters recorded.
    #[must_use]
    pub fn quarters(&self) -> usize {
        self.quarters
    }

    /// Whether a quarter lies in the first year.
    #[must_use]
    pub fn in_first_year(&self, quarter: Quarter) -> bool {
        self.since_start(quarter) < YEAR
    }

    /// Whether a quarter lies in the last four of the record.
    #[must_use]
    pub fn in_last_year(&self, quarter: Quarter) -> bool {
        self.since_start(quarter) + YEAR >= self.quarters
    }

    /// Whether a quarter lies in the calendar year `year`, or, if the record ends before that year does or starts after it, in
    /// the last four quarters.
    #[must_use]
    pub fn in_year(&self, year: i32, quarter: Quarter) -> bool {
        let covers = Quarter::new(year, 1)
            .zip(self.first)
            .is_some_and(|(start, first)| {
                usize::try_from(start.since(first))
                    .is_ok_and(|offset| offset + YEAR <= self.quarters)
            });
        if covers {
            quarter.year() == year
        } else {
            self.in_last_year(quarter)
        }
    }

    /// Mean price of a commodity in the first year, weighted by use, USD/kg.
    #[must_use]
    pub fn base_price(&self, commodity: usize) -> f64 {
        self.base_price[commodity]
    }

    /// Commodities whose prices are reported: all but concentrates and scrap.
    pub fn priced(&self) -> impl Iterator<Item = usize> + use<'a> {
        let forms = &self.names().forms;
        (0..forms.len()).filter(|&c| is_priced(forms[c]))
    }

    /// Prices of a venue, quarter by quarter; empty if there is no such venue.
    #[must_use]
    pub fn prices(&self, commodity: usize, state: usize) -> &[f64] {
        &self.venues[commodity][state].prices
    }

    /// Consumer surplus lost over the run in a state, or in all, USD.
    #[must_use]
    pub fn consumer_loss(&self, state: Option<usize>) -> f64 {
        of_state(&self.consumer_loss, state)
    }

    /// Demand of rated sectors that went unserved over the run in a state, or in all, t.
    #[must_use]
    pub fn unmet_defence(&self, state: Option<usize>) -> f64 {
        of_state(&self.unmet_defence, state)
    }

    /// Share of the other states' use that a state's exports cover, by value at the prices of the first year: in the first
    /// year and in the last.
    #[must_use]
    pub fn supply_share(&self, state: usize) -> [f64; 2] {
        self.supply[state]
    }

    /// Share of demand not served, quarter by quarter, of the world or of a state.
    #[must_use]
    pub fn shortage(&self, state: Option<usize>) -> Vec<f64> {
        let needs = state.map_or(&self.world, |state| &self.states[state]);
        needs.iter().map(|need| need.share()).collect()
    }

    /// Sum over the rows of a stage in the quarters that `when` selects.
    pub fn stage_sum(
        &self,
        stage: Stage,
        when: impl Fn(Quarter) -> bool,
        value: impl Fn(&StageRow) -> f64,
    ) -> f64 {
        self.rows()
            .stage
            .rows()
            .filter(|row| row.stage == stage && when(row.quarter))
            .map(|row| value(&row))
            .sum()
    }

    /// Output of a stage in the last four quarters by the state that `of` names.
    #[must_use]
    pub fn output_by(&self, stage: Stage, of: impl Fn(&StageRow) -> usize) -> Vec<f64> {
        let mut output = vec![0.0; self.names().states.len()];
        for row in self
            .rows()
            .stage
            .rows()
            .filter(|row| row.stage == stage && self.in_last_year(row.quarter))
        {
            output[of(&row)] += row.production_t;
        }
        output
    }
}

fn of_state(amounts: &[f64], state: Option<usize>) -> f64 {
    state.map_or_else(|| amounts.iter().sum(), |state| amounts[state])
}
