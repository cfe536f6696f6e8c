"""Makes the graphs of the graph-stage benchmark: `python graphs.py NAME FOLDER CROSSTIE`, with requirements-graph.txt.

Writes FOLDER/NAME.npz for peers (a, b, units: each edge once, units of 2^-20 messages) and FOLDER/NAME.parquet for
crosstie, the same edges in the same order.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import networkit
import numpy as np

from ties_duckdb import ties

UNITS = 2**20
# Name -> people, messages over 90 days of `crosstie synth`.
ORGANIZATIONS = {"org-20k": (20_000, 20_000_000), "org-100k": (100_000, 40_000_000)}
# Name -> nodes, mean degree, share of ties that leave the community.
LFR = {"lfr-20k": (20_000, 30, 0.3), "lfr-100k": (100_000, 40, 0.6)}
# Name -> nodes, edges.
MAIL = {"mail-5k": (5_000, 25_000), "mail-37k": (37_000, 184_000)}
# Name -> nodes, nodes a group, edges that each node draws. For a run of its own: no peer is timed on it.
GROUPS = {"groups-1m": (1_000_000, 1_000, 50)}


def main() -> None:
    name, folder, crosstie = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    if name in ORGANIZATIONS:
        a, b, units = organization(*ORGANIZATIONS[name], folder / name, crosstie)
    elif name in LFR:
        a, b, units = lfr(*LFR[name])
    elif name in GROUPS:
        a, b, units = groups(*GROUPS[name])
    else:
        a, b, units = mail(*MAIL[name])
    write(folder, name, a, b, units)


def write(folder: Path, name: str, a: np.ndarray, b: np.ndarray, units: np.ndarray) -> None:
    """Both forms, crosstie's last: where it is there, so is the other."""
    np.savez(folder / f"{name}.npz", a=a, b=b, units=units)
    edges = {"source": a, "target": b, "weight": units / UNITS}
    connection = duckdb.connect()
    connection.execute("CREATE TABLE edges (source INTEGER, target INTEGER, weight DOUBLE)")
    connection.register("found", edges)
    connection.execute("INSERT INTO edges SELECT source, target, weight FROM found")
    aside = folder / f"{name}.unfinished"
    connection.execute(f"COPY edges TO '{aside}' (FORMAT parquet, COMPRESSION zstd)")
    aside.rename(folder / f"{name}.parquet")


def organization(people: int, messages: int, data: Path, crosstie: Path) -> tuple:
    """Ties with messages in both directions among the people of a made organization, by their weight."""
    shutil.rmtree(data, ignore_errors=True)
    numbers = ["--people", str(people), "--messages", str(messages), "--days", "90", "--seed", "1"]
    subprocess.run([crosstie, "synth", data, *numbers, "--bulk", "csv"], check=True, stdout=sys.stderr)
    connection = duckdb.connect()
    connection.execute(f"""
        COPY (SELECT row_number() OVER () - 1 AS ix, email FROM read_csv('{data}/directory.csv') WHERE class = 'person')
        TO '{data}/people.csv'""")
    connection.execute(f"""
        CREATE TABLE arcs AS
        SELECT src, dst, sum(w) AS w FROM ({ties("csv", str(data), f"{data}/people.csv")}) GROUP BY src, dst""")
    found = connection.execute(f"""
        SELECT one.src AS a, one.dst AS b, round((one.w + other.w) * {UNITS})::BIGINT AS units
        FROM arcs one JOIN arcs other ON one.src = other.dst AND one.dst = other.src
        WHERE one.src < one.dst ORDER BY a, b""").fetchnumpy()
    shutil.rmtree(data)
    return tuple(np.asarray(found[column], dtype=np.int64) for column in ("a", "b", "units"))


def lfr(nodes: int, degree: int, mixing: float) -> tuple:
    """Lancichinetti, Fortunato & Radicchi 2008, doi:10.1103/PhysRevE.78.046110, with weights from 1 to 100 messages."""
    networkit.setSeed(1, False)
    made = networkit.generators.LFRGenerator(nodes)
    made.generatePowerlawDegreeSequence(degree, 20 * degree, -2)
    made.generatePowerlawCommunitySizeSequence(20, nodes // 40, -1)
    made.setMu(mixing)
    made.run()
    ends = np.array(list(made.getGraph().iterEdges()), dtype=np.int64)
    return unique(ends[:, 0], ends[:, 1], np.random.default_rng(1))


def mail(nodes: int, edges: int, hub: int = 1_400, outside: float = 0.4) -> tuple:
    """Like the public mail graphs: a few hubs, many on the fringe with one contact, groups of uneven size.

    Nodes, edges and the largest degree are about those of SNAP's email-Enron. Ends are drawn by a weight with a tail of
    exponent 5/3, the second end within the group of the first or anywhere.
    """
    random = np.random.default_rng(1)
    weight = (1 / (random.random(nodes) + hub ** (-1 / 1.5))) ** 1.5
    group = np.sort(np.minimum(random.pareto(1.0, nodes) * 4, 400).astype(np.int64) + random.integers(0, 4, nodes) * 401)
    chance = np.cumsum(weight)
    first, last = np.searchsorted(group, group, "left"), np.searchsorted(group, group, "right")
    low, high = np.where(first > 0, chance[first - 1], 0), chance[last - 1]
    a = np.searchsorted(chance, random.random(2 * edges) * chance[-1])
    anywhere = random.random(2 * edges) < outside
    draw = random.random(2 * edges)
    at = np.where(anywhere, draw * chance[-1], low[a] + draw * (high[a] - low[a]))
    b = np.minimum(np.searchsorted(chance, at), nodes - 1)
    # Everybody has a tie to somebody; what comes after them fills up to the number of edges.
    own = np.arange(nodes)
    other = np.minimum(np.searchsorted(chance, low + random.random(nodes) * (high - low)), nodes - 1)
    ends = np.stack([np.concatenate([own, a]), np.concatenate([other, b])], 1)
    ends = ends[ends[:, 0] != ends[:, 1]]
    keys = np.sort(ends, 1) @ np.array([nodes, 1])
    kept = np.sort(np.unique(keys, return_index=True)[1])[:edges]
    return unique(ends[kept, 0], ends[kept, 1], random)


def groups(nodes: int, size: int, drawn: int, outside: float = 0.2) -> tuple:
    """Each node draws others, four of five in its own group of consecutive nodes."""
    random = np.random.default_rng(1)
    a = np.repeat(np.arange(nodes), drawn)
    inside = a // size * size + random.integers(0, size, len(a))
    b = np.where(random.random(len(a)) < outside, random.integers(0, nodes, len(a)), inside)
    other = a != b
    return unique(a[other], b[other], random)


def unique(a: np.ndarray, b: np.ndarray, random: np.random.Generator) -> tuple:
    """Each edge once, sorted, with a weight from 1 to 100 messages."""
    low, high = np.minimum(a, b), np.maximum(a, b)
    keys = np.unique(low * (high.max() + 1) + high)
    a, b = np.divmod(keys, high.max() + 1)
    return a, b, random.integers(1, 101, len(a)) * UNITS


if __name__ == "__main__":
    main()
