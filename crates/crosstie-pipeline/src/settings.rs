//! Every value of a plan with where it comes from: the file or a default.

use crosstie_model::{Diagnostic, Place, code};
use std::fmt::Display;

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The pipeline file.
    File,
    /// A default of the plan.
    Default,
}

/// A value of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its key in the pipeline file.
    pub key: String,
    /// The value as text.
    pub value: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// Collects settings and everything that is wrong with them.
pub(crate) struct Settings {
    path: String,
    pub(crate) list: Vec<Setting>,
    pub(crate) faults: Vec<Diagnostic>,
}

impl Settings {
    pub(crate) fn new(path: &std::path::Path) -> Settings {
        Settings { path: path.display().to_string(), list: Vec::new(), faults: Vec::new() }
    }

    fn note(&mut self, key: &str, value: String, origin: Origin) {
        self.list.push(Setting { key: key.into(), value, origin });
    }

    /// Something is wrong with a key.
    pub(crate) fn fault(&mut self, key: &str, what: impl Display) {
        let place = Place { path: self.path.clone(), line: None, byte: None, column: None };
        self.faults.push(Diagnostic::new(code::C103, format!("`{key}` {what}")).at(place));
    }

    /// A value with a default.
    pub(crate) fn value<T: Display>(&mut self, key: &str, written: Option<T>, default: T) -> T {
        let origin = if written.is_some() { Origin::File } else { Origin::Default };
        let value = written.unwrap_or(default);
        self.note(key, value.to_string(), origin);
        value
    }

    /// A value within a range.
    pub(crate) fn within<T: Display + PartialOrd>(
        &mut self,
        key: &str,
        written: Option<T>,
        default: T,
        low: T,
        high: T,
    ) -> T {
        let value = self.value(key, written, default);
        if !(low <= value && value <= high) {
            self.fault(key, format_args!("is {value}; {low} to {high} is allowed"));
        }
        value
    }

    /// A value in thousandths of what is written: at most three decimals.
    pub(crate) fn thousandths(&mut self, key: &str, written: Option<f64>, default: f64, low: f64, high: f64) -> u32 {
        let value = self.within(key, written, default, low, high);
        let thousandths = (value * 1000.0).round();
        if (value * 1000.0 - thousandths).abs() > 1e-6 {
            self.fault(key, format_args!("is {value}; at most three decimals are allowed"));
        }
        thousandths as u32
    }

    /// A value that must be written.
    pub(crate) fn required(&mut self, key: &str, written: Option<String>) -> String {
        match written {
            Some(value) if !value.is_empty() => {
                self.note(key, value.clone(), Origin::File);
                value
            }
            _ => {
                self.fault(key, "is missing");
                String::new()
            }
        }
    }

    /// A value that may be absent.
    pub(crate) fn optional(&mut self, key: &str, written: Option<String>) -> Option<String> {
        let origin = if written.is_some() { Origin::File } else { Origin::Default };
        self.note(key, written.clone().unwrap_or_else(|| "(none)".into()), origin);
        written
    }

    /// A number within a range that may be absent.
    pub(crate) fn optional_within(&mut self, key: &str, written: Option<u32>, low: u32, high: u32) -> Option<u32> {
        self.optional(key, written.map(|value| value.to_string()));
        if let Some(value) = written.filter(|value| !(low..=high).contains(value)) {
            self.fault(key, format_args!("is {value}; {low} to {high} is allowed"));
        }
        written
    }

    /// A list that may be absent.
    pub(crate) fn list(&mut self, key: &str, written: Option<Vec<String>>) -> Vec<String> {
        let origin = if written.is_some() { Origin::File } else { Origin::Default };
        let list = written.unwrap_or_default();
        self.note(key, format!("[{}]", list.join(", ")), origin);
        list
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(&mut self, key: &str, written: Option<String>, choices: &[(&str, T)]) -> T {
        let (default_word, default) = choices[0];
        let word = self.value(key, written, default_word.to_string());
        match choices.iter().find(|(known, _)| *known == word) {
            Some(&(_, choice)) => choice,
            None => {
                let known: Vec<String> = choices.iter().map(|(known, _)| format!("`{known}`")).collect();
                self.fault(key, format_args!("is `{word}`; {} is known", known.join(" or ")));
                default
            }
        }
    }

    /// A single-character delimiter; `None` is found in the file.
    pub(crate) fn delimiter(&mut self, key: &str, written: Option<String>) -> Option<u8> {
        let text = self.optional(key, written)?;
        match text.as_bytes() {
            [byte] if byte.is_ascii() && !b"\"\r\n".contains(byte) => Some(*byte),
            _ => {
                self.fault(key, "is not one ASCII character");
                None
            }
        }
    }
}
