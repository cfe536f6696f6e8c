//! Whether an org chart that was drawn anew moved a unit's openness: today's messages under today's and under the earlier
//! labels.

use super::earlier::EarlierWindow;
use crate::expectation::UnitFlows;
use crate::openness::{Openness, log_ratio};
use crosstie_model::{Grouping, Window, WindowTies};
use std::collections::BTreeMap;

/// Units of this window with their openness.
pub(crate) struct Chart<'a> {
    pub(crate) grouping: &'a Grouping,
    pub(crate) openness: &'a Openness,
    /// Openness of each label of an earlier window's chart on this window's people and messages, window by window.
    earlier: Vec<BTreeMap<String, Option<f64>>>,
    /// Those windows.
    windows: Vec<Window>,
}

impl<'a> Chart<'a> {
    /// Measures this window under the charts of earlier ones. Time as of one expectation for each.
    pub(crate) fn new<'w>(
        grouping: &'a Grouping,
        openness: &'a Openness,
        ties: &WindowTies,
        windows: impl Iterator<Item = &'w EarlierWindow>,
    ) -> Chart<'a> {
        let mut chart = Chart { grouping, openness, earlier: Vec::new(), windows: Vec::new() };
        for window in windows {
            chart.earlier.push(under(grouping, ties, window));
            chart.windows.push(window.window);
        }
        chart
    }
}

/// Whether the chart moved the unit's openness by more than half the width of its interval. False where the unit was not
/// there, or has no number.
pub(crate) fn is_redrawn(chart: &Chart<'_>, unit: &str, window: &EarlierWindow) -> bool {
    let known = chart.windows.iter().position(|known| *known == window.window);
    let under = known.and_then(|at| chart.earlier[at].get(unit));
    let unit = chart.grouping.labels.iter().position(|label| label == unit);
    let (Some(under), Some(unit)) = (under, unit) else { return false };
    let Some((now, (low, high))) = chart.openness.of_unit(unit).zip(chart.openness.unit_interval(unit)) else {
        return false;
    };
    match under {
        Some(under) => (now - under).abs() > (high - low) / 2.0,
        // None of its people bears the label any longer, or nobody crossed the border then: no number compares.
        None => true,
    }
}

/// Openness by label of an earlier chart. Who was no member then keeps today's label; who had none has none.
fn under(grouping: &Grouping, ties: &WindowTies, window: &EarlierWindow) -> BTreeMap<String, Option<f64>> {
    let silo_of = window.silo_of(&grouping.name);
    let label = |person: usize| match window.was_member[person] {
        true => silo_of[person].and_then(|silo| window.silos[silo].unit.clone()),
        false => grouping.unit_of[person].map(|unit| grouping.labels[unit.index()].clone()),
    };
    let labels: Vec<Option<String>> = (0..grouping.unit_of.len()).map(label).collect();
    let drawn = Grouping::from_labels(&grouping.name, &labels);
    let flows = UnitFlows::new(ties, &drawn.dense(), drawn.labels.len() + 1);
    let openness = |unit: usize| {
        log_ratio(flows.external_share(unit), flows.expected_external_share(unit)).filter(|value| value.is_finite())
    };
    let there = window.silos.iter().filter(|silo| silo.grouping == grouping.name).filter_map(|silo| silo.unit.clone());
    there
        .map(|unit| {
            let at = drawn.labels.binary_search(&unit).ok();
            (unit, at.and_then(openness))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::earlier::EarlierSilo;
    use super::super::silo_id;
    use super::*;
    use crate::expectation::tests::ties_of;
    use crate::{MeasureParams, measure_openness};
    use crosstie_model::{Day, Organization, Stream};

    const PARAMS: MeasureParams = MeasureParams { min_people: 5, min_messages: 1.0, ..MeasureParams::TESTED };

    fn grouping(units: &[u32; 24]) -> Grouping {
        Grouping::from_labels("unit", &units.map(|unit| Some(["a", "b", "c"][unit as usize].to_string())))
    }

    fn window(then: &[u32; 24], was_member: Vec<bool>) -> EarlierWindow {
        let silo = |unit: u32| {
            let members: Vec<u32> = (0..24).filter(|&p| then[p as usize] == unit && was_member[p as usize]).collect();
            let label = ["a", "b", "c"][unit as usize];
            EarlierSilo {
                grouping: "unit".into(),
                silo_id: silo_id("unit", label),
                unit: Some(label.into()),
                people_count: members.len(),
                members,
                openness: None,
                draws: Vec::new(),
                was_shown: true,
            }
        };
        let silos = (0..3).map(silo).filter(|silo| silo.people_count > 0).collect();
        EarlierWindow { window: Window { first: Day(0), last: Day(6) }, was_member, silos, is_same_plan: true }
    }

    /// Units of eight in which colleagues write to each other four times as often as to others.
    fn redrawn(now: &[u32; 24], then: &[u32; 24], was_member: Vec<bool>) -> Vec<bool> {
        let mut stream = Stream::new(5, "messages", &[]);
        let mut rows = Vec::new();
        for _ in 0..4000 {
            let (a, b) = (stream.below(24) as u32, stream.below(24) as u32);
            if a / 8 == b / 8 || stream.below(4) == 0 {
                rows.push((stream.below(3) as u32, a, b, 1 << 20));
            }
        }
        let ties = ties_of(&rows);
        let organization =
            Organization { manager_of: vec![None; 24], has_reporting_lines: false, stream_of: (0..24).collect() };
        let grouping = grouping(now);
        let openness = measure_openness(&organization, &ties, &grouping.dense(), &grouping.people_counts(), &PARAMS);
        let window = window(then, was_member);
        let chart = Chart::new(&grouping, &openness, &ties, std::iter::once(&window));
        grouping.labels.iter().map(|unit| is_redrawn(&chart, unit, &window)).collect()
    }

    const BLOCKS: [u32; 24] = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2];

    #[test]
    fn a_chart_that_stayed_moves_nothing() {
        assert_eq!(redrawn(&BLOCKS, &BLOCKS, vec![true; 24]), [false; 3]);
        // Joiners have no earlier label: they are no redrawing.
        let mut joined = vec![true; 24];
        (0..4).for_each(|person| joined[person * 5] = false);
        assert_eq!(redrawn(&BLOCKS, &BLOCKS, joined), [false; 3]);
    }

    #[test]
    fn a_chart_drawn_across_who_works_together_is_seen() {
        let mut mixed = BLOCKS;
        (0..4).for_each(|at| mixed.swap(at, 8 + at));
        assert_eq!(redrawn(&BLOCKS, &mixed, vec![true; 24]), [true, true, false]);
        // A unit that was not there is a birth, no redrawing; one whose people all bore another label is redrawn.
        let mut before = BLOCKS;
        before.iter_mut().for_each(|unit| *unit = (*unit).min(1));
        assert!(!redrawn(&BLOCKS, &before, vec![true; 24])[2]);
    }
}
