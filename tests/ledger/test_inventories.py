"""What an inventory cannot prove becomes no mismatch: contradictions, placeholders, answers that failed."""

import json
from datetime import date

import pytest
from django.conf import settings
from django.utils import timezone

from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE
from reconcile.models import Discrepancy, Job

from .market import reconcile

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]

POINTS = (1012345678903, 1012345678912, 1012345678921, 1012345678930)
HEAD = "DeviceID,DeviceType,DeviceStatus,StatusDate,DateCommissioned,ImportMPxN\n"
OTHERS = "".join(
    f"00-DB-12-34-56-78-90-{place:02X},ESME,Commissioned,2021-06-01,,{point}\n"
    for place, point in enumerate(POINTS[1:])
)
ID = "00-DB-12-34-56-78-90-A0"


def load(text: str, name: str) -> Job:
    path = settings.VAR_DIR / "incoming" / f"{timezone.now().timestamp()}-{name}"
    path.write_text(text)
    job = operations.start_load(actor=MACHINE, path=path, name=name, now=timezone.now())
    operations.perform(actor=MACHINE, job_id=job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.result
    return job


def found(inventory: str, name: str, flag: str = "A") -> list[tuple[int, str]]:
    """The discrepancies of a registration in which only the first point has this flag, the others A."""
    flags = "".join(f"{point},{flag if point == POINTS[0] else 'A'},2021-06-02\n" for point in POINTS)
    load("mpan_core,dcc_service_flag,dcc_service_flag_efd\n" + flags, "registration_2026-11-14.csv")
    load(inventory, name)
    reconcile(date(2026, 11, 15))
    return list(Discrepancy.objects.order_by("mpxn").values_list("mpxn", "rule"))


def meter(status: str, day: str = "2026-01-01", identity: str = ID) -> str:
    return f"{identity},ESME,{status},{day},,{POINTS[0]}\n"


@pytest.mark.parametrize("flag", "AN")
@pytest.mark.parametrize("statuses", [("Commissioned", "Decommissioned"), ("Decommissioned", "Commissioned")])
def test_lines_that_contradict_each_other_accuse_nobody(statuses, flag):
    lines = "".join(map(meter, statuses))
    assert found(HEAD + OTHERS + lines, "smi_2026-11-15.csv", flag) == []


def test_a_meter_that_stands_twice_is_one_meter():
    assert found(HEAD + OTHERS + meter("Commissioned") * 2, "smi_2026-11-15.csv") == []


def test_the_newest_line_of_a_meter_counts():
    lines = meter("Commissioned", "2021-06-01") + meter("Decommissioned", "2026-10-01")
    assert found(HEAD + OTHERS + lines, "smi_2026-11-15.csv") == [(POINTS[0], "A_REMOVED")]


@pytest.mark.parametrize("twice", [ID.lower(), ID.replace("-", ""), ID.lower().replace("-", ":")])
def test_one_meter_is_one_however_its_identifier_is_written_and_whatever_names_its_point(twice):
    """As import and as export of one point, and twice; so the point has one live meter, and one is counted."""
    lines = (f"{one},ESME,InstalledNotCommissioned,2026-01-01,,{POINTS[0]},{POINTS[0]}\n" for one in (ID, twice))
    heading = HEAD.replace("ImportMPxN", "ImportMPxN,ExportMPAN")
    others = OTHERS.replace("\n", ",\n")

    assert found(heading + others + "".join(lines), "smi_2026-11-15.csv") == [(POINTS[0], "A_NOT_COMMISSIONED")]
    assert Discrepancy.objects.get().meters == 1


@pytest.mark.parametrize("flag", "AN")
def test_a_meter_without_identity_accuses_nobody_of_having_none(flag):
    lines = meter("Commissioned", identity="-".join(["00"] * 8))
    assert found(HEAD + OTHERS + lines, "smi_2026-11-15.csv", flag) == []


def test_a_point_that_the_inventory_did_not_answer_for_is_not_without_a_meter():
    devices = [
        {"deviceId": f"00-DB-12-34-56-78-90-{place:02X}", "deviceType": "ESME", "deviceStatus": "COMMISSIONED"}
        | {"importMpxn": str(point)}
        for place, point in enumerate(POINTS[1:])
    ]
    properties = [{"mpxn": str(POINTS[0]), "status": 500}, {"mpxn": "1", "status": 200, "devices": devices}]
    assert found(json.dumps(properties), "inventory_2026-11-15.json") == []
