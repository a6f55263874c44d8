"""Which Network Parties and suppliers a person may see: their own, and those with a Meter Point of theirs.

In: a scope and the latest run. Out: parties. Called by the filter, whose choices they are, and by the party pages.
"""

from collections.abc import Iterable, Mapping

from django.db.models import Model, Q, QuerySet

from reconcile.models import Discrepancy, DiscrepancyCount, Party, PointCount, Run

from .access import Scope

PARTIES: tuple[str, str] = (Party.Kind.NETWORK, Party.Kind.SUPPLIER)
"""The kinds of which rows are; each is the name of a filter, and of the field of a row."""


def to_choose(scope: Scope, run: Run | None, asked: Mapping[str, Iterable[str]]) -> dict[str, list[Party]]:
    """The parties of each kind that a filter offers, by code.

    Those of which the run has something, and those that are asked for by their code and may be seen, however long ago
    the last of their rows was mended.
    """
    found: dict[str, list[Party]] = {kind: [] for kind in PARTIES}
    for party in _with_something(scope, run):
        found[party.kind].append(party)
    for kind, codes in asked.items():
        missing = set(codes) - {party.code for party in found[kind]}
        if missing:
            found[kind] = sorted([*found[kind], *named(scope, run, kind, missing)], key=lambda party: party.code)
    return found


def named(scope: Scope, run: Run | None, kind: str, codes: Iterable[str]) -> list[Party]:
    """Those parties of a kind, by their codes, that may be seen."""
    writable = [code for code in codes if "\0" not in code]
    parties = Party.objects.filter(kind=kind, code__in=writable).order_by("code")
    return [party for party in parties if _may_see(scope, run, party)]


def _with_something(scope: Scope, run: Run | None) -> QuerySet[Party]:
    parties = Party.objects.filter(kind__in=PARTIES).order_by("code", "pk")
    if scope.everything:
        return parties
    here = Q(pk__in=scope.networks | scope.suppliers)
    for rows in _of_run(scope, run):
        for kind in PARTIES:
            here |= Q(pk__in=rows.filter(**{f"{kind}__isnull": False}).values(kind))
    return parties.filter(here)


def _may_see(scope: Scope, run: Run | None, party: Party) -> bool:
    if scope.everything or party.pk in scope.networks | scope.suppliers:
        return True
    rows: list[QuerySet[Model]] = [*_of_run(scope, run), scope.narrow(Discrepancy.objects.all())]
    return any(some.filter(**{party.kind: party}).exists() for some in rows)


def _of_run(scope: Scope, run: Run | None) -> tuple[QuerySet[PointCount], QuerySet[DiscrepancyCount]]:
    points, counts = PointCount.objects.filter(run=run), DiscrepancyCount.objects.filter(run=run)
    return scope.narrow(points), scope.narrow(counts)
