//! Diagnostics: a stable code, what happened and where, why it matters, what to do. One table of all codes.

use std::fmt;
use std::ops::Deref;

/// A stable code; it reads as its [`Page`]. Codes are never reused.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Code(&'static Page);

impl Deref for Code {
    type Target = Page;
    fn deref(&self) -> &Page {
        self.0
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

/// What there is to say about a code.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    /// Letter and three digits: `I` ingest, `P` privacy, `S` store, `C` command and pipeline file, `X` a bug.
    pub id: &'static str,
    /// Name in snake_case, as ledgers write it.
    pub name: &'static str,
    /// What happened.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

macro_rules! codes {
    ($( $id:ident $name:ident, $what:literal, $why:literal, $remedy:literal; )+) => {
        /// The codes as constants, named as they print.
        pub mod code {
            use super::{Code, Page};
            $(
                #[doc = $what]
                pub const $id: Code = Code(&Page {
                    id: stringify!($id), name: stringify!($name), what: $what, why: $why, remedy: $remedy,
                });
            )+
        }
        /// All codes, in order.
        pub const CODES: &[Code] = &[$( code::$id ),+];
    };
}

codes! {
    I101 encoding, "The record holds bytes that are not UTF-8.",
        "Replacing them could merge two addresses, so the record is set aside.",
        "Export the file as UTF-8.";
    I102 unterminated_quote, "A quote is opened and not closed as CSV asks.",
        "Reading on would swallow the following records, so only the first line of this one is set aside.",
        "Look at the line named in the error; a quote inside a quoted field is written twice.";
    I103 ragged_row, "The row has another number of fields than the header.",
        "Padding it would put values under the wrong column.",
        "Look for a separator inside an unquoted field.";
    I104 bad_time, "A value is not a time of the declared form.",
        "Guessing a form or an epoch would move messages to other days.",
        "Forms that are read: RFC 3339 with an offset, epoch seconds of 9 or 10 digits, or the source's `time_format`, with `zone` where the form has no offset.";
    I105 time_range, "A time lies before 1990 or after the day of the run.",
        "A forged or broken date would stretch the window.",
        "Check the clock or the unit of the column.";
    I106 bad_address, "A value is not an address or account.",
        "A contact without a name at one end is no contact.",
        "Check which column is mapped; an address has a local part, an @ and a domain.";
    I107 missing_field, "A required field is empty or absent.",
        "Without sender, time or recipient there is no message.",
        "Check the mapping of columns.";
    I108 too_long, "A field is longer than 64 KiB or a record longer than 16 MiB.",
        "Such a record is nearly always a broken quote.",
        "Look at the line named in the error.";
    I109 bad_syntax, "The record is not valid JSON.",
        "Part of it could be read as something else.",
        "Export the file again.";
    I110 too_many_recipients, "A message names more than 100,000 recipients.",
        "No message to that many says who works with whom, and it could fill memory.",
        "Look at the record named in the error.";
    I111 depth, "Brackets, comments or groups are nested more than 64 deep.",
        "Deep nesting is made to overflow readers; exports have no need of it.",
        "Look at the record named in the error.";
    I112 duplicate_key, "A key that is read occurs twice in one JSON object.",
        "Two readers could take two different values.",
        "Export the file again.";
    I113 two_senders, "A mail has two `From` headers.",
        "Two readers could take two different people for the sender.",
        "Export the mail again.";
    I114 preamble, "Bytes stand before the first mail of an mbox file.",
        "They belong to no mail; the mails behind them are read.",
        "Look at the start of the file; part of an export may be cut off.";
    I115 control_character, "An address holds a control or format character.",
        "Two addresses that look the same would be two people.",
        "Correct the record at its source.";
    I116 url_value, "An LDIF value stands in another file or place, named by a URL.",
        "crosstie opens nothing that input names, so the value is unknown and the record set aside.",
        "Export the values themselves.";
    I117 change_record, "An LDIF record changes or deletes an entry instead of giving it.",
        "What the entry was before is not in the file.",
        "Export the entries as they are now, not the log of changes.";
    I118 unknown_role, "A role is none of `to`, `cc` and `bcc`.",
        "A copy counts less than a direct recipient, so a role is not guessed.",
        "Check which column is mapped as `role`.";
    I119 bad_rule, "A rule names a class or a match that is not known.",
        "A rule that is passed over would leave machines among the people.",
        "Classes: person, shared_mailbox, bot, room, list, guest; matches: address, local, token, domain.";
    I201 truncated, "The file ends in the middle, or pages of a listing are missing.",
        "What is missing cannot be known, so nothing of it is used.",
        "Copy or export it again.";
    I202 changed_during_read, "A file changed while it was read.",
        "Half of an older and half of a newer state would be mixed.",
        "Move exports into place by rename, then run again.";
    I203 ratio, "An archive unpacks to over 200 times its size.",
        "Such archives are made to fill memory; nothing of it is used.",
        "Find out who made the archive, or give the folder that it unpacks to.";
    I204 entry_name, "An archive entry's name is absolute or leaves the archive.",
        "Such names are used to write outside a folder; the entry is set aside unread.",
        "Find out who made the archive.";
    I205 not_a_regular_entry, "An entry of an export is a link or a device.",
        "A link can lead to any file of this machine; it is not opened.",
        "Give the export itself, without links.";
    I206 overlap, "Entries of an archive overlap.",
        "Such archives are made to unpack to far more than they hold.",
        "Find out who made the archive.";
    I207 duplicate_entry, "Two entries of an archive have one name.",
        "Readers differ in which they see, so records could be lost.",
        "Export again.";
    I208 size_mismatch, "An archive entry has another size than it says.",
        "Part of it may be missing.",
        "Copy or export it again.";
    I209 trailing_garbage, "Other bytes follow the end of the compressed data.",
        "They could be records that are lost.",
        "Copy or export it again.";
    I210 nested_archive, "An archive lies in an archive.",
        "It is not opened: nesting hides sizes.",
        "Unpack the outer one and give the inner one.";
    I211 no_records, "The file holds bytes, but not one good record.",
        "It is probably of another format than declared.",
        "Compare `format`, `delimiter` and `columns` with the file.";
    I212 corrupt, "The file or archive is damaged.",
        "What can still be read may be incomplete without a sign of it.",
        "Copy or export it again.";
    I213 missing_column, "A mapped column is not in the file, or occurs twice.",
        "Without it the records cannot be read.",
        "Correct `columns` in the pipeline file; the error names the nearest column.";
    I214 io_error, "The system cannot read the file.",
        "A file that ends early by an error is not shorter data.",
        "Check the disk, the share and the rights.";
    I301 repeated, "A person occurs twice in the directory with different values.",
        "The first row is used.",
        "Clean the directory, or map the column that makes rows distinct.";
    I302 dangling_manager, "A manager is not in the directory.",
        "The person becomes the root of a tree of their own.",
        "Complete the directory.";
    I303 cycle, "People report to each other in a circle.",
        "The circle is cut at the smallest key, so that the tree has an end.",
        "Correct the manager column.";
    I304 roots, "The directory has several roots.",
        "Contact between trees has no distance.",
        "Nothing, if the organization really has several heads.";
    I305 ambiguous_name, "A manager's name is that of two people.",
        "Neither is taken; the person becomes the root of a tree of their own.",
        "Map a column that holds the manager's key or address.";
    I306 shared_handle, "Two people hold one address or account on the same day.",
        "It belongs to neither and is treated as a shared mailbox.",
        "Correct the directory or the alias file.";
    I307 look_alike, "An outside domain looks like one of your own.",
        "It stays outside: merging it would let a stranger pass for a colleague.",
        "If it is yours, add it to `internal_domains`; else tell your security team.";
    I308 name_match, "An account without an address was attached to a person by its full name.",
        "Names are weak evidence; each such match is counted.",
        "List the account in `aliases_file`, or set `match_names = \"off\"`.";
    I309 machine_like, "An account behaves like a machine.",
        "It sends much, to many or around the clock, and hardly anybody answers; it has no bridge rank.",
        "If it is a person, say so with a `person` line in `rules_file`.";
    I310 mass_change, "Over 20 % of the people are gone from one snapshot of the directory to the next.",
        "Mostly a file cut short or a filter at its source; so many leavers would be made up.",
        "Export that snapshot again.";
    I311 unresolved, "Too few messages have a sender and a recipient in the directory.",
        "Mostly a wrong domain or column; the figures would describe a fragment.",
        "Check `internal_domains`, the address columns of the directory, and `handles` of the source.";
    I312 manager_left, "A member's manager is no member on the run's date.",
        "The manager left, is yet to come, opted out or is no person; the next one upward stands in that place.",
        "Correct the manager column, if somebody else took over.";
    I313 self_manager, "Somebody reports to themselves.",
        "The person becomes the root of a tree.",
        "Nothing, if it is the head; else correct the manager column.";
    I401 missing_day, "A day without a record where that weekday usually has at least 20.",
        "Missing data is never zero; the week is marked.",
        "Export the day again.";
    I402 low_volume, "A week with under half its usual volume.",
        "Part of an export may be missing.",
        "Compare with the source system, or list holidays.";
    I403 sequence_gap, "A numbered log file is missing between others.",
        "The records of that hour or day are not there.",
        "Export or copy the missing file.";
    I404 file_gone, "A file that an earlier run read is no longer there.",
        "What it held stays in the ties; only a run with `--full` leaves it out.",
        "Put it back, or run with `--full` if it was never to be read.";
    I405 file_gone_with_its_records, "A file that an earlier run read is no longer there, and what it held is left out.",
        "Files of this format are read together, so what one held cannot be kept without it.",
        "Put it back. Keep exports of this format where they are as long as they count.";
    I501 quarantine_share, "More records than allowed could not be read.",
        "What is left may not stand for the whole; nothing is committed.",
        "Correct the file or the mapping, or raise `max_quarantined_share` knowing why.";
    I502 no_contact, "No message of the window makes a tie between two members.",
        "There is nothing to measure, and an empty report would read as a finding.",
        "Choose a date within the data, a longer window, or check the mapping of people.";
    I503 data_ends, "The newest record lies before the run's date.",
        "The days after it count as silence.",
        "Export the missing days, or choose an earlier date.";
    I601 set_aside, "More records were set aside than is usual.",
        "Below the threshold that stops a run, an export may still be going bad.",
        "Look at `state/quarantine` of that date for the code and the file.";
    I602 people_changed, "The number of people changed by over 5 % from one night to the next.",
        "Mostly a directory that is cut short, or filtered in another way; every measure moves with it.",
        "Compare the directory export with the one before.";
    I603 roots_changed, "The directory has another number of roots than the night before.",
        "Distances in the reporting tree, and branches as units, change with it.",
        "Look for managers who are missing from the directory.";
    I604 unknown_people, "Over 2 % of the accounts of your own domains are not in the directory.",
        "Their contact is not measured.",
        "Complete the directory, or list these accounts in `aliases_file` or `rules_file`.";
    I605 late_records, "Records came late for windows that are committed.",
        "They make up over 1 % of what those windows were made from; committed runs stay as they are.",
        "Make the named dates again with `crosstie backfill … --rerun all`.";
    P101 output_folder, "The output folder can be written by others, or is not a folder of this user.",
        "Others could read or change what is kept about people.",
        "Use a folder of your own with mode 0750 or stricter.";
    P102 key_permission, "The key file can be read by others, or is not a key.",
        "Who holds the key can find every person behind a pseudonym.",
        "chmod 600 the key file; it holds one line, `crosstie-key-v1` and 64 hexadecimal digits.";
    P103 other_key, "The folder was written with another key.",
        "Pseudonyms would no longer match those of earlier runs.",
        "Use the earlier key, or another output folder.";
    P104 threshold_floor, "`min_people` is below 5.",
        "Groups that small show single persons.",
        "Use 5 or more; 10 is the default.";
    P105 label_named, "A unit label holds a person's address or name.",
        "It is replaced by a code before anything is published.",
        "Rename the unit in the directory.";
    P106 window_beyond_retention, "The window is longer than daily ties may be kept.",
        "A run would need days that `crosstie purge` has to take away.",
        "Shorten `window.days`, or choose another `privacy.retention`.";
    P107 policy_expired, "The policy file no longer holds.",
        "What was agreed on about this use of the data has an end.",
        "Agree anew, and set `expires` in the policy file.";
    P108 exposed, "What is published tells of a few people.",
        "A reader could learn how much contact one person has, or had.",
        "Do not hand out the dates together. Publish more seldom, or with a higher `privacy.min_people`.";
    P109 ledger_incomplete, "An earlier release left no entry in the release ledger.",
        "New numbers could be subtracted from its numbers, so every row goes on showing an earlier value, or none.",
        "Wait until no window overlaps with that date, or use another output folder.";
    P110 reveal_refused, "The policy does not allow these names to be told.",
        "Who stands behind a pseudonym is told only as far as was agreed.",
        "See `[reveal]` of the policy file: `allowed`, `only`, `max_people`, `operators`.";
    S101 locked, "Another run holds the lock of the output folder.",
        "Two runs at once could mix their output.",
        "Try again when it has ended.";
    S102 cannot_write, "A file cannot be created or written.",
        "Nothing was committed; the earlier output is as it was.",
        "Check rights and free space of the output folder.";
    S103 hash_differs, "A committed file is not what its manifest says.",
        "It was changed or damaged after the run.",
        "Run the date again with `--full`.";
    S104 no_run, "No run of that date is committed.",
        "There is nothing to report on.",
        "Run the date first; the error names the dates that exist.";
    S105 bad_manifest, "A manifest cannot be read.",
        "What the folder holds cannot be trusted without it.",
        "Restore the file from a backup, or run the date again into a new folder.";
    S106 broken_chain, "A manifest does not follow from the one committed before it.",
        "A manifest between the two was removed or changed, and what it committed cannot be trusted.",
        "Restore `runs/` from a backup.";
    S107 rows_differ, "A table does not hold the rows that its manifest says.",
        "Its bytes are as committed, so it was committed wrong: a bug in crosstie.",
        "Report it with the code; no data is needed.";
    S108 ledger_differs, "A committed ledger does not balance, or its lines do not add up to its manifest.",
        "Records may have been lost or counted twice.",
        "Run the date again into a new folder, and report it if the finding stays.";
    S109 unnamed_file, "A file lies among the tables that no manifest names.",
        "Readers of whole folders would take it for committed.",
        "Move it elsewhere; a file of a run that died is removed by a later run after 7 days.";
    S110 wide_mode, "A file or folder is open to more users than its class allows.",
        "Others could read or change what is kept about people.",
        "Take the rights away with chmod; the error names the mode that is allowed.";
    S111 pending_run, "A run died while it was put in place.",
        "Until it is finished or taken back, folders may hold whole tables that no manifest names.",
        "Run any command that writes to the folder: it does so before anything else.";
    S112 strange_day, "Today lies before the newest snapshot date or more than 45 days after it.",
        "By a wrong clock, or behind a pipeline that stands still, `purge` would remove what is still needed.",
        "Name the day that counts with `--as-of`.";
    S113 open_erasure, "People were to be forgotten, and the command ended before all was gone.",
        "A part of what was kept of them may still be there.",
        "Call `crosstie forget` again as before; any run finishes it, too.";
    S114 earlier_unreadable, "Tables of an earlier run are missing or are not what its manifest says.",
        "The report cannot say what changed since that window.",
        "Restore the tables of that date from a backup, or run the date again; then write the report again with `crosstie report`.";
    S115 stopped, "A signal asked the run to stop.",
        "Nothing of it is committed; the earlier output is as it was.",
        "Run it again.";
    S201 little_space, "Less than twice the space of the last run's output is free.",
        "The next run stages its output beside the one before.",
        "Free space, or move the output folder.";
    C101 not_toml, "The pipeline file is not valid TOML.",
        "It cannot be read at all.",
        "Correct the line named in the error.";
    C102 unknown_key, "A key of the pipeline file is not known.",
        "A misspelt key would leave a default in force in silence.",
        "Use the nearest known key, named in the error; `crosstie schema` lists all.";
    C103 bad_value, "A value of the pipeline file is missing, of the wrong type or out of range.",
        "The plan would not mean what was written.",
        "Correct the value; `crosstie schema` lists types and ranges.";
    C104 input_missing, "A file or folder that the pipeline file names is not there.",
        "Nothing is known of what it holds; nothing is committed.",
        "Correct the path; it is relative to the pipeline file's own folder.";
    C105 text_column, "A column that looks like message text is mapped.",
        "crosstie never reads bodies, subjects or attachment names.",
        "Map another column.";
    C106 usage, "The command was called with arguments that do not fit.",
        "Nothing was done.",
        "See `crosstie COMMAND --help`.";
    C107 memory_limit, "The run needs more memory than `--memory` allows.",
        "It stops rather than take memory that others need; nothing is committed.",
        "Raise the limit, or give the run fewer files.";
    C108 backfill_stopped, "A date of a backfill failed.",
        "The dates before it are committed, those after it were not tried.",
        "Mend what the error before names; the same command goes on from there.";
    C109 slow_run, "The run took over twice the usual time.",
        "Nights that grow longer end in the morning's work.",
        "Compare stage times, the size of the exports, and what else the machine does.";
    C110 not_observed, "Metrics or lineage events could not be written.",
        "Whoever watches them sees an older state. The run itself is not touched.",
        "Check path and rights of the files that `[observe]` names.";
    X101 unbalanced_ledger, "The ledger does not balance: a bug in crosstie.",
        "A record may have been lost, so nothing is committed.",
        "Report it with the code; no data is needed.";
    X102 handle_collision, "Two addresses have one 63-bit keyed id.",
        "Two people would be taken for one. The chance is five in a million at ten million addresses.",
        "Use another key and a new output folder.";
}

/// Where something is in an input file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file as the user knows it.
    pub path: String,
    /// Line, from 1.
    pub line: Option<u64>,
    /// Byte offset of the record, from 0.
    pub byte: Option<u64>,
    /// Column, from 1.
    pub column: Option<u64>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(byte) = self.byte {
            write!(f, " (byte {})", grouped(byte))?;
        }
        if let Some(column) = self.column {
            write!(f, ", column {column}")?;
        }
        Ok(())
    }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Something to tell the user. Values that could name a person are described, never shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its code.
    pub code: Code,
    /// What happened, lower case, literals in backticks.
    pub message: String,
    /// Where.
    pub place: Option<Place>,
    /// What was found, or why it matters here.
    pub detail: Option<String>,
    /// What to do.
    pub hints: Vec<String>,
}

impl Diagnostic {
    /// A diagnostic with a message only.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic { code, message: message.into(), place: None, detail: None, hints: Vec::new() }
    }

    /// Adds where it happened.
    #[must_use]
    pub fn at(mut self, place: Place) -> Diagnostic {
        self.place = Some(place);
        self
    }

    /// Adds what was found.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Diagnostic {
        self.detail = Some(detail.into());
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Diagnostic {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}]: {}", self.code.id, self.message)?;
        if let Some(place) = &self.place {
            write!(f, "\n  --> {place}")?;
        }
        if let Some(detail) = &self.detail {
            for line in detail.lines() {
                write!(f, "\n   |  {line}")?;
            }
        }
        for hint in &self.hints {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

/// The candidate nearest to `name` by edit distance, if it is near enough to be a misspelling.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (edit_distance(&name.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 3)
        .min_by_key(|(distance, candidate)| (*distance, *candidate))
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance in characters.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_ordered_by_letter_and_have_a_page() {
        let mut ids: Vec<&str> = CODES.iter().map(|code| code.id).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
        for code in CODES {
            for text in [code.what, code.why, code.remedy] {
                assert!(text.len() > 10, "{}", code.id);
            }
        }
    }

    #[test]
    fn prints_in_the_form_of_the_contract() {
        let place = Place { path: "mail/a.csv".into(), line: Some(1042), byte: Some(118_203), column: Some(2) };
        let text = Diagnostic::new(code::I104, "`sent_at` is not a time")
            .at(place)
            .detail("value of 14 bytes")
            .hint("see `crosstie explain I104`")
            .to_string();
        let expected = "[I104]: `sent_at` is not a time\n  --> mail/a.csv:1042 (byte 118,203), column 2\n   |  value of 14 bytes\nhint: see `crosstie explain I104`";
        assert_eq!(text, expected);
    }

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        assert_eq!(nearest("sendr", ["sent_at", "sender", "to"]), Some("sender"));
        assert_eq!(nearest("windw", ["window", "silos"]), Some("window"));
        assert_eq!(nearest("zebra", ["window", "silos"]), None);
        assert_eq!(edit_distance("kitten", "sitting"), 3);
    }
}
