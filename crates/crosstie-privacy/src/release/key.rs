//! Names of cells and of the sums behind them.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A cell or a sum: what it is, in which grouping, of which groups.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Key {
    /// The table of a cell, or the kind of a sum.
    pub(crate) name: Cow<'static, str>,
    pub(crate) grouping: String,
    pub(crate) labels: Vec<String>,
}

/// Kind of the sum that holds each member of a group once.
pub(crate) const PEOPLE: &str = "people";
/// Kind of the sum that holds all contact of everybody.
pub(crate) const ALL: &str = "all";
/// Kind of the sum that holds what is inside all units of a grouping.
pub(crate) const INSIDE_ALL: &str = "inside_all";
/// Kind of the sum behind a pair of units.
pub(crate) const PAIR: &str = "pair";
/// Kinds of the sums of a unit or community, in the order in which they are measured.
pub(crate) const BORDER: [&str; 4] = ["inside", "outside", "sent", "received"];
/// Kinds of the sums behind a relation.
pub(crate) const RELATION: [&str; 2] = ["relation", "relation_ties"];
/// Kinds of the sums behind an indicator of the freedoms: its people, then the events of each kind.
pub(crate) const INDICATOR: [&str; 5] = ["indicator", "indicator_0", "indicator_1", "indicator_2", "indicator_3"];
/// The cell of all rows behind which everybody stands.
pub(crate) const EVERYBODY: &str = "organization";

/// The cell of a grouping's share of contact that crosses borders.
pub(crate) fn border_cell(grouping: &str) -> Key {
    Key::new(BORDER_SHARE, grouping, &[])
}

const BORDER_SHARE: &str = "border_share";

impl Key {
    pub(crate) fn new(name: &'static str, grouping: &str, labels: &[&str]) -> Key {
        let labels = labels.iter().map(|label| (*label).to_string()).collect();
        Key { name: name.into(), grouping: grouping.into(), labels }.in_order()
    }

    /// Two units are a pair in either order.
    fn in_order(mut self) -> Key {
        if [PAIR, "unit_pairs", "introductions"].contains(&&*self.name) {
            self.labels.sort_unstable();
        }
        self
    }

    /// The same of other groups.
    pub(crate) fn with_labels(&self, labels: Vec<String>) -> Key {
        Key { name: self.name.clone(), grouping: self.grouping.clone(), labels }.in_order()
    }

    /// How many of the labels of a cell or sum are groups of people, which go on under another name when most of them
    /// stay together.
    pub(crate) fn group_count(&self) -> usize {
        match &*self.name {
            "unit_pairs" | "introductions" | PAIR => 2,
            "units" | "communities" | "freedoms" | PEOPLE => 1,
            name if BORDER.contains(&name) || INDICATOR.contains(&name) => 1,
            _ => 0,
        }
    }

    /// The sums that a cell's numbers derive from. An expectation moves with everything that its units send and receive.
    pub(crate) fn sums(&self) -> Vec<Key> {
        let sum = |name: &'static str, at: &[usize]| {
            let labels: Vec<&str> = at.iter().map(|&at| self.labels[at].as_str()).collect();
            Key::new(name, &self.grouping, &labels)
        };
        let all = Key::new(ALL, "", &[]);
        let [inside, outside, sent, received] = BORDER;
        match &*self.name {
            "units" => BORDER.map(|name| sum(name, &[0])).into(),
            "communities" => [PEOPLE, inside, outside, sent, received].map(|name| sum(name, &[0])).into(),
            "unit_pairs" if self.labels[0] == self.labels[1] => {
                // What the unit's own row tells, too.
                vec![sum(PAIR, &[0, 1]), sum(inside, &[0]), sum(sent, &[0]), sum(received, &[0])]
            }
            "unit_pairs" => {
                vec![sum(PAIR, &[0, 1]), sum(sent, &[0]), sum(received, &[0]), sum(sent, &[1]), sum(received, &[1])]
            }
            // As its unit or community.
            "trends" => Vec::new(),
            "introductions" => {
                let mut sums = Key { name: "unit_pairs".into(), ..self.clone() }.sums();
                sums.extend([sum(outside, &[0]), sum(outside, &[1])]);
                sums
            }
            "hierarchy" => RELATION.map(|name| sum(name, &[0])).into_iter().chain([all]).collect(),
            BORDER_SHARE => vec![all, Key::new(INSIDE_ALL, &self.grouping, &[])],
            "sensitivity" => vec![all, Key::new(INSIDE_ALL, "unit", &[])],
            "freedoms" => INDICATOR.map(|name| sum(name, &[0, 1])).into(),
            _ => vec![all],
        }
    }
}
