"""Daily ties with Polars' streaming engine, as one process: a peer of `crosstie run --until ties`.

Usage: ties_polars.py DATA PEOPLE OUT, with POLARS_MAX_THREADS in the environment

Reads `DATA/mail/*.csv`; what it writes is said in `ties_duckdb.py`.
"""

import sys

import polars as pl

MAX_RECIPIENTS = 8


def ties(data: str, people: str) -> pl.LazyFrame:
    """The query of daily ties."""
    p = pl.scan_csv(people)
    return (
        pl.scan_csv(f"{data}/mail/*.csv")
        .select(
            pl.col("sent_at").str.to_datetime("%Y-%m-%dT%H:%M:%SZ").dt.date().alias("day"),
            pl.col("from").alias("f"),
            pl.col("to").str.split(";").alias("t"),
        )
        .filter(pl.col("t").list.len() <= MAX_RECIPIENTS)
        .with_columns((1.0 / pl.col("t").list.len()).alias("w"))
        .explode("t")
        .join(p.select(pl.col("ix").alias("src"), "email"), left_on="f", right_on="email")
        .join(p.select(pl.col("ix").alias("dst"), "email"), left_on="t", right_on="email")
        .filter(pl.col("src") != pl.col("dst"))
        .group_by("day", "src", "dst")
        .agg(pl.len().cast(pl.Int64).alias("n"), pl.col("w").sum())
    )


def main() -> None:
    data, people, out = sys.argv[1:]
    ties(data, people).sink_parquet(out, engine="streaming")


if __name__ == "__main__":
    main()
