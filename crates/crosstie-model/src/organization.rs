//! The people of a run as dense indices, their units, and who reports to whom.

/// Dense index of a unit within one grouping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitIx(pub u32);

impl UnitIx {
    /// As an index into an array a unit.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// One way of dividing the people into units.
#[derive(Clone, Debug, PartialEq)]
pub struct Grouping {
    /// `unit`, or the name of a compared column.
    pub name: String,
    /// Labels, sorted; `UnitIx` points here.
    pub labels: Vec<String>,
    /// The unit of each person; `None` where the directory names none.
    pub unit_of: Vec<Option<UnitIx>>,
}

impl Grouping {
    /// Builds a grouping from a label a person.
    #[must_use]
    pub fn from_labels(name: &str, label_of: &[Option<String>]) -> Grouping {
        let mut labels: Vec<String> = label_of.iter().flatten().cloned().collect();
        labels.sort();
        labels.dedup();
        let unit_of = label_of
            .iter()
            .map(|label| {
                let at = labels.binary_search(label.as_ref()?).ok()?;
                Some(UnitIx(at as u32))
            })
            .collect();
        Grouping { name: name.into(), labels, unit_of }
    }

    /// How many people each unit has.
    #[must_use]
    pub fn people_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.labels.len()];
        for unit in self.unit_of.iter().flatten() {
            counts[unit.index()] += 1;
        }
        counts
    }

    /// The unit of each person as an array index, people without a unit in one more unit at the end.
    #[must_use]
    pub fn dense(&self) -> Vec<u32> {
        let none = self.labels.len() as u32;
        self.unit_of.iter().map(|unit| unit.map_or(none, |u| u.0)).collect()
    }
}

/// The people who were members on the run's date. An index into any array here is the rank of the
/// person's key, so neither threads nor the order of files can show.
#[derive(Clone, Debug, Default)]
pub struct Organization {
    /// The manager of each person; `None` for the root of a tree.
    pub manager_of: Vec<Option<u32>>,
    /// Whether the directory says anything about who reports to whom.
    pub has_reporting_lines: bool,
    /// 64-bit hash of each person's key: names the person's random stream, so that one joiner does not change
    /// the draws of others.
    pub stream_of: Vec<u64>,
}

impl Organization {
    /// How many people there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.manager_of.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.manager_of.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_sorted_and_missing_ones_stay_missing() {
        let label_of = [Some("b".to_string()), None, Some("a".to_string()), Some("b".to_string())];
        let grouping = Grouping::from_labels("unit", &label_of);
        assert_eq!(grouping.labels, ["a", "b"]);
        assert_eq!(grouping.unit_of, [Some(UnitIx(1)), None, Some(UnitIx(0)), Some(UnitIx(1))]);
        assert_eq!(grouping.people_counts(), [1, 2]);
        assert_eq!(grouping.dense(), [1, 2, 0, 1]);
    }
}
