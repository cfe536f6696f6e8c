//! SIGINT and SIGTERM: the first asks a run to stop in order, a second one, or four seconds, end it as a kill would.

use crosstie_pipeline::StopRequest;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::process::exit;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread::{sleep, spawn};
use std::time::Duration;

/// How long a run may take to stop in order: schedulers wait a little longer before they kill.
const GRACE: Duration = Duration::from_secs(4);

static SIGNAL: AtomicI32 = AtomicI32::new(0);

/// From here on signals are heeded. Where that is not possible they end the process at once, as they do by default.
pub(crate) fn listen() -> StopRequest {
    if let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) {
        spawn(move || signals.forever().for_each(heed));
    }
    StopRequest::at(&SIGNAL)
}

fn heed(signal: i32) {
    let is_second = SIGNAL.swap(signal, Ordering::Relaxed) != 0;
    let end = move || exit(128 + signal);
    if is_second {
        end();
    }
    spawn(move || {
        sleep(GRACE);
        end();
    });
}
