"""Install and leave: meters that wait for WAN coverage, and where there is some now."""

from django.http import HttpResponse
from django.shortcuts import render

from reconcile.domain.answering import Wan
from reconcile.domain.coverage import WORDS
from reconcile.ledger import queries
from reconcile.web.access import MemberRequest, member
from reconcile.web.parameters import takes

ROWS = 200
"""As many are shown; `export_coverage` and the API have them all."""


@member
@takes("supplier", "postcode")
def coverage(request: MemberRequest) -> HttpResponse:
    """What waits, by supplier and point by point; of one postcode, if one is asked for."""
    supplier, postcode = (request.GET.get(name, "").strip().replace("\0", "") for name in ("supplier", "postcode"))
    found = queries.waiting(scope=request.scope, supplier=supplier, postcode=postcode)
    lines = [row | {"words": WORDS[Wan(row["answer"])]} for row in found.lines(ROWS)]
    counted = [(one, [one.counts[answer] for answer in (*list(Wan)[1:], Wan.NO_DATA)]) for one in found.suppliers]
    context = {
        "found": found,
        "lines": lines,
        "counted": counted,
        "total": found.rows.num_rows,
        "asked": postcode,
        "supplier": supplier,
    }
    return render(request, "reconcile/points/coverage.html", context)
