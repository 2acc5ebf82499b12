//! What a project is worth: one appraisal for all, on log profitability at believed prices.

/// What an appraisal looks at. Money in USD per kg of activity, capital in USD per t of activity a year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Appraisal {
    /// Revenue at believed prices.
    pub revenue: f64,
    /// Feed and conversion at believed prices.
    pub cost: f64,
    /// Capital cost net of public shares.
    pub capital: f64,
    /// Years until it starts.
    pub lead_years: f64,
    /// Years it runs.
    pub life_years: f64,
    /// Real return asked, per year.
    pub hurdle: f64,
    /// Share of positive cash flow that goes to the state.
    pub tax_share: f64,
    /// Share of capacity that is run.
    pub load: f64,
}

/// Net present value over capital: -1 if it earns nothing, 0 if it just earns its hurdle.
///
/// Capital is spent at the decision; cash flows run from the start for the project's life, discounted at the hurdle rate (annuity).
#[must_use]
pub fn value_over_capital(a: &Appraisal) -> f64 {
    let growth = 1.0 + a.hurdle;
    let annuity = if a.hurdle > 1e-9 {
        (1.0 - libm::pow(growth, -a.life_years)) / a.hurdle
    } else {
        a.life_years
    };
    let cash = (a.revenue - a.cost) * 1000.0 * a.load;
    let after_tax = cash - a.tax_share * cash.max(0.0);
    after_tax * annuity * libm::pow(growth, -a.lead_years) / a.capital.max(1e-9) - 1.0
}

/// Log price believed over a project's life: the gap between today's price and the norm closes exponentially with time constant
/// `gap_quarters`; this is its mean over the life that begins after the lead time.
#[must_use]
pub fn believed_log_price(
    today: f64,
    norm: f64,
    lead_quarters: f64,
    life_quarters: f64,
    gap_quarters: f64,
) -> f64 {
    norm + (today - norm) * mean_gap(lead_quarters, life_quarters, gap_quarters)
}

/// Mean share of a price gap that is left over a project's life.
#[must_use]
pub fn mean_gap(lead_quarters: f64, life_quarters: f64, gap_quarters: f64) -> f64 {
    let decay = |t: f64| libm::exp(-t / gap_quarters);
    gap_quarters / life_quarters * (decay(lead_quarters) - decay(lead_quarters + life_quarters))
}

/// Probability that a project finds its money in a quarter.
#[must_use]
pub fn finance_chance(value: f64, centre: f64, width: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-(value - centre) / width))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case() -> Appraisal {
        Appraisal {
            revenue: 45.0,
            cost: 42.0,
            capital: 7300.0,
            lead_years: 2.0,
            life_years: 15.0,
            hurdle: 0.12,
            tax_share: 0.25,
            load: 0.85,
        }
    }

    #[test]
    fn a_project_that_just_earns_its_hurdle_is_worth_nothing_extra() {
        let mut a = case();
        let value = value_over_capital(&a);
        a.capital *= 1.0 + value;
        assert!(value_over_capital(&a).abs() < 1e-12);
    }

    #[test]
    fn dearer_goods_and_grants_help_and_delay_hurts() {
        let base = value_over_capital(&case());
        assert!(
            value_over_capital(&Appraisal {
                revenue: 46.0,
                ..case()
            }) > base
        );
        assert!(
            value_over_capital(&Appraisal {
                capital: 5000.0,
                ..case()
            }) > base
        );
        assert!(
            value_over_capital(&Appraisal {
                lead_years: 5.0,
                ..case()
            }) < base
        );
        assert!(
            value_over_capital(&Appraisal {
                revenue: 40.0,
                ..case()
            }) < -1.0
        );
    }

    #[test]
    fn a_spike_is_believed_in_part() {
        let price = believed_log_price(1.0, 0.0, 8.0, 60.0, 17.0);
        assert!(price > 0.0 && price < 0.3);
        assert_eq!(believed_log_price(0.4, 0.4, 8.0, 60.0, 17.0), 0.4);
        assert!(finance_chance(0.25, 0.25, 0.12) == 0.5);
    }
}
