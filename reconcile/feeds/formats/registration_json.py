"""Registration extracts as JSON: records in a list or a line each, whatever they are wrapped in.

In: an Intake. Out: the Reading of the table that the records make, see registration. Called through FEEDS.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from reconcile.domain.blanks import trimmed
from reconcile.domain.tables import Table

from ..contract import Feed, Intake, NotRecognised, Reading
from ..files.headings import simplified
from ..files.json_table import table_of_json
from . import registration

BEGINNING = 64 * 1024
"""Characters in which the first record names its flag."""
FLAG = {simplified(name) for names in registration.ALIASES["flag"] for name in names}


class RegistrationJson(Feed):
    """A registration extract as JSON."""

    def recognises(self, intake: Intake) -> bool:
        """JSON that names the DCC Service Flag."""
        start = "\n".join(intake.head)[:BEGINNING]
        return trimmed(start).startswith(("{", "[")) and any(name in simplified(start) for name in FLAG)

    def begin(self, con: duckdb.DuckDBPyConnection, intake: Intake, workdir: Path) -> Reading:
        """As of the table with a record a line, below a line of their names. Raises BadFile."""
        table = table_of_json(intake, workdir, _names_a_flag)
        if table is None:
            raise NotRecognised(
                "The JSON holds no record with a DCC Service Flag. Load a list of records, or one a line."
            )
        return replace(registration.FEED.begin(con, table, workdir), feed=self)


def _names_a_flag(value: dict[str, Any]) -> bool:
    return not FLAG.isdisjoint(map(simplified, value))


FEED = RegistrationJson("registration_json", Table.FLAGS, "full")
