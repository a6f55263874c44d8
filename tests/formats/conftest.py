"""`load` takes bytes through the whole feeds layer, as a load does, and holds the counts to each other."""

from dataclasses import dataclass
from datetime import date

import duckdb
import pytest

from reconcile import feeds
from reconcile.feeds.faults import OTHER
from reconcile.feeds.plain import lines


@dataclass(frozen=True)
class Loaded:
    """What became of a file: accepted rows as dicts, rejects, and what the file says of itself."""

    rows: list[dict]
    rejects: list[feeds.Reject]
    reading: feeds.Reading
    intake: feeds.Intake
    history: list[tuple]
    notes: list[str]
    warnings: list[str]
    doubtful: frozenset[int]
    kept_without: feeds.KeptWithout | None
    passed_over: list[int]

    @property
    def reasons(self):
        return {reject.line: reject.reason for reject in self.rejects}


@pytest.fixture(scope="session")
def engine():
    """One DuckDB for all tests: to start it takes longer than to read many a file."""
    with duckdb.connect() as started:
        started.execute("SET threads = 2")
        yield started


@pytest.fixture
def con(engine):
    """A connection that finds nothing of the test before: its temporary tables end with it, the others are dropped."""
    connection = engine.cursor()
    yield connection
    connection.close()
    for (name,) in engine.execute("SELECT table_name FROM duckdb_tables()").fetchall():
        engine.execute(f"DROP TABLE {name}")


@pytest.fixture
def load(con, tmp_path):
    def _load(
        content: bytes | str, name: str = "extract.csv", kind: str | None = None, *, dropped: bool = False
    ) -> Loaded:
        source = tmp_path / "source"
        source.write_bytes(content.encode() if isinstance(content, str) else content)
        return load_file(con, source, tmp_path, name, kind, dropped=dropped)

    return _load


def load_file(con, source, workdir, name="extract.csv", kind=None, *, dropped=True) -> Loaded:
    """Read a file by SQL alone, and by its plain lines where its format has such; both must find the same.

    `dropped`: ask for the values that were dropped too, which takes as long as a third of all else.
    """
    intake = feeds.take_in(source, workdir, name)
    reading = feeds.begin(con, intake, kind, workdir)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lines, "LEAST_PLAIN", NEVER)
        loaded = _loaded(con, intake, reading, dropped)
        if reading.kind not in TABLES:
            return loaded
        patched.setattr(lines, "LEAST_PLAIN", 0)
        again = _loaded(con, intake, reading, dropped)
    assert sorted(map(repr, again.rows)) == sorted(map(repr, loaded.rows))
    assert (again.rejects, again.warnings, again.doubtful) == (loaded.rejects, loaded.warnings, loaded.doubtful)
    return loaded


TABLES = ("registration", "smi")
LATEST = date(2100, 1, 1)
NEVER = 2
"""No share of lines is that large."""


def is_quick(rows: feeds.Rows) -> bool:
    """Whether the plain lines were read apart from the others."""
    return lines.KEPT in rows.query


def _loaded(con, intake, reading, dropped) -> Loaded:
    rows = reading.rows(lambda share: None, LATEST)
    if reading.kind in TABLES:
        assert is_quick(rows) == (lines.LEAST_PLAIN == 0)
    result = con.execute(rows.query)
    names = [column[0] for column in result.description]
    found = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    accepted = sum(row.get("lead_row", True) for row in found)
    # As a load does: where the counts say that there are none, nobody looks for them.
    left_out = list(rows.rejects()) if reading.records - rows.repeated - accepted else []
    rejects = [reject for reject in left_out if not reject.no_record]
    assert OTHER not in {feeds.fault_of(reject.reason) for reject in rejects}
    assert reading.records - rows.repeated - accepted == len(left_out)
    assert [reject.line for reject in rejects] == sorted({reject.line for reject in rejects})
    history = sorted(con.execute(rows.history).fetchall(), key=repr) if rows.history else []
    notes = rows.notes()
    warnings = [*reading.warnings, *notes]
    passed_over = [reject.line for reject in left_out if reject.no_record]
    kept_without = rows.kept_without() if dropped else None
    return Loaded(found, rejects, reading, intake, history, notes, warnings, rows.doubtful, kept_without, passed_over)
