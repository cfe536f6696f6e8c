"""Daily ties with DuckDB, as one process: the peer of `crosstie run --until ties`.

Usage: ties_duckdb.py FORM DATA PEOPLE OUT THREADS

FORM is csv or jsonl; DATA holds `mail/*.FORM`; PEOPLE is a CSV of `ix,email`. Writes a Parquet file of
`day, src, dst, n, w`: messages of more than 8 recipients and mail to oneself make no tie; a message weighs 1, shared
among its recipients.
"""

import sys

import duckdb

MAX_RECIPIENTS = 8


def messages(form: str, data: str) -> str:
    """A query of `day`, the sender `f` and the list of recipients `r` of every message."""
    day = "CAST(sent_at AS TIMESTAMPTZ)::DATE AS day"
    if form == "csv":
        return f"""SELECT {day}, "from" AS f, string_split("to", ';') AS r FROM read_csv('{data}/mail/*.csv')"""
    return f"""SELECT {day}, "from" AS f, "to" AS r
               FROM read_json('{data}/mail/*.jsonl', format = 'newline_delimited')"""


def ties(form: str, data: str, people: str) -> str:
    """The query of daily ties.

    Mail to oneself is told by addresses: with `a.ix <> b.ix` DuckDB 2.0.0 joins the people with themselves first, which
    takes three times as long at 2,000 people and grows with their square.
    """
    return f"""
        WITH p AS (SELECT ix, email FROM read_csv('{people}')),
             m AS ({messages(form, data)}),
             e AS (SELECT day, f, 1.0::DOUBLE / len(r) AS w, unnest(r) AS t FROM m WHERE len(r) <= {MAX_RECIPIENTS})
        SELECT day, a.ix AS src, b.ix AS dst, count(*) AS n, sum(w) AS w
        FROM e JOIN p a ON a.email = e.f JOIN p b ON b.email = e.t WHERE e.f <> e.t GROUP BY ALL"""


def main() -> None:
    form, data, people, out, threads = sys.argv[1:]
    connection = duckdb.connect(config={"threads": int(threads)})
    connection.execute("SET preserve_insertion_order = false; SET TimeZone = 'UTC'")
    connection.execute(f"COPY ({ties(form, data, people)}) TO '{out}' (FORMAT parquet)")


if __name__ == "__main__":
    main()
