//! A mail as its source text: folded headers, names in every dress, dates of many clocks.

use super::clock::{later, rfc5322};
use super::made::{Made, Mail, Spelled};
use super::text::base64;
use crosstie_model::Micros;

/// What the clocks of senders show, with minutes east of Greenwich.
const ZONES: [(&str, i64); 8] = [
    ("+0000", 0),
    ("+0200", 120),
    ("-0500", -300),
    ("GMT", 0),
    ("+0530", 330),
    ("EST", -300),
    ("+0100 (CET)", 60),
    ("-0330", -210),
];

/// Headers and body, with `\n` after every line.
pub(crate) fn mail_text(made: &Made<'_>, mail: &Mail) -> String {
    let mut lines: Vec<String> = Vec::new();
    let dated = mail.number % 40 != 17;
    // Without a Date, the server's time is the mail's; else it is a little later.
    let received = if dated { later(mail.at, 1 + mail.number as i64 % 3) } else { mail.at };
    let by = "Received: from desk.acme.example (10.0.0.7)\n\tby mx.acme.example (10.0.0.2) with ESMTPS id 4c9x";
    lines.push(format!("{by};\n\t{}", rfc5322(received, 0, "+0000")));
    if mail.number.is_multiple_of(3) {
        // An earlier hop, which no one asks.
        let hop = rfc5322(Micros(received.0 - 3_600_000_000), -300, "-0500");
        lines.push(format!("Received: from [10.0.0.9] by desk.acme.example; {hop}"));
    }
    lines.push(format!("From: {}", dressed(made, &mail.sender, mail.number)));
    lines.push(folded("To", &people(made, &mail.to, mail.number), mail.number));
    if !mail.cc.is_empty() {
        let name = ["Cc", "CC", "cc"][mail.number % 3];
        lines.push(folded(name, &people(made, &mail.cc, mail.number + 1), mail.number));
    }
    lines.push("Subject: =?utf-8?q?=E2=80=A6?=".into());
    if dated {
        let (zone, offset) = ZONES[mail.number % ZONES.len()];
        lines.push(format!("Date: {}", rfc5322(mail.at, offset, zone)));
    }
    lines.push(format!("Message-ID: <{}>", mail.id));
    if let Some(parent) = &mail.answers {
        lines.push(format!("In-Reply-To: <{parent}>"));
        lines.push(format!("References: <start.{parent}>\n <{parent}>"));
    }
    lines.push("MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit".into());
    lines.push(body(mail).into());
    lines.join("\n")
}

/// Lines that look like a separator of an mbox, and are none.
fn body(mail: &Mail) -> &'static str {
    match mail.number % 4 {
        0 => "\n…\n\n>From now on it is quoted.\n\nFrom here on\nTo: nobody@elsewhere.example\n",
        1 => "\nFrom here on\n\n…\n",
        _ => "\n…\n",
    }
}

fn people(made: &Made<'_>, list: &[Spelled], number: usize) -> Vec<String> {
    list.iter().enumerate().map(|(at, spelled)| dressed(made, spelled, number + at)).collect()
}

/// An address with a name, or without.
fn dressed(made: &Made<'_>, spelled: &Spelled, number: usize) -> String {
    let (name, address) = (&made.names[spelled.person], &spelled.address);
    match number % 9 {
        0 | 1 => address.clone(),
        2 => format!("{} <{address}>", name.full()),
        3 => format!("\"{}, {}\" <{address}>", name.family, name.given),
        // Folding may fall inside quotes.
        4 => format!("\"{},\n {}\" <{address}>", name.family, name.given),
        5 => format!("=?utf-8?b?{}?= <{address}>", base64(format!("{} é", name.family).as_bytes())),
        6 => format!("{address} ({}; here)", name.full()),
        7 => format!("\"{} <desk@elsewhere.example>; \\\"{}\\\"\" <{address}>", name.given, name.family),
        _ => format!("<{address}>"),
    }
}

/// One address a line where there are several, behind a blank or a tab.
fn folded(name: &str, people: &[String], number: usize) -> String {
    let between = if number.is_multiple_of(2) { ",\n " } else { ",\n\t" };
    format!("{name}: {}", people.join(between))
}
