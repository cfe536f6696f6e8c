//! A lint over our own English: words that a report about people must not use.

use std::path::Path;

const REFUSED: [&str; 11] = [
    "anonymous",
    "productiv",
    "performance",
    "best",
    "worst",
    "proves",
    "should",
    "blame",
    "key person",
    "bottleneck",
    "underperform",
];

/// What the text of a file says, without comments and tests.
fn literals(source: &str) -> Vec<String> {
    let code: String = source
        .split("#[cfg(test)]")
        .next()
        .unwrap()
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    code.split('"').skip(1).step_by(2).map(str::to_lowercase).collect()
}

#[test]
fn refused_words_do_not_occur() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = ["words/certainty", "words/changes", "words/communities", "words/freedoms", "words/glossary"]
        .into_iter()
        .chain(["words/hierarchy", "words/introductions", "words/mod", "words/pages", "words/pairs", "words/policy"])
        .chain(["words/privacy", "words/quality", "words/reasons", "words/units", "transparency", "numbers"]);
    let mut all = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(root.join(format!("{file}.rs"))).unwrap();
        all.extend(literals(&text));
    }
    assert!(all.len() > 200, "{} texts", all.len());
    let found = |word: &str| all.iter().filter(|text| text.contains(word)).cloned().collect::<Vec<_>>();
    for word in REFUSED {
        let found = found(word);
        match word {
            // The sentence about firms, and the question of page 4.
            "performance" => assert!(found.len() == 1 && found[0].contains("65 firms"), "{found:?}"),
            "should" => assert_eq!(found, ["does the hierarchy carry what it should not?"]),
            _ => assert_eq!(found, Vec::<String>::new(), "{word}"),
        }
    }
}

#[test]
fn all_words_are_looked_at() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/words/mod.rs")).unwrap();
    let modules: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';')).collect();
    let own = include_str!("own_words.rs");
    assert!(modules.len() > 10);
    for module in modules {
        assert!(own.contains(&format!("words/{module}\"")), "{module} is not in the lint");
    }
}
