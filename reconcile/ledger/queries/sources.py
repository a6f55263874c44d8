"""The files that tell of one Meter Point: those that its verdict stands on, and earlier ones that are still kept.

In: a scope, a run and a number. Out: Sources, in the order of their data. Called by points, which knows who may see it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from reconcile.domain.tables import Table
from reconcile.domain.timeline import Told
from reconcile.lake import store
from reconcile.lake.told import told_by
from reconcile.models import Extract, Party, Run

from ..access import Scope
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


def sources(*, scope: Scope, run: Run, network: Party | None, mpxn: int, alerts: Collection[int] = ()) -> list[Source]:
    """Extracts up to the day of the run that are neither withdrawn nor thinned away: those of the point's network, and
    those that name none, which hold it, and every inventory; and those of `alerts`, their ids."""
    kept = Extract.objects.filter(as_of__lte=run.as_of, withdrawn_at=None, thinned_at=None)
    of_network = Q(networks__network=network) | Q(networks=None)
    about = Q(table=Table.FLAGS) & of_network | Q(table=Table.DEVICES) | Q(pk__in=alerts)
    found = list(kept.filter(about).distinct().order_by("as_of", "pk"))
    flags = {one.pk: store.kept(one, store.ROWS) for one in found if one.table == Table.FLAGS}
    told = told_by(flags, mpxn)
    opens = set(extracts(scope=scope).filter(pk__in=[one.pk for one in found]).values_list("pk", flat=True))
    used = set(run.inputs.values_list("extract", flat=True))
    return [
        Source(one, one.pk in used, Told(one.as_of, *told[one.pk]) if one.pk in told else None, one.pk in opens)
        for one in found
        if one.pk in told or one.table != Table.FLAGS
    ]
