"""A market that stands in the database from one test to the next: its rows are written once, not once for each test.

In: how its rows are written. Out: a copy of what that gave. Called by tests/conftest.py before each test, and by the
fixture that the tests ask for.
"""

import copy
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import pytest
from django.db import transaction


class Standing:
    """One transaction around the tests of the market, each of which is rolled back within it.

    It is down for every test that did not ask for it, and for those that commit.
    """

    def __init__(self, fixture: str) -> None:
        self.fixture = fixture
        self._write: Callable[[], Any] | None = None
        self._may_ask: Callable[[], AbstractContextManager] | None = None
        self._up = ExitStack()
        self._written: Any = None

    def keep(self, write: Callable[[], Any], may_ask: Callable[[], AbstractContextManager]) -> None:
        """How the market is written, and what lets this be done outside of a test."""
        self._write, self._may_ask = write, may_ask

    def before(self, item: pytest.Item) -> None:
        """Up or down, as the test is of the market or not."""
        wanted = self.fixture in getattr(item, "fixturenames", ()) and not _commits(item)
        if not wanted:
            self.down()
        elif self._written is None and self._write:
            with self._may_ask():
                self._up.enter_context(transaction.atomic())
                self._up.callback(transaction.set_rollback, True)
                self._written = self._write()

    def down(self) -> None:
        """The database is as it was."""
        if self._written is not None:
            self._written = None
            with self._may_ask():
                self._up.close()

    def given(self) -> Any:
        """What writing gave, of the test's own: written now in the first test of all, and in one that commits."""
        return self._write() if self._written is None else copy.deepcopy(self._written)


def _commits(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction")) or "transactional_db" in item.fixturenames


MARKET = Standing("cast")
