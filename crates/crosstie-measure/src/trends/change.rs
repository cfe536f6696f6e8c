//! The change of openness between two windows without a day in common, paired draw by draw.

use super::earlier::{EarlierSilo, EarlierWindow};
use crate::interval::{Interval, finite};

/// Whether a change can be told, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Evidence {
    Enough,
    NoWindow,
    OtherPlan,
    NotThere,
    Redrawn,
    NoNumber,
    FewDraws,
}

impl Evidence {
    /// As tables name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Evidence::Enough => "enough",
            Evidence::NoWindow => "no_window",
            Evidence::OtherPlan => "other_plan",
            Evidence::NotThere => "not_there",
            Evidence::Redrawn => "redrawn",
            Evidence::NoNumber => "no_number",
            Evidence::FewDraws => "few_draws",
        }
    }
}

/// A change with the ends of its 95 % interval; an end that is unbounded is `None`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Change {
    pub(crate) change: f64,
    pub(crate) low: Option<f64>,
    pub(crate) high: Option<f64>,
}

/// The change of a silo since `then`, an earlier window and the silo there.
pub(crate) fn change(
    openness: Option<f64>,
    draws: &[Option<f64>],
    then: Option<(&EarlierWindow, Option<&EarlierSilo>)>,
    is_redrawn: bool,
) -> (Evidence, Option<Change>) {
    let Some((window, silo)) = then else { return (Evidence::NoWindow, None) };
    if !window.is_same_plan {
        return (Evidence::OtherPlan, None);
    }
    let Some(silo) = silo else { return (Evidence::NotThere, None) };
    if is_redrawn {
        return (Evidence::Redrawn, None);
    }
    let Some((now, before)) = openness.zip(silo.openness) else { return (Evidence::NoNumber, None) };
    if draws.len() != silo.draws.len() {
        return (Evidence::OtherPlan, None);
    }
    let differences = draws.iter().zip(&silo.draws).map(|(now, before)| {
        // Without a logarithm in both there is no difference.
        now.zip(*before).map(|(now, before)| now - before).filter(|difference| !difference.is_nan())
    });
    match Interval::of(differences).filter(|interval| !interval.is_undefined()) {
        Some(interval) => {
            let found = Change { change: now - before, low: finite(interval.low), high: finite(interval.high) };
            (Evidence::Enough, Some(found))
        }
        None => (Evidence::FewDraws, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MeasureParams;
    use crate::UnitFlows;
    use crate::expectation::tests::ties_of;
    use crate::openness::{Units, log_ratio, openness_of};
    use crate::replicate::tests::window_of;
    use crate::replicate::{Draws, bootstrap};
    use crosstie_model::{Day, Organization, Stream, Window, WindowTies};

    fn then(openness: Option<f64>, draws: Vec<Option<f64>>) -> (EarlierWindow, EarlierSilo) {
        let silo = EarlierSilo {
            grouping: "unit".into(),
            silo_id: "u:a".into(),
            unit: Some("a".into()),
            people_count: 9,
            members: (0..9).collect(),
            openness,
            draws,
            was_shown: true,
        };
        let window = Window { first: Day(0), last: Day(6) };
        (EarlierWindow { window, was_member: vec![true; 9], silos: vec![silo.clone()], is_same_plan: true }, silo)
    }

    #[test]
    fn the_first_reason_that_holds_is_told() {
        let draws = vec![Some(0.5); 40];
        let (mut window, silo) = then(Some(0.5), draws.clone());
        let of = |window: &EarlierWindow, silo: Option<&EarlierSilo>, openness, redrawn| {
            change(openness, &draws, Some((window, silo)), redrawn).0
        };
        assert_eq!(change(Some(1.0), &draws, None, false).0, Evidence::NoWindow);
        assert_eq!(of(&window, None, Some(1.0), false), Evidence::NotThere);
        assert_eq!(of(&window, Some(&silo), Some(1.0), true), Evidence::Redrawn);
        assert_eq!(of(&window, Some(&silo), None, false), Evidence::NoNumber);
        assert_eq!(of(&window, Some(&silo), Some(1.0), false), Evidence::Enough);
        let undefined = EarlierSilo { draws: vec![None; 40], ..silo.clone() };
        assert_eq!(of(&window, Some(&undefined), Some(1.0), false), Evidence::FewDraws);
        let others = EarlierSilo { draws: vec![Some(0.5); 39], ..silo.clone() };
        assert_eq!(of(&window, Some(&others), Some(1.0), false), Evidence::OtherPlan);
        window.is_same_plan = false;
        assert_eq!(of(&window, Some(&silo), Some(1.0), false), Evidence::OtherPlan);
    }

    #[test]
    fn a_border_that_nobody_crosses_in_some_draws_leaves_an_end_open() {
        let mut now = vec![Some(0.0); 38];
        now.extend([Some(f64::NEG_INFINITY); 2]);
        let (window, silo) = then(Some(0.5), vec![Some(0.5); 40]);
        let (_, found) = change(Some(0.0), &now, Some((&window, Some(&silo))), false);
        assert_eq!(found, Some(Change { change: -0.5, low: None, high: Some(-0.5) }));
        // In both windows: no difference is known.
        let never = vec![Some(f64::NEG_INFINITY); 40];
        let (window, silo) = then(Some(0.5), never.clone());
        assert_eq!(change(Some(0.0), &never, Some((&window, Some(&silo))), false).0, Evidence::FewDraws);
    }

    /// People in two units; two windows of their messages.
    fn made(seed: u64) -> (Organization, [WindowTies; 2]) {
        let organization =
            Organization { manager_of: vec![None; 16], has_reporting_lines: false, stream_of: (100..116).collect() };
        let window = |number: u64| {
            let mut stream = Stream::new(seed, "made", &[number]);
            // Stable pairs, so that who is drawn matters in both windows alike.
            let mut pairs = Stream::new(seed, "pairs", &[]);
            let rows: Vec<_> = (0..400)
                .map(|_| {
                    let (a, b) = (pairs.below(16) as u32, pairs.below(16) as u32);
                    (stream.below(4) as u32, a, b, 1 + stream.below(1 << 18) as u32)
                })
                .collect();
            ties_of(&rows)
        };
        (organization, [window(0), window(1)])
    }

    #[test]
    fn equal_people_are_drawn_in_both_windows() {
        let (organization, windows) = made(3);
        let unit_of: Vec<u32> = (0..16).map(|person| person / 8).collect();
        let units = Units { unit_of: &unit_of, people_counts: &[8, 8] };
        let params = MeasureParams { min_people: 5, min_messages: 1.0, ..MeasureParams::TESTED };
        // Each window is drawn by itself, as two runs do.
        let measured = windows.each_ref().map(|ties| {
            let draws = Draws::new(&organization, 1, 200);
            let sums = bootstrap(ties, &draws, &units.statistic(ties));
            openness_of(units.flows(ties), units, &draws, &sums.iter().collect::<Vec<_>>(), &params)
        });
        let (window, silo) = then(measured[0].of_unit(0), measured[0].unit_draws[0].clone());
        let (evidence, found) =
            change(measured[1].of_unit(0), &measured[1].unit_draws[0], Some((&window, Some(&silo))), false);
        assert_eq!(evidence, Evidence::Enough);
        let found = found.unwrap();

        // The definition: one draw of people, both windows written out, the closed form on each.
        let draws = Draws::new(&organization, 1, 200);
        let differences = (0..200).map(|replicate| {
            let [before, now] = windows.each_ref().map(|ties| {
                let flows = UnitFlows::new(&window_of(ties, &draws, replicate), &unit_of, 3);
                log_ratio(flows.external_share(0), flows.expected_external_share(0))
            });
            Some(now? - before?)
        });
        let slow = Interval::of(differences.collect::<Vec<_>>().into_iter()).unwrap();
        assert_eq!((found.low, found.high), (Some(slow.low), Some(slow.high)));
        // Pairs are stable, so the paired interval is narrower than that of each window.
        let alone = measured[1].unit_interval(0).unwrap();
        assert!(slow.high - slow.low < alone.1 - alone.0, "{slow:?} against {alone:?}");
    }
}
