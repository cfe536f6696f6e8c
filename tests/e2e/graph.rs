//! `graph` on any edge list: Zachary's club, from CSV and from Parquet.

use crate::support::{crosstie_in, expect_code, root, stderr};
use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use crosstie_model::tables::TieRow;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use std::fs;
use std::sync::Arc;

/// Zachary 1977, doi:10.1086/jar.33.4.3629752: 34 people, 78 ties.
const KARATE: &str = "1-2 1-3 1-4 1-5 1-6 1-7 1-8 1-9 1-11 1-12 1-13 1-14 1-18 1-20 1-22 1-32 2-3 2-4 2-8 2-14 2-18 2-20 2-22 \
    2-31 3-4 3-8 3-9 3-10 3-14 3-28 3-29 3-33 4-8 4-13 4-14 5-7 5-11 6-7 6-11 6-17 7-17 9-31 9-33 9-34 10-34 14-34 15-33 15-34 16-33 \
    16-34 19-33 19-34 20-34 21-33 21-34 23-33 23-34 24-26 24-28 24-30 24-33 24-34 25-26 25-28 25-32 26-32 27-30 27-34 28-34 29-32 \
    29-34 30-33 30-34 31-33 31-34 32-33 32-34 33-34";

fn cell(csv: &str, id: &str, column: &str) -> String {
    let mut lines = csv.lines();
    let at = lines.next().unwrap().split(',').position(|name| name == column).unwrap();
    let row = lines.find(|line| line.split(',').next() == Some(id)).unwrap();
    row.split(',').nth(at).unwrap().to_string()
}

#[test]
fn the_karate_club() {
    let scratch = tempfile::tempdir().unwrap();
    let rows: Vec<String> = KARATE.split_whitespace().map(|edge| edge.replace('-', ",")).collect();
    assert_eq!(rows.len(), 78);
    fs::write(scratch.path().join("edges.csv"), format!("source,target\n{}\n", rows.join("\n"))).unwrap();
    let ran = crosstie_in(scratch.path(), &["graph", "edges.csv", "--measure", "all", "--out", "karate"]);
    expect_code(&ran, 0);
    let csv = fs::read_to_string(scratch.path().join("karate/nodes.csv")).unwrap();
    let number = |id, column| cell(&csv, id, column).parse::<f64>().unwrap();
    // networkx 3.6.1 and igraph 1.0.0.
    for (id, column, expected) in [
        ("1", "betweenness", 231.071_428_571_428_6),
        ("34", "betweenness", 160.551_587_301_587_3),
        ("1", "burt_constraint", 0.155_423_297_647),
        ("34", "effective_size", 15.235_294_117_647_06),
        ("34", "tie_count", 17.0),
        ("12", "burt_constraint", 1.0),
        ("1", "closeness", 0.568_965_517_241_379_3),
        ("17", "harmonic", 11.1),
    ] {
        assert!((number(id, column) - expected).abs() < 1e-9, "{id} {column}: {}", number(id, column));
    }
    assert_eq!((cell(&csv, "1", "articulation_point"), cell(&csv, "34", "core_number")), ("true".into(), "4".into()));
    let graph: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(scratch.path().join("karate/graph.json")).unwrap()).unwrap();
    assert!((graph["modularity_communities"].as_f64().unwrap() - 0.419_789_612_097).abs() < 1e-9);
    assert!(graph["seconds"]["betweenness"].is_number() && graph["seconds"]["load"].is_number());
    // The folder is there now: it is not written twice.
    expect_code(&crosstie_in(scratch.path(), &["graph", "edges.csv", "--measure", "degree", "--out", "karate"]), 73);
}

/// The constant Potts model by its definition, from the communities that were written.
#[test]
fn communities_of_the_constant_potts_model() {
    let scratch = tempfile::tempdir().unwrap();
    let rows: Vec<String> = KARATE.split_whitespace().map(|edge| edge.replace('-', ",")).collect();
    fs::write(scratch.path().join("edges.csv"), format!("source,target\n{}\n", rows.join("\n"))).unwrap();
    let mut counts = Vec::new();
    for resolution in ["1", "4"] {
        let options = ["--measure", "leiden", "--quality", "cpm", "--resolution", resolution, "--out", resolution];
        expect_code(&crosstie_in(scratch.path(), &[&["graph", "edges.csv"], &options[..]].concat()), 0);
        let read = |name: &str| fs::read_to_string(scratch.path().join(resolution).join(name)).unwrap();
        let csv = read("nodes.csv");
        let community = |id: &str| cell(&csv, id, "community_id");
        let inside = KARATE.split_whitespace().filter(|edge| {
            let (a, b) = edge.split_once('-').unwrap();
            community(a) == community(b)
        });
        let mut sizes = std::collections::BTreeMap::new();
        (1..=34).for_each(|id: u32| *sizes.entry(community(&id.to_string())).or_insert(0.0) += 1.0);
        let pairs: f64 = sizes.values().map(|size: &f64| size * (size - 1.0) / 2.0).sum();
        let density: f64 = resolution.parse().unwrap();
        let expected = inside.count() as f64 / 78.0 - density * pairs / (34.0 * 33.0 / 2.0);
        let graph: serde_json::Value = serde_json::from_str(&read("graph.json")).unwrap();
        let quality = graph["quality_communities"].as_f64().unwrap();
        assert!((quality - expected).abs() < 1e-12, "{quality} {expected}");
        counts.push(sizes.len());
    }
    assert!(counts[0] < counts[1], "more communities where they must be denser: {counts:?}");
}

#[test]
fn betweenness_by_part_by_pivots_and_by_paths() {
    let scratch = tempfile::tempdir().unwrap();
    let rows: Vec<String> = KARATE.split_whitespace().map(|edge| edge.replace('-', ",")).collect();
    fs::write(scratch.path().join("edges.csv"), format!("source,target\n{}\n", rows.join("\n"))).unwrap();
    let graph = |out: &str, more: &[&str]| {
        crosstie_in(scratch.path(), &[&["graph", "edges.csv", "--out", out, "--measure"], more].concat())
    };
    let read = |out: &str| fs::read_to_string(scratch.path().join(out).join("nodes.csv")).unwrap();
    let values = |csv: &str, column: &str| -> Vec<f64> {
        (1..=34).map(|id| cell(csv, &id.to_string(), column).parse().unwrap()).collect()
    };
    expect_code(&graph("all", &["betweenness,betweenness_pivots,betweenness_paths", "--epsilon", "0.02"]), 0);
    let csv = read("all");
    let exact = values(&csv, "betweenness");
    // As many pivots as nodes are exact.
    for (node, value) in values(&csv, "betweenness_pivots").into_iter().enumerate() {
        assert!((value - exact[node]).abs() < 1e-9, "{node}: {value}");
    }
    assert!(values(&csv, "betweenness_half_width").iter().all(|width| *width == 0.0));
    let said: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(scratch.path().join("all/graph.json")).unwrap()).unwrap();
    let error = said["betweenness_paths_error"].as_f64().unwrap();
    assert!((error - 0.02 * 34.0 * 33.0 / 2.0).abs() < 1e-9 && said["betweenness_paths"].as_u64().unwrap() > 1000);
    assert!(said["cpu_seconds"]["betweenness"].is_number());
    for (node, value) in values(&csv, "betweenness_paths").into_iter().enumerate() {
        assert!((value - exact[node]).abs() <= error, "{node}: {value} against {}", exact[node]);
    }
    // Two parts of the sources add up to all.
    let mut sum = vec![0.0; 34];
    for (out, ids) in [("low", 1..=10), ("high", 11..=34)] {
        let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
        fs::write(scratch.path().join("sources.csv"), format!("id\n{}\n", ids.join("\n"))).unwrap();
        expect_code(&graph(out, &["betweenness", "--sources", "sources.csv"]), 0);
        sum.iter_mut().zip(values(&read(out), "betweenness")).for_each(|(sum, value)| *sum += value);
    }
    assert!(sum.iter().zip(&exact).all(|(sum, exact)| (sum - exact).abs() < 1e-9));
    fs::write(scratch.path().join("sources.csv"), "id\n1\n35\n").unwrap();
    let unknown = graph("unknown", &["betweenness", "--sources", "sources.csv"]);
    expect_code(&unknown, 65);
    assert!(
        stderr(&unknown).contains("no node of the graph") && stderr(&unknown).contains(":3"),
        "{}",
        stderr(&unknown)
    );
    expect_code(&graph("share", &["betweenness_paths", "--epsilon", "1.5"]), 2);
}

#[test]
fn paths_by_weight() {
    let scratch = tempfile::tempdir().unwrap();
    // From a to c directly, or over b: a third and a sixth are a half. e hangs on c.
    fs::write(scratch.path().join("edges.csv"), "source,target,weight\na,b,3\nb,c,6\na,c,2\nc,e,1\n").unwrap();
    let graph = |out: &str, more: &[&str]| {
        crosstie_in(scratch.path(), &[&["graph", "edges.csv", "--out", out, "--measure"], more].concat())
    };
    let value = |out: &str, id: &str, column: &str| {
        let csv = fs::read_to_string(scratch.path().join(out).join("nodes.csv")).unwrap();
        cell(&csv, id, column).parse::<f64>().unwrap()
    };
    expect_code(&graph("hops", &["betweenness,betweenness_pivots"]), 0);
    expect_code(&graph("weight", &["all", "--distance", "inverse_weight"]), 0);
    for column in ["betweenness", "betweenness_pivots"] {
        assert!((value("hops", "b", column)).abs() < 1e-12 && (value("hops", "c", column) - 2.0).abs() < 1e-12);
        assert!(
            (value("weight", "b", column) - 1.0).abs() < 1e-12 && (value("weight", "c", column) - 2.0).abs() < 1e-12
        );
    }
    let header = fs::read_to_string(scratch.path().join("weight/nodes.csv")).unwrap();
    assert!(!header.lines().next().unwrap().contains("betweenness_paths"));
    let refused = graph("paths", &["betweenness_paths", "--distance", "inverse_weight"]);
    expect_code(&refused, 2);
    assert!(stderr(&refused).contains("by hops alone"), "{}", stderr(&refused));
    expect_code(&graph("other", &["betweenness", "--distance", "weight"]), 2);
}

#[test]
fn the_width_of_vectors_does_not_show() {
    let scratch = tempfile::tempdir().unwrap();
    let rows: Vec<String> =
        (0..400u32).map(|at| format!("{},{},{}", at * at % 97, at * 31 % 101, at % 7 + 1)).collect();
    fs::write(scratch.path().join("edges.csv"), format!("source,target,weight\n{}\n", rows.join("\n"))).unwrap();
    let mut tables = Vec::new();
    for width in ["auto", "scalar", "v3", "v4"] {
        let measures = "betweenness,betweenness_pivots";
        let arguments =
            ["graph", "edges.csv", "--out", width, "--measure", measures, "--pivots", "40", "--simd", width];
        let ran = crosstie_in(scratch.path(), &arguments);
        if stderr(&ran).contains("does not have the instructions") {
            eprintln!("skipped: this processor has no {width}");
            expect_code(&ran, 2);
            continue;
        }
        expect_code(&ran, 0);
        for table in ["nodes.csv", "nodes.parquet"] {
            tables.push((table, fs::read(scratch.path().join(width).join(table)).unwrap()));
        }
    }
    assert!(tables.len() >= 4);
    assert!(tables.iter().all(|table| tables[..2].contains(table)));
}

#[test]
fn one_node_alone_has_no_paths() {
    let scratch = tempfile::tempdir().unwrap();
    fs::write(scratch.path().join("edges.csv"), "source,target\na,a\n").unwrap();
    expect_code(&crosstie_in(scratch.path(), &["graph", "edges.csv", "--measure", "all", "--out", "one"]), 0);
    let csv = fs::read_to_string(scratch.path().join("one/nodes.csv")).unwrap();
    for column in ["betweenness", "betweenness_pivots", "betweenness_half_width", "betweenness_paths"] {
        assert_eq!(cell(&csv, "a", column), "0", "{column}");
    }
}

#[test]
fn edges_have_a_table_of_their_own() {
    let scratch = tempfile::tempdir().unwrap();
    let rows: Vec<String> = KARATE.split_whitespace().map(|edge| edge.replace('-', ",")).collect();
    fs::write(scratch.path().join("edges.csv"), format!("source,target\n{}\n", rows.join("\n"))).unwrap();
    let graph = |edges: &str, more: &[&str]| {
        expect_code(&crosstie_in(scratch.path(), &[&["graph", edges], more].concat()), 0);
    };
    let read = |name: &str| fs::read_to_string(scratch.path().join(name)).unwrap();
    graph("edges.csv", &["--measure", "edge_overlap,disparity,bridge_edges,degree", "--out", "one"]);
    let csv = read("one/edges.csv");
    assert_eq!(csv.lines().next(), Some("source,target,weight,edge_overlap,disparity_p,bridge_edge"));
    assert_eq!(csv.lines().count(), 79);
    let edge = |ends: &str| -> Vec<String> {
        let line = csv.lines().find(|line| line.starts_with(&format!("{ends},"))).unwrap();
        line.split(',').skip(2).map(str::to_string).collect()
    };
    // networkx 3.6.1: the sets of neighbours, and its bridges. Ends of 16 and 9 neighbours: (8/9)^8 is more than (15/16)^15.
    let number = |text: &str| text.parse::<f64>().unwrap();
    assert!((number(&edge("1,2")[1]) - 7.0 / 16.0).abs() < 1e-12);
    assert!((number(&edge("1,2")[2]) - (15.0f64 / 16.0).powi(15)).abs() < 1e-12);
    assert_eq!((edge("1,2")[3].as_str(), edge("1,12")[3].as_str()), ("false", "true"));
    let values: serde_json::Value = serde_json::from_str(&read("one/graph.json")).unwrap();
    assert_eq!(values["bridge_edges"], 1);
    // The table of edges is a list of edges again, from CSV and from Parquet.
    for (name, edges) in [("two", "one/edges.csv"), ("three", "one/edges.parquet")] {
        graph(edges, &["--measure", "degree", "--out", name]);
        assert_eq!(read(&format!("{name}/nodes.csv")), read("one/nodes.csv"));
        assert!(!scratch.path().join(name).join("edges.csv").exists(), "no kernel of edges, no table of edges");
    }
    // Within one hop are the neighbours.
    graph("edges.csv", &["--measure", "degree,closeness", "--hops", "1", "--out", "near"]);
    let near = read("near/nodes.csv");
    for id in ["1", "12", "34"] {
        assert_eq!(cell(&near, id, "reached_count"), cell(&near, id, "tie_count"));
    }
}

#[test]
fn edges_from_parquet_give_the_same_as_from_csv() {
    // A ties table is an edge list with other names.
    let scratch = crate::support::Scratch::new();
    expect_code(&scratch.run(&[]), 0);
    let ties = "out/restricted/ties/snapshot_date=2026-03-29/part-00000.parquet";
    let names = ["--source", "source_id", "--target", "target_id", "--directed", "--measure", "pagerank,components"];
    let ran = crosstie_in(scratch.path(), &[&["graph", ties, "--out", "g"], &names[..]].concat());
    expect_code(&ran, 0);
    let csv = fs::read_to_string(scratch.path().join("g/nodes.csv")).unwrap();
    let sum: f64 = csv.lines().skip(1).map(|line| line.split(',').nth(1).unwrap().parse::<f64>().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-9, "PageRank sums to {sum}");

    let bytes = fs::read(scratch.path().join(ties)).unwrap();
    let rows: Vec<TieRow> = crosstie_store::read_table(&bytes).unwrap();
    let lines: Vec<String> = rows
        .iter()
        .map(|row| format!("{},{},{}", row.source_id.expose(), row.target_id.expose(), row.weight))
        .collect();
    scratch.write("ties.csv", &format!("source_id,target_id,weight\n{}\n", lines.join("\n")));
    let ran = crosstie_in(scratch.path(), &[&["graph", "ties.csv", "--out", "h"], &names[..]].concat());
    expect_code(&ran, 0);
    assert_eq!(fs::read_to_string(scratch.path().join("h/nodes.csv")).unwrap(), csv);

    // Other programs write Snappy unless told otherwise.
    let text = |of: fn(&TieRow) -> &str| Arc::new(rows.iter().map(|row| Some(of(row))).collect::<StringArray>());
    let weights = Arc::new(rows.iter().map(|row| Some(row.weight)).collect::<Float64Array>());
    let columns: [(&str, ArrayRef); 3] = [
        ("source_id", text(|row| row.source_id.expose())),
        ("target_id", text(|row| row.target_id.expose())),
        ("weight", weights),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let file = fs::File::create(scratch.path().join("snappy.parquet")).unwrap();
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let ran = crosstie_in(scratch.path(), &[&["graph", "snappy.parquet", "--out", "s"], &names[..]].concat());
    expect_code(&ran, 0);
    assert_eq!(fs::read_to_string(scratch.path().join("s/nodes.csv")).unwrap(), csv);
}

#[test]
fn groups_and_mistakes() {
    let scratch = tempfile::tempdir().unwrap();
    fs::write(scratch.path().join("e.csv"), "from,to,weight\na,b,1\nb,c,2\n").unwrap();
    fs::write(scratch.path().join("n.csv"), "id,team\na,x\nb,x\nc,y\nd,y\n").unwrap();
    let base = ["graph", "e.csv", "--source", "from", "--target", "to", "--nodes", "n.csv", "--group", "team"];
    let measures = "participation,within_module_z,assortativity,brokerage";
    let ran = crosstie_in(scratch.path(), &[&base[..], &["--measure", measures, "--out", "o"]].concat());
    expect_code(&ran, 0);
    let csv = fs::read_to_string(scratch.path().join("o/nodes.csv")).unwrap();
    assert_eq!(cell(&csv, "b", "participation"), "0.5");
    assert_eq!(cell(&csv, "d", "participation"), "", "isolated: undefined, not 0");
    assert_eq!(cell(&csv, "a", "within_module_z"), "", "both of a team have one contact in it");
    let values: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(scratch.path().join("o/graph.json")).unwrap()).unwrap();
    // Inside 1/3 of the weight; shares of the teams 2/3 and 1/3; the middle of three has most ties.
    assert!((values["assortativity_groups"].as_f64().unwrap() + 0.5).abs() < 1e-12, "{values}");
    assert_eq!(values["assortativity_degree"], -1.0);
    // How far the communities agree with the teams.
    let ran = crosstie_in(scratch.path(), &[&base[..], &["--measure", "leiden", "--out", "l"]].concat());
    expect_code(&ran, 0);
    let values: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(scratch.path().join("l/graph.json")).unwrap()).unwrap();
    let csv = fs::read_to_string(scratch.path().join("l/nodes.csv")).unwrap();
    let found: Vec<String> = ["a", "b", "c", "d"].map(|id| cell(&csv, id, "community_id")).to_vec();
    assert_eq!(found, ["0", "0", "0", "1"]);
    // Pairs together in both, in teams, in communities, of all: 1, 2, 3, 6.
    assert!((values["agreement_ari"].as_f64().unwrap() - 0.0).abs() < 1e-12, "{values}");
    assert!(values["agreement_nmi"].as_f64().unwrap() > values["agreement_ami"].as_f64().unwrap(), "{values}");
    let misspelt = crosstie_in(scratch.path(), &[&base[..], &["--measure", "betweeness", "--out", "x"]].concat());
    expect_code(&misspelt, 2);
    assert!(stderr(&misspelt).contains("`betweenness`"));
    let column = crosstie_in(scratch.path(), &["graph", "e.csv", "--measure", "degree", "--out", "x"]);
    expect_code(&column, 65);
    assert!(stderr(&column).contains("I213"));
    expect_code(&crosstie_in(&root(), &["graph", "no.csv", "--measure", "degree", "--out", "/tmp/never"]), 66);
}

#[test]
fn the_page_names_every_kernel_and_column() {
    let scratch = tempfile::tempdir().unwrap();
    fs::write(scratch.path().join("e.csv"), "source,target\na,b\nb,c\n").unwrap();
    fs::write(scratch.path().join("n.csv"), "id,team\na,x\nb,x\nc,y\n").unwrap();
    let unknown = crosstie_in(scratch.path(), &["graph", "e.csv", "--measure", "none", "--out", "o"]);
    expect_code(&unknown, 2);
    let said = stderr(&unknown);
    let known = said.lines().next().unwrap().split("known: ").nth(1).unwrap().trim_end_matches('`');
    let page = fs::read_to_string(root().join("docs/graph.md")).unwrap();
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    let named: Vec<&str> = rows.iter().filter_map(|row| row.split('`').nth(1)).collect();
    assert_eq!(named, known.split(", ").collect::<Vec<_>>());
    let options = ["--nodes", "n.csv", "--group", "team", "--directed", "--measure", "all", "--out", "o"];
    expect_code(&crosstie_in(scratch.path(), &[&["graph", "e.csv"], &options[..]].concat()), 0);
    let columns = ["o/nodes.csv", "o/edges.csv"].map(|name| fs::read_to_string(scratch.path().join(name)).unwrap());
    let values: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(scratch.path().join("o/graph.json")).unwrap()).unwrap();
    let columns = columns.iter().flat_map(|csv| csv.lines().next().unwrap().split(','));
    let values =
        values.as_object().unwrap().keys().map(String::as_str).filter(|name| !["nodes", "edges"].contains(name));
    for name in columns.chain(values) {
        assert!(["id", "source", "target", "weight"].contains(&name) || page.contains(&format!("`{name}`")), "{name}");
    }
}
