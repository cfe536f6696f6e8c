//! The people whom a right of theirs is about: named by address, account or key, found through the directory of the plan.

use crate::error::{Exit, Failure};
use crate::plan::Plan;
use crate::run::check_key;
use crate::verify_output::is_output_folder;
use crosstie_ingest::{NamedPeople, OptOut, find_people, parse_persons, read_directory};
use crosstie_model::{Diagnostic, Erased, KeyedHash, Purpose, code};
use crosstie_privacy::MasterKey;
use crosstie_store::{Folder, Manifest, Shelf, find_manifests, newest_by_commit, read_key};
use std::path::Path;

/// A locked output folder with its key, and the people who are meant.
pub(crate) struct Meant {
    pub(crate) folder: Folder,
    pub(crate) key: MasterKey,
    /// Of the run or other commit that came last.
    pub(crate) newest: Option<Manifest>,
    pub(crate) people: NamedPeople,
}

impl Meant {
    /// Finds the people that the lines of a text name.
    ///
    /// # Errors
    /// No output folder, or not the one that the plan writes; no key or another one; a line that names nobody.
    pub(crate) fn find(output: &Path, plan: &Plan, persons: &str) -> Result<Meant, Failure> {
        is_output_folder(output)?;
        check_same_folder(output, &plan.output)?;
        let named = lines(persons)?;
        let folder = Folder::open(output)?;
        let key = read_key(&plan.key_file)?.ok_or_else(|| {
            let none = Diagnostic::new(code::P102, "the key file of the pipeline is not there");
            Failure::new(Exit::NoInput, none.hint("without the key nobody can be found; restore it from a backup"))
        })?;
        let manifests = find_manifests(output)?;
        check_key(&key, manifests.last().map(|(_, _, manifest, _)| manifest))?;
        let newest = newest_by_commit(&manifests).map(|(_, _, manifest, _)| manifest.clone());
        let directory = read_directory(&plan.directory, plan.sources.len() as u32, 0, &key)?;
        let known = plan.known.read(Erased::default())?;
        let book = Shelf::resume(output).ok().flatten().and_then(|shelf| shelf.book());
        let people = find_people(&directory, &known, &named, &key, book.as_deref());
        Ok(Meant { folder, key, newest, people })
    }

    /// Tokens of the people of the directory.
    pub(crate) fn tokens(&self) -> Vec<[u8; 16]> {
        self.people.person_keys.iter().map(|key| self.key.hash(Purpose::Person, &[key.as_bytes()])).collect()
    }

    /// Keyed ids of people, then of their addresses and accounts: whatever daily ties call them.
    pub(crate) fn ids(&self) -> Vec<i64> {
        let people = self.people.person_keys.iter().map(|key| self.key.handle_id(&format!("member:{key}")));
        people.chain(self.people.handle_ids.iter().copied()).collect()
    }
}

/// The lines of a text, none of which is shown where it is wrong.
fn lines(persons: &str) -> Result<Vec<OptOut>, Failure> {
    parse_persons(persons).map_err(|(line, wrong)| {
        let message = format!("line {line} of the persons is no address, account or key");
        let told = Diagnostic::new(code::C106, message).detail(wrong.what);
        Failure::new(Exit::Usage, told.hint("one a line: an address, `kind:account`, `person:KEY`, or `id:HEX`"))
    })
}

/// The key and the directory of another pipeline would find nobody, or somebody else.
fn check_same_folder(output: &Path, planned: &Path) -> Result<(), Failure> {
    let real = |path: &Path| path.canonicalize().ok();
    if real(output) == real(planned) {
        return Ok(());
    }
    let message = format!("the pipeline file writes to `{}`, not to `{}`", planned.display(), output.display());
    Err(Failure::new(Exit::Usage, Diagnostic::new(code::C106, message).hint("name the pipeline file of this folder")))
}
