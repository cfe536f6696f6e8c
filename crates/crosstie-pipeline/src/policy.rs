//! The policy file: what the organization has agreed on about this use of its data. Every report prints it.

use crate::error::{Exit, Failure, place};
use crate::settings::Settings;
use crosstie_model::{Day, Diagnostic, code};
use serde::Deserialize;
use std::path::Path;

/// A policy file as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyFile {
    schema_version: u32,
    /// What the data are used for.
    purpose: String,
    /// Who may read reports.
    audience: Vec<String>,
    /// The agreement with those whose data they are.
    agreement: Option<String>,
    /// The last day on which the policy holds.
    expires: toml::value::Datetime,
    /// Whom employees ask: a role or place, not an address.
    contact: Option<String>,
    /// As `privacy.retention`; the pipeline file may not say otherwise.
    retention: Option<String>,
    /// May raise `privacy.min_people`, never lower it.
    min_people: Option<u32>,
    /// Whether names may be told to somebody.
    reveal: Option<RevealSection>,
}

/// What the policy says of names.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevealSection {
    /// Nothing is told where it is not.
    pub(crate) allowed: bool,
    /// A yes-or-no column of `people` that has to hold for each.
    pub(crate) only: Option<String>,
    /// Most people of a request.
    pub(crate) max_people: Option<u64>,
    /// Users of the system, by name or number, who may ask; nobody where it is empty.
    #[serde(default)]
    pub(crate) operators: Vec<String>,
}

/// What of a policy other settings have to heed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Policy {
    pub(crate) retention: Option<String>,
    pub(crate) min_people: Option<u32>,
    pub(crate) reveal: RevealSection,
}

/// Columns of `people` that a policy may ask for before a name is told.
pub(crate) const COLUMNS: [&str; 2] = ["bridge", "articulation_point"];

/// Where settings of the policy stand in the plan.
const EXPIRES: &str = "policy.expires";
/// Longest text that a report prints.
const LONGEST: usize = 300;

impl Policy {
    /// Reads the policy file, where there is one, and notes what it says; `is_required`: whether there has to be one.
    pub(crate) fn read(s: &mut Settings, path: Option<&Path>, is_required: bool) -> Policy {
        let Some(path) = path else {
            if is_required {
                s.fault("privacy.policy", "is missing, and `privacy.require_policy` asks for one");
            }
            return Policy::default();
        };
        let mut wrong = |what: String| {
            let found = Diagnostic::new(code::C103, what).at(place(path));
            s.faults.push(found.hint("docs/operations.md shows a policy file"));
            Policy::default()
        };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => return wrong(format!("the policy file cannot be read: {error}")),
        };
        let file: PolicyFile = match toml::from_str(&text) {
            Ok(file) => file,
            Err(error) => return wrong(error.message().trim().to_string()),
        };
        if file.schema_version != 1 {
            return wrong(format!("`schema_version` is {}; 1 is known", file.schema_version));
        }
        let Ok(expires) = file.expires.to_string().parse::<Day>() else {
            return wrong("`expires` is not a date, YYYY-MM-DD".into());
        };
        let texts = [Some(&file.purpose), file.agreement.as_ref(), file.contact.as_ref()];
        for text in texts.into_iter().flatten().chain(&file.audience) {
            if text.trim().is_empty() || text.len() > LONGEST || text.contains('@') {
                return wrong(format!("a text is empty, over {LONGEST} bytes, or holds an address"));
            }
        }
        let reveal = file.reveal.unwrap_or_default();
        if reveal.only.as_ref().is_some_and(|column| !COLUMNS.contains(&column.as_str())) {
            return wrong(format!("`reveal.only` is none of {}", COLUMNS.join(", ")));
        }
        if file.audience.is_empty() {
            return wrong("`audience` names nobody".into());
        }
        s.value("policy.purpose", Some(file.purpose), String::new());
        s.list("policy.audience", Some(file.audience));
        s.optional("policy.agreement", file.agreement);
        s.optional("policy.contact", file.contact);
        s.value(EXPIRES, Some(expires), expires);
        s.value("policy.blake3", Some(blake3::hash(text.as_bytes()).to_hex().to_string()), String::new());
        Policy { retention: file.retention, min_people: file.min_people, reveal }
    }
}

/// Fails where a policy no longer holds on this UTC day. `plan` is that of a manifest.
///
/// # Errors
/// The policy has expired (exit 77).
pub(crate) fn check_policy(plan: &serde_json::Value, today: Day) -> Result<(), Failure> {
    let expires = plan.get(EXPIRES).and_then(serde_json::Value::as_str).and_then(|day| day.parse().ok());
    match expires {
        Some(expires) if today > expires => {
            let message = format!("the policy held until {expires}");
            Err(Failure::new(Exit::NotAllowed, Diagnostic::new(code::P107, message).hint(code::P107.remedy)))
        }
        _ => Ok(()),
    }
}
