"""Install and leave: meters that wait for WAN coverage, and where there is some now, as a page and as a CSV."""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html

from reconcile.domain.answering import Wan
from reconcile.domain.coverage import coverage_words
from reconcile.ledger import queries
from reconcile.ledger.actors import Right
from reconcile.web import links, words
from reconcile.web.access import MemberRequest, having, member
from reconcile.web.incoming import spare
from reconcile.web.parameters import takes
from reconcile.web.recorded import took_along
from reconcile.web.tables import table
from reconcile.web.tables.columns import STEADY
from reconcile.web.tables.table import Column, Table, changed

ASKED = ("supplier", "postcode", "answer")
ANSWERS = {
    Wan.NOW: "Coverage now",
    Wan.FROM_DATE: "From a date",
    Wan.NOT_CONFIRMED: "Not confirmed",
    Wan.NO_DATA: "No data",
}
CHOICES = {**{str(one): title for one, title in ANSWERS.items()}, queries.COVERAGE_OPENED: "Now, not before"}


@member
@takes(*ASKED, *table.PAGING)
def coverage(request: MemberRequest) -> HttpResponse:
    """What waits, by supplier and point by point; of one postcode, if one is asked for."""
    asked = _asked(request)
    found = queries.waiting(scope=request.scope, **asked)
    sort = request.GET.get("sort", "")
    known = sort if sort.removeprefix("-") in queries.COVERAGE_ORDERS else ""
    context = {
        "found": found,
        "shown": table.shown(_table(found), found.lines(known), request.GET),
        "counted": [(one, [(answer, one.counts[answer]) for answer in ANSWERS]) for one in found.suppliers],
        "answers": ANSWERS,
        "choices": CHOICES,
        "asked": asked,
        "csv": changed(request.GET, dict.fromkeys(table.PAGING)),
    }
    return render(request, "reconcile/points/coverage.html", context)


@having(Right.EXPORT)
@takes(*ASKED)
def as_csv(request: MemberRequest) -> FileResponse:
    """The same points as a file, of what the person may export."""
    asked, target = _asked(request), spare()
    try:
        rows = queries.coverage_csv(scope=request.actor.scope_of(Right.EXPORT), target=target, **asked)
        file = target.open("rb")
    finally:
        target.unlink(missing_ok=True)
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    narrowed = "; ".join(f"{name} {value}" for name, value in asked.items() if value)
    took_along(request, "Coverage", rows=rows, sha256=sha256, filters=narrowed)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename="coverage.csv", content_type="text/csv")


def _asked(request: MemberRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip().replace("\0", "") for name in ASKED}


def _table(found: queries.Waiting) -> Table[dict[str, Any]]:
    """The columns; what a date means depends on the day of the run."""

    def answer(row: dict[str, Any]) -> str:
        return coverage_words(row, found.run.as_of) if found.run else ""

    columns: Sequence[Column[dict[str, Any]]] = (
        Column("mpxn", "Meter Point", _point, STEADY),
        Column("answer", "Answer", answer, "words"),
        Column("from_date", "From", lambda row: words.day(row["from_date"]), STEADY),
        Column("postcode", "Postcode", lambda row: row["postcode"] or words.NONE, STEADY),
        Column("days_waiting", "Days waiting", _days, number=True),
        Column("supplier", "Supplier", lambda row: row["supplier"] or words.NONE),
        Column("network", "Network Party", lambda row: row["network"] or words.NONE),
    )
    return Table("Meter Points that wait", columns, queries.COVERAGE_ORDERS, queries.COVERAGE_ORDER)


def _point(row: dict[str, Any]) -> str:
    address = links.to("point", args=(row["mpxn"],))
    return format_html('<a href="{}">{}</a>', address, words.grouped(row["mpxn"]))


def _days(row: dict[str, Any]) -> str:
    return words.amount(row["days_waiting"]) if row["days_waiting"] is not None else words.NONE
