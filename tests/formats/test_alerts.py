"""Alerts: tables with headings and DUIS documents of every schema, and the plan of firmware updates beside them."""

from datetime import date, datetime
from itertools import product

import pytest

from reconcile import feeds
from reconcile.domain.alerts import CHANGES, DCC_CODES, MEANINGS, OUTAGES, RESTORATIONS, Sort, meaning_of, sort_of
from reconcile.feeds.formats.duis import NAMESPACE
from reconcile.feeds.values.devices import eui_64_text

from .test_intake import bad

MPAN, EXPORT, METER, HUB = 2499999999991, 1200000000011, "00-DB-12-34-56-78-90-A0", "00-DB-12-34-56-78-90-B0"
NINE = datetime(2026, 11, 20, 9)


def table(*lines: str, headings: str = "alert_code,device_id,mpxn,time") -> str:
    return "\n".join((headings, *lines)) + "\n"


def document(body: str, *, version: str = "5.4", prefix: str = "sr:", identity: str = METER) -> str:
    """One alert in its response; `body` is written without a prefix."""
    spaced = f'xmlns:{prefix[:-1]}="{NAMESPACE}"' if prefix else f'xmlns="{NAMESPACE}"'
    plain = (
        f'<Response {spaced} schemaVersion="{version}">\n<Header><ResponseID>{identity}:90-B3-D5-1F-30-00-00-02:1'
        f"</ResponseID><ResponseDateTime>2026-11-20T09:05:00.5Z</ResponseDateTime></Header><Body>{body}</Body></Response>"
    )
    return plain.replace("</", "\0").replace("<", f"<{prefix}").replace("\0", f"</{prefix}")


def change(form: str, inner: str = "") -> str:
    return (
        "<DCCAlertMessage><DCCAlertCode>N2</DCCAlertCode><DCCAlert><DeviceStatusChangeEvent>"
        f"<DeviceID>{METER}</DeviceID><DeviceStatusChange><{form}>{inner}</{form}></DeviceStatusChange>"
        "</DeviceStatusChangeEvent></DCCAlert></DCCAlertMessage>"
    )


OUTAGE = (
    "<DCCAlertMessage><DCCAlertCode>AD1</DCCAlertCode><ThrottledAlertCount>3</ThrottledAlertCount><DCCAlert>"
    f"<PowerOutageEvent><CommsHubDeviceID>{HUB}</CommsHubDeviceID><StartDateTime>2026-11-20T09:00:00Z</StartDateTime>"
    f"<MPxN>{MPAN}</MPxN></PowerOutageEvent></DCCAlert></DCCAlertMessage>"
)
FROM_DEVICE = "<DeviceAlertMessage><AlertCode>8F36</AlertCode><GBCSPayload>3wkAAAA</GBCSPayload></DeviceAlertMessage>"


def told(loaded) -> list[tuple]:
    return [
        (row["sent_at"], row["code"], row["mpxn"], row["device_id"] and eui_64_text(row["device_id"]))
        for row in loaded.rows
    ]


def test_a_table_becomes_alerts_in_utc_and_is_dated_as_the_newest(load):
    loaded = load(
        table(f"AD1,{METER},{MPAN},2026-11-20T09:00:00Z", "0x8f35,00db1234567890a0,,2026-11-21 10:00:00+01:00")
    )

    assert (loaded.reading.kind, loaded.reading.as_of) == ("alerts", date(2026, 11, 21))
    assert told(loaded) == [(NINE, "AD1", MPAN, METER), (datetime(2026, 11, 21, 9), "8F35", None, METER)]


@pytest.mark.parametrize(
    "spelling",
    ["2026-11-20T09:00:00Z", "2026-11-20 9:00 UTC", "20/11/2026 09:00:00 GMT", "2026-11-20T10:00:00+01:00",
     "20/11/2026 10:00 BST", "2026-11-20T04:30:00-0430", "20261120090000", "2026-11-20 09:00:00.000",
     "20-NOV-2026 09:00:00", "20 November 2026 9:00 UTC", "20 Nov 2026 10:00+01:00"],
)  # fmt: skip
def test_a_time_is_read_however_it_is_spelt(load, spelling):
    loaded = load(table(f"AD1,,{MPAN},{spelling}"))
    assert told(loaded) == [(NINE, "AD1", MPAN, None)]


@pytest.mark.parametrize(
    "headings, day, time",
    [("Alert Code,MPAN,Alert Date,Alert Time", "20/11/2026", "09:00:00"),
     ("code,MPAN,Date,Time", "2026-11-20", "10:00+01:00"),
     ("Alert,MPAN,Day,Time (UTC)", "20 Nov 2026", "9:00"),
     ("Alert Code,MPAN,Date,Time", "20261120", "090000"),
     ("Alert Code,MPAN,Date,Time", "20261120", "09:00"),
     ("Alert Code,MPAN,Date,Time", "2026-11-20 00:00:00", "09:00"),
     ("Alert Code,MPAN,Date,Time", "2026-11-21", "2026-11-20T09:00:00Z")],
)  # fmt: skip
def test_the_day_may_stand_in_a_column_beside_the_time(load, headings, day, time):
    loaded = load(table(f"AD1,{MPAN},{day},{time}", headings=headings))

    assert loaded.reading.kind == "alerts"
    assert told(loaded) == [(NINE, "AD1", MPAN, None)]


def test_a_time_of_day_without_its_day_is_a_reject(load):
    loaded = load(table(f"AD1,{MPAN},,09:00", f"AD1,{MPAN},2026-11-20,09:00", headings="Alert Code,MPAN,Date,Time"))
    assert [feeds.fault_of(reason) for reason in loaded.reasons.values()] == ["Time: not a day with a time"]


@pytest.mark.parametrize("headings", ["Code,MPAN,Date", "Alert code,MPAN,Date raised"])
def test_alerts_without_a_time_are_told_what_is_missing_of_alerts(load, headings):
    sentence = bad(load, table(f"AD1,{MPAN},2026-11-20", headings=headings))
    assert "The alerts file has no column for time" in sentence


def test_times_without_a_zone_are_utc_and_that_is_said(load):
    loaded = load(table(f"AD1,,{MPAN},2026-11-20 09:00", f"AD1,,{MPAN},2026-11-20 09:00Z"))
    assert loaded.notes == ["1 alert states no zone: its time is taken as UTC."]


@pytest.mark.parametrize(
    "headings",
    ["Alert Code,Device GUID,MPAN,Timestamp", "code;EUI;MPAN Core;Time (UTC)",
     "DCC Alert Code|DeviceID|mprn|event_time",
     "AlertCode,deviceId,ImportMPxN,alertTime", "event_code,device,meter_point,received_at",
     "Event Code;Meter GUID;Supply Number (MPAN);Event Time (UTC)",
     "Alert,Device Identifier,MPAN/MPRN,Alert Time (UTC)"],
)  # fmt: skip
def test_headings_may_be_anybodys(load, headings):
    delimiter = next(one for one in ";|," if one in headings)
    point = 1000000008 if "mprn" in headings else MPAN
    loaded = load(table(f"AD1,{METER},{point},2026-11-20T09:00:00Z".replace(",", delimiter), headings=headings))
    assert told(loaded) == [(NINE, "AD1", point, METER)]


def test_a_line_that_is_no_alert_is_a_reject_with_a_fixed_reason(load):
    loaded = load(
        table(
            f"AD1,{METER},{MPAN},2026-11-20T09:00:00Z",
            "8F36,,,2026-11-20T09:00:00Z",
            "AD1,,2499999999990,2026-11-20T09:00:00Z",
            f"AD1,,{MPAN},2026-11-20",
            f"AD1,,{MPAN},",
            f",,{MPAN},2026-11-20T09:00:00Z",
            f"{'X' * 41},,{MPAN},2026-11-20T09:00:00Z",
            f"AD1,zz,{MPAN},2026-11-20T09:00:00Z",
            f"AD1,,{MPAN},2026-02-30T09:00:00Z",
        )
    )

    assert [feeds.fault_of(reason) for reason in loaded.reasons.values()] == [
        "Line: neither a device nor a Meter Point",
        "Meter Point: a wrong check digit",
        "Time: not a day with a time",
        "Time: missing",
        "Alert code: missing",
        "Alert code: longer than a code",
        "DeviceID: not 16 hexadecimal digits",
        "Time: not a day with a time",
    ]


def test_a_reject_that_names_a_device_alone_may_be_about_any_meter_point(load):
    loaded = load(table(f"AD1,{METER},,yesterday", f"AD1,{METER},{MPAN},yesterday", f"AD1,,{MPAN // 10},yesterday"))
    assert [("" in reject.unread, reject.points) for reject in loaded.rejects] == [
        (True, ()), (False, (MPAN,)), (False, ()),
    ]  # fmt: skip


def test_an_unknown_code_is_kept_and_an_identifier_that_is_none_is_not(load):
    loaded = load(table(f"zz-7,00-00-00-00-00-00-00-00,{MPAN},2026-11-20T09:00:00Z"))
    assert told(loaded) == [(NINE, "ZZ-7", MPAN, None)]


@pytest.mark.parametrize("version, prefix", list(product(["5.0", "5.1", "5.3a", "5.4"], ["sr:", ""])))
def test_a_power_outage_of_every_schema(load, version, prefix):
    loaded = load(document(OUTAGE, version=version, prefix=prefix))

    assert told(loaded) == [(NINE, "AD1", MPAN, None)]
    assert eui_64_text(loaded.rows[0]["hub_id"]) == HUB
    assert loaded.rows[0]["throttled"] == 3


SCHEMAS = {"5.0": ("N1", "N62"), "5.1": ("N63",), "5.2": ("N64",), "5.3": ("N65",), "5.3a": ("N65",), "5.4": ("N999",)}
"""Codes of the DCC that a version has, the last of what it brought among them. Of 5.2 no text is public: between its
neighbours, which are the same in all that alerts are made of, it can be no other."""


def of_the_dcc(code: str) -> str:
    named = f"<FirmwareVersionMismatch><DeviceID>{METER}</DeviceID></FirmwareVersionMismatch>"
    return f"<DCCAlertMessage><DCCAlertCode>{code}</DCCAlertCode><DCCAlert>{named}</DCCAlert></DCCAlertMessage>"


@pytest.mark.parametrize("prefix", ["sr:", ""])
@pytest.mark.parametrize("version", SCHEMAS)
def test_a_file_of_each_schema_tells_every_alert(load, version, prefix):
    points, gone = f"<ImportMPxN>{MPAN}</ImportMPxN>", "MeterDecommissionOrWithdrawal"
    inner = {
        "MeterIdentity": f"<MeterMPxNs>{points}</MeterMPxNs>",
        "MeterDecommissioningOrWithdrawal": f"<{gone}>{points}</{gone}>",
    }
    changes = [change(form, inner.get(form, "")) for form in CHANGES]
    bodies = [OUTAGE, FROM_DEVICE, *changes, *map(of_the_dcc, SCHEMAS[version])]

    loaded = load("\n".join(document(body, version=version, prefix=prefix) for body in bodies), name="alerts.xml")

    assert (loaded.reading.kind, loaded.reading.as_of, loaded.reasons) == ("alerts", NINE.date(), {})
    found = [(row["code"], row["change"], row["mpxn"], row["device_id"] is not None) for row in loaded.rows]
    assert sorted(found, key=str) == sorted(
        [
            ("AD1", None, MPAN, False),
            ("8F36", None, None, True),
            *(("N2", form, MPAN if form in inner else None, True) for form in CHANGES),
            *((code, None, None, True) for code in SCHEMAS[version]),
        ],
        key=str,
    )


def test_a_devices_own_alert_is_that_of_whoever_responds(load):
    loaded = load(document(FROM_DEVICE))
    assert told(loaded) == [(datetime(2026, 11, 20, 9, 5, 0, 500_000), "8F36", None, METER)]


@pytest.mark.parametrize("form", [*CHANGES, "SomethingNew"])
def test_every_form_of_a_status_change_keeps_its_name(load, form):
    loaded = load(document(change(form)))
    assert [(row["change"], row["mpxn"]) for row in loaded.rows] == [(form, None)]


def test_a_change_at_several_points_is_one_alert_at_each_and_other_devices_are_not_it(load):
    points = f"<ImportMPxN>{MPAN}</ImportMPxN><ExportMPAN>{EXPORT}</ExportMPAN>"
    other = "<DeviceID>00-DB-12-34-56-78-90-FF</DeviceID><DeviceType>PPMID</DeviceType>"
    beside = f"<AssociatedType1Device>{other}</AssociatedType1Device>"
    inner = f"{beside}<MeterDecommissionOrWithdrawal>{points}</MeterDecommissionOrWithdrawal>"

    loaded = load(document(change("MeterDecommissioningOrWithdrawal", inner)))

    assert sorted((row["mpxn"], row["lead_row"]) for row in loaded.rows) == [(EXPORT, True), (MPAN, False)]
    assert {eui_64_text(row["device_id"]) for row in loaded.rows} == {METER}


def test_a_document_that_declares_entities_or_is_cut_is_refused(load):
    assert "DOCTYPE" in bad(load, "<!DOCTYPE a [<!ENTITY x 'y'>]>" + document(OUTAGE), kind="alerts")
    assert "cut short" in bad(load, document(OUTAGE)[:-40])


def test_what_holds_no_alert_is_refused(load):
    assert "holds no alert" in bad(load, document("<ResponseMessage/>"), kind="alerts")


def test_inventories_among_alerts_are_said_to_be_passed_over(load):
    loaded = load(document(OUTAGE) + document("<DSPInventory/>"))
    assert loaded.warnings == ["1 inventories among the alerts are passed over."]


def test_a_plan_of_firmware_updates(load):
    headings = "Manufacturer,Model,Firmware version,Starts,Ends"
    loaded = load(
        table(
            "Acme,HC140,03.01,2026-11-22T01:00:00Z,2026-11-22T05:00:00Z",
            "Acme,HC140,03.01,2026-11-22T05:00:00Z,2026-11-22T01:00:00Z",
            ",HC140,03.01,2026-11-22T01:00:00Z,2026-11-22T05:00:00Z",
            headings=headings,
        ),
        name="updates_2026-11-20.csv",
    )

    assert (loaded.reading.kind, loaded.reading.as_of) == ("firmware_updates", date(2026, 11, 20))
    assert [(row["firmware"], row["starts"]) for row in loaded.rows] == [("03.01", datetime(2026, 11, 22, 1))]
    assert [feeds.fault_of(one) for one in loaded.reasons.values()] == [
        "Time: ends before it starts",
        "Manufacturer: missing",
    ]


def test_the_codes_that_the_schema_names_are_known():
    single = "8002 8006 8020 8024 8028 802C 8085 8089 808D 8091 8095 8099 8010 8014 8015"
    phases = [range(first, first + 3) for first in (0x8003, 0x8007, 0x8021, 0x8025, 0x8029, 0x802D, 0x8086, 0x808A,
                                                    0x808E, 0x8092, 0x8096, 0x809A)]  # fmt: skip
    expected = {*single.split(), *(f"{code:04X}" for codes in phases for code in codes)}

    assert {code for code, meaning in MEANINGS.items() if meaning.sort == Sort.VOLTAGE} == expected
    assert OUTAGES == ("AD1", "8F57", "8F58", "8F59", "8F5A")
    assert RESTORATIONS == ("8F35", "8F36", "8F37", "8F38", "8F39", "8F3A", "8F3B", "8F3C")
    assert ("N32" in DCC_CODES, len(DCC_CODES)) == (False, 65)
    assert (meaning_of("N24"), sort_of("N24"), sort_of("N2", "DeviceSuspended")) == ("", Sort.OTHER, Sort.STATUS)
