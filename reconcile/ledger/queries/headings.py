"""The headings of a file that is held: what they may mean, and what would become of the file if they did.

In: an actor, a job, and what a person says. Out: Asked, Preview. Called by the page of a held job's headings.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb

from reconcile.domain.tables import Table
from reconcile.domain.vocabulary import mpxn_text, network_named
from reconcile.feeds import (
    BadFile,
    ColumnMap,
    Intake,
    Reading,
    begin,
    checked,
    of_toml,
    propose,
    take_in,
    unknown_words,
)
from reconcile.feeds.values.devices import eui_64_text
from reconcile.lake import store
from reconcile.models import Job

from .. import kept_files
from ..actors import Actor, Right
from ..limits import file_limits
from .jobs import BadLine, job

SHOWN = 10
READ_AS: dict[str, dict[str, str]] = {
    Table.FLAGS: {"mpxn": "Meter Point", "flag": "Flag", "flag_from": "Flag from", "network": "Network Party",
                  "supplier": "Supplier"},
    Table.DEVICES: {"device_id": "Device", "device_type": "Type", "status": "Status", "status_from": "Status from",
                    "mpxn": "Meter Point"},
}  # fmt: skip
"""The columns of rows that a preview shows."""
DATES = {Table.FLAGS: "flag_from", Table.DEVICES: "status_from"}
SPELT = {"mpxn": mpxn_text, "device_id": eui_64_text}


@dataclass(frozen=True)
class Asked:
    """A held file whose headings a person is asked about. `said` is the proposal, `why` what speaks for its guesses.

    `headings` are all columns: place, heading, values, looks_like. `beginning`: the kept file of the first lines.
    """

    job: Job
    said: ColumnMap
    why: dict[str, str]
    headings: list[dict[str, Any]]
    beginning: str
    whole: bool

    @property
    def as_of(self) -> str:
        """The day that was told with the file, YYYY-MM-DD or nothing."""
        return self.job.options.get("as_of") or ""


@dataclass(frozen=True)
class Preview:
    """What would become of the first lines. `problem` is why nothing would, in a sentence.

    `rows` of `lines` would be loaded; `first` of them as they are read, under `titles`. `unknown`: words that mean
    nothing to us.
    """

    problem: str = ""
    lines: int = 0
    rows: int = 0
    rejects: int = 0
    titles: list[str] = field(default_factory=list)
    first: list[list[str | date]] = field(default_factory=list)
    bad_lines: list[BadLine] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    dates: tuple[date | None, date | None] = (None, None)
    networks: list[str] = field(default_factory=list)
    unknown: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    as_of: date | None = None


def asked_headings(*, actor: Actor, job_id: int, kind: str = "") -> Asked | None:
    """The headings of a held job that the actor may tell, or None. `kind`: guess them as those of this kind."""
    page = job(actor=actor, job_id=job_id) if actor.may(Right.LOAD) else None
    if page is None or page.job.state != Job.State.HELD or not page.job.result.get("proposal"):
        return None
    told = page.job.result
    beginning = told["beginning"]["path"]
    said, why = of_toml(told["proposal"]), told["why"]
    if kind and kind != said.kind and kept_files.is_there(beginning):
        said, why = _as_kind(beginning, said, kind)
    return Asked(page.job, said, why, told["headings"], beginning, told["beginning"]["whole"])


def _as_kind(beginning: str, said: ColumnMap, kind: str) -> tuple[ColumnMap, dict[str, str]]:
    with kept_files.at_hand(beginning) as path, store.scratch() as folder, store.connected(folder) as con:
        found = propose(con, take_in(path, folder), kind, folder)
    if not found:
        return said, {}
    other = found[0]
    return ColumnMap(kind, other.said.columns, headings=said.headings, name=said.name), other.why


def preview_headings(*, actor: Actor, asked: Asked, said: ColumnMap, latest: date) -> Preview:
    """What would become of the first lines if the headings meant this. `latest`: the last day that a date can mean."""
    actor.must(Right.LOAD)
    if not kept_files.is_there(asked.beginning):
        return Preview("The first lines of the file are not here any more. Upload the file again.")
    with kept_files.at_hand(asked.beginning) as path, store.scratch() as folder, store.connected(folder) as con:
        try:
            intake = take_in(path, folder, asked.job.options["name"], limits=file_limits())
            reading = begin(con, intake, None, folder, checked(said))
            return _previewed(con, intake, reading, said, latest)
        except BadFile as problem:
            return Preview(str(problem))


def _previewed(
    con: duckdb.DuckDBPyConnection, intake: Intake, reading: Reading, said: ColumnMap, latest: date
) -> Preview:
    rows = reading.rows(lambda share: None, latest)
    con.execute(f"CREATE TEMP TABLE previewed AS {rows.query}")
    lead = "lead_row" if reading.table == Table.DEVICES else "true"
    day, network = DATES[reading.table], "network" if reading.table == Table.FLAGS else "NULL::VARCHAR"
    ((count, first, last, networks),) = con.execute(f"""
        SELECT count(*) FILTER (WHERE {lead}), min({day}), max({day}), list(DISTINCT {network} ORDER BY {network})
        FROM previewed
    """).fetchall()
    rejected = [one for one in rows.rejects() if not one.no_record] if reading.records - rows.repeated - count else []
    bad = [BadLine(one.line, one.reason, one.raw) for one in rejected[:SHOWN]]
    return Preview(
        lines=reading.records,
        rows=count,
        rejects=len(rejected),
        titles=list(READ_AS[reading.table].values()),
        first=list(_first(con, reading.table)),
        bad_lines=bad,
        warnings=[*reading.warnings, *rows.notes()],
        dates=(first, last),
        networks=[network_named(code).name for code in networks or [] if code],
        unknown=unknown_words(con, intake, said),
        as_of=reading.as_of,
    )


def _first(con: duckdb.DuckDBPyConnection, table: str) -> Iterator[list[str | date]]:
    names = READ_AS[table]
    for row in con.execute(f"SELECT {', '.join(names)} FROM previewed LIMIT {SHOWN}").fetchall():
        yield [_shown(name, found) for name, found in zip(names, row, strict=True)]


def _shown(name: str, found: Any) -> str | date:
    if found is None:
        return ""
    if isinstance(found, date):
        return found
    return SPELT[name](found) if name in SPELT else str(found)
