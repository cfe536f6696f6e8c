//! What chance exchanges: recipients within a week, or weight over the window; and within which places.

use crate::error::{Exit, Failure};
use crate::members::{Compared, Members};
use crate::settings::Settings;
use crosstie_model::{Chance, Diagnostic, Null, Window, code};

/// The plan's null.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NullPlan {
    null: Null,
    /// The grouping beside the units within whose values chance exchanges.
    within: Option<String>,
}

const WITHIN_KEY: &str = "measure.null_within";
/// Most strata times people, and times units: replicates go through the one and hold the other.
const MOST_OF_PEOPLE: usize = 20_000_000;
const MOST_OF_UNITS: usize = 50_000;

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

    /// Whether it is that of the ties stage: kinds and weeks, and nothing within them.
    pub(crate) fn is_plain(&self) -> bool {
        self.null == Null::WeekPermutation && self.within.is_none()
    }

    /// The value of each member, and how many values there are; `None` where all people are one.
    ///
    /// # Errors
    /// Over so many weeks they would make more strata than replicates can hold (78).
    pub(crate) fn values(&self, members: &Members, window: Window) -> Result<Option<(Vec<u32>, u32)>, Failure> {
        let Some(within) = members.compare.iter().find(|grouping| self.within.as_ref() == Some(&grouping.name)) else {
            return Ok(None);
        };
        let values = within.labels.len() + 1;
        // Mail and chat, and weeks that the window's ends cut.
        let weeks = if self.null == Null::Configuration { 1 } else { 2 * (window.days().div_ceil(7) as usize + 1) };
        let (strata, people) = (weeks * values * values, members.organization.len());
        let groupings = std::iter::once(&members.shown_units).chain(&members.compare);
        let units: usize = groupings.map(|grouping| grouping.labels.len() + 1).sum();
        if strata * people > MOST_OF_PEOPLE || strata * units > MOST_OF_UNITS {
            let message = format!("`{WITHIN_KEY}` makes {strata} strata of {people} people and {units} units");
            let told = Diagnostic::new(code::C103, message)
                .detail(format!("strata times people can be {MOST_OF_PEOPLE}, strata times units {MOST_OF_UNITS}"));
            return Err(Failure::new(Exit::Config, told.hint("choose a grouping with fewer values, or none")));
        }
        Ok(Some((within.dense(), values as u32)))
    }

    /// The null with its values.
    pub(crate) fn chance<'v>(&self, values: Option<&'v (Vec<u32>, u32)>) -> Chance<'v> {
        Chance { null: self.null, within: values.map(|(of, count)| (of.as_slice(), *count)) }
    }
}
