//! Two spellings of addresses: two mailboxes by a reference of its own must never have one handle.

use crate::formats::{key, params};
use crate::oracle::{balances, is_silent};
use crosstie_ingest::{
    Directory, HandleKind, JsonForm, Kind, Layout, RecipientsForm, SourceFormat, SourceSpec, TableColumns, TableSpec,
    TimeForm, TimeSpec, domain_in_ascii, ingest_memory,
};
use crosstie_model::End;
use unicode_normalization::UnicodeNormalization;

/// Letters of local parts, where bytes are mapped. No `+`: a tag goes at domains inside.
const LOCAL: &[u8] = b"aAbBzZ019.-_='!#$%&*/?^`{|}~kKiIsS";
/// Letters of domains, where bytes are mapped.
const DOMAIN: &[u8] = b"aAbBzZ019.-xXkKiIsS";

/// Reads two addresses as the senders of two mails.
///
/// # Panics
/// If they are told apart where they are one, or taken for one where they are not.
pub fn check(data: &[u8]) {
    match data.split_first() {
        Some((1, rest)) => plain(rest),
        _ => {
            let text = String::from_utf8_lossy(data);
            let mut parts = text.splitn(2, '\n');
            any(parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        }
    }
}

/// Two addresses of letters that need no quotes: one handle if and only if they are one but for case.
fn plain(data: &[u8]) {
    let (a, b) = data.split_at(data.len() / 2);
    let (a, b) = (spelled(a), spelled(b));
    let (Some(a), Some(b)) = (a, b) else { return };
    let [one, other] = handles(&a, &b);
    if is_special(&a) || is_special(&b) {
        return;
    }
    let (Some(one), Some(other)) = (one, other) else { panic!("a plain address is none") };
    assert_eq!(one == other, reference(&a) == reference(&b), "two plain addresses");
}

/// `None` if there is nothing on one side.
fn spelled(bytes: &[u8]) -> Option<String> {
    let middle = bytes.len() / 2;
    let pick = |bytes: &[u8], letters: &[u8]| -> String {
        bytes.iter().map(|&byte| char::from(letters[usize::from(byte) % letters.len()])).collect()
    };
    let (local, domain) = (pick(&bytes[..middle], LOCAL), pick(&bytes[middle..], DOMAIN));
    let is_domain = domain.split('.').all(|label| !label.is_empty());
    (!local.is_empty() && is_domain && bytes.len() < 200).then(|| format!("{local}@{domain}"))
}

/// Spellings that stand for another address, which the reference does not know.
fn is_special(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["imcea", "ex:", "x500:", "/o=", "smtp:", "mailto:", "mailer-daemon"].iter().any(|head| lower.starts_with(head))
        || lower.contains("#ext#")
}

/// Any two texts. Those that read as addresses of an ASCII domain are two mailboxes if and only if they differ by more
/// than case and the form of their letters.
fn any(a: &str, b: &str) {
    let [one, other] = handles(a, b);
    let (Some(one), Some(other)) = (one, other) else { return };
    if is_bare(a) && is_bare(b) {
        assert_eq!(one == other, reference(a) == reference(b), "one handle for two mailboxes, or two for one");
    }
}

/// An address that is written without anything around it and without a tag, at an ASCII domain.
fn is_bare(text: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !"\"<>\\+".contains(c);
    text.chars().all(plain)
        && !is_special(text)
        && !text.starts_with('@')
        && text.rsplit_once('@').is_some_and(|(_, domain)| domain.is_ascii())
}

/// NFC, lower case, no dot at the end.
fn reference(text: &str) -> String {
    let text = text.strip_suffix('.').unwrap_or(text);
    let composed: String = text.nfc().collect();
    composed.to_lowercase().nfc().collect()
}

/// The handle ids of two senders, `None` of one whose record is set aside or left out.
fn handles(a: &str, b: &str) -> [Option<i64>; 2] {
    let line = |hour: u8, sender: &str| {
        let sender = serde_json::Value::from(sender);
        format!(
            "{{\"sent_at\":\"2026-03-02T0{hour}:00:00Z\",\"sender\":{sender},\"to\":\"z@q.example\",\"id\":\"{hour}\"}}\n"
        )
    };
    let text = [line(1, a), line(2, b)].concat();
    let domain = |text: &str| domain_in_ascii(text.rsplit_once('@')?.1.trim_end_matches('>'));
    let domains = [Some("q.example".into()), domain(a), domain(b)].into_iter().flatten().collect();
    let entries = [("mail.jsonl", text.as_bytes())];
    let Ok(ingested) = ingest_memory(&spec(), &entries, &Directory::default(), &params(domains), &key()) else {
        return [None, None];
    };
    balances(&ingested);
    is_silent(&format!("{ingested:?}"));
    [1, 2].map(|hour| {
        let is_it = |sent_at: i64| sent_at / 3_600_000_000 % 24 == hour;
        let message = ingested.messages.messages.iter().find(|message| is_it(message.sent_at.0))?;
        match message.sender {
            End::Account(account) => ingested.roll.handle_id(account),
            _ => None,
        }
    })
}

fn spec() -> SourceSpec {
    let column = |name: &str| Some(name.to_string());
    let table = TableSpec {
        layout: Layout::MessagePerRow,
        delimiter: None,
        recipient_separator: ";".into(),
        recipients_form: RecipientsForm::Separated,
        json: JsonForm::Lines,
        time: TimeSpec::new(TimeForm::Auto, None).expect("a form of time"),
        handles: HandleKind::Address,
        columns: TableColumns {
            sent_at: "sent_at".into(),
            sender: "sender".into(),
            to: column("to"),
            message_id: column("id"),
            ..TableColumns::default()
        },
        null_values: Vec::new(),
        trim: false,
    };
    SourceSpec::new("source", Kind::Mail, SourceFormat::Jsonl(Box::new(table)), Vec::new())
}
