"""How late flags follow their meters, and how they stood through the runs by any policy."""

from collections import Counter
from datetime import date, timedelta

import pytest

from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING, Scope
from reconcile.ledger.queries import Late
from reconcile.models import Party, Run

from .market import put, reconcile

DAY = date(2025, 3, 31)
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


# flag, its day, the meter's status, its day; days, followed (None: nothing is said of it)
POINTS = (
    ("A", ago(10), "Commissioned", ago(10), (0, True)),
    ("A", ago(7), "Commissioned", ago(10), (3, True)),
    ("N", ago(8), "Decommissioned", ago(20), (12, True)),
    ("A", ago(300), "Decommissioned", ago(20), (20, False)),
    (None, None, "Commissioned", ago(2), (2, False)),
    ("A", ago(300), "Suspended", ago(10), None),
    ("A", ago(10), "Commissioned", ago(300), None),
    ("A", ago(9), "Commissioned", None, None),
    ("A", None, "Commissioned", ago(10), None),
    ("A", ago(300), "Commissioned", ago(10), None),
)


def play(day: date = DAY, points=POINTS) -> dict[int, tuple]:
    numbered = {1000000000000 + place: one for place, one in enumerate(points, 1)}
    put("flags", "full", day, [
        {"mpxn": mpxn, "flag": flag, "flag_from": since, "network": "10", "supplier": "OURS" if mpxn % 2 else "RIVL"}
        for mpxn, (flag, since, *_) in numbered.items()
    ])  # fmt: skip
    put("devices", "full", day, [
        {"device_id": f"{mpxn:016x}", "device_type": "ESME", "status": status, "status_from": since, "mpxn": mpxn,
         "role": "import"}
        for mpxn, (_, _, status, since, _) in numbered.items()
    ])  # fmt: skip
    reconcile(day)
    return numbered


def late_now(**asked) -> Late:
    return queries.late_now(run=Run.objects.latest("pk"), **asked)


def late_of(points) -> Late:
    said = [one[-1] for one in points if one[-1]]
    return Late(*(Counter(days for days, followed in said if followed == kind) for kind in (True, False)))


def test_days_are_from_the_meters_change_to_the_flags():
    numbered = play()
    ours = Scope(suppliers=frozenset({Party.objects.get(code="OURS").pk}))

    late = late_now(scope=EVERYTHING)

    assert late == late_of(POINTS)
    assert (late.changes, late.waits, late.median, late.due) == (5, 2, 3, 4)
    assert late.in_time == 50
    assert [row for row in late.distribution if row[1] or row[2]] == [
        ("the same day", 1, 0), ("1 or 2 days", 0, 1), ("3 to 5 days", 1, 0), ("11 to 20 days", 1, 1),
    ]  # fmt: skip
    assert late_now(scope=ours) == late_of([one for mpxn, one in numbered.items() if mpxn % 2])
    assert late_now(scope=EVERYTHING, supplier="RIVL").changes == 2
    assert late_now(scope=Scope()) == Late()


def test_flags_stand_by_any_policy_through_the_runs():
    play(ago(7), POINTS[:1])
    play()

    by_code = queries.party_replay(scope=EVERYTHING)
    by_before = queries.party_replay(scope=EVERYTHING, policy="before")

    assert [one.run.as_of for one in by_code.runs] == [DAY, ago(7)]
    assert [(one.right, one.wrong, one.open) for one in by_code.runs] == [(7, 2, 1), (1, 0, 0)]
    assert [(one.right, one.wrong, one.open) for one in by_before.runs] == [(7, 2, 1), (1, 0, 0)]
    assert {code: late.changes for code, late in by_code.by["supplier"].items()} == {"OURS": 3, "RIVL": 2}
    assert sum(late.changes for late in by_code.by["network"].values()) == by_code.late.changes


@pytest.mark.a_folder
def test_what_no_run_counted_is_not_there(settings):
    play(points=POINTS[:1])
    for path in (settings.LAKE_DIR / "runs").rglob("lateness.parquet"):
        path.write_bytes(b"damaged")
    assert late_now(scope=EVERYTHING) == Late()

    path.unlink()

    assert queries.party_replay(scope=EVERYTHING).runs == []
    assert (Late().median, Late().in_time) == (None, None)
