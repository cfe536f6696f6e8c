//! From tables to a document: which sentences, charts and tables stand where.

use crate::changes;
use crate::charts;
use crate::document::{Block, Document, Figure, Section, Sentence, Table};
use crate::facts::RunFacts;
use crate::freedoms;
use crate::numbers::{carriers_words, count, decimal, per_cent, ratio, ratio_of_log2, top_words};
use crate::order::clustered;
use crate::words;
use crosstie_model::tables::{CoverageRow, HierarchyRow, OrganizationRow, UnitPairRow, UnitRow};
use crosstie_privacy::PublishedTables;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Relations in the order of reading: along the chain of command, beside it, across it.
const RELATIONS: [&str; 7] =
    ["manager_to_report", "report_to_manager", "siblings", "skip_up", "skip_down", "cross_branch", "other_tree"];
/// The grouping that the report is about.
const UNIT: &str = "unit";
/// Pairs in the dependence chart.
const PAIRS_DRAWN: usize = 20;
/// Pairs in the dependence sentences, and at either end of the pair sentences.
const PAIRS_SAID: usize = 5;
/// Stability from which a community is said.
const STABLE: f64 = 0.75;
const COMMUNITIES_SAID: usize = 5;
const INTRODUCTIONS_SAID: usize = 5;
/// Pairs in the table; the whole is in `data/unit_pairs`.
const PAIRS_LISTED: usize = 500;

pub(crate) fn document(tables: &PublishedTables, facts: &RunFacts) -> Document {
    let view = View::new(tables, facts);
    let mut sections = vec![view.one_page(), view.closed(), view.dependence(), view.hierarchy()];
    sections.push(freedoms::section(tables.freedoms.rows()));
    sections.push(changes::section(tables.trends.rows(), tables.communities.rows()));
    sections.extend([view.introductions(), view.certainty()]);
    sections.extend([view.method(), view.quality(), view.privacy(), view.run()]);
    Document {
        title: format!("Collaboration report: {}", facts.pipeline),
        subtitle: format!(
            "{} to {} ({} with contact), {}",
            facts.window_first,
            facts.window_last,
            words::counted(facts.weeks(), "week", "weeks"),
            words::counted(facts.count("people"), "person", "people")
        ),
        banners: view.banners(),
        sections,
        footer: format!(
            "Run {}, window {} to {}, crosstie {}. Internal: do not forward.",
            facts.run_id, facts.window_first, facts.window_last, facts.version
        ),
    }
}

/// The tables, sorted for reading. Units are numbered in the order of their labels.
struct View<'a> {
    tables: &'a PublishedTables,
    facts: &'a RunFacts,
    units: Vec<(usize, &'a UnitRow)>,
    pairs: BTreeMap<(&'a str, &'a str), &'a UnitPairRow>,
    organization: BTreeMap<&'a str, &'a OrganizationRow>,
}

fn by(a: Option<f64>, b: Option<f64>) -> Ordering {
    // Rows without a number come last.
    a.unwrap_or(f64::INFINITY).total_cmp(&b.unwrap_or(f64::INFINITY))
}

impl<'a> View<'a> {
    fn new(tables: &'a PublishedTables, facts: &'a RunFacts) -> View<'a> {
        let own = tables.units.rows().iter().filter(|row| row.grouping == UNIT);
        let mut units: Vec<(usize, &UnitRow)> = (1..).zip(own).collect();
        units.sort_by(|a, b| by(a.1.openness, b.1.openness).then(a.0.cmp(&b.0)));
        View {
            units,
            pairs: tables
                .unit_pairs
                .rows()
                .iter()
                .filter(|pair| pair.grouping == UNIT)
                .map(|pair| ((pair.unit_a.as_str(), pair.unit_b.as_str()), pair))
                .collect(),
            organization: tables.organization.rows().iter().map(|row| (row.metric.as_str(), row)).collect(),
            tables,
            facts,
        }
    }

    fn of_organization(&self, metric: &str) -> Option<&OrganizationRow> {
        self.organization.get(metric).copied()
    }

    fn banners(&self) -> Vec<String> {
        let mut banners = Vec::new();
        if !words::has_policy(self.facts) {
            banners.push(words::NO_POLICY.to_string());
        }
        let gaps = self.tables.coverage.rows().iter().filter(|row| row.gap).count();
        if gaps > 0 {
            banners.push(format!("{gaps} periods lack data: see how sure this is."));
        }
        banners
    }

    fn one_page(&self) -> Section {
        let mut blocks = vec![Block::Text(Sentence::plain(self.coverage_line()))];
        blocks.push(Block::Heading("Where are we closed?".into()));
        blocks.extend(self.organization_sentence().map(Block::Text));
        let silos: Vec<Sentence> = self.silos().filter_map(|unit| words::unit(unit, self.facts)).collect();
        if silos.is_empty() {
            blocks.push(Block::Text(Sentence::plain(self.no_silo())));
        } else {
            let more = silos.len().saturating_sub(3);
            blocks.push(Block::List(silos.into_iter().take(3).collect()));
            if more > 0 {
                blocks.push(Block::Text(Sentence::plain(format!(
                    "{more} more units are marked as silos: see the next page."
                ))));
            }
        }
        blocks.push(Block::Heading("Who do we depend on to stay connected?".into()));
        let thin = self.by_dependence().first().and_then(|pair| words::dependence(pair));
        blocks.push(Block::Text(Sentence::plain(
            thin.unwrap_or_else(|| "No contact between two units can be shown.".into()),
        )));
        blocks.push(Block::Heading("Does the hierarchy carry what it should not?".into()));
        let direct = self.of_organization("direct_routing_share").and_then(words::direct_routing);
        let across = self.relation("cross_branch").and_then(words::lift);
        let said: Vec<Sentence> = direct.into_iter().chain(across).map(Sentence::plain).collect();
        blocks.push(if said.is_empty() { Block::Text(Sentence::plain(words::NO_TREE)) } else { Block::List(said) });
        blocks.push(Block::Heading("How sure is this?".into()));
        blocks.push(Block::Text(Sentence::plain(words::withheld(self.facts))));
        Section { id: "one-page", title: "In one page".into(), is_appendix: false, blocks }
    }

    fn coverage_line(&self) -> String {
        let rows = self.tables.coverage.rows();
        let sum = |of: fn(&CoverageRow) -> Option<i64>| count(rows.iter().filter_map(of).sum());
        let mut sources: Vec<&str> = rows.iter().map(|row| row.source.as_str()).collect();
        sources.dedup();
        format!(
            "This report rests on {} of {} records of the window from {}, {} between people of the directory, and {} of the directory.",
            sum(|row| row.used_count),
            sum(|row| row.records_seen),
            words::counted(sources.len() as u64, "source", "sources"),
            words::counted(self.facts.count("messages_in_ties"), "message", "messages"),
            words::counted(self.facts.count("people"), "person", "people"),
        )
    }

    fn organization_sentence(&self) -> Option<Sentence> {
        words::organization(self.of_organization("openness")?, self.of_organization("external_share")?, self.facts)
    }

    fn silos(&self) -> impl Iterator<Item = &'a UnitRow> + '_ {
        self.units.iter().map(|(_, unit)| *unit).filter(|unit| unit.silo == Some(true))
    }

    fn no_silo(&self) -> String {
        let judged = self.units.iter().filter(|(_, unit)| unit.evidence == "enough").count();
        let compared = self.units.iter().filter(|(_, unit)| unit.silo.is_some()).count();
        words::no_silo(judged, compared)
    }

    fn closed(&self) -> Section {
        let mut blocks = Vec::new();
        blocks.extend(self.organization_sentence().map(Block::Text));
        if self.silos().next().is_none() {
            blocks.push(Block::Text(Sentence::plain(self.no_silo())));
        }
        if self.units.iter().any(|(_, unit)| unit.openness.is_some()) {
            blocks.push(Block::Figure(Figure {
                svg: charts::openness(&self.units),
                caption: "Openness of each unit: contact across its border against what chance gives its people. The line at the middle is chance, S marks a silo.".into(),
                table: self.unit_table(),
            }));
        }
        let sentences: Vec<Sentence> =
            self.units.iter().filter_map(|(_, unit)| words::unit(unit, self.facts)).take(12).collect();
        if !sentences.is_empty() {
            blocks.push(Block::Heading("Unit by unit".into()));
            blocks.push(Block::List(sentences));
        }
        let silent: Vec<Sentence> = self
            .units
            .iter()
            .filter(|(_, unit)| unit.evidence != "enough")
            .map(|(_, unit)| Sentence::plain(words::no_evidence(unit, self.facts)))
            .collect();
        if !silent.is_empty() {
            blocks.push(Block::List(silent));
        }
        blocks.extend(self.other_groupings());
        blocks.extend(self.matrix());
        blocks.extend(self.communities());
        Section { id: "closed", title: "Where are we closed?".into(), is_appendix: false, blocks }
    }

    /// The same people divided in other ways, a table each.
    fn other_groupings(&self) -> Vec<Block> {
        let rows = self.tables.units.rows();
        let mut blocks = Vec::new();
        for own in rows.chunk_by(|a, b| a.grouping == b.grouping).filter(|own| own[0].grouping != UNIT) {
            let name = &own[0].grouping;
            let mut units: Vec<(usize, &UnitRow)> = (1..).zip(own).collect();
            units.sort_by(|a, b| by(a.1.openness, b.1.openness).then(a.0.cmp(&b.0)));
            blocks.push(Block::Heading(format!("Divided by {name}")));
            blocks.push(Block::Table(unit_table(&units)));
        }
        blocks
    }

    fn unit_table(&self) -> Table {
        unit_table(&self.units)
    }

    fn matrix(&self) -> Vec<Block> {
        if self.units.len() < 2 || self.pairs.is_empty() {
            return Vec::new();
        }
        let mut largest: Vec<&UnitRow> = self.units.iter().map(|(_, unit)| *unit).collect();
        largest.sort_by(|a, b| b.people_count.cmp(&a.people_count).then(a.unit.cmp(&b.unit)));
        let cut = largest.len() > charts::MATRIX_LARGEST;
        largest.truncate(charts::MATRIX_LARGEST);
        largest.sort_by(|a, b| a.unit.cmp(&b.unit));
        let number: BTreeMap<&str, usize> =
            self.units.iter().map(|(number, unit)| (unit.unit.as_str(), *number)).collect();
        let order: Vec<(usize, &UnitRow)> =
            clustered(&largest, &self.pairs).into_iter().map(|unit| (number[unit.unit.as_str()], unit)).collect();
        let mut caption = String::from(
            "Contact between units against what the activity of their people gives. Row and column are unit numbers; units that exchange much stand together.",
        );
        if cut {
            caption.push_str(&format!(" Only the {} units with most people are drawn.", charts::MATRIX_LARGEST));
        }
        let key = Table::new(
            "Numbers of units",
            &["#No.", "Unit"],
            self.units_by_number().map(|(number, unit)| vec![number.to_string(), unit.unit.clone()]).collect(),
        );
        let said = self.pairs_said();
        let mut blocks = vec![
            Block::Heading("Between units".into()),
            Block::Figure(Figure { svg: charts::matrix(&order, &self.pairs), caption, table: key }),
            Block::Figure(Figure {
                svg: charts::scale_key(),
                caption: "Key. A pair takes a colour only where its interval leaves what is expected.".into(),
                table: Table::new("", &[], Vec::new()),
            }),
        ];
        if !said.is_empty() {
            blocks.push(Block::List(said.into_iter().map(Sentence::plain).collect()));
        }
        blocks
    }

    fn units_by_number(&self) -> impl Iterator<Item = (usize, &'a UnitRow)> {
        let mut units = self.units.clone();
        units.sort_by_key(|(number, _)| *number);
        units.into_iter()
    }

    /// S2: the pairs farthest below and above what is expected.
    fn pairs_said(&self) -> Vec<String> {
        let between = self.pairs.values().filter(|pair| pair.unit_a != pair.unit_b);
        let mut low: Vec<&&UnitPairRow> =
            between.clone().filter(|pair| pair.log2_high.is_some_and(|high| high < 0.0)).collect();
        let mut high: Vec<&&UnitPairRow> = between.filter(|pair| pair.log2_low.is_some_and(|low| low > 0.0)).collect();
        low.sort_by(|a, b| by(a.log2_high, b.log2_high));
        high.sort_by(|a, b| by(b.log2_low, a.log2_low));
        let first = |pairs: Vec<&&UnitPairRow>| {
            pairs.into_iter().filter_map(|pair| words::pair(pair)).take(PAIRS_SAID).collect::<Vec<_>>()
        };
        [first(low), first(high)].concat()
    }

    fn communities(&self) -> Vec<Block> {
        let stable = self
            .tables
            .communities
            .rows()
            .iter()
            .filter(|row| row.stability.is_some_and(|stability| stability >= STABLE));
        let stable: Vec<String> = stable.filter_map(words::community).collect();
        let left = stable.len().saturating_sub(COMMUNITIES_SAID) as u64;
        let mut said: Vec<Sentence> = stable.into_iter().take(COMMUNITIES_SAID).map(Sentence::plain).collect();
        if left > 0 {
            let more = words::counted(left, "more is as firm", "more are as firm");
            said.push(Sentence::plain(format!("{more}: see data/communities.")));
        }
        if said.is_empty() {
            return Vec::new();
        }
        let mut blocks = vec![
            Block::Heading("Communities that the ties form by themselves".into()),
            Block::Text(Sentence::plain(
                "A community is chosen to be closed, so it carries no silo mark: random contact has communities, too.",
            )),
        ];
        let modularity =
            self.of_organization("modularity_communities").and_then(|row| Some((row.value?, row.expected?)));
        if let Some((value, expected)) = modularity {
            let agreement = self.of_organization("agreement_ami").and_then(|row| row.value);
            let mut text = format!(
                "Ties cluster with a modularity of {}; graphs with the same numbers of ties, rewired at random, reach {}.",
                decimal(value, 2),
                decimal(expected, 2)
            );
            if let Some(agreement) = agreement {
                text.push_str(&format!(
                    " Communities and units agree to {} on a scale where 0 is chance and 1 is the same.",
                    decimal(agreement, 2)
                ));
            }
            blocks.push(Block::Text(Sentence::plain(text)));
        }
        blocks.push(Block::List(said));
        blocks
    }

    /// S3's order: highest share at one person, then fewest carriers, then name.
    fn by_dependence(&self) -> Vec<&'a UnitPairRow> {
        let mut pairs: Vec<&UnitPairRow> = self
            .pairs
            .values()
            .copied()
            .filter(|pair| {
                pair.unit_a != pair.unit_b && (pair.carriers_band.is_some() || pair.top_carrier_band.is_some())
            })
            .collect();
        let top = |pair: &UnitPairRow| match pair.top_carrier_band.as_deref() {
            Some("over_50") => 0,
            Some("25_50") => 1,
            Some(_) => 2,
            None => 3,
        };
        let carriers = |pair: &UnitPairRow| match pair.carriers_band.as_deref() {
            Some("under_10") => 0,
            Some("10_24") => 1,
            Some("25_49") => 2,
            Some("50_99") => 3,
            Some(_) => 4,
            None => 0,
        };
        pairs.sort_by(|a, b| {
            (top(a), carriers(a), &a.unit_a, &a.unit_b).cmp(&(top(b), carriers(b), &b.unit_a, &b.unit_b))
        });
        pairs
    }

    fn dependence(&self) -> Section {
        let pairs = self.by_dependence();
        let mut blocks = Vec::new();
        if pairs.is_empty() {
            blocks.push(Block::Text(Sentence::plain("No contact between two units can be shown.")));
        } else {
            blocks.push(Block::Text(Sentence::plain("Where few people carry the contact between two units, it hangs on their staying and having time. Which people is not shown here, and nobody is ranked.")));
            blocks.push(Block::List(
                pairs.iter().filter_map(|pair| words::dependence(pair)).take(PAIRS_SAID).map(Sentence::plain).collect(),
            ));
            let drawn = &pairs[..pairs.len().min(PAIRS_DRAWN)];
            let rows = drawn.iter().map(|pair| {
                let band = |band: &Option<String>, words: fn(&str) -> &'static str| {
                    band.as_deref().map_or("withheld", words).to_string()
                };
                vec![
                    pair.unit_a.clone(),
                    pair.unit_b.clone(),
                    band(&pair.carriers_band, carriers_words),
                    band(&pair.top_carrier_band, top_words),
                ]
            });
            blocks.push(Block::Figure(Figure {
                svg: charts::bridges(drawn),
                caption: "Reciprocated contact between two units: how many people carry it on the thinner side, and the band of the most active one's share. An expectation by chance is not known for these bands.".into(),
                table: Table::new("Dependence on carriers", &["Unit", "Unit", "People who carry it", "Share of the most active"], rows.collect()),
            }));
            let left = &pairs[drawn.len()..];
            let thin = left.iter().filter(|pair| pair.carriers_band.as_deref() == Some("under_10")).count() as u64;
            if !left.is_empty() {
                blocks.push(Block::Text(Sentence::plain(format!(
                    "{} shown of {}; {} of the others {} on fewer than 10 people: see data/unit_pairs.",
                    words::counted(drawn.len() as u64, "pair is", "pairs are"),
                    count(pairs.len() as i64),
                    count(thin as i64),
                    if thin == 1 { "rests" } else { "rest" },
                ))));
            }
        }
        let (bridges, candidates) = (self.facts.count("bridges"), self.facts.count("bridge_candidates"));
        if candidates > 0 {
            blocks.push(Block::Text(Sentence::plain(format!(
                "{} of {} people with at least five ties off the reporting chain reach so many more outsiders than the number of their ties gives that bridge_p is at most 0.05; chance alone gives about {}. Who they are stands in restricted/people, by pseudonym.",
                count(bridges as i64),
                count(candidates as i64),
                count((candidates as f64 * 0.05).round() as i64),
            ))));
        }
        blocks.push(Block::Text(Sentence::plain(words::lasting_bridges(self.facts))));
        Section { id: "dependence", title: "Who do we depend on to stay connected?".into(), is_appendix: false, blocks }
    }

    fn relation(&self, name: &str) -> Option<&'a HierarchyRow> {
        self.tables.hierarchy.rows().iter().find(|row| row.relation == name)
    }

    fn hierarchy(&self) -> Section {
        let rows = self.tables.hierarchy.rows();
        let relations: Vec<&HierarchyRow> = RELATIONS.iter().filter_map(|name| self.relation(name)).collect();
        let distances: Vec<&HierarchyRow> = rows.iter().filter(|row| row.relation.starts_with("distance")).collect();
        let mut blocks = Vec::new();
        if rows.is_empty() {
            blocks.push(Block::Text(Sentence::plain(words::NO_TREE)));
        } else {
            blocks.extend(
                self.of_organization("direct_routing_share")
                    .and_then(words::direct_routing)
                    .map(|text| Block::Text(Sentence::plain(text))),
            );
            blocks
                .push(Block::List(relations.iter().filter_map(|row| words::lift(row)).map(Sentence::plain).collect()));
            blocks.push(Block::Figure(Figure {
                svg: charts::lift("c-lift", "Contact by relation in the reporting tree", &relations),
                caption:
                    "Contact along and across reporting lines, in multiples of what the activity of those people gives."
                        .into(),
                table: lift_table("Relations", &relations),
            }));
            blocks.push(Block::Figure(Figure {
                svg: charts::lift("c-decay", "Contact by distance in the reporting tree", &distances),
                caption: "The same by distance: how fast contact fades with every step in the tree.".into(),
                table: lift_table("Distances", &distances),
            }));
        }
        Section {
            id: "hierarchy",
            title: "Does the hierarchy carry what it should not?".into(),
            is_appendix: false,
            blocks,
        }
    }

    fn certainty(&self) -> Section {
        let mut blocks = vec![Block::Text(Sentence::plain(self.coverage_line()))];
        let sources = self.facts.sources.iter().map(|source| {
            let gaps = self.tables.coverage.rows().iter().filter(|row| row.source == source.name && row.gap).count();
            // The directory has no periods.
            let is_messages = self.tables.coverage.rows().iter().any(|row| row.source == source.name);
            Sentence::plain(words::coverage(source, is_messages.then_some(gaps)))
        });
        blocks.push(Block::List(sources.collect()));
        blocks.push(Block::Text(Sentence::plain(words::withheld(self.facts))));
        let tested = [
            self.of_organization("self_test_no_silo").and_then(words::noise),
            self.of_organization("self_test_planted").and_then(words::power),
        ];
        blocks.extend(tested.into_iter().flatten().map(|text| Block::Text(Sentence::plain(text))));
        blocks.push(Block::Heading("What this cannot say".into()));
        blocks.push(Block::List(words::LIMITS.iter().map(|limit| Sentence::plain(*limit)).collect()));
        blocks.push(Block::Text(Sentence::plain(words::RELEASES)));
        Section {
            id: "certainty",
            title: "How sure is this, and what can it not say?".into(),
            is_appendix: false,
            blocks,
        }
    }

    fn introductions(&self) -> Section {
        let mut blocks = vec![Block::Text(Sentence::plain(words::BEFORE_INTRODUCTIONS))];
        let mut rows: Vec<_> = self.tables.introductions.rows().iter().filter(|row| row.rank.is_some()).collect();
        rows.sort_by_key(|row| row.rank);
        let said: Vec<Sentence> =
            rows.into_iter().filter_map(words::introduction).take(INTRODUCTIONS_SAID).map(Sentence::plain).collect();
        if said.is_empty() {
            blocks.push(Block::Text(Sentence::plain(words::NO_INTRODUCTIONS)));
        } else {
            blocks.push(Block::List(said));
        }
        Section { id: "introductions", title: "Where would contact be easiest?".into(), is_appendix: false, blocks }
    }

    fn sensitivity_table(&self) -> Table {
        let number =
            |value: Option<f64>, places| value.map_or_else(|| "undefined".into(), |value| decimal(value, places));
        let whole = |value: Option<i64>| value.map_or_else(|| "withheld".into(), count);
        let rows = self.tables.sensitivity.rows().iter().map(|row| {
            vec![
                row.rule.clone(),
                row.value.clone(),
                whole(row.tie_count),
                whole(row.isolated_count),
                number(row.ei_index, 3),
                number(row.ei_index_expected, 3),
                number(row.openness, 3),
                row.reach2_share.map_or_else(|| "undefined".into(), per_cent),
            ]
        });
        let head =
            ["Rule", "Value", "#Ties", "#Isolated", "#E-I of ties", "#Expected", "#Openness", "#Within two steps"];
        Table::new("What each rule of the ties does to the numbers of the organization", &head, rows.collect())
    }

    fn method(&self) -> Section {
        let rows = self.tables.metrics.rows().iter().map(|row| {
            vec![
                row.metric.clone(),
                row.question.clone(),
                row.formula.clone(),
                row.undefined_when.clone(),
                row.grade.clone(),
                format!("It does not show {}.", row.cannot_claim),
                row.sources.clone(),
            ]
        });
        let head = ["Metric", "Question", "Formula", "Undefined when", "Grade", "Cannot claim", "Sources"];
        let blocks = vec![
            Block::Text(Sentence::plain(
                "Chance is what the same people would do if recipients were exchanged at random within each kind of channel and each week: everybody's volume, the sizes of messages and their timing stay. An interval draws people anew, with replacement, and measures again.",
            )),
            Block::Text(Sentence::plain(
                "Grades: A counts the thing itself; B is a proxy with an expectation by chance and an interval; C covers a part of the thing, other causes are as likely; D is exploratory.",
            )),
            Block::Table(Table::new("Metrics", &head, rows.collect())),
            Block::Table(self.organization_table()),
            Block::Table(self.sensitivity_table()),
            Block::Table(self.pair_table()),
            Block::Table(Table::new(
                "Parameters",
                &["Key", "Value"],
                self.facts.settings.iter().map(|(key, value)| vec![key.clone(), value.clone()]).collect(),
            )),
        ];
        Section { id: "method", title: "A. Method and all numbers".into(), is_appendix: true, blocks }
    }

    fn organization_table(&self) -> Table {
        let number =
            |value: Option<f64>, missing: &str| value.map_or_else(|| missing.into(), |value| decimal(value, 3));
        let rows = self.tables.organization.rows().iter().map(|row| {
            vec![
                row.metric.clone(),
                number(row.value, "undefined"),
                number(row.low, "no interval"),
                number(row.high, "no interval"),
                number(row.expected, "not known"),
            ]
        });
        Table::new("The organization", &["Metric", "#Value", "#Low", "#High", "#Expected"], rows.collect())
    }

    fn pair_table(&self) -> Table {
        let mut pairs: Vec<&&UnitPairRow> = self.pairs.values().collect();
        let far = |pair: &UnitPairRow| pair.log2_low.unwrap_or(0.0).max(-pair.log2_high.unwrap_or(0.0)).max(0.0);
        if pairs.len() > PAIRS_LISTED {
            pairs.sort_by(|a, b| far(b).total_cmp(&far(a)));
            pairs.truncate(PAIRS_LISTED);
        }
        let rows = pairs.iter().map(|pair| {
            let number =
                |value: Option<f64>, places| value.map_or_else(|| "withheld".into(), |value| decimal(value, places));
            let times = |value: Option<f64>| value.map_or_else(|| "withheld".into(), ratio_of_log2);
            vec![
                pair.unit_a.clone(),
                pair.unit_b.clone(),
                number(pair.weight, 0),
                number(pair.expected_weight, 0),
                times(pair.log2_ratio),
                pair.log2_low
                    .map_or_else(|| if pair.suppressed { "withheld".into() } else { "0".into() }, ratio_of_log2),
                times(pair.log2_high),
            ]
        });
        let head = ["Unit", "Unit", "#Messages", "#Expected", "#Times expected", "#Low", "#High"];
        Table::new("Unit pairs (the whole table is data/unit_pairs)", &head, rows.collect())
    }

    fn quality(&self) -> Section {
        let ledger = self.facts.sources.iter().map(|source| {
            vec![
                source.name.clone(),
                count(source.seen as i64),
                count(source.used as i64),
                count(source.duplicate as i64),
                count(source.excluded.values().sum::<u64>() as i64),
                count(source.quarantined.values().sum::<u64>() as i64),
            ]
        });
        let reasons = self.facts.sources.iter().flat_map(|source| {
            let excluded = source
                .excluded
                .iter()
                .map(|(reason, n)| vec![source.name.clone(), format!("excluded: {reason}"), count(*n as i64)]);
            let set_aside = source
                .quarantined
                .iter()
                .map(|(code, n)| vec![source.name.clone(), format!("set aside: {code}"), count(*n as i64)]);
            excluded.chain(set_aside).collect::<Vec<_>>()
        });
        let periods = self.tables.coverage.rows().iter().map(|row| {
            let number = |value: Option<i64>| value.map_or_else(|| "withheld".into(), count);
            vec![
                row.source.clone(),
                row.period_start.to_string(),
                row.weeks_count.to_string(),
                number(row.records_seen),
                number(row.used_count),
                number(row.duplicate_count),
                number(row.excluded_count),
                number(row.quarantined_count),
                if row.gap { row.gap_reason.clone().unwrap_or_else(|| "no record".into()) } else { "none".into() },
            ]
        });
        let counts = self.facts.counts.iter().map(|(name, value)| vec![name.replace('_', " "), count(*value as i64)]);
        let notices = self.facts.notices.iter().map(|(code, value)| vec![code.clone(), count(*value as i64)]);
        let mut blocks = vec![
            Block::Text(Sentence::plain(
                "Every record seen is used, a duplicate, excluded by a rule, or set aside. A run whose sums do not hold is not committed.",
            )),
            Block::Table(Table::new(
                "Records by source",
                &["Source", "#Seen", "#Used", "#Duplicate", "#Excluded", "#Set aside"],
                ledger.collect(),
            )),
            Block::Table(Table::new("Reasons", &["Source", "Reason", "#Records"], reasons.collect())),
            Block::Table(Table::new(
                "Coverage by period",
                &["Source", "From", "#Weeks", "#Seen", "#Used", "#Duplicate", "#Excluded", "#Set aside", "Gap"],
                periods.collect(),
            )),
            Block::Table(Table::new("Counts", &["What", "#Count"], counts.collect())),
        ];
        if !self.facts.notices.is_empty() {
            blocks.push(Block::Table(Table::new(
                "Repairs and notices (crosstie explain CODE)",
                &["Code", "#Times"],
                notices.collect(),
            )));
        }
        Section { id: "quality", title: "B. Data quality".into(), is_appendix: true, blocks }
    }

    fn privacy(&self) -> Section {
        let min_people = self.facts.setting("privacy.min_people");
        let policy =
            if words::has_policy(self.facts) { words::policy(self.facts) } else { vec![words::NO_POLICY.into()] };
        let mut list: Vec<Sentence> = policy.into_iter().map(Sentence::plain).collect();
        list.extend([
            Sentence::plain(
                "Read: who wrote to whom, when, on which channel, and the directory's keys, units and reporting lines. Never read: subjects, texts, attachments, names.",
            ),
            Sentence::plain(format!(
                "Shown: groups of at least {min_people} people. Every number about contact in a group rests on at least {min_people} people on each side, none of whom makes up more than half of it. Counts of accounts and records on the data-quality page are totals of the organization and may be small."
            )),
            Sentence::plain(
                "People appear by keyed pseudonym in restricted tables only; the key is not part of any table. Pseudonymous data are still personal data.",
            ),
            Sentence::plain(words::RELEASES),
            Sentence::plain(words::withheld(self.facts)),
        ]);
        let blocks = vec![Block::List(list)];
        Section { id: "privacy", title: "C. Privacy".into(), is_appendix: true, blocks }
    }

    fn run(&self) -> Section {
        let facts = self.facts;
        let rows = vec![
            vec!["Run".into(), facts.run_id.clone()],
            vec!["Date".into(), facts.snapshot_date.clone()],
            vec!["Window".into(), format!("{} to {}", facts.window_first, facts.window_last)],
            vec!["Version".into(), facts.version.clone()],
            vec!["Made again by".into(), format!("crosstie report OUT --date {}", facts.snapshot_date)],
        ];
        Section {
            id: "run",
            title: "D. This run".into(),
            is_appendix: true,
            blocks: vec![Block::Table(Table::new("Identity", &["What", "Value"], rows))],
        }
    }
}

/// Units in their order.
fn unit_table(units: &[(usize, &UnitRow)]) -> Table {
    let rows = units.iter().map(|(number, unit)| {
        let share = |value: Option<f64>| value.map_or_else(|| "no number".into(), per_cent);
        vec![
            number.to_string(),
            unit.unit.clone(),
            count(unit.people_count),
            share(unit.external_share),
            share(unit.expected_external_share),
            unit.openness.map_or_else(|| "no number".into(), ratio_of_log2),
            unit.typical_external_share.map_or_else(|| "none".into(), per_cent),
            match unit.silo {
                Some(true) => "yes".into(),
                Some(false) => "no".into(),
                None => "cannot be told".into(),
            },
        ]
    });
    let head = ["#No.", "Unit", "#People", "#Outside", "#By chance", "#Ratio", "#Typical", "Silo"];
    Table::new(
        "Units, most closed first: share of contact outside, by chance, and typical of its kind",
        &head,
        rows.collect(),
    )
}

fn lift_table(caption: &str, rows: &[&HierarchyRow]) -> Table {
    let cells = rows.iter().map(|row| {
        let share = |value: Option<f64>| value.map_or_else(|| "withheld".into(), per_cent);
        let times = |value: Option<f64>| value.map_or_else(|| "no number".into(), ratio);
        vec![
            words::relation(&row.relation).to_string(),
            share(row.weight_share),
            share(row.expected_share),
            times(row.lift),
            times(row.lift_low),
            times(row.lift_high),
        ]
    });
    Table::new(caption, &["Contact", "#Share", "#Expected", "#Times", "#Low", "#High"], cells.collect())
}
