//! People in time: what the directory says of a person, over the days it says so.

use crosstie_model::Day;

/// One entry of the directory.
#[derive(Clone, PartialEq, Eq)]
pub struct DirectoryPerson {
    /// The directory's key: stays inside the program.
    pub key: String,
    /// What is said of the person, in order of time; at least one, without overlaps. Gaps are days on which the
    /// directory does not list the person.
    pub intervals: Vec<Interval>,
}

/// What the directory says of a person over the days `from .. to`.
///
/// The bounds are those of snapshots: first days on which the directory said so and no longer did. `hired_on` and
/// `left_on` clip them further ([`Interval::holds_on`]), yet a manager who left stays a step of the tree.
#[derive(Clone, PartialEq, Eq)]
pub struct Interval {
    /// First day; `None` in the first or only snapshot, which reaches back.
    pub from: Option<Day>,
    /// First day after the last; `None` while the latest snapshot says so.
    pub to: Option<Day>,
    /// Label of the unit.
    pub unit: Option<String>,
    /// Labels of the columns under `compare`, in their order.
    pub labels: Vec<Option<String>>,
    /// Index of the manager; `None` for a root of the tree.
    pub manager: Option<u32>,
    /// Why there is a manager, or none.
    pub manager_state: ManagerState,
    /// What the entry is.
    pub class: PersonClass,
    /// The level as a column has it; `None` without one: see `Directory::levels_on`.
    pub level: Option<i64>,
    /// First day of work.
    pub hired_on: Option<Day>,
    /// First day after the last of work.
    pub left_on: Option<Day>,
    /// Whether the account is active; a disabled person is no member.
    pub is_active: bool,
}

/// What is known of a manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManagerState {
    /// Nobody is named, or the person itself.
    Root,
    /// Somebody of the directory.
    Known,
    /// Somebody is named who is not in the directory, or two people are.
    Unknown,
    /// The named manager would close a circle.
    Cut,
}

impl ManagerState {
    /// Its name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            ManagerState::Root => "root",
            ManagerState::Known => "known",
            ManagerState::Unknown => "unknown",
            ManagerState::Cut => "cut",
        }
    }
}

/// What a directory entry is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PersonClass {
    /// Somebody.
    #[default]
    Person,
    /// A mailbox that several people read.
    SharedMailbox,
    /// A machine.
    Bot,
    /// A room.
    Room,
    /// A distribution list.
    List,
    /// Somebody of another organization.
    Guest,
}

impl PersonClass {
    /// Its name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            PersonClass::Person => "person",
            PersonClass::SharedMailbox => "shared_mailbox",
            PersonClass::Bot => "bot",
            PersonClass::Room => "room",
            PersonClass::List => "list",
            PersonClass::Guest => "guest",
        }
    }

    /// The class of this name.
    pub(crate) fn named(text: &str) -> Option<PersonClass> {
        match PersonClass::of(text) {
            PersonClass::Person if !text.eq_ignore_ascii_case("person") => None,
            class => Some(class),
        }
    }

    pub(super) fn of(text: &str) -> PersonClass {
        match text.to_lowercase().as_str() {
            "shared_mailbox" | "shared" => PersonClass::SharedMailbox,
            "bot" | "service" => PersonClass::Bot,
            "room" => PersonClass::Room,
            "list" | "group" => PersonClass::List,
            "guest" => PersonClass::Guest,
            _ => PersonClass::Person,
        }
    }
}

impl DirectoryPerson {
    /// What the directory says on this day; `None` on days before the first or after the last of work.
    #[must_use]
    pub fn on(&self, day: Day) -> Option<&Interval> {
        self.listed_on(day).filter(|interval| interval.holds_on(day))
    }

    /// What the directory says on this day, of people who left or are yet to come as well.
    #[must_use]
    pub fn listed_on(&self, day: Day) -> Option<&Interval> {
        self.intervals.iter().find(|interval| covers(interval.from, interval.to, day))
    }

    /// Whether the entry is somebody who is a member on this day.
    #[must_use]
    pub fn is_member(&self, day: Day) -> bool {
        self.on(day).is_some_and(|interval| interval.class == PersonClass::Person && interval.is_active)
    }

    /// The class on this day; else of the last listing before it, else of the first.
    #[must_use]
    pub fn class_on(&self, day: Day) -> PersonClass {
        let earlier = self.intervals.iter().rev().find(|interval| interval.from.is_none_or(|from| from <= day));
        earlier.or(self.intervals.first()).map_or(PersonClass::Person, |interval| interval.class)
    }

    /// A day that stands for all, where the class never changes.
    pub(crate) fn lasting_class_day(&self) -> Option<Day> {
        let first = self.intervals.first().map_or(PersonClass::Person, |interval| interval.class);
        self.intervals.iter().all(|interval| interval.class == first).then_some(Day(0))
    }

    /// The manager as the directory has it on this day, also of people who left. No circles among these.
    #[must_use]
    pub fn manager_on(&self, day: Day) -> Option<u32> {
        self.listed_on(day).and_then(|interval| interval.manager)
    }
}

impl Interval {
    /// Whether the day lies between first and last day of work.
    #[must_use]
    pub fn holds_on(&self, day: Day) -> bool {
        covers(self.hired_on, self.left_on, day)
    }

    /// First day, clipped by `hired_on`.
    #[must_use]
    pub fn valid_from(&self) -> Option<Day> {
        self.from.max(self.hired_on)
    }

    /// First day after the last, clipped by `left_on`.
    #[must_use]
    pub fn valid_to(&self) -> Option<Day> {
        earlier(self.to, self.left_on)
    }

    /// Whether two intervals say the same, whenever they say it.
    pub(super) fn says_the_same(&self, other: &Interval) -> bool {
        Interval { from: None, to: None, ..self.clone() } == Interval { from: None, to: None, ..other.clone() }
    }
}

/// The earlier of two ends, where `None` is open.
pub(super) fn earlier(one: Option<Day>, other: Option<Day>) -> Option<Day> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

fn covers(from: Option<Day>, to: Option<Day>, day: Day) -> bool {
    from.is_none_or(|from| from <= day) && to.is_none_or(|to| day < to)
}

impl std::fmt::Debug for DirectoryPerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<directory person>")
    }
}

impl std::fmt::Debug for Interval {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<interval, manager {}>", self.manager_state.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(from: Option<i32>, to: Option<i32>, class: PersonClass) -> Interval {
        Interval {
            from: from.map(Day),
            to: to.map(Day),
            unit: None,
            labels: vec![],
            manager: Some(3),
            manager_state: ManagerState::Known,
            class,
            level: None,
            hired_on: None,
            left_on: Some(Day(25)),
            is_active: true,
        }
    }

    #[test]
    fn days_find_their_interval() {
        let person = DirectoryPerson {
            key: "k".into(),
            intervals: vec![
                interval(None, Some(10), PersonClass::Guest),
                interval(Some(20), None, PersonClass::Person),
            ],
        };
        assert!(person.on(Day(9)).is_some() && person.on(Day(10)).is_none() && person.on(Day(25)).is_none());
        assert_eq!([9, 19, 20, 24, 25].map(|day| person.is_member(Day(day))), [false, false, true, true, false]);
        assert_eq!([9, 15, 20].map(|day| person.class_on(Day(day)).name()), ["guest", "guest", "person"]);
        assert_eq!([15, 30].map(|day| person.manager_on(Day(day))), [None, Some(3)]);
        assert_eq!((person.intervals[1].valid_from(), person.intervals[1].valid_to()), (Some(Day(20)), Some(Day(25))));
        assert_eq!(format!("{person:?}"), "<directory person>");
    }
}
