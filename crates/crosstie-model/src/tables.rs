//! Every table that crosstie writes. A field's doc comment is the sentence that the Parquet file carries.
//!
//! Names are promises to notebooks: `_share` is in `[0, 1]`, `_count` a number of things, weights are in messages,
//! `_low` and `_high` are the ends of a 95 % interval, `expected_` what chance alone would give. Null is undefined.

use crate::{Cell, CellType, Class, Column, Day, Micros, PersonId, Record, TableSpec};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

macro_rules! table {
    (
        $(#[doc = $table_doc:literal])+
        $name:ident = $table:literal in $class:ident by [$($key:literal),+] {
            $( $(#[doc = $doc:literal])+ $field:ident: $type:ty, )+
        }
    ) => {
        $(#[doc = $table_doc])+
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $( $(#[doc = $doc])+ pub $field: $type, )+
        }

        impl Record for $name {
            const TABLE: TableSpec = TableSpec {
                name: $table,
                class: Class::$class,
                key: &[$($key),+],
                doc: concat!($($table_doc),+),
                columns: &[$( Column {
                    name: stringify!($field),
                    kind: <$type as CellType>::KIND,
                    nullable: <$type as CellType>::NULLABLE,
                    identifier: <$type as CellType>::IDENTIFIER,
                    doc: concat!($($doc),+),
                } ),+],
            };

            fn cell_in(&self, column: usize) -> Cell<&str> {
                let cells: &[fn(&Self) -> Cell<&str>] = &[$( |row| row.$field.to_cell() ),+];
                cells[column](self)
            }

            fn from_cells(cells: Vec<Cell>) -> Option<Self> {
                let mut cells = cells.into_iter();
                let row = $name { $( $field: <$type as CellType>::from_cell(cells.next()?)?, )+ };
                cells.next().is_none().then_some(row)
            }

            fn order_in(&self, other: &Self, column: usize) -> Ordering {
                let orders: &[fn(&Self, &Self) -> Ordering] =
                    &[$( |a, b| CellType::order(&a.$field, &b.$field) ),+];
                orders[column](self, other)
            }
        }
    };
}

table! {
    /// One unit of the organization: how open it is, against chance and against units of its kind.
    UnitRow = "units" in Published by ["grouping", "unit"] {
        /// How people are divided into units: `unit`.
        grouping: String,
        /// Label of the unit; `(small units)` holds units too small to show.
        unit: String,
        /// People of the unit in the directory on the run's date.
        people_count: i64,
        /// Share of the unit's contact that crosses its border.
        external_share: Option<f64>,
        /// The same share if recipients were exchanged at random within each week.
        expected_external_share: Option<f64>,
        /// log2 of external_share over expected_external_share; 0 is as chance gives, -1 is half of it.
        openness: Option<f64>,
        /// Low end of its 95 % interval over people; null with a value means unbounded below.
        openness_low: Option<f64>,
        /// High end of its 95 % interval over people.
        openness_high: Option<f64>,
        /// External share that units with this expectation usually have in this organization.
        typical_external_share: Option<f64>,
        /// log2 of the odds of external contact over the typical odds; -1 is half the odds.
        relative_openness: Option<f64>,
        /// Low end of its 95 % interval over people; null with a value means unbounded below.
        relative_openness_low: Option<f64>,
        /// High end of its 95 % interval over people.
        relative_openness_high: Option<f64>,
        /// The same distance in robust standard deviations of the other units.
        relative_z: Option<f64>,
        /// Distance of external_share from its expectation in standard deviations of seeded permutations, above 20 million slots of all permutations; grows with volume.
        z: Option<f64>,
        /// E-I index: external minus internal over all contact, -1 to 1.
        ei_index: Option<f64>,
        /// The E-I index that expected_external_share gives.
        ei_index_expected: Option<f64>,
        /// External weight over the smaller of the unit's and the others' volume; falls with size.
        conductance: Option<f64>,
        /// Mean share of the people outside that members reach within two steps of reciprocated ties.
        reach2_share: Option<f64>,
        /// Whether the unit keeps to itself more than chance and its kind explain; null without evidence, and of `(small units)`.
        silo: Option<bool>,
        /// `enough`, or why there is no number: few_people, few_events, coverage_gap, self_test_failed, wide_interval.
        evidence: String,
        /// Snapshot date whose values the row shows: an earlier one where the change since would tell of a few people;
        /// null where nothing is shown for that reason.
        as_of: Option<Day>,
    }
}

table! {
    /// Contact between two units, or inside one where both are the same; unordered, unit_a up to unit_b.
    UnitPairRow = "unit_pairs" in Published by ["grouping", "unit_a", "unit_b"] {
        /// How people are divided into units.
        grouping: String,
        /// The unit whose label sorts first.
        unit_a: String,
        /// The other unit, or the same.
        unit_b: String,
        /// Messages exchanged, in both directions.
        weight: Option<f64>,
        /// Messages expected if recipients were exchanged at random within each week.
        expected_weight: Option<f64>,
        /// log2 of weight over expected_weight.
        log2_ratio: Option<f64>,
        /// Low end of its 95 % interval over people; null with a ratio means unbounded below.
        log2_low: Option<f64>,
        /// High end of its 95 % interval over people.
        log2_high: Option<f64>,
        /// Band of the smaller number of people on either side with a reciprocated tie across; null on the diagonal.
        carriers_band: Option<String>,
        /// Band, in per cent, of the share of reciprocated contact at the most active person; null on the diagonal.
        top_carrier_band: Option<String>,
        /// Whether the values are withheld.
        suppressed: bool,
        /// Snapshot date whose values the row shows: an earlier one where the change since would tell of a few people;
        /// null where nothing is shown for that reason.
        as_of: Option<Day>,
    }
}

table! {
    /// A community that the reciprocated ties form by themselves. It says nothing about right or wrong borders.
    CommunityRow = "communities" in Published by ["community_id"] {
        /// Number by descending size, from 0.
        community_id: i64,
        /// Members.
        people_count: Option<i64>,
        /// Units that members come from.
        units_count: Option<i64>,
        /// The unit most members come from.
        main_unit: Option<String>,
        /// Share of members from that unit.
        main_unit_share: Option<f64>,
        /// Share of the members' contact that stays inside.
        internal_share: Option<f64>,
        /// The same share if recipients were exchanged at random within each week.
        expected_internal_share: Option<f64>,
        /// log2 of the external share over its expectation; communities are chosen to be closed.
        openness: Option<f64>,
        /// Low end of its 95 % interval over people.
        openness_low: Option<f64>,
        /// High end of its 95 % interval over people.
        openness_high: Option<f64>,
        /// Chance that two members are together again in another run of the search.
        stability: Option<f64>,
        /// Resolutions 0.5, 1, 2, 4 at which a community with more than half the same people is found.
        persistence_count: Option<i64>,
        /// Snapshot date whose values the row shows: an earlier one where the change since would tell of a few people;
        /// null where nothing is shown for that reason.
        as_of: Option<Day>,
    }
}

table! {
    /// Contact along and across the reporting tree, by relation of sender to recipient.
    HierarchyRow = "hierarchy" in Published by ["relation"] {
        /// Relation of the sender to the recipient, or a distance in the tree.
        relation: String,
        /// Steps in the reporting tree; null where the relation spans several.
        tree_distance: Option<i64>,
        /// Ordered pairs of people with contact.
        tie_count: Option<i64>,
        /// Share of all contact.
        weight_share: Option<f64>,
        /// Share expected if recipients were exchanged at random within each week.
        expected_share: Option<f64>,
        /// weight_share over expected_share: beyond what the activity of these people gives.
        lift: Option<f64>,
        /// Low end of its 95 % interval over people.
        lift_low: Option<f64>,
        /// High end of its 95 % interval over people.
        lift_high: Option<f64>,
        /// Share of all ordered pairs of people.
        dyad_share: Option<f64>,
        /// weight_share over dyad_share: against head-counts, which books the activity of managers to the hierarchy.
        dyad_lift: Option<f64>,
        /// Snapshot date whose values the row shows: an earlier one where the change since would tell of a few people;
        /// null where nothing is shown for that reason.
        as_of: Option<Day>,
    }
}

table! {
    /// One indicator of one of the five freedoms, of a unit or of all: a number with what chance gives and how sure it
    /// is, or why there is none. No row says anything about a person, and no two rows are added up.
    FreedomRow = "freedoms" in Published by ["grouping", "unit", "freedom", "indicator"] {
        /// How people are divided into units.
        grouping: String,
        /// Label of the unit; `(all)` is everybody.
        unit: String,
        /// connect, contribute, create, choose or challenge.
        freedom: String,
        /// Name of the indicator.
        indicator: String,
        /// The number; null where evidence is missing.
        estimate: Option<f64>,
        /// Low end of its 95 % interval over people, where the indicator has one.
        low: Option<f64>,
        /// High end of its 95 % interval over people, where the indicator has one.
        high: Option<f64>,
        /// What chance gives, where it is known.
        expected: Option<f64>,
        /// People of the unit in the indicator.
        people_count: Option<i64>,
        /// What was counted: openers, messages, ties or sets of people.
        events_count: Option<i64>,
        /// Grade of evidence, A to D.
        grade: String,
        /// `enough`, or why there is no number: few_people, no_data, few_events, coverage_gap, self_test_failed, wide_interval.
        evidence: String,
        /// What must not be read into it, to be shown beside it word for word.
        cannot_claim: String,
        /// Snapshot date whose values the row shows: an earlier one where the change since would tell of a few people;
        /// null where nothing is shown for that reason.
        as_of: Option<Day>,
    }
}

table! {
    /// Two units with less contact than the activity of their people gives, and where new contact would be easiest: a
    /// count on the observed graph, not a forecast.
    IntroductionRow = "introductions" in Published by ["grouping", "unit_a", "unit_b"] {
        /// How people are divided into units.
        grouping: String,
        /// The unit whose label sorts first.
        unit_a: String,
        /// The other unit.
        unit_b: String,
        /// 1 for the largest shortfall among pairs of units with warm pairs; null without any.
        rank: Option<i64>,
        /// Expected less observed messages.
        shortfall: Option<f64>,
        /// Pairs of people, one in each, who have no reciprocated tie and a common reciprocated contact.
        warm_pairs_count: Option<i64>,
        /// Band of the number of those common contacts.
        introducers_band: Option<String>,
        /// Mean number of cross-unit pairs that a tie between the people of a warm pair brings within two steps.
        pairs_opened_mean: Option<f64>,
        /// Snapshot date whose values the row shows: an earlier one where the change since would tell of a few people;
        /// null where nothing is shown for that reason.
        as_of: Option<Day>,
    }
}

table! {
    /// What one rule of the ties does to the numbers of the whole organization: each row changes one.
    SensitivityRow = "sensitivity" in Published by ["rule", "value"] {
        /// The key of the pipeline file that is changed.
        rule: String,
        /// Its value.
        value: String,
        /// Reciprocated ties.
        tie_count: Option<i64>,
        /// People without one.
        isolated_count: Option<i64>,
        /// E-I index of the reciprocated ties, each counting 1.
        ei_index: Option<f64>,
        /// That index if the ends of ties were joined at random, their number kept.
        ei_index_expected: Option<f64>,
        /// log2 of the share of all contact that crosses borders over its expectation.
        openness: Option<f64>,
        /// Share of cross-unit pairs within two steps of reciprocated ties.
        reach2_share: Option<f64>,
        /// Snapshot date whose values the row shows: an earlier one where the change since would tell of a few people;
        /// null where nothing is shown for that reason.
        as_of: Option<Day>,
    }
}

table! {
    /// One unit or community in the run's window against earlier windows: what became of it, and whether its openness
    /// changed.
    TrendRow = "trends" in Published by ["silo_id", "period_start"] {
        /// Stable name: `u:` and the label of a unit, `g:`, grouping and label in another grouping, `c:` and a number for a community.
        silo_id: String,
        /// First day of the run's window.
        period_start: Day,
        /// How people are divided: `unit`, another grouping, or `community`.
        grouping: String,
        /// Label of the unit; null for a community.
        unit: Option<String>,
        /// Number of the community in this run's tables; null for a unit, and for a community that ended.
        community_id: Option<i64>,
        /// First day of the window that `event` compares with; null where no earlier run is committed.
        compared_period_start: Option<Day>,
        /// continue, grow, shrink, birth, death, split, merge or redrawn; null without an earlier run, or withheld.
        event: Option<String>,
        /// Members in this window; null where it ended, or withheld.
        people_count: Option<i64>,
        /// log2 of the external share over its expectation in this window.
        openness: Option<f64>,
        /// Low end of its 95 % interval over people; null with a value means unbounded below.
        openness_low: Option<f64>,
        /// High end of its 95 % interval over people.
        openness_high: Option<f64>,
        /// First day of the window, without a day in common with this one, that the change is against.
        change_period_start: Option<Day>,
        /// openness of this window minus that of the earlier one; -1 is half of what it was.
        openness_change: Option<f64>,
        /// Low end of its 95 % interval, from equal draws of people in both windows; null with a value means unbounded below.
        openness_change_low: Option<f64>,
        /// High end of that interval.
        openness_change_high: Option<f64>,
        /// `enough`, or why no change is estimated: no_window, other_plan, not_there, redrawn, no_number, few_draws, few_people.
        change_evidence: String,
        /// Snapshot date whose values the row shows: an earlier one where the change since would tell of a few people;
        /// null where nothing is shown for that reason.
        as_of: Option<Day>,
    }
}

table! {
    /// One number about the whole organization.
    OrganizationRow = "organization" in Published by ["metric"] {
        /// Name of the metric; the grouping is `unit`.
        metric: String,
        /// The value.
        value: Option<f64>,
        /// Low end of its 95 % interval over people, where it has one.
        low: Option<f64>,
        /// High end of its 95 % interval over people, where it has one.
        high: Option<f64>,
        /// What chance gives, where it is known.
        expected: Option<f64>,
        /// Distance from the expectation in standard deviations, where it is known.
        z: Option<f64>,
        /// Snapshot date whose values the row shows: an earlier one where the change since would tell of a few people;
        /// null where nothing is shown for that reason.
        as_of: Option<Day>,
    }
}

table! {
    /// What was read of one source in one week, and what became of it.
    CoverageRow = "coverage" in Published by ["source", "period_start"] {
        /// Name of the source.
        source: String,
        /// Monday of the ISO week, or of the first of several weeks that are shown together.
        period_start: Day,
        /// Weeks that this row covers; more than one where single weeks have too few people.
        weeks_count: i64,
        /// Records seen: the sum of the next four.
        records_seen: Option<i64>,
        /// Records used.
        used_count: Option<i64>,
        /// Records that repeat a message and recipient already read.
        duplicate_count: Option<i64>,
        /// Records left out by a rule.
        excluded_count: Option<i64>,
        /// Records that could not be read.
        quarantined_count: Option<i64>,
        /// Day of the first record used.
        first_at: Option<Day>,
        /// Day of the last record used.
        last_at: Option<Day>,
        /// Whether data is missing.
        gap: bool,
        /// Why: missing_day or low_volume.
        gap_reason: Option<String>,
    }
}

table! {
    /// The catalogue: what each metric is and is not.
    MetricRow = "metrics" in Published by ["metric"] {
        /// Name of the metric.
        metric: String,
        /// Table that holds it.
        table_name: String,
        /// The question it answers.
        question: String,
        /// Its formula.
        formula: String,
        /// Unit of the value.
        unit: String,
        /// Smallest possible value; null where unbounded.
        range_low: Option<f64>,
        /// Largest possible value; null where unbounded.
        range_high: Option<f64>,
        /// When it is null.
        undefined_when: String,
        /// Grade of evidence, A to D.
        grade: String,
        /// What must not be read into it.
        cannot_claim: String,
        /// Papers.
        sources: String,
    }
}

table! {
    /// One person by pseudonym: position in the window's graph. Restricted, never ranked, never published.
    PersonRow = "people" in Restricted by ["person_id"] {
        /// Keyed pseudonym.
        person_id: PersonId,
        /// Unit after small units were rolled up.
        unit: Option<String>,
        /// Steps to the root of the reporting tree.
        level: Option<i64>,
        /// Direct reports; null where the directory holds no reporting lines.
        report_count: Option<i64>,
        /// People with contact in either direction.
        tie_count: i64,
        /// Messages received.
        in_strength: f64,
        /// Messages sent.
        out_strength: f64,
        /// People with a reciprocated tie.
        reciprocated_count: i64,
        /// Shortest paths of reciprocated ties between two others that pass here, in hops unless `[bridges] distance` says
        /// otherwise, not normalised.
        betweenness: Option<f64>,
        /// Half an approximate 95 % interval of betweenness where that is estimated; null where it is exact.
        betweenness_half_width: Option<f64>,
        /// Weighted PageRank, damping 0.85; sums to 1.
        pagerank: Option<f64>,
        /// Burt's constraint on reciprocated ties, weighted.
        burt_constraint: Option<f64>,
        /// Burt's effective size on reciprocated ties, head-count form.
        effective_size: Option<f64>,
        /// Participation coefficient over units of reciprocated contacts.
        participation: Option<f64>,
        /// Core number in the graph of reciprocated ties.
        core_number: i64,
        /// Whether removing the person splits the graph of reciprocated ties.
        articulation_point: bool,
        /// Gould-Fernandez: open two-paths through the person with all three in one unit.
        coordinator: Option<i64>,
        /// Gould-Fernandez: both ends in one unit, the person in another.
        itinerant: Option<i64>,
        /// Gould-Fernandez: from the own unit to another.
        representative: Option<i64>,
        /// Gould-Fernandez: from another unit into the own.
        gatekeeper: Option<i64>,
        /// Gould-Fernandez: three different units.
        liaison: Option<i64>,
        /// Community, null for people without reciprocated ties.
        community_id: Option<i64>,
        /// Other units among reciprocated contacts.
        units_reached_count: i64,
        /// Share of reciprocated ties across branches of the reporting tree.
        cross_branch_share: Option<f64>,
        /// Share of reciprocated ties to other units.
        external_share: Option<f64>,
        /// That share for the rest of the unit.
        external_share_expected: Option<f64>,
        /// Outsiders in touch through this person beyond what the number of ties gives.
        bridge_residual: Option<f64>,
        /// Share of 999 seeded shuffles at least as high, and the observed one.
        bridge_p: Option<f64>,
        /// Windows without overlap that the flag rests on.
        bridge_windows_count: i64,
        /// Bridge in at least two of three windows; null with fewer than two windows.
        bridge: Option<bool>,
    }
}

table! {
    /// Who carries the reciprocated contact between two units, by pseudonym.
    PairCarrierRow = "pair_carriers" in Restricted by ["grouping", "unit_a", "unit_b", "person_id"] {
        /// How people are divided into units.
        grouping: Arc<str>,
        /// The unit whose label sorts first.
        unit_a: Arc<str>,
        /// The other unit.
        unit_b: Arc<str>,
        /// Keyed pseudonym.
        person_id: PersonId,
        /// Share of the pair's reciprocated weight at this person; every tie counts at both ends.
        weight_share: f64,
        /// 1 for the largest share.
        rank: i64,
        /// Share of people of unit_a within two steps of somebody in unit_b without the carriers up to this rank; ranks 1 to 3.
        remaining_share: Option<f64>,
    }
}

table! {
    /// One draw of the bootstrap for one unit: with it any contrast of units can be tested.
    ReplicateRow = "replicates" in Restricted by ["grouping", "unit", "replicate"] {
        /// How people are divided into units.
        grouping: String,
        /// Label of the unit.
        unit: String,
        /// Number of the draw, from 0; equal numbers draw the same people.
        replicate: i64,
        /// Share of the unit's contact that crosses its border.
        external_share: Option<f64>,
        /// The same share by chance, computed anew in this draw.
        expected_external_share: Option<f64>,
        /// log2 of the odds of external contact over the typical odds, the line fitted anew; null is undefined.
        relative_openness: Option<f64>,
    }
}

table! {
    /// An account that was set aside or is not in the directory, by pseudonym.
    AccountRow = "accounts" in Restricted by ["account_id"] {
        /// Keyed pseudonym.
        account_id: PersonId,
        /// unknown, bot, shared_mailbox, room, list, guest, left or machine_like.
        class: String,
        /// Why it has that class.
        reason: String,
        /// Messages it sent that were used, on any day that was read.
        message_count: i64,
    }
}

table! {
    /// A message and one of its recipients, as ingest leaves them: accounts are keyed ids, nothing is text of anybody.
    MessageRow = "messages" in Restricted by ["message_key", "message_check", "recipient_id"] {
        /// Source of the first copy.
        source: String,
        /// mail or chat.
        kind: String,
        /// mail, direct, group or channel.
        place: String,
        /// Keyed id of the channel or chat; null for mail.
        place_id: Option<i64>,
        /// Keyed id of the thread; null where there is none.
        thread_key: Option<i64>,
        /// First half of the key of the message that is answered; null where none is.
        reply_to_key: Option<i64>,
        /// First half of the key that finds the message's copies.
        message_key: i64,
        /// Second half of that key.
        message_check: i64,
        /// When it was sent.
        sent_at: Micros,
        /// Whose clock says so: server or sender.
        time_origin: String,
        /// Keyed id of the account that sent it.
        sender_id: i64,
        /// Keyed id of an account inside that it names; null: it names nobody, or so many that they are not kept.
        recipient_id: Option<i64>,
        /// to, cc, bcc, list, reply, mention, thread or none.
        role: String,
        /// Accounts that it names, inside and outside, without the sender.
        recipient_count: i64,
    }
}

table! {
    /// Contact from one person to another over the window, by pseudonym.
    TieRow = "ties" in Restricted by ["source_id", "target_id"] {
        /// Keyed pseudonym of the sender.
        source_id: PersonId,
        /// Keyed pseudonym of the recipient.
        target_id: PersonId,
        /// Messages.
        message_count: i64,
        /// Messages, each shared among its recipients.
        weight: f64,
        /// Mail messages.
        mail_count: i64,
        /// Chat messages.
        chat_count: i64,
        /// Days with a message.
        active_days_count: i64,
        /// First message, cut to whole seconds.
        first_at: Micros,
        /// Last message, cut to whole seconds.
        last_at: Micros,
        /// Relation of sender to recipient in the reporting tree.
        relation: Option<Cow<'static, str>>,
        /// Steps between them in the reporting tree.
        tree_distance: Option<i64>,
    }
}

/// All tables, in the order in which a run writes them.
pub const TABLES: [TableSpec; 16] = [
    UnitRow::TABLE,
    UnitPairRow::TABLE,
    CommunityRow::TABLE,
    HierarchyRow::TABLE,
    FreedomRow::TABLE,
    IntroductionRow::TABLE,
    TrendRow::TABLE,
    OrganizationRow::TABLE,
    SensitivityRow::TABLE,
    CoverageRow::TABLE,
    MetricRow::TABLE,
    PersonRow::TABLE,
    PairCarrierRow::TABLE,
    ReplicateRow::TABLE,
    AccountRow::TABLE,
    TieRow::TABLE,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_hold_the_conventions() {
        for table in TABLES {
            for column in table.columns {
                let name = column.name;
                assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'), "{name}");
                assert!(column.doc.trim().len() > 5 && column.doc.trim().ends_with('.'), "{}.{name}", table.name);
                assert!(table.class == Class::Restricted || !column.identifier, "{}.{name} names a person", table.name);
            }
            for key in table.key {
                let column = table.columns.iter().find(|column| column.name == *key);
                assert!(column.is_some_and(|column| !column.nullable), "{}: key {key}", table.name);
            }
        }
    }

    #[test]
    fn published_columns_are_an_allow_list() {
        // A new published column needs a look at who could learn what from it; then it is added here.
        let seen: Vec<String> = TABLES
            .iter()
            .filter(|table| table.class == Class::Published)
            .map(|table| format!("{}: {}", table.name, table.columns.len()))
            .collect();
        let allowed = [
            "units: 21",
            "unit_pairs: 12",
            "communities: 13",
            "hierarchy: 11",
            "freedoms: 14",
            "introductions: 9",
            "trends: 17",
            "organization: 7",
            "sensitivity: 9",
            "coverage: 12",
            "metrics: 11",
        ];
        assert_eq!(seen, allowed);
    }

    #[test]
    fn rows_go_both_ways_and_null_stays_null() {
        let row = OrganizationRow {
            metric: "openness".into(),
            value: Some(-0.5),
            low: None,
            high: None,
            expected: Some(0.0),
            z: None,
            as_of: None,
        };
        assert_eq!(OrganizationRow::from_cells(row.cells()), Some(row.clone()));
        let mut cells = row.cells();
        cells[0] = Cell::Text(None);
        assert_eq!(OrganizationRow::from_cells(cells), None);
    }
}
