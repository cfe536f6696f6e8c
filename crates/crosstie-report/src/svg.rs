//! SVG markup made from escaped text only; the one type that HTML takes without escaping again.

use crate::names::shown;
use crosstie_model::escape_xml;
use std::fmt::{self, Write};

/// The width of a chart that stands on a phone of 360 px beside a scroll bar.
pub(crate) const WIDTH: f64 = 320.0;

/// A finished drawing.
#[derive(Clone, Debug)]
pub(crate) struct Svg {
    markup: String,
    finding: String,
}

impl Svg {
    /// What it shows, in a sentence.
    pub(crate) fn finding(&self) -> &str {
        &self.finding
    }
}

impl fmt::Display for Svg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.markup)
    }
}

impl askama::filters::HtmlSafe for Svg {}

/// A drawing in the making. Colours are classes, coordinates are rounded to 0.1.
pub(crate) struct Canvas {
    body: String,
    width: f64,
    height: f64,
}

/// A coordinate: one decimal, and none where it is whole.
struct Place(f64);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Adding 0 makes minus zero zero.
        let tenths = (self.0 * 10.0).round() + 0.0;
        if tenths % 10.0 == 0.0 { write!(f, "{:.0}", tenths / 10.0) } else { write!(f, "{:.1}", tenths / 10.0) }
    }
}

impl Canvas {
    pub(crate) fn new(width: f64, height: f64) -> Canvas {
        Canvas { body: String::new(), width: width.ceil(), height: height.ceil() }
    }

    fn put(&mut self, text: fmt::Arguments<'_>) {
        self.body.write_fmt(text).expect("writing to a string cannot fail");
    }

    pub(crate) fn rect(&mut self, class: &str, x: f64, y: f64, width: f64, height: f64) {
        let (x, y, width, height) = (Place(x), Place(y), Place(width), Place(height));
        self.put(format_args!(r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}"/>"#));
    }

    /// A rectangle that tells more when pointed at.
    pub(crate) fn rect_with_title(&mut self, class: &str, place: (f64, f64), size: f64, title: &str) {
        let (x, y, size, title) = (Place(place.0), Place(place.1), Place(size), escaped(title));
        self.put(format_args!(
            r#"<rect class="{class}" x="{x}" y="{y}" width="{size}" height="{size}"><title>{title}</title></rect>"#
        ));
    }

    pub(crate) fn line(&mut self, class: &str, x1: f64, y1: f64, x2: f64, y2: f64) {
        let (x1, y1, x2, y2) = (Place(x1), Place(y1), Place(x2), Place(y2));
        self.put(format_args!(r#"<line class="{class}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>"#));
    }

    pub(crate) fn circle(&mut self, class: &str, x: f64, y: f64, radius: f64) {
        let (x, y, radius) = (Place(x), Place(y), Place(radius));
        self.put(format_args!(r#"<circle class="{class}" cx="{x}" cy="{y}" r="{radius}"/>"#));
    }

    /// A path of ours.
    pub(crate) fn path(&mut self, class: &str, path: &Path) {
        if !path.0.is_empty() {
            self.put(format_args!(r#"<path class="{class}" d="{}"/>"#, path.0));
        }
    }

    /// Text with its base line at `y`; `anchor` is start, middle or end.
    pub(crate) fn text(&mut self, class: &str, x: f64, y: f64, anchor: &str, text: &str) {
        let (x, y, text) = (Place(x), Place(y), escaped(text));
        self.put(format_args!(r#"<text class="{class}" x="{x}" y="{y}" text-anchor="{anchor}">{text}</text>"#));
    }

    /// Text with nothing behind it: lines that would strike it through are covered.
    pub(crate) fn text_alone(&mut self, class: &str, x: f64, y: f64, anchor: &str, text: &str) {
        let wide = width_of(text, 11.0);
        let left = match anchor {
            "middle" => x - wide / 2.0,
            "end" => x - wide,
            _ => x,
        };
        self.rect("blank", left - 2.0, y - 10.0, wide + 4.0, 14.0);
        self.text(class, x, y, anchor, text);
    }

    /// Closes the drawing. `id` is ours, never data; `finding` says in a sentence what it shows.
    pub(crate) fn finish(self, id: &str, title: &str, finding: &str) -> Svg {
        let Canvas { body, width, height } = self;
        let markup = format!(
            r#"<svg role="img" aria-labelledby="{id}-t {id}-d" width="{width:.0}" height="{height:.0}" viewBox="0 0 {width:.0} {height:.0}"><title id="{id}-t">{}</title><desc id="{id}-d">{}</desc>{body}</svg>"#,
            escaped(title),
            escaped(finding)
        );
        Svg { markup, finding: finding.into() }
    }
}

/// The outline of a path.
#[derive(Default)]
pub(crate) struct Path(String);

impl Path {
    pub(crate) fn to(&mut self, x: f64, y: f64, is_first: bool) {
        let letter = if is_first { 'M' } else { 'L' };
        write!(self.0, "{letter}{} {}", Place(x), Place(y)).expect("writing to a string cannot fail");
    }

    pub(crate) fn close(&mut self) {
        self.0.push('Z');
    }

    pub(crate) fn square(&mut self, x: f64, y: f64, size: f64) {
        let size = Place(size);
        write!(self.0, "M{} {}h{size}v{size}h-{size}z", Place(x), Place(y)).expect("writing to a string cannot fail");
    }

    pub(crate) fn across(&mut self, x: f64, y: f64, length: f64) {
        write!(self.0, "M{} {}h{}", Place(x), Place(y), Place(length)).expect("writing to a string cannot fail");
    }

    pub(crate) fn down(&mut self, x: f64, y: f64, length: f64) {
        write!(self.0, "M{} {}v{}", Place(x), Place(y), Place(length)).expect("writing to a string cannot fail");
    }
}

/// Text as it may stand between tags: control and direction characters replaced, markup escaped.
fn escaped(text: &str) -> String {
    escape_xml(&shown(text))
}

/// The most room that a text takes at this size: wide letters of wide fonts.
pub(crate) fn width_of(text: &str, size: f64) -> f64 {
    let width = |c: char| match c {
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | ' ' | '.' | ',' | '-' | '(' | ')' | '\'' | ':' => 0.45,
        'm' | 'w' | 'M' | 'W' | '%' | '\u{2026}' => 1.05,
        'A'..='Z' | '\u{d7}' | '\u{2212}' | '+' => 0.82,
        ' '..='~' => 0.66,
        _ => 1.05,
    };
    text.chars().map(width).sum::<f64>() * size
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_name_becomes_markup() {
        assert_eq!(escaped("<b a='x'>&\u{202e}"), "&lt;b a=&#39;x&#39;&gt;&amp;\u{fffd}");
    }

    #[test]
    fn coordinates_are_short() {
        let written = |value| Place(value).to_string();
        assert_eq!([written(1.04), written(1.06), written(-0.01), written(-2.25)], ["1", "1.1", "0", "-2.3"]);
    }
}
