//! Who works there: units of different sizes, a reporting tree, joiners, leavers, aliases, machines.

use crate::{FIRST_DAY, SynthParams};
use crosstie_model::{Day, Stream};

/// Mail domain of the organization.
pub(crate) const DOMAIN: &str = "acme.example";
/// People of a unit, on average.
const UNIT_PEOPLE: u32 = 24;
/// Reports of a team lead.
const TEAM: usize = 6;

/// One person.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) address: String,
    /// Further addresses: in the directory, or in the alias file only.
    pub(crate) directory_alias: Option<String>,
    pub(crate) file_alias: Option<String>,
    pub(crate) slack_id: String,
    pub(crate) unit: usize,
    pub(crate) manager: Option<usize>,
    pub(crate) hired_on: Option<Day>,
    pub(crate) left_on: Option<Day>,
}

impl Person {
    /// Whether the person works there on a day.
    pub(crate) fn works(&self, day: Day) -> bool {
        self.hired_on.is_none_or(|hired| hired <= day) && self.left_on.is_none_or(|left| day < left)
    }
}

/// Everybody.
#[derive(Clone, Debug)]
pub(crate) struct Staff {
    pub(crate) people: Vec<Person>,
    pub(crate) units: Vec<String>,
}

impl Staff {
    /// The members of a unit; the first is its head.
    pub(crate) fn members(&self, unit: usize) -> Vec<usize> {
        (0..self.people.len()).filter(|&person| self.people[person].unit == unit).collect()
    }

    /// The members of every unit.
    pub(crate) fn members_of_units(&self) -> Vec<Vec<usize>> {
        let mut members = vec![Vec::new(); self.units.len()];
        for (at, person) in self.people.iter().enumerate() {
            members[person.unit].push(at);
        }
        members
    }

    /// Whether somebody reports to each person.
    pub(crate) fn has_reports(&self) -> Vec<bool> {
        let mut has_reports = vec![false; self.people.len()];
        for manager in self.people.iter().filter_map(|person| person.manager) {
            has_reports[manager] = true;
        }
        has_reports
    }
}

const UNIT_NAMES: [&str; 24] = [
    "Plant North",
    "Plant South",
    "Logistics",
    "Research",
    "Sales East",
    "Sales West",
    "Finance",
    "People",
    "Legal",
    "Service",
    "Quality",
    "Purchasing",
    "Marketing",
    "Platform",
    "Data",
    "Design",
    "Security",
    "Facilities",
    "Tooling",
    "Assembly",
    "Testing",
    "Exports",
    "Training",
    "Planning",
];
const FIRST: [&str; 20] = [
    "ada", "bela", "cori", "dano", "elin", "faro", "gita", "hale", "ivo", "juna", "kei", "lumi", "mika", "nori",
    "odan", "pia", "quin", "runa", "sela", "tavi",
];
const LAST: [&str; 20] = [
    "abel", "brand", "castor", "dahl", "ekman", "fenn", "gold", "hart", "iversen", "jansen", "keller", "lund", "moor",
    "nash", "olsen", "park", "quist", "reed", "stone", "vale",
];

pub(crate) fn staff(params: &SynthParams) -> Staff {
    let mut stream = Stream::new(params.seed, "synth-people", &[]);
    let unit_count = (params.people / UNIT_PEOPLE).max(3) as usize;
    let units: Vec<String> = (0..unit_count)
        .map(|unit| match unit / UNIT_NAMES.len() {
            0 => UNIT_NAMES[unit].to_string(),
            round => format!("{} {}", UNIT_NAMES[unit % UNIT_NAMES.len()], round + 1),
        })
        .collect();
    let sizes = sizes(params.people as usize, unit_count, &mut stream);
    let mut people: Vec<Person> = Vec::new();
    let mut heads: Vec<usize> = Vec::new();
    let divisions = (unit_count / 4).max(1);
    for (unit, &size) in sizes.iter().enumerate() {
        let leads = (size - 1).div_ceil(TEAM + 1);
        let first = people.len();
        for at in 0..size {
            let manager = match at {
                // The first unit's head leads the organization, the first heads of each division report there.
                0 if unit == 0 => None,
                0 if unit < divisions => Some(heads[0]),
                0 => Some(heads[unit % divisions]),
                _ if at <= leads => Some(first),
                _ => Some(first + 1 + (at - leads - 1) % leads),
            };
            if at == 0 {
                heads.push(people.len());
            }
            people.push(person(people.len(), unit, manager, &mut stream));
        }
    }
    joiners_and_leavers(params, &mut people, &mut stream);
    Staff { people, units }
}

/// Sizes between two thirds and four thirds of the mean, which add up.
fn sizes(people: usize, unit_count: usize, stream: &mut Stream) -> Vec<usize> {
    let mean = people / unit_count;
    let mut sizes: Vec<usize> =
        (0..unit_count).map(|_| mean * 2 / 3 + stream.below(mean as u64 * 2 / 3 + 1) as usize).collect();
    let mut at = 0;
    while sizes.iter().sum::<usize>() != people {
        let sum: usize = sizes.iter().sum();
        let place = at % unit_count;
        if sum < people {
            sizes[place] += 1;
        } else if sizes[place] > 12 {
            sizes[place] -= 1;
        }
        at += 1;
    }
    sizes
}

fn person(number: usize, unit: usize, manager: Option<usize>, stream: &mut Stream) -> Person {
    let first = FIRST[stream.below(FIRST.len() as u64) as usize];
    let last = LAST[stream.below(LAST.len() as u64) as usize];
    let address = format!("{first}.{last}{number}@{DOMAIN}");
    let alias = format!("{}{last}{number}@{DOMAIN}", &first[..1]);
    let (directory_alias, file_alias) = match stream.below(10) {
        0 => (Some(alias), None),
        1 => (None, Some(alias)),
        _ => (None, None),
    };
    Person {
        id: format!("E{number:05}"),
        address,
        directory_alias,
        file_alias,
        slack_id: format!("U{number:06}"),
        unit,
        manager,
        hired_on: None,
        left_on: None,
    }
}

/// Every 25th person without reports joined within the days; as many more left and were replaced by nobody.
fn joiners_and_leavers(params: &SynthParams, people: &mut Vec<Person>, stream: &mut Stream) {
    let mut has_reports = vec![false; people.len()];
    people
        .iter()
        .filter_map(|person| person.manager)
        .collect::<Vec<_>>()
        .into_iter()
        .for_each(|manager| has_reports[manager] = true);
    let staying = people.len();
    for at in 0..staying {
        if has_reports[at] || stream.below(25) > 0 {
            continue;
        }
        people[at].hired_on = Some(FIRST_DAY.plus(7 + stream.below(u64::from(params.days) / 2) as i32));
        if stream.below(2) == 0 {
            let (unit, manager) = (people[at].unit, people[at].manager);
            let mut leaver = person(people.len(), unit, manager, stream);
            leaver.left_on = Some(FIRST_DAY.plus(3 + stream.below(u64::from(params.days) - 3) as i32));
            people.push(leaver);
        }
    }
}

/// The directory with a bot, a list, a room and a shared mailbox at the end.
pub(crate) fn directory_csv(staff: &Staff) -> Vec<u8> {
    let mut out = csv::Writer::from_writer(Vec::new());
    let mut write = |cells: [&str; 9]| out.write_record(cells).expect("memory takes every row");
    write(["person_id", "email", "other_emails", "slack_id", "unit", "manager_id", "class", "hired_on", "left_on"]);
    let date = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
    for person in &staff.people {
        let manager = person.manager.map(|manager| staff.people[manager].id.as_str()).unwrap_or_default();
        write([
            &person.id,
            &person.address,
            person.directory_alias.as_deref().unwrap_or_default(),
            &person.slack_id,
            &staff.units[person.unit],
            manager,
            "person",
            &date(person.hired_on),
            &date(person.left_on),
        ]);
    }
    for (id, local, class) in [
        ("X1", "build", "bot"),
        ("X2", "all", "list"),
        ("X3", "room-harbour", "room"),
        ("X4", "office", "shared_mailbox"),
    ] {
        write([id, &format!("{local}@{DOMAIN}"), "", "", "", "", class, "", ""]);
    }
    out.into_inner().expect("memory takes every row")
}

pub(crate) fn aliases_csv(staff: &Staff) -> Vec<u8> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["address", "person_key"]).expect("memory takes every row");
    for person in &staff.people {
        if let Some(alias) = &person.file_alias {
            out.write_record([alias, &person.id]).expect("memory takes every row");
        }
    }
    out.into_inner().expect("memory takes every row")
}
