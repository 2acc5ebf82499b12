//! What can be configured of the settled start. It stands here because configuration gathers it before a world is built.

super::fields::fields! {
    /// How the start is inverted from the tables of its year.
    pub struct SettleParams {
        /// State whose domestic prices the price table gives.
        anchor: String = "CN".to_owned();
        /// Whether the stocks of the table of draw-downs are run down.
        draw_stocks: bool = true;
        /// Whether plants open, grow and close when their table says, and not when their owners decide: projects and prices apart.
        dated_plants: bool = false;
        /// Widest spread of log profitability over which the plants of a group open.
        widest_spread: f64 = 0.08, 0.01..=0.5, "log", "assumption: 0.05 to 0.12";
        /// That spread as a share of value added over revenue, where tolling leaves less.
        spread_share: f64 = 0.35, 0.05..=1.0, "share", "assumption: 0.25 to 0.5";
        /// Spread of cost between plants of a group relative to the spread over which they open.
        cost_spread: f64 = 0.8, 0.0..=1.0, "share", "assumption: 0.5 to 1";
        /// Largest gap of an element that is booked as a stock change.
        stock_change: f64 = 0.02, 0.0..=0.1, "share of supply", "design: a larger gap is an error of the tables";
        /// Share of the first way to make a good where there are several.
        first_mode_share: f64 = 0.6, 0.1..=1.0, "share", "assumption: 0.5 to 0.8";
        /// Factor by which practical capacity may exceed nameplate.
        stretch: f64 = 1.15, 1.0..=2.0, "factor", "assumption: 1.05 to 1.25";
        /// Share of a buyer's intake below which a lane is left out.
        trickle: f64 = 0.004, 0.0..=0.1, "share", "assumption: keeps lanes few";
        /// Weight of home deliveries against trade on record.
        home_weight: f64 = 3.0, 0.0..=100.0, "factor", "assumption: 1 to 10; a low weight makes cross-hauling";
        /// Sharpness of the choice between ways to make a good, per log of profitability.
        mode_sharpness: f64 = 20.0, 4.0..=60.0, "per log", "assumption: 10 to 40";
        /// Past growth of magnet use per year, by which end-of-life scrap of today is back-cast.
        past_growth: f64 = 0.08, 0.0..=0.2, "per year", "Chinese magnet output grew 8 to 12% a year in 2004-2024";
        /// Size of a generated firm relative to a large one: the exponent of a Zipf law of sizes.
        size_law: f64 = 0.8, 0.0..=2.0, "exponent", "assumption: 0.6 to 1.1";
        /// Generated firms per state and process whose total named plants do not reach; a factor for tests of scale.
        generated_firms: f64 = 6.0, 0.0..=1000.0, "firms", "assumption: 3 to 12";
    }
}
