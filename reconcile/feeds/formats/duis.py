"""DUIS 8.2 Read Inventory responses (XML).

In: an Intake. Out: a Reading of device rows, a delta. The devices are put into a CSV in the work folder, from where the
rules that the SMI export has too take over. Called through FEEDS.
"""

import csv
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from lxml import etree

from reconcile.domain.blanks import trimmed
from reconcile.domain.tables import Table

from ..contract import BadFile, Feed, Intake, Parsed, Reading, Rows
from ..files.bytecheck import RAW_LENGTH
from ..files.rejects import dropped_values, selected_rejects
from ..files.scans import scan
from ..files.xml_stream import elements
from ..values.texts import value
from .device_rows import ALIASES, parsed_devices

NAMESPACE = "http://www.dccinterface.co.uk/ServiceUserGateway"
DEVICE, RESPONSE, TIME = (f"{{{NAMESPACE}}}{name}" for name in ("Device", "Response", "ResponseDateTime"))
ELEMENTS = tuple(ALIASES)


@dataclass
class Found:
    """What the parser met besides devices."""

    devices: int = 0
    responses: int = 0
    newest: datetime | None = None


class Duis(Feed):
    """Read Inventory responses."""

    def recognises(self, intake: Intake) -> bool:
        """XML. The reader says what is wrong where it is not an inventory response."""
        return next(filter(None, map(trimmed, intake.head)), "").startswith("<")

    def begin(self, con: duckdb.DuckDBPyConnection, intake: Intake, workdir: Path) -> Reading:
        """The date is that of the newest response, for which all are looked through. Raises BadFile."""
        extracted, found = workdir / f"{uuid.uuid4().hex}.devices", Found()
        with extracted.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(_devices(intake.path, found))
        if not found.devices:
            what = "inventory response with a device in it" if found.responses else f"DUIS response ({NAMESPACE})"
            raise BadFile(f"The XML file holds no {what}. Load the answers to Read Inventory (SRV 8.2).")
        return Reading(
            feed=self,
            as_of=found.newest.date() if found.newest else None,
            made_at=found.newest,
            trailer=None,
            records=found.devices,
            warnings=[],
            rows=lambda progress, latest: _rows(con, intake, parsed_devices(_given(extracted), latest)),
        )


def _devices(path: Path, found: Found) -> Iterator[list[str]]:
    """One row a Device element: line number, its text shortened, the values of ELEMENTS."""
    for element in elements(path, [DEVICE, RESPONSE, TIME]):
        if element.tag == DEVICE:
            found.devices += 1
            yield _device(element)
        elif element.tag == RESPONSE:
            found.responses += 1
        else:
            _note_time(trimmed(element.text or ""), found)


def _note_time(words: str, found: Found) -> None:
    try:
        moment = datetime.fromisoformat(words)
    except ValueError:
        return
    moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    found.newest = max(found.newest or moment, moment)


def _device(device: etree._Element) -> list[str]:
    values: dict[str, str] = {}
    for element in device.iter(f"{{{NAMESPACE}}}*"):
        values.setdefault(etree.QName(element).localname, " ".join((element.text or "").split()))
    raw = " ".join(" ".join(device.itertext()).split())[:RAW_LENGTH]
    return [str(device.sourceline or 0), raw, *(values.get(name, "")[:RAW_LENGTH] for name in ELEMENTS)]


def _rows(con: duckdb.DuckDBPyConnection, intake: Intake, parsed: Parsed) -> Rows:
    return Rows(parsed.rows, lambda: selected_rejects(con, intake, parsed), lambda: dropped_values(con, parsed))


def _given(extracted: Path) -> str:
    """The devices that were put aside as values, with the line and the text of each."""
    scanned = scan(extracted, len(ELEMENTS) + 2, delimiter=",", quote='"', skip=0, keep_rejects=False)
    values = ", ".join(f"{value(f'c{place}')} AS given_{element}" for place, element in enumerate(ELEMENTS, 2))
    return f"SELECT CAST(c0 AS BIGINT) AS line, c1 AS raw, {values} FROM {scanned}"


FEED = Duis("duis", Table.DEVICES, "delta")
