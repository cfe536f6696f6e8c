//! Whether committed ledgers still balance, and whether a ledger's lines add up to what its manifest says.

use crate::Finding;
use crate::manifest::{Manifest, SourceBytes, SourceLedger};
use crosstie_model::code;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// One line of `ledger.jsonl`: records of a source, file and week, or bytes of a source and file.
#[derive(Deserialize)]
struct Line {
    source: String,
    #[serde(default)]
    seen: u64,
    #[serde(default)]
    used: u64,
    #[serde(default)]
    duplicate: u64,
    #[serde(default)]
    excluded: BTreeMap<String, u64>,
    #[serde(default)]
    quarantined: BTreeMap<String, u64>,
    #[serde(default)]
    bytes_seen: u64,
    #[serde(default)]
    bytes_record: u64,
    #[serde(default)]
    bytes_header: u64,
    #[serde(default)]
    bytes_separator: u64,
    #[serde(default)]
    bytes_padding: u64,
}

/// Balances the ledger of the manifest `name`.
pub(crate) fn check_ledger(name: &str, manifest: &Manifest, findings: &mut Vec<Finding>) {
    for ledger in manifest.ledger.iter().filter(|ledger| !balances(ledger)) {
        let what = format!("the ledger of source `{}` does not balance", ledger.source);
        findings.push(Finding::new(code::S108, name, what));
    }
}

/// Balances the lines of the ledger file `path`, and adds them up to the manifest's.
pub(crate) fn check_lines(root: &Path, path: &str, manifest: &Manifest, findings: &mut Vec<Finding>) {
    let Some(lines) = fs::read_to_string(root.join(path)).ok().and_then(|text| parse(&text)) else {
        return findings.push(Finding::new(code::S108, path, "it cannot be read as a ledger"));
    };
    if let Some(at) = lines.iter().position(|line| !balances(line)) {
        findings.push(Finding::new(code::S108, path, format!("line {} does not balance", at + 1)));
    }
    let mut sums: BTreeMap<String, SourceLedger> = BTreeMap::new();
    for line in lines {
        match sums.get_mut(&line.source) {
            Some(sum) => add(sum, &line),
            None => {
                sums.insert(line.source.clone(), line);
            }
        }
    }
    for ledger in &manifest.ledger {
        let same = sums.get(&ledger.source).map_or_else(|| is_empty(ledger), |sum| sum == ledger);
        if !same {
            let what = format!("its lines of source `{}` do not add up to what the manifest says", ledger.source);
            findings.push(Finding::new(code::S108, path, what));
        }
    }
}

fn balances(ledger: &SourceLedger) -> bool {
    let set_aside: u64 = ledger.excluded.values().chain(ledger.quarantined.values()).sum();
    let bytes = ledger.bytes;
    ledger.seen == ledger.used + ledger.duplicate + set_aside
        && bytes.seen == bytes.record + bytes.header + bytes.separator + bytes.padding
}

fn is_empty(ledger: &SourceLedger) -> bool {
    ledger.seen == 0 && ledger.bytes.seen == 0
}

fn parse(text: &str) -> Option<Vec<SourceLedger>> {
    text.lines()
        .map(|line| {
            let line: Line = serde_json::from_str(line).ok()?;
            Some(SourceLedger {
                source: line.source,
                seen: line.seen,
                used: line.used,
                duplicate: line.duplicate,
                excluded: line.excluded,
                quarantined: line.quarantined,
                bytes: SourceBytes {
                    seen: line.bytes_seen,
                    record: line.bytes_record,
                    header: line.bytes_header,
                    separator: line.bytes_separator,
                    padding: line.bytes_padding,
                },
            })
        })
        .collect()
}

fn add(sum: &mut SourceLedger, line: &SourceLedger) {
    sum.seen += line.seen;
    sum.used += line.used;
    sum.duplicate += line.duplicate;
    for (all, more) in [(&mut sum.excluded, &line.excluded), (&mut sum.quarantined, &line.quarantined)] {
        more.iter().for_each(|(name, count)| *all.entry(name.clone()).or_default() += count);
    }
    let (all, more) = (&mut sum.bytes, line.bytes);
    all.seen += more.seen;
    all.record += more.record;
    all.header += more.header;
    all.separator += more.separator;
    all.padding += more.padding;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::tests::manifest;

    const LINES: &str = concat!(
        "{\"source\":\"mail\",\"file\":0,\"week\":\"2026-01-05\",\"seen\":5,\"used\":3,\"duplicate\":0,",
        "\"excluded\":{\"automated\":1},\"quarantined\":{\"I104\":1}}\n",
        "{\"source\":\"mail\",\"file\":0,\"week\":\"2026-01-12\",\"seen\":2,\"used\":1,\"duplicate\":1,",
        "\"excluded\":{},\"quarantined\":{}}\n",
        "{\"source\":\"mail\",\"file\":0,\"bytes_seen\":9,\"bytes_record\":7,\"bytes_header\":1,",
        "\"bytes_separator\":1,\"bytes_padding\":0}\n",
    );

    fn ledger() -> SourceLedger {
        SourceLedger {
            source: "mail".into(),
            seen: 7,
            used: 4,
            duplicate: 1,
            excluded: [("automated".to_string(), 1)].into(),
            quarantined: [("I104".to_string(), 1)].into(),
            bytes: SourceBytes { seen: 9, record: 7, header: 1, separator: 1, padding: 0 },
        }
    }

    #[track_caller]
    fn check(lines: &str, ledger: SourceLedger, expected: usize) {
        let temp = tempfile::tempdir().unwrap();
        fs::write(temp.path().join("ledger.jsonl"), lines).unwrap();
        let mut findings = Vec::new();
        let manifest = Manifest { ledger: vec![ledger], ..manifest("run") };
        check_ledger("m", &manifest, &mut findings);
        check_lines(temp.path(), "ledger.jsonl", &manifest, &mut findings);
        assert_eq!(findings.len(), expected, "{findings:?}");
    }

    #[test]
    fn what_does_not_add_up_is_found() {
        check(LINES, ledger(), 0);
        check(LINES, SourceLedger { used: 5, seen: 8, ..ledger() }, 1);
        check(LINES, SourceLedger { used: 5, ..ledger() }, 2);
        check(&LINES.replace("\"used\":3", "\"used\":2"), ledger(), 2);
        check(&LINES.replace("bytes_header\":1", "bytes_header\":2"), ledger(), 2);
        check("[]\n", ledger(), 1);
        check("", ledger(), 1);
    }
}
