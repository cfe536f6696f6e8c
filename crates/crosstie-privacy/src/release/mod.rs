//! What was released before, and what may therefore be released now.
//!
//! Subtracting one night's numbers from another's shows whoever changed between. So of each release is kept who was behind
//! every sum, by how much; a cell shows a new value only if, since every earlier release that it can be compared with, the
//! parts of nobody changed or those of many without one or two who make most of the change. Else it goes on showing
//! its earlier value, and says of which date that is.

mod asked;
mod comparison;
mod entry;
mod ghosts;
mod key;
mod ledger;
mod members;
mod packed_sums;
mod parts;
mod sums;
mod tag_places;

pub use entry::Release;
pub(crate) use key::{EVERYBODY, Key, border_cell};
pub(crate) use ledger::Ledger;
pub use ledger::Past;
pub use parts::Tags;
pub(crate) use sums::enter_sums;

/// The grouping of communities.
pub(crate) const COMMUNITY: &str = "community";
