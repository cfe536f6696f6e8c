//! Names that try to be markup: as unit, source, pipeline, community and purpose they stay text, in HTML and Markdown.

use crate::checks::made::{Made, made};
use pulldown_cmark::{Event, Options, Parser, Tag};
use std::collections::{BTreeMap, BTreeSet};

/// Attempts, each in several dresses.
const PAYLOADS: [&str; 64] = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//x.example/a.js></SCRIPT>",
    "</script><script>alert(1)</script>",
    "</style><style>*{display:none}</style>",
    "</title><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "</svg><script>alert(1)</script>",
    "</text></svg><img src=x>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><use href=\"data:image/svg+xml,x#a\"/></svg>",
    "<svg><foreignObject><b>x</b></foreignObject></svg>",
    "<math><mtext></mtext></math>",
    "<iframe src=//x.example></iframe>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<a href='data:text/html,x'>x</a>",
    "<form action=//x.example><input name=a>",
    "<base href=//x.example/>",
    "<link rel=stylesheet href=//x.example/a.css>",
    "<meta http-equiv=refresh content=\"0;url=//x.example\">",
    "<object data=//x.example></object>",
    "<template><b>x</b></template>",
    "<bdi></bdi>",
    "</bdi></td></tr></table><h1>x</h1>",
    "</desc><script>alert(1)</script>",
    "\" onmouseover=\"alert(1)",
    "' onfocus='alert(1)' autofocus='",
    "\"><b>x</b>",
    "'><b>x</b>",
    "`onload=alert(1)`",
    " style=\"background:url(//x.example)\" ",
    "x\" aria-label=\"y",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)",
    "&#x3c;script&#x3e;",
    "&quot; onload=&quot;x",
    "&amp;lt;b&amp;gt;",
    "{{ 7*7 }}",
    "{% include \"/etc/passwd\" %}",
    "${7*7}",
    "<%= 7*7 %>",
    "#{7*7}",
    "<!-- x -->",
    "--><script>alert(1)</script><!--",
    "<![CDATA[<b>x</b>]]>",
    "<?php echo 1 ?>",
    "<!DOCTYPE x [<!ENTITY a \"b\">]>",
    "javascript:alert(1)",
    "https://x.example/?a=b",
    "//x.example/a",
    "data:text/html;base64,PGI+",
    "expression(alert(1))",
    "@import url(//x.example/a.css);",
    "}*{color:red}",
    "\u{2028}<b>x</b>\u{2029}",
    "a\u{0}b<b>\u{0}</b>",
    "\u{202e}gnp.exe\u{202c}",
    "\u{2069}\u{2068}<b>x</b>",
    "[x](https://x.example)",
    "![x](https://x.example/a.png)",
    "[x]: https://x.example\n\n[x]",
    "<https://x.example>",
    "| a | b |\n|---|---|\n| c | d |",
    "\n\n# x\n\n- a\n\n```\nb\n```\n\n> c\n\n1. d\n\n***e*** ~~f~~ `g` __h__\n\n---\n",
];

/// 10,000 letters, and marks that Markdown reads at the start of a line.
fn more() -> Vec<String> {
    let mut more: Vec<String> =
        ["- ", "+ ", "* ", "1. ", "12) ", "# ", "> ", "= ", "==== ", "---", "\t", "    ", "~~~", "```", ": ", "[ ] "]
            .iter()
            .map(|start| format!("{start}x"))
            .collect();
    more.push("A".repeat(10_000));
    more.push("<".repeat(10_000));
    more
}

fn corpus() -> Vec<String> {
    let mut all = more();
    for payload in PAYLOADS {
        all.push(payload.to_string());
        all.push(format!("Plant {payload} North"));
        all.push(payload.to_uppercase());
        all.push(format!("{payload}{payload}"));
    }
    all
}

/// One unit, one source, the pipeline, a community and the purpose bear this name.
fn named(name: &str) -> Made {
    made(3).renamed(&|own| match own {
        "Finance" | "mail" | "acme" | "c:0" | "Find closed units" => name.to_string(),
        _ => own.to_string(),
    })
}

/// Elements with the names of their attributes, and with the values of those that must never hold data.
struct Skeleton {
    /// Outside of drawings, with how often each stands.
    page: BTreeMap<String, usize>,
    /// In drawings, where the room for a name decides whether it stands.
    drawings: BTreeSet<String>,
}

/// Reads tags as a browser does: every `<` that a letter, a slash or `!` follows begins one.
fn skeleton(html: &str) -> Skeleton {
    let mut skeleton = Skeleton { page: BTreeMap::new(), drawings: BTreeSet::new() };
    let mut in_drawing = false;
    let mut raw_until: Option<&str> = None;
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(end) = raw_until {
            if !rest.starts_with(end) {
                continue;
            }
            raw_until = None;
        }
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!' || c == '?') {
            continue;
        }
        let (shape, length) = tag(rest);
        rest = &rest[length..];
        match shape.split(' ').next() {
            Some("svg") => in_drawing = true,
            Some("/svg") => in_drawing = false,
            Some("style") => raw_until = Some("/style"),
            Some("script") => raw_until = Some("/script"),
            _ => {}
        }
        if in_drawing {
            skeleton.drawings.insert(shape);
        } else {
            *skeleton.page.entry(shape).or_default() += 1;
        }
    }
    skeleton
}

/// The shape of the tag that begins here, and how many bytes it takes.
fn tag(text: &str) -> (String, usize) {
    let mut shape = String::new();
    let mut quote: Option<char> = None;
    let mut value = String::new();
    let mut name = String::new();
    for (at, c) in text.char_indices() {
        match quote {
            Some(end) if c == end => {
                quote = None;
                let own = name.rsplit(' ').next().unwrap_or_default();
                let keeps = ["id", "class", "href", "aria-labelledby"].contains(&own);
                shape.push_str(&if keeps { format!("{name}={value}") } else { name.clone() });
                name.clear();
                value.clear();
            }
            Some(_) => value.push(c),
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c == '>' => {
                shape.push_str(&name);
                return (shape, at);
            }
            None if c == '=' => {}
            None => name.push(c),
        }
    }
    (shape, text.len())
}

#[test]
fn elements_and_attributes_are_those_of_a_benign_report() {
    let corpus = corpus();
    assert!(corpus.len() >= 200, "{}", corpus.len());
    let benign = skeleton(&named("Alpha").render().html);
    assert!(benign.page.len() > 20 && benign.drawings.len() > 20);
    let benign_page = skeleton(&named("Alpha").render().transparency);
    for payload in &corpus {
        let pages = named(payload).render();
        let found = skeleton(&pages.html);
        assert_eq!(found.page, benign.page, "{payload}");
        assert!(found.drawings.is_subset(&benign.drawings), "{payload}");
        assert_eq!(skeleton(&pages.transparency).page, benign_page.page, "{payload}");
        assert!(!pages.html.contains("://") && !pages.html.contains('\u{0}'), "{payload}");
        assert!(!pages.html.contains(['\u{202e}', '\u{2028}', '\u{2068}', '\u{2069}']), "{payload}");
    }
}

#[test]
fn the_skeleton_sees_what_it_looks_for() {
    let benign = skeleton("<p class=\"a\">x</p><svg><text x=\"1\">y</text></svg>");
    for bad in ["<p class=\"a\">x<b></p>", "<p class=\"a\" onclick=\"z\">x</p>", "<p class=\"b\">x</p>"] {
        assert_ne!(skeleton(&format!("{bad}<svg><text x=\"1\">y</text></svg>")).page, benign.page, "{bad}");
    }
    let drawing = skeleton("<p class=\"a\">x</p><svg><text x=\"1\" onload=\"z\">y</text></svg>");
    assert!(!drawing.drawings.is_subset(&benign.drawings));
}

/// Blocks of a Markdown text by kind, and what must not be in one.
fn blocks(markdown: &str) -> (BTreeMap<String, usize>, Vec<String>) {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_FOOTNOTES | Options::ENABLE_TASKLISTS;
    let (mut kinds, mut refused) = (BTreeMap::new(), Vec::new());
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::HtmlBlock | Tag::CodeBlock(_) | Tag::Emphasis)
            | Event::Html(_)
            | Event::InlineHtml(_)
            | Event::Code(_)
            | Event::Rule
            | Event::TaskListMarker(_)
            | Event::FootnoteReference(_) => refused.push(format!("{event:?}")),
            Event::Start(Tag::Strong) => {}
            Event::Start(tag) => {
                let kind = format!("{tag:?}").split([' ', '{', '(']).next().unwrap_or_default().to_string();
                *kinds.entry(kind).or_default() += 1;
            }
            _ => {}
        }
    }
    (kinds, refused)
}

#[test]
fn in_markdown_no_name_is_a_link_html_or_a_block() {
    let (benign, refused) = blocks(&named("Alpha").render().markdown);
    assert_eq!(refused, Vec::<String>::new());
    assert!(benign["Heading"] > 15 && benign["Table"] > 10 && benign["Item"] > 5);
    for payload in corpus() {
        let (found, refused) = blocks(&named(&payload).render().markdown);
        assert_eq!(refused, Vec::<String>::new(), "{payload}");
        assert_eq!(found, benign, "{payload}");
    }
    assert_eq!(blocks("[x](y) <b>").1.len(), 2, "the parser sees links and HTML");
}
