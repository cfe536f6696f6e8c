"""One peer with one graph loaded: `python graph_worker.py PEER GRAPH.npz`, with requirements-graph.txt.

Reads a JSON object a line (stage, threads, seed, and what the stage needs), computes, and answers with a line: seconds on
the clock and of CPU for the call alone, and the file that holds what it found. Graphs are made from arrays before any
clock starts.
"""

import json
import random
import sys
import time
from pathlib import Path

import numpy as np


class Igraph:
    threads = (1,)

    def __init__(self, count: int, a: np.ndarray, b: np.ndarray, units: np.ndarray) -> None:
        import igraph

        self.graph = igraph.Graph(n=count, edges=np.stack([a, b], 1))
        self.graph.es["weight"] = units.astype(float)

    def prepare(self, threads: int, seed: int) -> None:
        random.seed(seed)

    def leiden(self, iterations: int):
        found = self.graph.community_leiden("modularity", weights="weight", n_iterations=iterations)
        return lambda: found.membership

    def betweenness(self, sources: list[int] | None):
        found = self.graph.betweenness(directed=False, sources=sources)
        return lambda: found

    def constraint(self):
        found = self.graph.constraint(weights="weight")
        return lambda: found


class Networkit:
    threads = (1, 2)

    def __init__(self, count: int, a: np.ndarray, b: np.ndarray, units: np.ndarray) -> None:
        import networkit

        self.networkit = networkit
        coo = (units.astype(float), (a.astype(np.uint64), b.astype(np.uint64)))
        self.weighted = networkit.GraphFromCoo(coo, n=count, weighted=True, directed=False)
        # Distances are hops: a weighted graph would be searched by Dijkstra's algorithm.
        self.hops = networkit.GraphFromCoo((a.astype(np.uint64), b.astype(np.uint64)), n=count, weighted=False, directed=False)

    def prepare(self, threads: int, seed: int) -> None:
        self.networkit.setNumberOfThreads(threads)
        self.networkit.setSeed(seed, True)

    def leiden(self, iterations: int):
        found = self.networkit.community.ParallelLeiden(self.weighted, iterations=iterations).run()
        return lambda: found.getPartition().getVector()

    def betweenness(self, sources: None):
        # It says the sum over ordered pairs.
        found = self.networkit.centrality.Betweenness(self.hops).run()
        return lambda: np.array(found.scores()) / 2

    def sampled(self, pivots: int):
        found = self.networkit.centrality.EstimateBetweenness(self.hops, pivots, False, True).run()
        # It draws with replacement.
        return lambda: np.array(found.scores()) / 2

    def paths(self, epsilon: float, delta: float):
        found = self.networkit.centrality.KadabraBetweenness(self.hops, epsilon, delta).run()
        pairs = self.hops.numberOfNodes() * (self.hops.numberOfNodes() - 1) / 2
        # It says twice the share of pairs: 0.8 and 0.6 on a path of five.
        return lambda: np.array(found.scores()) * pairs / 2


class Leidenalg:
    threads = (1,)

    def __init__(self, count: int, a: np.ndarray, b: np.ndarray, units: np.ndarray) -> None:
        import igraph

        self.graph = igraph.Graph(n=count, edges=np.stack([a, b], 1))
        self.weights = units.astype(float).tolist()

    def prepare(self, threads: int, seed: int) -> None:
        self.seed = seed

    def leiden(self, iterations: int):
        import leidenalg

        kind = leidenalg.ModularityVertexPartition
        found = leidenalg.find_partition(self.graph, kind, weights=self.weights, n_iterations=iterations, seed=self.seed)
        return lambda: found.membership


class Rustworkx:
    # Its pool takes what RAYON_NUM_THREADS says when the process starts.
    threads = (2,)

    def __init__(self, count: int, a: np.ndarray, b: np.ndarray, units: np.ndarray) -> None:
        import rustworkx

        self.rustworkx = rustworkx
        self.graph = rustworkx.PyGraph(multigraph=False)
        self.graph.add_nodes_from(range(count))
        self.graph.add_edges_from_no_data(list(zip(a.tolist(), b.tolist())))

    def prepare(self, threads: int, seed: int) -> None:
        pass

    def betweenness(self, sources: None):
        found = self.rustworkx.betweenness_centrality(self.graph, normalized=False)
        return lambda: [found[node] for node in range(self.graph.num_nodes())]


PEERS = {"igraph": Igraph, "NetworKit": Networkit, "leidenalg": Leidenalg, "rustworkx": Rustworkx}


def main() -> None:
    name, path = sys.argv[1], Path(sys.argv[2])
    loaded = np.load(path)
    a, b, units = loaded["a"], loaded["b"], loaded["units"]
    peer = PEERS[name](int(max(a.max(), b.max())) + 1, a, b, units)
    print(json.dumps({"ready": name}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        out = asked.pop("out")
        stage = getattr(peer, asked.pop("stage"))
        peer.prepare(asked.pop("threads"), asked.pop("seed"))
        wall, cpu = time.perf_counter(), time.process_time()
        found = stage(**asked)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        np.save(out, np.asarray(found(), dtype=float))
        print(json.dumps({"wall": wall, "cpu": cpu}), flush=True)


if __name__ == "__main__":
    main()
