//! What to watch from one night to the next: the directory, what was set aside, time and space. Each is a warning with
//! a code; none ends a run.

use crosstie_model::{Day, Diagnostic, code};
use crosstie_store::Manifest;
use std::collections::BTreeMap;

/// Nights that a median looks back on.
const HISTORY_NIGHTS: usize = 14;
/// Fewest of them that allow a claim.
const HISTORY_LEAST: usize = 4;
/// Days between two runs up to which they are compared as nights.
const NIGHTS_APART: i32 = 7;
/// Times the median that are worth a look.
const TIMES_USUAL: f64 = 2.0;
/// Share of a source's records that is worth a look by itself.
const SET_ASIDE_SHARE: f64 = 0.01;
/// Fewest records that are compared with a median: one more than usual is no news.
const SET_ASIDE_LEAST: u64 = 10;
const PEOPLE_SHARE: f64 = 0.05;
const UNKNOWN_SHARE: f64 = 0.02;
/// Seconds below which a run is never slow.
const SECONDS_LEAST: f64 = 60.0;
/// Sizes of the last output that have to be free.
const FREE_OUTPUTS: u64 = 2;

/// What a committed run tells about its night.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Night {
    /// The run's date.
    pub date: Day,
    /// Members.
    pub people: u64,
    /// Roots of the reporting tree; 1 where the directory has no tree.
    pub roots: u64,
    /// Accounts of the organization's domains that are not in the directory.
    pub unknown_accounts: u64,
    /// Records set aside and seen, by source.
    pub sources: BTreeMap<String, (u64, u64)>,
    /// Bytes of all outputs.
    pub output_bytes: u64,
    /// Wall time, where it is known.
    pub seconds: Option<f64>,
}

impl Night {
    /// From a manifest; `None` where its date cannot be read.
    #[must_use]
    pub fn new(manifest: &Manifest, seconds: Option<f64>) -> Option<Night> {
        let count = |name: &str| manifest.counts.get(name).copied().unwrap_or(0);
        let sources = manifest.ledger.iter();
        Some(Night {
            date: manifest.snapshot_date.parse().ok()?,
            people: count("people"),
            // The notice is told for two roots and more.
            roots: manifest.notices.get(code::I304.id).copied().unwrap_or(1),
            unknown_accounts: count("accounts_unknown"),
            sources: sources.map(|of| (of.source.clone(), (of.quarantined.values().sum(), of.seen))).collect(),
            output_bytes: manifest.outputs.iter().map(|output| output.size).sum(),
            seconds,
        })
    }
}

/// What is worth a look about `tonight`, given the `earlier` nights in any order and the free space of the output
/// folder's disk. Nights of other dates than before `tonight` are left out.
#[must_use]
pub fn night_warnings(tonight: &Night, earlier: &[Night], free_bytes: Option<u64>) -> Vec<Diagnostic> {
    let mut before: Vec<&Night> = earlier.iter().filter(|night| night.date < tonight.date).collect();
    before.sort_by_key(|night| night.date);
    // Of runs of one date the last one given counts.
    before.reverse();
    before.dedup_by_key(|night| night.date);
    before.truncate(HISTORY_NIGHTS);
    let mut found = set_aside(tonight, &before);
    let last = before.first().filter(|night| tonight.date.0 - night.date.0 <= NIGHTS_APART);
    found.extend(last.into_iter().flat_map(|last| directory(tonight, last)));
    found.extend(unknown(tonight));
    found.extend(slow(tonight, &before));
    found.extend(free_bytes.and_then(|free| little_space(tonight, free)));
    found
}

fn set_aside(tonight: &Night, before: &[&Night]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (source, &(bad, seen)) in &tonight.sources {
        let now = share(bad, seen);
        let history = before.iter().filter_map(|night| night.sources.get(source)).map(|&(bad, seen)| share(bad, seen));
        let usual = median(history.collect());
        let is_unusual = bad >= SET_ASIDE_LEAST && usual.is_some_and(|usual| now > TIMES_USUAL * usual);
        if now > SET_ASIDE_SHARE || is_unusual {
            let message = format!("source `{source}`: {bad} of {seen} records are set aside");
            let mut warning = Diagnostic::new(code::I601, message).hint(code::I601.remedy);
            warning.detail = usual.map(|usual| format!("{} now, {} in the median night", percent(now), percent(usual)));
            found.push(warning);
        }
    }
    found
}

fn directory(tonight: &Night, last: &Night) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let changed = tonight.people.abs_diff(last.people);
    if share(changed, last.people) > PEOPLE_SHARE {
        let message = format!("{} people, after {} on {}", tonight.people, last.people, last.date);
        found.push(Diagnostic::new(code::I602, message).detail(code::I602.why).hint(code::I602.remedy));
    }
    if tonight.roots != last.roots {
        let message = format!("{} roots in the directory, after {} on {}", tonight.roots, last.roots, last.date);
        found.push(Diagnostic::new(code::I603, message).detail(code::I603.why).hint(code::I603.remedy));
    }
    found
}

fn unknown(tonight: &Night) -> Option<Diagnostic> {
    let all = tonight.people + tonight.unknown_accounts;
    (share(tonight.unknown_accounts, all) > UNKNOWN_SHARE).then(|| {
        let message = format!("{} accounts of your domains are not in the directory", tonight.unknown_accounts);
        let people = format!("beside {} people who are", tonight.people);
        Diagnostic::new(code::I604, message).detail(people).hint(code::I604.remedy)
    })
}

fn slow(tonight: &Night, before: &[&Night]) -> Option<Diagnostic> {
    let now = tonight.seconds.filter(|&seconds| seconds >= SECONDS_LEAST)?;
    let usual = median(before.iter().filter_map(|night| night.seconds).collect())?;
    (now > TIMES_USUAL * usual).then(|| {
        let message = format!("the run took {now:.0} s, {usual:.0} s in the median night");
        Diagnostic::new(code::C109, message).hint(code::C109.remedy)
    })
}

fn little_space(tonight: &Night, free: u64) -> Option<Diagnostic> {
    (free < FREE_OUTPUTS * tonight.output_bytes).then(|| {
        let mib = |bytes: u64| bytes >> 20;
        let message = format!("{} MiB are free, the output takes {} MiB", mib(free), mib(tonight.output_bytes));
        Diagnostic::new(code::S201, message).hint(code::S201.remedy)
    })
}

fn share(part: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { part as f64 / all as f64 }
}

fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

/// The lower median, where there is enough history for one.
fn median(mut history: Vec<f64>) -> Option<f64> {
    history.sort_by(f64::total_cmp);
    (history.len() >= HISTORY_LEAST).then(|| history[(history.len() - 1) / 2])
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crosstie_store::{OutputFile, SourceLedger};

    /// A manifest with what is watched.
    pub(crate) fn manifest(date: &str) -> Manifest {
        let output = |path: &str, rows| OutputFile {
            path: path.into(),
            class: String::new(),
            size: 4096,
            blake3: String::new(),
            rows,
        };
        let value = serde_json::json!({
            "run_id": format!("r-{date}"), "kind": "run", "snapshot_date": date, "parent": null, "version": "0",
            "pipeline": "acme", "window_first": date, "window_last": date, "key_id": "", "epoch": 0, "plan": {},
            "inputs": [], "ledger": [], "notices": {"I304": 3}, "counts": {"people": 300, "accounts_unknown": 2},
            "withheld": {"units": 4}, "wall_clock_day": date, "status": "complete", "outputs": [],
        });
        let ledger = SourceLedger {
            source: "mail".into(),
            seen: 1000,
            used: 993,
            duplicate: 0,
            excluded: [("external".to_string(), 4)].into(),
            quarantined: [("I104".to_string(), 2), ("I101".to_string(), 1)].into(),
            bytes: Default::default(),
        };
        Manifest {
            ledger: vec![ledger],
            outputs: vec![
                output(&format!("data/units/snapshot_date={date}/part-00000.parquet"), Some(12)),
                output(&format!("reports/{date}/index.html"), None),
            ],
            ..serde_json::from_value(value).unwrap()
        }
    }

    /// 20 nights, each as usual, that end on day 19.
    fn nights() -> Vec<Night> {
        (0..20)
            .map(|day| Night {
                date: Day(day),
                people: 1000,
                roots: 1,
                unknown_accounts: 10,
                sources: [("mail".to_string(), (20, 10_000))].into(),
                output_bytes: 100 << 20,
                seconds: Some(100.0),
            })
            .collect()
    }

    /// The codes told about day 20, which is as usual but for `change`.
    fn codes(change: impl Fn(&mut Night)) -> Vec<&'static str> {
        told(&nights(), change, Some(1 << 40)).iter().map(|warning| warning.code.id).collect()
    }

    fn told(earlier: &[Night], change: impl Fn(&mut Night), free: Option<u64>) -> Vec<Diagnostic> {
        let mut tonight = Night { date: Day(20), ..nights()[19].clone() };
        change(&mut tonight);
        night_warnings(&tonight, earlier, free)
    }

    fn mail(bad: u64, seen: u64) -> impl Fn(&mut Night) {
        move |night| night.sources = [("mail".to_string(), (bad, seen))].into()
    }

    #[test]
    fn a_manifest_is_read() {
        let night = Night::new(&manifest("2026-03-31"), Some(3.0)).unwrap();
        let expected = Night {
            date: "2026-03-31".parse().unwrap(),
            people: 300,
            roots: 3,
            unknown_accounts: 2,
            sources: [("mail".to_string(), (3, 1000))].into(),
            output_bytes: 8192,
            seconds: Some(3.0),
        };
        assert_eq!(night, expected);
        assert_eq!(Night::new(&Manifest { snapshot_date: "soon".into(), ..manifest("2026-03-31") }, None), None);
    }

    #[test]
    fn a_usual_night_says_nothing() {
        assert_eq!(codes(|_| ()), [""; 0]);
    }

    #[test]
    fn set_aside_over_one_per_cent_or_twice_the_median() {
        assert_eq!(codes(mail(40, 10_000)), [""; 0], "twice is not over twice");
        assert_eq!(codes(mail(41, 10_000)), ["I601"]);
        assert_eq!(codes(mail(9, 2_000)), [""; 0], "too few to be compared");
        assert_eq!(codes(mail(2, 100)), ["I601"], "over 1 % at any count");
        assert_eq!(codes(mail(0, 0)), [""; 0]);
        let three = &nights()[17..];
        assert_eq!(told(three, mail(41, 10_000), None), [], "too little history");
        let text = told(&nights(), mail(41, 10_000), None)[0].to_string();
        assert!(text.contains("0.41 % now, 0.20 % in the median night"), "{text}");
    }

    #[test]
    fn the_directory_is_compared_with_the_night_before() {
        assert_eq!(codes(|night| night.people = 1050), [""; 0]);
        assert_eq!(codes(|night| night.people = 1051), ["I602"]);
        assert_eq!(codes(|night| night.people = 949), ["I602"]);
        assert_eq!(codes(|night| night.roots = 2), ["I603"]);
        let change = |night: &mut Night| (night.people, night.roots) = (2000, 4);
        assert_eq!(told(&nights()[..13], change, None), [], "the last run is 8 days old");
        assert_eq!(told(&nights()[..14], change, None).len(), 2);
        let mut later = nights();
        later[0].date = Day(21);
        later[0].people = 2000;
        assert_eq!(told(&later, |_| (), None), [], "a backfill is not compared with what follows it");
    }

    #[test]
    fn of_two_runs_of_a_date_the_last_counts() {
        let mut earlier = nights();
        earlier.push(Night { people: 500, ..earlier[19].clone() });
        let text = told(&earlier, |_| (), None)[0].to_string();
        assert!(text.contains("1000 people, after 500 on 1970-01-20"), "{text}");
    }

    #[test]
    fn unknown_people_over_two_per_cent() {
        assert_eq!(codes(|night| night.unknown_accounts = 20), [""; 0]);
        assert_eq!(codes(|night| night.unknown_accounts = 21), ["I604"]);
        assert_eq!(codes(|night| (night.people, night.unknown_accounts) = (1000, 0)), [""; 0]);
    }

    #[test]
    fn a_slow_run_is_over_twice_the_median_and_a_minute() {
        assert_eq!(codes(|night| night.seconds = Some(200.0)), [""; 0]);
        assert_eq!(codes(|night| night.seconds = Some(201.0)), ["C109"]);
        assert_eq!(codes(|night| night.seconds = None), [""; 0]);
        let mut short = nights();
        short.iter_mut().for_each(|night| night.seconds = Some(1.0));
        assert_eq!(told(&short, |night| night.seconds = Some(59.0), None), []);
        assert_eq!(told(&short, |night| night.seconds = Some(60.0), None).len(), 1);
        let unknown: Vec<Night> = nights().into_iter().map(|night| Night { seconds: None, ..night }).collect();
        assert_eq!(told(&unknown, |night| night.seconds = Some(900.0), None), []);
    }

    #[test]
    fn only_the_last_14_nights_make_the_median() {
        let mut earlier = nights();
        // Of 14 nights 7 are slow: the lower median is that of the others; of 20 it would be too.
        earlier.iter_mut().skip(13).for_each(|night| night.seconds = Some(1000.0));
        assert_eq!(told(&earlier, |night| night.seconds = Some(300.0), None).len(), 1);
        earlier[12].seconds = Some(1000.0);
        assert_eq!(told(&earlier, |night| night.seconds = Some(300.0), None), []);
    }

    #[test]
    fn space_below_twice_the_output() {
        let warned =
            |free: u64| told(&nights(), |_| (), Some(free)).iter().map(|found| found.code.id).collect::<Vec<_>>();
        assert_eq!(warned(200 << 20), [""; 0]);
        assert_eq!(warned((200 << 20) - 1), ["S201"]);
    }
}
