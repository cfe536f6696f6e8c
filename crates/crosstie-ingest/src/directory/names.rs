//! Full names as keys: spellings of one name become equal. Names stay in memory and are never printed.

use unicode_normalization::UnicodeNormalization;

/// A name in one spelling: NFC, lower case, blanks collapsed; `Family, Given` becomes `given family`.
///
/// ```
/// # use crosstie_ingest::folded_name;
/// assert_eq!(folded_name("Curie,  Marie"), folded_name("MARIE Curie"));
/// ```
#[must_use]
pub fn folded_name(name: &str) -> String {
    let collapsed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let swapped = match name.split_once(',') {
        Some((family, given)) if !given.contains(',') && !family.trim().is_empty() && !given.trim().is_empty() => {
            format!("{given} {family}")
        }
        _ => name.to_string(),
    };
    // Lower case can decompose (a dotted capital I does), so NFC comes after it as well.
    collapsed(&swapped.nfc().collect::<String>().to_lowercase()).nfc().collect()
}

/// The words of a text as they stand in folded names.
pub(super) fn words_of_names(text: &str) -> Vec<String> {
    let folded = text.nfc().collect::<String>().to_lowercase().nfc().collect::<String>();
    let is_of_name = |c: char| c.is_alphanumeric() || "-'\u{2019}.".contains(c);
    folded.split(|c| !is_of_name(c)).filter(|word| !word.is_empty()).map(str::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_meet() {
        for spelling in ["Jose\u{301} Ruiz", "JOS\u{c9}  ruiz", " Ruiz, Jos\u{e9} "] {
            assert_eq!(folded_name(spelling), "jos\u{e9} ruiz", "{spelling}");
        }
        assert_ne!(folded_name("Ruiz Jose"), folded_name("Jose Ruiz"));
        assert_eq!(folded_name("Jones, Jr., Tom"), "jones, jr., tom");
        assert_eq!(folded_name("Jones,"), "jones,");
    }
}
