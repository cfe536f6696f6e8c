//! What `[observe]` and `[calendar]` mean.

use crate::file::{CalendarSection, ObserveSection};
use crate::plan::tidy;
use crate::settings::Settings;
use crosstie_model::Day;
use std::path::{Path, PathBuf};

/// Where metrics and lineage events go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ObservePlan {
    pub(crate) textfile: Option<PathBuf>,
    pub(crate) lineage: Option<PathBuf>,
}

impl ObservePlan {
    pub(crate) fn new(s: &mut Settings, base: &Path, output: &Path, section: ObserveSection) -> ObservePlan {
        let key = "observe.prometheus_textfile";
        let textfile = s.optional(key, section.prometheus_textfile).map(|file| tidy(&base.join(file)));
        if textfile.as_ref().is_some_and(|file| file.extension().is_none_or(|ending| ending != "prom")) {
            s.fault(key, "does not end in `.prom`: node_exporter reads no other file");
        }
        let lineage = s.optional("observe.openlineage", section.openlineage);
        ObservePlan { textfile, lineage: lineage.map(|file| tidy(&output.join("state").join(file))) }
    }
}

/// The days of the calendar, in order, each once.
pub(crate) fn holidays(s: &mut Settings, section: CalendarSection) -> Vec<Day> {
    let key = "calendar.holidays";
    let mut days = Vec::new();
    for text in s.list(key, section.holidays) {
        match text.parse::<Day>() {
            Ok(day) => days.push(day),
            Err(why) => s.fault(key, format_args!("is wrong: {why}")),
        }
    }
    days.sort_unstable();
    days.dedup();
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings::new(Path::new("p.toml"))
    }

    #[test]
    fn paths_start_where_the_schema_says() {
        let section = |textfile: &str, lineage: &str| ObserveSection {
            prometheus_textfile: Some(textfile.into()),
            openlineage: Some(lineage.into()),
        };
        let plan = |section| {
            let mut s = settings();
            (ObservePlan::new(&mut s, Path::new("etc"), Path::new("etc/out"), section), s.faults.len())
        };
        let (relative, faults) = plan(section("../a.prom", "events.ndjson"));
        assert_eq!(relative.textfile, Some("a.prom".into()));
        assert_eq!(relative.lineage, Some("etc/out/state/events.ndjson".into()));
        assert_eq!(faults, 0);
        let (absolute, faults) = plan(section("/var/a.txt", "/var/events"));
        assert_eq!(absolute.lineage, Some("/var/events".into()));
        assert_eq!(faults, 1, "no reader looks at another ending");
        assert_eq!(plan(ObserveSection::default()).0, ObservePlan::default());
    }

    #[test]
    fn holidays_are_days_in_order() {
        let mut s = settings();
        let list = ["2026-12-25", "2026-05-01", "2026-12-25", "25 December"].map(String::from).to_vec();
        let days = holidays(&mut s, CalendarSection { holidays: Some(list) });
        assert_eq!(days.iter().map(Day::to_string).collect::<Vec<_>>(), ["2026-05-01", "2026-12-25"]);
        assert_eq!(s.faults.len(), 1);
        assert_eq!(s.list[0].value, "[2026-12-25, 2026-05-01, 2026-12-25, 25 December]");
    }
}
