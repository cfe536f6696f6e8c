//! Text for markup: SVG, HTML, GraphML, GEXF.

/// Text as it may stand in an attribute or an element. Characters that XML 1.0 cannot hold become U+FFFD.
#[must_use]
pub fn escape_xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // HTML 4 knows no `&apos;`.
            '\'' => out.push_str("&#39;"),
            // Readers turn them into spaces unless they are written so.
            '\t' | '\n' | '\r' => out.push_str(&format!("&#{};", u32::from(c))),
            '\0'..' ' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_label_ends_an_attribute_or_an_element() {
        assert_eq!(
            escape_xml("R&D <\"West\"> 'a'\n\u{1}ü"),
            "R&amp;D &lt;&quot;West&quot;&gt; &#39;a&#39;&#10;\u{fffd}ü"
        );
    }
}
