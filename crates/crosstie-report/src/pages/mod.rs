//! From tables to a document, a file a page: which sentences, charts and tables stand where.

mod all_tables;
mod certainty;
mod changes;
mod closed;
mod dependence;
mod freedoms;
mod glossary;
mod hierarchy;
mod introductions;
mod method;
mod one_page;
mod privacy;
mod quality;
mod run;
mod view;

use crate::Input;
use crate::document::{Block, Document, Section, Sentence};
use crate::names::name;
use crate::words::{self, counted};
use view::View;

pub(crate) use freedoms::Found;
pub(crate) use view::{Numbered, Pairs, Withheld, is_silo};

pub(crate) use glossary::link;

/// Words of pages 1 to 7 at most, and sentences that a list keeps.
const MOST_WORDS: usize = 1600;
const LEAST_SENTENCES: usize = 1;
/// Kinds of sentences whose rows stand in tables as well.
const SHORTENED: [&str; 5] = ["S2", "S3", "S6", "S7", "S8"];

/// The seven pages and the appendix.
pub(crate) fn document(input: &Input<'_>) -> Document {
    let facts = input.facts;
    let view = View::new(input);
    let sections = vec![
        one_page::section(&view),
        closed::section(&view),
        dependence::section(&view),
        hierarchy::section(&view),
        changes::section(&view),
        introductions::section(&view),
        certainty::section(&view),
        method::section(&view),
        glossary::section(),
        quality::section(&view),
        privacy::section(&view),
        all_tables::section(&view),
        run::section(&view),
    ];
    let mut document = Document {
        title: Sentence::plain(format!("Collaboration report: {}", name(&facts.pipeline))),
        subtitle: Sentence::plain(format!(
            "{} to {} ({} with contact), {}",
            facts.window_first,
            facts.window_last,
            counted(facts.weeks(), "week", "weeks"),
            counted(facts.count("people"), "person", "people")
        )),
        banners: banners(&view),
        sections,
        footer: Sentence::plain(format!(
            "Run {}, window {} to {}, crosstie {}. Internal: do not forward.",
            facts.run_id, facts.window_first, facts.window_last, facts.version
        )),
    };
    limit(&mut document);
    link(&mut document);
    document
}

/// Shortens the longest lists of sentences until pages 1 to 7 are read in ten minutes: what is left out stands in tables.
fn limit(document: &mut Document) {
    while words_of(document) > MOST_WORDS {
        let lists = document.sections.iter_mut().filter(|section| !section.is_appendix);
        let lists = lists.flat_map(|section| &mut section.blocks).filter_map(|block| match block {
            Block::List(list)
                if list.len() > LEAST_SENTENCES && list.iter().all(|said| SHORTENED.contains(&said.kind)) =>
            {
                Some(list)
            }
            _ => None,
        });
        let Some(longest) = lists.max_by_key(|list| list.iter().map(Sentence::words).sum::<usize>()) else { return };
        longest.pop();
    }
}

/// Words of pages 1 to 7: headings and sentences; tables and charts with their captions aside.
pub(crate) fn words_of(document: &Document) -> usize {
    document.sections.iter().filter(|section| !section.is_appendix).map(Section::words).sum()
}

fn banners(view: &View<'_>) -> Vec<Sentence> {
    let mut said = Vec::new();
    if !words::has_policy(view.facts) {
        said.push(format!("{} {}", words::NO_POLICY, words::WRITE_A_POLICY));
    }
    let kinds = view.facts.kinds();
    for (kind, other) in [("mail", "chat"), ("chat", "mail")] {
        if kinds.len() == 1 && kinds.contains(kind) {
            said.push(words::missing_kind(other));
        }
    }
    let (whole, all) = view.periods();
    if view.is_poorly_covered() {
        said.push(words::low_coverage(whole, all));
    } else if whole < all {
        said.push(words::gaps_banner(all - whole));
    }
    said.into_iter().map(Sentence::plain).collect()
}
