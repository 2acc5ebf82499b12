//! monazite: an agent-based geopolitical market model of rare earths.
//!
//! States, firms, plants, end users and contracts trade along a chain from ore to magnet. Each quarter the whole chain clears at once in
//! venues (state x commodity) joined by lanes (state x state); states intervene by dated measures; firms build, stop and close plants.
//! The world is read from configuration: no element, good, process, sector or state is named in this code, except in reported metrics
//! and figures.
//!
//! # Map, in reading order
//!
//! | module | what it holds | imports |
//! |---|---|---|
//! | [`domain`] | the vocabulary: quarters, ids, the commodity graph, actors, instruments, curves, shared state; no systems, no files | nothing of ours |
//! | [`engine`] | [`engine::phase::Phase`] (the timeline), [`engine::simulation::Simulation`] (a world and its schedule), random streams, the audit | `domain` |
//! | [`mechanisms`] | one folder per mechanism: pure rules, thin systems, a `plugin` that registers them; mechanisms never import each other | the above |
//! | [`config`] | reading, layering, checking, drawing what is uncertain, writing out | the above |
//! | [`world`] | from a scenario and a seed to a settled world: reconcile, invert, assemble, spawn | the above; registers the recorder |
//! | [`record`] | typed rows, tables, codebook, manifest, files that appear whole or not at all | the above |
//! | [`analysis`] | metrics, paired differences, concentration, networks; reads rows, never the world | the above |
//! | [`experiment`] | arms x seeds, one run per thread, results joined in a fixed order | the above |
//! | [`export`] | other people's formats: the IAMC form, tables with the keys of their runs | the above |
//! | [`figures`] | every figure, drawn from tables on disk | the above |
//! | [`report`] | one self-contained page: summary, figures, tables, methods | the above |
//! | [`cli`] | definitions of the command line, one file per verb; the only place that prints | the above |
//!
//! Mechanisms meet only in the shared state of [`domain::exchange`]: one writes a column, another reads it.
//!
//! # A quarter
//!
//! Shock, policy, expectation, demand, planning, stockpile, market, settlement, friend-shoring, substitution, investment, capability,
//! audit, record: the variants of [`engine::phase::Phase`], in that order. `docs/model.md` says what each does, with its equations;
//! `monazite timeline` prints the systems from the schedule as built.
//!
//! Lags: beliefs, quotas and thrifting look at past quarters only; the market sees this quarter's plans; settlement, trust, investment
//! and learning see what this quarter cleared.
//!
//! # Invariants
//!
//! Checked by [`engine::ledger`] every quarter of every run, in release too:
//! - goods: opening + production + imports = exports + use + scrap + loss + disposal + closing, per venue, to 1e-9;
//! - mass: opening + mined + collected = used + lost + disposed + closing, per element group world-wide, to 1e-9;
//! - money: what one account pays another receives, to 1e-9 of turnover;
//! - no stock, loss or disposal below zero (beyond rounding), every price finite, no lane above its limit, no plants above their capacity
//!   and the ceilings on it.
//!
//! Held by construction:
//! - the market clears every venue to 1e-9 of its throughput and stock, or the run fails; there is no silent quarter;
//! - a draw is a function of (seed, purpose, name of its owner, position), so that adding an entity moves no other draw, and arms under the
//!   same seed meet the same shocks;
//! - the same configuration and seeds give the same bytes on any number of threads: every order is that of sorted names, transcendental
//!   functions are our own or `libm`, and only the manifest knows the time.

pub mod domain;
pub mod engine;
pub mod mechanisms;

pub mod config;

pub mod world;

pub mod record;

pub mod analysis;

pub mod experiment;

pub mod export;

pub mod figures;

pub mod report;

pub mod cli;
