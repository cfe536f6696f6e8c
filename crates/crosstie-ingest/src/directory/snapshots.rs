//! Dates of snapshots: a pattern that finds a date in a file's name or reads a column.

use crosstie_model::Day;

/// A date pattern of `%Y`, `%m`, `%d` and literal characters. Without `%d` the date is the first of the month, without
/// `%m` the first of the year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotPattern {
    steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Year,
    Month,
    Day,
    Literal(char),
}

impl SnapshotPattern {
    /// A pattern as written in the plan.
    ///
    /// # Errors
    /// If it holds another field, one twice, or does not say a date.
    pub fn new(pattern: &str) -> Result<SnapshotPattern, String> {
        let mut steps = Vec::new();
        let mut characters = pattern.chars();
        while let Some(c) = characters.next() {
            let step = match c {
                '%' => match characters.next() {
                    Some('Y') => Step::Year,
                    Some('m') => Step::Month,
                    Some('d') => Step::Day,
                    Some('%') => Step::Literal('%'),
                    _ => return Err(format!("is `{pattern}`; `%Y`, `%m` and `%d` are known")),
                },
                other => Step::Literal(other),
            };
            if !matches!(step, Step::Literal(_)) && steps.contains(&step) {
                return Err(format!("is `{pattern}`; a field stands in it twice"));
            }
            steps.push(step);
        }
        let has = |step| steps.contains(&step);
        if !has(Step::Year) || (has(Step::Day) && !has(Step::Month)) {
            return Err(format!("is `{pattern}`; `%Y-%m` and `%Y-%m-%d` are dates"));
        }
        Ok(SnapshotPattern { steps })
    }

    /// The first date in a text that the pattern fits, not within a longer number.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Day> {
        let characters: Vec<char> = text.chars().collect();
        let is_digit = |at: Option<usize>| at.and_then(|at| characters.get(at)).is_some_and(char::is_ascii_digit);
        (0..characters.len()).find_map(|start| {
            let (day, end) = self.fit(&characters[start..])?;
            let is_number = |step: Option<&Step>| !matches!(step, Some(Step::Literal(_)));
            let cut_before = is_number(self.steps.first()) && is_digit(start.checked_sub(1));
            let cut_after = is_number(self.steps.last()) && is_digit(Some(start + end));
            (!cut_before && !cut_after).then_some(day)
        })
    }

    /// The date that a whole text is.
    #[must_use]
    pub fn whole(&self, text: &str) -> Option<Day> {
        let characters: Vec<char> = text.trim().chars().collect();
        self.fit(&characters).filter(|&(_, end)| end == characters.len()).map(|(day, _)| day)
    }

    /// The date at the beginning, and how many characters it takes.
    fn fit(&self, text: &[char]) -> Option<(Day, usize)> {
        let (mut year, mut month, mut day) = (0, 1, 1);
        let mut at = 0;
        for step in &self.steps {
            at += match *step {
                Step::Literal(c) => {
                    if text.get(at) != Some(&c) {
                        return None;
                    }
                    1
                }
                Step::Year => {
                    year = number(text.get(at..at + 4)?)?;
                    4
                }
                Step::Month => {
                    month = number(text.get(at..at + 2)?)?;
                    2
                }
                Step::Day => {
                    day = number(text.get(at..at + 2)?)?;
                    2
                }
            };
        }
        Some((Day::from_ymd(year as i32, month, day)?, at))
    }
}

fn number(digits: &[char]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, c| Some(sum * 10 + c.to_digit(10)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(pattern: &str, name: &str) -> Option<String> {
        SnapshotPattern::new(pattern).unwrap().find(name).map(|day| day.to_string())
    }

    #[test]
    fn dates_are_found_in_names() {
        for (pattern, name, expected) in [
            ("%Y-%m", "2009-12.csv", Some("2009-12-01")),
            ("%Y-%m-%d", "hr-2026-03-02-final.csv", Some("2026-03-02")),
            ("hr%Y%m%d", "x-hr20260302.ldif", Some("2026-03-02")),
            ("%Y%m", "20260302.csv", None),
            ("%Y-%m", "12009-12.csv", None),
            ("%Y-%m", "2009-13_2010-01.csv", Some("2010-01-01")),
            ("%Y", "staff 2025.csv", Some("2025-01-01")),
            ("%Y-%m", "staff.csv", None),
        ] {
            assert_eq!(find(pattern, name).as_deref(), expected, "{pattern} {name}");
        }
        assert_eq!(SnapshotPattern::new("%Y-%m").unwrap().whole("2009-12-31"), None);
    }

    #[test]
    fn patterns_must_say_a_date() {
        for wrong in ["", "%m", "%Y-%d", "%Y-%H", "%", "%Y%Y"] {
            assert!(SnapshotPattern::new(wrong).is_err(), "{wrong}");
        }
    }
}
