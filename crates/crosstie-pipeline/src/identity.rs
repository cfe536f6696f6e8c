//! The identity of a run: equal inputs, plan, key and code have one, and a second run with it has nothing to do.

use crosstie_ingest::FileFingerprint;
use crosstie_model::Day;

/// First 16 hexadecimal digits of a hash over everything that decides the output. `earlier` are the hashes of what
/// earlier runs kept for this one, sorted.
pub(crate) fn run_id(
    date: Day,
    files: &[FileFingerprint],
    plan: &serde_json::Value,
    key_id: &str,
    earlier: &[String],
) -> String {
    let mut inputs: Vec<String> = files
        .iter()
        .map(|file| {
            let name = file.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            format!("{}\t{name}\t{}\t{}", file.source, file.size, file.blake3)
        })
        .collect();
    inputs.sort();
    let identity = serde_json::json!({
        "code_version": env!("CARGO_PKG_VERSION"),
        "earlier": earlier,
        "inputs": inputs,
        "key_id": key_id,
        "plan": plan,
        "snapshot_date": date.to_string(),
    });
    blake3::hash(identity.to_string().as_bytes()).to_hex().as_str()[..16].to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_counts_and_the_order_of_files_does_not() {
        let file = |name: &str, hash: &str| FileFingerprint {
            source: "mail".into(),
            path: name.into(),
            size: 1,
            blake3: hash.into(),
        };
        let plan = serde_json::json!({"window.days": "91"});
        let base = run_id(Day(1), &[file("a", "1"), file("b", "2")], &plan, "k", &[]);
        assert_eq!(base.len(), 16);
        assert_eq!(base, run_id(Day(1), &[file("b", "2"), file("a", "1")], &plan, "k", &[]));
        let others = [
            run_id(Day(2), &[file("a", "1"), file("b", "2")], &plan, "k", &[]),
            run_id(Day(1), &[file("a", "1"), file("b", "3")], &plan, "k", &[]),
            run_id(Day(1), &[file("a", "1"), file("b", "2")], &serde_json::json!({"window.days": "90"}), "k", &[]),
            run_id(Day(1), &[file("a", "1"), file("b", "2")], &plan, "other", &[]),
            run_id(Day(1), &[file("a", "1"), file("b", "2")], &plan, "k", &["h".into()]),
        ];
        assert!(others.iter().all(|other| *other != base));
    }
}
