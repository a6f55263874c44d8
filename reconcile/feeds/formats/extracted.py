"""Devices that a parser took out of a document one by one: they go into a CSV in the work folder, and SQL goes on.

In: Extracted devices. Out: a Reading. Called by the formats of XML and JSON inventories.
"""

import csv
import uuid
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from reconcile.domain.blanks import trimmed

from ..contract import Feed, Intake, Parsed, Progress, Reading, Rows
from ..files.bytecheck import RAW_LENGTH
from ..files.rejects import selected_rows
from ..files.scans import scan
from ..values.texts import value
from .device_rows import ALIASES, parsed_devices
from .one_device import each_once

ELEMENTS = tuple(ALIASES)
TOLD_AT, REFUSAL = "told_at", "refusal"


@dataclass(frozen=True)
class Extracted:
    """A device as its document says it: the line, its text, the values of its elements as they stand.

    `told_at` is when the inventory answered; `refusal` why the device cannot be loaded, in words, empty where it can.
    `loose` are values under names that only stand for an element where no device of the document has its own.
    """

    line: int
    raw: str
    values: dict[str, str]
    told_at: datetime | None = None
    refusal: str = ""
    loose: dict[str, str] = field(default_factory=dict)


def moment(words: str) -> datetime | None:
    """An ISO 8601 moment in UTC; None where it is none."""
    try:
        found = datetime.fromisoformat(trimmed(words))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def extracted_reading(
    feed: Feed,
    con: duckdb.DuckDBPyConnection,
    intake: Intake,
    workdir: Path,
    *,
    devices: Iterable[Extracted],
    exact: Collection[str] = ELEMENTS,
) -> Reading:
    """The Reading of a document, undated, for which it is looked through. Raises what `devices` raises.

    `exact` is asked when all devices are there: the elements that some of them have under their own names.
    """
    aside = workdir / f"{uuid.uuid4().hex}.devices"
    with aside.open("w", encoding="utf-8", errors="replace", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
        count = sum(writer.writerow(_fields(device)) > 0 for device in devices)

    def rows(progress: Progress, latest: date) -> Rows:
        parsed = _parsed(aside, exact, latest)
        return each_once(con, selected_rows(con, intake, parsed), told=TOLD_AT)

    return Reading(feed, as_of=None, made_at=None, trailer=None, records=count, warnings=[], rows=rows)


def _fields(device: Extracted) -> Iterator[str]:
    yield str(device.line)
    yield one_line(device.raw)
    yield f"{device.told_at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}" if device.told_at else ""
    yield device.refusal
    for values in (device.values, device.loose):
        for element in ELEMENTS:
            yield one_line(values.get(element, ""))


def one_line(text: str) -> str:
    """A text as a value of a CSV, cut to what is kept of a line."""
    return " ".join(text.replace("\0", " ").split())[:RAW_LENGTH]


def _parsed(aside: Path, exact: Collection[str], latest: date) -> Parsed:
    """The devices checked, each with `line`, `raw` and TOLD_AT. See device_rows."""
    first = ("line", "raw", TOLD_AT, REFUSAL)
    width = len(first) + 2 * len(ELEMENTS)
    scanned = scan(aside, width, delimiter=",", quote='"', skip=0)
    places = {name: at if name in exact else at + len(ELEMENTS) for at, name in enumerate(ELEMENTS, len(first))}
    values = ", ".join(f"{value(f'c{place}')} AS given_{element}" for element, place in places.items())
    given = f"""
        SELECT CAST(c0 AS BIGINT) AS line, c1 AS raw, TRY_CAST(nullif(c2, '') AS TIMESTAMP) AS {TOLD_AT},
            nullif(c3, '') AS {REFUSAL}, {values}
        FROM {scanned}
    """
    return parsed_devices(given, (f"{REFUSAL} IS NOT NULL", REFUSAL), latest=latest, told=TOLD_AT)
