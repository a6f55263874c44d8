"""A file of assignments: handed in, looked at, and done as a job once the person says so."""

import csv
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from reconcile import tasks
from reconcile.domain.assignments import COLUMNS, MOST_BYTES, MOST_LINES, MOST_TOLD
from reconcile.ledger import kept_files, operations, queries, uploads
from reconcile.ledger.actors import Right
from reconcile.ledger.operations import TooManyJobs, WorkError
from reconcile.ledger.safe_csv import safe
from reconcile.models import Job
from reconcile.web.access import MemberRequest, button, having
from reconcile.web.forms.handed_in import PlainForm
from reconcile.web.forms.work import number_of
from reconcile.web.incoming import taken
from reconcile.web.middleware.bodies import takes_file
from reconcile.web.views.work_history import Line
from reconcile.web.work_words import said

SALT = "reconcile.work_file"
NOT_HERE = "The file is not here any more. Hand it in again."


class FileForm(PlainForm):
    """A file of assignments."""

    file = forms.FileField(label="CSV", help_text=f"With the headings {', '.join(COLUMNS)}, or some of them.")

    def clean_file(self) -> TemporaryUploadedFile:
        """No larger than what is read."""
        file: TemporaryUploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(f"At most {MOST_BYTES // 1_000_000} MB.")
        return file


@require_http_methods(["GET", "POST"])
@takes_file(Right.WORK)
@having(Right.WORK)
def work_file(request: MemberRequest) -> HttpResponse:
    """Hand in a file, and see what it would change: nothing is changed yet."""
    form = FileForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form, "lines": MOST_LINES}
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        path, name = taken(file), PurePath(file.name or "").name
        try:
            plan = queries.work_file_plan(actor=request.actor, path=path)
        except WorkError as problem:
            path.unlink(missing_ok=True)
            form.add_error("file", str(problem))
        else:
            uploads.keep(path)
            sealed = signing.dumps([request.user.pk, path.name, name], salt=SALT)
            context |= {"plan": plan, "name": name, "file": sealed, "key": uuid4().hex, "told": MOST_TOLD}
    return render(request, "reconcile/work/file.html", context, status=400 if form.errors else 200)


def _opened(request: MemberRequest) -> tuple[str, str]:
    """The file that the page was about. Raises WorkError where it is not this person's, or gone."""
    try:
        person, place, name = signing.loads(request.POST.get("file", ""), salt=SALT)
    except signing.BadSignature:
        raise WorkError(NOT_HERE) from None
    kept = uploads.name_of(place)
    if person != request.user.pk or not kept_files.is_there(kept):
        raise WorkError(NOT_HERE)
    return kept, name


@button
@having(Right.WORK)
def load(request: MemberRequest) -> HttpResponseBase:
    """Do what the file says, if it changes as many rows as were seen."""
    try:
        path, name = _opened(request)
        made = operations.load_assignments(
            actor=request.actor,
            path=path,
            name=name,
            count=number_of(request.POST.get("count")),
            request=request.POST.get("request", ""),
            now=timezone.now(),
        )
    except (WorkError, TooManyJobs) as problem:
        messages.error(request, str(problem))
        return redirect("work-file")
    if isinstance(made, Job):
        return redirect("job", tasks.send(made).pk)
    messages.success(request, said(made))
    return redirect("work")


@button
@having(Right.WORK)
def refused(request: MemberRequest) -> HttpResponseBase:
    """The lines that are refused, as CSV."""
    try:
        path, _ = _opened(request)
        plan = queries.work_file_plan(actor=request.actor, path=path)
    except WorkError as problem:
        messages.error(request, str(problem))
        return redirect("work-file")
    rows = [(str(one.number), str(one.fault), safe(one.raw)) for one in plan.refused]
    answer = StreamingHttpResponse(_lines(rows), content_type="text/csv")
    answer["Content-Disposition"] = 'attachment; filename="refused-lines.csv"'
    return answer


def _lines(rows: list[tuple[str, str, str]]) -> Iterator[str]:
    lines = csv.writer(Line())
    yield lines.writerow(("line", "reason", "text"))
    yield from (lines.writerow(row) for row in rows)
