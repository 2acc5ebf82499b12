//! The timeline of a quarter: one variant per act, in the order in which the acts happen.

use bevy_ecs::schedule::SystemSet;

/// The acts of a quarter, in order. The schedule is built from [`Phase::ALL`], so this list *is* the timeline.
#[derive(SystemSet, Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// Dated and random disturbances start and end.
    Shock,
    /// States announce, enact and lift measures; their effects on lanes and plants are laid out.
    Policy,
    /// Goods begin or cease to be told apart by origin, as rules in force ask.
    Provenance,
    /// Price beliefs and perceived risk are formed from past prices and from announcements.
    Expectation,
    /// End users' demand curves: driver, long-run response, thrifting.
    Demand,
    /// Plants' capacities and costs, stock targets, contracts, lanes.
    Planning,
    /// States' stockpile orders and releases.
    Stockpile,
    /// The whole chain clears at once.
    Market,
    /// Goods and money are booked as cleared.
    Settlement,
    /// Trust and buyers' relations move.
    Friendshoring,
    /// Thrifting and redesign move, partly irreversibly.
    Substitution,
    /// Projects start, slip and ramp; plants are mothballed, reopened, closed; firms fail.
    Investment,
    /// Capability grows by doing; damage and compliance are booked.
    Capability,
    /// The books must close.
    Audit,
    /// Observers read the world.
    Record,
}

impl Phase {
    /// All phases in order.
    pub const ALL: [Self; 15] = [
        Self::Shock,
        Self::Policy,
        Self::Provenance,
        Self::Expectation,
        Self::Demand,
        Self::Planning,
        Self::Stockpile,
        Self::Market,
        Self::Settlement,
        Self::Friendshoring,
        Self::Substitution,
        Self::Investment,
        Self::Capability,
        Self::Audit,
        Self::Record,
    ];
}
