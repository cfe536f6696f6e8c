//! The five freedoms, as far as metadata shows them: connect and contribute fairly, create in part, choose and challenge
//! barely.
//!
//! The words are Hamel, LaBarre, Rozwell and Zanini's ("Digital Freedom Challenge", Management Innovation eXchange). Each
//! indicator is a row of its own with its expectation, its interval over people, its grade and what must not be read into
//! it. Nothing is added up over indicators, no row is about a person. Create is off unless asked for.

mod attention;
mod choose;
mod connect;
mod create;
mod flagged_share;
mod odds_ratio;
mod placebo;
mod reply_odds;
mod rows;
mod upward;

pub(crate) use attention::SPEC as ATTENTION_SPEC;
pub(crate) use choose::{DISCRETIONARY_SPEC, JOINS_SPEC};
pub(crate) use connect::REACHED_SPEC;
pub(crate) use create::SPEC as CREATE_SPEC;
pub use flagged_share::{Flag, opener_share};
pub(crate) use placebo::SPEC as PLACEBO_SPEC;
pub(crate) use reply_odds::SPEC as REPLY_SPEC;
pub use reply_odds::upward_reply_odds;
pub(crate) use upward::{ANSWERED_SPEC as UPWARD_ANSWERED_SPEC, USE_SPEC as UPWARD_USE_SPEC};

use crate::hierarchy::Hierarchy;
use crate::replicate::Draws;
use crate::tree::Tree;
use crate::{Graphs, MeasureParams};
use crosstie_model::tables::{FreedomRow, OrganizationRow, UnitRow};
use crosstie_model::{Contribution, Grouping, Measured, NewGroups, Opener, Openers, WindowTies};
use rayon::prelude::*;

/// The unit of rows about everybody.
pub(crate) const ALL: &str = "(all)";

/// What connect says of each row.
pub(crate) const CONNECT: &str = "This does not show that contact was allowed or forbidden, useful or wanted. Talks in person, by telephone and in other tools are not seen. A specialist unit may need to work inward.";
/// What contribute says of each row.
pub(crate) const CONTRIBUTE: &str = "An answer is not agreement. This does not show whether an idea was good, taken up or credited, nor whether people are treated fairly or with respect.";
/// What create says of each row.
pub(crate) const CREATE: &str = "This counts groups that began to write to each other across units. It does not show creativity, output, new ideas or expression.";
/// What choose says of each row.
pub(crate) const CHOOSE: &str = "Joining by oneself can still be expected of one, and an invitation is no order. This does not show whether people choose their tasks.";
/// What challenge says of each row.
pub(crate) const CHALLENGE: &str = "This does not show dissent, courage or safety to speak. Reports of wrongdoing mostly avoid these channels. A rise can be a crisis.";

/// What the freedoms are computed from.
#[derive(Clone, Copy)]
pub(crate) struct Freedoms<'a> {
    pub(crate) grouping: &'a Grouping,
    pub(crate) tree: Option<&'a Tree>,
    pub(crate) hierarchy: Option<&'a Hierarchy>,
    pub(crate) graphs: &'a Graphs,
    pub(crate) ties: &'a WindowTies,
    pub(crate) openers: &'a Openers,
    /// Openers of each unit's people, in the order in which they stand among all.
    pub(crate) openers_of_units: &'a [Vec<Opener>],
    pub(crate) new_groups: Option<&'a NewGroups>,
    pub(crate) draws: &'a Draws,
    pub(crate) units: &'a [Measured<UnitRow>],
    pub(crate) organization: &'a [OrganizationRow],
    pub(crate) coverage_gap: bool,
    pub(crate) self_test_failed: bool,
    pub(crate) params: &'a MeasureParams,
}

/// Makes the rows of one page.
type RowsOf = fn(&Freedoms<'_>) -> Vec<Measured<FreedomRow>>;

impl Freedoms<'_> {
    /// All rows.
    pub(crate) fn rows(&self) -> Vec<Measured<FreedomRow>> {
        let parts: [RowsOf; 7] = [
            connect::rows,
            reply_odds::rows,
            placebo::rows,
            |freedoms| vec![attention::row(freedoms)],
            create::rows,
            choose::rows,
            upward::rows,
        ];
        let found: Vec<Vec<_>> = parts.par_iter().with_max_len(1).map(|rows| rows(self)).collect();
        found.into_iter().flatten().collect()
    }

    /// The openers of a subject's people.
    fn openers_of(&self, subject: &Subject) -> &[Opener] {
        subject.unit.map_or(&self.openers.openers, |unit| &self.openers_of_units[unit])
    }

    /// The units that rows are about, and everybody: name and members.
    fn subjects(&self) -> Vec<Subject> {
        let mut members = vec![Vec::new(); self.grouping.labels.len()];
        for (person, unit) in (0..).zip(&self.grouping.unit_of) {
            if let Some(unit) = unit {
                members[unit.index()].push(person);
            }
        }
        let everybody = Subject { unit: None, people: (0..self.grouping.unit_of.len() as u32).collect() };
        let units = members.into_iter().enumerate();
        let mut subjects: Vec<Subject> = units.map(|(unit, people)| Subject { unit: Some(unit), people }).collect();
        subjects.push(everybody);
        subjects
    }

    /// The row of each subject that a person counts for: its unit, and everybody.
    fn places(&self, person: u32) -> impl Iterator<Item = usize> + use<> {
        let own = self.grouping.unit_of[person as usize].map(|unit| unit.index());
        own.into_iter().chain([self.grouping.labels.len()])
    }
}

/// A unit with its people, or everybody.
#[derive(Clone)]
struct Subject {
    unit: Option<usize>,
    people: Vec<u32>,
}

/// Counts by person as contributions.
fn contributions(counts: &[u64]) -> Vec<Contribution> {
    (0..).zip(counts).filter(|(_, units)| **units > 0).map(|(person, &units)| Contribution { person, units }).collect()
}

/// Senders and recipients of openers with how many each has.
fn ends<'o>(openers: impl Iterator<Item = &'o Opener>, people: usize) -> (Vec<Contribution>, Vec<Contribution>) {
    let (mut senders, mut recipients) = (vec![0; people], vec![0; people]);
    for opener in openers {
        senders[opener.source as usize] += 1;
        recipients[opener.target as usize] += 1;
    }
    (contributions(&senders), contributions(&recipients))
}

/// Who is behind a row.
#[derive(Clone, Default)]
struct Behind {
    side_a: Vec<Contribution>,
    side_b: Vec<Contribution>,
    /// Further sums, as in [`Measured`].
    sums: Vec<Vec<Contribution>>,
}

impl Behind {
    /// People of two sides, whose parts are all there is.
    fn sides(side_a: Vec<Contribution>, side_b: Vec<Contribution>) -> Behind {
        Behind { side_a, side_b, sums: Vec::new() }
    }
}

/// The people behind a part of openers: of the flagged ones or of the others, whichever are fewer, since the one follows
/// from the other and the whole. Each kind of opener, flagged or not and answered or not, is a sum.
fn thinner<'o>(
    openers: impl Iterator<Item = &'o Opener> + Clone,
    is_flagged: impl Fn(&Opener) -> bool,
    people: usize,
) -> Behind {
    let flagged = ends(openers.clone().filter(|opener| is_flagged(opener)), people);
    let others = ends(openers.clone().filter(|opener| !is_flagged(opener)), people);
    let mut counts = vec![vec![0; people]; 4];
    for opener in openers {
        let kind = 2 * usize::from(is_flagged(opener)) + usize::from(opener.answered);
        counts[kind][opener.source as usize] += 1;
        counts[kind][opener.target as usize] += 1;
    }
    let fewest = |sides: &(Vec<Contribution>, Vec<Contribution>)| sides.0.len().min(sides.1.len());
    let (side_a, side_b) = if fewest(&others) < fewest(&flagged) && fewest(&others) > 0 { others } else { flagged };
    Behind { side_a, side_b, sums: counts.iter().map(|counts| contributions(counts)).collect() }
}
