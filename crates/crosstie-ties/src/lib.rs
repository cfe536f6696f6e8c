//! Messages to weekly and window ties in integer weights: order and threads cannot matter.
//!
//! One message is 2^20 units, shared among its recipients. A message to more than `max_recipients` makes no tie.

mod share;
mod window;

pub use share::{FULL_SHARE, shares};
pub use window::{TieParams, window_ties};
