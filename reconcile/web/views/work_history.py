"""The history of a party's work, for its managers: each act and what it made of each row; and their reasons."""

import csv
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from reconcile.domain.vocabulary import mpxn_text
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import Right
from reconcile.ledger.operations import WorkError
from reconcile.ledger.queries import PARTS, Past, Recorded
from reconcile.ledger.safe_csv import safe
from reconcile.web.access import MemberRequest, button, having
from reconcile.web.forms.handed_in import WorkRecordForm
from reconcile.web.parameters import takes
from reconcile.web.recorded import took_along
from reconcile.web.tables.table import shown
from reconcile.web.tables.work import WORK_RECORD, WORK_RECORD_ROWS


@having(Right.MANAGE_WORK)
@takes("page", *WorkRecordForm.base_fields)
def record(request: MemberRequest) -> HttpResponse:
    """All that was done with the party's work, for its managers, and what its people explain with."""
    form = WorkRecordForm(request.GET)
    found = queries.work_record(actor=request.actor, **(form.cleaned_data if form.is_valid() else {}))
    rows = found if form.is_valid() else found.none()
    context = {
        "form": form,
        "shown": shown(WORK_RECORD, rows, request.GET),
        "query": request.GET.urlencode(),
        "reasons": "\n".join(queries.reasons(actor=request.actor)),
    }
    return render(request, "reconcile/work/record.html", context)


@having(Right.MANAGE_WORK)
@takes("page")
def entry(request: MemberRequest, entry_id: int) -> HttpResponse:
    """One act: each of its rows, before and after."""
    found = queries.work_entry(actor=request.actor, entry=entry_id)
    if found is None:
        raise Http404("There is no such entry, or it is not your party's.")
    context = {"entry": found[0], "shown": shown(WORK_RECORD_ROWS, found[1], request.GET)}
    return render(request, "reconcile/work/entry.html", context)


@having(Right.MANAGE_WORK)
@takes(*WorkRecordForm.base_fields)
def record_csv(request: MemberRequest) -> FileResponse:
    """The same as a file, made whole before it is sent: a line for each row of each act, before and after."""
    form = WorkRecordForm(request.GET)
    if not form.is_valid():
        raise Http404("The filter cannot be read.")
    found = queries.work_record(actor=request.actor, **form.cleaned_data)
    lines = _lines(queries.work_record_rows(actor=request.actor, entries=found))
    with TemporaryDirectory() as folder:
        path = Path(folder, "work-history.csv")
        rows, sha256 = _write(path, lines)
        took_along(
            request, "The history of work", rows=rows, sha256=sha256, filters=form.in_words(),
            party=request.actor.desk.party if request.actor.desk else None,
        )  # fmt: skip
        return FileResponse(path.open("rb"), as_attachment=True, filename=path.name, content_type="text/csv")


def _write(path: Path, lines: Iterable[str]) -> tuple[int, str]:
    """Write these lines; gives how many there are below the heading, and the file's SHA-256."""
    digest, count = hashlib.sha256(), -1
    with path.open("wb") as file:
        for line in lines:
            content = line.encode()
            digest.update(content)
            file.write(content)
            count += 1
    return count, digest.hexdigest()


class Line:
    """What csv writes to: it gives each line back."""

    def write(self, text: str) -> str:
        """The line."""
        return text


COLUMNS = (
    *("at", "who", "what", "about", "words", "filters", "rows", "entry", "undoes", "mpxn", "rule"),
    *(f"{name}_{when}" for when in ("before", "after") for name in PARTS),
)


def _lines(told: Iterable[tuple[Recorded, Past | None]]) -> Iterator[str]:
    lines = csv.writer(Line())
    yield lines.writerow(COLUMNS)
    for one, past in told:
        of_row = _of_row(past) if past else [""] * (2 + 2 * len(PARTS))
        words = safe(past.words if past else one.words)
        told_of = (safe(one.by), one.get_what_display(), safe(one.about), words, safe(one.filters))
        yield lines.writerow((one.at.isoformat(), *told_of, one.rows, one.pk, one.undoes or "", *of_row))


def _of_row(past: Past) -> list[str]:
    row = past.version.discrepancy
    values = (said[name] for said in (past.before, past.after) for name in PARTS)
    return [mpxn_text(row.mpxn), row.rule, *map(safe, values)]


@button
@having(Right.MANAGE_WORK)
def set_reasons(request: MemberRequest) -> HttpResponseBase:
    """Say what the party's people explain with."""
    try:
        reasons = request.POST.get("reasons", "").splitlines()
        operations.set_reasons(actor=request.actor, reasons=reasons, now=timezone.now())
    except WorkError as problem:
        messages.error(request, str(problem))
    return redirect("work-record")
