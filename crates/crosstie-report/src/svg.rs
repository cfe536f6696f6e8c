//! SVG markup made from escaped text only; the one type that HTML takes without escaping again.

use std::fmt::{self, Write};

/// A finished drawing.
#[derive(Clone, Debug)]
pub(crate) struct Svg(String);

impl fmt::Display for Svg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Svg {}

/// A drawing in the making. Colours are classes, coordinates are rounded to 0.1.
pub(crate) struct Canvas {
    body: String,
    width: f64,
    height: f64,
}

impl Canvas {
    pub(crate) fn new(width: f64, height: f64) -> Canvas {
        Canvas { body: String::new(), width, height }
    }

    pub(crate) fn rect(&mut self, class: &str, x: f64, y: f64, width: f64, height: f64) {
        let _ = write!(
            self.body,
            r#"<rect class="{class}" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}"/>"#
        );
    }

    pub(crate) fn line(&mut self, class: &str, x1: f64, y1: f64, x2: f64, y2: f64) {
        let _ = write!(self.body, r#"<line class="{class}" x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}"/>"#);
    }

    pub(crate) fn circle(&mut self, class: &str, x: f64, y: f64, radius: f64) {
        let _ = write!(self.body, r#"<circle class="{class}" cx="{x:.1}" cy="{y:.1}" r="{radius:.1}"/>"#);
    }

    /// Text with its base line at `y`; `anchor` is start, middle or end.
    pub(crate) fn text(&mut self, class: &str, x: f64, y: f64, anchor: &str, text: &str) {
        let _ = write!(
            self.body,
            r#"<text class="{class}" x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{}</text>"#,
            escaped(text)
        );
    }

    /// Closes the drawing. `id` is ours, never data; `finding` says in a sentence what it shows.
    pub(crate) fn finish(self, id: &str, title: &str, finding: &str) -> Svg {
        let Canvas { body, width, height } = self;
        Svg(format!(
            r#"<svg role="img" aria-labelledby="{id}-t {id}-d" width="{width:.0}" height="{height:.0}" viewBox="0 0 {width:.0} {height:.0}"><title id="{id}-t">{}</title><desc id="{id}-d">{}</desc>{body}</svg>"#,
            escaped(title),
            escaped(finding)
        ))
    }
}

/// Text as it may stand between tags: markup escaped, control and direction characters replaced.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if is_unprintable(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Control and direction-override characters, which could make a name show as another.
pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The first characters of a label, with an ellipsis where it is cut.
pub(crate) fn cut(label: &str, length: usize) -> String {
    if label.chars().count() <= length {
        return label.into();
    }
    label.chars().take(length - 1).chain(['\u{2026}']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_name_becomes_markup() {
        assert_eq!(escaped("<b a='x'>&\u{202e}"), "&lt;b a=&#39;x&#39;&gt;&amp;\u{fffd}");
        assert_eq!(cut("Plant North", 6), "Plant\u{2026}");
        assert_eq!(cut("Plant", 6), "Plant");
    }
}
