"""What a replay found: how flags stood, changed and followed under a policy, by day, Network Party and supplier.

In: a scope and the days that were judged, or an actor and a job. Out: Replayed, or a CSV. Called by the command, the
pages, the API and ledger.replays.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from reconcile.domain.policies import reading_named
from reconcile.domain.policy import Policy
from reconcile.feeds.sql import literal
from reconcile.lake import store
from reconcile.lake.replaying import FIGURES, column, sums
from reconcile.models import Job, ReplayedDay

from .. import jobs as machine
from ..access import Scope
from ..actors import Actor, NotAllowed, Right
from ..safe_csv import safe_sql
from .comparing import NotThere
from .lateness import Late
from .what_if import NONE, PARTIES, names, within

KEYS = ("as_of", *PARTIES)
SETS = f"GROUPING SETS ({', '.join(f'({name})' for name in KEYS)}, ())"
Key = tuple[str, str]
"""Of which figures are: `as_of`, `network` or `supplier` with its value, or nothing twice for all of it."""
ALL: Key = ("", "")
CSV_COLUMNS = (
    *KEYS, *FIGURES, "flag_changes", "updates_asked", "followed", "followed_in_time", "days_late",
    "changed_lately", "waiting",
)  # fmt: skip


@dataclass
class ReplayedTally:
    """Meter Points of one day, or Meter Points times days of a party; `changes`: (flag before, flag) -> points.

    `asked`: flag -> points whose meters ask for it anew; both without what nobody knows because the day before was not
    judged. `late`: of a day, as a run of that day has it; of a party, the flags that followed in the time, each once,
    and those that wait on its last day.
    """

    right: int = 0
    wrong: int = 0
    open: int = 0
    unread: int = 0
    mismatches: int = 0
    in_flight: int = 0
    changes: Counter[Key] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    late: Late = field(default_factory=Late)

    @property
    def points(self) -> int:
        """All of them."""
        return self.right + self.wrong + self.open + self.unread

    @property
    def rate(self) -> float:
        """The wrong ones per thousand."""
        return 1000 * self.wrong / self.points if self.points else 0.0

    @property
    def flag_changes(self) -> int:
        """Points whose flag was another on the day before."""
        return self.changes.total()

    @property
    def updates_asked(self) -> int:
        """Points whose meters ask for another flag since that day."""
        return self.asked.total()

    @property
    def followed(self) -> int:
        """Flags that followed."""
        return self.late.followed.total()

    def as_json(self) -> dict[str, Any]:
        """As the command and the API tell it; a flag that is none is called so."""
        return {
            **{name: getattr(self, name) for name in FIGURES},
            "flag_changes": self.flag_changes,
            "from_to": {
                f"{was or NONE}>{flag or NONE}": points for (was, flag), points in sorted(self.changes.items())
            },
            "updates_asked": self.updates_asked,
            "asked": {flag or NONE: points for flag, points in sorted(self.asked.items())},
            "followed": self.followed,
            **self.late.as_json(),
        }


@dataclass(frozen=True)
class Replayed:
    """Days by date, parties by code (`none`: no supplier); `alone`: days whose day before was not judged.

    The `wrong` of a party or of the `total` are wrong-days: so many Meter Points for so many days.
    """

    days: dict[str, ReplayedTally]
    networks: dict[str, ReplayedTally]
    suppliers: dict[str, ReplayedTally]
    total: ReplayedTally
    alone: list[str]

    def as_json(self) -> dict[str, Any]:
        """As the command and the API tell it; what changed on a day after one that was not judged is null."""
        unknown = dict.fromkeys(("flag_changes", "from_to", "updates_asked", "asked"))
        return {
            "total": _party(self.total),
            "days": [
                {"as_of": day, **tally.as_json(), **(unknown if day in self.alone else {})}
                for day, tally in self.days.items()
            ],
            **{
                f"{kind}s": [{"code": code, **_party(tally)} for code, tally in getattr(self, f"{kind}s").items()]
                for kind in PARTIES
            },
        }


def _party(tally: ReplayedTally) -> dict[str, Any]:
    return {f"{name}_days" if name in FIGURES else name: value for name, value in tally.as_json().items()}


def replayed(*, actor: Actor, job_id: int) -> Replayed | None:
    """What a replay found, of the rows that the actor sees; None where there is no such replay that is done.

    Raises NotThere where its days were let go.
    """
    job = _done(actor, job_id)
    return replayed_days(scope=actor.scope_of(Right.SEE), ids=job.result["replayed"]) if job else None


@dataclass(frozen=True)
class ReplayAsked:
    """A replay that is done, as it was asked for; `gone`: the days whose files are missing or were thinned away.

    `names`: of parties, by kind and code.
    """

    job: Job
    first: date
    last: date
    policy: Policy
    gone: list[date]
    names: dict[tuple[str, str], str]


def replay_asked(*, actor: Actor, job_id: int) -> ReplayAsked | None:
    """What was asked for; None where there is no such replay that is done."""
    job = _done(actor, job_id)
    if job is None:
        return None
    first, last, *gone = map(date.fromisoformat, (job.result["from"], job.result["to"], *job.result["not_judged"]))
    return ReplayAsked(job, first, last, reading_named(job.result["policy"]), gone, names())


def replayed_csv(*, actor: Actor, job_id: int, target: Path) -> int | None:
    """Write a row for each day, Network Party and supplier that the actor may export to `target`; gives their number.

    Raises NotThere.
    """
    job = _done(actor, job_id)
    if job is None:
        return None
    names = [safe_sql(name) + f" AS {name}" if name in PARTIES else column(name) for name in CSV_COLUMNS]
    with _read(actor.scope_of(Right.EXPORT), _rows(job.result["replayed"])) as con:
        query = f"SELECT {', '.join(names)} FROM ({_by_all()}) ORDER BY as_of, network, supplier NULLS FIRST"
        done = con.execute(f"COPY ({query}) TO {literal(target)} (FORMAT csv, HEADER)").fetchone()
        return int(done[0]) if done else 0


def _done(actor: Actor, job_id: int) -> Job | None:
    try:
        job = machine.find(actor=actor, job_id=job_id)
    except NotAllowed:
        return None
    done = job.kind == machine.Kind.REPLAY and job.state == Job.State.DONE
    return job if done and machine.may_read(actor, job) else None


def replayed_days(*, scope: Scope, ids: Sequence[int]) -> Replayed:
    """The sums of days (ids of ReplayedDay) within a scope. Raises NotThere where one was let go."""
    rows = _rows(ids)
    found: dict[Key, ReplayedTally] = defaultdict(ReplayedTally)
    for row in rows:
        found[KEYS[0], row.as_of.isoformat()] = ReplayedTally()
    with _read(scope, rows) as con:
        for key, values in _sums(con, "stood", "", ", ".join(f"sum({column(name)})::BIGINT" for name in FIGURES)):
            for name, value in zip(FIGURES, values, strict=True):
                setattr(found[key], name, value)
        _add_moves(con, found)
        _add_late(con, found, rows[-1].as_of)
    alone = [row.as_of.isoformat() for row in rows if store.MOVES not in row.checksums]
    days, networks, suppliers = (_of(found, kind) for kind in KEYS)
    return Replayed(days, networks, suppliers, found[ALL], alone)


def _of(found: dict[Key, ReplayedTally], kind: str) -> dict[str, ReplayedTally]:
    return {value: tally for (name, value), tally in sorted(found.items()) if name == kind}


def _rows(ids: Sequence[int]) -> list[ReplayedDay]:
    """Raises NotThere."""
    rows = list(ReplayedDay.objects.filter(pk__in=ids).order_by("as_of"))
    if len(rows) < len(ids) or not rows:
        raise NotThere("Days of this replay were cleared away since. Ask for it again.")
    return rows


@contextmanager
def _read(scope: Scope, rows: Iterable[ReplayedDay]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB with `stood`, `late` and `moves`, within a scope. Raises NotThere where a file cannot be read."""
    rows = list(rows)
    moved = [row for row in rows if store.MOVES in row.checksums]
    seen = within(scope)
    try:
        with store.connect() as con:
            for name, file in (("stood", store.STOOD), ("late", store.LATENESS), ("moves", store.MOVES)):
                paths = [store.kept(row, file) for row in (moved if file == store.MOVES else rows)]
                source = f"read_parquet({store.quoted(*paths)})" if paths else f"({NO_MOVES})"
                con.execute(f"CREATE VIEW {name} AS FROM {source} WHERE {seen}")
            yield con
    except duckdb.IOException as error:
        raise NotThere("Days of this replay cannot be read any more. Ask for it again.") from error


NO_MOVES = """
    SELECT NULL::DATE AS as_of, NULL::VARCHAR AS network, NULL::VARCHAR AS supplier, NULL::VARCHAR AS flag_before,
        NULL::VARCHAR AS flag, NULL::VARCHAR AS asked, NULL::INTEGER AS days_late, NULL::BIGINT AS points WHERE false
"""


def _sums(
    con: duckdb.DuckDBPyConnection, table: str, columns: str, values: str, where: str = "true"
) -> Iterator[tuple[Key, tuple[Any, ...]]]:
    """Sums by day, by party and of all, each by `columns` too."""
    named = f"{columns}, " if columns else ""
    grouped = f"GROUP BY {columns + ', ' if columns else ''}{SETS}"
    query = f"SELECT grouping({', '.join(KEYS)}), {', '.join(KEYS)}, {named}{values} FROM {table} WHERE {where}"
    for level, *row in con.execute(f"{query} {grouped} HAVING count(*) > 0").fetchall():
        yield _key(level, row[:3]), tuple(row[3:])


def _key(level: int, values: Sequence[date | str | None]) -> Key:
    """Which of KEYS a row is of, by the bits of `grouping`: 1 where a column is summed over."""
    for place, name in enumerate(KEYS):
        if not level >> (len(KEYS) - 1 - place) & 1:
            value = values[place]
            return name, value.isoformat() if isinstance(value, date) else value or NONE
    return ALL


def _add_moves(con: duckdb.DuckDBPyConnection, found: dict[Key, ReplayedTally]) -> None:
    for key, (was, flag, points) in _sums(
        con, "moves", "flag_before, flag", "sum(points)::BIGINT", "flag_before <> flag"
    ):
        found[key].changes[was, flag] = points
    for key, (flag, points) in _sums(con, "moves", "asked", "sum(points)::BIGINT", "asked IS NOT NULL"):
        found[key].asked[flag] = points
    for key, (days, points) in _sums(con, "moves", "days_late", "sum(points)::BIGINT", "days_late IS NOT NULL"):
        if key[0] != KEYS[0]:
            found[key].late.followed[days] = points


def _add_late(con: duckdb.DuckDBPyConnection, found: dict[Key, ReplayedTally], last: date) -> None:
    """Of a day, as its run has it; of parties, what waits on the last day."""
    for key, (days, followed, points) in _sums(con, "late", "days, followed", "sum(points)::BIGINT"):
        if key[0] == KEYS[0]:
            (found[key].late.followed if followed else found[key].late.waiting)[days] = points
    for key, (days, points) in _sums(
        con, "late", "days", "sum(points)::BIGINT", f"NOT followed AND as_of = {literal(last.isoformat())}"
    ):
        if key[0] != KEYS[0]:
            found[key].late.waiting[days] = points


def _by_all() -> str:
    """A row for each day and party, as SQL over the files."""
    in_time = f"days_late <= {Late.within}"
    return f"""
        SELECT {", ".join(KEYS)}, {sums(CSV_COLUMNS[len(KEYS) :])}
        FROM (
            FROM stood
            UNION ALL BY NAME
            SELECT {", ".join(KEYS)},
                sum(points) FILTER (WHERE flag_before <> flag) AS flag_changes,
                sum(points) FILTER (WHERE asked IS NOT NULL) AS updates_asked,
                sum(points) FILTER (WHERE days_late IS NOT NULL) AS followed,
                sum(points) FILTER (WHERE {in_time}) AS followed_in_time,
                sum(points * days_late) AS days_late
            FROM moves GROUP BY ALL
            UNION ALL BY NAME
            SELECT {", ".join(KEYS)}, sum(points) AS changed_lately,
                sum(points) FILTER (WHERE NOT followed) AS waiting
            FROM late GROUP BY ALL
        ) GROUP BY ALL
    """
