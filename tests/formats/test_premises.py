"""Inventories of one row a premises: each filled group of columns is a device."""

import pytest

from .test_intake import bad

KINDS = ("cad", "chf", "esme", "gpf", "gsme")
ELEMENTS = ("devicefirmwareversion", "deviceid", "devicestatus", "devicetype", "importmpxn", "propertyfilter_postcode")
IMPORT, GAS = 2499999999991, 7400000108
HEADINGS = [f"dspinventory_{kind}_{element}" for kind in KINDS for element in ELEMENTS] + ["etlchange"]


def device(number: int, status="Commissioned", kind="", point: object = "", postcode="AA1 1AA") -> list[str]:
    return ["01.02", f"00-DB-12-34-56-78-90-{number:02X}", status, kind, str(point), postcode]


NONE = [""] * len(ELEMENTS)
HOME = [*NONE, *device(1), *device(2, point=IMPORT), *NONE, *device(3, "InstalledNotCommissioned", point=GAS), "x"]
GASLESS = [*NONE, *device(4), *device(5, "Pending", "ESME"), *NONE, *NONE, "x"]
FOUND = [
    ("CHF", "Commissioned", None),
    ("ESME", "Commissioned", IMPORT),
    ("GSME", "InstalledNotCommissioned", GAS),
    ("CHF", "Commissioned", None),
    ("ESME", "Pending", None),
]


def text(*lines: list[str], headings=HEADINGS, mark="|", end="") -> str:
    return "".join(mark.join(line) + end + "\n" for line in [headings, *lines])


def found(loaded):
    return [(row["device_type"], row["status"], row["mpxn"]) for row in loaded.rows]


@pytest.mark.parametrize("mark", "|,;\t")
def test_each_filled_group_is_a_device(load, mark):
    loaded = load(text(HOME, GASLESS, mark=mark), "inventory-2026-11-15.csv")

    assert found(loaded) == FOUND
    assert (loaded.reading.kind, loaded.reading.coverage, loaded.reading.records) == ("premises", "full", 5)


@pytest.mark.parametrize(
    "headings",
    [
        [heading.upper() for heading in HEADINGS],
        [heading.removeprefix("dspinventory_") for heading in HEADINGS],
        [heading.replace("_", ".") for heading in HEADINGS],
    ],
)
def test_headings_may_be_spelt_otherwise(load, headings):
    assert found(load(text(HOME, GASLESS, headings=headings))) == FOUND


def test_what_is_escaped_or_quoted_is_one_value(load):
    odd = [
        ["x" if value == "AA1 1AA" else value for value in HOME[:-1]] + ["a\\|b\\\\"],
        [*GASLESS[:-1], '"a|""b"'],
        [value and f'"{value}"' for value in HOME],
    ]
    assert sorted(map(repr, found(load(text(*odd))))) == sorted(map(repr, FOUND))


def test_lines_may_end_with_a_delimiter(load):
    content = text(HOME, GASLESS, end="|").replace("etlchange|", "etlchange")
    assert found(load(content)) == FOUND


def test_a_bad_device_takes_no_other_of_its_premises_with_it(load):
    bad_meter = [*NONE, *device(1), *device(2, "Foo", point=IMPORT), *NONE, *device(3, point=GAS), "x"]

    loaded = load(text(GASLESS, bad_meter, ["too", "short"]))

    assert loaded.reasons == {
        3: "No device status 'Foo' in the SMI.",
        4: "The line has 2 fields, 31 are needed.",
    }
    assert loaded.rejects[0].points == (IMPORT,)
    assert [row["device_type"] for row in loaded.rows] == ["CHF", "ESME", "CHF", "GSME"]


def test_a_premises_without_devices_is_said(load):
    loaded = load(text([*NONE * 5, "x"], HOME))

    assert loaded.warnings[0] == "1 lines hold no device."
    assert loaded.warnings[1].startswith("No column for StatusDate was found")
    assert found(loaded) == FOUND[:3]


def test_what_was_found_and_passed_over_is_named(load):
    columns = load(text(HOME)).reading.columns

    assert columns.found["ImportMPxN"].startswith("dspinventory_cad_importmpxn, dspinventory_chf_importmpxn")
    assert "StatusDate" in columns.not_found
    assert "etlchange" in columns.ignored


def test_without_meter_points_it_fails_whole(load):
    headings = [heading.replace("importmpxn", "other") for heading in HEADINGS]
    assert "no column for ImportMPxN or SecondaryImportMPAN or ExportMPAN" in bad(load, text(HOME, headings=headings))


def test_a_registration_extract_that_names_the_meter_is_none(load):
    content = "mpan,dcc_service_flag,esme_device_id\n2499999999991,A,00-DB-12-34-56-78-90-A0\n"
    assert load(content).reading.kind == "registration"
