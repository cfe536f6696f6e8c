"""Reads a window's graph as crosstie exports it with networkx, igraph and DuckDB, and compares every person, tie and
attribute with the restricted tables.

Usage: read_graph.py OUT GRAPHML GEXF CSV_FOLDER
"""

import datetime
import sys
from pathlib import Path

import duckdb
import igraph
import networkx as nx
import pyarrow.parquet as pq


def rows(out, table):
    (part,) = (out / "restricted" / table).glob("*/*.parquet")
    return pq.read_table(part, partitioning=None).to_pylist()


def plain(value):
    """A value of a table as the exports write it: times and days are text."""
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return value


def compare(reader, expected, got):
    """Attributes by person or pair: what is null in the table is not there."""
    assert expected.keys() == got.keys(), (reader, len(expected), len(got))
    for key, row in expected.items():
        meant = {name: plain(value) for name, value in row.items() if value is not None}
        assert meant == got[key], (reader, key, meant, got[key])


def with_networkx(graph):
    # GEXF edges have ids, nodes labels: networkx keeps both beside the attributes.
    nodes = {
        node: {name: value for name, value in data.items() if name != "label"} for node, data in graph.nodes(data=True)
    }
    edges = {
        (source, target): {name: value for name, value in data.items() if name != "id"}
        for source, target, data in graph.edges(data=True)
    }
    assert graph.is_directed() and not graph.is_multigraph()
    return nodes, edges


def with_igraph(path, columns):
    """Units by person and weights by pair; igraph has no null, so a text that is not there is empty."""
    graph = igraph.Graph.Read_GraphML(str(path))
    assert graph.is_directed()
    names = [vertex["id"] for vertex in graph.vs]
    weights = {(names[edge.source], names[edge.target]): edge["weight"] for edge in graph.es}
    units = {vertex["id"]: vertex["unit"] for vertex in graph.vs}
    assert set(graph.vs.attributes()) - {"id"} == set(columns), graph.vs.attributes()
    return units, weights


def with_duckdb(sheet, expected):
    """Null is an empty field; numbers read back as they were."""
    found = duckdb.sql("FROM read_csv(?, all_varchar=true)", params=[str(sheet)])
    ends = len(next(iter(expected)))
    assert found.columns[ends:] == list(next(iter(expected.values()))), found.columns
    got = {row[:ends]: row[ends:] for row in found.fetchall()}
    assert got.keys() == expected.keys(), sheet
    for key, row in expected.items():
        for (name, value), text in zip(row.items(), got[key], strict=True):
            assert field(text, value) == plain(value), (sheet, key, name, value, text)


def field(text, like):
    """The text of a field as the type that the table has."""
    if text is None or isinstance(like, str | datetime.datetime):
        return text
    return {"true": True, "false": False}[text] if isinstance(like, bool) else type(like)(text)


def main():
    out, graphml, gexf, sheets = (Path(argument) for argument in sys.argv[1:])
    people = {row.pop("person_id"): row for row in rows(out, "people")}
    ties = {(row.pop("source_id"), row.pop("target_id")): row for row in rows(out, "ties")}
    for reader, graph in {"GraphML": nx.read_graphml(graphml), "GEXF": nx.read_gexf(gexf)}.items():
        nodes, edges = with_networkx(graph)
        compare(reader, people, nodes)
        compare(reader, ties, edges)
    units, weights = with_igraph(graphml, next(iter(people.values())))
    assert units == {person: row["unit"] or "" for person, row in people.items()}
    assert weights == {pair: row["weight"] for pair, row in ties.items()}
    with_duckdb(sheets / "nodes.csv", {(person,): row for person, row in people.items()})
    with_duckdb(sheets / "edges.csv", ties)
    print(f"{len(people)} people and {len(ties)} ties: networkx, igraph and DuckDB agree with the tables")


if __name__ == "__main__":
    main()
