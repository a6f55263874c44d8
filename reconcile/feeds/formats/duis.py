"""DUIS 8.2 Read Inventory responses (XML): one document, several after each other, or several in one root.

In: an Intake. Out: a Reading of device rows, a delta. Parsed as a stream into a CSV in the work folder, from where
the rules of the SMI export take over. Called through FEEDS.
"""

import csv
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from lxml import etree

from reconcile.domain.tables import Table

from ..contract import BadFile, Feed, Intake, Reading
from ..files.bytecheck import BOM, RAW_LENGTH
from ..files.scans import scan
from .devices import ALIASES, device_rows, devices

NAMESPACE = "http://www.dccinterface.co.uk/ServiceUserGateway"
CHUNK = 1024 * 1024
WRAPPER = "responses"
DECLARATION = re.compile(rb"<\?xml\s[^>]*\?>")
ENCODING = re.compile(rb"encoding\s*=\s*[\"']([^\"']*)")
ELEMENTS = tuple(ALIASES)
AGAIN = "Ask the sender for it again."


@dataclass
class Found:
    """What the parser met besides devices."""

    devices: int = 0
    responses: int = 0
    newest: datetime | None = None


def recognises(intake: Intake) -> bool:
    """XML. The reader says what is wrong where it is not an inventory response."""
    return next((line for line in intake.head if line.strip()), "").lstrip().startswith("<")


def read(con: duckdb.DuckDBPyConnection, intake: Intake, workdir: Path) -> Reading:
    """The date is that of the newest response. Raises BadFile."""
    extracted, found = workdir / f"{uuid.uuid4().hex}.devices", Found()
    with extracted.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(_rows(intake.path, found))
    if not found.devices:
        what = "inventory response with a device in it" if found.responses else f"DUIS response ({NAMESPACE})"
        raise BadFile(f"The XML file holds no {what}. Load the answers to Read Inventory (SRV 8.2).")
    columns = {name: f"c{at + 2}" for at, name in enumerate(ELEMENTS)}
    checked = devices(scan(extracted, len(ELEMENTS) + 2, delimiter=",", quote='"', skip=0, keep_rejects=False), columns)
    return Reading(
        kind=FEED.kind,
        table=FEED.table,
        coverage=FEED.coverage,
        as_of=found.newest.date() if found.newest else None,
        made_at=found.newest,
        rows=device_rows(checked),
        rejected=f"SELECT CAST(c0 AS BIGINT) AS line, reason, c1 AS raw FROM ({checked}) WHERE reason IS NOT NULL",
        first_line=1,
        records=found.devices,
        raw_in_sql=True,
    )


def _rows(path: Path, found: Found) -> Iterator[list[str]]:
    """One row a Device element: line number, its text shortened, the values of ELEMENTS."""
    # The wrapper makes one document of several. Nothing outside the bytes is ever fetched, and no entity is expanded.
    tags = [f"{{{NAMESPACE}}}{name}" for name in ("Device", "Response", "ResponseDateTime")]
    parser = etree.XMLPullParser(
        events=("end",), tag=tags, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        parser.feed(f"<{WRAPPER}>".encode())
        for piece in _pieces(path):
            parser.feed(piece)
            yield from _finished(parser, found)
        parser.feed(f"</{WRAPPER}>".encode())
        parser.close()
    except etree.XMLSyntaxError as error:
        raise BadFile(f"The XML is damaged or cut short at line {error.lineno}. {AGAIN}") from None
    yield from _finished(parser, found)


def _finished(parser: etree.XMLPullParser, found: Found) -> Iterator[list[str]]:
    """Rows of the elements that are complete, which are then dropped from memory."""
    for _, element in parser.read_events():
        name = etree.QName(element).localname
        if name == "Device":
            found.devices += 1
            yield _row(element)
        elif name == "ResponseDateTime":
            _note_time(element.text, found)
            continue
        else:
            found.responses += 1
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def _note_time(words: str | None, found: Found) -> None:
    try:
        moment = datetime.fromisoformat((words or "").strip())
    except ValueError:
        return
    moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    found.newest = max(found.newest or moment, moment)


def _row(device: etree._Element) -> list[str]:
    values: dict[str, str] = {}
    for element in device.iter(f"{{{NAMESPACE}}}*"):
        values.setdefault(etree.QName(element).localname, " ".join((element.text or "").split()))
    raw = " ".join(" ".join(device.itertext()).split())[:RAW_LENGTH]
    return [str(device.sourceline or 0), raw, *(values.get(name, "")[:RAW_LENGTH] for name in ELEMENTS)]


def _pieces(path: Path) -> Iterator[bytes]:
    """The bytes without XML declarations and BOMs, cut where a tag ends so that none of them is split."""
    rest = b""
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            rest += chunk
            cut = rest.rfind(b">") + 1
            if not cut and len(rest) > 8 * CHUNK:
                raise BadFile(f"The XML file holds 8 MB without a tag. {AGAIN}")
            yield _plain(rest[:cut])
            rest = rest[cut:]
    yield rest.replace(BOM, b"")


def _plain(piece: bytes) -> bytes:
    if b"<!DOCTYPE" in piece or b"<!ENTITY" in piece:
        raise BadFile(
            "The XML file declares a DOCTYPE, which may pull in other files. Remove it and load the file again."
        )
    for declaration in DECLARATION.findall(piece):
        named = ENCODING.search(declaration)
        if named and named[1].lower() not in (b"utf-8", b"us-ascii", b"ascii"):
            encoding = named[1].decode("ascii", "replace")[:40]
            raise BadFile(f"The XML file is written in {encoding}. Save it as UTF-8 and load it again.")
    return DECLARATION.sub(b"", piece).replace(BOM, b"")


FEED = Feed("duis", "Read Inventory responses (DUIS 8.2 XML)", Table.DEVICES, "delta", recognises, read)
