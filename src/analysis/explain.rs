//! Walks back from a shortage or a price peak to what made it: the limits that refused, the shocks that struck, the output and capacity that lacked.
//!
//! The worst quarters are held against the year before them, or before limits began to hold goods back. What reached a venue less than before is split over its sources in
//! proportion to what each of them lost; what a limit refused on a lane is the limit's, the rest is followed to the seller, and
//! from lost output to its shocks or to the inputs that lacked. Tonnes are of the good asked for, per quarter.

use crate::record::table::{Table, TableError};
use std::collections::{BTreeMap, BTreeSet};

/// What is to be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Use that was not served.
    Unmet,
    /// The price.
    Price,
}

/// What is to be explained, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Shortage or price.
    pub kind: Kind,
    /// State.
    pub state: String,
    /// Good.
    pub commodity: String,
}

impl std::str::FromStr for Question {
    type Err = String;

    /// `unmet@EU dy_oxide` or `price@EU dy_oxide`.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is no question; write `unmet@EU dy_oxide` or `price@JP ndpr_oxide`: what, a state, a good"
            )
        };
        let (kind, place) = text.trim().split_once('@').ok_or_else(wrong)?;
        let kind = match kind.trim() {
            "unmet" => Kind::Unmet,
            "price" => Kind::Price,
            _ => return Err(wrong()),
        };
        match place.split_whitespace().collect::<Vec<_>>()[..] {
            [state, commodity] => Ok(Self {
                kind,
                state: state.to_owned(),
                commodity: commodity.to_owned(),
            }),
            _ => Err(wrong()),
        }
    }
}

/// A recipe as far as the walk needs it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recipe {
    /// Goods that go in.
    pub inputs: Vec<String>,
    /// Goods that come out.
    pub outputs: Vec<String>,
}

/// A disturbance that the scenario dates: its name, the state it strikes, and goods whose output it cuts (empty: all ores).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Struck {
    /// Name of the shock.
    pub shock: String,
    /// State struck.
    pub state: String,
    /// Goods whose output it cuts.
    pub goods: Vec<String>,
}

/// The tables of one run that the walk reads.
#[derive(Debug)]
pub struct Tables {
    /// Table `market`.
    pub market: Table,
    /// Table `trade`.
    pub trade: Table,
    /// Table `limit`.
    pub limit: Table,
    /// Table `end_use`.
    pub end_use: Table,
    /// Table `shock`.
    pub shock: Table,
}

/// One cause, with its share in the loss.
#[derive(Debug, Clone, PartialEq)]
pub struct Cause {
    /// What it is, in words.
    pub what: String,
    /// The way from the shortage to it.
    pub path: String,
    /// Tonnes of the good asked for that it took away, per quarter.
    pub tonnes: f64,
}

/// What came out.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// First and last quarter looked at.
    pub quarters: (String, String),
    /// Demand at reference prices in them, t per quarter.
    pub demand: f64,
    /// Of it not served because of the price.
    pub unmet_price: f64,
    /// Of it not served because a limit refused.
    pub unmet_limit: f64,
    /// Highest price over the mean of the first year.
    pub price_ratio: f64,
    /// Causes, largest first.
    pub causes: Vec<Cause>,
}

/// Why there is no explanation.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ExplainFault {
    /// A table lacks a column.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Nothing by that name.
    #[error("there is no market of `{commodity}` in `{state}`; table `market` lists them")]
    NoVenue {
        /// State asked for.
        state: String,
        /// Good asked for.
        commodity: String,
    },
    /// Nothing happened.
    #[error("nothing to explain: {0}")]
    Calm(String),
}

/// Steps upstream that are followed.
const DEPTH: usize = 6;
/// Losses below this share of the whole are not followed.
const TRIFLE: f64 = 0.005;
/// Quarters whose shortage is at least this share of the worst belong to the episode.
const EPISODE: f64 = 0.5;

type Venue = (String, String);

/// Means per quarter before and in the episode.
#[derive(Debug, Clone, Copy, Default)]
struct Change {
    before: f64,
    now: f64,
}

impl Change {
    fn lost(self) -> f64 {
        (self.before - self.now).max(0.0)
    }
}

struct Walk<'a> {
    production: BTreeMap<Venue, Change>,
    /// By importer's venue, then exporter.
    lanes: BTreeMap<Venue, BTreeMap<String, Change>>,
    /// Refused per quarter by exporter, importer, good: measure and tonnes.
    refused: BTreeMap<(String, String, String), Vec<(String, f64)>>,
    recipes: &'a [Recipe],
    struck: Vec<&'a Struck>,
    causes: BTreeMap<(String, String), f64>,
    whole: f64,
}

/// Explains a shortage or a price peak of one run.
///
/// # Errors
/// If the place is unknown, a table lacks a column, or nothing happened there.
pub fn explain(
    question: &Question,
    tables: &Tables,
    recipes: &[Recipe],
    struck: &[Struck],
) -> Result<Explanation, ExplainFault> {
    let quarters = quarters_of(&tables.market)?;
    let prices = series(&tables.market, question, "price_usd_per_kg")?;
    if prices.is_empty() {
        return Err(ExplainFault::NoVenue {
            state: question.state.clone(),
            commodity: question.commodity.clone(),
        });
    }
    let demand = series(&tables.end_use, question, "demand_t")?;
    let by_price = series(&tables.end_use, question, "unmet_price_t")?;
    let by_limit = series(&tables.end_use, question, "unmet_limit_t")?;
    let at = |of: &BTreeMap<String, f64>, quarter: &str| of.get(quarter).copied().unwrap_or(0.0);
    let first_year: f64 =
        quarters.iter().take(4).map(|q| at(&prices, q)).sum::<f64>() / quarters.len().min(4) as f64;
    let size = |quarter: &str| match question.kind {
        Kind::Unmet => at(&by_price, quarter) + at(&by_limit, quarter),
        Kind::Price => (at(&prices, quarter) / first_year - 1.0).max(0.0),
    };
    let worst = (0..quarters.len())
        .max_by(|&a, &b| {
            size(&quarters[a])
                .total_cmp(&size(&quarters[b]))
                .then(b.cmp(&a))
        })
        .filter(|&worst| size(&quarters[worst]) > 0.0)
        .ok_or_else(|| {
            ExplainFault::Calm(match question.kind {
                Kind::Unmet => "all use was served".to_owned(),
                Kind::Price => "the price never rose above its first year".to_owned(),
            })
        })?;
    let least = EPISODE * size(&quarters[worst]);
    let first = (0..=worst)
        .rev()
        .take_while(|&i| size(&quarters[i]) >= least)
        .last()
        .unwrap_or(worst)
        .max(worst.saturating_sub(3));
    let now: BTreeSet<&str> = quarters[first..=worst].iter().map(String::as_str).collect();
    // Where limits have held back before, the year before they did so is the one to compare with.
    let refused = refused_at(&tables.limit, question)?;
    let mut calm = first;
    while calm > 0 && refused.contains(&quarters[calm]) && refused.contains(&quarters[calm - 1]) {
        calm -= 1;
    }
    let before: BTreeSet<&str> = if calm == 0 {
        quarters[..1].iter().map(String::as_str).collect()
    } else {
        quarters[calm.saturating_sub(4)..calm]
            .iter()
            .map(String::as_str)
            .collect()
    };
    let mean = |of: &BTreeMap<String, f64>, quarters: &BTreeSet<&str>| {
        quarters.iter().map(|q| at(of, q)).sum::<f64>() / quarters.len() as f64
    };
    let alive: BTreeSet<String> = shocks_alive(&tables.shock, &quarters[worst])?;
    let mut walk = Walk {
        production: BTreeMap::new(),
        lanes: BTreeMap::new(),
        refused: BTreeMap::new(),
        recipes,
        struck: struck
            .iter()
            .filter(|one| alive.contains(&one.shock))
            .collect(),
        causes: BTreeMap::new(),
        whole: 0.0,
    };
    walk.read(tables, &before, &now)?;
    let venue = (question.state.clone(), question.commodity.clone());
    let path = format!("{} {}", question.state, question.commodity);
    let lost = walk.lost_at(&venue);
    let drawn = series(&tables.market, question, "use_t")?;
    let drew = (mean(&drawn, &now) - mean(&drawn, &before)).max(0.0);
    let growth = (mean(&demand, &now) - mean(&demand, &before)).max(0.0);
    let (growth, who) = if drew > growth {
        (drew, "plants and users there drew more")
    } else {
        (growth, "demand grew")
    };
    walk.whole = (lost + growth).max(f64::MIN_POSITIVE);
    if growth > 0.0 {
        walk.add(who, &path, growth);
    }
    walk.follow(&venue, lost, &path, &mut vec![venue.clone()]);
    let mut causes: Vec<Cause> = walk
        .causes
        .into_iter()
        .map(|((what, path), tonnes)| Cause { what, path, tonnes })
        .collect();
    causes.sort_by(|a, b| b.tonnes.total_cmp(&a.tonnes).then(a.path.cmp(&b.path)));
    Ok(Explanation {
        demand: mean(&demand, &now),
        unmet_price: mean(&by_price, &now),
        unmet_limit: mean(&by_limit, &now),
        price_ratio: at(&prices, &quarters[worst]) / first_year,
        quarters: (quarters[first].clone(), quarters[worst].clone()),
        causes,
    })
}

impl Walk<'_> {
    fn read(
        &mut self,
        tables: &Tables,
        before: &BTreeSet<&str>,
        now: &BTreeSet<&str>,
    ) -> Result<(), TableError> {
        let add = |change: &mut Change, quarter: &str, value: f64| {
            if now.contains(quarter) {
                change.now += value / now.len() as f64;
            } else if before.contains(quarter) {
                change.before += value / before.len() as f64;
            }
        };
        let t = &tables.market;
        let (quarter, state, good) = (t.text("quarter")?, t.text("state")?, t.text("commodity")?);
        for (row, &made) in t.f64("production_t")?.iter().enumerate() {
            let venue = (state.get(row).to_owned(), good.get(row).to_owned());
            add(
                self.production.entry(venue).or_default(),
                quarter.get(row),
                made,
            );
        }
        let t = &tables.trade;
        let (quarter, good) = (t.text("quarter")?, t.text("commodity")?);
        let (from, to) = (t.text("exporter")?, t.text("importer")?);
        for (row, &shipped) in t.f64("quantity_t")?.iter().enumerate() {
            let venue = (to.get(row).to_owned(), good.get(row).to_owned());
            let lane = self.lanes.entry(venue).or_default();
            let change = lane.entry(from.get(row).to_owned()).or_default();
            add(change, quarter.get(row), shipped);
        }
        let t = &tables.limit;
        let (quarter, good) = (t.text("quarter")?, t.text("commodity")?);
        let (from, to) = (t.text("exporter")?, t.text("importer")?);
        let measure = t.text("measure")?;
        for (row, &refused) in t.f64("refused_t")?.iter().enumerate() {
            if refused <= 0.0 || !now.contains(quarter.get(row)) {
                continue;
            }
            let lane = (
                from.get(row).to_owned(),
                to.get(row).to_owned(),
                good.get(row).to_owned(),
            );
            let of_lane = self.refused.entry(lane).or_default();
            let share = refused / now.len() as f64;
            match of_lane
                .iter_mut()
                .find(|(name, _)| name == measure.get(row))
            {
                Some((_, sum)) => *sum += share,
                None => of_lane.push((measure.get(row).to_owned(), share)),
            }
        }
        Ok(())
    }

    fn add(&mut self, what: &str, path: &str, tonnes: f64) {
        *self
            .causes
            .entry((what.to_owned(), path.to_owned()))
            .or_insert(0.0) += tonnes;
    }

    /// What a venue got less than before, over all its sources that fell, t per quarter.
    fn lost_at(&self, venue: &Venue) -> f64 {
        let made = self.production.get(venue).map_or(0.0, |c| c.lost());
        let came: f64 = self
            .lanes
            .get(venue)
            .map_or(0.0, |lanes| lanes.values().map(|c| c.lost()).sum());
        made + came
    }

    /// Splits `amount` (t of the good asked for) over the sources of a venue that fell.
    fn follow(&mut self, venue: &Venue, amount: f64, path: &str, seen: &mut Vec<Venue>) {
        let lost = self.lost_at(venue);
        if lost <= 0.0 || amount <= 0.0 {
            return;
        }
        let per_tonne = amount / lost;
        let lanes: Vec<(String, f64)> = self.lanes.get(venue).map_or_else(Vec::new, |lanes| {
            lanes
                .iter()
                .map(|(from, change)| (from.clone(), change.lost()))
                .filter(|(_, lost)| *lost > 0.0)
                .collect()
        });
        for (from, lost) in lanes {
            self.follow_lane(venue, &from, lost, per_tonne, path, seen);
        }
        let made = self.production.get(venue).map_or(0.0, |c| c.lost());
        if made > 0.0 {
            self.follow_output(venue, made * per_tonne, path, seen);
        }
    }

    fn follow_lane(
        &mut self,
        venue: &Venue,
        from: &str,
        lost: f64,
        per_tonne: f64,
        path: &str,
        seen: &mut Vec<Venue>,
    ) {
        let (to, good) = venue;
        let path = format!("{path} < {from} {good}");
        let lane = (from.to_owned(), to.clone(), good.clone());
        let limits = self.refused.get(&lane).cloned().unwrap_or_default();
        let refused: f64 = limits.iter().map(|(_, tonnes)| tonnes).sum();
        let by_limits = refused.min(lost);
        for (measure, tonnes) in &limits {
            let what = format!("`{measure}` of {from} refused {good} to {to}");
            self.add(&what, &path, by_limits * tonnes / refused * per_tonne);
        }
        let rest = (lost - by_limits) * per_tonne;
        if rest < TRIFLE * self.whole {
            return self.add("smaller causes", "", rest);
        }
        let seller = (from.to_owned(), good.clone());
        if self.lost_at(&seller) > 0.0 && seen.len() < DEPTH && !seen.contains(&seller) {
            seen.push(seller.clone());
            self.follow(&seller, rest, &path, seen);
            seen.pop();
        } else {
            self.add(
                &format!("{from} sold its {good} elsewhere or kept it"),
                &path,
                rest,
            );
        }
    }

    fn follow_output(&mut self, venue: &Venue, amount: f64, path: &str, seen: &mut Vec<Venue>) {
        let (state, good) = venue;
        if amount < TRIFLE * self.whole {
            return self.add("smaller causes", "", amount);
        }
        let struck = self
            .struck
            .iter()
            .find(|one| one.state == *state && one.goods.contains(good))
            .copied();
        if let Some(one) = struck {
            let what = format!("shock `{}` cut output of {good} in {state}", one.shock);
            return self.add(&what, path, amount);
        }
        // The input that fell most against what it was.
        let mut worst: Option<(f64, Venue)> = None;
        for recipe in self.recipes.iter().filter(|r| r.outputs.contains(good)) {
            for input in &recipe.inputs {
                let source = (state.clone(), input.clone());
                let before: f64 = self.production.get(&source).map_or(0.0, |c| c.before)
                    + self
                        .lanes
                        .get(&source)
                        .map_or(0.0, |lanes| lanes.values().map(|c| c.before).sum());
                let share = self.lost_at(&source) / before.max(f64::MIN_POSITIVE);
                if before > 0.0
                    && share > 0.02
                    && !seen.contains(&source)
                    && worst.as_ref().is_none_or(|(most, _)| share > *most)
                {
                    worst = Some((share, source));
                }
            }
        }
        match worst {
            Some((_, source)) if seen.len() < DEPTH => {
                let path = format!("{path} < {} {}", source.0, source.1);
                seen.push(source.clone());
                self.follow(&source, amount, &path, seen);
                seen.pop();
            }
            _ => self.add(
                &format!(
                    "plants in {state} made less {good}: it did not pay, or capacity was gone"
                ),
                path,
                amount,
            ),
        }
    }
}

fn quarters_of(market: &Table) -> Result<Vec<String>, TableError> {
    let quarters: BTreeSet<String> = market.text("quarter")?.iter().map(str::to_owned).collect();
    Ok(quarters.into_iter().collect())
}

/// Sums of a column by quarter at the place asked for.
fn series(
    table: &Table,
    question: &Question,
    column: &str,
) -> Result<BTreeMap<String, f64>, TableError> {
    let (quarter, state, good) = (
        table.text("quarter")?,
        table.text("state")?,
        table.text("commodity")?,
    );
    let mut sums = BTreeMap::new();
    for (row, &value) in table.f64(column)?.iter().enumerate() {
        if state.get(row) == question.state && good.get(row) == question.commodity {
            *sums.entry(quarter.get(row).to_owned()).or_insert(0.0) += value;
        }
    }
    Ok(sums)
}

/// Quarters in which limits refused something on the way to the place asked for.
fn refused_at(limit: &Table, question: &Question) -> Result<BTreeSet<String>, TableError> {
    let (quarter, importer, good) = (
        limit.text("quarter")?,
        limit.text("importer")?,
        limit.text("commodity")?,
    );
    let refused = limit.f64("refused_t")?;
    Ok((0..limit.len())
        .filter(|&row| {
            refused[row] > 0.0
                && importer.get(row) == question.state
                && good.get(row) == question.commodity
        })
        .map(|row| quarter.get(row).to_owned())
        .collect())
}

/// Shocks that have started and not ended by a quarter.
fn shocks_alive(shock: &Table, quarter: &str) -> Result<BTreeSet<String>, TableError> {
    let (at, name, event) = (
        shock.text("quarter")?,
        shock.text("shock")?,
        shock.text("event")?,
    );
    let mut alive = BTreeSet::new();
    for row in 0..shock.len() {
        if at.get(row) > quarter {
            continue;
        }
        if event.get(row) == "starts" {
            alive.insert(name.get(row).to_owned());
        } else {
            alive.remove(name.get(row));
        }
    }
    Ok(alive)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::table::Column;

    fn words(list: &[&str]) -> Column {
        Column::words(list.iter().copied())
    }

    /// A good `x` that BB buys from AA, made in AA of ore `o` that comes from CC: in 2025Q1 a licence refuses 4 t and CC's mine stops.
    fn tables() -> Tables {
        let q = ["2024Q4", "2025Q1"];
        let mut market = Table::new("market");
        let (mut quarter, mut state, mut good, mut made) = (vec![], vec![], vec![], vec![]);
        for (at, ore, x) in [(q[0], 10.0, 10.0), (q[1], 5.0, 4.0)] {
            for (s, k, m) in [("AA", "x", x), ("BB", "x", 0.0), ("CC", "o", ore)] {
                quarter.push(at);
                state.push(s);
                good.push(k);
                made.push(m);
            }
        }
        let price: Vec<f64> = quarter
            .iter()
            .map(|&at| if at == q[1] { 30.0 } else { 10.0 })
            .collect();
        market.push("quarter", words(&quarter));
        market.push("state", words(&state));
        market.push("commodity", words(&good));
        market.push("production_t", Column::F64(made));
        market.push("use_t", Column::F64(vec![0.0; price.len()]));
        market.push("price_usd_per_kg", Column::F64(price));
        let mut trade = Table::new("trade");
        trade.push("quarter", words(&[q[0], q[1], q[0], q[1]]));
        trade.push("exporter", words(&["AA", "AA", "CC", "CC"]));
        trade.push("importer", words(&["BB", "BB", "AA", "AA"]));
        trade.push("commodity", words(&["x", "x", "o", "o"]));
        trade.push("quantity_t", Column::F64(vec![10.0, 2.0, 10.0, 5.0]));
        let mut limit = Table::new("limit");
        limit.push("quarter", words(&[q[1]]));
        limit.push("exporter", words(&["AA"]));
        limit.push("importer", words(&["BB"]));
        limit.push("commodity", words(&["x"]));
        limit.push("measure", words(&["licence"]));
        limit.push("refused_t", Column::F64(vec![4.0]));
        let mut end_use = Table::new("end_use");
        end_use.push("quarter", words(&q));
        end_use.push("state", words(&["BB", "BB"]));
        end_use.push("commodity", words(&["x", "x"]));
        end_use.push("demand_t", Column::F64(vec![10.0, 10.0]));
        end_use.push("unmet_price_t", Column::F64(vec![0.0, 4.0]));
        end_use.push("unmet_limit_t", Column::F64(vec![0.0, 4.0]));
        let mut shock = Table::new("shock");
        shock.push("quarter", words(&[q[1]]));
        shock.push("shock", words(&["closed"]));
        shock.push("event", words(&["starts"]));
        Tables {
            market,
            trade,
            limit,
            end_use,
            shock,
        }
    }

    #[test]
    fn a_shortage_is_led_back_to_the_licence_and_the_mine() {
        let recipes = [Recipe {
            inputs: vec!["o".to_owned()],
            outputs: vec!["x".to_owned()],
        }];
        let struck = [Struck {
            shock: "closed".to_owned(),
            state: "CC".to_owned(),
            goods: vec!["o".to_owned()],
        }];
        let question: Question = "unmet@BB x".parse().unwrap();
        let found = explain(&question, &tables(), &recipes, &struck).unwrap();
        assert_eq!(found.quarters, ("2025Q1".to_owned(), "2025Q1".to_owned()));
        let total: f64 = found.causes.iter().map(|c| c.tonnes).sum();
        assert!((total - 8.0).abs() < 1e-12, "{found:?}");
        let of = |word: &str| {
            let hits = found.causes.iter().filter(|c| c.what.contains(word));
            hits.map(|c| c.tonnes).sum::<f64>()
        };
        assert!((of("licence") - 4.0).abs() < 1e-12 && (of("closed") - 4.0).abs() < 1e-12);
        assert!(
            (found.price_ratio - 1.5).abs() < 1e-12,
            "30 over the mean of 10 and 30"
        );
    }

    #[test]
    fn questions_are_checked() {
        assert!("unmet@EU".parse::<Question>().is_err());
        assert!("stocks@EU dy_oxide".parse::<Question>().is_err());
        let question: Question = "price@ZZ x".parse().unwrap();
        assert!(matches!(
            explain(&question, &tables(), &[], &[]),
            Err(ExplainFault::NoVenue { .. })
        ));
    }
}
