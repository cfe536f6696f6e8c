//! What chance exchanges, and among whom.

use crate::Slot;

/// What chance exchanges within a stratum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Null {
    /// Recipients, over the slots of a kind of channel and week.
    #[default]
    WeekPermutation,
    /// Weight received, over all of the window: for data whose times say nothing.
    Configuration,
}

/// What chance exchanges, and within which strata besides those of kind and week.
#[derive(Clone, Copy, Debug, Default)]
pub struct Chance<'a> {
    /// What is exchanged.
    pub null: Null,
    /// Values of people within which it is exchanged, below the number of them; all people where `None`.
    pub within: Option<(&'a [u32], u32)>,
}

impl Chance<'_> {
    /// In which part of a kind and week contact from one person to another lies.
    #[must_use]
    pub fn part(&self, source: u32, target: u32) -> usize {
        let value = |value_of: &[u32], person: u32| value_of[person as usize] as usize;
        self.within.map_or(0, |(of, values)| value(of, source) * values as usize + value(of, target))
    }

    /// How many parts there are.
    #[must_use]
    pub fn parts(&self) -> usize {
        self.within.map_or(1, |(_, values)| (values as usize).pow(2))
    }
}

impl Null {
    /// What is dealt out of a slot: itself, or its weight.
    #[must_use]
    pub fn amount(self, slot: &Slot) -> u64 {
        match self {
            Null::WeekPermutation => slot.count.into(),
            Null::Configuration => slot.weight().units(),
        }
    }
}
