"""D0350, Notification of DCC Services at Metering Point: a DTC user file from the DCC to electricity registration.

In: an Intake. Out: a Reading of flag rows, a delta. Called through FEEDS.
The group layout is ASSUMED and stands in d0350.toml.
"""

import tomllib
from pathlib import Path

from reconcile.domain.tables import Table

from ..contract import Intake, Parsed
from ..files.framed import fields
from ..files.user_files import SHAPE, UserFileFeed
from ..sql import literal, of
from .flag_updates import NO_MPAN, checked_updates, flag_rows

LAYOUT = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
PLACES: dict[str, int] = {name: int(place) for name, place in LAYOUT["places"].items()}


def _sql(intake: Intake) -> Parsed:
    group, types = LAYOUT["group"], LAYOUT["instruction_types"]
    is_known = f"(given_instruction_type IN ({', '.join(map(literal, types))}))"
    unknown = f"is not an instruction type of this flow ({', '.join(types)})."
    checked = checked_updates(
        fields(intake, SHAPE, PLACES),
        max(PLACES.values()),
        (f"code <> {literal(group)}", of("code", f"is not {group}, the group of a flag update.", "Group ")),
        (f"{is_known} IS NOT TRUE", of("given_instruction_type", unknown)),
        *NO_MPAN,
    )
    return Parsed(checked, flag_rows(checked))


FEED = UserFileFeed("d0350", Table.FLAGS, "delta", flow=LAYOUT["flow"], sql=_sql)
