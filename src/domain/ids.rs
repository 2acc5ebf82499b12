//! Dense, ordered indices of the things that exist. They are components too: every order-sensitive pass sorts by them.
//!
//! An id is a position in the sorted list of configured names, so it is stable within one configuration;
//! random streams are keyed by the *name*, which is stable across configurations.

use bevy_ecs::component::Component;

macro_rules! dense_ids {
    ($($(#[$doc:meta])* $name:ident($repr:ty);)*) => {$(
        $(#[$doc])*
        #[derive(Component, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $repr);

        impl $name {
            /// The id as an array index.
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }

            /// The id of an array index.
            ///
            /// # Panics
            /// If there are more things of this kind than the id can count: a limit of the program, checked when the world is built.
            #[must_use]
            pub fn from_index(index: usize) -> Self {
                Self(<$repr>::try_from(index).expect("more entries than this id can count"))
            }
        }
    )*};
}

dense_ids! {
    /// A state (or bloc that acts as one), by position in the sorted list of states.
    StateId(u8);
    /// A commodity of the configured graph.
    CommodityId(u8);
    /// An element group (La, Ce, NdPr, ...).
    ElementId(u8);
    /// A process (recipe family) of the configured graph.
    ProcessId(u8);
    /// An end-use sector.
    SectorId(u8);
    /// A firm.
    FirmId(u32);
    /// A plant, operating or planned.
    PlantId(u32);
    /// An end user: one sector in one state buying one commodity.
    UserId(u32);
    /// An offtake contract.
    ContractId(u16);
    /// A venue: one commodity in one state.
    VenueId(u16);
    /// A lane between two venues of one commodity.
    LaneId(u32);
}
