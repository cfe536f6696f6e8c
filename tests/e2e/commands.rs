//! What shells and manuals are told of the command line.

use crate::support::{crosstie_in, expect_code, root, stderr, stdout};
use std::process::Command;

#[test]
fn every_shell_gets_its_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let made = crosstie_in(&root(), &["completions", shell]);
        expect_code(&made, 0);
        for word in ["run", "check", "log-format"] {
            assert!(stdout(&made).contains(word), "{shell} is not told of {word}");
        }
    }
    expect_code(&crosstie_in(&root(), &["completions", "abacus"]), 2);
}

#[test]
fn bash_completes_a_command() {
    let made = crosstie_in(&root(), &["completions", "bash"]);
    let ask = "COMP_WORDS=(crosstie ru); COMP_CWORD=1; _crosstie crosstie ru crosstie; echo \"${COMPREPLY[@]}\"";
    let Ok(asked) = Command::new("bash").args(["-c", &format!("{}\n{ask}", stdout(&made))]).output() else {
        eprintln!("skipped: no bash here");
        return;
    };
    assert_eq!(stdout(&asked).trim(), "run", "{}", stderr(&asked));
}

#[test]
fn there_is_a_page_of_the_whole_and_of_each_command() {
    let whole = crosstie_in(&root(), &["man"]);
    expect_code(&whole, 0);
    assert!(
        stdout(&whole).contains(".TH crosstie 1") && stdout(&whole).contains("crosstie\\-run(1)"),
        "{}",
        stdout(&whole)
    );
    let run = crosstie_in(&root(), &["man", "run"]);
    expect_code(&run, 0);
    assert!(
        stdout(&run).contains(".TH crosstie-run 1") && stdout(&run).contains("\\-\\-log\\-format"),
        "{}",
        stdout(&run)
    );
    let unknown = crosstie_in(&root(), &["man", "rn"]);
    expect_code(&unknown, 2);
    assert!(stderr(&unknown).contains("`run`"), "{}", stderr(&unknown));
}
