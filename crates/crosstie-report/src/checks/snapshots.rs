//! Whole reports as they are: a change of a word or a line of a chart is seen.

use crate::checks::made::{Made, made};

fn first_run() -> Made {
    made(12)
}

/// Each chart of a report by its id, on lines of its own.
fn charts(html: &str) -> String {
    let drawings = html.split("<svg ").skip(1).map(|rest| rest.split("</svg>").next().unwrap());
    drawings.map(|drawing| format!("<svg {}</svg>\n\n", drawing.replace("><", ">\n<"))).collect()
}

/// The file without its style, script and charts, an element a line.
fn page(html: &str) -> String {
    let mut rest = html;
    let mut out = String::new();
    for (open, close) in [("<style>", "</style>"), ("<script>", "</script>")] {
        let (before, after) = rest.split_once(open).unwrap();
        out.push_str(before);
        rest = after.split_once(close).unwrap().1;
    }
    out.push_str(rest);
    let mut parts = out.split("<svg ");
    let mut bare = parts.next().unwrap().to_string();
    parts.for_each(|part| bare.push_str(part.split_once("</svg>").unwrap().1));
    // Hashes of style and script are tested apart.
    let (before, after) = bare.split_once("content=\"default-src").unwrap();
    format!("{before}{}", after.split_once('>').unwrap().1)
}

fn check(name: &str, made: &Made) {
    let pages = made.render();
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| {
        insta::assert_snapshot!(format!("{name}-markdown"), pages.markdown);
        insta::assert_snapshot!(format!("{name}-charts"), charts(&pages.html));
        if made.units.len() <= 12 {
            insta::assert_snapshot!(format!("{name}-html"), page(&pages.html));
        }
    });
}

#[test]
fn acme_with_earlier_windows() {
    check("acme", &made(12).with_earlier());
}

#[test]
fn one_unit() {
    check("one-unit", &made(1));
}

#[test]
fn all_withheld() {
    check("all-withheld", &made(12).withheld());
}

#[test]
fn the_first_run() {
    check("first-run", &first_run());
}

#[test]
fn sixty_units() {
    check("sixty-units", &made(60));
}
