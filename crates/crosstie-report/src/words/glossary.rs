//! Terms that are linked at first use, with what they mean.

/// An entry: id of its place, the term, the forms in which it is used, what it means.
pub(crate) type Entry = (&'static str, &'static str, &'static [&'static str], &'static str);

/// All entries, in order of the alphabet.
pub(crate) const GLOSSARY: [Entry; 22] = [
    (
        "g-interval",
        "95 % interval",
        &["95\u{a0}% interval"],
        "Where the number lies in 95 of 100 draws of people, with replacement, each measured again: how much it hangs on a few people. Nothing else is in it.",
    ),
    (
        "g-branch",
        "branch",
        &["branches of the tree", "branches"],
        "Everybody below one person of the reporting tree. Contact across branches is between two people of one tree of whom neither stands above the other, and whose managers are two people.",
    ),
    (
        "g-chance",
        "chance",
        &["chance gives", "by chance", "chance"],
        "What the same people would do if recipients were exchanged at random within each kind of channel and each week: everybody's volume, the sizes of messages and their timing stay. Times are multiples of it: 1 is chance, 0.5 half of it. The plan may exchange weight over the whole window instead, or only within the places that it names: the page on method has its settings. Of answers, chance is the same odds for both; of bridges, a unit's contacts dealt out anew among its people.",
    ),
    (
        "g-community",
        "community",
        &["community", "communities"],
        "A group that the reciprocated ties form by themselves, found by the Leiden method on modularity.",
    ),
    (
        "g-contact",
        "contact",
        &["contact"],
        "Messages between people of the directory that are not to too many at once; to a copied person they count for less. Of what is in them nothing is read.",
    ),
    (
        "g-evidence",
        "enough evidence",
        &["enough evidence"],
        "Enough people and messages for a number, an interval narrow enough to say something, and no large gap in the data.",
    ),
    (
        "g-grade",
        "grade",
        &["grade"],
        "A counts the thing itself; B is a proxy with an expectation by chance and an interval; C covers a part of the thing, other causes are as likely; D is exploratory.",
    ),
    (
        "g-modularity",
        "modularity",
        &["modularity"],
        "Share of ties inside groups, less what groups of people with as many ties would hold at random.",
    ),
    (
        "g-odds",
        "odds",
        &["times those odds", "those odds", "odds"],
        "Share over the rest: a share of 60 % has odds of 1.5. Twice the odds is not twice the share.",
    ),
    (
        "g-opener",
        "opener",
        &["opener", "openers"],
        "A message to one person alone after three days of silence between the two; an answer comes back within a week.",
    ),
    (
        "g-openness",
        "openness",
        &["openness"],
        "Contact across the border of a unit over what chance gives: 1 is chance, 0.5 half of it. Tables hold its logarithm to base 2.",
    ),
    ("g-reciprocated", "reciprocated", &["reciprocated"], "Both write to each other in the window."),
    (
        "g-tree",
        "reporting tree",
        &["reporting tree"],
        "Who reports to whom, as the directory has it. A step is one such line.",
    ),
    (
        "g-self-test",
        "self-test",
        &["unit labels dealt out again", "self-test"],
        "The silo rule tried on the same people and messages with the unit labels dealt out at random: what it finds there is noise.",
    ),
    (
        "g-silo",
        "silo",
        &["silo", "silos"],
        "A unit with less contact outside than chance gives and than units like it here have, beyond ordinary variety. It says nothing about whether that is right.",
    ),
    (
        "g-small",
        "small units",
        &["small units"],
        "What is left of all units with too few people to be shown, taken together, with the next smallest one where needed. It is no unit of its own and never called a silo.",
    ),
    (
        "g-thinner",
        "thinner side",
        &["thinner side"],
        "Of two units in contact, the one with fewer people who write to the other and are written to by it.",
    ),
    (
        "g-unit",
        "unit",
        &["unit borders", "units", "unit"],
        "A group of people by what the plan names: a column of the directory, or everybody below a person of the reporting tree.",
    ),
    (
        "g-head",
        "unit head",
        &["unit heads", "unit head"],
        "The person of a unit who stands highest in the reporting tree.",
    ),
    (
        "g-like",
        "units like it",
        &["units like it here", "units like it", "units of similar size and activity"],
        "Units of similar size and activity, so that chance gives them a similar share of contact outside. What is usual for them is a line through all other units here.",
    ),
    ("g-window", "window", &["window", "windows"], "The days that a report looks at, as one."),
    (
        "g-withheld",
        "withheld",
        &["withheld"],
        "Not shown, since too few people stand behind it, one or two make up most of it, or a hidden number would follow from it.",
    ),
];
