"""A replay whose days a cluster judges: killed and resumed, cancelled, and the same answer as DuckDB's."""

import pytest

from tests import machine, replays

DAYS = 2


@pytest.fixture
def nothing_left(empty_machine):
    """The test begins with an empty machine."""


@pytest.mark.usefixtures("nothing_left")
def test_a_replay_on_a_cluster_is_killed_resumed_and_cancelled_and_answers_as_duckdb_does(
    spark, tmp_path, start_worker, monkeypatch
):
    # A cluster on the same machine lets a worker be silent for longer than others do.
    monkeypatch.setattr(machine, "LOST_AFTER_SECONDS", 15)
    first = replays.loaded(tmp_path, 2_000)
    alone = replays.alone(first, DAYS)

    def start(**more):
        return start_worker(**{**more, "processes": 1, "ENGINE_URL": spark})

    shared = replays.killed_half_way(first, DAYS, start, workers=1, after=1, patience=900)

    assert shared == alone
    replays.cancelled_half_way(first, DAYS, after=1, patience=900)
