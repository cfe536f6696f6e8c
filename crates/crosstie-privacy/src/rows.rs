//! Rows of the published tables: which cell each is, and what is left of one that is withheld.

use crate::decide::Decision;
use crate::release::{COMMUNITY, EVERYBODY, Key, border_cell};
use crosstie_model::tables::{
    CommunityRow, FreedomRow, HierarchyRow, IntroductionRow, OrganizationRow, SensitivityRow, TrendRow, UnitPairRow,
    UnitRow,
};
use crosstie_model::{Day, Record};

/// A row on which is decided as a whole.
pub(crate) trait Row: Record + Clone + Send {
    /// The cell that the row shows.
    fn cell(&self) -> Key;
    /// Where the row stands in its table.
    fn place(&self) -> Key {
        self.cell()
    }
    /// The row as that of another cell of the same table: for what goes on under another name.
    fn with_name_of(self, _: &Self) -> Self {
        self
    }
    /// The date whose values it shows.
    fn as_of(&mut self) -> &mut Option<Day>;
    /// What is left when it is withheld.
    fn withheld(self, why: Hidden) -> Self;
}

/// People on a side below which a hidden pair says that it is thin: the contract's band.
const THIN: usize = 10;

/// What `evidence` says of rows that few people are behind.
pub(crate) const FEW_PEOPLE: &str = "few_people";

/// Why a row is hidden.
#[derive(Clone, Copy)]
pub(crate) struct Hidden {
    pub(crate) decision: Decision,
    pub(crate) smaller_side_count: usize,
}

/// Rows of the whole organization that tell of no border are one cell.
fn everybody() -> Key {
    Key::new(EVERYBODY, "", &[])
}

impl Row for UnitRow {
    fn cell(&self) -> Key {
        Key::new("units", &self.grouping, &[&self.unit])
    }

    fn as_of(&mut self) -> &mut Option<Day> {
        &mut self.as_of
    }

    fn withheld(self, _: Hidden) -> UnitRow {
        UnitRow {
            grouping: self.grouping,
            unit: self.unit,
            // Known from the org chart, and at least the threshold after roll-up.
            people_count: self.people_count,
            external_share: None,
            expected_external_share: None,
            openness: None,
            openness_low: None,
            openness_high: None,
            typical_external_share: None,
            relative_openness: None,
            relative_openness_low: None,
            relative_openness_high: None,
            relative_z: None,
            z: None,
            ei_index: None,
            ei_index_expected: None,
            conductance: None,
            reach2_share: None,
            silo: None,
            evidence: FEW_PEOPLE.into(),
            as_of: self.as_of,
        }
    }
}

impl Row for UnitPairRow {
    fn cell(&self) -> Key {
        Key::new("unit_pairs", &self.grouping, &[&self.unit_a, &self.unit_b])
    }

    fn as_of(&mut self) -> &mut Option<Day> {
        &mut self.as_of
    }

    /// A hidden pair may show that it is thin, or that one person dominates it; never both, never a value.
    fn withheld(self, why: Hidden) -> UnitPairRow {
        let between = self.unit_a != self.unit_b;
        UnitPairRow {
            grouping: self.grouping,
            unit_a: self.unit_a,
            unit_b: self.unit_b,
            weight: None,
            expected_weight: None,
            log2_ratio: None,
            log2_low: None,
            log2_high: None,
            carriers_band: (between && why.decision == Decision::FewPeople && why.smaller_side_count < THIN)
                .then(|| "under_10".into()),
            top_carrier_band: (between && why.decision == Decision::Dominance).then(|| "over_50".into()),
            suppressed: true,
            as_of: self.as_of,
        }
    }
}

impl Row for CommunityRow {
    fn cell(&self) -> Key {
        Key::new("communities", COMMUNITY, &[&self.community_id.to_string()])
    }

    fn with_name_of(self, other: &CommunityRow) -> CommunityRow {
        CommunityRow { community_id: other.community_id, ..self }
    }

    fn as_of(&mut self) -> &mut Option<Day> {
        &mut self.as_of
    }

    fn withheld(self, _: Hidden) -> CommunityRow {
        CommunityRow {
            community_id: self.community_id,
            people_count: None,
            units_count: None,
            main_unit: None,
            main_unit_share: None,
            internal_share: None,
            expected_internal_share: None,
            openness: None,
            openness_low: None,
            openness_high: None,
            stability: None,
            persistence_count: None,
            as_of: self.as_of,
        }
    }
}

impl Row for TrendRow {
    /// A trend is a cell of its own, though nothing but that of its unit or community is asked whether it may change.
    fn cell(&self) -> Key {
        Key::new("trends", &self.grouping, &[&self.silo_id])
    }

    /// A community goes on under the number that it has now, as in its own table.
    fn with_name_of(self, other: &TrendRow) -> TrendRow {
        TrendRow { community_id: other.community_id, ..self }
    }

    fn as_of(&mut self) -> &mut Option<Day> {
        &mut self.as_of
    }

    fn withheld(self, _: Hidden) -> TrendRow {
        TrendRow { event: None, change_evidence: FEW_PEOPLE.into(), ..without_numbers(self) }
    }
}

/// A row of `trends` as far as nobody has to stand behind it.
pub(crate) fn without_numbers(row: TrendRow) -> TrendRow {
    TrendRow {
        people_count: None,
        openness: None,
        openness_low: None,
        openness_high: None,
        openness_change: None,
        openness_change_low: None,
        openness_change_high: None,
        ..row
    }
}

impl Row for HierarchyRow {
    fn cell(&self) -> Key {
        Key::new("hierarchy", "", &[&self.relation])
    }

    fn as_of(&mut self) -> &mut Option<Day> {
        &mut self.as_of
    }

    fn withheld(self, _: Hidden) -> HierarchyRow {
        HierarchyRow {
            relation: self.relation,
            tree_distance: self.tree_distance,
            tie_count: None,
            weight_share: None,
            expected_share: None,
            lift: None,
            lift_low: None,
            lift_high: None,
            dyad_share: None,
            dyad_lift: None,
            as_of: self.as_of,
        }
    }
}

impl Row for FreedomRow {
    fn cell(&self) -> Key {
        Key::new("freedoms", &self.grouping, &[&self.unit, &self.indicator])
    }

    fn as_of(&mut self) -> &mut Option<Day> {
        &mut self.as_of
    }

    /// A reason that holds for everybody alike stays: it says nothing about the people of a cell.
    fn withheld(self, _: Hidden) -> FreedomRow {
        let is_general = ["no_data", "coverage_gap", "self_test_failed"].contains(&self.evidence.as_str());
        FreedomRow {
            estimate: None,
            low: None,
            high: None,
            expected: None,
            people_count: None,
            events_count: None,
            evidence: if is_general { self.evidence } else { FEW_PEOPLE.into() },
            ..self
        }
    }
}

impl Row for IntroductionRow {
    fn cell(&self) -> Key {
        Key::new("introductions", &self.grouping, &[&self.unit_a, &self.unit_b])
    }

    fn as_of(&mut self) -> &mut Option<Day> {
        &mut self.as_of
    }

    fn withheld(self, _: Hidden) -> IntroductionRow {
        IntroductionRow {
            grouping: self.grouping,
            unit_a: self.unit_a,
            unit_b: self.unit_b,
            rank: None,
            shortfall: None,
            warm_pairs_count: None,
            introducers_band: None,
            pairs_opened_mean: None,
            as_of: self.as_of,
        }
    }
}

/// The grouping of which a row tells how much contact crosses borders.
pub(crate) fn border_of(row: &OrganizationRow) -> Option<&str> {
    match row.metric.as_str() {
        "openness" | "external_share" | "ei_index" => Some("unit"),
        other => other.strip_prefix("openness:"),
    }
}

impl Row for OrganizationRow {
    fn cell(&self) -> Key {
        border_of(self).map_or_else(everybody, border_cell)
    }

    fn place(&self) -> Key {
        Key::new(EVERYBODY, "", &[&self.metric])
    }

    fn as_of(&mut self) -> &mut Option<Day> {
        &mut self.as_of
    }

    fn withheld(self, _: Hidden) -> OrganizationRow {
        OrganizationRow {
            metric: self.metric,
            value: None,
            low: None,
            high: None,
            expected: None,
            z: None,
            as_of: self.as_of,
        }
    }
}

impl Row for SensitivityRow {
    fn cell(&self) -> Key {
        Key::new("sensitivity", "", &[])
    }

    fn place(&self) -> Key {
        Key::new("sensitivity", "", &[&self.rule, &self.value])
    }

    fn as_of(&mut self) -> &mut Option<Day> {
        &mut self.as_of
    }

    fn withheld(self, _: Hidden) -> SensitivityRow {
        SensitivityRow {
            rule: self.rule,
            value: self.value,
            tie_count: None,
            isolated_count: None,
            ei_index: None,
            ei_index_expected: None,
            openness: None,
            reach2_share: None,
            as_of: self.as_of,
        }
    }
}
