//! One thing that is not as it was committed.

use crosstie_model::Code;

/// What a look at an output folder found wrong, at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its code.
    pub code: Code,
    /// Where, relative to the output folder.
    pub path: String,
    /// What is wrong there, lower case; no value that could name a person.
    pub what: String,
}

impl Finding {
    /// A finding at `path`.
    #[must_use]
    pub fn new(code: Code, path: impl Into<String>, what: impl Into<String>) -> Finding {
        Finding { code, path: path.into(), what: what.into() }
    }
}
