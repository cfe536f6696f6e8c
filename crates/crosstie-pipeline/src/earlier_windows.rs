//! The windows before a run's that its report sets beside it: no two have a day in common.

use crate::facts::facts;
use crosstie_model::Day;
use crosstie_report::Earlier;
use crosstie_store::{Manifest, newest_of_each_date, read_published};
use std::path::Path;

/// As many as stand in a run's identity.
const WINDOWS: usize = 2;

/// The newest run whose window ends before `first`, then the newest that ends before that one's; newest first. Runs whose
/// tables a purge took, or that an earlier version wrote in another form, are passed over.
pub(crate) fn earlier_windows(root: &Path, manifests: &[(Day, u32, Manifest, String)], first: Day) -> Vec<Earlier> {
    let mut found = Vec::new();
    let mut before = first;
    for (date, _, manifest, _) in newest_of_each_date(manifests).into_iter().rev() {
        if *date >= before || found.len() == WINDOWS {
            continue;
        }
        let Ok(tables) = read_published(root, manifest) else { continue };
        found.push(Earlier { facts: facts(manifest), tables });
        before = manifest.window_first.parse().unwrap_or_default();
    }
    found
}
