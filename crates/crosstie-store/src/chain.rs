//! The chain of manifests: each names the one committed before it, so none can be taken out or changed unseen.

use crate::Finding;
use crate::manifest::Manifest;
use crate::manifests::manifest_name;
use crosstie_model::{Day, code};
use std::collections::{BTreeMap, BTreeSet};

/// Every manifest but the first has a parent, which is there or was removed by a purge, and is nobody else's.
pub(crate) fn check_chain(manifests: &[(Day, u32, Manifest, String)], findings: &mut Vec<Finding>) {
    let present = manifests.iter().map(|(.., hash)| hash.as_str());
    let removed = manifests.iter().flat_map(|(_, _, manifest, _)| &manifest.removed).map(|gone| gone.blake3.as_str());
    let known: BTreeSet<&str> = present.chain(removed).collect();
    let mut child_of: BTreeMap<Option<&str>, &str> = BTreeMap::new();
    let names: Vec<String> = manifests.iter().map(|(date, number, ..)| manifest_name(*date, *number)).collect();
    for ((_, _, manifest, _), name) in manifests.iter().zip(&names) {
        let parent = manifest.parent.as_deref();
        let mut wrong = |what: String| findings.push(Finding::new(code::S106, name, what));
        if parent.is_some_and(|parent| !known.contains(parent)) {
            wrong("the manifest committed before it is missing or was changed".into());
        }
        if let Some(other) = child_of.insert(parent, name) {
            match parent {
                Some(_) => wrong(format!("it names the same manifest before it as `{other}`")),
                None => wrong(format!("it names no manifest before it, nor does `{other}`")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::RemovedFile;
    use crate::manifest::tests::manifest;

    /// Manifests as (hash, parent), each of its own day.
    #[track_caller]
    fn check(chain: &[(&str, Option<&str>)], removed: &[&str], expected: usize) {
        let mut manifests: Vec<(Day, u32, Manifest, String)> = (1..)
            .zip(chain)
            .map(|(day, (hash, parent))| {
                let parent = parent.map(str::to_string);
                (Day(day), 1, Manifest { parent, ..manifest("run") }, (*hash).to_string())
            })
            .collect();
        let gone = |hash: &&str| RemovedFile { path: "runs/x".into(), blake3: (*hash).into(), parent: None };
        if let Some(last) = manifests.last_mut() {
            last.2.removed = removed.iter().map(gone).collect();
        }
        let mut findings = Vec::new();
        check_chain(&manifests, &mut findings);
        assert_eq!(findings.len(), expected, "{findings:?}");
    }

    #[test]
    fn chains() {
        check(&[], &[], 0);
        check(&[("a", None), ("b", Some("a")), ("c", Some("b"))], &[], 0);
        check(&[("c", Some("b")), ("a", None), ("b", Some("a"))], &[], 0);
        check(&[("a", None), ("c", Some("b"))], &[], 1);
        check(&[("a", None), ("c", Some("b"))], &["b"], 0);
        check(&[("a", None), ("b", Some("a")), ("c", Some("a"))], &[], 1);
        check(&[("a", None), ("b", None)], &[], 1);
    }
}
