//! Who held an address or account, and when.

use crosstie_model::Day;

/// A person's hold on a handle: days `from .. to`, open where `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) person: u32,
    pub(crate) from: Option<Day>,
    pub(crate) to: Option<Day>,
}

/// All holds on one handle.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claims(pub(crate) Vec<Claim>);

/// Who holds a handle on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    Nobody,
    One(u32),
    Several,
}

impl Claims {
    pub(crate) fn add(&mut self, claim: Claim) {
        if !self.0.contains(&claim) {
            self.0.push(claim);
        }
    }

    /// Adds a hold, or prolongs the one of the same person that ends where it begins.
    pub(crate) fn prolong(&mut self, claim: Claim) {
        let before = self.0.iter_mut().find(|held| {
            held.person == claim.person && held.to.is_some() && held.to == claim.from && held.from < held.to
        });
        match before {
            Some(held) => held.to = claim.to,
            None => self.add(claim),
        }
    }

    /// The person, if all claims are of one.
    pub(crate) fn only(&self) -> Option<u32> {
        let first = self.0.first()?.person;
        self.0.iter().all(|claim| claim.person == first).then_some(first)
    }

    pub(crate) fn on(&self, day: Day) -> Holder {
        let mut holder = Holder::Nobody;
        for claim in &self.0 {
            if claim.from.is_none_or(|from| from <= day) && claim.to.is_none_or(|to| day < to) {
                holder = match holder {
                    Holder::Nobody => Holder::One(claim.person),
                    Holder::One(person) if person == claim.person => holder,
                    _ => Holder::Several,
                };
            }
        }
        holder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reissued_address_goes_to_its_holder_of_the_day() {
        let mut claims = Claims::default();
        claims.add(Claim { person: 1, from: None, to: Some(Day(10)) });
        claims.add(Claim { person: 2, from: Some(Day(10)), to: None });
        assert_eq!((claims.on(Day(9)), claims.on(Day(10))), (Holder::One(1), Holder::One(2)));
        claims.add(Claim { person: 3, from: None, to: Some(Day(5)) });
        assert_eq!(claims.on(Day(4)), Holder::Several);
        assert_eq!(claims.only(), None);
    }
}
