//! Mechanism: friendshoring.

mod params;

pub use params::FriendshoringParams;
