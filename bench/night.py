"""The night benchmark: a first run over 91 days, then one new day file arrives."""

import shutil
import sys
from dataclasses import asdict
from pathlib import Path

from data import Bench, day_after, folder_bytes
from process import CORES, run
from table import OURS, Runs

INPUT = "csv"
# The window of the first run ends on a Sunday; what arrives is a Monday, a day with a full share of messages.
FIRST_DAYS = 91
STAGES = {"--until ties": ["--until", "ties"], "whole run": []}


def night(bench: Bench) -> dict:
    """Times the run of the new day up to ties and as a whole, each from a fresh copy of the first run's output."""
    data = bench.data(INPUT, FIRST_DAYS + 1)
    folder = bench.lay_out(INPUT, data, "mail")
    (folder / "mail").mkdir()
    files = sorted((data / "mail").iterdir())
    link(files[:FIRST_DAYS], folder / "mail")
    first = crosstie_run(bench, folder, FIRST_DAYS - 1, [])
    (folder / "out").rename(folder / "first")
    link(files[FIRST_DAYS:], folder / "mail")
    runs = {name: Runs(OURS, CORES, []) for name in STAGES}
    for number in range(bench.rounds):
        for name, arguments in STAGES.items():
            shutil.rmtree(folder / "out", ignore_errors=True)
            shutil.copytree(folder / "first", folder / "out", symlinks=True)
            runs[name].costs.append(crosstie_run(bench, folder, FIRST_DAYS, arguments))
        print(f"night: round {number + 1} of {bench.rounds}", file=sys.stderr)
    new_bytes, all_bytes = files[FIRST_DAYS].stat().st_size, folder_bytes(folder / "mail")
    words = (
        f"{bench.people():,} people, {bench.messages():,} messages in {FIRST_DAYS + 1} files, {all_bytes:,} bytes; the "
        f"new day has {new_bytes:,}. The first run took {first.wall_seconds:.2f} s and "
        f"{first.peak_rss_bytes / 2**20:.0f} MiB. {CORES} threads, {bench.rounds} rounds."
    )
    lines = ["| night | median s | least s | CPU s | peak MiB |", "|---|---|---|---|---|"]
    for name, one in runs.items():
        figures = f"{one.wall():.2f} | {one.least_wall():.2f} | {one.cpu():.2f} | {one.rss() / 2**20:.0f}"
        lines.append(f"| {name} | {figures} |")
    text = f"{words}\n\n" + "\n".join(lines)
    return {"first": asdict(first), "night": {name: asdict(one) for name, one in runs.items()}, "text": text}


def crosstie_run(bench: Bench, folder: Path, day: int, more: list[str]):
    arguments = ["run", f"{folder}/pipeline.toml", "--date", str(day_after(day)), "--threads", str(CORES)]
    return run([str(bench.crosstie), *arguments, *more], {}, folder / "log")


def link(files: list[Path], folder: Path) -> None:
    for file in files:
        (folder / file.name).hardlink_to(file)
