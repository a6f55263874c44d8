"""What is to be said of the inputs of a run beside its figures: what is old, what is missing, what no file tells.

In: a Selection and the last run. Out: Remark, Lost, and what is untold, kept on the run. Called by ledger.record; the
words are read by ledger.queries within a scope.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Case, CharField, Sum, Value, When

from reconcile.domain.tables import JUDGED
from reconcile.domain.vocabulary import network_named
from reconcile.models import Extract, Party, PointCount, Run, RunInput

from .inputs import Selection

UNTOLD = {
    "flag_from": "has no column of flag dates: nothing of it can be told to be in flight, or since when it is wrong",
    "supplier": "has no column of suppliers: its Meter Points are no supplier's",
    "StatusDate": "has no column of status dates: only a Commissioned device has the date of its status",
}
"""What an extract may be without (as `not_found` of its load report names it), and what follows for a run."""


@dataclass(frozen=True)
class Remark:
    """A sentence about a run, and the network (its code) that it is about; empty where it is about the whole market."""

    words: str
    network: str = ""


@dataclass(frozen=True)
class Lost:
    """A network of the last run, with its Meter Points there, that no extract of this run speaks for."""

    network: str
    points: int
    last: date

    @property
    def words(self) -> str:
        name = network_named(self.network).name
        return (
            f"{name} was in the run of {self.last:%-d %b %Y} with {self.points:,} Meter Points, and no extract of this "
            "run speaks for it: nothing is found or mended there."
        )


def lost_networks(selection: Selection, last: Run | None) -> list[Lost]:
    """The networks that were in the last run and are not in this one."""
    if last is None:
        return []
    before = RunInput.objects.filter(run=last).exclude(network=None).values_list("network__code", flat=True)
    points = PointCount.objects.filter(run=last).values_list("network__code").annotate(sum=Sum("points"))
    counted = dict(points)
    here = {code for extract in selection.inputs.registration for code in extract.networks}
    return [Lost(code, counted.get(code, 0), last.as_of) for code in sorted({*before} - here)]


def said_of(selection: Selection, lost: Iterable[Lost]) -> dict[str, Any]:
    """`warnings` (Remarks as JSON) and `untold` (meaning -> codes of networks), as a run keeps them in its report."""
    extracts = Extract.objects.in_bulk([pk for pk, _ in selection.sources])
    remarks = [*_stale(selection), *(Remark(one.words, one.network) for one in lost)]
    untold: dict[str, list[str]] = {}
    for pk, code in selection.sources:
        for meaning in _untold(extracts[pk]):
            untold.setdefault(meaning, []).append(code or "")
            remarks.append(Remark(f"{extracts[pk].name} {UNTOLD[meaning]}.", code or ""))
        remarks += [Remark(words, code or "") for words in _unread(extracts[pk])]
    return {"warnings": [asdict(one) for one in dict.fromkeys(remarks)], "untold": untold}


def _untold(extract: Extract) -> list[str]:
    if extract.coverage != Extract.Coverage.FULL:
        return []
    return [meaning for meaning in extract.report.get("not_found", []) if meaning in UNTOLD]


def _unread(extract: Extract) -> Iterator[str]:
    """Lines of which nobody can tell what they are about make a claim unsafe that something is missing."""
    if extract.table not in JUDGED:
        return
    unread = {"lines": 0, "nameless": 0, "let_pass": False, **extract.report.get("unread", {})}  # nosec B105
    if followed := unread["lines"] - unread["nameless"]:
        yield (
            f"{extract.name} has {followed:,} lines whose Meter Point could not be read. At the Meter Points that they "
            "may mean a rule stands only where it would stand whatever they say, and nothing is said to be missing."
        )
    nameless = unread["nameless"]
    if nameless and not unread["let_pass"]:
        yield (
            f"{extract.name} has {nameless:,} lines that name no Meter Point that can be read. They may be about "
            "any: a rule stands only where it would stand whatever they say, and nothing is said to be missing."
        )
    elif nameless:
        yield (
            f"{extract.name} has {nameless:,} lines that name no Meter Point, and that were let pass as about none. "
            "Where a Meter Point seems to miss a line, one of them may be its own."
        )


def _stale(selection: Selection) -> Iterator[Remark]:
    """An old inventory is used all the same, for there is no other."""
    as_of, inventory = selection.inputs.as_of, selection.inputs.inventory.as_of
    days = (as_of - inventory).days
    if days > settings.MAX_EXTRACT_AGE_DAYS:
        yield Remark(
            f"The inventory is of {inventory:%-d %b %Y}, {days} days before the run and older than "
            f"MAX_EXTRACT_AGE_DAYS ({settings.MAX_EXTRACT_AGE_DAYS}): meters may have changed since."
        )


def said_about(run: Run, networks: Iterable[str] | None) -> list[str]:
    """The sentences about the whole market and about some networks (codes); None is all of them."""
    mine = None if networks is None else {"", *networks}
    kept = run.report.get("warnings", [])
    return list(dict.fromkeys(one["words"] for one in kept if mine is None or one["network"] in mine))


def untold(run: Run | None) -> Case:
    """What no column of a discrepancy's extracts tells, as a column: meanings of UNTOLD, joined by commas."""
    found: Mapping[str, list[str]] = run.report.get("untold", {}) if run else {}
    everywhere = [meaning for meaning, codes in found.items() if "" in codes]
    at: dict[str, list[str]] = {}
    for meaning, codes in found.items():
        for code in codes:
            at.setdefault(code, []).append(meaning)
    networks = dict(Party.objects.filter(kind=Party.Kind.NETWORK, code__in=at).values_list("code", "pk"))
    cases = [
        When(network=networks[code], then=Value(",".join([*meanings, *everywhere])))
        for code, meanings in at.items()
        if code in networks
    ]
    return Case(*cases, default=Value(",".join(everywhere)), output_field=CharField())
