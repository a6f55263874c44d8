"""SMETS1 and SMETS2 apart: the mismatches and the Meter Points of each, of all that somebody sees or of one party.

In: a scope and a run. Out: GenerationTotals, which add up to those of the page. Called by the overview and the parties.
"""

import logging
from collections import Counter
from dataclasses import dataclass

import duckdb

from reconcile.domain.rates import Rate
from reconcile.domain.smets import GENERATION_NAMES, Generation, generation
from reconcile.feeds.sql import literal
from reconcile.lake import store
from reconcile.models import MeterKind, Party, Run

from ..access import Scope
from ..cubes import within
from .comparing import found_by

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class GenerationTotals:
    """The Meter Points of a generation, and how many mismatches stand at meters of it."""

    generation: Generation
    mismatches: int
    points: int

    @property
    def label(self) -> str:
        """As people say it."""
        return GENERATION_NAMES[self.generation]

    @property
    def rate(self) -> Rate:
        """Mismatches per thousand Meter Points."""
        return Rate(self.mismatches, self.points)


def by_generation(*, scope: Scope, run: Run | None, points: int, party: Party | None = None) -> list[GenerationTotals]:
    """All generations, of `points` Meter Points in all. Empty where the run's counts are not there, or cannot be read.

    What the inventory describes no meter of is no smart meter: so both columns add up to those of all.
    """
    if run is None or store.KINDS not in run.checksums:
        return []
    kinds = MeterKind.objects.values_list("pk", "smets", "csp_region")
    of_kind = {kind: generation(smets, region) for kind, smets, region in kinds}
    try:
        with store.asking() as con:
            counted = _points(con, run, scope, party)
            wrong = con.execute(f"""
                SELECT kind_id, mask = 0 AND kind_id IS NULL AS no_meter, count(*) FROM ({found_by(run, scope)})
                WHERE counts AND ours AND {f"{party.kind} = {literal(party.code)}" if party else "true"} GROUP BY ALL
            """).fetchall()
    except duckdb.Error:
        logger.exception("What run %s counted by kinds of meters cannot be read", run.pk)
        return []
    with_meter, mismatches = Counter[Generation](), Counter[Generation]()
    for kind, number in counted:
        with_meter[of_kind.get(kind or 0, Generation.NOT_KNOWN)] += number
    for kind, no_meter, number in wrong:
        mismatches[Generation.NO_METER if no_meter else of_kind.get(kind, Generation.NOT_KNOWN)] += number
    with_meter[Generation.NO_METER] = points - with_meter.total()
    return [GenerationTotals(one, mismatches[one], with_meter[one]) for one in Generation]


def _points(
    con: duckdb.DuckDBPyConnection, run: Run, scope: Scope, party: Party | None
) -> list[tuple[int | None, int]]:
    """The registered Meter Points with a smart meter, by its kind."""
    path = store.quoted(store.kept(run, store.KINDS))
    only = f"{party.kind}_id = {party.pk}" if party else "true"
    return con.execute(
        f"SELECT kind_id, sum(points)::BIGINT FROM read_parquet({path}) WHERE {within(scope)} AND {only} GROUP BY ALL"
    ).fetchall()
