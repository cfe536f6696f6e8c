//! How long each stage of a run takes, and each step of a stage that tells its steps.

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
    steps: Stages,
}

impl<'p> Timed<'p> {
    pub(crate) fn new(inner: &'p mut (dyn Progress + Send)) -> Timed<'p> {
        Timed { inner, stages: Stages::default(), steps: Stages::default() }
    }

    /// The stages so far; the last one lasts until now.
    pub(crate) fn so_far(&self) -> Vec<StageTime> {
        self.stages.clone().finish()
    }

    /// The same of steps.
    pub(crate) fn steps_so_far(&self) -> Vec<StageTime> {
        self.steps.clone().finish()
    }
}

impl Progress for Timed<'_> {
    fn stage(&mut self, name: &str) {
        self.steps.end();
        self.stages.begin(name);
        self.inner.stage(name);
    }

    fn part(&mut self, what: &str, done: usize, all: usize) {
        // What is counted is not a step but a part of one.
        if all == 0 {
            self.steps.begin(what);
        }
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
    use crate::progress::Quiet;
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

    #[test]
    fn a_step_ends_with_its_stage() {
        let mut quiet = Quiet;
        let mut timed = Timed::new(&mut quiet);
        timed.stage("measure");
        timed.part("graphs", 0, 0);
        timed.part("openness", 0, 0);
        timed.part("files", 1, 2);
        timed.stage("write");
        sleep(Duration::from_millis(20));
        let names = |times: Vec<StageTime>| times.into_iter().map(|time| time.stage).collect::<Vec<_>>();
        assert!(timed.steps_so_far().iter().all(|step| step.seconds < 0.02));
        assert_eq!(names(timed.steps_so_far()), ["graphs", "openness"]);
        assert_eq!(names(timed.so_far()), ["measure", "write"]);
    }
}
