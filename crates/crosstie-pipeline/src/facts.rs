//! What a report needs beside the tables, from the manifest: so that a report can be written again.

use crosstie_ingest::Reason;
use crosstie_report::{RunFacts, SourceFacts};
use crosstie_store::Manifest;
use std::collections::BTreeMap;

/// The count of people who opted out.
const OPTED_OUT_PEOPLE: &str = "people_opted_out";

/// The facts of a run. Of people who opted out, and of their records, they say nothing where those are few: what is said
/// would be about them.
pub(crate) fn facts(manifest: &Manifest) -> RunFacts {
    let setting = |name: &str| manifest.plan.get(name)?.as_str()?.parse::<u64>().ok();
    let opted_out = manifest.counts.get(OPTED_OUT_PEOPLE).copied().unwrap_or(0);
    let are_few = opted_out < setting("privacy.min_people").unwrap_or(u64::MAX);
    let few = |excluded: &BTreeMap<String, u64>| {
        if are_few { excluded.get(Reason::OptedOut.name()).copied().unwrap_or(0) } else { 0 }
    };
    let is_said = |name: &str, hidden: &str| !are_few || name != hidden;
    RunFacts {
        pipeline: manifest.pipeline.clone(),
        run_id: manifest.run_id.clone(),
        version: manifest.version.clone(),
        snapshot_date: manifest.snapshot_date.clone(),
        window_first: manifest.window_first.clone(),
        window_last: manifest.window_last.clone(),
        counts: manifest
            .counts
            .iter()
            .filter(|(name, _)| is_said(name, OPTED_OUT_PEOPLE))
            .map(|(name, count)| (name.clone(), *count))
            .collect(),
        sources: manifest
            .ledger
            .iter()
            .map(|source| SourceFacts {
                name: source.source.clone(),
                seen: source.seen - few(&source.excluded),
                used: source.used,
                duplicate: source.duplicate,
                excluded: source
                    .excluded
                    .iter()
                    .filter(|(reason, _)| is_said(reason, Reason::OptedOut.name()))
                    .map(|(reason, count)| (reason.clone(), *count))
                    .collect(),
                quarantined: source.quarantined.clone(),
                files: manifest
                    .inputs
                    .iter()
                    .filter(|file| file.source == source.source)
                    .map(|file| file.blake3.clone())
                    .collect(),
            })
            .collect(),
        notices: manifest.notices.clone(),
        withheld: manifest.withheld.clone(),
        held_by_ledger: manifest.carried.values().sum(),
        settings: manifest
            .plan
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_string()))
            .collect(),
    }
}
