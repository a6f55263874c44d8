"""Inventories as others write them, each a small file of its own, through the whole of feeds."""

from datetime import date
from pathlib import Path

import pytest

CASES = Path(__file__).with_name("cases")
ELECTRIC, GAS = 1012345678903, 7400000108
# File -> its kind, and of each smart meter its status, the date of that and its Meter Point.
FOUND = {
    "duis_adapter_namespace.xml": ("duis", [("Commissioned", date(2024, 1, 1), ELECTRIC)]),
    "duis_as_json.json": ("inventory_json", [("Commissioned", None, ELECTRIC)]),
    "duis_decommissioned.xml": ("duis", [("Decommissioned", None, ELECTRIC)]),
    "inventory_api_flat_status_clash_2026-11-15.csv": (
        "smi",
        [("Commissioned", date(2021, 6, 1), ELECTRIC), ("Commissioned", date(2021, 6, 1), GAS)],
    ),
    "inventory_one_row_per_premises_2026-11-15.csv": (
        "premises",
        [("Commissioned", date(2020, 1, 1), ELECTRIC), ("Commissioned", None, 1234567810)],
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_the_meters_of_an_inventory_are_found(load, name):
    loaded = load((CASES / name).read_bytes(), name)

    meters = [
        (row["status"], row["status_from"], row["mpxn"])
        for row in loaded.rows
        if row["device_type"] in ("ESME", "GSME")
    ]
    assert (loaded.reading.kind, meters, loaded.rejects) == (*FOUND[name], [])


def test_spellings_of_an_identifier(load):
    name = "device_id_spellings_2026-11-15.csv"

    loaded = load((CASES / name).read_bytes(), name)

    assert [row["device_id"] & 0xFF for row in loaded.rows] == [*range(0xA0, 0xAA)]
    assert [reject.points for reject in loaded.rejects] == [(1400000000084,), (1400000000093,), (1400000000127,)]


def test_registration_as_json(load):
    loaded = load((CASES / "registration.json").read_bytes(), "registration.json")

    assert [(row["mpxn"], row["flag"], row["flag_from"]) for row in loaded.rows] == [(ELECTRIC, "A", date(2024, 1, 1))]
