//! The data dictionary, `docs/tables.md`: every table with its columns, made from the schemas.

use crosstie_measure::METRICS;
use crosstie_model::tables::{MessageRow, TABLES};
use crosstie_model::{CellKind, Class, Column, ColumnRange, Record, TableSpec, column_facts};
use std::fmt::Write;

/// Where it lies, from the repository's root.
pub(crate) const PLACE: &str = "docs/tables.md";

const HEAD: &str = "# Tables

Written by `cargo xtask tables` from the schemas in `crates/crosstie-model/src`; nobody edits it.

A table is a folder of Parquet files, one a snapshot date: `data/TABLE/snapshot_date=YYYY-MM-DD/part-00000.parquet`
(published) or `restricted/TABLE/…` (people by keyed pseudonym). The snapshot date is in the path alone.

- **Names.** `_share` lies in 0 to 1, `_count` is a number of things, weights are in messages, `_low` and `_high` are the
  ends of a 95 % interval over people, `expected_` is what chance alone would give, `_at` is a time or day.
- **Null** means undefined or withheld, never 0; there is no NaN. A row of a published table is shown or withheld as a
  whole, then its numbers are null; what differs stands at its column.
- **As of.** A row whose change since an earlier release would tell of a few people goes on showing its earlier value; `as_of`
  says of which snapshot date that is. Take rows whose `as_of` is their own date where you compare dates.
- **Dates.** Runs between two releases (`[privacy] release_days`) write restricted tables, `coverage` and `metrics` alone.
- **Types.** Text, 64-bit integers and floats, booleans, days, and times in microseconds UTC. Nothing is nested.
- **Order.** Rows are sorted by the key, which names a row; the file says so in `sorting_columns`. ZSTD; no statistics on
  columns that name people.
- **Metadata** of every file: `crosstie.schema_version`, `crosstie.run_id` (the run's manifest, `runs/DATE.NNN.json`, has
  the same), `crosstie.table`, and `crosstie.column_docs`, the sentences below as JSON.

";

const READ: &str = "## Reading them

```python
pd.read_parquet(\"out/data/units\", dtype_backend=\"pyarrow\")
pl.read_parquet(\"out/data/units/**/*.parquet\", hive_partitioning=True)
ds.dataset(\"out/data/units\", partitioning=\"hive\").to_table()
duckdb.sql(\"FROM read_parquet('out/data/units/**/*.parquet', hive_partitioning=true)\")
datafusion.SessionContext().read_parquet(\"out/data/units\", table_partition_cols=[(\"snapshot_date\", pa.string())])
```

`dtype_backend=\"pyarrow\"` matters: plain pandas turns whole numbers with nulls into floats, and days into objects.
Notebooks that begin here are in [notebooks/](../notebooks/README.md).

What a test sees that reads every table of a made company in five programs and compares every value, every null and
every type ([tests/readers/read_tables.py](../tests/readers/read_tables.py)):

";

/// The page. `compatibility` is the table that the readers' test keeps.
pub(crate) fn page(compatibility: &str) -> String {
    let tables: Vec<TableSpec> = TABLES.into_iter().chain([MessageRow::TABLE]).collect();
    let mut out = String::from(HEAD);
    out.push_str("| table | class | key | a row is |\n|---|---|---|---|\n");
    for table in &tables {
        let key: Vec<String> = table.key.iter().map(|name| format!("`{name}`")).collect();
        let _ = writeln!(
            out,
            "| [`{name}`](#{name}) | {} | {} | {} |",
            class(table),
            key.join(", "),
            sentence(table.doc),
            name = table.name
        );
    }
    let _ = write!(out, "\n{READ}{compatibility}");
    tables.iter().for_each(|table| one(table, &mut out));
    out
}

fn class(table: &TableSpec) -> &'static str {
    match table.class {
        Class::Published => "published",
        Class::Restricted => "restricted",
    }
}

/// A doc comment, whose lines begin with a space each, in one line; ready for a cell.
fn sentence(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

fn one(table: &TableSpec, out: &mut String) {
    let _ = writeln!(out, "\n## {}\n\n{}\n", table.name, sentence(table.doc));
    let place = if table.name == MessageRow::TABLE.name {
        "`messages.parquet` in the folder that `crosstie ingest` makes".to_string()
    } else {
        format!("`{}/{}/`", table.class.folder(), table.name)
    };
    let _ = writeln!(out, "{} table, {place}; sorted by {}.", capital(class(table)), table.key.join(", "));
    let metrics: Vec<String> =
        METRICS.iter().filter(|metric| metric.table == table.name).map(|metric| format!("`{}`", metric.id)).collect();
    if !metrics.is_empty() {
        let _ = writeln!(out, "`crosstie explain` has the pages of its metrics: {}.", metrics.join(", "));
    }
    out.push_str("\n| column | type | unit | range | null when | |\n|---|---|---|---|---|---|\n");
    for column in table.columns {
        let facts = column_facts(table.name, column.name).expect("a test of the model looks at each");
        let null = if facts.null_when.is_empty() { "never" } else { facts.null_when };
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} | {null} | {} |",
            column.name,
            kind(column),
            facts.unit,
            range(facts.range),
            sentence(column.doc)
        );
    }
}

fn capital(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

fn kind(column: &Column) -> &'static str {
    match column.kind {
        CellKind::Text => "text",
        CellKind::Int => "int64",
        CellKind::Float => "float64",
        CellKind::Bool => "boolean",
        CellKind::Date => "date",
        CellKind::Time => "timestamp",
    }
}

fn range(range: ColumnRange) -> String {
    match range {
        ColumnRange::Open => String::new(),
        ColumnRange::From(low) => format!("{low} and up"),
        ColumnRange::Within(low, high) => format!("{} to {high}", low.to_string().replace('-', "−")),
        ColumnRange::OneOf(words) => words.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMITTED: &str = include_str!("../../../docs/tables.md");
    const COMPATIBILITY: &str = include_str!("../../../tests/readers/compatibility.md");

    #[test]
    fn the_committed_page_is_what_the_schemas_give() {
        assert!(COMMITTED == page(COMPATIBILITY), "`cargo xtask tables` writes {PLACE} again");
    }

    #[test]
    fn every_column_has_a_line_of_its_own() {
        let page = page("");
        for table in TABLES {
            let own = page.split(&format!("\n## {}\n", table.name)).nth(1).unwrap().split("\n## ").next().unwrap();
            let lines: Vec<&str> = own.lines().filter_map(|line| line.strip_prefix("| `")).collect();
            let names: Vec<&str> = lines.iter().filter_map(|line| line.split('`').next()).collect();
            assert!(names.iter().copied().eq(table.columns.iter().map(|column| column.name)), "{}", table.name);
            // A stray bar would shift the cells of a line.
            assert!(lines.iter().all(|line| line.replace("\\|", "").matches('|').count() == 6), "{}", table.name);
        }
    }
}
