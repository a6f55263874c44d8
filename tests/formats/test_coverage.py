"""WAN coverage: postcodes and outcodes, as tables and as responses flat and nested."""

from datetime import date
from pathlib import Path

from .conftest import load_file

CASES = Path(__file__).parent / "cases"


def loaded(con, tmp_path, name: str):
    return load_file(con, CASES / name, tmp_path, name)


def test_a_table_of_postcodes_and_outcodes(con, tmp_path):
    found = loaded(con, tmp_path, "coverage_2026-11-20.csv")

    assert (found.reading.kind, found.reading.as_of) == ("coverage", date(2026, 11, 20))
    rows = {row["postcode"]: (row["available"], row["anticipated"], row["likelihood"]) for row in found.rows}
    assert rows == {
        "AB1 2CD": (True, None, "High"),
        "AB1 2CE": (False, date(2027, 3, 1), "Low"),
        "AB1": (False, None, None),
        "EH1 1AA": (True, date(2020, 5, 1), "Medium"),
    }
    assert list(found.reasons) == [6, 7, 8, 9]


def test_responses_flat_and_nested(con, tmp_path):
    found = loaded(con, tmp_path, "coverage_duis.xml")

    assert (found.reading.kind, found.reading.as_of) == ("coverage", date(2026, 11, 22))
    rows = {row["postcode"]: (row["region"], row["available"], row["anticipated"]) for row in found.rows}
    assert rows == {"AB1 2CD": ("North", True, None), "EH1 1AA": ("Central", False, date(2027, 2, 1))}
    assert "1 answers are errors, and tell nothing of coverage." in found.warnings


def test_the_postcode_is_kept_of_meters_that_wait_and_of_points_of_electricity(load):
    inventory = load(
        "DeviceID,DeviceType,DeviceStatus,ImportMPxN,PostCode\n"
        "00-DB-12-34-56-78-90-A0,ESME,InstalledNotCommissioned,1000000000012,ab12cd\n"
        "00-DB-12-34-56-78-90-A1,ESME,InstalledNotCommissioned,1100013222946,AB1 2CD\n"
        "00-DB-12-34-56-78-90-A2,ESME,Commissioned,1200000000011,AB1 2CD\n",
        name="smi_2026-11-20.csv",
    )
    registration = load(
        "mpan,dcc_service_flag,postcode\n1000000000012,I,AB1 2CD\n1100013222946,A,AB1 2CD\n1200000000011,I,ab1  2cd\n"
        "1300000000016,N,ab12cd\n1400000000010,,AB1\n1500000000015,N,nowhere\n",
        name="registration_2026-11-20.csv",
    )

    assert [row["postcode"] for row in inventory.rows] == ["AB1 2CD", "AB1 2CD", None]
    assert [row["postcode"] for row in registration.rows] == ["AB1 2CD", "AB1 2CD", "AB1 2CD", "AB1 2CD", "AB1", None]
