"""The order in which files are loaded: by the day they show, whole pictures first, then updates.

In: paths. Out: the industry files among them, in order, and the rest. Called by `day`, `demo` and ledger.work.
"""

import re
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from . import BadFile, sniff, take_in

ORDER = (
    *("registration", "registration_json", "d0204", "smi", "inventory_json", "premises"),
    *("d0350", "d0213", "d0217", "d0089", "dxi", "d0351", "d0172", "d0312", "e46", "duis", "reads"),
    *("dsp_status", "coverage"),
    *("firmware_updates", "alerts"),
)
DATED = re.compile(r"(20\d\d)-?(\d\d)-?(\d\d)")
NAMED = re.compile(rf"({'|'.join(sorted(ORDER, key=len, reverse=True))})_", re.IGNORECASE)

OF_A_SAMPLE = {"truth.csv", "truth_alerts.csv", "truth_coverage.csv", "summary.json"}
"""What `make_sample` writes beside a day's files, and no industry file."""


def in_order(paths: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """The files that are of a kind that can be loaded, in the order of loading; and those that are of none."""
    kinds = {path: kind_of(path) for path in paths}
    known = {path: kind for path, kind in kinds.items() if kind}
    ordered = sorted(known, key=lambda path: (_day(path), ORDER.index(known[path]), path.name))
    return ordered, sorted(path for path in kinds if path not in known)


def kind_of(path: Path) -> str | None:
    """By its name (`smi_...`), else by what is in it."""
    if path.name in OF_A_SAMPLE:
        return None
    if named := NAMED.match(path.name):
        return named[1].lower()
    with tempfile.TemporaryDirectory(prefix="dccflags-") as folder, suppress(BadFile):
        return sniff(take_in(path, Path(folder), path.name))
    return None


def _day(path: Path) -> str:
    """The day in a file's name, so that days that were missed come one after the other; first those without."""
    found = DATED.search(path.name)
    return "".join(found.groups()) if found else ""
