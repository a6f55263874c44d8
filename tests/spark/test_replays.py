"""A replay whose days are Spark's: the files that DuckDB writes, byte for byte, and killed and cancelled as with it."""

import pytest

from tests import replays

DAYS = 3
PATIENCE = 900
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_replay_on_spark_is_killed_resumed_and_cancelled_and_answers_as_duckdb_does(tmp_path, start_worker, spark):
    first = replays.loaded(tmp_path, 2_000)
    in_duckdb = replays.alone(first, DAYS)

    def start(**more):
        return start_worker(ENGINE_URL=spark, **more)

    on_spark = replays.killed_half_way(first, DAYS, start, workers=1, after=1, patience=PATIENCE)

    assert on_spark == in_duckdb
    replays.cancelled_half_way(first, DAYS, after=1, patience=PATIENCE)
