//! The windows before a run's that its report sets beside it: no two have a day in common.

use crate::facts::facts;
use crosstie_model::{Day, Diagnostic, code};
use crosstie_report::Earlier;
use crosstie_store::{Manifest, newest_of_each_date, read_published};
use std::path::Path;

/// As many as stand in a run's identity.
const WINDOWS: usize = 2;

/// What was found.
pub(crate) struct EarlierWindows {
    /// Newest first.
    pub(crate) windows: Vec<Earlier>,
    /// Dates of runs that would stand there, newest first; but of whose tables one is missing or is not as committed.
    pub(crate) unreadable: Vec<String>,
}

impl EarlierWindows {
    /// The newest run whose window ends before `first`, then the newest that ends before that one's. Runs that released
    /// nothing, or whose tables a purge took, are passed over.
    pub(crate) fn read(root: &Path, manifests: &[(Day, u32, Manifest, String)], first: Day) -> EarlierWindows {
        let mut found = EarlierWindows { windows: Vec::new(), unreadable: Vec::new() };
        let mut before = first;
        for (date, _, manifest, _) in newest_of_each_date(manifests).into_iter().rev() {
            if *date >= before || found.windows.len() == WINDOWS || !has_tables(manifest) {
                continue;
            }
            let Ok(tables) = read_published(root, manifest) else {
                found.unreadable.push(date.to_string());
                continue;
            };
            found.windows.push(Earlier { facts: facts(manifest), tables });
            before = manifest.window_first.parse().unwrap_or_default();
        }
        found
    }

    /// What there is to say of runs that cannot be read.
    pub(crate) fn notice(&self) -> Option<Diagnostic> {
        if self.unreadable.is_empty() {
            return None;
        }
        let message = format!("the report is not compared with the run of {}", self.unreadable.join(", "));
        Some(Diagnostic::new(code::S114, message).detail(code::S114.why).hint(code::S114.remedy))
    }
}

/// Whether a manifest still names tables of groups.
fn has_tables(manifest: &Manifest) -> bool {
    manifest.outputs.iter().any(|output| output.path.starts_with("data/units/"))
}
