//! How long each stage of a run takes.

use crate::progress::Progress;
use crosstie_model::Diagnostic;
use std::time::Instant;

/// Wall time of one stage.
#[derive(Clone, Debug, PartialEq)]
pub struct StageTime {
    /// The stage, as progress names it.
    pub stage: String,
    /// Seconds.
    pub seconds: f64,
}

/// A stopwatch over stages: each ends where the next begins.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stages {
    ended: Vec<StageTime>,
    running: Option<(String, Instant)>,
}

impl Stages {
    /// A stage begins.
    pub(crate) fn begin(&mut self, stage: &str) {
        self.end();
        self.running = Some((stage.into(), Instant::now()));
    }

    fn end(&mut self) {
        if let Some((stage, since)) = self.running.take() {
            self.ended.push(StageTime { stage, seconds: since.elapsed().as_secs_f64() });
        }
    }

    /// The stages in order; the last ends now.
    pub(crate) fn finish(mut self) -> Vec<StageTime> {
        self.end();
        self.ended
    }
}

/// Hands progress on and times the stages.
pub(crate) struct Timed<'p> {
    inner: &'p mut (dyn Progress + Send),
    stages: Stages,
}

impl<'p> Timed<'p> {
    pub(crate) fn new(inner: &'p mut (dyn Progress + Send)) -> Timed<'p> {
        Timed { inner, stages: Stages::default() }
    }

    /// The stages so far; the last one lasts until now.
    pub(crate) fn so_far(&self) -> Vec<StageTime> {
        self.stages.clone().finish()
    }
}

impl Progress for Timed<'_> {
    fn stage(&mut self, name: &str) {
        self.stages.begin(name);
        self.inner.stage(name);
    }

    fn part(&mut self, what: &str, done: usize, all: usize) {
        self.inner.part(what, done, all);
    }

    fn spared(&mut self, what: &str) {
        self.inner.spared(what);
    }

    fn notice(&mut self, diagnostic: &Diagnostic) {
        self.inner.notice(diagnostic);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread::sleep;
    use std::time::Duration;

    #[test]
    fn a_stage_ends_where_the_next_begins() {
        let mut stages = Stages::default();
        stages.begin("ingest");
        sleep(Duration::from_millis(20));
        stages.begin("ties");
        let times = stages.finish();
        assert_eq!(times.iter().map(|time| time.stage.as_str()).collect::<Vec<_>>(), ["ingest", "ties"]);
        assert!(times[0].seconds >= 0.02 && times[1].seconds < times[0].seconds, "{times:?}");
        assert_eq!(Stages::default().finish(), []);
    }
}
