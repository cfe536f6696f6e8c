"""A whole process, timed; and whether the machine is quiet enough for it."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

# One-minute load from which another program would show in the figures.
LOAD_LIMIT = 0.3
CORES = 2
# Huge pages where a program's allocator asks for them: for crosstie and its peers alike.
HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}


@dataclass(frozen=True)
class Cost:
    """What a process took."""

    wall_seconds: float
    # User and system time of the process and of children it waited for.
    cpu_seconds: float
    # Never below the few MiB of this script itself, from which the process is forked.
    peak_rss_bytes: int


def run(argv: list[str], environment: dict[str, str], log: Path) -> Cost:
    """Runs a command to its end; one that fails ends the benchmark with the last of what it said."""
    with log.open("wb") as output:
        begin = time.perf_counter()
        child = subprocess.Popen(argv, env=os.environ | HUGE_PAGES | environment, stdout=output, stderr=subprocess.STDOUT)
        # wait4 gives the use of this child alone; getrusage would add up all children.
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - begin
    # Popen must not wait for a process that is gone.
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        said = log.read_text(errors="replace")[-2000:]
        sys.exit(f"{' '.join(argv)}\nended with {child.returncode}: {said}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def pin() -> None:
    """Keeps this process and its children on two cores, the same for all."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < CORES:
        sys.exit(f"{CORES} cores are needed")
    os.sched_setaffinity(0, cores[:CORES])


def wait_until_quiet(wait: bool, any_load: bool) -> float:
    """The one-minute load, once it is low enough to measure."""
    while True:
        load = os.getloadavg()[0]
        if load < LOAD_LIMIT or any_load:
            return load
        if not wait:
            sys.exit(f"load is {load:.2f}, not below {LOAD_LIMIT}: end other programs, or say --wait")
        time.sleep(5)
