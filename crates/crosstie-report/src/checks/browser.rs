//! Reports opened in Chromium as readers do: `tests/browser/check.mjs` looks at widths, themes, print and access.
//!
//! Without a browser, Node or the packages of `tests/browser` (`npm ci`) the test says so; with
//! `CROSSTIE_BROWSER_TESTS=1` it fails.

#![expect(clippy::print_stderr, reason = "the test says when it is skipped, and what the browser saw")]

use crate::checks::made::made;
use std::path::{Path, PathBuf};
use std::process::Command;

const BROWSERS: [&str; 3] = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

fn skipped(why: &str) {
    eprintln!("skipped: {why}");
    let is_wanted = std::env::var_os("CROSSTIE_BROWSER_TESTS").is_some_and(|value| value == "1");
    assert!(!is_wanted, "CROSSTIE_BROWSER_TESTS=1, but {why}");
}

#[test]
fn reports_are_read_on_every_screen_and_on_paper() {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/browser");
    let Some(browser) = BROWSERS.iter().map(PathBuf::from).find(|path| path.exists()) else {
        return skipped("there is no Chromium");
    };
    if !scripts.join("node_modules/playwright-core").is_dir() {
        return skipped("`npm ci` was not run in tests/browser");
    }
    if Command::new("node").arg("--version").output().is_err() {
        return skipped("there is no Node");
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, made) in [
        ("acme", made(12).with_earlier()),
        ("one-unit", made(1)),
        ("sixty-units", made(60)),
        ("thirty-units", made(30)),
        ("withheld", made(12).withheld()),
        (
            "long-names",
            made(12)
                .with_earlier()
                .renamed(&|name| format!("{name} Wholesale \u{d1}and\u{fa} \u{5317}\u{4eac} and Maintenance")),
        ),
    ] {
        let pages = made.render();
        std::fs::write(folder.path().join(format!("{name}.html")), pages.html).unwrap();
        if name == "acme" {
            std::fs::write(folder.path().join("transparency.html"), pages.transparency).unwrap();
        }
    }
    let looked = Command::new("node").arg(scripts.join("check.mjs")).arg(folder.path()).arg(browser).output().unwrap();
    eprintln!("{}", String::from_utf8_lossy(&looked.stdout));
    assert!(looked.status.success(), "{}", String::from_utf8_lossy(&looked.stderr));
}
