"""How flags stood through the kept runs under any policy, and how late they followed their meters."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from reconcile.domain.policies import choices
from reconcile.ledger import queries
from reconcile.ledger.queries import Late, PartyReplay
from reconcile.web.access import MemberRequest, member
from reconcile.web.parameters import takes
from reconcile.web.pictures import length_bars
from reconcile.web.policy_page import named


@member
@takes("policy", "network", "supplier")
def replay(request: MemberRequest) -> HttpResponse:
    """All that is seen, or one party of it."""
    chosen = named(request, "policy")
    narrowed = {kind: request.GET.get(kind, "").replace("\0", "") for kind in ("network", "supplier")}
    found = queries.party_replay(
        scope=request.scope, policy=chosen.name, network=narrowed["network"], supplier=narrowed["supplier"]
    )
    context = {"found": found, "policies": choices(), "chosen": chosen, **narrowed}
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
