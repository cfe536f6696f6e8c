//! What may be shown: pseudonyms, roll-up, thresholds. The only maker of [`Published`] tables.

pub mod audit;
mod complementary;
mod decide;
mod deciding;
mod dictionary;
mod key;
mod label;
mod null_space;
mod overlap;
mod pair_rows;
mod pseudonym;
mod publish;
mod published;
mod ranges;
mod release;
mod roll_up;
mod rows;
mod siphash;
mod told;
mod weeks;

pub use decide::{Decision, Rules, decide};
pub use dictionary::dictionary;
pub use key::{KeyError, MasterKey};
pub use label::{branch_label, coded_label};
pub use overlap::overlapping;
pub use pseudonym::{Pseudonyms, ROTATION_DAYS, drawn_pseudonym};
pub use publish::{MeasuredTables, NO_RELEASES, Publication, RowCounts, publish, publish_coverage, publish_metrics};
pub use published::{Published, PublishedTables};
pub use release::{Past, Release, Tags};
pub use roll_up::{SMALL_UNITS, roll_up};
