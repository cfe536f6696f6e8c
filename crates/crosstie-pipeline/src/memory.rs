//! The promise of `--memory`: a run that takes more stops, rather than take memory that others need.

use crate::error::{Exit, Failure};
use crosstie_model::{Diagnostic, code};

/// A limit on the memory of the whole process, in bytes; checked before every file and stage.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MemoryLimit(pub(crate) Option<u64>);

impl MemoryLimit {
    /// Fails if the process now holds more.
    pub(crate) fn check(self) -> Result<(), Failure> {
        let (Some(limit), Some(resident)) = (self.0, resident_bytes()) else { return Ok(()) };
        if resident <= limit {
            return Ok(());
        }
        let message = format!("the run holds {} MiB, over the limit of {} MiB", resident >> 20, limit >> 20);
        let detail = "accounts, a few days of messages, and the window are held in memory";
        Err(Failure::new(Exit::Config, Diagnostic::new(code::C107, message).detail(detail).hint(code::C107.remedy)))
    }
}

/// Resident memory of this process; `None` where the system does not say.
fn resident_bytes() -> Option<u64> {
    status("VmRSS:")
}

/// The most memory that this process has held at once; `None` where the system does not say.
#[must_use]
pub fn peak_memory_bytes() -> Option<u64> {
    status("VmHWM:")
}

/// A line of the process's status, in bytes.
fn status(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_no_less_than_what_is_held() {
        // What is held may grow until the peak is asked for, and never the other way round.
        let held = resident_bytes();
        let peak = peak_memory_bytes();
        assert!(peak >= held && held > Some(1 << 20), "{peak:?} {held:?}");
    }

    #[test]
    fn a_limit_below_what_is_held_fails() {
        assert!(MemoryLimit(None).check().is_ok());
        assert!(MemoryLimit(Some(u64::MAX)).check().is_ok());
        assert_eq!(MemoryLimit(Some(1)).check().unwrap_err().exit, Exit::Config);
    }
}
