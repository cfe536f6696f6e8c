//! What could be learned of single people from everything that is published in an output folder.

use crate::error::{Exit, Failure, place};
use crate::plan::Plan;
use crate::verify_output::is_output_folder;
use crosstie_ingest::{Directory, read_directory};
use crosstie_model::tables::{
    AccountRow, CommunityRow, CoverageRow, FreedomRow, HierarchyRow, IntroductionRow, MetricRow, OrganizationRow,
    PairCarrierRow, PersonRow, ReplicateRow, SensitivityRow, TieRow, TrendRow, UnitPairRow, UnitRow,
};
use crosstie_model::{Cell, Contribution, Day, Diagnostic, KeyedHash, Purpose, Record, Weight, code};
use crosstie_privacy::audit::{Exposure, Reading, Sides, elimination, small_cells, subtraction};
use crosstie_privacy::{Rules, dictionary};
use crosstie_store::{Manifest, find_manifests, newest_of_each_date, read_table};
use std::collections::BTreeMap;
use std::path::Path;

/// The attacks on an output folder, by name, and what each found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// Dates that are published.
    pub dates: u64,
    /// Dates whose restricted tables are gone, or lack people who were forgotten: who stands behind their cells is no longer known.
    pub dates_without_people: u64,
    /// Rows of units and pairs of other groupings than the units: who is in those is in no table, so that attacks that ask who
    /// stands behind a cell leave them out.
    pub rows_of_other_groupings: u64,
    /// By attack.
    pub attacks: Vec<(&'static str, Exposure)>,
    /// How far pseudonyms of the newest date tell people apart, for an impact assessment: no attack on what is published.
    pub uniqueness: Option<Uniqueness>,
}

/// People of the restricted tables who share unit, number of people written to and number of people who wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uniqueness {
    /// People with contact.
    pub people: u64,
    /// Those who share it with nobody.
    pub alone: u64,
    /// Those who share it with fewer than four others, the former among them.
    pub in_small_sets: u64,
}

impl Uniqueness {
    fn of(members: &[PersonRow], ties: &[TieRow]) -> Uniqueness {
        let mut degrees: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
        for tie in ties {
            for (at, end) in [&tie.source_id, &tie.target_id].into_iter().enumerate() {
                degrees.entry(end.expose()).or_default()[at] += 1;
            }
        }
        let mut sets: BTreeMap<(Option<&String>, [u64; 2]), u64> = BTreeMap::new();
        for member in members {
            if let Some(&degrees) = degrees.get(member.person_id.expose()) {
                *sets.entry((member.unit.as_ref(), degrees)).or_default() += 1;
            }
        }
        let in_sets = |most: u64| sets.values().filter(|&&people| people <= most).sum();
        Uniqueness { people: in_sets(u64::MAX), alone: in_sets(1), in_small_sets: in_sets(4) }
    }
}

/// Attacks what an output folder publishes, over all of its dates.
///
/// Whoever reads the published files knows no more than this; the restricted tables are read to judge what they would
/// learn.
///
/// With a plan, its directory says who is called how: published and restricted files are searched for these names and
/// addresses, and their hashes compared with the pseudonyms.
///
/// # Errors
/// No output folder (66); a published file that is not what its manifest says (65); a directory that cannot be read.
pub fn audit_output(output: &Path, plan: Option<&Plan>) -> Result<Audit, Failure> {
    is_output_folder(output)?;
    let named = plan.map(read_names).transpose()?;
    let (mut names, mut guessed) = (Exposure::default(), Exposure::default());
    let manifests = find_manifests(output)?;
    let mut audit = Audit::default();
    let [mut small, mut hidden, mut changed, mut groups, mut addresses] = [Exposure::default(); 5];
    let mut people = People::default();
    let mut earlier: Vec<Shown> = Vec::new();
    for (date, _, manifest, _) in newest_of_each_date(&manifests) {
        let files = Files { output, manifest };
        addresses.add(files.with(&PUBLISHED, &|text| holds_an_address(text.as_bytes()))?);
        if let Some(named) = &named {
            names.add(files.with(&ALL, &|text| named.names_somebody(text) || named.holds_an_address(text))?);
        }
        // A run between two releases shows no group.
        let (Some(units), Some(pairs)) = (files.table::<UnitRow>()?, files.table::<UnitPairRow>()?) else { continue };
        let rules = Rules { min_people: setting(manifest, "privacy.min_people").unwrap_or(10) };
        audit.dates += 1;
        let others = units.iter().map(|unit| &unit.grouping).chain(pairs.iter().map(|pair| &pair.grouping));
        audit.rows_of_other_groupings += others.filter(|grouping| *grouping != "unit").count() as u64;
        let reading = Reading {
            units: &units,
            unit_pairs: &pairs,
            organization: &files.table()?.unwrap_or_default(),
            freedoms: &files.table()?.unwrap_or_default(),
            hierarchy: &files.table()?.unwrap_or_default(),
        };
        hidden.add(elimination(&reading, *date));
        for unit in &units {
            let is_few = unit.people_count < rules.min_people as i64;
            groups.add(Exposure { examined: 1, exposed: u64::from(is_few) });
        }
        let people_and_ties = (files.table::<PersonRow>()?, files.table::<TieRow>()?);
        // Without those who were forgotten, cells would seem to rest on fewer people than they do.
        let (Some(members), Some(ties), 0) = (people_and_ties.0, people_and_ties.1, manifest.erased_rows) else {
            audit.dates_without_people += 1;
            continue;
        };
        audit.uniqueness = Some(Uniqueness::of(&members, &ties));
        if let Some(named) = &named {
            guessed.add(dictionary(members.iter().map(|member| member.person_id.expose()), named.roster()));
        }
        let behind = people.behind(&members, &ties);
        let of_date = |as_of: Option<Day>, grouping: &str| as_of == Some(*date) && grouping == "unit";
        let pairs: Vec<&UnitPairRow> =
            pairs.iter().filter(|pair| pair.weight.is_some() && of_date(pair.as_of, &pair.grouping)).collect();
        let units: Vec<&UnitRow> =
            units.iter().filter(|unit| unit.external_share.is_some() && of_date(unit.as_of, &unit.grouping)).collect();
        let nobody = Sides::default();
        let of_pair =
            |pair: &&UnitPairRow| behind.pairs.get(&(pair.unit_a.clone(), pair.unit_b.clone())).unwrap_or(&nobody);
        small.add(small_cells(pairs.iter().map(of_pair), rules));
        let names = (manifest.key_id.clone(), manifest.epoch);
        let shown = Shown { window: window(manifest), names, sums: told(&pairs, &units, &behind) };
        // Pseudonyms of another year or key do not say who is who.
        let is_comparable = |before: &&Shown| before.names == shown.names && before.window.1 >= shown.window.0;
        for before in earlier.iter().filter(is_comparable) {
            let twice = shown.sums.iter().filter_map(|(sum, after)| Some((before.sums.get(sum)?, after)));
            changed.add(subtraction(twice, rules));
        }
        earlier.push(shown);
    }
    audit.attacks = vec![
        ("cells of a few people, or of one or two", small),
        ("hidden cells that follow from what is shown", hidden),
        ("sums whose change tells of a few people", changed),
        ("groups below the threshold", groups),
        ("files that hold an address", addresses),
    ];
    if named.is_some() {
        audit.attacks.push(("files that name somebody in the directory", names));
        audit.attacks.push(("pseudonyms that a hash of the directory gives", guessed));
    }
    Ok(audit)
}

impl Audit {
    /// What is exposed in all.
    #[must_use]
    pub fn exposed(&self) -> u64 {
        self.attacks.iter().map(|(_, found)| found.exposed).sum()
    }
}

/// Classes of files that may leave the house.
const PUBLISHED: [&str; 2] = ["published", "report"];

/// Those and the restricted ones.
const ALL: [&str; 3] = ["published", "report", "restricted"];

/// A sum: what it is, and the labels of its units.
type SumKey = (&'static str, Vec<String>);

/// The sums that one date tells, with the people behind them.
struct Shown {
    window: (Option<Day>, Option<Day>),
    /// What its pseudonyms were made with.
    names: (String, u32),
    sums: BTreeMap<SumKey, Sides>,
}

/// What rows of a date tell: each its own sum, and the totals of its units, which follow from what is expected of a pair.
fn told(pairs: &[&UnitPairRow], units: &[&UnitRow], behind: &Behind) -> BTreeMap<SumKey, Sides> {
    let mut told = BTreeMap::new();
    let mut tell = |name: &'static str, labels: &[&String], sides: Option<&Sides>| {
        let labels = labels.iter().map(|label| (*label).clone()).collect();
        told.insert((name, labels), sides.cloned().unwrap_or_default());
    };
    let of_unit = |name: &'static str, unit: &String| behind.units.get(&(name, unit.clone()));
    for pair in pairs {
        let (a, b) = (&pair.unit_a, &pair.unit_b);
        tell("pair", &[a, b], behind.pairs.get(&(a.clone(), b.clone())));
        for unit in [a, b] {
            for name in [SENT, RECEIVED] {
                tell(name, &[unit], of_unit(name, unit));
            }
        }
        if a == b {
            tell(INSIDE, &[a], of_unit(INSIDE, a));
        }
    }
    for unit in units {
        for name in [INSIDE, OUTSIDE, SENT, RECEIVED] {
            tell(name, &[&unit.unit], of_unit(name, &unit.unit));
        }
    }
    told
}

const INSIDE: &str = "inside";
const OUTSIDE: &str = "outside";
const SENT: &str = "sent";
const RECEIVED: &str = "received";

fn window(manifest: &Manifest) -> (Option<Day>, Option<Day>) {
    (manifest.window_first.parse().ok(), manifest.window_last.parse().ok())
}

fn setting<T: std::str::FromStr>(manifest: &Manifest, name: &str) -> Option<T> {
    manifest.plan.get(name)?.as_str()?.parse().ok()
}

/// Numbers of people over all dates.
#[derive(Default)]
struct People {
    number_of: BTreeMap<String, u32>,
}

impl People {
    fn number(&mut self, id: &str) -> u32 {
        let next = self.number_of.len() as u32;
        *self.number_of.entry(id.to_string()).or_insert(next)
    }

    /// Who stands behind each sum, from the restricted tables alone.
    fn behind(&mut self, members: &[PersonRow], ties: &[TieRow]) -> Behind {
        let unit_of: BTreeMap<&str, &String> =
            members.iter().filter_map(|member| Some((member.person_id.expose(), member.unit.as_ref()?))).collect();
        let mut pairs: BTreeMap<(String, String), [Parts; 2]> = BTreeMap::new();
        let mut units: BTreeMap<(&'static str, String), Parts> = BTreeMap::new();
        for tie in ties {
            let ends = [tie.source_id.expose(), tie.target_id.expose()];
            let weight = (tie.weight * Weight::MESSAGE.units() as f64).round() as u64;
            let labels = ends.map(|end| unit_of.get(end).copied());
            let numbers = ends.map(|end| self.number(end));
            let mut add = |name: &'static str, unit: Option<&String>| {
                if let Some(unit) = unit {
                    let parts = units.entry((name, unit.clone())).or_default();
                    numbers.iter().for_each(|&person| *parts.entry(person).or_default() += weight);
                }
            };
            add(SENT, labels[0]);
            add(RECEIVED, labels[1]);
            match labels[0] == labels[1] {
                true => add(INSIDE, labels[0]),
                false => labels.into_iter().for_each(|unit| add(OUTSIDE, unit)),
            }
            let [Some(from), Some(to)] = labels else { continue };
            let key = if from <= to { (from.clone(), to.clone()) } else { (to.clone(), from.clone()) };
            for (number, unit) in numbers.into_iter().zip([from, to]) {
                let sides = pairs.entry(key.clone()).or_default();
                for (side, _) in [&key.0, &key.1].into_iter().enumerate().filter(|(_, label)| *label == unit) {
                    *sides[side].entry(number).or_default() += weight;
                }
            }
        }
        Behind {
            pairs: pairs.into_iter().map(|(key, [a, b])| (key, (parts(a), parts(b)))).collect(),
            units: units.into_iter().map(|(key, both)| (key, (parts(both), Vec::new()))).collect(),
        }
    }
}

/// Weight by the number of a person.
type Parts = BTreeMap<u32, u64>;

fn parts(parts: Parts) -> Vec<Contribution> {
    parts.into_iter().map(|(person, units)| Contribution { person, units }).collect()
}

/// Who stands behind the sums of one date.
struct Behind {
    /// By the labels of both units.
    pairs: BTreeMap<(String, String), Sides>,
    /// By name and label.
    units: BTreeMap<(&'static str, String), Sides>,
}

/// The files of one date.
struct Files<'m> {
    output: &'m Path,
    manifest: &'m Manifest,
}

impl Files<'_> {
    /// A table of the date; `None` where it is not there any more.
    fn table<R: Record>(&self) -> Result<Option<Vec<R>>, Failure> {
        let folder = format!("{}/{}/", R::TABLE.class.folder(), R::TABLE.name);
        let Some(listed) = self.manifest.outputs.iter().find(|listed| listed.path.starts_with(&folder)) else {
            return Ok(None);
        };
        let bytes = self.bytes(&listed.path, &listed.blake3)?;
        read_table(&bytes).map(Some).ok_or_else(|| self.changed(&listed.path))
    }

    /// Files of these classes any text of which is as asked.
    fn with(&self, classes: &[&str], is_asked: &dyn Fn(&str) -> bool) -> Result<Exposure, Failure> {
        let mut found = Exposure::default();
        for listed in self.manifest.outputs.iter().filter(|listed| classes.contains(&listed.class.as_str())) {
            // What was purged is not there any more, and says nothing.
            if listed.class == "restricted" && !self.output.join(&listed.path).exists() {
                continue;
            }
            let bytes = self.bytes(&listed.path, &listed.blake3)?;
            // Packed bytes look like anything: of a table its texts are asked.
            let is_exposed = match listed.path.split('/').collect::<Vec<_>>()[..] {
                ["data" | "restricted", table, ..] => {
                    any_text(table, &bytes, is_asked).ok_or_else(|| self.changed(&listed.path))?
                }
                _ => is_asked(&unescaped(&String::from_utf8_lossy(&bytes))),
            };
            found.add(Exposure { examined: 1, exposed: u64::from(is_exposed) });
        }
        Ok(found)
    }

    fn bytes(&self, path: &str, blake3: &str) -> Result<Vec<u8>, Failure> {
        let bytes = std::fs::read(self.output.join(path)).map_err(|_| self.changed(path))?;
        let is_same = blake3::hash(&bytes).to_hex().as_str() == blake3;
        if is_same { Ok(bytes) } else { Err(self.changed(path)) }
    }

    fn changed(&self, path: &str) -> Failure {
        let changed = Diagnostic::new(code::S103, "a published file is not what its manifest says");
        Failure::new(Exit::Data, changed.at(place(&self.output.join(path))).hint(code::S103.remedy))
    }
}

/// Names and addresses of the people of a directory.
fn read_names(plan: &Plan) -> Result<Directory, Failure> {
    let mut spec = plan.directory.clone();
    spec.match_names = true;
    Ok(read_directory(&spec, 0, 0, &NoKey)?)
}

/// Nothing that is hashed here is kept.
struct NoKey;

impl KeyedHash for NoKey {
    fn hash(&self, _: Purpose, _: &[&[u8]]) -> [u8; 16] {
        [0; 16]
    }
}

/// Text of a report as it is read.
fn unescaped(text: &str) -> String {
    let marks = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&amp;", "&")];
    marks.iter().fold(text.to_string(), |text, (escaped, plain)| text.replace(escaped, plain))
}

/// Whether a text in a table is as asked; `None` where it is no such table.
fn any_text(table: &str, bytes: &[u8], is_asked: &dyn Fn(&str) -> bool) -> Option<bool> {
    fn any<R: Record>(bytes: &[u8], is_asked: &dyn Fn(&str) -> bool) -> Option<bool> {
        let is_found = |cell: &Cell| matches!(cell, Cell::Text(Some(text)) if is_asked(text));
        Some(read_table::<R>(bytes)?.iter().any(|row| row.cells().iter().any(is_found)))
    }
    match table {
        "units" => any::<UnitRow>(bytes, is_asked),
        "unit_pairs" => any::<UnitPairRow>(bytes, is_asked),
        "communities" => any::<CommunityRow>(bytes, is_asked),
        "hierarchy" => any::<HierarchyRow>(bytes, is_asked),
        "freedoms" => any::<FreedomRow>(bytes, is_asked),
        "introductions" => any::<IntroductionRow>(bytes, is_asked),
        "trends" => any::<TrendRow>(bytes, is_asked),
        "organization" => any::<OrganizationRow>(bytes, is_asked),
        "sensitivity" => any::<SensitivityRow>(bytes, is_asked),
        "coverage" => any::<CoverageRow>(bytes, is_asked),
        "metrics" => any::<MetricRow>(bytes, is_asked),
        "people" => any::<PersonRow>(bytes, is_asked),
        "ties" => any::<TieRow>(bytes, is_asked),
        "accounts" => any::<AccountRow>(bytes, is_asked),
        "pair_carriers" => any::<PairCarrierRow>(bytes, is_asked),
        "replicates" => any::<ReplicateRow>(bytes, is_asked),
        _ => None,
    }
}

/// Whether text with an `@` between letters or digits is in these bytes.
fn holds_an_address(bytes: &[u8]) -> bool {
    let is_plain = |at: Option<&u8>| at.is_some_and(u8::is_ascii_alphanumeric);
    let is_address = |at: usize| {
        let (before, after) = (&bytes[..at], &bytes[at + 1..]);
        let domain = after.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b".-".contains(byte)).count();
        is_plain(before.last()) && is_plain(after.first()) && after[..domain].contains(&b'.')
    };
    bytes.iter().enumerate().any(|(at, byte)| *byte == b'@' && is_address(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_and_other_signs_are_not() {
        for text in ["a ada@corp.example b", "<x@y.z>"] {
            assert!(holds_an_address(text.as_bytes()), "{text}");
        }
        for text in ["@media print", "a @ b.c", "user@", "@page{}", "three@once"] {
            assert!(!holds_an_address(text.as_bytes()), "{text}");
        }
    }
}
