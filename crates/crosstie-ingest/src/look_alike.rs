//! Outside domains that look like one's own: the same skeleton (UTS 39), or one edit away. They stay outside.

use crosstie_model::Lookup;

/// Domains met, compared with one's own once each.
pub(crate) struct LookAlikes {
    own: Vec<(String, String)>,
    met: Lookup<String, bool>,
}

impl LookAlikes {
    pub(crate) fn new(internal_domains: &[String]) -> LookAlikes {
        let own = internal_domains.iter().map(|domain| domain.strip_prefix("*.").unwrap_or(domain));
        LookAlikes { own: own.map(|domain| (domain.to_string(), skeleton(domain))).collect(), met: Lookup::new() }
    }

    /// Whether a domain outside, in A-labels, looks like one's own.
    pub(crate) fn note(&mut self, domain: &str) -> bool {
        if let Some(&known) = self.met.get(domain) {
            return known;
        }
        let looks_alike = looks_like_one_of(domain, &self.own);
        self.met.insert(domain.to_string(), looks_alike);
        looks_alike
    }
}

fn looks_like_one_of(domain: &str, own: &[(String, String)]) -> bool {
    let (shown, _) = idna::domain_to_unicode(domain);
    let seen = skeleton(&shown);
    own.iter().any(|(plain, skeleton)| {
        let is_subdomain = domain.strip_suffix(plain.as_str()).is_some_and(|rest| rest.ends_with('.'));
        !is_subdomain && domain != plain && (*skeleton == seen || is_one_edit(plain, &shown))
    })
}

fn skeleton(domain: &str) -> String {
    unicode_security::confusable_detection::skeleton(domain).collect()
}

/// Whether one insertion, deletion or replacement makes one text the other.
fn is_one_edit(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[same..], &b[same..]);
    match a.len().cmp(&b.len()) {
        std::cmp::Ordering::Equal => a.len() <= 1 || a[1..] == b[1..],
        std::cmp::Ordering::Less => *a == b[1..],
        std::cmp::Ordering::Greater => a[1..] == *b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_that_look_like_ones_own() {
        let mut alike = LookAlikes::new(&["example.com".into(), "*.corp.example".into()]);
        let cyrillic = idna::domain_to_ascii("ex\u{430}mple.com").unwrap();
        for (domain, expected) in [
            ("partner.example", false),
            ("mail.example.com", false),
            (cyrillic.as_str(), true),
            (cyrillic.as_str(), true),
            ("examp1e.com", true),
            ("example.co", true),
            ("exammple.com", true),
            ("other.com", false),
        ] {
            assert_eq!(alike.note(domain), expected, "{domain}");
        }
    }
}
