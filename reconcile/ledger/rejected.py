"""The lines of a file that were not loaded: counted by reason, and kept as a CSV under VAR_DIR.

In: an Intake and its Rows. Out: Rejected. Called by ledger.loading.
"""

import csv
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from reconcile.feeds import Intake, Reject, Rows, fault_of

from .safe_csv import safe


@dataclass
class Rejected:
    """The lines left out: how often each fault, and its first line; the first of all, and the file that lists them."""

    reasons: Counter[str] = field(default_factory=Counter)
    """By fault: what everybody may read. The reasons themselves quote the file, and are for those who may load."""
    first_lines: dict[str, int] = field(default_factory=dict)
    first: Reject | None = None
    file: str = ""
    points: set[int] = field(default_factory=set)
    """The Meter Points that such lines name."""
    nameless: int = 0
    """Lines that name none."""

    @property
    def count(self) -> int:
        return self.reasons.total()

    def report(self) -> dict[str, Any]:
        """What a load report says of them."""
        return {
            "reasons": dict(self.reasons.most_common()),
            "first_lines": self.first_lines,
            "rejects_file": self.file,
        }


def set_aside(intake: Intake, rows: Rows, count: int) -> Rejected:
    """Write the rejected lines as a CSV that a person can mend and a spreadsheet cannot run."""
    rejected = Rejected()
    if count == 0:
        return rejected
    rejected.file = f"rejects/{intake.sha256[:16]}.csv"
    path = settings.VAR_DIR / rejected.file
    path.parent.mkdir(exist_ok=True)
    aside = path.with_suffix(".part")
    with aside.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["line", "reason", "raw"])
        for reject in rows.rejects():
            rejected.first = rejected.first or reject
            fault = fault_of(reject.reason)
            rejected.reasons[fault] += 1
            rejected.first_lines.setdefault(fault, reject.line)
            rejected.points.update(reject.points)
            rejected.nameless += not reject.points
            writer.writerow((reject.line, safe(reject.reason), safe(reject.raw)))
    aside.replace(path)
    return rejected
