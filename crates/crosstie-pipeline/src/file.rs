//! The pipeline file as the user wrote it: every field optional, unknown keys refused. Its doc comments are the
//! descriptions of the JSON Schema that `crosstie schema` prints.

use crate::error::{Exit, Failure};
use crate::unknown_keys::unknown_keys;
use crosstie_model::{Diagnostic, Place, code};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// A crosstie pipeline: what to read, how to measure, where to write.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PipelineFile {
    /// Version of this form: 1.
    pub schema_version: Option<u32>,
    /// Name of the pipeline, printed in reports.
    pub name: Option<String>,
    /// Who works here, and for whom.
    pub directory: Option<DirectorySection>,
    /// The exports of mail and chat.
    pub sources: Option<Vec<SourceSection>>,
    /// Which addresses are one's own.
    pub identity: Option<IdentitySection>,
    /// What input is believed.
    pub limits: Option<LimitsSection>,
    /// How contact becomes weight.
    pub ties: Option<TiesSection>,
    /// Which days are measured.
    pub window: Option<WindowSection>,
    /// Randomness of intervals and expectations.
    pub measure: Option<MeasureSection>,
    /// Communities and the silo rule.
    pub silos: Option<SilosSection>,
    /// What may be shown.
    pub privacy: Option<PrivacySection>,
    /// Where everything is written.
    pub output: Option<OutputSection>,
}

/// The HR directory.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DirectorySection {
    /// Format: `csv`.
    pub format: Option<String>,
    /// File, folder or pattern, relative to the pipeline file.
    pub path: Option<String>,
    /// The column that reports compare, or `branch:1`: the subtree under each person one step below the root.
    pub unit: Option<String>,
    /// Field delimiter, one character; found where absent.
    pub delimiter: Option<String>,
    /// Values that mean nothing, beside the empty one.
    pub null_values: Option<Vec<String>>,
    /// Columns by what they hold.
    pub columns: Option<DirectoryColumns>,
}

/// Columns of the directory.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DirectoryColumns {
    /// Key of the person.
    pub person_key: Option<String>,
    /// Columns of addresses.
    pub addresses: Option<Vec<String>>,
    /// Separator of several addresses in one column.
    pub address_separator: Option<String>,
    /// Columns of accounts by kind of handle: `slack`, or `account` for sources with `handles = "account"`.
    pub accounts: Option<BTreeMap<String, String>>,
    /// Column of the manager.
    pub manager: Option<String>,
    /// What the manager column holds: `key` (default) or `address`.
    pub manager_by: Option<String>,
    /// Column of the class: person, shared_mailbox, bot, room, list or guest.
    pub class: Option<String>,
    /// Column of the first day, YYYY-MM-DD.
    pub hired_on: Option<String>,
    /// Column of the first day after the last, YYYY-MM-DD.
    pub left_on: Option<String>,
}

/// An export of mail or chat.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceSection {
    /// Name, unique among sources.
    pub name: Option<String>,
    /// `mail` or `chat`.
    pub kind: Option<String>,
    /// `csv` or `slack`.
    pub format: Option<String>,
    /// File, folder or pattern, relative to the pipeline file.
    pub path: Option<String>,
    /// CSV: `message_per_row` (default) or `recipient_per_row`.
    pub layout: Option<String>,
    /// CSV: what the people columns hold, `address` (default) or `account`.
    pub handles: Option<String>,
    /// CSV: field delimiter, one character; found where absent.
    pub delimiter: Option<String>,
    /// CSV: separator of recipients within a field, `;` by default.
    pub recipient_separator: Option<String>,
    /// `auto` (RFC 3339 with offset, RFC 5322, epoch seconds), `epoch_ms`, `epoch_us`, or a pattern such as `%d/%m/%Y %H:%M`.
    pub time_format: Option<String>,
    /// Zone of times without an offset, such as `UTC` or `Europe/Warsaw`.
    pub zone: Option<String>,
    /// Values that mean nothing, beside the empty one.
    pub null_values: Option<Vec<String>>,
    /// Whether blanks around fields are dropped.
    pub trim: Option<bool>,
    /// Whether the export is complete up to its last record; else its last day is taken to be still growing.
    pub complete: Option<bool>,
    /// CSV: columns by what they hold.
    pub columns: Option<SourceColumns>,
}

/// Columns of a CSV source.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceColumns {
    /// When the message was sent.
    pub sent_at: Option<String>,
    /// Who sent it.
    pub sender: Option<String>,
    /// Direct recipients.
    pub to: Option<String>,
    /// Copy recipients.
    pub cc: Option<String>,
    /// Blind copy recipients.
    pub bcc: Option<String>,
    /// `to`, `cc` or `bcc` of the row's recipient, for `recipient_per_row`.
    pub role: Option<String>,
    /// Id of the message.
    pub message_id: Option<String>,
}

/// Which addresses are one's own.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentitySection {
    /// Domains of the organization; `*.example.com` covers subdomains.
    pub internal_domains: Option<Vec<String>>,
    /// CSV of `address,person_key[,valid_from,valid_to]`.
    pub aliases_file: Option<String>,
}

/// What input is believed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitsSection {
    /// First day that is believed.
    pub earliest: Option<String>,
    /// Least share of messages with sender and a recipient in the directory.
    pub min_resolved_share: Option<f64>,
    /// Largest share of a source's records that may be unreadable.
    pub max_quarantined_share: Option<f64>,
    /// Fewest unreadable records that can stop a run.
    pub min_quarantined: Option<u64>,
}

/// How contact becomes weight.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TiesSection {
    /// Messages that name more recipients make no tie.
    pub max_recipients: Option<u32>,
    /// Part of a copy recipient against a direct one, 0 to 1 with three decimals.
    pub cc_weight: Option<f64>,
    /// Messages each way that make a reciprocated tie.
    pub reciprocated_each_way: Option<u32>,
}

/// Which days are measured.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowSection {
    /// Days, ending with the run's date.
    pub days: Option<u32>,
}

/// Randomness of intervals and expectations.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MeasureSection {
    /// Seed of every random stream.
    pub seed: Option<u64>,
    /// Bootstrap replicates behind every interval, at least 200.
    pub replicates: Option<u32>,
    /// Permutations behind every z, at least 50.
    pub permutations: Option<u32>,
}

/// Communities and the silo rule.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SilosSection {
    /// Resolution of the community search, above 0 to 100, with three decimals.
    pub resolution: Option<f64>,
    /// Runs of the community search.
    pub restarts: Option<u32>,
    /// A silo's relative openness lies below this at the friendly end of its interval; below 0.
    pub max_relative_openness: Option<f64>,
    /// Least contact of a unit with a number, in messages.
    pub min_messages: Option<f64>,
}

/// What may be shown.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrivacySection {
    /// Fewest people on either side of a published cell; 10 by default, never below 5.
    pub min_people: Option<u32>,
    /// Key file, relative to the pipeline file; without one a key is made in the output folder.
    pub key_file: Option<String>,
}

/// Where everything is written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutputSection {
    /// The output folder, relative to the pipeline file.
    pub path: Option<String>,
}

/// The JSON Schema of the pipeline file.
#[must_use]
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(PipelineFile).to_value()
}

/// Reads a pipeline file. All unknown keys are named at once, each with the nearest known one.
///
/// # Errors
/// The file is missing, no TOML, or holds unknown keys or values of a wrong type.
pub fn read_pipeline_file(path: &Path) -> Result<PipelineFile, Failure> {
    let shown = path.display().to_string();
    let place = |line: Option<u64>, column: Option<u64>| Place { path: shown.clone(), line, byte: None, column };
    let text = std::fs::read_to_string(path).map_err(|error| {
        let missing = Diagnostic::new(code::C104, "the pipeline file cannot be read").at(place(None, None));
        Failure::new(Exit::NoInput, missing.detail(error.to_string()))
    })?;
    let at = |offset: usize| {
        let before = &text[..offset.min(text.len())];
        let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1) + 1;
        place(Some(before.matches('\n').count() as u64 + 1), Some(column as u64))
    };
    let wrong = |code, error: &toml::de::Error| {
        let mut found = Diagnostic::new(code, error.message().trim().to_string());
        found.place = Some(error.span().map_or_else(|| place(None, None), |span| at(span.start)));
        Failure::new(Exit::Config, found.hint("`crosstie schema` lists keys, types and ranges"))
    };
    let document = toml::de::DeTable::parse(&text).map_err(|error| wrong(code::C101, &error))?;
    let unknown = unknown_keys(document.get_ref(), &json_schema());
    if !unknown.is_empty() {
        let diagnostics = unknown
            .into_iter()
            .map(|key| {
                let found = Diagnostic::new(code::C102, format!("unknown key `{}`", key.path)).at(at(key.offset));
                match key.nearest {
                    Some(near) => found.hint(format!("did you mean `{near}`?")),
                    None => found.hint("`crosstie schema` lists all keys"),
                }
            })
            .collect();
        return Err(Failure { exit: Exit::Config, diagnostics });
    }
    toml::from_str(&text).map_err(|error| wrong(code::C103, &error))
}
