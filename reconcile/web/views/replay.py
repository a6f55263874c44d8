"""How flags stood through the kept runs, or on every day, under any policy, and how late they followed their meters."""

import hashlib
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from reconcile import tasks
from reconcile.domain.policies import choices
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import Right
from reconcile.ledger.operations import OperationError
from reconcile.ledger.queries import Late, NotThere, PartyReplay, ReplayAsked, Replayed
from reconcile.web.access import MemberRequest, button, having, member
from reconcile.web.forms.handed_in import ReplayForm
from reconcile.web.incoming import spare
from reconcile.web.parameters import takes
from reconcile.web.pictures.still import length_bars
from reconcile.web.policy_page import named
from reconcile.web.recorded import took_along
from reconcile.web.replayed_days import by_party, days_table, wrong_line
from reconcile.web.tables.table import shown


@member
@takes("policy", "network", "supplier")
def replay(request: MemberRequest) -> HttpResponse:
    """All that is seen, or one party of it."""
    chosen = named(request, "policy")
    narrowed = {kind: request.GET.get(kind, "").replace("\0", "") for kind in ("network", "supplier")}
    found = queries.party_replay(
        scope=request.scope, policy=chosen.name, network=narrowed["network"], supplier=narrowed["supplier"]
    )
    context = {"found": found, "policies": choices(), "chosen": chosen, "form": ReplayForm(), **narrowed}
    return render(request, "reconcile/policy/replay.html", context | (_drawn(found, narrowed) if found else {}))


def _drawn(found: PartyReplay, narrowed: dict[str, str]) -> dict[str, Any]:
    """The bars, who it is of, and the parties, the least in time first."""
    bands = found.late.distribution
    names = [found.names.get((kind, code), code) for kind, code in narrowed.items() if code]
    return {
        "of": " and ".join(names),
        "followed": length_bars([(words, followed, "") for words, followed, _ in bands]),
        "waiting": length_bars([(words, waiting, "") for words, _, waiting in bands]),
        "parties": {kind: _ranked(found, kind) for kind in found.by if not narrowed[kind]},
    }


def _ranked(found: PartyReplay, kind: str) -> list[tuple[str, str, Late]]:
    rows = [(code, found.names.get((kind, code), code), late) for code, late in found.by[kind].items()]
    return sorted(rows, key=lambda row: (100 if row[2].in_time is None else row[2].in_time, -row[2].due, row[0]))


@button
@having(Right.RECONCILE)
def ask(request: MemberRequest) -> HttpResponse:
    """Ask for every day to be judged anew."""
    form = ReplayForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Give the first and the last day as dates, and one of the policies.")
        return redirect("replay")
    try:
        job = operations.start_replay(actor=request.actor, now=timezone.now(), **form.cleaned_data)
    except OperationError as problem:
        messages.error(request, str(problem))
        return redirect("replay")
    return redirect("job", tasks.send(job).pk)


@member
@takes("page")
def replayed(request: MemberRequest, job_id: int) -> HttpResponse:
    """What a replay found, by day, Network Party and supplier."""
    asked = _asked(request, job_id)
    context: dict[str, Any] = {"asked": asked, "found": None, "problem": ""}
    try:
        found = queries.replayed(actor=request.actor, job_id=job_id)
    except NotThere as gone:
        context["problem"] = str(gone)
    else:
        context |= {"found": found, **_of_days(request, asked, found)} if found else {}
    return render(request, "reconcile/policy/replayed.html", context)


def _asked(request: MemberRequest, job_id: int) -> ReplayAsked:
    asked = queries.replay_asked(actor=request.actor, job_id=job_id)
    if asked is None:
        raise Http404("There is no such replay.")
    return asked


def _of_days(request: MemberRequest, asked: ReplayAsked, found: Replayed) -> dict[str, Any]:
    return {
        "line": wrong_line(found),
        "shown": shown(days_table(found), list(reversed(found.days.items())), request.GET),
        "parties": {kind: by_party(found, asked, kind) for kind in ("network", "supplier")},
    }


@having(Right.EXPORT)
def replayed_csv(request: MemberRequest, job_id: int) -> HttpResponse | FileResponse:
    """The same for each day, Network Party and supplier, as a file."""
    asked, target = _asked(request, job_id), spare()
    try:
        rows = queries.replayed_csv(actor=request.actor, job_id=job_id, target=target)
        file = target.open("rb")
    except NotThere as gone:
        messages.error(request, str(gone))
        return redirect("replayed", job_id)
    finally:
        target.unlink(missing_ok=True)
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    took_along(request, asked.job.title, rows=rows or 0, sha256=sha256)
    file.seek(0)
    name = f"replay-{asked.first}-to-{asked.last}-{asked.policy.name.replace(':', '-')}.csv"
    return FileResponse(file, as_attachment=True, filename=name, content_type="text/csv")
