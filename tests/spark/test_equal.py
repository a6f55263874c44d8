"""Whatever DuckDB finds, Spark finds: every table of a Judgement and the counts of a market, row by row."""

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from reconcile.domain.mp077 import MP077
from reconcile.lake import engine, engines, store
from reconcile.lake.contract import SCHEMAS
from reconcile.ledger.inputs import select
from reconcile.models import Discrepancy
from tests.ledger.market import markets, put_day, reconcile
from tests.ledger.test_against_oracle import clear
from tests.ledger.test_sample_market import days_of, loaded

pytestmark = pytest.mark.django_db(transaction=True)


def found(one: engines.Engine, day) -> dict[str, list[str]]:
    """Everything that an engine says of a day, in an order of its own."""
    inputs = select(day).inputs
    known = pa.table({"id": pa.array(sorted(Discrepancy.objects.values_list("pk", flat=True)), pa.int64())})
    with store.scratch() as folder:
        judged = one.judge_market(inputs, MP077, open_before=known, workdir=folder)
    with store.scratch() as folder:
        kinds, places = one.count_market(inputs, MP077, workdir=folder)
    tables = {**{name: getattr(judged, name) for name in SCHEMAS}, "kinds": kinds, "places": places}
    rows = {name: sorted(map(str, table.to_pylist())) for name, table in tables.items()}
    return {**rows, "meters": [str(judged.meters)], "updates": sorted(map(str, judged.network_updates))}


def same(day, settings, spark: str) -> dict[str, list[str]]:
    """What both find; fails where they differ."""
    expected = found(engine, day)
    settings.ENGINE_URL = spark
    assert found(engines.chosen(), day) == expected
    settings.ENGINE_URL = ""
    return expected


def test_the_sample_market_with_and_without_updates_and_with_the_rows_sent(spark, tmp_path, lake_dir, settings):
    days = days_of(tmp_path / "market", "--meter-points", "4000", "--days", "3", "--seed", "7")
    loaded(days[0])
    first = date.fromisoformat(days[0].name)
    reconcile(first)

    whole = same(first, settings, spark)

    assert whole["findings"] and whole["lateness"] and whole["kinds"] and whole["places"]
    for day in days[1:]:
        loaded(day)
    settings.ALERTS_UPDATE_DEVICES = True
    last = select(date.fromisoformat(days[-1].name)).inputs
    assert last.flag_updates and last.inventory_updates and last.reads and last.dsp_statuses and last.changes_until
    updated = same(last.as_of, settings, spark)
    assert updated["covered"] and updated["updates"]
    settings.ENGINE_LAKE_URL = "send"
    assert same(last.as_of, settings, spark) == updated


@hypothesis_settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(market=markets(days=2))
def test_a_random_market(spark, settings, market):
    clear()
    for day in market:
        put_day(day)
    reconcile(market[0].as_of)

    assert same(market[1].as_of, settings, spark)["updates"] is not None
