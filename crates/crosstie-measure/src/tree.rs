//! The reporting tree: levels, and how two people stand to each other in it. Iterative, never recursive.

use crosstie_model::Organization;

/// Reporting trees over the people; several roots are allowed.
#[derive(Clone, Debug)]
pub struct Tree {
    manager_of: Vec<Option<u32>>,
    level_of: Vec<u32>,
    root_of: Vec<u32>,
    /// People, every manager before the reports.
    top_down: Vec<u32>,
}

/// Steps up and down from one person to another through their lowest common ancestor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    /// Steps up.
    pub up: u32,
    /// Steps down.
    pub down: u32,
}

impl Tree {
    /// The trees of an organization, `None` where the directory says nothing of reporting lines.
    ///
    /// # Panics
    /// If people report in a circle: ingest cuts circles.
    #[must_use]
    pub fn new(organization: &Organization) -> Option<Tree> {
        if !organization.has_reporting_lines {
            return None;
        }
        let manager_of = organization.manager_of.clone();
        let count = manager_of.len();
        let mut reports: Vec<Vec<u32>> = vec![Vec::new(); count];
        let mut top_down = Vec::with_capacity(count);
        for (person, manager) in (0..).zip(&manager_of) {
            match manager {
                Some(manager) => reports[*manager as usize].push(person),
                None => top_down.push(person),
            }
        }
        let mut level_of = vec![0; count];
        let mut root_of: Vec<u32> = (0..count as u32).collect();
        let mut at = 0;
        while let Some(&person) = top_down.get(at) {
            at += 1;
            for &report in &reports[person as usize] {
                level_of[report as usize] = level_of[person as usize] + 1;
                root_of[report as usize] = root_of[person as usize];
                top_down.push(report);
            }
        }
        assert_eq!(top_down.len(), count, "people report in a circle");
        Some(Tree { manager_of, level_of, root_of, top_down })
    }

    /// Steps to the root; the root is 0.
    #[must_use]
    pub fn level(&self, person: u32) -> u32 {
        self.level_of[person as usize]
    }

    /// The manager; `None` for a root.
    #[must_use]
    pub fn manager(&self, person: u32) -> Option<u32> {
        self.manager_of[person as usize]
    }

    /// People, every manager before the reports.
    #[must_use]
    pub fn top_down(&self) -> &[u32] {
        &self.top_down
    }

    /// The ancestor at this level, the person itself where it stands at or above it.
    #[must_use]
    pub fn ancestor_at_level(&self, mut person: u32, level: u32) -> u32 {
        while self.level(person) > level {
            match self.manager(person) {
                Some(manager) => person = manager,
                None => break,
            }
        }
        person
    }

    /// From one person to another; `None` in different trees. Time O(depth).
    #[must_use]
    pub fn path(&self, from: u32, to: u32) -> Option<Path> {
        if self.root_of[from as usize] != self.root_of[to as usize] {
            return None;
        }
        let level = self.level(from).min(self.level(to));
        let (mut a, mut b) = (self.ancestor_at_level(from, level), self.ancestor_at_level(to, level));
        while a != b {
            (a, b) = (self.manager(a)?, self.manager(b)?);
        }
        let common = self.level(a);
        Some(Path { up: self.level(from) - common, down: self.level(to) - common })
    }

    /// How many direct reports each person has.
    #[must_use]
    pub fn report_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.manager_of.len()];
        self.manager_of.iter().flatten().for_each(|&manager| counts[manager as usize] += 1);
        counts
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A tree from managers; -1 is a root.
    pub(crate) fn organization(managers: &[i32]) -> Organization {
        Organization {
            manager_of: managers.iter().map(|&manager| u32::try_from(manager).ok()).collect(),
            has_reporting_lines: true,
            stream_of: (0..managers.len() as u64).collect(),
        }
    }

    #[test]
    fn paths() {
        // 0 is the root of 1, 2; 1 of 3, 4; 3 of 5; 6 is another tree.
        let tree = Tree::new(&organization(&[-1, 0, 0, 1, 1, 3, -1])).unwrap();
        let path = |a, b| tree.path(a, b).map(|path| (path.up, path.down));
        assert_eq!(path(0, 1), Some((0, 1)));
        assert_eq!(path(1, 0), Some((1, 0)));
        assert_eq!(path(3, 4), Some((1, 1)));
        assert_eq!(path(5, 2), Some((3, 1)));
        assert_eq!(path(0, 5), Some((0, 3)));
        assert_eq!(path(2, 6), None);
        assert_eq!((tree.level(5), tree.ancestor_at_level(5, 1), tree.ancestor_at_level(0, 1)), (3, 1, 0));
        assert_eq!(tree.report_counts(), [2, 2, 0, 1, 0, 0, 0]);
    }
}
