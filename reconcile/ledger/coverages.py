"""What a file speaks for: everything or a part, by its size against the last full one where its format does not say so.

In: a Reading and its day. Out: the coverage, and the sentence that says so; LoadError where it is too much. Called by
ledger.loading.
"""

from datetime import date

from django.conf import settings

from reconcile.domain.vocabulary import network_named
from reconcile.feeds import Reading
from reconcile.lake.snapshots import Snapshot
from reconcile.models import Extract, ExtractNetwork

from .inputs import readable


class LoadError(Exception):
    """The load cannot go on as asked; the text says what to do."""


def refuse_many_parties(snapshot: Snapshot) -> None:
    """Raises LoadError where a file names more parties than there can be: each would be kept for ever."""
    for what, named in (("networks", snapshot.networks), ("suppliers", snapshot.suppliers)):
        if len(named) > settings.MAX_PARTIES:
            raise LoadError(
                f"The file names {len(named):,} {what}; over {settings.MAX_PARTIES:,} (MAX_PARTIES) are not taken. "
                f"Is its column of {what} the right one?"
            )


def by_count(reading: Reading, as_of: date) -> tuple[str, list[str]]:
    """Full if it has at least half of the Meter Points of the last full extract of its network, or if there is none.

    Raises LoadError where that speaks for another supplier.
    """
    name, last = network_named(reading.network).name, _last_full(reading, as_of)
    if last is None:
        found = f"{reading.records:,} Meter Points, and no full extract of {name} was loaded before."
        return _full(found)
    _refuse_another_supplier(last.extract, reading, name)
    found = f"{reading.records:,} Meter Points, and the last full extract of {name} has {last.points:,}."
    if 2 * reading.records >= last.points:
        return _full(found)
    words = f"Taken as selective: {found} If that is wrong, load the file again as full (--full)."
    return Extract.Coverage.DELTA, [words]


def _full(found: str) -> tuple[str, list[str]]:
    words = f"Taken as a full refresh: {found} If that is wrong, load the file again as selective (--delta)."
    return Extract.Coverage.FULL, [words]


def _last_full(reading: Reading, as_of: date) -> ExtractNetwork | None:
    usable = readable().filter(table=reading.table, coverage=Extract.Coverage.FULL, as_of__lte=as_of)
    full = ExtractNetwork.objects.filter(extract__in=usable)
    newest = full.filter(network__code=reading.network).order_by("-extract__as_of", "-extract")
    return newest.select_related("extract").first()


def _refuse_another_supplier(last: Extract, reading: Reading, network: str) -> None:
    """A refresh holds one supplier's Meter Points: as a full extract of the network it would drop all others."""
    before = last.report.get("supplier")
    if last.kind == reading.kind and before and before != reading.supplier:
        raise LoadError(
            f"The last full extract of {network} speaks for supplier {before}, this file for "
            f"{reading.supplier or 'nobody'}. Say whether it replaces that (--full) or changes it (--delta)."
        )
