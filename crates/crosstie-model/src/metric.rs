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
