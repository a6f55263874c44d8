"""What stands beside a file is asked for all of its networks at once, however many there are."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reconcile.domain.tables import Table
from reconcile.lake.snapshots import NetworkRows
from reconcile.ledger import watching
from reconcile.models import Extract, ExtractNetwork, Party

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
DAYS = [date(2026, 11, day) for day in (6, 13)]
SHOWS = watching.Shows("full", date(2026, 11, 20), date(2026, 11, 20))
READING = SimpleNamespace(kind="registration", table=Table.FLAGS, records=3000, trailer=None)


def loaded_before(networks: int) -> SimpleNamespace:
    """A snapshot of so many networks, each of which has been loaded twice; gives it with its rows."""
    codes = [f"N{number}" for number in range(networks)]
    parties = [Party.objects.create(kind="network", code=code, name=code) for code in codes]
    for number, day in enumerate(DAYS):
        extract = Extract.objects.create(
            name=f"{day}.csv", kind="registration", table=Table.FLAGS, coverage="full", as_of=day, loaded_at=NOW,
            rows=networks * 10, rejects=0, size=1, sha256=f"{day}", snapshot=f"flags/{day}",
        )  # fmt: skip
        for party in parties:
            ExtractNetwork.objects.create(extract=extract, network=party, points=10 + number, active=5)
    return SimpleNamespace(networks=[NetworkRows(code, 12, 6) for code in codes], lines=networks * 12)


def questions(networks: int) -> list[int]:
    snapshot, asked = loaded_before(networks), []
    for ask in (
        lambda: watching.guards_of(READING, snapshot, 0, SHOWS),
        lambda: watching.beside(READING, snapshot, 0, SHOWS),
        lambda: watching.would(READING, snapshot, 0, SHOWS),
    ):
        with CaptureQueriesContext(connection) as seen:
            ask()
        asked.append(len(seen))
    return asked


@pytest.mark.parametrize("networks", [3, 30])
def test_there_is_one_question_each(networks: int):
    assert questions(networks) == [1, 1, 1]


def test_it_is_the_newest_of_each_network_that_counts():
    found = watching.beside(READING, loaded_before(3), 0, SHOWS)

    assert [one["last"]["name"] for one in found] == ["2026-11-13.csv"] * 3
    assert [one["figures"][0]["before"] for one in found] == [11] * 3
