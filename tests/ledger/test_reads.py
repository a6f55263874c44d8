"""Signs of life: what reads and alerts prove of flags and meters, in runs, on a Meter Point's page and in look-ups."""

from datetime import date, datetime, timedelta

import pytest

from reconcile.domain.pasted import read_pasted
from reconcile.domain.vocabulary import mpan_check_digit
from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING
from reconcile.models import Discrepancy

from .market import put, reconcile

pytestmark = pytest.mark.one_database

DAY = date(2025, 6, 2)
LONG_AGO, LATELY = DAY - timedelta(days=400), DAY - timedelta(days=3)
OWN, PROXY, UNSURE, WRONG = ("ESME", "reliable"), ("GPF", "reliable"), ("ESME", "unreliable"), ("ESME", "invalid")
CASES = {
    # flag, status, since, reads (day, source and clock), rules that reads break, can it answer?
    "heard lately": ("A", "Commissioned", LONG_AGO, [(LATELY, OWN)], [], "yes"),
    "heard on the last day of the threshold": (
        "A", "Commissioned", LONG_AGO, [(DAY - timedelta(days=35), OWN)], [], "yes",
    ),
    "heard the day before": (
        "A", "Commissioned", LONG_AGO, [(DAY - timedelta(days=36), OWN)], ["A_SILENT"], "unlikely",
    ),
    "a gas proxy proves nothing": (
        "A", "Commissioned", LONG_AGO, [(LONG_AGO, OWN), (LATELY, PROXY)], ["A_SILENT"], "unlikely",
    ),
    "an unreliable clock proves nothing": (
        "A", "Commissioned", LONG_AGO, [(LATELY, UNSURE), (LATELY, WRONG)], ["A_SILENT"], "unlikely",
    ),
    "nobody read it": ("A", "Commissioned", LONG_AGO, [], [], "yes"),
    "commissioned lately": ("A", "Commissioned", LATELY, [(LATELY, UNSURE)], [], "yes"),
    "silent under another flag": ("I", "Commissioned", LONG_AGO, [(LATELY, UNSURE)], [], "unlikely"),
    "heard after it was removed": ("N", "Decommissioned", LONG_AGO, [(LATELY, OWN)], ["N_HEARD"], "no"),
    "heard before it was removed": ("N", "Decommissioned", LATELY, [(LONG_AGO, OWN)], [], "no"),
    "removed, and only its proxy goes on": ("N", "Withdrawn", LONG_AGO, [(LATELY, PROXY)], [], "no"),
    "heard after it was removed, under A": ("A", "Decommissioned", LONG_AGO, [(LATELY, OWN)], ["N_HEARD"], "no"),
    "heard under N": ("N", "Suspended", LONG_AGO, [(LATELY, OWN)], ["N_HEARD"], "unlikely"),
    "its own alert proves life": ("A", "Commissioned", LONG_AGO, [(LATELY, UNSURE)], [], "yes"),
    "a code that nobody knows is its own alert too": ("A", "Commissioned", LONG_AGO, [(LATELY, UNSURE)], [], "yes"),
    "its own alert on the last day of the threshold": ("A", "Commissioned", LONG_AGO, [(LATELY, UNSURE)], [], "yes"),
    "its own alert the day before": ("A", "Commissioned", LONG_AGO, [(LONG_AGO, OWN)], ["A_SILENT"], "unlikely"),
    "a hub told of its outage": ("A", "Commissioned", LONG_AGO, [(LATELY, UNSURE)], ["A_SILENT"], "unlikely"),
    "the DCC told of its status": ("A", "Commissioned", LONG_AGO, [(LATELY, UNSURE)], ["A_SILENT"], "unlikely"),
    "the DCC spoke of it": ("A", "Commissioned", LONG_AGO, [(LATELY, UNSURE)], ["A_SILENT"], "unlikely"),
    "an alert that names no device": ("A", "Commissioned", LONG_AGO, [(LATELY, UNSURE)], ["A_SILENT"], "unlikely"),
    "an old alert alone accuses nobody": ("A", "Commissioned", LONG_AGO, [], [], "yes"),
    "its own alert after it was removed": ("A", "Decommissioned", LONG_AGO, [], ["N_HEARD"], "no"),
}  # fmt: skip
ALERTED = {
    "its own alert proves life": {"code": "8F36"},
    "a code that nobody knows is its own alert too": {"code": "81A0"},
    "its own alert on the last day of the threshold": {"code": "8F36", "days": 35},
    "its own alert the day before": {"code": "8F36", "days": 36},
    "a hub told of its outage": {"code": "AD1"},
    "the DCC told of its status": {"code": "N16", "change": "RecoveryComplete"},
    "the DCC spoke of it": {"code": "N24"},
    "an alert that names no device": {"code": "8F36", "device_id": None},
    "an old alert alone accuses nobody": {"code": "8002", "days": 60},
    "its own alert after it was removed": {"code": "8F36"},
}
"""Beside the reads: of the last day but two, unless something else is said."""
SIGNS = ("A_SILENT", "N_HEARD")


def mpan(place: int) -> int:
    stem = f"10{place:010}"
    return int(f"{stem}{mpan_check_digit(stem)}")


POINTS = {name: mpan(place) for place, name in enumerate(CASES, 1)}


def device(name: str) -> str:
    return f"00-DB-12-34-56-78-90-{list(CASES).index(name) + 1:02X}"


def read(name: str, day: date, told: tuple[str, str]) -> dict:
    at = datetime(day.year, day.month, day.day, 3, 30)
    return {"device_id": device(name), "read_at": at, "source": told[0], "clock": told[1]}


@pytest.fixture
def market(db: None, lake_dir) -> None:
    flags = [
        {"mpxn": POINTS[name], "flag": flag, "flag_from": LONG_AGO, "network": "10", "supplier": "SUPA"}
        for name, (flag, *_) in CASES.items()
    ]
    meters = [
        {"mpxn": POINTS[name], "device_id": device(name), "device_type": "ESME", "status": status, "status_from": since,
         "role": "import"}
        for name, (_, status, since, *_) in CASES.items()
    ]  # fmt: skip
    put("flags", "full", DAY, flags)
    put("devices", "full", DAY, meters)


def put_reads() -> None:
    """In two files, the later of which came first."""
    rows = [read(name, day, told) for name, (_, _, _, reads, *_) in CASES.items() for day, told in reads]
    put("reads", "delta", DAY, rows[1::2])
    put("reads", "delta", DAY - timedelta(days=1), rows[::2])


def put_alerts() -> None:
    """A file a day, as a desk has them."""
    for name, told in ALERTED.items():
        at = datetime(DAY.year, DAY.month, DAY.day, 7) - timedelta(days=told.get("days", 2))
        facts = {"sent_at": at, "mpxn": POINTS[name], "device_id": device(name), **told}
        put("alerts", "delta", at.date(), [{key: value for key, value in facts.items() if key != "days"}])


def test_what_reads_and_alerts_prove_in_a_run_and_in_a_look_up(market):
    put_reads()
    put_alerts()
    reconcile(DAY)

    found = {name: [] for name in CASES}
    names = {mpxn: name for name, mpxn in POINTS.items()}
    for mpxn, rule in Discrepancy.objects.filter(rule__in=SIGNS).order_by("id").values_list("mpxn", "rule"):
        found[names[mpxn]].append(rule)
    assert found == {name: case[4] for name, case in CASES.items()}

    asked = read_pasted(" ".join(map(str, POINTS.values())))
    answers = queries.look_up(scope=EVERYTHING, pasted=asked).rows
    assert {names[row.mpxn]: row.answer for row in answers} == {name: case[5] for name, case in CASES.items()}
    whys = {names[row.mpxn]: row.why for row in answers}
    assert whys["its own alert proves life"].endswith("was heard lately: 31 May 2025 07:00 UTC by its alert 8F36")
    assert whys["its own alert the day before"].endswith("too long ago: 27 Apr 2025 07:00 UTC by its alert 8F36")
    assert whys["an old alert alone accuses nobody"].endswith(
        "last proof of life: 3 Apr 2025 07:00 UTC by its alert 8002"
    )
    assert whys["heard lately"].endswith("was heard lately: 30 May 2025 03:30 UTC by its own clock")
    by_device = queries.look_up(scope=EVERYTHING, pasted=read_pasted(device("heard the day before"))).rows[0]
    assert (by_device.answer, "too long ago" in by_device.why) == ("unlikely", True)

    point = queries.meter_point(scope=EVERYTHING, mpxn=POINTS["heard the day before"])
    inventory = dict(point.trace.steps)["Inventory"]
    assert "last heard on 27 Apr 2025 at 03:30 UTC, by its own reliable clock" in inventory
    assert point.trace.rules == ["A_SILENT"]
    alerted = queries.meter_point(scope=EVERYTHING, mpxn=POINTS["its own alert proves life"])
    assert "last heard on 31 May 2025 at 07:00 UTC, by its own alert 8F36" in dict(alerted.trace.steps)["Inventory"]
    silent = queries.meter_point(scope=EVERYTHING, mpxn=POINTS["an unreliable clock proves nothing"])
    assert "none proves that it lives" in dict(silent.trace.steps)["Inventory"]


def test_reads_that_came_after_the_run_are_looked_up_and_the_next_run_mends(market):
    name = "heard the day before"
    put_reads()
    reconcile(DAY)
    later = DAY + timedelta(days=1)

    put("reads", "delta", later, [read(name, later, OWN)])

    (row,) = queries.look_up(scope=EVERYTHING, pasted=read_pasted(str(POINTS[name]))).rows
    assert row.answer == "yes" and row.device.last_heard == datetime(2025, 6, 3, 3, 30)
    assert Discrepancy.objects.get(mpxn=POINTS[name], rule="A_SILENT").resolved_on is None
    reconcile(later)
    assert Discrepancy.objects.get(mpxn=POINTS[name], rule="A_SILENT").resolved_on == later


def test_without_reads_nobody_is_silent(market):
    reconcile(DAY)

    assert not Discrepancy.objects.filter(rule__in=SIGNS).exists()
