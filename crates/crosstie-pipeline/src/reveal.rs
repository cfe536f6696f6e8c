//! Names of people behind listed pseudonyms, as far as the policy allows, into a file of its own. No map is kept.

use crate::error::{Exit, Failure, place};
use crate::observe::{now, rfc3339};
use crate::plan::{Plan, tidy};
use crate::policy::check_policy;
use crate::verify_output::is_output_folder;
use crosstie_ingest::read_directory;
use crosstie_model::tables::PersonRow;
use crosstie_model::{Day, Diagnostic, Record, code};
use crosstie_privacy::Pseudonyms;
use crosstie_store::{Folder, Look, find_manifests, note, own_uid, read_key, read_output, read_table, write_new_file};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct RevealRequest<'a> {
    /// The output folder, which has to be that of the plan.
    pub output: &'a Path,
    /// Snapshot date of the pseudonyms.
    pub date: Day,
    /// A file with a `person_id` a line.
    pub ids: &'a Path,
    /// The file that is made; outside the output folder.
    pub to: &'a Path,
    /// Why, for the log.
    pub reason: &'a str,
    /// The UTC day on which it is asked: the policy must still hold.
    pub today: Day,
}

/// Writes `person_id,name,unit` of each listed person and returns how many. Where the directory gives no name, the column
/// holds its key.
///
/// # Errors
/// The policy does not allow it (77), no such run or file (66), ids that the run does not know (2), or a file that is there
/// already. A line is in the log before any name is read.
pub fn reveal(plan: &Plan, request: &RevealRequest<'_>) -> Result<u64, Failure> {
    is_output_folder(request.output)?;
    let wrong =
        |message: String| Failure::new(Exit::Usage, Diagnostic::new(code::C106, message).hint(code::C106.remedy));
    if absolute(request.output) != absolute(&plan.output) {
        return Err(wrong(format!("`{}` is not the output folder of this pipeline", request.output.display())));
    }
    if absolute(request.to).starts_with(absolute(request.output)) {
        return Err(wrong("`--to` lies in the output folder; names have to lie elsewhere".into()));
    }
    if request.reason.trim().is_empty() || request.reason.len() > REASON_BYTES || request.reason.contains('@') {
        return Err(wrong(format!("`--reason` is empty, over {REASON_BYTES} bytes, or holds an address")));
    }
    let ids = listed(request.ids)?;
    is_allowed(plan, request.today, ids.len())?;
    let folder = Folder::open(request.output)?;
    let manifests = find_manifests(request.output)?;
    let none =
        |message: String| Failure::new(Exit::NoInput, Diagnostic::new(code::S104, message).hint(code::S104.remedy));
    let newest = manifests.iter().rfind(|(date, ..)| *date == request.date);
    let Some((_, _, manifest, _)) = newest else {
        return Err(none(format!("no run of {} is committed", request.date)));
    };
    let table = format!("restricted/people/snapshot_date={}/part-00000.parquet", request.date);
    if !manifest.outputs.iter().any(|output| output.path == table) {
        return Err(none(format!("the people of {} are past their retention", request.date)));
    }
    let people: Vec<PersonRow> = read_table(&read_output(request.output, manifest, &table)?).unwrap_or_default();
    check_people(plan, &people, &ids)?;
    let key = read_key(&plan.key_file)?.filter(|key| key.key_id() == manifest.key_id);
    let Some(key) = key else {
        let other = Diagnostic::new(code::P103, "the key is not that of this run").hint(code::P103.remedy);
        return Err(Failure::new(Exit::NotAllowed, other));
    };

    let policy = plan.to_json().get("policy.blake3").and_then(|hash| hash.as_str()).map(str::to_string);
    let date = request.date.to_string();
    let look = Look {
        command: "reveal",
        date: &date,
        count: ids.len() as u64,
        reason: Some(request.reason.trim()),
        policy: policy.as_deref(),
    };
    note(&folder, rfc3339(now()), look)?;

    let mut spec = plan.directory.clone();
    spec.match_names = true;
    let directory = read_directory(&spec, plan.sources.len() as u32, 0, &key)?;
    let pseudonyms = Pseudonyms::new(&key, request.date);
    let number_of: BTreeMap<String, u32> = (0..)
        .zip(&directory.people)
        .map(|(number, person)| (pseudonyms.person(&person.key).expose().to_string(), number))
        .collect();
    let mut rows = String::from("person_id,name,unit\n");
    let mut written = 0;
    for id in &ids {
        // Who is in the directory no more has no name here.
        let Some(&number) = number_of.get(id) else { continue };
        let person = &directory.people[number as usize];
        let name = directory.shown_name(number).unwrap_or(&person.key);
        let unit = person.listed_on(request.date).and_then(|interval| interval.unit.as_deref()).unwrap_or("");
        rows.push_str(&format!("{id},{},{}\n", cell(name), cell(unit)));
        written += 1;
    }
    write_new_file(request.to, rows.as_bytes(), 0o600)?;
    Ok(written)
}

/// Longest reason.
const REASON_BYTES: usize = 300;

/// The ids of a file, each once, in order.
fn listed(path: &Path) -> Result<Vec<String>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let missing = Diagnostic::new(code::C107, format!("the list of ids cannot be read: {error}"));
        Failure::new(Exit::NoInput, missing.at(place(path)).hint(code::C107.remedy))
    })?;
    let mut ids: Vec<String> = text.split_whitespace().map(str::to_string).collect();
    ids.sort();
    ids.dedup();
    if ids.is_empty() {
        let empty = Diagnostic::new(code::C106, "the list of ids is empty").at(place(path)).hint(code::C106.remedy);
        return Err(Failure::new(Exit::Usage, empty));
    }
    Ok(ids)
}

fn refused(message: String) -> Failure {
    Failure::new(Exit::NotAllowed, Diagnostic::new(code::P110, message).hint(code::P110.remedy))
}

/// Whether the policy allows this user so many names.
fn is_allowed(plan: &Plan, today: Day, count: usize) -> Result<(), Failure> {
    check_policy(&plan.to_json(), today)?;
    if !plan.reveal.allowed {
        return Err(refused("no policy allows names to be told".into()));
    }
    let most = plan.reveal.max_people.unwrap_or(0);
    if count as u64 > most {
        return Err(refused(format!("{count} people are asked for; the policy allows {most} a request")));
    }
    let is_own = |operator: &String| {
        own_uid().is_some_and(|uid| *operator == uid.to_string() || user_name(uid).as_ref() == Some(operator))
    };
    if !plan.reveal.operators.iter().any(is_own) {
        return Err(refused("this user of the system is none of the policy's operators".into()));
    }
    Ok(())
}

/// The name of a user of this system.
fn user_name(uid: u32) -> Option<String> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    users.lines().find_map(|line| {
        let mut parts = line.split(':');
        let (name, number) = (parts.next()?, parts.nth(1)?);
        (number == uid.to_string()).then(|| name.to_string())
    })
}

/// Whether the run knows all of these people, and each has what the policy asks for.
fn check_people(plan: &Plan, people: &[PersonRow], ids: &[String]) -> Result<(), Failure> {
    let by_id: BTreeMap<&str, &PersonRow> = people.iter().map(|person| (person.person_id.expose(), person)).collect();
    let unknown = ids.iter().filter(|id| !by_id.contains_key(id.as_str())).count();
    if unknown > 0 {
        let message = format!("{unknown} of {} ids are in `{}` of no person", ids.len(), PersonRow::TABLE.name);
        return Err(Failure::new(Exit::Usage, Diagnostic::new(code::C106, message).hint(code::C106.remedy)));
    }
    let holds = |person: &&PersonRow| match plan.reveal.only.as_deref() {
        Some("bridge") => person.bridge == Some(true),
        Some("articulation_point") => person.articulation_point,
        _ => true,
    };
    let others = ids.iter().filter_map(|id| by_id.get(id.as_str())).filter(|person| !holds(person)).count();
    match (others, plan.reveal.only.as_deref()) {
        (1.., Some(only)) => {
            Err(refused(format!("of {others} people `{only}` is not true, and the policy asks for it")))
        }
        _ => Ok(()),
    }
}

/// A cell of CSV that a spreadsheet takes for text.
fn cell(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let guard = if text.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// A path as it really is: of one that is not there yet, of the nearest folder that is.
fn absolute(path: &Path) -> PathBuf {
    let path = tidy(&std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()));
    let parents = path.ancestors().map(Path::to_path_buf);
    for parent in parents {
        if let (Ok(real), Ok(rest)) = (parent.canonicalize(), path.strip_prefix(&parent)) {
            return real.join(rest);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_text_and_stay_in_their_place() {
        assert_eq!(cell("Ann \"A\" Lee"), "\"Ann \"\"A\"\" Lee\"");
        for formula in ["=1+1", "+1", "-1", "@a"] {
            assert_eq!(cell(formula), format!("\"'{formula}\""));
        }
        assert_eq!(cell("two\nlines"), "\"two lines\"");
    }
}
