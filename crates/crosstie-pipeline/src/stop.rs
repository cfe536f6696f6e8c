//! A run that is asked to stop does so before its next file, day, step or table, and leaves nothing half written.

use crate::error::{Exit, Failure};
use crosstie_model::{Diagnostic, code};
use std::sync::atomic::{AtomicI32, Ordering};

/// Where whoever started a run can ask it to stop.
#[derive(Clone, Copy, Debug, Default)]
pub struct StopRequest(Option<&'static AtomicI32>);

/// SIGINT; every other number counts as SIGTERM.
const INTERRUPT: i32 = 2;

impl StopRequest {
    /// The request is made by storing the number of the signal, which is not 0.
    #[must_use]
    pub fn at(signal: &'static AtomicI32) -> StopRequest {
        StopRequest(Some(signal))
    }

    pub(crate) fn is_made(self) -> bool {
        self.signal() != 0
    }

    /// Fails if the request is made: 130 for SIGINT, 143 for SIGTERM.
    pub(crate) fn check(self) -> Result<(), Failure> {
        let exit = match self.signal() {
            0 => return Ok(()),
            INTERRUPT => Exit::Interrupted,
            _ => Exit::Terminated,
        };
        Err(Failure::new(exit, Diagnostic::new(code::S115, code::S115.what).hint(code::S115.remedy)))
    }

    fn signal(self) -> i32 {
        self.0.map_or(0, |signal| signal.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_signal_has_its_exit_code() {
        static SIGNAL: AtomicI32 = AtomicI32::new(0);
        let request = StopRequest::at(&SIGNAL);
        assert!(request.check().is_ok() && StopRequest::default().check().is_ok());
        for (signal, exit) in [(2, 130), (15, 143)] {
            SIGNAL.store(signal, Ordering::Relaxed);
            assert_eq!(request.check().unwrap_err().exit as u8, exit);
        }
        assert!(StopRequest::default().check().is_ok());
    }
}
