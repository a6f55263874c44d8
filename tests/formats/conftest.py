"""`load` takes bytes through the whole feeds layer, as a load does, and holds the counts to each other."""

from dataclasses import dataclass

import duckdb
import pytest

from reconcile import feeds
from reconcile.feeds.plain import lines
from reconcile.feeds.sql import spelt_out


@dataclass(frozen=True)
class Loaded:
    """What became of a file: accepted rows as dicts, rejects, and how it was read."""

    rows: list[dict]
    rejects: list[feeds.Reject]
    reading: feeds.Reading
    intake: feeds.Intake

    @property
    def reasons(self):
        return {reject.line: reject.reason for reject in self.rejects}


@pytest.fixture
def con():
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    yield connection
    connection.close()


@pytest.fixture
def load(con, tmp_path):
    def _load(content: bytes | str, name: str = "extract.csv", kind: str | None = None) -> Loaded:
        source = tmp_path / "source"
        source.write_bytes(content.encode() if isinstance(content, str) else content)
        return load_file(con, source, tmp_path, name, kind)

    return _load


def load_file(con, source, workdir, name="extract.csv", kind=None) -> Loaded:
    """Read a file by SQL alone, and in the quicker way if it has one; both must find the same."""
    intake = feeds.take_in(source, workdir, name)
    reading = feeds.read(con, intake, kind, workdir)
    loaded = _loaded(con, intake, reading)
    if reading.quicker:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(lines, "LEAST_PLAIN", 0)
            quicker = _loaded(con, intake, reading.quicker(lambda share: None))
        assert quicker.reading.aside, "the quicker way was not taken"
        assert sorted(map(repr, quicker.rows)) == sorted(map(repr, loaded.rows))
        assert quicker.rejects == loaded.rejects
    return loaded


def _loaded(con, intake, reading) -> Loaded:
    result = con.execute(f"SELECT * FROM ({spelt_out(reading.rows, reading.words)})")
    names = [column[0] for column in result.description]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    accepted = sum(row.get("lead_row", True) for row in rows)
    rejects = list(feeds.locate_rejects(con, intake, reading))
    assert feeds.count_rejects(intake, reading, accepted) == len(rejects)
    assert [reject.line for reject in rejects] == sorted({reject.line for reject in rejects})
    return Loaded(rows, rejects, reading, intake)
