//! The clock, and how its times are written.

use crosstie_model::Day;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Now, since 1970-01-01T00:00Z.
#[expect(
    clippy::disallowed_methods,
    reason = "logs, metrics and lineage events are about clock times; nothing else is"
)]
#[must_use]
pub fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// A time since 1970-01-01T00:00Z as RFC 3339 in UTC, with milliseconds.
#[must_use]
pub fn rfc3339(time: Duration) -> String {
    let seconds = time.as_secs();
    let day = Day(i32::try_from(seconds / 86_400).unwrap_or(i32::MAX / 2));
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{day}T{hour:02}:{minute:02}:{second:02}.{:03}Z", time.subsec_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc() {
        assert_eq!(rfc3339(Duration::ZERO), "1970-01-01T00:00:00.000Z");
        // date -u -d 2026-03-31T23:59:58Z +%s
        assert_eq!(rfc3339(Duration::from_millis(1_775_001_598_042)), "2026-03-31T23:59:58.042Z");
    }
}
