//! Messages to the ties of a day, and days to those of a window, in integer weights: order and threads cannot matter.
//!
//! One message is 2^20 units, shared among its recipients. A message to more than `max_recipients` makes no tie.

mod by_target;
mod contact_days;
mod day;
mod day_bytes;
mod day_groups;
mod day_plain;
mod ends;
mod machines;
mod new_groups;
mod openers;
mod rules;
mod share;
mod tie_rows;
mod window;
mod window_join;
mod window_part;
mod window_rows;
mod window_sums;
mod without;

pub use contact_days::ContactDays;
pub use day::{DayBuilder, DayTie, DayTies, FEW_RECIPIENTS, Habit, TieParams, day_ties};
pub use day_bytes::{DAY_FORMAT, PackedDay, to_bytes};
pub use day_groups::{DayGroup, Set};
pub use ends::Ends;
pub use machines::{MachineParams, machine_like};
pub use new_groups::{GroupSpan, HISTORY_DAYS, new_groups};
pub use openers::{OpenerSpan, openers};
pub use rules::{HalfLife, Rule};
pub use share::{FULL_SHARE, shares};
pub use tie_rows::TieRows;
pub use window::{Rules, Windows, windows};
pub use without::without;
