"""Responses of gas registration to flag updates: A00, then one E46 record each, accepted or rejected, then Z99.

In: an Intake. Out: a Reading of response rows (RDIS section 3.28). Called through FEEDS.
"""

from datetime import date

from reconcile.domain.tables import Table

from ..contract import Intake, Parsed
from ..files.framed import fields
from ..files.uk_link import SHAPE, UkLinkFeed
from ..sql import canonical, of
from .flag_updates import NO_MPRN, checked_updates

PLACES = {"outcome": 2, "mpxn": 3, "flag": 4, "flag_from": 5}


def _sql(intake: Intake, latest: date) -> Parsed:
    other = of("code", "is not E46.", "Record type ")
    why = f"if(code = 'E45', 'This is an E45 update: load it as kind dxi.', {other})"
    checked = checked_updates(
        fields(intake, SHAPE, PLACES),
        max(PLACES.values()),
        ("code <> 'E46'", why),
        (
            "(given_outcome IN ('AC', 'RJ')) IS NOT TRUE",
            of("given_outcome", "is not an outcome (AC or RJ)."),
        ),
        *NO_MPRN,
    )
    accepted = f"({checked}) WHERE is_detail AND reason IS NULL"
    rows = canonical(Table.RESPONSES, accepted, "mpxn", "flag", "flag_from", "line", outcome="given_outcome")
    return Parsed(checked, rows)


FEED = UkLinkFeed("e46", Table.RESPONSES, "delta", record="E46", file_type="E46", holds="responses", sql=_sql)
