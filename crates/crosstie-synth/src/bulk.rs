//! Mail by the million, a day at a time: plain tables, without noise, whose memory is that of the busiest day.
//!
//! Every day has a random stream of its own, so a day's file depends on no other. A row is a message, in order of time:
//! `sent_at,from,to,message_id` as CSV (`to` separated by `;`), the same keys as JSON Lines (`to` a list). People write
//! from their first address, on days on which they work there.

use crate::contacts::Contacts;
use crate::mail::rfc3339;
use crate::people::{DOMAIN, Staff};
use crate::traffic::{WEEKDAYS, activity, time};
use crate::{FIRST_DAY, SynthParams, organization, people, truth};
use crosstie_model::{DAY_MICROS, Day, Micros, Stream, nearest};
use std::fmt::Write;

/// A form of bulk messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkForm {
    /// `mail/DAY.csv`
    Csv,
    /// `mail/DAY.jsonl`
    Jsonl,
}

impl BulkForm {
    const ALL: [BulkForm; 2] = [BulkForm::Csv, BulkForm::Jsonl];

    /// Its name, which is also the ending of its files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            BulkForm::Csv => "csv",
            BulkForm::Jsonl => "jsonl",
        }
    }
}

impl std::str::FromStr for BulkForm {
    type Err = String;
    fn from_str(name: &str) -> Result<BulkForm, String> {
        let names = || BulkForm::ALL.into_iter().map(BulkForm::name);
        let known = BulkForm::ALL.into_iter().find(|form| form.name() == name);
        known.ok_or_else(|| match nearest(name, names()) {
            Some(near) => format!("`{name}` is no form of bulk messages; did you mean `{near}`?"),
            None => {
                format!("`{name}` is no form of bulk messages; there are {}", names().collect::<Vec<_>>().join(", "))
            }
        })
    }
}

/// How long rows are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkRows {
    /// About 2.2 recipients and a short message id: some 120 bytes as CSV.
    Narrow,
    /// About 5 recipients and ids as long as those of Exchange Online: some 290 bytes as CSV.
    Wide,
}

/// In a thousand messages: to oneself, to an outsider, and to the whole unit, which is over the recipient limit.
const SELF: u64 = 10;
const OUTSIDE: u64 = 10;
const UNIT: u64 = 5;
/// Addresses outside.
const OUTSIDERS: usize = 40;
/// Per cent of messages to colleagues that get an answer, which goes to everybody on them.
const ANSWERED: u64 = 45;
/// In a hundred messages, those to 1, 2, … 8 colleagues.
const NARROW: [u64; 8] = [45, 25, 13, 7, 4, 3, 2, 1];
const WIDE: [u64; 8] = [0, 14, 14, 14, 15, 15, 14, 14];
/// Bytes of a row as CSV, for the first reservation.
const ROW_BYTES: usize = 128;

/// The files of an organization one after the other, by name: `directory.csv`, `truth.json`, then of each day
/// `mail/DAY.csv`, `mail/DAY.jsonl` or both. `params.messages` rows in all; `params.formats` plays no part.
///
/// Time O(messages log people); memory of the busiest day's messages and file, and of the people.
///
/// # Errors
/// Parameters that make no organization.
pub fn bulk(
    params: &SynthParams,
    forms: &[BulkForm],
    rows: BulkRows,
) -> Result<impl Iterator<Item = (String, Vec<u8>)>, String> {
    let (staff, contacts) = organization(params)?;
    let first = [
        ("directory.csv".to_string(), people::directory_csv(&staff)),
        ("truth.json".into(), truth::json(params, &staff, &contacts)),
    ];
    let shares = DayShares::new(params);
    let company = Company::new(params.seed, rows, staff, contacts);
    let forms = forms.to_vec();
    let days = (0..params.days).flat_map(move |number| {
        let mail = company.day(number, shares.messages_before(number), shares.messages_before(number + 1));
        let day = FIRST_DAY.plus(number as i32);
        let file = |&form: &BulkForm| (format!("mail/{day}.{}", form.name()), company.file(form, &mail));
        forms.iter().map(file).collect::<Vec<_>>()
    });
    Ok(first.into_iter().chain(days))
}

/// How many messages come before a day, so that all days together have exactly as many as were asked for.
struct DayShares {
    messages: u64,
    /// Weights of the days before each day, and of all.
    before: Vec<u64>,
}

impl DayShares {
    fn new(params: &SynthParams) -> DayShares {
        let mut before = vec![0];
        for day in 0..params.days as i32 {
            before.push(before[day as usize] + WEEKDAYS[FIRST_DAY.plus(day).weekday() as usize]);
        }
        DayShares { messages: params.messages.into(), before }
    }

    fn messages_before(&self, day: u32) -> u64 {
        self.messages * self.before[day as usize] / self.before[self.before.len() - 1]
    }
}

/// The messages of one day in order of time.
struct Mail {
    sent: Vec<Sent>,
    /// Recipients of all messages: indices of addresses.
    recipients: Vec<u32>,
    /// Number of the first message among those of all days.
    first_number: u64,
}

struct Sent {
    at: Micros,
    sender: u32,
    /// Place of its recipients.
    first: u32,
    count: u32,
}

struct Company {
    seed: u64,
    rows: BulkRows,
    staff: Staff,
    contacts: Contacts,
    activity: Vec<u64>,
    units: Vec<Vec<usize>>,
    /// Of each person, then of outsiders.
    addresses: Vec<String>,
}

impl Company {
    fn new(seed: u64, rows: BulkRows, staff: Staff, contacts: Contacts) -> Company {
        let activity = activity(&staff, &mut Stream::new(seed, "synth-bulk-activity", &[]));
        let mut addresses: Vec<String> = staff.people.iter().map(|person| person.address.clone()).collect();
        addresses.extend((0..OUTSIDERS).map(|buyer| format!("buyer{buyer}@partner.example")));
        let units = staff.members_of_units();
        Company { seed, rows, staff, contacts, activity, units, addresses }
    }

    /// The messages of a day, numbered from `first_number` to below `end_number`.
    fn day(&self, number: u32, first_number: u64, end_number: u64) -> Mail {
        let day = FIRST_DAY.plus(number as i32);
        let mut stream = Stream::new(self.seed, "synth-bulk", &[number.into()]);
        let today = Today::new(self, day);
        let (count, mut mail) = ((end_number - first_number) as usize, Mail::new(first_number));
        let sizes = Cumulative::new(match self.rows {
            BulkRows::Narrow => NARROW,
            BulkRows::Wide => WIDE,
        });
        let mut recipients: Vec<u32> = Vec::new();
        while mail.sent.len() < count {
            let at = time(day, &mut stream);
            let sender = today.senders.pick(&mut stream);
            recipients.clear();
            let kind = stream.below(1000);
            if kind < SELF {
                recipients.push(sender as u32);
            } else if kind < SELF + OUTSIDE {
                recipients.push((self.staff.people.len() + stream.below(OUTSIDERS as u64) as usize) as u32);
            } else if kind < SELF + OUTSIDE + UNIT {
                let unit = &self.units[self.staff.people[sender].unit];
                let colleagues = unit.iter().filter(|&&other| other != sender && self.staff.people[other].works(day));
                recipients.extend(colleagues.map(|&other| other as u32));
            } else {
                today.colleagues(sender, sizes.pick(&mut stream) + 1, &mut stream, &mut recipients);
            }
            mail.push(at, sender, &recipients);
            let later = Micros(at.0 + (60 + stream.below(6 * 3600)) as i64 * 1_000_000);
            let same_day = later.0.div_euclid(DAY_MICROS) == at.0.div_euclid(DAY_MICROS);
            let answered = kind >= SELF + OUTSIDE + UNIT && stream.below(100) < ANSWERED;
            if answered && same_day && mail.sent.len() < count {
                let author = recipients[0] as usize;
                recipients[0] = sender as u32;
                mail.push(later, author, &recipients);
            }
        }
        // No two messages begin at one place, so the order is whole.
        mail.sent.sort_unstable_by_key(|sent| (sent.at, sent.first));
        mail
    }

    fn file(&self, form: BulkForm, mail: &Mail) -> Vec<u8> {
        let mut text = String::with_capacity(mail.sent.len() * ROW_BYTES);
        if form == BulkForm::Csv {
            text.push_str("sent_at,from,to,message_id\n");
        }
        for (number, sent) in (mail.first_number..).zip(&mail.sent) {
            let sender = &self.addresses[sent.sender as usize];
            let to = &mail.recipients[sent.first as usize..][..sent.count as usize];
            let (opening, separator, behind) = match form {
                BulkForm::Csv => ("", ";", ","),
                BulkForm::Jsonl => ("\"", "\",\"", "\"],\"message_id\":\""),
            };
            match form {
                BulkForm::Csv => write!(text, "{},{sender},", rfc3339(sent.at)),
                BulkForm::Jsonl => {
                    write!(text, "{{\"sent_at\":\"{}\",\"from\":\"{sender}\",\"to\":[", rfc3339(sent.at))
                }
            }
            .expect("memory takes every row");
            for (at, &recipient) in to.iter().enumerate() {
                text.push_str(if at == 0 { opening } else { separator });
                text.push_str(&self.addresses[recipient as usize]);
            }
            text.push_str(behind);
            self.message_id(number, &mut text);
            text.push_str(if form == BulkForm::Csv { "\n" } else { "\"}\n" });
        }
        text.into_bytes()
    }

    fn message_id(&self, number: u64, text: &mut String) {
        match self.rows {
            BulkRows::Narrow => write!(text, "m{number}"),
            BulkRows::Wide => {
                let mut stream = Stream::new(self.seed, "synth-bulk-id", &[number]);
                let (high, low) = (stream.next_u64(), stream.next_u64());
                write!(text, "<DB7PR04MB4730{high:016X}{low:016X}@DB7PR04MB4730.eurprd04.prod.outlook.{DOMAIN}>")
            }
        }
        .expect("memory takes every row");
    }
}

impl Mail {
    fn new(first_number: u64) -> Mail {
        Mail { sent: Vec::new(), recipients: Vec::new(), first_number }
    }

    fn push(&mut self, at: Micros, sender: usize, recipients: &[u32]) {
        let first = self.recipients.len() as u32;
        self.recipients.extend_from_slice(recipients);
        self.sent.push(Sent { at, sender: sender as u32, first, count: recipients.len() as u32 });
    }
}

/// Who is there on a day.
struct Today {
    senders: Cumulative<Vec<u64>>,
    /// Contacts of person p who are there: `others[starts[p]..starts[p + 1]]`, with sums of weights within the person.
    starts: Vec<usize>,
    others: Vec<(u32, u32)>,
}

impl Today {
    fn new(company: &Company, day: Day) -> Today {
        let works = |person: usize| company.staff.people[person].works(day);
        let (mut starts, mut others) = (vec![0], Vec::new());
        let mut activity = company.activity.clone();
        for (person, contacts) in company.contacts.of.iter().enumerate() {
            let mut sum = 0;
            for &(other, weight) in contacts.iter().filter(|&&(other, _)| works(other)) {
                sum += weight;
                others.push((other as u32, sum));
            }
            starts.push(others.len());
            // Who is not there, or has nobody to write to, writes nothing.
            if !works(person) || sum == 0 {
                activity[person] = 0;
            }
        }
        Today { senders: Cumulative::new(activity), starts, others }
    }

    /// Different contacts in proportion to their weight; fewer than asked for where a person has hardly more.
    fn colleagues(&self, sender: usize, count: usize, stream: &mut Stream, into: &mut Vec<u32>) {
        let others = &self.others[self.starts[sender]..self.starts[sender + 1]];
        let sum = others[others.len() - 1].1;
        for _ in 0..count * 3 {
            let draw = stream.below(sum.into()) as u32;
            let (other, _) = others[others.partition_point(|&(_, before)| before <= draw)];
            if !into.contains(&other) {
                into.push(other);
            }
            if into.len() == count {
                return;
            }
        }
    }
}

/// Sums of weights, to draw an index in proportion to its weight by binary search.
struct Cumulative<T>(T);

impl<T: AsMut<[u64]> + AsRef<[u64]>> Cumulative<T> {
    fn new(mut weights: T) -> Cumulative<T> {
        let mut sum = 0;
        for weight in weights.as_mut() {
            sum += *weight;
            *weight = sum;
        }
        Cumulative(weights)
    }

    fn pick(&self, stream: &mut Stream) -> usize {
        let sums = self.0.as_ref();
        let draw = stream.below(sums[sums.len() - 1]);
        sums.partition_point(|&sum| sum <= draw)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    const PARAMS: SynthParams =
        SynthParams { people: 200, messages: 20_000, seed: 3, days: 14, silos: 1, formats: Vec::new() };

    fn made(params: &SynthParams, rows: BulkRows) -> BTreeMap<String, String> {
        let files = bulk(params, &BulkForm::ALL, rows).unwrap();
        files.map(|(name, bytes)| (name, String::from_utf8(bytes).unwrap())).collect()
    }

    /// The rows of all days, without headers.
    fn rows(files: &BTreeMap<String, String>) -> Vec<Vec<&str>> {
        let days = files.iter().filter(|(name, _)| name.starts_with("mail/") && name.ends_with(".csv"));
        days.flat_map(|(_, text)| text.lines().skip(1)).map(|line| line.split(',').collect()).collect()
    }

    #[test]
    fn rows_are_as_many_as_asked_for_and_as_wide_as_said() {
        for (shape, recipients, bytes) in [(BulkRows::Narrow, 2.0..2.4, 110..130), (BulkRows::Wide, 4.7..5.2, 270..300)]
        {
            let files = made(&PARAMS, shape);
            let rows = rows(&files);
            assert_eq!(rows.len(), 20_000);
            let mean = rows.iter().map(|row| row[2].split(';').count()).sum::<usize>() as f64 / rows.len() as f64;
            let width = rows.iter().map(|row| row.join(",").len() + 1).sum::<usize>() / rows.len();
            assert!(
                recipients.contains(&mean) && bytes.contains(&width),
                "{shape:?}: {mean} recipients, {width} bytes"
            );
            let ids: BTreeSet<&str> = rows.iter().map(|row| row[3]).collect();
            assert_eq!(ids.len(), rows.len());
        }
    }

    #[test]
    fn recipients_are_different_and_selves_and_outsiders_alone() {
        let files = made(&PARAMS, BulkRows::Narrow);
        let (mut to_self, mut outside, mut whole_units) = (0, 0, 0);
        for row in rows(&files) {
            let to: Vec<&str> = row[2].split(';').collect();
            assert_eq!(to.iter().collect::<BTreeSet<_>>().len(), to.len());
            assert!(to.len() == 1 || !(to.contains(&row[1]) || row[2].contains("@partner.example")), "{row:?}");
            to_self += u32::from(to == [row[1]]);
            outside += u32::from(row[2].contains("@partner.example"));
            whole_units += u32::from(to.len() > 8);
        }
        assert!(to_self > 100 && outside > 100 && whole_units > 50, "{to_self} {outside} {whole_units}");
    }

    #[test]
    fn days_hold_their_own_rows_in_order_of_time_and_both_forms_say_the_same() {
        let files = made(&PARAMS, BulkRows::Narrow);
        assert_eq!(files.keys().filter(|name| name.ends_with(".csv")).count(), 15, "14 days and the directory");
        for (name, text) in files.iter().filter(|(name, _)| name.starts_with("mail/") && name.ends_with(".csv")) {
            let (day, lines): (&str, Vec<&str>) = (&name[5..15], text.lines().skip(1).collect());
            assert!(lines.is_sorted_by_key(|line| &line[..20]) && lines.iter().all(|line| line.starts_with(day)));
            let json = files[&name.replace(".csv", ".jsonl")].lines().map(|line| {
                let value: serde_json::Value = serde_json::from_str(line).unwrap();
                let to: Vec<&str> = value["to"].as_array().unwrap().iter().map(|to| to.as_str().unwrap()).collect();
                let text = |key: &str| value[key].as_str().unwrap().to_string();
                [text("sent_at"), text("from"), to.join(";"), text("message_id")].join(",")
            });
            assert_eq!(json.collect::<Vec<_>>(), lines);
        }
    }

    #[test]
    fn equal_parameters_give_equal_bytes_and_people_write_on_days_they_work() {
        let files = made(&PARAMS, BulkRows::Narrow);
        assert_eq!(files, made(&PARAMS, BulkRows::Narrow));
        assert_ne!(files, made(&SynthParams { seed: 4, ..PARAMS }, BulkRows::Narrow));
        let (staff, _) = organization(&PARAMS).unwrap();
        let dated = staff.people.iter().filter(|person| person.hired_on.is_some() || person.left_on.is_some());
        let mut seen = 0;
        for person in dated {
            for row in rows(&files).iter().filter(|row| row[1] == person.address) {
                let days: Vec<Day> = (0..14).map(|day| FIRST_DAY.plus(day)).collect();
                let day = days.into_iter().find(|day| row[0].starts_with(&day.to_string())).unwrap();
                assert!(person.works(day));
                seen += 1;
            }
        }
        assert!(seen > 0);
    }

    #[test]
    fn a_name_that_is_no_form_is_told() {
        assert!("jsnl".parse::<BulkForm>().unwrap_err().contains("did you mean `jsonl`"));
    }
}
