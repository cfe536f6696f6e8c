//! What a column's name and sentence leave open: its unit, the values it may have, and when it is null.
//!
//! Equal names mean the same in every table. Where they do not, an entry names `table.column` and comes first.

use ColumnRange::{From, OneOf, Open, Within};

/// The values that a column may have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ColumnRange {
    /// Any value of its type.
    Open,
    /// Numbers from here on.
    From(f64),
    /// Numbers between two ends, both included.
    Within(f64, f64),
    /// These words.
    OneOf(&'static [&'static str]),
}

/// Unit, range and null of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ColumnFacts {
    /// What a value counts or measures.
    pub unit: &'static str,
    /// Which values there are.
    pub range: ColumnRange,
    /// When it is null; empty where it never is.
    pub null_when: &'static str,
}

/// The facts of a column; `None` for one that has no entry.
#[must_use]
pub fn column_facts(table: &str, column: &str) -> Option<ColumnFacts> {
    let find = |name: &str| FACTS.iter().find(|(names, ..)| names.contains(&name));
    let own = format!("{table}.{column}");
    find(&own).or_else(|| find(column)).map(|&(_, unit, range, null_when)| ColumnFacts { unit, range, null_when })
}

const NEVER: &str = "";
const NO_EVIDENCE: &str = "`evidence` is not `enough`";
const WITHHELD: &str = "the row is withheld";
const NO_TIE: &str = "the person has no reciprocated tie";
const NO_UNIT: &str = "the directory gives the person no unit";
const NO_TREE: &str = "the directory holds no reporting lines";
const FEW_RECORDS: &str = "too few people stand behind all weeks together";

const SHARE: ColumnRange = Within(0.0, 1.0);
const COUNT: ColumnRange = From(0.0);
const BANDS: ColumnRange = OneOf(&["under_10", "10_24", "25_49", "50_99", "100_up"]);
const EVIDENCE: ColumnRange =
    OneOf(&["enough", "few_people", "no_data", "few_events", "coverage_gap", "self_test_failed", "wide_interval"]);

type Entry = (&'static [&'static str], &'static str, ColumnRange, &'static str);

/// Names, unit, range, null.
const FACTS: &[Entry] = &[
    // What a row is about.
    (&["grouping", "unit_a", "unit_b", "unit", "silo_id", "source"], "name", Open, NEVER),
    (&["trends.unit"], "name", Open, "the row is a community"),
    (&["people.unit"], "name", Open, NO_UNIT),
    (&["indicator", "rule", "value", "metric", "table_name"], "name", Open, NEVER),
    (&["period_start"], "UTC day", Open, NEVER),
    (&["as_of"], "UTC day", Open, "any value of the row would tell of a few people"),
    (&["person_id", "source_id", "target_id", "account_id"], "pseudonym", Open, NEVER),
    (&["grade"], "word", OneOf(&["A", "B", "C", "D"]), NEVER),
    (
        &["cannot_claim", "question", "formula", "undefined_when", "sources", "reason", "metrics.unit"],
        "text",
        Open,
        NEVER,
    ),
    // units, and the same numbers elsewhere
    (&["people_count"], "people", COUNT, NEVER),
    (&["communities.people_count", "freedoms.people_count"], "people", COUNT, WITHHELD),
    (&["trends.people_count"], "people", COUNT, "it ended, or the row is withheld"),
    (&["external_share", "expected_external_share"], "share of contact", SHARE, NO_EVIDENCE),
    (&["people.external_share"], "share of ties", SHARE, "the person has no reciprocated tie, or no unit"),
    (
        &["external_share_expected"],
        "share of ties",
        SHARE,
        "the person has no reciprocated tie or no unit, or nobody else of the unit has one",
    ),
    (
        &["replicates.external_share", "replicates.expected_external_share"],
        "share of contact",
        SHARE,
        "the unit has no contact in the draw",
    ),
    (&["openness"], "log2 ratio", Open, "`evidence` is not `enough`, or nothing crosses the border"),
    (&["openness_low"], "log2 ratio", Open, "`evidence` is not `enough`, or the interval is unbounded below"),
    (&["openness_high"], "log2 ratio", Open, "`evidence` is not `enough`, or the interval is unbounded above"),
    (&["typical_external_share"], "share of contact", SHARE, "as `relative_openness`"),
    (
        &["relative_openness"],
        "log2 odds ratio",
        Open,
        "`evidence` is not `enough`, or fewer than 5 other units to compare with",
    ),
    (
        &["replicates.relative_openness"],
        "log2 odds ratio",
        Open,
        "the draw leaves the unit without contact on one side of its border, or without units to compare with",
    ),
    (&["relative_openness_low"], "log2 odds ratio", Open, "as `relative_openness`, or the interval is unbounded below"),
    (
        &["relative_openness_high"],
        "log2 odds ratio",
        Open,
        "as `relative_openness`, or the interval is unbounded above",
    ),
    (&["relative_z"], "robust standard deviations", Open, "as `relative_openness`, or the other units do not differ"),
    (&["units.z"], "standard deviations", Open, "`evidence` is not `enough`, or no permutation differs from another"),
    (&["ei_index", "ei_index_expected"], "1", Within(-1.0, 1.0), NO_EVIDENCE),
    (&["conductance"], "1", SHARE, "`evidence` is not `enough`, or everyone else has no contact"),
    (&["reach2_share"], "share of people", SHARE, "`evidence` is not `enough`, or nobody is outside"),
    (
        &["silo"],
        "",
        Open,
        "`evidence` is not `enough`, no units of its kind to compare with, or `unit` is `(small units)`: units too small to show, taken together for privacy, are no unit that can be a silo",
    ),
    (&["evidence"], "word", EVIDENCE, NEVER),
    // unit_pairs
    (&["unit_pairs.weight", "expected_weight"], "messages", COUNT, WITHHELD),
    (&["log2_ratio"], "log2 ratio", Open, "no message was seen or is expected, or the row is withheld"),
    (&["log2_low"], "log2 ratio", Open, "as `log2_ratio`, or the interval is unbounded below"),
    (&["log2_high"], "log2 ratio", Open, "as `log2_ratio`, or the interval is unbounded above"),
    (
        &["carriers_band"],
        "band of people",
        BANDS,
        "inside one unit; withheld, unless that a pair is thin is all it says",
    ),
    (
        &["top_carrier_band"],
        "band in per cent",
        OneOf(&["under_25", "25_50", "over_50"]),
        "inside one unit, or no reciprocated tie; withheld, unless dominance hid the row",
    ),
    (&["suppressed", "gap", "articulation_point"], "", Open, NEVER),
    // communities
    (&["community_id"], "number", COUNT, NEVER),
    (&["people.community_id"], "number", COUNT, NO_TIE),
    (&["trends.community_id"], "number", COUNT, "the row is a unit, or the community ended"),
    (&["units_count"], "units", From(1.0), "withheld, also where it would tell of a few people"),
    (&["main_unit"], "name", Open, "withheld, also where it would tell of a few people"),
    (&["main_unit_share"], "share of people", SHARE, "withheld, also where it would tell of a few people"),
    (&["internal_share", "expected_internal_share"], "share of contact", SHARE, "no contact, or the row is withheld"),
    (&["communities.openness"], "log2 ratio", Open, "nothing crosses the border, or the row is withheld"),
    (&["communities.openness_low"], "log2 ratio", Open, "the interval is unbounded below, or the row is withheld"),
    (&["communities.openness_high"], "log2 ratio", Open, "the interval is unbounded above, or the row is withheld"),
    (&["stability"], "share of pairs of members", SHARE, WITHHELD),
    (&["persistence_count"], "resolutions", Within(0.0, 4.0), WITHHELD),
    // hierarchy
    (&["hierarchy.relation"], "word", OneOf(RELATIONS), NEVER),
    (&["ties.relation"], "word", OneOf(RELATIONS.split_at(7).0), NO_TREE),
    (&["hierarchy.tree_distance"], "steps", From(1.0), "the relation spans several distances, or none"),
    (&["ties.tree_distance"], "steps", From(1.0), "the two stand in different trees, or there are no reporting lines"),
    (&["hierarchy.tie_count"], "ordered pairs of people", COUNT, WITHHELD),
    (&["hierarchy.weight_share", "expected_share"], "share of contact", SHARE, "no contact, or the row is withheld"),
    (&["lift"], "ratio", COUNT, "chance gives the relation nothing, or the row is withheld"),
    (&["lift_low"], "ratio", COUNT, "as `lift`, or too few draws define it"),
    (&["lift_high"], "ratio", COUNT, "as `lift`, or the interval is unbounded above"),
    (&["dyad_share"], "share of ordered pairs of people", SHARE, WITHHELD),
    (&["dyad_lift"], "ratio", COUNT, "no contact, or the row is withheld"),
    // freedoms
    (&["freedom"], "word", OneOf(&["connect", "contribute", "create", "choose", "challenge"]), NEVER),
    (&["estimate"], "by indicator", Open, NO_EVIDENCE),
    (&["freedoms.low"], "by indicator", Open, "`evidence` is not `enough`, no interval, or unbounded below"),
    (&["freedoms.high"], "by indicator", Open, "`evidence` is not `enough`, no interval, or unbounded above"),
    (&["freedoms.expected"], "by indicator", Open, "`evidence` is not `enough`, or chance gives no value"),
    (&["events_count"], "openers, messages, ties or sets of people", COUNT, WITHHELD),
    // introductions
    (&["introductions.rank"], "place", From(1.0), "no warm pair, or the row is withheld"),
    (&["shortfall"], "messages", COUNT, WITHHELD),
    (&["warm_pairs_count"], "pairs of people", COUNT, WITHHELD),
    (&["introducers_band"], "band of people", BANDS, "no warm pair, or the row is withheld"),
    (&["pairs_opened_mean"], "pairs of people", COUNT, "no warm pair, or the row is withheld"),
    // sensitivity
    (&["sensitivity.tie_count"], "ties", COUNT, WITHHELD),
    (&["isolated_count"], "people", COUNT, WITHHELD),
    (
        &["sensitivity.ei_index", "sensitivity.ei_index_expected"],
        "1",
        Within(-1.0, 1.0),
        "no reciprocated tie, or the row is withheld",
    ),
    (&["sensitivity.openness"], "log2 ratio", Open, "no contact between units, or the row is withheld"),
    (&["sensitivity.reach2_share"], "share of pairs of people", SHARE, "one unit alone, or the row is withheld"),
    // trends
    (&["compared_period_start"], "UTC day", Open, "no earlier run is committed"),
    (
        &["event"],
        "word",
        OneOf(&["continue", "grow", "shrink", "birth", "death", "split", "merge", "redrawn"]),
        "no earlier run is committed, or the row is withheld",
    ),
    (&["trends.openness"], "log2 ratio", Open, "no number in this window, or the row is withheld"),
    (&["trends.openness_low"], "log2 ratio", Open, "as `openness`, or the interval is unbounded below"),
    (&["trends.openness_high"], "log2 ratio", Open, "as `openness`, or the interval is unbounded above"),
    (&["change_period_start"], "UTC day", Open, "no earlier run has a window without a day in common"),
    (&["openness_change"], "log2 ratio", Open, "`change_evidence` is not `enough`"),
    (
        &["openness_change_low"],
        "log2 ratio",
        Open,
        "`change_evidence` is not `enough`, or the interval is unbounded below",
    ),
    (
        &["openness_change_high"],
        "log2 ratio",
        Open,
        "`change_evidence` is not `enough`, or the interval is unbounded above",
    ),
    (
        &["change_evidence"],
        "word",
        OneOf(&["enough", "no_window", "other_plan", "not_there", "redrawn", "no_number", "few_draws", "few_people"]),
        NEVER,
    ),
    // organization
    (&["organization.value"], "by metric", Open, "undefined (`crosstie explain METRIC` says when), or withheld"),
    (&["organization.low"], "by metric", Open, "no interval, or unbounded below, or withheld"),
    (&["organization.high"], "by metric", Open, "no interval, or unbounded above, or withheld"),
    (&["organization.expected"], "by metric", Open, "chance gives no value, or withheld"),
    (&["organization.z"], "standard deviations", Open, "no spread is known, or withheld"),
    // coverage
    (&["weeks_count"], "weeks", From(1.0), NEVER),
    (
        &["records_seen", "used_count", "duplicate_count", "excluded_count", "quarantined_count"],
        "records",
        COUNT,
        FEW_RECORDS,
    ),
    (&["coverage.first_at", "coverage.last_at"], "UTC day", Open, "no record, or too few people stand behind it"),
    (&["gap_reason"], "word", OneOf(&["missing_day", "low_volume"]), "no gap"),
    // metrics
    (&["range_low"], "by metric", Open, "unbounded below"),
    (&["range_high"], "by metric", Open, "unbounded above"),
    // people
    (&["level"], "steps", COUNT, NO_TREE),
    (&["report_count"], "people", COUNT, NO_TREE),
    (&["people.tie_count", "reciprocated_count"], "people", COUNT, NEVER),
    (&["in_strength", "out_strength"], "messages", COUNT, NEVER),
    (&["betweenness"], "shortest paths", COUNT, "fewer than 3 people"),
    (&["betweenness_half_width"], "shortest paths", COUNT, "betweenness is exact"),
    (&["pagerank"], "share", SHARE, "nobody has contact"),
    (&["burt_constraint"], "1", COUNT, NO_TIE),
    (&["effective_size"], "people", COUNT, NO_TIE),
    (&["participation"], "1", SHARE, NO_TIE),
    (&["core_number"], "ties", COUNT, NEVER),
    (&["coordinator", "itinerant", "representative", "gatekeeper", "liaison"], "two-paths", COUNT, NO_UNIT),
    (&["units_reached_count"], "units", COUNT, NEVER),
    (&["cross_branch_share"], "share of ties", SHARE, "the person has no reciprocated tie, or no reporting lines"),
    (&["bridge_residual"], "outsiders", Open, "no unit, or no tie off the reporting chain"),
    (&["bridge_p"], "share of shuffles", SHARE, "no unit, or no tie off the reporting chain"),
    (&["bridge_windows_count"], "windows", Within(0.0, 3.0), NEVER),
    (&["bridge"], "", Open, "fewer than two windows"),
    // pair_carriers
    (&["pair_carriers.weight_share"], "share of reciprocated contact", SHARE, NEVER),
    (&["pair_carriers.rank"], "place", From(1.0), NEVER),
    (&["remaining_share"], "share of people", SHARE, "the rank is above 3"),
    // replicates
    (&["replicate"], "number", COUNT, NEVER),
    // accounts
    (
        &["class"],
        "word",
        OneOf(&["unknown", "bot", "shared_mailbox", "room", "list", "guest", "left", "machine_like"]),
        NEVER,
    ),
    (&["accounts.message_count"], "messages", COUNT, NEVER),
    // ties
    (&["ties.message_count"], "messages", From(1.0), NEVER),
    (&["ties.weight"], "messages", COUNT, NEVER),
    (&["mail_count", "chat_count"], "messages", COUNT, NEVER),
    (&["active_days_count"], "days", From(1.0), NEVER),
    (&["ties.first_at", "ties.last_at", "sent_at"], "UTC time", Open, NEVER),
    // messages
    (&["kind"], "word", OneOf(&["mail", "chat"]), NEVER),
    (&["place"], "word", OneOf(&["mail", "direct", "group", "channel"]), NEVER),
    (&["place_id"], "keyed id", Open, "mail"),
    (&["thread_key"], "keyed id", Open, "the message is in no thread"),
    (&["reply_to_key"], "keyed id", Open, "it answers none that is known"),
    (&["message_key", "message_check", "sender_id"], "keyed id", Open, NEVER),
    (&["time_origin"], "word", OneOf(&["server", "sender"]), NEVER),
    (&["recipient_id"], "keyed id", Open, "it names nobody inside, or so many that they are not kept"),
    (&["role"], "word", OneOf(&["to", "cc", "bcc", "list", "reply", "mention", "thread", "none"]), NEVER),
    (&["recipient_count"], "accounts", COUNT, NEVER),
];

/// Relations of two people, then distances in the tree.
const RELATIONS: &[&str] = &[
    "manager_to_report",
    "report_to_manager",
    "siblings",
    "skip_up",
    "skip_down",
    "cross_branch",
    "other_tree",
    "distance_1",
    "distance_2",
    "distance_3",
    "distance_4",
    "distance_5",
    "distance_6_up",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::{MessageRow, TABLES};
    use crate::{CellKind, Record, TableSpec};
    use std::collections::BTreeSet;

    fn all() -> Vec<TableSpec> {
        TABLES.into_iter().chain([MessageRow::TABLE]).collect()
    }

    #[test]
    fn every_column_has_its_facts_and_they_agree_with_its_type() {
        for table in all() {
            for column in table.columns {
                let place = format!("{}.{}", table.name, column.name);
                let facts = column_facts(table.name, column.name).unwrap_or_else(|| panic!("{place} has no facts"));
                assert_eq!(facts.null_when.is_empty(), !column.nullable, "{place}: null");
                let fits = match facts.range {
                    Open => true,
                    From(_) | Within(..) => matches!(column.kind, CellKind::Int | CellKind::Float),
                    OneOf(words) => column.kind == CellKind::Text && !words.is_empty(),
                };
                assert!(fits, "{place}: range");
                assert_eq!(facts.unit.is_empty(), column.kind == CellKind::Bool, "{place}: unit");
                if column.name.ends_with("_share") {
                    assert_eq!(facts.range, SHARE, "{place}");
                }
                if column.name.ends_with("_count") {
                    assert!(matches!(facts.range, From(0.0..) | Within(0.0, _)), "{place}");
                }
            }
        }
    }

    #[test]
    fn every_entry_is_of_a_column() {
        let mut names = BTreeSet::new();
        for table in all() {
            for column in table.columns {
                names.insert(column.name.to_string());
                names.insert(format!("{}.{}", table.name, column.name));
            }
        }
        let mut seen = BTreeSet::new();
        for name in FACTS.iter().flat_map(|entry| entry.0) {
            assert!(names.contains(*name), "{name} is no column");
            assert!(seen.insert(*name), "{name} stands twice");
        }
    }
}
