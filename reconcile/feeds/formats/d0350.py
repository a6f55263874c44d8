"""D0350, Notification of DCC Services at Metering Point: a DTC user file from the DCC to electricity registration.

In: what its lines tell. Out: flag rows, a delta. Called through FEEDS.
"""

from reconcile.domain.tables import Table

from ..contract import Parsed
from ..files.groups import Flow, groups
from ..files.told import CHECKED, Told
from ..files.user_files import UserFileFeed
from ..sql import of
from ..values import texts
from .flag_updates import NO_MPAN, UNREAD_MPAN, checked_updates, dropped, flag_rows

FLOW = Flow(
    "D0350",
    "001",
    "Notification of DCC Services at Metering Point",
    groups("""
        81H
            82H 2:instruction_type 3:mpxn 4:flag 5:flag_from 6:supplier
    """),
    record="82H",
    may_be_empty=True,
)
INSTRUCTION_TYPE = "DC01"
NEEDED = 6
"""Fields of a line, its code among them, up to the date."""


def _sql(told: Told) -> Parsed:
    unknown = of("given_instruction_type", f"is not an instruction type of this flow ({INSTRUCTION_TYPE}).")
    checked = checked_updates(
        told.lines(),
        NEEDED,
        told.unknown,
        told.misplaced,
        (f"(given_instruction_type = '{INSTRUCTION_TYPE}') IS NOT TRUE", unknown),
        *NO_MPAN,
        texts.overlong_supplier("given_supplier"),
    )
    rows = flag_rows(f"FROM {CHECKED}", told.latest, supplier=texts.supplier("given_supplier"))
    return Parsed(checked, rows, unread=UNREAD_MPAN, dropped=dropped(told.latest))


FEED = UserFileFeed("d0350", Table.FLAGS, "delta", flow=FLOW, sql=_sql)
