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
    /// How positions of people are computed.
    pub bridges: Option<BridgesSection>,
    /// Which freedoms are measured.
    pub freedoms: Option<FreedomsSection>,
    /// What may be shown.
    pub privacy: Option<PrivacySection>,
    /// Where everything is written.
    pub output: Option<OutputSection>,
    /// What watches the runs; decides nothing about tables or reports.
    pub observe: Option<ObserveSection>,
    /// Days on which little happens.
    pub calendar: Option<CalendarSection>,
}

/// The HR directory.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DirectorySection {
    /// Format: `csv` (default), `ldif`, `scim`, `entra`, `google_users` or `graph`.
    pub format: Option<String>,
    /// File, folder or pattern, relative to the pipeline file.
    pub path: Option<String>,
    /// A second file that says who reports to whom, for `csv`, `entra` and `graph`: CSV with the columns person and
    /// manager, or Graph's Manager_v0.
    pub manager_file: Option<String>,
    /// Snapshots: the form of the date in each file's name, `%Y-%m` (first day of that month) or `%Y-%m-%d`.
    pub snapshot: Option<String>,
    /// CSV: the column of the snapshot's date, `YYYY-MM-DD` or as `snapshot` says.
    pub snapshot_column: Option<String>,
    /// The column that reports compare, or `branch:1`: the subtree under each person one step below the root. LDIF:
    /// an attribute; `ou[1]` is its second value.
    pub unit: Option<String>,
    /// Further columns that are kept for each person, as labels.
    pub compare: Option<Vec<String>>,
    /// CSV: field delimiter, one character; found where absent.
    pub delimiter: Option<String>,
    /// CSV: whether blanks around fields are dropped; they are by default.
    pub trim: Option<bool>,
    /// Values that mean nothing, beside the empty one.
    pub null_values: Option<Vec<String>>,
    /// Columns by what they hold. Formats other than `csv` have most of them fixed.
    pub columns: Option<DirectoryColumns>,
}

/// Columns of the directory.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DirectoryColumns {
    /// CSV, LDIF: key of the person.
    pub person_key: Option<String>,
    /// CSV: columns of addresses.
    pub addresses: Option<Vec<String>>,
    /// CSV: separator of several addresses in one column.
    pub address_separator: Option<String>,
    /// Columns of accounts by kind of handle: `slack`, or `account` for sources with `handles = "account"`.
    pub accounts: Option<BTreeMap<String, String>>,
    /// CSV: columns that make the full name, in order. Read only where managers or chats need names; never written.
    pub name: Option<Vec<String>>,
    /// CSV: column of the manager.
    pub manager: Option<String>,
    /// CSV: what the manager column holds: `key` (default), `address`, `dn` (then `person_key` is one too) or `name`.
    pub manager_by: Option<String>,
    /// Column of the level, a whole number; without one the steps to the root.
    pub level: Option<String>,
    /// Column of the class: person, shared_mailbox, bot, room, list or guest.
    pub class: Option<String>,
    /// Column of the first day, YYYY-MM-DD or as the format writes dates.
    pub hired_on: Option<String>,
    /// Column of the first day after the last, YYYY-MM-DD or as the format writes dates.
    pub left_on: Option<String>,
    /// CSV: column of whether the person is active; `false`, `no`, `0`, `inactive`, `disabled` and `suspended` are not.
    pub active: Option<String>,
}

/// An export of mail or chat.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceSection {
    /// Name, unique among sources.
    pub name: Option<String>,
    /// `mail` or `chat`.
    pub kind: Option<String>,
    /// `csv`, `jsonl`, `parquet`, `slack`, `mbox`, `maildir`, `eml`, `msgtrk`, `m365_trace`, `graph`, `mattermost`,
    /// `zulip`, `gmail_log` or `chat_takeout`; `crosstie check --suggest FILE` names what fits.
    pub format: Option<String>,
    /// File, folder or pattern, relative to the pipeline file.
    pub path: Option<String>,
    /// graph: `mail` (default), `team_chat` or `teams`.
    pub dataset: Option<String>,
    /// graph, `dataset = "teams"`: JSON list of chats with their members, relative to the pipeline file.
    pub chats_file: Option<String>,
    /// csv, jsonl: `message_per_row` (default) or `recipient_per_row`.
    pub layout: Option<String>,
    /// csv, jsonl: what the people columns hold, `address` (default) or `account`.
    pub handles: Option<String>,
    /// CSV: field delimiter, one character; found where absent.
    pub delimiter: Option<String>,
    /// csv, jsonl: separator of recipients within a field, `;` by default.
    pub recipient_separator: Option<String>,
    /// csv, jsonl: `separated` (default), or `rfc5322` for lists as in a mail header.
    pub recipients_form: Option<String>,
    /// jsonl: `lines` (default), or `stream` for objects one after another, an array, or pages with a `value` array.
    pub json: Option<String>,
    /// Encoding of text, such as `windows-1252`; by default a byte-order mark tells, else UTF-16 by its zeros, else UTF-8.
    pub encoding: Option<String>,
    /// gmail_log: event statuses that mean delivered, `DELIVERED` by default.
    pub status_ok: Option<Vec<String>>,
    /// mbox, maildir, eml: whether `alice at example.com` is an address.
    pub at_form: Option<bool>,
    /// Chat: whether direct messages of only some people are in the export; reports say so.
    pub direct_partial: Option<bool>,
    /// Chat: hours within which a post in a thread without parents answers the one before it; 24 by default, 0 for never.
    pub thread_hours: Option<u32>,
    /// `stop` (default), or `skip` to leave an unusable file out and mark its source.
    pub on_bad_file: Option<String>,
    /// Whether the records before damage in a file are kept.
    pub salvage: Option<bool>,
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
    /// csv, jsonl: columns, or paths such as `to[].address`, by what they hold.
    pub columns: Option<SourceColumns>,
}

/// Columns of a table.
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
    /// Chat: id of the message that is answered.
    pub in_reply_to: Option<String>,
    /// Chat: id of the channel or chat.
    pub place_id: Option<String>,
    /// Chat: id of the thread.
    pub thread: Option<String>,
    /// Chat: who is mentioned.
    pub mentions: Option<String>,
}

/// Which addresses are one's own.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentitySection {
    /// Domains of the organization; `*.example.com` covers subdomains.
    pub internal_domains: Option<Vec<String>>,
    /// CSV of `address,person_key[,valid_from,valid_to]`.
    pub aliases_file: Option<String>,
    /// CSV of `list,member`, a line a member: lists reach their members.
    pub lists_file: Option<String>,
    /// CSV of `class,match,value`: accounts that are machines, shared mailboxes, rooms, lists, guests, or people after all.
    pub rules_file: Option<String>,
    /// CSV with the header `who`: addresses, `kind:account`, `person:KEY` or `id:HEX` of people who opted out.
    pub opt_out_file: Option<String>,
    /// Domains in whose local parts dots mean nothing, such as `gmail.com`.
    pub dotless_domains: Option<Vec<String>>,
    /// `auto` (default): where an export has no address for an account, a full name that exactly one person bears
    /// attaches it, counted; `off`: never.
    pub match_names: Option<String>,
    /// When an account behaves like a machine.
    pub machines: Option<MachinesSection>,
}

/// When an account behaves like a machine: it sends enough, hardly anybody answers, and it writes around the clock or to
/// very many. Such accounts are counted, listed, and have no bridge rank.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MachinesSection {
    /// Least messages sent in the window.
    pub min_sent: Option<u32>,
    /// Largest share of the people written to who ever wrote back.
    pub max_answered_share: Option<f64>,
    /// Least hours of the day, of 24, in which it wrote.
    pub min_hours: Option<u32>,
    /// Least people written to that do instead of the hours.
    pub min_recipients: Option<u32>,
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
    /// Recipients past which a message keeps its count alone: a broadcast.
    pub recipients_kept: Option<u32>,
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
    /// Days after which a message weighs half; none by default. Counts do not fade.
    pub half_life_days: Option<u32>,
    /// What a chat message weighs against a mail, up to 1 with three decimals; 1 by default.
    pub chat_weight: Option<f64>,
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
    /// What chance exchanges: `week_permutation` (default), recipients within a kind of channel and a week, or
    /// `configuration`, weight received over the whole window, for data whose times say nothing. Every expectation by
    /// chance rests on it but those of the freedoms from openers.
    pub null: Option<String>,
    /// A grouping listed under `compare`, such as `site`: then chance exchanges only among people of one of its values, so
    /// that distance between them is no silo; none by default. Small values count as one.
    pub null_within: Option<String>,
    /// Whether the draws behind the intervals are written as the restricted table `replicates`.
    pub keep_replicates: Option<bool>,
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

/// How positions of people are computed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BridgesSection {
    /// How long a tie is to betweenness: `hops` (default), each tie one step, or `inverse_weight`, 1 / weight, by which the
    /// pairs with most contact are the roads.
    pub distance: Option<String>,
    /// Betweenness: `exact`, `pivots` for an estimate from some people with its half-width, or `auto` (default), exact up
    /// to `exact_limit`.
    pub betweenness: Option<String>,
    /// Largest 2 x people x arcs of the reciprocated ties, each tie two arcs, that `auto` takes exactly; 20,000,000,000
    /// by default, about half a minute of one core.
    pub exact_limit: Option<u64>,
    /// People to search from, 32 to 1,000,000; 2,048 by default. The same people in every window; where they are as many
    /// as there are people, betweenness is exact.
    pub pivots: Option<u32>,
}

/// Which freedoms are measured beside those that always are.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FreedomsSection {
    /// Whether new working groups across units are counted; off by default, and only for the whole organization. Then
    /// daily ties also hold which three to eight people share messages, and the default retention keeps ties for 13
    /// weeks more.
    pub create: Option<bool>,
}

/// What may be shown.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrivacySection {
    /// Fewest people on either side of a published cell; 10 by default, never below 5.
    pub min_people: Option<u32>,
    /// Days from one release of published tables and reports to the next, 1 to 366; 7 by default. Runs between fill what is
    /// restricted, and coverage.
    pub release_days: Option<u32>,
    /// How long what is kept may be kept: `default`, `it-21d` or `strict-7d`; `crosstie purge` goes by it.
    pub retention: Option<String>,
    /// Policy file, relative to the pipeline file: purpose, audience, agreement and expiry, printed in every report.
    pub policy: Option<String>,
    /// Whether nothing runs without a policy file.
    pub require_policy: Option<bool>,
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

/// What watches the runs.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ObserveSection {
    /// File of metrics for the textfile collector of node_exporter, ending in `.prom`, relative to the pipeline file;
    /// one for each pipeline.
    pub prometheus_textfile: Option<String>,
    /// File that gets OpenLineage events, a JSON line each, relative to the folder `state` of the output.
    pub openlineage: Option<String>,
}

/// Days on which little happens.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarSection {
    /// Days, YYYY-MM-DD, on which silence is no gap.
    pub holidays: Option<Vec<String>>,
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
