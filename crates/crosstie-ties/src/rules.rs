//! The ties of a window under another rule than the plan's: for the table of what each rule does to the numbers.

use crate::day_bytes::PackedDay;
use crate::window::window_of;
use crosstie_model::num::exp2;
use crosstie_model::{Day, Lookup, Weight, WindowTies};

/// Half-lives are applied in units of 2^-16.
const HALF_LIFE_ONE: f64 = 65536.0;

/// The window without messages that name more than [`crate::FEW_RECIPIENTS`].
#[must_use]
pub fn few_recipients(days: &[PackedDay<'_>], member_of_id: &Lookup<i64, u32>, member_count: usize) -> WindowTies {
    window_of(days, member_of_id, member_count, |tie| !tie.many, |_| 1 << 16)
}

/// The window with weights that halve with every `half_life_days` before `last`; counts do not.
#[must_use]
pub fn decayed(
    days: &[PackedDay<'_>],
    member_of_id: &Lookup<i64, u32>,
    member_count: usize,
    last: Day,
    half_life_days: u32,
) -> WindowTies {
    let factor = |day: Day| {
        let age = f64::from(last.0 - day.0) / f64::from(half_life_days);
        (HALF_LIFE_ONE * exp2(-age)).round() as u64
    };
    window_of(days, member_of_id, member_count, |_| true, factor)
}

/// `(sum of weight · factor) >> 16`, once a tie.
pub(crate) fn scaled(parts: impl Iterator<Item = (u64, u64)>) -> Weight {
    let sum: u128 = parts.map(|(units, factor)| u128::from(units) * u128::from(factor)).sum();
    Weight::from_units((sum >> 16) as u64)
}
