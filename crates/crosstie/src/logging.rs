//! Logs on standard error through `tracing`: words for people, JSON lines for machines.
//!
//! The field `text` of an event is what people read; all other fields are for machines. Only events of crosstie are
//! written, whatever libraries log. Values that could name a person are in neither.

use crate::arguments::LogFormat;
use crosstie_model::Diagnostic;
use crosstie_pipeline::{Outcome, now, rfc3339};
use serde_json::{Map, Value};
use std::fmt;
use std::path::Path;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, layer};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::{LookupSpan, Registry};

/// Starts logging for the whole process; `quiet` lets errors through alone.
pub(crate) fn start(format: LogFormat, quiet: bool) {
    let level = if quiet { LevelFilter::ERROR } else { LevelFilter::INFO };
    let ours = Targets::new().with_target("crosstie", level);
    let lines = layer().with_writer(std::io::stderr).log_internal_errors(false).event_format(Lines { format });
    // A second start could only happen in a test of this crate; the first one stays.
    let _ = tracing::subscriber::set_global_default(Registry::default().with(lines.with_filter(ours)));
}

/// Something that ends the command.
pub(crate) fn error(diagnostic: &Diagnostic) {
    let place = diagnostic.place.as_ref().map(ToString::to_string);
    tracing::error!(
        event = "error",
        code = diagnostic.code.id,
        message = diagnostic.message,
        place = place.as_deref(),
        detail = diagnostic.detail.as_deref(),
        text = format!("error{diagnostic}"),
    );
}

/// Something worth a look that ends nothing, told in this stage.
pub(crate) fn notice(stage: &str, diagnostic: &Diagnostic) {
    let place = diagnostic.place.as_ref().map(ToString::to_string);
    tracing::warn!(
        event = "notice",
        stage,
        code = diagnostic.code.id,
        message = diagnostic.message,
        place = place.as_deref(),
        detail = diagnostic.detail.as_deref(),
        text = format!("notice{diagnostic}"),
    );
}

/// How a run ended well, for machines; people read the summary.
pub(crate) fn ended(outcome: &Outcome) {
    let (event, summary, run_id) = match outcome {
        Outcome::Committed { summary, manifest, .. } => ("committed", summary, run_id(manifest)),
        Outcome::Stopped { summary } => ("stopped", summary, None),
        Outcome::AlreadyDone { date, .. } => {
            tracing::info!(event = "already_done", date = date.to_string());
            return;
        }
    };
    tracing::info!(
        event,
        run_id = run_id.as_deref(),
        date = summary.date.to_string(),
        records_seen = summary.records.seen,
        records_used = summary.records.used,
        records_duplicate = summary.records.duplicate,
        records_excluded = summary.records.excluded_count(),
        records_quarantined = summary.records.quarantined_count(),
        people = summary.people,
        units = summary.units,
        withheld = summary.withheld,
    );
}

fn run_id(manifest: &Path) -> Option<String> {
    let manifest: Value = serde_json::from_slice(&std::fs::read(manifest).ok()?).ok()?;
    manifest["run_id"].as_str().map(str::to_string)
}

/// One line, or one paragraph, an event.
struct Lines {
    format: LogFormat,
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        match self.format {
            LogFormat::Text => fields.text.map_or(Ok(()), |text| writeln!(writer, "{}", printable(&text))),
            LogFormat::Json => {
                let mut line = fields.machine;
                line.insert("ts".into(), rfc3339(now()).into());
                line.insert("level".into(), event.metadata().level().as_str().to_lowercase().into());
                writeln!(writer, "{}", Value::Object(line))
            }
        }
    }
}

/// Without what a terminal would obey: names of files come from outside.
fn printable(text: &str) -> String {
    let is_safe = |c: char| c == '\n' || !c.is_control();
    text.chars().map(|c| if is_safe(c) { c.to_string() } else { c.escape_default().to_string() }).collect()
}

#[derive(Default)]
struct Fields {
    text: Option<String>,
    machine: Map<String, Value>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        match (field.name(), value.into()) {
            ("text", Value::String(text)) => self.text = Some(text),
            (name, value) => {
                self.machine.insert(name.into(), value);
            }
        }
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crosstie_model::code;
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What is logged in a form.
    fn logged(format: LogFormat, log: impl FnOnce()) -> String {
        let kept = Kept::default();
        let writer = kept.clone();
        let lines = layer().with_writer(move || writer.clone()).event_format(Lines { format });
        tracing::subscriber::with_default(Registry::default().with(lines), log);
        String::from_utf8(kept.0.lock().unwrap().clone()).unwrap()
    }

    fn found() -> Diagnostic {
        Diagnostic::new(code::I104, "`sent_at` is not a time").detail("value of 14 bytes").hint("look")
    }

    #[test]
    fn people_read_words() {
        let text = logged(LogFormat::Text, || {
            notice("ingest", &found());
            tracing::info!(event = "nothing for people");
            error(&Diagnostic::new(code::I214, "`a\u{1b}[31m\rb` is broken"));
        });
        let expected = "notice[I104]: `sent_at` is not a time\n   |  value of 14 bytes\nhint: look\n\
                        error[I214]: `a\\u{1b}[31m\\rb` is broken\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn machines_read_a_line_an_event() {
        let text = logged(LogFormat::Json, || {
            notice("ingest", &found());
            tracing::info!(event = "stage", stage = "ties", seconds = 1.5, done = 3_u64);
        });
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2);
        let first = lines[0].as_object().unwrap();
        let keys: Vec<&str> = first.keys().map(String::as_str).collect();
        assert_eq!(keys, ["code", "detail", "event", "level", "message", "stage", "ts"]);
        assert_eq!((&first["level"], &first["code"]), (&"warn".into(), &"I104".into()));
        assert_eq!((&lines[1]["seconds"], &lines[1]["done"]), (&1.5.into(), &3.into()));
        assert!(lines[1]["ts"].as_str().unwrap().ends_with('Z'));
    }
}
