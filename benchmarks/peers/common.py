"""What the peers share: where the files are, and the report that each prints.

In: the folder of a day. Out: paths; one JSON object on stdout: answers (rule -> count), stages (seconds), version.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

WATCHED = "A_SUSPENDED"
"""The one rule of the truth table whose flag is accepted."""
FIRST_MPAN = 10**12
METERS = ("ImportMPxN", "SecondaryImportMPAN", "ExportMPAN")


def sources(folder: Path) -> dict[str, Path]:
    """The files of a day by what they are."""
    names = {"electricity": "registration_electricity_*.csv", "gas": "registration_gas_*.csv", "smi": "smi_*.csv"}
    names |= {"policy": "policy.csv", "statuses": "statuses.csv"}
    return {name: path for name, pattern in names.items() for path in folder.glob(pattern)}


@dataclass
class Stages:
    """Seconds by stage."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timing(self, stage: str) -> Iterator[None]:
        """Time the block."""
        started = time.perf_counter()
        yield
        self.seconds[stage] = round(time.perf_counter() - started, 3)

    def report(self, answers: Mapping[str, int], version: str) -> None:
        """Print the result."""
        found = {rule: int(count) for rule, count in sorted(answers.items())}
        print(json.dumps({"answers": found, "stages": self.seconds, "version": version}))
