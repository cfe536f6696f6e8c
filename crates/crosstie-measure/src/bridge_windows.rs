//! Bridges over windows: who stands out in at least two of three windows without a day in common.
//!
//! # Definition
//! A person stands out in a window with at least 5 ends and `bridge_p` of at most 0.05. `bridge_windows_count` counts the
//! windows, of this one and up to two earlier ones, in which the person has a `bridge_p`; `bridge` is true where the
//! person stands out in two of them.
//!
//! # Undefined when
//! Fewer than two such windows: null.
//!
//! # Reading it
//! Chance alone marks 0.05² · (3 - 2 · 0.05) = 0.7 % of people over three windows and 0.25 % over two, where windows do
//! not hang together. Lasting habits are what it looks for, and lasting accidents of the directory look alike.

use crate::bridges::Bridge;

/// How many windows, and whether the person stands out in two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OverWindows {
    pub(crate) windows_count: i64,
    pub(crate) bridge: Option<bool>,
}

/// Whether each person stands out in this window; `None` without a `bridge_p`.
pub(crate) fn marks(bridges: &[Option<Bridge>]) -> Vec<Option<bool>> {
    bridges.iter().map(|bridge| bridge.as_ref().map(Bridge::stands_out)).collect()
}

/// Windows a list each, entries by person.
pub(crate) fn over_windows(windows: &[&[Option<bool>]], person: usize) -> OverWindows {
    let known = windows.iter().filter_map(|marks| marks[person]);
    let (all, outstanding) = (known.clone().count(), known.filter(|&mark| mark).count());
    OverWindows { windows_count: all as i64, bridge: (all > 1).then_some(outstanding > 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_of_three_and_null_with_one() {
        let over = |marks: &[Option<bool>]| {
            let windows: Vec<[Option<bool>; 1]> = marks.iter().map(|&mark| [mark]).collect();
            let windows: Vec<&[Option<bool>]> = windows.iter().map(<[_; 1]>::as_slice).collect();
            let found = over_windows(&windows, 0);
            (found.windows_count, found.bridge)
        };
        let (yes, no) = (Some(true), Some(false));
        assert_eq!(over(&[yes]), (1, None));
        assert_eq!(over(&[yes, None, None]), (1, None));
        assert_eq!(over(&[None, None, None]), (0, None));
        assert_eq!(over(&[yes, no]), (2, no));
        assert_eq!(over(&[yes, yes]), (2, yes));
        assert_eq!(over(&[no, yes, yes]), (3, yes));
        assert_eq!(over(&[yes, no, no]), (3, no));
        assert_eq!(over(&[yes, None, yes]), (2, yes));
    }

    #[test]
    fn five_ends_and_a_small_p_stand_out() {
        let bridge = |end_count, p| Some(Bridge { end_count, reached: 3.0, expected: 1.0, p });
        let found = marks(&[bridge(5, 0.05), bridge(4, 0.001), bridge(9, 0.051), None]);
        assert_eq!(found, [Some(true), Some(false), Some(false), None]);
    }
}
