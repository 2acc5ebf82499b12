//! Where things happen: states, venues, lanes and plant groups of one world, and the tables that find one from another.
//! Fixed once the world is built and shared between the runs of a baseline.

use super::ids::{CommodityId, ProcessId, SectorId, StateId, VenueId};
use bevy_ecs::prelude::Resource;

/// Where provenance matters, a commodity has two sides in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Side {
    /// Goods of any origin; where there is no other side, all goods.
    #[default]
    Open,
    /// Goods without restricted origin, owner or content.
    Qualified,
}

/// One commodity in one state (and on one side): the place where a price forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Venue {
    /// State.
    pub state: StateId,
    /// Commodity.
    pub commodity: CommodityId,
    /// Side.
    pub side: Side,
}

/// A way from one venue to another of the same commodity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lane {
    /// Origin.
    pub from: VenueId,
    /// Destination.
    pub to: VenueId,
    /// State of origin.
    pub exporter: StateId,
    /// State of destination.
    pub importer: StateId,
    /// Commodity.
    pub commodity: CommodityId,
    /// What it is for.
    pub purpose: Purpose,
}

/// What a lane is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Open trade.
    Trade,
    /// Open trade that begins with an offtake; there was none at the start.
    Agreed,
    /// Trade on the qualified side, next to a lane of its own for the open one.
    Qualified,
    /// From the qualified to the open side of a commodity in one state.
    Valve,
    /// What slips past the measures that restrict another lane between the same venues.
    Leak {
        /// That lane.
        of: usize,
    },
}

impl Lane {
    /// The lane whose restrictions this one slips past, if it is such a lane.
    #[must_use]
    pub const fn leak_of(&self) -> Option<usize> {
        match self.purpose {
            Purpose::Leak { of } => Some(of),
            Purpose::Trade | Purpose::Agreed | Purpose::Qualified | Purpose::Valve => None,
        }
    }

    /// Whether it is the valve between the two sides of a commodity in one state.
    #[must_use]
    pub const fn is_valve(&self) -> bool {
        matches!(self.purpose, Purpose::Valve)
    }
}

/// Users of one sector who may be held to one side, or drawn to it by a credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SidedUse {
    /// State.
    pub state: StateId,
    /// Commodity.
    pub commodity: CommodityId,
    /// Sector.
    pub sector: SectorId,
    /// Their curve on the open side.
    pub open: usize,
    /// Their curve on the qualified side.
    pub qualified: usize,
}

/// What belongs together where a commodity has two sides: of each pair the open one first.
///
/// Everything here comes after the venues, lanes and modes that a world without sides has, so that those keep their places.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sides {
    /// Venues.
    pub venues: Vec<(usize, usize)>,
    /// The valve of each pair of venues, as a lane: qualified goods may be sold as open ones, not the other way.
    pub valves: Vec<usize>,
    /// Lanes. The open one of a pair carries everything while the sides are closed.
    pub lanes: Vec<(usize, usize)>,
    /// Lanes of the qualified side between states that did not trade at the start: buyers under a rule look for makers.
    pub sought: Vec<usize>,
    /// Modes of plants that may work for the qualified side.
    pub modes: Vec<(usize, usize)>,
    /// Users.
    pub uses: Vec<SidedUse>,
    /// Venues with one side where every good is qualified.
    pub pure: Vec<bool>,
}

impl Sides {
    /// Whether this world has any.
    #[must_use]
    pub fn exist(&self) -> bool {
        !self.venues.is_empty()
    }

    /// The qualified venue that belongs to an open one.
    #[must_use]
    pub fn qualified_of(&self, open: usize) -> Option<usize> {
        self.venues
            .iter()
            .find(|pair| pair.0 == open)
            .map(|pair| pair.1)
    }

    /// The open member of the pair whose qualified member is `lane`.
    #[must_use]
    pub fn open_lane(&self, lane: usize) -> Option<usize> {
        self.lanes
            .iter()
            .find(|pair| pair.1 == lane)
            .map(|pair| pair.0)
    }
}

/// All plants of one process in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// Process.
    pub process: ProcessId,
    /// Host.
    pub host: StateId,
    /// First mode (index into the market's modes).
    pub first_mode: usize,
    /// One past the last mode.
    pub end_mode: usize,
    /// First plant (plants are sorted by group).
    pub first_plant: usize,
    /// One past the last plant.
    pub end_plant: usize,
}

impl Group {
    /// The group's modes.
    #[must_use]
    pub const fn modes(&self) -> std::ops::Range<usize> {
        self.first_mode..self.end_mode
    }

    /// The group's plants.
    #[must_use]
    pub const fn plants(&self) -> std::ops::Range<usize> {
        self.first_plant..self.end_plant
    }
}

/// Names and look-up tables of one world.
#[derive(Resource, Debug, Clone, PartialEq, Default)]
pub struct Layout {
    /// State codes, by [`StateId`].
    pub states: Vec<String>,
    /// Sector names, by [`SectorId`].
    pub sectors: Vec<String>,
    /// Whether a sector is rated (defence first), by [`SectorId`].
    pub rated: Vec<bool>,
    /// Venues, by [`VenueId`], sorted by (commodity, state); qualified sides after all others.
    pub venues: Vec<Venue>,
    /// Lanes, sorted by (from, to); those of qualified sides and the valves after all others.
    pub lanes: Vec<Lane>,
    /// Plant groups, sorted by (process, host).
    pub groups: Vec<Group>,
    /// Recipe mode of each market mode: (group, mode within the process).
    pub modes: Vec<(usize, usize)>,
    /// Plant names, in plant order.
    pub plants: Vec<String>,
    /// Firm names, by firm id.
    pub firms: Vec<String>,
    /// Plant groups of each firm, by its name.
    pub groups_of_firm: std::collections::BTreeMap<String, Vec<usize>>,
    /// Venue whose state stock each step of the market draws on or fills, by step: another state's where a stock is shared.
    pub stock_of_step: Vec<usize>,
    /// What belongs together where commodities have two sides.
    pub sides: Sides,
    venue_of: Vec<Option<VenueId>>,
    commodities: usize,
}

impl Layout {
    /// A layout of these states and sectors, with nothing in it yet.
    #[must_use]
    pub fn of(states: Vec<String>, sectors: Vec<String>, rated: Vec<bool>) -> Self {
        Self {
            states,
            sectors,
            rated,
            ..Self::default()
        }
    }

    /// Fills the look-up tables. Call once after the lists are complete.
    pub fn index(&mut self, commodities: usize) {
        self.commodities = commodities;
        self.venue_of = vec![None; self.states.len() * commodities];
        let open = |venue: &Venue| venue.side == Side::Open;
        for (v, venue) in self.venues.iter().enumerate().filter(|(_, v)| open(v)) {
            self.venue_of[venue.state.index() * commodities + venue.commodity.index()] =
                Some(VenueId::from_index(v));
        }
    }

    /// The venue of a commodity in a state, if anybody deals in it there; of two sides, the open one.
    #[must_use]
    pub fn venue(&self, state: StateId, commodity: CommodityId) -> Option<VenueId> {
        self.venue_of[state.index() * self.commodities + commodity.index()]
    }

    /// The state of a code.
    #[must_use]
    pub fn state_named(&self, code: &str) -> Option<StateId> {
        self.states
            .iter()
            .position(|s| s == code)
            .map(StateId::from_index)
    }

    /// The sector of a name.
    #[must_use]
    pub fn sector_named(&self, name: &str) -> Option<SectorId> {
        self.sectors
            .iter()
            .position(|s| s == name)
            .map(SectorId::from_index)
    }
}
