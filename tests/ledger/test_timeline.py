"""The timeline and the sources of a Meter Point: every file that tells of it, though it names no network."""

from datetime import date

import pytest

from reconcile.domain.tables import Table
from reconcile.domain.timeline import Lane
from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING

from .market import put, reconcile

pytestmark = pytest.mark.django_db
FIRST, DAY = date(2025, 3, 3), date(2025, 3, 10)
POINT = 7370000009
FLAG = {"mpxn": POINT, "flag": "A", "flag_from": date(2021, 1, 1), "network": "WM"}
METER = {"device_id": "00-DB-12-34-56-78-90-A0", "device_type": "GSME", "status": "Commissioned", "mpxn": POINT}


def test_an_update_that_names_no_network_is_a_source_and_ends_the_flag_before():
    put(Table.FLAGS, "full", FIRST, [FLAG])
    put(Table.DEVICES, "full", FIRST, [METER])
    reconcile(FIRST)
    update = put(Table.FLAGS, "delta", DAY, [FLAG | {"flag": "N", "flag_from": date(2025, 3, 9)}])
    update.networks.all().delete()
    put(Table.DEVICES, "full", DAY, [METER])
    reconcile(DAY)

    point = queries.meter_point(scope=EVERYTHING, mpxn=POINT)

    assert [(one.extract.table, one.extract.as_of, one.told and one.told.flag) for one in point.sources] == [
        ("flags", FIRST, "A"),
        ("devices", FIRST, None),
        ("flags", DAY, "N"),
        ("devices", DAY, None),
    ]
    flags = [(one.value, one.since, one.until) for one in point.of_lane(Lane.FLAG)]
    assert flags == [("A", date(2021, 1, 1), date(2025, 3, 9)), ("N", date(2025, 3, 9), None)]
    assert [(one.of, one.value) for one in point.of_lane(Lane.FINDING)] == [("N_COMMISSIONED", "new")]
