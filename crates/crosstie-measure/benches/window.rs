//! What each stage of the measures costs on a made window: `cargo bench -p crosstie-measure --bench window`.
//!
//! Units of 25 in a tree of threes, people with 30 to 60 contacts of which most are near in the tree, 13 weeks of mail
//! and chat, 2.2 recipients a message, made straight as window ties: no file is read. Each size runs in a process of
//! its own at 1 and 2 threads; seconds are wall time, CPU seconds those of all threads, memory is the process's peak so
//! far. One run by hand: `... --bench window -- PEOPLE MESSAGES THREADS REPLICATES PERMUTATIONS`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark may stop at anything unexpected; it prints its table"
)]

use crosstie_measure::{BetweennessMethod, BetweennessParams, Distance, Earlier, Input, MeasureParams, measure};
use crosstie_model::{
    Day, Grouping, Openers, Organization, PersonId, Slot, Stratum, Stream, Weight, Window, WindowTie, WindowTies,
};
use std::convert::Infallible;
use std::process::Command;
use std::time::Instant;

const SIZES: [(u32, u32); 2] = [(2000, 400_000), (20_000, 20_000_000)];
const UNIT_PEOPLE: u32 = 25;
/// Units below a unit.
const BRANCHES: u32 = 3;
/// Partners that each person picks; picked by others, too, a person has about twice as many.
const PICKED: u64 = 21;
const WEEKS: u32 = 13;
const FIRST_MONDAY: Day = Day(4);
const RECIPIENTS: f64 = 2.2;

fn main() {
    let numbers: Vec<u32> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    if let [people, messages, threads, replicates, permutations] = numbers[..] {
        return run(people, messages, threads as usize, replicates, permutations);
    }
    for (people, messages) in SIZES {
        for threads in [1, 2] {
            let numbers = [people, messages, threads, 1000, 200].map(|number| number.to_string());
            assert!(Command::new(std::env::current_exe().unwrap()).args(numbers).status().unwrap().success());
        }
    }
}

fn run(people: u32, messages: u32, threads: usize, replicates: u32, permutations: u32) {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().unwrap();
    let (organization, grouping) = organization(people);
    let ties = window(people, f64::from(messages) * RECIPIENTS);
    let person_ids: Vec<PersonId> =
        (0..people).map(|person| PersonId::new(&format!("{person:026}")).unwrap()).collect();
    let params = MeasureParams {
        seed: 1,
        replicates,
        permutations,
        reciprocated_each_way: 1,
        resolution_thousandths: 1000,
        restarts: 20,
        min_people: 10,
        min_messages: 200.0,
        max_relative_openness: -0.5,
        betweenness: BetweennessParams {
            method: BetweennessMethod::Auto,
            exact_limit: 20_000_000_000,
            pivots: 2048,
            distance: Distance::Hops,
        },
    };
    let input = Input {
        openers: &Openers::default(),
        new_groups: None,
        variants: &[],
        compare: &[],
        keep_replicates: false,
        organization: &organization,
        person_ids: &person_ids,
        grouping: &grouping,
        ties: &ties,
        window: Window { first: FIRST_MONDAY, last: FIRST_MONDAY.plus(7 * WEEKS as i32 - 1) },
        earlier: &Earlier::default(),
        machine_like: &[],
        coverage_gap: false,
        params: &params,
    };
    println!(
        "\n{people} people in {} units, {} ties, {} slots, {threads} threads, {replicates} replicates, \
         {permutations} permutations, {} MiB before",
        grouping.labels.len(),
        ties.ties.len(),
        ties.slot_count(),
        peak_mebibytes()
    );
    println!("| stage | seconds | CPU seconds | peak MiB |\n|---|---|---|---|");
    let mut open: Option<(&str, Instant, f64)> = None;
    let close = |open: Option<(&str, Instant, f64)>| {
        if let Some((name, begin, cpu)) = open {
            let (wall, cpu) = (begin.elapsed().as_secs_f64(), cpu_seconds() - cpu);
            println!("| {name} | {wall:.2} | {cpu:.2} | {} |", peak_mebibytes());
        }
    };
    let all = Some(("all", Instant::now(), cpu_seconds()));
    let Ok(measures) = measure(&input, &mut |name| {
        close(open.replace((name, Instant::now(), cpu_seconds())));
        Ok::<(), Infallible>(())
    });
    close(open);
    close(all);
    assert_eq!(measures.people.len(), people as usize);
}

/// Units of 25: the head of a unit reports to the head of the unit above.
fn organization(people: u32) -> (Organization, Grouping) {
    let head = |unit: u32| unit * UNIT_PEOPLE;
    let manager = |person: u32| match (person % UNIT_PEOPLE, person / UNIT_PEOPLE) {
        (0, 0) => None,
        (0, unit) => Some(head((unit - 1) / BRANCHES)),
        (_, unit) => Some(head(unit)),
    };
    let labels: Vec<Option<String>> =
        (0..people).map(|person| Some(format!("unit {:04}", person / UNIT_PEOPLE))).collect();
    let organization = Organization {
        manager_of: (0..people).map(manager).collect(),
        has_reporting_lines: true,
        stream_of: (0..u64::from(people)).map(|person| person.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect(),
    };
    (organization, Grouping::from_labels("unit", &labels))
}

/// A pair with contact and the slots a stratum that it expects.
struct Pair {
    source: u32,
    target: u32,
    rate: f64,
}

/// Half of the contact inside the unit, a quarter in the unit above or one beside it, the rest anywhere. Every fifth
/// person has double activity; how much goes to a contact falls with the order of picking.
fn pairs(people: u32, slot_count: f64) -> Vec<Pair> {
    let units = people.div_ceil(UNIT_PEOPLE);
    let mut picked = Vec::new();
    for person in 0..people {
        let mut stream = Stream::new(1, "bench-contacts", &[person.into()]);
        let unit = person / UNIT_PEOPLE;
        for rank in 0..PICKED {
            let near = match stream.below(4) {
                0 | 1 => unit,
                2 if unit > 0 => (unit - 1) / BRANCHES * BRANCHES + stream.below((BRANCHES + 1).into()) as u32,
                _ => stream.below(units.into()) as u32,
            };
            let partner = near.min(units - 1) * UNIT_PEOPLE + stream.below(UNIT_PEOPLE.into()) as u32;
            let activity = if person % 5 == 0 { 2.0 } else { 1.0 };
            let rate = activity * (0.2 + stream.unit()) / (1.0 + rank as f64);
            if partner != person && partner < people {
                picked.push((person, partner, rate));
                // One contact in eight is never answered.
                if stream.below(8) > 0 {
                    picked.push((partner, person, rate * (0.5 + stream.unit())));
                }
            }
        }
    }
    picked.sort_by_key(|&(source, target, _)| (source, target));
    picked.dedup_by_key(|&mut (source, target, _)| (source, target));
    let scale = slot_count / f64::from(2 * WEEKS) / picked.iter().map(|pair| pair.2).sum::<f64>();
    picked.into_iter().map(|(source, target, rate)| Pair { source, target, rate: rate * scale }).collect()
}

fn window(people: u32, slot_count: f64) -> WindowTies {
    let pairs = pairs(people, slot_count);
    let strata: Vec<Stratum> = [false, true]
        .into_iter()
        .flat_map(|chat| (0..WEEKS as i32).map(move |week| Stratum { chat, week: Day(FIRST_MONDAY.0 + 7 * week) }))
        .collect();
    let tie = |pair: &Pair| WindowTie {
        source: pair.source,
        target: pair.target,
        message_count: 0,
        mail_count: 0,
        chat_count: 0,
        active_days_count: 0,
        weight: Weight::ZERO,
        first_at: FIRST_MONDAY.start(),
        last_at: FIRST_MONDAY.start(),
    };
    let mut ties: Vec<WindowTie> = pairs.iter().map(tie).collect();
    let mut out = WindowTies { strata, ..WindowTies::default() };
    for (stratum, at) in (0..).zip(out.strata.clone()) {
        let mut stream = Stream::new(1, "bench-slots", &[stratum]);
        let mut slots = Vec::new();
        for (pair, tie) in pairs.iter().zip(&mut ties) {
            let count = (pair.rate + stream.unit()) as u32;
            let mut units: Vec<u32> = (0..count).map(|_| share(&mut stream)).collect();
            if units.is_empty() {
                continue;
            }
            units.sort_unstable();
            let weight = units.iter().map(|&units| Weight::from_units(units.into())).sum();
            tie.message_count += u64::from(count);
            *(if at.chat { &mut tie.chat_count } else { &mut tie.mail_count }) += u64::from(count);
            tie.active_days_count += count.min(5);
            tie.weight += weight;
            let (source, target) = (pair.source, pair.target);
            slots.extend(units.chunk_by(|a, b| a == b).map(|same| {
                let count = same.len() as u32;
                Slot { source, target, units: same[0], count }
            }));
        }
        slots.shrink_to_fit();
        out.slots.push(slots.into_iter().collect());
    }
    ties.retain(|tie| tie.message_count > 0);
    out.ties = ties;
    out.messages_count = (slot_count / RECIPIENTS) as u64;
    out
}

/// A message's share by the number of its recipients: mostly one or two, at most eight.
fn share(stream: &mut Stream) -> u32 {
    let recipients = match stream.below(16) {
        0..7 => 1,
        7..10 => 2,
        10..12 => 3,
        12..14 => 4,
        14 => 6,
        _ => 8,
    };
    (1 << 20) / recipients
}

fn peak_mebibytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

/// Of all threads. The kernel counts in hundredths of a second.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}
