//! Page 1 of the HTML file and of its Markdown twin say the same, sentence by sentence.

use crate::checks::made::{Made, made};
use crate::document::Block;
use crosstie_privacy::SMALL_UNITS;

/// Words as they are read, without marks between them.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What stands between tags; drawings are left out.
fn text_of_html(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let is_inline = ["a ", "/a>", "bdi>", "/bdi>", "strong>", "/strong>"].iter().any(|tag| after.starts_with(tag));
        out.push_str(if is_inline { "" } else { "\n" });
        let end = if after.starts_with("svg ") { "</svg>" } else { ">" };
        rest = after.split_once(end).unwrap().1;
    }
    out + rest
}

fn page_1_of_html(made: &Made) -> String {
    let html = made.render().html;
    let page = html.split_once("id=\"one-page\">").unwrap().1.split_once("</section>").unwrap().0;
    let mut text = words(&text_of_html(page));
    for block in &made.document().sections[0].blocks {
        // What explains the marks of a drawing has no place where there is none.
        if let Block::Figure(figure) = block {
            let caption = words(&figure.caption.line());
            assert_eq!(text.matches(&caption).count(), 1, "{caption}");
            text = words(&text.replace(&caption, ""));
        }
    }
    text
}

fn page_1_of_markdown(made: &Made) -> String {
    let markdown = made.render().markdown;
    let page = markdown.split_once("\n## ").unwrap().1.split_once("\n## ").unwrap().0;
    words(&page.replace("### ", "").replace("**", "").replace('\\', ""))
}

#[test]
fn both_say_the_same_on_page_1() {
    let small = made(12).renamed(&|name| if name == "Legal" { SMALL_UNITS.into() } else { name.into() });
    let mut without_tree = made(12);
    without_tree.hierarchy.clear();
    for (what, made) in [
        ("12 units", made(12)),
        ("earlier windows", made(12).with_earlier()),
        ("1 unit", made(1)),
        ("withheld", made(12).withheld()),
        ("small units", small),
        ("no tree", without_tree),
        ("60 units", made(60).with_earlier()),
    ] {
        let (html, markdown) = (page_1_of_html(&made), page_1_of_markdown(&made));
        assert!(html.starts_with("In one page This report rests on ") && html.len() > 600, "{what}: {html}");
        assert_eq!(html, markdown, "{what}");
    }
}
