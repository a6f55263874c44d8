"""JSON records as the table that they make: a record a line, below a line of their names.

In: an Intake of JSON, and which objects are records. Out: an Intake of the table. Called by registration_json, and for
records whose names nobody knows.
"""

import csv
import uuid
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from ..contract import BadFile, Intake, Limits
from .containers import too_wide
from .intake import take_in
from .json_stream import CLASH, json_values, text_of

DEEPEST = 20
IsRecord = Callable[[dict[str, Any]], bool]


def has_values(value: dict[str, Any]) -> bool:
    """Whether an object may be a record: it has two values, also in objects of its own, and no list of objects."""
    own = [*value.values(), *(one for inner in value.values() if isinstance(inner, dict) for one in inner.values())]
    if any(isinstance(one, dict) for inner in own if isinstance(inner, list) for one in inner):
        return False
    return sum(not isinstance(one, dict | list) for one in own) > 1


def table_of_json(
    intake: Intake, workdir: Path, is_record: IsRecord = has_values, most: int | None = None
) -> Intake | None:
    """The table of the records, in whatever they are wrapped, or of the first `most`; None where there are none.

    Raises BadFile.
    """
    names = _names(_records(intake.path, is_record, most), intake.limits)
    if not names:
        return None
    table = workdir / f"{uuid.uuid4().hex}.csv"
    with table.open("w", encoding="utf-8", errors="replace", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(names)
        records = _records(intake.path, is_record, most)
        writer.writerows([record.get(name, "") for name in names] for record in records)
    return take_in(table, workdir, intake.name, limits=intake.limits)


def _names(records: Iterator[dict[str, str]], limits: Limits) -> list[str]:
    """The names that records have, each once. Raises BadFile where there are too many: each becomes a column."""
    names: dict[str, None] = {}
    for record in records:
        names |= dict.fromkeys(record)
        if len(names) > limits.columns:
            raise BadFile(too_wide("The table that the JSON makes", len(names), limits))
    return list(names)


def _records(path: Path, is_record: IsRecord, most: int | None) -> Iterator[dict[str, str]]:
    found = (record for line, value in json_values(path) for record in _within(value, line, is_record))
    return islice(found, most)


def _within(value: Any, line: int, is_record: IsRecord, depth: int = 0) -> Iterator[dict[str, str]]:
    """The records of a value, in whatever they are wrapped."""
    if depth > DEEPEST:
        raise BadFile(f"The JSON is nested too deep (line {line:,}). Load a list of records.")
    if isinstance(value, dict) and is_record(value):
        yield dict(_flat(value))
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _within(inner, line, is_record, depth + 1)


def _flat(record: dict[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """The values of a record by their names; those of an object in it by names with a dot. Lists are passed over."""
    for name, value in record.items():
        if isinstance(value, dict) and not before:
            yield from _flat(value, f"{name}.")
        elif value is CLASH:
            yield before + name, "stands twice, with different values"
        elif not isinstance(value, dict | list):
            yield before + name, " ".join(text_of(value).replace("\0", " ").split())
