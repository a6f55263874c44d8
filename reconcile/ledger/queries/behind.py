"""The files behind the newest run, as far as they are the same for every Meter Point: looked up once, and kept in the
process for as long as no file is loaded, withdrawn, thinned away or brought back.

In: a run. Out: Behind. Called by points, and once by each new web process.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Q

from reconcile.domain.policies import policy_named
from reconcile.domain.tables import Table
from reconcile.lake.contract import Update
from reconcile.lake.found import Found
from reconcile.lake.point import prepared
from reconcile.models import Extract, Run

from .. import evidence, frame
from ..inputs import Selection, files_of, latest_run, of_run
from .confirmations import Answered, answered


@dataclass
class Behind:
    """What a run was made of, and the files that are kept up to its day. Nobody changes what is in it."""

    run: Run
    selection: Selection
    networks: dict[int | None, list[Extract]] = field(default_factory=dict)

    @cached_property
    def used(self) -> frozenset[int]:
        """The files that the run read, by id."""
        return frozenset(self.run.inputs.values_list("extract", flat=True))

    @cached_property
    def left(self) -> Found | None:
        """What the run left of the Meter Points at which it found something."""
        return evidence.kept(self.run)

    @cached_property
    def answered(self) -> Answered:
        """What registration said of files of updates that the run read."""
        return answered(self.run)

    @cached_property
    def coverage(self) -> Sequence[Update]:
        """The files that tell of WAN coverage."""
        return files_of(Table.COVERAGE)

    def about(self, network: int | None) -> list[Extract]:
        """Extracts up to the day of the run that are neither withdrawn nor thinned away, in the order of their data:
        those of a network (id) and those that name none, and every inventory."""
        if network not in self.networks:
            of_network = Q(networks__network=network) | Q(networks=None)
            about = kept_until(self.run).filter(Q(table=Table.FLAGS) & of_network | Q(table=Table.DEVICES))
            self.networks[network] = list(about.distinct().order_by("as_of", "pk"))
        return self.networks[network]


def kept_until(run: Run) -> Any:
    """Extracts up to the day of a run that are neither withdrawn nor thinned away."""
    return Extract.objects.filter(as_of__lte=run.as_of, withdrawn_at=None, thinned_at=None)


def behind(run: Run) -> Behind:
    """The files behind a run, as they are kept or looked up now."""
    set_as = (settings.LAKE_DIR, settings.GRACE_DAYS, settings.SILENT_AFTER_DAYS)
    # What a run leaves beside its rows comes after it is published.
    return _behind((run.pk, run.snapshot, run.published_at, tuple(run.checksums), set_as, _what_became_of_files()))


@lru_cache(maxsize=2)
def _behind(hangs_on: tuple[Any, ...]) -> Behind:
    run = Run.objects.get(pk=hangs_on[0])
    return Behind(run, of_run(run))


def read_ahead() -> None:
    """Read what this process keeps of the newest run: its rows as columns, the work on them, the files behind it."""
    run = latest_run()
    if run is not None:
        frame.read_ahead(run)
        prepared(behind(run).selection.inputs, policy_named(run.policy))


def _what_became_of_files() -> tuple[Any, ...]:
    """Another whenever a file came, and whenever one went or came back: whatever was marked last was marked later."""
    marks = ("withdrawn_at", "thinned_at")
    of_marks = {f"{of.name}_{mark}": of(mark) for mark in marks for of in (Count, Max)}
    return tuple(Extract.objects.aggregate(newest=Max("pk"), **of_marks).values())
