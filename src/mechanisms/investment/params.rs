//! What can be configured of investment.

crate::domain::fields::fields! {
    /// How capacity is built, stopped and lost.
    pub struct InvestmentParams {
        /// Lowest real return that a firm asks of a project.
        hurdle_low: f64 = 0.10, 0.0..=0.5, "per year", "feasibility studies use 8 to 12%; assumption";
        /// Highest real return that a firm asks of a project.
        hurdle_high: f64 = 0.18, 0.0..=0.6, "per year", "assumption: 15 to 20%";
        /// Quarters over which a price gap is expected to close.
        gap_quarters: f64 = 17.0, 1.0..=100.0, "quarters", "assumption: 10 to 25";
        /// Net present value over capital cost at which half of the projects find their money in a quarter.
        finance_centre: f64 = 0.25, -1.0..=3.0, "share", "assumption: 0.1 to 0.5";
        /// Width of that.
        finance_width: f64 = 0.12, 0.01..=1.0, "share", "assumption: 0.05 to 0.3";
        /// Mean delay of a project beyond its promise.
        delay_years: f64 = 2.5, 0.0..=10.0, "years", "49 promised dates: mean slip 3.0 years of all, 2.5 of those that opened, median 1.0";
        /// Mean delay of an expansion of a running plant.
        expansion_delay_years: f64 = 0.5, 0.0..=10.0, "years", "assumption: 0.25 to 1";
        /// Size of an expansion relative to the plant.
        expansion_share: f64 = 0.12, 0.01..=1.0, "share", "assumption: 0.1 to 0.3";
        /// Largest expansion relative to the plant.
        expansion_most: f64 = 0.3, 0.01..=5.0, "share", "assumption: 0.2 to 0.6; Mt Weld's of 2022 is 43%";
        /// Chance that a plant's owner looks at an expansion in a quarter.
        look_chance: f64 = 0.2, 0.0..=1.0, "per quarter", "assumption: 0.1 to 0.5";
        /// Life of a plant in an appraisal.
        life_years: f64 = 15.0, 3.0..=50.0, "years", "assumption: 10 to 25";
        /// Tax and royalty on positive cash flow in an appraisal.
        tax_share: f64 = 0.25, 0.0..=0.8, "share", "corporate tax of 20 to 30% in most states";
        /// Quarters in a row with a negative remaining value after which a project is given up.
        patience_quarters: f64 = 5.0, 1.0..=40.0, "quarters", "assumption: 4 to 8";
        /// Speed at which a plant's average profitability follows the last quarter.
        profit_memory: f64 = 0.25, 0.01..=1.0, "per quarter", "assumption: 0.15 to 0.4";
        /// Centre of the log profitability below which plants are mothballed.
        mothball_centre: f64 = -0.22, -2.0..=0.0, "log", "assumption: -0.35 to -0.12";
        /// Spread of that between plants.
        mothball_spread: f64 = 0.08, 0.0..=0.5, "log", "assumption: 0.04 to 0.15; alike thresholds stop half of all plants together";
        /// Log profitability above the threshold at which a plant reopens.
        reopen_gap: f64 = 0.25, 0.01..=1.0, "log", "assumption: 0.15 to 0.4";
        /// Quarters after which a mothballed plant is closed for good.
        closure_quarters: f64 = 20.0, 2.0..=100.0, "quarters", "assumption: 12 to 32; Mountain Pass stood for 10 quarters in 2015-2018";
        /// Cash, relative to the capital in its plants, below which a firm is bankrupt.
        bankrupt_below: f64 = -0.06, -1.0..=0.0, "share of capital", "assumption: -0.15 to -0.03";
        /// Chance that a bankrupt firm's plants are sold and not left idle.
        sale_chance: f64 = 0.6, 0.0..=1.0, "share", "assumption: 0.4 to 0.8";
        /// What a plant fetches in a sale that cannot wait, relative to its capital, if the buyer has the cash.
        fire_sale: f64 = 0.3, 0.0..=1.0, "share", "assumption: 0.1 to 0.5; Mountain Pass went for USD 20.5m in 2017, after 1.5bn had been spent";
        /// Largest part of a project's capital cost that its owner pays from its own cash.
        own_share: f64 = 0.3, 0.0..=1.0, "share", "assumption: 0.2 to 0.5";
        /// Part of what neither a state nor the owner pays that is lent, not given for shares.
        debt_share: f64 = 0.4, 0.0..=1.0, "share", "assumption: 0.2 to 0.6; project finance of mines, 50 to 60% of capital cost";
        /// Real interest of private lenders where the risk of the host is nil.
        debt_rate: f64 = 0.06, 0.0..=0.3, "per year", "assumption: 0.04 to 0.09";
        /// Years over which debts are repaid, once served.
        loan_years: f64 = 10.0, 1.0..=40.0, "years", "assumption: 7 to 15";
        /// How much less than others a project that a state lends all of must be worth to find its money, share of capital.
        loan_ease: f64 = 0.25, 0.0..=2.0, "share", "assumption: 0.1 to 0.4";
        /// Extra real return asked per point of the rule of law below `law_norm`.
        law_premium: f64 = 0.005, 0.0..=0.1, "per year per point", "assumption: 0 to 0.02; on top of the country risk premium";
        /// Rule of law at which nothing extra is asked.
        law_norm: f64 = 1.0, -3.0..=3.0, "index", "World Governance Indicators: 1 is about the mean of OECD members";
        /// Chance that a first plant of its kind is built by an investor from abroad, where there is one that the host lets in.
        foreign_chance: f64 = 0.5, 0.0..=1.0, "share", "assumption: 0.2 to 0.8";
        /// Quarters that a plant without any know-how needs beyond its ramp to qualify with its customers.
        qualification_quarters: f64 = 8.0, 0.0..=40.0, "quarters", "assumption: 4 to 12; 1 to 3 years for magnets in cars";
        /// Yearly cost of a mothballed plant relative to its capital.
        idle_cost: f64 = 0.02, 0.0..=0.2, "per year", "assumption: 0.01 to 0.04";
        /// Part of conversion cost that is depreciation and not cash, relative to the capital in the plant.
        depreciation: f64 = 0.05, 0.0..=0.3, "per year", "assumption: 0.03 to 0.08; lives of 12 to 30 years";
        /// Whether owners bear the losses of a plant until it has ramped up, and judge it from then on.
        spare_ramping: bool = false;
        /// Whether investors judge a good that nobody deals in by what those who could take it could pay, and not by a price at which nobody trades.
        judge_untraded: bool = false;
        /// Return asked for beyond the hurdle rate in a host per unit of trust lost in it since the start, per year.
        distrust_hurdle: f64 = 0.05, 0.0..=0.5, "per year per trust", "assumption: 0.02 to 0.1";
    }
}
