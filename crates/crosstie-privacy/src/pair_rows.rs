//! Decisions on the table of unit pairs: each cell by its people, then further cells, so that none follows from others.

use crate::complementary::{PairCell, Width, complement};
use crate::decide::{Decision, Rules, decide};
use crate::ranges::{Amount, too_narrow};
use crate::told::{Atom, Follows, Seen, SeenCell, follows, overlapping_cells};
use crosstie_model::tables::UnitPairRow;
use crosstie_model::{Grouping, Measured, UnitIx, Weight};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// A hidden cell stays uncertain by a fifth of its value.
const WIDTH_PART: u64 = 5;

/// What was hidden for others could as well be shown by itself: it must not be exact, and needs no width.
const NARROW: Width = Width { least: 1, part: u64::MAX };

/// Cells that are tried one by one before the share of contact that crosses borders goes.
const MOST_TRIED: usize = 20;

/// A unit, by grouping and label.
pub(crate) type Unit = (String, String);

/// What is known before pairs are decided on.
pub(crate) struct Around<'a> {
    /// Who is in which unit.
    pub(crate) groupings: &'a [Grouping],
    /// Units whose own row is hidden: what they share with others may not follow.
    pub(crate) hidden_units: &'a BTreeSet<Unit>,
    /// Groupings of which the share of contact that crosses borders may be shown.
    pub(crate) borders: &'a BTreeSet<String>,
}

/// What is decided on pairs.
#[derive(Debug, Default)]
pub(crate) struct PairDecisions {
    /// One for each row.
    pub(crate) rows: Vec<Decision>,
    /// Units whose own row would tell a hidden cell.
    pub(crate) units: BTreeSet<Unit>,
    /// Groupings of which the share of contact that crosses borders would tell one.
    pub(crate) borders: BTreeSet<String>,
}

/// Decides on all rows. Those that are `held` do not show what they are now.
pub(crate) fn decide_pairs(
    pairs: &[Measured<UnitPairRow>],
    held: &[bool],
    around: &Around<'_>,
    rules: Rules,
) -> PairDecisions {
    let first = |(pair, &is_held): (&Measured<UnitPairRow>, &bool)| match is_held {
        true => Decision::Carried,
        false => decide(&pair.side_a, &pair.side_b, rules),
    };
    let rows = pairs.par_iter().zip(held).map(first).collect();
    let mut out = PairDecisions { rows, ..PairDecisions::default() };
    let mut by_grouping: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, pair) in pairs.iter().enumerate() {
        by_grouping.entry(&pair.row.grouping).or_default().push(at);
    }
    let width = Width { least: Weight::MESSAGE.units() * rules.min_people as u64, part: WIDTH_PART };
    let mut hiding = Hiding {
        width,
        groupings: by_grouping
            .into_iter()
            .map(|(name, rows)| Cells::new(name, rows, pairs, &out.rows, around))
            .collect(),
        atoms: Vec::new(),
    };
    hiding.atoms = atoms(&hiding.groupings, around.groupings);
    hiding.groupings.iter_mut().for_each(|cells| {
        cells.hide(width);
    });
    while hiding.step() {}
    for cells in hiding.groupings {
        cells.tell(around, &mut out);
    }
    out
}

/// The cells of one grouping.
struct Cells<'p> {
    name: &'p str,
    /// Labels of its units, sorted.
    labels: Vec<&'p str>,
    /// The row of each cell.
    rows: Vec<usize>,
    cells: Vec<PairCell>,
    /// Cells that are hidden for their own sake.
    is_own: Vec<bool>,
    /// Units whose own row is hidden.
    is_border_asked: Vec<bool>,
    /// Units that show no cell, so that nobody knows their total.
    is_withdrawn: Vec<bool>,
    /// Whether the share of contact that crosses borders is shown.
    is_border_shown: bool,
}

impl<'p> Cells<'p> {
    fn new(
        name: &'p str,
        rows: Vec<usize>,
        pairs: &'p [Measured<UnitPairRow>],
        decided: &[Decision],
        around: &Around<'p>,
    ) -> Cells<'p> {
        let units_of = |&at: &usize| [pairs[at].row.unit_a.as_str(), pairs[at].row.unit_b.as_str()];
        let grouping = around.groupings.iter().find(|grouping| grouping.name == name);
        let mut labels: Vec<&str> = rows.iter().flat_map(units_of).collect();
        labels.extend(grouping.iter().flat_map(|grouping| &grouping.labels).map(String::as_str));
        labels.sort_unstable();
        labels.dedup();
        let number = |label: &str| labels.binary_search(&label).unwrap_or_default();
        let cell = |&at: &usize| {
            let row = &pairs[at].row;
            PairCell {
                units: (number(&row.unit_a), number(&row.unit_b)),
                weight: (row.weight.unwrap_or(0.0) * Weight::MESSAGE.units() as f64).round() as u64,
                is_hidden: decided[at] != Decision::Show,
            }
        };
        let is_asked = |label: &&str| around.hidden_units.contains(&(name.to_string(), (*label).to_string()));
        Cells {
            name,
            cells: rows.iter().map(cell).collect(),
            is_own: rows.iter().map(|&at| decided[at] != Decision::Show).collect(),
            rows,
            is_border_asked: labels.iter().map(is_asked).collect(),
            is_withdrawn: vec![false; labels.len()],
            is_border_shown: around.borders.contains(name),
            labels,
        }
    }

    fn seen(&self) -> Seen {
        let cell = |cell: &PairCell| SeenCell { units: cell.units, is_hidden: cell.is_hidden };
        Seen {
            cells: self.cells.iter().map(cell).collect(),
            is_total_known: self.is_withdrawn.iter().map(|is_withdrawn| !is_withdrawn).collect(),
            // The row of a unit goes where what is inside of it is hidden.
            is_inside_known: vec![false; self.labels.len()],
            is_border_asked: self.is_border_asked.clone(),
            is_border_known: self.is_border_shown,
            is_all_known: self.is_withdrawn.contains(&false),
        }
    }

    fn amounts(&self, width: Width) -> Vec<Amount> {
        let messages = |units: u64| units as f64 / Weight::MESSAGE.units() as f64;
        let cells = self.cells.iter().zip(&self.is_own);
        cells
            .map(|(cell, is_own)| Amount {
                weight: messages(cell.weight),
                width: is_own.then(|| messages(width.of(cell.weight))),
            })
            .collect()
    }

    fn hidden_count(&self) -> usize {
        let cells = self.cells.iter().filter(|cell| cell.is_hidden).count();
        cells + self.is_withdrawn.iter().filter(|is_withdrawn| **is_withdrawn).count()
    }

    /// Hides a walk around each hidden cell.
    fn hide(&mut self, width: Width) {
        let found = complement(self.labels.len(), &self.cells, width);
        found.cells.iter().for_each(|&at| self.cells[at].is_hidden = true);
        found.units.into_iter().for_each(|unit| self.withdraw(unit));
    }

    /// A unit whose total has to go shows no cell, since each would give the total away.
    fn withdraw(&mut self, unit: usize) {
        self.is_withdrawn[unit] = true;
        let own = self.cells.iter_mut().filter(|cell| cell.units.0 == unit || cell.units.1 == unit);
        own.for_each(|cell| cell.is_hidden = true);
    }

    fn withdraw_smallest(&mut self) {
        let total = |unit: usize| -> u64 {
            let own = self.cells.iter().filter(|cell| cell.units.0 == unit || cell.units.1 == unit);
            own.map(|cell| cell.weight).sum()
        };
        let shown = (0..self.labels.len()).filter(|&unit| !self.is_withdrawn[unit]);
        if let Some(smallest) = shown.min_by_key(|&unit| (total(unit), unit)) {
            self.withdraw(smallest);
        }
    }

    /// What is inside all units together is known from the share of contact that crosses borders: a hidden inner cell that
    /// is the only one takes another with it.
    fn hide_second_inner(&mut self) {
        let is_inner = |cell: &&mut PairCell| cell.units.0 == cell.units.1;
        let hidden = self.cells.iter_mut().filter(is_inner).filter(|cell| cell.is_hidden).count();
        let shown = self.cells.iter_mut().filter(is_inner).filter(|cell| !cell.is_hidden && cell.weight > 0);
        if let Some(smallest) = shown.min_by_key(|cell| (cell.weight, cell.units)).filter(|_| hidden == 1) {
            smallest.is_hidden = true;
        }
    }

    /// The smallest cells between units that are shown.
    fn smallest_shown(&self) -> Vec<usize> {
        let is_shown = |&at: &usize| !self.cells[at].is_hidden && self.cells[at].units.0 != self.cells[at].units.1;
        let mut shown: Vec<usize> = (0..self.cells.len()).filter(is_shown).collect();
        shown.sort_by_key(|&at| (self.cells[at].weight, at));
        shown.truncate(MOST_TRIED);
        shown
    }

    /// What a unit shares with others is its total less what is inside: the one or the other goes.
    fn loosen_unit(&mut self, unit: usize) {
        match self.cells.iter_mut().find(|cell| cell.units == (unit, unit) && !cell.is_hidden) {
            Some(inner) => inner.is_hidden = true,
            None => self.withdraw(unit),
        }
    }

    fn tell(self, around: &Around<'_>, out: &mut PairDecisions) {
        let name = |unit: usize| (self.name.to_string(), self.labels[unit].to_string());
        for (cell, &at) in self.cells.iter().zip(&self.rows).filter(|(cell, _)| cell.is_hidden) {
            if out.rows[at] == Decision::Show {
                out.rows[at] = Decision::Complementary;
            }
            let (a, b) = cell.units;
            out.units.extend((a == b).then(|| name(a)));
        }
        out.units.extend((0..self.labels.len()).filter(|&unit| self.is_withdrawn[unit]).map(name));
        if around.borders.contains(self.name) && !self.is_border_shown {
            out.borders.insert(self.name.to_string());
        }
    }
}

/// All groupings at once, since what one shows is a sum of parts of another.
struct Hiding<'p> {
    groupings: Vec<Cells<'p>>,
    atoms: Vec<Atom>,
    /// How uncertain cells stay that are hidden for their own sake.
    width: Width,
}

impl Hiding<'_> {
    /// What follows, else what can be placed in too narrow a range; `None` where that cannot be told.
    fn told(&self, seen: &[Seen]) -> Option<Vec<Follows>> {
        let exactly = follows(seen, &self.atoms)?;
        if exactly.iter().any(|follows| !follows.is_nothing()) {
            return Some(exactly);
        }
        let amounts: Vec<Vec<Amount>> = self.groupings.iter().map(|cells| cells.amounts(self.width)).collect();
        let nearly = too_narrow(seen, &self.atoms, &amounts).into_iter();
        Some(nearly.map(|cells| Follows { cells, borders: Vec::new() }).collect())
    }

    /// Hides more where something still follows; whether anything was hidden.
    fn step(&mut self) -> bool {
        let seen: Vec<Seen> = self.groupings.iter().map(Cells::seen).collect();
        let before = self.hidden_count();
        match self.told(&seen) {
            Some(found) => {
                let without_borders: Vec<Seen> =
                    seen.iter().map(|seen| Seen { is_border_known: false, ..seen.clone() }).collect();
                let is_by_border = found.iter().any(|found| !found.is_nothing())
                    && seen.iter().any(|seen| seen.is_border_known)
                    && self.told(&without_borders).is_some_and(|all| all.iter().all(Follows::is_nothing));
                for (at, found) in found.iter().enumerate().filter(|(_, found)| !found.is_nothing()) {
                    match is_by_border && self.groupings[at].is_border_shown {
                        true => self.loosen_border(at),
                        false => self.loosen(at, found, &seen),
                    }
                }
            }
            // What cannot be looked through is not shown: the other groupings first.
            None => {
                let is_left = |cells: &Cells<'_>| cells.is_withdrawn.contains(&false);
                let rest = usize::from(self.groupings.iter().skip(1).any(is_left));
                for cells in &mut self.groupings[rest..] {
                    (0..cells.labels.len()).for_each(|unit| cells.withdraw(unit));
                }
            }
        }
        self.hidden_count() > before
    }

    fn hidden_count(&self) -> usize {
        let borders = self.groupings.iter().filter(|cells| !cells.is_border_shown).count();
        borders + self.groupings.iter().map(Cells::hidden_count).sum::<usize>()
    }

    /// A second inner cell goes, else a cell between units where one is enough, else the share of contact that crosses
    /// borders, which much else that is shown goes with.
    fn loosen_border(&mut self, at: usize) {
        let before = self.hidden_count();
        self.groupings[at].hide_second_inner();
        if self.hidden_count() > before {
            return;
        }
        for cell in self.groupings[at].smallest_shown() {
            self.groupings[at].cells[cell].is_hidden = true;
            let seen: Vec<Seen> = self.groupings.iter().map(Cells::seen).collect();
            if self.told(&seen).is_some_and(|all| all.iter().all(Follows::is_nothing)) {
                return;
            }
            self.groupings[at].cells[cell].is_hidden = false;
        }
        self.groupings[at].is_border_shown = false;
    }

    /// Hides more of one grouping, or of others what tells of it.
    fn loosen(&mut self, at: usize, found: &Follows, seen: &[Seen]) {
        let before = self.hidden_count();
        found.borders.iter().for_each(|&unit| self.groupings[at].loosen_unit(unit));
        if !found.cells.is_empty() {
            self.groupings[at].hide(NARROW);
        }
        if self.hidden_count() > before {
            return;
        }
        for &cell in &found.cells {
            let shown = overlapping_cells(seen, &self.atoms, at, cell).into_iter();
            let shown = shown.filter(|&(other, cell)| !self.groupings[other].cells[cell].is_hidden);
            if let Some((other, cell)) =
                shown.min_by_key(|&(other, cell)| (self.groupings[other].cells[cell].weight, other, cell))
            {
                self.groupings[other].cells[cell].is_hidden = true;
            }
        }
        if self.hidden_count() == before {
            self.groupings[at].withdraw_smallest();
        }
        if self.hidden_count() == before {
            // Nothing of this grouping is left; what others show goes, and at last what is known of borders.
            self.groupings.iter_mut().for_each(Cells::withdraw_smallest);
            if self.hidden_count() == before {
                self.groupings.iter_mut().for_each(|cells| cells.is_border_shown = false);
            }
        }
    }
}

/// Sets of people who are alike in every grouping. A grouping whose people are not known stands for itself.
fn atoms(tables: &[Cells<'_>], groupings: &[Grouping]) -> Vec<Atom> {
    let found: Vec<Option<&Grouping>> =
        tables.iter().map(|table| groupings.iter().find(|grouping| grouping.name == table.name)).collect();
    let people = found.iter().flatten().map(|grouping| grouping.unit_of.len()).max().unwrap_or(0);
    // Units are numbered by the labels of the table, among which are all of the grouping.
    let number = |table: &Cells<'_>, grouping: &Grouping, unit: UnitIx| {
        table.labels.binary_search(&grouping.labels[unit.index()].as_str()).ok()
    };
    let numbers: Vec<Vec<Option<usize>>> = tables
        .iter()
        .zip(&found)
        .map(|(table, grouping)| {
            let Some(grouping) = grouping else { return Vec::new() };
            (0..grouping.labels.len()).map(|unit| number(table, grouping, UnitIx(unit as u32))).collect()
        })
        .collect();
    let of_person = |person: usize| -> Atom {
        let unit = |grouping: &Grouping| grouping.unit_of.get(person).copied().flatten();
        let in_table = |(at, grouping): (usize, &Option<&Grouping>)| numbers[at][unit((*grouping)?)?.index()];
        found.iter().enumerate().map(in_table).collect()
    };
    let mut atoms: BTreeSet<Atom> = (0..people).map(of_person).collect();
    for (at, _) in found.iter().enumerate().filter(|(_, grouping)| grouping.is_none()) {
        let alone = |unit: usize| (0..tables.len()).map(|table| (table == at).then_some(unit)).collect();
        atoms.extend((0..tables[at].labels.len()).map(alone));
    }
    atoms.into_iter().collect()
}
