"""The files that are measured: one sample market a size, its second day, and the truth table that peers join.

In: a size. Out: a Market, made once and kept. Called by __main__.
"""

import csv
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconcile.domain.mp077 import MP077
from reconcile.domain.policy import truth_table
from reconcile.domain.vocabulary import Status

from .measure import PYTHON, ROOT, run

SEED = 1
BLOCK = 1 << 20
DAY, SECOND_DAY = "2026-11-15", "2026-11-16"


@dataclass(frozen=True)
class Market:
    """A folder with the files of the first day, those of the second, and what was changed between them."""

    folder: Path
    points: int
    devices: int
    megabytes: int
    changed: dict[str, int]

    @property
    def first(self) -> Path:
        """The first day: registration_electricity_*, registration_gas_*, smi_*, policy and statuses, all CSV."""
        return self.folder / DAY

    @property
    def second(self) -> Path:
        """The second day: both registration extracts anew; the inventory of the first still holds."""
        return self.folder / SECOND_DAY

    def warm(self) -> None:
        """Read the first day's files once: nobody who is measured pays for the disk, whoever comes first."""
        for file in self.first.glob("*.csv"):
            with file.open("rb", buffering=0) as stream:
                while stream.read(BLOCK):
                    pass


def market(folder: Path, points: int) -> Market:
    """The market of a size, made if it is not there."""
    facts = folder / "market.json"
    if not facts.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        facts.write_text(json.dumps(_make(folder, points), indent=2) + "\n")
    return Market(folder, **json.loads(facts.read_text()))


def _make(folder: Path, points: int) -> dict[str, Any]:
    options = ["--meter-points", str(points), "--days", "1", "--seed", str(SEED), "--last-day", DAY]
    day = run(PYTHON, ROOT / "manage.py", "make_sample", folder, *options, "--meters-only", "--json").output["days"][0]
    write_policy(folder / DAY)
    second = run(PYTHON, "-m", "benchmarks.second_day", folder / DAY, folder / SECOND_DAY).output
    return {
        "points": day["points"],
        "devices": second.pop("devices"),
        "megabytes": sum(day["files"].values()) // 1_000_000,
        "changed": second,
    }


def write_policy(folder: Path) -> None:
    """The truth table of points never seen before, and the bit of each status, for peers to join."""
    with (folder / "policy.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["flag", "mask", "rule", "expected"])
        writer.writerows(
            (row.flag or "-", row.mask, row.verdict.rule or "-", row.verdict.expected or "-")
            for row in truth_table(MP077)
            if not row.ever
        )
    with (folder / "statuses.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["status", "bit"])
        writer.writerows((status.value, status.bit) for status in Status)
