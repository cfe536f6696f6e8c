//! What a report needs beside the tables, from the manifest: so that a report can be written again.

use crosstie_report::{RunFacts, SourceFacts};
use crosstie_store::Manifest;

/// The facts of a run.
pub(crate) fn facts(manifest: &Manifest) -> RunFacts {
    RunFacts {
        pipeline: manifest.pipeline.clone(),
        run_id: manifest.run_id.clone(),
        version: manifest.version.clone(),
        snapshot_date: manifest.snapshot_date.clone(),
        window_first: manifest.window_first.clone(),
        window_last: manifest.window_last.clone(),
        counts: manifest.counts.clone(),
        sources: manifest
            .ledger
            .iter()
            .map(|source| SourceFacts {
                name: source.source.clone(),
                seen: source.seen,
                used: source.used,
                duplicate: source.duplicate,
                excluded: source.excluded.clone(),
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
        held_by_ledger: None,
        settings: manifest
            .plan
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_string()))
            .collect(),
    }
}
