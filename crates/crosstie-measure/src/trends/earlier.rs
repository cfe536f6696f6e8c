//! What is known of earlier windows, told in the people of this run.

use crosstie_model::Window;

/// Windows that earlier runs committed, and which of them count for what.
#[derive(Clone, Debug, Default)]
pub struct Earlier {
    /// Those that are needed.
    pub windows: Vec<EarlierWindow>,
    /// The newest that ends at least 7 days before this one: events compare with it.
    pub compared: Option<usize>,
    /// The newest without a day in common with this one: changes are against it.
    pub apart: Option<usize>,
    /// Newer than `compared`, newest first: communities keep the names that they got there.
    pub recent: Vec<usize>,
    /// The number that no community had yet.
    pub next_community: u64,
    /// For up to two earlier windows, without a day in common with this one or each other, newest first: whether each
    /// person of this run stood out as a bridge; `None` where that could not be told.
    pub bridge_marks: Vec<Vec<Option<bool>>>,
}

/// An earlier window.
#[derive(Clone, Debug)]
pub struct EarlierWindow {
    /// Its days.
    pub window: Window,
    /// Whether each person of this run was a member then.
    pub was_member: Vec<bool>,
    /// Its units and communities.
    pub silos: Vec<EarlierSilo>,
    /// Whether all that moves openness was planned as it is now: ties, sources, window, seed.
    pub is_same_plan: bool,
}

/// A unit or community of an earlier window.
#[derive(Clone, Debug)]
pub struct EarlierSilo {
    /// How people were divided.
    pub grouping: String,
    /// Its stable name.
    pub silo_id: String,
    /// Label of a unit; `None` for a community.
    pub unit: Option<String>,
    /// People then, those who have left since among them.
    pub people_count: usize,
    /// Those who are people of this run, sorted.
    pub members: Vec<u32>,
    /// openness as it was published; `None` where there was no evidence, or where it was withheld.
    pub openness: Option<f64>,
    /// It in every draw; empty where `openness` is `None`, and in windows that no change is against.
    pub draws: Vec<Option<f64>>,
    /// Whether its row was shown.
    pub was_shown: bool,
}

/// A unit or community of this window, as the next runs need it.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackedSilo {
    /// Its stable name.
    pub silo_id: String,
    /// How people are divided.
    pub grouping: String,
    /// Label of a unit; `None` for a community.
    pub unit: Option<String>,
    /// People, sorted.
    pub members: Vec<u32>,
    /// openness in every draw.
    pub draws: Vec<Option<f64>>,
}

/// The stable name of a unit.
#[must_use]
pub fn silo_id(grouping: &str, unit: &str) -> String {
    if grouping == "unit" { format!("u:{unit}") } else { format!("g:{grouping}:{unit}") }
}

impl Earlier {
    /// The window that events compare with.
    pub(crate) fn compared(&self) -> Option<&EarlierWindow> {
        self.compared.map(|at| &self.windows[at])
    }

    /// The window that changes are against.
    pub(crate) fn apart(&self) -> Option<&EarlierWindow> {
        self.apart.map(|at| &self.windows[at])
    }

    /// The windows whose org charts count.
    pub(crate) fn baselines(&self) -> impl Iterator<Item = &EarlierWindow> {
        let apart = self.apart.filter(|apart| Some(*apart) != self.compared);
        self.compared.into_iter().chain(apart).map(|at| &self.windows[at])
    }

    /// Windows since the one that events compare with, newest first.
    pub(crate) fn recent(&self) -> impl Iterator<Item = &EarlierWindow> {
        self.recent.iter().map(|&at| &self.windows[at])
    }
}

impl EarlierWindow {
    /// A silo by its name.
    pub(crate) fn silo(&self, silo_id: &str) -> Option<&EarlierSilo> {
        self.silos.iter().find(|silo| silo.silo_id == silo_id)
    }

    /// The silo of each person in a grouping, by its place in `silos`; `None` for people who were in none.
    pub(crate) fn silo_of(&self, grouping: &str) -> Vec<Option<usize>> {
        let mut silo_of = vec![None; self.was_member.len()];
        for (at, silo) in self.silos.iter().enumerate().filter(|(_, silo)| silo.grouping == grouping) {
            silo.members.iter().for_each(|&person| silo_of[person as usize] = Some(at));
        }
        silo_of
    }
}
