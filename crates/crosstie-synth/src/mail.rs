//! Mail as weekly CSV exports, with what real ones hold: aliases, tags, another case, machines, a list, outsiders,
//! mail to oneself, overlapping exports, and a few broken rows.

use crate::people::{DOMAIN, Staff};
use crate::traffic::{Channel, Sent};
use crate::{FIRST_DAY, SynthParams};
use crosstie_model::{Day, Micros, Stream};
use std::collections::BTreeMap;

const HEADER: &str = "sent_at,sender,to,cc,message_id\n";

/// One file a week.
pub(crate) fn files(params: &SynthParams, staff: &Staff, traffic: &[Sent]) -> Vec<(String, Vec<u8>)> {
    let mut stream = Stream::new(params.seed, "synth-mail", &[]);
    let mut rows: Vec<(Micros, String)> = Vec::new();
    for (number, message) in traffic.iter().enumerate().filter(|(_, message)| message.channel == Channel::Mail) {
        let mut people = |list: &[usize]| {
            list.iter().map(|&person| spelling(staff, person, &mut stream)).collect::<Vec<_>>().join(";")
        };
        let (sender, to, cc) = (people(&[message.sender]), people(&message.to), people(&message.cc));
        rows.push((message.at, row(message.at, &sender, &to, &cc, &format!("m{number}"))));
        // One export in 150 holds a message twice.
        if number % 150 == 7 {
            rows.push((message.at, row(message.at, &sender, &to, &cc, &format!("m{number}"))));
        }
    }
    noise(params, staff, &mut stream, &mut rows);
    rows.sort();
    let mut weeks: BTreeMap<Day, String> = BTreeMap::new();
    for (at, text) in rows {
        weeks.entry(at.day().monday()).or_insert_with(|| HEADER.into()).push_str(&text);
    }
    // Broken rows stand in the first file, after the last good one.
    if let Some(first) = weeks.values_mut().next() {
        first.push_str(&format!("yesterday,build@{DOMAIN},all@{DOMAIN},,b1\n"));
        first.push_str(&format!("2026-03-03T10:00:00Z,all@{DOMAIN}\n"));
        first.push_str(&format!("2026-03-03T10:00:00Z,no address,all@{DOMAIN},,b2\n"));
    }
    weeks.into_iter().map(|(week, text)| (format!("mail/{week}.csv"), text.into_bytes())).collect()
}

fn row(at: Micros, sender: &str, to: &str, cc: &str, id: &str) -> String {
    format!("{},{sender},{to},{cc},<{id}@{DOMAIN}>\n", rfc3339(at))
}

/// `2026-03-02T08:15:00Z`
pub(crate) fn rfc3339(at: Micros) -> String {
    let second = at.0.div_euclid(1_000_000).rem_euclid(86_400);
    format!("{}T{:02}:{:02}:{:02}Z", at.day(), second / 3600, second / 60 % 60, second % 60)
}

/// An address as somebody might write it.
pub(crate) fn spelling(staff: &Staff, person: usize, stream: &mut Stream) -> String {
    let person = &staff.people[person];
    let alias = person.directory_alias.as_ref().or(person.file_alias.as_ref());
    match (stream.below(20), alias) {
        (0..6, Some(alias)) => alias.clone(),
        (18, _) => person.address.to_uppercase(),
        (19, _) => person.address.replace('@', "+news@"),
        _ => person.address.clone(),
    }
}

/// What an export holds beside contact between colleagues.
fn noise(params: &SynthParams, staff: &Staff, stream: &mut Stream, rows: &mut Vec<(Micros, String)>) {
    let count = u64::from(params.messages) / 100;
    for number in 0..count {
        let day = FIRST_DAY.plus(stream.below(u64::from(params.days)) as i32);
        let at = Micros(day.start().0 + (9 * 3600 + stream.below(28_800) as i64) * 1_000_000);
        let somebody = stream.below(staff.people.len() as u64) as usize;
        if !staff.people[somebody].works(day) {
            continue;
        }
        let own = staff.people[somebody].address.clone();
        let id = format!("n{number}");
        let text = match number % 6 {
            0 => row(at, &format!("build@{DOMAIN}"), &own, "", &id),
            1 => row(at, &format!("noreply@{DOMAIN}"), &own, "", &id),
            2 => row(at, &own, &format!("all@{DOMAIN}"), "", &id),
            3 => row(at, &own, &format!("buyer{}@partner.example", number % 40), "", &id),
            4 => row(at, &own, &own, "", &id),
            _ => {
                let unit: Vec<String> = staff
                    .members(staff.people[somebody].unit)
                    .iter()
                    .map(|&person| staff.people[person].address.clone())
                    .collect();
                row(at, &own, &unit.join(";"), "", &id)
            }
        };
        rows.push((at, text));
    }
}
