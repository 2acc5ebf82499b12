//! What a project is worth: one appraisal for all. Prices, costs and every support - floor, credit, offtake, grant, loan, permits - enter
//! here and nowhere else.

/// A payment per kg that is promised whatever the price turns out to be: a floor's gap, a credit, the floor of an offtake contract.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Promise {
    /// Expected payment on a covered kg, USD per kg of activity.
    pub usd_per_kg: f64,
    /// Activity covered, t per quarter (infinite: all).
    pub covered: f64,
    /// Quarters from now for which it is promised (infinite: without end).
    pub quarters: f64,
}

impl Promise {
    /// Nothing promised.
    pub const NONE: Self = Self {
        usd_per_kg: 0.0,
        covered: 0.0,
        quarters: 0.0,
    };
}

/// What an appraisal looks at. Money in USD per kg of activity, capital in USD per t of activity a year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Appraisal {
    /// Revenue at believed prices.
    pub revenue: f64,
    /// Feed and conversion at believed prices.
    pub cost: f64,
    /// Capital cost before public shares.
    pub capital: f64,
    /// Years until it starts, before faster permits.
    pub lead_years: f64,
    /// Years it runs.
    pub life_years: f64,
    /// Real return asked, per year, before loans.
    pub hurdle: f64,
    /// Share of positive cash flow that goes to the state.
    pub tax_share: f64,
    /// Share of capacity that is run.
    pub load: f64,
    /// Promised payments.
    pub promises: [Promise; 3],
    /// Activity at full load of all who share in the promises, the project among them, t per quarter.
    pub sharers: f64,
    /// Share of capital that the state grants.
    pub grant: f64,
    /// Share of capital lent below the market, and by how many points per year.
    pub loan: (f64, f64),
    /// Years by which permits are faster.
    pub faster_years: f64,
}

/// Least time to build, however fast permits come, years.
const LEAST_LEAD: f64 = 0.25;
/// Least real return on capital that is asked whatever is lent, per year.
const LEAST_HURDLE: f64 = 0.01;

/// Value of one unit a year for so many years.
#[must_use]
pub fn annuity(rate: f64, years: f64) -> f64 {
    if rate > 1e-9 {
        (1.0 - libm::pow(1.0 + rate, -years)) / rate
    } else {
        years
    }
}

/// Net present value over the capital that is the firm's to find: -1 if it earns nothing, 0 if it just earns its hurdle.
///
/// Capital is spent at the decision; cash flows run from the start for the project's life, discounted at the hurdle rate (annuity); promised
/// payments count for the part of that life for which they are promised, on the share of output that they cover.
#[must_use]
pub fn value_over_capital(a: &Appraisal) -> f64 {
    let hurdle = if a.loan.0 > 0.0 {
        (a.hurdle - a.loan.0 * a.loan.1).max(LEAST_HURDLE)
    } else {
        a.hurdle
    };
    let lead = if a.faster_years > 0.0 {
        (a.lead_years - a.faster_years).max(LEAST_LEAD)
    } else {
        a.lead_years
    };
    let growth = 1.0 + hurdle;
    let cash = (a.revenue - a.cost) * 1000.0 * a.load;
    let after_tax = cash - a.tax_share * cash.max(0.0);
    let mut worth = after_tax * annuity(hurdle, a.life_years);
    for promise in a.promises.iter().filter(|p| p.usd_per_kg > 0.0) {
        let years = (promise.quarters / 4.0 - lead).clamp(0.0, a.life_years);
        let share = (promise.covered / a.sharers.max(1e-9)).min(1.0);
        let paid = promise.usd_per_kg * share * 1000.0 * a.load * (1.0 - a.tax_share);
        worth += paid * annuity(hurdle, years);
    }
    let capital = a.capital * (1.0 - a.grant);
    worth * libm::pow(growth, -lead) / capital.max(1e-9) - 1.0
}

/// Share of a loan that is a gift: what repayments at a discount of `discount` points are short of those at the firm's own rate.
#[must_use]
pub fn grant_equivalent(rate: f64, discount: f64, years: f64) -> f64 {
    let low = (rate - discount).max(0.0);
    (1.0 - annuity(rate, years) / annuity(low, years)).max(0.0)
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
            promises: [Promise::NONE; 3],
            sharers: 100.0,
            grant: 0.0,
            loan: (0.0, 0.0),
            faster_years: 0.0,
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
    fn dearer_goods_help_and_delay_hurts() {
        let base = value_over_capital(&case());
        let with = |change: fn(&mut Appraisal)| {
            let mut a = case();
            change(&mut a);
            value_over_capital(&a)
        };
        assert!(with(|a| a.revenue = 46.0) > base);
        assert!(with(|a| a.capital = 5000.0) > base);
        assert!(with(|a| a.lead_years = 5.0) < base);
        assert!(with(|a| a.revenue = 40.0) < -1.0);
    }

    #[test]
    fn every_support_raises_the_value() {
        let base = value_over_capital(&case());
        let with = |change: fn(&mut Appraisal)| {
            let mut a = case();
            change(&mut a);
            value_over_capital(&a)
        };
        let promise = Promise {
            usd_per_kg: 2.0,
            covered: 100.0,
            quarters: f64::INFINITY,
        };
        let full = with(|a| {
            a.promises[0] = Promise {
                usd_per_kg: 2.0,
                covered: 100.0,
                quarters: f64::INFINITY,
            }
        });
        assert!(full > base);
        assert!(with(|a| a.grant = 0.3) > base);
        assert!(with(|a| a.loan = (0.5, 0.05)) > base);
        assert!(with(|a| a.faster_years = 1.0) > base);
        // Half of the volume, or a third of the time, is worth less; what ends before the start is worth nothing.
        let mut half = case();
        half.promises[0] = Promise {
            covered: 50.0,
            ..promise
        };
        assert!((value_over_capital(&half) - base - 0.5 * (full - base)).abs() < 1e-12);
        let mut short = case();
        short.promises[0] = Promise {
            quarters: 28.0,
            ..promise
        };
        assert!(value_over_capital(&short) < full);
        short.promises[0].quarters = 8.0;
        assert_eq!(value_over_capital(&short), base);
    }

    #[test]
    fn a_cheap_loan_is_a_small_gift() {
        let gift = grant_equivalent(0.12, 0.05, 10.0);
        assert!((0.15..0.25).contains(&gift), "{gift}");
        assert_eq!(grant_equivalent(0.12, 0.0, 10.0), 0.0);
    }

    #[test]
    fn a_spike_is_believed_in_part() {
        let price = believed_log_price(1.0, 0.0, 8.0, 60.0, 17.0);
        assert!(price > 0.0 && price < 0.3);
        assert_eq!(believed_log_price(0.4, 0.4, 8.0, 60.0, 17.0), 0.4);
        assert!(finance_chance(0.25, 0.25, 0.12) == 0.5);
    }
}
