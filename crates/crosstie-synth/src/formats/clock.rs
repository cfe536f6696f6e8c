//! Instants as the formats write them.

use crosstie_model::{DAY_MICROS, Day, Micros};

const SECOND: i64 = 1_000_000;
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A date and a time of day.
pub(crate) struct Civil {
    pub(crate) year: i32,
    pub(crate) month: u32,
    pub(crate) day: u32,
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
    pub(crate) weekday: &'static str,
    pub(crate) month_name: &'static str,
}

impl Civil {
    /// What a clock shows this many minutes east of Greenwich.
    pub(crate) fn at(at: Micros, offset_minutes: i64) -> Civil {
        let local = Micros(at.0 + offset_minutes * 60 * SECOND);
        let (year, month, day) = local.day().ymd();
        let second = local.0.div_euclid(SECOND).rem_euclid(86_400);
        Civil {
            year,
            month,
            day,
            hour: second / 3600,
            minute: second / 60 % 60,
            second: second % 60,
            weekday: DAYS[local.day().weekday() as usize],
            month_name: MONTHS[month as usize - 1],
        }
    }

    /// Hour from 1 to 12, and its half of the day.
    pub(crate) fn twelve(&self) -> (i64, &'static str) {
        let hour = if self.hour % 12 == 0 { 12 } else { self.hour % 12 };
        (hour, if self.hour < 12 { "AM" } else { "PM" })
    }
}

/// `2026-03-02T08:15:00`
pub(crate) fn seconds(at: Micros) -> String {
    let c = Civil::at(at, 0);
    format!("{}T{:02}:{:02}:{:02}", at.day(), c.hour, c.minute, c.second)
}

/// `2026-03-02T08:15:00.000`
pub(crate) fn millis(at: Micros) -> String {
    format!("{}.{:03}", seconds(at), at.0.rem_euclid(SECOND) / 1000)
}

/// `Mon, 2 Mar 2026 10:15:00 +0200`
pub(crate) fn rfc5322(at: Micros, offset_minutes: i64, zone: &str) -> String {
    let c = Civil::at(at, offset_minutes);
    format!(
        "{}, {} {} {} {:02}:{:02}:{:02} {zone}",
        &c.weekday[..3],
        c.day,
        &c.month_name[..3],
        c.year,
        c.hour,
        c.minute,
        c.second
    )
}

/// `Mon Mar  2 08:15:00 2026`
pub(crate) fn asctime(at: Micros) -> String {
    let c = Civil::at(at, 0);
    let (day, month) = (&c.weekday[..3], &c.month_name[..3]);
    format!("{day} {month} {:2} {:02}:{:02}:{:02} {}", c.day, c.hour, c.minute, c.second, c.year)
}

/// Some seconds later, but on the same day: a later day's record would end a run's window elsewhere.
pub(crate) fn later(at: Micros, seconds: i64) -> Micros {
    Micros((at.0 + seconds * SECOND).min(at.day().start().0 + DAY_MICROS - SECOND))
}

/// Without the fraction of a second.
pub(crate) fn whole_second(at: Micros) -> Micros {
    Micros(at.0.div_euclid(SECOND) * SECOND)
}

/// The first day of a day's month.
pub(crate) fn month_start(day: Day) -> Day {
    day.plus(1 - day.ymd().2 as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_instant_in_every_spelling() {
        let at = Micros(1_772_439_300_120_000); // 2026-03-02T08:15:00.120Z
        assert_eq!(seconds(at), "2026-03-02T08:15:00");
        assert_eq!(millis(at), "2026-03-02T08:15:00.120");
        assert_eq!(rfc5322(at, 120, "+0200"), "Mon, 2 Mar 2026 10:15:00 +0200");
        assert_eq!(rfc5322(at, -600, "-1000"), "Sun, 1 Mar 2026 22:15:00 -1000");
        assert_eq!(asctime(at), "Mon Mar  2 08:15:00 2026");
        assert_eq!(Civil::at(Micros(0), 0).twelve(), (12, "AM"));
        assert_eq!(Civil::at(Micros(12 * 3600 * SECOND), 0).twelve(), (12, "PM"));
        assert_eq!(later(Micros(DAY_MICROS - 2 * SECOND), 9), Micros(DAY_MICROS - SECOND));
        assert_eq!(month_start(at.day()).to_string(), "2026-03-01");
    }
}
