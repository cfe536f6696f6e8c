"""Figures of the graph stages: medians, ratios, verdicts, as Markdown. A peer that wins is said to."""

from dataclasses import dataclass
from statistics import median

from table import OURS


@dataclass(frozen=True)
class Line:
    """All rounds of a program at one number of threads."""

    program: str
    label: str
    threads: int
    # {"wall", "cpu"} in seconds, one a round.
    costs: list[dict]
    # What was compared, one a round: modularity, difference or error.
    figures: list[float | None]

    def wall(self) -> float:
        return median(cost["wall"] for cost in self.costs)

    def cpu(self) -> float:
        return median(cost["cpu"] for cost in self.costs)

    def figure(self, judge: str) -> float | None:
        known = [figure for figure in self.figures if figure is not None]
        if not known:
            return None
        return median(known) if judge in ("modularity", "median error") else max(known)

    def as_dict(self) -> dict:
        return {"program": self.program, "label": self.label, "threads": self.threads, "costs": self.costs, "figures": self.figures}


FIGURES = {
    "modularity": "median modularity",
    "equal 1e-6": "largest difference",
    "equal 1e-9": "largest difference",
    "median error": "median error, top 10 %",
    "within epsilon": "largest error / pairs",
}


def fastest(lines: list[Line], least: float | None) -> Line | None:
    """The fastest line of those whose modularity is at least that."""
    enough = [line for line in lines if least is None or (line.figure("modularity") or 0) >= least]
    return min(enough, key=Line.wall) if enough else None


def verdicts(must: dict[str, float], judge: str, lines: list[Line]) -> dict[int, tuple[float | None, bool]]:
    """For each call of a peer at its better number of threads, by place: ratio and verdict.

    Of communities, crosstie's fastest line whose modularity is at least that of the call is compared; where there is
    none, the ratio is unknown and the verdict is no.
    """
    ours = [line for line in lines if line.program == OURS]
    found = {}
    for label in {(line.program, line.label) for line in lines if line.program != OURS}:
        places = [at for at, line in enumerate(lines) if (line.program, line.label) == label]
        at = min(places, key=lambda at: lines[at].wall())
        least = lines[at].figure(judge) if judge == "modularity" else None
        mine = fastest(ours, least)
        ratio = lines[at].wall() / mine.wall() if mine else None
        found[at] = (ratio, ratio is not None and ratio >= must[lines[at].program])
    return found


def markdown(stages: list[tuple]) -> str:
    """A table for each stage: what was asked, what it took, what came out."""
    parts = []
    for stage, lines in stages:
        found = verdicts(stage.must, stage.judge, lines)
        rows = [
            f"{stage.title}:",
            "",
            f"| program | threads | rounds | median s | CPU s | {FIGURES[stage.judge]} | crosstie is | must | |",
            "|---|---|---|---|---|---|---|---|---|",
        ]
        for at, line in enumerate(lines):
            ratio, is_enough = found.get(at, (None, None))
            compared = line.figure(stage.judge)
            cells = [
                f"{line.program}, {line.label}",
                str(line.threads),
                str(len(line.costs)),
                f"{line.wall():.4f}" if line.wall() < 0.1 else f"{line.wall():.3f}",
                f"{line.cpu():.3f}",
                "" if compared is None else f"{compared:.6f}" if stage.judge == "modularity" else f"{compared:.2g}",
                words(ratio) if at in found else "",
                f"{stage.must[line.program]:g}x" if at in found else "",
                {True: "pass", False: "**fail**", None: ""}[is_enough],
            ]
            rows.append("| " + " | ".join(cells) + " |")
        parts.append("\n".join(rows))
    return "\n\n".join(parts)


def words(ratio: float | None) -> str:
    if ratio is None:
        return "not as good: the peer wins"
    return f"{ratio:.2f}x as fast" if ratio >= 1 else f"{ratio:.2f}x as fast: the peer wins"
