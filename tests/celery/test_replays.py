"""A replay that several processes share: killed and resumed, cancelled, and the same answer as from one alone."""

import pytest
from django.conf import settings

from tests import replays

DAYS = 12


@pytest.mark.timeout(900)
@pytest.mark.parametrize("workers", [1, 3])
def test_a_replay_that_is_killed_goes_on_with_another_worker_and_answers_as_one_alone_does(
    tmp_path, start_worker, workers
):
    first = replays.loaded(tmp_path, 6_000)
    alone = replays.alone(first, DAYS)

    shared = replays.killed_half_way(first, DAYS, start_worker, workers=workers, after=2)

    assert shared == alone
    logs = "".join(log.read_text() for log in settings.VAR_DIR.glob("worker*.log"))
    assert "beside whoever has it" in logs, "nobody helped"
    replays.cancelled_half_way(first, DAYS, after=2)
