//! What may be shown: pseudonyms, roll-up, thresholds. The only maker of [`Published`] tables.

mod decide;
mod key;
mod label;
mod overlap;
mod pseudonym;
mod publish;
mod published;
mod roll_up;
mod siphash;

pub use decide::{Decision, Rules, decide};
pub use key::{KeyError, MasterKey};
pub use label::{branch_label, coded_label};
pub use overlap::overlapping;
pub use pseudonym::{Pseudonyms, ROTATION_DAYS};
pub use publish::{MeasuredTables, Withheld, publish};
pub use published::{Published, PublishedTables};
pub use roll_up::{SMALL_UNITS, roll_up};
