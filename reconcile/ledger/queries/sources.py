"""The files that tell of one Meter Point: those that its verdict stands on, and earlier ones that are still kept.

In: a scope, the files behind a run, a number. Out: Sources, in the order of their data. Called by points, which knows
who may see it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconcile.domain.tables import Table
from reconcile.domain.timeline import Told
from reconcile.lake import store
from reconcile.lake.told import Said, told_by
from reconcile.lake.trace import Trace
from reconcile.models import Extract, Party

from ..access import Scope
from .behind import Behind, kept_until
from .extracts import extracts


@dataclass(frozen=True)
class Source:
    """A loaded file. `used`: by the newest run. `told`: what it says of the flag; of an inventory nothing.

    `opens`: whoever asks may see the file itself.
    """

    extract: Extract
    used: bool
    told: Told | None
    opens: bool

    @property
    def is_inventory(self) -> bool:
        """Whether it shows every device: one that it does not show has gone."""
        return self.extract.table == Table.DEVICES and self.extract.coverage == Extract.Coverage.FULL

    def facts(self) -> dict[str, Any]:
        """For a machine."""
        file = self.extract
        told = {"flag": self.told.flag, "flag_from": self.told.flag_from} if self.told else {}
        about = {"extract": file.pk, "name": file.name, "kind": file.kind, "coverage": file.coverage}
        return {**about, "as_of": file.as_of, "sha256": file.sha256, "used": self.used, **told}


def files_about(*, behind: Behind, network: Party | None, alerts: Collection[int] = ()) -> list[Extract]:
    """The files that may tell of a point of a network, in the order of their data; and those of `alerts`, their ids."""
    found = behind.about(network.pk if network else None)
    if alerts:
        more = kept_until(behind.run).filter(pk__in=alerts).exclude(pk__in=[one.pk for one in found])
        found = sorted([*found, *more], key=lambda one: (one.as_of, one.pk))
    return found


def sources(
    *, scope: Scope, behind: Behind, files: Sequence[Extract], mpxn: int, known: Mapping[int, Said | None]
) -> list[Source]:
    """Those of some files that hold the point, and every inventory among them. `known`: file (id) -> what it says."""
    flags = [one for one in files if one.table == Table.FLAGS]
    told = told_by({one.pk: store.kept(one, store.ROWS) for one in flags if one.pk not in known}, mpxn)
    told |= {one.pk: said for one in flags if (said := known.get(one.pk))}
    of_point = [one for one in files if one.pk in told or one.table != Table.FLAGS]
    opens = _opened(scope, [one.pk for one in of_point])
    return [
        Source(one, one.pk in behind.used, Told(one.as_of, *told[one.pk]) if one.pk in told else None, one.pk in opens)
        for one in of_point
    ]


def said_by_run(behind: Behind, found: Trace) -> dict[int, Said | None]:
    """What the run's own files (ids) say of the flag, as far as the verdict has read it: of an update always, of a full
    extract that does not seem to hold the point nothing."""
    updates = {one.order for one in behind.selection.inputs.flag_updates}
    places = behind.selection.order.items()
    return {pk: found.told.get(place) for pk, place in places if place in found.told or place in updates}


def _opened(scope: Scope, among: Collection[int]) -> Collection[int]:
    """Which of some files (ids) may be seen."""
    return among if scope.everything else set(extracts(scope=scope).filter(pk__in=among).values_list("pk", flat=True))
