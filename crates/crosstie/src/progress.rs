//! How progress looks: a line that moves on a terminal, a line a stage elsewhere, JSON for machines.

use crate::arguments::LogFormat;
use crate::output::print_error;
use crosstie_model::Diagnostic;
use crosstie_pipeline::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Shows progress on standard error.
pub(crate) struct View {
    form: Form,
    quiet: bool,
    started: Instant,
    stage: String,
}

enum Form {
    Bar(ProgressBar),
    Lines,
    Json,
}

impl View {
    pub(crate) fn new(format: LogFormat, quiet: bool) -> View {
        let form = match format {
            LogFormat::Json => Form::Json,
            LogFormat::Text if !quiet && std::io::stderr().is_terminal() => Form::Bar(bar()),
            LogFormat::Text => Form::Lines,
        };
        View { form, quiet, started: Instant::now(), stage: String::new() }
    }

    /// Takes the moving line away.
    pub(crate) fn finish(&mut self) {
        if let Form::Bar(bar) = &self.form {
            bar.finish_and_clear();
        }
    }

    fn json(&self, level: &str, event: &str, more: &serde_json::Value) {
        let mut line = serde_json::json!({
            "event": event,
            "level": level,
            "seconds": (self.started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0,
            "stage": self.stage,
        });
        if let (Some(line), Some(more)) = (line.as_object_mut(), more.as_object()) {
            line.extend(more.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
        print_error(&line.to_string());
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

impl Progress for View {
    fn stage(&mut self, name: &str) {
        self.stage = name.into();
        if self.quiet {
            return;
        }
        match &self.form {
            Form::Bar(bar) => bar.set_message(name.to_string()),
            Form::Lines => print_error(&format!("{name} ({:.1} s)", self.started.elapsed().as_secs_f64())),
            Form::Json => self.json("info", "stage", &serde_json::Value::Null),
        }
    }

    fn part(&mut self, what: &str, done: usize, all: usize) {
        if self.quiet {
            return;
        }
        match &self.form {
            Form::Bar(bar) if all > 0 => bar.set_message(format!("{}: {what} {done}/{all}", self.stage)),
            Form::Bar(bar) => bar.set_message(format!("{}: {what}", self.stage)),
            Form::Lines => {}
            Form::Json => self.json("info", "part", &serde_json::json!({"part": what, "done": done, "all": all})),
        }
    }

    fn notice(&mut self, diagnostic: &Diagnostic) {
        if self.quiet {
            return;
        }
        match &self.form {
            Form::Bar(bar) => bar.suspend(|| print_error(&format!("notice{diagnostic}"))),
            Form::Lines => print_error(&format!("notice{diagnostic}")),
            Form::Json => {
                self.json(
                    "warn",
                    "notice",
                    &serde_json::json!({"code": diagnostic.code.id, "message": diagnostic.message}),
                );
            }
        }
    }
}
