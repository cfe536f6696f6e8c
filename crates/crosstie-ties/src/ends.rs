//! The numbers of ends while days are made: in the order of keyed ids, so that ties sorted by number are sorted by id.

use crate::day::TARGET_SHIFT;
use crosstie_model::End;

/// People of the directory and accounts behind them, numbered together.
#[derive(Clone, Debug)]
pub struct Ends {
    /// The number of each person.
    people: Vec<u32>,
    /// The number of each account.
    accounts: Vec<u32>,
    /// The keyed id of each number, sorted.
    ids: Vec<i64>,
}

impl Ends {
    /// Numbers people and accounts by the keyed ids of each. Time O(n log n), memory 16 bytes each.
    ///
    /// # Panics
    /// If there are over 8 million of them.
    #[must_use]
    pub fn new(people: &[i64], accounts: &[i64]) -> Ends {
        let all = people.len() + accounts.len();
        assert!(all < 1 << (64 - TARGET_SHIFT), "over 8 million people and accounts");
        let mut order: Vec<(i64, u32)> = people.iter().chain(accounts).copied().zip(0..).collect();
        order.sort_unstable();
        let mut number_of = vec![0; all];
        for (number, &(_, at)) in (0..).zip(&order) {
            number_of[at as usize] = number;
        }
        let accounts = number_of.split_off(people.len());
        Ends { people: number_of, accounts, ids: order.into_iter().map(|(id, _)| id).collect() }
    }

    /// The number of an end; `None` outside.
    #[must_use]
    pub fn number(&self, end: End) -> Option<u32> {
        match end {
            End::Person(person) => Some(self.people[person as usize]),
            End::Account(account) => Some(self.accounts[account as usize]),
            End::External => None,
        }
    }

    /// The keyed id of a number.
    #[must_use]
    pub fn id(&self, number: u32) -> i64 {
        self.ids[number as usize]
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_by_id() {
        let ends = Ends::new(&[30, 10], &[20, 10]);
        let all = [End::Person(0), End::Person(1), End::Account(0), End::Account(1)];
        let numbers = all.map(|end| ends.number(end).unwrap());
        assert_eq!(numbers, [3, 0, 2, 1], "equal ids: people first");
        assert_eq!(numbers.map(|number| ends.id(number)), [30, 10, 20, 10]);
        assert_eq!(ends.number(End::External), None);
    }
}
