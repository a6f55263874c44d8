"""The lines of a file that were not loaded: counted by reason, kept as a CSV, and what they may be about.

In: an Intake and its Rows. Out: Rejected; of what a load kept, its faults. Called by ledger.loading, queries and web.
"""

import csv
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from reconcile.feeds import Intake, Reject, Rows, fault_of, only_faults
from reconcile.feeds.values.misread import ANY, Range, could_be, mprns_near
from reconcile.feeds.values.numbers import points_named
from reconcile.lake.snapshots import Misread

from . import kept_files
from .safe_csv import safe

MOST_UNREAD = 2_000
"""Lines whose numbers are followed one by one: of more nobody can tell what they are about."""

NOTHING = " \t\r\n,;|\"'"
"""Of these alone a line is that says nothing at all: spreadsheets put such lines below a table."""


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
    nameless: int = 0
    """Those of them that tell nothing of it, the rest of a line at which a file ends among them."""
    let_pass: bool = False
    """By a person's word those count as about no Meter Point."""
    is_cut: bool = False
    """The last line is a part of one: what followed is not known."""
    passed_over: list[int] = field(default_factory=list)
    """Lines between the records that are none: headings said again, titles, rules."""

    @property
    def count(self) -> int:
        return self.reasons.total()

    @property
    def could_be(self) -> set[Range]:
        """Numbers that the lines left out may be about."""
        return self.uncertain | ({ANY} if self.nameless and not self.let_pass else set())

    @property
    def warnings(self) -> list[str]:
        """What a load report says of the lines whose number could not be read."""
        words = ["The file ends within a line: what should follow is not known."] if self.is_cut else []
        if followed := self.unread - self.nameless:
            words.append(
                f"{followed:,} lines name no Meter Point that could be read for certain. At those that they may mean "
                "nothing is said to be missing."
            )
        if self.nameless and self.let_pass:
            words.append(f"{self.nameless:,} lines name no Meter Point, and were let pass as about none.")
        elif self.nameless:
            words.append(
                f"{self.nameless:,} lines name no Meter Point that anybody could read. They may be about any, so that "
                "nothing is said to be missing: mend them, and load the file again."
            )
        return [*words, *self.beside]

    @property
    def beside(self) -> list[str]:
        """What it says of lines that are no records."""
        if not self.passed_over:
            return []
        words = "repeat the headings or a title, total a part, or mark a page, and were passed over"
        first = self.passed_over[0]
        return [f"{len({*self.passed_over}):,} lines between the records {words}. The first is line {first:,}."]

    def misread(self, found: Misread, *, near: bool) -> None:
        """Count lines with MPRNs that can hardly be right. They are there; and if `near`, may be about others."""
        self.points.update(found.mprns)
        for mprn in found.mprns if near else ():
            self.note(mprns_near(mprn))
        if near and found.more:
            self.unread += found.more
            self.nameless += found.more

    def note(self, could_be: list[Range]) -> None:
        """Count a line whose number cannot be read by what it could be."""
        self.unread += 1
        if ANY in could_be:
            self.nameless += 1
        else:
            self.uncertain.update(could_be)

    def unread_report(self) -> dict[str, int | bool]:
        """What an extract keeps of the lines whose number could not be read, for its runs."""
        return {"lines": self.unread, "nameless": self.nameless, "let_pass": self.let_pass}

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
    rejected.file = kept_files.new_name("rejects", f"{intake.sha256[:16]}.csv")
    aside = kept_files.aside_of(rejected.file)
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
            is_rest = intake.ends_open and reject.line == intake.tail_at and (reject.broken or any(reject.unread))
            rejected.is_cut |= is_rest and bool(reject.raw.strip(NOTHING))
            _note_unread(rejected, reject, is_rest=is_rest)
            writer.writerow((reject.line, safe(reject.reason), safe(reject.raw)))
    if rejected.count:
        kept_files.keep(aside, rejected.file)
    else:
        aside.unlink()
        rejected.file = ""
    return rejected


def _note_unread(rejected: Rejected, reject: Reject, *, is_rest: bool) -> None:
    """What the line may be about, as far as its number cannot be read, or more lines should follow it."""
    if not reject.raw.strip(NOTHING):
        return
    missing = is_rest or ((reject.broken or "" in reject.unread) and not reject.points)
    given = [text for text in reject.unread if text and not points_named(text)]
    if missing or given:
        could = (
            [ANY] if missing or rejected.unread >= MOST_UNREAD else [one for text in given for one in could_be(text)]
        )
        rejected.note(could)


def by_fault(report: dict[str, Any]) -> list[tuple[str, int, int | None]]:
    """The faults of lines that were not loaded, how many each, and the first line of each where it was kept."""
    counts, first = only_faults(report.get("reasons", {})), report.get("first_lines", {})
    return [
        (fault, lines, first.get(fault)) for fault, lines in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    ]
