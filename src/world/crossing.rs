//! What it costs to cross between states at the start: freight, standing duties, and the taxes of measures in force before the start.

use super::prices::Crossing;
use crate::config::scenario::Scenario;
use crate::domain::{graph::Graph, policy::Instrument};

/// Costs of crossing, ready to be asked for any commodity and pair of states.
#[derive(Debug, Clone, PartialEq)]
pub struct Crossings {
    states: usize,
    forms: Vec<usize>,
    /// Freight, USD per kg, states x states.
    freight: Vec<f64>,
    /// Standing duty by form, states x states (exporter first).
    duty: Vec<Vec<f64>>,
    /// Share of the seller's price by commodity and state of origin: tax kept on export.
    vat: Vec<f64>,
    /// Export tax by commodity, states x states.
    tax: Vec<Vec<f64>>,
    /// Extra duty by commodity, states x states.
    extra: Vec<Vec<f64>>,
}

/// Freight where the table has no row, USD per t.
const FREIGHT_UNKNOWN: f64 = 150.0;

impl Crossings {
    /// Gathers the costs.
    #[must_use]
    pub fn new(scenario: &Scenario, graph: &Graph, states: &[String]) -> Self {
        let (n, c) = (states.len(), graph.commodities.len());
        let place = |name: &str| states.iter().position(|s| s == name);
        let mut freight = vec![FREIGHT_UNKNOWN / 1000.0; n * n];
        for row in scenario.freight.values() {
            if let (Some(i), Some(j)) = (place(&row.from), place(&row.to)) {
                freight[i * n + j] = row.usd_per_t / 1000.0;
            }
        }
        let mut crossings = Self {
            states: n,
            forms: graph.commodities.iter().map(|k| k.form as usize).collect(),
            freight,
            duty: duties(scenario, states),
            vat: vec![0.0; c * n],
            tax: vec![vec![0.0; n * n]; c],
            extra: vec![vec![0.0; n * n]; c],
        };
        for (state, strategy) in &scenario.strategies {
            let Some(s) = place(state) else { continue };
            for measure in strategy.calendar.values().filter(|m| {
                m.from < scenario.start && m.until.is_none_or(|until| until >= scenario.start)
            }) {
                crossings.lay(scenario, graph, states, s, &measure.instrument);
            }
        }
        crossings
    }

    fn lay(
        &mut self,
        scenario: &Scenario,
        graph: &Graph,
        states: &[String],
        s: usize,
        instrument: &Instrument,
    ) {
        let n = self.states;
        let named = |list: &[String], k: usize| list.is_empty() || list.contains(&states[k]);
        match instrument {
            Instrument::VatRebate { of, rate } => {
                for k in graph.covered(of) {
                    self.vat[k.index() * n + s] = scenario.states[&states[s]].vat * (1.0 - rate);
                }
            }
            Instrument::ExportTax { of, rate, to } => {
                for k in graph.covered(of) {
                    for j in (0..n).filter(|&j| named(to, j)) {
                        self.tax[k.index()][s * n + j] += rate;
                    }
                }
            }
            Instrument::Tariff { of, from, rate } => {
                for k in graph.covered(of) {
                    for i in (0..n).filter(|&i| named(from, i)) {
                        self.extra[k.index()][i * n + s] += rate;
                    }
                }
            }
            _ => {}
        }
    }

    /// The crossing of a commodity from one state to another.
    #[must_use]
    pub fn of(&self, commodity: usize, from: usize, to: usize) -> Crossing {
        let pair = from * self.states + to;
        Crossing {
            seller: (1.0 + self.vat[commodity * self.states + from])
                * (1.0 + self.tax[commodity][pair]),
            adder: self.freight[pair],
            buyer: 1.0 + self.standing_duty(commodity, from, to) + self.extra[commodity][pair],
        }
    }

    /// The standing duty, without measures.
    #[must_use]
    pub fn standing_duty(&self, commodity: usize, from: usize, to: usize) -> f64 {
        self.duty[self.forms[commodity]][from * self.states + to]
    }
}

/// Duties by form, in force at the start: the row of the exporter, else that of `*`; of several, the latest.
fn duties(scenario: &Scenario, states: &[String]) -> Vec<Vec<f64>> {
    use crate::domain::graph::Form;
    let n = states.len();
    let mut duties = vec![vec![0.0; n * n]; Form::ALL.len()];
    for form in Form::ALL {
        for (j, importer) in states.iter().enumerate() {
            let rows: Vec<_> = scenario
                .tariffs
                .values()
                .filter(|r| {
                    r.importer == *importer
                        && r.form == format!("{form:?}")
                        && r.from <= scenario.start
                })
                .collect();
            let latest = |exporter: &str| {
                rows.iter()
                    .filter(|r| r.exporter == exporter)
                    .max_by_key(|r| r.from)
                    .map(|r| r.rate)
            };
            for (i, exporter) in states.iter().enumerate() {
                duties[form as usize][i * n + j] =
                    latest(exporter).or_else(|| latest("*")).unwrap_or(0.0);
            }
        }
    }
    duties
}
