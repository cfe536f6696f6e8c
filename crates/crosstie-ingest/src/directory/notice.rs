//! What is told of input that was repaired, and of records that could not be read.

use crate::ledger::Quarantined;
use crosstie_model::{Code, Diagnostic, Place};
use std::path::PathBuf;

/// Something about the input that was repaired or is worth a look, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub code: Code,
    /// How often.
    pub count: u64,
    /// File number and line of the first, where it stands in one.
    pub first: Option<(u32, u64)>,
}

impl Notice {
    /// What to tell the user; `path_of` names a file by its number.
    #[must_use]
    pub fn diagnostic(&self, path_of: impl Fn(u32) -> Option<PathBuf>) -> Diagnostic {
        let times = if self.count == 1 { "once".into() } else { format!("{} times", self.count) };
        let mut diagnostic = Diagnostic::new(self.code, format!("{} ({times})", self.code.what.trim_end_matches('.')));
        diagnostic.place = self.first.and_then(|(file, line)| {
            Some(Place { path: path_of(file)?.display().to_string(), line: Some(line), byte: None, column: None })
        });
        diagnostic.detail = Some(self.code.why.to_string());
        diagnostic.hint(self.code.remedy)
    }
}

/// A diagnostic for quarantined directory rows.
impl Quarantined {
    /// Where the record lies, for an error message.
    #[must_use]
    pub fn place(&self, path: &std::path::Path) -> Place {
        Place {
            path: path.display().to_string(),
            line: (self.line > 0).then_some(self.line),
            byte: Some(self.offset),
            column: self.column,
        }
    }

    /// What to tell the user of the first of `count` such records.
    #[must_use]
    pub fn diagnostic(&self, path: &std::path::Path, count: u64) -> Diagnostic {
        let subject = self.field.as_ref().map_or_else(|| "record".to_string(), |field| format!("`{field}`"));
        let mut diagnostic = Diagnostic::new(self.code, format!("{subject}: {}", self.code.what)).at(self.place(path));
        diagnostic.detail = self.found.clone();
        let more = match count.saturating_sub(1) {
            0 => String::new(),
            more => format!("{more} more records like this are in quarantine; "),
        };
        diagnostic.hint(format!("{more}`crosstie explain {}` says what to do", self.code.id))
    }
}
