//! Kinds of figure: each draws onto a canvas below a given height and gives the height at which it ends.

pub mod bars;
pub mod columns;
pub mod forest;
pub mod heat;
pub mod multiples;
pub mod sankey;
pub mod stacked;
pub mod timeline;
pub mod wide;
