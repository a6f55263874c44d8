"""What a run leaves of its findings says of each Meter Point what the files of the whole market say."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from django.conf import settings as product
from hypothesis import given, note
from hypothesis import settings as hypothesis_settings
from pyarrow import parquet

from reconcile.domain.mp077 import MP077
from reconcile.domain.tables import Table
from reconcile.lake import found, point, store
from reconcile.lake.point import PointRows, judge_point
from reconcile.lake.told import told_by
from reconcile.lake.trace import Standing, trace
from reconcile.ledger import evidence, queries
from reconcile.ledger.access import EVERYTHING
from reconcile.ledger.inputs import of_run
from reconcile.ledger.queries import behind as sources_behind
from reconcile.ledger.queries.behind import Behind
from reconcile.ledger.queries.points import standing_at
from reconcile.ledger.queries.sources import said_by_run
from reconcile.models import Discrepancy, Extract, Run

from .market import MPANS, RANDOM, markets, put, put_day, reconcile
from .test_against_oracle import clear

DAY = date(2025, 3, 3)
FLAGGED, FINE = MPANS[:2]
FILES = (found.FLAGS, found.DEVICES)


@pytest.fixture(autouse=True)
def however_small(monkeypatch):
    monkeypatch.setattr(evidence, "LARGE", 0)


def points_found(run: Run) -> set[int]:
    return set(Discrepancy.objects.filter(resolved_on=None, last_seen=None).values_list("mpxn", flat=True))


def left_and_read(run: Run) -> Iterator[tuple[int, tuple[PointRows, PointRows]]]:
    """Each point that the run found, with what is said of it by what the run left, and by the files that it read."""
    made_of = Behind(run, of_run(run))
    assert made_of.left is not None
    for mpxn in points_found(run):
        asked = (made_of.selection.inputs, MP077, mpxn)
        yield mpxn, (judge_point(*asked, made_of.left), judge_point(*asked))


@pytest.mark.one_database
@pytest.mark.django_db(transaction=True)
@hypothesis_settings(RANDOM, max_examples=5)
@given(market=markets())
def test_what_a_run_left_judges_a_point_as_the_whole_market_does(market):
    clear()
    for day in market:
        put_day(day)
        note(f"{day.as_of}")
        run = reconcile(day.as_of)

        for mpxn, (left, read) in left_and_read(run):
            assert left == read, mpxn
        flags = {one.pk: store.kept(one, store.ROWS) for one in Extract.objects.filter(table=Table.FLAGS)}
        made_of = Behind(run, of_run(run))
        for mpxn in points_found(run):
            traced = trace(made_of.selection.inputs, MP077, mpxn, standing_at(mpxn), made_of.left)
            said, told = said_by_run(made_of, traced), told_by(flags, mpxn)
            assert said == {file: told.get(file) for file in said}, mpxn


@pytest.fixture
def market(db):
    """A flag A where the meter has gone, and a point at which nothing is wrong."""
    put("flags", "full", DAY, [{"mpxn": FLAGGED, "flag": "A", "flag_from": DAY, "network": "10"}])
    put("flags", "full", DAY, [{"mpxn": FINE, "flag": "A", "flag_from": DAY, "network": "11"}])
    meter = {"device_type": "ESME", "status_from": DAY - timedelta(days=90), "role": "import"}
    gone = {**meter, "device_id": "1", "status": "Decommissioned", "mpxn": FLAGGED}
    put("devices", "full", DAY, [gone, {**meter, "device_id": "2", "status": "Commissioned", "mpxn": FINE}])


def explained(mpxn: int) -> dict | None:
    return queries.explained(scope=EVERYTHING, mpxn=mpxn)


def test_a_point_with_a_finding_is_read_out_of_what_the_run_left(market, monkeypatch):
    run = reconcile(DAY)
    assert points_found(run) == {FLAGGED}
    was = explained(FLAGGED)

    monkeypatch.setattr(point, "shadowed", lambda *_: {})
    point.judge_point.cache_clear()

    assert explained(FLAGGED) == was
    assert [one["flag"] for one in was["sources"] if "flag" in one] == ["A"]


def test_a_point_that_the_run_did_not_find_is_read_out_of_its_files_whatever_is_believed_of_it(market):
    """A run that is published meanwhile may have found it."""
    made_of = Behind(run := reconcile(DAY), of_run(run))
    found_later = Standing(rules=("A_REMOVED",))

    read = trace(made_of.selection.inputs, MP077, FINE, found_later)
    left = trace(made_of.selection.inputs, MP077, FINE, found_later, made_of.left)

    assert read is not None and left == read


def test_without_what_the_run_left_its_files_are_read(market):
    run = reconcile(DAY)
    was = explained(FLAGGED)
    for file in FILES:
        (product.LAKE_DIR / run.snapshot / file).unlink()
    point.judge_point.cache_clear()
    sources_behind._behind.cache_clear()

    assert evidence.kept(run) is None
    assert explained(FLAGGED) == was


def test_what_an_earlier_version_left_is_not_read(market):
    run = reconcile(DAY)
    path = product.LAKE_DIR / run.snapshot / found.FLAGS
    parquet.write_table(parquet.read_table(path).drop_columns(["supplier"]), path)

    assert evidence.kept(run) is None


def test_a_run_that_stands_already_is_given_it_when_it_is_asked_for_again(market, monkeypatch):
    monkeypatch.setattr(evidence, "LARGE", 5_000_000)
    run = reconcile(DAY)
    assert not set(FILES) & set(run.checksums)
    monkeypatch.setattr(evidence, "LARGE", 0)

    assert reconcile(DAY).pk == run.pk
    assert set(FILES) <= set(Run.objects.get(pk=run.pk).checksums)


def test_what_alerts_tell_of_a_device_is_in_what_the_run_left(market, settings):
    settings.ALERTS_UPDATE_DEVICES = True
    sent = {"sent_at": datetime(2025, 3, 3, 9), "code": "N2", "change": "MeterDecommissioningOrWithdrawal"}
    put("alerts", "delta", DAY, [{**sent, "mpxn": FINE, "device_id": "2"}])

    said = dict(left_and_read(reconcile(DAY)))

    assert set(said) == {FLAGGED, FINE} and all(left == read for left, read in said.values())
    assert [one["status"] for one in said[FINE][0].devices] == ["Decommissioned"]
