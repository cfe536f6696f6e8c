//! S8: communities that the ties form by themselves.

use crate::document::Sentence;
use crate::names::name;
use crate::numbers::{count, decimal, per_cent};
use crosstie_model::tables::CommunityRow;

/// Said before any of them.
pub(crate) const COMMUNITIES_ARE_CHOSEN: &str =
    "A community is chosen to be closed, so it carries no silo mark: random contact has communities, too.";

/// S8: a community. Where naming the mixture would count a few people, it is not named.
pub(crate) fn community(row: &CommunityRow) -> Option<Sentence> {
    let from = match (row.units_count, row.main_unit_share, row.main_unit.as_deref()) {
        (Some(1), _, Some(unit)) => format!(", all from {},", name(unit)),
        (Some(units), Some(share), Some(unit)) => {
            format!(" from {} units, {} of them from {},", count(units), per_cent(share), name(unit))
        }
        (_, _, Some(unit)) => format!(", most of them from {},", name(unit)),
        _ => " from several units".into(),
    };
    let text = format!(
        "A community of {} people{from} keeps {} of its contact inside ({} would stay by chance); two of its members were together again in {} of restarts, it was found at {} of 4 resolutions.",
        count(row.people_count?),
        per_cent(row.internal_share?),
        per_cent(row.expected_internal_share?),
        per_cent(row.stability?),
        row.persistence_count?,
    );
    Some(Sentence::plain(text).of("S8"))
}

/// How much ties cluster, and whether communities are the units.
pub(crate) fn clustering(value: f64, expected: f64, agreement: Option<f64>) -> String {
    let mut text = format!(
        "Ties cluster with a modularity of {}; tied anew at random, {}.",
        decimal(value, 2),
        decimal(expected, 2)
    );
    if let Some(agreement) = agreement {
        text.push_str(&format!(
            " Communities and units agree to {}: 0 is chance, 1 is the same.",
            decimal(agreement, 2)
        ));
    }
    text
}
