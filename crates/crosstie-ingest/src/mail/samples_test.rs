//! The sample mails with the JSON that another reader made of them: every address it found is found here. The samples
//! lie in `../shared/data` beside the checkout; where they are absent the test says `skipped`.

use super::address_list::addresses;
use super::header::{Headers, read_headers};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/formats/eml/with_expected_json");

#[test]
#[expect(clippy::print_stdout, reason = "a test says when it is skipped")]
fn every_address_of_the_expected_json_is_found() {
    let folder = Path::new(SAMPLES);
    if !folder.is_dir() {
        println!("skipped: no samples");
        return;
    }
    let (mut compared_count, mut missing) = (0, Vec::new());
    for path in mails(folder) {
        let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
        let headers = match read_headers(&std::fs::read(&path).unwrap()) {
            Ok(headers) => headers,
            Err(fault) => {
                missing.push(format!("{name}: {}", fault.id));
                continue;
            }
        };
        let expected: Value = serde_json::from_slice(&std::fs::read(path.with_extension("json")).unwrap()).unwrap();
        for (header, addresses) in expected_addresses(&expected) {
            let found = found_addresses(&headers, &header);
            compared_count += addresses.len();
            missing.extend(
                addresses
                    .iter()
                    .filter(|address| !found.contains(address))
                    .map(|address| format!("{name}: {header}: {address}")),
            );
        }
    }
    assert_eq!(missing, Vec::<String>::new());
    assert!(compared_count > 100, "{compared_count}");
}

fn mails(folder: &Path) -> Vec<PathBuf> {
    let entries = |folder: &Path| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut mails: Vec<PathBuf> = entries(folder)
        .filter(|path| path.is_dir())
        .flat_map(|group| entries(&group).collect::<Vec<_>>())
        .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
        .collect();
    mails.sort();
    mails
}

/// By header; one `@`, no blank and none in front, so that what the other reader let pass is left out.
fn expected_addresses(expected: &Value) -> BTreeMap<String, Vec<String>> {
    let mut by_header: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for header in expected["parts"][0]["headers"].as_array().into_iter().flatten() {
        let name = header["name"].as_str().unwrap_or_default();
        if !["from", "sender", "to", "cc", "bcc"].contains(&name) {
            continue;
        }
        let value = &header["value"]["Address"];
        let groups = value["Group"].as_array().into_iter().flatten().map(|group| &group["addresses"]);
        let lists = std::iter::once(&value["List"]).chain(groups);
        let found = lists
            .filter_map(Value::as_array)
            .flatten()
            .filter_map(|one| one["address"].as_str())
            .filter(|text| text.matches('@').count() == 1 && !text.starts_with('@') && !text.contains(' '))
            .map(str::to_string);
        by_header.entry(name.to_string()).or_default().extend(found);
    }
    by_header
}

fn found_addresses(headers: &Headers, name: &str) -> Vec<String> {
    let values = match name {
        "from" => &headers.from,
        "sender" => &headers.sender,
        "to" => &headers.to,
        "cc" => &headers.cc,
        _ => &headers.bcc,
    };
    values.iter().flat_map(|value| addresses(value, false).map(|list| list.found).unwrap_or_default()).collect()
}
