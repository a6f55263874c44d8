"""The family of DTC user files: ZHV, lines that begin with the code of a group, ZPT. The header names the flow.

In: an Intake. Out: a Reading. Each flow of electricity's Data Transfer Catalogue is a UserFileFeed in formats.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from ..contract import BadFile, Feed, Intake, Parsed, Reading
from .framed import Frame, Shape, first_fields, frame, framed_reading

SHAPE = Shape("DTC user file", "ZHV", "ZPT", "|", count_field=3, made_at=(7,), closed=True)
NAME, FLOW, TEST = 1, 2, 11
"""Places, from 0, of the file's name (also in ZPT), of the flow and of the test flag in a ZHV line."""


@dataclass(frozen=True)
class UserFileFeed(Feed):
    """One flow, by the first letters of its name. `sql` takes its lines apart."""

    flow: str
    sql: Callable[[Intake], Parsed]

    def recognises(self, intake: Intake) -> bool:
        """A ZHV line. The reader says which flow it is where it is another."""
        return first_fields(intake, SHAPE)[0] == SHAPE.header

    def begin(self, con: duckdb.DuckDBPyConnection, intake: Intake, workdir: Path) -> Reading:
        """The date is that of the header's creation time. Raises BadFile."""
        framed = frame(con, intake, SHAPE)
        flow = _field(framed, FLOW)
        if not flow.startswith(self.flow):
            raise BadFile(f"The header names the flow '{flow}', not {self.flow}. Load a {self.flow} file.")
        reading = framed_reading(self, con, intake, SHAPE, framed=framed, parsed=self.sql(intake))
        return replace(reading, warnings=reading.warnings + _warnings(framed))


def _field(framed: Frame, place: int) -> str:
    return framed.header[place] if place < len(framed.header) else ""


def _warnings(framed: Frame) -> list[str]:
    warnings = []
    if _field(framed, TEST).startswith("TR"):
        warnings.append(f"The header marks the file as a test ({framed.header[TEST]}), not as operational.")
    if len(framed.last) > NAME and framed.last[NAME] != _field(framed, NAME):
        warnings.append(f"Header and trailer name different files: '{_field(framed, NAME)}' and '{framed.last[NAME]}'.")
    return warnings
