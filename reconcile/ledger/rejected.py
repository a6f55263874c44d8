"""The lines of a file that were not loaded: counted by reason, and kept as a CSV under VAR_DIR.

In: an Intake and its Rows. Out: Rejected; of what a load kept, its faults. Called by ledger.loading, queries and web.
"""

import csv
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from reconcile.feeds import Intake, Reject, Rows, fault_of, only_faults
from reconcile.feeds.values.misread import ANY, Range, could_be
from reconcile.feeds.values.numbers import points_named

from .safe_csv import safe

MOST_UNREAD = 20_000
"""Lines whose numbers are followed one by one: of more nobody can tell what they are about."""


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
    uncertain: set[Range] = field(default_factory=set)
    """Numbers that the lines may be about whose number cannot be read."""
    unread: int = 0
    """Such lines."""
    is_cut: bool = False
    """The last line is a part of one: what followed is not known."""
    passed_over: list[int] = field(default_factory=list)
    """Lines between the records that are none: headings said again, titles, rules."""

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
            if reject.no_record:
                rejected.passed_over.append(reject.line)
                continue
            rejected.first = rejected.first or reject
            fault = fault_of(reject.reason)
            rejected.reasons[fault] += 1
            rejected.first_lines.setdefault(fault, reject.line)
            rejected.points.update(reject.points)
            _note_unread(rejected, reject, is_last=reject.line == intake.tail_at, ends_open=intake.ends_open)
            writer.writerow((reject.line, safe(reject.reason), safe(reject.raw)))
    if rejected.count:
        aside.replace(path)
    else:
        aside.unlink()
        rejected.file = ""
    return rejected


def _note_unread(rejected: Rejected, reject: Reject, *, is_last: bool, ends_open: bool) -> None:
    """What the line may be about, as far as its number cannot be read."""
    missing = (reject.broken or "" in reject.unread) and not reject.points
    given = [text for text in reject.unread if text and not points_named(text)]
    # A line that is whole and has an end was not cut off, whatever it says.
    rejected.is_cut |= is_last and (reject.broken or (ends_open and bool(given)))
    if not (missing or given or rejected.is_cut):
        return
    rejected.unread += 1
    if missing or rejected.is_cut or rejected.unread > MOST_UNREAD:
        rejected.uncertain = {ANY}
    elif ANY not in rejected.uncertain:
        rejected.uncertain.update(one for text in given for one in could_be(text))


def by_fault(report: dict[str, Any]) -> list[tuple[str, int, int | None]]:
    """The faults of lines that were not loaded, how many each, and the first line of each where it was kept."""
    counts, first = only_faults(report.get("reasons", {})), report.get("first_lines", {})
    return [
        (fault, lines, first.get(fault)) for fault, lines in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    ]
