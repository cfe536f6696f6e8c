//! A look before a run: the first records of every source. Writes nothing.

use crate::error::Failure;
use crate::plan::Plan;
use crate::suggest::better_format;
use crate::thresholds::first_of_each;
use crosstie_ingest::{Counts, IngestParams, ingest, read_directory};
use crosstie_model::{Day, Diagnostic, End, Erased, KeyedHash};
use crosstie_privacy::{KeyError, MasterKey, Pseudonyms};
use crosstie_store::{read_erasure_list, read_key};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Bytes of each file that are looked at.
const HEAD_BYTES: usize = 256 * 1024;
const SAMPLES: usize = 3;

/// What a look found.
#[derive(Clone, Debug)]
pub struct Checked {
    /// People in the directory.
    pub people: usize,
    /// One entry a source.
    pub sources: Vec<SourceSample>,
    /// What is worth a look.
    pub notices: Vec<Diagnostic>,
}

/// The first records of a source.
#[derive(Clone, Debug)]
pub struct SourceSample {
    /// Its name.
    pub name: String,
    /// Its files.
    pub files: Vec<PathBuf>,
    /// What became of the records that were looked at.
    pub counts: Counts,
    /// Up to three records, pseudonymised.
    pub records: Vec<String>,
}

/// Looks at a plan's sources. Without a key yet, pseudonyms are of a key that is thrown away.
///
/// # Errors
/// What would end a run.
pub fn check(plan: &Plan, today: Day) -> Result<Checked, Failure> {
    let (key, erased) = match read_key(&plan.key_file)? {
        Some(key) => {
            let list = read_erasure_list(&plan.output, key.key_id())?;
            (key, list.erased)
        }
        None => {
            let failed = |error: KeyError| {
                Failure::new(crate::Exit::TryAgain, Diagnostic::new(crosstie_model::code::P102, error.to_string()))
            };
            (MasterKey::generate().map_err(failed)?, Erased::default())
        }
    };
    let directory = read_directory(&plan.directory, plan.sources.len() as u32, 0, &key)?;
    let params = IngestParams {
        known: plan.known.read(erased)?,
        earliest: plan.limits.earliest,
        latest: today.plus(2),
        recipients_kept: plan.limits.recipients_kept,
        canonical_rows: false,
        head_bytes: Some(HEAD_BYTES),
    };
    let pseudonyms = Pseudonyms::new(&key, today);
    let mut sources = Vec::new();
    let directory_file = |file: u32| directory.files.get(file as usize).map(|file| file.path.clone());
    let mut notices: Vec<Diagnostic> =
        directory.notices.iter().map(|notice| notice.diagnostic(directory_file)).collect();
    if plan.key_file == plan.output.join("crosstie.key") {
        let place = Diagnostic::new(crosstie_model::code::P102, "the key lies beside the data it protects");
        notices.push(place.hint("set `[privacy] key_file` to a path outside the output folder for real data"));
    }
    for source in &plan.sources {
        let mut only = source.clone();
        only.files.truncate(SAMPLES);
        let better = better_format(source);
        let ingested = ingest(std::slice::from_ref(&only), &directory, &params, &key, 0, &mut |_, _, _| Ok(()));
        // A file of another format often cannot be read at all: then this says why.
        let ingested = ingested.map_err(|error| {
            let mut failure = Failure::from(error);
            failure.diagnostics.extend(better.clone());
            failure
        })?;
        notices.extend(better);
        let end = |end: End| match end {
            End::Person(person) => pseudonyms.person(&directory.people[person as usize].key).expose()[..6].to_string(),
            End::Account(account) => format!("account-{}", short(&key, account)),
            End::External => "external".into(),
        };
        let records = ingested.messages.messages.iter().take(SAMPLES).map(|message| {
            let recipients: Vec<String> = ingested
                .messages
                .recipients_of(message)
                .iter()
                .map(|recipient| format!("{} ({:?})", end(recipient.end), recipient.role).to_lowercase())
                .collect();
            let to = if recipients.is_empty() { "nobody".into() } else { recipients.join(", ") };
            format!("{} {} -> {to}", message.sent_at.day(), end(message.sender).to_lowercase())
        });
        sources.push(SourceSample {
            name: source.name.clone(),
            files: source.files.clone(),
            counts: ingested.ledger.of_source(0),
            records: records.collect(),
        });
        let path_of: BTreeMap<u32, PathBuf> = (0..).zip(only.files.iter().cloned()).collect();
        notices.extend(first_of_each(&ingested.quarantine.iter().collect::<Vec<_>>(), &path_of));
    }
    Ok(Checked { people: directory.people.len(), sources, notices })
}

fn short(key: &MasterKey, account: u32) -> String {
    let hash = key.hash(crosstie_model::Purpose::Quarantine, &[&account.to_be_bytes()]);
    hash[..3].iter().map(|byte| format!("{byte:02x}")).collect()
}
