"""One rule for blanks: no reader takes what stands around a value for a part of it. `load` reads files both ways."""

from datetime import date

import pytest

from reconcile.domain.blanks import BLANKS
from reconcile.domain.vocabulary import LONGEST_CODE, parse_mpxn

from .test_intake import bad

WITHIN_LINES = [blank for blank in BLANKS if blank not in "\r\n\v"]
"""Those that do not end a line. A file with many vertical tabs is taken for something else than text."""
WITHIN_XML = [blank for blank in BLANKS if blank not in "\r\v\f"]


def around(*values: str) -> list[str]:
    """Lines of the values with each of the blanks before, behind, and on both sides twice."""
    forms = [form for blank in WITHIN_LINES for form in (f"{blank}{{}}", f"{{}}{blank}", f"{blank * 2}{{}}{blank * 2}")]
    return [",".join(form.format(value) for value in values) for form in forms]


def test_blanks_around_a_registration_value_are_no_part_of_it(load):
    lines = around("2499999999991", "a", "2024-01-31", "TERN")

    loaded = load("\n".join(["mpan,dcc_service_flag,effective_from,supplier", *lines]))

    row = {"mpxn": 2499999999991, "flag": "A", "flag_from": date(2024, 1, 31), "network": "24", "supplier": "TERN"}
    assert [{name: found[name] for name in row} for found in loaded.rows] == [row] * len(lines)


def test_a_value_of_blanks_is_none(load):
    lines = [f"1000000008,{blank},{blank * 2},{blank},{blank}" for blank in WITHIN_LINES]

    loaded = load("\n".join(["mprn,dcc_service_flag,effective_from,supplier,ldz", *lines]))

    found = {tuple(row[name] for name in ("flag", "flag_from", "supplier", "network")) for row in loaded.rows}
    assert (found, loaded.rejects) == ({(None, None, None, "GAS?")}, [])


def test_a_number_of_blanks_is_missing(load):
    lines = [f"{blank},A" for blank in WITHIN_LINES]

    loaded = load("\n".join(["mprn,dcc_service_flag", "1000000008,A", *lines]))

    assert [reject.reason for reject in loaded.rejects] == ["The line has no meter point number."] * len(lines)


def test_the_check_digit_of_a_number_with_a_no_break_space_is_judged_by_its_digits(load):
    loaded = load("mpan,dcc_service_flag\n2499999999991\xa0,A\n2499999999990\xa0,A\n")

    assert [row["mpxn"] for row in loaded.rows] == [2499999999991]
    assert loaded.reasons == {3: "MPAN 2499999999990 has a wrong check digit (expected 1)."}


def ids(count: int) -> list[str]:
    """Device identifiers, each another."""
    return [f"00-DB-12-34-56-78-90-{number:02X}" for number in range(count)]


def test_blanks_around_a_device_value_are_no_part_of_it(load):
    heading = "DeviceType,DeviceStatus,StatusDate,ImportMPxN,ExportMPAN,DeviceManufacturer,DeviceID"
    lines = around("ESME", "Commissioned", "2024-01-31", "2499999999991", "1000000000012", "Maker", "{id}")
    lines = [line.format(id=one) for line, one in zip(lines, ids(len(lines)), strict=True)]

    loaded = load("\n".join([heading, *lines]))

    found = {(row["device_type"], row["status"], row["status_from"], row["description"]) for row in loaded.rows}
    assert found == {("ESME", "Commissioned", date(2024, 1, 31), "\x1fMaker\x1f\x1f\x1f")}
    assert (len(loaded.rows), loaded.rejects) == (2 * len(lines), [])


def test_blanks_around_a_field_of_an_update_are_no_part_of_it(load):
    records = around("E45", "1000000008", "a", "20211104")
    lines = ["\xa0A00\u200b,1, DXI\xa0,20211105,060000,1", *records, f"\ufeffZ99,\xa0{len(records)}"]

    loaded = load("\n".join(lines))

    found = {(row["mpxn"], row["flag"], row["flag_from"]) for row in loaded.rows}
    assert found == {(1000000008, "A", date(2021, 11, 4))}
    assert (loaded.rejects, loaded.reading.trailer) == ([], (len(records), len(records)))


def test_blanks_around_an_element_of_a_response_are_no_part_of_it(load):
    devices = []
    for blank, one in zip(WITHIN_XML, ids(len(WITHIN_XML)), strict=True):
        elements = {"DeviceID": one, "DeviceType": "ESME", "DeviceStatus": "Pending", "ImportMPxN": "2499999999991"}
        values = [f"<{name}>{blank}{value}{blank}</{name}>" for name, value in elements.items()]
        devices.append(f"<Device>{''.join(values)}</Device>")
    namespace = "http://www.dccinterface.co.uk/ServiceUserGateway"

    loaded = load(f'<Response xmlns="{namespace}"><DSPInventory>{"".join(devices)}</DSPInventory></Response>')

    assert [(row["mpxn"], row["status"]) for row in loaded.rows] == [(2499999999991, "Pending")] * len(devices)


@pytest.mark.parametrize("blank", BLANKS, ids=ascii)
def test_blanks_in_a_number_that_a_person_writes_do_not_matter(blank):
    assert parse_mpxn(f"{blank}24{blank}99999999991{blank}") == 2499999999991


@pytest.mark.parametrize("blank", ["\xa0", "\u200b \n\n\xa0 \n", " \n\ufeff"])
def test_a_blank_line_below_the_trailer_is_not_the_last(load, blank):
    assert load(f"A00,1,DXI,20211105,060000,1\nE45,1000000008,A,20211104\nZ99,1\n{blank}").reading.trailer == (1, 1)


def test_a_file_of_blanks_holds_nothing(load):
    assert "blank lines" in bad(load, "\xa0\n\u200b\n")


def test_blanks_may_stand_before_a_document(load):
    assert "no DUIS response" in bad(load, "\xa0\n\u200b<a/>")


def test_a_blank_line_above_the_headings_does_not_count(load):
    loaded = load("\xa0 \n\nmpan,dcc_service_flag\n2499999999991,A\n")
    assert (len(loaded.rows), loaded.reading.records) == (1, 1)


SUPPLIERS = {"tern": "TERN", " Tern\xa0": "TERN", "w\xf6rter": "W\xd6RTER", "null": None}


@pytest.mark.parametrize("written, code", SUPPLIERS.items())
def test_a_suppliers_code_is_in_capitals(load, written, code):
    assert load(f"mpan,dcc_service_flag,supplier\n2499999999991,A,{written}\n").rows[0]["supplier"] == code


@pytest.mark.parametrize("letter", ["s", "\xf6"])
def test_a_code_longer_than_any_party_has_is_no_supplier(load, letter):
    right, wrong = letter * LONGEST_CODE, letter * (LONGEST_CODE + 1)

    loaded = load(f"mpan,dcc_service_flag,supplier\n2499999999991,A,{right}\n2499999999991,A,{wrong}\n")

    assert [row["supplier"] for row in loaded.rows] == [right.upper()]
    assert loaded.reasons == {3: f"'{wrong}' is no supplier code: it is longer than 40 characters."}
