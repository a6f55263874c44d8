"""A thread of the web keeps its connection to SQLite, and lets go of one to a file that is it no more."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import DatabaseError, connections
from django.db.utils import ConnectionHandler

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.sqlite3"
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE kept (name TEXT)")
        made.execute("INSERT INTO kept VALUES ('first')")
    made.close()
    return path


@pytest.fixture
def connection(file: Path) -> Iterator:
    """The connection of a thread of the web."""
    usual = connections["default"].settings_dict
    own = {"ENGINE": "dccflags.kept_sqlite3", "NAME": str(file), "CONN_MAX_AGE": None, "OPTIONS": {}, "TEST": {}}
    handler = ConnectionHandler({"default": {**usual, **own}})
    yield handler["default"]
    handler["default"].close()


def asked(connection) -> list[str]:
    """What a request reads, from its beginning to its end."""
    connection.close_if_unusable_or_obsolete()
    try:
        with connection.cursor() as cursor:
            return [name for (name,) in cursor.execute("SELECT name FROM kept").fetchall()]
    finally:
        connection.close_if_unusable_or_obsolete()


def test_a_connection_serves_one_request_after_another(connection):
    assert asked(connection) == ["first"]
    kept = connection.connection

    assert asked(connection) == ["first"]
    assert kept is not None and connection.connection is kept


def test_it_sees_what_others_write(connection, file):
    asked(connection)
    with sqlite3.connect(file) as other:
        other.execute("INSERT INTO kept VALUES ('second')")
    other.close()

    assert asked(connection) == ["first", "second"]


def test_a_file_in_its_place_is_read_anew(connection, file):
    asked(connection)
    other = file.with_name("other")
    with sqlite3.connect(other) as made:
        made.execute("CREATE TABLE kept (name TEXT)")
    made.close()
    other.rename(file)

    assert asked(connection) == []


def test_one_to_a_file_that_holds_nothing_is_not_kept(connection, file):
    aside = file.rename(file.with_name("aside"))

    with pytest.raises(DatabaseError):
        asked(connection)
    assert connection.connection is None
    aside.rename(file)
    assert asked(connection) == ["first"]


def test_one_that_failed_is_not_kept(connection):
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SELECT name FROM nothing")
    connection.close_if_unusable_or_obsolete()

    assert connection.connection is None
