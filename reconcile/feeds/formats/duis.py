"""DUIS 8.2 Read Inventory responses (XML), the DCC's own or as an adapter hands them on.

In: an Intake. Out: a Reading of device rows, a delta. Called through FEEDS.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
from lxml import etree

from reconcile.domain.blanks import trimmed
from reconcile.domain.tables import Table

from ..contract import BadFile, Feed, Intake, Reading
from ..files.xml_stream import elements
from .extracted import Extracted, extracted_reading, moment
from .responses import Responses

NAMESPACE = "http://www.dccinterface.co.uk/ServiceUserGateway"
# By their local names: adapters put the same elements into a namespace of their own, or into none.
DEVICE, INVENTORY, RESPONSE, TIME, CODE = NAMES = (
    "Device",
    "DSPInventory",
    "Response",
    "ResponseDateTime",
    "ResponseCode",
)
MOST_NAMESPACES = 10
TAGS = [f"{{*}}{name}" for name in NAMES]


@dataclass
class Document:
    """What the parser met besides devices."""

    responses: Responses = field(default_factory=Responses)
    namespaces: Counter[str] = field(default_factory=Counter)


class Duis(Feed):
    """Read Inventory responses."""

    def recognises(self, intake: Intake) -> bool:
        """XML. The reader says what is wrong where it is not an inventory response."""
        return next(filter(None, map(trimmed, intake.head)), "").startswith("<")

    def begin(self, con: duckdb.DuckDBPyConnection, intake: Intake, workdir: Path) -> Reading:
        """The date is that of the newest inventory response, for which all are looked through. Raises BadFile."""
        document = Document()
        reading = extracted_reading(self, con, intake, workdir, devices=_devices(intake.path, document))
        if not reading.records:
            raise BadFile(document.responses.why_no_device(f"DUIS response ({NAMESPACE})"))
        return replace(
            reading,
            as_of=document.responses.as_of,
            made_at=document.responses.newest,
            warnings=[*document.responses.warnings(), *_other_namespaces(document.namespaces)],
        )


def _devices(path: Path, document: Document) -> Iterator[Extracted]:
    responses = document.responses
    for element in elements(path, TAGS):
        name = etree.QName(element).localname
        if name == TIME:
            responses.told_at = moment(element.text or "")
        elif name == CODE:
            responses.code = trimmed(element.text or "")
        elif name == INVENTORY:
            responses.end_inventory()
        elif name == RESPONSE:
            responses.end()
        elif _is_device(element):
            namespace = etree.QName(element).namespace or ""
            if namespace in document.namespaces or len(document.namespaces) < MOST_NAMESPACES:
                document.namespaces[namespace] += 1
            yield _device(element, responses)
    responses.end()


def _is_device(element: etree._Element) -> bool:
    """Whether an element named Device is one of an inventory: other responses and alerts name devices too."""
    parent = element.getparent()
    return parent is not None and etree.QName(parent).localname == INVENTORY


def _device(device: etree._Element, responses: Responses) -> Extracted:
    values: dict[str, str] = {}
    for element in device.iter(etree.Element):
        values.setdefault(etree.QName(element).localname, element.text or "")
    raw = " ".join(device.itertext())
    return Extracted(device.sourceline or 0, raw, values, responses.told_at, responses.refusal)


def _other_namespaces(namespaces: Counter[str]) -> Iterator[str]:
    for namespace in namespaces.keys() - {NAMESPACE}:
        where = f"in the namespace '{namespace[:100]}'" if namespace else "in no namespace"
        yield f"Devices stand {where}, not in the DCC's; they are read by the names of their elements."


FEED = Duis("duis", Table.DEVICES, "delta")
