"""A small market with every case of what can and cannot be sent, judged once for all tests of a file."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User

from reconcile.domain.vocabulary import mpan_check_digit
from reconcile.ledger.actors import Actor, actor_for
from reconcile.models import Membership, Party
from tests.ledger.market import put, reconcile

DAY = date(2025, 6, 2)
NOW = datetime(2025, 6, 3, 4, 30, 15, 999, tzinfo=UTC)
OLD = date(2024, 1, 1)


def mpan(place: int, network: str = "10") -> int:
    stem = f"{network}{place:010}"
    return int(f"{stem}{mpan_check_digit(stem)}")


CASES = {
    # name -> Meter Point, flag, status, flag from, supplier, its standing in registration
    "gone": (mpan(1), "A", "Decommissioned", OLD, "SUPA", None),
    "live": (mpan(2), None, "Commissioned", None, "SUPA", None),
    "rival": (mpan(3), "A", "Decommissioned", OLD, "SUPB", None),
    "installed": (mpan(4, "12"), "N", "InstalledNotCommissioned", OLD, "SUPA", None),
    "gas": (1000000008, "A", "Withdrawn", OLD, "SUPA", None),
    "gas too": (7400000108, "I", "Commissioned", OLD, None, None),
    "right": (mpan(6), "A", "Commissioned", OLD, "SUPA", None),
    "undetermined": (mpan(7), "N", "InstalledNotCommissioned+Suspended", OLD, "SUPA", None),
    "in flight": (mpan(8), "A", "Decommissioned", DAY, "SUPA", None),
    "disconnected": (mpan(9), "A", "Decommissioned", OLD, "SUPA", "disconnected"),
    "nobody's": (mpan(10), "A", "Decommissioned", OLD, None, None),
    "two live": (mpan(11), "A", "Commissioned+Commissioned", OLD, "SUPA", None),
}
SENT = {"gone", "live", "rival", "installed", "gas", "gas too"}
POINTS = {name: case[0] for name, case in CASES.items()}
METER = "00-DB-12-34-56-78-{place:02X}-{slot:02X}"


def registered(day: date, **flags: str) -> None:
    rows = []
    for name, (mpxn, flag, _, since, supplier, status) in CASES.items():
        given = flags.get(name.replace(" ", "_"), flag)
        network = str(mpxn)[:2] if mpxn > 10**12 else "CADENT"
        rows.append({"mpxn": mpxn, "flag": given, "flag_from": since if given == flag else day, "network": network,
                     "supplier": supplier, "point_status": status})  # fmt: skip
    put("flags", "full", day, rows)


def installed(day: date) -> None:
    rows = []
    for place, (mpxn, _, statuses, _, _, _) in enumerate(CASES.values(), 1):
        for slot, status in enumerate(statuses.split("+")):
            rows.append({"mpxn": mpxn, "device_id": METER.format(place=place, slot=slot), "status": status,
                         "device_type": "ESME" if mpxn > 10**12 else "GSME", "status_from": OLD,
                         "role": "import"})  # fmt: skip
    put("devices", "full", day, rows)


@pytest.fixture
def market(db: None, lake_dir: object, settings: LazySettings) -> Iterator[None]:
    registered(DAY)
    installed(DAY)
    reconcile(DAY)
    yield


PEOPLE = {"mia": ("SUPA", "supplier", "manager"), "ana": ("SUPA", "supplier", "analyst"),
          "rob": ("SUPB", "supplier", "manager"), "olu": ("DCC", "operator", "manager"),
          "leo": ("12", "network", "manager")}  # fmt: skip


@pytest.fixture
def people(market: None) -> dict[str, Actor]:
    found = {}
    for name, (code, kind, role) in PEOPLE.items():
        party, _ = Party.objects.get_or_create(kind=kind, code=code, defaults={"name": code})
        user = User.objects.create_user(name)
        Membership.objects.create(user=user, party=party, role=role)
        found[name] = actor_for(user)
    return found
