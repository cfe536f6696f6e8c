"""The graph stages beside igraph, NetworKit, leidenalg and rustworkx: run by `peers.py --graph`, in the peers' environment.

For each graph: peers are loaded from arrays, results are compared, then all take turns for some rounds. Of crosstie the
seconds of the step itself count, which `crosstie graph` writes into graph.json: what it takes to load is in neither.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from graph_stages import STAGES, Call, Judge, Stage, stages
from graph_table import Line, markdown
from graph_worker import PEERS
from process import CORES, HUGE_PAGES

HERE = Path(__file__).resolve().parent
SOURCES = 256
# A call that takes longer has fewer rounds.
SLOW_SECONDS, SLOW_ROUNDS = 10, 3
VERY_SLOW_SECONDS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--graphs", nargs="+", required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--crosstie", type=Path, required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--stages", nargs="+", choices=STAGES)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    measured = [Comparison(options, name).run() for name in options.graphs]
    options.out.write_text(json.dumps(measured, indent=2) + "\n")


class Worker:
    """A peer's process with the graph loaded; one at each number of threads where the peer takes it from the start."""

    def __init__(self, peer: str, graph: Path, log: Path) -> None:
        environment = os.environ | HUGE_PAGES | {"RAYON_NUM_THREADS": str(CORES)}
        argv = [sys.executable, str(HERE / "graph_worker.py"), peer, str(graph)]
        self.log = log.open("wb")
        self.child = subprocess.Popen(
            argv, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        self.answer()

    def answer(self) -> dict:
        line = self.child.stdout.readline()
        if not line:
            sys.exit(f"{self.log.name}: the peer ended: {Path(self.log.name).read_text(errors='replace')[-2000:]}")
        return json.loads(line)

    def ask(self, **asked) -> dict:
        print(json.dumps(asked), file=self.child.stdin, flush=True)
        return self.answer()

    def end(self) -> None:
        self.child.stdin.close()
        self.child.wait()
        self.log.close()


class Comparison:
    """All stages on one graph."""

    def __init__(self, options: argparse.Namespace, name: str) -> None:
        self.options, self.name = options, name
        self.folder = options.work / "graphs"
        self.scratch = options.work / f"graph-{name}"
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)
        self.edges, arrays = self.made()
        self.a, self.b, self.units = arrays["a"], arrays["b"], arrays["units"]
        self.nodes = int(max(self.a.max(), self.b.max())) + 1
        self.workers: dict[str, Worker] = {}

    def made(self) -> tuple:
        """The graph in both forms, made once."""
        edges, arrays = self.folder / f"{self.name}.parquet", self.folder / f"{self.name}.npz"
        if not edges.is_file():
            self.folder.mkdir(exist_ok=True)
            argv = [sys.executable, HERE / "graphs.py", self.name, self.folder, self.options.crosstie]
            subprocess.run(argv, check=True)
        return edges, np.load(arrays)

    def run(self) -> dict:
        arcs = 2 * len(self.a)
        drawn = np.sort(np.random.default_rng(1).permutation(self.connected())[:SOURCES])
        sources = self.scratch / "sources.csv"
        sources.write_text("id\n" + "".join(f"{node}\n" for node in drawn))
        words = f"**`{self.name}`**: {self.nodes:,} nodes, {arcs:,} arcs (each edge is two)."
        every = stages(str(sources), drawn.tolist(), arcs, self.nodes, self.options.whole)
        if self.options.stages:
            every = [stage for stage in every if stage.name in self.options.stages]
        lines, raw = [], []
        is_judged = any(stage.judge in ("median error", "within epsilon") for stage in every)
        self.judge = Judge(self.a, self.b, self.units, self.exact(arcs) if is_judged else None)
        for stage in every:
            found = self.measure(stage, arcs)
            raw.append({"stage": stage.name, "lines": [line.as_dict() for line in found]})
            lines.append((stage, found))
            print(f"{self.name}: {stage.name} done", file=sys.stderr)
        for worker in self.workers.values():
            worker.end()
        shutil.rmtree(self.scratch)
        return {"graph": self.name, "nodes": self.nodes, "arcs": arcs, "stages": raw, "text": f"{words}\n\n{markdown(lines)}"}

    def connected(self) -> np.ndarray:
        """Nodes with edges: crosstie reads nodes from edges, so others are not known to it."""
        return np.unique(np.concatenate([self.a, self.b]))

    def exact(self, arcs: int) -> np.ndarray | None:
        """Exact betweenness where it takes a minute at most: what samples are compared with."""
        if 2 * self.nodes * arcs > 1e11:
            return None
        call = Call("crosstie", "truth", arguments=("--measure", "betweenness"), steps=("betweenness",))
        return self.ours(call, CORES, 0, "betweenness")[1]

    def measure(self, stage: Stage, arcs: int) -> list[Line]:
        """Compares results, then times everything in turns."""
        programs = [(call, threads) for call in stage.ours for threads in call.threads]
        for call in stage.peers:
            if arcs <= call.most_arcs:
                programs += [(call, threads) for threads in PEERS[call.program].threads]
        costs, figures = [[] for _ in programs], [[] for _ in programs]
        rounds = [self.options.rounds] * len(programs)
        expected = None
        for number in range(self.options.rounds):
            for at, (call, threads) in enumerate(programs):
                if number >= rounds[at]:
                    continue
                cost, found = self.call(call, threads, number, stage.column)
                if cost["wall"] > SLOW_SECONDS:
                    rounds[at] = min(rounds[at], 1 if cost["wall"] > VERY_SLOW_SECONDS else SLOW_ROUNDS)
                expected = found if expected is None else expected
                costs[at].append(cost)
                figures[at].append(self.figure(stage, call, found, expected))
        measured = zip(programs, costs, figures)
        return [Line(call.program, call.label, threads, cost, figure) for (call, threads), cost, figure in measured]

    def figure(self, stage: Stage, call: Call, found: np.ndarray, expected: np.ndarray) -> float | None:
        """What is compared of a result. Ends the benchmark where results that must be equal are not."""
        match stage.judge.split():
            case ["modularity"]:
                return self.judge.modularity(found)
            case ["equal", most]:
                difference = self.judge.difference(found, expected)
                if not difference <= float(most):
                    sys.exit(f"{self.name}, {stage.name}: {call.program} {call.label} differs by {difference}: nothing was measured")
                return difference
            case ["median", "error"]:
                return self.judge.median_error(found)
            case _:
                return self.judge.largest_share(found)

    def call(self, call: Call, threads: int, seed: int, column: str) -> tuple[dict, np.ndarray]:
        if call.program == "crosstie":
            return self.ours(call, threads, seed, column)
        if call.program not in self.workers:
            graph = self.folder / f"{self.name}.npz"
            self.workers[call.program] = Worker(call.program, graph, self.scratch / f"{call.program}.log")
        out = self.scratch / "found.npy"
        cost = self.workers[call.program].ask(**call.ask, threads=threads, seed=seed, out=str(out))
        return cost, np.load(out)

    def ours(self, call: Call, threads: int, seed: int, column: str) -> tuple[dict, np.ndarray]:
        out = self.scratch / "ours"
        shutil.rmtree(out, ignore_errors=True)
        argv = [self.options.crosstie, "graph", self.edges, *call.arguments, "--seed", str(seed)]
        argv += ["--threads", str(threads), "--out", out]
        ran = subprocess.run(argv, env=os.environ | HUGE_PAGES, capture_output=True, text=True)
        if ran.returncode != 0:
            sys.exit(f"{' '.join(map(str, argv))}\nended with {ran.returncode}: {ran.stderr}")
        said = json.loads((out / "graph.json").read_text())
        cost = {
            "wall": sum(said["seconds"][step] for step in call.steps),
            "cpu": sum(said["cpu_seconds"][step] for step in call.steps),
        }
        with (out / "nodes.csv").open() as table:
            at = table.readline().strip().split(",").index(column)
        rows = np.genfromtxt(out / "nodes.csv", delimiter=",", skip_header=1, usecols=(0, at))
        # Nodes without edges: no community but their own, no paths, no constraint.
        alone = np.setdiff1d(np.arange(self.nodes), rows[:, 0].astype(np.int64))
        found = np.zeros(self.nodes)
        found[rows[:, 0].astype(np.int64)] = rows[:, 1]
        if column == "community_id":
            found[alone] = rows[:, 1].max() + 1 + np.arange(len(alone))
        elif column == "burt_constraint":
            found[alone] = np.nan
        return cost, found


if __name__ == "__main__":
    main()
