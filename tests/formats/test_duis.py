"""Read Inventory responses: one or many in a file, as a stream, nothing fetched from outside."""

from datetime import UTC, date, datetime

import pytest

from reconcile.feeds.files import xml_stream
from reconcile.feeds.formats import duis
from reconcile.feeds.values.devices import described, eui_64_text

from .test_intake import bad

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
DEVICE = """<sr:Device><sr:DeviceID>00-db-12-34-56-78-90-a0</sr:DeviceID><sr:DeviceType>ESME</sr:DeviceType>
<sr:DeviceStatus>Commissioned</sr:DeviceStatus><sr:DeviceManufacturer>A "B" &amp; C</sr:DeviceManufacturer>
<sr:DateCommissioned>2025-12-28Z</sr:DateCommissioned><sr:ImportMPxN>2499999999991</sr:ImportMPxN>
<sr:ExportMPAN>1200000000011</sr:ExportMPAN>
<sr:PropertyFilter><sr:PostCode>AB1 2CD</sr:PostCode></sr:PropertyFilter></sr:Device>
"""
BAD_DEVICE = "<sr:Device><sr:DeviceID>zz</sr:DeviceID><sr:DeviceType>ESME</sr:DeviceType></sr:Device>\n"


def response(devices: str = DEVICE, moment: str = "2022-08-17T23:45:42.790Z") -> str:
    return (
        f'<sr:Response xmlns:sr="{duis.NAMESPACE}" schemaVersion="5.4">\n'
        f"<sr:Header><sr:ResponseDateTime>{moment}</sr:ResponseDateTime></sr:Header><sr:Body><sr:ResponseMessage>"
        f"<sr:ServiceReference>8.2</sr:ServiceReference><sr:DSPInventory>\n{devices}</sr:DSPInventory>"
        "</sr:ResponseMessage></sr:Body></sr:Response>"
    )


def code(words: str) -> str:
    return f"<sr:ResponseCode>{words}</sr:ResponseCode>"


def error(words: str) -> str:
    """A response that failed, a year after all others."""
    return (
        f'<sr:Response xmlns:sr="{duis.NAMESPACE}" schemaVersion="5.4"><sr:Header>{code(words)}'
        "<sr:ResponseDateTime>2023-08-17T23:45:42.790Z</sr:ResponseDateTime></sr:Header></sr:Response>"
    )


COVERAGE = error("I0").replace(
    "</sr:Response>",
    "<sr:Body><sr:ResponseMessage><sr:ServiceReference>12.1</sr:ServiceReference><sr:DSPWANMatrix/>"
    "</sr:ResponseMessage></sr:Body></sr:Response>",
)


def test_a_response_becomes_device_rows(load):
    loaded = load(DECLARATION + response())

    assert [(row["mpxn"], row["role"], row["lead_row"]) for row in loaded.rows] == [
        (2499999999991, "import", True),
        (1200000000011, "export", False),
    ]
    first = loaded.rows[0]
    assert (eui_64_text(first["device_id"]), first["status_from"]) == ("00-DB-12-34-56-78-90-A0", date(2025, 12, 28))
    assert described(first["description"])["manufacturer"] == 'A "B" & C'
    reading = loaded.reading
    assert (reading.kind, reading.table, reading.coverage, reading.records) == ("duis", "devices", "delta", 1)
    assert reading.as_of == date(2022, 8, 17)
    assert reading.made_at == datetime(2022, 8, 17, 23, 45, 42, 790000, tzinfo=UTC)


@pytest.mark.parametrize(
    "content",
    [
        (DECLARATION + response() + "\n") * 3,
        response() * 3,
        f"{DECLARATION}<all>{response() * 3}</all>",
        ("\ufeff" + DECLARATION + response()) * 3,
    ],
)
def test_many_responses_in_a_file_all_count(load, content):
    assert load(content).reading.records == 3


def test_the_newest_response_dates_the_file(load):
    assert load(response() + response(moment="2022-08-19T01:00:00+02:00")).reading.as_of == date(2022, 8, 18)


def test_a_response_without_a_time_has_no_date(load):
    assert load(response(moment="soon")).reading.as_of is None


def test_a_bad_device_is_a_reject_at_its_line(load):
    loaded = load(DECLARATION + "\n" + response(DEVICE + BAD_DEVICE + DEVICE))

    [reject] = loaded.rejects
    assert (reject.line, reject.raw) == (9, "zz ESME")
    assert "'zz' is not a device identifier" in reject.reason
    assert len(loaded.rows) == 2


def test_line_numbers_beyond_65535_hold(load):
    loaded = load(response("\n" * 70_000 + BAD_DEVICE + DEVICE))
    assert list(loaded.reasons) == [70_003]


@pytest.mark.parametrize("chunk", [16, 333])
def test_the_size_of_the_pieces_read_does_not_matter(load, monkeypatch, chunk):
    monkeypatch.setattr(xml_stream, "CHUNK", chunk)
    assert load((DECLARATION + response()) * 2).reading.records == 2


ENTITY = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "content, words",
    [
        (DECLARATION + ENTITY + response().replace("AB1 2CD", "&e;"), "DOCTYPE"),
        (response().replace("AB1 2CD", "&e;"), "damaged or cut short at line"),
        ((DECLARATION + response())[:-40], "cut short at line"),
        (DECLARATION + response() + "</all>", "damaged"),
        ("<a><b/></a>", "no DUIS response"),
        (response(devices=""), "no inventory response with a device"),
        (error("E080201") + error("E080201"), "no inventory: 2 responses are errors, E080201 (2)"),
        (COVERAGE, "no inventory response with a device"),
        ('<?xml version="1.0" encoding="ISO-8859-1"?>' + response(), "written in ISO-8859-1"),
    ],
)
def test_xml_that_cannot_be_trusted_fails_whole(load, content, words):
    assert words in bad(load, content)


@pytest.mark.parametrize("chunk", [16, 333, 1024 * 1024])
def test_a_doctype_is_refused_wherever_the_pieces_are_cut(load, monkeypatch, chunk):
    monkeypatch.setattr(xml_stream, "CHUNK", chunk)
    assert "DOCTYPE" in bad(load, DECLARATION + ENTITY + response())


@pytest.mark.parametrize(
    "namespace, words",
    [
        ("http://www.cgi.com/DccAdapter/core/ServiceResponse", "in the namespace 'http://www.cgi.com/DccAdapter/core"),
        ("", "in no namespace"),
    ],
)
@pytest.mark.parametrize("wrapped", ["{}", "<all>{}</all>", "<a><b xmlns='urn:x'>{}</b></a>"])
def test_an_adapters_namespace_is_read_and_said(load, namespace, words, wrapped):
    content = response().replace("sr:", "").replace("xmlns:sr", "xmlns").replace(duis.NAMESPACE, namespace)

    loaded = load(wrapped.format(content))

    assert [row["mpxn"] for row in loaded.rows] == [2499999999991, 1200000000011]
    assert loaded.reading.as_of == date(2022, 8, 17)
    (warning,) = loaded.reading.warnings
    assert words in warning


def test_the_dccs_own_namespace_is_no_news(load):
    assert load(response()).reading.warnings == []


def test_errors_and_other_answers_do_not_date_a_file_and_are_counted(load):
    loaded = load("\n".join([COVERAGE, response(), error("E080201"), error("E080201"), error("E5"), COVERAGE]))

    assert loaded.reading.as_of == date(2022, 8, 17)
    assert loaded.reading.warnings == [
        "3 responses are errors, E080201 (2), E5 (1), which tell nothing of any device.",
        "2 responses answer something else than Read Inventory and are passed over.",
    ]


def test_devices_of_an_error_response_are_rejects(load):
    loaded = load(response() + "\n" + response().replace("<sr:Header>", f"<sr:Header>{code('E080202')}"))

    assert set(loaded.reasons.values()) == {"The response is an error (E080202), and tells nothing of its devices."}
    assert len(loaded.rows) == 2


def test_devices_of_alerts_are_none_of_the_inventory(load):
    alert = response("").replace("DSPInventory", "DCCAlert").replace("</sr:DCCAlert>", DEVICE + "</sr:DCCAlert>")
    assert load(response() + alert).reading.records == 1


@pytest.mark.parametrize("order", [1, -1])
def test_the_newest_response_about_a_device_counts(load, order):
    decommissioned = DEVICE.replace("Commissioned<", "Decommissioned<")
    texts = [response(), response(decommissioned, "2022-08-18T01:00:00Z"), response(moment="2022-08-16T01:00:00Z")]

    loaded = load("\n".join(texts[::order]))

    assert {(row["status"], row["status_from"]) for row in loaded.rows} == {("Decommissioned", None)}
    assert len(loaded.rows) == 2


SHAPES = {
    "5.0": "<sr:CSPRegion>North</sr:CSPRegion>",
    "5.1": "<sr:S1SP>DXC</sr:S1SP><sr:CSPRegion>SMETS1</sr:CSPRegion>",
    "5.3": "<sr:CSPRegion>4G Central</sr:CSPRegion><sr:HANVariant>Single Band</sr:HANVariant>",
    "5.4": "<sr:CSPRegion>4G North</sr:CSPRegion><sr:Connectivity>Cellular</sr:Connectivity>",
}


@pytest.mark.parametrize("version", SHAPES)
def test_every_version_of_the_schema_is_read(load, version):
    device = DEVICE.replace("</sr:Device>", SHAPES[version] + "</sr:Device>")
    display = (
        "<sr:Device><sr:DeviceID>00-DB-12-34-56-78-90-A1</sr:DeviceID><sr:DeviceType>CAD</sr:DeviceType></sr:Device>"
    )

    loaded = load(response(device + display).replace("5.4", version))

    assert [row["device_type"] for row in loaded.rows] == ["ESME", "ESME", "CAD"]
    assert described(loaded.rows[0]["description"])["csp_region"] in SHAPES[version]
