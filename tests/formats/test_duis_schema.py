"""The sample's Read Inventory responses keep the rules of the public schema (DUIS 5.4), written down here by hand."""

import re
from pathlib import Path

import pytest
from lxml import etree

from reconcile.sample.make import make_sample

NAMESPACE = "{http://www.dccinterface.co.uk/ServiceUserGateway}"
EUI_64 = "[0-9A-Fa-f]{2}(-[0-9A-Fa-f]{2}){7}"
# In the order of the schema: pattern, and whether it must be there.
DEVICE = {
    "DeviceID": (EUI_64, True),
    "DeviceType": ("ESME|GSME|GPF|CHF|HCALCS|PPMID|IHD|CAD", True),
    "DeviceStatus": (
        "Pending|Whitelisted|InstalledNotCommissioned|Commissioned|Decommissioned|Withdrawn|Suspended|Recovery|Recovered",
        False,
    ),
    "DeviceManufacturer": (".{1,30}", True),
    "DeviceModel": (".{1,30}", True),
    "SMETSCHTSVersion": (".{1,20}", False),
    "DateCommissioned": (r"\d{4}-\d\d-\d\dZ?", False),
    "ImportMPxN": (r"\d{1,13}", False),
    "SecondaryImportMPAN": (r"\d{13}", False),
    "ExportMPAN": (r"\d{13}", False),
    "PropertyFilter": (None, False),
}
PROPERTY_FILTER = {"PostCode": (".{6,8}", True), "AddressIdentifier": (".{1,30}", True)}
HEADER = {
    "RequestID": (f"{EUI_64}:{EUI_64}:[0-9]+", True),
    "ResponseCode": ("[A-Z][0-9]{1,6}", True),
    "ResponseDateTime": (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", True),
}


@pytest.fixture(scope="module")
def responses(tmp_path_factory) -> list[etree._Element]:
    folder: Path = tmp_path_factory.mktemp("schema")
    make_sample(folder, points=2_000, days=2, seed=7)
    files = sorted(folder.glob("*/duis_*.xml"))
    return [found for file in files for found in etree.parse(file).getroot()]


def faults(element: etree._Element, allowed: dict[str, tuple[str | None, bool]]) -> list[str]:
    """What the children of an element do against the schema."""
    names = [child.tag.removeprefix(NAMESPACE) for child in element]
    found = [name for name in names if name not in allowed]
    found += [name for name, (_, needed) in allowed.items() if needed and name not in names]
    if names != sorted(set(names), key=list(allowed).index):
        found.append(f"order: {names}")
    for child, name in zip(element, names, strict=True):
        pattern = allowed[name][0]
        if pattern and not re.fullmatch(pattern, child.text or ""):
            found.append(f"{name}: {child.text}")
    return found


def test_every_response_names_the_version_of_its_schema(responses):
    assert len(responses) > 20
    assert {response.tag for response in responses} == {f"{NAMESPACE}Response"}
    assert {response.get("schemaVersion") for response in responses} == {"5.4"}


def test_headers_keep_the_schema(responses):
    assert [faults(response.find(f"{NAMESPACE}Header"), HEADER) for response in responses] == [[]] * len(responses)


def test_devices_keep_the_schema(responses):
    for response in responses:
        devices = list(response.find(f".//{NAMESPACE}DSPInventory"))
        assert 1 <= len(devices) <= 17
        assert [faults(device, DEVICE) for device in devices] == [[]] * len(devices)


def test_a_property_is_named_by_post_code_and_address(responses):
    filters = [found for response in responses for found in response.iter(f"{NAMESPACE}PropertyFilter")]
    assert filters
    assert [faults(found, PROPERTY_FILTER) for found in filters] == [[]] * len(filters)
