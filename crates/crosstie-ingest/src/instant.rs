//! Times as exports write them, to microseconds UTC. A form that is not declared is not guessed.

use crosstie_model::{Code, Day, Micros, code};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::{rfc2822, strtime::BrokenDownTime};
use jiff::tz::TimeZone;

/// How a column writes times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimeForm {
    /// RFC 3339 with an offset, RFC 5322, or epoch seconds of 9 or 10 digits.
    Auto,
    /// Whole milliseconds since 1970.
    EpochMillis,
    /// Whole microseconds since 1970.
    EpochMicros,
    /// A pattern of `%Y-%m-%d %H:%M:%S` and the like.
    Pattern(String),
}

/// A form with the zone that completes it.
#[derive(Clone, Debug)]
pub struct TimeSpec {
    /// The form.
    pub form: TimeForm,
    /// Zone of times without an offset; `None` refuses them. A repeated hour takes the earlier instant, a skipped
    /// one moves forward.
    pub zone: Option<TimeZone>,
}

impl TimeSpec {
    /// A specification; the zone by its IANA name.
    ///
    /// # Errors
    /// If there is no such zone, the pattern is none, or it has no offset and no zone completes it.
    pub fn new(form: TimeForm, zone: Option<&str>) -> Result<TimeSpec, String> {
        let zone = zone
            .map(|name| {
                TimeZone::get(name).map_err(|_| format!("`{name}` is not a zone such as `UTC` or `Europe/Warsaw`"))
            })
            .transpose()?;
        if let TimeForm::Pattern(pattern) = &form {
            if jiff::fmt::strtime::format(pattern, Timestamp::UNIX_EPOCH).is_err() {
                return Err(format!("`{pattern}` is no time pattern; `%Y-%m-%d %H:%M:%S` is one"));
            }
            let has_offset = ["%z", "%:z", "%s", "%Q", "%:Q"].iter().any(|field| pattern.contains(field));
            if zone.is_none() && !has_offset {
                return Err(format!(
                    "is needed: `{pattern}` has no offset; set `UTC` or a zone such as `Europe/Warsaw`"
                ));
            }
        }
        Ok(TimeSpec { form, zone })
    }
}

/// RFC 3339 with an offset, else UTC.
pub(crate) fn utc() -> TimeSpec {
    TimeSpec { form: TimeForm::Auto, zone: Some(TimeZone::UTC) }
}

/// Reads a time and checks its range, `earliest ..= latest` in days.
pub(crate) fn read_instant(text: &str, spec: &TimeSpec, earliest: Day, latest: Day) -> Result<Micros, Code> {
    let at = parse(text.trim(), spec).ok_or(code::I104)?;
    if (earliest..=latest).contains(&at.day()) { Ok(at) } else { Err(code::I105) }
}

fn parse(text: &str, spec: &TimeSpec) -> Option<Micros> {
    match &spec.form {
        TimeForm::EpochMillis => digits(text)?.checked_mul(1000).map(Micros),
        TimeForm::EpochMicros => digits(text).map(Micros),
        TimeForm::Pattern(pattern) => {
            let broken = BrokenDownTime::parse(pattern, text).ok()?;
            if broken.offset().is_some() {
                return broken.to_timestamp().ok().and_then(cut);
            }
            in_zone(broken.to_datetime().ok()?, spec)
        }
        TimeForm::Auto => epoch_seconds(text).or_else(|| {
            if let Ok(at) = text.parse::<Timestamp>() {
                return cut(at);
            }
            if let Ok(civil) = text.parse::<DateTime>() {
                return in_zone(civil, spec);
            }
            let relaxed = rfc2822::DateTimeParser::new().relaxed_weekday(true);
            relaxed.parse_timestamp(text).ok().and_then(cut)
        }),
    }
}

fn in_zone(civil: DateTime, spec: &TimeSpec) -> Option<Micros> {
    let zone = spec.zone.clone()?;
    cut(zone.to_ambiguous_timestamp(civil).compatible().ok()?)
}

/// Digits after the sixth are cut, not rounded.
fn cut(at: Timestamp) -> Option<Micros> {
    Some(Micros(at.as_nanosecond().div_euclid(1000) as i64))
}

fn digits(text: &str) -> Option<i64> {
    (!text.is_empty() && text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// Seconds of 9 or 10 digits with an optional fraction, read as digits and never through a float.
fn epoch_seconds(text: &str) -> Option<Micros> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if !(9..=10).contains(&whole.len()) || fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let micros = fraction
        .bytes()
        .chain(std::iter::repeat(b'0'))
        .take(6)
        .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    Some(Micros(digits(whole)? * 1_000_000 + micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, form: TimeForm, zone: Option<&str>) -> Result<i64, &'static str> {
        let spec = TimeSpec::new(form, zone).unwrap();
        let (earliest, latest) = ("1990-01-01".parse().unwrap(), "2026-06-01".parse().unwrap());
        read_instant(text, &spec, earliest, latest).map(|at| at.0 / 1_000_000).map_err(|code| code.id)
    }

    #[test]
    fn forms_that_are_read() {
        let expected = Ok(1_704_067_200); // 2024-01-01T00:00Z
        for text in [
            "2024-01-01T00:00:00Z",
            "2024-01-01T01:00:00+01:00",
            "2024-01-01 00:00:00Z",
            "2024-01-01T00:00:00.9999999Z",
            "Mon, 1 Jan 2024 00:00:00 +0000",
            "Tue, 1 Jan 2024 00:00:00 +0000",
            "1704067200",
            "1704067200.5",
        ] {
            assert_eq!(read(text, TimeForm::Auto, None), expected, "{text}");
        }
        assert_eq!(read("1704067200000", TimeForm::EpochMillis, None), expected);
        assert_eq!(read("1704067200000000", TimeForm::EpochMicros, None), expected);
        let pattern = TimeForm::Pattern("%d/%m/%Y %H:%M".into());
        assert_eq!(read("01/01/2024 01:00", pattern, Some("Europe/Warsaw")), expected);
    }

    #[test]
    fn forms_that_are_not_guessed() {
        for text in [
            "2024-01-01 00:00:00",
            "05/12/2022 16:30",
            "1704067200000",
            "",
            "32 Jan 2024 25:61:61 +9999",
            "2023-02-29T00:00:00Z",
        ] {
            assert_eq!(read(text, TimeForm::Auto, None), Err("I104"), "{text}");
        }
        for text in ["1970-01-01T00:00:00Z", "2026-06-02T00:00:00Z"] {
            assert_eq!(read(text, TimeForm::Auto, None), Err("I105"), "{text}");
        }
    }

    #[test]
    fn a_repeated_hour_is_the_earlier_and_a_skipped_one_moves_on() {
        let pattern = || TimeForm::Pattern("%Y-%m-%d %H:%M:%S".into());
        let utc = |text| read(text, TimeForm::Auto, None);
        assert_eq!(read("2025-10-26 02:30:00", pattern(), Some("Europe/Warsaw")), utc("2025-10-26T00:30:00Z"));
        assert_eq!(read("2025-03-30 02:30:00", pattern(), Some("Europe/Warsaw")), utc("2025-03-30T01:30:00Z"));
    }

    #[test]
    fn microseconds_are_read_as_digits() {
        let spec = TimeSpec::new(TimeForm::Auto, None).unwrap();
        assert_eq!(parse("1434139102.000002", &spec), Some(Micros(1_434_139_102_000_002)));
    }
}
