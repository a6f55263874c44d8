"""A party, or all that is seen, through the kept runs: how flags stood by any policy, and how late they followed.

In: a scope, a policy, a party. Out: PartyReplay, summed from what each run counted. Called by the overview, the pages
of parties, that of replay, and the API.
"""

import logging
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import duckdb

from reconcile.domain.policies import reading_named
from reconcile.domain.policy import Policy
from reconcile.feeds.sql import literal
from reconcile.lake import store
from reconcile.lake.contract import LATE_DAYS
from reconcile.lake.replaying import STANDS, stood
from reconcile.models import Run

from ..access import Scope
from .common import latest_run
from .what_if import NONE, PARTIES, names, within

logger = logging.getLogger(__name__)
MOST_RUNS = 30
"""So many of the newest runs are shown."""


@dataclass(frozen=True)
class Late:
    """Meters that changed in the `window`: days -> points whose flag has followed, or waits still.

    A flag that followed `within` so many days is in time: as many as a change counts as in flight for, unless that is
    set otherwise.
    """

    window: ClassVar[int] = LATE_DAYS
    within: ClassVar[int] = 5
    followed: Counter[int] = field(default_factory=Counter)
    waiting: Counter[int] = field(default_factory=Counter)

    @property
    def waits(self) -> int:
        """Points whose flag has not followed."""
        return self.waiting.total()

    @property
    def changes(self) -> int:
        """All of them."""
        return self.followed.total() + self.waits

    @property
    def median(self) -> int | None:
        """Days after which half of the flags that have followed had; None where none has."""
        ahead = self.followed.total()
        for days, points in sorted(self.followed.items(), reverse=True):
            ahead -= points
            if ahead * 2 < self.followed.total():
                return days
        return None

    @property
    def due(self) -> int:
        """Those that have followed, or have waited for longer than is in time."""
        return self.followed.total() + sum(points for days, points in self.waiting.items() if days > self.within)

    @property
    def in_time(self) -> float | None:
        """Per cent of those due that followed in time: the one figure to watch. None where none is due."""
        prompt = sum(points for days, points in self.followed.items() if days <= self.within)
        return 100 * prompt / self.due if self.due else None

    @property
    def distribution(self) -> list[tuple[str, int, int]]:
        """Days in words, points that have followed after so many, points that have waited for so many."""
        return [
            (words, sum(self.followed[day] for day in days), sum(self.waiting[day] for day in days))
            for words, days in BANDS.items()
        ]

    def as_json(self) -> dict[str, Any]:
        """As the API tells it."""
        facts = {"changes": self.changes, "waiting": self.waits, "median_days": self.median}
        return {**facts, "in_time_per_cent": None if self.in_time is None else round(self.in_time, 2)}


BANDS = {
    "the same day": range(1),
    "1 or 2 days": range(1, 3),
    "3 to 5 days": range(3, 6),
    "6 to 10 days": range(6, 11),
    "11 to 20 days": range(11, 21),
    f"21 to {LATE_DAYS} days": range(21, LATE_DAYS + 1),
}


@dataclass(frozen=True)
class RunStood:
    """How the flags stood in a run by a policy, as points; `late`: how late they followed, by the policy of the run."""

    run: Run
    right: int
    wrong: int
    open: int
    unread: int
    late: Late


@dataclass(frozen=True)
class PartyReplay:
    """The newest runs, the newest first. `by`: kind -> code -> how late, in the newest; `names`: by kind and code."""

    policy: Policy
    runs: list[RunStood]
    by: dict[str, dict[str, Late]]
    names: dict[tuple[str, str], str]

    @cached_property
    def late(self) -> Late:
        """How late flags followed, as the newest run has it."""
        return self.runs[0].late if self.runs else Late()


def party_replay(*, scope: Scope, policy: str = "", network: str = "", supplier: str = "") -> PartyReplay | None:
    """By a policy (that of the newest run if empty) and of a party (codes); None where there is nothing to see.

    Raises UnknownPolicy. Runs from before this was counted, and those that were thinned away, are left out.
    """
    newest = latest_run()
    if newest is None or not (scope.everything or scope.networks or scope.suppliers):
        return None
    chosen = reading_named(policy or newest.policy)
    where = _where(scope, network, supplier)
    kept = Run.objects.filter(lookback=False, thinned_at=None).order_by("-as_of", "-pk")
    counted = [run for run in kept[:MOST_RUNS] if _counted(run)]
    with store.asking() as con:
        con.register("stood", stood(chosen))
        runs = [_run_stood(con, run, where) for run in counted]
        by = {kind: _late_by(con, counted[0], where, kind) for kind in PARTIES} if counted else {}
    return PartyReplay(chosen, runs, by, names())


def late_now(*, scope: Scope, run: Run | None, network: str = "", supplier: str = "") -> Late:
    """How late flags followed, as a run has it; nothing where it did not count that, or what it counted is damaged."""
    if run is None or not _counted(run):
        return Late()
    try:
        with store.asking() as con:
            return _late_by(con, run, _where(scope, network, supplier), "").get("", Late())
    except duckdb.Error:
        logger.exception("What run %s counted cannot be read", run.pk)
        return Late()


def _counted(run: Run) -> bool:
    return store.there(run, store.LATENESS)


def _run_stood(con: duckdb.DuckDBPyConnection, run: Run, where: str) -> RunStood:
    rows = con.execute(f"""
        SELECT stood, sum(points - unread)::BIGINT, sum(unread)::BIGINT
        FROM ({_file(run, store.CELLS)}) JOIN stood USING (flag, mask, ever) WHERE {where} GROUP BY stood
    """).fetchall()
    counts = {name: points for name, points, _ in rows}
    numbers = {name: counts.get(name, 0) for name in STANDS}
    unread = sum(number for _, _, number in rows)
    return RunStood(run, **numbers, unread=unread, late=_late_by(con, run, where, "").get("", Late()))


def _late_by(con: duckdb.DuckDBPyConnection, run: Run, where: str, kind: str) -> dict[str, Late]:
    """How late, by the code of a party of a kind, or of all together under no code."""
    code = f"coalesce({kind}, {literal(NONE)})" if kind else "''"
    rows = con.execute(f"""
        SELECT {code} AS code, followed, days, sum(points)::BIGINT FROM ({_file(run, store.LATENESS)})
        WHERE {where} GROUP BY ALL ORDER BY ALL
    """).fetchall()
    found: dict[str, Late] = {}
    for party, followed, days, points in rows:
        late = found.setdefault(party, Late())
        (late.followed if followed else late.waiting)[days] += points
    return found


def _file(run: Run, name: str) -> str:
    return f"FROM read_parquet({store.quoted(store.kept(run, name))})"


def _where(scope: Scope, network: str, supplier: str) -> str:
    asked = {"network": network, "supplier": supplier}
    return " AND ".join([within(scope), *(f"{kind} = {literal(code)}" for kind, code in asked.items() if code)])
