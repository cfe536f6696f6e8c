//! The seven steps of the matrix: less, as expected, more. A step has a colour and a mark, so neither is needed alone.

use crosstie_model::tables::UnitPairRow;

/// Upper limits of the steps but the last, as log2 of the ratio: a quarter, half, four fifths, five quarters, two, four.
const LIMITS: [f64; 6] = [-2.0, -1.0, -0.321_928_094_887_362_3, 0.321_928_094_887_362_3, 1.0, 2.0];

/// What is drawn in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Less,
    More,
    Dot,
}

/// What is seen of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Withheld,
    /// 0 to 6, and its mark.
    Shown(usize, Mark),
}

/// The step of a pair.
pub(crate) fn step(pair: Option<&UnitPairRow>) -> Step {
    let Some(pair) = pair.filter(|pair| !pair.suppressed) else { return Step::Withheld };
    let Some(ratio) = pair.log2_ratio else {
        // A known zero is the lowest step, but where nothing was expected either.
        let is_expected = pair.expected_weight.is_some_and(|expected| expected > 0.0);
        return if is_expected { Step::Shown(0, Mark::Less) } else { Step::Shown(3, Mark::Dot) };
    };
    let holds_zero = pair.log2_low.is_none_or(|low| low <= 0.0) && pair.log2_high.is_none_or(|high| high >= 0.0);
    if holds_zero {
        return Step::Shown(3, Mark::Dot);
    }
    let step = LIMITS.iter().filter(|&&limit| ratio > limit).count();
    Step::Shown(step, if ratio < 0.0 { Mark::Less } else { Mark::More })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(ratio: Option<f64>, low: f64, high: f64) -> UnitPairRow {
        UnitPairRow {
            grouping: "unit".into(),
            unit_a: "a".into(),
            unit_b: "b".into(),
            weight: ratio.map_or(Some(0.0), |_| Some(1.0)),
            expected_weight: Some(2.0),
            log2_ratio: ratio,
            log2_low: ratio.map(|_| low),
            log2_high: ratio.map(|_| high),
            carriers_band: None,
            top_carrier_band: None,
            suppressed: false,
            as_of: None,
        }
    }

    #[test]
    fn steps_are_by_ratio_once_the_interval_leaves_what_is_expected() {
        let of = |ratio: f64| step(Some(&pair(Some(ratio), ratio - 0.01, ratio + 0.01)));
        let steps: Vec<Step> = [-2.5, -1.5, -0.5, -0.1, 0.1, 0.5, 1.5, 2.5].map(of).to_vec();
        let (less, more) = (Mark::Less, Mark::More);
        assert_eq!(
            steps,
            [(0, less), (1, less), (2, less), (3, less), (3, more), (4, more), (5, more), (6, more)]
                .map(|(at, mark)| Step::Shown(at, mark))
        );
        assert_eq!(step(Some(&pair(Some(-2.5), -3.0, 0.1))), Step::Shown(3, Mark::Dot));
        assert_eq!(step(Some(&pair(None, 0.0, 0.0))), Step::Shown(0, Mark::Less));
        assert_eq!(step(Some(&UnitPairRow { suppressed: true, ..pair(Some(2.0), 1.0, 3.0) })), Step::Withheld);
        assert_eq!(step(None), Step::Withheld);
    }
}
