//! The commands of the README do what it says: every `console` block is run, its output compared.
//!
//! A line that begins with `$ crosstie` is a command, the lines after it its output; `...` stands for any lines.

use crate::support::{crosstie_in, expect_code, root, stdout};
use std::fs;

#[test]
fn console_blocks_of_the_readme_print_what_they_say() {
    let scratch = tempfile::tempdir().unwrap();
    for folder in ["pipelines", "data-samples"] {
        std::os::unix::fs::symlink(root().join(folder), scratch.path().join(folder)).unwrap();
    }
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    let mut ran = 0;
    for block in text.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for part in block.split("$ ").skip(1) {
            let (command, expected) = part.split_once('\n').unwrap_or((part, ""));
            let Some(arguments) = command.strip_prefix("crosstie ") else { continue };
            let output = crosstie_in(scratch.path(), &arguments.split_whitespace().collect::<Vec<_>>());
            expect_code(&output, 0);
            compare(command, expected, &stdout(&output));
            ran += 1;
        }
    }
    assert!(ran >= 3, "{ran} commands");

    // The quoted report is the report that the first command wrote.
    // A sentence stands on a line of its own there.
    let plain = |text: &str| {
        let words = text.replace(['\\', '*'], "").replace('\u{a0}', " ");
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let report =
        plain(&fs::read_to_string(scratch.path().join("out/quickstart/reports/2026-05-31/report.md")).unwrap());
    let quoted: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix('>')).map(str::trim).collect();
    let paragraphs: Vec<String> = quoted.split(|line| line.is_empty()).map(|lines| plain(&lines.join(" "))).collect();
    assert_eq!(paragraphs.len(), 3);
    for paragraph in paragraphs {
        assert!(report.contains(&paragraph), "the report does not say: {paragraph}");
    }
}

/// Lines in order; `...` skips any.
#[track_caller]
fn compare(command: &str, expected: &str, got: &str) {
    let mut lines = got.lines().filter(|line| !line.trim().is_empty());
    let mut skipping = false;
    for wanted in expected.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
        if wanted == "..." {
            skipping = true;
            continue;
        }
        let found = if skipping {
            lines.any(|line| line.trim_end() == wanted)
        } else {
            lines.next().map(str::trim_end) == Some(wanted)
        };
        assert!(found, "`{command}` did not print `{wanted}`; it printed:\n{got}");
        skipping = false;
    }
}
