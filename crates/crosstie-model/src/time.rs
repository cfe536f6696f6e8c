//! Days, instants and windows, always UTC, always as integers.

use std::fmt;
use std::str::FromStr;

/// Microseconds of one day.
pub const DAY_MICROS: i64 = 86_400_000_000;

/// An instant: microseconds since 1970-01-01T00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Micros(pub i64);

impl Micros {
    /// The UTC day this instant lies in.
    #[must_use]
    pub const fn day(self) -> Day {
        Day(self.0.div_euclid(DAY_MICROS) as i32)
    }
}

/// A UTC day: days since 1970-01-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// The day of a proleptic Gregorian date, `None` where there is no such date.
    #[must_use]
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Day> {
        if !(1..=12).contains(&month) || day == 0 || !(-9999..=9999).contains(&year) {
            return None;
        }
        // Days from the civil date, counted in 400-year eras that begin in March.
        let shifted = if month <= 2 { year - 1 } else { year };
        let era = shifted.div_euclid(400);
        let year_of_era = shifted.rem_euclid(400);
        let month_from_march = (month as i32 + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + day as i32 - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let found = Day(era * 146_097 + day_of_era - 719_468);
        (found.ymd() == (year, month, day)).then_some(found)
    }

    /// Year, month 1 to 12, day 1 to 31.
    #[must_use]
    pub fn ymd(self) -> (i32, u32, u32) {
        let shifted = self.0 + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = (day_of_year - (153 * month_from_march + 2) / 5 + 1) as u32;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + i32::from(month <= 2);
        (year, month as u32, day)
    }

    /// 0 for Monday to 6 for Sunday.
    #[must_use]
    pub const fn weekday(self) -> u32 {
        (self.0 + 3).rem_euclid(7) as u32
    }

    /// The Monday of the ISO week that holds this day.
    #[must_use]
    pub const fn monday(self) -> Day {
        Day(self.0 - self.weekday() as i32)
    }

    /// The first instant of the day.
    #[must_use]
    pub const fn start(self) -> Micros {
        Micros(self.0 as i64 * DAY_MICROS)
    }

    /// This many days later, or earlier where negative.
    #[must_use]
    pub const fn plus(self, days: i32) -> Day {
        Day(self.0 + days)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Day {
    type Err = String;
    fn from_str(text: &str) -> Result<Day, String> {
        let wrong = || format!("`{text}` is not a date of the form YYYY-MM-DD");
        let bytes = text.as_bytes();
        let shaped = bytes.len() == 10
            && bytes.iter().enumerate().all(
                |(at, byte)| {
                    if at == 4 || at == 7 { *byte == b'-' } else { byte.is_ascii_digit() }
                },
            );
        if !shaped {
            return Err(wrong());
        }
        let number = |range: std::ops::Range<usize>| text[range].parse::<u32>().map_err(|_| wrong());
        Day::from_ymd(number(0..4)? as i32, number(5..7)?, number(8..10)?).ok_or_else(wrong)
    }
}

/// The days that a run measures: `first ..= last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First day in the window.
    pub first: Day,
    /// Last day in the window; the run's date.
    pub last: Day,
}

impl Window {
    /// The window of `days` days that ends with `last`.
    #[must_use]
    pub const fn ending(last: Day, days: u32) -> Window {
        Window { first: Day(last.0 - days as i32 + 1), last }
    }

    /// How many days it has.
    #[must_use]
    pub const fn days(self) -> u32 {
        (self.last.0 - self.first.0 + 1) as u32
    }

    /// Whether a day lies in the window.
    #[must_use]
    pub fn contains(self, day: Day) -> bool {
        self.first <= day && day <= self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_both_ways() {
        for (text, days) in [("1970-01-01", 0), ("2000-02-29", 11_016), ("2026-03-02", 20_514)] {
            let day: Day = text.parse().unwrap();
            assert_eq!(day, Day(days), "{text}");
            assert_eq!(day.to_string(), text);
        }
        for wrong in ["2023-02-29", "2026-3-02", "2026-13-01", "2026-00-10", "yesterday", "2026/03/02"] {
            assert!(wrong.parse::<Day>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_day_of_four_centuries_goes_both_ways() {
        for days in -146_097..146_097 {
            let (year, month, day) = Day(days).ymd();
            assert_eq!(Day::from_ymd(year, month, day), Some(Day(days)));
        }
    }

    #[test]
    fn weeks_begin_on_monday() {
        let monday: Day = "2026-03-02".parse().unwrap();
        assert_eq!(monday.weekday(), 0);
        assert_eq!(monday.plus(6).monday(), monday);
        assert_eq!(Micros(-1).day(), Day(-1));
        let window = Window::ending(monday, 7);
        assert!(window.contains(monday) && window.contains(monday.plus(-6)));
        assert!(!window.contains(monday.plus(-7)));
    }
}
