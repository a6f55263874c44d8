"""The family of DTC user files: ZHV, lines that begin with the code of a group, ZPT. The header names the flow.

In: an Intake. Out: a Reading. Each flow of electricity's Data Transfer Catalogue is a UserFileFeed in formats.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb

from ..contract import BadFile, Feed, Intake, Parsed, Reading, Rows, Trailer
from .dates import moment
from .framed import Shape, ends, first_fields, kept_without, whole
from .groups import Flow
from .rejects import noted
from .told import CHECKED, Counts, Told, check, tell, told_rejects

SHAPE = Shape("DTC user file", "ZHV", "ZPT", "|", count_field=3, made_at=(7,), closed=True)
NAME, FLOW, ADDRESSEE, MADE, TEST = 1, 2, 6, 7, 11
"""Places, from 0, of the file's name (also in ZPT), flow, addressee, creation time and test flag in a ZHV line."""


def flow_of(intake: Intake) -> str:
    """The flow that a header names, with its version; empty where the file is no DTC user file."""
    header = first_fields(intake, SHAPE)
    return _field(header, FLOW) if header[0] == SHAPE.header else ""


@dataclass(frozen=True)
class UserFileFeed(Feed):
    """One flow of the catalogue. `sql` makes rows of what its lines tell."""

    flow: Flow
    sql: Callable[[Told], Parsed]

    def recognises(self, intake: Intake) -> bool:
        """A ZHV line that names the flow."""
        return flow_of(intake).startswith(self.flow.name)

    def begin(self, con: duckdb.DuckDBPyConnection, intake: Intake, workdir: Path) -> Reading:
        """The date is that of the header's creation time. Raises BadFile."""
        header, last = ends(intake, SHAPE)
        self._check_flow(header)
        counts = tell(con, intake, self.flow)
        claimed = whole(SHAPE, last, counts.headers, counts.trailers)
        self._check_groups(counts)
        made_at = moment(_field(header, MADE))

        def told(day: date, latest: date) -> Told:
            return Told(self.flow, counts.first, day=day, latest=latest, addressee=_field(header, ADDRESSEE))

        return Reading(
            feed=self,
            as_of=made_at.date() if made_at else None,
            made_at=made_at,
            trailer=None if claimed is None else Trailer(claimed, counts.lines),
            records=counts.rows + counts.unknown + len(intake.rejects),
            warnings=[*_warnings(header, last), *self._warnings(header, counts)],
            rows=lambda progress, latest: self._rows(con, intake, told(made_at.date() if made_at else latest, latest)),
            of_day=lambda progress, day, latest: self._rows(con, intake, told(day, latest)),
            nothing=self._nothing(counts),
            network=counts.network,
            supplier=_field(header, ADDRESSEE).upper(),
            file=_field(header, NAME).strip(),
        )

    def _check_flow(self, header: list[str]) -> None:
        named = _field(header, FLOW)
        if not named.startswith(self.flow.name):
            name = self.flow.name
            raise BadFile(f"The header names the flow '{named}', not {name}. Load a {name} file, or name its kind.")

    def _check_groups(self, counts: Counts) -> None:
        root = self.flow.openers[0]
        if root not in counts.first and not counts.rows:
            raise BadFile(
                f"The file has no group {root}, which every {self.flow.name} has. Ask the sender for it again."
            )

    def _warnings(self, header: list[str], counts: Counts) -> list[str]:
        warnings = []
        flow, version = self.flow, _field(header, FLOW).removeprefix(self.flow.name)
        if version != flow.version:
            warnings.append(f"The file is version '{version}' of {flow.name}; it was read as version {flow.version}.")
        if counts.silent:
            warnings.append(f"{counts.silent:,} changes say nothing of the DCC Service Flag: they leave it as it is.")
        return warnings

    def _nothing(self, counts: Counts) -> str:
        if not self.flow.may_be_empty and not counts.silent:
            return ""
        return f"No updates today: the {self.flow.name} is whole and holds none."

    def _rows(self, con: duckdb.DuckDBPyConnection, intake: Intake, told: Told) -> Rows:
        parsed = self.sql(told)
        check(con, parsed)
        noting = replace(parsed, notes=(*parsed.notes, told.outside))
        return Rows(
            parsed.rows,
            lambda: told_rejects(con, intake, parsed),
            kept_without=lambda: kept_without(con, parsed, f"FROM {CHECKED}"),
            notes=lambda: noted(con, noting),
            history=parsed.history,
            contradicted=parsed.contradicted,
            statuses=parsed.statuses,
        )


def _field(header: list[str], place: int) -> str:
    return header[place] if place < len(header) else ""


def _warnings(header: list[str], last: list[str]) -> list[str]:
    warnings = []
    if not _field(last, SHAPE.count_field - 1):
        warnings.append(f"The {SHAPE.trailer} line gives no count, so it cannot prove that the file is whole.")
    if _field(header, TEST).startswith("TR"):
        warnings.append(f"The header marks the file as a test ({header[TEST]}), not as operational.")
    if len(last) > NAME and last[NAME] != _field(header, NAME):
        warnings.append(f"Header and trailer name different files: '{_field(header, NAME)}' and '{last[NAME]}'.")
    return warnings
