"""The alerts of DUIS documents (XML, schemas 5.0 to 5.4): they go into a CSV in the work folder, and SQL goes on.

In: an Intake. Out: a Reading of alert rows. Called by alerts.
"""

import csv
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import duckdb
from lxml import etree

from reconcile.domain.blanks import trimmed

from ..contract import BadFile, Feed, Intake, Parsed, Progress, Reading, Rows
from ..files.rejects import selected_rows
from ..files.scans import scan
from ..files.xml_stream import elements
from ..values.texts import value
from .alert_rows import ALIASES, POINTS, parsed_alerts
from .duis import INVENTORY, NAMESPACE, RESPONSE, TIME
from .extracted import one_line

DCC, DEVICE = ALERTS = ("DCCAlertMessage", "DeviceAlertMessage")
IDENTITY = "ResponseID"
TAGS = [f"{{*}}{name}" for name in (*ALERTS, TIME, IDENTITY, INVENTORY, RESPONSE)]
MARKS = tuple(name.encode() for name in ALERTS)
LOOKED_THROUGH = 4 * 1024 * 1024
"""Bytes of a document in which its first alert is looked for."""
NAMES = (*(name for name in ALIASES if name != "mpxn"), *POINTS)
ELEMENTS = {
    "ImportMPxN": "mpxn",
    "MPxN": "mpxn",
    "SecondaryImportMPAN": "secondary_mpan",
    "ExportMPAN": "export_mpan",
    "CommsHubDeviceID": "comms_hub",
    "StartDateTime": "time",
    "DCCAlertCode": "alert_code",
    "AlertCode": "alert_code",
    "ThrottledAlertCount": "throttled",
}
CHANGE = "DeviceStatusChange"
"""Its one element is named as the form of the change."""
ASSOCIATED = "AssociatedType1Device"
"""Devices beside the one that an alert is about; they name themselves by the same elements."""
PAYLOAD = "GBCSPayload"

Values = dict[str, str]


@dataclass
class Document:
    """What the parser met: the header that is being read, and what is no alert."""

    time: str = ""
    identity: str = ""
    inventories: int = 0


def is_document(intake: Intake) -> bool:
    """Whether it is XML."""
    return next(filter(None, map(trimmed, intake.head)), "").startswith("<")


def holds_alerts(intake: Intake) -> bool:
    """Whether a document holds alerts, and no inventory before them."""
    with intake.path.open("rb") as stream:
        start = stream.read(LOOKED_THROUGH)
    found = [start.find(mark) for mark in MARKS if mark in start]
    return bool(found) and INVENTORY.encode() not in start[: min(found)]


def read_alerts(feed: Feed, con: duckdb.DuckDBPyConnection, intake: Intake, workdir: Path) -> Reading:
    """The Reading of a document, undated, for which it is looked through. Raises BadFile."""
    aside, document = workdir / f"{uuid.uuid4().hex}.alerts", Document()
    with aside.open("w", encoding="utf-8", errors="replace", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
        count = sum(writer.writerow(line) > 0 for line in _alerts(intake.path, document))
    if not count:
        raise BadFile(f"The XML holds no alert ({' or '.join(ALERTS)} of {NAMESPACE}). Load it as another kind.")
    others = document.inventories
    warnings = [f"{others:,} inventories among the alerts are passed over."] if others else []
    rows = partial(_rows, con, intake, aside)
    return Reading(feed, as_of=None, made_at=None, trailer=None, records=count, warnings=warnings, rows=rows)


def _alerts(path: Path, document: Document) -> Iterator[tuple[str, ...]]:
    for element in elements(path, TAGS):
        name = _name(element)
        if name == RESPONSE:
            document.time = document.identity = ""
        elif name == TIME:
            document.time = trimmed(element.text or "")
        elif name == IDENTITY:
            document.identity = trimmed(element.text or "")
        elif name == INVENTORY:
            document.inventories += 1
        else:
            values = _values(element, document, of_device=name == DEVICE)
            fields = (one_line(values.get(name, "")) for name in NAMES)
            yield (str(element.sourceline or 0), one_line(" ".join(_texts(element))), *fields)


def _texts(alert: etree._Element) -> Iterator[str]:
    """What a person reads of an alert; what the device signed nobody does."""
    return (one.text or "" for one in alert.iter(etree.Element) if _name(one) != PAYLOAD)


def _name(element: etree._Element) -> str:
    """Its name without its namespace; that is quicker to find than by a QName."""
    return str(element.tag).rpartition("}")[2]


def _values(alert: etree._Element, document: Document, *, of_device: bool) -> Values:
    """What an alert says, its header's time where it has none of its own; a device's alert is that of who responds."""
    values: Values = {}
    for element, name in _named(alert):
        parent = element.getparent()
        if parent is not None and _name(parent) == CHANGE:
            values.setdefault("change", name)
        elif name == "DeviceID":
            values.setdefault("device_id", element.text or "")
        elif name in ELEMENTS:
            values.setdefault(ELEMENTS[name], element.text or "")
    values.setdefault("time", document.time)
    if of_device:
        values.setdefault("device_id", document.identity.partition(":")[0])
    return values


def _named(alert: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """The elements of an alert with their names, without those of devices beside the one that it is about."""
    beside: set[etree._Element] = set()
    for element in alert.iter(etree.Element):
        name = _name(element)
        if name == ASSOCIATED or element.getparent() in beside:
            beside.add(element)
        else:
            yield element, name


def given(aside: Path) -> str:
    """SQL of the alerts that were taken out, each with its line and its text."""
    scanned = scan(aside, 2 + len(NAMES), delimiter=",", quote='"', skip=0)
    values = ", ".join(f"{value(f'c{at}')} AS given_{name}" for at, name in enumerate(NAMES, 2))
    return f"SELECT CAST(c0 AS BIGINT) AS line, c1 AS raw, {values} FROM {scanned}"


def _rows(con: duckdb.DuckDBPyConnection, intake: Intake, aside: Path, progress: Progress, latest: date) -> Rows:
    return selected_rows(con, intake, _parsed(aside))


def _parsed(aside: Path) -> Parsed:
    return parsed_alerts(given(aside), points=POINTS)
