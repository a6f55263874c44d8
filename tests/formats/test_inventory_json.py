"""Inventories as JSON: nested, flat, as lines, as DUIS; as a stream, and nothing hostile does harm."""

import json
from datetime import date

import pytest

from reconcile.feeds.files import json_stream
from reconcile.feeds.values.devices import described

from .test_intake import bad

IMPORT, GAS, OTHER = 2499999999991, 7400000108, 1000000000012
ID, NEXT = "00-DB-12-34-56-78-90-A0", "00-DB-12-34-56-78-90-A1"
ESME = {
    "deviceId": ID,
    "deviceType": "ESME",
    "deviceStatus": "COMMISSIONED",
    "deviceModel": "00050203",
    "smetsChtsVersion": "V4.2",
    "dateCommissioned": "2021-06-01Z",
    "importMpxn": str(IMPORT),
    "propertyFilter": {"postCode": "AA1 1AA", "addressIdentifier": "1,,STREET"},
    "lastCommunicationsDateTime": {"status": 200, "value": "2023-06-26T13:58:30.000Z"},
}
GSME = ESME | {
    "deviceId": NEXT,
    "deviceType": "GSME",
    "deviceStatus": "INSTALLED_NOT_COMMISSIONED",
    "importMpxn": str(GAS),
}
CHF = {"deviceId": "00-DB-12-34-56-78-90-A2", "deviceType": "CHF", "deviceStatus": "COMMISSIONED"}
PROPERTY = {"mpxn": str(IMPORT), "status": 200, "wanMatrix": {"a": [1]}, "devices": [ESME, GSME, CHF]}
POINTS = [("ESME", "Commissioned", IMPORT), ("GSME", "InstalledNotCommissioned", GAS), ("CHF", "Commissioned", None)]


def found(loaded):
    return [(row["device_type"], row["status"], row["mpxn"]) for row in loaded.rows]


def flat(device):
    inner = {f"propertyFilter.{name}": value for name, value in ESME["propertyFilter"].items()}
    return {name: value for name, value in device.items() if not isinstance(value, dict)} | inner


LINES = "\n".join(json.dumps(device) for device in (ESME, GSME, CHF))
SHAPES = {
    "properties": json.dumps([PROPERTY]),
    "one property": json.dumps(PROPERTY),
    "a list of devices": json.dumps([ESME, GSME, CHF], indent=2),
    "a device a line": LINES,
    "lines with commas": LINES.replace("\n", ",\r\n"),
    "wrapped": json.dumps({"data": {"inventory": [ESME, GSME, CHF]}, "page": 1}),
    "lists in a list": json.dumps([[ESME], [GSME, CHF]]),
    "flat": json.dumps([flat(device) | {"mpxn": str(OTHER), "status": 200} for device in (ESME, GSME, CHF)]),
    "snake": json.dumps([ESME, GSME, CHF]).replace("deviceId", "device_id").replace("importMpxn", "import_mpxn"),
    "numbers": json.dumps([ESME | {"importMpxn": IMPORT}, GSME | {"importMpxn": GAS}, CHF]),
    "with a mark": "\ufeff" + json.dumps([ESME, GSME, CHF]),
    "as elements": json.dumps([ESME, GSME, CHF]).replace("deviceId", "DeviceID").replace("importMpxn", "ImportMPxN"),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_the_same_devices(load, shape):
    loaded = load(SHAPES[shape], "inventory-2026-11-15.json")

    assert found(loaded) == POINTS
    assert (loaded.rows[0]["status_from"], loaded.rows[1]["status_from"]) == (date(2021, 6, 1), None)
    assert described(loaded.rows[0]["description"])["smets"] == "V4.2"
    reading = loaded.reading
    assert (reading.kind, reading.coverage, reading.as_of) == ("inventory_json", "full", date(2026, 11, 15))


@pytest.mark.parametrize("chunk", [7, 100])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_size_of_the_pieces_read_does_not_matter(load, monkeypatch, shape, chunk):
    monkeypatch.setattr(json_stream, "CHUNK", chunk)
    assert found(load(SHAPES[shape])) == POINTS


def test_what_was_found_and_passed_over_is_named(load):
    columns = load(SHAPES["flat"]).reading.columns

    assert columns.found["ImportMPxN"] == "importMpxn"
    assert columns.found["DeviceStatus"] == "deviceStatus"
    assert "StatusDate" in columns.not_found
    assert columns.found["PostCode"] == "propertyFilter.postCode"
    assert {"mpxn", "status"} <= set(columns.ignored)
    assert "wanMatrix" in load(SHAPES["properties"]).reading.columns.ignored


def test_a_propertys_point_is_not_that_of_a_device_without_one(load):
    propertys = PROPERTY | {"devices": [{**GSME, "importMpxn": None}, ESME]}
    assert [row["mpxn"] for row in load(json.dumps([propertys])).rows] == [None, IMPORT]


def test_loose_names_count_where_no_device_has_its_own(load):
    device = {"deviceId": ID, "deviceType": "ESME", "status": "COMMISSIONED", "mpxn": IMPORT}
    assert found(load(json.dumps([device]))) == POINTS[:1]


def test_a_property_that_was_not_answered_is_a_reject_with_its_point(load):
    content = "\n".join(map(json.dumps, [{"mpxn": OTHER, "status": 404, "devices": []}, PROPERTY]))

    loaded = load(content)

    assert loaded.reasons == {1: "The look-up answered 404: it tells nothing of the devices there."}
    assert loaded.rejects[0].points == (OTHER,)
    assert found(loaded) == POINTS


def response(device, code="I0", moment="2026-11-15T06:15:00.000Z"):
    body = {"ResponseMessage": {"ServiceReference": "8.2", "DSPInventory": {"Device": device}}}
    return {"body": body, "header": {"responseCode": code, "responseDateTime": moment}}


@pytest.mark.parametrize("device", [ESME, [ESME]])
def test_duis_as_json_is_a_delta_of_its_responses(load, device):
    older = response(ESME | {"deviceStatus": "PENDING"}, moment="2026-11-14T06:15:00Z")

    reading = (loaded := load(json.dumps([older, response(device), older]))).reading

    assert found(loaded) == POINTS[:1]
    assert (reading.coverage, reading.as_of) == ("delta", date(2026, 11, 15))


def test_an_error_response_is_counted_and_dates_nothing(load):
    failed = {"header": {"responseCode": "E080201", "responseDateTime": "2026-12-15T06:15:00Z"}, "body": {}}

    loaded = load(json.dumps([response(ESME), failed]))

    assert loaded.reading.as_of == date(2026, 11, 15)
    assert loaded.reading.warnings == ["1 responses are errors, E080201 (1), which tell nothing of any device."]
    assert "responses are errors, E080201" in bad(load, json.dumps([failed]))


def test_devices_of_alerts_are_none_of_the_inventory(load):
    alert = {"header": {"responseDateTime": "2026-12-01T00:00:00Z"}, "body": {"DCCAlert": {"DeviceID": NEXT}}}
    assert load(json.dumps([response(ESME), alert])).reading.records == 1


CLASHING = json.dumps(ESME)[:-1] + ', "deviceStatus": "DECOMMISSIONED"}'
ODD = [
    (CLASHING, "'deviceStatus' stands twice, with different values."),
    (json.dumps(ESME | {"importMpxn": [IMPORT, OTHER]}), "'importMpxn' is no single value."),
    (json.dumps(ESME | {"deviceId": None}), "'' is not a device identifier"),
    (json.dumps(ESME | {"deviceStatus": "X\0" * 300}), "No device status 'X X"),
    (json.dumps(ESME | {"deviceStatus": "\ud800"}), "No device status"),
]


@pytest.mark.parametrize("device, reason", ODD)
def test_an_odd_device_is_a_reject(load, device, reason):
    loaded = load(json.dumps(GSME) + "\n" + device)

    assert list(loaded.reasons) == [2]
    assert reason in loaded.reasons[2]


def test_a_name_that_stands_twice_with_one_value_is_none_the_worse(load):
    twice = json.dumps(ESME)[:-1] + ', "deviceStatus": "COMMISSIONED"}'
    assert found(load(twice)) == POINTS[:1]


@pytest.mark.parametrize(
    "content, words",
    [
        (LINES[:-5], "damaged or cut short (line 3)"),
        (json.dumps([ESME])[:-1], "a list is not closed"),
        (json.dumps([ESME], indent=1).replace('"ESME"', "ESME"), "damaged or cut short (line 4)"),
        ("[" * 100_000, "nested too deep"),
        ('{"a":' * 100_000, "nested too deep"),
        ('{"a":' * 100 + json.dumps(ESME) + "}" * 100, "nested too deep"),
        ("[]", "holds no device"),
        ('[{"UPRN": 1, "ID": "00-DB", "TYPE": "ESME", "COMMISSIONED": "x"}]', "UPRN"),
        (json.dumps([{"deviceId": ID, "deviceType": "ESME", "deviceStatus": "COMMISSIONED"}]), "at which Meter Point"),
    ],
)
def test_json_that_cannot_be_trusted_fails_whole(load, content, words):
    assert words in bad(load, content)


def test_one_value_may_not_take_all_memory(load, monkeypatch):
    monkeypatch.setattr(json_stream, "CHUNK", 100)
    monkeypatch.setattr(json_stream, "LARGEST", 1000)
    assert "longer than" in bad(load, json.dumps({"data": [ESME] * 10}))
    assert load(json.dumps([ESME] * 10)).reading.records == 10
