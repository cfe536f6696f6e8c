"""Figures of a benchmark: medians, ratios, pass or fail, as Markdown, and their place in the docs."""

import re
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from process import Cost

OURS = "crosstie"


@dataclass(frozen=True)
class Runs:
    """All rounds of one program at one number of threads."""

    program: str
    threads: int
    costs: list[Cost]

    def wall(self) -> float:
        return median(cost.wall_seconds for cost in self.costs)

    def least_wall(self) -> float:
        return min(cost.wall_seconds for cost in self.costs)

    def cpu(self) -> float:
        return median(cost.cpu_seconds for cost in self.costs)

    def rss(self) -> int:
        return max(cost.peak_rss_bytes for cost in self.costs)


@dataclass(frozen=True)
class Must:
    """What crosstie must reach against every peer, where anything is asked."""

    # Times as fast as the peer.
    speed: float | None
    # Parts of the peer's memory, for the peers named.
    memory: dict[str, float]


def best(runs: list[Runs], program: str) -> Runs:
    """The number of threads at which a program is fastest, which is the one that counts."""
    return min((one for one in runs if one.program == program), key=Runs.wall)


def ratios(runs: list[Runs], must: Must) -> list[dict]:
    """A row a run: figures, and for the best run of each peer the ratios to crosstie's best with their verdicts."""
    ours = best(runs, OURS)
    rows = []
    for one in runs:
        row = {
            "program": one.program,
            "threads": one.threads,
            "median_seconds": one.wall(),
            "least_seconds": one.least_wall(),
            "cpu_seconds": one.cpu(),
            "peak_rss_bytes": one.rss(),
        }
        if one.program != OURS and one is best(runs, one.program):
            row["speed_ratio"] = one.wall() / ours.wall()
            row["memory_ratio"] = ours.rss() / one.rss()
            if must.speed is not None:
                row["speed_passes"] = row["speed_ratio"] >= must.speed
            if one.program in must.memory:
                row["memory_passes"] = row["memory_ratio"] <= must.memory[one.program]
        rows.append(row)
    return rows


def markdown(rows: list[dict], must: Must, input_bytes: int) -> str:
    """The rows as a table; peers stand with their better number of threads marked by a ratio."""
    verdict = {True: "pass", False: "**fail**", None: ""}
    lines = [
        "| program | threads | median s | least s | CPU s | MB/s | peak MiB | crosstie is | must | | its memory | must | |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        faster = f"{row['speed_ratio']:.2f}x as fast" if "speed_ratio" in row else ""
        memory = f"{row['memory_ratio']:.2f} of it" if "memory_ratio" in row else ""
        least = f"{must.speed:g}x" if "speed_passes" in row else ""
        most = f"{must.memory[row['program']]:g}" if "memory_passes" in row else ""
        cells = [
            row["program"],
            str(row["threads"]),
            f"{row['median_seconds']:.2f}",
            f"{row['least_seconds']:.2f}",
            f"{row['cpu_seconds']:.2f}",
            f"{input_bytes / 1e6 / row['median_seconds']:.0f}",
            f"{row['peak_rss_bytes'] / 2**20:.0f}",
            *(faster, least, verdict[row.get("speed_passes")]),
            *(memory, most, verdict[row.get("memory_passes")]),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def put_section(docs: Path, name: str, text: str) -> None:
    """Replaces what stands between the two marks of a section, or adds both at the end."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    section = f"{begin}\n{text.strip()}\n{end}"
    old = docs.read_text()
    if begin in old:
        new = re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", lambda _: section, old, flags=re.DOTALL)
    else:
        new = f"{old.rstrip()}\n\n{section}\n"
    docs.write_text(new)
