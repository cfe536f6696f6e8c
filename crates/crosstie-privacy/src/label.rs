//! Labels of units that must not name a person: derived ones, and ones that hold an address.

use crate::pseudonym::base32;
use crosstie_model::{KeyedHash, Purpose};

fn code(keyed: &dyn KeyedHash, kind: &[u8], text: &str) -> String {
    // The ledger purpose never rotates, so labels are stable over nights and years.
    base32(&keyed.hash(Purpose::Ledger, &[kind, text.as_bytes()]))[..6].to_lowercase()
}

/// Label of the branch under a person, by the person's key: stable, and names nobody.
#[must_use]
pub fn branch_label(keyed: &dyn KeyedHash, head_key: &str) -> String {
    format!("branch-{}", code(keyed, b"branch", head_key))
}

/// Label in place of one that names a person.
#[must_use]
pub fn coded_label(keyed: &dyn KeyedHash, label: &str) -> String {
    format!("unit-{}", code(keyed, b"unit", label))
}
