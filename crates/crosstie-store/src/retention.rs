//! How long what is kept may be kept: the profiles, and the days before which a class is past its time.

use crosstie_model::Day;

/// A retention profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    /// People's rows 30 days, daily ties 30 days beyond the window.
    Default,
    /// All that is about people 21 days.
    It21d,
    /// All that is about people 7 days.
    Strict7d,
}

/// Months that published tables, reports, ledgers and manifests are kept, in every profile.
const PUBLISHED_MONTHS: u32 = 24;

impl Retention {
    /// The profiles by the names that pipeline files use; the first is meant where none is named.
    pub const ALL: [(&'static str, Retention); 3] =
        [("default", Retention::Default), ("it-21d", Retention::It21d), ("strict-7d", Retention::Strict7d)];

    /// The profile of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Retention> {
        Retention::ALL.iter().find(|(known, _)| *known == name).map(|(_, profile)| *profile)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Retention::Default => "default",
            Retention::It21d => "it-21d",
            Retention::Strict7d => "strict-7d",
        }
    }

    /// Days that message rows, the quarantine and restricted tables are kept.
    #[must_use]
    pub fn restricted_days(self) -> u32 {
        match self {
            Retention::Default => 30,
            Retention::It21d => 21,
            Retention::Strict7d => 7,
        }
    }

    /// Days that daily ties and duplicate keys are kept, for a window of this many days.
    #[must_use]
    pub fn day_ties_days(self, window_days: u32) -> u32 {
        match self {
            Retention::Default => window_days + 30,
            Retention::It21d => 21,
            Retention::Strict7d => 7,
        }
    }

    /// The first restricted snapshot date that is still kept on `day`.
    pub(crate) fn restricted_from(self, day: Day) -> Day {
        day.plus(-(self.restricted_days() as i32))
    }
}

/// The first snapshot date whose published tables are still kept on `day`: 24 calendar months before it.
pub(crate) fn published_from(day: Day) -> Day {
    let (year, month, of_month) = day.ymd();
    let years = (PUBLISHED_MONTHS / 12) as i32;
    // 29 February has no counterpart: what is kept then is kept from 28 February on.
    Day::from_ymd(year - years, month, of_month)
        .or_else(|| Day::from_ymd(year - years, month, of_month - 1))
        .unwrap_or(day.plus(-731))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_go_by_their_names() {
        for (name, profile) in Retention::ALL {
            assert_eq!((Retention::named(name), profile.name()), (Some(profile), name));
        }
        assert_eq!(Retention::named("forever"), None);
    }

    #[test]
    fn the_day_of_the_limit_is_kept() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        assert_eq!(Retention::Default.restricted_from(day("2026-03-31")), day("2026-03-01"));
        assert_eq!(published_from(day("2026-03-31")), day("2024-03-31"));
        assert_eq!(published_from(day("2028-02-29")), day("2026-02-28"));
    }
}
