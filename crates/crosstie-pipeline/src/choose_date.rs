//! The date of a run that names none: the last day that every source has passed.

use crosstie_ingest::Ledger;
use crosstie_model::Day;

/// The newest day such that every source holds a later record, or is complete; with the reason in words. `None`
/// where no source holds a record.
pub(crate) fn choose_date(ledger: &Ledger, sources: &[(String, bool)]) -> Option<(Day, String)> {
    let last = |source: usize| ledger.times.get(&(source as u32)).map(|&(_, last)| last.day());
    let limits = sources.iter().enumerate().filter(|(_, (_, complete))| !complete);
    // A source that is still growing is sure only of the days before its last record.
    let slowest = limits.filter_map(|(at, (name, _))| Some((last(at)?.plus(-1), name))).min();
    let newest = (0..sources.len()).filter_map(last).max()?;
    Some(match slowest {
        Some((day, name)) if day < newest => (day, format!("the last day that `{name}` has passed")),
        _ => (newest, "the day of the newest record of complete sources".into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_growing_source_holds_the_date_back() {
        let mut ledger = Ledger::default();
        ledger.times.insert(0, (Day(0).start(), Day(10).start()));
        ledger.times.insert(1, (Day(0).start(), Day(7).start()));
        let on = |mail, chat| choose_date(&ledger, &[("mail".into(), mail), ("chat".into(), chat)]).unwrap().0;
        assert_eq!(on(true, true), Day(10));
        assert_eq!(on(false, true), Day(9));
        assert_eq!(on(true, false), Day(6));
        assert_eq!(choose_date(&Ledger::default(), &[("mail".into(), true)]), None);
    }
}
