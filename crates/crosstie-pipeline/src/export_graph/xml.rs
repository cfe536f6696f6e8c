//! Text for XML 1.0.

use crosstie_model::CellKind;

/// Text as it may stand in an attribute or an element. Characters that XML cannot hold become U+FFFD.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // Readers turn them into spaces unless they are written so.
            '\t' | '\n' | '\r' => out.push_str(&format!("&#{};", u32::from(c))),
            '\0'..' ' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}

/// The name that GraphML and GEXF have for a type; days and times are text there.
pub(super) fn kind(kind: CellKind) -> &'static str {
    match kind {
        CellKind::Int => "long",
        CellKind::Float => "double",
        CellKind::Bool => "boolean",
        CellKind::Text | CellKind::Date | CellKind::Time => "string",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_label_ends_an_attribute_or_an_element() {
        assert_eq!(
            escape("R&D <\"West\"> 'a'\n\u{1}ü"),
            "R&amp;D &lt;&quot;West&quot;&gt; &apos;a&apos;&#10;\u{fffd}ü"
        );
    }
}
