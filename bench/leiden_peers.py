"""One run of Leiden beside igraph and NetworKit, on one edge list: modularity first, then seconds.

`python3 bench/leiden_peers.py EDGES.csv BENCH` needs numpy and what `bench/requirements-graph.txt` names. EDGES.csv has
`source,target,weight`: nodes from 0, each edge once, weights in units of 2^-20 messages. BENCH is the binary that
`cargo bench -p crosstie-graph --bench leiden --no-run` names. Graphs are loaded before the clock starts; all partitions
are scored by the one function here. crosstie is told to stop after 2 passes, as igraph is, and after 10, as a window is.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import igraph
import networkit
import numpy as np

SEEDS = 5


def main() -> None:
    edges, bench = sys.argv[1:]
    a, b, units = np.loadtxt(edges, delimiter=",", skiprows=1, dtype=np.int64, unpack=True)
    graph = Edges(a, b, units.astype(float))
    print(f"{graph.count} nodes, {2 * len(a)} arcs, load {os.getloadavg()[0]:.2f}\n")
    print("| program | threads | median modularity | median s | least s | median CPU s |")
    print("|---|---|---|---|---|---|")
    for name, threads, runs in [*peers(graph), *ours(edges, bench)]:
        wall, cpu, labels = zip(*runs)
        quality = median(graph.modularity(np.asarray(label)) for label in labels)
        print(f"| {name} | {threads} | {quality:.6f} | {median(wall):.3f} | {min(wall):.3f} | {median(cpu):.3f} |")


class Edges:
    """An undirected graph, and the score of a partition of it."""

    def __init__(self, a: np.ndarray, b: np.ndarray, weights: np.ndarray) -> None:
        self.a, self.b, self.weights = a, b, weights
        self.count = int(max(a.max(), b.max())) + 1
        self.strengths = np.bincount(np.concatenate([a, b]), np.concatenate([weights, weights]), self.count)

    def modularity(self, labels: np.ndarray) -> float:
        assert len(labels) == self.count
        volumes = np.bincount(labels, self.strengths) / self.strengths.sum()
        inside = self.weights[labels[self.a] == labels[self.b]].sum() / self.weights.sum()
        return float(inside - (volumes**2).sum())


def timed(call) -> tuple:
    wall, cpu = time.perf_counter(), time.process_time()
    labels = call()
    return time.perf_counter() - wall, time.process_time() - cpu, labels


def peers(graph: Edges):
    pairs, weights = np.stack([graph.a, graph.b], 1).tolist(), graph.weights.tolist()
    one = igraph.Graph(n=graph.count, edges=pairs)
    one.es["weight"] = weights
    for iterations in (2, -1):
        runs = []
        for seed in range(SEEDS):
            random.seed(seed)
            wall, cpu, found = timed(lambda: one.community_leiden("modularity", weights="weight", n_iterations=iterations))
            runs.append((wall, cpu, found.membership))
        yield f"igraph {igraph.__version__}, n_iterations={iterations}", 1, runs
    coo = (graph.weights, (graph.a.astype(np.uint64), graph.b.astype(np.uint64)))
    other = networkit.GraphFromCoo(coo, n=graph.count, weighted=True, directed=False)
    for threads in (1, 2):
        networkit.setNumberOfThreads(threads)
        runs = []
        for seed in range(SEEDS):
            networkit.setSeed(seed, True)
            wall, cpu, found = timed(lambda: networkit.community.ParallelLeiden(other, iterations=3).run())
            runs.append((wall, cpu, found.getPartition().getVector()))
        yield f"NetworKit {networkit.__version__}, iterations=3", threads, runs


def ours(edges: str, bench: str):
    with tempfile.TemporaryDirectory() as folder:
        for passes in (2, 3, 10):
            out = Path(folder) / "labels"
            said = subprocess.run([bench, edges, str(passes), out], check=True, capture_output=True, text=True).stdout
            labels = [np.loadtxt(f"{out}.{seed}", dtype=np.int64) for seed in range(SEEDS)]
            runs = [(*map(float, line.split(",")), label) for line, label in zip(said.split(), labels)]
            yield f"crosstie, {passes} passes", 1, runs


if __name__ == "__main__":
    main()
