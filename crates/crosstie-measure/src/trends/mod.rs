//! Trends: what became of units and communities since an earlier window, and whether their openness changed.
//!
//! # Definition
//! An earlier window is one that a run committed. `event` compares with the newest that ends at least 7 days before this
//! one, on the people of both; `openness_change` with the newest that has no day in common with this one.
//!
//! ```text
//! silo_id          a unit's label; a community is the earlier one with which it has Jaccard > 1/2, else new
//! event            split, merge, birth, death: see `follow`; grow, shrink: a fifth more or fewer members; else continue
//! openness_change  = openness - openness then              low, high: the same in every draw, equal people in both windows
//! redrawn          |openness - openness by the earlier labels, same people, same messages| > half the interval's width
//! ```
//!
//! # Weights and direction
//! Those of openness.
//!
//! # Undefined when
//! `event`: no earlier run is committed. The change: no run whose window ends before this one begins, one with another
//! plan, a unit that was not there, was redrawn, or has no number in one of the two windows.
//!
//! # Reading it
//! Draws are named by people, so a person counts equally often in both windows: what hangs on who was drawn falls out of
//! the difference. Of twenty intervals about one leaves 0 by chance. A new reporting line moves openness without any
//! message: where it does, the event is `redrawn` and no change is claimed. Communities are chosen to be closed, in both
//! windows.
//!
//! # Differs from
//! The difference of two reports with windows that overlap: they share most of their messages.
//!
//! # Cost, exactness
//! O(people + draws · silos), and one expectation for each grouping and earlier window. Exact, given the draws.
//!
//! # References
//! Palla, Barabasi & Vicsek 2007, <https://doi.org/10.1038/nature05670> (events); Owen 2007 (draws).

mod change;
mod earlier;
mod follow;
mod redrawn;

pub use earlier::{Earlier, EarlierSilo, EarlierWindow, TrackedSilo, silo_id};

use change::{Evidence, change};
use crosstie_model::tables::TrendRow;
use crosstie_model::{Contribution, Day, Grade, Measured, MetricSpec};
use follow::{Event, Group, follow, same_community};
pub(crate) use redrawn::Chart;
use redrawn::is_redrawn;
use std::collections::BTreeSet;

/// Catalogue entry.
pub(crate) const SPEC: MetricSpec = MetricSpec {
    page: include_str!("mod.rs"),
    id: "trends",
    table: "trends",
    columns: &[
        "compared_period_start",
        "event",
        "openness",
        "openness_low",
        "openness_high",
        "change_period_start",
        "openness_change",
        "openness_change_low",
        "openness_change_high",
        "change_evidence",
    ],
    question: "What became of units and communities, and did their openness change?",
    formula: "openness - openness in the newest window without overlap, equal draws of people in both",
    unit: "log2 ratio",
    range: (f64::NEG_INFINITY, f64::INFINITY),
    undefined_when: "no earlier window without overlap, another plan, a unit that was not there or was redrawn, or no number in one of the two",
    grade: Grade::C,
    cannot_claim: "that a boundary is a fault, that a group is real to its members, or why contact changed",
    references: &["Palla, Barabasi & Vicsek 2007, doi:10.1038/nature05670", "Owen 2007, doi:10.1214/07-AOAS122"],
};

/// How communities are named among groupings.
pub(crate) const COMMUNITY: &str = "community";

/// A unit or community of this window, before it has its stable name.
pub(crate) struct Silo {
    pub(crate) grouping: String,
    /// Label of a unit; `None` for a community.
    pub(crate) unit: Option<String>,
    /// Number of a community.
    pub(crate) community_id: Option<i64>,
    /// People, sorted.
    pub(crate) members: Vec<u32>,
    pub(crate) openness: Option<f64>,
    pub(crate) low: Option<f64>,
    pub(crate) high: Option<f64>,
    pub(crate) draws: Vec<Option<f64>>,
    /// The people behind the row.
    pub(crate) side_a: Vec<Contribution>,
    pub(crate) side_b: Vec<Contribution>,
}

/// Rows and what the next run needs.
pub(crate) struct Trends {
    pub(crate) rows: Vec<Measured<TrendRow>>,
    /// What is no more: nobody is behind these rows, and they hold no number.
    pub(crate) ended: Vec<TrendRow>,
    pub(crate) tracked: Vec<TrackedSilo>,
    pub(crate) next_community: u64,
}

/// Follows the silos of this window, which begins on `period_start`, through earlier ones. `charts` has an entry a
/// grouping of units.
pub(crate) fn trends(silos: Vec<Silo>, charts: &[Chart<'_>], earlier: &Earlier, period_start: Day) -> Trends {
    let (ids, next_community) = ids(&silos, earlier);
    let compared = earlier.compared();
    let apart = earlier.apart();
    let groups: Vec<Group<'_>> = silos
        .iter()
        .zip(&ids)
        .map(|(silo, id)| Group { grouping: &silo.grouping, silo_id: id, members: &silo.members })
        .collect();
    let followed = compared.map(|window| follow(&groups, window));
    let redrawn_since = |silo: &Silo, window: Option<&EarlierWindow>| {
        let chart = charts.iter().find(|chart| chart.grouping.name == silo.grouping);
        window.zip(chart).zip(silo.unit.as_ref()).is_some_and(|((window, chart), unit)| is_redrawn(chart, unit, window))
    };
    let charts_since: Vec<(bool, bool)> =
        silos.iter().map(|silo| (redrawn_since(silo, compared), redrawn_since(silo, apart))).collect();
    let row = |(at, silo): (usize, &Silo)| {
        let event = followed.as_ref().map(|followed| match followed.events[at] {
            // A chart that was redrawn is said before anything that it moves.
            event if charts_since[at].0 && event != Event::Birth => Event::Redrawn,
            event => event,
        });
        let is_redrawn = charts_since[at].1 || event == Some(Event::Redrawn);
        let then = apart.map(|window| (window, window.silo(&ids[at])));
        let (evidence, found) = change(silo.openness, &silo.draws, then, is_redrawn);
        let row = TrendRow {
            silo_id: ids[at].clone(),
            period_start,
            grouping: silo.grouping.clone(),
            unit: silo.unit.clone(),
            community_id: silo.community_id,
            compared_period_start: compared.map(|window| window.window.first),
            event: event.map(|event| event.name().into()),
            people_count: Some(silo.members.len() as i64),
            openness: silo.openness,
            openness_low: silo.low.filter(|_| silo.openness.is_some()),
            openness_high: silo.high.filter(|_| silo.openness.is_some()),
            change_period_start: apart.map(|window| window.window.first),
            openness_change: found.map(|found| found.change),
            openness_change_low: found.and_then(|found| found.low),
            openness_change_high: found.and_then(|found| found.high),
            change_evidence: evidence.name().into(),
            as_of: None,
        };
        Measured { row, side_a: silo.side_a.clone(), side_b: silo.side_b.clone(), sums: Vec::new() }
    };
    let rows = silos.iter().enumerate().map(row).collect();
    let ended = compared.zip(followed.as_ref()).map_or_else(Vec::new, |(window, followed)| {
        let ends = followed.ended.iter().map(|&(silo, event)| (&window.silos[silo], event));
        // What was withheld does not come to light by its end.
        ends.filter(|(silo, _)| silo.was_shown)
            .map(|(silo, event)| ended_row(silo, event, window, apart, period_start))
            .collect()
    });
    let tracked = silos
        .into_iter()
        .zip(ids)
        .map(|(silo, silo_id)| TrackedSilo {
            silo_id,
            grouping: silo.grouping,
            unit: silo.unit,
            members: silo.members,
            draws: silo.draws,
        })
        .collect();
    Trends { rows, ended, tracked, next_community }
}

fn ended_row(
    silo: &EarlierSilo,
    event: Event,
    compared: &EarlierWindow,
    apart: Option<&EarlierWindow>,
    period_start: Day,
) -> TrendRow {
    TrendRow {
        silo_id: silo.silo_id.clone(),
        period_start,
        grouping: silo.grouping.clone(),
        unit: silo.unit.clone(),
        community_id: None,
        compared_period_start: Some(compared.window.first),
        event: Some(event.name().into()),
        people_count: None,
        openness: None,
        openness_low: None,
        openness_high: None,
        change_period_start: apart.map(|window| window.window.first),
        openness_change: None,
        openness_change_low: None,
        openness_change_high: None,
        change_evidence: Evidence::NoNumber.name().into(),
        as_of: None,
    }
}

/// The stable name of each silo, and the number of the next new community.
fn ids(silos: &[Silo], earlier: &Earlier) -> (Vec<String>, u64) {
    let mut ids: Vec<Option<String>> =
        silos.iter().map(|silo| silo.unit.as_ref().map(|unit| silo_id(&silo.grouping, unit))).collect();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    // First the window that events compare with, then the nights since: what is new in all of them is new.
    for window in earlier.compared().into_iter().chain(earlier.recent()) {
        for (silo, id) in silos.iter().zip(&mut ids).filter(|(_, id)| id.is_none()) {
            let same = same_community(&silo.members, window).filter(|same| !taken.contains(*same));
            if let Some(same) = same {
                taken.insert(same.to_string());
                *id = Some(same.to_string());
            }
        }
    }
    // New ones come in the order of communities: by descending size.
    let mut next = earlier.next_community;
    let named = ids
        .into_iter()
        .map(|id| {
            id.unwrap_or_else(|| {
                next += 1;
                format!("c:{}", next - 1)
            })
        })
        .collect();
    (named, next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crosstie_model::Window;

    fn community(members: &[u32]) -> Silo {
        Silo {
            grouping: COMMUNITY.into(),
            unit: None,
            community_id: Some(0),
            members: members.to_vec(),
            openness: Some(-1.0),
            low: Some(-1.5),
            high: Some(-0.5),
            draws: vec![Some(-1.0); 40],
            side_a: Vec::new(),
            side_b: Vec::new(),
        }
    }

    fn window(first: i32, silos: &[(&str, &[u32])]) -> EarlierWindow {
        EarlierWindow {
            window: Window { first: Day(first), last: Day(first + 6) },
            was_member: vec![true; 12],
            silos: silos
                .iter()
                .map(|(id, members)| EarlierSilo {
                    grouping: COMMUNITY.into(),
                    silo_id: (*id).into(),
                    unit: None,
                    people_count: members.len(),
                    members: members.to_vec(),
                    openness: Some(-0.5),
                    draws: vec![Some(-0.5); 40],
                    was_shown: true,
                })
                .collect(),
            is_same_plan: true,
        }
    }

    #[test]
    fn names_last_over_windows_and_nights_and_are_never_given_twice() {
        let silos = || vec![community(&[0, 1, 2, 3]), community(&[4, 5, 6]), community(&[7, 8]), community(&[9, 10])];
        let first = trends(silos(), &[], &Earlier::default(), Day(0));
        let named = |trends: &Trends| trends.tracked.iter().map(|silo| silo.silo_id.clone()).collect::<Vec<_>>();
        assert_eq!(named(&first), ["c:0", "c:1", "c:2", "c:3"]);
        assert_eq!(first.next_community, 4);
        assert!(first.rows.iter().all(|row| row.row.event.is_none() && row.row.change_evidence == "no_window"));

        // A week later one is known from the week before, one from last night only, one from both, one not at all.
        let earlier = Earlier {
            windows: vec![
                window(-7, &[("c:0", &[0, 1, 2]), ("c:2", &[7, 8, 9])]),
                window(-1, &[("c:5", &[4, 5, 6]), ("c:2", &[9, 10])]),
            ],
            compared: Some(0),
            apart: Some(0),
            recent: vec![1],
            next_community: 6,
            bridge_marks: Vec::new(),
        };
        let found = trends(silos(), &[], &earlier, Day(0));
        assert_eq!(named(&found), ["c:0", "c:5", "c:2", "c:6"], "c:2 is taken by the one that it was a week ago");
        assert_eq!(found.next_community, 7);
        let events: Vec<Option<&str>> = found.rows.iter().map(|row| row.row.event.as_deref()).collect();
        assert_eq!(events, [Some("grow"), Some("birth"), Some("split"), Some("split")]);
        let evidence: Vec<&str> = found.rows.iter().map(|row| row.row.change_evidence.as_str()).collect();
        assert_eq!(evidence, ["enough", "not_there", "enough", "not_there"]);
        assert_eq!(found.rows[0].row.openness_change, Some(-0.5));
    }

    #[test]
    fn what_ended_has_a_row_without_a_number_unless_it_was_withheld() {
        let mut then = window(-7, &[("c:0", &[0, 1, 2]), ("c:1", &[4, 5, 6])]);
        let ended = |then: &EarlierWindow| {
            let earlier = Earlier { windows: vec![then.clone()], compared: Some(0), ..Earlier::default() };
            trends(vec![community(&[0, 1, 2])], &[], &earlier, Day(0)).ended
        };
        let rows = ended(&then);
        assert_eq!((rows.len(), rows[0].silo_id.as_str(), rows[0].event.as_deref()), (1, "c:1", Some("death")));
        assert!(rows[0].people_count.is_none() && rows[0].openness.is_none());
        then.silos[1].was_shown = false;
        assert!(ended(&then).is_empty());
    }
}
