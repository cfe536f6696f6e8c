//! Metrics of a run for the textfile collector of node_exporter
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>). Labels name pipeline, source, stage, outcome and
//! table; never a unit.

use crate::observe::stages::StageTime;
use crosstie_model::Day;
use crosstie_store::Manifest;
use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

const LAST_SUCCESS: &str = "crosstie_last_success_timestamp_seconds";

/// What the metrics say.
pub(crate) struct Metrics<'a> {
    pub(crate) pipeline: &'a str,
    /// 0, or why the run ended.
    pub(crate) exit_code: u8,
    /// Since 1970: when a run last ended well, this one included.
    pub(crate) last_success: Option<Duration>,
    /// The run that was committed, or the newest one before.
    pub(crate) committed: Option<&'a Manifest>,
    /// Weeks of the window that are marked as gaps, by source.
    pub(crate) gaps: &'a BTreeMap<String, u64>,
    pub(crate) stages: &'a [StageTime],
    pub(crate) peak_memory_bytes: Option<u64>,
}

impl Metrics<'_> {
    /// The text of the file.
    pub(crate) fn text(&self) -> String {
        let mut out = Text { pipeline: self.pipeline, out: String::new() };
        if let Some(time) = self.last_success {
            out.metric(LAST_SUCCESS, "When a run last ended well, in seconds since 1970.");
            out.value(LAST_SUCCESS, &[], time.as_secs());
        }
        out.metric("crosstie_exit_code", "Exit code of the newest run; 0 is success.");
        out.value("crosstie_exit_code", &[], self.exit_code);
        out.metric("crosstie_stage_seconds", "Wall time of each stage of the newest run.");
        for time in self.stages {
            out.value("crosstie_stage_seconds", &[("stage", &time.stage)], time.seconds);
        }
        if let Some(bytes) = self.peak_memory_bytes {
            out.metric("crosstie_peak_memory_bytes", "The most memory that the newest run held at once.");
            out.value("crosstie_peak_memory_bytes", &[], bytes);
        }
        if let Some(manifest) = self.committed {
            committed(&mut out, manifest, self.gaps);
        }
        out.out
    }
}

fn committed(out: &mut Text<'_>, manifest: &Manifest, gaps: &BTreeMap<String, u64>) {
    let name = "crosstie_snapshot_timestamp_seconds";
    if let Ok(date) = manifest.snapshot_date.parse::<Day>() {
        out.metric(name, "The date of the newest committed run, in seconds since 1970.");
        out.value(name, &[], date.start().0 / 1_000_000);
    }
    out.metric("crosstie_records", "Records of the newest committed run, by what became of them.");
    for source in &manifest.ledger {
        for (outcome, count) in [
            ("used", source.used),
            ("duplicate", source.duplicate),
            ("excluded", source.excluded.values().sum()),
            ("quarantined", source.quarantined.values().sum()),
        ] {
            out.value("crosstie_records", &[("source", &source.source), ("outcome", outcome)], count);
        }
    }
    out.metric(
        "crosstie_late_records",
        "Records of the newest committed run that came after an earlier run of their day.",
    );
    for source in &manifest.ledger {
        let late = manifest.late.get(&source.source).map_or(0, |days| days.values().sum());
        out.value("crosstie_late_records", &[("source", &source.source)], late);
    }
    out.metric("crosstie_gap_periods", "Weeks of the newest committed window in which data is missing.");
    for (source, weeks) in gaps {
        out.value("crosstie_gap_periods", &[("source", source)], weeks);
    }
    out.metric("crosstie_withheld_cells", "Rows that the newest committed run withheld for privacy.");
    for (table, count) in &manifest.withheld {
        out.value("crosstie_withheld_cells", &[("table", table)], count);
    }
}

struct Text<'a> {
    pipeline: &'a str,
    out: String,
}

impl Text<'_> {
    fn metric(&mut self, name: &str, help: &str) {
        let _ = writeln!(self.out, "# HELP {name} {help}\n# TYPE {name} gauge");
    }

    fn value(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<String> = [("pipeline", self.pipeline)]
            .iter()
            .chain(labels)
            .map(|(label, value)| format!("{label}=\"{}\"", escaped(value)))
            .collect();
        let _ = writeln!(self.out, "{name}{{{}}} {value}", labels.join(","));
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// When a run last ended well, as an earlier file says.
pub(crate) fn last_success(text: &str) -> Option<Duration> {
    let line = text.lines().find(|line| line.starts_with(LAST_SUCCESS))?;
    line.rsplit(' ').next()?.parse().ok().map(Duration::from_secs)
}

/// Puts the text in place by rename, so that no reader sees half of it. Everyone may read it: whoever collects
/// metrics is another user.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let staged = path.with_file_name(format!(".{name}.{}.new", std::process::id()));
    // What a killed run of the same number left, as in containers, where every run has the same.
    let _ = fs::remove_file(&staged);
    let write = || {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&staged)?;
        file.write_all(text.as_bytes())?;
        file.set_permissions(fs::Permissions::from_mode(0o644))?;
        fs::rename(&staged, path)
    };
    let written = write();
    if written.is_err() {
        let _ = fs::remove_file(&staged);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics<'a>(gaps: &'a BTreeMap<String, u64>, stages: &'a [StageTime]) -> Metrics<'a> {
        Metrics {
            pipeline: "a\"b\\c",
            exit_code: 75,
            last_success: Some(Duration::from_millis(1_775_001_598_042)),
            committed: None,
            gaps,
            stages,
            peak_memory_bytes: Some(30_000_000),
        }
    }

    #[test]
    fn the_form_is_that_of_the_standard() {
        let stages = [StageTime { stage: "ingest".into(), seconds: 0.25 }];
        let text = metrics(&BTreeMap::new(), &stages).text();
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        let expected = [
            r#"crosstie_last_success_timestamp_seconds{pipeline="a\"b\\c"} 1775001598"#,
            r#"crosstie_exit_code{pipeline="a\"b\\c"} 75"#,
            r#"crosstie_stage_seconds{pipeline="a\"b\\c",stage="ingest"} 0.25"#,
            r#"crosstie_peak_memory_bytes{pipeline="a\"b\\c"} 30000000"#,
        ];
        assert_eq!(lines, expected);
        assert!(text.starts_with("# HELP crosstie_last") && text.ends_with("30000000\n"));
    }

    #[test]
    fn the_last_success_outlives_a_failure() {
        let text = metrics(&BTreeMap::new(), &[]).text();
        assert_eq!(last_success(&text), Some(Duration::from_secs(1_775_001_598)));
        assert_eq!(last_success("crosstie_exit_code 1\n"), None);
        assert_eq!(last_success("crosstie_last_success_timestamp_seconds{} soon\n"), None);
    }

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.prom");
        replace(&path, "one\n").unwrap();
        replace(&path, "two\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
        // A place that cannot be replaced keeps what it holds, and the staged file goes.
        let taken = folder.path().join("b.prom");
        fs::create_dir(&taken).unwrap();
        assert!(replace(&taken, "three\n").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
