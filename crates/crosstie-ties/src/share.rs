//! One message, shared among its recipients to the last unit.

use crosstie_model::{End, Recipient, Weight};

/// Part of a direct recipient, in thousandths; copies get `cc_weight`.
pub const FULL_SHARE: u32 = 1000;

/// Writes the units of 2^-20 message that each recipient gets, in the order of `recipients`; they add up to one message,
/// or to nothing where nobody has a part.
///
/// With parts `a_r` (1000 for direct roles and outsiders, `cc_weight_thousandths` for copies) and their sum `A`,
/// recipient r gets `floor(2^20 a_r / A)`; what is left goes one unit each to the first by part, then by handle id.
pub fn shares(recipients: &[Recipient], cc_weight_thousandths: u32, units: &mut Vec<u32>) {
    let is_full = |recipient: &Recipient| recipient.role.is_direct() || recipient.end == End::External;
    let whole = Weight::MESSAGE.units();
    // Most messages have even parts and recipients in the order of ids.
    if recipients.iter().all(is_full) && recipients.is_sorted_by_key(|recipient| recipient.handle_id) {
        let (whole, count) = (whole as u32, recipients.len() as u32);
        units.clear();
        units.extend((0..count).map(|at| whole / count + u32::from(at < whole % count)));
        return;
    }
    let part = |recipient: &Recipient| u64::from(if is_full(recipient) { FULL_SHARE } else { cc_weight_thousandths });
    let total: u64 = recipients.iter().map(part).sum();
    units.clear();
    if total == 0 {
        units.resize(recipients.len(), 0);
        return;
    }
    units.extend(recipients.iter().map(|recipient| (whole * part(recipient) / total) as u32));
    let left = whole - units.iter().map(|&unit| u64::from(unit)).sum::<u64>();
    // Fewer than there are recipients.
    for _ in 0..left {
        let whole = |at: &usize| whole * part(&recipients[*at]) / total == u64::from(units[*at]);
        let order = |at: &usize| (std::cmp::Reverse(part(&recipients[*at])), recipients[*at].handle_id);
        if let Some(next) = (0..recipients.len()).filter(whole).min_by_key(order) {
            units[next] += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crosstie_model::Role;
    use proptest::{collection::vec, prelude::*};

    fn to(handle_id: i64, role: Role) -> Recipient {
        Recipient { handle_id, end: End::Person(handle_id as u32), role }
    }

    fn shares(recipients: &[Recipient], cc_weight_thousandths: u32) -> Vec<u32> {
        let mut units = Vec::new();
        super::shares(recipients, cc_weight_thousandths, &mut units);
        units
    }

    #[test]
    fn small_cases() {
        let three = [to(3, Role::To), to(1, Role::To), to(2, Role::To)];
        assert_eq!(shares(&three, 500), [349_525, 349_526, 349_525]);
        assert_eq!(shares(&[to(1, Role::To), to(2, Role::Cc)], 500), [699_051, 349_525]);
        assert_eq!(shares(&[to(1, Role::To), to(2, Role::Cc)], 0), [1 << 20, 0]);
        assert_eq!(shares(&[to(1, Role::Cc)], 0), [0]);
        assert_eq!(shares(&[], 500), [0u32; 0]);
    }

    proptest! {
        /// The common case is no other rule: ids the other way round take the general one.
        #[test]
        fn even_parts_in_order_are_those_of_any_order(ids in proptest::collection::btree_set(0..1000i64, 0..30)) {
            let recipients: Vec<Recipient> = ids.iter().map(|&id| to(id, Role::To)).collect();
            let turned: Vec<Recipient> = recipients.iter().rev().copied().collect();
            let mut expected = shares(&turned, 500);
            expected.reverse();
            prop_assert_eq!(shares(&recipients, 500), expected);
        }

        #[test]
        fn a_message_is_shared_to_the_last_unit(copies in vec(any::<bool>(), 1..20), cc in 1..=1000u32) {
            let role = |copy: &bool| if *copy { Role::Cc } else { Role::To };
            let recipients: Vec<Recipient> = (0..).zip(&copies).map(|(id, copy)| to(id, role(copy))).collect();
            let sum: u64 = shares(&recipients, cc).iter().map(|&unit| u64::from(unit)).sum();
            prop_assert_eq!(sum, Weight::MESSAGE.units());
        }
    }
}
