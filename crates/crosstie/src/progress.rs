//! How progress looks: a line that moves on a terminal; elsewhere a line a stage, and one every 30 seconds with rate
//! and time left.

use crate::arguments::LogFormat;
use crate::logging;
use crosstie_model::Diagnostic;
use crosstie_pipeline::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Between two lines of a stage.
const BEAT: Duration = Duration::from_secs(30);

/// Shows progress on standard error.
pub(crate) struct View {
    place: Arc<Mutex<Place>>,
    look: Look,
}

enum Look {
    Bar(ProgressBar),
    Lines(Pulse),
}

impl View {
    pub(crate) fn new(format: LogFormat, quiet: bool) -> View {
        let place = Arc::new(Mutex::new(Place::new(Instant::now())));
        let moves = format == LogFormat::Text && !quiet && std::io::stderr().is_terminal();
        let look = if moves { Look::Bar(bar()) } else { Look::Lines(Pulse::start(BEAT, beat_of(&place))) };
        View { place, look }
    }

    /// Takes the moving line away, or ends the regular one.
    pub(crate) fn finish(self) {
        match self.look {
            Look::Bar(bar) => bar.finish_and_clear(),
            Look::Lines(pulse) => drop(pulse),
        }
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

fn lock(place: &Mutex<Place>) -> MutexGuard<'_, Place> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Progress for View {
    fn stage(&mut self, name: &str) {
        let now = Instant::now();
        let mut place = lock(&self.place);
        place.stage(name);
        let seconds = place.seconds(now);
        match &self.look {
            Look::Bar(bar) => bar.set_message(name.to_string()),
            Look::Lines(_) => {
                tracing::info!(event = "stage", stage = name, seconds, text = format!("{name} ({seconds:.1} s)"));
            }
        }
    }

    fn part(&mut self, what: &str, done: usize, all: usize) {
        let mut place = lock(&self.place);
        place.part(what, done, all, Instant::now());
        if let Look::Bar(bar) = &self.look {
            bar.set_message(place.words(Instant::now()));
        }
    }

    fn spared(&mut self, what: &str) {
        if let Look::Lines(_) = &self.look {
            tracing::info!(event = "spared", what, text = what);
        }
    }

    fn notice(&mut self, diagnostic: &Diagnostic) {
        let stage = lock(&self.place).stage.clone();
        match &self.look {
            Look::Bar(bar) => bar.suspend(|| logging::notice(&stage, diagnostic)),
            Look::Lines(_) => logging::notice(&stage, diagnostic),
        }
    }
}

/// Where a run is.
struct Place {
    started: Instant,
    stage: String,
    part: Option<Part>,
}

/// The part of a stage that is worked on now, by its number from 1; `all` is 0 where nobody can tell how many there are.
struct Part {
    what: String,
    since: Instant,
    number: usize,
    all: usize,
}

impl Place {
    fn new(started: Instant) -> Place {
        Place { started, stage: String::new(), part: None }
    }

    fn stage(&mut self, name: &str) {
        self.stage = name.into();
        self.part = None;
    }

    fn part(&mut self, what: &str, number: usize, all: usize, now: Instant) {
        let since = self.part.as_ref().filter(|part| part.what == what).map_or(now, |part| part.since);
        self.part = Some(Part { what: what.into(), since, number, all });
    }

    /// Seconds since the start, in milliseconds.
    fn seconds(&self, now: Instant) -> f64 {
        (now.duration_since(self.started).as_secs_f64() * 1000.0).round() / 1000.0
    }

    fn words(&self, now: Instant) -> String {
        let Some(part) = &self.part else { return self.stage.clone() };
        let mut words = format!("{}: {}", self.stage, part.what);
        if part.all > 0 {
            words.push_str(&format!(" {}/{}", part.number, part.all));
        }
        if let Some((rate, left)) = part.pace(now) {
            words.push_str(&format!(", {rate:.1} a second, {} left", spoken(left)));
        }
        words
    }
}

impl Part {
    /// Parts done a second, and the seconds that the others take at that rate.
    fn pace(&self, now: Instant) -> Option<(f64, f64)> {
        let seconds = now.duration_since(self.since).as_secs_f64();
        let done = self.number.saturating_sub(1);
        let is_known = done > 0 && done < self.all && seconds > 0.0;
        is_known.then(|| {
            let rate = done as f64 / seconds;
            (rate, (self.all - done) as f64 / rate)
        })
    }
}

fn spoken(seconds: f64) -> String {
    match seconds.round() {
        few if few < 120.0 => format!("{few} s"),
        more if more < 7200.0 => format!("{} min", (more / 60.0).round()),
        many => format!("{} h", (many / 3600.0).round()),
    }
}

/// Logs where the run is.
fn beat_of(place: &Arc<Mutex<Place>>) -> impl FnMut() + Send + 'static {
    let place = Arc::clone(place);
    move || {
        let now = Instant::now();
        let place = lock(&place);
        let seconds = place.seconds(now);
        let part = place.part.as_ref();
        let counted = part.filter(|part| part.all > 0);
        let pace = part.and_then(|part| part.pace(now));
        tracing::info!(
            event = "progress",
            stage = place.stage,
            seconds,
            part = part.map(|part| part.what.as_str()),
            number = counted.map(|part| part.number),
            all = counted.map(|part| part.all),
            per_second = pace.map(|(rate, _)| rate),
            seconds_left = pace.map(|(_, left)| left.round()),
            text = format!("{} ({seconds:.1} s)", place.words(now)),
        );
    }
}

/// Does something at regular times, until it is dropped.
struct Pulse {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Pulse {
    fn start(every: Duration, mut beat: impl FnMut() + Send + 'static) -> Pulse {
        let (stop, stopped) = channel();
        let thread = std::thread::spawn(move || {
            while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                beat();
            }
        });
        Pulse { stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A beat that panicked has told so itself.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn rate_and_time_left_are_those_of_the_part() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut place = Place::new(start);
        place.stage("ingest");
        assert_eq!(place.words(at(1)), "ingest");
        place.part("mail", 1, 91, at(10));
        assert_eq!(place.words(at(20)), "ingest: mail 1/91", "no rate yet");
        place.part("mail", 31, 91, at(20));
        assert_eq!(place.words(at(30)), "ingest: mail 31/91, 1.5 a second, 41 s left");
        place.part("chat", 1, 1000, at(40));
        place.part("chat", 2, 1000, at(49));
        assert_eq!(place.words(at(50)), "ingest: chat 2/1000, 0.1 a second, 3 h left");
        place.stage("measure");
        place.part("intervals", 0, 0, at(60));
        assert_eq!(place.words(at(90)), "measure: intervals");
        assert_eq!(spoken(119.4), "119 s");
        assert_eq!(spoken(150.0), "3 min");
    }

    #[test]
    fn a_pulse_beats_until_it_is_dropped() {
        let count = Arc::new(AtomicU32::new(0));
        let beats = Arc::clone(&count);
        let pulse = Pulse::start(Duration::from_millis(5), move || {
            beats.fetch_add(1, Ordering::Relaxed);
        });
        let patience = Instant::now();
        while count.load(Ordering::Relaxed) < 3 {
            assert!(patience.elapsed() < Duration::from_secs(60), "no beat");
            std::thread::sleep(Duration::from_millis(5));
        }
        drop(pulse);
        let stopped = count.load(Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(30));
        assert_eq!(count.load(Ordering::Relaxed), stopped);
    }
}
