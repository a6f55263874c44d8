"""SMI device exports: one row a meter point of a device, each fault one reject."""

import re
from datetime import date

import pytest

from reconcile.domain.vocabulary import Status
from reconcile.feeds.values.devices import described

from .test_intake import bad

HEAD = "DeviceID,DeviceType,DeviceStatus,StatusDate,DateCommissioned,ImportMPxN,SecondaryImportMPAN,ExportMPAN\n"
ID = "00-DB-12-34-56-78-90-A0"
IMPORT, SECONDARY, EXPORT = 2499999999991, 1000000000012, 1200000000011


def test_an_export_in_full(load):
    heading = (
        HEAD.strip() + ",SMETSCHTSVersion,DeviceManufacturer,DeviceModel,DeviceFirmwareVersion,CSPRegion,PostCode\n"
    )

    loaded = load(
        heading + f"{ID.lower()},ESME,Commissioned,2024-01-02,,{IMPORT},,,SMETS V5.0,Maker,M1,01020304,North,AB1 2CD\n",
        "smi-20240301.csv",
    )

    assert loaded.rows == [
        {
            "device_id": 0x00DB1234567890A0,
            "device_type": "ESME",
            "status": "Commissioned",
            "status_from": date(2024, 1, 2),
            "mpxn": IMPORT,
            "role": "import",
            "description": "\x1f".join(["SMETS V5.0", "Maker", "M1", "01020304", "North"]),
            "commissioned": None,
            "lead_row": True,
            "postcode": None,
        }
    ]
    assert (loaded.reading.table, loaded.reading.coverage) == ("devices", "full")
    assert loaded.reading.as_of == date(2024, 3, 1)


@pytest.mark.parametrize(
    "values, found",
    [
        (",,,,", [None] * 5),
        (" SMETS2 ,NULL,,01.02, null ", ["SMETS2", None, None, "01.02", None]),
        ("a,b,c,d,e", ["a", "b", "c", "d", "e"]),
        ("a,b,c,d,e\x1ff", ["a", "b", "c", "d", "e"]),
    ],
)
def test_what_a_person_reads_of_a_device_is_one_text_and_taken_apart_again(load, values, found):
    heading = "DeviceID,DeviceType,SMETSCHTSVersion,DeviceManufacturer,DeviceModel,DeviceFirmwareVersion,CSPRegion"

    loaded = load(f"{heading},DeviceStatus,mpxn\n{ID},ESME,{values},Pending,\n")

    assert list(described(loaded.rows[0]["description"]).values()) == found


def test_a_device_without_a_description_has_nothing_to_read():
    assert list(described(None).values()) == [None] * 5


def test_snake_case_headings_and_short_names_do_as_well(load):
    loaded = load(f"device_id,device_type,status,mpxn\n{ID},GSME,Pending,1000000008\n")
    assert [(row["mpxn"], row["status"], row["role"]) for row in loaded.rows] == [(1000000008, "Pending", "import")]


@pytest.mark.parametrize(
    "points, roles",
    [
        (",,", [None]),
        (f"{IMPORT},,", ["import"]),
        (f",{SECONDARY},", ["secondary"]),
        (f",,{EXPORT}", ["export"]),
        (f"{IMPORT},{SECONDARY},", ["import", "secondary"]),
        (f"{IMPORT},,{EXPORT}", ["import", "export"]),
        (f",{SECONDARY},{EXPORT}", ["secondary", "export"]),
        (f"{IMPORT},{SECONDARY},{EXPORT}", ["import", "secondary", "export"]),
        (f'NULL,"",{EXPORT}', ["export"]),
    ],
)
def test_a_device_gives_a_row_for_each_of_its_points(load, points, roles):
    numbers = {None: None, "import": IMPORT, "secondary": SECONDARY, "export": EXPORT}

    rows = load(HEAD + f"{ID},ESME,Commissioned,,,{points}\n").rows

    assert [(row["role"], row["mpxn"]) for row in rows] == [(role, numbers[role]) for role in roles]
    assert [row["lead_row"] for row in rows] == [True] + [False] * (len(roles) - 1)


@pytest.mark.parametrize(
    "points, roles",
    [
        (f"{IMPORT},{IMPORT},{IMPORT}", ["import"]),
        (f"{IMPORT},,{IMPORT}", ["import"]),
        (f",{IMPORT},{IMPORT}", ["secondary"]),
    ],
)
def test_a_point_that_a_device_names_twice_is_one_row(load, points, roles):
    rows = load(HEAD + f"{ID},ESME,Commissioned,,,{points}\n").rows

    assert [(row["role"], row["mpxn"]) for row in rows] == [(role, IMPORT) for role in roles]


@pytest.mark.parametrize(
    "dates, day",
    [
        ("20240102,20230101", date(2024, 1, 2)),
        (",2023-01-01Z", date(2023, 1, 1)),
        ("2024-01-02+01:00,", date(2024, 1, 2)),
        ("2024-01-02T23:59:59Z,", date(2024, 1, 2)),
        (",", None),
    ],
)
def test_the_date_commissioned_dates_the_status_of_a_commissioned_device(load, dates, day):
    assert load(HEAD + f"{ID},ESME,Commissioned,{dates},,,\n").rows[0]["status_from"] == day


@pytest.mark.parametrize("status", [status for status in Status if status != Status.COMMISSIONED])
def test_the_date_commissioned_is_the_date_of_no_other_status(load, status):
    rows = load(HEAD + f"{ID},ESME,{status},,2021-06-01,,,\n{ID[:-1]}1,ESME,{status},20240102,2021-06-01,,,\n").rows
    assert [row["status_from"] for row in rows] == [None, date(2024, 1, 2)]


SPELT = [
    "commissioned",
    "INSTALLEDNOTCOMMISSIONED",
    "Installed Not Commissioned",
    "INSTALLED_NOT_COMMISSIONED",
    "installed-not-commissioned",
]


@pytest.mark.parametrize("status", SPELT)
def test_a_status_is_read_in_any_case(load, status):
    found = load(HEAD + f"{ID},ESME,{status},,,,,\n").rows[0]["status"]
    assert found.lower() == re.sub("[ _-]", "", status).lower()


@pytest.mark.parametrize("given, kind", [("esme", "ESME"), ("ESME_EXPORT", "ESME"), ("IHD_OR_CAD", "IHD")])
def test_the_types_of_other_systems_are_read(load, given, kind):
    assert load(HEAD + f"{ID},{given},Pending,,,,,\n").rows[0]["device_type"] == kind


@pytest.mark.parametrize("word", ["UNDEFINED", "not_applicable"])
def test_other_systems_words_for_no_status_are_none(load, word):
    loaded = load(HEAD + f"{ID},IHD,{word},,,,,\n{ID},ESME,{word},,,,,\n")

    assert [row["status"] for row in loaded.rows] == [None]
    assert "has no status" in loaded.reasons[3]


@pytest.mark.parametrize(
    "spelt",
    [
        "00-db-12-34-56-78-90-a0",
        "00:DB:12:34:56:78:90:A0",
        "00DB1234567890A0",
        "0x00DB1234567890A0",
        "00DB-1234-5678-90A0",
        '"""00-DB-12-34-56-78-90-A0"""',
        " 00-DB-12-34-56-78-90-A0 ",
        "00 DB 12 34 56 78 90 A0",
        "00\u2013DB\u201312\u201334\u201356\u201378\u201390\u2013A0",
    ],
)
def test_a_device_identifier_is_read_as_people_and_programs_write_it(load, spelt):
    assert load(HEAD + f"{spelt},ESME,Commissioned,,,,,\n").rows[0]["device_id"] == 0x00DB1234567890A0


@pytest.mark.parametrize("pair", ["00", "FF", "ff"])
def test_a_placeholder_makes_no_device(load, pair):
    line = "-".join([pair] * 8) + ",ESME,Commissioned,,,,,\n"

    loaded = load(HEAD + f"{ID},ESME,Commissioned,,,,,\n" + line * 2)

    assert [row["device_id"] for row in loaded.rows] == [0x00DB1234567890A0]
    assert all("only holds the place of an identifier" in reason for reason in loaded.reasons.values())


@pytest.mark.parametrize("kind", ["IHD", "CAD"])
def test_a_type_2_device_may_be_without_a_status(load, kind):
    assert load(HEAD + f"{ID},{kind},,,,,,\n").rows[0]["status"] is None


FAULTS = [
    (f"{ID},GSME,,,,,,", "The device has no status; only an IHD or a CAD may be without."),
    (f"{ID},GSME,Foo,,,,,", "No device status 'Foo' in the SMI."),
    (f"{ID},IHD,Foo,,,,,", "No device status 'Foo' in the SMI."),
    (f"{ID},XXXX,Pending,,,,,", "No device type 'XXXX' in the SMI."),
    (f"{ID},,Pending,,,,,", "No device type '' in the SMI."),
    (
        "00-DB-12,ESME,Pending,,,,,",
        "'00-DB-12' is not a device identifier: 16 hexadecimal digits, such as 00-DB-12-34-56-78-90-A0.",
    ),
    (",ESME,Pending,,,,,", "'' is not a device identifier: 16 hexadecimal digits, such as 00-DB-12-34-56-78-90-A0."),
    (
        "61659384316432801,ESME,Pending,,,,,",
        "'61659384316432801' is a decimal number or was rounded by a spreadsheet. "
        "Export the column as text, in hexadecimal digits.",
    ),
    (f"{ID},ESME,Pending,,,2499999999990,,", "MPAN 2499999999990 has a wrong check digit (expected 1)."),
    (f"{ID},ESME,Pending,,,,12,", "SecondaryImportMPAN needs an MPAN, not 12."),
    (f"{ID},ESME,Pending,,,,,2499999999990", "MPAN 2499999999990 has a wrong check digit (expected 1)."),
    (f"{ID},ESME", "The line has 2 fields, 8 are needed."),
]


@pytest.mark.parametrize("line, reason", FAULTS)
def test_each_fault_is_a_reject_with_its_reason(load, line, reason):
    loaded = load(HEAD + f"{ID},ESME,Commissioned,,,,,\n" + line + "\n")

    assert loaded.reasons == {3: reason}
    assert len(loaded.rows) == 1


def test_an_export_without_statuses_fails_whole(load):
    assert "no column for DeviceStatus" in bad(load, f"DeviceID,DeviceType\n{ID},ESME\n")


def test_an_export_without_any_meter_point_column_fails_whole(load):
    sentence = bad(load, f"DeviceID,DeviceType,DeviceStatus,Location\n{ID},ESME,Commissioned,{IMPORT}\n")
    assert "no column for ImportMPxN or SecondaryImportMPAN or ExportMPAN" in sentence and "Location" in sentence


def test_unreadable_dates_are_dropped_and_counted_and_their_lines_kept(load):
    loaded = load(HEAD + f"{ID},ESME,Commissioned,20240231,x,{IMPORT},,\n", dropped=True)

    assert loaded.rows[0]["status_from"] is None
    assert loaded.kept_without == {"StatusDate": {"not a date": 1}, "DateCommissioned": {"not a date": 1}}


def test_exact_headings_come_before_loose_ones(load):
    loaded = load(
        "deviceId,deviceType,deviceStatus,importMpxn,mpxn,status\n"
        f"{ID},CHF,COMMISSIONED,,{IMPORT},200\n{ID[:-1]}1,ESME,COMMISSIONED,{IMPORT},{IMPORT},200\n"
    )

    assert [row["mpxn"] for row in loaded.rows] == [None, IMPORT]
    assert loaded.reading.columns.ignored == ["mpxn", "status"]


@pytest.mark.parametrize("number", ["mpan,mprn"])
def test_two_loose_columns_of_meter_points_are_refused(load, number):
    assert "mean the same (ImportMPxN)" in bad(
        load, f"DeviceID,DeviceType,DeviceStatus,{number}\n{ID},ESME,Pending,,\n"
    )
