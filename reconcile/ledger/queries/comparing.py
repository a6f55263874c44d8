"""Two runs beside each other: the bridge between their mismatches, differences by rule and party, and the rows.

In: a scope and two runs. Out: Compared, read from what each run found. Called by the page, its CSV and the API.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
from django.db.models import Q

from reconcile.domain.lifecycle import State
from reconcile.domain.rules import MISMATCHED
from reconcile.feeds.sql import literal
from reconcile.lake import store
from reconcile.models import Event, Party, Run
from reconcile.models.worst import PLACES

from .. import bulk, compare, integrity
from ..access import Scope
from ..safe_csv import safe_sql

GAINS = {"new": "New", "out_of_flight": "Out of flight", "seen_again": "Seen again", "came": "Came from another party"}
LOSSES = {
    "mended": "Mended",
    "withdrawn": "Evidence withdrawn",
    "absent": "Absent",
    "into_flight": "Into flight",
    "went": "Went to another party",
}
MOVES = {**GAINS, **LOSSES, "stays": "Stays"}
"""What can have become of a mismatch between two runs; the gains and the losses are the bridge."""
SETS = {"before": "did_count", "now": "counts"}
"""Words that stand for a move, and name all mismatches of one of the runs."""
PER_PAGE = 50
WORST_FIRST = f"CASE severity {PLACES} END, wrong_since_latest NULLS LAST, id"
"""The order of lists everywhere, as `models.worst` has it."""


class NotThere(Exception):
    """What a run found cannot be read any more; one plain sentence."""


@dataclass(frozen=True)
class Step:
    """A bar of the bridge: so many discrepancies, which add to the mismatches or take from them."""

    move: str
    words: str
    count: int
    adds: bool


@dataclass(frozen=True)
class Difference:
    """The mismatches of one rule at one Network Party (its code, and its `label` with the name), in both runs."""

    rule: str
    network: str
    label: str
    before: int
    now: int

    @property
    def change(self) -> int:
        """By how much they moved."""
        return self.now - self.before


@dataclass(frozen=True)
class Moved:
    """One discrepancy and what became of it."""

    id: int
    mpxn: int
    rule: str
    severity: str
    network: str
    supplier: str | None
    flag: str
    expected: str
    wrong_since: date | None
    move: str

    @property
    def words(self) -> str:
        """What became of it, as people say it."""
        return MOVES[self.move]


@dataclass(frozen=True)
class Compared:
    """before + the steps that add - those that take away = now, within a scope. `rows`: one page of `total`."""

    earlier: Run
    later: Run
    before: int
    steps: list[Step]
    now: int
    differences: list[Difference]
    rows: list[Moved]
    total: int

    @property
    def changed(self) -> list[Difference]:
        """Where the number is another one now, the largest change first."""
        return [one for one in self.differences if one.change]

    @property
    def level(self) -> list[Difference]:
        """Where the number is the same in both, though not always of the same rows."""
        return [one for one in self.differences if not one.change]


@dataclass(frozen=True)
class Narrowed:
    """Which rows: those of a move (or of SETS), a rule, a Network Party (code); empty is any."""

    move: str = ""
    rule: str = ""
    network: str = ""

    @property
    def condition(self) -> str:
        """As SQL over the compared rows; without a move, those that moved."""
        given = [f"{name} = {literal(value)}" for name in ("rule", "network") if (value := getattr(self, name))]
        moved = SETS.get(self.move) or (f"move = {literal(self.move)}" if self.move else "move <> 'stays'")
        return " AND ".join([moved, *given])


EVERY_MOVE = Narrowed()


def compared(
    *,
    scope: Scope,
    runs: tuple[int, int],
    only: Narrowed = EVERY_MOVE,
    page: int = 1,
    size: int = PER_PAGE,
    now: datetime,
) -> Compared | None:
    """Two runs beside each other, the earlier first however they are named, or None. Raises NotThere, Damaged."""
    pair = _pair(scope, runs)
    if pair is None:
        return None
    with _rows(scope, *pair, now) as con:
        counted = dict(con.execute("SELECT move, count(*) FROM compared GROUP BY move").fetchall())
        before, after = con.execute(
            "SELECT count(*) FILTER (WHERE did_count), count(*) FILTER (WHERE counts) FROM compared"
        ).fetchall()[0]
        return Compared(
            earlier=pair[0],
            later=pair[1],
            before=before,
            steps=[Step(move, words, counted.get(move, 0), True) for move, words in GAINS.items()]
            + [Step(move, words, counted.get(move, 0), False) for move, words in LOSSES.items()],
            now=after,
            differences=_differences(con),
            rows=_page(con, only, page, size),
            total=con.execute(f"SELECT count(*) FROM compared WHERE {only.condition}").fetchall()[0][0],
        )


def compared_csv(*, scope: Scope, runs: tuple[int, int], only: Narrowed, target: Path, now: datetime) -> int | None:
    """Write the rows to `target` as CSV; gives their number, or None where there is no such pair."""
    pair = _pair(scope, runs)
    if pair is None:
        return None
    with _rows(scope, *pair, now) as con:
        done = con.execute(f"""
            COPY (
                SELECT mpxn, rule, severity, {safe_sql("network")} AS network, {safe_sql("supplier")} AS supplier,
                    nullif(flag, '') AS flag, nullif(expected, '') AS expected, wrong_since_latest, move
                FROM compared WHERE {only.condition} ORDER BY {WORST_FIRST}
            ) TO {literal(target)} (FORMAT csv, HEADER true)
        """).fetchone()
        return int(done[0]) if done else 0


def _pair(scope: Scope, runs: tuple[int, int]) -> tuple[Run, Run] | None:
    found = sorted(Run.objects.filter(pk__in=runs), key=lambda run: (run.as_of, run.pk))
    if len(found) < 2 or not (scope.everything or scope.networks or scope.suppliers):
        return None
    return found[0], found[1]


@contextmanager
def _rows(scope: Scope, earlier: Run, later: Run, now: datetime) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB with the table `compared`."""
    for run in (earlier, later):
        _refuse_gone(run, now)
    with store.scratch() as folder, store.connected(folder) as con:
        for name, run in (("earlier", earlier), ("later", later)):
            con.execute(f"CREATE VIEW {name} AS {found_by(run, scope)}")
        bulk.read_rows(con, _events(earlier, later), EVENTS, "told")
        con.execute(ENDED)
        con.execute(f"SET VARIABLE earlier_date = DATE '{earlier.as_of}'")
        con.execute(f"CREATE TABLE compared AS {compare.sql('compared')}")
        yield con


def _refuse_gone(run: Run, now: datetime) -> None:
    if run.thinned_at:
        raise NotThere(
            f"The list of what the run as of {run.as_of:%-d %b %Y} found was thinned away on "
            f"{run.thinned_at:%-d %b %Y}; its totals are kept. Compare with another run."
        )
    if not run.checked_at or run.damage:
        integrity.refuse(integrity.damaged([run], now=now))


def found_by(run: Run, scope: Scope) -> str:
    """What a run found; `counts`: it is a mismatch, `ours`: it is within the scope."""
    mismatched = ", ".join(map(literal, MISMATCHED))
    return f"""
        SELECT *, rule IN ({mismatched}) AND NOT in_flight AS counts, {_ours(scope)} AS ours
        FROM read_parquet({store.quoted(store.kept(run, store.ROWS))})
    """


def _ours(scope: Scope) -> str:
    if scope.everything:
        return "true"
    own = Party.objects.filter(pk__in=scope.networks | scope.suppliers).values_list("kind", "code")
    tests = [f"coalesce({kind} = {literal(code)}, false)" for kind, code in own]
    return f"({' OR '.join(tests) or 'false'})"


EVENTS = {"id": "BIGINT", "discrepancy_id": "BIGINT", "after": "VARCHAR", "withdrawn": "BOOLEAN"}
ENDED = f"""
    CREATE TABLE ended AS
    SELECT discrepancy_id, arg_max(withdrawn, id) AS withdrawn FROM told
    GROUP BY discrepancy_id HAVING arg_max("after", id) = '{State.RESOLVED}'
"""
"""What the last event between the two runs resolved."""


def _events(earlier: Run, later: Run) -> Any:
    """The events of the runs after the earlier one, up to the later one."""
    after = Q(run__as_of__gt=earlier.as_of) | Q(run__as_of=earlier.as_of, run__gt=earlier.pk)
    until = Q(run__as_of__lt=later.as_of) | Q(run__as_of=later.as_of, run__lte=later.pk)
    return Event.objects.filter(after, until)


def _differences(con: duckdb.DuckDBPyConnection) -> list[Difference]:
    rows = con.execute("""
        SELECT rule, network, count(*) FILTER (WHERE did_count) AS before, count(*) FILTER (WHERE counts) AS now
        FROM compared GROUP BY ALL ORDER BY abs(now - before) DESC, rule, network
    """).fetchall()
    labels = {party.code: party.label for party in Party.objects.filter(kind=Party.Kind.NETWORK)}
    return [Difference(rule, network, labels.get(network, network), *counts) for rule, network, *counts in rows]


def _page(con: duckdb.DuckDBPyConnection, only: Narrowed, page: int, size: int) -> list[Moved]:
    rows = con.execute(f"""
        SELECT id, mpxn, rule, severity, network, supplier, flag, expected, wrong_since_latest, move
        FROM compared WHERE {only.condition} ORDER BY {WORST_FIRST} LIMIT {size} OFFSET {(page - 1) * size}
    """).fetchall()
    return [Moved(*row) for row in rows]
