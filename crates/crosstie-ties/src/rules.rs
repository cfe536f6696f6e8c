//! The rules by which a window's daily rows count: the plan's own, and others for the table of what each does to the
//! numbers.

use crate::day::DayTie;
use crosstie_model::num::exp2;
use crosstie_model::{Day, Weight};

/// Half-lives are applied in units of 2^-16.
const HALF_LIFE_ONE: f64 = 65536.0;

/// How daily rows count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// As they are.
    Own,
    /// Without messages that name more than [`crate::FEW_RECIPIENTS`].
    FewRecipients,
    /// With weights that halve with every so many days before the last; counts do not.
    Decayed {
        /// The last day.
        last: Day,
        /// Days.
        half_life_days: u32,
    },
}

impl Rule {
    pub(crate) fn counts(self, tie: &DayTie) -> bool {
        self != Rule::FewRecipients || !tie.many
    }

    /// What weights of a day are times, in units of 2^-16.
    pub(crate) fn factor(self, day: Day) -> u64 {
        match self {
            Rule::Own | Rule::FewRecipients => 1 << 16,
            Rule::Decayed { last, half_life_days } => {
                let age = f64::from(last.0 - day.0) / f64::from(half_life_days);
                (HALF_LIFE_ONE * exp2(-age)).round() as u64
            }
        }
    }
}

/// `(sum of weight · factor) >> 16`, once a tie.
pub(crate) fn scaled(parts: impl Iterator<Item = (u64, u64)>) -> Weight {
    let sum: u128 = parts.map(|(units, factor)| u128::from(units) * u128::from(factor)).sum();
    Weight::from_units((sum >> 16) as u64)
}
