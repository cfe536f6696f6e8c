//! Keys of a document that its schema does not know, all of them: serde stops at the first fault.

use crosstie_model::nearest;
use serde_json::Value;
use toml::de::{DeTable, DeValue};

/// A key that is not known.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UnknownKey {
    /// With the sections it stands in.
    pub(crate) path: String,
    /// Byte offset in the document.
    pub(crate) offset: usize,
    /// The nearest known key of the same section.
    pub(crate) nearest: Option<String>,
}

/// Walks a document along its JSON Schema.
pub(crate) fn unknown_keys(document: &DeTable<'_>, schema: &Value) -> Vec<UnknownKey> {
    let mut found = Vec::new();
    walk(document, schema, schema, "", &mut found);
    found.sort_by_key(|key| key.offset);
    found
}

fn walk(table: &DeTable<'_>, schema: &Value, root: &Value, path: &str, found: &mut Vec<UnknownKey>) {
    let schema = resolved(schema, root);
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    for (key, value) in table {
        let name: &str = key.get_ref();
        let full = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
        let Some(inner) = properties.get(name) else {
            let nearest = nearest(name, properties.keys().map(String::as_str)).map(str::to_string);
            found.push(UnknownKey { path: full, offset: key.span().start, nearest });
            continue;
        };
        match value.get_ref() {
            DeValue::Table(table) => walk(table, inner, root, &full, found),
            DeValue::Array(items) => {
                let item_schema = resolved(inner, root).get("items").cloned().unwrap_or(Value::Null);
                for item in items {
                    if let DeValue::Table(table) = item.get_ref() {
                        walk(table, &item_schema, root, &full, found);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Follows `$ref` and the `anyOf [.., null]` that an optional field becomes.
fn resolved<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix("#/$defs/")) {
        return resolved(&root["$defs"][name], root);
    }
    let choices = schema.get("anyOf").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    match choices.iter().find(|choice| choice.get("type") != Some(&Value::from("null"))) {
        Some(choice) => resolved(choice, root),
        None => schema,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str) -> Vec<(String, Option<String>)> {
        let document = DeTable::parse(text).unwrap();
        let keys = unknown_keys(document.get_ref(), &crate::json_schema());
        keys.into_iter().map(|key| (key.path, key.nearest)).collect()
    }

    #[test]
    fn all_are_found_with_the_nearest_known_one() {
        let text =
            "nam = \"x\"\n[windw]\ndays = 3\n[[sources]]\nnmae = \"m\"\n[sources.columns]\nsendr = \"a\"\n[zebra]\n";
        let some = |text: &str| Some(text.to_string());
        let expected = [
            ("nam".to_string(), some("name")),
            ("windw".into(), some("window")),
            ("sources.nmae".into(), some("name")),
            ("sources.columns.sendr".into(), some("sender")),
            ("zebra".into(), None),
        ];
        assert_eq!(find(text), expected);
    }

    #[test]
    fn free_tables_are_free() {
        assert_eq!(find("[directory.columns]\naccounts = { slack = \"id\" }\n"), []);
    }
}
