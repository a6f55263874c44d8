"""An inventory as JSON: devices in a list or a line each, within the properties that were asked of, or DUIS as JSON.

In: an Intake. Out: a Reading of device rows: full, and a delta where the file holds responses. Called through FEEDS.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb

from reconcile.domain.blanks import trimmed
from reconcile.domain.tables import Table
from reconcile.domain.vocabulary import METER_FUEL

from ..contract import BadFile, Columns, Feed, Intake, NotRecognised, Reading
from ..files.bytecheck import RAW_LENGTH
from ..files.dates import date_in_name
from ..files.headings import simplified
from ..files.json_stream import CLASH, json_values, text_of
from ..values.devices import TYPES
from .device_rows import ALIASES, MISSED, POINTS
from .extracted import Extracted, extracted_reading, moment
from .responses import Responses

EXACT = {simplified(name): element for element, names in ALIASES.items() for name in names.exact}
LOOSE = {simplified(name): element for element, names in ALIASES.items() for name in names.loose}
KEYS = LOOSE | EXACT
INVENTORY, STATUS = "dspinventory", "status"
ENVELOPE = ("header", "body")
"""What a response has, and nothing else."""
SUCCESS = "200"
DEEPEST = 40
MOST_IGNORED = 100

Named = dict[str, tuple[str, Any]]
"""The names of an object, simplified -> the name as it stands, and its value."""


@dataclass
class Document:
    """What was met besides devices. `found` and `loose` are names by the element that they mean; `ignored` the others.

    `meters` are the devices that should have a Meter Point.
    """

    responses: Responses = field(default_factory=Responses)
    found: dict[str, str] = field(default_factory=dict)
    loose: dict[str, str] = field(default_factory=dict)
    ignored: dict[str, None] = field(default_factory=dict)
    meters: int = 0

    @property
    def columns(self) -> Columns:
        """What was made of the names."""
        found = self.loose | self.found
        unused = [name for element, name in self.loose.items() if element in self.found]
        return Columns(found, [one for one in ALIASES if one not in found], [*unused, *self.ignored])

    def ignore(self, name: str) -> None:
        """Note that a name was passed over."""
        if len(self.ignored) < MOST_IGNORED:
            self.ignored.setdefault(name[:60])


class JsonInventory(Feed):
    """Devices as JSON."""

    def recognises(self, intake: Intake) -> bool:
        """JSON. The reader says what is missing where it is no inventory."""
        return next(filter(None, map(trimmed, intake.head)), "").startswith(("{", "["))

    def begin(self, con: duckdb.DuckDBPyConnection, intake: Intake, workdir: Path) -> Reading:
        """The date is that of the newest inventory response, else it is looked for in the name. Raises BadFile."""
        document = Document()
        devices = _devices(intake.path, document)
        reading = extracted_reading(self, con, intake, workdir, devices=devices, exact=document.found.keys())
        _refuse_without(document, reading.records)
        responses = document.responses
        return replace(
            reading,
            feed=OF_RESPONSES if responses.inventories else self,
            as_of=responses.as_of or date_in_name(intake.name),
            made_at=responses.newest,
            warnings=[*responses.warnings(), *([] if responses.inventories else document.columns.missed(MISSED))],
            columns=document.columns,
        )


def _refuse_without(document: Document, records: int) -> None:
    """Raises BadFile where there is no device, or nothing that ties a meter to a Meter Point."""
    listed = ", ".join([*document.columns.found.values(), *document.ignored][:30])
    if not records:
        if document.responses.errors or document.responses.inventories:
            raise BadFile(document.responses.why_no_device("DUIS response"))
        raise NotRecognised(
            f"The JSON holds no device: nothing in it has a DeviceID. Found: {listed}. "
            "Load an inventory: a list of devices, of properties with their devices, or DUIS responses."
        )
    if document.meters and not document.columns.found.keys() & POINTS.keys():
        raise NotRecognised(
            f"The JSON says of no device at which Meter Point it is: it has no {', '.join(POINTS)}. Found: {listed}. "
            "Ask for an inventory with the Meter Points."
        )


def _devices(path: Path, document: Document) -> Iterator[Extracted]:
    for line, value in json_values(path):
        is_response = isinstance(value, dict) and not {simplified(name) for name in value}.isdisjoint(ENVELOPE)
        yield from _within(value, line, document, in_inventory=not is_response)
        document.responses.end()


def _within(value: Any, line: int, document: Document, *, in_inventory: bool, depth: int = 0) -> Iterator[Extracted]:
    """The devices of a value, whatever they are wrapped in; of a response only those in its inventory."""
    if depth > DEEPEST:
        raise BadFile(f"The JSON is nested too deep (line {line:,}). Load a list of devices.")
    if isinstance(value, list):
        for one in value:
            yield from _within(one, line, document, in_inventory=in_inventory, depth=depth + 1)
    if not isinstance(value, dict):
        return
    named = _named(value)
    _note_response(named, document.responses)
    if in_inventory and _is_device(named):
        yield _device(value, named, line, document)
    elif _failed(named):
        yield _failure(value, named, line)
    else:
        # The header first, wherever it stands: it dates what is in the body.
        for key in sorted(named, key=ENVELOPE[0].__ne__):
            name, inner = named[key]
            inside = in_inventory or key == INVENTORY
            devices = 0
            for device in _within(inner, line, document, in_inventory=inside, depth=depth + 1):
                devices += 1
                yield device
            if key == INVENTORY:
                document.responses.end_inventory()
            elif in_inventory and not devices:
                document.ignore(name)


def _named(value: dict[str, Any]) -> Named:
    return {_key(name): (name, inner) for name, inner in value.items()}


@lru_cache(4096)
def _key(name: str) -> str:
    """A name without case and punctuation; of a path with dots its end, where that is an element's own name."""
    end = simplified(name.rpartition(".")[2])
    return end if end in EXACT else simplified(name)


def _is_device(named: Named) -> bool:
    """Whether an object has the identifier of a device: by such a name, or by a loose one beside a device's type."""
    if any(EXACT.get(key) == "DeviceID" for key in named):
        return True
    elements = {KEYS[key]: text_of(inner) for key, (_, inner) in named.items() if key in KEYS}
    return "DeviceID" in elements and elements.get("DeviceType", "").upper() in TYPES


def _note_response(named: Named, responses: Responses) -> None:
    if "responsedatetime" in named:
        responses.told_at = moment(text_of(named["responsedatetime"][1]))
    if "responsecode" in named:
        responses.code = trimmed(text_of(named["responsecode"][1]))


def _failed(named: Named) -> bool:
    """Whether the status of an answer over HTTP says that it is none."""
    status = text_of(named[STATUS][1]) if STATUS in named else SUCCESS
    return len(status) == len(SUCCESS) and status.isdecimal() and status != SUCCESS


def _failure(value: dict[str, Any], named: Named, line: int) -> Extracted:
    """A property whose devices are not known; the Meter Point that was asked of stands on it."""
    refusal = f"The look-up answered {text_of(named[STATUS][1])}: it tells nothing of the devices there."
    values = {KEYS[key]: text_of(inner) for key, (_, inner) in named.items() if KEYS.get(key) in POINTS}
    return Extracted(line, _raw(value), values, refusal=refusal, loose=values)


def _device(value: dict[str, Any], named: Named, line: int, document: Document) -> Extracted:
    values, loose = _values(named, document)
    kind = values.get("DeviceType", loose.get("DeviceType", ""))
    document.meters += kind.upper().startswith(tuple(METER_FUEL))
    odd = next((name for name, (_, inner) in named.items() if name in KEYS and not _is_plain(inner)), "")
    refusal = document.responses.refusal
    if odd:
        twice = named[odd][1] is CLASH
        refusal = f"'{named[odd][0]}' {'stands twice, with different values' if twice else 'is no single value'}."
    elif _failed(named):
        refusal = f"The look-up answered {text_of(named[STATUS][1])}: it tells nothing of the device."
    return Extracted(line, _raw(value), values, document.responses.told_at, refusal, loose)


def _values(named: Named, document: Document) -> tuple[dict[str, str], dict[str, str]]:
    """The values of a device under the elements' own names, and under loose ones."""
    values: dict[str, str] = {}
    loose: dict[str, str] = {}
    for key, (name, inner) in named.items():
        if key in EXACT:
            values[EXACT[key]] = text_of(inner)
            document.found.setdefault(EXACT[key], name)
        elif key in LOOSE:
            loose.setdefault(LOOSE[key], text_of(inner))
            document.loose.setdefault(LOOSE[key], name)
        else:
            document.ignore(name)
    return values, loose


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | bool)


def _raw(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:RAW_LENGTH]


FEED = JsonInventory("inventory_json", Table.DEVICES, "full")
OF_RESPONSES = JsonInventory("inventory_json", Table.DEVICES, "delta")
