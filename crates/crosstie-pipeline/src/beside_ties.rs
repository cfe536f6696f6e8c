//! What is taken from the days of a window: its ties, what they are under other rules, openers, groups that began.

use crate::error::{Exit, Failure};
use crate::plan::Plan;
use crosstie_measure::Variant;
use crosstie_model::{Chance, Day, Diagnostic, Lookup, NewGroups, Openers, Window, WindowTies, code};
use crosstie_store::{DayFile, DayFiles};
use crosstie_ties::{
    ContactDays, FEW_RECIPIENTS, GroupSpan, HISTORY_DAYS, HalfLife, OpenerSpan, PackedDay, Rule, Rules, Windows,
    new_groups, openers, windows,
};

/// Days before a window that tell whether its first messages follow a silence.
pub(crate) const DAYS_BEFORE: i32 = 3;
/// Half-life that is tried, in days.
const HALF_LIFE_DAYS: u32 = 28;

/// Openers of a window, machines left out. `contact` holds it and the days before; the first day ever read is `held_from`.
pub(crate) fn window_openers(
    contact: &ContactDays,
    is_machine: &[bool],
    window: Window,
    held_from: Day,
    plan: &Plan,
) -> Openers {
    openers(contact, is_machine, OpenerSpan { window, held_from, seed: plan.measure.seed })
}

/// The groups that began in a window, where the plan asks for them. Days are read one by one.
pub(crate) fn window_groups(
    files: &DayFiles,
    days: &[(Day, DayFile)],
    member_of_id: &Lookup<i64, u32>,
    is_machine: &[bool],
    window: Window,
    plan: &Plan,
) -> Result<Option<NewGroups>, Failure> {
    if !plan.ties.groups {
        return Ok(None);
    }
    let held_from = days.iter().map(|(day, _)| *day).min().unwrap_or(window.first);
    let needed = Window { first: window.first.plus(-HISTORY_DAYS), last: window.last };
    let needed: Vec<&DayFile> = days.iter().filter(|(day, _)| needed.contains(*day)).map(|(_, file)| file).collect();
    let each_day = |number: usize, visit: &mut dyn FnMut(&PackedDay<'_>)| {
        let bytes = files.read(needed[number])?;
        visit(&packed_day(&bytes)?);
        Ok(())
    };
    new_groups(needed.len(), each_day, member_of_id, is_machine, GroupSpan { window, held_from }).map(Some)
}

/// A day of these bytes.
pub(crate) fn packed_day(bytes: &[u8]) -> Result<PackedDay<'_>, Failure> {
    // The hash is right, so it was written so.
    let broken = || Failure::new(Exit::Bug, Diagnostic::new(code::S103, "a day in `state/ties` holds no ties"));
    PackedDay::new(bytes).ok_or_else(broken)
}

/// The ties of a window, what they are under other rules, the own one of each rule among them, and who wrote to whom on
/// which day. `days` hold the window and the days before.
pub(crate) fn ties_and_variants(
    days: &[PackedDay<'_>],
    member_of_id: &Lookup<i64, u32>,
    member_count: usize,
    window: Window,
    plan: &Plan,
    chance: Chance<'_>,
) -> (WindowTies, Vec<Variant>, ContactDays) {
    let own = plan.ties.max_recipients;
    let half_life = |days: u32| HalfLife { last: window.last, days };
    let planned = Rule {
        few_recipients: false,
        half_life: plan.half_life_days.map(half_life),
        chat_weight_thousandths: plan.chat_weight_thousandths,
    };
    // Where the plan has a half-life, it is tried without one.
    let other = if plan.half_life_days.is_some() { None } else { Some(half_life(HALF_LIFE_DAYS)) };
    let mut others = vec![Rule { half_life: other, ..planned }];
    if own > FEW_RECIPIENTS {
        others.push(Rule { few_recipients: true, ..planned });
    }
    let rules = Rules { planned, others: &others, chance };
    let Windows { ties, ruled, contact } = windows(days, window, member_of_id, member_count, rules);
    let mut found = ruled.into_iter();
    let otherwise = found.next();
    let mut variants = Vec::new();
    if let Some(few) = found.next() {
        variants.push(Variant { rule: "max_recipients", value: FEW_RECIPIENTS.to_string(), ties: Some(few) });
    }
    variants.push(Variant { rule: "max_recipients", value: own.to_string(), ties: None });
    let named = |days: Option<u32>| days.map_or_else(|| "none".to_string(), |days| days.to_string());
    variants.push(Variant { rule: "half_life_days", value: named(plan.half_life_days), ties: None });
    variants.push(Variant { rule: "half_life_days", value: named(other.map(|other| other.days)), ties: otherwise });
    (ties, variants, contact)
}
