"""Tests of what the benchmark would get wrong in silence: its verdicts, its comparison of ties, its marks in the docs.

`python -m unittest discover -s bench`, with the packages of requirements.txt.
"""

import csv
import tempfile
import unittest
from pathlib import Path

import duckdb
import numpy as np

from compare_ties import difference, handle_id, handle_key, load
from graph_stages import Judge
from graph_table import Line, markdown as graph_markdown, verdicts
from process import Cost, run
from table import Must, Runs, markdown, put_section, ratios
from ties_duckdb import ties as duckdb_ties
from ties_polars import ties as polars_ties

KEY = "crosstie-key-v1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
PEOPLE = ["ada@acme.example", "bela@acme.example", "cori@acme.example"]
MAIL = """sent_at,from,to,message_id
2026-03-02T08:00:00Z,ada@acme.example,bela@acme.example;cori@acme.example;buyer1@partner.example,m0
2026-03-02T23:59:59Z,ada@acme.example,bela@acme.example,m1
2026-03-03T00:00:00Z,ada@acme.example,bela@acme.example,m2
2026-03-03T09:00:00Z,bela@acme.example,bela@acme.example,m3
2026-03-03T10:00:00Z,ada@acme.example,bela@acme.example;b;c;d;e;f;g;h;i,m4
"""
# Day, source, target, count, units of 2^-20 messages; a third of a message is 349,525 units and a third.
TIES = [("2026-03-02", 0, 1, 2, 2**20 + 349_525), ("2026-03-02", 0, 2, 1, 349_526), ("2026-03-03", 0, 1, 1, 2**20)]


def runs(program: str, threads: int, walls: list[float], rss: int = 2**20) -> Runs:
    return Runs(program, threads, [Cost(wall, 2 * wall, rss) for wall in walls])


class Ratios(unittest.TestCase):
    def rows(self, must: Must) -> dict:
        every = [
            runs("DuckDB", 1, [9, 10, 50], 400),
            runs("DuckDB", 2, [6, 7, 5], 500),
            runs("Polars", 2, [3, 2, 4], 150),
            runs("crosstie", 1, [2, 2, 2], 90),
            runs("crosstie", 2, [1, 9, 1], 100),
        ]
        return {(row["program"], row["threads"]): row for row in ratios(every, must)}

    def test_the_better_number_of_threads_counts_on_both_sides(self):
        rows = self.rows(Must(6, {}))
        self.assertEqual((rows["DuckDB", 2]["speed_ratio"], rows["Polars", 2]["speed_ratio"]), (6, 3))
        self.assertEqual(rows["DuckDB", 2]["memory_ratio"], 0.2)
        self.assertEqual((rows["DuckDB", 2]["median_seconds"], rows["DuckDB", 2]["least_seconds"]), (6, 5))
        self.assertNotIn("speed_ratio", rows["DuckDB", 1])
        self.assertNotIn("speed_ratio", rows["crosstie", 2])

    def test_every_peer_must_be_beaten_by_the_factor(self):
        rows = self.rows(Must(6, {"DuckDB": 0.25, "Polars": 0.25}))
        self.assertTrue(rows["DuckDB", 2]["speed_passes"] and rows["DuckDB", 2]["memory_passes"])
        self.assertFalse(rows["Polars", 2]["speed_passes"] or rows["Polars", 2]["memory_passes"])
        self.assertFalse(self.rows(Must(6.01, {}))["DuckDB", 2]["speed_passes"])
        self.assertNotIn("memory_passes", self.rows(Must(6, {}))["DuckDB", 2])

    def test_the_table_says_so(self):
        must = Must(6, {"DuckDB": 0.25})
        lines = markdown(list(self.rows(must).values()), must, 12_000_000).splitlines()
        self.assertEqual(len({line.count("|") for line in lines}), 1)
        said = [line for line in lines if "| DuckDB | 2 | 6.00 | 5.00 | 12.00 | 2 |" in line]
        self.assertEqual(len(said), 1)
        self.assertIn("6.00x as fast | 6x | pass | 0.20 of it | 0.25 | pass", said[0])
        self.assertEqual(sum("**fail**" in line for line in lines), 1)


class Ties(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "mail").mkdir()
        self.write("mail/2026-03-02.csv", MAIL)
        self.write("people.csv", "ix,email\n" + "".join(f"{ix},{email}\n" for ix, email in enumerate(PEOPLE)))
        self.write("directory.csv", "person_id,email\n" + "".join(f"E{ix},{email}\n" for ix, email in enumerate(PEOPLE)))
        self.write("key", KEY)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def peer(self, program: str) -> Path:
        out = self.folder / f"{program}.parquet"
        if program == "DuckDB":
            query = duckdb_ties("csv", str(self.folder), str(self.folder / "people.csv"))
            duckdb.sql("SET TimeZone = 'UTC'")
            duckdb.sql(f"COPY ({query}) TO '{out}' (FORMAT parquet)")
        else:
            polars_ties(str(self.folder), str(self.folder / "people.csv")).sink_parquet(out, engine="streaming")
        return out

    def compared(self, ties: list[tuple], program: str) -> dict | None:
        key = handle_key(KEY)
        with (self.folder / "ties.csv").open("w") as out:
            writer = csv.writer(out)
            writer.writerow(["day", "source_id", "target_id", "message_count", "weight_units"])
            ids = [handle_id(key, f"member:E{ix}") for ix in range(4)]
            writer.writerows([day, ids[source], ids[target], count, units] for day, source, target, count, units in ties)
        files = [self.folder / name for name in ("people.csv", "directory.csv", "key", "ties.csv")]
        return difference(load(*files), self.peer(program))

    def test_peers_find_what_the_definition_says(self):
        for program in ("DuckDB", "Polars"):
            self.assertIsNone(self.compared(TIES, program), program)

    def test_every_planted_difference_is_found(self):
        day, source, target, count, units = TIES[0]
        planted = {
            "a count": [(day, source, target, count + 1, units), *TIES[1:]],
            "a weight too large": [(day, source, target, count, units + 3), *TIES[1:]],
            "a weight too small": [(day, source, target, count, units - 3), *TIES[1:]],
            "a day": [("2026-03-04", source, target, count, units), *TIES[1:]],
            "a direction": [(day, target, source, count, units), *TIES[1:]],
            "a tie gone": TIES[1:],
            "a tie too many": [*TIES, ("2026-03-03", 2, 0, 1, 2**20)],
            "somebody unknown": [*TIES, ("2026-03-03", 3, 0, 1, 2**20)],
        }
        for what, ties in planted.items():
            for program in ("DuckDB", "Polars"):
                self.assertIsNotNone(self.compared(ties, program), f"{what}, {program}")
        self.assertEqual(self.compared(planted["a count"], "DuckDB")["our_count"], 3)


class Processes(unittest.TestCase):
    def test_what_a_process_took_and_that_a_failure_ends_all(self):
        with tempfile.NamedTemporaryFile() as log:
            cost = run(["python3", "-c", "x = bytearray(200 * 2**20); x[::4096] = b'1' * len(x[::4096])"], {}, Path(log.name))
            self.assertTrue(cost.peak_rss_bytes > 200 * 2**20 and cost.cpu_seconds > 0 and cost.wall_seconds > 0)
            with self.assertRaises(SystemExit) as end:
                run(["python3", "-c", "import sys; sys.exit('no such thing')"], {}, Path(log.name))
            self.assertIn("no such thing", str(end.exception))


class Graphs(unittest.TestCase):
    def line(self, program: str, wall: float, figure: float, threads: int = 1, label: str = "") -> Line:
        return Line(program, label, threads, [{"wall": wall, "cpu": wall}] * 3, [figure] * 3)

    def test_a_peer_is_compared_with_what_is_as_good(self):
        lines = [
            self.line("crosstie", 1, 0.40, label="1 pass"),
            self.line("crosstie", 3, 0.45, label="10 passes"),
            self.line("igraph", 8, 0.40),
            self.line("NetworKit", 9, 0.43, 1),
            self.line("NetworKit", 5, 0.43, 2),
            self.line("leidenalg", 90, 0.46),
        ]
        found = verdicts({"igraph": 2, "NetworKit": 2, "leidenalg": 40}, "modularity", lines)
        self.assertEqual(found, {2: (8, True), 4: (5 / 3, False), 5: (None, False)})

    def test_the_table_says_where_a_peer_wins(self):
        lines = [self.line("crosstie", 2, 0.0), self.line("igraph", 1, 0.0), self.line("NetworKit", 9, 0.0)]
        stage = type("S", (), {"title": "Both", "judge": "equal 1e-9", "must": {"igraph": 4, "NetworKit": 4}})
        said = graph_markdown([(stage, lines)])
        self.assertIn("0.50x as fast: the peer wins | 4x | **fail**", said)
        self.assertIn("4.50x as fast | 4x | pass", said)
        self.assertEqual(len({line.count("|") for line in said.splitlines() if line.startswith("|")}), 1)

    def test_results_are_judged(self):
        # Two pairs with a tie of weight 2 each, and one of weight 1 between them.
        judge = Judge(np.array([0, 2, 1]), np.array([1, 3, 2]), np.array([2, 2, 1]), np.array([4.0, 2.0, 0.0, 0.0]))
        self.assertAlmostEqual(judge.modularity(np.array([0, 0, 1, 1])), 4 / 5 - 1 / 2)
        self.assertAlmostEqual(judge.modularity(np.array([7.0, 7.0, 7.0, 7.0])), 0)
        self.assertEqual(judge.difference(np.array([100.0, 0.5]), np.array([101.0, 0.25])), 0.25)
        self.assertEqual(judge.difference(np.array([1.0, np.nan]), np.array([1.0, 0.0])), float("inf"))
        self.assertEqual(judge.median_error(np.array([5.0, 9.0, 9.0, 9.0])), 0.25)
        self.assertEqual(judge.largest_share(np.array([4.0, 3.5, 0.0, 0.0])), 0.25)


class Docs(unittest.TestCase):
    def test_a_section_is_added_once_and_then_replaced(self):
        with tempfile.TemporaryDirectory() as folder:
            docs = Path(folder) / "benchmarks.md"
            docs.write_text("# How fast\n")
            put_section(docs, "peers s", "one")
            put_section(docs, "peers m", "other")
            put_section(docs, "peers s", "two \\1")
            begin = "# How fast\n\n<!-- peers s: begin -->\ntwo \\1\n<!-- peers s: end -->\n\n"
            self.assertEqual(docs.read_text(), begin + "<!-- peers m: begin -->\nother\n<!-- peers m: end -->\n")


if __name__ == "__main__":
    unittest.main()
