"""Headings that nobody knew: what they mean in a file that is held, and what was kept of that."""

from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from reconcile import tasks
from reconcile.domain.days import today
from reconcile.feeds import TABLES, BadColumns, ColumnMap, checked
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import Right
from reconcile.ledger.operations import OperationError
from reconcile.ledger.queries import Asked, Kept, Preview
from reconcile.web.access import MemberRequest, button, having
from reconcile.web.forms.headings import (
    KIND_NAMES,
    MEANINGS,
    MOST_OFFERED,
    ColumnsFileForm,
    HeadingsForm,
    NameForm,
    posted_words,
    words_of,
)
from reconcile.web.middleware.bodies import takes_file
from reconcile.web.parameters import takes

NO_DAY = "The file does not say which day it shows. Give the date."


@takes_file(Right.LOAD)
@require_http_methods(["GET", "POST"])
@having(Right.LOAD)
@takes("kind")
def held(request: MemberRequest, job_id: int) -> HttpResponse:
    """The headings of a held file: a guess first, then as a person corrects it; loaded once they say so."""
    kind = request.GET.get("kind", "")
    asked = queries.asked_headings(actor=request.actor, job_id=job_id, kind=kind if kind in TABLES else "")
    if asked is None:
        raise Http404("This job waits for no word about headings.")
    if request.method == "GET":
        return _page(request, asked, asked.said)
    if "file" in request.FILES:
        return _from_file(request, asked)
    form = HeadingsForm(asked, asked.said, request.POST)
    is_good = form.is_valid()
    said = form.said(posted_words(request.POST))
    if "load" not in request.POST:
        return _page(request, asked, said, form=form)
    return (is_good and _load(request, asked, said, form)) or _page(request, asked, said, form=form, status=400)


def _from_file(request: MemberRequest, asked: Asked) -> HttpResponse:
    """The page as a columns file would have it."""
    form = ColumnsFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, asked, asked.said, file_form=form, status=400)
    told: ColumnMap = form.cleaned_data["file"]
    if told.kind not in TABLES:
        form.add_error("file", f"Headings can be told of the kinds {' and '.join(TABLES)}, not of '{told.kind[:40]}'.")
        return _page(request, asked, asked.said, file_form=form, status=400)
    guessed = asked.said.columns if told.kind == asked.said.kind else dict.fromkeys(TABLES[told.kind].aliases, "")
    said = replace(told, columns={**guessed, **told.columns}, headings=asked.said.headings)
    return _page(request, replace(asked, said=said, why={}), said)


def _load(request: MemberRequest, asked: Asked, said: ColumnMap, form: HeadingsForm) -> HttpResponse | None:
    """Let the file be loaded; None where the form has come to say what is wrong."""
    preview = _preview(request, asked, said)
    as_of = form.cleaned_data["as_of"]
    if preview.problem or not preview.rows:
        return None
    if as_of is None and preview.as_of is None:
        form.add_error("as_of", NO_DAY)
        return None
    try:
        job = operations.tell_columns(
            actor=request.actor, job_id=asked.job.pk, said=said, as_of=as_of, now=timezone.now()
        )
    except OperationError as problem:
        form.add_error(None, str(problem))
        return None
    return redirect("job", tasks.send(job).pk)


def _preview(request: MemberRequest, asked: Asked, said: ColumnMap) -> Preview:
    latest = today(timezone.now()) + timedelta(days=settings.GRACE_DAYS)
    return queries.preview_headings(actor=request.actor, asked=asked, said=said, latest=latest)


def _page(
    request: MemberRequest,
    asked: Asked,
    said: ColumnMap,
    *,
    form: HeadingsForm | None = None,
    file_form: ColumnsFileForm | None = None,
    status: int = 200,
) -> HttpResponse:
    preview = _preview(request, asked, said)
    meant = {heading: MEANINGS.get(meaning, meaning) for meaning, heading in said.columns.items() if heading}
    context = {
        "asked": asked,
        "job": asked.job,
        "form": form or HeadingsForm(asked, said),
        "file_form": file_form or ColumnsFileForm(),
        "words": words_of(said, preview.unknown) if not preview.problem else words_of(said, {}),
        "preview": preview,
        "columns": [{**one, "means": meant.get(one["heading"], "")} for one in asked.headings[:MOST_OFFERED]],
        "more": max(0, len(asked.headings) - MOST_OFFERED),
        "kind_name": KIND_NAMES[said.kind],
        "other_kinds": [(kind, name) for kind, name in KIND_NAMES.items() if kind != said.kind],
    }
    return render(request, "reconcile/headings/held.html", context, status=status)


@having(Right.SEE_COLUMNS)
@takes()
def kept(request: MemberRequest) -> HttpResponse:
    """All that was kept."""
    return _kept_page(request, ColumnsFileForm())


def _kept_page(request: MemberRequest, form: ColumnsFileForm, status: int = 200) -> HttpResponse:
    found = [(one, KIND_NAMES[one.row.kind]) for one in queries.kept_columns(actor=request.actor)]
    return render(request, "reconcile/headings/list.html", {"found": found, "form": form}, status=status)


@having(Right.SEE_COLUMNS)
@takes()
def one(request: MemberRequest, kept_id: int) -> HttpResponse:
    """One of them: what it says, who kept and changed it."""
    found = _kept(request, kept_id)
    meanings = [(MEANINGS.get(meaning, meaning), heading) for meaning, heading in found.row.columns.items()]
    words = [
        (MEANINGS[meaning], word, known) for meaning, told in found.row.words.items() for word, known in told.items()
    ]
    context = {"kept": found, "meanings": meanings, "words": words, "kind_name": KIND_NAMES[found.row.kind]}
    return render(request, "reconcile/headings/one.html", {**context, "form": NameForm(initial={"name": found.name})})


@having(Right.SEE_COLUMNS)
@takes()
def export(request: MemberRequest, kept_id: int) -> HttpResponse:
    """It as a columns file."""
    found = _kept(request, kept_id)
    answer = HttpResponse(found.toml, content_type="application/toml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="columns-{found.row.pk}.toml"'
    return answer


def _kept(request: MemberRequest, kept_id: int) -> Kept:
    found = queries.kept_columns_by_id(actor=request.actor, kept_id=kept_id)
    if found is None:
        raise Http404("There are no such kept headings.")
    return found


@takes_file(Right.LOAD)
@button
@having(Right.LOAD)
def take_in(request: MemberRequest) -> HttpResponse:
    """Keep what a columns file says."""
    form = ColumnsFileForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            said = checked(form.cleaned_data["file"])
            found = operations.keep_columns(actor=request.actor, said=said, now=timezone.now())
            return redirect("kept-headings", found.pk)
        except (BadColumns, OperationError) as problem:
            form.add_error("file", str(problem))
    for words in form.errors.get("file", ["Choose a file."]):
        messages.error(request, str(words))
    return redirect("headings")


@button
@having(Right.LOAD)
def rename(request: MemberRequest, kept_id: int) -> HttpResponse:
    """Give it another name."""
    form = NameForm(request.POST)
    name = form.cleaned_data["name"] if form.is_valid() else ""
    try:
        operations.rename_columns(actor=request.actor, kept_id=kept_id, name=name, now=timezone.now())
    except OperationError as problem:
        messages.error(request, str(problem))
    return redirect("kept-headings", kept_id)


@button
@having(Right.LOAD)
def remove(request: MemberRequest, kept_id: int) -> HttpResponse:
    """Use it no more."""
    found = operations.remove_columns(actor=request.actor, kept_id=kept_id, now=timezone.now())
    messages.success(request, f"{found.name} is not used any more. What was read by it stays as it is.")
    return redirect("headings")
