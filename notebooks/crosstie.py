"""What the notebooks share: the tables that a run committed, and a drawing of intervals.

CROSSTIE_OUT names the output folder of a pipeline; without it, that of the quickstart is read.
"""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd

OUT = Path(os.environ.get("CROSSTIE_OUT") or Path(__file__).parent.parent / "out" / "quickstart").resolve()

LESS, MORE, PLAIN, FAINT = "#c9661b", "#3f7fc0", "#4a4f55", "#c9ccd0"


def manifests():
    """The newest manifest of each date, oldest date first: what they list is committed, all else is not."""
    found = {}
    for path in sorted((OUT / "runs").glob("*.json")):
        found[path.name.split(".")[0]] = json.loads(path.read_text())
    if not found:
        raise FileNotFoundError(f"no run is committed in {OUT}: run crosstie first, or set CROSSTIE_OUT")
    return found


def table(name, date=None):
    """A table of a date, of the newest run that has it, or with date="all" of all that have it, with `snapshot_date`.

    Runs between two releases have restricted tables, coverage and metrics alone.
    """
    runs = manifests()
    having = [day for day in runs if any(is_of(output, name) for output in runs[day]["outputs"])]
    days = having if date == "all" else having[-1:] if date is None else [day for day in having if day == date]
    if not days:
        raise LookupError(f"{name} is not there: past its retention, not released on that date, or not asked for")
    parts = [read(OUT / output["path"], day) for day in days for output in runs[day]["outputs"] if is_of(output, name)]
    return pd.concat(parts, ignore_index=True)


def releases():
    """The manifests of runs that released published tables, by date."""
    return {day: run for day, run in manifests().items() if any(is_of(output, "units") for output in run["outputs"])}


def fresh(rows):
    """Rows that show values of their own date: others go on showing an earlier one, lest a change tell of a few people."""
    return rows[(pd.to_datetime(rows.as_of) == rows.snapshot_date).fillna(False).to_numpy(dtype=bool)]


def is_of(output, name):
    return output["path"].split("/")[1] == name and output["path"].endswith(".parquet")


def read(path, day):
    rows = pd.read_parquet(path, dtype_backend="pyarrow", partitioning=None)
    return rows.assign(snapshot_date=pd.Timestamp(day))


def has_people():
    """Whether this account may read the restricted tables, and retention has left them there."""
    try:
        return len(table("people")) > 0
    except (LookupError, PermissionError):
        return False


def numbers(column):
    """A column as floats; null is NaN, which no axis draws."""
    return column.to_numpy(dtype=float, na_value=np.nan)


def intervals(axis, labels, value, low, high, colors=PLAIN, offset=0.0, label=None):
    """A dot and a line a row, the first at the top. A null end beside a value is unbounded: its line has an arrow."""
    value, low, high = numbers(value), numbers(low), numbers(high)
    at = np.arange(len(value)) + offset
    colors = np.broadcast_to(np.asarray(colors, dtype=object), len(value))
    ends = np.concatenate([value, low, high])
    ends = ends[~np.isnan(ends)]
    smallest, largest = (ends.min(), ends.max()) if ends.size else (0.0, 1.0)
    pad = 0.06 * (largest - smallest or 1.0)
    for y, v, l, h, color in zip(at, value, low, high, colors, strict=True):
        if np.isnan(v):
            axis.text(smallest, y, "no number", va="center", fontsize=8, color=PLAIN)
            continue
        if not (np.isnan(l) and np.isnan(h)):
            axis.plot([smallest - pad if np.isnan(l) else l, largest + pad if np.isnan(h) else h], [y, y], color=color)
        if np.isnan(l) and not np.isnan(h):
            axis.plot(smallest - pad, y, "<", color=color, markersize=6)
        if np.isnan(h) and not np.isnan(l):
            axis.plot(largest + pad, y, ">", color=color, markersize=6)
    axis.scatter(value, at, color=list(colors), zorder=3, s=28, label=label)
    axis.set_yticks(np.arange(len(value)), labels)
    axis.set_ylim(len(value) - 0.4, -0.6)
    axis.spines[["top", "right"]].set_visible(False)
