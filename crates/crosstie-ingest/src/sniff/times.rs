//! How a column writes times, told from its values. Day and month are never guessed: where both orders fit, both are
//! named.

use crate::instant::{TimeForm, TimeSpec, read_instant};
use crosstie_model::Day;
use jiff::tz::TimeZone;

/// How times are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimeGuess {
    /// Values of `time_format` that fit; none: it need not be set. Two where the order of day and month cannot be told.
    pub formats: Vec<String>,
    /// Whether times have no offset, so that a zone must be set.
    pub needs_zone: bool,
}

/// Dates with the day first and with the month first, `*` for the time of day.
const EITHER_ORDER: [(&str, &str); 5] = [
    ("%d/%m/%Y*", "%m/%d/%Y*"),
    ("%d-%m-%Y*", "%m-%d-%Y*"),
    ("%d.%m.%Y*", "%m.%d.%Y*"),
    ("%d/%m/%y*", "%m/%d/%y*"),
    ("%d.%m.%y*", "%m.%d.%y*"),
];
/// Times of day behind them.
const CLOCKS: [&str; 6] = [" %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p", ", %H:%M:%S", ", %H:%M"];
/// Patterns that say which number is which.
const CLEAR: [&str; 12] = [
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y-%m-%d %H:%M",
    "%Y.%m.%d %H:%M:%S",
    "%Y%m%d%H%M%S",
    "%d %b %Y %H:%M:%S",
    "%d %b %Y %H:%M",
    "%d-%b-%Y %H:%M:%S",
    "%b %d, %Y %I:%M:%S %p",
    "%b %d, %Y %I:%M %p",
    "%d/%b/%Y:%H:%M:%S %z",
    "%a %b %d %H:%M:%S %Y",
];

/// The form that nine of ten values have; `None` if there is none, or no value.
pub(super) fn time_guess(values: &[&str]) -> Option<TimeGuess> {
    let auto = |zone| TimeSpec { form: TimeForm::Auto, zone };
    if fits(values, &auto(None)) {
        return Some(TimeGuess::default());
    }
    if fits(values, &auto(Some(TimeZone::UTC))) {
        return Some(TimeGuess { formats: Vec::new(), needs_zone: true });
    }
    for (form, word) in [(TimeForm::EpochMillis, "epoch_ms"), (TimeForm::EpochMicros, "epoch_us")] {
        if fits(values, &TimeSpec { form, zone: None }) {
            return Some(TimeGuess { formats: vec![word.into()], needs_zone: false });
        }
    }
    patterns(values)
}

fn patterns(values: &[&str]) -> Option<TimeGuess> {
    let has = |pattern: &str| {
        let form = TimeForm::Pattern(pattern.into());
        fits(values, &TimeSpec { form, zone: Some(TimeZone::UTC) })
    };
    for pattern in CLEAR {
        if has(pattern) {
            return Some(TimeGuess { formats: vec![pattern.into()], needs_zone: !pattern.contains("%z") });
        }
    }
    for (day_first, month_first) in EITHER_ORDER {
        for clock in CLOCKS {
            let both = [day_first.replace('*', clock), month_first.replace('*', clock)];
            let formats: Vec<String> = both.into_iter().filter(|pattern| has(pattern)).collect();
            if !formats.is_empty() {
                return Some(TimeGuess { formats, needs_zone: true });
            }
        }
    }
    None
}

fn fits(values: &[&str], spec: &TimeSpec) -> bool {
    // A year of two digits would otherwise be one of the first century.
    let range = Day::from_ymd(1980, 1, 1).zip(Day::from_ymd(2100, 1, 1));
    let Some((earliest, latest)) = range else { return false };
    let read = values.iter().filter(|value| read_instant(value, spec, earliest, latest).is_ok()).count();
    read > 0 && read * 10 >= values.len() * 9
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(values: &[&str]) -> Option<(String, bool)> {
        time_guess(values).map(|guess| (guess.formats.join(" or "), guess.needs_zone))
    }

    #[test]
    fn forms_are_told() {
        for (value, formats, needs_zone) in [
            ("2026-03-02T08:15:00Z", "", false),
            ("Mon, 2 Mar 2026 08:15:00 +0100", "", false),
            ("1772439300", "", false),
            ("2026-03-02 08:15:00", "", true),
            ("1772439300000", "epoch_ms", false),
            ("1772439300000000", "epoch_us", false),
            ("3/23/2026 8:15:00 PM", "%m/%d/%Y %I:%M:%S %p", true),
            ("23/03/2026 08:15", "%d/%m/%Y %H:%M", true),
            ("23.03.2026 08:15:00", "%d.%m.%Y %H:%M:%S", true),
            ("03/23/26 08:15", "%m/%d/%y %H:%M", true),
            ("2026/03/02 08:15:00", "%Y/%m/%d %H:%M:%S", true),
            ("02/Mar/2026:08:15:00 +0100", "%d/%b/%Y:%H:%M:%S %z", false),
            ("02/03/2026 08:15", "%d/%m/%Y %H:%M or %m/%d/%Y %H:%M", true),
        ] {
            assert_eq!(guess(&[value]), Some((formats.to_string(), needs_zone)), "{value}");
        }
    }

    #[test]
    fn one_value_can_settle_the_order() {
        assert_eq!(guess(&["02/03/2026 08:15", "23/03/2026 08:15"]).unwrap().0, "%d/%m/%Y %H:%M");
    }

    #[test]
    fn what_is_no_time() {
        for value in ["alice@example.com", "", "12", "yes"] {
            assert_eq!(guess(&[value]), None, "{value}");
        }
        assert_eq!(guess(&[]), None);
    }
}
