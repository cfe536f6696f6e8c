//! Appendix D: what for, who is shown, what is read and never is, how much is withheld, whom to ask.

use crate::document::{Block, Section, Sentence};
use crate::pages::view::View;
use crate::words;

pub(crate) fn section(view: &View<'_>) -> Section {
    let facts = view.facts;
    let policy = if words::has_policy(facts) { words::policy(facts) } else { vec![words::NO_POLICY.into()] };
    let mut list: Vec<Sentence> = policy.into_iter().map(Sentence::plain).collect();
    list.push(Sentence::plain(words::READ_AND_NEVER_READ));
    list.push(Sentence::plain(words::least_people(facts.setting("privacy.min_people"))));
    list.push(Sentence::plain(words::PSEUDONYMS));
    list.push(Sentence::plain(words::kept_in_short(facts)));
    list.push(words::withheld(view.withheld));
    list.push(Sentence::plain(words::RELEASES));
    list.extend(words::held_back(facts));
    list.push(Sentence::plain(words::whom_to_ask(facts)));
    Section::appendix("privacy", words::PRIVACY, vec![Block::List(list)])
}
