"""Whether crosstie and a peer found the same daily ties.

Usage: compare_ties.py FORM DATA PEOPLE DIRECTORY KEY TIES PEER...

TIES is what `crosstie export OUT --daily --to TIES` wrote (`day,source_id,target_id,message_count,weight_units`),
KEY the key file of that output folder, DIRECTORY the people with their keys in column `person_id`; PEER is a Parquet
file of `ties_duckdb.py` or `ties_polars.py`. Equal means: the same (day, source, target) on both sides, each with the
same count, and weights no further apart than count x 2^-20 messages, since crosstie shares a message to the last unit
where the peers divide in floating point.

Ends with 1 and names the first difference, else prints JSON: ties, slots, mean recipients of a message.
"""

import csv
import hashlib
import hmac
import json
import sys
from pathlib import Path

import duckdb

from ties_duckdb import messages

UNITS = 2**20


def handle_key(line: str) -> bytes:
    """The key of handle ids, from the one line of a key file."""
    form, digits = line.split()
    if form != "crosstie-key-v1":
        raise ValueError("not a key of this version")
    return hmac.digest(bytes.fromhex(digits), b"crosstie/v1/handle", hashlib.sha256)


def handle_id(key: bytes, handle: str) -> int:
    """The id under which crosstie keeps a handle: the first 8 bytes of its keyed hash, top bit cleared."""
    part = handle.encode()
    digest = hmac.digest(key, len(part).to_bytes(8, "little") + part, hashlib.sha256)
    return int.from_bytes(digest[:8], "big") & (2**63 - 1)


def load(people: Path, directory: Path, key_file: Path, ties: Path) -> duckdb.DuckDBPyConnection:
    """A connection whose table `ours` holds crosstie's ties by the index of people that the peers use."""
    key = handle_key(key_file.read_text())
    index = {row["email"]: int(row["ix"]) for row in rows(people)}
    connection = duckdb.connect()
    connection.execute("CREATE TABLE ids (id BIGINT PRIMARY KEY, ix BIGINT)")
    ids = [
        (handle_id(key, f"member:{row['person_id']}"), index[row["email"]])
        for row in rows(directory)
        if row["email"] in index
    ]
    # One list a column: an INSERT a person would take a minute at 100,000 people.
    connection.execute("INSERT INTO ids SELECT unnest(?), unnest(?)", [list(column) for column in zip(*ids)])
    connection.execute(
        f"""CREATE TABLE ours AS
            SELECT CAST(t.day AS DATE) AS day, a.ix AS src, b.ix AS dst, message_count AS n, weight_units AS units
            FROM read_csv('{ties}', header = true, columns = {{'day': 'DATE', 'source_id': 'BIGINT',
                'target_id': 'BIGINT', 'message_count': 'BIGINT', 'weight_units': 'BIGINT'}}) t
            LEFT JOIN ids a ON a.id = source_id LEFT JOIN ids b ON b.id = target_id"""
    )
    return connection


def rows(file: Path) -> list[dict[str, str]]:
    with file.open() as text:
        return list(csv.DictReader(text))


def difference(connection: duckdb.DuckDBPyConnection, peer: Path) -> dict | None:
    """The first tie on which `ours` and a peer differ, by day and people; `None` where there is none."""
    found = connection.execute(
        f"""SELECT coalesce(p.day, o.day)::VARCHAR AS day, coalesce(p.src, o.src) AS src, coalesce(p.dst, o.dst) AS dst,
                   p.n AS peer_count, o.n AS our_count, p.w * {UNITS} AS peer_units, o.units AS our_units
            FROM read_parquet('{peer}') p FULL JOIN ours o ON p.day = o.day AND p.src = o.src AND p.dst = o.dst
            WHERE p.n IS DISTINCT FROM o.n OR abs(o.units - p.w * {UNITS}) > o.n
            ORDER BY ALL LIMIT 1"""
    )
    row = found.fetchone()
    return row and dict(zip([column[0] for column in found.description], row))


def main() -> None:
    form, data, people, directory, key_file, ties, *peers = sys.argv[1:]
    connection = load(Path(people), Path(directory), Path(key_file), Path(ties))
    count, slots = connection.execute("SELECT count(*), sum(n) FROM ours").fetchone()
    if count == 0:
        sys.exit("crosstie found no tie at all")
    for peer in peers:
        row = difference(connection, Path(peer))
        if row:
            sys.exit(f"{Path(peer).name} differs from crosstie: {json.dumps(row)}")
    connection.execute("SET TimeZone = 'UTC'")
    recipients = connection.execute(f"SELECT avg(len(r)) FROM ({messages(form, data)})").fetchone()[0]
    print(json.dumps({"ties": count, "slots": int(slots), "recipients": recipients}))


if __name__ == "__main__":
    main()
