"""Two runs beside each other: the bridge, the differences, the rows, and these as CSV."""

import hashlib

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from reconcile.domain.rules import RULES
from reconcile.ledger import queries
from reconcile.ledger.actors import Right
from reconcile.ledger.queries import MOVES, SETS, Compared, Narrowed, NotThere
from reconcile.models import Run
from reconcile.web.access import MemberRequest, having, member
from reconcile.web.incoming import spare
from reconcile.web.parameters import takes
from reconcile.web.recorded import took_along
from reconcile.web.tables.table import changed

CHOICES = 60
"""So many of the newest runs are offered."""


@member
@takes("before", "after", "move", "rule", "network", "page")
def compare(request: MemberRequest) -> HttpResponse:
    """The comparison of two runs; without two of them, the newest and the one before."""
    runs, only = _choices(request), _narrowed(request)
    asked = _pair(request, runs)
    found, problem = _compared(request, asked, only)
    context = {
        "runs": runs,
        "asked": asked,
        "found": found,
        "problem": problem,
        "only": only,
        "move_words": {**MOVES, "before": "Mismatches before", "now": "Mismatches after"}.get(only.move, ""),
        "pages": _pages(request, found) if found else {},
    }
    return render(request, "reconcile/runs/compare.html", context)


def _compared(request: MemberRequest, asked: list[int], only: Narrowed) -> tuple[Compared | None, str]:
    if len(asked) < 2:
        return None, "There are no two runs to compare yet. The next run is the second."
    if asked[0] == asked[1]:
        return None, "Both are the same run. Choose two different ones."
    try:
        found = queries.compared(
            scope=request.scope, runs=(asked[0], asked[1]), only=only, page=_page(request), now=timezone.now()
        )
    except NotThere as gone:
        return None, str(gone)
    if found is None:
        raise Http404("There are no such two runs.")
    return found, ""


def _choices(request: MemberRequest) -> list[Run]:
    return [row.run for row in queries.runs(scope=request.scope)[:CHOICES]]


def _pair(request: MemberRequest, runs: list[Run]) -> list[int]:
    """The two runs of the address, or else the newest and the one before; empty where there are no two."""
    given = [request.GET.get(name, "") for name in ("before", "after")]
    if all(text.isdecimal() and len(text) < 19 for text in given):
        return [int(text) for text in given]
    newest = [run.pk for run in runs if not run.lookback][1::-1]
    return newest if len(newest) == 2 else []


def _narrowed(request: MemberRequest) -> Narrowed:
    """What is no move and no rule narrows nothing."""
    move, rule = request.GET.get("move", ""), request.GET.get("rule", "")
    network = request.GET.get("network", "").replace("\0", "")
    return Narrowed(move if move in MOVES or move in SETS else "", rule if rule in RULES else "", network)


def _page(request: MemberRequest) -> int:
    text = request.GET.get("page", "1")
    return max(int(text), 1) if text.isdecimal() and len(text) < 9 else 1


def _pages(request: MemberRequest, found: Compared) -> dict[str, str]:
    """The addresses of the pages beside this one."""
    number, last = _page(request), -(-found.total // queries.COMPARED_PER_PAGE)
    beside = {"previous": number - 1 if number > 1 else 0, "next": number + 1 if number < last else 0}
    return {name: changed(request.GET, {"page": page}) for name, page in beside.items() if page}


def _title(request: MemberRequest, pair: list[int]) -> str:
    only = _narrowed(request)
    narrowed = "; ".join(filter(None, (MOVES.get(only.move, only.move), only.rule, only.network)))
    return f"Runs {pair[0]} and {pair[1]} compared" + (f": {narrowed}" if narrowed else "")


@having(Right.EXPORT)
@takes("before", "after", "move", "rule", "network")
def rows_csv(request: MemberRequest) -> FileResponse:
    """The rows of a comparison as CSV, of what the person may export."""
    pair, target = _pair(request, _choices(request)), spare()
    try:
        written = queries.compared_csv(
            scope=request.actor.scope_of(Right.EXPORT),
            runs=(pair[0], pair[1]) if pair else (0, 0),
            only=_narrowed(request),
            target=target,
            now=timezone.now(),
        )
        if written is None:
            raise Http404("There are no such two runs.")
        file = target.open("rb")
    except NotThere as gone:
        raise Http404(str(gone)) from gone
    finally:
        target.unlink(missing_ok=True)
    took_along(request, _title(request, pair), rows=written, sha256=hashlib.file_digest(file, "sha256").hexdigest())
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"runs-{pair[0]}-{pair[1]}.csv", content_type="text/csv")
