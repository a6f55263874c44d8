"""An inventory of one row a premises: for each kind of device a group of columns, dspinventory_esme_deviceid and so on.

In: an Intake. Out: a Reading of device rows, one for each group that is filled. A full inventory by default. Called
through FEEDS.
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

import duckdb

from reconcile.domain.tables import Table
from reconcile.domain.vocabulary import DeviceType

from ..contract import BadFile, Columns, Feed, Intake, Progress, Reading, Rows
from ..files.bytecheck import RAW_LENGTH
from ..files.dates import date_in_name
from ..files.furniture import Furniture
from ..files.headings import above, below, closing_lines, first_filled, headings_of, simplified
from ..files.rejects import selected_rows
from ..files.scans import scan_lines
from ..sql import literal
from ..values.texts import bare, value
from .device_rows import ALIASES, MISSED, NEEDED, POINTS, parsed_devices
from .one_device import each_once

KINDS = "|".join(kind.lower() for kind in DeviceType)
ELEMENTS = {simplified(name): element for element, names in ALIASES.items() for name in names.exact}
HEADING = re.compile(f"(?:dspinventory)?({KINDS})([0-9]*)({'|'.join(ELEMENTS)})")
GIVEN, BROKEN = "premises_devices", "broken"
ESCAPING = "|"
"""The delimiter of databases' unloads, which put a backslash before what could be taken for one."""

Groups = dict[tuple[str, str], dict[str, int]]
"""A group of columns, which is a device type and perhaps a number: the place of each element's column, from 0."""


@dataclass(frozen=True)
class Layout:
    """The columns of a file: its delimiter, its headings and the groups among them. `at`: their line in `head`."""

    delimiter: str
    headings: list[str]
    groups: Groups
    at: int

    @classmethod
    def of(cls, intake: Intake) -> "Layout":
        """Read it from the heading line, which is that with the most columns of groups."""
        lines = [headings_of(intake, at) for at in range(len(intake.head))]
        counts = [sum(bool(HEADING.fullmatch(simplified(heading))) for heading in line) for line in lines]
        at = counts.index(max(counts)) if any(counts) else first_filled(intake)
        headings, groups = lines[at] if lines else [], Groups()
        for place, heading in enumerate(headings):
            found = HEADING.fullmatch(simplified(heading))
            if found:
                groups.setdefault((found[1], found[2]), {}).setdefault(ELEMENTS[found[3]], place)
        return cls(intake.delimiter, headings, groups, at)

    def furniture(self, intake: Intake) -> Furniture:
        """Which lines are no premises."""
        return Furniture(intake.delimiter, intake.head[self.at], intake.head[: self.at])

    @property
    def columns(self) -> Columns:
        """What was made of the headings; a meaning has a heading in each group."""
        used = {place for group in self.groups.values() for place in group.values()}
        found = {
            element: ", ".join(self.headings[group[element]] for group in self.groups.values() if element in group)
            for element in ALIASES
        }
        return Columns(
            {element: headings for element, headings in found.items() if headings},
            [element for element, headings in found.items() if not headings],
            [heading for place, heading in enumerate(self.headings) if place not in used],
        )


class Premises(Feed):
    """One row a premises."""

    def recognises(self, intake: Intake) -> bool:
        """A heading line with the identifier and the status of a kind of device."""
        return any({"DeviceID", "DeviceStatus"} <= group.keys() for group in Layout.of(intake).groups.values())

    def begin(self, con: duckdb.DuckDBPyConnection, intake: Intake, workdir: Path) -> Reading:
        """The date is looked for in the file's name. A table takes the devices, to count them. Raises BadFile."""
        layout = Layout.of(intake)
        _refuse_without(layout)
        furniture = layout.furniture(intake)
        closing = closing_lines(intake, furniture, layout.at + 1)
        below_headings = [one for one in intake.rejects if one.line > layout.at and one.line not in closing]
        intake = replace(intake, rejects=below_headings)
        con.execute(f"CREATE OR REPLACE TABLE {GIVEN} AS {_given(intake, layout, [*closing])}")
        ((devices, empty),) = con.execute(
            f"SELECT count(*) FILTER (WHERE is_device), count(*) FILTER (WHERE NOT is_device) FROM {GIVEN}"
        ).fetchall()
        return Reading(
            feed=self,
            as_of=date_in_name(intake.name),
            made_at=None,
            trailer=None,
            records=devices + len(intake.rejects),
            warnings=[
                *above(intake, layout.at),
                *below(closing),
                *([f"{empty:,} lines hold no device."] if empty else []),
                *layout.columns.missed(MISSED),
            ],
            rows=partial(_rows, con, intake, furniture),
            columns=layout.columns,
        )


def _rows(
    con: duckdb.DuckDBPyConnection, intake: Intake, furniture: Furniture, progress: Progress, latest: date
) -> Rows:
    devices = f"SELECT * FROM {GIVEN} WHERE is_device"
    parsed = parsed_devices(devices, (f"{BROKEN} IS NOT NULL", BROKEN), latest=latest)
    found = selected_rows(con, intake, parsed)
    return each_once(con, replace(found, rejects=lambda: map(furniture.judged, found.rejects())))


def _refuse_without(layout: Layout) -> None:
    """Raises BadFile where no group has a column that a device needs."""
    found = layout.columns.found
    missing = [element for element in NEEDED if element not in found and element != "DeviceType"]
    if not found.keys() & POINTS.keys():
        missing.append(" or ".join(POINTS))
    if missing:
        listed = ", ".join(layout.headings[:30])
        raise BadFile(f"The file has no column for {' and '.join(missing)} of any device. Found: {listed}.")


def _given(intake: Intake, layout: Layout, closing: list[int]) -> str:
    """A row for each device, and one for each line that cannot be taken apart or holds none."""
    devices = ", ".join(_device(kind, group, layout) for (kind, _), group in layout.groups.items())
    filled = " OR ".join(f"device.given_{element} IS NOT NULL" for element in ("DeviceID", "DeviceStatus", *POINTS))
    width = len(layout.headings)
    broken = f"'The line has ' || len(parts) || ' fields, {width} are needed.'"
    # Some writers end each line with a delimiter. Values are made of a line's parts at once: an expression for each of
    # so many columns takes the engine longer to plan than a file takes to read.
    return f"""
        SELECT * EXCLUDE (device), {BROKEN} IS NOT NULL OR device IS NOT NULL AS is_device, device.*
        FROM (
            SELECT line, left(raw, {RAW_LENGTH}) AS raw, {BROKEN}, unnest(if(len(filled) = 0, [NULL], filled)) AS device
            FROM (
                SELECT line, raw, {BROKEN},
                    if({BROKEN} IS NULL, list_filter([{devices}], lambda device: {filled}), []) AS filled
                FROM (
                    SELECT line, raw, list_transform(parts, lambda part: {value("part")}) AS given,
                        if(len(parts) = {width} OR (len(parts) = {width + 1} AND parts[-1] = ''), NULL, {broken})
                        AS {BROKEN}
                    FROM ({_parts(intake, layout, closing)})
                )
            )
        )
    """


def _device(kind: str, group: dict[str, int], layout: Layout) -> str:
    """A group of columns as a struct of given values. What kind of device it is its headings say too."""
    values = {name: f"given[{group[name] + 1}]" if name in group else "NULL::VARCHAR" for name in ALIASES}
    values["DeviceType"] = f"coalesce({values['DeviceType']}, {literal(kind.upper())})"
    return "{" + ", ".join(f"'given_{name}': {found}" for name, found in values.items()) + "}"


def _parts(intake: Intake, layout: Layout, closing: list[int]) -> str:
    """The lines of premises that are not blank, each with its number, its text and its values."""
    delimiter = layout.delimiter
    mark = re.escape(delimiter)
    escaped = rf"(?:\\.|[^{mark}\\])*" if delimiter == ESCAPING else f"[^{mark}]*"
    pattern = rf'{mark}("(?:[^"]|"")*"|{escaped})'
    odd = f"contains(raw, '\"') OR contains(raw, '{chr(92)}')"
    apart = f"regexp_extract_all({literal(delimiter)} || raw, {literal(pattern)}, 1)"
    quoted = "replace(part[2:-2], '\"\"', '\"')"
    unescaped = r"regexp_replace(part, '\\(.)', '\1', 'g')" if delimiter == ESCAPING else "part"
    clean = f"list_transform({apart}, lambda part: if(part[1] = '\"', {quoted}, {unescaped}))"
    return f"""
        SELECT line, raw, if({odd}, {clean}, string_split(raw, {literal(delimiter)})) AS parts
        FROM (SELECT row_number() OVER () AS line, c0 AS raw FROM {scan_lines(intake.path)})
        WHERE line > {layout.at + 1} AND NOT list_contains({closing}::BIGINT[], line)
            AND coalesce({bare("raw")}, '') <> ''
    """


FEED = Premises("premises", Table.DEVICES, "full")
