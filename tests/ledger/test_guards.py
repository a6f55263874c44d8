"""Guards: what holds a load or a run, and that an approval is a ceiling."""

import pytest

from reconcile.ledger import guards
from reconcile.ledger.guards import Approval, Held


@pytest.mark.parametrize(
    "guard, held",
    [
        (guards.trailer(10, 10), False),
        (guards.trailer(11, 10), True),
        (guards.nameless(0, 1_000_000), False),
        (guards.nameless(1, 100_000), False),
        (guards.nameless(1, 100_001), True),
        (guards.columns_lost({}), False),
        (guards.columns_lost({"ExportMPAN": "Export"}), True),
        (guards.rejects(100, 1_000), False),
        (guards.rejects(101, 1_000), True),
        (guards.rejects(500, 10_000), False),
        (guards.rejects(501, 10_000), True),
        (guards.rows_changed("N", 0, 50_000, "10"), False),
        (guards.rows_changed("N", 3_000, 2_000, "10"), False),
        (guards.rows_changed("N", 3_000, 1_999, "10"), True),
        (guards.rows_changed("N", 10_000, 12_000, "10"), False),
        (guards.rows_changed("N", 10_000, 12_001, "10"), True),
        (guards.active_without_meter(200, 100), False),
        (guards.active_without_meter(1_000, 500), False),
        (guards.active_without_meter(1_000, 499), True),
        (guards.active_without_meter(0, 0), False),
        (guards.risen(1_000, 1_500), False),
        (guards.risen(1_000, 1_501), True),
        (guards.risen(20, 120), False),
        (guards.risen(20, 121), True),
        (guards.risen(205, 1_274), True),
        (guards.risen(1_274, 205), False),
        (guards.moved(60, 40, 200), False),
        (guards.moved(100, 100, 1_000), False),
        (guards.moved(101, 100, 1_000), True),
    ],
)
def test_a_guard_trips_past_its_share_and_its_count(guard, held):
    assert (guard is not None) is held


def test_a_guard_that_trips_holds():
    with pytest.raises(Held) as held:
        guards.hold([None, guards.trailer(12, 10)], Approval())

    assert held.value.guards[0].figure == 2


@pytest.mark.parametrize("ceiling, passes", [(1, False), (2, True), (3, True)])
def test_an_approval_is_a_ceiling(ceiling, passes):
    tripped = [guards.trailer(12, 10)]
    approval = Approval(ceilings={"trailer": ceiling})

    if passes:
        assert guards.hold(tripped, approval) == tripped
    else:
        with pytest.raises(Held):
            guards.hold(tripped, approval)


def test_an_approval_of_one_guard_does_not_pass_another():
    with pytest.raises(Held):
        guards.hold([guards.trailer(12, 10), guards.rejects(600, 10_000)], Approval(ceilings={"trailer": 2}))
