//! A column of a table, or a path of JSON records, with the values that were looked at.

use super::names;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Values of one place in the first records.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// As the file writes it: a header, or a path such as `to[].address`.
    pub(super) name: String,
    /// Spellings under which it is looked up: folded, and without the tail that says no more than its parent.
    keys: Vec<String>,
    /// A list of values a record. Empty for columns that look like text.
    pub(super) rows: Vec<Vec<String>>,
}

/// Last steps of a path that only say what kind of value it is.
const TAILS: [&str; 9] = ["emailaddress", "address", "email", "mail", "id", "user", "value", "handle", "username"];

impl Column {
    pub(super) fn new(name: &str) -> Column {
        let parts: Vec<String> = name.split('.').map(folded).collect();
        let mut keys = vec![parts.concat()];
        let mut length = parts.len();
        while length > 1 && TAILS.contains(&parts[length - 1].as_str()) {
            length -= 1;
            keys.push(parts[..length].concat());
        }
        Column { name: name.into(), keys, rows: Vec::new() }
    }

    /// Place in a list of names; the earlier, the surer.
    pub(super) fn rank(&self, list: &[&str]) -> Option<usize> {
        self.keys.iter().filter_map(|key| list.iter().position(|name| name == key)).min()
    }

    /// Whether it looks like text that people wrote: never looked at.
    pub(super) fn is_text(&self) -> bool {
        let parts: Vec<String> = self.name.split('.').map(folded).collect();
        let last = parts.last().map_or("", String::as_str);
        names::TEXT.contains(&last) || parts.iter().any(|part| names::WHOLE_TEXT.contains(&part.as_str()))
    }

    /// The folded name.
    pub(super) fn key(&self) -> &str {
        self.keys.first().map_or("", String::as_str)
    }

    /// All values that are not empty.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().flatten().map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// The values of one record, as one text.
    pub(super) fn of_row(&self, row: usize) -> String {
        self.rows.get(row).map(|values| values.join("\u{1f}")).unwrap_or_default()
    }

    /// Whether most values satisfy a test; false without values.
    pub(super) fn most(&self, test: impl Fn(&str) -> bool) -> bool {
        let (mut all, mut good) = (0, 0);
        for value in self.values() {
            all += 1;
            good += usize::from(test(value));
        }
        all > 0 && 2 * good > all
    }

    /// Whether most values are addresses.
    pub(super) fn has_addresses(&self) -> bool {
        self.most(|value| value.contains('@'))
    }
}

/// A name without case, accents, blanks and signs.
pub(super) fn folded(name: &str) -> String {
    let plain = name.nfd().filter(|&c| !is_combining_mark(c)).flat_map(char::to_lowercase);
    let mut out = String::with_capacity(name.len());
    for c in plain {
        match c {
            'ł' => out.push('l'),
            'ß' => out.push_str("ss"),
            c if c.is_alphanumeric() => out.push(c),
            _ => {}
        }
    }
    out
}

/// What separates several values within one: the first of `;`, `,`, `|` and the blank that stands between two of them.
pub(super) fn separator_of(columns: &[&Column], are_addresses: bool) -> Option<char> {
    let is_several = |value: &str, separator: char| {
        let mut parts = value.split(separator).filter(|part| !part.trim().is_empty());
        let is_one = |part: &str| if are_addresses { part.contains('@') } else { separator != ' ' };
        parts.next().is_some_and(is_one) && parts.next().is_some_and(is_one)
    };
    [';', ',', '|', ' ']
        .into_iter()
        .find(|&separator| columns.iter().flat_map(|column| column.values()).any(|value| is_several(value, separator)))
}

/// The domain that most addresses have.
pub(super) fn most_frequent_domain<'v>(values: impl Iterator<Item = &'v str>) -> Option<String> {
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for domain in values.flat_map(domains) {
        *counts.entry(domain).or_default() += 1;
    }
    // Of equals the first by name: the same file gives the same hint.
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(domain, _)| domain)
}

fn domains(text: &str) -> impl Iterator<Item = String> {
    text.split('@').skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-')).unwrap_or(rest.len());
        let domain = rest[..end].trim_matches(['.', '-']).to_ascii_lowercase();
        let (_, top) = domain.rsplit_once('.')?;
        (top.len() >= 2 && top.bytes().all(|byte| byte.is_ascii_alphabetic())).then_some(domain)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fold() {
        for (name, expected) in [
            ("Sent_At", "sentat"),
            ("From: (Address)", "fromaddress"),
            ("Expéditeur", "expediteur"),
            ("Wysłano", "wyslano"),
        ] {
            assert_eq!(folded(name), expected);
        }
        assert_eq!(Column::new("to[].emailAddress.address").rank(&["to"]), Some(0));
        assert_eq!(Column::new("to[].name").rank(&["to"]), None);
        assert!(Column::new("message.Body").is_text());
    }

    #[test]
    fn separators_and_domains() {
        let separator = |value: &str| {
            let column = Column { rows: vec![vec![value.to_string()]], ..Column::new("to") };
            separator_of(&[&column], true)
        };
        assert_eq!(separator("a@x.example; b@x.example"), Some(';'));
        assert_eq!(separator("a@x.example,b@x.example"), Some(','));
        assert_eq!(separator("a@x.example"), None);
        let values = ["a@x.example", "<b@Y.example>,c@y.example.", "d@localhost"];
        assert_eq!(most_frequent_domain(values.into_iter()).as_deref(), Some("y.example"));
        assert_eq!(most_frequent_domain(["a@b"].into_iter()), None);
    }
}
