//! The form of a catalogue entry: what a metric is, when it is undefined, and what it cannot claim.

/// How directly a number shows what its name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// A count of the thing itself.
    A,
    /// A proxy with an expectation by chance and an interval, moved by few other things.
    B,
    /// Covers a part of the thing; other causes are as likely.
    C,
    /// Exploratory.
    D,
}

impl Grade {
    /// The letter.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Grade::A => "A",
            Grade::B => "B",
            Grade::C => "C",
            Grade::D => "D",
        }
    }

    /// The grade in words, as reports print it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Grade::A => "a count of the thing itself",
            Grade::B => "a proxy with an expectation by chance and an interval",
            Grade::C => "covers a part of the thing; other causes are as likely",
            Grade::D => "exploratory",
        }
    }
}

/// Catalogue entry of one metric.
#[derive(Clone, Copy, Debug)]
pub struct MetricSpec {
    /// The source file whose opening comment is the metric's page.
    pub page: &'static str,
    /// Stable name.
    pub id: &'static str,
    /// The table that holds it.
    pub table: &'static str,
    /// The columns of that table which it owns; for `organization`, the row names.
    pub columns: &'static [&'static str],
    /// The question it answers.
    pub question: &'static str,
    /// Its formula in one line.
    pub formula: &'static str,
    /// Unit of the value.
    pub unit: &'static str,
    /// Smallest and largest possible value.
    pub range: (f64, f64),
    /// When it is null.
    pub undefined_when: &'static str,
    /// How directly it shows what it names.
    pub grade: Grade,
    /// What must not be read into it.
    pub cannot_claim: &'static str,
    /// Papers, with DOI or ISBN.
    pub references: &'static [&'static str],
}

/// Headings of a metric's page, in order; the second may be absent.
pub const PAGE_HEADINGS: [&str; 7] = [
    "Definition",
    "Weights and direction",
    "Undefined when",
    "Reading it",
    "Differs from",
    "Cost, exactness",
    "References",
];

impl MetricSpec {
    /// What the page says before its first heading.
    #[must_use]
    pub fn summary(&self) -> String {
        self.sections().swap_remove(0).1
    }

    /// Heading and text of each section of the page; the first has no heading.
    #[must_use]
    pub fn sections(&self) -> Vec<(&'static str, String)> {
        let comment = self.page.lines().take_while(|line| line.starts_with("//!"));
        let mut sections = vec![("", String::new())];
        for line in comment.map(|line| line.trim_start_matches("//!").strip_prefix(' ').unwrap_or("")) {
            match line.strip_prefix("# ") {
                Some(heading) => sections.push((heading, String::new())),
                None => {
                    let text = &mut sections.last_mut().expect("there is a first section").1;
                    text.push_str(line);
                    text.push('\n');
                }
            }
        }
        sections.iter_mut().for_each(|(_, text)| *text = text.trim_matches('\n').to_string());
        sections
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_opening_comment_is_the_page() {
        let spec = MetricSpec {
            page: "//! A thing.\n//!\n//! # Definition\n//! ```text\n//!   a = b\n//! ```\n//!\n//! # Reading it\n//! More.\n\nuse x;\n//! no\n",
            id: "a",
            table: "t",
            columns: &[],
            question: "?",
            formula: "a",
            unit: "1",
            range: (0.0, 1.0),
            undefined_when: "never",
            grade: Grade::A,
            cannot_claim: "much",
            references: &[],
        };
        let sections = spec.sections();
        assert_eq!(spec.summary(), "A thing.");
        assert_eq!(sections[1], ("Definition", "```text\n  a = b\n```".to_string()));
        assert_eq!(sections[2], ("Reading it", "More.".to_string()));
        assert_eq!(sections.len(), 3);
    }
}
