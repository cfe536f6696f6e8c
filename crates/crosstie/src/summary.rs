//! A run in a few sentences.

use crosstie_pipeline::{Outcome, Summary};

/// The words of an outcome, ending with where things lie.
pub(crate) fn words(outcome: &Outcome, output: &std::path::Path) -> String {
    match outcome {
        Outcome::AlreadyDone { date, report, renewed } => {
            let written =
                if *renewed { "What was read is kept anew; nothing else was written." } else { "Nothing was written." };
            format!(
                "Already done: the run of {date} with these inputs and this plan is committed. {written}\nReport: {}",
                report.display()
            )
        }
        Outcome::Stopped { summary } => format!("{}\nStopped as asked: nothing was committed.", records(summary)),
        Outcome::Committed { summary, report, .. } => format!(
            "{}\n{}\n{}\n{}\n{}\nReport: {}\nTables: {} (published), {} (restricted)",
            dates(summary),
            records(summary),
            people(summary),
            silos(summary),
            bridges(summary),
            report.display(),
            output.join("data").display(),
            output.join("restricted").display(),
        ),
    }
}

fn dates(summary: &Summary) -> String {
    let reason = summary.date_reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    format!("Date {}{reason}; window from {}.", summary.date, summary.window_first)
}

fn records(summary: &Summary) -> String {
    let records = &summary.records;
    let events = match summary.chat_events {
        0 => String::new(),
        1 => " (1 of them a join or leave)".into(),
        count => format!(" ({count} of them joins and leaves)"),
    };
    let reasons: Vec<String> =
        records.excluded.iter().map(|(reason, count)| format!("{} {count}", reason.name().replace('_', " "))).collect();
    let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
    format!(
        "{} records seen: {} used{events}, {} duplicates, {} excluded{reasons}, {} quarantined.",
        records.seen,
        records.used,
        records.duplicate,
        records.excluded_count(),
        records.quarantined_count(),
    )
}

fn people(summary: &Summary) -> String {
    let without = match summary.without_unit {
        0 => String::new(),
        count => format!(" ({count} without a unit)"),
    };
    format!(
        "{} people in {} units{without}; {} messages within the recipient limit, {} of them between people of the directory.",
        summary.people, summary.units, summary.messages, summary.tied_messages
    )
}

fn silos(summary: &Summary) -> String {
    let withheld = if summary.withheld > 0 {
        format!(" {} rows are withheld for privacy.", summary.withheld)
    } else {
        String::new()
    };
    let (judged, compared) = (summary.judged_units, summary.compared_units);
    if let Some((released, due)) = summary.stands {
        return format!(
            "Nothing new is released: what is published of {released} stands until the run of {due} (`privacy.release_days`)."
        );
    }
    let withheld = match summary.carried {
        0 => withheld,
        1 => withheld + " 1 row goes on showing an earlier value, since what changed would tell of a few people.",
        rows => {
            withheld
                + &format!(
                    " {rows} rows go on showing an earlier value, since what changed would tell of a few people."
                )
        }
    };
    let found = match summary.silos.len() {
        0 if compared == 0 && judged == 1 => {
            "Silos cannot be judged: the one unit with enough evidence has no units like it here to compare with."
                .into()
        }
        0 if compared == 0 => format!(
            "Silos cannot be judged: of {judged} units with enough evidence none has units like it here to compare with."
        ),
        0 => format!("No silo among {compared} units that can be compared."),
        1 => format!("1 silo among {compared} units that can be compared: {}.", summary.silos[0]),
        count => format!("{count} silos among {compared} units that can be compared: {}.", summary.silos.join(", ")),
    };
    found + &withheld
}

fn bridges(summary: &Summary) -> String {
    let chance = (summary.bridge_candidates as f64 * 0.05).round();
    let lasting = match summary.lasting_bridge_candidates {
        0 => String::new(),
        _ => format!(" {} so in at least two of three windows.", summary.lasting_bridges),
    };
    format!(
        "{} of {} people with at least 5 ties off the reporting chain have bridge_p <= 0.05 (chance alone gives about {chance}).{lasting}",
        summary.bridges, summary.bridge_candidates
    )
}
