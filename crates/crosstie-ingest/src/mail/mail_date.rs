//! Dates of mail headers (RFC 5322 with its obsolete forms) to microseconds UTC. A date that would need a guess is
//! none: a full month name, a clock of twelve hours, a day that the month does not have.

use super::header::without_comments;
use crosstie_model::{Code, code};

/// An instant, and whether the value says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MailDate {
    /// Microseconds since 1970, UTC. Any year of four digits; the range is the caller's.
    pub(crate) micros: i64,
    /// Whether the zone is an offset or a name of the standard; if not, the time was read as UTC.
    pub(crate) zone_is_known: bool,
}

const MONTHS: [&[u8]; 12] =
    [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];

/// Names of RFC 5322 in hours east of UTC, and UTC, which it lacks but which means one thing only.
const ZONES: [(&[u8], i64); 12] = [
    (b"ut", 0),
    (b"utc", 0),
    (b"gmt", 0),
    (b"z", 0),
    (b"est", -5),
    (b"edt", -4),
    (b"cst", -6),
    (b"cdt", -5),
    (b"mst", -7),
    (b"mdt", -6),
    (b"pst", -8),
    (b"pdt", -7),
];

/// Reads `[weekday,] day month year hour:minute[:second] [zone]`, with comments anywhere.
///
/// # Errors
/// I104 if the value is not of this form or there is no such day, time or offset.
pub(crate) fn mail_date(value: &[u8]) -> Result<MailDate, Code> {
    read(value).ok_or(code::I104)
}

fn read(value: &[u8]) -> Option<MailDate> {
    let clean = without_comments(value);
    let mut cursor = Cursor { rest: &clean };
    cursor.skip_weekday();
    let day = cursor.number(1, 2)?.0;
    let month = cursor.month()?;
    let year = cursor.year()?;
    if day == 0 || day > days_in_month(year, month) {
        return None;
    }
    let seconds = cursor.time_of_day()?;
    let (offset_minutes, zone_is_known) = cursor.zone()?;
    let local = days_from_civil(year, month, day) * 86_400 + seconds;
    Some(MailDate { micros: (local - offset_minutes * 60) * 1_000_000, zone_is_known })
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    /// The weekday says nothing that the date does not: a wrong or foreign one is skipped like a right one.
    fn skip_weekday(&mut self) {
        self.skip_blanks();
        self.take_while(|byte| byte.is_ascii_alphabetic() || byte == b'.' || !byte.is_ascii());
        self.skip_blanks();
        self.take_while(|byte| byte == b',');
    }

    fn month(&mut self) -> Option<i64> {
        self.skip_blanks();
        let name = self.take_while(|byte| byte.is_ascii_alphabetic()).to_ascii_lowercase();
        MONTHS.iter().position(|month| *month == name).map(|index| index as i64 + 1)
    }

    /// Years of two digits turn at 50, as RFC 5322 asks; three digits come from programs that counted from 1900.
    fn year(&mut self) -> Option<i64> {
        Some(match self.number(2, 4)? {
            (year @ 0..=49, 2) => year + 2000,
            (year, 2 | 3) => year + 1900,
            (year, _) => year,
        })
    }

    /// Seconds since midnight. A leap second is the second before it: epoch time has no room for one.
    fn time_of_day(&mut self) -> Option<i64> {
        let hour = self.number(1, 2)?.0;
        if !self.skip_colon() {
            return None;
        }
        let minute = self.number(1, 2)?.0;
        let second = if self.skip_colon() { self.number(1, 2)?.0 } else { 0 };
        (hour <= 23 && minute <= 59 && second <= 60).then(|| hour * 3600 + minute * 60 + second.min(59))
    }

    /// Minutes east of UTC, and whether that is known. A name behind an offset repeats it (`+0100 CET`).
    fn zone(&mut self) -> Option<(i64, bool)> {
        let words: Vec<&[u8]> =
            self.rest.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty()).collect();
        let Some((zone, names)) = words.split_first() else { return Some((0, false)) };
        let are_names = names.iter().all(|word| word.iter().all(u8::is_ascii_alphabetic));
        // A clock of twelve hours would be half a day off.
        let half_day = words.iter().any(|word| word.eq_ignore_ascii_case(b"am") || word.eq_ignore_ascii_case(b"pm"));
        if !are_names || half_day {
            return None;
        }
        match zone {
            [b'+', digits @ ..] => Some((offset(digits)?, true)),
            [b'-', digits @ ..] => Some((-offset(digits)?, true)),
            _ => {
                let hours = ZONES.iter().find(|(name, _)| names.is_empty() && zone.eq_ignore_ascii_case(name));
                Some(hours.map_or((0, false), |(_, hours)| (hours * 60, true)))
            }
        }
    }

    /// A number of so many digits, with the count of its digits.
    fn number(&mut self, shortest: usize, longest: usize) -> Option<(i64, usize)> {
        self.skip_blanks();
        let digits = self.take_while(|byte| byte.is_ascii_digit());
        (shortest..=longest).contains(&digits.len()).then(|| (value_of(digits), digits.len()))
    }

    fn skip_colon(&mut self) -> bool {
        self.skip_blanks();
        let found = self.rest.first() == Some(&b':');
        self.rest = &self.rest[usize::from(found)..];
        found
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    fn take_while(&mut self, belongs: impl Fn(u8) -> bool) -> &'a [u8] {
        let length = self.rest.iter().position(|&byte| !belongs(byte)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }
}

/// Minutes of `hhmm`.
fn offset(digits: &[u8]) -> Option<i64> {
    if digits.len() != 4 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let (hours, minutes) = (value_of(&digits[..2]), value_of(&digits[2..]));
    (hours <= 23 && minutes <= 59).then(|| hours * 60 + minutes)
}

fn value_of(digits: &[u8]) -> i64 {
    digits.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'))
}

fn days_in_month(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970 by Howard Hinnant's `days_from_civil`: years begin in March, so that the leap day ends them.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use mail_parser::MessageParser;
    use proptest::{collection::vec, prelude::*};

    /// 2024-01-01T00:00Z.
    const NEW_YEAR: i64 = 1_704_067_200;

    fn seconds(text: &str) -> Result<(i64, bool), &'static str> {
        mail_date(text.as_bytes()).map(|date| (date.micros / 1_000_000, date.zone_is_known)).map_err(|code| code.id)
    }

    #[test]
    fn forms_that_are_read() {
        for (text, expected) in [
            ("Mon, 1 Jan 2024 00:00:00 EST", NEW_YEAR + 5 * 3600),
            ("1 Jan 24 00:00 EST", NEW_YEAR + 5 * 3600),
            ("Tue, 1 Jan 2024 00:00:00 +0000", NEW_YEAR),
            ("Mon,1 Jan 2024 0:0:0 +0000", NEW_YEAR),
            ("Mon, 1 Jan 2024 00:00:00 (comment) +0000", NEW_YEAR),
            ("(a) Mon (b(c)) , (d) 1 (e) Jan (f) 2024 (g) 00 : 00 (h) : 00 +0000 (i", NEW_YEAR),
            ("Mon, 1 Jan 2024 23:59:60 +0000", NEW_YEAR + 86_399),
            ("Mon, 1 Jan 2024 00:00:00 -0000", NEW_YEAR),
            ("Mon, 1 Jan 2024 01:30:00 +0130", NEW_YEAR),
            ("Mon, 1 Jan 2024 01:00:00 +0100 CET", NEW_YEAR),
            ("mon, 01 JAN 2024 00:00:00 gmt", NEW_YEAR),
            ("Mon, 1 Jan 2024 00:00:00 UT", NEW_YEAR),
            ("Mon, 1 Jan 2024 00:00:00 UTC", NEW_YEAR),
            ("Mon, 1 Jan 2024 00:00:00 Z", NEW_YEAR),
            ("Sun, 31 Dec 2023 17:00:00 PDT", NEW_YEAR),
            ("Mon 1 Jan 2024 00:00 Z", NEW_YEAR),
            ("1Jan2024 00:00Z", NEW_YEAR),
            ("1 Jan 124 00:00 Z", NEW_YEAR),
        ] {
            assert_eq!(seconds(text), Ok((expected, true)), "{text}");
        }
    }

    #[test]
    fn a_zone_that_is_not_known_is_read_as_utc() {
        for zone in ["EST5EDT", "", "CET", "A", "MET DST", "GMT+2", "(EST)"] {
            assert_eq!(seconds(&format!("Mon, 1 Jan 2024 00:00:00 {zone}")), Ok((NEW_YEAR, false)), "{zone}");
        }
    }

    #[test]
    fn what_is_no_date() {
        for text in [
            "",
            "Mon",
            "Mon, 1 January 2024 00:00:00 +0000",
            "Sun, 29 Feb 2023 12:00:00 +0000",
            "29 Feb 2100 12:00:00 +0000",
            "Mon, 32 Jan 2024 25:61:61 +9999",
            "32 Jan 2024 00:00:00 +0000",
            "0 Jan 2024 00:00:00 +0000",
            "1 Jan 2024 24:00:00 +0000",
            "1 Jan 2024 00:60:00 +0000",
            "1 Jan 2024 00:00:61 +0000",
            "1 Jan 2024 00:00:00 +9999",
            "1 Jan 2024 00:00:00 +0060",
            "1 Jan 2024 00:00:00 +100",
            "1 Jan 2024 00:00:00 +01:00",
            "1 Jan 2024 00:00:00 GMT +0200",
            "1 Jan 2024 12:00:00 PM",
            "1 Jan 2024 12:00:00 +0000 am",
            "1 Jan 2024",
            "1 Jan 2024 00",
            "1 Jan 2024 00:00:",
            "1 Jan 4 00:00 Z",
            "1 Jan 12024 00:00 Z",
            "Jan 1 2024 00:00 Z",
            "01/01/2024 00:00",
            "2024-01-01T00:00:00Z",
            "1 Jan 99999999999999999999 00:00 Z",
        ] {
            assert_eq!(seconds(text), Err("I104"), "{text}");
        }
    }

    #[test]
    fn years_of_two_and_three_digits() {
        let year = |text: &str| seconds(&format!("1 Jan {text} 00:00 Z")).unwrap().0;
        assert_eq!(year("49"), year("2049"));
        assert_eq!(year("50"), year("1950"));
        assert_eq!(year("00"), year("2000"));
        assert_eq!(year("99"), year("1999"));
        assert_eq!(year("100"), year("2000"));
    }

    #[test]
    fn the_range_is_left_to_the_caller() {
        assert_eq!(seconds("Fri, 31 Dec 9999 23:59:59 +0000"), Ok((253_402_300_799, true)));
        assert_eq!(seconds("Mon, 01 Jan 1601 00:00:00 +0000"), Ok((-11_644_473_600, true)));
        assert_eq!(seconds("Thu, 1 Jan 1970 00:00:00 +0000"), Ok((0, true)));
    }

    #[test]
    fn every_day_of_eight_centuries_follows_the_one_before() {
        let mut expected = days_from_civil(1600, 1, 1);
        assert_eq!(expected, -135_140);
        for year in 1600..2400 {
            for month in 1..=12 {
                for day in 1..=days_in_month(year, month) {
                    assert_eq!(days_from_civil(year, month, day), expected);
                    expected += 1;
                }
            }
        }
    }

    #[test]
    fn long_values_take_one_pass() {
        for unit in ["(", "1", "a", " ", "\"", "1 Jan 2024 00:00 ", "+"] {
            let _ = mail_date(unit.repeat(1 << 20).as_bytes());
        }
    }

    proptest! {
        /// Any bytes: no panic.
        #[test]
        fn any_bytes(bytes in vec(any::<u8>(), 0..60)) {
            let _ = mail_date(&bytes);
        }

        /// Pieces of dates in any order: no panic, and micros within the years that can be written.
        #[test]
        fn any_pieces(pieces in vec("1|31|Jan|2024|:|99|[+]0000| |[(]|[)]|,|9999", 0..14)) {
            if let Ok(date) = mail_date(pieces.concat().as_bytes()) {
                prop_assert!(date.micros.abs() < 300_000_000_000_000_000);
            }
        }

        /// What mail-parser reads of a well-formed date is read here.
        #[test]
        fn equals_mail_parser(
            (year, month, day) in (1970i64..2100, 1i64..=12, 1i64..=28),
            (hour, minute, second) in (0i64..24, 0i64..60, 0i64..60),
            (sign, offset_hours, offset_minutes) in (prop::sample::select(vec!['+', '-']), 0i64..14, 0i64..60),
        ) {
            let name = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
            let name = name[month as usize - 1];
            let text = format!(
                "Mon, {day} {name} {year} {hour:02}:{minute:02}:{second:02} {sign}{offset_hours:02}{offset_minutes:02}"
            );
            let mail = format!("Date: {text}\r\n\r\n");
            let oracle = MessageParser::default().parse(mail.as_bytes()).unwrap();
            prop_assert_eq!(seconds(&text), Ok((oracle.date().unwrap().to_timestamp(), true)));
        }
    }
}
