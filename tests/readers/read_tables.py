"""Reads every table of an output folder with pandas, pyarrow, polars and DuckDB, and compares what they see.

Usage: read_tables.py OUT
"""

import json
import sys
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow.dataset as ds
import pyarrow.parquet as pq

PLAIN = {"string", "int64", "double", "bool", "date32[day]", "timestamp[us, tz=UTC]"}


def check(folder: Path) -> int:
    arrow = ds.dataset(folder, partitioning="hive").to_table()
    frame = pd.read_parquet(folder, dtype_backend="pyarrow")
    polars = pl.read_parquet(f"{folder}/**/*.parquet", hive_partitioning=True)
    duck = duckdb.sql(f"SELECT * FROM read_parquet('{folder}/**/*.parquet', hive_partitioning=true)")
    rows = arrow.num_rows
    assert rows == len(frame) == polars.height == len(duck.fetchall()), folder
    for columns in (arrow.column_names, list(frame.columns), polars.columns, duck.columns):
        assert columns == arrow.column_names, (folder, columns)
    part = next(folder.glob("*/*.parquet"))
    schema = pq.read_schema(part)
    for field in schema:
        assert str(field.type) in PLAIN, (folder, field)
    assert "snapshot_date" not in schema.names, folder
    metadata = {key.decode(): value.decode() for key, value in pq.read_metadata(part).metadata.items() if key.startswith(b"crosstie")}
    assert metadata["crosstie.table"] == folder.name
    docs = json.loads(metadata["crosstie.column_docs"])
    assert sorted(docs) == sorted(schema.names), folder
    for name in schema.names:
        if str(schema.field(name).type) == "double":
            values = arrow[name].drop_null().to_pylist()
            assert all(value == value for value in values), (folder, name, "NaN")
            assert abs(sum(values) - float(polars[name].sum())) < 1e-6 * (1 + abs(sum(values))), (folder, name)
    return rows


def main() -> None:
    out = Path(sys.argv[1])
    tables = sorted(path for kind in ("data", "restricted") for path in (out / kind).iterdir())
    rows = [check(table) for table in tables]
    print(f"{len(tables)} tables, {sum(rows)} rows: four readers agree")


if __name__ == "__main__":
    main()
