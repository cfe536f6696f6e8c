//! Weight of contact in fixed point: one message is 2^20 units, so sums do not depend on their order.

use std::iter::Sum;
use std::ops::{Add, AddAssign};

/// A sum of message shares in units of 2^-20 message.
///
/// Range: 0 to 2^64 - 1 units, which is 17.6 million million messages. Sums panic on overflow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weight(u64);

impl Weight {
    /// No contact.
    pub const ZERO: Weight = Weight(0);
    /// One whole message: 2^20 units.
    pub const MESSAGE: Weight = Weight(1 << 20);

    /// A weight of this many units of 2^-20 message.
    #[must_use]
    pub const fn from_units(units: u64) -> Weight {
        Weight(units)
    }

    /// The units of 2^-20 message.
    #[must_use]
    pub const fn units(self) -> u64 {
        self.0
    }

    /// The weight in messages. Exact below 2^53 units.
    #[must_use]
    pub fn messages(self) -> f64 {
        self.0 as f64 / (1u64 << 20) as f64
    }
}

impl Add for Weight {
    type Output = Weight;
    fn add(self, other: Weight) -> Weight {
        Weight(self.0 + other.0)
    }
}

impl AddAssign for Weight {
    fn add_assign(&mut self, other: Weight) {
        self.0 += other.0;
    }
}

impl Sum for Weight {
    fn sum<I: Iterator<Item = Weight>>(iter: I) -> Weight {
        iter.fold(Weight::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_thirds_are_one_message() {
        let thirds = [349_526, 349_525, 349_525].map(Weight::from_units);
        assert_eq!(thirds.into_iter().sum::<Weight>(), Weight::MESSAGE);
        assert!((Weight::from_units(524_288).messages() - 0.5).abs() < f64::EPSILON);
    }
}
