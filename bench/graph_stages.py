"""What the graph-stage benchmark computes: the stages, their peers, what must be reached and what must be equal.

A figure is (modularity, largest error, …): what of a result is compared before any time counts.
"""

from dataclasses import dataclass, field

import numpy as np

from process import CORES

# Names of the stages, in their order.
STAGES = ("leiden", "betweenness of sources", "betweenness", "sampled betweenness", "(ε, δ) betweenness", "constraint")


@dataclass(frozen=True)
class Call:
    """A program with its arguments for a stage."""

    program: str
    label: str
    # For a peer: the words of graph_worker.py. For crosstie: arguments of `crosstie graph` and the steps that count.
    ask: dict = field(default_factory=dict)
    arguments: tuple = ()
    steps: tuple = ()
    # Of crosstie.
    threads: tuple = (1, CORES)
    # It is left out on larger graphs.
    most_arcs: float = float("inf")


@dataclass(frozen=True)
class Stage:
    """One row group of the table."""

    name: str
    title: str
    # Program -> how many times as fast crosstie must be.
    must: dict[str, float]
    ours: tuple[Call, ...]
    peers: tuple[Call, ...]
    column: str
    # How a result is judged: see `Judge`.
    judge: str


def stages(sources: str, source_nodes: list[int], arcs: int, nodes: int, whole: bool) -> list[Stage]:
    """All stages for a graph of that size. `sources` is a file for crosstie with the ids of `source_nodes`.

    Betweenness of all takes peers minutes to hours: on small graphs it is always measured, else where `whole` says so.
    """
    pivots = 256
    is_exact_whole = whole or 2 * nodes * arcs <= 2e9
    leiden = Stage(
        "leiden",
        "Leiden on modularity, five seeds",
        # Twice as fast as the better of igraph and NetworKit, 40 times as fast as leidenalg.
        {"igraph": 2, "NetworKit": 2, "leidenalg": 40},
        tuple(
            Call(
                "crosstie",
                (f"at most {passes} passes" if passes > 1 else "1 pass") + (f", best of {runs} runs" if runs > 1 else ""),
                arguments=("--measure", "leiden", "--restarts", str(runs), "--passes", str(passes)),
                steps=("leiden",),
            )
            for passes, runs in ((1, 1), (2, 1), (3, 1), (10, 1), (20, 1), (10, 4))
        ),
        (
            Call("igraph", "n_iterations=2", {"stage": "leiden", "iterations": 2}),
            Call("igraph", "n_iterations=-1", {"stage": "leiden", "iterations": -1}, most_arcs=1e6),
            Call("NetworKit", "ParallelLeiden, iterations=3", {"stage": "leiden", "iterations": 3}),
            Call("leidenalg", "n_iterations=2", {"stage": "leiden", "iterations": 2}, most_arcs=1e6),
        ),
        "community_id",
        "modularity",
    )
    ratio = 8 if nodes >= 90_000 else 4
    part = Stage(
        "betweenness of sources",
        f"Exact betweenness, the paths that begin at {len(source_nodes)} drawn nodes",
        {"igraph": ratio},
        (Call("crosstie", f"{len(source_nodes)} sources", arguments=("--measure", "betweenness", "--sources", sources), steps=("betweenness",)),),
        (Call("igraph", f"{len(source_nodes)} sources", {"stage": "betweenness", "sources": source_nodes}),),
        "betweenness",
        "equal 1e-6",
    )
    all_pairs = Stage(
        "betweenness",
        "Exact betweenness of all",
        {"igraph": ratio, "NetworKit": ratio, "rustworkx": ratio},
        (Call("crosstie", "all", arguments=("--measure", "betweenness"), steps=("betweenness",)),),
        (
            Call("igraph", "all", {"stage": "betweenness", "sources": None}),
            Call("NetworKit", "Betweenness", {"stage": "betweenness", "sources": None}),
            Call("rustworkx", "betweenness_centrality", {"stage": "betweenness", "sources": None}),
        ),
        "betweenness",
        "equal 1e-6",
    )
    sampled = Stage(
        "sampled betweenness",
        f"Betweenness from {pivots} pivots",
        {"NetworKit": 8},
        (Call("crosstie", f"{pivots} pivots", arguments=("--measure", "betweenness_pivots", "--pivots", str(pivots)), steps=("betweenness_pivots",)),),
        (Call("NetworKit", f"EstimateBetweenness, {pivots}", {"stage": "sampled", "pivots": pivots}),),
        "betweenness_pivots",
        "median error",
    )
    paths = Stage(
        "(ε, δ) betweenness",
        "Betweenness within ε = 0.01 of all pairs, δ = 0.1",
        {"NetworKit": 5},
        (Call("crosstie", "betweenness_paths", arguments=("--measure", "betweenness_paths", "--epsilon", "0.01", "--delta", "0.1"), steps=("betweenness_paths",)),),
        (Call("NetworKit", "KadabraBetweenness", {"stage": "paths", "epsilon": 0.01, "delta": 0.1}, most_arcs=3e6),),
        "betweenness_paths",
        "within epsilon",
    )
    holes = Stage(
        "constraint",
        "Burt's constraint; crosstie finds effective size in the same time",
        {"igraph": 4},
        (Call("crosstie", "and effective size", arguments=("--measure", "burt_constraint,effective_size"), steps=("burt_constraint", "effective_size")),),
        (Call("igraph", "constraint alone", {"stage": "constraint"}),),
        "burt_constraint",
        "equal 1e-9",
    )
    return [leiden, part, *([all_pairs] if is_exact_whole else []), sampled, paths, holes]


class Judge:
    """Says whether results may be compared in time at all."""

    def __init__(self, a: np.ndarray, b: np.ndarray, units: np.ndarray, exact: np.ndarray | None) -> None:
        self.a, self.b, self.weights, self.exact = a, b, units.astype(float), exact
        self.count = int(max(a.max(), b.max())) + 1
        both, twice = np.concatenate([a, b]), np.concatenate([self.weights, self.weights])
        self.strengths = np.bincount(both, twice, self.count)

    def modularity(self, labels: np.ndarray) -> float:
        """One score for the partitions of all programs."""
        labels = labels.astype(np.int64)
        assert len(labels) == self.count
        volumes = np.bincount(labels, self.strengths) / self.strengths.sum()
        inside = self.weights[labels[self.a] == labels[self.b]].sum() / self.weights.sum()
        return float(inside - (volumes**2).sum())

    def difference(self, found: np.ndarray, expected: np.ndarray) -> float:
        """Largest difference, relative where values are above 1; infinite where one is undefined and the other is not."""
        if (np.isnan(found) != np.isnan(expected)).any():
            return float("inf")
        return float(np.nanmax(np.abs(found - expected) / np.maximum(1, np.abs(expected))))

    def median_error(self, found: np.ndarray) -> float | None:
        """Median relative error of the tenth of nodes with the largest exact values."""
        if self.exact is None:
            return None
        top = np.argsort(-self.exact, kind="stable")[: max(1, self.count // 10)]
        return float(np.median(np.abs(found[top] - self.exact[top]) / self.exact[top]))

    def largest_share(self, found: np.ndarray) -> float | None:
        """Largest error as a share of all pairs."""
        if self.exact is None:
            return None
        return float(np.abs(found - self.exact).max() / (self.count * (self.count - 1) / 2))
