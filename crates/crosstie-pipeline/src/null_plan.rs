//! What chance exchanges: recipients within a week, or weight over the window; and within which places.

use crate::error::{Exit, Failure};
use crate::members::{Compared, Members};
use crate::settings::Settings;
use crosstie_measure::Variant;
use crosstie_model::{Diagnostic, Null, WindowTies, code};

/// The plan's null.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NullPlan {
    null: Null,
    /// The grouping beside the units within whose values chance exchanges.
    within: Option<String>,
}

const WITHIN_KEY: &str = "measure.null_within";
/// Most strata times people, and times units: replicates go through the one and hold the other.
const MOST_OF_PEOPLE: usize = 4_000_000;
const MOST_OF_UNITS: usize = 30_000;

impl NullPlan {
    pub(crate) fn new(
        s: &mut Settings,
        null: Option<String>,
        within: Option<String>,
        compare: &[Compared],
    ) -> NullPlan {
        let nulls = [("week_permutation", Null::WeekPermutation), ("configuration", Null::Configuration)];
        let null = s.choice("measure.null", null, &nulls);
        let within = s.optional(WITHIN_KEY, within);
        if let Some(name) = within.as_ref().filter(|name| compare.iter().all(|known| known.name != **name)) {
            s.fault(WITHIN_KEY, format_args!("is `{name}`, which `directory.compare` does not list"));
        }
        NullPlan { null, within }
    }

    /// The ties of a window under this null; `None` where they are under it already.
    ///
    /// # Errors
    /// It would make more strata than replicates can hold (78).
    pub(crate) fn ties(&self, ties: &WindowTies, members: &Members) -> Result<Option<WindowTies>, Failure> {
        if self.null == Null::WeekPermutation && self.within.is_none() {
            return Ok(None);
        }
        let grouping = members.compare.iter().find(|grouping| self.within.as_ref() == Some(&grouping.name));
        let value_of = grouping.map(crosstie_model::Grouping::dense);
        let under = ties.under(self.null, value_of.as_deref());
        let (strata, people) = (under.strata.len(), members.organization.len());
        let groupings = std::iter::once(&members.shown_units).chain(&members.compare);
        let units: usize = groupings.map(|grouping| grouping.labels.len() + 1).sum();
        if strata * people > MOST_OF_PEOPLE || strata * units > MOST_OF_UNITS {
            let message = format!("`{WITHIN_KEY}` makes {strata} strata of {people} people and {units} units");
            let told = Diagnostic::new(code::C103, message)
                .detail(format!("strata times people can be {MOST_OF_PEOPLE}, strata times units {MOST_OF_UNITS}"));
            return Err(Failure::new(Exit::Config, told.hint("choose a grouping with fewer values, or none")));
        }
        Ok(Some(under))
    }

    /// The same of the ties under other rules.
    pub(crate) fn variants(&self, variants: Vec<Variant>, members: &Members) -> Result<Vec<Variant>, Failure> {
        let under = |mut variant: Variant| {
            if let Some(ties) = &variant.ties {
                variant.ties = self.ties(ties, members)?.or(variant.ties);
            }
            Ok(variant)
        };
        variants.into_iter().map(under).collect()
    }
}
