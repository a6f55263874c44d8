"""The lines of a file that were not loaded: counted by reason, and kept as a CSV under VAR_DIR.

In: an Intake and its Rows. Out: Rejected. Called by ledger.loading.
"""

import csv
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from reconcile.feeds import Intake, Reject, Rows

from .safe_csv import safe

REASONS_SHOWN = 20
VALUE_IN_REASON = re.compile(r"'[^']*'|(?<=expected )\d|[^\s'(]*\d{4}[^\s').]*")
"""Quoted text, a check digit, a number or date of the file: all that makes two like reasons differ."""


@dataclass
class Rejected:
    """The lines left out: how often each reason, the first of them, and the file that lists them (under VAR_DIR)."""

    reasons: Counter[str] = field(default_factory=Counter)
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
        return {"reasons": dict(self.reasons.most_common(REASONS_SHOWN)), "rejects_file": self.file}


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
            rejected.reasons[_class_of(reject)] += 1
            rejected.points.update(reject.points)
            rejected.nameless += not reject.points
            writer.writerow((reject.line, safe(reject.reason), safe(reject.raw)))
    aside.replace(path)
    return rejected


def _class_of(reject: Reject) -> str:
    """The reason with a dash for each value in it, so that like reasons count together."""
    return VALUE_IN_REASON.sub("-", reject.reason)
