"""The whole-process benchmark: crosstie beside DuckDB and Polars, on the same rows of the same machine.

Makes the data, checks that all find the same daily ties, then measures each as a whole process in rounds.
`python3 bench/peers.py --help` tells the options, docs/benchmarks.md what the figures mean.
"""

import argparse
import datetime
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from data import INPUTS, SIZES, Bench, day_after, folder_bytes
from night import night
from process import CORES, Cost, pin, run, wait_until_quiet
from table import OURS, Must, Runs, markdown, put_section, ratios

HERE = Path(__file__).resolve().parent
DOCS = HERE.parent / "docs/benchmarks.md"
DAYS = 90
# Those of graphs.py.
GRAPHS = ("mail-5k", "mail-37k", "lfr-20k", "lfr-100k", "org-20k", "org-100k")
# Memory is asked for at 20 M messages of the first input.
MEMORY = {("m", "csv"): {"DuckDB": 0.25}}


def main() -> None:
    options = parse()
    if not options.crosstie.is_file():
        sys.exit(f"{options.crosstie} is not there: cargo build --release -p crosstie, or name it by --crosstie")
    pin()
    load = wait_until_quiet(options.wait, options.any_load)
    options.work.mkdir(parents=True, exist_ok=True)
    bench = Bench(options.crosstie, options.work, options.size, options.rounds)
    machine = describe_machine(options.crosstie, load, "requirements-graph.txt" if options.graph else "requirements.txt")
    if options.graph:
        what, measured = "graphs", graph_stages(options)
    elif options.night:
        what, measured = "night", [night(bench)]
    else:
        python = peer_python(options.work, "requirements.txt")
        what, measured = "peers", [daily_ties(bench, python, name) for name in options.inputs]
    results = {"machine": machine, "size": options.size, "measured": measured}
    section = f"{what} {options.size}" if options.size else what
    (options.work / f"results-{section.replace(' ', '-')}.json").write_text(json.dumps(results, indent=2, default=str) + "\n")
    title = f"### {what.capitalize()}" + (f", size `{options.size}`" if options.size else "")
    text = "\n\n".join([title, machine_words(machine), *(section["text"] for section in measured)])
    print(text)
    if options.docs:
        put_section(DOCS, section, text)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    work, crosstie = Path(tempfile.gettempdir()) / "crosstie-bench", HERE.parent / "target/release/crosstie"
    parser.add_argument("--size", choices=SIZES, help="of messages; needed but with --graph")
    parser.add_argument("--graph", nargs="*", choices=GRAPHS, metavar="GRAPH", help="time the graph stages instead: " + ", ".join(GRAPHS))
    parser.add_argument("--whole", action="store_true", help="with --graph: betweenness of all also where it takes peers hours")
    parser.add_argument("--stages", nargs="+", metavar="STAGE", help="with --graph: these stages alone, such as leiden; not for the docs")
    parser.add_argument("--inputs", nargs="+", choices=INPUTS, default=list(INPUTS), help="all by default")
    parser.add_argument("--night", action="store_true", help="time the run of one new day of `csv` instead")
    parser.add_argument("--work", type=Path, default=work, help="where data, peers and results are kept")
    parser.add_argument("--crosstie", type=Path, default=crosstie, help="a release build of the command")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--wait", action="store_true", help="wait until the machine is quiet")
    parser.add_argument("--any-load", action="store_true", help="measure on a busy machine; not for the docs")
    parser.add_argument("--docs", action="store_true", help="put the tables into docs/benchmarks.md")
    options = parser.parse_args()
    if (options.size is None) == (options.graph is None):
        parser.error("either --size or --graph")
    if options.docs and options.stages:
        parser.error("some stages alone do not go into the docs")
    if options.docs and options.any_load:
        parser.error("figures of a busy machine do not go into the docs")
    options.work, options.crosstie = options.work.resolve(), options.crosstie.resolve()
    return options


def graph_stages(options: argparse.Namespace) -> list[dict]:
    """Runs graph_peers.py among its peers."""
    out = options.work / "graph-stages.json"
    argv = [peer_python(options.work, "requirements-graph.txt"), HERE / "graph_peers.py", "--graphs", *(options.graph or GRAPHS)]
    argv += ["--work", options.work, "--crosstie", options.crosstie, "--rounds", str(options.rounds), "--out", out]
    argv += [*(["--whole"] if options.whole else []), *(["--stages", *options.stages] if options.stages else [])]
    subprocess.run(argv, check=True)
    return json.loads(out.read_text())


def peer_python(work: Path, requirements: str) -> Path:
    """The Python of an environment with exactly the pinned peers."""
    wanted = HERE / requirements
    environment = work / wanted.stem.replace("requirements", "venv")
    mark, python = environment / "requirements.txt", environment / "bin/python"
    if not mark.is_file() or mark.read_text() != wanted.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", environment], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", wanted], check=True)
        shutil.copy(wanted, mark)
    return python


def describe_machine(crosstie: Path, load: float, requirements: str) -> dict:
    said = subprocess.run([crosstie, "--version"], check=True, capture_output=True, text=True).stdout.split()
    git = ["git", "describe", "--always", "--dirty"]
    # Of a command that was built elsewhere the commit is not known.
    is_ours = crosstie.is_relative_to(HERE.parent)
    commit = subprocess.run(git, cwd=HERE, capture_output=True, text=True).stdout.strip() if is_ours else ""
    pinned = dict(line.split("==") for line in (HERE / requirements).read_text().split())
    models = [line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.processor(),
        "cores": CORES,
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "load": load,
        "date": datetime.date.today(),
        "versions": {"crosstie": f"{said[-1]} ({commit})" if commit else said[-1], **pinned, "Python": platform.python_version()},
    }


def machine_words(machine: dict) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    memory = machine["memory_bytes"] / 2**30
    return (
        f"{machine['date']}, {machine['cores']} cores ({machine['cpu']}), {memory:.0f} GiB; {versions}; "
        f"load {machine['load']:.2f} before it began."
    )


@dataclass(frozen=True)
class Program:
    """A program at a number of threads, which writes to a folder that must be fresh."""

    name: str
    threads: int
    argv: list[str]
    environment: dict[str, str]
    out: Path

    def run(self, log: Path) -> Cost:
        shutil.rmtree(self.out, ignore_errors=True)
        # crosstie makes its own.
        if self.name != OURS:
            self.out.mkdir()
        return run(self.argv, self.environment, log)


def programs(bench: Bench, python: Path, name: str, folder: Path) -> list[Program]:
    """Peers and crosstie at 1 and 2 threads."""
    kind, people, found = INPUTS[name], f"{folder}/data/people.csv", []
    for threads in range(1, CORES + 1):
        for peer in kind.peers:
            out = folder / f"{peer}-{threads}"
            arguments, environment = {
                "DuckDB": (["ties_duckdb.py", kind.form, f"{folder}/data", people, f"{out}/ties.parquet", threads], {}),
                "Polars": (["ties_polars.py", f"{folder}/data", people, f"{out}/ties.parquet"], {"POLARS_MAX_THREADS": str(threads)}),
            }[peer]
            argv = [str(python), f"{HERE}/{arguments[0]}", *map(str, arguments[1:])]
            found.append(Program(peer, threads, argv, environment, out))
        last = day_after(DAYS - 1)
        arguments = f"run {folder}/pipeline.toml --date {last} --until ties --threads {threads}".split()
        found.append(Program(OURS, threads, [str(bench.crosstie), *arguments], {}, folder / "out"))
    return found


def daily_ties(bench: Bench, python: Path, name: str) -> dict:
    """From files to daily ties: results compared, then the rounds."""
    data = bench.data(name, DAYS)
    folder = bench.lay_out(name, data, "data/mail")
    everyone = programs(bench, python, name, folder)
    found = compare(bench, python, name, folder, everyone)
    runs = [Runs(program.name, program.threads, []) for program in everyone]
    for number in range(bench.rounds):
        for program, so_far in zip(everyone, runs):
            so_far.costs.append(program.run(folder / "log"))
        print(f"{name}: round {number + 1} of {bench.rounds}", file=sys.stderr)
    must = Must(INPUTS[name].speed, MEMORY.get((bench.size, name), {}))
    rows, input_bytes = ratios(runs, must), folder_bytes(data / "mail")
    commands = ["crosstie synth data " + " ".join(bench.synth_arguments(name, DAYS))]
    commands += [shown(program, folder, python) for program in everyone if program.threads == CORES]
    words = (
        f"**`{name}`**: {bench.messages():,} messages in {DAYS} files, {input_bytes:,} bytes "
        f"({input_bytes / bench.messages():.1f} a message), {found['recipients']:.2f} recipients a message, "
        f"{bench.people():,} people. All programs find the same {found['ties']:,} daily ties of {found['slots']:,} "
        f"slots. Rounds: {bench.rounds}."
    )
    block = "\n".join(["```text", *commands, "```"])
    text = "\n\n".join([words, markdown(rows, must, input_bytes), block])
    rounds = [asdict(one) for one in runs]
    return {"input": name, "bytes": input_bytes, **found, "rows": rows, "rounds": rounds, "commands": commands, "text": text}


def compare(bench: Bench, python: Path, name: str, folder: Path, everyone: list[Program]) -> dict:
    """Runs all once and stops at the first difference. That also brings the files into the page cache."""
    peers = [program for program in everyone if program.name != OURS]
    for program in peers:
        program.run(folder / "log")
    tables, found = [program.out / "ties.parquet" for program in peers], {}
    for program in everyone:
        if program.name != OURS:
            continue
        program.run(folder / "log")
        ties = folder / "ties.csv"
        run([str(bench.crosstie), "export", str(program.out), "--daily", "--to", str(ties)], {}, folder / "log")
        inputs = [INPUTS[name].form, folder / "data", folder / "data/people.csv", folder / "data/directory.csv"]
        arguments = [*inputs, program.out / "crosstie.key", ties, *tables]
        compared = subprocess.run([python, HERE / "compare_ties.py", *arguments], stdout=subprocess.PIPE, text=True)
        if compared.returncode != 0:
            sys.exit(f"{name}: the programs do not find the same ties, so nothing was measured")
        found = json.loads(compared.stdout)
        ties.unlink()
    return found


def shown(program: Program, folder: Path, python: Path) -> str:
    """The command without the folders of this machine."""
    environment = [f"{name}={value}" for name, value in program.environment.items()]
    command = " ".join([*environment, *program.argv])
    command = command.replace(f"{python} {HERE}/", "python bench/").replace(f"{folder}/", "")
    return command if program.name != OURS else f"crosstie {command.split(' ', 1)[1]}"


if __name__ == "__main__":
    main()
