//! Trade and price formation: one clearing of the whole chain per quarter.
//!
//! End users, plants, stock-holders and states bring smooth curves to venues (state x commodity), lanes carry goods between
//! venues, and one price per venue balances all of them at once: no rationing rule, no lag between stages, no oscillation.
//! A limit on a lane or an export quota needs no rule either: the wedge it opens between two prices is its scarcity rent.
//!
//! The curves, each a pure function that the settled start also inverts: [`curve`] (end use, stocks, stockpile steps),
//! [`lane`] (delivered cost, flow, limits, shadow rents), [`plant`] (profitability, choice of recipe, merit order).
//! `evaluate` sums them into each venue's supply and demand, `jacobian` has their derivatives, [`solve`] finds the prices where
//! every excess is below 1e-9 of the venue's throughput and stock, or fails the run.
//!
//! Sources of the forms: trade by relationship is Armington (1969, IMF Staff Papers 16) in delivered cost with shares that
//! saturate; the choice between recipes is the logit of McFadden (1974); the complementarity of a quota and its rent is smoothed
//! after Fischer (1992, Optimization 24) and Burmeister; cheap steps after one factorisation follow Broyden (1965) as in
//! Kelley (1995, Iterative Methods for Linear and Nonlinear Equations, ch. 7); the elimination order is minimum fill
//! (Tinney and Walker 1967, Proc. IEEE 55).

mod balance;
pub mod curve;
mod evaluate;
mod factor;
mod jacobian;
pub mod lane;
mod outcome;
pub mod plan;
pub mod plant;
mod quota;
pub mod solve;
pub mod start;
pub mod systems;
mod wiring;

pub use plan::Plan;
pub use solve::{Workspace, clear, clear_without_limits};
pub use start::Predictor;

/// Largest excess relative to a venue's throughput and stock that counts as cleared.
pub const TOLERANCE: f64 = 1e-9;
