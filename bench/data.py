"""The made organizations that the benchmark reads, and the pipelines that read them."""

import csv
import shutil
import subprocess
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

FIRST_DAY = date(2026, 3, 2)


@dataclass(frozen=True)
class Size:
    """How much is made."""

    people: int
    messages: int


@dataclass(frozen=True)
class Input:
    """A form of messages, the peers that read it, and how many times as fast as each crosstie must be."""

    form: str
    wide: bool
    peers: tuple[str, ...]
    speed: float


SIZES = {"s": Size(2_000, 1_000_000), "m": Size(20_000, 20_000_000), "l": Size(100_000, 50_000_000)}
INPUTS = {
    "csv": Input("csv", False, ("DuckDB", "Polars"), 6),
    "wide": Input("csv", True, ("DuckDB", "Polars"), 6),
    "jsonl": Input("jsonl", False, ("DuckDB",), 4),
}

PIPELINE = """\
schema_version = 1
name = "bench"

[directory]
format = "csv"
path = "data/directory.csv"
unit = "unit"

[directory.columns]
person_key = "person_id"
addresses = ["email", "other_emails"]
manager = "manager_id"
class = "class"
hired_on = "hired_on"
left_on = "left_on"

[[sources]]
name = "mail"
kind = "mail"
format = "{form}"
path = "{mail}/*.{form}"
complete = true

[sources.columns]
sent_at = "sent_at"
sender = "from"
to = "{to}"
message_id = "message_id"

[identity]
internal_domains = ["acme.example"]

[ties]
max_recipients = 8

[output]
path = "out"
"""


@dataclass(frozen=True)
class Bench:
    """What is measured, with what, and where."""

    crosstie: Path
    work: Path
    size: str
    rounds: int

    def messages(self) -> int:
        return SIZES[self.size].messages

    def people(self) -> int:
        return SIZES[self.size].people

    def data(self, name: str, days: int) -> Path:
        """A folder with `directory.csv`, `mail/DAY.FORM` and `people.csv`, made once."""
        kind = INPUTS[name]
        data = self.work / f"data-{self.size}-{name}-{days}"
        if not data.is_dir():
            aside = data.with_suffix(".unfinished")
            shutil.rmtree(aside, ignore_errors=True)
            subprocess.run([self.crosstie, "synth", aside, *self.synth_arguments(name, days)], check=True)
            with (aside / "directory.csv").open() as directory, (aside / "people.csv").open("w") as people:
                people.write("ix,email\n")
                rows = (row for row in csv.DictReader(directory) if row["class"] == "person")
                people.writelines(f"{ix},{row['email']}\n" for ix, row in enumerate(rows))
            aside.rename(data)
        return data

    def synth_arguments(self, name: str, days: int) -> list[str]:
        numbers = ["--people", str(self.people()), "--messages", str(self.messages()), "--days", str(days)]
        return [*numbers, "--seed", "1", "--bulk", INPUTS[name].form, *(["--wide"] if INPUTS[name].wide else [])]

    def lay_out(self, name: str, data: Path, mail: str) -> Path:
        """A fresh folder with `data` and a pipeline that reads its directory and `mail`; crosstie writes to `out`."""
        form, folder = INPUTS[name].form, self.work / f"run-{self.size}-{name}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "data").symlink_to(data)
        to = "to" if form == "csv" else "to[]"
        (folder / "pipeline.toml").write_text(PIPELINE.format(form=form, mail=mail, to=to))
        return folder


def day_after(days: int) -> date:
    """The day that many days after the first."""
    return FIRST_DAY + timedelta(days=days)


def folder_bytes(folder: Path) -> int:
    """Bytes of the files in a folder."""
    return sum(file.stat().st_size for file in folder.iterdir())
