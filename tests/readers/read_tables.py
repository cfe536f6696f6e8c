"""Reads every table of an output folder with pandas, pyarrow, polars, DuckDB and DataFusion, and compares what they see:
every value, every null and every type, against the files one by one.

Usage: read_tables.py OUT             compares, and says how much it saw
       read_tables.py OUT --markdown  prints the types that each program shows, as a table
"""

import datetime
import json
import math
import sys
from importlib.metadata import version
from pathlib import Path

import datafusion
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

KINDS = {
    "string": "text",
    "int64": "int64",
    "double": "float64",
    "bool": "boolean",
    "date32[day]": "date",
    "timestamp[us, tz=UTC]": "timestamp",
}
METADATA = ("schema_version", "run_id", "table", "column_docs")


def with_pandas(folder):
    frame = pd.read_parquet(folder, dtype_backend="pyarrow")
    return {name: (str(frame[name].dtype), frame[name].tolist()) for name in frame}


def with_plain_pandas(folder):
    frame = pd.read_parquet(folder)
    return {name: (str(frame[name].dtype), frame[name].tolist()) for name in frame}


def with_pyarrow(folder):
    table = ds.dataset(folder, partitioning="hive").to_table()
    return {name: (str(table[name].type), table[name].to_pylist()) for name in table.column_names}


def with_polars(folder):
    frame = pl.read_parquet(f"{folder}/**/*.parquet", hive_partitioning=True)
    return {name: (str(frame[name].dtype), frame[name].to_list()) for name in frame.columns}


def with_duckdb(folder):
    found = duckdb.sql(f"SELECT * FROM read_parquet('{folder}/**/*.parquet', hive_partitioning=true)")
    rows = found.fetchall()
    columns = zip(found.columns, found.types)
    return {name: (str(kind), [row[at] for row in rows]) for at, (name, kind) in enumerate(columns)}


def with_datafusion(folder):
    context = datafusion.SessionContext()
    frame = context.read_parquet(str(folder), table_partition_cols=[("snapshot_date", pa.string())])
    table = pa.Table.from_batches(frame.collect(), schema=frame.schema())
    return {name: (str(table[name].type), table[name].to_pylist()) for name in table.column_names}


READERS = {
    "pandas": ("pandas", with_pandas),
    "pandas, plain": ("pandas", with_plain_pandas),
    "pyarrow": ("pyarrow", with_pyarrow),
    "polars": ("polars", with_polars),
    "DuckDB": ("duckdb", with_duckdb),
    "DataFusion": ("datafusion", with_datafusion),
}


def plain(value):
    """A value as Python has it, whatever program it came through; null is None."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, pd.Timestamp):
        value = value.to_pydatetime()
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC)
    return value


def key_of(row):
    return [(value is not None, str(value)) for value in row]


def from_files(folder):
    """The truth: each file by itself, the snapshot date from its path."""
    names, kinds, rows = None, None, []
    for part in sorted(folder.glob("*/*.parquet")):
        date = part.parent.name.removeprefix("snapshot_date=")
        table = pq.read_table(part, partitioning=None)
        check_file(part, table.schema)
        names = [*table.column_names, "snapshot_date"]
        kinds = [KINDS[str(field.type)] for field in table.schema]
        rows += [(*row, date) for row in zip(*(column.to_pylist() for column in table.columns), strict=True)]
    return names, kinds, rows


def check_file(part, schema):
    assert "snapshot_date" not in schema.names, part
    for field in schema:
        assert str(field.type) in KINDS, (part, field)
    metadata = pq.read_metadata(part).metadata
    named = {name: metadata[f"crosstie.{name}".encode()].decode() for name in METADATA}
    assert named["table"] == part.parent.parent.name, part
    assert sorted(json.loads(named["column_docs"])) == sorted(schema.names), part


def compare(reader, folder, names, kinds, rows, shown):
    found = READERS[reader][1](folder)
    assert list(found) == names, (reader, folder, list(found))
    columns = [[plain(value) for value in values] for _, values in found.values()]
    columns[-1] = [str(value) for value in columns[-1]]
    assert all(len(column) == len(rows) for column in columns), (reader, folder)
    got = sorted(zip(*columns, strict=True), key=key_of) if rows else []
    for expected, row in zip(sorted(rows, key=key_of), got, strict=True):
        assert [plain(value) for value in expected] == list(row), (reader, folder, expected, row)
    for name, kind in zip(names, [*kinds, "snapshot_date"], strict=True):
        shown.setdefault((kind, reader), set()).add(found[name][0])


def markdown(shown):
    heads = [f"{reader} {version(package)}" for reader, (package, _) in READERS.items()]
    print(f"| | {' | '.join(heads)} |\n|{'---|' * (1 + len(heads))}")
    for kind in [*KINDS.values(), "snapshot_date"]:
        cells = [" or ".join(f"`{name}`" for name in sorted(shown[kind, reader])) for reader in READERS]
        print(f"| {kind} | {' | '.join(cells)} |")


def main():
    out = Path(sys.argv[1])
    tables = sorted(path for kind in ("data", "restricted") for path in (out / kind).iterdir())
    shown, values, nulls, all_rows = {}, 0, 0, 0
    for table in tables:
        names, kinds, rows = from_files(table)
        for reader in READERS:
            compare(reader, table, names, kinds, rows, shown)
        all_rows += len(rows)
        values += len(rows) * len(names)
        nulls += sum(value is None for row in rows for value in row)
    if "--markdown" in sys.argv:
        markdown(shown)
    else:
        programs = len({package for package, _ in READERS.values()})
        print(f"{len(tables)} tables, {all_rows} rows, {values} values, {nulls} of them null: {programs} programs agree")


if __name__ == "__main__":
    main()
