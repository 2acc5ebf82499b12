//! Single-commodity markets against solutions found in other ways: welfare maximisation by `clarabel`, and bisection on the pure
//! curves.

use clarabel::{
    algebra::CscMatrix,
    solver::{
        DefaultSettings, DefaultSolver, IPSolver, SolverStatus,
        SupportedConeT::{self, ExponentialConeT, PowerConeT, ZeroConeT},
    },
};
use monazite::{
    domain::{
        ids::VenueId,
        market::{Cleared, Coefficients, LaneKind, PoolMember, Role, Structure, Term},
        maths::{Fourths, exp, ln},
    },
    mechanisms::market::{Workspace, clear, curve, lane, plant},
};

/// Who takes a share of a fixed supply, by inverse demand.
enum Taker {
    /// Price = (base / q)^(1 / elasticity): an end user far from choke, or a holder whose belief the price exceeds.
    Constant { base: f64, elasticity: f64 },
    /// Price = belief exp((1 - q / target) / elasticity): a holder whose belief the price falls short of.
    Glut {
        target: f64,
        belief: f64,
        elasticity: f64,
    },
}

/// Quantities and price that maximise the takers' surplus from `supply`, as a conic programme.
fn welfare(supply: f64, takers: &[Taker]) -> (Vec<f64>, f64) {
    let n = takers.len();
    // variables: quantities, then one auxiliary each; row 0: quantities sum to supply
    let (mut rows, mut columns, mut values): (Vec<usize>, Vec<usize>, Vec<f64>) =
        ((0..n).map(|_| 0).collect(), (0..n).collect(), vec![1.0; n]);
    let (mut b, mut objective) = (vec![supply], vec![0.0; 2 * n]);
    let mut cones: Vec<SupportedConeT<f64>> = vec![ZeroConeT(1)];
    for (i, taker) in takers.iter().enumerate() {
        let row = b.len();
        let (q, t) = (i, n + i);
        let mut entry = |r: usize, column: usize, value: f64| {
            rows.push(row + r);
            columns.push(column);
            values.push(value);
        };
        match *taker {
            Taker::Constant { base, elasticity } => {
                let scale = exp(ln(base) / elasticity);
                let power = 1.0 - 1.0 / elasticity;
                if power > 0.0 {
                    // t <= q^power
                    entry(0, q, -1.0);
                    entry(2, t, -1.0);
                    b.extend([0.0, 1.0, 0.0]);
                    cones.push(PowerConeT(power));
                } else {
                    // t >= q^power
                    entry(0, q, -1.0);
                    entry(1, t, -1.0);
                    b.extend([0.0, 0.0, 1.0]);
                    cones.push(PowerConeT(-power / (1.0 - power)));
                }
                objective[t] = -scale / power;
            }
            Taker::Glut {
                target,
                belief,
                elasticity,
            } => {
                // exp((1 - q / target) / elasticity) <= t
                entry(0, q, 1.0 / (target * elasticity));
                entry(2, t, -1.0);
                b.extend([1.0 / elasticity, 1.0, 0.0]);
                cones.push(ExponentialConeT());
                objective[t] = belief * target * elasticity;
            }
        }
    }
    let m = b.len();
    let settings = DefaultSettings {
        verbose: false,
        tol_gap_abs: 1e-12,
        tol_gap_rel: 1e-12,
        tol_feas: 1e-12,
        ..DefaultSettings::default()
    };
    let constraints = CscMatrix::new_from_triplets(m, 2 * n, rows, columns, values);
    let mut solver = DefaultSolver::new(
        &CscMatrix::zeros((2 * n, 2 * n)),
        &objective,
        &constraints,
        &b,
        &cones,
        settings,
    )
    .expect("the arrays of a test have matching shapes");
    solver.solve();
    assert!(
        matches!(
            solver.solution.status,
            SolverStatus::Solved | SolverStatus::AlmostSolved
        ),
        "{:?}",
        solver.solution.status
    );
    (solver.solution.x[..n].to_vec(), solver.solution.z[0].abs())
}

#[test]
fn one_venue_equals_welfare_maximisation() {
    let eta = Fourths(14);
    for case in 0..24 {
        let mut s = Structure::new(1);
        for _ in 0..4 {
            s.add_use(VenueId(0));
        }
        let mut c = Coefficients::empty(&s);
        c.stock_elasticity = eta;
        // scarce in even cases: prices above all beliefs; a glut in odd ones: below
        let scarce = case % 2 == 0;
        let wiggle = f64::from(case) * 0.07;
        c.opening_stock[0] = if scarce { 5.0 + wiggle } else { 30.0 + wiggle };
        c.inflow[0] = 4.0;
        c.use_base = vec![3.0, 2.0 + wiggle, 1.0, 2.0];
        c.use_elasticity = vec![0.3, 0.8, 1.6, 2.5];
        c.use_reference = vec![0.0, 0.2, -0.1, wiggle * 0.1];
        c.use_choke = vec![30.0; 4];
        c.stock_target[0] = [4.0, 3.0, 2.0 + wiggle];
        c.belief[0] = if scarce {
            [-0.3, -0.2, -0.5]
        } else {
            [0.6, 0.5, 0.7]
        };
        let mut takers: Vec<Taker> = (0..4)
            .map(|u| Taker::Constant {
                base: c.use_base[u] * exp(c.use_elasticity[u] * c.use_reference[u]),
                elasticity: c.use_elasticity[u],
            })
            .collect();
        for (&target, &belief) in c.stock_target[0].iter().zip(&c.belief[0]) {
            takers.push(if scarce {
                Taker::Constant {
                    base: target * exp(eta.value() * belief),
                    elasticity: eta.value(),
                }
            } else {
                Taker::Glut {
                    target,
                    belief: exp(belief),
                    elasticity: eta.value(),
                }
            });
        }
        let mut out = Cleared::default();
        clear(&s, &c, &[0.0], &mut Workspace::new(&s), &mut out).expect("a trading pair clears");
        let above = c.belief[0].iter().all(|&belief| out.log_price[0] >= belief);
        let below = c.belief[0].iter().all(|&belief| out.log_price[0] <= belief);
        assert!(
            if scarce { above } else { below },
            "the case is not what it is meant to be: {}",
            out.log_price[0]
        );
        let (quantities, price) = welfare(c.opening_stock[0] + c.inflow[0], &takers);
        assert!(
            (out.price[0] / price - 1.0).abs() < 1e-6,
            "case {case}: {} against {price}",
            out.price[0]
        );
        // an interior-point optimum is flat in the quantities: they are known to the root of its gap only
        let ours = out.used.iter().chain(&out.desired_stock[0]);
        for (ours, theirs) in ours.zip(&quantities) {
            assert!(
                (ours / theirs - 1.0).abs() < 1e-4,
                "case {case}: {ours} against {theirs}"
            );
        }
    }
}

/// Where a rising function of a log price passes zero.
fn bisect(f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (-12.0, 14.0);
    assert!(f(low) < 0.0 && f(high) > 0.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if f(middle) < 0.0 {
            low = middle
        } else {
            high = middle
        }
    }
    0.5 * (low + high)
}

/// A mine at home, users and holders at home and abroad, one lane between.
struct Pair {
    s: Structure,
    c: Coefficients,
}

impl Pair {
    fn new(tariff: f64, limit: f64, case: u32) -> Self {
        let (home, abroad) = (VenueId(0), VenueId(1));
        let mut s = Structure::new(2);
        let lane = s.add_lane(home, abroad, LaneKind::Trade, Fourths(33));
        s.add_group(
            &[vec![Term {
                venue: home,
                role: Role::Output,
            }]],
            3,
        );
        s.add_use(home);
        s.add_use(abroad);
        s.add_pool(vec![PoolMember { lane, weight: 0.8 }]);
        let mut c = Coefficients::empty(&s);
        let wiggle = f64::from(case) * 0.1;
        c.opening_stock = vec![20.0, 8.0];
        c.stock_target = vec![[10.0, 5.0, 5.0 + wiggle], [4.0, 2.0, 2.0]];
        c.belief = vec![[3.0, 3.1, 2.9], [3.2, 3.3, 3.1 + wiggle * 0.3]];
        c.use_base = vec![30.0, 25.0 + 4.0 * wiggle];
        c.use_elasticity = vec![0.3, 0.4];
        c.use_reference = vec![3.0, 3.2];
        c.use_choke = vec![5.0, 5.5];
        c.capital = vec![20.0];
        c.seller_factor = vec![1.13];
        c.adder = vec![0.4];
        c.buyer_factor = vec![1.0 + tariff];
        c.limit = vec![limit];
        c.opex = vec![18.0];
        c.amount = vec![1.0];
        c.capacity = vec![30.0, 20.0, 25.0];
        c.minimum_load = vec![0.1, 0.2, 0.0];
        c.handicap = vec![0.5, 1.0, 3.0];
        c.rent_scale = vec![20.0];
        Self { s, c }
    }

    fn flow(&self, x: f64, y: f64, rent: f64) -> f64 {
        let c = &self.c;
        let delivered = lane::delivered_cost(
            exp(x),
            c.seller_factor[0],
            c.adder[0] + 0.8 * rent,
            c.buyer_factor[0],
        );
        lane::flows(
            LaneKind::Trade,
            c.capital[0],
            exp(y),
            delivered,
            Fourths(33),
            0.1,
            c.limit[0],
        )
        .1
    }

    /// Supply less demand of a venue but for the lane.
    fn local(&self, v: usize, x: f64) -> f64 {
        let c = &self.c;
        let mut excess = c.opening_stock[v]
            - curve::end_use(
                c.use_base[v],
                c.use_elasticity[v],
                c.use_reference[v],
                c.use_choke[v],
                x,
            );
        for h in 0..3 {
            excess -=
                curve::desired_stock(c.stock_target[v][h], c.belief[v][h], c.stock_elasticity, x);
        }
        if v == 0 {
            let margin = ln(exp(x) / c.opex[0]);
            for p in 0..3 {
                excess += c.capacity[p]
                    * plant::utilisation(c.minimum_load[p], c.handicap[p], margin, c.spread[0]);
            }
        }
        excess
    }

    /// Log prices by nested bisection at a given rent.
    fn prices(&self, rent: f64) -> (f64, f64) {
        let abroad = |x: f64| bisect(|y| self.local(1, y) + self.flow(x, y, rent));
        let x = bisect(|x| self.local(0, x) - self.flow(x, abroad(x), rent));
        (x, abroad(x))
    }

    fn cleared(&self) -> Cleared {
        let mut out = Cleared::default();
        clear(
            &self.s,
            &self.c,
            &[3.0, 3.0],
            &mut Workspace::new(&self.s),
            &mut out,
        )
        .expect("a trading pair clears");
        out
    }
}

#[test]
fn a_trading_pair_equals_nested_bisection() {
    for case in 0..6 {
        for (tariff, limit) in [
            (0.0, f64::INFINITY),
            (0.25, f64::INFINITY),
            (0.0, 9.0),
            (2.0, 3.0),
            (0.0, 0.0),
        ] {
            let pair = Pair::new(tariff, limit, case);
            let out = pair.cleared();
            let (x, y) = pair.prices(0.0);
            assert!(
                (out.log_price[0] - x).abs() < 1e-6 && (out.log_price[1] - y).abs() < 1e-6,
                "{:?} against {x}, {y}",
                out.log_price
            );
        }
    }
}

#[test]
fn a_quota_equals_bisection_on_its_rent() {
    for case in 0..4 {
        let mut pair = Pair::new(0.1, f64::INFINITY, case);
        pair.c.released[0] = 0.5 * 0.8 * pair.cleared().flow[0];
        let out = pair.cleared();
        let rent = exp(bisect(|log| {
            let (x, y) = pair.prices(exp(log));
            pair.c.released[0] - 0.8 * pair.flow(x, y, exp(log))
        }));
        assert!(
            (out.rent[0] / rent - 1.0).abs() < 1e-6,
            "{} against {rent}",
            out.rent[0]
        );
        assert!((0.8 * out.flow[0] / pair.c.released[0] - 1.0).abs() < 1e-6);
    }
}

#[test]
fn a_tariff_of_nil_is_no_tariff() {
    let (none, nil) = (
        Pair::new(0.0, f64::INFINITY, 1),
        Pair::new(0.0 * 0.25, f64::INFINITY, 1),
    );
    assert_eq!(none.cleared(), nil.cleared());
    let taxed = Pair::new(0.25, f64::INFINITY, 1).cleared();
    let free = none.cleared();
    assert!(
        taxed.price[1] > free.price[1]
            && taxed.price[0] < free.price[0]
            && taxed.flow[0] < free.flow[0]
    );
}
