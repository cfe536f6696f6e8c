//! What could be learned of single people from everything that is published in an output folder.

use crate::error::{Exit, Failure, place};
use crate::verify_output::is_output_folder;
use crosstie_model::tables::{PersonRow, TieRow, UnitPairRow, UnitRow};
use crosstie_model::{Contribution, Day, Diagnostic, Record, Weight, code};
use crosstie_privacy::Rules;
use crosstie_privacy::audit::{Exposure, Sides, elimination, small_cells, subtraction};
use crosstie_store::{Manifest, find_manifests, newest_of_each_date, read_table};
use std::collections::BTreeMap;
use std::path::Path;

/// The attacks on an output folder, by name, and what each found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// Dates that are published.
    pub dates: u64,
    /// Dates whose restricted tables are gone: who stands behind their cells is no longer known.
    pub dates_without_people: u64,
    /// By attack.
    pub attacks: Vec<(&'static str, Exposure)>,
}

/// Attacks what an output folder publishes, over all of its dates.
///
/// Whoever reads the published files knows no more than this; the restricted tables are read to judge what they would
/// learn.
///
/// # Errors
/// No output folder (66); a published file that is not what its manifest says (65).
pub fn audit_output(output: &Path) -> Result<Audit, Failure> {
    is_output_folder(output)?;
    let manifests = find_manifests(output)?;
    let mut audit = Audit::default();
    let [mut small, mut hidden, mut changed, mut groups, mut addresses] = [Exposure::default(); 5];
    let mut people = People::default();
    let mut earlier: Vec<Shown> = Vec::new();
    for (_, _, manifest, _) in newest_of_each_date(&manifests) {
        let files = Files { output, manifest };
        let rules = Rules { min_people: setting(manifest, "privacy.min_people").unwrap_or(10) };
        let (units, pairs) = (files.table::<UnitRow>()?.unwrap_or_default(), files.table()?.unwrap_or_default());
        audit.dates += 1;
        hidden.add(elimination(&units, &pairs));
        for unit in &units {
            let is_few = unit.people_count < rules.min_people as i64;
            groups.add(Exposure { examined: 1, exposed: u64::from(is_few) });
        }
        addresses.add(files.with_addresses()?);
        let (Some(members), Some(ties)) = (files.table::<PersonRow>()?, files.table::<TieRow>()?) else {
            audit.dates_without_people += 1;
            continue;
        };
        let names = (manifest.key_id.clone(), manifest.epoch);
        let shown =
            Shown { window: window(manifest), names, cells: shown_cells(&pairs, people.sides(&members, &ties)) };
        small.add(small_cells(shown.cells.values(), rules));
        // Pseudonyms of another year or key do not say who is who.
        let is_comparable = |before: &&Shown| before.names == shown.names && before.window.1 >= shown.window.0;
        let overlapping = earlier.iter().filter(is_comparable);
        for before in overlapping {
            let twice = shown.cells.iter().filter_map(|(cell, after)| Some((before.cells.get(cell)?, after)));
            changed.add(subtraction(twice, rules));
        }
        earlier.push(shown);
    }
    audit.attacks = vec![
        ("cells of a few people, or of one or two", small),
        ("hidden cells that follow from totals", hidden),
        ("cells whose change tells of a few people", changed),
        ("groups below the threshold", groups),
        ("files that hold an address", addresses),
    ];
    Ok(audit)
}

impl Audit {
    /// What is exposed in all.
    #[must_use]
    pub fn exposed(&self) -> u64 {
        self.attacks.iter().map(|(_, found)| found.exposed).sum()
    }
}

/// A cell: the labels of its units.
type CellKey = (String, String);

/// The cells of one date that are shown, with the people behind them.
struct Shown {
    window: (Option<Day>, Option<Day>),
    /// What its pseudonyms were made with.
    names: (String, u32),
    cells: BTreeMap<CellKey, Sides>,
}

fn window(manifest: &Manifest) -> (Option<Day>, Option<Day>) {
    (manifest.window_first.parse().ok(), manifest.window_last.parse().ok())
}

fn setting<T: std::str::FromStr>(manifest: &Manifest, name: &str) -> Option<T> {
    manifest.plan.get(name)?.as_str()?.parse().ok()
}

fn shown_cells(pairs: &[UnitPairRow], mut sides: BTreeMap<CellKey, Sides>) -> BTreeMap<CellKey, Sides> {
    let shown = pairs.iter().filter(|pair| pair.grouping == "unit" && pair.weight.is_some());
    shown
        .map(|pair| {
            let key = (pair.unit_a.clone(), pair.unit_b.clone());
            let behind = sides.remove(&key).unwrap_or_default();
            (key, behind)
        })
        .collect()
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

    /// Who stands behind each cell, from the restricted tables alone.
    fn sides(&mut self, members: &[PersonRow], ties: &[TieRow]) -> BTreeMap<CellKey, Sides> {
        let unit_of: BTreeMap<&str, &String> =
            members.iter().filter_map(|member| Some((member.person_id.expose(), member.unit.as_ref()?))).collect();
        let mut cells: BTreeMap<CellKey, [BTreeMap<u32, u64>; 2]> = BTreeMap::new();
        for tie in ties {
            let ends = [tie.source_id.expose(), tie.target_id.expose()];
            let [Some(from), Some(to)] = ends.map(|end| unit_of.get(end).copied()) else { continue };
            let key = if from <= to { (from.clone(), to.clone()) } else { (to.clone(), from.clone()) };
            let units = (tie.weight * Weight::MESSAGE.units() as f64).round() as u64;
            for (end, unit) in ends.into_iter().zip([from, to]) {
                let number = self.number(end);
                let sides = cells.entry(key.clone()).or_default();
                for (side, _) in [&key.0, &key.1].into_iter().enumerate().filter(|(_, label)| *label == unit) {
                    *sides[side].entry(number).or_default() += units;
                }
            }
        }
        let parts = |side: BTreeMap<u32, u64>| {
            side.into_iter().map(|(person, units)| Contribution { person, units }).collect::<Vec<_>>()
        };
        cells.into_iter().map(|(key, [a, b])| (key, (parts(a), parts(b)))).collect()
    }
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

    /// Whether a published file holds anything that looks like an address.
    fn with_addresses(&self) -> Result<Exposure, Failure> {
        let mut found = Exposure::default();
        let is_published = |class: &str| ["published", "report"].contains(&class);
        for listed in self.manifest.outputs.iter().filter(|listed| is_published(&listed.class)) {
            let bytes = self.bytes(&listed.path, &listed.blake3)?;
            found.add(Exposure { examined: 1, exposed: u64::from(holds_an_address(&bytes)) });
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
