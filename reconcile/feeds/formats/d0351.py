"""D0351, Rejection of Update to DCC Service Flag: what electricity registration would not take of a D0350.

In: what its lines tell. Out: response rows, each a rejection with the codes of its reasons. Called through FEEDS.
"""

from reconcile.domain.tables import Table

from ..contract import Parsed
from ..files.framed import checked
from ..files.groups import Flow, groups
from ..files.told import CHECKED, Told
from ..files.user_files import UserFileFeed
from ..sql import canonical, literal
from ..values import dates, flags, numbers
from .flag_updates import NO_MPAN

FLOW = Flow(
    "D0351",
    "001",
    "Rejection of Update to DCC Service Flag",
    groups("""
        83H
            84H 4:mpxn 6:flag 7:flag_from
                85H 1:reason
    """),
    record="84H",
)
NEEDED = 5
"""Fields of a line, its code among them, up to the MPAN."""
REJECTED = "RJ"
"""The outcome, in the words that gas uses."""


def _sql(told: Told) -> Parsed:
    spoilt = "'Line ' || breaks_at || ' within this rejection cannot be read: its reason is not known.'"
    lines = f"""
        SELECT lines.*, {numbers.number("given_mpxn")} AS mpxn, {flags.flag("given_flag")}::VARCHAR AS flag,
            {dates.day("given_flag_from")} AS flag_from, reasons, breaks_at
        FROM ({told.lines()}) AS lines
        LEFT JOIN ({_reasons(told)}) AS why ON why.record = lines.line
        LEFT JOIN ({told.spoilt}) AS spoilt ON spoilt.record = lines.line
    """
    nameless = "given_mpxn IS NULL", "'The rejection names no MPAN.'"
    found = checked(lines, NEEDED, told.unknown, told.misplaced, nameless, *NO_MPAN, ("breaks_at IS NOT NULL", spoilt))
    told_of = {"outcome": literal(REJECTED), "reason": "reasons"}
    rows = canonical(Table.RESPONSES, f"{CHECKED} WHERE reason IS NULL", "mpxn", "flag", "flag_from", "line", **told_of)
    # The table's own column of that name is of the reason why a line was not loaded.
    return Parsed(found, rows)


def _reasons(told: Told) -> str:
    """The codes of each rejection, without leading zeros, joined by commas."""
    code = "coalesce(CAST(TRY_CAST(given_reason AS INTEGER) AS VARCHAR), given_reason)"
    return f"SELECT record, string_agg({code}, ',' ORDER BY line) AS reasons FROM ({told.group('85H')}) GROUP BY record"


FEED = UserFileFeed("d0351", Table.RESPONSES, "delta", flow=FLOW, sql=_sql)
