//! OpenLineage events of a run (<https://openlineage.io/spec/2-0-2/OpenLineage.json>), a JSON line each: START, then
//! COMPLETE or FAIL. Datasets are the names of sources and tables, never of files. Nothing is posted anywhere.

use crate::observe::clock::rfc3339;
use crate::observe::stages::StageTime;
use crosstie_model::Day;
use crosstie_store::Manifest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

const SCHEMA: &str = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";
const NOMINAL_TIME: &str =
    "https://openlineage.io/spec/facets/1-0-1/NominalTimeRunFacet.json#/$defs/NominalTimeRunFacet";
const ERROR_MESSAGE: &str =
    "https://openlineage.io/spec/facets/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet";
const OUTPUT_STATISTICS: &str = "https://openlineage.io/spec/facets/1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet";
/// Of the facet that only crosstie writes; its fields are described at [`RunFacet`].
const RUN_FACET: &str = "urn:crosstie:facet:run:1";
const PRODUCER: &str = concat!("urn:crosstie:", env!("CARGO_PKG_VERSION"));

/// What one run tells: the same run id, job and inputs in each of its events.
pub(crate) struct Lineage {
    pipeline: String,
    uuid: String,
    sources: Vec<String>,
}

/// How a run ended.
pub(crate) enum Ending<'a> {
    /// Committed, with its manifest.
    Committed(&'a Manifest),
    /// Committed before: nothing was written.
    AlreadyDone,
    /// Failed: codes and names of what is wrong. Messages can hold paths and stay out.
    Failed(Vec<String>),
}

/// What crosstie adds to the standard: which run it was, and what it took.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RunFacet {
    #[serde(flatten)]
    head: FacetHead,
    /// The run id of the manifest.
    run_id: Option<String>,
    /// Wall time by stage.
    stage_seconds: BTreeMap<String, f64>,
    peak_memory_bytes: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct FacetHead {
    #[serde(rename = "_producer")]
    producer: String,
    #[serde(rename = "_schemaURL")]
    schema_url: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NominalTimeFacet {
    #[serde(flatten)]
    head: FacetHead,
    nominal_start_time: String,
    nominal_end_time: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ErrorMessageFacet {
    #[serde(flatten)]
    head: FacetHead,
    message: String,
    programming_language: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutputStatisticsFacet {
    #[serde(flatten)]
    head: FacetHead,
    row_count: u64,
    size: u64,
    file_count: u64,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RunFacets {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nominal_time: Option<NominalTimeFacet>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error_message: Option<ErrorMessageFacet>,
    #[serde(default, rename = "crosstie_run", skip_serializing_if = "Option::is_none")]
    crosstie_run: Option<RunFacet>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutputFacets {
    output_statistics: OutputStatisticsFacet,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Dataset {
    namespace: String,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    output_facets: Option<OutputFacets>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    run_id: String,
    facets: RunFacets,
}

#[derive(Serialize, Deserialize)]
struct Job {
    namespace: String,
    name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RunEvent {
    event_type: String,
    event_time: String,
    run: Run,
    job: Job,
    inputs: Vec<Dataset>,
    outputs: Vec<Dataset>,
    producer: String,
    #[serde(rename = "schemaURL")]
    schema_url: String,
}

impl Lineage {
    /// A run that begins now.
    pub(crate) fn new(pipeline: &str, sources: Vec<String>, now: Duration) -> Lineage {
        Lineage { pipeline: pipeline.into(), uuid: uuid(pipeline, now, std::process::id()), sources }
    }

    /// The line of its beginning; `date` where it is known already.
    pub(crate) fn start(&self, date: Option<Day>, now: Duration) -> String {
        self.event("START", now, date, RunFacets::default(), Vec::new())
    }

    /// The line of its end.
    pub(crate) fn end(
        &self,
        ending: &Ending<'_>,
        date: Option<Day>,
        stages: &[StageTime],
        peak_memory_bytes: Option<u64>,
        now: Duration,
    ) -> String {
        let mut facets = RunFacets::default();
        let mut outputs = Vec::new();
        let mut run_id = None;
        match ending {
            Ending::Committed(manifest) => {
                run_id = Some(manifest.run_id.clone());
                outputs = self.tables(manifest);
            }
            Ending::AlreadyDone => {}
            Ending::Failed(codes) => {
                facets.error_message = Some(ErrorMessageFacet {
                    head: head(ERROR_MESSAGE),
                    message: codes.join(", "),
                    programming_language: "Rust".into(),
                });
            }
        }
        let mut stage_seconds = BTreeMap::new();
        for time in stages {
            *stage_seconds.entry(time.stage.clone()).or_default() += time.seconds;
        }
        facets.crosstie_run = Some(RunFacet { head: head(RUN_FACET), run_id, stage_seconds, peak_memory_bytes });
        let kind = if matches!(ending, Ending::Failed(_)) { "FAIL" } else { "COMPLETE" };
        self.event(kind, now, date, facets, outputs)
    }

    fn event(
        &self,
        event_type: &str,
        now: Duration,
        date: Option<Day>,
        facets: RunFacets,
        outputs: Vec<Dataset>,
    ) -> String {
        let nominal_time = date.map(|date| NominalTimeFacet {
            head: head(NOMINAL_TIME),
            nominal_start_time: format!("{date}T00:00:00Z"),
            nominal_end_time: format!("{}T00:00:00Z", date.plus(1)),
        });
        let event = RunEvent {
            event_type: event_type.into(),
            event_time: rfc3339(now),
            run: Run { run_id: self.uuid.clone(), facets: RunFacets { nominal_time, ..facets } },
            job: Job { namespace: "crosstie".into(), name: self.pipeline.clone() },
            inputs: self.sources.iter().map(|name| self.dataset(name, None)).collect(),
            outputs,
            producer: PRODUCER.into(),
            schema_url: SCHEMA.into(),
        };
        format!("{}\n", serde_json::json!(event))
    }

    fn dataset(&self, name: &str, output_facets: Option<OutputFacets>) -> Dataset {
        Dataset { namespace: format!("crosstie/{}", self.pipeline), name: name.into(), output_facets }
    }

    /// The tables of a run with their rows.
    fn tables(&self, manifest: &Manifest) -> Vec<Dataset> {
        let mut tables: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
        for output in &manifest.outputs {
            if let (Some(rows), Some(table)) = (output.rows, output.path.split('/').nth(1)) {
                let (row_count, size, file_count) = tables.entry(table).or_default();
                *row_count += rows;
                *size += output.size;
                *file_count += 1;
            }
        }
        let dataset = |(table, (row_count, size, file_count))| {
            let head = head(OUTPUT_STATISTICS);
            let output_statistics = OutputStatisticsFacet { head, row_count, size, file_count };
            self.dataset(table, Some(OutputFacets { output_statistics }))
        };
        tables.into_iter().map(dataset).collect()
    }
}

fn head(schema_url: &str) -> FacetHead {
    FacetHead { producer: PRODUCER.into(), schema_url: schema_url.into() }
}

/// A UUID of version 7 (RFC 9562): the time in milliseconds, then digits of a hash that no other run shares.
fn uuid(pipeline: &str, now: Duration, process: u32) -> String {
    let seed = format!("{pipeline}\0{}\0{process}", now.as_nanos());
    let hash = blake3::hash(seed.as_bytes());
    let mut bytes = [0u8; 16];
    bytes[..6].copy_from_slice(&(now.as_millis() as u64).to_be_bytes()[2..]);
    bytes[6..].copy_from_slice(&hash.as_bytes()[..10]);
    bytes[6] = bytes[6] & 0x0f | 0x70;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// Adds a line to the events.
pub(crate) fn append(path: &Path, line: &str) -> io::Result<()> {
    fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path)?.write_all(line.as_bytes())
}

/// Seconds that earlier runs took, by run id of the manifest: of those that committed.
pub(crate) fn seconds_of_runs(events: &str) -> BTreeMap<String, f64> {
    let committed = |line: &str| {
        let event: RunEvent = serde_json::from_str(line).ok()?;
        let facet = event.run.facets.crosstie_run?;
        Some((facet.run_id?, facet.stage_seconds.values().sum()))
    };
    events.lines().filter_map(committed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::night::tests::manifest;
    use serde_json::Value;

    const NOW: Duration = Duration::from_millis(1_775_001_598_042);

    fn lineage() -> Lineage {
        Lineage::new("acme", vec!["mail".into(), "directory".into()], NOW)
    }

    fn parse(line: &str) -> Value {
        assert_eq!(line.matches('\n').count(), 1, "one line");
        serde_json::from_str(line).unwrap()
    }

    #[test]
    fn a_run_starts_and_completes_under_one_id() {
        let lineage = lineage();
        let stages =
            [("ingest", 1.5), ("write", 0.25)].map(|(stage, seconds)| StageTime { stage: stage.into(), seconds });
        let start = parse(&lineage.start(None, NOW));
        let manifest = manifest("2026-03-31");
        let line = lineage.end(&Ending::Committed(&manifest), Some(Day(20_543)), &stages, Some(1 << 20), NOW);
        let end = parse(&line);
        assert_eq!((&start["eventType"], &end["eventType"]), (&"START".into(), &"COMPLETE".into()));
        assert_eq!(start["run"]["runId"], end["run"]["runId"]);
        assert_eq!(start["run"]["facets"], serde_json::json!({}));
        assert_eq!(start["schemaURL"], SCHEMA);
        assert_eq!(end["eventTime"], "2026-03-31T23:59:58.042Z");
        assert_eq!(end["job"], serde_json::json!({"namespace": "crosstie", "name": "acme"}));
        assert_eq!(end["inputs"][1]["name"], "directory");
        let nominal = &end["run"]["facets"]["nominalTime"];
        assert_eq!(nominal["nominalStartTime"], "2026-03-31T00:00:00Z");
        assert_eq!(nominal["nominalEndTime"], "2026-04-01T00:00:00Z");
        let outputs = end["outputs"].as_array().unwrap();
        assert_eq!(outputs.len(), 1, "a report is no table");
        assert_eq!(outputs[0]["name"], "units");
        assert_eq!(outputs[0]["outputFacets"]["outputStatistics"]["rowCount"], 12);
        assert!(end["run"]["facets"]["crosstie_run"]["_schemaURL"].is_string());
        assert_eq!(seconds_of_runs(&line), [("r-2026-03-31".to_string(), 1.75)].into());
    }

    #[test]
    fn a_failure_tells_codes_and_a_second_run_nothing_new() {
        let fail = lineage().end(&Ending::Failed(vec!["I501 quarantine_share".into()]), None, &[], None, NOW);
        let event = parse(&fail);
        assert_eq!(event["eventType"], "FAIL");
        assert_eq!(event["run"]["facets"]["errorMessage"]["message"], "I501 quarantine_share");
        let again = lineage().end(&Ending::AlreadyDone, Some(Day(1)), &[], None, NOW);
        assert_eq!(parse(&again)["eventType"], "COMPLETE");
        assert_eq!(seconds_of_runs(&format!("{fail}{again}half a li")), BTreeMap::new());
    }

    #[test]
    fn ids_are_of_version_7_and_differ() {
        let one = uuid("a", NOW, 1);
        assert_eq!(one.len(), 36);
        assert_eq!((&one[14..15], one[..13].replace('-', "")), ("7", format!("{:012x}", NOW.as_millis())));
        assert!("89ab".contains(&one[19..20]), "{one}");
        let others = [uuid("b", NOW, 1), uuid("a", NOW, 2), uuid("a", NOW + Duration::from_nanos(1), 1)];
        assert!(others.iter().all(|other| *other != one));
    }
}
